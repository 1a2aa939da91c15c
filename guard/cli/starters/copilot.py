"""Hooks of GitHub Copilot, CLI and cloud agent, in a file of their own (https://docs.github.com/en/copilot/reference/hooks-reference).

Before a tool any status but 0 denies it, even that of a command that is not installed: hence `|| true` and `exit 0`.
"""

from __future__ import annotations

from argparse import Namespace

from guard.cli.starters import Plan, Project, _agents

HELP = "hooks for GitHub Copilot that review a commit and the end of a turn (.github/hooks/stateless-guard.json)"
arguments = _agents.arguments

_HOOK: dict[str, object] = {
    "type": "command",
    "bash": "stateless-guard hook copilot || true",
    "powershell": "stateless-guard hook copilot; exit 0",
    "timeoutSec": _agents.SECONDS,
}
AGENT = _agents.Agent(
    name="copilot",
    file=".github/hooks/stateless-guard.json",
    hooks=(("preToolUse", {"matcher": "bash|powershell", **_HOOK}), ("agentStop", _HOOK)),
    edits=("postToolUse", {"matcher": "create|edit|str_replace_editor|apply_patch", **_HOOK}),
    instructions="AGENTS.md",
    version=1,
)


def plan(project: Project, options: Namespace) -> Plan:
    """The hooks, and on request the rule in `AGENTS.md`."""
    return _agents.plan(AGENT, project, options)


def removal(project: Project, options: Namespace) -> Plan:
    """What takes them out again."""
    del options
    return _agents.removal(AGENT, project)

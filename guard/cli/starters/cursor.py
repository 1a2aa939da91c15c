"""Hooks of Cursor, in `.cursor/hooks.json` (https://cursor.com/docs/agent/hooks)."""

from __future__ import annotations

from argparse import Namespace

from guard.cli.starters import Plan, Project, _agents

HELP = "hooks for Cursor that review a commit and the end of a turn (.cursor/hooks.json)"
arguments = _agents.arguments

_HOOK: dict[str, object] = {"command": "stateless-guard hook cursor", "timeout": _agents.SECONDS}
AGENT = _agents.Agent(
    name="cursor",
    file=".cursor/hooks.json",
    hooks=(("beforeShellExecution", {"matcher": "git", **_HOOK}), ("stop", _HOOK)),
    edits=("postToolUse", {"matcher": "Write|StrReplace|Edit", **_HOOK}),
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

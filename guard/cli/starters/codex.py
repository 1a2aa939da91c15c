"""Hooks of Codex, in `.codex/hooks.json` (https://developers.openai.com/codex/hooks)."""

from __future__ import annotations

from argparse import Namespace

from guard.cli.starters import Plan, Project, _agents

HELP = "hooks for Codex that review a commit and the end of a turn (.codex/hooks.json)"
arguments = _agents.arguments

_HOOK: dict[str, object] = {"type": "command", "command": "stateless-guard hook codex", "timeout": _agents.SECONDS}
AGENT = _agents.Agent(
    name="codex",
    file=".codex/hooks.json",
    hooks=(("PreToolUse", {"matcher": "Bash", "hooks": [_HOOK]}), ("Stop", {"hooks": [_HOOK]})),
    edits=("PostToolUse", {"matcher": "apply_patch", "hooks": [_HOOK]}),
    instructions="AGENTS.md",
    note="Codex runs a new hook only once you have trusted it: open Codex here and type /hooks",
)


def plan(project: Project, options: Namespace) -> Plan:
    """The hooks, and on request the rule in `AGENTS.md`."""
    return _agents.plan(AGENT, project, options)


def removal(project: Project, options: Namespace) -> Plan:
    """What takes them out again."""
    del options
    return _agents.removal(AGENT, project)

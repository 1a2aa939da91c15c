"""Hooks of Claude Code, in `.claude/settings.json` (https://code.claude.com/docs/en/hooks)."""

from __future__ import annotations

from argparse import Namespace

from guard.cli.starters import Plan, Project, _agents

HELP = "hooks for Claude Code that review a commit and the end of a turn (.claude/settings.json)"
arguments = _agents.arguments

_HOOK: dict[str, object] = {"type": "command", "command": "stateless-guard hook claude-code", "timeout": _agents.SECONDS}
AGENT = _agents.Agent(
    name="claude-code",
    file=".claude/settings.json",
    hooks=(("PreToolUse", {"matcher": "Bash", "hooks": [_HOOK]}), ("Stop", {"hooks": [_HOOK]})),
    edits=("PostToolUse", {"matcher": "Edit|Write", "hooks": [_HOOK]}),
    instructions="CLAUDE.md",
)


def plan(project: Project, options: Namespace) -> Plan:
    """The hooks, and on request the rule in `CLAUDE.md`."""
    return _agents.plan(AGENT, project, options)


def removal(project: Project, options: Namespace) -> Plan:
    """What takes them out again."""
    del options
    return _agents.removal(AGENT, project)

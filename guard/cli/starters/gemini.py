"""Hooks of Gemini CLI, in `.gemini/settings.json` (https://geminicli.com/docs/hooks/reference). Its time-outs are milliseconds.

A status above 1 blocks there, even that of a command that is not installed: hence `|| true`.
"""

from __future__ import annotations

from argparse import Namespace

from guard.cli.starters import Plan, Project, _agents

HELP = "hooks for Gemini CLI that review a commit and the end of a turn (.gemini/settings.json)"
arguments = _agents.arguments

_HOOK: dict[str, object] = {
    "type": "command",
    "name": "stateless-guard",
    "command": "stateless-guard hook gemini || true",
    "timeout": _agents.SECONDS * 1_000,
}
AGENT = _agents.Agent(
    name="gemini",
    file=".gemini/settings.json",
    hooks=(("BeforeTool", {"matcher": "run_shell_command", "hooks": [_HOOK]}), ("AfterAgent", {"hooks": [_HOOK]})),
    edits=("AfterTool", {"matcher": "write_file|replace", "hooks": [_HOOK]}),
    instructions="GEMINI.md",
    note="Gemini CLI runs a project's hooks only in folders that you have trusted",
)


def plan(project: Project, options: Namespace) -> Plan:
    """The hooks, and on request the rule in `GEMINI.md`."""
    return _agents.plan(AGENT, project, options)


def removal(project: Project, options: Namespace) -> Plan:
    """What takes them out again."""
    del options
    return _agents.removal(AGENT, project)

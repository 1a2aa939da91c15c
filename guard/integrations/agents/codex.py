"""Codex' hooks (https://developers.openai.com/codex/hooks; schemas: codex-rs/hooks/schema/generated in openai/codex).

Its answers are Claude Code's, key by key; an unknown key makes a hook fail, so the tests hold them to Codex' own schemas. Its
memory is the transcript, where it has one (`transcript_path` may be null), and `stop_hook_active`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NotRequired, TypedDict

from guard.integrations.agents.claude_code import Answer, answer_to
from guard.integrations.agents.edits import patched
from guard.integrations.agents.events import COMMAND, EDIT, OTHER, TURN, Edit, Event, flag_in, table_in, text_in

__all__ = ["Answer", "Payload", "answer_to", "event_of"]


class Payload(TypedDict):
    """What is read of the input."""

    hook_event_name: str
    cwd: str
    transcript_path: str | None
    stop_hook_active: NotRequired[bool]
    tool_name: NotRequired[str]
    tool_input: NotRequired[dict[str, object]]


def event_of(payload: Mapping[str, object]) -> Event:
    """What happened."""
    name, tool = text_in(payload, "hook_event_name"), text_in(payload, "tool_name")
    command = text_in(table_in(payload, "tool_input"), "command") if tool in ("Bash", "apply_patch") else ""
    kind, edits = OTHER, tuple[Edit, ...]()
    if name == "Stop":
        kind = TURN
    elif name == "PostToolUse" and tool == "apply_patch":
        kind, edits = EDIT, patched(command)
    elif name == "PreToolUse" and tool == "Bash":
        kind = COMMAND
    cwd, transcript = text_in(payload, "cwd"), text_in(payload, "transcript_path")
    return Event(
        kind, cwd, name, transcript, int(flag_in(payload, "stop_hook_active")), command if kind == COMMAND else "", edits
    )

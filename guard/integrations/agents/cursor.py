"""Cursor's hooks (https://cursor.com/docs/agent/hooks).

`afterFileEdit` takes no answer, so findings on an edit go out with `postToolUse`. `permission` is only ever "deny": an "allow" would
lift the question that Cursor asks its user. Its memory is `loop_count` (how often this conversation was followed up) and, where it
hands one over, the transcript.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NotRequired, TypedDict

from guard.integrations.agents.edits import edit_in
from guard.integrations.agents.events import COMMAND, EDIT, OTHER, TURN, Decision, Edit, Event, number_in, table_in, text_in

_EDITORS = frozenset(("Write", "Edit", "StrReplace", "MultiEdit"))


class Payload(TypedDict):
    """What is read of the input."""

    hook_event_name: str
    workspace_roots: NotRequired[list[str]]
    transcript_path: NotRequired[str | None]
    cwd: NotRequired[str]
    command: NotRequired[str]
    file_path: NotRequired[str]
    edits: NotRequired[list[dict[str, object]]]
    tool_name: NotRequired[str]
    tool_input: NotRequired[dict[str, object]]
    status: NotRequired[str]
    loop_count: NotRequired[int]


class Answer(TypedDict, total=False):
    """The keys of the output that we use."""

    permission: Literal["deny"]
    user_message: str
    agent_message: str
    additional_context: str
    followup_message: str


def event_of(payload: Mapping[str, object]) -> Event:
    """What happened."""
    name, tool = text_in(payload, "hook_event_name"), text_in(payload, "tool_name")
    tool_input = table_in(payload, "tool_input")
    kind, edits, command = OTHER, tuple[Edit, ...](), ""
    if name == "stop" and text_in(payload, "status") == "completed":
        kind = TURN
    elif name == "afterFileEdit":
        kind, edits = EDIT, edit_in(payload)
    elif name == "postToolUse" and tool in _EDITORS:
        kind, edits = EDIT, edit_in(tool_input)
    elif name == "beforeShellExecution":
        kind, command = COMMAND, text_in(payload, "command")
    elif name == "preToolUse" and tool == "Shell":
        kind, command = COMMAND, text_in(tool_input, "command")
    return Event(
        kind, _folder(payload), name, text_in(payload, "transcript_path"), number_in(payload, "loop_count"), command, edits
    )


def _folder(payload: Mapping[str, object]) -> str:
    roots = payload.get("workspace_roots")
    first = next((root for root in roots if isinstance(root, str)), "") if isinstance(roots, list) else ""
    return text_in(payload, "cwd") or first


def answer_to(event: Event, decision: Decision) -> Answer:
    """The answer, with no key that the event does not know; what only the user could read is left to standard error."""
    match decision.action, event.kind:
        case "back", "command":
            return {
                "permission": "deny",
                "user_message": "stateless-guard asks for a change before this commit.",
                "agent_message": decision.text,
            }
        case "back", "turn":
            return {"followup_message": decision.text}
        case "say", "edit" if event.name == "postToolUse":
            return {"additional_context": decision.text}
    return {}

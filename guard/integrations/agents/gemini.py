"""Gemini CLI's hooks (https://geminicli.com/docs/hooks/reference: docs/hooks/reference.md in google-gemini/gemini-cli).

Text on standard output that is no JSON counts as "allow", any status but 0 and 1 blocks. After a tool `deny` would hide the tool's
result, so findings go into `additionalContext`. Its memory is the transcript and `stop_hook_active`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NotRequired, TypedDict

from guard.integrations.agents.edits import edit_in
from guard.integrations.agents.events import COMMAND, EDIT, OTHER, TURN, Decision, Edit, Event, flag_in, table_in, text_in


class Payload(TypedDict):
    """What is read of the input."""

    hook_event_name: str
    cwd: str
    transcript_path: NotRequired[str]
    stop_hook_active: NotRequired[bool]
    tool_name: NotRequired[str]
    tool_input: NotRequired[dict[str, object]]
    tool_response: NotRequired[dict[str, object]]


class Specific(TypedDict):
    """What an answer after a tool may hold."""

    hookEventName: Literal["AfterTool"]
    additionalContext: str


class Answer(TypedDict, total=False):
    """The keys of the output that we use."""

    decision: Literal["deny"]
    reason: str
    systemMessage: str
    hookSpecificOutput: Specific


def event_of(payload: Mapping[str, object]) -> Event:
    """What happened."""
    name, tool = text_in(payload, "hook_event_name"), text_in(payload, "tool_name")
    tool_input = table_in(payload, "tool_input")
    kind, edits, command = OTHER, tuple[Edit, ...](), ""
    if name == "AfterAgent":
        kind = TURN
    elif name == "AfterTool" and tool in ("write_file", "replace"):
        kind, edits = EDIT, edit_in(tool_input, _before(payload))
    elif name == "BeforeTool" and tool == "run_shell_command":
        kind, command = COMMAND, text_in(tool_input, "command")
    cwd, transcript = text_in(payload, "cwd"), text_in(payload, "transcript_path")
    return Event(kind, cwd, name, transcript, int(flag_in(payload, "stop_hook_active")), command, edits)


def _before(payload: Mapping[str, object]) -> str | None:
    shown = table_in(table_in(payload, "tool_response"), "returnDisplay")
    original = shown.get("originalContent")
    if isinstance(original, str):
        return original
    return "" if shown.get("isNewFile") is True else None


def answer_to(event: Event, decision: Decision) -> Answer:
    """The answer, with no key that the event does not know."""
    match decision.action, event.kind:
        case "back", ("command" | "turn"):
            return {"decision": "deny", "reason": decision.text}
        case "say", "edit":
            return {"hookSpecificOutput": {"hookEventName": "AfterTool", "additionalContext": decision.text}}
        case (("say" | "note" | "back"), _):
            return {"systemMessage": decision.text}
    return {}

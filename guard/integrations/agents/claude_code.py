"""Claude Code's hooks (https://code.claude.com/docs/en/hooks; types: `sdk.d.ts` of `@anthropic-ai/claude-agent-sdk`).

Its memory is the transcript, a file of JSON lines that holds what hooks answered, and `stop_hook_active`.
Exit 2 would block, so the status is always 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NotRequired, TypedDict

from guard.integrations.agents.edits import edit_in
from guard.integrations.agents.events import (
    COMMAND,
    EDIT,
    OTHER,
    TURN,
    Decision,
    Edit,
    Event,
    flag_in,
    table_in,
    text_in,
)  # fmt: skip

_EDITORS = frozenset(("Edit", "Write", "MultiEdit"))


class Payload(TypedDict):
    """What is read of the input."""

    hook_event_name: str
    cwd: NotRequired[str]
    transcript_path: NotRequired[str | None]
    stop_hook_active: NotRequired[bool]
    tool_name: NotRequired[str]
    tool_input: NotRequired[dict[str, object]]
    tool_response: NotRequired[object]


class Specific(TypedDict):
    """What one event's answer may hold."""

    hookEventName: Literal["PreToolUse", "PostToolUse"]
    additionalContext: NotRequired[str]
    permissionDecision: NotRequired[Literal["deny"]]
    permissionDecisionReason: NotRequired[str]


class Answer(TypedDict, total=False):
    """The keys of the output that we use."""

    decision: Literal["block"]
    reason: str
    systemMessage: str
    hookSpecificOutput: Specific


def event_of(payload: Mapping[str, object]) -> Event:
    """What happened."""
    name, tool = text_in(payload, "hook_event_name"), text_in(payload, "tool_name")
    tool_input = table_in(payload, "tool_input")
    kind, edits, command = OTHER, tuple[Edit, ...](), ""
    if name == "Stop":
        kind = TURN
    elif name == "PostToolUse" and tool in _EDITORS:
        kind, edits = EDIT, edit_in(tool_input, _before(payload))
    elif name == "PreToolUse" and tool == "Bash":
        kind, command = COMMAND, text_in(tool_input, "command")
    cwd, transcript = text_in(payload, "cwd"), text_in(payload, "transcript_path")
    return Event(kind, cwd, name, transcript, int(flag_in(payload, "stop_hook_active")), command, edits)


def _before(payload: Mapping[str, object]) -> str | None:
    """`originalFile` of the tool's answer, null for a file that was created (or too large to compare, then `type` is "update")."""
    response = table_in(payload, "tool_response")
    original = response.get("originalFile")
    if isinstance(original, str):
        return original
    return "" if response.get("type") == "create" else None


def answer_to(event: Event, decision: Decision) -> Answer:
    """The answer, with no key that the event does not know."""
    match decision.action, event.kind:
        case "back", "command":
            return {
                "hookSpecificOutput": {
                    "hookEventName": "PreToolUse",
                    "permissionDecision": "deny",
                    "permissionDecisionReason": decision.text,
                }
            }
        case "back", "turn":
            return {"decision": "block", "reason": decision.text}
        case "say", "command":
            return {"hookSpecificOutput": {"hookEventName": "PreToolUse", "additionalContext": decision.text}}
        case "say", "edit":
            return {"hookSpecificOutput": {"hookEventName": "PostToolUse", "additionalContext": decision.text}}
        case (("say" | "note" | "back"), _):
            return {"systemMessage": decision.text}
    return {}

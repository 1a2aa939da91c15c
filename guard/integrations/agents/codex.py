"""Codex' hooks (https://developers.openai.com/codex/hooks; schemas: codex-rs/hooks/schema/generated in openai/codex).

An unknown key makes a hook fail, so only the schema's keys go out. Its memory is the transcript, where it has one
(`transcript_path` may be null), and `stop_hook_active`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NotRequired, TypedDict

from guard.integrations.agents.edits import patched
from guard.integrations.agents.events import COMMAND, EDIT, OTHER, TURN, Decision, Edit, Event, flag_in, table_in, text_in


class Payload(TypedDict):
    """What is read of the input."""

    hook_event_name: str
    cwd: str
    transcript_path: str | None
    stop_hook_active: NotRequired[bool]
    tool_name: NotRequired[str]
    tool_input: NotRequired[dict[str, object]]


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

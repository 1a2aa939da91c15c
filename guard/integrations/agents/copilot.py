"""GitHub Copilot's hooks, of its CLI and its cloud agent (https://docs.github.com/en/copilot/reference/hooks-reference).

Both payloads are read: the camelCase one of camelCase event names, which `stateless-guard init copilot` writes, and the snake_case
one of PascalCase names. Before a tool any status but 0 denies it, so the status is always 0. There is no message for the user
alone: a note goes to standard error. Its memory is the transcript; before a tool it names none, but keeps it in
`session-state/<session>/events.jsonl` below its home, and writes it when nothing happened for a tenth of a second (1.0.102): an
agent that tries again at once would not be known to have been told.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Literal, NotRequired, TypedDict

from guard.integrations.agents.edits import edit_in, patched
from guard.integrations.agents.events import (
    COMMAND,
    EDIT,
    OTHER,
    TURN,
    Decision,
    Edit,
    Event,
    PayloadError,
    flag_in,
    text_in,
)  # fmt: skip

_EDITORS = frozenset(("create", "edit", "str_replace", "str_replace_editor", "apply_patch", "Edit", "Write"))
_LAG = 0.5
_SHELLS = frozenset(("bash", "powershell", "Bash"))


class Payload(TypedDict):
    """What is read of the camelCase input. `toolArgs` may be JSON in a text."""

    sessionId: NotRequired[str]
    cwd: str
    toolName: NotRequired[str]
    toolArgs: NotRequired[object]
    toolResult: NotRequired[object]
    transcriptPath: NotRequired[str]
    stopReason: NotRequired[str]
    stop_hook_active: NotRequired[bool]


class Answer(TypedDict, total=False):
    """The keys of the output that we use."""

    permissionDecision: Literal["deny"]
    permissionDecisionReason: str
    additionalContext: str
    decision: Literal["block"]
    reason: str


def event_of(payload: Mapping[str, object]) -> Event:
    """What happened. A camelCase payload does not name its event: its fields tell."""
    tool = text_in(payload, "toolName", "tool_name")
    done = "toolResult" in payload or "tool_result" in payload
    kind, edits, command = OTHER, tuple[Edit, ...](), ""
    if not tool and ("stopReason" in payload or "stop_reason" in payload) and not _of_a_subagent(payload):
        kind = TURN
    elif done and tool in _EDITORS:
        kind, edits = EDIT, _edits(_arguments(payload))
    elif tool in _SHELLS and not done and "error" not in payload:
        kind, command = COMMAND, text_in(_table(_arguments(payload)), "command")
    again = int(flag_in(payload, "stop_hook_active"))
    lag = _LAG if kind == COMMAND else 0.0
    return Event(kind, text_in(payload, "cwd"), tool, _transcript(payload), again, command, edits, lag)


def _of_a_subagent(payload: Mapping[str, object]) -> bool:
    return "agentName" in payload or "agent_name" in payload


def _arguments(payload: Mapping[str, object]) -> object:
    value = payload.get("toolArgs", payload.get("tool_input"))
    if isinstance(value, str) and value.lstrip().startswith("{"):
        import json

        try:
            return json.loads(value)
        except ValueError as error:
            raise PayloadError(f"'toolArgs' is no JSON: {error}") from None
    return value


def _table(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _edits(arguments: object) -> tuple[Edit, ...]:
    if isinstance(arguments, str):
        return patched(arguments)
    table = _table(arguments)
    envelope = text_in(table, "input", "patch")
    if envelope:
        return patched(envelope)
    return edit_in(table, "" if "file_text" in table else None)


def _transcript(payload: Mapping[str, object]) -> str:
    named = text_in(payload, "transcriptPath", "transcript_path")
    session = text_in(payload, "sessionId", "session_id")
    if named or not session or os.path.basename(session) != session:
        return named
    home = os.environ.get("COPILOT_HOME") or os.path.join(os.path.expanduser("~"), ".copilot")
    return os.path.join(home, "session-state", session, "events.jsonl")


def answer_to(event: Event, decision: Decision) -> Answer:
    """The answer, with no key that the event does not know; what only the user could read is left to standard error."""
    match decision.action, event.kind:
        case "back", "command":
            return {"permissionDecision": "deny", "permissionDecisionReason": decision.text}
        case "back", "turn":
            return {"decision": "block", "reason": decision.text}
        case "say", "edit":
            return {"additionalContext": decision.text}
    return {}

"""Coding agents: their hooks ask, the guard answers. One module a vendor, found by its file name.

A vendor's module is pure and knows one contract:

    Payload, Answer                                       what comes in and what may go out, as TypedDicts
    def event_of(payload: Mapping[str, object]) -> Event  what happened, in words that no vendor owns
    def answer_to(event: Event, decision: Decision) -> Answer

The types are TypedDicts, checked by hand where a payload is read, because importing pydantic alone takes longer than a whole
answer may (`bench/hooks.py` prints both); the tests hold every payload and every answer against them with pydantic, and the answers
against the schemas that vendors publish.
"""

from __future__ import annotations

VENDORS = {
    "claude-code": "claude_code",
    "codex": "codex",
    "copilot": "copilot",
    "cursor": "cursor",
    "gemini": "gemini",
}
"""The names of the agents, and their modules."""

"""What happened in an agent and what to do about it, in words that no vendor owns. Values only.

Named tuples and plain constants instead of dataclasses and enums: these are loaded on every tool call of an agent, and the
modules behind the others cost more than reading the payload.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

EDIT, COMMAND, TURN, OTHER = "edit", "command", "turn", "other"
"""Kinds of events: files were edited, a shell command is about to run, the agent is done, anything else."""

PASS, NOTE, SAY, BACK = "pass", "note", "say", "back"
"""What to do: nothing; tell the user and let pass; tell the agent and let pass; send the agent back to work, with a reason."""


class Edit(NamedTuple):
    """One edited file. How its text was before is `before`, or follows from the replacements, or is not known."""

    path: str
    before: str | None = None
    replacements: tuple[tuple[str, str, bool], ...] = ()
    """Old text, new text, and whether every occurrence was replaced, in the order in which it was done."""


class Event(NamedTuple):
    """One call of a hook. `again` counts how often this turn was sent back before, as far as the vendor says so."""

    kind: str = OTHER
    cwd: str = ""
    name: str = ""
    """The vendor's name of the event, which some answers repeat."""
    transcript: str = ""
    again: int = 0
    command: str = ""
    edits: tuple[Edit, ...] = ()
    lag: float = 0.0
    """For how many seconds the vendor may keep what happened before this event to itself, until it is in the transcript."""


class Decision(NamedTuple):
    """What to do, and the text that says why."""

    action: str = PASS
    text: str = ""


class PayloadError(ValueError):
    """A payload that is not what the vendor documents."""


def text_in(values: Mapping[str, object], *names: str) -> str:
    """The first of these fields that is there, which must be a text; "" where none is or it is null."""
    for name in names:
        value = values.get(name)
        if value is not None:
            if not isinstance(value, str):
                raise PayloadError(f"{name!r} is no text")
            return value
    return ""


def table_in(values: Mapping[str, object], *names: str) -> Mapping[str, object]:
    """The first of these fields that is a JSON object; empty where none is."""
    return next((value for name in names if isinstance(value := values.get(name), dict)), {})


def flag_in(values: Mapping[str, object], name: str) -> bool:
    """Whether a field is true."""
    return values.get(name) is True


def number_in(values: Mapping[str, object], name: str) -> int:
    """A count; 0 where there is none."""
    value = values.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0

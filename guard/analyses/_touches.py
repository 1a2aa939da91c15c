"""A call that does something to a file, as a value."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from guard.facts import Call, Value


class Does(StrEnum):
    """What a call does to a file."""

    WRITE = "write"
    READ = "read"
    SERVE = "serve"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Touch:
    """A call that does something to a file at `path`; `what` is the value written, if the call has it."""

    call: Call
    does: Does
    path: Value | None
    what: Value | None = None

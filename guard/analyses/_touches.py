"""A call that does something to a file, as a value."""

from __future__ import annotations

import re
from enum import StrEnum

from msgspec import Struct

from guard.facts import Call, Facts, Name, Value


class Does(StrEnum):
    """What a call does to a file."""

    WRITE = "write"
    READ = "read"
    SERVE = "serve"
    REMOVE = "remove"


class Touch(Struct, frozen=True):
    """A call that does something to a file at `path`; `what` is the value written, if the call has it."""

    call: Call
    does: Does
    path: Value | None
    what: Value | None = None


def is_named(pattern: re.Pattern[str], value: Value, scope: str, facts: Facts) -> bool:
    """Whether the pattern is found in the name of a value, or of what it stands for: a stream is told from a path by it."""
    return any(
        pattern.search(part.path if isinstance(part, Name) else part.name)
        for part in (value, facts.resolve(value, scope))
        if isinstance(part, Name | Call)
    )

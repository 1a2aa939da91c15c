"""Pages of a long answer. The cursor is all that is remembered, and the client keeps it.

It holds where the next page starts, and a mark of the whole answer: when that has become another one, pages would not fit.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from msgspec import Struct

from guard.errors import UsageError
from guard.model.tokens import estimate

PAGE = 4_000
"""Tokens of one page's items. An answer carries them twice (as data and as text), with some words around them: under 10,000."""

_T = TypeVar("_T")


class Slice(Struct, Generic[_T], frozen=True):
    """The items of one page, and the cursor of the next; None after the last."""

    items: tuple[_T, ...]
    next_cursor: str | None


def slice_of(items: Sequence[_T], names: Sequence[str], text_of: Callable[[_T], str], cursor: str | None) -> Slice[_T]:
    """The page that a cursor names, the first without one. `names` identify the items. Raises UsageError."""
    mark = hashlib.sha256("\0".join(names).encode("utf-8", "surrogateescape")).hexdigest()[:12]
    start = _start(cursor, mark, len(items)) if cursor else 0
    end, room = start, PAGE
    while end < len(items) and (end == start or estimate(text_of(items[end])) <= room):
        room -= estimate(text_of(items[end]))
        end += 1
    return Slice(tuple(items[start:end]), _cursor(end, mark) if end < len(items) else None)


def _cursor(start: int, mark: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([start, mark]).encode()).decode().rstrip("=")


def _start(cursor: str, mark: str, length: int) -> int:
    try:
        start, marked = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError):
        raise UsageError("this cursor is none of ours; call again without a cursor") from None
    if marked != mark or not isinstance(start, int) or not 0 < start < length:
        raise UsageError("what this cursor belongs to has changed since; call again without a cursor")
    return start

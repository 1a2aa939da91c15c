"""What a plan is made under: where links lead, what fails the check, what the token may do."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

Links = Callable[[str, int, int], str]
"""The address of lines of a file at the head: path, first and last line; line 0 is the whole file, "" is no link."""


def no_links(_path: str, _line: int, _end_line: int) -> str:
    """Nothing is linked."""
    return ""


class Terms(Struct, frozen=True):
    """What the one who performs knows and a conversation does not tell."""

    links: Links = no_links
    failing: frozenset[str] = frozenset()
    """Fingerprints of findings at or above what fails a review."""
    notes: tuple[str, ...] = ()
    """Sentences for the summary and the check: that the configuration changed, and which one was used."""
    unplaced: frozenset[str] = frozenset()
    """Fingerprints of findings whose place the host refused: they go into the summary."""
    may_resolve: bool = True
    """False after a Resolve or Reopen was forbidden: gone findings are told by a reply instead."""
    may_check: bool = True
    """False where the token can write no check."""

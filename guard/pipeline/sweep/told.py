"""What is told already: the lines that signals are about."""

from __future__ import annotations

from collections.abc import Iterable

from guard.finding import Signal


def lines_told(signals: Iterable[Signal], near: int = 0) -> dict[str, frozenset[int]]:
    """The lines of each file that signals point at, with so many around them."""
    found: dict[str, set[int]] = {}
    for signal in signals:
        for path, first, last in (
            (signal.path, signal.line, signal.end_line),
            *((signal.path, first, last) for first, last in signal.alternatives),
            *((place.path, place.line, place.end_line) for place in signal.elsewhere),
            *((evidence.path, evidence.line, evidence.line) for evidence in signal.evidence),
        ):
            found.setdefault(path, set()).update(range(first - near, last + near + 1))
    return {path: frozenset(lines) for path, lines in found.items()}

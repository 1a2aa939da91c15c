"""Where a finding can be commented: lines of one hunk, on the new side, as a host shows them.

A host shows three lines around what changed, whatever context our own diff has; a line further away is refused with a 422.
"""

from __future__ import annotations

from msgspec import Struct

from guard.change import ChangeSet, FileChange, FileKind, Hunk, Status
from guard.conversation.escape import can_be_sent
from guard.finding import Finding

_CONTEXT = 3
_MOST_LINES = 12
"""A longer span is no help: its last line alone would be far from what the comment is about."""


class Anchor(Struct, frozen=True):
    """Lines `start_line`..`line` of the new side. With `suggests`, they are exactly those that the suggestion replaces."""

    path: str
    start_line: int
    line: int
    suggests: bool = False


def anchor(finding: Finding, change: ChangeSet) -> Anchor | None:
    """Where to comment a finding, None where its lines are not shown."""
    file = next((entry for entry in change.files if entry.path == finding.path), None)
    if file is None or not _can_be_commented(file):
        return None
    return _of_the_suggestion(finding, file) or _of_the_span(finding, file)


def _can_be_commented(file: FileChange) -> bool:
    regular = file.kind is FileKind.FILE and not file.binary and file.status is not Status.DELETED
    return regular and can_be_sent(file.path)


def _of_the_suggestion(finding: Finding, file: FileChange) -> Anchor | None:
    """The lines that a suggestion replaces, where all are shown and nothing was removed between them."""
    wanted = finding.suggestion
    if wanted is None:
        return None
    lines = range(wanted.line, wanted.end_line + 1)
    for hunk in file.hunks:
        shown = _shown(hunk)
        if all(number in shown for number in lines) and not _removed_between(hunk, wanted.line, wanted.end_line):
            return Anchor(file.path, wanted.line, wanted.end_line, suggests=True)
    return None


def _of_the_span(finding: Finding, file: FileChange) -> Anchor | None:
    """The finding's lines as far as one hunk shows them: the first hunk that adds one of them, else the first that shows one."""
    places = [(hunk, lines) for hunk in file.hunks if (lines := _part(finding, hunk))]
    if not places:
        return None
    hunk, lines = next(((hunk, lines) for hunk, lines in places if _added(hunk) & set(lines)), places[0])
    if len(lines) <= _MOST_LINES:
        return Anchor(file.path, lines[0], lines[-1])
    best = lines[0] if finding.line == lines[0] else min(_added(hunk) & set(lines), default=lines[0])
    return Anchor(file.path, best, best)


def _part(finding: Finding, hunk: Hunk) -> list[int]:
    """The first unbroken run of a finding's lines that a hunk shows."""
    shown = _shown(hunk)
    run: list[int] = []
    for number in range(max(finding.line, hunk.new_start), min(finding.end_line, hunk.new_start + hunk.new_length - 1) + 1):
        if number in shown:
            run.append(number)
        elif run:
            break
    return run


def _added(hunk: Hunk) -> frozenset[int]:
    return frozenset(line.new for line in hunk.lines if line.mark == "+" and line.new)


def _shown(hunk: Hunk) -> frozenset[int]:
    """New-side lines that are added or at most three lines of the new side from a change."""
    shown: set[int] = set()
    previous = hunk.new_start - 1 if hunk.new_length else hunk.new_start
    there = {line.new for line in hunk.lines if line.new}
    for line in hunk.lines:
        if line.mark == "-":
            shown.update(range(previous - _CONTEXT + 1, previous + _CONTEXT + 1))
        elif line.mark == "+" and line.new:
            shown.update(range(line.new - _CONTEXT, line.new + _CONTEXT + 1))
        previous = line.new or previous
    return frozenset(shown & there)


def _removed_between(hunk: Hunk, first: int, last: int) -> bool:
    """Whether a line was removed between these lines: a suggestion may not reach across it."""
    previous = hunk.new_start - 1
    for line in hunk.lines:
        if line.mark == "-" and first <= previous < last:
            return True
        previous = line.new or previous
    return False

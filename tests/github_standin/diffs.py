"""Diffs as GitHub shows them: files, hunks, which lines can be commented on, and where a line went."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


@dataclass(frozen=True)
class Hunk:
    """One hunk: its text, and the lines of either side that it shows."""

    text: str
    left: frozenset[int]
    """Removed lines, by their old number."""
    right: frozenset[int]
    """Added lines and context, by their new number."""


@dataclass(frozen=True)
class FileChange:
    """What a diff does to one file. `patch` is None for a binary file."""

    path: str
    status: str
    blob: str
    header: str
    patch: str | None
    previous: str | None = None

    @cached_property
    def additions(self) -> int:
        """How many lines are added."""
        return sum(line.startswith("+") for line in (self.patch or "").split("\n"))

    @cached_property
    def deletions(self) -> int:
        """How many lines are removed."""
        return sum(line.startswith("-") for line in (self.patch or "").split("\n"))

    @cached_property
    def hunks(self) -> tuple[Hunk, ...]:
        """The hunks of the patch."""
        return tuple(_hunks(self.patch or ""))

    def hunk(self, line: int, side: str) -> Hunk | None:
        """The hunk that shows a line of a side."""
        return next((hunk for hunk in self.hunks if line in (hunk.right if side == "RIGHT" else hunk.left)), None)

    @property
    def text(self) -> str:
        """The file's part of the diff."""
        if self.patch is None:
            return f"{self.header}Binary files differ\n"
        return f"{self.header}{self.patch}\n" if self.patch else self.header


def _hunks(patch: str) -> Iterator[Hunk]:
    for text in re.split(r"(?m)^(?=@@ )", patch):
        if not (match := _HUNK.match(text)):
            continue
        old, new = int(match[1]), int(match[3])
        left, right = set(), set()
        for line in text.split("\n")[1:]:
            if line.startswith("-"):
                left.add(old)
                old += 1
            elif line.startswith("+"):
                right.add(new)
                new += 1
            elif line.startswith(" "):
                right.add(new)
                old, new = old + 1, new + 1
        yield Hunk(text.rstrip("\n"), frozenset(left), frozenset(right))


@lru_cache(maxsize=4096)
def patch_between(old: bytes, new: bytes) -> str | None:
    """The hunks between two texts, as git writes them; None if one is binary."""
    if b"\0" in old or b"\0" in new:
        return None
    before, after = _lines(old), _lines(new)
    hunks = [line.rstrip("\n") for line in difflib.unified_diff(before, after, n=3, lineterm="\n")][2:]
    shown: list[str] = []
    for line in hunks:
        ended = line.removesuffix(_NO_NEWLINE)
        shown.append(ended)
        if ended != line:
            shown.append("\\ No newline at end of file")
    return "\n".join(shown)


_NO_NEWLINE = "\0no newline"


def _lines(text: bytes) -> list[str]:
    """Lines with their ends; a last line without one is marked, so that it differs from the same line with one."""
    lines = text.decode("utf-8", "replace").split("\n")
    last = lines.pop()
    return [f"{line}\n" for line in lines] + ([f"{last}{_NO_NEWLINE}\n"] if last else [])


@lru_cache(maxsize=4096)
def moved_lines(old: bytes, new: bytes) -> Mapping[int, int]:
    """The line numbers that unchanged lines of a text have in another version of it."""
    if old == new:
        return {number: number for number in range(1, old.count(b"\n") + 2)}
    matcher = difflib.SequenceMatcher(None, old.split(b"\n"), new.split(b"\n"), autojunk=False)
    return {
        block.a + offset + 1: block.b + offset + 1 for block in matcher.get_matching_blocks() for offset in range(block.size)
    }


def whole(changes: Sequence[FileChange]) -> str:
    """All files' parts together."""
    return "".join(change.text for change in changes)

"""A change as frozen values: files, hunks, lines with their numbers on both sides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import groupby
from typing import overload

from msgspec import Struct


class Status(StrEnum):
    """What happened to a file."""

    ADDED = "added"
    MODIFIED = "modified"
    DELETED = "deleted"
    RENAMED = "renamed"
    COPIED = "copied"


class FileKind(StrEnum):
    """What the new side of a path is: only regular files are read."""

    FILE = "file"
    SYMLINK = "symlink"
    SUBMODULE = "submodule"
    ABSENT = "absent"
    """Its content is not in this clone."""


class Line(Struct, frozen=True):
    """One line of a hunk: `mark` is '+', '-' or ' '; `old`/`new` are its numbers on either side, None where it is absent."""

    mark: str
    text: str
    old: int | None
    new: int | None


class Lines(Sequence[Line]):
    """Lines of a hunk, kept as the text of the patch and made anew whenever they are asked for: a large change has a great many."""

    __slots__ = ("_length", "_new", "_old", "_text")

    def __init__(self, text: str, length: int, old: int, new: int) -> None:
        self._text = text
        self._length = length
        self._old = old
        self._new = new

    def __iter__(self) -> Iterator[Line]:
        old, new = self._old, self._new
        for text in self._text.split("\n") if self._length else ():
            mark = text[0]
            yield Line(mark, text[1:], None if mark == "+" else old, None if mark == "-" else new)
            old, new = old + (mark != "+"), new + (mark != "-")

    def __len__(self) -> int:
        return self._length

    def numbers(self, mark: str) -> Iterator[int]:
        """The numbers of the added lines ("+") or of the removed ones ("-")."""
        other = "-" if mark == "+" else "+"
        number = self._new if mark == "+" else self._old
        for text in self._text.split("\n") if self._length else ():
            first = text[0]
            if first == mark:
                yield number
            if first != other:
                number += 1

    @overload
    def __getitem__(self, index: int) -> Line: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Line, ...]: ...

    def __getitem__(self, index: int | slice) -> Line | tuple[Line, ...]:
        return tuple(self)[index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Lines | tuple) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))


class Hunk(Struct, frozen=True):
    """A contiguous piece of a file's diff. A side of length 0 starts *after* line `start`, as in the diff format."""

    old_start: int
    old_length: int
    new_start: int
    new_length: int
    lines: Sequence[Line]


class FileChange(Struct, frozen=True):
    """One file of a change. `old_path` differs from `path` for renames and copies; for an added file it is None."""

    path: str
    old_path: str | None
    status: Status
    hunks: tuple[Hunk, ...] = ()
    binary: bool = False
    kind: FileKind = FileKind.FILE

    # Counted anew whenever they are asked for: a large change has a great many lines, and their numbers take more than their text.

    @property
    def added(self) -> frozenset[int]:
        """Line numbers of the new side that the change adds."""
        return frozenset(number for hunk in self.hunks for number in _numbers(hunk, "+"))

    @property
    def removed(self) -> frozenset[int]:
        """Line numbers of the old side that the change removes."""
        return frozenset(number for hunk in self.hunks for number in _numbers(hunk, "-"))

    @property
    def changes_lines(self) -> bool:
        """Whether any line is added or removed."""
        return any(True for hunk in self.hunks for mark in "+-" for _ in _numbers(hunk, mark))

    @property
    def removal_points(self) -> frozenset[int]:
        """Lines of the new side that now stand next to a place where lines were removed and none came instead."""
        return frozenset(point for hunk in self.hunks for point in _removal_points(hunk))


def _removal_points(hunk: Hunk) -> list[int]:
    """New-side neighbours (the line before and the line after) of each run of removed lines that nothing replaces."""
    points: list[int] = []
    following = hunk.new_start if hunk.new_length else hunk.new_start + 1
    for kept, run in groupby(hunk.lines, key=lambda line: line.mark == " "):
        lines = list(run)
        added = [line.new for line in lines if line.new]
        if not kept and not added:
            points += [following - 1, following]
        following = added[-1] + 1 if added else following
    return [point for point in points if point > 0]


def _numbers(hunk: Hunk, mark: str) -> Iterator[int]:
    """The numbers of the lines with this mark, on the side on which they stand."""
    if isinstance(hunk.lines, Lines):
        return hunk.lines.numbers(mark)
    return (number for line in hunk.lines if line.mark == mark and (number := line.new if mark == "+" else line.old))


class AddedLines(Mapping[str, frozenset[int]]):
    """The added lines of each file of a change, counted when they are asked for."""

    def __init__(self, change: ChangeSet) -> None:
        self._files = {file.path: file for file in change.files}

    def __getitem__(self, path: str) -> frozenset[int]:
        return self._files[path].added

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)


class ChangeSet(Struct, frozen=True):
    """A whole change. `base` and `head` name the two sides (a commit, "index", "worktree"), None where that is not known."""

    files: tuple[FileChange, ...]
    base: str | None = None
    head: str | None = None

    @property
    def added_lines(self) -> int:
        """How many lines the change adds."""
        return sum(1 for file in self.files for hunk in file.hunks for _ in _numbers(hunk, "+"))

"""A change as values: a unified diff, parsed. No input, no output.

Line numbers are 1-based. Paths are text as git means them, with bytes that are not UTF-8 kept as surrogate escapes (`os.fsdecode`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


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


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a hunk: `mark` is '+', '-' or ' '; `old`/`new` are its numbers on either side, None where it is absent."""

    mark: str
    text: str
    old: int | None
    new: int | None


@dataclass(frozen=True, slots=True)
class Hunk:
    """A contiguous piece of a file's diff. A side of length 0 starts *after* line `start`, as in the diff format."""

    old_start: int
    old_length: int
    new_start: int
    new_length: int
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file of a change. `old_path` differs from `path` for renames and copies; for an added file it is None."""

    path: str
    old_path: str | None
    status: Status
    hunks: tuple[Hunk, ...] = ()
    binary: bool = False
    kind: FileKind = FileKind.FILE
    added: frozenset[int] = field(init=False, repr=False)
    """Line numbers of the new side that the change adds."""
    removed: frozenset[int] = field(init=False, repr=False)
    """Line numbers of the old side that the change removes."""
    removal_points: frozenset[int] = field(init=False, repr=False)
    """Lines of the new side that now stand next to a place where lines were removed."""

    def __post_init__(self) -> None:
        lines = [line for hunk in self.hunks for line in hunk.lines]
        object.__setattr__(self, "added", frozenset(line.new for line in lines if line.mark == "+" and line.new))
        object.__setattr__(self, "removed", frozenset(line.old for line in lines if line.mark == "-" and line.old))
        object.__setattr__(self, "removal_points", frozenset(p for hunk in self.hunks for p in _removal_points(hunk)))


def _removal_points(hunk: Hunk) -> list[int]:
    """New-side neighbours (the line before and the line after) of each run of removed lines."""
    points: list[int] = []
    following = hunk.new_start if hunk.new_length else hunk.new_start + 1
    for line in hunk.lines:
        if line.mark == "-":
            points += [following - 1, following]
        elif line.new:
            following = line.new + 1
    return [point for point in points if point > 0]


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """A whole change. `base` and `head` name the two sides (a commit, "index", "worktree"), None where that is not known."""

    files: tuple[FileChange, ...]
    base: str | None = None
    head: str | None = None

    @property
    def added_lines(self) -> int:
        """How many lines the change adds."""
        return sum(len(file.added) for file in self.files)

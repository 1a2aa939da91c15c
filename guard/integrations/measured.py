"""How large a change is, asked before its texts are read: whoever serves others does not want to find out afterwards."""

from __future__ import annotations

import os

from msgspec import Struct

from guard.errors import PatchError
from guard.integrations.git import Git, Kind, Selection, limits_below_root, sides


class Size(Struct, frozen=True):
    """Files, changed lines, and bytes (of a patch, or of files that git does not track)."""

    files: int
    lines: int
    size: int = 0

    def refuse_beyond(self, most: Size) -> None:
        """Raise PatchError for a change that is larger than this, in one sentence with the limit."""
        for what, value, limit in (
            ("files", self.files, most.files),
            ("changed lines", self.lines, most.lines),
            ("bytes", self.size, most.size),
        ):
            if value > limit:
                raise PatchError(
                    f"the change is too large: {value:,} {what}, at most {limit:,} are reviewed at once; "
                    "review it in parts, limited to some paths"
                )


def size_of_patch(patch: bytes) -> Size:
    """The size of a patch, told without parsing it."""
    lines = patch.split(b"\n")
    return Size(
        files=max(sum(map(bytes.startswith, lines, [mark] * len(lines))) for mark in (b"diff --git ", b"+++ ")),
        lines=sum(line.startswith((b"+", b"-")) for line in lines),
        size=len(patch),
    )


def size_of(selection: Selection, directory: str) -> Size:
    """The size of a selection, by git's own count. A clone that lacks some content is counted by its files alone."""
    git = Git(directory)
    has_tree, root, prefix = git.facts
    arguments = sides(git, selection, has_tree=has_tree)[2]
    limits = limits_below_root(selection.paths, git, root, prefix, has_tree=has_tree)
    done = git.attempt(*arguments, "--numstat", "-z", "--no-renames", "--", *limits)
    rows = [row.split(b"\t") for row in done.stdout.split(b"\0") if row.count(b"\t") >= 2]
    lines = sum(int(number) for row in rows for number in row[:2] if number.isdigit())
    new = _untracked(git, root, limits) if selection.kind is Kind.WORKTREE else ()
    return Size(len(rows) + len(new), lines, sum(new))


def _untracked(git: Git, root: str, limits: list[str]) -> tuple[int, ...]:
    listing = git.run(
        "ls-files", "--others", "--exclude-standard", "--full-name", "-z", "--",
        *(limits or [os.path.relpath(root, git.directory)]),
    )  # fmt: skip
    paths = (os.path.join(root, os.fsdecode(name)) for name in listing.split(b"\0") if name and not name.endswith(b"/"))
    return tuple(os.lstat(path).st_size for path in paths if os.path.lexists(path))

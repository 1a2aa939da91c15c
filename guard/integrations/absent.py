"""Changes of which git does not have every content: clones that leave out large or all blobs.

`git diff` refuses the whole change for one file that it cannot read; the others can be compared without it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from guard.change import FileChange, FileKind, Status

_STATUS = {"A": Status.ADDED, "D": Status.DELETED}
RAW = ("--raw", "-z", "--no-abbrev", "--no-renames")
"""Options of `git diff` that list what differs without looking into it."""


def without_absent(
    raw: bytes, has: Callable[[str], bool], decode: Callable[[bytes], str]
) -> tuple[list[str], tuple[FileChange, ...]]:
    """The paths that can be compared, and the files of which a content is absent. `raw` is what `git diff` says with RAW."""
    present: list[str] = []
    absent: list[FileChange] = []
    for fields, path in _entries(raw, decode):
        _, _, old, new, status = fields
        if all(has(name) for name in (old, new) if name.strip("0")):
            present.append(path)
        else:
            kind = _STATUS.get(status[:1], Status.MODIFIED)
            absent.append(FileChange(path, None if kind is Status.ADDED else path, kind, binary=True, kind=FileKind.ABSENT))
    return present, tuple(absent)


def _entries(raw: bytes, decode: Callable[[bytes], str]) -> Iterator[tuple[list[str], str]]:
    """`:100644 100644 OLD NEW M`, then the path, each ended by a zero byte."""
    pieces = raw.split(b"\0")
    for head, path in zip(pieces[::2], pieces[1::2], strict=False):
        fields = head.decode("ascii", "replace").lstrip(":").split()
        if len(fields) == 5:
            yield fields, decode(path)

"""Changes of which every text is at hand: for editors, agents and tests that hold files in memory.

Nothing is read from disk, and no git is needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from guard.change import ChangeSet, FileChange, Hunk, Line, Status, Texts, as_bytes
from guard.integrations.git import Selected
from guard.integrations.patch import PatchSource, change_in

_CONTEXT = 3
_LOOKED_AT = 8_000


def patched(patch: str | bytes, texts: Mapping[str, str | bytes] | None = None) -> Selected:
    """The change that a patch describes; `texts` are its files before or after it, whichever are at hand, and manifests.

    A file of which no text fits the patch is reviewed from the patch alone, and the report says so. Raises PatchError.
    """
    change = change_in(as_bytes(patch) or b"", "the patch")
    known = Texts(texts or {})
    return Selected(change, PatchSource(change, (known.head,), around=known), "")


def compared(
    before: Mapping[str, str | bytes], after: Mapping[str, str | bytes], others: Mapping[str, str | bytes] | None = None
) -> Selected:
    """The change between two states of files, by path; `others` are files that did not change (a manifest, a configuration)."""
    files = [
        _compared(path, as_bytes(before.get(path)), as_bytes(after.get(path)))
        for path in sorted({*before, *after})
        if as_bytes(before.get(path)) != as_bytes(after.get(path))
    ]
    return Selected(ChangeSet(tuple(files)), Texts({**(others or {}), **after}, before), "")


def _compared(path: str, old: bytes | None, new: bytes | None) -> FileChange:
    status = Status.ADDED if old is None else Status.DELETED if new is None else Status.MODIFIED
    binary = b"\0" in (old or b"")[:_LOOKED_AT] + (new or b"")[:_LOOKED_AT]
    hunks = () if binary else tuple(_hunks(_lines(old or b""), _lines(new or b"")))
    return FileChange(path, None if old is None else path, status, hunks, binary)


def _lines(text: bytes) -> list[str]:
    lines = text.decode("utf-8", "surrogateescape").split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def _hunks(old: list[str], new: list[str]) -> Iterator[Hunk]:
    from difflib import SequenceMatcher

    for group in SequenceMatcher(None, old, new).get_grouped_opcodes(_CONTEXT):
        lines = tuple(line for step in group for line in _run(step, old, new))
        old_start, old_length = group[0][1], group[-1][2] - group[0][1]
        new_start, new_length = group[0][3], group[-1][4] - group[0][3]
        yield Hunk(old_start + bool(old_length), old_length, new_start + bool(new_length), new_length, lines)


def _run(step: tuple[str, int, int, int, int], old: list[str], new: list[str]) -> Iterable[Line]:
    kind, old_from, old_to, new_from, new_to = step
    if kind == "equal":
        shift = new_from - old_from
        return [Line(" ", old[number], number + 1, number + shift + 1) for number in range(old_from, old_to)]
    removed = [Line("-", old[number], number + 1, None) for number in range(old_from, old_to)]
    return [*removed, *(Line("+", new[number], None, number + 1) for number in range(new_from, new_to))]

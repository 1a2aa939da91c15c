"""Where the texts of a change's files come from, on both sides of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from msgspec import Struct, field

from guard.change.values import FileChange


class Source(Protocol):
    """Where full texts come from: git objects, the index, the work tree, a hosting API; or nowhere (a patch alone)."""

    def head(self, path: str) -> bytes | None:
        """The new text of a file; None where it is not known or does not exist. Raises SourceError if reading fails."""
        ...

    def base(self, path: str) -> bytes | None:
        """The old text of a file, by its old path."""
        ...

    def head_paths(self) -> frozenset[str]:
        """All paths of the new side, as far as they are known."""
        ...


@runtime_checkable
class Searchable(Source, Protocol):
    """What a source can also do where the whole tree of the new side is at hand and cheap to ask; others have no such members."""

    def tree(self) -> frozenset[str]:
        """The paths of all files of the new side, changed or not. Raises SourceError if they can not be listed."""
        ...

    def search(self, words: tuple[str, ...], endings: tuple[str, ...], below: str = "") -> frozenset[str]:
        """The files at or below a folder whose names end so and whose texts hold all of these words, each as a whole word.

        Of alternatives in one (`this|that`) one is enough.
        """
        ...


class Texts(Struct, frozen=True):
    """A source out of texts by path, of the new side and, where they differ, of the old one. Files that are not there are unknown."""

    new: Mapping[str, str | bytes] = field(default_factory=dict)
    old: Mapping[str, str | bytes] = field(default_factory=dict)

    def head(self, path: str) -> bytes | None:
        """The new text of a file."""
        return as_bytes(self.new.get(path))

    def base(self, path: str) -> bytes | None:
        """The old text of a file."""
        return as_bytes(self.old.get(path))

    def head_paths(self) -> frozenset[str]:
        """All paths of the new side that are known."""
        return frozenset(self.new)

    def tree(self) -> frozenset[str]:
        """The same: what is not here does not exist."""
        return self.head_paths()

    def search(self, words: tuple[str, ...], endings: tuple[str, ...], below: str = "") -> frozenset[str]:
        """The files that hold all of these words."""
        chosen = (path for path in self.new if path.endswith(endings) and (not below or path.startswith(f"{below}/")))
        return frozenset(path for path in chosen if holds_words(self.head(path) or b"", words))


def holds_words(text: bytes, words: tuple[str, ...]) -> bool:
    """Whether a text holds all of these words, each as a whole word; of `this|that` one is enough."""
    given = (word.encode("utf-8", "surrogateescape").split(b"|") for word in words)
    return all(re.search(rb"(?<!\w)(?:%b)(?!\w)" % b"|".join(map(re.escape, one)), text) for one in given)


def as_bytes(text: str | bytes | None) -> bytes | None:
    """A text as it stands in a file."""
    return text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text


def partial_text(file: FileChange) -> bytes:
    """What a patch alone tells of the new text: its lines at their numbers, empty lines for what it does not show."""
    lines: dict[int, str] = {line.new: line.text for hunk in file.hunks for line in hunk.lines if line.new}
    last = max(lines, default=0)
    return "".join(lines.get(number, "").rstrip("\n") + "\n" for number in range(1, last + 1)).encode(
        "utf-8", "surrogateescape"
    )

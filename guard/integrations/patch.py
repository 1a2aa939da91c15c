"""A patch as a change, with or without a repository around it.

Nothing says whether a patch was already applied. So every text that may belong to it is compared with its hunks: one that has
the new lines is the new text, one that has the old lines becomes it by applying the hunks. What fits neither is reviewed from the patch alone.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator

from msgspec.structs import replace

from guard.change import ChangeSet, FileChange, Hunk, Searchable, Status, parse, partial_text
from guard.errors import PatchError, SourceError
from guard.integrations.git import Git, GitSource, Selected


def open_patch(file: str, directory: str = ".", paths: tuple[str, ...] = ()) -> Selected:
    """The change that a patch file ("-" for standard input) describes. Raises PatchError with the file's name and a line."""
    change = limited(change_in(_read(file), "standard input" if file == "-" else file), paths)
    return in_directory(change, directory)


def change_in(patch: bytes, name: str) -> ChangeSet:
    """The change that a patch describes. Raises PatchError with this name and a line."""
    try:
        change = parse(patch)
    except PatchError as error:
        raise PatchError(f"{name}: {error}") from None
    _refuse_series(change, name)
    return change


def _refuse_series(change: ChangeSet, name: str) -> None:
    """Several commits in one file (`git format-patch --stdout`) change a file several times: there is no one new text."""
    paths = [file.path for file in change.files]
    twice = next((path for path in paths if paths.count(path) > 1), None) if len(set(paths)) < len(paths) else None
    if twice is not None:
        raise PatchError(
            f"{name}: changes {twice} more than once; review a series of commits with --range, or as one 'git diff'"
        )


def limited(change: ChangeSet, paths: tuple[str, ...]) -> ChangeSet:
    """The change without files that are not at or below one of these paths, if there are any."""
    return replace(change, files=tuple(file for file in change.files if _within(file.path, paths)))


def in_directory(change: ChangeSet, directory: str) -> Selected:
    """A change with what the repository around a directory, or the files below it, tell of its texts."""
    sources, root = _sources(directory)
    return Selected(change, PatchSource(change, [source.head for source in sources], sources), root)


def _read(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        with open(file, "rb") as stream:
            return stream.read()
    except OSError as error:
        raise PatchError(f"{file}: can not be read: {error.strerror}") from None


def _within(path: str, limits: tuple[str, ...]) -> bool:
    folders = [os.path.normpath(limit) for limit in limits]
    return not folders or any(folder in (".", path) or path.startswith(f"{folder}/") for folder in folders)


Text = Callable[[str], bytes | None]


def _sources(directory: str) -> tuple[tuple[GitSource, ...], str]:
    """Where texts may be found, best first, and the folder that the patch's paths start from."""
    git = Git(directory)
    try:
        has_tree, root, _prefix = git.facts
    except SourceError:
        return (GitSource(git, "", None, directory),), directory
    tree = (GitSource(git, "HEAD", None, root),) if has_tree else ()
    return (*tree, GitSource(git, "HEAD", "HEAD", root)), root


class PatchSource:
    """Both sides of a patch's files, as far as texts that fit it can be found."""

    def __init__(
        self, change: ChangeSet, texts: Iterable[Text], sources: Iterable[GitSource] = (), around: Searchable | None = None
    ) -> None:
        self._files = {file.path: file for file in change.files}
        self._texts = tuple(texts)
        self._sources = tuple(sources)
        self._around = around or next(iter(self._sources), None)

    def head(self, path: str) -> bytes | None:
        """The new text of a file of the patch, or any other file's text as it is found."""
        file = self._files.get(path)
        if file is None:
            return next((text for read in self._texts if (text := read(path)) is not None), None)
        if file.status is Status.ADDED:
            return partial_text(file)
        return next(self._fitting(file, path, new=True), None)

    def base(self, path: str) -> bytes | None:
        """The old text of a file of the patch, by its old path."""
        file = next((file for file in self._files.values() if file.old_path == path), None)
        return None if file is None else next(self._fitting(file, path, new=False), None)

    def head_paths(self) -> frozenset[str]:
        """Only the patch's own files are known."""
        return frozenset(file.path for file in self._files.values() if file.status is not Status.DELETED)

    def listing(self) -> frozenset[str]:
        """These, and all paths of the work tree or the commit around the patch."""
        return self.head_paths().union(*(source.listing() for source in self._sources[:1]))

    def tree(self) -> frozenset[str]:
        """The patch's files, and all tracked ones of the work tree or the commit around it."""
        return self.head_paths() | (self._around.tree() if self._around else frozenset())

    def search(self, words: tuple[str, ...], endings: tuple[str, ...], below: str = "") -> frozenset[str]:
        """The files around the patch that hold all of these words."""
        return self._around.search(words, endings, below) if self._around else frozenset()

    def close(self) -> None:
        """End the processes that were started."""
        for source in self._sources:
            source.close()

    def _fitting(self, file: FileChange, path: str, *, new: bool) -> Iterator[bytes]:
        other = file.old_path or path if new else file.path
        for read in self._texts:
            for text in (read(path), read(other)):
                known = None if text is None else _side_of(text, file.hunks)
                if text is not None and known is not None:
                    yield text if known is new else _turned(text, file.hunks, new=new)


def _side_of(text: bytes, hunks: tuple[Hunk, ...]) -> bool | None:
    """Whether a text is the new side (True) or the old one (False) of these hunks; None if it is neither.

    A text with lines added at its end shows the old side too: what it has more of decides.
    """
    new, old = _shows(text, hunks, new=True), _shows(text, hunks, new=False)
    if new and old:
        return any(line.mark == "+" for hunk in hunks for line in hunk.lines)
    return True if new else False if old else None


def _sides(hunk: Hunk, *, new: bool) -> tuple[int, int, list[str]]:
    """Start index, length and lines of one side of a hunk."""
    start, length = (hunk.new_start, hunk.new_length) if new else (hunk.old_start, hunk.old_length)
    skipped = "-" if new else "+"
    return (start - 1 if length else start), length, [line.text.rstrip("\r") for line in hunk.lines if line.mark != skipped]


def _shows(text: bytes, hunks: tuple[Hunk, ...], *, new: bool) -> bool:
    """Whether a text has one side of every hunk at its place."""
    lines = [line.rstrip("\r") for line in text.decode("utf-8", "surrogateescape").split("\n")]
    sides = (_sides(hunk, new=new) for hunk in hunks)
    return all(lines[start : start + length] == expected for start, length, expected in sides)


def _turned(text: bytes, hunks: tuple[Hunk, ...], *, new: bool) -> bytes:
    """The text with every hunk's other side replaced by the asked one."""
    lines = text.decode("utf-8", "surrogateescape").split("\n")
    for hunk in reversed(hunks):
        start, length, _ = _sides(hunk, new=not new)
        lines[start : start + length] = _sides(hunk, new=new)[2]
    return "\n".join(lines).encode("utf-8", "surrogateescape")

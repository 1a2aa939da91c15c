"""Both sides of a pull request's files by the API: those that are read, fetched together before the first is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from guard.baseline import FILE_NAME as BASELINE
from guard.change import ChangeSet, FileChange, FileKind, Status, partial_text
from guard.config import FILE_NAMES
from guard.integrations.hosting.github.change import Sides
from guard.integrations.hosting.github.texts import At, Texts
from guard.languages import reader_for
from guard.project import manifest_paths


class ApiSource:
    """Both sides of a change. What its diff tells whole, and what nobody would read, is not fetched."""

    def __init__(self, change: ChangeSet, sides: Sides, texts: Texts) -> None:
        self._sides = sides
        self._texts = texts
        self._files = {file.path: file for file in change.files}
        self._old = [file.old_path for file in change.files if file.old_path is not None and _wanted(file)]
        self._old_is_here = False

    def head(self, path: str) -> bytes | None:
        """The new text of a file."""
        file = self._files.get(path)
        if file is not None and (file.status is Status.ADDED or not _wanted(file)):
            return None
        return self._texts.text(At(self._sides.head, path))

    def base(self, path: str) -> bytes | None:
        """The old text of a file. The first question fetches all: the old side is read as a whole or not at all."""
        if not self._old_is_here:
            self._old_is_here = True
            self._texts.fetch(At(self._sides.merge_base, old) for old in self._old)
        return self._texts.text(At(self._sides.merge_base, path))

    def head_paths(self) -> frozenset[str]:
        """Only the change's own files are known."""
        return frozenset(file.path for file in self._files.values() if file.status is not Status.DELETED)

    def fetch_new_side(self, excluded: Callable[[str], bool]) -> None:
        """Get the new texts of all files that will be read."""
        self._texts.fetch(
            At(self._sides.head, file.path)
            for file in self._files.values()
            if file.status not in (Status.ADDED, Status.DELETED) and file.hunks and _wanted(file) and not excluded(file.path)
        )

    def fetch_surroundings(self, tip: str) -> None:
        """Get the manifests around the change, and the configuration at the tip of the base branch."""
        manifests = (At(self._sides.head, path) for path in manifest_paths(self._files) if path not in self._files)
        self._texts.fetch([*(At(tip, path) for path in configuration_paths(self._files)), *manifests])


class Tip:
    """The base branch as it is now, where configuration comes from: what it says is what the change is measured by."""

    def __init__(self, tip: str, texts: Texts) -> None:
        self._tip = tip
        self._texts = texts

    def head(self, path: str) -> bytes | None:
        """The text of a file there."""
        return self._texts.text(At(self._tip, path))

    base = head

    def head_paths(self) -> frozenset[str]:
        """Nothing is listed."""
        return frozenset()

    def listing(self) -> frozenset[str]:
        """Every path there: asked for only where a pattern of the configuration needs it."""
        return self._texts.paths(self._tip)


def configuration_paths(paths: Iterable[str]) -> list[str]:
    """Where the configuration of these files may stand, and the baseline of a repository that names none."""
    folders = {""}
    for path in paths:
        parts = path.split("/")[:-1]
        folders.update("/".join(parts[:depth]) + "/" for depth in range(1, len(parts) + 1))
    return [BASELINE, *(folder + name for folder in sorted(folders) for name in FILE_NAMES)]


def _wanted(file: FileChange) -> bool:
    """Whether some reader may read a file. One without an ending may be told by its first line, which the diff need not show."""
    if file.kind is not FileKind.FILE or file.binary:
        return False
    return "." not in file.path.rpartition("/")[2] or reader_for(file.path, partial_text(file)) is not None

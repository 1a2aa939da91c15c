"""Which paths a client may name: those at or below the allowed roots, once links and dots are resolved."""

from __future__ import annotations

import os
from collections.abc import Callable

from msgspec import Struct

from guard.change import Searchable, Source
from guard.errors import UsageError


class Roots(Struct, frozen=True):
    """The folders that may be read; resolved when they are given."""

    folders: tuple[str, ...]

    def directory(self, given: str) -> str:
        """The folder that a client names: absolute, or relative to a root; the first root if it names none."""
        found = self._resolved(given) if given else self.folders[0]
        if not os.path.isdir(found):
            raise UsageError(f"{given!r} is no directory below {self._told()}")
        return found

    def file(self, given: str) -> str:
        """The file that a client names, resolved; it must exist."""
        found = self._resolved(given)
        if not os.path.isfile(found):
            raise UsageError(f"{given!r} is no file below {self._told()}")
        return found

    def place(self, given: str) -> str:
        """The file that a client names, resolved, whether or not it exists."""
        return self._resolved(given)

    def around(self, folder: str) -> str:
        """The root that a folder is below."""
        return next((root for root in self.folders if _is_below(folder, root)), self.folders[0])

    def contain(self, full: str) -> bool:
        """Whether a path, resolved, is at or below a root."""
        real = os.path.realpath(full)
        return any(_is_below(real, folder) for folder in self.folders)

    def _resolved(self, given: str) -> str:
        if "\0" in given:
            raise UsageError("a path can not contain a zero byte")
        places = [os.path.realpath(os.path.join(folder, given)) for folder in self.folders]
        inside = [place for place in places if any(_is_below(place, folder) for folder in self.folders)]
        if not inside:
            raise UsageError(
                f"{given!r} is outside of what this server may read ({self._told()}); use a path below it, "
                "or ask the user to allow more with --root DIR"
            )
        return next((place for place in inside if os.path.exists(place)), inside[0])

    def _told(self) -> str:
        return ", ".join(self.folders)


def roots_at(given: list[str], directory: str) -> Roots:
    """The roots as the command line names them; its directory if it names none. Raises UsageError."""
    folders = [os.path.join(directory, name) for name in given or ["."]]
    missing = next((folder for folder in folders if not os.path.isdir(folder)), None)
    if missing is not None:
        raise UsageError(f"{missing}: no such directory")
    return Roots(tuple(os.path.realpath(folder) for folder in folders))


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def is_plain(path: str) -> bool:
    """Whether a path of a change stays below the folder that it starts from."""
    return not os.path.isabs(path) and ".." not in path.split("/") and "\0" not in path


class Confined(Struct, frozen=True):
    """A source that does not follow a change out of the roots.

    Outside of the roots, in the repository around them, only what a review itself asks for is read: manifests, configuration and
    baselines, which count for what is below. Files that the change names are not.
    """

    source: Source
    root: str
    roots: Roots
    changed: frozenset[str]

    def head(self, path: str) -> bytes | None:
        """The new text of a file."""
        return self.source.head(path) if self._allows(path) else None

    def base(self, path: str) -> bytes | None:
        """The old text of a file."""
        return self.source.base(path) if self._allows(path) else None

    def head_paths(self) -> frozenset[str]:
        """All paths of the new side, as far as they are known."""
        return self.source.head_paths()

    def listing(self) -> frozenset[str]:
        """The same, as widely as the source knows them."""
        known: Callable[[], frozenset[str]] = getattr(self.source, "listing", self.source.head_paths)
        return known()

    def tree(self) -> frozenset[str]:
        """The paths inside the roots: other files give no evidence."""
        return self._inside(self.source.tree()) if isinstance(self.source, Searchable) else frozenset()

    def search(self, words: tuple[str, ...], endings: tuple[str, ...], below: str = "") -> frozenset[str]:
        """The files inside the roots that hold all of these words."""
        if not isinstance(self.source, Searchable):
            return frozenset()
        return self._inside(self.source.search(words, endings, below))

    def _inside(self, paths: frozenset[str]) -> frozenset[str]:
        root = os.path.realpath(self.root)
        if self.roots.contain(root):
            return paths
        return frozenset(path for path in paths if self.roots.contain(os.path.realpath(os.path.join(root, path))))

    def _allows(self, path: str) -> bool:
        if not is_plain(path):
            return False
        full = os.path.join(os.path.realpath(self.root), path)
        real = os.path.realpath(full)
        return self.roots.contain(real) or (real == full and path not in self.changed)

    def close(self) -> None:
        """End what the source started."""
        close = getattr(self.source, "close", None)
        if close is not None:
            close()

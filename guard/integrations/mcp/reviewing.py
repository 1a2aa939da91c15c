"""From what a client asks for to a change within the roots and its limits, and the review of it. Runs in a worker thread."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from guard.change import ChangeSet, Texts
from guard.config import Configuration, Overrides
from guard.errors import PatchError, SourceError, UsageError
from guard.integrations.configured import configuration_for, inquiry_for_environment
from guard.integrations.git import Git, GitSource, Selected, Selection, open_change, whole_file
from guard.integrations.mcp.answers import ReviewAnswer, review_answer
from guard.integrations.mcp.roots import Confined, Roots, is_plain
from guard.integrations.measured import Size, size_of, size_of_patch
from guard.integrations.memory import compared
from guard.integrations.patch import change_in, in_directory
from guard.pipeline import review

if TYPE_CHECKING:
    from guard.model.inquiry import Inquiry

MOST = Size(files=2_000, lines=100_000, size=2_000_000)
"""The largest change that is reviewed at once."""
_MOST_UNTRACKED = 50_000_000


class Terms(Struct, frozen=True):
    """What the server was started with: the same for every request."""

    roots: Roots
    config: str = ""
    model: str = ""
    max_tokens: int | None = None
    max_cost: float | None = None


def reviewed(selected: Selected, terms: Terms, cursor: str | None, progress: Callable[[str], None]) -> ReviewAnswer:
    """The answer for a change. A model is asked only if the server was started with one."""
    configuration = configuration_for(selected, overrides=Overrides(model=terms.model), file=terms.config)
    inquiry = _inquiry(configuration, terms) if terms.model else None
    report = review(selected.change, selected.source, configuration, inquiry=inquiry, progress=progress)
    return review_answer(report, configuration, cursor)


def _inquiry(configuration: Configuration, terms: Terms) -> Inquiry | None:
    from guard.model.inquiry import Asking

    asking = Asking(model=terms.model, max_tokens=terms.max_tokens, max_cost=terms.max_cost, cache=None)
    return inquiry_for_environment(configuration, asking)


def opened_patch(patch: str, directory: str, terms: Terms) -> Selected:
    """The change that a patch describes, with the texts of the files below a directory. Raises PatchError."""
    raw = patch.encode("utf-8", "surrogatepass")
    size_of_patch(raw).refuse_beyond(MOST)
    change = change_in(raw, "the patch")
    outside = next((path for file in change.files for path in (file.path, file.old_path) if path and not is_plain(path)), None)
    if outside is not None:
        raise PatchError(f"the patch names {outside!r}, which is outside of what this server may read")
    return _confined(in_directory(change, terms.roots.directory(directory)), terms)


def opened_selection(selection: Selection, directory: str, terms: Terms) -> Selected:
    """A change of the repository around a directory, limited to what is below it. Raises UsageError, SourceError."""
    folder = terms.roots.directory(directory)
    _require_repository(folder)
    if "\0" in selection.revision or any("\0" in path for path in selection.paths):
        raise UsageError("neither a revision nor a path can contain a zero byte")
    for path in selection.paths:
        if not terms.roots.contain(os.path.join(folder, path)):
            raise UsageError(f"{path!r} is outside of what this server may read")
    selection = replace(selection, paths=selection.paths or (".",))
    size_of(selection, folder).refuse_beyond(replace(MOST, size=_MOST_UNTRACKED))
    return _confined(open_change(selection, folder), terms)


def _require_repository(folder: str) -> None:
    try:
        _ = Git(folder).facts
    except SourceError:
        raise UsageError(f"{folder} is in no git repository; pass a patch to review_diff, or a file to scan_file") from None


def opened_file(path: str, content: str | None, terms: Terms) -> Selected:
    """A file with every line taken as added: as it is on disk, or with this content."""
    if content is not None:
        size_of_patch(content.encode("utf-8", "surrogatepass")).refuse_beyond(replace(MOST, files=MOST.lines))
    full = terms.roots.file(path) if content is None else terms.roots.place(path)
    root = _root_of(os.path.dirname(full), terms)
    name = os.path.relpath(full, root).replace(os.sep, "/")
    around = GitSource(Git(root), "", None, root)
    if content is None:
        selected = Selected(ChangeSet((whole_file(root, name),), None, "worktree"), around, root)
    else:
        selected = Selected(compared({}, {name: content}).change, Over(Texts({name: content}), around), root)
    return _confined(selected, terms)


class Over(Struct, frozen=True):
    """Texts that lie over a source: a file that is being edited, in the repository as it is."""

    texts: Texts
    below: GitSource

    def head(self, path: str) -> bytes | None:
        """The new text of a file."""
        text = self.texts.head(path)
        return self.below.head(path) if text is None else text

    def base(self, path: str) -> bytes | None:
        """Nothing: every line counts as new."""
        return self.texts.base(path)

    def head_paths(self) -> frozenset[str]:
        """All paths that are known."""
        return self.below.head_paths() | self.texts.head_paths()

    def listing(self) -> frozenset[str]:
        """The same, with files that git does not track."""
        return self.below.listing() | self.texts.head_paths()

    def tree(self) -> frozenset[str]:
        """All tracked paths, and those of the texts."""
        return self.below.tree() | self.texts.tree()

    def search(self, words: tuple[str, ...], endings: tuple[str, ...], below: str = "") -> frozenset[str]:
        """The files of either that hold all of these words."""
        return self.below.search(words, endings, below) | self.texts.search(words, endings, below)

    def close(self) -> None:
        """End the processes that were started."""
        self.below.close()


def _root_of(folder: str, terms: Terms) -> str:
    """The repository's root around a folder; outside of a repository, the allowed root."""
    try:
        has_tree, root, _ = Git(folder).facts
    except SourceError:
        has_tree, root = False, ""
    return os.path.realpath(root) if has_tree else terms.roots.around(folder)


def _confined(selected: Selected, terms: Terms) -> Selected:
    changed = frozenset(path for file in selected.change.files for path in (file.path, file.old_path) if path)
    return Selected(selected.change, Confined(selected.source, selected.root, terms.roots, changed), selected.root)

"""Whole files as a change: every line taken as added. For audits, with or without git."""

from __future__ import annotations

import os
from collections.abc import Iterator

from guard.change import ChangeSet
from guard.errors import SourceError, UsageError
from guard.integrations.git import Git, GitSource, Selected, whole_files

_NEVER_ENTERED = frozenset((".git", ".hg", ".svn", "node_modules", "__pycache__", ".venv", ".tox"))


def open_files(paths: tuple[str, ...], directory: str = ".") -> Selected:
    """The files at and below these paths; in a git repository those that it tracks or does not ignore."""
    git = Git(directory)
    try:
        has_tree, root, prefix = git.facts
    except SourceError:
        has_tree, root, prefix = True, directory, ""
        names = walked(directory, paths or (".",))
    else:
        if not has_tree:
            raise UsageError(f"{directory}: a bare repository has no files; use 'review --commit' or 'review --range'")
        names = _listed(git, prefix, directory, paths or (".",))
    files = whole_files(root, sorted(set(names)))
    return Selected(ChangeSet(tuple(files), None, "worktree"), GitSource(git, "", None, root), root)


def _listed(git: Git, prefix: str, directory: str, paths: tuple[str, ...]) -> Iterator[str]:
    for path in paths:
        if not os.path.lexists(os.path.join(directory, path)):
            raise UsageError(f"{path}: no such file or directory")
    listing = git.run("ls-files", "--cached", "--others", "--exclude-standard", "--full-name", "-z", "--", *paths)
    del prefix
    return (os.fsdecode(name) for name in listing.split(b"\0") if name and not name.endswith(b"/"))


def walked(directory: str, paths: tuple[str, ...]) -> Iterator[str]:
    """The files at and below these paths, without those that belong to tools."""
    for path in paths:
        full = os.path.join(directory, path)
        if not os.path.lexists(full):
            raise UsageError(f"{path}: no such file or directory")
        if not os.path.isdir(full):
            yield os.path.relpath(full, directory)
        for folder, folders, files in os.walk(full):
            folders[:] = [name for name in folders if name not in _NEVER_ENTERED]
            yield from (os.path.relpath(os.path.join(folder, file), directory) for file in files)

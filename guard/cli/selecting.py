"""From the options of `review` to the change that they name."""

from __future__ import annotations

from argparse import Namespace

from guard.integrations.git import Kind, Selected, Selection, open_change


def selected(options: Namespace) -> Selected:
    """The selected change with its texts."""
    if options.patch is not None:
        from guard.integrations.patch import open_patch

        return open_patch(options.patch, options.directory, tuple(options.paths))
    return open_change(_selection(options), options.directory)


def _selection(options: Namespace) -> Selection:
    paths = tuple(options.paths)
    for kind in (Kind.RANGE, Kind.BASE, Kind.COMMIT):
        revision = getattr(options, kind.value)
        if revision is not None:
            return Selection(kind, revision, paths)
    return Selection(Kind.STAGED if options.staged else Kind.WORKTREE, paths=paths)

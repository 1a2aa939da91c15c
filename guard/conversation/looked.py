"""What a review looked at: what is not there any more is only known to be gone where somebody looked."""

from __future__ import annotations

from collections.abc import Iterable

from guard.change import ChangeSet, Status
from guard.finding import Report, Skipped

_ON_PURPOSE = (
    "no reader for this kind of file",
    "a binary file",
    "a submodule",
    "a symbolic link",
    "excluded by the configuration",
)
"""Reasons for which a file need not be looked at."""


def unseen(report: Report) -> frozenset[str]:
    """The files that were not looked at, or only in part."""
    skipped = (entry.path for entry in report.skipped)
    return frozenset((*skipped, *(failure.path for failure in report.errors), *report.partial))


def overlooked(report: Report) -> tuple[Skipped, ...]:
    """Files that were left out although they should have been looked at: too large, for example."""
    return tuple(entry for entry in report.skipped if entry.reason not in _ON_PURPOSE)


def everything_judged(report: Report) -> bool:
    """Whether a model was asked, and left nothing open."""
    failed = any(not failure.path for failure in report.errors)
    return report.model is not None and not (report.unasked or report.model.not_judged or failed)


def would_be_seen(paths: Iterable[str], report: Report, change: ChangeSet, *, by_model: bool) -> bool:
    """Whether a finding that these files show would be in this report if it still stood; "" is a file that nobody remembers.

    A file that left the change shows nothing any more, unless what it held may have moved to one that nobody could look at.
    """
    blind = unseen(report)
    missing = (*(failure.path for failure in report.errors), *(entry.path for entry in overlooked(report)), *report.partial)
    there = {file.path: file for file in change.files}
    if by_model and not everything_judged(report):
        return False
    for path in paths:
        file = there.get(path)
        if file is None and any(_may_be_moved_to(there[other].status) for other in missing if other in there):
            return False
        if file is not None and file.status is not Status.DELETED and path in blind:
            return False
    return True


def _may_be_moved_to(status: Status) -> bool:
    return status in (Status.ADDED, Status.RENAMED, Status.COPIED)

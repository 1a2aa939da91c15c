"""What the baselines accept of the signals of one review: they are neither asked about nor reported."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from guard.baseline import Cause, Entry, Matching, match
from guard.change import ChangeSet, Source, Status
from guard.errors import GuardError
from guard.finding import Signal, cause_of
from guard.pipeline.heuristics import Observations


def accepted_of(
    signals: Iterable[Signal], seen: Observations, change: ChangeSet, source: Source, entries: tuple[Entry, ...]
) -> Matching:
    """Which of these signals are accepted, by which entry; and which entries nothing needs, as far as this change can tell."""
    present = _present(seen, change)

    @cache
    def gone(path: str) -> bool:
        return path in deleted or (path not in failed and _is_gone(path, change, source))

    deleted = {file.path for file in change.files if file.status is Status.DELETED}
    failed = {failure.path for failure in seen.failures}
    near: dict[tuple[str, str], list[Signal]] = {}
    for signal in seen.present:
        near.setdefault((signal.path, signal.rule), []).append(signal)
    causes = (
        Cause(signal.path, cause_of(signal), _told_with(signal, near.get((signal.path, signal.rule), ()))) for signal in signals
    )
    return match(entries, causes, present, gone)


def is_accepted(signal: Signal, matching: Matching) -> bool:
    """Whether an entry hides this signal."""
    return bool(matching.accepted) and (signal.path, cause_of(signal)) in matching.accepted


def is_whole(change: ChangeSet) -> bool:
    """Whether whole files are looked at, not what somebody changed in them."""
    return change.base is None and change.head == "worktree"


def _present(seen: Observations, change: ChangeSet) -> dict[str, frozenset[str]]:
    """The causes that stand in every file that was read; in a scan, a file that was not worth reading holds none."""
    marks: dict[str, set[str]] = {facts.path: set() for facts in seen.facts if not facts.partial}
    if is_whole(change):
        left_out = {entry.path for entry in seen.skipped}
        marks |= {file.path: set() for file in change.files if file.path not in marks and file.path not in left_out}
    for failure in seen.failures:
        marks.pop(failure.path, None)
    for signal in seen.present:
        if signal.path in marks:
            marks[signal.path].add(cause_of(signal))
    return {path: frozenset(causes) for path, causes in marks.items()}


def _told_with(signal: Signal, neighbours: Iterable[Signal]) -> frozenset[str]:
    """The causes that are told in one finding with this one: of the same rule, for the same thing or in the same words."""
    words = signal.code.split()
    return frozenset(
        cause_of(other) for other in neighbours if other.identity == signal.identity or other.code.split() == words != []
    )


def _is_gone(path: str, change: ChangeSet, source: Source) -> bool:
    """Whether the new side has no such file. Where only a patch is known, nothing is known of other files."""
    try:
        return source.head(path) is None and (is_whole(change) or bool(source.head_paths()))
    except GuardError:
        return False

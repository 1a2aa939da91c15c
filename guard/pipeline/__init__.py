"""One review, in order: what the heuristics see, what a model says of it, what the policy makes of it."""

from __future__ import annotations

from collections.abc import Callable

from guard.change import ChangeSet, Source
from guard.finding import ChangeSummary, Confidence, Origin, Report, findings_from
from guard.pipeline.heuristics import MAX_FILE_SIZE, Observations, observe

__all__ = ["MAX_FILE_SIZE", "Observations", "observe", "review"]


def review(change: ChangeSet, source: Source, *, progress: Callable[[str], None] = lambda _path: None) -> Report:
    """Say what a change introduces."""
    seen = observe(change, source, progress=progress)
    standing = [signal for signal in seen.signals if signal.confidence is not Confidence.POSSIBLE]
    return Report(
        change=ChangeSummary(change.base, change.head, len(change.files), change.added_lines),
        atoms=(("StatelessProcesses", "1.0.0"),),
        findings=findings_from([(signal, Origin.HEURISTIC, "") for signal in standing]),
        skipped=seen.skipped,
        errors=seen.failures,
        unasked=len(seen.signals) - len(standing),
    )

"""One review, in order: what the heuristics see, what a model says of it, what the policy makes of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from guard.atoms import SHIPPED
from guard.change import ChangeSet, Source
from guard.config import Configuration
from guard.finding import ChangeSummary, Report, findings_from
from guard.pipeline.heuristics import MAX_FILE_SIZE, Observations, observe
from guard.pipeline.questions import judged
from guard.policy import decide

if TYPE_CHECKING:
    from guard.model.judge import Judge

__all__ = ["MAX_FILE_SIZE", "Observations", "observe", "review"]


def review(
    change: ChangeSet,
    source: Source,
    configuration: Configuration = Configuration(),  # noqa: B008 - a frozen value
    *,
    judge: Judge | None = None,
    model: str = "",
    max_tokens: int | None = None,
    progress: Callable[[str], None] = lambda _sentence: None,
) -> Report:
    """Say what a change introduces. Without a judge no model is asked; what only a model could decide is counted."""
    settings = configuration.root
    seen = observe(change, source, excluded=configuration.excludes, max_file_size=settings.max_file_size, progress=progress)
    answered = judged(seen, judge, model=model or settings.model, max_tokens=max_tokens, progress=progress)
    decision = decide(
        findings_from(list(answered.standing)),
        seen.facts,
        configuration,
        present=seen.present,
        added={file.path: file.added for file in change.files},
        known=_checks_of_rules,
    )
    return Report(
        change=ChangeSummary(change.base, change.head, len(change.files), change.added_lines),
        atoms=SHIPPED,
        findings=decision.findings,
        suppressed=decision.suppressed,
        skipped=seen.skipped,
        errors=(*seen.failures, *answered.failures),
        unasked=answered.unasked,
        model=answered.model,
    )


def _checks_of_rules() -> dict[str, str]:
    from guard.analyses import all_rules
    from guard.catalogue import load

    return {rule.id: rule.check.value for rule in all_rules(load())}

"""What formats want to know of a rule beside its findings: the catalogue's own texts, as the reports' value."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from guard.finding import Confidence, Severity
from guard.reports import About

if TYPE_CHECKING:
    from guard.catalogue import Rule


def about(name: str, own: tuple[Rule, ...] = ()) -> About | None:
    """What is known of a rule, a team's own among them, or of a note of ours; None for any other name."""
    from guard.checks import PAGES
    from guard.policy import NOTES

    if name in NOTES:
        message, remedy = NOTES[name]
        return About(Severity.NOTE, Confidence.CERTAIN, message, remedy)
    rule = next((rule for rule in own if rule.id == name), None) or _rules().get(name)
    if rule is None:
        return None
    return About(
        rule.severity,
        rule.confidence,
        rule.message,
        rule.remedy,
        hurts=PAGES[rule.check].hurts,
        docs=rule.docs,
        framework=rule.framework,
        wrong=rule.match[0].code if rule.match else "",
        right=rule.no_match[0].code if rule.no_match else "",
    )


@lru_cache(maxsize=1)
def _rules() -> Mapping[str, Rule]:
    from guard.integrations.explained import rules

    return rules()

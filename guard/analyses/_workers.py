"""Several workers in one file, the sockets that they serve in another: one finding, at whichever of the two is new."""

from __future__ import annotations

from collections.abc import Iterable

from guard.analyses import View
from guard.catalogue import Rule
from guard.facts import Facts, Span
from guard.finding import Evidence, Place, Signal

Served = list[tuple[Facts, Span]]
"""Where sockets are served: the file and the place in it, those of the file itself first."""


def of_workers(
    view: View, rule: Rule, place: Span, cause: str, served: Served, evidence: Iterable[Evidence], remedy: str = ""
) -> Signal:
    """A signal at the place that starts the workers, with the sockets as other places of it."""
    facts = view.facts
    return Signal(
        rule=rule.id,
        check=rule.check,
        confidence=rule.confidence,
        path=facts.path,
        line=place.line,
        end_line=place.end_line,
        column=place.column,
        message=rule.message,
        remedy=remedy or rule.remedy_for(view.project, facts.path),
        identity=f"{cause}, and sockets are served" if served else cause,
        code=facts.text(place),
        evidence=tuple(evidence),
        question=rule.question,
        alternatives=tuple((span.line, span.end_line) for other, span in served if other is facts),
        elsewhere=tuple(Place(other.path, span.line, span.end_line) for other, span in served if other is not facts),
    )

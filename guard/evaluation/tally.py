"""Counts and rates over outcomes, with the intervals that say how much so few cases can tell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from math import ceil, sqrt

from msgspec import Struct
from msgspec.structs import replace

from guard.evaluation.cases import Case
from guard.evaluation.scoring import Asked, Outcome, Status

_Z = 1.959963984540054
"""Of the normal distribution, for 95%."""

ALL, CHECK, LANGUAGE, GROUP, RULE = "all", "check", "language", "cases of", "rule"
KINDS = (GROUP, LANGUAGE, CHECK, RULE)
"""By what is counted, beside all."""


class Counts(Struct, frozen=True):
    """Violations found, false alarms and violations missed; `missed` is None where nobody can say (a rule misses nothing by itself)."""

    found: int = 0
    false: int = 0
    missed: int | None = 0

    @property
    def precision(self) -> float:
        """What share of the findings is right; 1 where there is none."""
        return _share(self.found, self.found + self.false)

    @property
    def recall(self) -> float | None:
        """What share of the violations was found; 1 where there is none."""
        return None if self.missed is None else _share(self.found, self.found + self.missed)

    @property
    def f1(self) -> float | None:
        """The harmonic mean of both."""
        if self.recall is None:
            return None
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    @property
    def precision_interval(self) -> tuple[float, float]:
        """Wilson's 95% interval of the precision."""
        return wilson(self.found, self.found + self.false)

    @property
    def recall_interval(self) -> tuple[float, float] | None:
        """Wilson's 95% interval of the recall."""
        return None if self.missed is None else wilson(self.found, self.found + self.missed)


class Repetition(Struct, frozen=True):
    """The same cases asked several times: the counts of each time, and how many questions were answered alike in all of them."""

    counts: tuple[Counts, ...]
    questions: int
    alike: int
    now_and_then: int = 0
    """Questions that were answered some of the times only: they agree with nothing, and count in none of the above."""

    @property
    def agreement(self) -> float:
        """The share of questions that were answered alike; 1 where none was asked."""
        return _share(self.alike, self.questions)


class Result(Struct, frozen=True):
    """An evaluation: every case's outcome, in the order of the cases, under the version of the program that made it."""

    outcomes: tuple[Outcome, ...]
    version: str = ""
    model: str = ""
    bare_tokens: int | None = None
    """What the rule and the whole diff would have taken, all cases together; None where nobody was asked."""
    repetition: Repetition | None = None

    def of(self, status: Status) -> tuple[Outcome, ...]:
        """The outcomes of one status."""
        return tuple(outcome for outcome in self.outcomes if outcome.status is status)

    @property
    def scored(self) -> tuple[Outcome, ...]:
        """The outcomes that count."""
        return self.of(Status.SCORED)


def wilson(hits: int, trials: int) -> tuple[float, float]:
    """The 95% score interval of a share (Wilson 1927); everything is possible where nothing was tried."""
    if not trials:
        return 0.0, 1.0
    share, square = hits / trials, _Z * _Z
    centre = share + square / (2 * trials)
    spread = _Z * sqrt(share * (1 - share) / trials + square / (4 * trials * trials))
    whole = 1 + square / trials
    return max(0.0, (centre - spread) / whole), min(1.0, (centre + spread) / whole)


def tallies(outcomes: Iterable[Outcome]) -> dict[tuple[str, str], Counts]:
    """Counts by (kind, name): all, then by file of cases, language, check and rule, each by name."""
    counts: dict[tuple[str, str], list[int]] = {(ALL, ""): [0, 0, 0]}
    for outcome in outcomes:
        for key, place in _marks(outcome):
            counts.setdefault(key, [0, 0, 0])[place] += 1
    order = (ALL, *KINDS)
    return {
        key: Counts(counts[key][0], counts[key][1], None if key[0] == RULE else counts[key][2])
        for key in sorted(counts, key=lambda key: (order.index(key[0]), key[1]))
    }


def _marks(outcome: Outcome) -> Iterator[tuple[tuple[str, str], int]]:
    """Every key that a hit (0), a false alarm (1) or a miss (2) counts for."""
    case = outcome.case
    for place, rows in enumerate((outcome.hits, outcome.false_alarms, outcome.misses)):
        for row in rows:
            yield (ALL, ""), place
            yield (GROUP, case.group), place
            yield (LANGUAGE, case.language), place
            yield (CHECK, row.check), place
            yield from (((RULE, rule), place) for rule in row.rules)


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of them does not exceed; 0 where there is none."""
    return sorted(values)[max(0, ceil(share * len(values)) - 1)] if values else 0.0


def asked_in_all(outcomes: Iterable[Outcome]) -> Asked | None:
    """The sum of what was asked; None if no model was. The cost is unknown where it is for one case."""
    uses = [outcome.asked for outcome in outcomes if outcome.asked is not None]
    if not uses:
        return None
    costs = [use.cost for use in uses if use.cost is not None]
    return Asked(
        sum(use.questions for use in uses),
        sum(use.calls for use in uses),
        sum(use.input_tokens for use in uses),
        sum(use.output_tokens for use in uses),
        sum(costs) if len(costs) == len(uses) else None,
        sum(use.cached_input_tokens for use in uses),
        sum(use.not_judged for use in uses),
        any(use.failed for use in uses),
    )


class Dear(Struct, frozen=True):
    """What the review of one change costs, in US dollars: all of them, and those that were asked about."""

    median: float
    p95: float
    asked: int
    changes: int
    median_of_asked: float


def dear(outcomes: Iterable[Outcome]) -> Dear | None:
    """The cost of a change; None if no model was asked, or a cost is unknown."""
    uses = [outcome.asked for outcome in outcomes if outcome.asked is not None]
    costs = [use.cost for use in uses if use.cost is not None]
    asked = [use.cost for use in uses if use.cost is not None and use.calls]
    if not asked or len(costs) != len(uses):
        return None
    return Dear(quantile(costs, 0.5), quantile(costs, 0.95), len(asked), len(uses), quantile(asked, 0.5))


def limited(result: Result, kept: Callable[[Case], bool]) -> Result:
    """The result of the cases that are kept."""
    return replace(result, outcomes=tuple(outcome for outcome in result.outcomes if kept(outcome.case)))


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0

"""One case judged: what a review said of a commit against what stands in it.

A finding meets an expectation where the path and one of its checks agree and the lines touch one of its places; several findings
of one expectation count once; a finding that meets none but touches a doubtful place counts neither way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum

from msgspec import Struct

from guard.evaluation.cases import Case, Expectation
from guard.finding import Place

_MOST_LINES = 6

CodeOf = Callable[[Place], Sequence[str]]
"""The code at a place, for whoever reads the result."""


class Status(StrEnum):
    """What became of a case."""

    SCORED = "scored"
    MISSING = "missing"
    """Its repository is not in the mirror."""
    FAILED = "failed"
    """The review gave no report."""


class Said(Struct, frozen=True):
    """A finding, as far as a score needs it."""

    rule: str
    check: str
    place: Place
    message: str = ""


class Row(Struct, frozen=True):
    """A hit, a miss or a false alarm. `rules` are those that found it: one for a false alarm, none for a miss."""

    place: Place
    check: str
    what: str
    rules: tuple[str, ...] = ()
    code: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What tells it from the others of its case, in this result and in an earlier one."""
        return f"{self.place.path}:{self.place.line} {self.check}"


class Asked(Struct, frozen=True):
    """What a review asked of a model. Cost is US dollars, None if unknown."""

    questions: int = 0
    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float | None = None
    cached_input_tokens: int = 0
    """Among the input: what the server had kept."""
    not_judged: int = 0
    """Questions that were left open: the model was not sure, or gave no usable answer."""
    failed: bool = False
    """Whether it gave no usable answer to some of them."""


class Outcome(Struct, frozen=True):
    """What became of a case. Without a report there are neither hits nor misses."""

    case: Case
    status: Status
    seconds: float = 0.0
    problem: str = ""
    """Why it failed, or what a review could not read."""
    hits: tuple[Row, ...] = ()
    misses: tuple[Row, ...] = ()
    false_alarms: tuple[Row, ...] = ()
    asked: Asked | None = None

    @property
    def is_right(self) -> bool:
        """Whether all was found and nothing else."""
        return self.status is Status.SCORED and not self.misses and not self.false_alarms


def touches(one: Place, other: Place) -> bool:
    """Whether two places share a line."""
    return one.path == other.path and one.line <= other.end_line and one.end_line >= other.line


def judged(
    case: Case, said: Sequence[Said], code: CodeOf = lambda _place: ()
) -> tuple[tuple[Row, ...], tuple[Row, ...], tuple[Row, ...]]:
    """Hits, misses and false alarms of a case."""
    found: dict[int, list[str]] = {}
    false: list[Said] = []
    for finding in said:
        met = [number for number, expected in enumerate(case.expected) if _meets(finding, expected)]
        for number in met:
            found.setdefault(number, []).append(finding.rule)
        if not met and not any(touches(finding.place, place) for place in case.doubtful):
            false.append(finding)
    hits = tuple(_expected(case.expected[number], tuple(dict.fromkeys(rules)), ()) for number, rules in sorted(found.items()))
    missed = [expected for number, expected in enumerate(case.expected) if number not in found]
    misses = tuple(_expected(expected, (), _lines(expected.places[0], code)) for expected in missed)
    alarms = (Row(each.place, each.check, each.message, (each.rule,), _lines(each.place, code)) for each in false)
    return hits, misses, tuple(alarms)


def said_in(report: Mapping[str, object]) -> tuple[Said, ...]:
    """The findings of a JSON report. Raises ValueError for what is none."""
    findings = report.get("findings")
    if not isinstance(findings, list):
        raise ValueError("no report")  # noqa: TRY004 - a wrong text, not a wrong type in our code
    return tuple(
        Said(
            str(each["rule"]),
            str(each["check"]),
            Place(str(each["path"]), each["line"], each.get("end_line") or each["line"]),
            str(each.get("message", "")),
        )
        for each in findings
    )


def asked_in(report: Mapping[str, object]) -> Asked | None:
    """What a JSON report says of a model, if one was asked."""
    use = report.get("model")
    if not isinstance(use, dict):
        return None
    return Asked(
        int(use.get("questions") or 0),
        int(use.get("calls") or 0),
        int(use.get("input_tokens") or 0),
        int(use.get("output_tokens") or 0),
        None if use.get("cost") is None else float(use["cost"]),
        int(use.get("cached_input_tokens") or 0),
        int(use.get("not_judged") or 0),
        any(not error.get("path") for error in errors) if isinstance(errors := report.get("errors"), list) else False,
    )


def _meets(finding: Said, expected: Expectation) -> bool:
    return finding.check in expected.checks and any(touches(finding.place, place) for place in expected.places)


def _expected(expected: Expectation, rules: tuple[str, ...], code: tuple[str, ...]) -> Row:
    return Row(expected.places[0], expected.checks[0], expected.what, rules, code)


def _lines(place: Place, code: CodeOf) -> tuple[str, ...]:
    return tuple(line.expandtabs(4) for line in code(place))[:_MOST_LINES]

"""The model stage in order: what was answered before, calls within the limits, one repair turn each, verdicts.

What was not settled is kept with the reason. The outcome does not depend on the order in which answers arrive.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from guard.atoms.focus import Focus
from guard.errors import ModelError
from guard.finding import Verdict
from guard.model.answer import Reading, read_reply
from guard.model.budget import Budget
from guard.model.crew import End, carried_out
from guard.model.inquiry import Inquiry
from guard.model.judge import (
    TOO_LATE,
    HopelessError,
    Judge,
    NotAskedError,
    Reply,
    Request,
    TooLongError,
    UnansweredError,
    Usage,
)
from guard.model.opening import Opening
from guard.model.prompt import Call, calls_for, halves_of, opening_for, repair_of
from guard.model.question import Question
from guard.model.remembering import Remembered, remembered

_FAILURES = 3
"""Calls that fail one after the other, after which no other is made."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Verdicts by question id; for the other questions why there is none; what it took; what failed, in words."""

    verdicts: Mapping[str, Verdict]
    unsettled: Mapping[str, str]
    over_budget: frozenset[str]
    """Ids that were left out on purpose: they did not fit what may be spent."""
    calls: int
    repeated: int
    remembered: int
    """Questions that had been answered before."""
    usage: Usage
    failures: tuple[str, ...]
    prompt: int = 0
    """The version of the prompt."""


@dataclass(slots=True)
class _Settled:
    """What came of one call."""

    calls: int = 0
    repeated: int = 0
    usage: Usage = field(default_factory=Usage)
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    unsettled: dict[str, str] = field(default_factory=dict)
    over_budget: set[str] = field(default_factory=set)
    failed: dict[str, str] = field(default_factory=dict)
    """Why the review does not know, by question id."""
    down: bool = False
    """Whether other calls may fail for the same reason."""
    hopeless: bool = False


def ask(
    questions: Sequence[Question],
    inquiry: Inquiry,
    *,
    focus: Focus,
    progress: Callable[[str], None] = lambda _sentence: None,
) -> Outcome:
    """Put the questions to the judge, several calls at once. Never raises ModelError; UsageError for an unknown price."""
    budget, start = Budget(inquiry), opening_for(focus)
    known = remembered(questions, inquiry, start)
    unknown = [question for question in questions if question.id not in known.verdicts]
    calls, too_many = _planned(unknown, inquiry, start, budget)
    if calls:
        number = sum(len(call.questions) for call in calls)
        progress(f"asking {inquiry.model}: {number} question{'s' if number != 1 else ''}")
    until = time.monotonic() + inquiry.deadline
    work = [partial(_settled, _until(call, until), inquiry.judge, budget) for call in calls]
    results, end = carried_out(work, at_once=inquiry.at_once, until=until, stop=_Stopping())
    _explain(calls, results, end)
    merged = _merged([result for result in results if result is not None])
    known.keep(merged.verdicts)
    return replace(_outcome(merged, known, {question.id for question in too_many}, budget), prompt=start.version)


def _planned(
    questions: Sequence[Question], inquiry: Inquiry, start: Opening, budget: Budget
) -> tuple[tuple[Call, ...], Sequence[Question]]:
    """The calls to be made, and what does not fit the budget: of what is worth most, as much as fits."""
    calls = calls_for(questions, start, inquiry.model)
    if not budget.limited or budget.allows(budget.total(calls)):
        return calls, ()
    by_worth = sorted(questions, key=lambda question: -question.worth)
    fits, most = 0, len(by_worth) - 1
    while fits < most:
        middle = (fits + most + 1) // 2
        if budget.allows(budget.total(calls_for(by_worth[:middle], start, inquiry.model))):
            fits = middle
        else:
            most = middle - 1
    return calls_for(by_worth[:fits], start, inquiry.model), by_worth[fits:]


def _until(call: Call, until: float) -> Call:
    return replace(call, request=replace(call.request, until=until))


# -- one call, in a thread of its own -----------------------------------------------------------------------------------


def _settled(call: Call, judge: Judge, budget: Budget) -> _Settled:
    session = _Settled()
    _settle(call, judge, budget, session)
    return session


def _settle(call: Call, judge: Judge, budget: Budget, session: _Settled) -> None:
    """One request and, if its reply leaves something open, one repair turn; two requests where one does not fit the model."""
    try:
        reply = _ask(call.request, len(call.questions), judge, budget, session)
    except NotAskedError as error:
        session.over_budget.update(question.id for question in call.questions)
        session.unsettled.update((question.id, str(error)) for question in call.questions)
        return
    except ModelError as error:
        smaller = halves_of(call) if isinstance(error, TooLongError) else ()
        if not smaller:
            _fail(session, (question.id for question in call.questions), error)
        for half in smaller:
            _settle(_until(half, call.request.until), judge, budget, session)
        return
    reading = read_reply(reply, call.questions)
    session.verdicts.update(reading.verdicts)
    if reading.open:
        _repair(call, reply, reading, partial(_ask, answers=len(reading.open), judge=judge, budget=budget, session=session))


def _repair(call: Call, reply: Reply, reading: Reading, asking: partial[Reply]) -> None:
    """One turn for what is open; what stays open is not judged."""
    session: _Settled = asking.keywords["session"]
    left = reading.open
    try:
        request = replace(repair_of(call, reply, reading), until=call.request.until)
        second = read_reply(asking(request), [question for question in call.questions if question.id in left])
    except NotAskedError:
        pass
    except ModelError as error:
        session.unsettled.update(left)
        _fail(session, left, error)
        return
    else:
        session.verdicts.update(second.verdicts)
        left = second.open
    session.unsettled.update(left)
    session.down = session.down or (bool(left) and not reply.repeated)
    first = next(iter(left.values()), "")
    session.failed.update(dict.fromkeys(left, f"the model gave no usable answer: {first}"))


def _ask(request: Request, answers: int, judge: Judge, budget: Budget, session: _Settled) -> Reply:
    needed = budget.needed(request, answers) if budget.limited else None
    if needed is not None:
        budget.reserve(needed)
    try:
        reply = judge.ask(request)
    except ModelError as error:
        if needed is not None:
            budget.release(needed)
        if isinstance(error, TooLongError):
            session.usage += error.usage
        raise
    if needed is not None:
        budget.settle(needed, reply.usage)
    session.calls += 1
    session.repeated += reply.repeated
    session.usage += reply.usage
    return reply


def _fail(session: _Settled, ids: Iterable[str], error: ModelError) -> None:
    session.hopeless = session.hopeless or isinstance(error, HopelessError)
    session.down = session.down or not isinstance(error, UnansweredError)
    for question_id in ids:
        session.unsettled.setdefault(question_id, "the model failed")
        session.failed[question_id] = str(error)


# -- all calls ----------------------------------------------------------------------------------------------------------


class _Stopping:
    """Whether to make no further call: after a failure that all would share, or several one after the other."""

    def __init__(self) -> None:
        self._failures: list[str] = []

    def __call__(self, result: _Settled) -> bool:
        if result.down and not result.verdicts:
            self._failures.extend(list(result.failed.values())[:1])
        else:
            self._failures.clear()
        return result.hopeless or len(self._failures) >= _FAILURES


def _explain(calls: Sequence[Call], results: list[_Settled | None], end: End) -> None:
    """Fill in what was not finished, with the reason."""
    before = next((sentence for result in results if result for sentence in result.failed.values()), "it was not asked")
    why, failure = {
        End.DEADLINE: ("it did not answer in time", TOO_LATE),
        End.INTERRUPTED: ("interrupted", "interrupted"),
        End.DONE: ("the model had failed before", before),
    }[end]
    for number, call in enumerate(calls):
        if results[number] is None:
            ids = [question.id for question in call.questions]
            results[number] = _Settled(unsettled=dict.fromkeys(ids, why), failed=dict.fromkeys(ids, failure))


def _merged(settled: Sequence[_Settled]) -> _Settled:
    """All calls as one, in their order."""
    all_of_it = _Settled()
    for one in settled:
        all_of_it.calls += one.calls
        all_of_it.repeated += one.repeated
        all_of_it.usage += one.usage
        all_of_it.verdicts.update(one.verdicts)
        all_of_it.unsettled.update(one.unsettled)
        all_of_it.over_budget.update(one.over_budget)
        all_of_it.failed.update(one.failed)
    return all_of_it


def _outcome(merged: _Settled, known: Remembered, too_many: set[str], budget: Budget) -> Outcome:
    return Outcome(
        verdicts={**known.verdicts, **merged.verdicts},
        unsettled={**merged.unsettled, **(dict.fromkeys(too_many, budget.reason) if too_many else {})},
        over_budget=frozenset(merged.over_budget | too_many),
        calls=merged.calls,
        repeated=merged.repeated,
        remembered=len(known.verdicts),
        usage=merged.usage,
        failures=tuple(_told(merged.failed)),
    )


def _told(failed: Mapping[str, str]) -> Iterable[str]:
    """Each reason once, with the number of questions that it left open."""
    numbers: dict[str, int] = {}
    for sentence in failed.values():
        numbers[sentence] = numbers.get(sentence, 0) + 1
    for sentence, number in numbers.items():
        yield f"{number} question{'s' if number != 1 else ''} not judged: {sentence}"

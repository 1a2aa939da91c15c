"""The model stage in order: what was answered before, calls within the limits, one repair turn each, verdicts.

What was not settled is kept with the reason. The outcome does not depend on the order in which answers arrive.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Generic

from guard.counting import counted
from guard.errors import ModelError
from guard.model.answer import Reading
from guard.model.budget import Amount, Budget
from guard.model.crew import End, carried_out
from guard.model.form import A, Form, I
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
from guard.model.prompt import Call, repair_of
from guard.model.remembering import Remembered, remembered

_FAILURES = 3
"""Calls that fail one after the other, after which no other is made."""


@dataclass(frozen=True, slots=True)
class Outcome(Generic[A]):
    """Answers by id; for everything else why there is none; what it took; what failed, in words."""

    verdicts: Mapping[str, A]
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
    stopped: bool = False
    """Whether asking on would be of no use: there is no more time, or nobody who answers."""

    @property
    def taken(self) -> Outcome[Any]:
        """What it took and what failed, without what was asked."""
        nothing: Mapping[str, Any] = {}
        return replace(self, verdicts=nothing, unsettled={}, over_budget=frozenset(), remembered=0)


@dataclass(slots=True)
class _Settled(Generic[A]):
    """What came of one call."""

    calls: int = 0
    repeated: int = 0
    usage: Usage = field(default_factory=Usage)
    verdicts: dict[str, A] = field(default_factory=dict)
    unsettled: dict[str, str] = field(default_factory=dict)
    over_budget: set[str] = field(default_factory=set)
    failed: dict[str, str] = field(default_factory=dict)
    """Why the review does not know, by id."""
    down: bool = False
    """Whether other calls may fail for the same reason."""
    hopeless: bool = False


class Hearing:
    """All that is asked in one review: in several rounds, but within the same limits and one deadline."""

    def __init__(self, inquiry: Inquiry, progress: Callable[[str], None] = lambda _sentence: None) -> None:
        """Begins now. Raises UsageError for an unknown price."""
        self._inquiry = inquiry
        self._progress = progress
        self._budget = Budget(inquiry)
        self._until = time.monotonic() + inquiry.deadline

    def ask(self, items: Sequence[I], form: Form[I, A]) -> Outcome[A]:
        """Put these to the judge, several calls at once. Never raises ModelError."""
        inquiry = self._inquiry
        known = remembered(items, inquiry, form)
        unknown = [item for item in items if item.id not in known.verdicts]
        calls, too_many = _planned(unknown, form, self._budget)
        if calls:
            number = counted(sum(len(call.questions) for call in calls), form.noun)
            self._progress(f"{form.asking.format(inquiry.model)}: {number}")
        work = [partial(_settled, _until(call, self._until), form, inquiry.judge, self._budget) for call in calls]
        results, end = carried_out(work, at_once=inquiry.at_once, until=self._until, stop=_Stopping())
        _explain(calls, results, end)
        merged = _merged([result for result in results if result is not None])
        known.keep(merged.verdicts)
        outcome = _outcome(merged, known, {item.id for item in too_many}, self._budget, form)
        stopped = end is not End.DONE or merged.hopeless or (merged.down and not merged.verdicts)
        return replace(outcome, prompt=form.start.version, stopped=stopped)


def _planned(items: Sequence[I], form: Form[I, A], budget: Budget) -> tuple[tuple[Call[I], ...], Sequence[I]]:
    """The calls to be made, and what does not fit the budget: of what is worth most, as much as fits."""
    calls = form.calls(items)
    if not budget.limited or budget.fits(budget.total(calls)):
        return calls, ()
    by_worth = sorted(items, key=lambda item: -item.worth)
    fits, most = 0, len(by_worth) - 1
    while fits < most:
        middle = (fits + most + 1) // 2
        if budget.fits(budget.total(form.calls(by_worth[:middle]))):
            fits = middle
        else:
            most = middle - 1
    return form.calls(by_worth[:fits]), by_worth[fits:]


def _until(call: Call[I], until: float) -> Call[I]:
    return replace(call, request=replace(call.request, until=until))


# -- one call, in a thread of its own -----------------------------------------------------------------------------------


def _settled(call: Call[I], form: Form[I, A], judge: Judge, budget: Budget) -> _Settled[A]:
    session: _Settled[A] = _Settled()
    _settle(call, form, judge, budget, session)
    return session


def _settle(call: Call[I], form: Form[I, A], judge: Judge, budget: Budget, session: _Settled[A]) -> None:
    """One request and, if its reply leaves something open, one repair turn; two requests where one does not fit the model."""
    try:
        reply = _ask(call.request, len(call.questions), judge, budget, session)
    except NotAskedError as error:
        session.over_budget.update(question.id for question in call.questions)
        session.unsettled.update((question.id, str(error)) for question in call.questions)
        return
    except ModelError as error:
        smaller = _halves(call, form) if isinstance(error, TooLongError) else ()
        if not smaller:
            _fail(session, (question.id for question in call.questions), error)
        for half in smaller:
            _settle(_until(half, call.request.until), form, judge, budget, session)
        return
    reading = form.read(reply, call.questions)
    session.verdicts.update(reading.verdicts)
    if reading.open:
        asking = partial(_ask, answers=len(reading.open), judge=judge, budget=budget, session=session)
        _repair(call, form, reply, reading, asking)


def _halves(call: Call[I], form: Form[I, A]) -> tuple[Call[I], ...]:
    """The same questions in smaller calls; nothing where there is only one."""
    middle = len(call.questions) // 2
    return (*form.calls(call.questions[:middle]), *form.calls(call.questions[middle:])) if middle else ()


def _repair(call: Call[I], form: Form[I, A], reply: Reply, reading: Reading[A], asking: partial[Reply]) -> None:
    """One turn for what is open; what stays open is not judged."""
    session: _Settled[A] = asking.keywords["session"]
    left = reading.open
    try:
        request = replace(repair_of(call, reply, reading), until=call.request.until)
        second = form.read(asking(request), [question for question in call.questions if question.id in left])
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


def _ask(request: Request, answers: int, judge: Judge, budget: Budget, session: _Settled[Any]) -> Reply:
    needed = budget.needed(request, answers) if budget.limited else None
    if needed is not None:
        budget.reserve(needed)
    try:
        reply = judge.ask(request)
    except ModelError as error:
        used = error.usage if isinstance(error, TooLongError) else Usage()
        _account(used, needed, budget, session, paid=bool(used.input_tokens))
        raise
    session.repeated += reply.repeated
    _account(reply.usage, needed, budget, session, paid=True)
    return reply


def _account(usage: Usage, needed: Amount | None, budget: Budget, session: _Settled[Any], *, paid: bool) -> None:
    """Count a call that was answered, usable or not, against what was set aside for it; one that was refused took nothing."""
    session.calls += paid
    session.usage += usage
    if needed is not None:
        if paid:
            budget.settle(needed, usage)
        else:
            budget.release(needed)


def _fail(session: _Settled[Any], ids: Iterable[str], error: ModelError) -> None:
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

    def __call__(self, result: _Settled[Any]) -> bool:
        if result.down and not result.verdicts:
            self._failures.extend(list(result.failed.values())[:1])
        else:
            self._failures.clear()
        return result.hopeless or len(self._failures) >= _FAILURES


def _explain(calls: Sequence[Call[I]], results: list[_Settled[A] | None], end: End) -> None:
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


def _merged(settled: Sequence[_Settled[A]]) -> _Settled[A]:
    """All calls as one, in their order."""
    all_of_it: _Settled[A] = _Settled()
    for one in settled:
        all_of_it.calls += one.calls
        all_of_it.repeated += one.repeated
        all_of_it.usage += one.usage
        all_of_it.verdicts.update(one.verdicts)
        all_of_it.unsettled.update(one.unsettled)
        all_of_it.over_budget.update(one.over_budget)
        all_of_it.failed.update(one.failed)
        all_of_it.down = all_of_it.down or one.down
        all_of_it.hopeless = all_of_it.hopeless or one.hopeless
    return all_of_it


def _outcome(merged: _Settled[A], known: Remembered[I, A], too_many: set[str], budget: Budget, form: Form[I, A]) -> Outcome[A]:
    return Outcome(
        verdicts={**known.verdicts, **merged.verdicts},
        unsettled={**merged.unsettled, **(dict.fromkeys(too_many, budget.reason) if too_many else {})},
        over_budget=frozenset(merged.over_budget | too_many),
        calls=merged.calls,
        repeated=merged.repeated,
        remembered=len(known.verdicts),
        usage=merged.usage,
        failures=tuple(_told(merged.failed, form)),
    )


def together(*rounds: Outcome[A]) -> Outcome[A]:
    """Several rounds of asking as one."""
    return Outcome(
        verdicts={key: verdict for each in rounds for key, verdict in each.verdicts.items()},
        unsettled={key: why for each in rounds for key, why in each.unsettled.items()},
        over_budget=frozenset(key for each in rounds for key in each.over_budget),
        calls=sum(each.calls for each in rounds),
        repeated=sum(each.repeated for each in rounds),
        remembered=sum(each.remembered for each in rounds),
        usage=sum((each.usage for each in rounds), Usage()),
        failures=tuple(dict.fromkeys(sentence for each in rounds for sentence in each.failures)),
        prompt=rounds[0].prompt,
        stopped=any(each.stopped for each in rounds),
    )


def _told(failed: Mapping[str, str], form: Form[Any, Any]) -> Iterable[str]:
    """Each reason once, with the number of questions that it left open."""
    numbers: dict[str, int] = {}
    for sentence in failed.values():
        numbers[sentence] = numbers.get(sentence, 0) + 1
    for sentence, number in numbers.items():
        yield f"{counted(number, form.noun)} {form.undone}: {sentence}"

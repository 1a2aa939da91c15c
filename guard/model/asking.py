"""The model stage in order: requests, replies, one repair turn each, verdicts. What was not settled is kept, with the reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from guard.atoms.atom import Atom
from guard.errors import ModelError
from guard.finding import Verdict
from guard.model.answer import Reading, read_reply
from guard.model.judge import Judge, Reply, Request, TooLongError, Usage
from guard.model.prompt import Call, calls_for, halves_of, repair_of
from guard.model.question import Question
from guard.model.tokens import counter_for


@dataclass(frozen=True, slots=True)
class Outcome:
    """Verdicts by question id; for the other questions why there is none; what it took; what failed, in words."""

    verdicts: Mapping[str, Verdict]
    unsettled: Mapping[str, str]
    unasked: frozenset[str]
    """Ids that were not put to the model at all."""
    calls: int
    repeated: int
    usage: Usage
    failures: tuple[str, ...]


@dataclass(slots=True)
class _Session:
    """What has happened so far."""

    judge: Judge
    budget: int | None
    spent: int = 0
    calls: int = 0
    repeated: int = 0
    usage: Usage = field(default_factory=Usage)
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    unsettled: dict[str, str] = field(default_factory=dict)
    unasked: set[str] = field(default_factory=set)
    failures: list[str] = field(default_factory=list)


class _OverBudgetError(ModelError):
    """The next request would go beyond what may be spent."""


def ask(
    questions: Sequence[Question],
    judge: Judge,
    *,
    model: str,
    atom: Atom,
    max_tokens: int | None = None,
    progress: Callable[[str], None] = lambda _sentence: None,
) -> Outcome:
    """Put the questions to the judge. A judge that fails is not asked again; never raises ModelError.

    `max_tokens` bounds all tokens, sent and received, of the review: a request that would go beyond it is not sent.
    """
    session = _Session(judge, max_tokens)
    for call in calls_for(questions, atom, model):
        if session.failures:
            _leave(call, session, "the model had failed before")
            continue
        progress(f"asking {model}: {len(call.questions)} question{'s' if len(call.questions) != 1 else ''}")
        _settle(call, session)
    _say_what_is_open(session)
    return Outcome(
        session.verdicts,
        session.unsettled,
        frozenset(session.unasked),
        session.calls,
        session.repeated,
        session.usage,
        tuple(session.failures),
    )


def _settle(call: Call, session: _Session) -> None:
    """One request and, if its reply leaves something open, one repair turn; two requests where one does not fit the model."""
    try:
        reply = _ask(call.request, session)
    except _OverBudgetError as error:
        _leave(call, session, str(error))
        return
    except ModelError as error:
        smaller = halves_of(call) if isinstance(error, TooLongError) else ()
        if not smaller:
            session.failures.append(str(error))
            _leave(call, session, "the model failed")
        for half in smaller:
            _settle(half, session)
        return
    reading = read_reply(reply, call.questions)
    session.verdicts.update(reading.verdicts)
    if reading.open:
        session.unsettled.update(_repaired(call, reply, reading, session))


def _repaired(call: Call, reply: Reply, reading: Reading, session: _Session) -> Mapping[str, str]:
    """What stays open after the repair turn."""
    open_questions = [question for question in call.questions if question.id in reading.open]
    try:
        second = read_reply(_ask(repair_of(call, reply, reading), session), open_questions)
    except _OverBudgetError:
        return reading.open
    except ModelError as error:
        session.failures.append(str(error))
        return reading.open
    session.verdicts.update(second.verdicts)
    return second.open


def _ask(request: Request, session: _Session) -> Reply:
    if session.budget is not None:
        count = counter_for(request.model).count
        needed = sum(count(message.content) for message in request.messages)
        if session.spent + needed > session.budget:
            raise _OverBudgetError(f"the limit of {session.budget:,} tokens leaves no room for it")
    reply = session.judge.ask(request)
    session.calls += 1
    session.repeated += reply.repeated
    session.usage = _sum(session.usage, reply.usage)
    session.spent = session.usage.input_tokens + session.usage.output_tokens
    return reply


def _sum(one: Usage, other: Usage) -> Usage:
    return Usage(
        one.input_tokens + other.input_tokens,
        one.cached_input_tokens + other.cached_input_tokens,
        one.output_tokens + other.output_tokens,
    )


def _leave(call: Call, session: _Session, reason: str) -> None:
    session.unasked.update(question.id for question in call.questions)
    session.unsettled.update((question.id, reason) for question in call.questions)


def _say_what_is_open(session: _Session) -> None:
    """An answer that could not be used is a failure: the review did not learn what it asked."""
    unusable = {question_id: reason for question_id, reason in session.unsettled.items() if question_id not in session.unasked}
    if unusable and not session.failures:
        first = next(iter(unusable.values()))
        plural = "s" if len(unusable) != 1 else ""
        session.failures.append(f"the model gave no usable answer to {len(unusable)} question{plural}: {first}")

"""What a model is asked about, and what becomes of the signals it was asked about.

`certain` signals are never asked about. A `likely` one stands unless the model says `fine` with a quote that was really
sent; a `possible` one stands only if the model says `violation` with such a quote.

    seen = observe(change, source)
    outcome = judged(seen, inquiry)        # None: no model, and nothing of guard.model is imported
    findings = findings_from(list(outcome.standing))
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from guard.finding import (
    Answer,
    Confidence,
    Dismissed,
    Evidence,
    Failure,
    LeftOut,
    ModelUse,
    Origin,
    Signal,
    Verdict,
    fingerprint,
)
from guard.pipeline.heuristics import Observations
from guard.pipeline.witnesses import Witnesses
from guard.stages import Stage, stage

if TYPE_CHECKING:
    from guard.atoms.focus import Focus
    from guard.model.asking import Hearing, Outcome
    from guard.model.inquiry import Inquiry
    from guard.model.preview import Preview
    from guard.model.question import Question
    from guard.pipeline.gathering import Site
    from guard.pipeline.sweep.choosing import Chosen
    from guard.pipeline.sweep.reading import ReadOn

Standing = tuple[Signal, Origin, str]
"""A signal that stands, who says so, and what else to say of it: an item of what `findings_from` takes."""
_Asked = tuple["Question", Signal]
Reading = tuple["Focus | None", "Chosen"]
"""Code to be read against the checks of an atom; None: of the atom that is asked about anyway."""
_WORTH = {Confidence.LIKELY: 1.0, Confidence.POSSIBLE: 0.5}
"""What is reported unless a model objects comes before what is reported only if it agrees: a false alarm costs more than a miss."""


class Judged(Struct, frozen=True):
    """What stands after the model stage.

    `unasked` counts possible signals that nobody judged; `model` is None if none was asked; a model that failed is among
    `failures`, with an empty path: the review is then incomplete.
    """

    standing: tuple[Standing, ...]
    unasked: int = 0
    model: ModelUse | None = None
    failures: tuple[Failure, ...] = ()
    named: tuple[Signal, ...] = ()
    """What a model named in code in which no rule fired, confirmed or not."""


@stage(Stage.MODEL)
def judged(
    observations: Observations,
    inquiry: Inquiry | None = None,
    *,
    focus: Focus | None = None,
    site: Site | None = None,
    readings: Callable[[], Sequence[Reading]] = tuple,
    progress: Callable[[str], None] = lambda _sentence: None,
) -> Judged:
    """Decide which signals stand, by the atoms in focus: by the rule that is shipped, if none is given.

    `site` is where to look for what bears on a question. `readings` chooses the code that a model reads although no rule fired there;
    it is asked only if there is a model. Raises AtomError if an atom is broken; a judge's failure is among the result's failures.
    """
    if inquiry is None:
        return _without_a_model(observations)
    asked = list(_asked(observations, site))
    reading = readings()
    if not asked and not reading:
        return replace(_without_a_model(observations), model=ModelUse(inquiry.model, cost=0.0))
    from guard.atoms.focus import shipped
    from guard.model.asking import Hearing, together

    hearing, ours = Hearing(inquiry, progress), focus or shipped()
    rounds = [_heard(asked, hearing, ours, inquiry.model)]
    read: list[ReadOn] = []
    for about, chosen in reading:
        found = _read_on(chosen, observations, hearing, about or ours, inquiry.model, stopped=rounds[-1].stopped)
        observations = replace(observations, facts=(*observations.facts, *found.facts))
        named = list(_asked(replace(observations, signals=found.signals), site))
        rounds += [*found.took, _heard(named, hearing, about or ours, inquiry.model)]
        asked += named
        read.append(found)
    return _with_what_was_read(_with_verdicts(observations, asked, together(*rounds), inquiry.model), read)


def _heard(asked: Sequence[_Asked], hearing: Hearing, focus: Focus, model: str) -> Outcome[Verdict]:
    from guard.model.form import form_of_questions
    from guard.model.prompt import opening_for

    return hearing.ask([question for question, _ in asked], form_of_questions(opening_for(focus), model))


def _read_on(
    chosen: Chosen, observations: Observations, hearing: Hearing, focus: Focus, model: str, *, stopped: bool
) -> ReadOn:
    from guard.pipeline.sweep.reading import read_on

    return read_on(chosen, observations, hearing, focus, model, stopped=stopped)


def _with_what_was_read(result: Judged, read: Sequence[ReadOn]) -> Judged:
    use = result.model and replace(
        result.model,
        passages=sum(found.passages for found in read),
        unread=tuple(entry for found in read for entry in found.unread),
    )
    return replace(result, model=use, named=tuple(signal for found in read for signal in found.signals))


def prompt_for(
    observations: Observations,
    model: str,
    focus: Focus | None = None,
    *,
    site: Site | None = None,
    reading: Sequence[Reading] = (),
) -> Preview:
    """Exactly what `judged` would send first for these observations, with its token counts. Sends nothing."""
    from guard.atoms.focus import shipped
    from guard.model.preview import preview

    ours = focus or shipped()
    passages = [(about or ours, chosen.passages) for about, chosen in reading]
    return preview(questions_from(observations, site), ours, model, passages)


def questions_from(observations: Observations, site: Site | None = None) -> tuple[Question, ...]:
    """One question for each uncertain signal, in the order of the signals."""
    return tuple(question for question, _ in _asked(observations, site))


def _without_a_model(observations: Observations) -> Judged:
    """Possible signals are questions: without a model they are counted, not reported."""
    standing = tuple(
        (signal, Origin.HEURISTIC, "") for signal in observations.signals if signal.confidence is not Confidence.POSSIBLE
    )
    return Judged(standing, unasked=len(observations.signals) - len(standing))


# -- signals to questions ---------------------------------------------------------------------------------------------


def _asked(observations: Observations, site: Site | None) -> Iterator[_Asked]:
    """Questions with the signals they are about. An id names its cause, so that it survives what does not concern it."""
    from guard.model.question import Question
    from guard.model.secrets import numbered
    from guard.pipeline.excerpts import excerpts_for, neighbourhood
    from guard.pipeline.gathering import gathered_for
    from guard.pipeline.known import known_of

    beyond = gathered_for(observations, site) if site is not None else Witnesses()
    around = neighbourhood((*observations.facts, *observations.around.facts, *beyond.facts))
    hide = around.concealed.text  # an id is a hash: of a secret, it would be a way to guess it
    seen: Counter[str] = Counter()
    for signal in observations.signals:
        if signal.confidence is Confidence.CERTAIN:
            continue
        name = fingerprint(signal.rule, numbered(hide(f"{signal.path}\0{signal.identity}\0{signal.code}")))[:8]
        seen[name] += 1
        question = Question(
            id=f"q-{name}" if seen[name] == 1 else f"q-{name}-{seen[name]}",
            check=signal.check,
            rule=signal.rule,
            path=signal.path,
            line=signal.line,
            end_line=signal.end_line,
            statement=hide(signal.message),
            observations=tuple(hide(f"{evidence.path}, line {evidence.line}: {evidence.note}") for evidence in signal.evidence),
            unknown=hide(signal.question),
            excerpts=excerpts_for(signal, around),
            known=tuple(
                map(hide, known_of(signal, around.around.by_path.get(signal.path), observations.project, beyond.limits))
            ),
            worth=_WORTH[signal.confidence],
        )
        yield question, signal


# -- verdicts to what stands ------------------------------------------------------------------------------------------


def _with_verdicts(observations: Observations, asked: list[_Asked], outcome: Outcome[Verdict], model: str) -> Judged:
    standing: list[Standing] = [
        (signal, Origin.HEURISTIC, "") for signal in observations.signals if signal.confidence is Confidence.CERTAIN
    ]
    dismissed: list[Dismissed] = []
    speaking = _speaking(asked, outcome)
    # What is reported anyway comes first: a possible signal that the model proves with the same code is no second problem.
    for question, signal in sorted(asked, key=lambda item: item[1].confidence is Confidence.POSSIBLE):
        verdict, why_not = outcome.verdicts.get(question.id), outcome.unsettled.get(question.id, "")
        if verdict is not None and verdict.answer is Answer.FINE and speaking:
            verdict, why_not = None, f"{speaking} speaks to whoever judges, so that a dismissal is not believed"
        item = _standing(signal, verdict, why_not)
        if item is not None and not (verdict is not None and _already_said(signal, verdict, standing)):
            standing.append(item)
        if verdict is not None and verdict.answer is Answer.FINE:
            dismissed.append(Dismissed(signal.rule, signal.path, signal.line, verdict.reason))
    return Judged(
        standing=tuple(standing),
        unasked=sum(_nobody_judged(question, signal, outcome) for question, signal in asked),
        model=_use(asked, outcome, model, tuple(dismissed)),
        failures=tuple(Failure("", sentence) for sentence in outcome.failures),
    )


def _speaking(asked: list[_Asked], outcome: Outcome[Verdict]) -> str:
    """Where, in all that was shown, a change speaks to its judge: who dismisses something then may only have obeyed."""
    from guard.model.addressing import speaks_to_a_judge

    if all(verdict.answer is not Answer.FINE for verdict in outcome.verdicts.values()):
        return ""
    place = speaks_to_a_judge(excerpt for question, _ in asked for excerpt in question.excerpts)
    return f"{place.path}:{place.line}" if place is not None else ""


def _standing(signal: Signal, verdict: Verdict | None, why_not: str) -> Standing | None:
    """What becomes of one uncertain signal; None if it does not stand."""
    likely = signal.confidence is Confidence.LIKELY
    if verdict is None:
        return (signal, Origin.HEURISTIC, f"Not judged by the model: {why_not}.") if likely else None
    match verdict.answer:
        case Answer.FINE:
            return None
        case Answer.VIOLATION if likely:
            return signal, Origin.HEURISTIC, f"The model agrees: {_said(verdict)}"
        case Answer.VIOLATION:
            return _with_proof(signal, verdict), Origin.MODEL, f"The model says: {_said(verdict)}"
        case Answer.UNSURE:
            return (signal, Origin.HEURISTIC, f"The model was not sure: {verdict.reason}") if likely else None


def _said(verdict: Verdict) -> str:
    """The reason, and who misses it first: the one thing about a lost state that a message written beforehand can not know."""
    who = verdict.who_notices.strip().rstrip(".")
    return f"{verdict.reason} First to notice: {who}." if who else verdict.reason


def _with_proof(signal: Signal, verdict: Verdict) -> Signal:
    """The signal, with the code that the model quoted as evidence where it is another place."""
    place = verdict.place
    if place is None or place.line in _lines_in(place.path, signal):
        return signal
    return replace(signal, evidence=(*signal.evidence, Evidence(place.path, place.line, "the model points here")))


def _already_said(signal: Signal, verdict: Verdict, standing: list[Standing]) -> bool:
    """Whether a finding of the same check already points at the code that proves this possible signal."""
    if signal.confidence is not Confidence.POSSIBLE or verdict.place is None:
        return False
    path, lines = verdict.place.path, range(verdict.place.line, verdict.place.end_line + 1)
    return any(
        other.check == signal.check and any(line in lines for line in _lines_in(path, other)) for other, _, _ in standing
    )


def _lines_in(path: str, signal: Signal) -> Iterator[int]:
    """The lines of a file to which a signal points."""
    if signal.path == path:
        yield from range(signal.line, signal.end_line + 1)
    yield from (evidence.line for evidence in signal.evidence if evidence.path == path)


def _nobody_judged(question: Question, signal: Signal, outcome: Outcome[Verdict]) -> bool:
    """Whether a possible signal is left without a word from the model."""
    return signal.confidence is Confidence.POSSIBLE and question.id not in outcome.verdicts


def _use(asked: list[_Asked], outcome: Outcome[Verdict], model: str, dismissed: tuple[Dismissed, ...]) -> ModelUse:
    """What it took. `not_judged` counts questions that were left open: without a usable answer, or answered with `unsure`."""
    from guard.model.prices import price_of

    settled = sum(verdict.answer is not Answer.UNSURE for verdict in outcome.verdicts.values())
    price = price_of(model)
    left_out = (
        LeftOut(signal.rule, signal.path, signal.line, outcome.unsettled[question.id])
        for question, signal in asked
        if question.id in outcome.over_budget
    )
    return ModelUse(
        name=model,
        calls=outcome.calls,
        cached_calls=outcome.repeated,
        input_tokens=outcome.usage.input_tokens,
        cached_input_tokens=outcome.usage.cached_input_tokens,
        output_tokens=outcome.usage.output_tokens,
        cost=price.of(outcome.usage) if price else None if outcome.calls else 0.0,
        questions=len(asked),
        remembered=outcome.remembered,
        not_judged=len(asked) - settled,
        dismissed=dismissed,
        left_out=tuple(left_out),
        prompt=outcome.prompt,
    )

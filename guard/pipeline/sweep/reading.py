"""A model reads on: passages are sent, what it names becomes signals, what was not read is kept with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

from guard.atoms import STATELESS_PROCESSES
from guard.facts import Facts
from guard.finding import Signal, Unread, Verdict
from guard.model.sweeping import Passage, form_of_passages
from guard.pipeline.heuristics import Observations
from guard.pipeline.sweep.choosing import Chosen
from guard.pipeline.sweep.named import signals_of

if TYPE_CHECKING:
    from guard.atoms.focus import Focus
    from guard.model.asking import Hearing, Outcome

_TOO_MANY = "there is more than is read of one change (--sweep all reads it)"
_HAD_FAILED = "the model had failed before"


class ReadOn(Struct, frozen=True):
    """What came of it: signals to be confirmed, with facts of the files that no reader knows, and what was not read."""

    signals: tuple[Signal, ...]
    facts: tuple[Facts, ...]
    passages: int
    unread: tuple[Unread, ...]
    took: tuple[Outcome[Verdict], ...] = ()
    """What it took, as a round of asking in which nothing was asked."""


def read_on(chosen: Chosen, seen: Observations, hearing: Hearing, focus: Focus, model: str, *, stopped: bool) -> ReadOn:
    """Let the model read these passages, unless it had to be given up before. Raises AtomError, UsageError."""
    if stopped:
        return ReadOn((), (), 0, tuple(_unread((*chosen.passages, *chosen.beyond), {}, _HAD_FAILED)))
    outcome = hearing.ask(chosen.passages, form_of_passages(focus, model))
    named = [one for passage in chosen.passages for one in outcome.verdicts.get(passage.id, ())]
    missing = [passage for passage in chosen.passages if passage.id not in outcome.verdicts]
    known = {facts.path for facts in seen.facts if facts.lines}
    told = seen.present if STATELESS_PROCESSES in focus.ids else ()  # of other atoms no rule tells
    return ReadOn(
        tuple(signals_of(named, focus.atoms[0], chosen.facts, told)),
        tuple(facts for facts in chosen.facts if facts.path not in known),
        len(outcome.verdicts),
        (*_unread(missing, outcome.unsettled, ""), *_unread(chosen.beyond, {}, _TOO_MANY)),
        (outcome.taken,),
    )


def _unread(passages: Iterable[Passage], why: Mapping[str, str], otherwise: str) -> Iterator[Unread]:
    """Each file of a passage once, at its first added line."""
    for passage in passages:
        for excerpt, added in zip(passage.excerpts, passage.added, strict=True):
            first = min(added, default=excerpt.lines[0][0] if excerpt.lines else 1)
            yield Unread(excerpt.path, first, why.get(passage.id, otherwise))

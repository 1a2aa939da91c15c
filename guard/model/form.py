"""The ways in which something is put to a model: a question about a place, a passage to be read. All else is the same for them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from guard.finding import Verdict
from guard.model.answer import Reading, read_reply
from guard.model.judge import Reply
from guard.model.opening import Opening
from guard.model.prompt import Call, calls_for
from guard.model.question import Question


class Item(Protocol):
    """One thing that is asked. `worth`: where not all may be asked, what is worth most is."""

    @property
    def id(self) -> str:
        """Its name within a review."""
        ...

    @property
    def worth(self) -> float:
        """What an answer is worth beside the others."""
        ...


I = TypeVar("I", bound=Item)  # noqa: E741 - short as type variables are
A = TypeVar("A")


@dataclass(frozen=True, slots=True)
class Form(Generic[I, A]):
    """How items are put to a model, and how an answer is read, and kept for the next time."""

    start: Opening
    calls: Callable[[Sequence[I]], tuple[Call[I], ...]]
    """The requests that ask these items: of one, always the same."""
    read: Callable[[Reply, Sequence[I]], Reading[A]]
    kept: Callable[[str, A], str]
    """An answer as a line of JSON."""
    reply: Callable[[str], str]
    """A kept answer as the reply that a model would give."""
    asking: str
    """What is said while it is asked, with `{}` for the model's name."""
    noun: str
    undone: str
    """What an item is that has no answer."""


def form_of_questions(start: Opening, model: str) -> Form[Question, Verdict]:
    """Questions about uncertain signals: a verdict each."""
    return Form(
        start=start,
        calls=lambda questions: calls_for(questions, start, model),
        read=read_reply,
        kept=_kept,
        reply=lambda entry: f'{{"answers": [{entry}]}}',
        asking="asking {}",
        noun="question",
        undone="not judged",
    )


def _kept(name: str, verdict: Verdict) -> str:
    said = {
        "quote": verdict.quote,
        "reason": verdict.reason,
        "who_notices": verdict.who_notices,
        "answer": verdict.answer.value,
    }
    return json.dumps({"id": name, **said}, ensure_ascii=True)

"""Questions that were answered before: found by all that was asked, one by one, so that it does not matter how they were grouped."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from guard.finding import Verdict
from guard.model.answer import read_reply
from guard.model.judge import Reply, Request
from guard.model.opening import Opening
from guard.model.prompt import call_of
from guard.model.question import Question

if TYPE_CHECKING:
    from guard.model.inquiry import Inquiry


@dataclass(frozen=True, slots=True)
class Remembered:
    """The verdicts that were known, and where new ones are kept."""

    inquiry: Inquiry
    verdicts: Mapping[str, Verdict]
    questions: Mapping[str, Question]
    keys: Mapping[str, str]

    def keep(self, verdicts: Mapping[str, Verdict]) -> None:
        """Keep new answers, if each can be understood from its own question: a quote of another's code proves nothing later."""
        if self.inquiry.verdicts is None:
            return
        entries = {name: _written(name, verdict) for name, verdict in verdicts.items() if name in self.keys}
        whole = {name: entry for name, entry in entries.items() if _read(entry, self.questions[name]) == verdicts[name]}
        self.inquiry.verdicts.keep(self.inquiry.model, {self.keys[name]: entry for name, entry in whole.items()})
        self.inquiry.verdicts.close()


def remembered(questions: Sequence[Question], inquiry: Inquiry, start: Opening) -> Remembered:
    """What is known of these questions; nothing where nothing is kept."""
    if inquiry.verdicts is None or not questions:
        return Remembered(inquiry, {}, {}, {})
    keys = {question.id: key_of(call_of((question,), start, inquiry.model).request) for question in questions}
    kept = inquiry.verdicts.recall(keys.values())
    verdicts = {}
    for question in questions:
        verdict = _read(kept.get(keys[question.id], ""), question)
        if verdict is not None:
            verdicts[question.id] = verdict
    inquiry.verdicts.touch(keys[name] for name in verdicts)
    return Remembered(inquiry, verdicts, {question.id: question for question in questions}, keys)


def key_of(request: Request) -> str:
    """The key of an answer: everything that a question alone would send, the prompt and the model's name included."""
    return hashlib.sha256(f"verdict 1\0{request.key}".encode()).hexdigest()


def is_answer(entry: str) -> bool:
    """Whether a text is an answer as it is kept."""
    try:
        kept = json.loads(entry)
    except ValueError:
        return False
    return isinstance(kept, dict) and all(isinstance(kept.get(name), str) for name in ("id", "quote", "reason", "answer"))


def _written(name: str, verdict: Verdict) -> str:
    said = {
        "quote": verdict.quote,
        "reason": verdict.reason,
        "who_notices": verdict.who_notices,
        "answer": verdict.answer.value,
    }
    return json.dumps({"id": name, **said}, ensure_ascii=True)


def _read(entry: str, question: Question) -> Verdict | None:
    """The verdict that an entry holds, validated like any other answer."""
    return read_reply(Reply(f'{{"answers": [{entry}]}}'), (question,)).verdicts.get(question.id) if entry else None

"""A reply, validated: one verdict a question, with a quote that was really sent, or a sentence that says what is wrong.

Whatever a model writes is material: it is parsed, checked against what was sent, and stripped of what can not be seen.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, StringConstraints, ValidationError

from guard.finding import Answer, Verdict
from guard.model.judge import Finish, Reply
from guard.model.question import Question
from guard.model.quote import place_of
from guard.model.text import one_line

SCHEMA = json.dumps(
    {
        "type": "object",
        "properties": {
            "answers": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "id": {"type": "string"},
                        "quote": {"type": "string"},
                        "reason": {"type": "string"},
                        "who_notices": {"type": "string"},
                        "answer": {"type": "string", "enum": [answer.value for answer in Answer]},
                    },
                    "required": ["id", "quote", "reason", "who_notices", "answer"],
                    "additionalProperties": False,
                },
            }
        },
        "required": ["answers"],
        "additionalProperties": False,
    }
)
"""The form of an answer. The order is the order of thought: what is there, why it matters, what follows."""

_MOST_TEXT = 400_000
_MOST_STARTS = 200
_MOST_WHO = 200


def _plain_word(value: object) -> object:
    """`Violation` and `"fine"` are clear enough."""
    return value.strip(" \t\n`'\".").lower() if isinstance(value, str) else value


def _plain_id(value: object) -> object:
    return _plain_name(value) if isinstance(value, str) else value


def _plain_name(name: str) -> str:
    return name.strip(" \t\n`'\"").removeprefix("Question ")


class _Entry(BaseModel):
    id: Annotated[str, BeforeValidator(_plain_id), StringConstraints(min_length=1, max_length=200)]
    quote: str
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
    who_notices: str = ""
    answer: Annotated[Answer, BeforeValidator(_plain_word)]


_A = TypeVar("_A")


@dataclass(frozen=True, slots=True)
class Reading(Generic[_A]):
    """What a reply settles: answers by the id of what was asked, and for everything else what is wrong with its answer."""

    verdicts: Mapping[str, _A]
    open: Mapping[str, str]
    strange: tuple[str, ...] = ()
    """Answers to what was not asked, in words."""


@dataclass(slots=True)
class _Draft:
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    open: dict[str, str] = field(default_factory=dict)
    strange: list[str] = field(default_factory=list)


def read_reply(reply: Reply, questions: Sequence[Question]) -> Reading[Verdict]:
    """Judge a reply. Never raises: what can not be used leaves its questions open, with the reason."""
    entries = entries_in(reply)
    if isinstance(entries, str):
        return Reading({}, dict.fromkeys((question.id for question in questions), entries))
    draft = _Draft()
    asked = {question.id: question for question in questions}
    for entry in entries:
        _take(entry, asked, draft)
    for question_id in asked:
        if question_id not in draft.verdicts:
            draft.open.setdefault(question_id, "there is no answer with this id")
    return Reading(draft.verdicts, draft.open, tuple(draft.strange))


def entries_by_id(reply: Reply) -> Mapping[str, object]:
    """The answers in a reply, unjudged, by the ids that they name; the last of each."""
    entries = entries_in(reply)
    named = [entry for entry in entries if isinstance(entry, dict)] if not isinstance(entries, str) else []
    return {_plain_name(entry["id"]): entry for entry in named if isinstance(entry.get("id"), str)}


def _take(entry: object, asked: Mapping[str, Question], draft: _Draft) -> None:
    """File one entry of the answer where it belongs."""
    try:
        read = _Entry.model_validate(entry)
    except ValidationError as error:
        _note_broken(entry, error, asked, draft)
        return
    question = asked.get(read.id)
    if question is None:
        draft.strange.append(f"the id {one_line(read.id, 40)!r} was not asked")
        return
    place = place_of(read.quote, question)
    verdict = Verdict(read.answer, one_line(read.reason), one_line(read.quote), place, one_line(read.who_notices, _MOST_WHO))
    if read.id in draft.open or draft.verdicts.get(read.id, verdict) != verdict:
        draft.verdicts.pop(read.id, None)
        draft.open[read.id] = draft.open.get(read.id, "it is answered twice, differently")
    elif read.answer is not Answer.UNSURE and place is None:
        draft.open[read.id] = (
            "its quote is not in the code of this question, or only in a comment or a text; copy code exactly, without line numbers"
        )
    else:
        draft.verdicts[read.id] = verdict


def _note_broken(entry: object, error: ValidationError, asked: Mapping[str, Question], draft: _Draft) -> None:
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    problem = f"{where}: {first['msg']}" if where else first["msg"]
    name = entry.get("id") if isinstance(entry, dict) else None
    if isinstance(name, str) and name.strip() in asked:
        draft.verdicts.pop(name.strip(), None)
        draft.open[name.strip()] = one_line(problem, 200)
    else:
        draft.strange.append(one_line(f"an answer is not of the asked form: {problem}", 200))


def entries_in(reply: Reply, name: str = "answers") -> Sequence[object] | str:
    """The list of this name in a reply, or why there is none."""
    if reply.finish is Finish.REFUSED:
        return "the model refused to answer"
    for candidate in _objects(reply.text[:_MOST_TEXT]):
        entries = candidate.get(name)
        if isinstance(entries, list):
            return entries
    if reply.finish is Finish.CUT_OFF:
        return "the answer was cut off before it was complete"
    if reply.finish is Finish.FILTERED:
        return "the server filtered the answer"
    return f"the answer holds no JSON object with a list {name!r}"


def _objects(text: str) -> Iterable[dict[str, object]]:
    """The JSON objects in a text, whatever stands around them."""
    decoder = json.JSONDecoder()
    start = text.find("{")
    for _ in range(_MOST_STARTS):
        if start < 0:
            return
        try:
            found, end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            end = start + 1
        else:
            if isinstance(found, dict):
                yield found
        start = text.find("{", end)

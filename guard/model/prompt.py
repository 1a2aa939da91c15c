"""Questions -> requests. What never changes comes first, so that a server can keep it; what was written by others comes last.

Text under review can not leave its place: each line of code begins with its number, the fences carry a mark that is a hash
of all that they enclose (no text can contain the hash of itself), and what can not be seen is replaced before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Generic, TypeVar

from guard.atoms.focus import Focus
from guard.model.answer import SCHEMA, Reading
from guard.model.judge import Asked, Message, Reply, Request
from guard.model.opening import TEMPLATES, Opening, Part, opening
from guard.model.question import Excerpt, Question
from guard.model.secrets import is_cut, numbered
from guard.model.templates import render
from guard.model.text import one_line, shown, told
from guard.model.tokens import estimate

_MOST_QUESTIONS = 8
_MOST_ECHO = 4_000
_EACH = 2
"""Tokens of a line's number and bar."""


_I = TypeVar("_I")


@dataclass(frozen=True, slots=True)
class Call(Generic[_I]):
    """One request with the questions it asks: how it begins, as every call of its kind does, and what only this one says."""

    request: Request
    questions: tuple[_I, ...]
    start: Opening
    asking: Part


def calls_for(questions: Sequence[Question], start: Opening, model: str) -> tuple[Call[Question], ...]:
    """The requests that ask these questions. The same questions give the same bytes on every machine."""
    room = estimate("".join(part.text for part in start.parts))
    return tuple(_call(group, start, model) for group in _groups(questions, room))


def opening_for(focus: Focus) -> Opening:
    """How every request about these atoms begins. Raises AtomError, UsageError."""
    return opening(focus, TEMPLATES, render("answer.j2", {"schema": SCHEMA}), examples=True)


def repair_of(call: Call[Any], reply: Reply, reading: Reading[Any]) -> Request:
    """The one turn that asks for what a reply did not settle."""
    problems = [f"{question_id}: {problem}" for question_id, problem in reading.open.items()]
    problems += list(reading.strange[:5])
    turn = render("repair.j2", {"problems": problems, "ids": list(reading.open)})
    said = one_line(reply.text, _MOST_ECHO) or "(no text)"
    messages = (*call.request.messages, Message("assistant", said), Message("user", turn))
    again = tuple(asked for asked in call.request.asked if asked.id in reading.open)
    return replace(call.request, messages=messages, asked=again)


def _call(group: tuple[Question, ...], start: Opening, model: str) -> Call[Question]:
    questions = _sharing(group)
    asked = Part("questions", _questions_text(questions))
    messages = (Message("system", start.text), Message("user", asked.text))
    alone = tuple(Asked(question.id, _questions_text((question,))) for question in group)
    return Call(Request(model, messages, SCHEMA, asked=alone, version=start.version), questions, start, asked)


def _groups(questions: Sequence[Question], room: int) -> Iterator[tuple[Question, ...]]:
    """Questions of one call each, in order: as many as take no more than what stands before them, which a server keeps.

    Sizes are estimated, not counted, so that every machine groups alike. A question that is larger has a call of its own.
    """
    group: list[Question] = []
    shown: dict[tuple[str, int], int] = {}
    words = 0
    for question in questions:
        own = estimate(repr(_shown(question)))
        lines = {
            (excerpt.path, number): estimate(text) + _EACH for excerpt in question.excerpts for number, text in excerpt.lines
        }
        size = words + own + sum({**shown, **lines}.values())
        if group and (len(group) == _MOST_QUESTIONS or size > room):
            yield tuple(group)
            group, shown, words = [], {}, 0
        group.append(question)
        shown.update(lines)
        words += own
    if group:
        yield tuple(group)


def _sharing(questions: Sequence[Question]) -> tuple[Question, ...]:
    """The questions of one call, with the code of each file joined: it is sent once, and each of them may quote all of it."""
    files: dict[str, Excerpt] = {}
    for question in questions:
        for excerpt in question.excerpts:
            files[excerpt.path] = _joined(files.get(excerpt.path, excerpt), excerpt)
    return tuple(
        replace(question, excerpts=tuple(files[excerpt.path] for excerpt in question.excerpts)) for question in questions
    )


def _joined(one: Excerpt, other: Excerpt) -> Excerpt:
    lines = tuple(sorted({**dict(one.lines), **dict(other.lines)}.items()))
    return replace(one, lines=lines, comments=tuple(dict.fromkeys((*one.comments, *other.comments))))


def _questions_text(questions: Sequence[Question]) -> str:
    asked = [_shown(question) for question in questions]
    excerpts = [*{excerpt.path: shown_excerpt(excerpt) for question in questions for excerpt in question.excerpts}.values()]
    values = {"questions": asked, "excerpts": excerpts}
    return render("questions.j2", {**values, "mark": mark_of((asked, excerpts)), "cut": is_cut(values)})


def _shown(question: Question) -> dict[str, object]:
    """A question as the template takes it: every text on one line."""
    lines = f"line {question.line}" if question.line == question.end_line else f"lines {question.line} to {question.end_line}"
    return {
        "id": question.id,
        "check": question.check.value,
        "place": f"{told(question.path, 200)}, {lines}",
        "statement": told(question.statement, 600),
        "observations": [told(observation, 300) for observation in question.observations],
        "known": [told(sentence, 400) for sentence in question.known],
        "unknown": told(question.unknown, 600),
    }


def shown_excerpt(excerpt: Excerpt, added: frozenset[int] = frozenset()) -> dict[str, object]:
    """An excerpt as templates take it; where some of its lines are said to be added, they begin with a plus sign."""
    lines = list(_numbered(excerpt, len(str(excerpt.total)), added))
    return {"path": told(excerpt.path, 200), "shown": _what_is_shown(excerpt), "lines": lines}


def mark_of(values: object) -> str:
    """The mark of the fences around texts: a hash of them all, which no text can contain."""
    return hashlib.sha256(numbered(repr(values)).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _numbered(excerpt: Excerpt, width: int, added: frozenset[int]) -> Iterator[str]:
    before = None
    for number, text in excerpt.lines:
        if before is not None and number != before + 1:
            which = f"line {before + 1} is" if number == before + 2 else f"lines {before + 1} to {number - 1} are"
            yield f"{_margin(0, added)}{'…':>{width}} | ({which} left out)"
        yield f"{_margin(number, added)}{number:>{width}} | {shown(text)}".rstrip()
        before = number


def _margin(number: int, added: frozenset[int]) -> str:
    return ("+ " if number in added else "  ") if added else ""


def _what_is_shown(excerpt: Excerpt) -> str:
    """How much of the file the lines are, so that nobody takes a part for the whole."""
    if excerpt.partial:
        return "known in pieces only: the lines of a patch"
    if not excerpt.lines:
        return f"none of its {excerpt.total} lines"
    if len(excerpt.lines) == excerpt.total:
        return f"all {excerpt.total} lines"
    ranges = ", ".join(_ranges(number for number, _ in excerpt.lines))
    return f"lines {ranges} of {excerpt.total}; the others are left out"


def _ranges(numbers: Iterable[int]) -> Iterator[str]:
    every = list(numbers)
    starts = [0, *(index + 1 for index, (one, other) in enumerate(pairwise(every)) if other != one + 1), len(every)]
    for start, end in pairwise(starts):
        if start < end:
            yield str(every[start]) if end - start == 1 else f"{every[start]}-{every[end - 1]}"

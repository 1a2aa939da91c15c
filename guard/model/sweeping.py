"""Reading what a change adds where the heuristics saw nothing: passages in, places out, each to be confirmed by a question.

What a model names counts only where it quotes an added line of a passage that it was sent; all else is dropped without a word.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated

from pydantic import BaseModel, StringConstraints, ValidationError

from guard.atoms.focus import Focus
from guard.finding import Place
from guard.model.answer import Reading, entries_in
from guard.model.form import Form
from guard.model.judge import Asked, Message, Reply, Request
from guard.model.opening import Opening, Part, opening
from guard.model.prompt import Call, mark_of, shown_excerpt
from guard.model.question import Excerpt
from guard.model.quote import place_in
from guard.model.secrets import alike, is_cut
from guard.model.templates import render
from guard.model.text import one_line, told

_TEMPLATES = ("sweep.j2", "sweep_answer.j2", "sweep_passage.j2", "index.j2", "atom.j2", "repair.j2")
_MOST_NAMED = 12
"""Places of one passage that are looked at: whoever names more has not read it."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Code that is read at once: lines of files, and which of them the change adds. `id` names it within a review."""

    id: str
    excerpts: tuple[Excerpt, ...]
    added: tuple[frozenset[int], ...]
    """By excerpt."""
    worth: float = 0.0


@dataclass(frozen=True, slots=True)
class Named:
    """A place that a model names: added lines, the check by its slug, the quote and the reason."""

    place: Place
    check: str
    quote: str
    reason: str


class _Entry(BaseModel):
    path: str
    quote: str
    check: Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True)]
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


def form_of_passages(focus: Focus, model: str) -> Form[Passage, tuple[Named, ...]]:
    """Passages to be read against the checks of these atoms: a list of places each. Raises AtomError, UsageError."""
    checks = tuple(dict.fromkeys(check.slug for atom in focus.atoms for check in atom.checks))
    schema = _schema(checks)
    start = opening(focus, _TEMPLATES, render("sweep_answer.j2", {"checks": checks}), examples=False)
    return Form(
        start=start,
        calls=lambda passages: tuple(_call(passage, start, schema, model) for passage in passages),
        read=partial(read_named, checks=checks),
        kept=_kept,
        reply=lambda entry: entry,
        asking="letting {} read on",
        noun="passage",
        undone="not read",
    )


def _schema(checks: Sequence[str]) -> str:
    finding = {
        "path": {"type": "string"},
        "quote": {"type": "string"},
        "check": {"type": "string", "enum": list(checks)},
        "reason": {"type": "string"},
    }
    entry = {"type": "object", "properties": finding, "required": list(finding), "additionalProperties": False}
    findings = {"findings": {"type": "array", "items": entry}}
    return json.dumps({"type": "object", "properties": findings, "required": ["findings"], "additionalProperties": False})


def _call(passage: Passage, start: Opening, schema: str, model: str) -> Call[Passage]:
    excerpts = [shown_excerpt(excerpt, added) for excerpt, added in zip(passage.excerpts, passage.added, strict=True)]
    asking = Part(
        "passage", render("sweep_passage.j2", {"excerpts": excerpts, "mark": mark_of(excerpts), "cut": is_cut(excerpts)})
    )
    messages = (Message("system", start.text), Message("user", asking.text))
    request = Request(model, messages, schema, asked=(Asked(passage.id, asking.text),), version=start.version)
    return Call(request, (passage,), start, asking)


# -- what is named ------------------------------------------------------------------------------------------------------


def read_named(reply: Reply, passages: Sequence[Passage], checks: Sequence[str]) -> Reading[tuple[Named, ...]]:
    """What a reply names in the one passage that was sent. Never raises."""
    entries = entries_in(reply, "findings")
    if isinstance(entries, str):
        return Reading({}, dict.fromkeys((passage.id for passage in passages), entries))
    return Reading({passage.id: tuple(_named(entries, passage, checks)) for passage in passages}, {})


def _named(entries: Sequence[object], passage: Passage, checks: Sequence[str]) -> Iterator[Named]:
    seen: set[tuple[str, int, str]] = set()
    for entry in entries[:_MOST_NAMED]:
        try:
            read = _Entry.model_validate(entry)
        except ValidationError:
            continue
        place = _place(read, passage) if read.check in checks else None
        if place is not None and (place.path, place.line, read.check) not in seen:
            seen.add((place.path, place.line, read.check))
            yield Named(place, read.check, one_line(read.quote), one_line(read.reason))


def _place(entry: _Entry, passage: Passage) -> Place | None:
    """The added lines of the named file that the quote touches; None if it is not there, or touches none."""
    for excerpt, added in zip(passage.excerpts, passage.added, strict=True):
        if alike(told(excerpt.path, 200)) == alike(one_line(entry.path, 200)):
            place = place_in(entry.quote, (excerpt,))
            lines = [number for number in range(place.line, place.end_line + 1) if number in added] if place else []
            if lines:
                end = next((number for number in lines if number + 1 not in lines), lines[-1])
                return Place(excerpt.path, lines[0], end)
    return None


def _kept(name: str, found: tuple[Named, ...]) -> str:
    """What was found, as the model would say it again."""
    findings = [{"path": one.place.path, "quote": one.quote, "check": one.check, "reason": one.reason} for one in found]
    return json.dumps({"id": name, "findings": findings}, ensure_ascii=True)

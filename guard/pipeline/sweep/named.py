"""What a model named when it read on, as signals: possible ones, which a question has to confirm."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

from guard.atoms import STATELESS_PROCESSES
from guard.atoms.own import check_name
from guard.checks import PAGES
from guard.facts import Facts
from guard.finding import Check, Confidence, ForeignCheck, Signal
from guard.pipeline.sweep.told import lines_told

if TYPE_CHECKING:
    from guard.atoms.atom import Atom
    from guard.model.sweeping import Named


def signals_of(named: Iterable[Named], atom: Atom, facts: Iterable[Facts], present: Iterable[Signal]) -> Iterator[Signal]:
    """A signal for each place of which nothing else tells; a finding of it carries the check where others name a rule."""
    by_path = {file.path: file for file in facts}
    told = {path: set(lines) for path, lines in lines_told(present).items()}
    for one in named:
        lines = told.setdefault(one.place.path, set())
        own = range(one.place.line, one.place.end_line + 1)
        if lines.isdisjoint(own):
            lines.update(own)
            yield _signal(one, _says(atom, one.check), by_path)


class _Says(Struct, frozen=True):
    """What a place is called, and what is said and asked of it."""

    check: Check | ForeignCheck
    message: str
    remedy: str
    question: str


def _says(atom: Atom, slug: str) -> _Says:
    if atom.id == STATELESS_PROCESSES:
        page = PAGES[Check(slug)]
        return _Says(Check(slug), page.happens, page.instead, page.question)
    text = next(check.text for check in atom.checks if check.slug == slug)
    return _Says(
        ForeignCheck(check_name(atom, slug)),
        f"This breaks a check of {atom.name}: {text}",
        atom.label or atom.description or f"Do as {atom.id} says.",
        f"Does this line break that check, as its words mean it? {text}",
    )


def _signal(one: Named, says: _Says, by_path: Mapping[str, Facts]) -> Signal:
    place, check = one.place, says.check
    code = "\n".join(by_path[place.path].lines[place.line - 1 : place.end_line])
    return Signal(
        rule=check,
        check=check,
        confidence=Confidence.POSSIBLE,
        path=place.path,
        line=place.line,
        end_line=place.end_line,
        message=says.message,
        remedy=says.remedy,
        identity=" ".join(code.split()) or check,
        question=says.question,
        code=code,
    )

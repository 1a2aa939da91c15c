"""What a model named when it read on, as signals: possible ones, which a question has to confirm."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from guard.checks import PAGES
from guard.facts import Facts
from guard.finding import Check, Confidence, Signal

if TYPE_CHECKING:
    from guard.model.sweeping import Named


def signals_of(named: Iterable[Named], facts: Iterable[Facts], present: Iterable[Signal]) -> Iterator[Signal]:
    """A signal for each place of which nothing else tells the same; a finding of it carries the check where others name a rule."""
    by_path = {file.path: file for file in facts}
    known = [(signal.path, signal.check, range(signal.line, signal.end_line + 1)) for signal in present]
    for one in named:
        place, check = one.place, Check(one.check)
        lines = range(place.line, place.end_line + 1)
        told = any(
            path == place.path and other == check and any(line in lines for line in theirs) for path, other, theirs in known
        )
        if not told:
            known.append((place.path, check, lines))
            yield _signal(one, check, by_path)


def _signal(one: Named, check: Check, by_path: Mapping[str, Facts]) -> Signal:
    place, page = one.place, PAGES[check]
    code = "\n".join(by_path[place.path].lines[place.line - 1 : place.end_line])
    return Signal(
        rule=check,
        check=check,
        confidence=Confidence.POSSIBLE,
        path=place.path,
        line=place.line,
        end_line=place.end_line,
        message=page.happens,
        remedy=page.instead,
        identity=" ".join(code.split()) or check,
        question=page.question,
        code=code,
    )

"""Lines that are read, with as little around them as tells what they are part of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from guard.facts import Facts, FunctionKind
from guard.model.question import Excerpt
from guard.pipeline.bearing import smallest_function
from guard.pipeline.excerpts import excerpt_with, last_line
from guard.regex import regex

if TYPE_CHECKING:
    from guard.model.secrets import Concealed

_WHOLE = 20
"""A function up to this length is shown whole, of a longer one the lines around the place."""
_AROUND = 5
_BESIDE = 2
"""Lines around a place outside of all functions."""
_MOST_LINES = 120
_MOST_DECLARATIONS = 8
_WORD = regex(r"[A-Za-z_$][\w$]*")


def excerpt_of(facts: Facts, spans: Iterable[tuple[int, int]], concealed: Concealed) -> Excerpt:
    """The lines of a file around these places."""
    total = last_line(facts)
    places = list(spans)
    chosen = {number for first, last in places for number in range(first, last + 1) if 1 <= number <= total}
    for first, last in places:
        for number in _around(facts, first, last):
            if 1 <= number <= total and len(chosen) < _MOST_LINES:
                chosen.add(number)
    chosen |= {number for number in _declarations(facts, chosen) if number <= total}
    return excerpt_with(chosen, facts, concealed)


def _around(facts: Facts, first: int, last: int) -> Iterator[int]:
    """The smallest function around a place, whole if it is short, and the first lines of what is around it."""
    function = smallest_function(facts, first)
    if function is None or function.kind is FunctionKind.CLASS:
        yield from range(first - _BESIDE, last + _BESIDE + 1)
        return
    yield from (outer.span.line for outer in facts.enclosing(function.id))
    start, end = function.span.line, function.span.end_line
    if end - start >= _WHOLE:
        start, end = max(start, first - _AROUND), min(end, last + _AROUND)
    yield from range(start, end + 1)


def _declarations(facts: Facts, shown: set[int]) -> Sequence[int]:
    """First lines of the imports and of the file's own names that the shown lines mention."""
    words = {word for number in shown for word in _WORD.findall(facts.lines[number - 1])}
    imports = ((item.local.split(".")[0], item.span.line) for item in facts.imports if item.local)
    bindings = ((binding.name, binding.span.line) for binding in facts.bindings if binding.owner == "" and not binding.instance)
    named = {line for name, line in (*imports, *bindings) if name in words and 1 <= line <= len(facts.lines)}
    return sorted(named - shown)[:_MOST_DECLARATIONS]

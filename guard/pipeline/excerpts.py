"""The code that bears on a signal: the smallest functions around its places, and the declarations they lean on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import takewhile

from msgspec import Struct

from guard.facts import Facts, Function, FunctionKind
from guard.finding import Signal
from guard.model.question import Excerpt
from guard.model.secrets import Concealed, without_secrets
from guard.regex import regex

_MOST_LINES = 120
"""Lines of one file in one question."""
_WHOLE = 50
"""A function up to this length is shown whole, of a longer one the part around the place."""
_AROUND = 12
_MOST_DECLARATIONS = 12
_MOST_HELPERS = 4
_MOST_CALLERS = 2
_SHORT = 10
"""A function of fewer lines is shown where it is named."""
_MOST_ABOVE = 8
_MOST_WIDTH = 600
"""Characters of a line that are looked at: a minified file is one line of a megabyte."""
_MOST_COMMENT = 2_000
_FEW = 5
_KEYWORDS = frozenset("true false null none None True False self this const return await async from import".split())
_BELONGS_BELOW = ("@", "#", "//", "/*", "*")
_WORD = regex(r"[A-Za-z_$][\w$]*")


class Neighbourhood(Struct, frozen=True):
    """The files of a change, to be asked many times: facts by path, where each function name is called, the lines without secrets."""

    by_path: dict[str, Facts]
    called: dict[str, list[tuple[str, int]]]
    concealed: Concealed


def neighbourhood(facts: Iterable[Facts]) -> Neighbourhood:
    """What excerpts are taken from."""
    by_path = {found.path: found for found in facts}
    called: dict[str, list[tuple[str, int]]] = {}
    for path, found in by_path.items():
        for call in found.calls:
            called.setdefault(_last(call.name), []).append((path, call.span.line))
    return Neighbourhood(by_path, called, Concealed((path, found.lines) for path, found in by_path.items()))


def excerpts_for(signal: Signal, around: Neighbourhood) -> tuple[Excerpt, ...]:
    """Numbered lines of the files that the signal and its evidence name; the signal's own file first."""
    places = _places(signal)
    own = around.by_path.get(signal.path)
    if own is not None and not signal.evidence:
        places[signal.path] += _mentions(own, signal)
    for path, line in _callers(signal, own, around.called) if own is not None else ():
        places.setdefault(path, []).append((line, line))
    return tuple(_excerpt(path, around, lines) for path, lines in places.items() if path in around.by_path)


def _places(signal: Signal) -> dict[str, list[tuple[int, int]]]:
    """Spans by file, the most telling first."""
    places: dict[str, list[tuple[int, int]]] = {signal.path: [(signal.line, signal.end_line)]}
    for evidence in signal.evidence:
        places.setdefault(evidence.path, []).append((evidence.line, evidence.line))
    return places


def _callers(signal: Signal, own: Facts, called: dict[str, list[tuple[str, int]]]) -> list[tuple[str, int]]:
    """Where the function around the signal is called, in its own file first: who needs its result tells what it is for.

    A handler is called by its framework; a name that is called all over tells nothing.
    """
    function = _smallest_function(own, signal.line)
    if function is None or function.decorators or function.registered or function.kind is FunctionKind.CLASS:
        return []
    span = function.span
    places = [
        (path, line)
        for path, line in called.get(function.name, ())
        if path != own.path or not span.line <= line <= span.end_line
    ]
    return sorted(places, key=lambda place: place[0] != own.path)[:_MOST_CALLERS] if len(places) <= _FEW else []


def _last(name: str) -> str:
    return name.rsplit(".", 1)[-1].lstrip("~%")


def _mentions(facts: Facts, signal: Signal) -> list[tuple[int, int]]:
    """Other places that name what the signal's lines name: where a setting is used, what happens to a store afterwards.

    Without evidence nobody has looked for them yet. Only words that few lines share tell anything.
    """
    own = range(signal.line, signal.end_line + 1)
    words = {
        word
        for number in own
        if number <= len(facts.lines)
        for word in _WORD.findall(facts.lines[number - 1])
        if len(word) >= 4
    }
    words -= {item.local for item in facts.imports} | _KEYWORDS
    found: dict[str, list[int]] = {word: [] for word in words}
    for number, text in enumerate(facts.lines, 1):
        if number not in own:
            for word in words.intersection(_WORD.findall(text)):
                found[word].append(number)
    telling = sorted({number for numbers in found.values() if len(numbers) <= _FEW for number in numbers})
    return [(number, number) for number in telling[: 2 * _FEW]]


def _excerpt(path: str, around: Neighbourhood, places: list[tuple[int, int]]) -> Excerpt:
    facts = around.by_path[path]
    total = _last_line(facts)
    chosen: set[int] = set()
    for first, last in places:
        for number in _surroundings(facts, first, last):
            if len(chosen) < _MOST_LINES and 1 <= number <= total:
                chosen.add(number)
    chosen |= {number for number in _helpers(facts, chosen) if number <= total}
    chosen |= set(_declarations(facts, chosen))
    # A single line costs no more than saying that it is left out.
    chosen |= {number + 1 for number in chosen if number + 1 not in chosen and number + 2 in chosen}
    told = around.concealed.lines(path)
    lines = tuple((number, told[number - 1][:_MOST_WIDTH]) for number in sorted(chosen))
    comments = tuple(
        without_secrets(comment.text[:_MOST_COMMENT])
        for comment in facts.comments
        if not chosen.isdisjoint(range(comment.span.line, comment.span.end_line + 1))
    )
    return Excerpt(facts.path, lines, total, facts.partial, comments)


def _last_line(facts: Facts) -> int:
    """How many lines the file has; an empty piece after the last line's end is none."""
    return len(facts.lines) - (facts.lines[-1:] == ("",))


def _surroundings(facts: Facts, first: int, last: int) -> Iterator[int]:
    """The lines to show for one place: its own, then those of its function, nearest first where it is long."""
    last = min(last, first + _MOST_LINES // 2)
    yield from range(first, last + 1)
    function = _smallest_function(facts, first)
    if function is None:
        start = _from_its_comment(facts, first)
        yield from range(start, first) if facts.functions else range(first - _AROUND, last + _AROUND + 1)
        return
    start, end = _from_its_comment(facts, function.span.line), function.span.end_line
    yield from (outer.span.line for outer in facts.enclosing(function.parent))
    if end - start < _WHOLE:
        yield from range(start, end + 1)
        return
    yield from range(start, function.span.line + 2)
    yield from range(max(start, first - _AROUND), min(end, last + _AROUND) + 1)


def _smallest_function(facts: Facts, line: int) -> Function | None:
    around = [function for function in facts.functions if function.span.line <= line <= function.span.end_line]
    callables = [function for function in around if function.kind is not FunctionKind.CLASS]
    # A callback of one line says nothing without the function in which it stands.
    telling = [function for function in callables if function.span.end_line - function.span.line >= 2]
    return min(telling or callables or around, key=lambda function: function.span.end_line - function.span.line, default=None)


def _from_its_comment(facts: Facts, line: int) -> int:
    """The first of the lines directly above that belong to this one: decorators and comments."""
    above = reversed(facts.lines[max(0, line - 1 - _MOST_ABOVE) : line - 1])
    return line - sum(1 for _ in takewhile(lambda text: text.lstrip().startswith(_BELONGS_BELOW), above))


def _helpers(facts: Facts, shown: set[int]) -> Iterator[int]:
    """The lines of short functions of this file that the shown lines name: what makes the path, what gives the store."""
    words = {word for number in shown for word in _WORD.findall(facts.lines[number - 1])}
    named = [function for function in facts.functions if function.name in words and function.kind is not FunctionKind.CLASS]
    short = [
        function
        for function in named
        if function.span.end_line - function.span.line < _SHORT and function.span.line not in shown
    ]
    for function in short[:_MOST_HELPERS]:
        yield from range(_from_its_comment(facts, function.span.line), function.span.end_line + 1)


def _declarations(facts: Facts, shown: set[int]) -> Iterator[int]:
    """First lines of the imports and of the module's own names that the shown lines mention."""
    words = {word for number in shown for word in _WORD.findall(facts.lines[number - 1])}
    imports = ((item.local.split(".")[0], item.span.line) for item in facts.imports if item.local)
    bindings = ((binding.name, binding.span.line) for binding in facts.bindings if binding.owner == "" and not binding.instance)
    settings = ((item.path[-1], item.span.line) for item in facts.settings if item.path and facts.functions)
    mentioned = sorted(
        {line for name, line in (*imports, *bindings, *settings) if name in words and 1 <= line <= len(facts.lines)} - shown
    )
    yield from mentioned[:_MOST_DECLARATIONS]

"""The code that bears on a signal: the smallest functions around its places, and the declarations they lean on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import takewhile

from msgspec import Struct

from guard.facts import Facts, Function, FunctionKind
from guard.finding import Signal
from guard.model.question import Excerpt
from guard.model.secrets import Concealed
from guard.pipeline.bearing import Surroundings, bearing_on, smallest_function, surroundings, words_in

_ROOM = 4_800
"""Bytes of code in one question: with its words it stays shorter than what stands before it, which a server keeps."""
_EACH = 8
"""What a line takes beside its text."""
_WHOLE = 50
"""A function up to this length is shown whole, of a longer one the part around the place."""
_SHORT_FILE = 60
"""A file of settings up to this length is shown whole."""
_AROUND = 12
_NEAR = 4
_MOST_DECLARATIONS = 12
_MOST_HELPERS = 4
_SHORT = 10
"""A function of fewer lines is shown where it is named."""
_MOST_ABOVE = 8
_MOST_WIDTH = 600
"""Characters of a line that are looked at: a minified file is one line of a megabyte."""
_MOST_COMMENT = 2_000
_BELONGS_BELOW = ("@", "#", "//", "/*", "*")


class Neighbourhood(Struct, frozen=True):
    """The files around a change, to be asked many times, and their lines without secrets."""

    around: Surroundings
    concealed: Concealed


def neighbourhood(facts: Iterable[Facts]) -> Neighbourhood:
    """What excerpts are taken from; of two with one path, the first."""
    by_path: dict[str, Facts] = {}
    for found in facts:
        by_path.setdefault(found.path, found)
    return Neighbourhood(surroundings(by_path.values()), Concealed((path, found.lines) for path, found in by_path.items()))


def excerpts_for(signal: Signal, near: Neighbourhood) -> tuple[Excerpt, ...]:
    """Numbered lines of the files that bear on a signal, its own first: the most telling lines, as many as there is room for."""
    files = near.around.by_path
    room = _Room(files)
    for path, first, last in _places(signal):
        if path in files:
            room.take(path, _surroundings(files[path], first, last))
    room.complete()
    for path, line in bearing_on(signal, near.around):
        room.take(path, _in_short(files[path], line))
    if signal.path in files:
        room.take(signal.path, _declarations(files[signal.path], room.chosen[signal.path]))
    told = (path for path in room.paths if room.chosen[path] or path == signal.path)
    return tuple(excerpt_with(room.chosen[path], files[path], near.concealed) for path in told)


def _places(signal: Signal) -> Iterator[tuple[str, int, int]]:
    """Where a signal and its evidence stand."""
    yield signal.path, signal.line, signal.end_line
    for evidence in signal.evidence:
        yield evidence.path, evidence.line, evidence.line


class _Room:
    """The lines that are shown of each file, within a bound on all of them together; what comes first is kept."""

    def __init__(self, files: Mapping[str, Facts]) -> None:
        self._files = files
        self._left = _ROOM
        self.chosen: dict[str, set[int]] = {}

    @property
    def paths(self) -> tuple[str, ...]:
        """The files of which something is shown, in the order in which they came."""
        return tuple(self.chosen)

    def take(self, path: str, numbers: Iterable[int]) -> None:
        """Show these lines of a file too, as far as they fit."""
        facts = self._files[path]
        shown, total = self.chosen.setdefault(path, set()), last_line(facts)
        for number in numbers:
            if number in shown or not 1 <= number <= total:
                continue
            size = _EACH + len(facts.lines[number - 1][:_MOST_WIDTH].encode("utf-8", "surrogatepass"))
            if size > self._left:
                return  # a shorter line behind it would stand there without what it belongs to
            self._left -= size
            shown.add(number)

    def complete(self) -> None:
        """Show what the shown lines lean on."""
        for path in self.paths:
            self.take(path, _helpers(self._files[path], self.chosen[path]))
            self.take(path, _declarations(self._files[path], self.chosen[path]))


def _in_short(facts: Facts, line: int) -> Iterator[int]:
    """A place that only bears on the question: the line, then the head of its function, then what is around it."""
    yield line
    function = smallest_function(facts, line)
    if function is None:
        yield from () if facts.language in {"dockerfile", "procfile"} else (line - 1, line + 1)
        return
    start = _from_its_comment(facts, function.span.line)
    yield from range(max(start, function.span.line - 3), function.span.line + 1)
    yield from (outer.span.line for outer in facts.enclosing(function.parent))
    near = _NEAR if function.span.end_line - function.span.line > 2 * _NEAR else 2 * _NEAR
    yield from range(max(function.span.line, line - near), min(function.span.end_line, line + near) + 1)


def excerpt_with(chosen: set[int], facts: Facts, concealed: Concealed) -> Excerpt:
    """These lines of a file, and the comments in them, without secrets."""
    # A single line costs no more than saying that it is left out.
    shown = chosen | {number + 1 for number in chosen if number + 1 not in chosen and number + 2 in chosen}
    told = concealed.lines(facts.path)
    lines = tuple((number, told[number - 1][:_MOST_WIDTH]) for number in sorted(shown))
    comments = tuple(
        concealed.text(comment.text[:_MOST_COMMENT])
        for comment in facts.comments
        if not shown.isdisjoint(range(comment.span.line, comment.span.end_line + 1))
    )
    return Excerpt(facts.path, lines, last_line(facts), facts.partial, comments)


def last_line(facts: Facts) -> int:
    """How many lines the file has; an empty piece after the last line's end is none."""
    return len(facts.lines) - (facts.lines[-1:] == ("",))


def _surroundings(facts: Facts, first: int, last: int) -> Iterator[int]:
    """The lines to show for one place: its own, then those of its function, nearest first where it is long."""
    last = min(last, first + _WHOLE)
    yield from range(first, last + 1)
    function = smallest_function(facts, first)
    if function is None:
        yield from _around_a_statement(facts, first, last)
        return
    start, end = _from_its_comment(facts, function.span.line), function.span.end_line
    yield from (outer.span.line for outer in facts.enclosing(function.parent))
    if end - start < _WHOLE:
        yield from range(start, end + 1)
        return
    yield from range(start, function.span.line + 2)
    yield from _definitions(facts, function, first, last)
    yield from range(max(start, first - _AROUND), min(end, last + _AROUND) + 1)


def _definitions(facts: Facts, function: Function, first: int, last: int) -> Iterator[int]:
    """Where the function gives their values to the names that these lines use: what the path is, what is stored."""
    words = {word for text in facts.lines[first - 1 : last] for word in words_in(text[:_MOST_WIDTH])}
    for binding in facts.bindings:
        if binding.owner == function.id and binding.name in words:
            yield from range(binding.span.line, min(binding.span.end_line, binding.span.line + 2) + 1)


def _around_a_statement(facts: Facts, first: int, last: int) -> Iterator[int]:
    """What is beside a line that is in no function: in a file of settings all of it, or a good part."""
    if facts.functions:
        yield from range(_from_its_comment(facts, first), first)
    elif first <= last_line(facts) <= _SHORT_FILE:
        yield from range(1, _SHORT_FILE + 1)
    else:
        yield from range(first - _AROUND, last + _AROUND + 1)


def _from_its_comment(facts: Facts, line: int) -> int:
    """The first of the lines directly above that belong to this one: decorators and comments."""
    above = reversed(facts.lines[max(0, line - 1 - _MOST_ABOVE) : line - 1])
    return line - sum(1 for _ in takewhile(lambda text: text.lstrip().startswith(_BELONGS_BELOW), above))


def _helpers(facts: Facts, shown: set[int]) -> Iterator[int]:
    """The lines of short functions of this file that the shown lines name: what makes the path, what gives the store."""
    words = {word for number in shown for word in words_in(facts.lines[number - 1])}
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
    words = {word for number in shown for word in words_in(facts.lines[number - 1])}
    imports = ((item.local.split(".")[0], item.span.line) for item in facts.imports if item.local)
    bindings = ((binding.name, binding.span.line) for binding in facts.bindings if binding.owner == "" and not binding.instance)
    settings = ((item.path[-1], item.span.line) for item in facts.settings if item.path and facts.functions)
    mentioned = sorted(
        {line for name, line in (*imports, *bindings, *settings) if name in words and 1 <= line <= len(facts.lines)} - shown
    )
    yield from mentioned[:_MOST_DECLARATIONS]

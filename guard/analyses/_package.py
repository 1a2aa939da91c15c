"""Languages in which the files of a folder are one: a struct stands in one file, its methods and the handlers in others.

The changed files of a folder are looked at as one text. Each file's lines are moved by a distance of its own, so that a line says
which file it is of.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from guard.analyses._links import Link, for_requests, in_its_words, links_to, taken_over
from guard.facts import Binding, Call, Facts, Function, FunctionKind, Return, Span, Use
from guard.finding import Place
from guard.gathered import gathered
from guard.regex import regex

if TYPE_CHECKING:
    from guard.analyses import View

FOLDER_IS_ONE = frozenset({"go"})
_TESTS = regex(r"_test\.go$")
_DISTANCE = 1_000_000
_MOST_FILES = 40
"""Files of one folder that are looked at together."""
_Placed = TypeVar("_Placed", Binding, Call, Function, Return, Use)


class Package(Struct, frozen=True):
    """The facts of a file and of what is one with it. `own` says which lines are its own; others are told by `place`."""

    facts: Facts
    files: tuple[Facts, ...]
    index: int = 0
    called: frozenset[str] = frozenset()
    """Functions of other files that run with requests, by their ids here."""

    def own(self, line: int) -> bool:
        """Whether a line is one of the file itself."""
        return line // _DISTANCE == self.index

    def place(self, line: int) -> tuple[str, int]:
        """The path and the line there."""
        return self.files[line // _DISTANCE].path, line % _DISTANCE


def package_of(view: View) -> Package:
    """A file with what is one with it, and with what uses its names, as far as the change and its witnesses show it."""
    facts = view.facts
    links = links_to(facts, view.neighbours)
    files = _of_the_folder(facts, view.neighbours)
    if links:
        return _with_users(facts, files, links)
    return Package(_together(files) if len(files) > 1 else facts, files, files.index(facts))


def _of_the_folder(facts: Facts, neighbours: tuple[Facts, ...]) -> tuple[Facts, ...]:
    """The file, with those of its folder where the files of a folder are one."""
    if facts.language not in FOLDER_IS_ONE:
        return (facts,)
    beside = (
        other
        for other in neighbours
        if other.language == facts.language and _folder(other) == _folder(facts) and not _TESTS.search(other.path)
    )
    files = tuple(sorted((facts, *beside), key=lambda one: one.path))
    return files if len(files) <= _MOST_FILES else (facts,)


def _with_users(facts: Facts, files: tuple[Facts, ...], links: tuple[Link, ...]) -> Package:
    users = tuple((user, mark) for user, mark in taken_over(links) if user not in files)
    own = _together(files) if len(files) > 1 else facts
    joined = _joined((own, *(in_its_words(user, mark, links) for user, mark in users)), first=len(files))
    called = frozenset(scope for user, mark in users for scope in for_requests(user, mark))
    return Package(joined, (*files, *(user for user, _ in users)), files.index(facts), called)


def _folder(facts: Facts) -> str:
    return facts.path.rpartition("/")[0]


@gathered(most=4)
def _together(files: tuple[Facts, ...]) -> Facts:
    named = {f.name for file in files for f in file.functions if not f.parent and f.kind is FunctionKind.FUNCTION}
    return _joined(files, named)


def _joined(files: tuple[Facts, ...], named: AbstractSet[str] = frozenset(), first: int = 1) -> Facts:
    """The facts of all files as those of the first; a call by one of the names is one of a function of theirs.

    The first may be that of several files already.
    """
    moved = [(file, (number + first - 1) * _DISTANCE if number else 0) for number, file in enumerate(files)]
    return replace(
        files[0],
        lines=(),
        imports=tuple(item for file in files for item in file.imports),
        functions=tuple(_moved(one, by) for file, by in moved for one in file.functions),
        calls=tuple(_calling(_moved(one, by), named) for file, by in moved for one in file.calls),
        bindings=tuple(_moved(one, by) for file, by in moved for one in file.bindings),
        uses=tuple(_moved(one, by) for file, by in moved for one in file.uses),
        returns=tuple(_moved(one, by) for file, by in moved for one in file.returns),
    )


def _moved(one: _Placed, by: int) -> _Placed:
    span = one.span
    return one if not by else replace(one, span=Span(span.line + by, span.end_line + by, span.column))


def _calling(call: Call, named: AbstractSet[str]) -> Call:
    """A call by a bare name is one of a function of the package, if it has one of that name."""
    return replace(call, name=f"~{call.name}") if call.name in named else call


def own_lines(package: Package, spans: Iterator[Span]) -> tuple[tuple[int, int], ...]:
    """The first and last lines of spans in the file itself."""
    found = {(package.place(s.line)[1], package.place(s.end_line)[1]) for s in spans if package.own(s.line)}
    return tuple(sorted(found))


def other_places(package: Package, spans: Iterator[Span]) -> tuple[Place, ...]:
    """The places of spans in the other files."""
    found = {Place(*package.place(s.line), package.place(s.end_line)[1]) for s in spans if not package.own(s.line)}
    return tuple(sorted(found, key=lambda place: (place.path, place.line, place.end_line)))

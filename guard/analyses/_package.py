"""Languages in which the files of a folder are one: a struct stands in one file, its methods and the handlers in others.

The changed files of a folder are looked at as one text. Each file's lines are moved by a distance of its own, so that a line says
which file it is of.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from guard.facts import Binding, Call, Facts, Function, FunctionKind, Return, Span, Use
from guard.regex import regex

if TYPE_CHECKING:
    from guard.analyses import View

_FOLDER_IS_ONE = frozenset({"go"})
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

    def own(self, line: int) -> bool:
        """Whether a line is one of the file itself."""
        return line // _DISTANCE == self.index

    def place(self, line: int) -> tuple[str, int]:
        """The path and the line there."""
        return self.files[line // _DISTANCE].path, line % _DISTANCE


def package_of(view: View) -> Package:
    """The package of a file, as far as the change shows it."""
    facts = view.facts
    if facts.language not in _FOLDER_IS_ONE:
        return Package(facts, (facts,))
    beside = (
        other
        for other in view.neighbours
        if other.language == facts.language and _folder(other) == _folder(facts) and not _TESTS.search(other.path)
    )
    files = tuple(sorted((facts, *beside), key=lambda one: one.path))
    if len(files) == 1 or len(files) > _MOST_FILES:
        return Package(facts, (facts,))
    return Package(_together(files), files, files.index(facts))


def _folder(facts: Facts) -> str:
    return facts.path.rpartition("/")[0]


@lru_cache(maxsize=4)
def _together(files: tuple[Facts, ...]) -> Facts:
    named = {f.name for file in files for f in file.functions if not f.parent and f.kind is FunctionKind.FUNCTION}
    moved = [(file, number * _DISTANCE) for number, file in enumerate(files)]
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


def _calling(call: Call, named: set[str]) -> Call:
    """A call by a bare name is one of a function of the package, if it has one of that name."""
    return replace(call, name=f"~{call.name}") if call.name in named else call


def own_lines(package: Package, spans: Iterator[Span]) -> tuple[tuple[int, int], ...]:
    """The first and last lines of spans in the file itself."""
    found = {(package.place(s.line)[1], package.place(s.end_line)[1]) for s in spans if package.own(s.line)}
    return tuple(sorted(found))

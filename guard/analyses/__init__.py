"""Analyses: what needs more than one fact. One module each, found by the folder.

A module of this folder whose name has no leading underscore has

    RULES: tuple[Rule, ...]                                   what it can report, with the examples that test it
    def find(view: View) -> Iterator[Signal]: ...             pure; looks at the whole text of one side

An analysis does not know the diff: the review runs it on the new side, and on the old side where that is needed to tell
what the change introduced. A signal's `identity` must therefore be the same on both sides for the same cause.

It may also have, where other files can tell what its own does not,

    def asks(view: View, lines: frozenset[int]) -> Iterator[Wanted]: ...     what these lines of the change leave open
    ACROSS = True                                             its signals of an unchanged file count where they name places of the change

and, for a model that reads on where the heuristics are weak,

    def leaves(view: View) -> Iterator[Leftover]: ...         what looks like state, and is too little for a signal
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import lru_cache
from importlib import import_module
from typing import Protocol, cast

from msgspec import Struct

from guard.catalogue import Catalogue, Rule
from guard.catalogue.versions import in_range
from guard.facts import Facts
from guard.finding import Signal
from guard.project import Project
from guard.regex import regex
from guard.roles import SERVES_BY_ITSELF, Role, answers_requests, says_server


class View(Struct, frozen=True):
    """One side of one file, with what may be asked about its surroundings."""

    facts: Facts
    role: Role
    catalogue: Catalogue
    project: Project
    neighbours: tuple[Facts, ...] = ()
    """The other changed files of the same side, and unchanged ones that were read as witnesses, for evidence across files."""
    witnesses: frozenset[Facts] = frozenset()
    """Those of the neighbours that did not change."""

    @property
    def served(self) -> bool:
        """Whether the code is known to answer requests, events or messages of others."""
        return self.project.serves or answers_requests(self.facts) or self._served_beside

    @property
    def _served_beside(self) -> bool:
        """Whether code beside it does, in a language whose servers need no package, or whose builds name packages in many ways."""
        language, sources = self.facts.language, _sources(self.facts.path)
        if language in SERVES_BY_ITSELF:
            around = [other for other in self.neighbours if other.language == language]
            return says_server(self.facts.path) or any(answers_requests(other) for other in around)
        return bool(sources) and any(answers_requests(other) for other in self.neighbours if _sources(other.path) == sources)


_SOURCES = regex(r"(?:.*/)?src/main/(?=(?:java|kotlin)/)")


def _sources(path: str) -> str:
    """The folder of the sources of one module of a build for the JVM that a file belongs to; "" if it belongs to none."""
    found = _SOURCES.match(path)
    return found[0] if found else ""


def holds_here(rule: Rule, project: Project) -> bool:
    """Whether no package settles what the rule is about, and the versions in use are those it is about."""
    if not project.dependencies.isdisjoint(rule.settled_by):
        return False
    return all(in_range(wanted, project.requirement(package)) for package, ranges in rule.versions for wanted in ranges)


class Wanted(Struct, frozen=True):
    """What an unchanged file could tell about one that changed; exactly one of the three is given."""

    name: str = ""
    """A resolved name that another file defines. Who else uses it is wanted as well."""
    words: tuple[str, ...] = ()
    """Words that all stand in a file that uses what this one declares."""
    below: str = ""
    """The folder in which such files can stand; "" for the whole tree."""
    endings: tuple[str, ...] = ()
    """How the names of such files end; without any, as those do that can use what the asking file declares."""
    path: str = ""
    """A regular expression for the paths of files that say how this one is run."""


class Leftover(Struct, frozen=True):
    """What looks like state, and that an analysis can not explain: the lines (first, last) to look at, where it is made first."""

    spans: tuple[tuple[int, int], ...]


class Analysis(Protocol):
    """The shape of a module in this folder."""

    RULES: tuple[Rule, ...]

    @staticmethod
    def find(view: View) -> Iterator[Signal]:
        """Every signal in the file of the view, whether or not the change touched it."""
        ...


def wanted_by(view: View, lines: frozenset[int]) -> Iterator[Wanted]:
    """What the analyses would like to see of unchanged files: those that have something to decide on lines of a change."""
    for analysis in analyses():
        asks = getattr(analysis, "asks", None)
        if asks is not None:
            yield from cast(Callable[[View, frozenset[int]], Iterator[Wanted]], asks)(view, lines)


def left_by(view: View) -> Iterator[Leftover]:
    """What the analyses have seen in a file and say nothing of."""
    for analysis in analyses():
        leaves = getattr(analysis, "leaves", None)
        if leaves is not None:
            yield from cast(Callable[[View], Iterator[Leftover]], leaves)(view)


@lru_cache(maxsize=1)
def analyses() -> tuple[Analysis, ...]:
    """The analyses in this folder, by name."""
    files = sorted(os.listdir(os.path.dirname(__file__)))
    names = [file.removesuffix(".py") for file in files if file.endswith(".py") and not file.startswith("_")]
    return tuple(cast(Analysis, import_module(f"{__name__}.{name}")) for name in names)


def all_rules(catalogue: Catalogue) -> tuple[Rule, ...]:
    """Every rule that can be reported, those of the catalogue and those of the analyses, by id."""
    own = (rule for analysis in analyses() for rule in analysis.RULES)
    return tuple(sorted((*catalogue.rules, *own), key=lambda rule: rule.id))

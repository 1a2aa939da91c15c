"""Which atoms a prompt carries, and how much of each: the focal ones in full, those they lean on as core or summary, of all a line.

    https://skill-wiki.github.io: "Always in _index.xml", "adjacent / supporting" (core), "focal / direct hit" (full)

A pure packing: one list of steps whose order does not depend on the budget, of which as many are taken, from the first on, as fit.
So the result is never over budget, is always the same, and no atom ever gets less from a larger budget.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from msgspec import Struct

from guard.atoms.atom import Atom, Level
from guard.atoms.focus import Focus
from guard.errors import UsageError
from guard.regex import regex

NEEDS, BETTERS = "requires", "enhances"
"""The verbs that are followed: what an atom requires, and what that requires; what it enhances, one step."""
_MOST_OF_A_LINE = 80
_SECTION = regex(r"(?m)^(?=## )")

Count = Callable[[str], int]


class Place(StrEnum):
    """What an atom is to a prompt."""

    FOCAL = "focal"
    ADJACENT = "adjacent"
    OTHER = "other"


class Shown(Struct, frozen=True):
    """One atom in a prompt. `level` is None where only its line in the index is there; `reason` says in numbers why there is no more."""

    id: str
    place: Place
    why: str
    line: str
    level: Level | None
    text: str
    tokens: int
    """Of the text; the line is counted for itself."""
    line_tokens: int
    reason: str = ""


class Projection(Struct, frozen=True):
    """The atoms of a prompt: focal first, then adjacent, then the others by id."""

    atoms: tuple[Shown, ...]
    focal: tuple[Atom, ...]
    budget: int
    used: int
    missing: tuple[str, ...] = ()
    """Edges that lead to no atom of the corpus, in words."""

    def of(self, place: Place) -> tuple[Shown, ...]:
        """The atoms of one place, in order."""
        return tuple(shown for shown in self.atoms if shown.place is place)


class _Piece(Struct, frozen=True):
    """An atom with the size of all that could be told of it."""

    atom: Atom
    line: str
    line_tokens: int
    texts: Mapping[Level, str]
    sizes: Mapping[Level, int]


def project(focus: Focus, budget: int, count: Count) -> Projection:
    """Pack the atoms of a corpus around the focal ones. Raises UsageError if not even the checks of the focal ones and the index fit."""
    near = _adjacent(focus)
    order = [*focus.ids, *near, *sorted(focus.library.atoms.keys() - {*focus.ids, *near})]
    pieces = {name: _piece(focus.library.atoms[name], count) for name in order}
    used = _least(focus, pieces, budget)
    packing = _Packing(budget, used, dict.fromkeys(focus.ids, Level.CORE))
    packing.climb(_steps(focus.ids, near), pieces)
    shown = tuple(_shown(piece, focus, near, packing) for piece in pieces.values())
    return Projection(shown, focus.atoms, budget, packing.used, tuple(_missing(focus)))


def _piece(atom: Atom, count: Count) -> _Piece:
    texts = {level: without_doubled_sections(atom.projections[level.value]) for level in Level}
    line = index_line(atom)
    return _Piece(atom, line, count(line), texts, {level: count(text) for level, text in texts.items()})


def _least(focus: Focus, pieces: Mapping[str, _Piece], budget: int) -> int:
    """What is always there, in tokens: a line of each atom, the checks of the focal ones."""
    lines = sum(piece.line_tokens for piece in pieces.values())
    checks = sum(pieces[name].sizes[Level.CORE] for name in focus.ids)
    if lines + checks > budget:
        raise UsageError(
            f"the atoms do not fit into a prompt: {len(pieces):,} lines of the index take {lines:,} tokens, the checks of "
            f"{', '.join(focus.ids)} {checks:,}; there is room for {budget:,}. Ask about fewer atoms, or out of a smaller corpus"
        )
    return lines + checks


def _shown(piece: _Piece, focus: Focus, near: Mapping[str, str], packing: _Packing) -> Shown:
    name = piece.atom.id
    place = Place.FOCAL if name in focus.ids else Place.ADJACENT if name in near else Place.OTHER
    why = near.get(name, "what is asked about" if place is Place.FOCAL else "nothing leads to it")
    level = packing.levels.get(name)
    text, tokens = (piece.texts[level], piece.sizes[level]) if level else ("", 0)
    return Shown(name, place, why, piece.line, level, text, tokens, piece.line_tokens, packing.reasons.get(name, ""))


def index_line(atom: Atom) -> str:
    """The one line by which an atom is always known: what `_index.xml` says of it."""
    text = " ".join(atom.description.split()) or atom.name
    short = text if len(text) <= _MOST_OF_A_LINE else text[: _MOST_OF_A_LINE - 1] + "…"
    edges = "".join(f"; {edge.verb} {edge.target}" for edge in atom.relations)
    return f"- {atom.id} [{atom.kind}]: {short}{edges}"


def without_doubled_sections(text: str) -> str:
    """A projection in which nothing is said twice: compilers repeat generic sections, and list edges that `Relations` has."""
    head, *sections = _SECTION.split(text)
    relations = next((section for section in sections if section.startswith("## Relations\n")), "")
    kept = dict.fromkeys(section.strip() for section in sections if not _repeats_edges(section, relations))
    return "\n\n".join((head.strip(), *kept))


def _repeats_edges(section: str, relations: str) -> bool:
    """Whether a section lists only targets that the relations name under its verb."""
    heading, *items = section.strip().split("\n")
    verb = heading.removeprefix("## ").lower().replace(" ", "-")
    told = next((line for line in relations.split("\n") if line.replace("_", "-").startswith(f"{verb}: ")), "")
    targets = {target.strip() for target in told.partition(": ")[2].strip("[]").split(",")}
    listed = {item.removeprefix("- ").strip() for item in items if item.strip()}
    return bool(listed) and listed <= targets


def _adjacent(focus: Focus) -> dict[str, str]:
    """The atoms around the focal ones, nearest first, each with the edge by which it was reached."""
    found: dict[str, str] = {}
    required = list(focus.ids)
    for name in required:  # grows: what is required may require more
        reached = _reached(focus, name, NEEDS, found)
        found.update(reached)
        required += reached
    for name in focus.ids:
        found.update(_reached(focus, name, BETTERS, found))
    return found


def _reached(focus: Focus, name: str, verb: str, found: Mapping[str, str]) -> dict[str, str]:
    """The atoms to which the edges of one verb lead, as far as they are new."""
    atoms = focus.library.atoms
    targets = (edge.target for edge in atoms[name].relations if edge.verb == verb)
    return {target: f"{name} {verb} it" for target in targets if target in atoms and target not in {*focus.ids, *found}}


def _missing(focus: Focus) -> Iterator[str]:
    for atom in focus.atoms:
        yield from (
            f"{atom.id} {edge.verb} {edge.target}, which is not in this corpus" for edge in focus.library.dangling(atom)
        )


def _steps(focal: Iterable[str], near: Iterable[str]) -> Iterator[tuple[str, Level]]:
    """What is added, the most needed first: the rest of the focal atoms, a summary of each adjacent one, then their checks."""
    yield from ((name, Level.FULL) for name in focal)
    yield from ((name, Level.SUMMARY) for name in near)
    yield from ((name, Level.CORE) for name in near)


@dataclass(slots=True)
class _Packing:
    """What has been taken so far, and in numbers why there is no more."""

    budget: int
    used: int
    levels: dict[str, Level]
    reasons: dict[str, str] = field(default_factory=dict)

    def climb(self, steps: Iterable[tuple[str, Level]], pieces: Mapping[str, _Piece]) -> None:
        """Take steps while they fit. After the first that does not, none is taken: a larger budget must never take less of an atom."""
        first = ""
        for name, level in steps:
            sizes = pieces[name].sizes
            more = sizes[level] - (sizes[self.levels[name]] if name in self.levels else 0)
            if first:
                self.reasons.setdefault(
                    name, f"{level} would take {more:,} tokens more, and comes after what did not fit: {first}"
                )
            elif self.used + more > self.budget:
                first = f"{level} of {name}"
                self.reasons[name] = f"{level} would take {more:,} tokens more: {self.used:,} + {more:,} > {self.budget:,}"
            else:
                self.levels[name] = level
                self.used += more

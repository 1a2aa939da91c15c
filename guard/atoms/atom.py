"""What an atom is, as values."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct, field


class Level(StrEnum):
    """The three projections; each begins with the text of the one before."""

    SUMMARY = "summary"
    CORE = "core"
    FULL = "full"


class AtomCheck(Struct, frozen=True):
    """One line of an atom's checks: `slug` is our short name for it, `text` the atom's own sentence."""

    slug: str
    text: str


class Edge(Struct, frozen=True):
    """A relation to another atom: a verb and an id."""

    verb: str
    target: str


class Atom(Struct, frozen=True):
    """One atom of a compiled corpus, with the texts of its projections (without the files' last newline)."""

    id: str
    kind: str
    version: str
    name: str
    description: str
    domain: str
    checks: tuple[AtomCheck, ...]
    label: str
    relations: tuple[Edge, ...]
    tags: tuple[str, ...]
    tokens: Mapping[str, int]
    """As stated in atom.yaml, by level."""
    content_hash: str
    quality: Mapping[str, float]
    created_at: str
    projections: Mapping[str, str]
    """Texts by level."""


class Library(Struct, frozen=True):
    """The atoms of one corpus by id, and what its `_index.xml` says."""

    folder: str
    atoms: Mapping[str, Atom] = field(default_factory=dict)
    index: str = ""

    def dangling(self, atom: Atom) -> tuple[Edge, ...]:
        """Edges to atoms that this corpus does not have."""
        return tuple(edge for edge in atom.relations if edge.target not in self.atoms)

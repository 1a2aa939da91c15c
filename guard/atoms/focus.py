"""What a change is held against: the atoms that are asked about, and the corpus around them."""

from __future__ import annotations

from msgspec import Struct

from guard.atoms import STATELESS_PROCESSES
from guard.atoms.atom import Atom, Library


class Focus(Struct, frozen=True):
    """The focal atoms by id, out of a corpus that has them; the others of it are told as far as they bear on them."""

    library: Library
    ids: tuple[str, ...]

    @property
    def atoms(self) -> tuple[Atom, ...]:
        """The focal atoms, in order."""
        return tuple(self.library.atoms[name] for name in self.ids)


def alone(atom: Atom) -> Focus:
    """An atom without a corpus around it."""
    return Focus(Library("", {atom.id: atom}), (atom.id,))


def shipped() -> Focus:
    """The rule that every review is held against, out of the corpus that is shipped. Raises AtomError."""
    from guard.atoms.loader import load  # YAML and pydantic: paid by who asks a model

    return Focus(load(), (STATELESS_PROCESSES,))

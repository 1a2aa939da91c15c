"""A team's own atoms: read out of texts that were fetched before, each checked, with the atoms around it that are there too."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping

from guard.atoms.atom import Atom, Library
from guard.atoms.focus import Focus
from guard.atoms.loader import read_atom
from guard.errors import AtomError
from guard.regex import regex

FILES = ("atom.yaml", "chunks/summary.md", "chunks/core.md", "chunks/full.md")
"""What an atom's folder must hold to be reviewed against."""
_TARGET = regex(r"\btarget:\s*[\"']?(@[\w.-]+/[\w.-]+)")
_NAME = regex(r"(?:^|/)(@[\w.-]+/[\w.-]+)/?$")


def folder_of(named: str) -> str:
    """The folder of an atom that somebody names: itself, or a file in it. Raises AtomError."""
    folder = posixpath.dirname(named) if named.endswith((".yaml", ".yml")) else named.rstrip("/")
    if not _NAME.search(folder):
        raise AtomError(
            f"{named}: an atom lies in a folder of its id, …/@scope/kind-slug, as Prime's compiler writes it; name that folder"
        )
    return folder


def own_atoms(texts: Mapping[str, str], folders: tuple[str, ...]) -> tuple[Focus, ...]:
    """The atoms in these folders, out of the texts of their files by path. Raises AtomError."""

    def read(path: str, mend: str) -> str:
        text = texts.get(posixpath.normpath(path))
        if text is None:
            raise AtomError(f"{path}: is not there; {mend}")
        return text.replace("\r\n", "\n")

    found: list[Focus] = []
    for folder in folders:
        atom = read_atom(folder, read)
        if not atom.checks:
            raise AtomError(
                f"{folder}/chunks/core.md: {atom.id} has no checks, lines '- [ ] …' under '## Checks': there is nothing to review against"
            )
        corpus = posixpath.dirname(posixpath.dirname(folder))
        near = [read_atom(place, read) for place in _neighbours(atom, corpus) if posixpath.join(place, "atom.yaml") in texts]
        found.append(Focus(Library(corpus, {one.id: one for one in (atom, *near)}), (atom.id,)))
    return tuple(found)


def _neighbours(atom: Atom, corpus: str) -> tuple[str, ...]:
    """The folders, beside an atom's own, of the atoms that it names."""
    return tuple(
        dict.fromkeys(
            posixpath.join(corpus, edge.target)
            for edge in atom.relations
            if _NAME.search(edge.target) and edge.target != atom.id
        )
    )


def check_name(atom: Atom, slug: str) -> str:
    """How a check of a team's own atom is named in reports, configuration and suppressions: `scope/kind-slug#words-of-the-check`."""
    return f"{atom.id.removeprefix('@')}#{slug}"


def edges_of(stated: str) -> tuple[str, ...]:
    """The ids that an `atom.yaml` names, without checking it."""
    return tuple(dict.fromkeys(_TARGET.findall(stated)))

"""What `atoms list`, `show` and `index` print: pure functions, values in, text out."""

from __future__ import annotations

from guard.atoms.atom import Atom, Level, Library
from guard.errors import UsageError


def list_text(library: Library) -> str:
    """One line an atom: id, kind, version, tokens by level, description's first sentence."""
    lines = [
        f"{atom.id}  {atom.kind}  {atom.version}  {_sizes(atom)} tokens  {_first_sentence(atom.description)}"
        for atom in library.atoms.values()
    ]
    return "\n".join(lines) + "\n"


def list_values(library: Library) -> list[dict[str, object]]:
    """The same for machines."""
    return [atom_values(library, atom.id) for atom in library.atoms.values()]


def show_text(library: Library, atom_id: str, level: Level = Level.FULL) -> str:
    """An atom's text at a level, then what is not in it: the slugs of its checks, and where its edges lead nowhere."""
    atom = _find(library, atom_id)
    slugs = "".join(f"  {check.slug}: {check.text}\n" for check in atom.checks)
    dangling = "".join(f"  {edge.verb} {edge.target} is not in this corpus\n" for edge in library.dangling(atom))
    parts = [
        atom.projections[level.value] + "\n",
        f"Checks by slug\n{slugs}" if slugs else "",
        f"Edges that lead nowhere here\n{dangling}" if dangling else "",
    ]
    return "\n".join(part for part in parts if part)


def atom_values(library: Library, atom_id: str) -> dict[str, object]:
    """An atom for machines."""
    atom = _find(library, atom_id)
    missing = library.dangling(atom)
    return {
        "id": atom.id,
        "kind": atom.kind,
        "version": atom.version,
        "name": atom.name,
        "description": atom.description,
        "domain": atom.domain,
        "label": atom.label,
        "checks": [{"slug": check.slug, "text": check.text} for check in atom.checks],
        "relations": [{"type": edge.verb, "target": edge.target, "present": edge not in missing} for edge in atom.relations],
        "tokens": dict(atom.tokens),
        "content_hash": atom.content_hash,
        "created_at": atom.created_at,
    }


def index_text(library: Library) -> str:
    """The corpus' `_index.xml`, as it is read at the start by whoever retrieves atoms."""
    return library.index


def _find(library: Library, atom_id: str) -> Atom:
    found = library.atoms.get(atom_id) or next(
        (atom for atom in library.atoms.values() if atom.id.endswith("/" + atom_id)), None
    )
    if found is None:
        raise UsageError(f"no atom {atom_id!r}; there are {', '.join(library.atoms)}")
    return found


def _sizes(atom: Atom) -> str:
    return "/".join(str(atom.tokens[level.value]) for level in Level)


def _first_sentence(text: str) -> str:
    return text.split(". ", 1)[0].rstrip(".") + "." if text else ""

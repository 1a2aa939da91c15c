"""A compiled corpus, read and checked. Whatever does not fit is refused in one sentence that names the file and the mend."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from itertools import count as count_from
from typing import TYPE_CHECKING

from guard.atoms import SLUGS, atoms_folder
from guard.atoms.atom import Atom, AtomCheck, Edge, Level, Library
from guard.atoms.writer import content_hash, count
from guard.errors import AtomError, UsageError

if TYPE_CHECKING:
    from guard.atoms.schema import AtomFile

_TITLE = re.compile(r"# (?P<name>\S.*?) \[(?P<kind>[\w-]+)\] v(?P<version>\S+)")
_MOST_BYTES = 1_000_000
_WORD = re.compile(r"[a-z0-9]+")
_MOST_WORDS = 6

TextOf = Callable[[str, str], str]
"""Gives the text of a file by its path; raises AtomError, with a mend in words, where there is none."""


def load(folder: str | None = None) -> Library:
    """Every atom of a corpus: of the shipped one, if no folder is given."""
    root = folder or atoms_folder()
    index = _text(
        os.path.join(root, "_index.xml"), "a corpus has its _index.xml at the top; compile it, or name the folder that holds it"
    )
    atoms = [read_atom(place) for place in _atom_folders(root)]
    _check_index(os.path.join(root, "_index.xml"), index, {atom.id for atom in atoms})
    return Library(root, {atom.id: atom for atom in atoms}, index)


def load_atom(atom_id: str, folder: str | None = None) -> Atom:
    """One atom of a corpus, without reading the others."""
    root = folder or atoms_folder()
    place = os.path.join(root, *atom_id.split("/"))
    if not re.fullmatch(r"@[\w.-]+/[\w.-]+", atom_id) or ".." in atom_id or not os.path.isdir(place):
        raise UsageError(f"no atom {atom_id!r} in {root}; 'atoms list' shows what there is")
    return read_atom(place)


def read_atom(folder: str, text_of: TextOf | None = None) -> Atom:
    """The atom in a folder; `text_of` gives its files, by path, where they are not on this machine. Raises AtomError."""
    read = text_of or _text
    path = os.path.join(folder, "atom.yaml")
    stated = _parsed(path, read)
    levels = {level.value: _chunk(folder, level, stated, read) for level in Level}
    core = os.path.join(folder, stated.projection[Level.CORE.value])
    title = _TITLE.fullmatch(levels["core"].split("\n", 1)[0])
    if title is None:
        raise AtomError(f"{core}: line 1 must be '# Name [kind] vX.Y.Z'")
    _check_content(path, stated, levels)
    checks = tuple(re.findall(r"^- \[ \] (.+)$", _section(levels["core"], "Checks"), re.MULTILINE))
    return Atom(
        id=stated.id,
        kind=stated.kind,
        version=stated.version,
        name=title["name"],
        description=stated.description,
        domain=stated.domain,
        checks=_with_slugs(stated, checks, core),
        label=_section(levels["core"], "Label"),
        relations=tuple(Edge(edge.type, edge.target) for edge in stated.relations),
        tags=tuple(stated.tags),
        tokens=stated.tokens,
        content_hash=stated.content_hash,
        quality=stated.quality,
        created_at=stated.created_at,
        projections=levels,
    )


def _atom_folders(root: str) -> list[str]:
    scopes = [os.path.join(root, name) for name in sorted(os.listdir(root)) if name.startswith("@")]
    return [
        os.path.join(scope, name)
        for scope in scopes
        for name in sorted(os.listdir(scope))
        if os.path.isdir(os.path.join(scope, name))
    ]


def _parsed(path: str, read: TextOf) -> AtomFile:
    import yaml  # only who reads an atom pays for YAML and pydantic
    from pydantic import ValidationError

    from guard.atoms.schema import AtomFile

    text = read(path, "every atom has one; compile it again")
    try:
        stated = AtomFile.model_validate(yaml.safe_load(text))
    except (yaml.YAMLError, RecursionError) as error:
        raise AtomError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise AtomError(f"{path}: {where}: {first['msg']}") from None
    folder = "/".join(os.path.normpath(os.path.dirname(os.path.abspath(path))).split(os.sep)[-2:])
    if folder != stated.id:
        raise AtomError(f"{path}: id is {stated.id!r}, but the folder is {folder!r}; an atom lies in the folder of its id")
    return stated


def _chunk(folder: str, level: Level, stated: AtomFile, read: TextOf) -> str:
    path = os.path.normpath(os.path.join(folder, stated.projection[level.value]))
    if not path.startswith(os.path.normpath(folder) + os.sep):
        raise AtomError(f"{os.path.join(folder, 'atom.yaml')}: projection.{level}: must be a file inside the atom's folder")
    return read(path, "atom.yaml names it; compile the atom again").removesuffix("\n")


def _check_content(path: str, stated: AtomFile, levels: Mapping[str, str]) -> None:
    """An atom edited by hand is not the atom its hash names."""
    for smaller, larger in (("summary", "core"), ("core", "full")):
        if not levels[larger].startswith(levels[smaller]):
            raise AtomError(f"{path}: the {larger} projection must begin with the text of {smaller}; compile the atom again")
    for level, text in levels.items():
        if stated.tokens[level] != count(text):
            raise AtomError(
                f"{path}: tokens.{level} is {stated.tokens[level]}, the file has {count(text)}; compile the atom again"
            )
    if content_hash(stated.id, stated.kind, levels) != stated.content_hash:
        raise AtomError(f"{path}: content_hash is not that of the chunks; they were changed by hand: compile the atom again")


def _with_slugs(stated: AtomFile, checks: tuple[str, ...], core: str) -> tuple[AtomCheck, ...]:
    slugs = SLUGS.get(stated.id) or slugs_of(checks)
    if len(slugs) != len(checks):
        raise AtomError(f"{core}: {len(checks)} lines '- [ ] …' under '## Checks', expected {len(slugs)} ({', '.join(slugs)})")
    return tuple(map(AtomCheck, slugs, checks))


def slugs_of(checks: Iterable[str]) -> tuple[str, ...]:
    """Short names for checks, made of their first words, so that they do not depend on their order."""
    slugs: dict[str, None] = {}
    for check in checks:
        slug = "-".join(_WORD.findall(check.lower())[:_MOST_WORDS]) or "check"
        number = next(number for number in count_from(1) if (slug if number == 1 else f"{slug}-{number}") not in slugs)
        slugs[slug if number == 1 else f"{slug}-{number}"] = None
    return tuple(slugs)


def _section(text: str, heading: str) -> str:
    """What stands under the first heading of this name."""
    found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return found[1].strip() if found else ""


def _check_index(path: str, index: str, present: set[str]) -> None:
    from xml.etree import ElementTree as ET  # a corpus is a trusted folder; entities are refused just below

    if "<!DOCTYPE" in index or "<!ENTITY" in index:
        raise AtomError(f"{path}: document types and entities are not part of an index; compile the corpus again")
    try:
        listed = {atom.get("id", "") for atom in ET.fromstring(index).iter("atom")}  # noqa: S314 - no entities, see above
    except ET.ParseError as error:
        raise AtomError(f"{path}: not valid XML: {error}") from None
    for wrong, what in (
        (listed - present, "is listed, but has no folder"),
        (present - listed, "has a folder, but is not listed"),
    ):
        if wrong:
            raise AtomError(f"{path}: {min(wrong)} {what}; compile the corpus again")


def _text(path: str, mend: str) -> str:
    try:
        with open(path, "rb") as stream:
            content = stream.read(_MOST_BYTES + 1)
        if len(content) > _MOST_BYTES:
            raise AtomError(f"{path}: larger than {_MOST_BYTES:,} bytes; this is no atom")
        return content.decode("utf-8").replace("\r\n", "\n")
    except OSError as error:
        raise AtomError(f"{path}: {error.strerror}; {mend}") from None
    except UnicodeDecodeError:
        raise AtomError(f"{path}: not UTF-8; save it as UTF-8") from None

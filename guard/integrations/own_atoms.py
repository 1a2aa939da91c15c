"""A team's own atoms: those that its configuration names, out of the old side of a change, and those that somebody names on this machine.

What an atom says instructs a model. So a change can not bring one along, or alter one, for its own review: the old side counts.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping

from msgspec.structs import replace

from guard.config import Configuration, OwnAtoms
from guard.errors import ConfigError, UsageError
from guard.integrations.git import Selected


def with_own_atoms(found: Configuration, selected: Selected, named: Iterable[str] = ()) -> Configuration:
    """The configuration with the files of the atoms that it names, and of those that are `named` by a path of this machine or an id.

    Raises ConfigError, UsageError and AtomError.
    """
    settings, given = found.root, tuple(named)
    if not settings.atoms and not given:
        return found
    from guard.atoms.own import folder_of
    from guard.pipeline import own_atoms_of

    folders = tuple(folder_of(path) for path in settings.atoms)
    texts = dict(_texts(folders, _old_side(selected)))
    missing = next((folder for folder in folders if f"{folder}/atom.yaml" not in texts), None)
    if missing is not None:
        raise ConfigError(
            f"{settings.origin}: 'atoms': {missing}/atom.yaml is not there before this change; an atom counts from the next change on"
        )
    here = tuple(folder for name in given if (folder := _folder_here(name)) is not None)
    texts.update(_texts(here, _here))
    whole = replace(found, atoms=OwnAtoms((*folders, *here), tuple(sorted(texts.items()))))
    own_atoms_of(whole)  # what is wrong with one is told at once
    return whole


def checks_of(found: Configuration) -> Mapping[str, str]:
    """The names of the checks of a configuration's own atoms, each with the atom's sentence."""
    if not found.atoms.folders:
        return {}
    from guard.atoms.own import check_name
    from guard.pipeline import own_atoms_of

    return {
        check_name(atom, check.slug): check.text
        for focus in own_atoms_of(found)
        for atom in focus.atoms
        for check in atom.checks
    }


def _folder_here(name: str) -> str | None:
    """The folder of an atom that somebody names; None for one that every review is held against."""
    from guard.atoms import SHIPPED, atoms_folder
    from guard.atoms.own import folder_of

    if name.startswith("@") and not os.path.exists(name):
        if name in dict(SHIPPED):
            return None
        raise UsageError(
            f"--atom {name}: no atom of this name is shipped, and there is no such folder; 'atoms list' shows what there is"
        )
    folder = folder_of(os.path.abspath(name).replace(os.sep, "/"))
    if not os.path.isfile(f"{folder}/atom.yaml"):
        raise UsageError(f"--atom {name}: there is no atom.yaml; name the folder of a compiled atom")
    return None if os.path.commonpath((folder, atoms_folder())) == atoms_folder() else folder


def _texts(folders: Iterable[str], read: Callable[[str], str | None]) -> Iterator[tuple[str, str]]:
    """The files of these atoms, and of those that they name and that lie beside them."""
    from guard.atoms.own import FILES, edges_of

    todo, done = list(folders), set[str]()
    asked = set(todo)
    while todo:
        folder = todo.pop()
        done.add(folder)
        files = {f"{folder}/{name}": text for name in FILES if (text := read(f"{folder}/{name}")) is not None}
        yield from files.items()
        corpus = posixpath.dirname(posixpath.dirname(folder))
        for target in edges_of(files.get(f"{folder}/atom.yaml", "")) if folder in asked else ():
            place = f"{corpus}/{target}" if corpus else target
            if place not in done:
                todo.append(place)


def _old_side(selected: Selected) -> Callable[[str], str | None]:
    """Files before the change. Where whole files are looked at there may be no before: then those that are there count.

    So do those around a patch that it does not touch.
    """
    from guard.integrations.patch import PatchSource

    whole = selected.change.base is None and selected.change.head == "worktree"
    of_a_patch = isinstance(selected.source, PatchSource)
    touched = {path for file in selected.change.files for path in (file.path, file.old_path)}

    def read(path: str) -> str | None:
        text = selected.source.base(path)
        if text is None and (whole or (of_a_patch and path not in touched)):
            text = selected.source.head(path)
        return None if text is None else text.decode("utf-8", "replace")

    return read


def _here(path: str) -> str | None:
    try:
        with open(path, encoding="utf-8") as stream:
            return stream.read()
    except (OSError, UnicodeDecodeError):
        return None

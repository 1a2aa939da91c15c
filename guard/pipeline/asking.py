"""What a change leaves open that an unchanged file could tell: nothing, in most changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from guard.analyses import View, Wanted, wanted_by
from guard.catalogue import Catalogue
from guard.change import FileChange
from guard.facts import Facts
from guard.pipeline.signals import views
from guard.project import Project
from guard.roles import Role


def asked_about(
    facts: tuple[Facts, ...],
    files: Mapping[str, FileChange],
    catalogue: Catalogue,
    project: Project,
) -> list[tuple[Facts, Wanted]]:
    """The questions of all changed files, in order."""
    asking = (view for view in views(facts, catalogue, project) if view.role is Role.SERVER)
    return [(view.facts, wanted) for view in asking for wanted in _of_file(view, files)]


def _of_file(view: View, files: Mapping[str, FileChange]) -> Iterator[Wanted]:
    file = files[view.facts.path]
    if not view.facts.partial:
        yield from wanted_by(view, file.added | file.removal_points)

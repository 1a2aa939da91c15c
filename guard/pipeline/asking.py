"""What a change leaves open that an unchanged file could tell: nothing, in most changes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from guard.analyses import View, Wanted, wanted_by
from guard.catalogue import Catalogue
from guard.catalogue.matching import configures
from guard.change import FileChange
from guard.facts import Facts, last_segment
from guard.finding import Signal
from guard.modules import folder_of
from guard.pipeline.charts import values_wanted
from guard.pipeline.role_templates import defaults_wanted
from guard.pipeline.signals import views
from guard.project import Project
from guard.roles import CODE, Role


def asked_about(
    facts: tuple[Facts, ...],
    signals: Iterable[Signal],
    files: Mapping[str, FileChange],
    catalogue: Catalogue,
    project: Project,
) -> list[tuple[Facts, Wanted]]:
    """The questions of all changed files, in order."""
    by_path: dict[str, list[Signal]] = {}
    for signal in signals:
        by_path.setdefault(signal.path, []).append(signal)
    return [
        (view.facts, wanted)
        for view in views(facts, catalogue, project)
        for wanted in _of_file(view, files[view.facts.path], by_path.get(view.facts.path, ()))
    ]


def _of_file(view: View, file: FileChange, signals: Iterable[Signal]) -> Iterator[Wanted]:
    lines, facts = file.added | file.removal_points, view.facts
    touched = tuple(signal for signal in signals if any(line in lines for line in range(signal.line, signal.end_line + 1)))
    if view.role is not Role.INFRASTRUCTURE and not facts.partial:
        yield from wanted_by(view, lines)
    if facts.language == "yaml":
        yield from values_wanted(facts, lines, touched)
    if touched and facts.language not in CODE:
        yield from defaults_wanted(facts, touched)
    if facts.language == "hcl" and touched:  # what its variables are by default
        below = f"{folder_of(facts.path)}/" if folder_of(facts.path) else ""
        yield Wanted(path=rf"^{re.escape(below)}[^/]+\.(?:tf|tofu)$")
    if facts.language in CODE:
        words = dict.fromkeys(_settling(signal, view) for signal in touched)
        yield from (Wanted(words=(word,)) for word in words if word)


def _settling(signal: Signal, view: View) -> str:
    """Words of which one would be written somewhere else in the program, if somebody had chosen a store there."""
    rule = next((rule for rule in view.catalogue.candidates(view.facts) if rule.id == signal.rule), None)
    told = [one for one in (rule.unless if rule is not None else ()) if configures(one)]
    names = (last_segment(name.removesuffix(".**")) for one in told for name in (*one.call, *one.setting))
    return "|".join(dict.fromkeys(names))

"""What the guard makes of one file of the work tree: its role and the fact that decided it, what looks at it, or why nothing does."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from guard.analyses import analyses, holds_here
from guard.catalogue import Catalogue, load
from guard.catalogue.backing import names_a_product
from guard.config import MAX_FILE_SIZE, Configuration
from guard.errors import UsageError
from guard.facts import Constant, Facts
from guard.finding import Failure, Skipped
from guard.integrations.files import open_files
from guard.integrations.git import Selected
from guard.integrations.own_rules import own_rules_of
from guard.pipeline.sides import head_text, project_of, read_side
from guard.project import Project
from guard.roles import CODE, EXAMINED, Decision, Role, decide
from guard.stages import Stage, stage

VERSION = 1
_WIDTH = 100
_WHY_NOT = {
    Role.STORE: "keeping state is the job of a store, and it has means of its own to keep it.",
    Role.COMMAND_LINE: "what a command holds ends with its run, and its files belong to whoever runs it.",
    Role.JOB: "a batch ends when its work is done: nobody asks it again.",
    Role.TEST: "what a test holds ends with the test.",
    Role.MIGRATION: "a migration runs once, at a release.",
    Role.BUILD: "a build is done before anybody asks for anything.",
    Role.NOTEBOOK: "a notebook has one user, who sees its state.",
    Role.BROWSER: "in a browser each user has a process of their own.",
    Role.DESKTOP: "a program on a device has one user and keeps its state there by right.",
    Role.DEVELOPMENT: "it is for development or one machine, not for what users reach.",
    Role.DOCUMENTATION: "documentation does not run.",
    Role.GENERATED: "nobody writes it by hand: what it does is decided where it is made from.",
}
_IMAGES = frozenset({"image", "repository", "image_name"})
_MOST_TOLD = 12


class AboutFile(Struct, frozen=True):
    """What there is to say of one file. `language` is "" and there is no decision where nothing reads it."""

    path: str
    language: str = ""
    decision: Decision | None = None
    not_reviewed: str = ""
    """Why nothing looks at it; "" if something does."""
    served: str = ""
    """For code: whether its project is known to answer requests, and by what."""
    environment: str = ""
    """For configuration: whose it is."""
    owners: tuple[str, ...] = ()
    """Images in it that are backing services: volumes are theirs by right."""
    analyses: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    """Rules of which a name stands in the file."""


def about_file(path: str, directory: str, configuration_for: Configuration) -> AboutFile:
    """What the guard makes of a file. Raises UsageError if it is not there, GuardError if it can not be read."""
    with open_files((path,), directory) as what:
        if len(what.change.files) != 1:
            raise UsageError(f"{path}: name one file that git does not ignore")
        return _about(what, configuration_for)


@stage(Stage.ANALYSES)
def _about(what: Selected, configuration: Configuration) -> AboutFile:
    (file,) = what.change.files
    side = read_side((file,), partial(head_text, what.source), configuration.excludes, MAX_FILE_SIZE)
    problems: tuple[Skipped | Failure, ...] = (*side.skipped, *side.failures)
    if problems:
        return AboutFile(file.path, not_reviewed=f"{_reason(problems[0])}.")
    (facts,) = side.facts
    project = project_of(what.change, what.source)
    decision = decide(facts, project)
    told = AboutFile(
        file.path,
        facts.language,
        decision,
        served=_served(project) if facts.language in CODE else "",
        environment="" if facts.language in CODE else _environment(decision.role),
        owners=tuple(_owners(facts)),
    )
    if decision.role not in EXAMINED:
        return replace(told, not_reviewed=_WHY_NOT.get(decision.role, "its role keeps no state that a later request needs."))
    catalogue = load(own_rules_of(configuration))
    return replace(told, analyses=tuple(_analyses(facts, decision.role)), rules=tuple(_rules(facts, catalogue, project)))


def _reason(problem: Skipped | Failure) -> str:
    return problem.reason if isinstance(problem, Skipped) else problem.error


def _served(project: Project) -> str:
    from guard.project.servers import serves

    if not project.dependencies:
        return "unknown: no manifest above it names a dependency"
    named = sorted((entry.path, name) for entry in project.declared for name in entry.names if serves({name}))
    return f"yes, by {named[0][1]} ({named[0][0]})" if named else "no dependency does, so findings are less sure"


def _environment(role: Role) -> str:
    if role in {Role.DEVELOPMENT, Role.TEST}:
        return str(role)
    return "production; sections and profiles in it that say development or test are left out"


def _owners(facts: Facts) -> Iterator[str]:
    images = (
        one.value.value for one in facts.settings if one.path and one.path[-1] in _IMAGES and isinstance(one.value, Constant)
    )
    yield from dict.fromkeys(image for image in images if isinstance(image, str) and names_a_product(image))


def _analyses(facts: Facts, role: Role) -> Iterator[str]:
    if role is Role.INFRASTRUCTURE:
        return
    for analysis in analyses():
        yield from (rule.id for rule in analysis.RULES if facts.language in rule.languages)


def _rules(facts: Facts, catalogue: Catalogue, project: Project) -> Iterator[str]:
    return (rule.id for rule in catalogue.candidates(facts) if holds_here(rule, project))


# -- as text, as JSON -------------------------------------------------------------------------------------------------


def as_text(told: AboutFile) -> str:
    """A few lines, the verdict first."""
    return "\n".join(_lines(told)) + "\n"


def _lines(told: AboutFile) -> Iterator[str]:
    decision = told.decision
    verdict = "is not reviewed" if told.not_reviewed else "is reviewed"
    yield f"{told.path} {verdict}{f': it is {_named(decision.role, told.language)}' if decision else ''}."
    if decision:
        yield from _row("because", f"{decision.why}{_where(told.path, decision)}")
    yield from _row("so", told.not_reviewed)
    yield from _row("language", told.language)
    yield from _row("serves", told.served)
    yield from _row("environment", told.environment)
    yield from _row("owners", ", ".join(told.owners))
    yield from _row("analyses", ", ".join(told.analyses))
    more = f" and {len(told.rules) - _MOST_TOLD} more" if len(told.rules) > _MOST_TOLD else ""
    yield from _row("rules", f"{', '.join(told.rules[:_MOST_TOLD])}{more}")
    if told.decision and not told.not_reviewed and not told.rules:
        yield from _row("rules", "none: no name that a rule knows stands in it")


_CALLED = {
    Role.SERVER: "code of a server",
    Role.INFRASTRUCTURE: "a program that describes what is deployed",
    Role.LIBRARY: "code of a library",
    Role.STORE: "code of a store itself",
    Role.COMMAND_LINE: "code of a command",
    Role.JOB: "a batch job",
    Role.TEST: "for tests",
    Role.MIGRATION: "a migration",
    Role.BUILD: "for a build, a benchmark or another tool",
    Role.NOTEBOOK: "a notebook",
    Role.BROWSER: "code of a browser's side",
    Role.DESKTOP: "code of a program with windows, for a device or a game",
    Role.DEVELOPMENT: "for development",
    Role.DOCUMENTATION: "documentation",
    Role.GENERATED: "made by a tool, or copied",
}


def _named(role: Role, language: str) -> str:
    return "configuration" if role is Role.SERVER and language not in CODE else _CALLED.get(role, role)


def _where(path: str, decision: Decision) -> str:
    if decision.line:
        return f" ({path}:{decision.line})"
    return f" ({decision.manifest})" if decision.manifest and decision.manifest not in decision.why else ""


def _row(name: str, text: str) -> list[str]:
    if not text:
        return []
    return textwrap.wrap(
        text, _WIDTH, initial_indent=f"  {name:<12}", subsequent_indent=" " * 14, break_long_words=False, break_on_hyphens=False
    )


def as_json(told: AboutFile) -> str:
    """The same as an object, for programs."""
    import json

    decision = told.decision
    document = {
        "version": VERSION,
        "path": told.path,
        "language": told.language or None,
        "role": decision.role if decision else None,
        "because": {"fact": decision.why, "line": decision.line or None, "manifest": decision.manifest or None}
        if decision
        else None,
        "reviewed": not told.not_reviewed,
        "not_reviewed": told.not_reviewed or None,
        "serves": told.served or None,
        "environment": told.environment or None,
        "owners": list(told.owners),
        "analyses": list(told.analyses),
        "rules": list(told.rules),
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"

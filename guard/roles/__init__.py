"""What a file is for: decided here alone, from what its project's manifests say of it, its path and what stands in it."""

from __future__ import annotations

from guard.facts import Facts
from guard.project import Project
from guard.project.manifests import Start
from guard.roles import contents, programs
from guard.roles.components import in_a_component
from guard.roles.paths import by_path, role_of_path, says_server
from guard.roles.values import CODE, EXAMINED, SERVES_BY_ITSELF, Decision, Role

__all__ = [
    "CODE",
    "EXAMINED",
    "SERVES_BY_ITSELF",
    "Decision",
    "Role",
    "answers_requests",
    "decide",
    "role_apart_from_marks",
    "role_of",
    "role_of_path",
    "says_server",
]

_COMMANDS_BY_NAME = frozenset({"php", "ruby"})
"""Languages whose frameworks are imported by servers and commands alike, and say by a file's place which it is."""
_ASIDE = frozenset({Role.COMMAND_LINE, Role.BUILD})
"""What a folder says of its files, unless a platform keeps one of them running."""


def role_of(facts: Facts, project: Project) -> Role:
    """What a file is for."""
    return decide(facts, project).role


def answers_requests(facts: Facts) -> bool:
    """Whether a file itself uses what answers requests, events or messages of others."""
    return contents.answering(facts) is not None


def decide(facts: Facts, project: Project) -> Decision:
    """What a file is for, and the fact that decides it: the first that says anything, from the plainest on."""
    if facts.language not in CODE:
        said = by_path(facts.path, code=False)
        return said or Decision(Role.SERVER, "configuration counts where its name does not say development or test")
    return contents.set_aside(facts) or _apart_from_marks(facts, project)


def role_apart_from_marks(facts: Facts, project: Project) -> Role:
    """What a file is for, whatever it says of itself: anybody can write that it was generated."""
    return _apart_from_marks(facts, project).role if facts.language in CODE else role_of(facts, project)


def _apart_from_marks(facts: Facts, project: Project) -> Decision:
    return _by_name(facts, project) or in_a_component(facts, project) or _by_contents(facts, project)


def _by_name(facts: Facts, project: Project) -> Decision | None:
    """What the path says, as far as it has the last word."""
    said = by_path(facts.path, code=True)
    role = said.role if said else None
    named_so = "management/commands/" in facts.path or facts.language in _COMMANDS_BY_NAME
    if role is Role.COMMAND_LINE and not named_so:  # `python -m app` and `app serve` start servers as well
        answers = contents.answering(facts)
        if answers is not None:
            return answers
    if role in {None, Role.COMMAND_LINE}:
        deploys = contents.describing_deployments(facts)
        if deploys is not None:
            return deploys
    if role in _ASIDE:
        kept_running = programs.named(facts.path, project)
        if kept_running is not None and kept_running.role is Role.SERVER:
            return kept_running
    return said


def _by_contents(facts: Facts, project: Project) -> Decision:
    return (
        contents.beside_the_program(facts)
        or programs.of_a_store(project)
        or contents.answering(facts)
        or contents.one_run(facts)
        or programs.named(facts.path, project)
        or contents.script(facts)
        or contents.for_the_browser(facts)
        or _in_a_front_end(facts, project)
        or contents.with_windows(facts)
        or programs.around(facts.path, project, Start.WINDOW, Start.COMMAND, Start.ONCE)
        or programs.of_a_desktop(project)
        or contents.for_the_command_line(facts)
        or _in_a_library(facts, project)
        or programs.in_a_tool(facts.path, project)
        or Decision(Role.SERVER, "nothing shows that it is anything else")
    )


def _in_a_front_end(facts: Facts, project: Project) -> Decision | None:
    return programs.in_a_front_end(facts.path, project) if contents.may_run_in_a_browser(facts) else None


def _in_a_library(facts: Facts, project: Project) -> Decision | None:
    return None if project.serves else programs.around(facts.path, project, Start.LIBRARY)

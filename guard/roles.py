"""What a file is for: decided here alone, from its path and its facts."""

from __future__ import annotations

from enum import StrEnum

from guard.facts import Facts
from guard.project import Project


class Role(StrEnum):
    """Who runs the code, and when. State outlives a request only where requests are served."""

    SERVER = "server"
    """Serves requests, or is used by what does; also deployment files. Everything that is not shown to be something else."""
    COMMAND_LINE = "command-line"
    TEST = "test"
    MIGRATION = "migration"
    BUILD = "build"
    NOTEBOOK = "notebook"
    BROWSER = "browser"
    DESKTOP = "desktop"
    DEVELOPMENT = "development"
    """Settings and deployments that name themselves development or local."""
    DOCUMENTATION = "documentation"
    STORE = "store"
    """The code of a product whose job is to be the backing service."""


def role_of(facts: Facts, project: Project) -> Role:
    """What a file is for."""
    del facts, project
    return Role.SERVER

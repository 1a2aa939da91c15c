"""What a file can be for, and what decided it."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Role(StrEnum):
    """Who runs the code, and when. State outlives a request only where requests are served."""

    SERVER = "server"
    """Serves requests, or is used by what does; also deployment files. Everything that is not shown to be something else."""
    INFRASTRUCTURE = "infrastructure"
    """A program that describes what is deployed (CDK, Pulumi): its settings count as those of a deployment file, its own state does not."""
    LIBRARY = "library"
    """Published for other programs: whether they answer requests is theirs to know, so it is looked at with less certainty."""
    STORE = "store"
    """The code of a store itself: what it holds is its job, and it sees to it that it survives."""
    COMMAND_LINE = "command-line"
    JOB = "job"
    """A batch: begun by a schedule or by hand, ended when its work is done."""
    TEST = "test"
    MIGRATION = "migration"
    BUILD = "build"
    NOTEBOOK = "notebook"
    BROWSER = "browser"
    DESKTOP = "desktop"
    DEVELOPMENT = "development"
    """Settings and deployments that name themselves development or local."""
    DOCUMENTATION = "documentation"
    GENERATED = "generated"
    """Built by a tool, or copied from another project."""


class Decision(NamedTuple):
    """A role, and the fact that decided it: words, with the line of the file (0 for none) or the manifest where they can be checked."""

    role: Role
    why: str
    line: int = 0
    manifest: str = ""


EXAMINED = frozenset({Role.SERVER, Role.LIBRARY, Role.INFRASTRUCTURE})
"""The roles in which state can outlive a request that needs it later."""
CODE = ("python", "javascript", "typescript", "go", "java", "kotlin", "csharp", "php", "ruby")
"""Languages in which programs are written; the other readers read configuration."""
SERVES_BY_ITSELF = frozenset({"go", "csharp"})
"""Languages whose own library answers requests: no dependency tells a server from other programs."""

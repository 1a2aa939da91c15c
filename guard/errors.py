"""The one tree of errors: each says what happened, where, and what to do.

The command line turns a `GuardError` into one line on standard error and its exit status, in one place (`guard.cli`).
"""

from __future__ import annotations


class GuardError(Exception):
    """Something the caller can act on; the text is one clear line without a final full stop's worth of stack."""

    exit_status = 2


class UsageError(GuardError):
    """The arguments contradict each other or name something that does not exist."""


class ConfigError(GuardError):
    """A configuration file holds an unknown key or a wrong value; names file and key."""


class PatchError(GuardError):
    """A patch does not parse; names its line."""


class SourceError(GuardError):
    """The repository or a revision of it can not be read."""


class CatalogueError(GuardError):
    """An entry of the catalogue is wrong; names file, entry and the mend."""


class AtomError(GuardError):
    """An atom can not be read; names file and line."""


class ModelError(GuardError):
    """The model could not be asked, or did not answer in a usable form. The review is incomplete, not wrong."""

    exit_status = 3


class MissingExtraError(GuardError):
    """A command needs a package that is not installed; names the extra that brings it."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} needs a package that is not installed: pip install 'stateless-guard[{extra}]'")


class HostError(GuardError):
    """The host of a pull request can not be reached, or refuses the token. What was not posted is said."""

    exit_status = 3

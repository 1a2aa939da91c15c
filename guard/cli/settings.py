"""Which configuration counts for a review, and how to show it."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Collection

from guard.config import Configuration, Overrides, Settings, configuration, refuse_unknown_names, settings_from, shown
from guard.errors import ConfigError
from guard.integrations.git import Selected

_PULL_REQUEST = (
    "GITHUB_BASE_REF", "CI_MERGE_REQUEST_IID", "BITBUCKET_PR_ID", "SYSTEM_PULLREQUEST_PULLREQUESTID", "CHANGE_ID",
    "CIRCLE_PULL_REQUEST", "BUILDKITE_PULL_REQUEST", "TRAVIS_PULL_REQUEST", "DRONE_PULL_REQUEST",
)  # fmt: skip
"""Variables that CI services set for a pull request alone, or to "false"."""


def configured(what: Selected, options: Namespace) -> Configuration:
    """The configuration for a change, from its own files or the one named, under the command line. Raises ConfigError."""
    overrides = Overrides(_names(options.select), _names(options.ignore), options.fail_on or "", options.model)
    found = from_files(what, options.config, overrides, side(options))
    refuse_unknown_names(found, _known_names)
    return found


def from_files(what: Selected, only: str, overrides: Overrides, side_read: str) -> Configuration:
    """The configuration as files of one side of the change have it, or one file alone."""
    if only:
        return Configuration((_only(only),), overrides)
    read = what.source.base if side_read == "base" else what.source.head
    return configuration((file.path for file in what.change.files), read, overrides)


def side(options: Namespace) -> str:
    """The side of the change that decides: in CI, a pull request can not switch off its own guard."""
    if options.config_from != "auto":
        return str(options.config_from)
    in_a_pull_request = any(os.environ.get(name, "") not in ("", "false") for name in _PULL_REQUEST)
    return "base" if in_a_pull_request and (getattr(options, "base", None) or getattr(options, "range", None)) else "head"


def _names(given: list[str] | None) -> tuple[str, ...]:
    return tuple(name.strip() for text in given or () for name in text.split(",") if name.strip())


def _only(file: str) -> Settings:
    try:
        with open(file, "rb") as stream:
            text = stream.read()
    except OSError as error:
        raise ConfigError(f"{file}: can not be read: {error.strerror}") from None
    settings = settings_from(text, file)
    if settings is None:
        raise ConfigError(f"{file}: has no table [tool.stateless-guard]")
    return settings


def _known_names() -> Collection[str]:
    from guard.analyses import all_rules
    from guard.catalogue import load
    from guard.policy import NOTES

    return {rule.id for rule in all_rules(load())}.union(NOTES)


def show(found: Configuration, what: Selected, options: Namespace) -> int:
    """Print the settings that count, each with the files that it counts for; gives the exit status."""
    paths_by_origin: dict[str, list[str]] = {found.root.origin: []}
    for file in what.change.files:
        paths_by_origin.setdefault(found.for_path(file.path).origin, []).append(file.path)
    sys.stdout.write(
        f"# configuration from the {side(options)} side of the change; the nearest file above a path decides for it\n"
    )
    for origin, paths in paths_by_origin.items():
        settings = found.for_path(paths[0]) if paths else found.root
        sys.stdout.write(f"\n# {origin or 'defaults (no file)'}: for {len(paths)} of {len(what.change.files)} selected files\n")
        sys.stdout.write(f"{shown(settings)}\n")
    return 0

"""Which configuration the options ask for, and how to show it."""

from __future__ import annotations

import sys
from argparse import Namespace

from guard.config import Configuration, Overrides, shown
from guard.integrations.configured import BASE, HEAD, configuration_for, in_a_pull_request
from guard.integrations.git import Selected


def configured(what: Selected, options: Namespace) -> Configuration:
    """The configuration for a change, from its own files or the one named, under the command line. Raises ConfigError."""
    accepting = not getattr(options, "no_baseline", False)
    return configuration_for(what, side=side(options), overrides=overrides(options), file=options.config, accepting=accepting)


def overrides(options: Namespace) -> Overrides:
    """What the options say over every file."""
    atoms = tuple(getattr(options, "atom", None) or ())
    return Overrides(_names(options.select), _names(options.ignore), options.fail_on or "", options.model, atoms)


def side(options: Namespace) -> str:
    """The side of the change that decides: in CI, a pull request can not switch off its own guard."""
    if options.config_from != "auto":
        return str(options.config_from)
    compares = getattr(options, "base", None) or getattr(options, "range", None)
    return BASE if compares and in_a_pull_request() else HEAD


def _names(given: list[str] | None) -> tuple[str, ...]:
    return tuple(name.strip() for text in given or () for name in text.split(",") if name.strip())


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

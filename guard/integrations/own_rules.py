"""A team's own rules: the files that its configuration names, found and read on the side of the change that the configuration is from."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from msgspec.structs import replace

from guard.change import ChangeSet
from guard.config import Configuration, Overrides, Settings, configuration
from guard.errors import ConfigError, SourceError
from guard.integrations.git import Git, GitSource, Selected

if TYPE_CHECKING:
    from guard.catalogue import Rule

_WILD = "*?"


def with_own_rules(found: Configuration, selected: Selected, read: Callable[[str], bytes | None]) -> Configuration:
    """The configuration with the texts of the files that `catalogue` names, checked. Raises ConfigError and CatalogueError."""
    settings = found.root
    if not settings.catalogue:
        return found
    from guard.analyses import analyses
    from guard.catalogue import load
    from guard.catalogue.own import refuse_known

    texts = tuple((path, _text(path, read, settings)) for path in dict.fromkeys(_named(settings, selected)))
    refuse_known(texts, load().shipped_ids | {rule.id for analysis in analyses() for rule in analysis.RULES})
    return replace(found, catalogue=texts)


def own_rules_of(found: Configuration) -> tuple[Rule, ...]:
    """The rules that a configuration brings along."""
    if not found.catalogue:
        return ()
    from guard.catalogue.own import own_rules

    return own_rules(found.catalogue)


def configuration_here(directory: str, file: str = "") -> Configuration:
    """The configuration that the root of the repository around a directory has now; outside of one, that of the directory."""
    from guard.integrations.configured import settings_of

    git = Git(directory)
    try:
        has_tree, root, _ = git.facts
    except SourceError:
        has_tree, root = True, directory
    source = GitSource(git, "HEAD", None if has_tree else "HEAD", root)
    with Selected(ChangeSet((), None, "worktree" if has_tree else "HEAD"), source, root) as selected:
        found = Configuration((settings_of(file),)) if file else configuration((), source.head, Overrides())
        return with_own_rules(found, selected, source.head)


def _named(settings: Settings, selected: Selected) -> Iterator[str]:
    """The paths that the patterns name, each pattern's in order."""
    from guard.catalogue.patterns import path_matches

    for pattern in settings.catalogue:
        if not set(_WILD) & set(pattern):
            yield pattern
            continue
        listed = _listed(selected)
        if not listed:
            raise ConfigError(
                f"{settings.origin}: 'catalogue': the files that {pattern!r} fits can not be listed here; name each file"
            )
        found = sorted(path for path in listed if path_matches(path, (pattern,)))
        if not found:
            raise ConfigError(f"{settings.origin}: 'catalogue': there is no file that {pattern!r} fits")
        yield from found


def _listed(selected: Selected) -> frozenset[str]:
    """All paths that either side may have: those of the new side, and the old ones of what the change took away or renamed."""
    listing: Callable[[], frozenset[str]] = getattr(selected.source, "listing", selected.source.head_paths)
    try:
        paths = listing()
    except SourceError:  # no repository here: files alone
        paths = frozenset(_walked(selected.root))
    return paths | {file.old_path for file in selected.change.files if file.old_path} if paths else paths


def _walked(root: str) -> Iterator[str]:
    from guard.integrations.files import walked

    return (path.replace(os.sep, "/").removeprefix("./") for path in walked(root, (".",)))


def _text(path: str, read: Callable[[str], bytes | None], settings: Settings) -> str:
    text = read(path)
    if text is None:
        raise ConfigError(f"{settings.origin}: 'catalogue': {path} is not there")
    try:
        return text.decode()
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: not UTF-8") from None

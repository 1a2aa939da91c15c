"""What of a pull request would change how it is reviewed, if it were believed: configuration, baselines, own rules."""

from __future__ import annotations

from collections.abc import Iterator

from guard.baseline import FILE_NAME as BASELINE
from guard.catalogue.patterns import path_matches
from guard.change import ChangeSet, FileChange
from guard.config import FILE_NAMES, Configuration, Settings, baseline_of, settings_from
from guard.errors import ConfigError, GuardError
from guard.integrations.git import Selected

_WORKFLOWS = (".github/workflows/", ".gitlab-ci.yml")
_WHOLE_FILES = frozenset((*FILE_NAMES, BASELINE)) - {"pyproject.toml"}


def changed_settings(selected: Selected, tip: Selected, configuration: Configuration) -> Iterator[str]:
    """The paths of settings, baselines and own rules that the change makes different from those of the base branch."""
    beside = {baseline_of(settings) for settings in configuration.settings if settings.baseline}
    for file in selected.change.files:
        paths = {path for path in (file.path, file.old_path) if path}
        names = {path.rpartition("/")[2] for path in paths}
        own = any(path_matches(path, configuration.root.catalogue) for path in paths)
        if own or names & _WHOLE_FILES or paths & beside or ("pyproject.toml" in names and _table_differs(file, selected, tip)):
            yield file.path


def changed_workflows(change: ChangeSet) -> tuple[str, ...]:
    """The paths of workflows that the change touches: what they make of it is whatever its author wants."""
    return tuple(
        file.path for file in change.files if any((path or "").startswith(_WORKFLOWS) for path in (file.path, file.old_path))
    )


def _table_differs(file: FileChange, selected: Selected, tip: Selected) -> bool:
    """Whether a pyproject.toml has other settings of ours than before. One that can not be read may have."""
    try:
        old, new = tip.source.base(file.old_path or file.path), selected.source.head(file.path)
        return _settings(old, file.path) != _settings(new, file.path)
    except GuardError:
        return True


def _settings(text: bytes | None, path: str) -> Settings | str | None:
    try:
        return None if text is None else settings_from(text, "pyproject.toml", path.rpartition("/")[0])
    except ConfigError as error:
        return str(error)

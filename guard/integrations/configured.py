"""Which configuration counts for a change, whom to ask about it, and what of a report fails it: the same for every way in.

The command line, the hooks, the bot and the MCP server differ in how a change comes to them, not in what it is measured by.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from guard.config import Configuration, Overrides, Settings, configuration, refuse_unknown_names, settings_from, with_baselines
from guard.errors import ConfigError
from guard.finding import SEVERITY_ORDER, Finding, Report, Severity

if TYPE_CHECKING:
    from guard.integrations.git import Selected
    from guard.model.inquiry import Asking, Inquiry

HEAD, BASE = "head", "base"
"""The two sides of a change that may bring its configuration."""

_PULL_REQUEST = (
    "GITHUB_BASE_REF", "CI_MERGE_REQUEST_IID", "BITBUCKET_PR_ID", "SYSTEM_PULLREQUEST_PULLREQUESTID", "CHANGE_ID",
    "CIRCLE_PULL_REQUEST", "BUILDKITE_PULL_REQUEST", "TRAVIS_PULL_REQUEST", "DRONE_PULL_REQUEST",
)  # fmt: skip
"""Variables that CI services set for a pull request alone, or to "false"."""
_SERVER = ("OPENAI_API_KEY", "OPENAI_BASE_URL", "AZURE_OPENAI_ENDPOINT")


def configuration_for(
    selected: Selected,
    *,
    side: str = HEAD,
    overrides: Overrides = Overrides(),  # noqa: B008 - a frozen value
    file: str = "",
    accepting: bool = True,
) -> Configuration:
    """The configuration for a change: of its files on one side ("head" or "base"), or of one `file` alone, under `overrides`.

    The baselines of that side count, unless `accepting` is False: then everything that stands is told. Raises ConfigError for a wrong value, and for a name that is neither a rule nor a check.
    """
    read = selected.source.base if side == BASE else selected.source.head
    if file:
        found = Configuration((settings_of(file),), overrides)
    else:
        found = configuration((changed.path for changed in selected.change.files), read, overrides)
    if found.root.catalogue:
        from guard.integrations.own_rules import with_own_rules

        found = with_own_rules(found, selected, read)
    if found.root.atoms or overrides.atoms:
        from guard.integrations.own_atoms import with_own_atoms

        found = with_own_atoms(found, selected, overrides.atoms)
    refuse_unknown_names(found, partial(known_names, found))
    return with_baselines(found, read) if accepting else found


def settings_of(file: str) -> Settings:
    """The settings that one file of this machine holds. Raises ConfigError where it has none."""
    try:
        with open(file, "rb") as stream:
            text = stream.read()
    except OSError as error:
        raise ConfigError(f"{file}: can not be read: {error.strerror}") from None
    settings = settings_from(text, file)
    if settings is None:
        raise ConfigError(f"{file}: has no table [tool.stateless-guard]")
    return settings


def known_names(configuration: Configuration = Configuration()) -> Collection[str]:  # noqa: B008 - a frozen value
    """Every name that a configuration may use for a rule; a team's own are among them."""
    from guard.analyses import all_rules
    from guard.catalogue import load
    from guard.integrations.own_atoms import checks_of
    from guard.integrations.own_rules import own_rules_of
    from guard.policy import NOTES

    return {rule.id for rule in all_rules(load(own_rules_of(configuration)))}.union(NOTES, checks_of(configuration))


def in_a_pull_request(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a CI service says that a pull request is being built: it can not switch off its own guard."""
    return any(environment.get(name, "") not in ("", "false") for name in _PULL_REQUEST)


def inquiry_for_environment(
    configuration: Configuration,
    asking: Asking | None = None,
    *,
    environment: Mapping[str, str] = os.environ,
    warn: Callable[[str], None] = lambda _sentence: None,
) -> Inquiry | None:
    """Whom to ask, and within which limits; None where nothing asks for a model.

    `asking` is what the caller was told, over what the configuration says: without a key or a server for its model this raises
    UsageError. A model that only the configuration names is asked where the environment says how, and left alone elsewhere.
    """
    settings = configuration.root
    told = asking is not None and bool(asking.model or asking.record or asking.replay or asking.export)
    if not told and not (settings.model and is_reachable(environment)):
        return None
    from guard.model.inquiry import Asking
    from guard.model.setup import inquiry_for

    wanted = asking or Asking()
    whole = replace(
        wanted,
        model=settings.model or wanted.model,
        max_tokens=wanted.max_tokens or settings.max_tokens,
        max_cost=wanted.max_cost or settings.max_cost,
        deadline=wanted.deadline or settings.deadline,
        sweep=wanted.sweep or settings.sweep or "",
    )
    return inquiry_for(whole, environment, warn)


def is_reachable(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the environment says how to reach a model."""
    return any(environment.get(variable, "").strip() for variable in _SERVER)


def failing(report: Report, configuration: Configuration) -> tuple[Finding, ...]:
    """The findings at or above the severity that their files' settings name (`fail-on`)."""
    return tuple(
        finding for finding in report.findings if _counts(finding.severity, configuration.for_path(finding.path).fail_on)
    )


def exit_status(report: Report, configuration: Configuration) -> int:
    """1 for findings that count, else 3 for an incomplete review, else 0."""
    if failing(report, configuration):
        return 1
    return 3 if report.errors else 0


def _counts(severity: Severity, fail_on: Severity | None) -> bool:
    return fail_on is not None and SEVERITY_ORDER.index(severity) <= SEVERITY_ORDER.index(fail_on)

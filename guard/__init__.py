"""stateless-guard: a reviewer of diffs that keeps processes stateless and share-nothing.

    from guard import Selection, open_change, review

    with open_change(Selection()) as selected:          # the work tree of the repository here, against HEAD
        report = review(selected.change, selected.source)
    for finding in report.findings:
        print(finding.path, finding.line, finding.message)

Names are loaded when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from guard.change import ChangeSet as Change
    from guard.change import Source, parse
    from guard.config import Configuration, Settings
    from guard.errors import GuardError
    from guard.finding import Check, Confidence, Finding, Report, Severity
    from guard.integrations.git import Selection, open_change
    from guard.pipeline import review

__version__ = "0.1.0"
__all__ = [
    "Change", "Check", "Confidence", "Configuration", "Finding", "GuardError", "Report", "Selection", "Settings", "Severity", "Source",
    "open_change", "parse", "review",
]  # fmt: skip

_HOMES = {
    "Change": ("guard.change", "ChangeSet"),
    "Check": ("guard.finding", "Check"),
    "Confidence": ("guard.finding", "Confidence"),
    "Configuration": ("guard.config", "Configuration"),
    "Finding": ("guard.finding", "Finding"),
    "GuardError": ("guard.errors", "GuardError"),
    "Report": ("guard.finding", "Report"),
    "Selection": ("guard.integrations.git", "Selection"),
    "Settings": ("guard.config", "Settings"),
    "Severity": ("guard.finding", "Severity"),
    "Source": ("guard.change", "Source"),
    "open_change": ("guard.integrations.git", "open_change"),
    "parse": ("guard.change", "parse"),
    "review": ("guard.pipeline", "review"),
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'guard' has no attribute {name!r}")
    from importlib import import_module

    module, attribute = _HOMES[name]
    return getattr(import_module(module), attribute)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])

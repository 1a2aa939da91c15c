"""stateless-guard: a reviewer of diffs that keeps processes stateless and share-nothing.

    from guard import configuration_for, open_change, review

    with open_change() as selected:          # the work tree of the repository here, against HEAD
        report = review(selected.change, selected.source, configuration_for(selected))
    for finding in report.findings:
        print(finding.path, finding.line, finding.message)

`docs/python-api.md` has the rest. The names in `__all__` are stable: they change only with a major version. Nothing here prints,
configures logging, or keeps state that another call would see; every function may be called from several threads at once.

Names are loaded when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from guard.change import ChangeSet as Change
    from guard.change import FileChange, Source, Texts, parse
    from guard.config import Configuration, Overrides, Settings
    from guard.errors import GuardError
    from guard.finding import (
        Check,
        Confidence,
        Evidence,
        Failure,
        Finding,
        Origin,
        Report,
        Severity,
        Skipped,
        Suggestion,
        Suppressed,
    )
    from guard.integrations.configured import configuration_for, exit_status, failing, inquiry_for_environment
    from guard.integrations.explained import page as explain
    from guard.integrations.files import open_files
    from guard.integrations.git import Kind, Selected, Selection, open_change
    from guard.integrations.memory import compared, patched
    from guard.integrations.patch import open_patch
    from guard.model.inquiry import Asking, Inquiry
    from guard.model.judge import Judge, Reply, Request
    from guard.pipeline import review
    from guard.reports.json import document

__version__ = "0.1.0"
__all__ = [
    "Asking", "Change", "Check", "Confidence", "Configuration", "Evidence", "Failure", "FileChange", "Finding", "GuardError", "Inquiry", "Judge", "Kind",
    "Origin", "Overrides", "Reply", "Report", "Request", "Selected", "Selection", "Settings", "Severity", "Skipped", "Source",
    "Suggestion", "Suppressed", "Texts", "compared", "configuration_for", "document", "exit_status", "explain", "failing", "inquiry_for_environment", "open_change",
    "open_files", "open_patch", "parse", "patched", "review",
]  # fmt: skip

_HOMES = {
    "guard.change": ("FileChange", "Source", "Texts", "parse"),
    "guard.config": ("Configuration", "Overrides", "Settings"),
    "guard.errors": ("GuardError",),
    "guard.finding": (
        "Check", "Confidence", "Evidence", "Failure", "Finding", "Origin", "Report", "Severity", "Skipped", "Suggestion", "Suppressed",
    ),
    "guard.integrations.configured": ("configuration_for", "exit_status", "failing", "inquiry_for_environment"),
    "guard.integrations.files": ("open_files",),
    "guard.integrations.git": ("Kind", "Selected", "Selection", "open_change"),
    "guard.integrations.memory": ("compared", "patched"),
    "guard.integrations.patch": ("open_patch",),
    "guard.model.inquiry": ("Asking", "Inquiry"),
    "guard.model.judge": ("Judge", "Reply", "Request"),
    "guard.pipeline": ("review",),
    "guard.reports.json": ("document",),
}  # fmt: skip
_RENAMED = {"Change": ("guard.change", "ChangeSet"), "explain": ("guard.integrations.explained", "page")}


if not TYPE_CHECKING:  # else type checkers would take any name

    def __getattr__(name: str) -> object:
        home, attribute = _RENAMED.get(name) or (next((module for module, names in _HOMES.items() if name in names), ""), name)
        if not home:
            raise AttributeError(f"module 'guard' has no attribute {name!r}")
        from importlib import import_module

        return getattr(import_module(home), attribute)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])

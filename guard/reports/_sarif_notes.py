"""SARIF's notifications: what was not looked at. An incomplete review does not pass for a clean one."""

from __future__ import annotations

from collections.abc import Iterator

from guard.finding import Report
from guard.reports import IN_PART, Page
from guard.reports._sarif_places import artifact
from guard.reports._summary import what_it_took

_OTHER_KINDS = "no reader for this kind of file"
_MOST_NOTIFICATIONS = 200

Node = dict[str, object]


def notifications(report: Report, page: Page, *, left_out: int) -> Iterator[Node]:
    """Failures first, then what was left out on purpose; `left_out` is the number of findings there is no room for."""
    told = (*_failures(report), *_counted(report, page, left_out), *_skipped(report))
    yield from told[:_MOST_NOTIFICATIONS]
    if len(told) > _MOST_NOTIFICATIONS:
        yield _notification("warning", f"{len(told) - _MOST_NOTIFICATIONS:,} more files were not looked at, or only in part.")


def _failures(report: Report) -> Iterator[Node]:
    for failure in report.errors:
        yield _notification("error", f"The review is incomplete: {failure.path or 'the model'}: {failure.error}", failure.path)


def _counted(report: Report, page: Page, left_out: int) -> Iterator[Node]:
    """What is told in numbers alone."""
    if left_out:
        yield _notification("warning", f"{left_out:,} less serious findings are not listed: a run holds 25,000 results.")
    if report.unasked:
        yield _notification("note", f"{report.unasked:,} possible problem(s) were not judged: only a model could tell.")
    if report.model and report.model.questions:
        yield _notification("note", f"{report.model.name} was asked: {what_it_took(report.model)}.")
    if report.model and report.model.left_out:
        entry = report.model.left_out[0]
        yield _notification("note", f"{len(report.model.left_out):,} question(s) were not asked: {entry.reason}.")
    if report.model and report.model.unread:
        unread = report.model.unread
        yield _notification("note", f"{len(unread):,} piece(s) of added code were not read by the model: {unread[0].reason}.")
    if report.suppressed and not page.verbose:
        yield _notification("note", f"{len(report.suppressed):,} finding(s) are suppressed; -v lists them with their reasons.")
    other = sum(entry.reason == _OTHER_KINDS for entry in report.skipped)
    if other:
        yield _notification("note", f"{other:,} file(s) of kinds that are not read were not looked at.")


def _skipped(report: Report) -> Iterator[Node]:
    for entry in report.skipped:
        if entry.reason != _OTHER_KINDS:
            yield _notification("warning", f"Not looked at: {entry.path}: {entry.reason}", entry.path)
    for path in report.partial:
        yield _notification("note", f"Seen in part: {path}: {IN_PART}", path)


def _notification(level: str, text: str, path: str = "") -> Node:
    notification: Node = {"level": level, "message": {"text": text}}
    if path:
        notification["locations"] = [{"physicalLocation": {"artifactLocation": artifact(path)}}]
    return notification

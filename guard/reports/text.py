"""The report for a terminal, made for someone in a hurry."""

from __future__ import annotations

from guard.finding import Report
from guard.reports import Page


def render(report: Report, page: Page) -> str:
    """The whole report as text."""
    del page
    lines = [f"{f.path}:{f.line}: {f.severity}: {f.message} [{f.rule}, {f.check}, {f.confidence}]" for f in report.findings]
    lines += [f"{entry.path}: {entry.error}" for entry in report.errors]
    lines.append(
        f"{len(report.findings)} findings, {len(report.skipped)} skipped, {len(report.errors)} errors, {report.unasked} not judged"
    )
    return "\n".join(lines) + "\n"

"""Workflow commands of GitHub Actions: annotations on the lines of a change, most serious first.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands. Ten errors, warnings and notices each are shown
a step, so what matters must come first. Reviewed text is escaped: it can not issue commands of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from guard.finding import SEVERITY_ORDER, Finding, Report, Severity
from guard.reports import IN_PART, Page
from guard.reports._summary import what_it_took

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render(report: Report, page: Page) -> str:
    """One command a line."""
    del page
    by_severity = sorted(report.findings, key=lambda finding: SEVERITY_ORDER.index(finding.severity))
    lines = [_finding(finding) for finding in by_severity]
    return "".join(f"{line}\n" for line in (*lines, *_incomplete(report)))


def _finding(finding: Finding) -> str:
    """A finding as an annotation: the title says which rule, the message what happens, why and what to do."""
    proof = [f"- {entry.path}:{entry.line}: {entry.note}" for entry in finding.evidence]
    text = "\n".join(
        (
            finding.message,
            *proof,
            f"Instead: {finding.remedy}",
            f"To keep it: guard: ignore[{finding.rule}] REASON",
            *([finding.note] if finding.note else []),
        )
    )
    title = f"{finding.rule} ({finding.check}, {finding.confidence})"
    return _command(_COMMANDS[finding.severity], text, finding.path, (finding.line, finding.end_line), title)


def _incomplete(report: Report) -> Iterator[str]:
    """What was not looked at: an incomplete review must not look like a clean one."""
    for failure in report.errors:
        yield _command("warning", f"incomplete: {failure.error}", failure.path, None, "review incomplete")
    for entry in report.skipped:
        if entry.reason != "no reader for this kind of file":
            yield _command("notice", f"not looked at: {entry.reason}", entry.path, None, "not reviewed")
    for path in report.partial:
        yield _command("notice", f"seen in part: {IN_PART}", path, None, "seen in part")
    if report.unasked:
        why = "the model was not asked, or gave no answer" if report.model else "no model was asked"
        yield _command("notice", f"{report.unasked} possible problem(s) were not judged: {why}", "", None, "not judged")
    if report.model and report.model.questions:
        yield _command("notice", f"{report.model.name} was asked: {what_it_took(report.model)}", "", None, "cost")


def _command(name: str, message: str, path: str, lines: tuple[int, int] | None, title: str) -> str:
    properties = {"file": path} if path else {}
    if lines:
        properties |= {"line": str(lines[0]), "endLine": str(lines[1])}
    properties["title"] = f"stateless-guard: {title}"
    told = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{name} {told}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")

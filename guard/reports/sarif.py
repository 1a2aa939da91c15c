"""SARIF 2.1.0 as GitHub code scanning takes it; other readers of SARIF get the same.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html,
https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support-for-code-scanning.

A result's region is cut to added lines: code scanning shows an alert on a pull request only if all its lines are in the diff.
Suppressed findings are counted in a notification and written as suppressed results only with `-v`: code scanning pays no heed to
`suppressions` and would open an alert for each (https://github.com/github/codeql-action/issues/1230).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from guard.finding import SEVERITY_ORDER, Finding, Report, Severity, Suppressed
from guard.reports import Page
from guard.reports._sarif_notes import notifications
from guard.reports._sarif_places import fixes, location, plain
from guard.reports._sarif_rules import descriptors
from guard.reports.json import model_values

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_CATEGORY = "stateless-guard/"
_MOST_RESULTS = 25_000
_MOST_RELATED = 100
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
_SEMANTIC_VERSION = re.compile(r"\d+\.\d+\.\d+(?:-[\w.-]+)?(?:\+[\w.-]+)?", re.ASCII)

Node = dict[str, object]


def render(report: Report, page: Page) -> str:
    """The report as one SARIF log with one run; the same report gives the same bytes."""
    return json.dumps(plain(_log(report, page)), ensure_ascii=False, indent=2) + "\n"


def _log(report: Report, page: Page) -> Node:
    shown = _most_serious(report.findings)
    hidden = report.suppressed[: _MOST_RESULTS - len(shown)] if page.verbose else ()
    told = (*shown, *(entry.finding for entry in hidden))
    rules = descriptors(told, page)
    indexes = {rule["id"]: index for index, rule in enumerate(rules)}
    marks = iter(_marks(told))
    run: Node = {
        "tool": {"driver": _driver(rules)},
        "automationDetails": {"id": _CATEGORY},
        "invocations": [
            {
                "executionSuccessful": not report.errors,
                "toolExecutionNotifications": list(notifications(report, page, left_out=len(report.findings) - len(shown))),
            }
        ],
        "columnKind": "unicodeCodePoints",
        "defaultEncoding": "utf-8",
        "results": [
            *(_result(finding, indexes[finding.rule], next(marks), page) for finding in shown),
            *(_suppressed(entry, indexes[entry.finding.rule], next(marks), page) for entry in hidden),
        ],
    }
    if report.model:
        run["properties"] = {"model": model_values(report.model)}
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _most_serious(findings: Sequence[Finding]) -> Sequence[Finding]:
    """All findings, or as many as code scanning takes of one run: the most serious, in the report's order."""
    if len(findings) <= _MOST_RESULTS:
        return findings
    order = sorted(range(len(findings)), key=lambda index: SEVERITY_ORDER.index(findings[index].severity))
    return [findings[index] for index in sorted(order[:_MOST_RESULTS])]


def _driver(rules: list[Node]) -> Node:
    from guard import __version__

    semantic: Node = {"semanticVersion": __version__} if _SEMANTIC_VERSION.fullmatch(__version__) else {}
    return {
        "name": "stateless-guard",
        "version": __version__,
        **semantic,
        "informationUri": "https://12factor.net/processes",  # the rule that is checked; the tool has no page of its own
        "rules": rules,
    }


def _marks(findings: Sequence[Finding]) -> Iterator[str]:
    """A fingerprint each, stable while code moves; the n-th of equal ones has `:n` behind it."""
    own = {finding.fingerprint for finding in findings}
    used: set[str] = set()
    numbers: dict[str, int] = {}
    for finding in findings:
        mark = finding.fingerprint
        while mark in used:
            number = numbers[finding.cause] = numbers.get(finding.cause, 0) + 1
            mark = f"{finding.cause}:{number}"
            if mark in own:
                mark = finding.fingerprint
        used.add(mark)
        yield mark


def _result(finding: Finding, rule: int, mark: str, page: Page) -> Node:
    """A finding as a result. Its first sentence says what happens to a user: it is the alert's title."""
    related = finding.evidence[:_MOST_RELATED]
    result: Node = {
        "ruleId": finding.rule,
        "ruleIndex": rule,
        "level": _LEVELS[finding.severity],
        "message": {"text": _message(finding)},
        "locations": [location(finding.path, (finding.line, finding.end_line), page, column=finding.column, clip=True)],
        "partialFingerprints": {"primaryLocationLineHash": mark},
        "properties": {
            "check": finding.check.value,
            "confidence": finding.confidence.value,
            "origin": finding.origin.value,
        },
    }
    if related:
        result["relatedLocations"] = [
            location(entry.path, (entry.line, entry.line), page, number=number, text=entry.note)
            for number, entry in enumerate(related, start=1)
        ]
    if finding.suggestion:
        result["fixes"] = fixes(finding.path, finding.suggestion, page)
    return result


def _message(finding: Finding) -> str:
    """Plain text, with links to the related locations by their numbers (`[text](1)`, section 3.11.6 of the standard)."""
    proof = [
        f"- [{_literal(f'{entry.path}:{entry.line}')}]({number}) {_literal(entry.note)}"
        for number, entry in enumerate(finding.evidence[:_MOST_RELATED], start=1)
    ]
    lines = (finding.message, *(line for line in (f"Instead: {finding.remedy}", finding.note) if line))
    first, *rest = map(_literal, lines)
    return "\n".join((first, *proof, *rest))


def _literal(text: str) -> str:
    r"""Text that makes no link of its own. Braces stay single, against section 3.11.5: code scanning shows `{{` as it stands."""
    return re.sub(r"([\\\[\]])", r"\\\1", text)


def _suppressed(entry: Suppressed, rule: int, mark: str, page: Page) -> Node:
    """A finding that somebody lives with, as a suppressed result."""
    suppression: Node = {"kind": "inSource" if entry.by == "comment" else "external", "status": "accepted"}
    if entry.reason:
        suppression["justification"] = entry.reason
    if entry.path and entry.line:
        suppression["location"] = location(entry.path, (entry.line, entry.line), page)
    return {**_result(entry.finding, rule, mark, page), "suppressions": [suppression]}

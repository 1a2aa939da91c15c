"""The JSON report, version 1: stable, described by `report.schema.json` beside this file."""

from __future__ import annotations

import json
import re

from guard.finding import (
    REPORT_VERSION,
    Dismissed,
    Evidence,
    Failure,
    Finding,
    LeftOut,
    ModelUse,
    Report,
    Skipped,
    Suggestion,
    Suppressed,
)
from guard.reports import Page

_SURROGATE = re.compile("[\ud800-\udfff]")


def render(report: Report, page: Page) -> str:
    """The report as one JSON document; the same report gives the same bytes."""
    del page
    text = json.dumps(document(report), ensure_ascii=False, indent=2)
    return _SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", text) + "\n"


def document(report: Report) -> dict[str, object]:
    """The report as plain values, with the fields of version 1."""
    from guard import __version__

    return {
        "version": REPORT_VERSION,
        "tool": {"name": "stateless-guard", "version": __version__},
        "atoms": [{"id": name, "version": version} for name, version in report.atoms],
        "change": {
            "base": report.change.base,
            "head": report.change.head,
            "files": report.change.files,
            "added_lines": report.change.added_lines,
        },
        "findings": [_finding(finding) for finding in report.findings],
        "suppressed": [_suppressed(entry) for entry in report.suppressed],
        "skipped": [_skipped(entry) for entry in report.skipped],
        "errors": [_failure(entry) for entry in report.errors],
        "partial": list(report.partial),
        "unasked": report.unasked,
        "witnesses": {"files": list(report.witnesses), "limits": list(report.limits)},
        "model": model_values(report.model) if report.model else None,
    }


def _finding(finding: Finding) -> dict[str, object]:
    return {
        "rule": finding.rule,
        "check": finding.check.value,
        "path": finding.path,
        "line": finding.line,
        "end_line": finding.end_line,
        "column": finding.column,
        "severity": finding.severity.value,
        "confidence": finding.confidence.value,
        "origin": finding.origin.value,
        "message": finding.message,
        "remedy": finding.remedy,
        "evidence": [_evidence(entry) for entry in finding.evidence],
        "suggestion": _suggestion(finding.suggestion) if finding.suggestion else None,
        "fingerprint": finding.fingerprint,
        "note": finding.note,
    }


def _suggestion(edit: Suggestion) -> dict[str, object]:
    return {"line": edit.line, "end_line": edit.end_line, "text": edit.text}


def _evidence(entry: Evidence) -> dict[str, object]:
    return {"path": entry.path, "line": entry.line, "note": entry.note}


def _suppressed(entry: Suppressed) -> dict[str, object]:
    return {
        **_finding(entry.finding),
        "by": entry.by,
        "reason": entry.reason,
        "suppression": {"path": entry.path, "line": entry.line},
    }


def _skipped(entry: Skipped) -> dict[str, object]:
    return {"path": entry.path, "reason": entry.reason}


def _failure(entry: Failure) -> dict[str, object]:
    return {"path": entry.path, "error": entry.error}


def model_values(use: ModelUse) -> dict[str, object]:
    """What asking a model took, as plain values."""
    return {
        "name": use.name,
        "calls": use.calls,
        "cached_calls": use.cached_calls,
        "input_tokens": use.input_tokens,
        "cached_input_tokens": use.cached_input_tokens,
        "output_tokens": use.output_tokens,
        "cost": use.cost,
        "questions": use.questions,
        "not_judged": use.not_judged,
        "dismissed": [_named(entry) for entry in use.dismissed],
        "cached_questions": use.remembered,
        "left_out": [_named(entry) for entry in use.left_out],
        "prompt": use.prompt,
        "passages": use.passages,
        "unread": [{"path": entry.path, "line": entry.line, "reason": entry.reason} for entry in use.unread],
    }


def _named(entry: Dismissed | LeftOut) -> dict[str, object]:
    return {"rule": entry.rule, "path": entry.path, "line": entry.line, "reason": entry.reason}

"""What `review` and `scan` share: the options, the review, the reports, the exit status."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

from guard.finding import SEVERITY_ORDER, Report, Severity
from guard.integrations.git import Selected


def review_options(parser: ArgumentParser) -> None:
    """Options of every review."""
    how = parser.add_argument_group("how to report")
    how.add_argument(
        "--format", action="append", metavar="FORMAT", help="text (default), json, github; may be given several times"
    )
    how.add_argument(
        "--output", action="append", metavar="FILE", help="where the format given before goes (default: standard output)"
    )
    how.add_argument("--fail-on", choices=(*Severity, "never"), help="end with status 1 from this severity on (default: error)")
    model = parser.add_argument_group("asking a model")
    model.add_argument("--no-model", action="store_true", help="decide without a model; nothing leaves this machine")


def review_and_report(what: Selected, options: Namespace) -> int:
    """Review, write every report that was asked for, and give the exit status."""
    from guard.pipeline import review
    from guard.reports import Page, format_named

    report = review(what.change, what.source)
    for name in options.format or ["text"]:
        sys.stdout.write(format_named(name).render(report, Page()))
    return exit_status(report, options.fail_on or "error")


def exit_status(report: Report, fail_on: str) -> int:
    """1 for findings at or above a severity, else 3 for a review that is incomplete, else 0."""
    counting = SEVERITY_ORDER[: SEVERITY_ORDER.index(Severity(fail_on)) + 1] if fail_on != "never" else ()
    if any(finding.severity in counting for finding in report.findings):
        return 1
    return 3 if report.errors else 0

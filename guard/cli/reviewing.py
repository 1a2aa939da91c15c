"""What `review` and `scan` share: the options, the review, the reports, the exit status."""

from __future__ import annotations

import os
from argparse import Namespace
from typing import TYPE_CHECKING

from guard.config import Configuration
from guard.errors import UsageError
from guard.finding import SEVERITY_ORDER, Report, Severity
from guard.integrations.git import Selected

if TYPE_CHECKING:
    from guard.model.judge import Judge


def review_and_report(what: Selected, options: Namespace) -> int:
    """Review, write every report that was asked for, and give the exit status."""
    from guard.cli.output import pairs, write_reports
    from guard.cli.settings import configured, show

    reports = pairs(options)
    configuration = configured(what, options)
    if options.show_settings:
        return show(configuration, what, options)
    report = _reviewed(what, options, configuration)
    if options.add_ignore is not None:
        from guard.cli.ignoring import add_ignores

        return add_ignores(report, what, options.add_ignore)
    write_reports(report, what, options, reports)
    return exit_status(report, configuration)


def _reviewed(what: Selected, options: Namespace, configuration: Configuration) -> Report:
    from guard.cli.terminal import Progress
    from guard.pipeline import review

    progress = Progress(quiet=options.quiet)
    try:
        judge, model = judge_and_model(options, configuration)
        return review(
            what.change, what.source, configuration, judge=judge, model=model, max_tokens=options.max_tokens, progress=progress
        )
    finally:
        progress.done()


def judge_and_model(options: Namespace, configuration: Configuration) -> tuple[Judge | None, str]:
    """Whom to ask, by the options, then the configuration; nobody where a configured model has neither key nor server."""
    if options.no_model:
        if options.replay or options.record:
            raise UsageError("--no-model asks nobody: there is nothing to record or to replay")
        return None, ""
    model = configuration.root.model
    reachable = any(os.environ.get(name, "").strip() for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"))
    if not options.replay and not (options.model or options.record or (model and reachable)):
        return None, ""
    from guard.model.setup import judge_for

    return judge_for(model, os.environ, record=options.record, replay=options.replay)


def exit_status(report: Report, configuration: Configuration) -> int:
    """1 for findings at or above the severity that their files' settings name, else 3 for an incomplete review, else 0."""
    if any(_counts(finding.severity, configuration.for_path(finding.path).fail_on) for finding in report.findings):
        return 1
    return 3 if report.errors else 0


def _counts(severity: Severity, fail_on: Severity | None) -> bool:
    return fail_on is not None and SEVERITY_ORDER.index(severity) <= SEVERITY_ORDER.index(fail_on)

"""What `review` and `scan` share: the options, the review, the reports, the exit status."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from guard.config import Configuration
from guard.errors import UsageError
from guard.finding import Report
from guard.integrations.configured import exit_status, inquiry_for_environment
from guard.integrations.git import Selected

if TYPE_CHECKING:
    from guard.model.inquiry import Inquiry


def review_and_report(what: Selected, options: Namespace) -> int:
    """Review, write every report that was asked for, and give the exit status."""
    from guard.cli.output import pairs, write_reports
    from guard.cli.settings import configured, show

    reports = pairs(options)
    configuration = configured(what, options)
    if options.show_settings:
        return show(configuration, what, options)
    report = reviewed(what, options, configuration)
    if options.add_ignore is not None:
        from guard.cli.ignoring import add_ignores

        return add_ignores(report, what, options.add_ignore)
    write_reports(report, what, options, reports, configuration)
    return exit_status(report, configuration)


def reviewed(what: Selected, options: Namespace, configuration: Configuration) -> Report:
    """The review that the options ask for, with its progress on a terminal."""
    from guard.cli.terminal import Progress
    from guard.pipeline import review

    progress = Progress(quiet=options.quiet)
    try:
        inquiry = inquiry_of(options, configuration)
        return review(what.change, what.source, configuration, inquiry=inquiry, progress=progress)
    finally:
        progress.done()


def inquiry_of(options: Namespace, configuration: Configuration) -> Inquiry | None:
    """Whom to ask, by the options, then the configuration; nobody where a configured model has neither key nor server."""
    inquiry = _asked_of(options, configuration)
    if options.atom and inquiry is None:
        raise UsageError(
            "--atom: there are no rules for an atom of your own, only a model can review against it; name one with --model"
        )
    return inquiry


def _asked_of(options: Namespace, configuration: Configuration) -> Inquiry | None:
    if options.no_model:
        if options.replay or options.record or options.export_questions:
            raise UsageError("--no-model asks nobody: there is nothing to record, to replay or to export")
        return None
    from guard.cli import say
    from guard.model.inquiry import Asking

    asking = Asking(
        model=options.model,
        record=options.record,
        replay=options.replay,
        export=options.export_questions,
        cache="" if options.no_cache else options.cache,
        max_tokens=options.max_tokens,
        max_cost=options.max_cost,
        deadline=options.deadline,
        sweep=options.sweep,
    )
    return inquiry_for_environment(configuration, asking, warn=say)

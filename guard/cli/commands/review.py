"""Review a change: what it adds that does not survive a restart or a second instance."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from guard.cli.options import asking_a_model, what_to_report, what_to_review

HELP = "review a change (default: the work tree against HEAD, new files too)"


def arguments(parser: ArgumentParser) -> None:
    """What to review, then how."""
    what_to_review(parser)
    what_to_report(parser)
    asking_a_model(parser)


def run(options: Namespace) -> int:
    """Review the selected change and report."""
    from guard.cli.reviewing import review_and_report
    from guard.cli.selecting import selected

    with selected(options) as what:
        return review_and_report(what, options)

"""Review a change: what it adds that does not survive a restart or a second instance."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

from guard.cli.options import asking_a_model, what_to_report, what_to_review

HELP = "review a change (default: the work tree against HEAD, new files too)"


EMPTY = "Nothing to review: the change is empty.\n"
"""What the text report says of an empty change; a test holds the two together."""


def arguments(parser: ArgumentParser) -> None:
    """What to review, then how."""
    what_to_review(parser).add_argument(
        "--hook",
        choices=("pre-commit", "pre-push"),
        help="as git's hook of this name: what would be committed (of a merge, what it adds to both sides), "
        "or what no remote has of a push; quiet where there is nothing to say",
    )
    what_to_report(parser)
    asking_a_model(parser)


def run(options: Namespace) -> int:
    """Review the selected change and report."""
    if options.hook:
        from guard.cli.commit_hooks import run_hook

        return run_hook(options)
    if options.staged and _is_plain(options):
        from guard.integrations.staged import nothing_staged

        if nothing_staged(options.directory, options.paths):
            sys.stdout.write(EMPTY)
            return 0
    from guard.cli.reviewing import review_and_report
    from guard.cli.selecting import selected

    with selected(options) as what:
        return review_and_report(what, options)


def _is_plain(options: Namespace) -> bool:
    """Whether nothing but the text report of an empty change can come out if the change is empty."""
    asked = (options.format, options.output, options.statistics, options.show_settings, options.config)
    return not any(asked) and options.add_ignore is None and not (options.select or options.ignore)

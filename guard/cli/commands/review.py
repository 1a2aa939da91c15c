"""Review a change: what it adds that does not survive a restart or a second instance."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

HELP = "review a change (default: the work tree against HEAD, new files too)"


def arguments(parser: ArgumentParser) -> None:
    """What to review, then how."""
    from guard.cli.reviewing import review_options

    parser.add_argument("paths", metavar="PATH", nargs="*", help="only files at or below these paths")
    what = parser.add_argument_group("what to review").add_mutually_exclusive_group()
    what.add_argument("--staged", action="store_true", help="what would be committed")
    what.add_argument("--range", metavar="A..B", help="from A to B (A...B: from their merge base)")
    what.add_argument("--base", metavar="REF", help="what HEAD adds to its merge base with REF")
    what.add_argument("--commit", metavar="SHA", help="one commit against its first parent")
    what.add_argument("--patch", metavar="FILE", help="a unified diff, - for standard input")
    review_options(parser)


def run(options: Namespace) -> int:
    """Review the selected change and report."""
    from guard.cli.reviewing import review_and_report
    from guard.cli.selecting import selected

    with selected(options) as what:
        return review_and_report(what, options)

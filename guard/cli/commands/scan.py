"""Review whole files, every line taken as added: for audits."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from guard.cli.options import asking_a_model, what_to_report

HELP = "review whole files, as if every line were new"


def arguments(parser: ArgumentParser) -> None:
    """Which files, then how."""
    parser.add_argument("paths", metavar="PATH", nargs="*", help="files and folders (default: everything here)")
    what_to_report(parser)
    asking_a_model(parser)


def run(options: Namespace) -> int:
    """Review the files and report."""
    from guard.cli.reviewing import review_and_report
    from guard.integrations.files import open_files

    with open_files(tuple(options.paths), options.directory) as what:
        return review_and_report(what, options)

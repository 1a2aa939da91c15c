"""Explain a rule or a check: what it means, why it hurts, how to fix it, with examples. Or a file: what the guard makes of it."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from guard.errors import UsageError

HELP = "what a rule or a check means, why it hurts, how to fix it; what a file is taken for"


def arguments(parser: ArgumentParser) -> None:
    """What to explain."""
    parser.add_argument(
        "name", metavar="RULE|CHECK", nargs="?", help="a rule's id, as reports name it, or one of the four checks"
    )
    parser.add_argument(
        "--file", metavar="PATH", help="a file of the work tree: its role, the fact that decided it, and what looks at it"
    )
    parser.add_argument("--format", choices=("text", "json"), default="text", help="with --file: a few lines, or an object")


def run(options: Namespace) -> int:
    """Print the page."""
    from guard.cli.output import write
    from guard.integrations.own_rules import configuration_here, own_rules_of

    if (options.name is None) == (options.file is None):
        raise UsageError("name a rule or a check, or a file with --file PATH")
    configuration = configuration_here(options.directory, options.config)
    if options.file is None:
        from guard.integrations.explained import page

        write(page(options.name, own_rules_of(configuration)))
        return 0
    from guard.integrations.explained_file import about_file, as_json, as_text
    from guard.reports._paint import told_apart

    told = about_file(options.file, options.directory, configuration)
    write(
        as_json(told) if options.format == "json" else "".join(f"{told_apart(line)}\n" for line in as_text(told).splitlines())
    )
    return 0

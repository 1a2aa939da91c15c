"""Explain a rule or a check: what it means, why it hurts, how to fix it, with examples."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

HELP = "what a rule or a check means, why it hurts, how to fix it"


def arguments(parser: ArgumentParser) -> None:
    """What to explain."""
    parser.add_argument("name", metavar="RULE|CHECK", help="a rule's id, as reports name it, or one of the four checks")


def run(options: Namespace) -> int:
    """Print the page."""
    from guard.cli.output import write
    from guard.integrations.explained import page
    from guard.integrations.own_rules import configuration_here, own_rules_of

    write(page(options.name, own_rules_of(configuration_here(options.directory, options.config))))
    return 0

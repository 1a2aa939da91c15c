"""Explain a rule or a check: what it means, why it hurts, how to fix it, with examples."""

from __future__ import annotations

import textwrap
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from typing import TYPE_CHECKING

from guard.errors import UsageError

if TYPE_CHECKING:
    from guard.catalogue import Example, Rule
    from guard.finding import Check

HELP = "what a rule or a check means, why it hurts, how to fix it"
_WIDTH = 100


def arguments(parser: ArgumentParser) -> None:
    """What to explain."""
    parser.add_argument("name", metavar="RULE|CHECK", help="a rule's id, as reports name it, or one of the four checks")


def run(options: Namespace) -> int:
    """Print the page."""
    from guard.cli.output import write

    write("\n".join(_page(options.name)) + "\n")
    return 0


def _page(name: str) -> Iterator[str]:
    from guard.analyses import all_rules
    from guard.catalogue import load
    from guard.config import nearest
    from guard.finding import Check
    from guard.policy import NOTES

    if name in list(Check):
        return _check_page(Check(name), all_rules(load()))
    if name in NOTES:
        return _note_page(name, *NOTES[name])
    rules = {rule.id: rule for rule in all_rules(load())}
    if name not in rules:
        raise UsageError(f"{name!r} is neither a rule nor a check{nearest(name, {*rules, *Check, *NOTES})}")
    return _rule_page(rules[name])


def _check_page(check: Check, rules: tuple[Rule, ...]) -> Iterator[str]:
    from guard.cli.checks import PAGES

    page = PAGES[check]
    yield f"{check}: {page.title}"
    yield from _section("A violation is", page.meaning)
    yield from _section("Why it hurts", page.hurts)
    yield from _section("Instead", page.instead)
    yield from _section("Left alone", page.fine)
    own = [rule.id for rule in rules if rule.check is check]
    yield from _section(f"Rules ({len(own)}; 'explain RULE' tells more)", ", ".join(own))


def _rule_page(rule: Rule) -> Iterator[str]:
    from guard.cli.checks import PAGES

    yield rule.id
    yield ", ".join(
        word
        for word in (rule.framework, str(rule.check), f"{rule.confidence} ({_SURENESS[rule.confidence]})", str(rule.severity))
        if word
    )
    yield from _section("What happens", rule.message)
    yield from _section("Why it hurts", PAGES[rule.check].hurts)
    yield from _section("Instead", rule.remedy)
    for remedy in rule.remedies:
        yield from _wrapped(f"With {' or '.join(remedy.uses)}: {remedy.text}")
    if rule.question and rule.confidence != "certain":
        yield from _section("What a model is asked", rule.question)
    yield from _examples("Reported", rule.match)
    yield from _examples("Left alone", rule.no_match)
    if rule.docs:
        yield from ("", "Documentation", f"  {rule.docs}")
    yield from _section("To keep it, say why in a comment on the line or the line above", f"guard: ignore[{rule.id}] REASON")


def _note_page(name: str, message: str, remedy: str) -> Iterator[str]:
    yield name
    yield from _section("What it says", message)
    yield from _section("Instead", remedy)


_SURENESS = {
    "certain": "the code alone proves it",
    "likely": "a model may overrule it",
    "possible": "reported only if a model confirms it",
}


def _section(title: str, text: str) -> Iterator[str]:
    yield from ("", title)
    yield from _wrapped(text)


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(
        text, _WIDTH, initial_indent="  ", subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )


def _examples(title: str, examples: tuple[Example, ...]) -> Iterator[str]:
    if examples:
        yield from ("", title)
    for number, example in enumerate(examples):
        if number:
            yield ""
        yield f"  {example.path}"
        yield from (f"    | {line}" for line in example.code.rstrip("\n").split("\n"))

"""List what can be found: the rules of the catalogue and of the analyses."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from guard.errors import UsageError

if TYPE_CHECKING:
    from guard.catalogue import Catalogue, Rule

HELP = "list what can be found"


def arguments(parser: ArgumentParser) -> None:
    """Which rules, and how to list them."""
    parser.add_argument(
        "words", metavar="WORD", nargs="*", help="only rules whose id, check, framework or language contains each of these"
    )
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="a table, or JSON with messages and remedies"
    )
    parser.add_argument(
        "--check",
        choices=("own", "shipped"),
        help="instead of a list: whether the rules that the configuration names, or the shipped ones, hold what they promise; "
        "ends with status 1 for errors; -q leaves warnings out",
    )
    parser.add_argument("--strict", action="store_true", help="with --check: status 1 for warnings too")


def run(options: Namespace) -> int:
    """Print the list."""
    from guard.analyses import all_rules
    from guard.catalogue import load
    from guard.cli.output import write
    from guard.integrations.own_rules import configuration_here, own_rules_of

    configuration = configuration_here(options.directory, options.config)
    own = own_rules_of(configuration)
    if options.check:
        return _check(configuration.catalogue if options.check == "own" else None, load(own), options)
    rules = [rule for rule in all_rules(load(own)) if _fits(rule, options.words)]
    write(_json(rules) if options.format == "json" else _table(rules))
    return 0


def _check(own: tuple[tuple[str, str], ...] | None, catalogue: Catalogue, options: Namespace) -> int:
    """Print what is wrong with a team's own rules, or with the shipped ones; gives the exit status."""
    from guard.catalogue.check import counted, problems, shipped_texts
    from guard.cli.output import write
    from guard.languages import read
    from guard.reports._paint import told_apart

    if own == ():
        raise UsageError("there are no rules to check: no 'catalogue' in the configuration at the root names a file")
    found = list(problems(shipped_texts() if own is None else own, catalogue, read))
    errors, warnings = counted(found)
    lines = [told_apart(str(problem)) for problem in found if problem.is_error or not options.quiet]
    write("\n".join([*lines, f"{errors} errors, {warnings} warnings"]) + "\n")
    return int(errors > 0 or (options.strict and warnings > 0))


def _fits(rule: Rule, words: list[str]) -> bool:
    text = " ".join((rule.id, rule.check, rule.framework, *rule.languages)).lower()
    return all(word.lower() in text for word in words)


def _table(rules: list[Rule]) -> str:
    rows = [(rule.id, str(rule.check), str(rule.confidence), rule.framework or ", ".join(rule.languages)) for rule in rules]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
    lines = [
        "  ".join((*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3])).rstrip() for row in rows
    ]
    return "\n".join([*lines, "", f"{len(rules)} rules; 'stateless-guard explain RULE' tells more"]) + "\n"


def _json(rules: list[Rule]) -> str:
    import json

    return json.dumps([_values(rule) for rule in rules], ensure_ascii=False, indent=2) + "\n"


def _values(rule: Rule) -> dict[str, object]:
    return {
        "id": rule.id,
        "check": rule.check.value,
        "confidence": rule.confidence.value,
        "severity": rule.severity.value,
        "safe_edit": bool(rule.edits),
        "framework": rule.framework,
        "languages": list(rule.languages),
        "message": rule.message,
        "remedy": rule.remedy,
        "docs": rule.docs,
    }

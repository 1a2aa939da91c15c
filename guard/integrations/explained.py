"""What a rule, a check or a note means, why it hurts, how to fix it: one page of text, the same for every way in."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping

from guard.analyses import all_rules
from guard.catalogue import Example, Rule, load
from guard.checks import PAGES
from guard.config import nearest
from guard.errors import UsageError
from guard.finding import Check
from guard.policy import NOTES

_WIDTH = 100
SURENESS = {
    "certain": "the code alone proves it",
    "likely": "a model may overrule it",
    "possible": "reported only if a model confirms it",
}


def rules(own: tuple[Rule, ...] = ()) -> Mapping[str, Rule]:
    """Every rule by its id, in order; a team's own among them."""
    return {rule.id: rule for rule in all_rules(load(own))}


def subject(name: str, own: tuple[Rule, ...] = ()) -> Check | Rule | str:
    """What a name stands for: a check, a rule, or (as its own name) a note. Raises UsageError for any other name."""
    if name in list(Check):
        return Check(name)
    if name in NOTES:
        return name
    known = rules(own)
    if name not in known:
        raise UsageError(f"{name!r} is neither a rule nor a check{nearest(name, {*known, *Check, *NOTES})}")
    return known[name]


def page(name: str, own: tuple[Rule, ...] = ()) -> str:
    """The page of a check, a rule or a note. Raises UsageError for any other name."""
    match subject(name, own):
        case Check() as check:
            lines = _check_page(check, own)
        case Rule() as rule:
            lines = _rule_page(rule)
        case _:
            lines = _note_page(name, *NOTES[name])
    return "\n".join(lines) + "\n"


def _check_page(check: Check, rules_beside: tuple[Rule, ...]) -> Iterator[str]:
    page = PAGES[check]
    yield f"{check}: {page.title}"
    yield from _section("A violation is", page.meaning)
    yield from _section("Why it hurts", page.hurts)
    yield from _section("Instead", page.instead)
    yield from _section("Left alone", page.fine)
    own = [rule.id for rule in rules(rules_beside).values() if rule.check is check]
    yield from _section(f"Rules ({len(own)}; 'explain RULE' tells more)", ", ".join(own))


def _rule_page(rule: Rule) -> Iterator[str]:
    yield rule.id
    yield ", ".join(
        word
        for word in (rule.framework, str(rule.check), f"{rule.confidence} ({SURENESS[rule.confidence]})", str(rule.severity))
        if word
    )
    yield from _section("What happens", rule.message)
    if rule.versions:
        ranges = ", ".join(f"{package} {' '.join(bounds)}" for package, bounds in rule.versions)
        yield from _section("Which versions", f"{ranges}, by the newest version that the manifest beside the file allows.")
    yield from _section("Why it hurts", PAGES[rule.check].hurts)
    yield from _section("Instead", rule.remedy)
    for remedy in rule.remedies:
        yield from _wrapped(f"With {' or '.join(remedy.uses)}: {remedy.text}")
    if rule.question and rule.confidence != "certain":
        yield from _section("What a model is asked", rule.question)
    if rule.edits:
        yield from ("", "Safe edit", *_safe_edit(rule))
    yield from _examples("Reported", rule.match)
    yield from _examples("Left alone", rule.no_match)
    if rule.docs:
        yield from ("", "Documentation", f"  {rule.docs}")
    yield from _section("To keep it, say why in a comment on the line or the line above", f"guard: ignore[{rule.id}] REASON")


def _note_page(name: str, message: str, remedy: str) -> Iterator[str]:
    yield name
    yield from _section("What it says", message)
    yield from _section("Instead", remedy)


def _section(title: str, text: str) -> Iterator[str]:
    yield from ("", title)
    yield from _wrapped(text)


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(
        text, _WIDTH, initial_indent="  ", subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )


def _safe_edit(rule: Rule) -> Iterator[str]:
    """What a finding of this rule can suggest, shown on the first example that it fits."""
    from guard.catalogue import matches
    from guard.catalogue.edits import edit_of
    from guard.languages import read

    for example in rule.match:
        facts = read(example.path, example.code.encode())
        edits = [edit for match in matches([rule], facts) if (edit := edit_of(match, facts))] if facts else []
        if facts and edits:
            yield from (f"    - {line}" for line in facts.lines[edits[0].line - 1 : edits[0].end_line])
            yield from (f"    + {line}" for line in (edits[0].text.split("\n") if edits[0].text else ()))
            return


def _examples(title: str, examples: tuple[Example, ...]) -> Iterator[str]:
    if examples:
        yield from ("", title)
    for number, example in enumerate(examples):
        if number:
            yield ""
        yield f"  {example.path}"
        yield from (f"    | {line}" for line in example.code.rstrip("\n").split("\n"))

"""Every rule proves itself: its examples are its tests."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from guard.analyses import View, all_rules, analyses
from guard.analyses.fallbacks import RULES as FALLBACK_RULES
from guard.analyses.fallbacks import stands_in
from guard.catalogue import Example, Rule, load, matches
from guard.languages import read
from guard.project import Project
from guard.roles import Role

CATALOGUE = load()
FALLBACKS = {rule.check: rule.id for rule in FALLBACK_RULES}
RULES = all_rules(CATALOGUE)


def _fired(example: Example) -> set[str]:
    """The ids of the rules that fire on an example, as they would on a server's file."""
    facts = read(example.path, example.code.encode())
    assert facts is not None, f"no reader for {example.path}"
    view = View(facts, Role.SERVER, CATALOGUE, Project())
    found = list(matches(CATALOGUE.candidates(facts), facts))
    told = {FALLBACKS[match.rule.check] for match in found if stands_in(match, facts) is not None}
    return (
        told | {match.rule.id for match in found} | {signal.rule for analysis in analyses() for signal in analysis.find(view)}
    )


def _examples(kind: str) -> Iterator[object]:
    for rule in RULES:
        for number, example in enumerate(getattr(rule, kind)):
            yield pytest.param(rule, example, id=f"{rule.id}-{number}")


@pytest.mark.parametrize(("rule", "example"), list(_examples("match")))
def test_an_example_that_must_match_does(rule: Rule, example: Example) -> None:
    """What a rule says it finds, it finds."""
    assert rule.id in _fired(example)


@pytest.mark.parametrize(("rule", "example"), list(_examples("no_match")))
def test_a_tempting_neighbour_stays_silent(rule: Rule, example: Example) -> None:
    """What a rule says it leaves alone, it leaves alone."""
    assert rule.id not in _fired(example)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_is_complete(rule: Rule) -> None:
    """A rule speaks to users, names its source, and has examples both ways."""
    assert rule.match
    assert rule.no_match
    assert re.fullmatch(r"https://[\w.-]+/?[\w/.~!$&'()*+,;=:@%?#-]*", rule.docs)
    assert len(rule.message) <= 400
    assert len(rule.remedy) <= 400


def test_the_catalogue_is_broad() -> None:
    """There are rules for all four checks, and enough of them."""
    assert len(RULES) >= 300
    assert len({rule.check for rule in RULES}) == 4

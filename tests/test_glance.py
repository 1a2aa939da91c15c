"""What a glance waves through must have nothing to say."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from guard.analyses import View, all_rules, analyses
from guard.catalogue import Example, Rule, load, matches
from guard.catalogue.glance import LANGUAGES, matters
from guard.languages import read
from guard.project import Project
from guard.roles import Role

CATALOGUE = load()


def _examples() -> Iterator[object]:
    for rule in all_rules(CATALOGUE):
        for number, example in enumerate(rule.match):
            if example.path.endswith((".py", ".js", ".ts", ".tsx", ".mjs")):
                yield pytest.param(rule, example, id=f"{rule.id}-{number}")


def _places(example: Example, rule: Rule) -> list[tuple[int, int]]:
    """Where the rule speaks in an example, and where else it would if only that were changed."""
    facts = read(example.path, example.code.encode())
    assert facts is not None
    assert facts.language in LANGUAGES
    view = View(facts, Role.SERVER, CATALOGUE, Project())
    spans = [(m.span.line, m.span.end_line) for m in matches(CATALOGUE.candidates(facts), facts) if m.rule.id == rule.id]
    signals = [signal for analysis in analyses() for signal in analysis.find(view) if signal.rule == rule.id]
    return spans + [place for signal in signals for place in ((signal.line, signal.end_line), *signal.alternatives)]


@pytest.mark.parametrize(("rule", "example"), list(_examples()))
def test_no_signal_is_waved_through(rule: Rule, example: Example) -> None:
    """A change of the lines on which a rule speaks, and of these alone, is read."""
    language = "python" if example.path.endswith(".py") else "javascript"
    for first, last in _places(example, rule):
        assert matters(example.code, frozenset(range(first, last + 1)), language, CATALOGUE)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("import os\n\n\ndef area(width, height):\n    return width * height\n\n\nx = {}\n", 5),
        ("LIMIT = 4\n\n\ndef main():\n    jobs = {}\n    jobs['a'] = 1\n", 1),
    ],
)
def test_what_stores_nothing_is_not_read(text: str, line: int) -> None:
    """A change that touches neither a known package nor anything that is kept costs a glance."""
    assert not matters(text, frozenset({line}), "python", CATALOGUE)


def test_a_suppression_is_always_looked_at() -> None:
    """Whether a comment still suppresses something is told from the whole file."""
    assert matters("x = 1  # guard: ignore[memory-cache] why\n", frozenset({1}), "python", CATALOGUE)

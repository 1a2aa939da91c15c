"""The reader of Puppet manifests."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.catalogue.patterns import text_of
from guard.facts import Facts
from guard.languages import read

PIECES = st.sampled_from(
    [
        "haproxy::backend",
        "{",
        "}",
        "[",
        "]",
        "(",
        ")",
        "'a'",
        '"',
        "'",
        ":",
        "=>",
        "=",
        ",",
        ";",
        "$x",
        "true",
        "#",
        "/*",
        "\n",
        "\r\n",
        " ",
        "é",
    ]
)


def _facts(text: str) -> Facts:
    facts = read("manifests/init.pp", text.encode())
    assert facts is not None
    assert facts.language == "puppet"
    return facts


def test_parameters_stand_below_their_resource() -> None:
    """Type and title, then the keys of hashes and the places in lists; a default of a class is a variable."""
    text = "class lb (String $algo = 'source') {\n  # why\n  haproxy::backend { 'shop':\n    options => {\n      'option'  => ['tcplog', 'x'],\n      'balance' => $algo,\n    },\n    enabled => true,\n  }\n}\n"
    facts = _facts(text)
    assert [(".".join(s.path), text_of(s.value), s.span.line) for s in facts.settings] == [
        ("$algo", "source", 1),
        ("haproxy::backend.shop.options.option.0", "tcplog", 5),
        ("haproxy::backend.shop.options.option.1", "x", 5),
        ("haproxy::backend.shop.options.balance", "$algo", 6),
        ("haproxy::backend.shop.enabled", "true", 8),
    ]
    assert [comment.text for comment in facts.comments] == ["why"]


@given(pieces=st.lists(PIECES, max_size=60))
def test_no_text_raises_and_every_span_lies_in_the_file(pieces: list[str]) -> None:
    """Whatever stands in a manifest, its facts point into it."""
    facts = _facts("".join(pieces))
    for span in [*(s.span for s in facts.settings), *(c.span for c in facts.comments)]:
        assert 1 <= span.line <= span.end_line <= len(facts.lines)


@pytest.mark.parametrize("text", ["a {" * 30_000, "x => [" * 30_000, "x" * 1_000_000, "'" * 30_001])
def test_deep_nesting_and_long_lines_are_bounded(text: str) -> None:
    """Hostile texts neither overflow the stack nor take long."""
    start = time.process_time()
    _facts(text)
    assert time.process_time() - start < 5

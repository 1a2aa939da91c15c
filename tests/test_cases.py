"""Changes as people make them, before and after, in Markdown (`tests/cases/*.md`).

A case is a heading, a sentence that says what should happen and why, and blocks whose info string is `LANG before|after PATH`,
or `LANG beside PATH` for a file of the repository that did not change.
A line of an `after` block that ends in a comment `finding: RULE [RULE…]` must draw exactly these findings; every other line none.
`question: RULE` marks what is not decided offline but asked about; other questions are not looked at.
`spurious: RULE` and `missing: RULE` mark known wrong results: they fail the day they heal.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from guard.change import Texts, parse
from guard.pipeline import observe

CASES = Path(__file__).parent / "cases"
_BLOCK = re.compile(r"^```\w* (before|after|beside) (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NOTE = re.compile(
    r"[ \t]*(?:#|//|--|<!--)[ \t]*(finding|question|missing|spurious): *([\w, -]+?)[ \t]*(?:-->)?$", re.MULTILINE
)


@dataclass
class Case:
    """The two sides of a change and what must be said, as (path, line, rule)."""

    before: dict[str, str] = field(default_factory=dict)
    after: dict[str, str] = field(default_factory=dict)
    expected: set[tuple[str, int, str]] = field(default_factory=set)
    asked: set[tuple[str, int, str]] = field(default_factory=set)

    def head(self, path: str) -> bytes | None:
        """The new text, as a source gives it."""
        return self.after[path].encode() if path in self.after else None

    def base(self, path: str) -> bytes | None:
        """The old text, as a source gives it."""
        return self.before[path].encode() if path in self.before else None

    def head_paths(self) -> frozenset[str]:
        """All files of the new side."""
        return frozenset(self.after)

    def tree(self) -> frozenset[str]:
        """The same."""
        return self.head_paths()

    def search(self, words: tuple[str, ...], endings: tuple[str, ...], below: str = "") -> frozenset[str]:
        """The files of the new side that hold all words."""
        return Texts(self.after).search(words, endings, below)


def _sections() -> Iterator[object]:
    for file in sorted(CASES.rglob("*.md")):
        for section in re.split(r"^## ", file.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
            title = section.split("\n", 1)[0].strip()
            yield pytest.param(section, id=f"{file.stem}: {title}")


def _case(section: str) -> Case:
    case = Case()
    for side, path, text in _BLOCK.findall(section):
        if side == "after":
            case.expected |= set(_marked({"finding", "spurious"}, path, text))
            case.asked |= set(_marked({"question"}, path, text))
        for one in (side,) if side != "beside" else ("before", "after"):
            getattr(case, one)[path] = _NOTE.sub("", text)
    return case


def _marked(notes: set[str], path: str, text: str) -> Iterator[tuple[str, int, str]]:
    for number, line in enumerate(text.split("\n"), 1):
        note = _NOTE.search(line)
        if note and note[1] in notes:
            yield from ((path, number, rule) for rule in re.split(r"[, ]+", note[2].strip()))


def _diff(case: Case) -> bytes:
    pieces: list[str] = []
    for path in sorted({*case.before, *case.after}):
        old, new = case.before.get(path, ""), case.after.get(path, "")
        names = (f"a/{path}" if path in case.before else "/dev/null", f"b/{path}" if path in case.after else "/dev/null")
        lines = list(difflib.unified_diff(old.splitlines(keepends=True), new.splitlines(keepends=True), *names))
        kind = (
            ""
            if path in case.before and path in case.after
            else "new file mode 100644\n"
            if path in case.after
            else "deleted file mode 100644\n"
        )
        pieces += [f"diff --git a/{path} b/{path}\n{kind}", *lines] if lines else []
    return "".join(pieces).encode()


@pytest.mark.parametrize("section", list(_sections()))
def test_a_change_draws_exactly_the_findings_it_should(section: str) -> None:
    """What a reviewer of this change would want to read, and nothing else."""
    case = _case(section)
    seen = observe(parse(_diff(case)), case)
    assert not seen.failures
    reported = {(signal.path, signal.line, signal.rule) for signal in seen.signals if signal.confidence != "possible"}
    assert reported == case.expected
    assert case.asked <= {(signal.path, signal.line, signal.rule) for signal in seen.signals if signal.confidence == "possible"}

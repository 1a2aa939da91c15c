"""The first round says everything: what comes in by another file later adds no finding to a file that nobody touched."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from guard.analyses import all_rules
from guard.catalogue import load
from guard.change import ChangeSet, parse
from guard.pipeline import review

EXAMPLES = [(rule.id, example.path, example.code) for rule in all_rules(load()) for example in rule.match]


class _Texts:
    """The new side of a change that only adds files."""

    def __init__(self, texts: dict[str, str]) -> None:
        self._texts = texts

    def head(self, path: str) -> bytes | None:
        return self._texts[path].encode() if path in self._texts else None

    def base(self, _path: str) -> None:
        return None

    def head_paths(self) -> frozenset[str]:
        return frozenset(self._texts)


def _added(texts: dict[str, str]) -> ChangeSet:
    patch = ""
    for path, text in texts.items():
        lines = text.split("\n")
        body = "".join(f"+{line}\n" for line in lines)
        patch += f"diff --git a/{path} b/{path}\nnew file mode 100644\n--- /dev/null\n+++ b/{path}\n@@ -0,0 +1,{len(lines)} @@\n{body}"
    return parse(patch.encode())


def _said(texts: dict[str, str]) -> set[tuple[str, str, int, str]]:
    report = review(_added(texts), _Texts(texts))
    return {(finding.path, finding.rule, finding.line, finding.cause) for finding in report.findings}


_FILES = st.lists(st.sampled_from(EXAMPLES), min_size=1, max_size=4)


@given(_FILES, _FILES)
def test_a_push_elsewhere_adds_nothing_to_a_file_it_does_not_touch(
    first: list[tuple[str, str, str]], pushed: list[tuple[str, str, str]]
) -> None:
    """Each file in a folder of its own: neither is the other's manifest or configuration."""
    before = {f"service{number}/{path}": code for number, (_, path, code) in enumerate(first)}
    after = before | {f"later{number}/{path}": code for number, (_, path, code) in enumerate(pushed)}
    there = {entry for entry in _said(after) if entry[0] in before}
    assert there <= _said(before)

"""The hidden lines by which our comments are known. A marker counts only in a comment of ours: anybody can paste one.

Each stands on a line of its own, outside fenced blocks; `escape` sees to it that no other text of ours looks like one.
"""

from __future__ import annotations

import re

from msgspec import Struct

from guard.conversation.values import Remark

FINDING, FIXED, BACK, STILL, ANSWER = "finding", "fixed", "back", "still", "answer"
SUMMARY, MEMORY = "summary", "memory"
_MARKER = re.compile(r"<!-- stateless-guard:([a-z]+)((?: [A-Za-z0-9+/=:._-]+)*) -->")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")


class Marker(Struct, frozen=True):
    """What one of them says: its kind and its words."""

    kind: str
    words: tuple[str, ...] = ()

    @property
    def word(self) -> str:
        """The first word, "" for none."""
        return self.words[0] if self.words else ""

    def __str__(self) -> str:
        return f"<!-- stateless-guard:{' '.join((self.kind, *self.words))} -->"


def markers_in(remark: Remark) -> tuple[Marker, ...]:
    """The markers of a comment of ours, in order; none in anybody else's."""
    if not remark.ours:
        return ()
    found = (_MARKER.fullmatch(line.strip()) for line in outside_fences(remark.body))
    return tuple(Marker(match[1], tuple(match[2].split())) for match in found if match)


def marker(remark: Remark, *kinds: str) -> Marker | None:
    """The first marker of one of these kinds."""
    return next((entry for entry in markers_in(remark) if entry.kind in kinds), None)


def outside_fences(body: str) -> list[str]:
    """The lines of a Markdown text that are in no fenced block (https://spec.commonmark.org/0.31.2/#fenced-code-blocks)."""
    lines: list[str] = []
    fence = ""
    for line in body.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        match = _FENCE.fullmatch(line)
        run = match[1] if match else ""
        if fence:
            if match and run.startswith(fence) and not match[2].strip():
                fence = ""
        elif match and not (run[0] == "`" and "`" in match[2]):
            fence = run
        else:
            lines.append(line)
    return lines

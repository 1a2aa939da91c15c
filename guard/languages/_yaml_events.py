"""The events of a YAML parser in, settings out: no object is built, no alias is followed, nothing recurses.

An alias is one unknown value wherever it stands, so that neither a bomb of aliases nor ten thousand of them cost more than
their own lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from msgspec import Struct, field

from guard.facts import Choice, Constant, Listing, Mapping, Setting, Span, Unknown, Value
from guard.languages._tags import Masked
from guard.languages._templates import value_of

MOST_SETTINGS = 50_000
_LONGEST = 80
_INTEGER = re.compile(r"0|-?[1-9]\d{0,17}")
_WORDS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False, "null": None, "~": None, "": None}
_STANDARD_TAG = "tag:yaml.org,2002:"


class Trouble(NamedTuple):
    """Where a parser gave up (1-based line), and why."""

    line: int
    problem: str


class _Open(Struct):
    """A collection that is being read."""

    path: tuple[str, ...]
    mapping: bool
    span: Span
    tag: str = ""
    key: str | None = None
    key_span: Span | None = None
    count: int = 0
    values: list[Value] = field(default_factory=list)


class Collector:
    """Settings as they come out of the events, and where scalars stand (comments are what is not in them)."""

    def __init__(self, masked: Masked, lines: list[str]) -> None:
        self.settings: list[Setting] = []
        self.scalar_ends: dict[int, int] = {}
        """Line -> column (0-based) after the last scalar on it; lines that lie wholly in a scalar have a column beyond all."""
        self.document = -1
        self._masked = masked
        self._lines = lines
        self._stack: list[_Open] = []
        self._skipping = 0

    def read(self, text: str) -> Trouble | None:
        """Take in a text; says where the parser had to stop."""
        import yaml

        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            for event in yaml.parse(text, Loader=loader):
                self._take(event)
                if len(self.settings) >= MOST_SETTINGS:
                    return Trouble(self.settings[-1].span.end_line, "more settings than are read")
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark
            return Trouble(mark.line + 1 if mark else 1, str(error.problem))
        except yaml.YAMLError as error:
            return Trouble(1, str(error))
        return None

    def _take(self, event: Any) -> None:  # noqa: ANN401 - PyYAML's classes differ between its two parsers
        name = type(event).__name__
        if name == "ScalarEvent":
            self._scalar(event)
        elif name == "AliasEvent":
            self._node(Unknown(f"*{event.anchor}"[:_LONGEST]), self._span(event))
        elif name in {"MappingStartEvent", "SequenceStartEvent"}:
            self._open(event, mapping=name == "MappingStartEvent")
        elif name in {"MappingEndEvent", "SequenceEndEvent"}:
            self._close()
        elif name == "DocumentStartEvent":
            self.document += 1
            self._stack.clear()
            self._skipping = 0

    # -- scalars --------------------------------------------------------------------------------------------------

    def _scalar(self, event: Any) -> None:  # noqa: ANN401 - as above
        span = self._scalar_span(event)
        self._note_scalar(event, span)
        top = self._stack[-1] if self._stack else None
        if top is not None and top.mapping and top.key is None and not self._skipping:
            top.key, top.key_span = self._masked.key(event.value), span
            return
        self._node(self._value(event, span), span)

    def _span(self, event: Any) -> Span:  # noqa: ANN401 - as above
        """An event's place. What is empty at the end of a text has its mark on a line beyond the last."""
        last = max(len(self._lines), 1)
        line = min(event.start_mark.line + 1, last)
        return Span(line, min(max(line, event.end_mark.line + 1), last), event.start_mark.column + 1)

    def _scalar_span(self, event: Any) -> Span:  # noqa: ANN401 - as above
        span = self._span(event)
        end = span.end_line
        if event.style in {"|", ">"}:
            end -= event.end_mark.column == 0
            while end > span.line and not (end <= len(self._lines) and self._lines[end - 1].strip()):
                end -= 1
        return Span(span.line, max(span.line, end), span.column)

    def _note_scalar(self, event: Any, span: Span) -> None:  # noqa: ANN401 - as above
        for line in range(span.line, span.end_line):
            self.scalar_ends[line] = 1 << 30
        block = event.style in {"|", ">"}
        self.scalar_ends[span.end_line] = 1 << 30 if block else event.end_mark.column

    def _value(self, event: Any, span: Span) -> Value:  # noqa: ANN401 - as above
        text = self._masked.original(event.value)
        tag = event.tag or ""
        if tag and not tag.startswith(_STANDARD_TAG) and tag != "!":
            return value_of(text) if tag == "!Sub" else Unknown(f"{tag} {text}"[:_LONGEST])
        if event.style in {"|", ">"}:
            return Constant(text)
        if event.style in {"'", '"'} or tag:
            return value_of(text)
        if not text:
            filled = self._printed_below(span.line)
            return Constant(None) if filled is None else Unknown(filled[:_LONGEST])
        return _plain(text)

    def _printed_below(self, line: int) -> str | None:
        """The tag that stands for a whole block on the lines below a key without a value of its own."""
        for number in range(line + 1, min(line + 40, len(self._lines) + 1)):
            if number in self._masked.alone:
                return self._masked.alone[number]
            if self._lines[number - 1].strip():
                return None
        return None

    # -- collections ----------------------------------------------------------------------------------------------

    def _node(self, value: Value, span: Span) -> None:
        """A value that is complete: a leaf."""
        if self._skipping or not self._stack:
            return
        top = self._stack[-1]
        if top.mapping and top.key is None:
            top.key, top.key_span = "?", span
            return
        if top.tag == "!If":
            top.values.append(value)
        path, whole = self._place(top, span)
        self.settings.append(Setting(path, value, whole, max(self.document, 0)))

    def _place(self, top: _Open, span: Span) -> tuple[tuple[str, ...], Span]:
        """The path of the next value in a collection, and its span with its key; the collection moves on."""
        key = (top.key or "") if top.mapping else str(top.count)
        start = top.key_span if top.mapping and top.key_span else span
        top.count += 1
        top.key = top.key_span = None
        return (*top.path, key), Span(start.line, max(start.line, span.end_line), start.column)

    def _open(self, event: Any, *, mapping: bool) -> None:  # noqa: ANN401 - as above
        span = self._span(event)
        top = self._stack[-1] if self._stack else None
        if self._skipping or (top is not None and top.mapping and top.key is None):
            self._skipping += 1
            return
        path: tuple[str, ...] = ()
        if top is not None:
            path, span = self._place(top, span)
        self._stack.append(_Open(path, mapping, span, event.tag or ""))

    def _close(self) -> None:
        if self._skipping:
            self._skipping -= 1
            if not self._skipping and self._stack:
                self._stack[-1].key, self._stack[-1].key_span = "?", self._stack[-1].span
            return
        if not self._stack:
            return
        closed = self._stack.pop()
        if not closed.count and closed.path:
            empty: Value = Mapping() if closed.mapping else Listing()
            self.settings.append(Setting(closed.path, empty, closed.span, max(self.document, 0)))
        elif closed.tag == "!If" and len(closed.values) == closed.count:
            del self.settings[-closed.count :]
            self.settings.append(Setting(closed.path, Choice(tuple(closed.values[1:])), closed.span, max(self.document, 0)))


def _plain(text: str) -> Value:
    """A scalar without quotes: a word for a boolean or for nothing, a whole number, else its text."""
    word = text.lower()
    if word in _WORDS:
        return Constant(_WORDS[word])
    return Constant(int(text)) if _INTEGER.fullmatch(text) else value_of(text)


def comments_outside(lines: list[str], scalar_ends: dict[int, int], original: Masked) -> Iterator[tuple[int, int, str]]:
    """(line, column, text) of each `#` that is neither in a scalar nor glued to a word."""
    for number, line in enumerate(lines, 1):
        at = line.find("#", min(scalar_ends.get(number, 0), len(line)))
        while at > 0 and not line[at - 1].isspace():
            at = line.find("#", at + 1)
        if at >= 0:
            yield number, at + 1, original.original(line[at:]).lstrip("#").strip()

"""YAML that no parser accepts, read line by line: keys by their indentation, values as they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct, field

from guard.facts import Setting, Span
from guard.languages._tags import Masked
from guard.languages._templates import value_of

_LINE = re.compile(
    r"(?P<indent> *)(?P<dashes>(?:- +)*)(?P<key>[^\s:#'\"{}\[\],&*!|>@`-][^:#]{0,200}?|\"[^\"]{1,200}\"|'[^']{1,200}')\s*:(?:\s+(?P<value>.*))?"
)
_ITEM = re.compile(r"(?P<indent> *)(?P<dashes>(?:- +)+)(?P<value>\S.*)")
_REMARK = re.compile(r"\s+#.*$")
_VALUE_AFTER_KEY = re.compile(r"(\s*(?:- +)*[^\s#:'\"{}\[\]][^:#]{0,200}?\s*:\s+|\s*(?:- +)+)([^\s#'\"].*?)\s*")


def is_key_or_item(line: str) -> bool:
    """Whether a line is a key or an item of a list, with or without its value."""
    text = _REMARK.sub("", line[:2000]).rstrip()
    return (_LINE.fullmatch(text) or _ITEM.fullmatch(text)) is not None


def repaired(line: str) -> str:
    """A line whose value is quoted, so that a parser takes it whatever it holds; "" if there is no such value."""
    found = _VALUE_AFTER_KEY.fullmatch(line)
    if found is None:
        return ""
    quoted = found[2].replace("'", "''")
    return f"{found[1]}'{quoted}'"


class _Level(Struct):
    indent: int
    key: str


class _Walk(Struct):
    """Where in the tree the lines have come to."""

    levels: list[_Level] = field(default_factory=list)
    counts: dict[tuple[tuple[str, ...], int], int] = field(default_factory=dict)

    def path(self) -> tuple[str, ...]:
        return tuple(level.key for level in self.levels)

    def leave(self, indent: int) -> None:
        while self.levels and self.levels[-1].indent >= indent:
            self.levels.pop()

    def enter_items(self, indent: int, dashes: str) -> int:
        """Step into the list items that a line begins; gives the column of what follows the dashes."""
        for dash in re.finditer(r"- +", dashes):
            column = indent + dash.start()
            while self.levels and (
                self.levels[-1].indent > column or (self.levels[-1].indent == column and self.levels[-1].key.isdigit())
            ):
                self.levels.pop()
            place = (self.path(), column)
            self.counts[place] = self.counts.get(place, -1) + 1
            self.levels.append(_Level(column, str(self.counts[place])))
        return indent + len(dashes)


def settings_by_line(lines: list[str], masked: Masked, after: int, document: int) -> Iterator[Setting]:
    """The settings of the lines after a line, with the keys of the lines before it."""
    walk = _Walk()
    for number, raw in enumerate(lines, 1):
        line = _REMARK.sub("", raw[:2000]).rstrip()
        if line == "---":
            walk = _Walk()
            continue
        setting = _setting(line, number, walk, masked, document)
        if setting is not None and number > after:
            yield setting


def _setting(line: str, number: int, walk: _Walk, masked: Masked, document: int) -> Setting | None:
    found = _LINE.fullmatch(line) or _ITEM.fullmatch(line)
    if found is None:
        return None
    indent = len(found["indent"])
    if found["dashes"]:
        indent = walk.enter_items(indent, found["dashes"])
    else:
        walk.leave(indent)
    key = found.groupdict().get("key")
    if key is not None:
        walk.levels.append(_Level(indent, masked.key(key.strip("\"'"))))
    value = (found["value"] or "").strip()
    if not value or value in {"|", ">", "|-", ">-"}:
        return None
    return Setting(walk.path(), value_of(masked.original(value.strip("\"'"))), Span(number, number, indent + 1), document)

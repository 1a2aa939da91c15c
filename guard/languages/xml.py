"""XML that configures: web.config, context.xml, Ehcache, Spring beans.

The path of a setting is the names of the elements around it and, for an attribute, its name; elements of one name side by side
have their index after it from the second on. An element is a setting too: its text, or "" if it has none, over its lines.
Prefixes of namespaces are dropped. Read without a parser's rules, so that templates and broken ends do no harm; entities are
left as they are written, and none is ever expanded.
"""

from __future__ import annotations

import re
from collections import Counter

from msgspec import Struct, field

from guard.facts import Comment, Facts, Setting, Span
from guard.languages._templates import bare_name, masked, unmasked, value_of

_NOT = frozenset({"packages.config", "nuget.config"})
_TOKEN = re.compile(
    r"<!--(?P<comment>.*?)(?:-->|\Z)|<!\[CDATA\[(?P<data>.*?)(?:\]\]>|\Z)|<[?!][^<>]{0,2000}>?"
    r"|</(?P<close>[\w.:-]+)\s*>|<(?P<open>[\w.:-]+)(?P<attributes>(?:\s+[\w.:-]+\s*=\s*(?:\"[^\"<]*\"|'[^'<]*'))*)\s*(?P<empty>/?)>|(?P<text>[^<]+)|<",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r"(?P<key>[\w.:-]+)\s*=\s*(?:\"(?P<double>[^\"<]*)\"|'(?P<single>[^'<]*)')")
_DEEPEST = 40
_LONGEST_TEXT = 10_000


def by_name(path: str) -> str | None:
    """`.xml`; .NET's `.config` is told by content, since other tools use that ending too."""
    return "xml" if bare_name(path).endswith(".xml") else None


def by_content(path: str, text: bytes) -> str | None:
    """A `.config` that begins as XML."""
    name = bare_name(path)
    begins = text[:200].lstrip(b"\xef\xbb\xbf \r\n\t").startswith((b"<?xml", b"<configuration", b"<!--"))
    return "xml" if name.endswith(".config") and name not in _NOT and begins else None


def read(path: str, text: str, language: str) -> Facts:
    """The settings of every element and attribute, in source order."""
    covered, holes = masked(text) if "{{" in text or "{%" in text or "<%" in text else (text, ())
    reading = _Reading(holes)
    line = 1
    for token in _TOKEN.finditer(covered):
        reading.take(token, line)
        line += token[0].count("\n")
    settings = reading.finish(line)
    return Facts(
        path,
        language,
        tuple(text.split("\n")),
        settings=settings,
        comments=tuple(reading.comments),
        broken=tuple(reading.broken[:50]),
    )


class _Element(Struct):
    """An element that is open: where it stands, its text so far, and how often each name came up in it."""

    name: str
    path: tuple[str, ...]
    line: int
    place: int
    text: str = ""
    seen: Counter[str] = field(default_factory=Counter)


class _Reading:
    """One document being read, token by token."""

    def __init__(self, holes: tuple[str, ...]) -> None:
        self.holes = holes
        self.open: list[_Element] = []
        self.roots: Counter[str] = Counter()
        self.settings: list[Setting | None] = []
        self.comments: list[Comment] = []
        self.broken: list[Span] = []

    def take(self, token: re.Match[str], line: int) -> None:
        last = line + token[0].count("\n")
        if token["comment"] is not None:
            self.comments.append(Comment(token["comment"].strip(), Span(line, last)))
        elif token["open"]:
            self.start(token, line, last)
        elif token["close"]:
            self.end(token["close"].rpartition(":")[2], last)
        elif token["text"] or token["data"]:
            self.text(token["text"] or token["data"])
        elif token[0] == "<":
            self.broken.append(Span(line, line))

    def text(self, text: str) -> None:
        if self.open and text.strip() and len(self.open[-1].text) < _LONGEST_TEXT:
            self.open[-1].text += text

    def start(self, token: re.Match[str], line: int, last: int) -> None:
        name = token["open"].rpartition(":")[2]
        around = self.open[-1].path if self.open else ()
        seen = self.open[-1].seen if self.open else self.roots
        seen[name] += 1
        own = (*around, name) if seen[name] == 1 else (*around, name, str(seen[name] - 1))
        deep = len(around) >= _DEEPEST
        self.open.append(_Element(name, around if deep else own, line, len(self.settings)))
        if not deep:
            self.settings.append(None)
            self.attributes(token, own, line)
        if token["empty"] or deep:
            self.end(name, last)

    def attributes(self, token: re.Match[str], path: tuple[str, ...], line: int) -> None:
        start = token.start("attributes") - token.start()
        for found in _ATTRIBUTE.finditer(token["attributes"]):
            at = line + token[0].count("\n", 0, start + found.start())
            value = found["double"] if found["double"] is not None else found["single"]
            self.settings.append(
                Setting(
                    (*path, found["key"].rpartition(":")[2]),
                    value_of(unmasked(value, self.holes)),
                    Span(at, at + value.count("\n")),
                )
            )

    def end(self, name: str, last: int) -> None:
        """Close the innermost element of this name, and what was left open in it."""
        if all(element.name != name for element in self.open[-_DEEPEST:]):
            self.broken.append(Span(last, last))
            return
        while self.open:
            element = self.open.pop()
            self.close(element, last)
            if element.name == name:
                return

    def close(self, element: _Element, last: int) -> None:
        if element.place < len(self.settings) and self.settings[element.place] is None:
            text = unmasked(element.text.strip(), self.holes)
            self.settings[element.place] = Setting(element.path, value_of(text), Span(element.line, last))

    def finish(self, line: int) -> tuple[Setting, ...]:
        """Close what is still open at the end."""
        while self.open:
            self.close(self.open.pop(), line)
        return tuple(setting for setting in self.settings if setting is not None)

"""TOML: tables and arrays of tables as prefixes of a path, inline tables and arrays both whole and item by item.

A table that is written out (`[mounts]`) is a setting too: a mapping over the lines from its header to its last pair.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from guard.facts import Constant, Entry, Facts, Listing, Mapping, Setting, Span, Unknown, Value
from guard.languages._templates import bare_name, masked, unmasked, value_of

if TYPE_CHECKING:
    from guard.languages._syntax import Node

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", '"': '"', "\\": "\\"}
_TRAEFIK = re.compile(
    rb"^[ \t]*\[\[?(?:(?:http|tcp|udp)\.(?:routers|services|middlewares)|backends|frontends)(?:\.[\w\"{}-]|\])", re.MULTILINE
)
_MAYBE = re.compile(r".*\.(?:conf|cfg|config)|[^.]+")
_SEEN = 60_000
_DEEPEST = 60
_LONGEST = 80
_Path = tuple[str, ...]


def by_name(path: str) -> str | None:
    """`.toml`, and the lock file and pipenv's file without it."""
    name = bare_name(path)
    return "toml" if name.endswith(".toml") or os.path.basename(path) in {"Pipfile", "Cargo.lock"} else None


def by_content(path: str, text: bytes) -> str | None:
    """Traefik's configuration under another name: nothing else has these tables."""
    return "toml" if _MAYBE.fullmatch(bare_name(path)) and says_traefik(text) else None


def says_traefik(text: bytes) -> bool:
    """Whether a table of Traefik's begins somewhere (https://doc.traefik.io/traefik/reference/dynamic-configuration/file/)."""
    return _TRAEFIK.search(text[:_SEEN]) is not None


def read(path: str, text: str, language: str) -> Facts:
    """The settings of every table, in source order."""
    from guard.languages import _syntax

    covered, holes = masked(text)
    # A hole outside quotes is no TOML value: quoted, it is one.
    tree = _syntax.parse("toml", covered)
    reading = _Reading(holes)
    settings = tuple(reading.document(tree.root_node))
    return Facts(
        path,
        language,
        tuple(text.split("\n")),
        settings=settings,
        comments=_syntax.comments_of(tree.root_node, lambda text: text.lstrip("#").strip()),
        broken=_syntax.broken_spans(tree.root_node),
    )


class _Reading:
    """One file being read: how often each array of tables has come up so far."""

    def __init__(self, holes: tuple[str, ...]) -> None:
        self.holes = holes
        self.counts: dict[_Path, int] = {}

    def document(self, root: Node) -> Iterator[Setting]:
        for node in root.named_children:
            if node.type == "pair":
                yield from self.pair((), node, 0)
            elif node.type in {"table", "table_array_element"}:
                yield from self.table(node)

    def table(self, node: Node) -> Iterator[Setting]:
        if not node.named_children:
            return
        path = self.prefix(self.key(node.named_children[0]))
        if node.type == "table_array_element":
            name = path
            path = (*path, str(self.counts.get(path, 0)))
            self.counts[name] = self.counts.get(name, 0) + 1
        pairs = [child for child in node.named_children[1:] if child.type == "pair"]
        entries = tuple(self.entry(pair, 1) for pair in pairs)
        last = entries[-1].span.end_line if entries else node.start_point.row + 1
        yield Setting(path, Mapping(entries), Span(node.start_point.row + 1, last, node.start_point.column + 1))
        for pair in pairs:
            yield from self.pair(path, pair, 1)

    def prefix(self, key: _Path) -> _Path:
        """A table's full path: below an array of tables it belongs to the array's last element."""
        path: _Path = ()
        for index, segment in enumerate(key):
            path = (*path, segment)
            if index < len(key) - 1 and path in self.counts:
                path = (*path, str(self.counts[path] - 1))
        return path

    def pair(self, prefix: _Path, node: Node, depth: int) -> Iterator[Setting]:
        entry = self.entry(node, depth)
        keys = self.key(node.named_children[0]) if node.named_children else ()
        if keys:
            yield from _spread((*prefix, *keys), entry.value, entry.span)

    def entry(self, node: Node, depth: int) -> Entry:
        from guard.languages._syntax import span_of

        parts = [child for child in node.named_children if child.type != "comment"]
        value = self.value(parts[-1], depth) if len(parts) > 1 else Unknown("")
        return Entry(".".join(self.key(parts[0])) if parts else None, value, span_of(node))

    def key(self, node: Node) -> _Path:
        from guard.languages._syntax import text_of, walk

        parts = (part for part in walk(node) if part.type in {"bare_key", "quoted_key"})
        texts = (text_of(part) for part in islice(parts, _DEEPEST))
        return tuple(unmasked(text[1:-1] if text[:1] in {'"', "'"} else text, self.holes) for text in texts)

    def value(self, node: Node, depth: int) -> Value:
        from guard.languages._syntax import text_of

        text = text_of(node)
        children = [child for child in node.named_children if child.type != "comment"]
        if depth > _DEEPEST:
            return Unknown(text[:_LONGEST])
        match node.type:
            case "string":
                return value_of(unmasked(_string(text), self.holes))
            case "boolean":
                return Constant(text == "true")
            case "integer":
                return Constant(_integer(text))
            case "float":
                return Constant(text)
            case "array":
                return Listing(tuple(self.value(child, depth + 1) for child in children))
            case "inline_table":
                return Mapping(tuple(self.entry(child, depth + 1) for child in children if child.type == "pair"))
            case _:
                return Unknown(unmasked(text, self.holes)[:_LONGEST])


def _spread(path: _Path, value: Value, span: Span) -> Iterator[Setting]:
    """A value, and what is inside it, each behind its path."""
    yield Setting(path, value, span)
    if isinstance(value, Mapping):
        for entry in value.entries:
            if entry.key is not None:
                yield from _spread((*path, *entry.key.split(".")), entry.value, entry.span)
    elif isinstance(value, Listing):
        for index, item in enumerate(value.items):
            yield from _spread((*path, str(index)), item, span)


def _integer(text: str) -> int | str:
    try:
        return int(text.replace("_", ""), 0)
    except ValueError:
        return text


def _string(text: str) -> str:
    """The content of a string as it is written, of any of the four kinds."""
    quote = text[:3] if text[:3] in {'"""', "'''"} else text[:1]
    inner = text[len(quote) : -len(quote)].removeprefix("\n") if len(quote) == 3 else text[1:-1]
    if quote.startswith("'") or "\\" not in inner:
        return inner
    pieces = inner.split("\\")
    return pieces[0] + "".join(_ESCAPES.get(piece[:1], "\\" + piece[:1]) + piece[1:] for piece in pieces[1:])

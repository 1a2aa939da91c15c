"""JSON with positions, and what people write beside it: comments, trailing commas, bare keys, single quotes, template holes.

Every object and array is a setting, and so is everything in it; a large file of very long lines is data, not configuration, and
has none; nor has a template that was compiled from Bicep, which is read where it was written. Read without
recursion: generated files nest deeper than Python's stack.
"""

from __future__ import annotations

import os
import re

from msgspec import Struct, field

from guard.facts import Comment, Constant, Entry, Facts, Listing, Mapping, Setting, Span, Unknown, Value
from guard.languages._templates import bare_name, masked, unmasked, value_of

_NAMES = (".json", ".jsonc", ".json5", ".webmanifest")
_LOCKS = frozenset({"package-lock.json", "npm-shrinkwrap.json", "packages.lock.json", "project.assets.json"})
_TOKEN = re.compile(
    r"""(?P<space>[\s\ufeff]+)|(?P<comment>//[^\n]*|/\*.*?(?:\*/|\Z))|(?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')"""
    r"""|(?P<mark>[{}\[\]:,])|(?P<word>[^\s{}\[\]:,"'/]+|.)""",
    re.DOTALL,
)
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_ESCAPE = re.compile(r"\\(?:u(?P<code>[0-9a-fA-F]{4})|(?P<other>.))", re.DOTALL)
_PLAIN = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_SCHEMA = re.compile(rb"(?:\xef\xbb\xbf)?\s*\{\s*\"\$schema\"\s*:")
_COMPILED = re.compile(r"\"_generator\"\s*:\s*\{\s*\"name\"\s*:\s*\"bicep\"")
_HEAD = 4_000
_DEEPEST = 60
_MOST_BROKEN = 50
_DATA = 30_000
_LONG_LINES = 2_000


def by_name(path: str) -> str | None:
    """`.json` and its kin, but not the lock files of package managers."""
    return "json" if bare_name(path).endswith(_NAMES) and os.path.basename(path) not in _LOCKS else None


def by_content(path: str, text: bytes) -> str | None:
    """An object that names its schema first, as Azure's templates and many settings do."""
    del path
    return "json" if _SCHEMA.match(text) else None


def read(path: str, text: str, language: str) -> Facts:
    """The settings of a document, in source order; what stands where it can not is a broken place."""
    if (len(text) > _DATA and text.count("\n") * _LONG_LINES < len(text)) or _COMPILED.search(text[:_HEAD]):
        return Facts(path, language, tuple(text.split("\n")))
    covered, holes = masked(text)
    reading = _Reading(holes)
    line = 1
    start = 0
    for token in _TOKEN.finditer(covered):
        kind, word = token.lastgroup or "", token[0]
        if kind != "space":
            reading.take(kind, word, Span(line, line + word.count("\n"), token.start() - start + 1))
        if "\n" in word:
            line += word.count("\n")
            start = token.start() + word.rindex("\n") + 1
    settings = reading.finish(line)
    return Facts(
        path,
        language,
        tuple(text.split("\n")),
        settings=settings,
        comments=tuple(reading.comments),
        broken=tuple(reading.broken[:_MOST_BROKEN]),
    )


class _Frame(Struct):
    """An object or array that is open: where it stands, and what it holds so far."""

    mark: str
    path: tuple[str, ...]
    span: Span
    place: int
    """The index of its own setting, which is known when it closes."""
    entries: list[Entry] = field(default_factory=list)
    key: str | None = None
    key_span: Span | None = None
    awaits: bool = False
    """Whether a key and its colon were read, and its value is next."""


class _Reading:
    """One document being read, token by token."""

    def __init__(self, holes: tuple[str, ...]) -> None:
        self.holes = holes
        self.frames: list[_Frame] = []
        self.settings: list[Setting | None] = []
        self.comments: list[Comment] = []
        self.broken: list[Span] = []

    def take(self, kind: str, word: str, span: Span) -> None:
        frame = self.frames[-1] if self.frames else None
        if kind == "comment":
            self.comments.append(Comment(word.lstrip("/*").removesuffix("*/").strip(), span))
        elif kind == "mark":
            self.mark(word, frame, span)
        elif frame and frame.mark == "{" and not frame.awaits:
            if frame.key is not None:
                self.broken.append(span)
            frame.key, frame.key_span = self.text(word, kind), span
        else:
            self.value(self.scalar(word, kind), span)

    def mark(self, word: str, frame: _Frame | None, span: Span) -> None:
        if word in "{[":
            self.open(word, span)
        elif word in "}]":
            if frame is None or frame.mark != {"}": "{", "]": "["}[word]:
                self.broken.append(span)
            else:
                self.close(span.end_line)
        elif word == ":" and frame and frame.key is not None:
            frame.awaits = True
        elif word == "," and frame:
            frame.key, frame.awaits = None, False
        else:
            self.broken.append(span)

    def open(self, word: str, span: Span) -> None:
        path = self.next_path()
        self.frames.append(_Frame(word, path, self.starting(span), len(self.settings)))
        if 0 < len(path) <= _DEEPEST:
            self.settings.append(None)

    def close(self, end_line: int) -> None:
        frame = self.frames.pop()
        span = Span(frame.span.line, end_line, frame.span.column)
        value: Value = Unknown(frame.mark + "…")
        if len(self.frames) < _DEEPEST:
            values = tuple(entry.value for entry in frame.entries)
            value = Mapping(tuple(frame.entries)) if frame.mark == "{" else Listing(values)
        if 0 < len(frame.path) <= _DEEPEST:
            self.settings[frame.place] = Setting(frame.path, value, span)
        self.keep(value, span)

    def value(self, value: Value, span: Span) -> None:
        whole = self.starting(span)
        path = self.next_path()
        if 0 < len(path) <= _DEEPEST:
            self.settings.append(Setting(path, value, whole))
        self.keep(value, whole)

    def keep(self, value: Value, span: Span) -> None:
        """Put a finished value into what is open around it."""
        if self.frames:
            frame = self.frames[-1]
            frame.entries.append(Entry(frame.key if frame.mark == "{" else None, value, span))
            frame.key, frame.awaits = None, False

    def starting(self, span: Span) -> Span:
        """The span from the key on."""
        key = self.frames[-1].key_span if self.frames and self.frames[-1].awaits else None
        return Span(key.line, span.end_line, key.column) if key else span

    def next_path(self) -> tuple[str, ...]:
        if not self.frames:
            return ()
        frame = self.frames[-1]
        if len(frame.path) > _DEEPEST:
            return frame.path
        return (*frame.path, (frame.key or "") if frame.mark == "{" else str(len(frame.entries)))

    def text(self, word: str, kind: str) -> str:
        return unmasked(_unescaped(word[1:-1]) if kind == "string" else word, self.holes)

    def scalar(self, word: str, kind: str) -> Value:
        if kind == "string":
            return value_of(self.text(word, kind))
        if word in _WORDS:
            return Constant(_WORDS[word])
        number = _number(word)
        return value_of(unmasked(word, self.holes)) if number is None else Constant(number)

    def finish(self, line: int) -> tuple[Setting, ...]:
        """Close what is still open at the end."""
        if self.frames:
            self.broken.append(Span(line, line))
        while self.frames:
            self.close(line)
        return tuple(setting for setting in self.settings if setting is not None)


def _number(word: str) -> int | float | None:
    if not re.fullmatch(r"[+-]?\d{1,40}(?:\.\d{0,40})?(?:[eE][+-]?\d{1,3})?", word):
        return None
    return int(word) if re.fullmatch(r"[+-]?\d+", word) else float(word)


def _unescaped(text: str) -> str:
    def plain(found: re.Match[str]) -> str:
        return chr(int(found["code"], 16)) if found["code"] else _PLAIN.get(found["other"], found["other"])

    return _ESCAPE.sub(plain, text) if "\\" in text else text

"""Puppet manifests, for the parameters of their resources and the hashes in them: no logic is followed.

The path of a setting is the resource's type and title, then the keys: `options => { 'balance' => 'source' }` of
`haproxy::backend { 'app': … }` has the path ("haproxy::backend", "app", "options", "balance"). A list contributes its indices; a
variable that is given a value or a default has the path ("$name",). https://www.puppet.com/docs/puppet/8/lang_resources
"""

from __future__ import annotations

import re

from guard.facts import Comment, Constant, Facts, Setting, Span, Unknown, Value
from guard.languages._templates import bare_name, value_of

_TOKEN = re.compile(
    r"(?P<space>\s+)|(?P<comment>#[^\n]*|/\*.*?(?:\*/|\Z))|(?P<string>\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*')"
    r"|(?P<arrow>[=+]>)|(?P<mark>[{}\[\](),:;=|])|(?P<word>\$?[\w:.-]*\w|.)",
    re.DOTALL,
)
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "undef": None}
_DEEPEST = 20
_LONGEST = 80
_Path = tuple[str, ...]


def by_name(path: str) -> str | None:
    """`.pp`, and `.epp` is what it makes: told by the name without it."""
    return "puppet" if bare_name(path).endswith(".pp") else None


def read(path: str, text: str, language: str) -> Facts:
    """One setting a parameter, a pair of a hash, an item of a list."""
    reading = _Reading()
    line = 1
    for token in _TOKEN.finditer(text):
        kind, word = token.lastgroup or "", token[0]
        last = line + word.count("\n")
        if kind == "comment":
            reading.comments.append(Comment(word.lstrip("#/*").removesuffix("*/").strip(), Span(line, last)))
        elif kind != "space":
            reading.take(kind, word, Span(line, last))
        line = last
    return Facts(path, language, tuple(text.split("\n")), settings=tuple(reading.settings), comments=tuple(reading.comments))


class _Reading:
    """One manifest being read, token by token."""

    def __init__(self) -> None:
        self.settings: list[Setting] = []
        self.comments: list[Comment] = []
        self.around: list[tuple[_Path, int | None]] = [((), None)]
        """What is open: its path, and for a list the index of its next item."""
        self.key: str | None = None
        self.key_span = Span(1, 1)
        self.last: tuple[str, str, Span] = ("", "", Span(1, 1))

    def take(self, kind: str, word: str, span: Span) -> None:
        if kind == "arrow" or word == "=":
            self.key, self.key_span = _plain(self.last[1]), self.last[2]
        elif word in {"{", "["}:
            self.open(word)
        elif word in {"}", "]"}:
            self.key = None
            if len(self.around) > 1:
                self.around.pop()
        elif word == ":" and self.last[0] in {"string", "word"}:
            self.title(_plain(self.last[1]))
        elif kind in {"string", "word"}:
            self.value(kind, word, span)
        elif word in {",", ";"}:
            self.key = None
        self.last = (kind, word, span)

    def open(self, word: str) -> None:
        path, index = self.around[-1]
        if self.key is not None:
            path = (*path, self.key)
        elif index is not None:
            self.around[-1] = (path, index + 1)
            path = (*path, str(index))
        elif word == "{" and self.last[0] == "word":
            path = (*path, self.last[1])
        self.key = None
        self.around.append((path if len(path) <= _DEEPEST else path[:_DEEPEST], 0 if word == "[" else None))

    def title(self, title: str) -> None:
        """The title of a resource; the next one of the same body takes its place."""
        path, index = self.around[-1]
        if index is None and path:
            self.around[-1] = ((path[0], title) if len(path) <= 2 else path, None)

    def value(self, kind: str, word: str, span: Span) -> None:
        path, index = self.around[-1]
        if self.key is not None:
            whole = Span(self.key_span.line, max(span.end_line, self.key_span.line))
            self.settings.append(Setting((*path, self.key), _value(kind, word), whole))
            self.key = None
        elif index is not None:
            self.settings.append(Setting((*path, str(index)), _value(kind, word), span))
            self.around[-1] = (path, index + 1)


def _value(kind: str, word: str) -> Value:
    if kind == "string":
        return value_of(_plain(word))
    if word in _WORDS:
        return Constant(_WORDS[word])
    return Unknown(word[:_LONGEST]) if word.startswith("$") else Constant(word)


def _plain(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] in {'"', "'"} and text[-1] == text[0] else text

"""HOCON, in which applications of Ktor, Play and Akka are configured: nested keys, dotted keys, and variables that replace what stands above.

`url = "jdbc:h2:mem:shop"` with `url = ${?DATABASE_URL}` below it is what an application runs with where nobody says otherwise. The
format: https://github.com/lightbend/config/blob/main/HOCON.md
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from guard.facts import Comment, Setting, Span
from guard.languages._templates import value_of

FILES = re.compile(r"(?:^|/)(?:src/main/resources|conf)/application[\w.-]*\.conf$")
_TOKEN = re.compile(
    r"(?P<comment>(?:#|//)[^\n]*)|(?P<open>\{)|(?P<close>\})|(?P<list>\[)|(?P<ends>\])|(?P<is>\+?=|:)|(?P<next>[,\n])"
    r'|(?P<text>"""[\s\S]{0,2000}?"""|"(?:\\.|[^"\\\n]){0,1000}"|\$\{[^}\n]{0,200}\}|(?:(?!//)[^\s{}\[\]=:,#"$]|:(?=\S))+|\$)|(?P<space>[^\S\n]+)'
)
_DEEPEST = 20
"""Keys that a setting's path has at most."""
_VARIABLE = re.compile(r"\$\{\??(\w+)\}")


def settings_of(text: str) -> tuple[tuple[Setting, ...], tuple[Comment, ...]]:
    """One setting a key that has a plain value; lists are left out."""
    found: dict[tuple[str, ...], Setting] = {}
    comments: list[Comment] = []
    for path, value, span in _entries(text, comments):
        before = found.get(path)
        replaced = _VARIABLE.fullmatch(value)
        if before is not None and replaced is not None:
            found[path] = Setting(path, value_of(f"${{{replaced[1]}:{_plain(before)}}}"), before.span, 0)
        else:
            found[path] = Setting(path, value_of(value), span, 0)
    return tuple(found.values()), tuple(comments)


def _plain(setting: Setting) -> str:
    """The text of a value that stood there before a variable may replace it."""
    return getattr(setting.value, "value", "") or ""


def _entries(text: str, comments: list[Comment]) -> Iterator[tuple[tuple[str, ...], str, Span]]:
    """The keys with the texts of their values."""
    around: list[tuple[str, ...]] = [()]
    key, value = "", None
    begun = Span(1, 1)
    for kind, piece, span in _outside_of_lists(_tokens(text, comments)):
        if kind == "is" and value is None:
            value = ""
        elif kind == "open":
            around.append((*around[-1], *_keys(key))[:_DEEPEST])
            key, value = "", None
        elif kind in {"next", "close"}:
            if key and value is not None and value.strip():
                yield (*around[-1], *_keys(key)), value.strip(), begun
            key, value = "", None
            around = around[:-1] if kind == "close" and len(around) > 1 else around
        elif value is not None:
            value += piece.strip('"') if piece.startswith('"') else piece
        elif kind == "text":
            begun = begun if key else span
            key += piece


def _outside_of_lists(tokens: Iterator[tuple[str, str, Span]]) -> Iterator[tuple[str, str, Span]]:
    lists = 0
    for kind, piece, span in tokens:
        if kind in {"list", "ends"}:
            lists = max(0, lists + (1 if kind == "list" else -1))
        elif not lists:
            yield kind, piece, span


def _tokens(text: str, comments: list[Comment]) -> Iterator[tuple[str, str, Span]]:
    line, start = 1, 0
    for token in _TOKEN.finditer(f"{text}\n"):
        piece = token[0]
        span = Span(line, line, token.start() - start + 1)
        if token.lastgroup == "comment":
            comments.append(Comment(piece.lstrip("#/").strip(), span))
        else:
            yield token.lastgroup or "", piece, span
        if "\n" in piece:
            line += piece.count("\n")
            start = token.start() + piece.rindex("\n") + 1


def _keys(key: str) -> tuple[str, ...]:
    return tuple(part.strip('"') for part in key.split(".", _DEEPEST)) if not key.startswith('"') else (key.strip('"'),)

"""Caddyfiles: directives and the blocks around them.

The path of a setting is the addresses and directives of the blocks around it, each followed by its arguments as one segment if it has
any, then the directive; its value is the directive's arguments, joined by spaces: `reverse_proxy a:80 { lb_policy cookie }` at
`example.com` has the path ("example.com", "reverse_proxy", "a:80", "lb_policy") and the value "cookie". A directive with a block is
a setting over its lines. https://caddyserver.com/docs/caddyfile/concepts
"""

from __future__ import annotations

import os
import re

from guard.facts import Comment, Facts, Span
from guard.languages._nested import Nested
from guard.languages._templates import bare_name, masked, unmasked

_NAME = re.compile(r"caddyfile(?:[._-].*)?|.*\.caddy(?:file)?")
_NO_NAME = (".md", ".go", ".json", ".yml", ".yaml", ".py", ".js", ".txt")
_MAYBE = re.compile(r".*\.(?:conf|site|vhost)|[^.]+|.*\.(?:com|org|net|io|dev|local)")
_DIRECTIVE = re.compile(rb"^[ \t]+(?:reverse_proxy|php_fastcgi|handle_path|import|encode)[ \t]+\S", re.MULTILINE)
_SITE = re.compile(rb"^(?![ \t#])[^\n;=]{0,200}\{[ \t]*\r?$", re.MULTILINE)
_SEMICOLON = re.compile(rb";[ \t]*\r?$", re.MULTILINE)
_SEEN = 60_000
_TOKEN = re.compile(r"\"(?:\\.|[^\"\\])*\"|`[^`]*`|[^\s\"`]\S*", re.DOTALL)
_COMMENT = re.compile(r"(?:^|\s)#(?P<text>.*)")


def by_name(path: str) -> str | None:
    """`Caddyfile`, `Caddyfile.prod`, `x.caddy`."""
    name = bare_name(path)
    return "caddy" if _NAME.fullmatch(name) and not os.path.basename(path).lower().endswith(_NO_NAME) else None


def by_content(path: str, text: bytes) -> str | None:
    """A directive of Caddy's own in a block, and no line that ends as nginx's do."""
    start = text[:_SEEN]
    fits = (
        _MAYBE.fullmatch(bare_name(path)) and not start.startswith(b"#!") and _DIRECTIVE.search(start) and _SITE.search(start)
    )
    return "caddy" if fits and not _SEMICOLON.search(start) else None


def read(path: str, text: str, language: str) -> Facts:
    """One setting a directive and a block."""
    covered, holes = masked(text)
    nested = Nested()
    comments: list[Comment] = []
    lines = covered.split("\n")
    for number, line in enumerate(lines, 1):
        noted = _COMMENT.search(line)
        if noted:
            comments.append(Comment(unmasked(noted["text"], holes).strip(), Span(number, number, noted.start("text"))))
        words = [unmasked(word.strip('"`'), holes) for word in _TOKEN.findall(line[: noted.start()] if noted else line)]
        if words == ["}"]:
            nested.close(number)
        elif words and words[-1] == "{":
            nested.open(words[:-1], number)
        elif words:
            nested.directive(words, Span(number, number, len(line) - len(line.lstrip()) + 1))
    settings, broken = nested.finish(len(lines))
    return Facts(path, language, tuple(text.split("\n")), settings=settings, comments=tuple(comments), broken=broken)

"""nginx, by content: upstreams, servers and locations stand in files of many names.

The path of a setting is the names of the blocks around it, each followed by the block's arguments as one segment if it has
any, then the directive; its value is the directive's arguments, joined by spaces. So `upstream web { ip_hash; }` within `http`
has the path ("http", "upstream", "web", "ip_hash") and the value "", and `**.ip_hash` finds it in a fragment too. A block is a
setting itself: ("http", "upstream") with the value "web", over its lines. Read with crossplane's lexer
(https://github.com/nginxinc/crossplane); template tags become words or blanks first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from guard.facts import Comment, Facts, Span
from guard.languages._nested import Nested
from guard.languages._templates import bare_name, masked, unmasked

_NAME = re.compile(r"nginx(?:[._-][\w.-]*)?\.conf|.*\.nginx(?:\.conf)?|.*[._-]nginx\.conf|nginx\.conf.*")
_CONTENT = re.compile(
    rb"^\s*(?:upstream\s+[\w${}.<%= -]+\{|server\s*\{\s*$|location\s+(?:[=~^*@]+\s*)?\S[^\n]*\{|(?:proxy|fastcgi|uwsgi|grpc)_(?:pass|set_header)\s+[^\n]*;"
    rb"|(?:ip_hash|least_conn)\s*;)",
    re.MULTILINE,
)
_ENDINGS = re.compile(
    r".*\.(?:conf|nginx|vhost|site|ngx|cfg|inc|server|upstream|http)|[^.]+|default\..*|.*\.(?:com|org|net|io|dev|local)"
)
_MARKS = frozenset("{};")
_SEEN = 60_000


def by_name(path: str) -> str | None:
    """`nginx.conf`, `nginx-app.conf`, `app.nginx`, and templates of them."""
    return "nginx" if _NAME.fullmatch(bare_name(path)) else None


def by_content(path: str, text: bytes) -> str | None:
    """An upstream, a server or a location block, or a proxy directive with its semicolon."""
    fits = _ENDINGS.fullmatch(bare_name(path)) and not text.startswith(b"#!") and _CONTENT.search(text[:_SEEN])
    return "nginx" if fits else None


def read(path: str, text: str, language: str) -> Facts:
    """One setting a directive and a block."""
    covered, holes = masked(text)
    nested = Nested()
    comments: list[Comment] = []
    words: list[str] = []
    start = line = 1
    for piece, line, quoted in _tokens(covered):
        if piece.startswith("#") and not quoted:
            comments.append(Comment(piece.lstrip("#").strip(), Span(line, line)))
        elif quoted or piece not in _MARKS:
            start = start if words else line
            words.append(unmasked(piece, holes))
        else:
            _mark(piece, words, Span(start if words else line, line), nested)
            words = []
    settings, broken = nested.finish(line)
    return Facts(path, language, tuple(text.split("\n")), settings=settings, comments=tuple(comments), broken=broken)


def _mark(piece: str, words: list[str], span: Span, nested: Nested) -> None:
    """A directive's end, a block's beginning or end."""
    if piece == "{":
        nested.open(words, span.line)
    elif piece == "}":
        nested.close(span.end_line)
    elif words:
        nested.directive(words, span)


def _tokens(text: str) -> Iterator[tuple[str, int, bool]]:
    """The tokens of a text with their lines; the lexer needs a line's end after the last one."""
    import io

    from crossplane.lexer import _lex_file_object  # type: ignore[import-untyped]  # no stubs; the public `lex` reads files only

    yield from _lex_file_object(io.StringIO(text + "\n"))

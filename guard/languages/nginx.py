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
from dataclasses import dataclass

from guard.facts import Comment, Facts, Setting, Span
from guard.languages._templates import bare_name, masked, unmasked, value_of

_NAME = re.compile(r"nginx(?:[._-][\w.-]*)?\.conf|.*\.nginx(?:\.conf)?|.*[._-]nginx\.conf|nginx\.conf.*")
_CONTENT = re.compile(
    rb"^\s*(?:upstream\s+[\w${}.<%= -]+\{|server\s*\{\s*$|location\s+(?:[=~^*@]+\s*)?\S[^\n]*\{|(?:proxy|fastcgi|uwsgi|grpc)_(?:pass|set_header)\s+[^\n]*;"
    rb"|(?:ip_hash|least_conn)\s*;)",
    re.MULTILINE,
)
_ENDINGS = re.compile(
    r".*\.(?:conf|nginx|vhost|site|ngx|cfg|inc|server|upstream|http)|[^.]+|default\..*|.*\.(?:com|org|net|io|dev|local)"
)
_SEEN = 60_000
_DEEPEST = 20


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
    settings, comments, broken = directives(covered, holes)
    return Facts(path, language, tuple(text.split("\n")), settings=settings, comments=comments, broken=broken)


@dataclass(slots=True)
class _Block:
    path: tuple[str, ...]
    name: tuple[str, ...]
    arguments: str
    line: int
    place: int


def directives(
    covered: str, holes: tuple[str, ...] = (), first: int = 1
) -> tuple[tuple[Setting, ...], tuple[Comment, ...], tuple[Span, ...]]:
    """Settings, comments and broken places of a text whose template tags are masked and whose first line has this number."""
    settings: list[Setting | None] = []
    comments: list[Comment] = []
    broken: list[Span] = []
    blocks: list[_Block] = []
    words: list[str] = []
    start = line = first
    for piece, at, quoted in _tokens(covered):
        line = at + first - 1
        if piece.startswith("#") and not quoted:
            comments.append(Comment(piece.lstrip("#").strip(), Span(line, line)))
        elif quoted or piece not in {"{", "}", ";"}:
            start = start if words else line
            words.append(piece)
        elif piece == ";":
            if words:
                settings.append(_setting(blocks, words, Span(start, line), holes))
        elif piece == "{":
            blocks.append(_opened(blocks, words, start if words else line, len(settings), holes))
            settings.append(None)
        elif blocks:
            block = blocks.pop()
            settings[block.place] = Setting(block.name, value_of(block.arguments), Span(block.line, line))
        else:
            broken.append(Span(line, line))
        if piece in {"{", "}", ";"} and not quoted:
            words = []
    for block in blocks:
        broken.append(Span(block.line, block.line))
        settings[block.place] = Setting(block.name, value_of(block.arguments), Span(block.line, max(line, block.line)))
    return tuple(setting for setting in settings if setting is not None), tuple(comments), tuple(broken[:50])


def _setting(blocks: list[_Block], words: list[str], span: Span, holes: tuple[str, ...]) -> Setting:
    around = blocks[-1].path if blocks else ()
    return Setting((*around, unmasked(words[0], holes)), value_of(unmasked(" ".join(words[1:]), holes)), span)


def _opened(blocks: list[_Block], words: list[str], line: int, place: int, holes: tuple[str, ...]) -> _Block:
    around = blocks[-1].path if blocks else ()
    if len(around) > _DEEPEST:
        around = around[:_DEEPEST]
    name = (*around, unmasked(words[0], holes) if words else "")
    arguments = unmasked(" ".join(words[1:]), holes)
    return _Block((*name, arguments) if arguments else name, name, arguments, line, place)


def _tokens(text: str) -> Iterator[tuple[str, int, bool]]:
    """The tokens of a text with their lines; the lexer needs a line's end after the last one."""
    import io

    from crossplane.lexer import _lex_file_object  # type: ignore[import-untyped]  # no stubs; the public `lex` reads files only

    yield from _lex_file_object(io.StringIO(text + "\n"))

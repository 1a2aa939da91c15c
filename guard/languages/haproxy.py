"""HAProxy: sections and their directives, also in templates.

The path of a setting is the section's kind, its name if it has one, and the directive; the value is the directive's arguments:
`backend shop` / `cookie SRV insert` has the path ("backend", "shop", "cookie") and the value "SRV insert". `no option x` is a
directive "no". The section is a setting itself: ("backend",) with the value "shop", over its lines.
https://docs.haproxy.org/3.0/configuration.html#2.1
"""

from __future__ import annotations

import re

from guard.facts import Comment, Facts, Setting, Span
from guard.languages._templates import bare_name, masked, unmasked, value_of

_SECTION = re.compile(
    r"(?P<kind>global|defaults|frontend|backend|listen|peers|resolvers|userlist|mailers|program|cache|http-errors|ring|fcgi-app)\b(?P<name>.*)"
)
_CONTENT = re.compile(rb"^\s*(?:frontend|backend|listen|defaults|global)\b[^\n{};=:]*$", re.MULTILINE)
_DIRECTIVE = re.compile(
    rb"^\s+(?:server\s+\S+\s+\S+|balance\s+\w+|mode\s+(?:http|tcp)|bind\s+\S+|default_backend\s+\S+|timeout\s+\w+\s+\S+)[^\n{};]*$",
    re.MULTILINE,
)
_MAYBE = re.compile(r".*\.(?:cfg|conf|haproxy|backend|frontend|listen)|[^.]+")
_COMMENT = re.compile(r"(?:^|\s)#(?P<text>.*)")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'|\\.")
_SEEN = 60_000


def by_name(path: str) -> str | None:
    """`haproxy.cfg`, `haproxy.conf`, and templates of them."""
    return "haproxy" if re.fullmatch(r"(?:.*[._-])?haproxy(?:[._-].*)?\.(?:cfg|conf)(?:\..*)?", bare_name(path)) else None


def by_content(path: str, text: bytes) -> str | None:
    """A section of HAProxy's, and a directive of its own."""
    start = text[:_SEEN]
    fits = (
        _MAYBE.fullmatch(bare_name(path))
        and not start.startswith(b"#!")
        and _CONTENT.search(start)
        and _DIRECTIVE.search(start)
    )
    return "haproxy" if fits else None


def read(path: str, text: str, language: str) -> Facts:
    """One setting a directive and a section."""
    covered, holes = masked(text)
    lines = covered.split("\n")
    comments = (
        Comment(unmasked(found["text"], holes).strip(), Span(number, number, found.start("text")))
        for number, line in enumerate(lines, 1)
        if (found := _COMMENT.search(_without_quotes(line)))
    )
    return Facts(path, language, tuple(text.split("\n")), settings=settings_in(lines, holes), comments=tuple(comments))


def _without_quotes(line: str) -> str:
    return _QUOTED.sub(lambda text: "_" * len(text[0]), line)


def settings_in(lines: list[str], holes: tuple[str, ...] = (), first: int = 1) -> tuple[Setting, ...]:
    """The settings of lines whose tags are masked and whose first one has this number."""
    settings: list[Setting] = []
    around: tuple[str, ...] = ()
    opened: int | None = None
    last = first
    for number, line in enumerate(lines, first):
        found = _COMMENT.search(_without_quotes(line))
        bare = (line[: found.start()] if found else line).strip()
        if not bare:
            continue
        section = _SECTION.fullmatch(bare)
        if section and section["name"][:1] in {"", " ", "\t"}:
            _close(settings, opened, last)
            name = unmasked(section["name"].strip(), holes)
            around = (section["kind"], name) if name else (section["kind"],)
            opened = len(settings)
            settings.append(Setting((section["kind"],), value_of(name), Span(number, number, 1)))
        else:
            word, *rest = bare.split(None, 1)
            column = len(line) - len(line.lstrip()) + 1
            settings.append(
                Setting(
                    (*around, unmasked(word, holes)), value_of(unmasked("".join(rest), holes)), Span(number, number, column)
                )
            )
        last = number
    _close(settings, opened, last)
    return tuple(settings)


def _close(settings: list[Setting], opened: int | None, last: int) -> None:
    """Give a section its last line."""
    if opened is not None:
        section = settings[opened]
        settings[opened] = Setting(section.path, section.value, Span(section.span.line, last, section.span.column))

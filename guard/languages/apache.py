"""Apache HTTP Server: directives and the sections around them, in `.htaccess`, virtual hosts, and templates of them.

The path of a setting is the names of the sections around it, each followed by its argument as one segment if it has any, then the
directive, all names in lower case (Apache does not tell cases apart); the value is the directive's arguments as they are written.
`<Proxy "balancer://web">` / `ProxySet stickysession=R` has the path ("proxy", "balancer://web", "proxyset") and the value
"stickysession=R". A section is a setting itself, over its lines. https://httpd.apache.org/docs/2.4/configuring.html#syntax
"""

from __future__ import annotations

import re

from msgspec import Struct

from guard.facts import Comment, Facts, Setting, Span
from guard.languages._templates import bare_name, masked, unmasked, value_of

_NAME = re.compile(r"\.htaccess|(?:httpd|apache2?)(?:[._-][\w.-]*)?\.conf(?:\..*)?")
_CONTENT = re.compile(
    rb"^\s*(?:<(?:VirtualHost|Proxy|IfModule|LocationMatch|Directory|DirectoryMatch|FilesMatch)\b[^>\n]*>|(?:ProxyPass(?:Reverse)?|ProxySet|BalancerMember)\s"
    rb"|LoadModule\s+\w+_module|php_(?:admin_)?(?:value|flag)\s)",
    re.MULTILINE | re.IGNORECASE,
)
_MAYBE = re.compile(r".*\.(?:conf|vhost|site|php|inc|htaccess|apache2?|load)|[^.]+|.*\.(?:com|org|net|io)")
_OPENING = re.compile(r"<(?P<name>[A-Za-z]\w*)\s*(?P<argument>.*?)>?")
_CLOSING = re.compile(r"</(?P<name>[A-Za-z]\w*)\s*>?")
_SEEN = 60_000
_DEEPEST = 40


def by_name(path: str) -> str | None:
    """`.htaccess`, `httpd.conf`, `apache2.conf`."""
    return "apache" if _NAME.fullmatch(bare_name(path)) else None


def by_content(path: str, text: bytes) -> str | None:
    """A section or a directive that only Apache has."""
    fits = _MAYBE.fullmatch(bare_name(path)) and not text.startswith(b"#!") and _CONTENT.search(text[:_SEEN])
    return "apache" if fits else None


def read(path: str, text: str, language: str) -> Facts:
    """One setting a directive and a section."""
    covered, holes = masked(text)
    lines = covered.split("\n")
    settings, broken = directives(lines, holes)
    comments = (
        Comment(unmasked(line.strip().lstrip("#"), holes).strip(), Span(number, number, line.index("#") + 1))
        for number, line in enumerate(lines, 1)
        if line.lstrip().startswith("#")
    )
    return Facts(path, language, tuple(text.split("\n")), settings=settings, comments=tuple(comments), broken=broken)


class _Section(Struct, frozen=True):
    name: str
    path: tuple[str, ...]
    place: int


def directives(lines: list[str], holes: tuple[str, ...] = (), first: int = 1) -> tuple[tuple[Setting, ...], tuple[Span, ...]]:
    """Settings and broken places of lines whose tags are masked and whose first one has this number."""
    settings: list[Setting] = []
    broken: list[Span] = []
    sections: list[_Section] = []
    number = 0
    while number < len(lines):
        span, line, number = _logical(lines, number, first)
        opening, closing = _OPENING.fullmatch(line), _CLOSING.fullmatch(line)
        around = sections[-1].path if sections else ()
        if closing:
            if not _closed(sections, closing["name"].lower(), settings, span.end_line):
                broken.append(span)
        elif opening:
            argument = unmasked(opening["argument"], holes).strip().strip("\"'")
            name = (*around, opening["name"].lower())
            path = (*name, argument) if argument else name
            sections.append(_Section(opening["name"].lower(), path if len(path) < _DEEPEST else around, len(settings)))
            settings.append(Setting(name, value_of(argument), span))
        elif line and not line.startswith(("#", "\ue000")):
            word, _, rest = line.replace("\t", " ").partition(" ")
            settings.append(Setting((*around, unmasked(word, holes).lower()), value_of(unmasked(rest, holes).strip()), span))
    return tuple(settings), tuple(broken[:50])


def _logical(lines: list[str], number: int, first: int) -> tuple[Span, str, int]:
    """The directive that starts at this index, with the lines that continue it, and the index after it."""
    start = number
    pieces = [lines[number].strip()]
    while pieces[-1].endswith("\\") and not pieces[0].startswith("#") and number + 1 < len(lines):
        number += 1
        pieces[-1] = pieces[-1][:-1].rstrip()
        pieces.append(lines[number].strip())
    column = len(lines[start]) - len(lines[start].lstrip()) + 1
    return Span(first + start, first + number, column), " ".join(pieces), number + 1


def _closed(sections: list[_Section], name: str, settings: list[Setting], end_line: int) -> bool:
    """Close the innermost section of this name, and what was left open in it."""
    if all(section.name != name for section in sections[-_DEEPEST:]):
        return False
    while sections:
        section = sections.pop()
        opened = settings[section.place]
        settings[section.place] = Setting(opened.path, opened.value, Span(opened.span.line, end_line, opened.span.column))
        if section.name == name:
            return True
    return False

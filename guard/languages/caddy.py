"""Caddyfiles: directives and the blocks around them.

The path of a setting is the addresses and directives of the blocks around it, each followed by its arguments as one segment if it has
any, then the directive; its value is the directive's arguments, joined by spaces: `reverse_proxy a:80 { lb_policy cookie }` at
`example.com` has the path ("example.com", "reverse_proxy", "a:80", "lb_policy") and the value "cookie". A directive with a block is
a setting over its lines. https://caddyserver.com/docs/caddyfile/concepts
"""

from __future__ import annotations

import os
import re

from guard.facts import Comment, Facts, Setting, Span
from guard.languages._templates import bare_name, masked, unmasked, value_of

_NAME = re.compile(r"caddyfile(?:[._-].*)?|.*\.caddy(?:file)?")
_NO_NAME = (".md", ".go", ".json", ".yml", ".yaml", ".py", ".js", ".txt")
_TOKEN = re.compile(r"\"(?:\\.|[^\"\\])*\"|`[^`]*`|[^\s\"`]\S*", re.DOTALL)
_COMMENT = re.compile(r"(?:^|\s)#(?P<text>.*)")
_DEEPEST = 20


def by_name(path: str) -> str | None:
    """`Caddyfile`, `Caddyfile.prod`, `x.caddy`."""
    name = bare_name(path)
    return "caddy" if _NAME.fullmatch(name) and not os.path.basename(path).lower().endswith(_NO_NAME) else None


def by_content(path: str, text: bytes) -> str | None:
    """Told by name alone."""
    del path, text
    return None


def read(path: str, text: str, language: str) -> Facts:
    """One setting a directive and a block."""
    covered, holes = masked(text)
    settings: list[Setting | None] = []
    comments: list[Comment] = []
    broken: list[Span] = []
    blocks: list[tuple[tuple[str, ...], tuple[str, ...], str, int, int]] = []
    lines = covered.split("\n")
    for number, line in enumerate(lines, 1):
        noted = _COMMENT.search(line)
        if noted:
            comments.append(Comment(unmasked(noted["text"], holes).strip(), Span(number, number, noted.start("text"))))
        words = [unmasked(word.strip('"`'), holes) for word in _TOKEN.findall(line[: noted.start()] if noted else line)]
        around = blocks[-1][0] if blocks else ()
        if words == ["}"]:
            if blocks:
                _, name, value, first, place = blocks.pop()
                settings[place] = Setting(name, value_of(value), Span(first, number))
            else:
                broken.append(Span(number, number))
        elif words and words[-1] == "{":
            name, value = (*around, words[0] if len(words) > 1 else ""), " ".join(words[1:-1])
            inner = (*name, value) if value else name
            blocks.append((inner if len(inner) <= _DEEPEST else around, name, value, number, len(settings)))
            settings.append(None)
        elif words:
            settings.append(
                Setting(
                    (*around, words[0]), value_of(" ".join(words[1:])), Span(number, number, len(line) - len(line.lstrip()) + 1)
                )
            )
    for _, name, value, first, place in blocks:
        settings[place] = Setting(name, value_of(value), Span(first, len(lines)))
        broken.append(Span(first, first))
    found = tuple(setting for setting in settings if setting is not None)
    return Facts(path, language, tuple(text.split("\n")), settings=found, comments=tuple(comments), broken=tuple(broken[:50]))

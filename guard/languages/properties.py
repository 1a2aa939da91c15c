r"""Java properties files: `key=value`, `key: value`, `key value`, lines continued by `\`, documents divided by `#---`.

A setting's path is its key, split at the dots. The format:
https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/util/Properties.html#load(java.io.Reader)

`application.conf` says the same in HOCON.
"""

from __future__ import annotations

import re

from guard.facts import Comment, Facts, Setting, Span
from guard.languages import _hocon
from guard.languages._templates import bare_name, value_of

_ENTRY = re.compile(r"(?P<key>(?:\\.|[^\s:=\\])+)[ \t\f]*[:=]?[ \t\f]*(?P<value>.*)", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u(?P<code>[0-9a-fA-F]{4})|(?P<other>.))", re.DOTALL)
_PLAIN = {"n": "\n", "t": "\t", "r": "\r", "f": "\f"}


def by_name(path: str) -> str | None:
    """Everything that ends in `.properties`, and the configuration of applications in HOCON."""
    return "properties" if bare_name(path).endswith(".properties") or _hocon.FILES.search(path) else None


def read(path: str, text: str, language: str) -> Facts:
    """One setting a logical line."""
    lines = text.split("\n")
    if _hocon.FILES.search(path):
        nested, said = _hocon.settings_of(text)
        return Facts(path, language, tuple(lines), settings=nested, comments=said)
    settings: list[Setting] = []
    comments: list[Comment] = []
    document = number = 0
    while number < len(lines):
        line, number = lines[number], number + 1
        bare = line.lstrip()
        span = Span(number, number, len(line) - len(bare) + 1)
        if bare.startswith(("#", "!")):
            document += bare.rstrip() in {"#---", "!---"}
            comments.append(Comment(bare.lstrip("#!").strip(), span))
            continue
        whole = [bare]
        while _continues(whole[-1]) and number < len(lines):
            whole[-1] = whole[-1][:-1]
            whole.append(lines[number].lstrip())
            number += 1
        found = _ENTRY.match("".join(whole))
        if found:
            key = tuple(_unescaped(found["key"]).split("."))
            settings.append(
                Setting(key, value_of(_unescaped(found["value"]).strip()), Span(span.line, number, span.column), document)
            )
    return Facts(path, language, tuple(lines), settings=tuple(settings), comments=tuple(comments))


def _continues(line: str) -> bool:
    """Whether an odd number of backslashes ends the line."""
    return (len(line) - len(line.rstrip("\\"))) % 2 == 1


def _unescaped(text: str) -> str:
    def plain(found: re.Match[str]) -> str:
        return chr(int(found["code"], 16)) if found["code"] else _PLAIN.get(found["other"], found["other"])

    return _ESCAPE.sub(plain, text) if "\\" in text else text

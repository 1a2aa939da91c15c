"""Bicep as the grammar knows it: what is newer than the grammar is written otherwise, every piece staying where it is."""

from __future__ import annotations

import re

_GIVEN = re.compile(r"^param(?=[ \t]+\w+[ \t]*=)", re.MULTILINE)
_MAY_BE_NULL = re.compile(
    r"^[ \t]*(?:(?:param|type|output)[ \t]+\w+[ \t]+(?:=[ \t]*)?[^\s=?'][^=?'\n]*|[\w']+[ \t]*:[ \t]*[\w.]+(?:\[\])*|[}\])]+(?:\[\])*)(?P<mark>\?)(?=[ \t]*(?:=[^=]|//|\r?$))",
    re.MULTILINE,
)
_RESOURCE_TYPE = re.compile(r"\bresource(?:Input|Output|Derived\w*)?<'[^'\n]*'>(?:\.[\w*]+|\[\*?\])*")
_NOT_NULL = re.compile(r"(?<=[\w)\]}])!(?![=~])")
_IMPORTED = re.compile(r"^import\s+\{[^{}]*\}\s+from\s+'[^'\n]*'|^extension\s[^\n]*", re.MULTILINE)
_BLACK = re.compile(r"\S")
_BRACKETS = re.compile(r"//[^\n]*|'(?:\\.|[^'\\\n])*'|\.\.\.|[{}\[\]]")
_TYPED = re.compile(r"^(?P<name>var[ \t]+\w+)(?P<type>[ \t]+[\w\[\]]+)(?=[ \t]*=)", re.MULTILINE)


def spelled(text: str, *, gives: bool) -> str:
    """A text as the grammar knows it, every piece staying where it is.

    It takes a string that begins with two slashes for a comment, knows no type that may be null or is a resource's, no `!` behind what is
    not null, no spreads, no imports over several lines, and no parameter without a type, as parameter files give theirs: a variable is written the same way.
    """
    if "resource" in text:
        text = _RESOURCE_TYPE.sub(lambda found: "object".ljust(len(found[0])), text)
    text = _NOT_NULL.sub(" ", _IMPORTED.sub(lambda found: _BLACK.sub(" ", found[0]), text))
    if "..." in text:
        text = _without_spreads(text)
    text = _MAY_BE_NULL.sub(
        lambda found: found[0][: found.start("mark") - found.start()] + " " + found[0][found.end("mark") - found.start() :],
        text,
    )
    text = _TYPED.sub(lambda found: found["name"] + _BLACK.sub(" ", found["type"]), text)
    text = text.replace("'//", "'||")
    return _GIVEN.sub("var  ", text) if gives else text


def _without_spreads(text: str) -> str:
    """What is spread into an object as its property `_`, what is spread into an array as an item."""
    around: list[str] = []

    def replaced(found: re.Match[str]) -> str:
        mark = found[0]
        if mark in {"{", "["}:
            around.append(mark)
        elif mark in {"}", "]"} and around:
            around.pop()
        elif mark == "...":
            return "_: " if around[-1:] == ["{"] else "   "
        return mark

    return _BRACKETS.sub(replaced, text)

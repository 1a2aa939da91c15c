"""Valid Kotlin that the grammar can not read yet, made harmless without moving anything; texts are read from the source as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator

_SAME_SIZE: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?<=[=(,\s])\[\](?=\s*[,)\n@])"), "00"),  # an empty array among the values of an annotation
    (re.compile(r"\bdynamic(?=\()"), "dynamik"),
    (re.compile(r"\bsuspend(?=\s*\{)"), "       "),
)
_NO_GETTER = re.compile(r"([ \t]*)[ \t](?=(?:get|set)(?:\((?!\s*\)|\w+\)\s*[{=])|\s*\{))")
"""A call of a function named `get`, which after a property looks like its getter: `val users = …`, then `get("/") { … }`."""
_GOES_ON = ("{", "(", ",", "->", "=", ".", ";", "&&", "||", "?:")
_RAW = re.compile(r'(\$*)"""(.*?)"""(?!")', re.DOTALL)
"""A raw text, with the quotation marks inside it."""
_DOLLARS = re.compile(r'\$\$+"([^"\n]*)"')
"""A text in which one `$` is a `$`: `$$"${name}"`."""
_GUARD = re.compile(r"^([ \t]*(?:is\s+[\w.<>]+|[\w.]+|else))(\s+if\s[^\n{}]*?)(?=\s*->)", re.MULTILINE)
"""The further condition of a branch: `is Image if image.large -> …`."""


def masked(text: str) -> str:
    """The text with what the grammar can not read made harmless; of the same length in bytes, line by line."""
    text = _RAW.sub(lambda found: _spoken(found, '"""'), text)
    text = _DOLLARS.sub(lambda found: _spoken(found, '"'), text)
    text = _GUARD.sub(lambda found: found[1] + " " * len(found[2]) if found[2].isascii() else found[0], text)
    for pattern, instead in _SAME_SIZE:
        text = pattern.sub(instead, text)
    return "\n".join(_without_getters(text.split("\n")))


def _without_getters(lines: list[str]) -> Iterator[str]:
    """The lines, with a `;` in front of what would be read as the getter of a property before it."""
    before = "{"
    for line in lines:
        yield line if before.endswith(_GOES_ON) else _NO_GETTER.sub(r"\1;", line, count=1) if _NO_GETTER.match(line) else line
        code = line.strip()
        if code and not code.startswith(("//", "/*", "*")):
            before = code


def _spoken(found: re.Match[str], mark: str) -> str:
    """A text of plain words: no marks inside that end it, or begin something in it."""
    whole = found.group()
    begin = whole.index('"')
    if begin == 0 and "$" in whole and "\\" not in whole and whole.count('"') == 2 * len(mark):
        return whole  # what is put into it can be read as it is
    inner = re.sub(r'["\\$]', "_", whole[begin + len(mark) : -len(mark)])
    return " " * begin + mark + inner + mark

"""Files of environment variables: `.env` and its kin (`.env.production`, `env.example`, `app.env`).

A setting's path is the variable's name alone. The format: https://github.com/motdotla/dotenv#what-rules-does-the-parsing-engine-follow
"""

from __future__ import annotations

import re

from guard.facts import Comment, Facts, Setting, Span
from guard.languages._templates import bare_name, masked, unmasked, value_of

_NAME = re.compile(r"(?:.*\.)?env(?:[._-][\w.-]+)?|\.env[\w-]*")
_CODE = re.compile(
    r".*\.(?:c|cjs|conf|cs|d\.ts|go|html|java|js|json|jsx|kt|md|mjs|php|ps1|py|rb|rs|scss|sh|license|patch|toml|ts|tsx|txt|vue|xml|ya?ml)"
)
_LINE = re.compile(r"\s*(?:export\s+)?(?P<key>[A-Za-z_][\w.-]*)[ \t]*=[ \t]*(?P<value>[^\n]*)")
_QUOTED = re.compile(r"(?P<quote>[\"'`])(?P<text>(?:\\.|(?!(?P=quote))[^\\])*)(?P=quote)", re.DOTALL)
_MOST_LINES = 200
"""Of a quoted value that goes over several lines (keys and certificates do)."""


def by_name(path: str) -> str | None:
    """`.env`, `.env.x`, `x.env`, `env.example`, but no program called env."""
    name = bare_name(path)
    return "env" if _NAME.fullmatch(name) and not _CODE.fullmatch(name) else None


def read(path: str, text: str, language: str) -> Facts:
    """One setting a variable; a line in no known form is a broken place."""
    covered, holes = masked(text)
    # Tags that steer are none of the file's lines; those that print are read as they are written.
    lines = [unmasked(line, holes) for line in covered.split("\n")]
    settings: list[Setting] = []
    comments: list[Comment] = []
    broken: list[Span] = []
    number = 0
    while number < len(lines):
        line, number = lines[number], number + 1
        span = Span(number, number, len(line) - len(line.lstrip()) + 1)
        found = _LINE.match(line)
        if line.lstrip().startswith("#"):
            comments.append(Comment(line.strip().lstrip("#").strip(), span))
        elif found:
            value, note, more = _value(found["value"], lines[number : number + _MOST_LINES])
            settings.append(Setting((found["key"],), value_of(value), Span(number, number + more, span.column)))
            if note:
                comments.append(Comment(note.lstrip("#").strip(), Span(number + more, number + more)))
            number += more
        elif line.strip() and not line.lstrip().startswith(("{%", "{{", "<%")):
            broken.append(span)
    return Facts(
        path, language, tuple(text.split("\n")), settings=tuple(settings), comments=tuple(comments), broken=tuple(broken[:50])
    )


def _value(rest: str, following: list[str]) -> tuple[str, str, int]:
    """The value, the comment after it, and how many more lines it takes."""
    if rest[:1] in {'"', "'", "`"}:
        whole = rest if _QUOTED.match(rest) else "\n".join([rest, *following])
        quoted = _QUOTED.match(whole)
        if quoted:
            tail = whole[quoted.end() :].split("\n", 1)[0].strip()
            return quoted["text"], tail if tail.startswith("#") else "", quoted[0].count("\n")
    value, mark, note = re.sub(r"\s#", "\n#", rest, count=1).partition("\n#")
    return value.strip(), note if mark else "", 0

"""Shell scripts, for the configuration that they write and the options that they give: no program flow is followed.

    cat > /etc/nginx/conf.d/app.conf <<EOF … EOF       the settings of the body, as its own reader gives them, at their lines
    echo "session.save_path = /x" >> php.ini           the same of a text that is printed into a file
    export SESSION_DRIVER=file                         ("SESSION_DRIVER",)
    SESSION_DRIVER=${SESSION_DRIVER:-file}             the same, as a choice with that default; also `: ${SESSION_DRIVER:=file}`
    gcloud … --session-affinity=CLIENT_IP              ("--session-affinity",), which is true where it has no value
    docker run -d -v /srv/x:/data app                  ("docker run", "app", "volumes", "0"), as in a Compose file
    aws … --attributes Key=stickiness.enabled,Value=true   ("stickiness.enabled",)

The languages of embedded files are in `Facts.embedded`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from msgspec import Struct

from guard.facts import Comment, Constant, Facts, Setting, Span
from guard.languages._docker_run import services
from guard.languages._embedded import Embedded, embedded, with_pieces
from guard.languages._templates import bare_name, value_of

_NAMES = (".sh", ".bash", ".ksh", ".zsh")
_SHEBANG = re.compile(rb"#!\s*/(?:usr/)?(?:local/)?bin/(?:env\s+)?(?:-S\s+)?(?:ba|da|a|k|z)?sh\b")
_HEREDOC = re.compile(r"(?<!<)<<(?P<strip>-?)\s*(?P<quote>[\"'\\]?)(?P<word>[A-Za-z_]\w{0,60})")
_FILE = r"(?P<name>\"[^\"\n]{1,300}\"|'[^'\n]{1,300}'|[^\s;|&<>()\"']{1,300})"
_REDIRECT = r"(?:(?<![<>&\d])>{1,2}\s*|\|?\s*(?:sudo\s+)?\btee\s+(?:-a\s+|--append\s+)?)"
_TARGET = re.compile(_REDIRECT + _FILE)
_COPIED = re.compile(r"\s*(?:COPY|ADD)\b.*\s(?P<name>[^\s<>]{1,300})\s*", re.DOTALL)
_PRINTED = re.compile(
    r"\b(?:echo|printf)\s+(?:-\w+\s+)*(?P<text>\"(?:\\.|[^\"\\])*\"|'[^']*'|[^\n;|&>\"']{1,500}?)\s*" + _REDIRECT + _FILE,
    re.DOTALL,
)
_EXPORT = re.compile(r"\s*export\s+(?P<key>[A-Za-z_]\w*)=(?P<value>\"(?:\\.|[^\"\\\n])*\"|'[^'\n]*'|\$\{[^}\n]*\}|[^\s;&|]*)")
_DEFAULT = re.compile(
    r"(?m)^[ \t]*(?::[ \t]+)?(?P<quote>\"?)(?P<value>(?:(?P<key>[A-Z][A-Z\d_]*)=\"?)?\$\{(?P<name>[A-Z][A-Z\d_]*):?[-=][^{}\n]*\})\"?(?P=quote)[ \t]*(?:#.*)?$"
)
"""What an environment variable is where nobody sets it: `X=${X:-y}`, `: ${X:=y}`."""
_OPTION = re.compile(
    r"(?<!\S)(?P<key>--[a-z][\w-]{1,60})(?:=|[ \t]+)(?P<value>\"[^\"\n]*\"|'[^'\n]*'|[^\s;|&<>\\-][^\s;|&<>]*)"
)
_FLAG = re.compile(r"(?<!\S)(?P<key>--[a-z][\w-]{1,60})(?=\s+(?:-|\\\n|[|;&>])|\s*$)")
_ATTRIBUTE = re.compile(r"\bKey=(?P<key>[\w.]{1,80}),\s*Value=(?P<value>[\w.-]{1,80})")
_COMMENT = re.compile(r"(?:^|\s)#(?P<text>[^\n]*)")
_MOST_LINES = 1_500
"""Of one here-document."""


def by_name(path: str) -> str | None:
    """The endings of shells."""
    return "shell" if bare_name(path).endswith(_NAMES) else None


def by_content(path: str, text: bytes) -> str | None:
    """A shell's shebang."""
    del path
    return "shell" if _SHEBANG.match(text[:100]) else None


def read(path: str, text: str, language: str) -> Facts:
    """What the script writes, exports and gives as options."""
    lines = text.split("\n")
    settings: list[Setting] = []
    comments: list[Comment] = []
    for command in _commands(lines):
        comments += _comments(command)
        settings += _given(command)
        settings += services(command.text, command.first) if "#" not in command.text[:2] else ()
    facts = Facts(path, language, tuple(lines), settings=tuple(settings), comments=tuple(comments))
    return with_pieces(facts, written_by(lines, 1))


def written_by(lines: list[str], first: int) -> Iterator[Embedded]:
    """The configuration files that lines of shell write; the first line has this number."""
    for command in _commands(lines, first):
        if not command.text.lstrip().startswith("#"):
            yield from _written(command)


class _Command(Struct, frozen=True):
    """A logical line, with the body of the here-document that it opens."""

    text: str
    first: int
    last: int
    body: str | None = None


def _commands(lines: list[str], first: int = 1) -> Iterator[_Command]:
    number = 0
    while number < len(lines):
        start = number
        while lines[number].endswith("\\") and number + 1 < len(lines) and not lines[start].lstrip().startswith("#"):
            number += 1
        number += 1
        text = "\n".join(lines[start:number])
        opened = None if text.lstrip().startswith("#") else _HEREDOC.search(text)
        end = _end_of(lines, number, opened) if opened else None
        if end is None:
            yield _Command(text, first + start, first + number - 1)
        else:
            yield _Command(text, first + start, first + number - 1, "\n".join(lines[number:end]))
            number = end + 1


def _end_of(lines: list[str], start: int, opened: re.Match[str]) -> int | None:
    """The index of the line that closes a here-document."""
    for index in range(start, min(len(lines), start + _MOST_LINES)):
        line = lines[index].lstrip("\t") if opened["strip"] else lines[index]
        if line.strip() == opened["word"]:
            return index
    return None


def _comments(command: _Command) -> Iterator[Comment]:
    found = _COMMENT.search(re.sub(r"\"[^\"\n]*\"|'[^'\n]*'", lambda text: "_" * len(text[0]), command.text))
    if found and "\n" not in command.text:
        yield Comment(command.text[found.start("text") :].strip(), Span(command.first, command.first, found.start("text")))


def _given(command: _Command) -> Iterator[Setting]:
    """What a command exports or gives as an option."""
    if command.text.lstrip().startswith("#"):
        return
    for pattern in (_EXPORT, _OPTION, _ATTRIBUTE):
        for found in pattern.finditer(command.text):
            line = command.first + command.text.count("\n", 0, found.start("key"))
            yield Setting((found["key"],), value_of(_plain(found["value"])), Span(line, line))
    for found in _DEFAULT.finditer(command.text):
        if found["key"] in {None, found["name"]}:
            line = command.first + command.text.count("\n", 0, found.start("name"))
            hole = found["value"][found["value"].index("$") :]
            yield Setting((found["name"],), value_of(hole), Span(line, line))
    for found in _FLAG.finditer(command.text):
        line = command.first + command.text.count("\n", 0, found.start("key"))
        yield Setting((found["key"],), Constant(value=True), Span(line, line))


def _written(command: _Command) -> Iterator[Embedded]:
    """The files that a command writes."""
    if command.body is not None:
        target = _TARGET.search(command.text) or _COPIED.fullmatch(command.text)
        found = embedded(_file_name(target), command.body, command.last + 1)
        if found is not None:
            yield found
        return
    for printed in _PRINTED.finditer(command.text):
        text = re.sub(r"\\[nrt]", "\n", _plain(printed["text"])).replace('\\"', '"')
        line = command.first + command.text.count("\n", 0, printed.start("text"))
        found = embedded(_file_name(printed), text, line)
        if found is not None:
            yield Embedded(found.language, tuple(_at(setting, command) for setting in found.settings))


def _file_name(found: re.Match[str] | None) -> str:
    return os.path.basename(_plain(found["name"])) if found else ""


def _at(setting: Setting, command: _Command) -> Setting:
    """A printed text's lines are those of the command."""
    line = min(setting.span.line, command.last)
    return Setting(
        setting.path, setting.value, Span(line, max(line, min(setting.span.end_line, command.last))), setting.document
    )


def _plain(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] in {'"', "'"} and text[-1] == text[0] else text

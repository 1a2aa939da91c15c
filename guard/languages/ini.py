"""Files of sections and assignments: ini, php.ini and PHP-FPM pools, supervisord, uWSGI, systemd units, `.cfg`.

A setting's path is its section, if it has one, and its key as it is written (dots are kept); the PHP form
`php_value[session.save_handler] = files` has the path (section, "php_value", "session.save_handler").
Indented lines and lines after a backslash continue a value.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from msgspec.structs import replace

from guard.facts import Choice, Comment, Constant, Facts, Setting, Span, Template, Unknown, Value
from guard.languages._docker_run import services
from guard.languages._templates import bare_name, value_of
from guard.languages.toml import says_traefik

_NAMES = re.compile(
    r".*\.(?:ini|cfg|service|timer|container|volume|network|slice|desktop|editorconfig|pool)|.*php.*\.ini.*|\.?my\.cnf|uwsgi\.conf"
)
_MAYBE = re.compile(r".*\.(?:conf|cnf|cfg)|[^.]+")
_SECTION = re.compile(r"\s*\[(?P<name>[^\]\n]{0,200})\]\s*(?:[;#].*)?")
_ENTRY = re.compile(
    r"(?P<indent>\s*)(?P<key>[^\s=:;#\[\]{}<>\"'()][^=:\[\]\n{}()<>;]{0,120}?)(?:\[(?P<index>[\w.-]*)\])?\s*(?P<mark>[=:])\s*(?P<value>.*)"
)
_RUNS = re.compile(r"\s*(?:ExecStart(?:Pre)?|command)\s*=.*\b(?:docker|podman|nerdctl)\b")
_WHOLE_COMMENT = re.compile(r"\s*[;#]+(?P<text>.*)")
_NOTE = re.compile(r"\s[;#]+(?P<text>.*)")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_SEEN = 60_000
_BY_BLANK = re.compile(r"\"\w+=[^\"]*\"|'\w+=[^']*'|\w+=(?:\"[^\"]*\"|'[^']*'|[^\s\"']*)")
_BY_COMMA = re.compile(r"\w+=(?:\"[^\"]*\"|'[^']*'|[^,\"']*)")
_ASSIGNMENTS = {
    ("Service", "Environment"): _BY_BLANK,
    ("Container", "Environment"): _BY_BLANK,
    ("program", "environment"): _BY_COMMA,
    ("supervisord", "environment"): _BY_COMMA,
    ("uwsgi", "env"): re.compile(r"\w+=.*"),
}
"""Sections and keys that hold variables of a process, and how they stand there.

https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#Environment=,
http://supervisord.org/configuration.html#program-x-section-settings, https://uwsgi-docs.readthedocs.io/en/latest/Options.html#env
"""
_MARKS = " \t\"'"


def by_name(path: str) -> str | None:
    """Names that only this family has; `.cfg` and `.conf` are told by content, since HAProxy and Apache use them too."""
    name = bare_name(path)
    return "ini" if _NAMES.fullmatch(name) and not name.endswith(".cfg") else None


def by_content(path: str, text: bytes) -> str | None:
    """A section, and more assignments than other lines."""
    if not _MAYBE.fullmatch(bare_name(path)) or text.startswith(b"#!") or says_traefik(text):
        return None
    lines = [
        line for line in text[:_SEEN].decode("utf-8", "replace").split("\n") if line.strip() and line.lstrip()[0] not in "#;"
    ]
    if not lines or any(len(line) > 5_000 for line in lines):
        return None
    sections = sum(1 for line in lines if _SECTION.fullmatch(line.rstrip()))
    entries = sum(1 for line in lines if (found := _ENTRY.match(line)) and found["mark"] == "=")
    return "ini" if sections and entries and (sections + entries) * 2 > len(lines) else None


def read(path: str, text: str, language: str) -> Facts:
    """One setting an assignment; what is neither section, comment nor assignment is left aside."""
    lines = text.split("\n")
    given = settings_in(lines)
    settings = (*given, *_containers(lines), *_quadlet(given), *_environment(given))
    return Facts(path, language, tuple(lines), settings=settings, comments=tuple(_comments(lines)))


def _containers(lines: list[str]) -> Iterator[Setting]:
    """What a unit of systemd or a program of a supervisor runs in containers."""
    for number, line in enumerate(lines):
        if _RUNS.match(line):
            last = number
            while lines[last].rstrip().endswith("\\") and last + 1 < len(lines):
                last += 1
            yield from services("\n".join(lines[number : last + 1]), number + 1, stays=True)


def _quadlet(settings: tuple[Setting, ...]) -> Iterator[Setting]:
    """A container that systemd runs by Podman's own kind of unit (`Image=`, `Volume=` in a section Container), as a service."""
    image = next((setting for setting in settings if setting.path == ("Container", "Image")), None)
    if image is None:
        return
    name = next((_written(s.value) for s in settings if s.path == ("Container", "ContainerName")), _written(image.value))
    yield replace(image, path=("docker run", name, "image"))
    volumes = (setting for setting in settings if setting.path == ("Container", "Volume"))
    yield from (replace(volume, path=("docker run", name, "volumes", str(number))) for number, volume in enumerate(volumes))


def _environment(settings: tuple[Setting, ...]) -> Iterator[Setting]:
    """The variables that a unit of systemd, a program of supervisord or uWSGI gives its process, one a setting: `NAME=value`."""
    seen: Counter[tuple[str, ...]] = Counter()
    for setting in settings:
        kind = (setting.path[0].partition(":")[0], setting.path[-1])
        pattern = _ASSIGNMENTS.get(kind) if len(setting.path) == 2 else None
        for found in pattern.finditer(_source(setting.value)) if pattern else ():
            name, _, value = found[0].strip("\"'").partition("=")
            yield replace(
                setting, path=(*setting.path, str(seen[setting.path])), value=value_of(f"{name}={value.strip(_MARKS)}")
            )
            seen[setting.path] += 1


def _source(value: Value) -> str:
    """A value as it is written."""
    parts = value.parts if isinstance(value, Template) else (value,)
    options = (part.options[0] if isinstance(part, Choice) else part for part in parts)
    return "".join(str(o.value) if isinstance(o, Constant) else o.text if isinstance(o, Unknown) else "" for o in options)


def _written(value: Value) -> str:
    return str(value.value) if isinstance(value, Constant) else "container"


def _comments(lines: list[str]) -> Iterator[Comment]:
    for number, line in enumerate(lines, 1):
        found = _WHOLE_COMMENT.match(line) or _NOTE.search(_QUOTED.sub(lambda text: "_" * len(text[0]), line))
        if found:
            yield Comment(line[found.start("text") :].strip(), Span(number, number, found.start("text")))


def settings_in(lines: list[str], first: int = 1) -> tuple[Setting, ...]:
    """The settings of lines whose first one has this number."""
    settings: list[Setting] = []
    section: tuple[str, ...] = ()
    number = 0
    while number < len(lines):
        line, number = lines[number], number + 1
        header = _SECTION.fullmatch(line.rstrip())
        found = None if header or line.lstrip()[:1] in {"#", ";", ""} else _ENTRY.match(line)
        if header:
            section = (header["name"].strip(),)
        elif found:
            values, more = _whole(found["value"], len(found["indent"]), lines, number)
            key = (found["key"].strip(), *([found["index"]] if found["index"] else []))
            span = Span(first + number - 1, first + number - 1 + more, len(found["indent"]) + 1)
            settings.append(Setting((*section, *key), value_of("\n".join(values)), span))
            number += more
    return tuple(settings)


def _whole(value: str, indent: int, lines: list[str], number: int) -> tuple[list[str], int]:
    """The lines of a value, and how many there are after the first."""
    values = [_plain(value)]
    start = number
    while number < len(lines) and _goes_on(lines[number - 1], lines[number], indent):
        values[-1] = values[-1].removesuffix("\\").rstrip()
        values.append(_plain(lines[number].strip()))
        number += 1
    return values, number - start


def _goes_on(line: str, following: str, indent: int) -> bool:
    if line.rstrip().endswith("\\"):
        return True
    bare = following.lstrip()
    return len(following) - len(bare) > indent and bare[:1] not in {"", "#", ";", "["} and not _ENTRY.match(following)


def _plain(value: str) -> str:
    """A value without the comment after it and the quotes around it."""
    text = value.strip()
    if text[:1] in {'"', "'"}:
        end = text.find(text[0], 1)
        rest = text[end + 1 :].lstrip()
        if end > 0 and (not rest or rest[0] in ";#"):
            return text[1:end]
    return re.split(r"\s[;#]", text, maxsplit=1)[0].rstrip()

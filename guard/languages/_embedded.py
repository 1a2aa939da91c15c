"""Configuration that stands inside another file: the body of a here-document, a text that a command writes to a file."""

from __future__ import annotations

from dataclasses import dataclass, replace

from guard.facts import Setting, Span

_FORMATS = frozenset({"nginx", "haproxy", "apache", "ini", "env", "properties", "toml", "json", "yaml", "hcl"})
_LONGEST = 200_000


@dataclass(frozen=True, slots=True)
class Embedded:
    """What stands in a piece of a file, at the lines of that file."""

    language: str
    settings: tuple[Setting, ...]


def embedded(name: str, text: str, first: int) -> Embedded | None:
    """The settings of a text that becomes the file `name`, whose first line has the number `first`; None if it is no configuration.

    A name that says nothing (a variable, standard input) leaves it to the content.
    """
    from guard.languages import reader_for

    if len(text) > _LONGEST:
        return None
    content = text.encode("utf-8", "surrogatepass")
    for candidate in (name, "stdin.yaml" if "apiVersion:" in text else "stdin.conf"):
        reading = reader_for(candidate, content) if candidate else None
        if reading is not None and reading.language in _FORMATS:
            settings = reading.reader.read(candidate, text, reading.language).settings
            return Embedded(reading.language, tuple(_moved(setting, first - 1) for setting in settings))
    return None


def _moved(setting: Setting, by: int) -> Setting:
    span = setting.span
    return replace(setting, span=Span(span.line + by, span.end_line + by, span.column))

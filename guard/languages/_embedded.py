"""Configuration that stands inside another file: a here-document, a text that a command writes, a block of a YAML file.

Its settings are read as its own format's and stand at the lines of the file around it; each piece is a document of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from guard.facts import Constant, Facts, Setting, Span, Template, Unknown

_FORMATS = frozenset({"nginx", "haproxy", "apache", "ini", "env", "properties", "toml", "json", "yaml", "hcl"})
_LONGEST = 200_000
_BLOCK = re.compile(r".*[:\s]\|[+-]?\d?\s*(?:#.*)?")
_CONTENT_KEYS = frozenset({"content", "block", "data", "value", "text", "config", "configuration"})
"""Keys that hold the text of a file whose name stands elsewhere."""


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


def with_pieces(facts: Facts, pieces: Iterable[Embedded]) -> Facts:
    """The facts of a file together with those of the pieces in it."""
    document = max((setting.document for setting in facts.settings), default=0)
    settings = list(facts.settings)
    languages: list[str] = list(facts.embedded)
    for number, piece in enumerate(pieces, document + 1):
        settings += [replace(setting, document=number) for setting in piece.settings]
        languages.append(piece.language)
    return replace(facts, settings=tuple(settings), embedded=tuple(dict.fromkeys(languages))) if languages else facts


def with_embedded(facts: Facts) -> Facts:
    """The facts with those of what a YAML file or a Dockerfile carries in it."""
    if facts.language == "yaml":
        return with_pieces(facts, _blocks(facts))
    return with_pieces(facts, _run_lines(facts)) if facts.language == "dockerfile" else facts


def _blocks(facts: Facts) -> Iterator[Embedded]:
    """Literal blocks (`nginx.conf: |`) of a YAML file."""
    for setting in facts.settings:
        text = _text(setting)
        if "\n" in text and setting.path and _BLOCK.fullmatch(facts.lines[setting.span.line - 1]):
            key = setting.path[-1]
            name = setting.path[-2] if key in _CONTENT_KEYS and len(setting.path) > 1 else key
            found = embedded(name.rpartition("/")[2], text, setting.span.line + 1)
            if found is not None:
                last = setting.span.end_line
                yield Embedded(found.language, tuple(item for item in found.settings if item.span.end_line <= last))


def _text(setting: Setting) -> str:
    match setting.value:
        case Constant(value=str(text)):
            return text
        case Template(parts):
            texts = (
                part.value if isinstance(part, Constant) else part.text if isinstance(part, Unknown) else "" for part in parts
            )
            return "".join(str(text) for text in texts)
        case _:
            return ""


def _run_lines(facts: Facts) -> Iterator[Embedded]:
    """Files that the instructions of a Dockerfile write."""
    from guard.languages.shell import written_by

    for setting in facts.settings:
        if setting.path and setting.path[0] in {"RUN", "COPY"}:
            span = setting.span
            yield from written_by(list(facts.lines[span.line - 1 : span.end_line]), span.line)

"""Configuration that stands inside another file: a here-document, a text that a command writes, a block of a YAML file.

Its settings are read as its own format's and stand at the lines of the file around it; each piece is a document of its own.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from guard.facts import Constant, Facts, Setting, Span, Template, Unknown
from guard.regex import regex

_FORMATS = frozenset({"nginx", "haproxy", "apache", "ini", "env", "properties", "toml", "json", "yaml", "hcl", "caddy"})
_LONGEST = 200_000
_BLOCK = regex(r".*[:\s]\|[+-]?\d?\s*(?:#.*)?")
_HERE_DOCUMENT = regex(r"<<-?\s*\"?(?P<word>[A-Za-z_]\w*)\"?\s*$")
_MOST_LINES = 2_000
_CHART_VALUES = frozenset({"values", "valuesContent", "valuesInline"})
"""Keys of Argo CD, Flux and K3s that hold the values of a chart."""
_CONTENT_KEYS = frozenset({"content", "block", "data", "value", "text", "config", "configuration"})
"""Keys that hold the text of a file whose name stands elsewhere."""


class Embedded(Struct, frozen=True):
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
    """The facts with those of what a YAML file, a Dockerfile or a Terraform file carries in it."""
    match facts.language:
        case "yaml":
            return with_pieces(facts, _blocks(facts))
        case "dockerfile":
            return with_pieces(facts, _run_lines(facts))
        case "hcl":
            return with_pieces(facts, _here_documents(facts))
        case _:
            return facts


def _blocks(facts: Facts) -> Iterator[Embedded]:
    """Literal blocks (`nginx.conf: |`) of a YAML file."""
    for setting in facts.settings:
        text = _text(setting)
        if "\n" in text and setting.path and _BLOCK.fullmatch(facts.lines[setting.span.line - 1]):
            key = setting.path[-1]
            name = setting.path[-2] if key in _CONTENT_KEYS and len(setting.path) > 1 else key
            name = "values.yaml" if key in _CHART_VALUES else name
            found = embedded(name.rpartition("/")[2], text, setting.span.line + 1)
            if found is not None:
                last = setting.span.end_line
                yield Embedded(found.language, tuple(item for item in found.settings if item.span.end_line <= last))


def _here_documents(facts: Facts) -> Iterator[Embedded]:
    """Here-documents of HCL: manifests, values of charts, scripts of machines."""
    seen: set[int] = set()
    for setting in facts.settings:
        for number in range(setting.span.line, setting.span.end_line) if "\n" in _text(setting) else ():
            opened = None if number in seen else _HERE_DOCUMENT.search(facts.lines[number - 1])
            if opened:
                seen.add(number)
                yield from _pieces(_name_of(setting.path), _body(facts, number, opened["word"]), number + 1)
                break


def _body(facts: Facts, opened: int, word: str) -> str:
    """The lines after the one that opens a here-document, without their common indentation, up to its word."""
    rest = facts.lines[opened : opened + _MOST_LINES]
    body = itertools.takewhile(lambda line: line.strip() != word, rest)
    import textwrap  # it compiles patterns of its own

    return textwrap.dedent("\n".join(body))


def _name_of(path: tuple[str, ...]) -> str:
    """What a here-document becomes, by the argument that takes it."""
    keys = [key for key in path if not key.isdigit()]
    return "values.yaml" if keys[-1] in {"values", "yaml_body", "manifest"} else ""


def _pieces(name: str, text: str, first: int) -> Iterator[Embedded]:
    """A text's own settings, or those of the files that it writes if it is a script."""
    from guard.languages.shell import written_by

    if text.lstrip().startswith("#!"):
        yield from written_by(text.split("\n"), first)
    elif (found := embedded(name, text, first)) is not None:
        yield found


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

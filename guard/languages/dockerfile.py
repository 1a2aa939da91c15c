r"""Dockerfiles and Containerfiles: one setting for each thing an instruction says; `document` counts the stages from 0.

    FROM image AS x           ("FROM",)                    ENV A=1 B=2 · ENV A 1     ("ENV", "A"), ("ENV", "B")
    ARG A=1                   ("ARG", "A")                 LABEL a.b="c"             ("LABEL", "a.b")
    VOLUME /a /b · ["/a"]     ("VOLUME", "0"), …           EXPOSE 80 443             ("EXPOSE", "0"), …
    CMD ["a", "b"]            ("CMD",) a Listing           CMD a b                   ("CMD",) a text; ENTRYPOINT, HEALTHCHECK likewise
    WORKDIR /x · USER y       ("WORKDIR",), ("USER",)      RUN …, COPY …, ADD …      ("RUN", "0"), ("COPY", "0"), … counted in a stage
    ONBUILD VOLUME /x         ("ONBUILD", "VOLUME", "0")

`$X`, `${X}`, `${X:-y}` are replaced by what ENV or the default of ARG says before them, in the stage or the stage it is built
from; otherwise they are holes. A variable's span is its own lines within the instruction. Comments between continued lines and
here-documents are read (https://docs.docker.com/reference/dockerfile/).
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator

from msgspec import Struct, field

from guard.facts import Choice, Comment, Constant, Facts, Listing, Setting, Span, Template, Unknown, Value
from guard.languages._tags import Masked, mask
from guard.languages._templates import bare_name

_OTHERS = (
    ".dockerignore",
    ".license",
    ".md",
    ".txt",
    ".py",
    ".js",
    ".ts",
    ".go",
    ".rb",
    ".rs",
    ".sh",
    ".json",
    ".yaml",
    ".yml",
    ".html",
    ".java",
    ".php",
    ".cs",
    ".svg",
    ".png",
    ".lock",
)
_INSTRUCTION = re.compile(r"\s*([A-Za-z]+)(?:\s+|$)")
_ESCAPE = re.compile(r"#\s*escape\s*=\s*([\\`])\s*", re.IGNORECASE)
_HEREDOC = re.compile(r"(?<!<)<<-?\s*([\"']?)([A-Za-z_]\w{0,60})\1")
_FLAGS = re.compile(r"(?:--[\w.-]+(?:=\S*)?\s+)*")
_WORD = re.compile(r"""(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"?|'[^']*'?|\\$)+""", re.DOTALL)
_QUOTES = re.compile(r"""\\(.)|"((?:[^"\\]|\\.)*)"?|'([^']*)'?""", re.DOTALL)
_VARIABLE = re.compile(r"\\\$|\$(?:\{(\w+)(?::?([-+?])([^{}$]*))?\}|(\w+))")
_STAGE = re.compile(r"(?:^|\s)AS\s+(\S+)\s*$", re.IGNORECASE)
_COUNTED = frozenset({"RUN", "COPY", "ADD"})
_WHOLE = frozenset({"CMD", "ENTRYPOINT", "HEALTHCHECK", "SHELL", "STOPSIGNAL", "MAINTAINER"})
_PAIRS = frozenset({"ENV", "LABEL", "ARG"})
_LISTS = frozenset({"VOLUME", "EXPOSE"})
_SINGLE = frozenset({"WORKDIR", "USER"})
_KNOWN = _COUNTED | _WHOLE | _PAIRS | _LISTS | _SINGLE | {"FROM", "ONBUILD"}
_LONGEST = 80
_LONGEST_VALUE = 10_000


def by_name(path: str) -> str | None:
    """Dockerfile, Containerfile, Dockerfile.web, web.Dockerfile, and templates of them."""
    name = bare_name(path)
    if name.endswith((".dockerfile", ".containerfile")):
        return "dockerfile"
    named = re.fullmatch(r"(?:dockerfile|containerfile)(?:[._-].*)?", name) is not None
    return "dockerfile" if named and not name.endswith(_OTHERS) else None


def read(path: str, text: str, language: str) -> Facts:
    """The facts of a Dockerfile."""
    masked = mask(text)
    reading = _Reading(masked)
    for instruction in _instructions(masked.text.split("\n"), reading):
        reading.take(instruction)
    return Facts(
        path,
        language,
        lines=tuple(text.split("\n")),
        settings=tuple(reading.settings),
        comments=tuple(sorted((*reading.comments, *masked.comments), key=lambda comment: comment.span)),
        broken=tuple(reading.broken),
    )


# -- instructions -----------------------------------------------------------------------------------------------------


class _Instruction(Struct):
    """An instruction with its continued lines joined; `starts` are the offsets at which the lines of `numbers` begin."""

    word: str
    text: str
    starts: list[int]
    numbers: list[int]
    end_line: int

    def span(self, start: int = 0, end: int | None = None) -> Span:
        """The lines of a piece of the text; the whole instruction if no end is given."""
        first = self.numbers[max(bisect_right(self.starts, start) - 1, 0)]
        last = self.end_line if end is None else self.numbers[max(bisect_right(self.starts, max(end - 1, start)) - 1, 0)]
        return Span(first, max(first, last))


def _instructions(lines: list[str], reading: _Reading) -> Iterator[_Instruction]:
    escape = next((found[1] for line in lines[:5] if (found := _ESCAPE.fullmatch(line.strip()))), "\\")
    number = 0
    while number < len(lines):
        line = lines[number]
        if line.lstrip().startswith("#"):
            reading.comments.append(
                Comment(reading.masked.original(line.strip().lstrip("#").strip()), Span(number + 1, number + 1))
            )
        elif line.strip():
            instruction = _joined(lines, number, escape, reading)
            number = instruction.end_line
            if instruction.word in _KNOWN:
                yield instruction
            else:
                reading.broken.append(instruction.span())
            continue
        number += 1


def _joined(lines: list[str], first: int, escape: str, reading: _Reading) -> _Instruction:
    """The instruction that begins on a line (0-based), with its continued lines and here-documents."""
    pieces: list[str] = []
    starts: list[int] = []
    numbers: list[int] = []
    number, length = first, 0
    while number < len(lines):
        line = lines[number]
        number += 1
        if pieces and not line.strip():
            continue  # Docker warns of an empty continuation line, and goes on
        if pieces and line.lstrip().startswith("#"):
            reading.comments.append(Comment(reading.masked.original(line.strip().lstrip("#").strip()), Span(number, number)))
            continue
        body = line.rstrip()
        continued = body.endswith(escape)
        piece = body[:-1] + " " if continued else body
        starts.append(length)
        numbers.append(number)
        pieces.append(piece)
        length += len(piece)
        if not continued:
            break
    text = "".join(pieces)
    found = _INSTRUCTION.match(text)
    word = found[1].upper() if found else ""
    end = _after_heredocs(lines, number, text) if word in {"RUN", "COPY", "ADD"} else number
    skipped = found.end() if found else 0
    return _Instruction(word, text[skipped:], [start - skipped for start in starts], numbers, min(end, len(lines)))


def _after_heredocs(lines: list[str], number: int, text: str) -> int:
    for found in _HEREDOC.finditer(text):
        end = next((index for index in range(number, len(lines)) if lines[index].strip() == found[2]), None)
        if end is None:
            return number
        number = end + 1
    return number


# -- settings ---------------------------------------------------------------------------------------------------------


class _Reading(Struct):
    """What the instructions so far have said."""

    masked: Masked
    settings: list[Setting] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    broken: list[Span] = field(default_factory=list)
    stage: int = -1
    variables: dict[str, str] = field(default_factory=dict)
    shared: dict[str, str] = field(default_factory=dict)
    """ARGs before the first FROM."""
    stages: dict[str, dict[str, str]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def take(self, instruction: _Instruction, prefix: tuple[str, ...] = ()) -> None:
        """Write down what an instruction says."""
        word = instruction.word
        if word == "FROM":
            self._from(instruction)
        elif word in _PAIRS:
            self._pairs(instruction, prefix)
        elif word in _LISTS:
            self._list(instruction, prefix)
        elif word in _COUNTED:
            position = self.counts.get(word, 0)
            self.counts[word] = position + 1
            self._add((*prefix, word, str(position)), self._text(instruction.text.strip(), expand=False), instruction.span())
        elif word == "ONBUILD":
            self._on_build(instruction)
        else:
            self._add((*prefix, word), self._command(instruction.text.strip(), expand=word in _SINGLE), instruction.span())

    def _from(self, instruction: _Instruction) -> None:
        text = _FLAGS.sub("", instruction.text.strip(), count=1)
        named = _STAGE.search(text)
        image = text[: named.start()].strip() if named else text.strip()
        self.stage += 1
        self.variables = dict(self.stages.get(image.lower(), {}))
        self.counts = {}
        if named:
            self.stages[named[1].lower()] = self.variables
        self._add(("FROM",), self._expanded(image, {**self.shared}), instruction.span())

    def _pairs(self, instruction: _Instruction, prefix: tuple[str, ...]) -> None:
        for name, raw, start, end in _assignments(instruction.text):
            value = self._expanded(_unquoted(raw), self.variables) if raw is not None else Constant(None)
            if instruction.word != "LABEL":
                self._remember(instruction.word, name, value)
            self._add((*prefix, instruction.word, self.masked.key(name)), value, instruction.span(start, end))

    def _remember(self, word: str, name: str, value: Value) -> None:
        known = self.variables if self.stage >= 0 else self.shared
        if isinstance(value, Constant) and isinstance(value.value, str) and not (word == "ARG" and name in known):
            known[name] = value.value
        elif word == "ARG" and name in self.shared:
            known.setdefault(name, self.shared[name])
        elif word == "ENV":
            known.pop(name, None)

    def _list(self, instruction: _Instruction, prefix: tuple[str, ...]) -> None:
        items = _exec_form(instruction.text.strip())
        if items is not None:
            for position, item in enumerate(items):
                start = instruction.text.find(item)
                span = instruction.span(max(start, 0), max(start, 0) + len(item)) if start >= 0 else instruction.span()
                self._add((*prefix, instruction.word, str(position)), self._expanded(item, self.variables), span)
            return
        for position, found in enumerate(_WORD.finditer(instruction.text)):
            span = instruction.span(found.start(), found.end())
            self._add((*prefix, instruction.word, str(position)), self._expanded(_unquoted(found[0]), self.variables), span)

    def _on_build(self, instruction: _Instruction) -> None:
        found = _INSTRUCTION.match(instruction.text)
        word = found[1].upper() if found else ""
        if found and word in _KNOWN - {"ONBUILD", "FROM"}:
            starts = [start - found.end() for start in instruction.starts]
            inner = _Instruction(word, instruction.text[found.end() :], starts, instruction.numbers, instruction.end_line)
            self.take(inner, ("ONBUILD",))

    def _command(self, text: str, *, expand: bool) -> Value:
        items = _exec_form(text)
        if items is not None:
            return Listing(tuple(self._text(item, expand=False) for item in items))
        return self._text(_unquoted(text) if expand else text, expand=expand)

    def _text(self, text: str, *, expand: bool) -> Value:
        return self._expanded(text, self.variables) if expand else Constant(self.masked.original(text)[:_LONGEST_VALUE])

    def _expanded(self, text: str, known: dict[str, str]) -> Value:
        """A text with its variables replaced; what is not known stays a hole."""
        parts: list[Value] = []
        end = 0
        for found in _VARIABLE.finditer(text):
            parts.append(Constant(text[end : found.start()]))
            parts.append(_substituted(found, known))
            end = found.end()
        parts.append(Constant(text[end:]))
        return self._simplest(parts)

    def _simplest(self, parts: list[Value]) -> Value:
        joined: list[Value] = []
        for part in parts:
            if isinstance(part, Constant) and joined and isinstance(joined[-1], Constant):
                joined[-1] = Constant(f"{joined[-1].value}{part.value}"[:_LONGEST_VALUE])
            elif part != Constant(""):
                joined.append(part)
        whole = [self._with_tags(part) for part in joined]
        if not whole:
            return Constant("")
        return whole[0] if len(whole) == 1 else Template(tuple(whole))

    def _with_tags(self, value: Value) -> Value:
        if not isinstance(value, Constant) or not isinstance(value.value, str):
            return value
        text = self.masked.original(value.value)
        return value if text == value.value else Unknown(text[:_LONGEST])

    def _add(self, path: tuple[str, ...], value: Value, span: Span) -> None:
        self.settings.append(Setting(path, value, span, max(self.stage, 0)))


def _substituted(found: re.Match[str], known: dict[str, str]) -> Value:
    if found[0] == "\\$":
        return Constant("$")
    name = found[1] or found[4]
    if name in known and found[2] != "+":
        return Constant(known[name])
    if found[2] == "-":
        return Choice((Unknown(f"${{{name}}}"[:_LONGEST]), Constant(found[3])))
    return Unknown(found[0][:_LONGEST])


def _assignments(text: str) -> Iterator[tuple[str, str | None, int, int]]:
    """(name, raw value or None, start, end) of `A=1 B="2"`, `A` (ARG) or `A the old form`."""
    words = list(_WORD.finditer(text))
    if not words:
        return
    if "=" not in words[0][0]:
        first = words[0]
        rest = text[first.end() :].strip()
        yield first[0], rest or None, first.start(), len(text.rstrip())
        return
    for word in words:
        name, equals, value = word[0].partition("=")
        if equals and name:
            yield _unquoted(name), value, word.start(), word.end()


def _unquoted(text: str) -> str:
    return _QUOTES.sub(
        lambda found: next(group for group in found.groups() if group is not None) if found[1] != "$" else found[0], text
    )


def _exec_form(text: str) -> list[str] | None:
    """The words of a JSON list of texts; None if it is not one."""
    text = _FLAGS.sub("", text, count=1)
    if not text.startswith("["):
        return None
    try:
        items = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return items if isinstance(items, list) and all(isinstance(item, str) for item in items) else None

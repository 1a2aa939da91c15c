"""The reader of Go (https://go.dev/ref/spec)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from guard.facts import Constant, Facts, Setting, Span

_LANGUAGE = "go"
_NEW_OF_A_VALUE = re.compile(
    r"\bnew\((?!\s*(?:[\w.*\[\]]+\s*\)|(?:struct|map|chan|func|interface)\b|\[))|\bnew\((?=[\w.]+\[\d+\]\.)"
)
"""`new(value)` of Go 1.26, of which the grammar knows only `new(Type)`: it reads a call of any other name, as long as this one."""
_DEFAULT = re.compile(
    r"^[ \t]*(\w+)[ \t]+[^\s`]+[ \t]+`[^`\n]*\b(?:default|env-?[dD]efault):\"((?:[^\"\\\n]|\\.)*)\"[^`\n]*`", re.MULTILINE
)
"""A field of a settings struct whose tag says what it holds if nobody sets it."""


def by_name(path: str) -> str | None:
    """Go by its extension; what compilers of protocol buffers write is not read."""
    return _LANGUAGE if path.endswith(".go") and not path.endswith(".pb.go") else None


def read(path: str, text: str, language: str) -> Facts:
    """The facts of a Go file. Never fails: what can not be parsed is listed as broken."""
    from guard.languages._go_lowering import DIALECT, GoLowering
    from guard.languages._lowered.facts import facts_of

    facts = facts_of(path, _NEW_OF_A_VALUE.sub("neu(", text), language, grammar="go", lowering=GoLowering, dialect=DIALECT)
    facts = replace(facts, lines=tuple(text.split("\n")))
    return replace(facts, settings=tuple(_defaults(text))) if 'efault:"' in text else facts


def _defaults(text: str) -> Iterator[Setting]:
    for found in _DEFAULT.finditer(text):
        line = text.count("\n", 0, found.start(1)) + 1
        column = found.start(1) - text.rfind("\n", 0, found.start(1))
        yield Setting((found[1],), Constant(found[2]), Span(line, line, column))

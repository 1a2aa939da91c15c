"""Configuration with holes in it: what templates leave open is a value nobody knows, the rest is read as it stands.

Holes are `${VAR}`, `$(x)`, `{{ x }}`, `{% if %}`, `<% %>`, `<?php ?>`; those that name a default (`${VAR:-x}`, `{{ x | default('y') }}`)
are a choice between the unknown and the default. Every pattern is bounded: a hole that is never closed costs no more than its start.
"""

from __future__ import annotations

import os
import re

from guard.facts import Choice, Constant, Template, Unknown, Value

_SUFFIXES = (
    ".j2", ".jinja", ".jinja2", ".tmpl", ".tpl", ".template", ".erb", ".epp", ".ejs", ".ctmpl", ".gotmpl", ".mustache", ".hbs",
    ".example", ".sample", ".dist", ".default", ".in", ".orig",
)  # fmt: skip
_MARKUP = r"\{\{.{0,400}?\}\}|\{%.{0,400}?%\}|\{#.{0,4000}?#\}|<%.{0,400}?%>|<\?.{0,400}?\?>"
_SHELL = r"\$\{(?:[^{}\n]|\$\{[^{}\n]{0,200}\}){0,400}\}|\$\([^()\n]{0,200}\)"
_HOLE = re.compile(f"{_MARKUP}|{_SHELL}", re.DOTALL)
_MARKUP_HOLE = re.compile(_MARKUP, re.DOTALL)
_PRINTS = re.compile(r"\{\{|<%=|<\?=|<\?(?:php)?\s+(?:echo|print)\b")
_MASK = re.compile("\ue000(\\d+)\ue001")
_SHELL_DEFAULT = re.compile(r"\$\{[^:{}]+?:?[-=](?P<text>.*)\}|\$\{[^:{}]+:(?P<spring>[^?+:].*)\}", re.DOTALL)
_MARKUP_DEFAULT = re.compile(
    r"""(?:\bdefault[\s(]+|\|\|\s*|\bfetch\([^,()]{1,80},\s*)(?P<quote>["'])(?P<text>[^"']{0,200})(?P=quote)"""
)
_LONGEST = 80


def bare_name(path: str) -> str:
    """The file's name in lower case, without the endings that only say that it is a template or a sample."""
    name = os.path.basename(path).lower()
    while name.endswith(_SUFFIXES):
        name = name.rpartition(".")[0]
    return name


def value_of(text: str) -> Value:
    """A piece of configuration as a value: a constant, or its literal parts and holes in order."""
    parts: list[Value] = []
    end = 0
    for hole in _HOLE.finditer(text):
        if hole.start() > end:
            parts.append(Constant(text[end : hole.start()]))
        parts.append(_hole(hole[0]))
        end = hole.end()
    if not parts:
        return Constant(text)
    if end < len(text):
        parts.append(Constant(text[end:]))
    return parts[0] if len(parts) == 1 else Template(tuple(parts))


def _hole(text: str) -> Value:
    unknown = Unknown(text[:_LONGEST])
    default = _default(text)
    return unknown if default is None else Choice((unknown, Constant(default)))


def _default(hole: str) -> str | None:
    """What a hole stands for where nobody fills it, if it says so."""
    if hole.startswith("${"):
        found = _SHELL_DEFAULT.fullmatch(hole)
        return next((text for text in found.group("text", "spring") if text is not None), None) if found else None
    found = _MARKUP_DEFAULT.search(hole)
    return found["text"] if found else None


def masked(text: str) -> tuple[str, tuple[str, ...]]:
    """The text with each printing tag as one word and each other tag as blank, and the tags; lines stay where they are.

    Shell variables are left: most formats have them in their own syntax.
    """
    holes: list[str] = []

    def mask(found: re.Match[str]) -> str:
        lines = "\n" * found[0].count("\n")
        if not _PRINTS.match(found[0]):
            return lines or " "
        holes.append(found[0])
        return f"\ue000{len(holes) - 1}\ue001{lines}"

    return _MARKUP_HOLE.sub(mask, text), tuple(holes)


def unmasked(text: str, holes: tuple[str, ...]) -> str:
    """The text as it was before `masked`."""
    return _MASK.sub(lambda found: holes[int(found[1])] if int(found[1]) < len(holes) else found[0], text)

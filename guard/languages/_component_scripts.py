"""The scripts of components as one program: what belongs to the module stays there, what runs for each instance is in a function.

Everything else becomes blank, so that lines and columns are those of the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct

from guard.regex import regex


class Runs(StrEnum):
    """When a script of a component runs."""

    ONCE = "once"
    """With the module: on a server once for all requests."""
    EACH = "each"
    """For each instance: on a server for each request."""


class Script(Struct, frozen=True):
    """A piece of a component's text, from and to its characters."""

    start: int
    end: int
    runs: Runs


EACH = "rendered"
"""The name of the function around what runs for each instance; its parameter is what only handlers have."""
_SCRIPT = regex(
    r"<script\b(?P<attributes>(?:[^>\"']|\"[^\"]*\"|'[^']*')*)>(?P<code>.*?)</script\s*>", re.DOTALL | re.IGNORECASE
)
_OTHER_TYPES = regex(
    r"\bsrc\s*=|\btype\s*=\s*[\"'](?!module|text/(?:javascript|typescript|babel)|application/javascript)", re.IGNORECASE
)
_OF_THE_MODULE = regex(r"\bmodule\b(?!\s*=)|\bcontext\s*=\s*[\"']module[\"']")
_SETUP = regex(r"\bsetup\b")
_FENCE = regex(r"\s*---[ \t]*\n(?P<code>.*?)^---[ \t]*$", re.DOTALL | re.MULTILINE)
_IMPORTS = regex(
    r"^[ \t]*import\b(?!\s*\()(?:[^'\";]*?\bfrom\b)?\s*['\"][^'\"\n]*['\"](?:\s*with\s*\{[^}]*\})?[ \t]*;?", re.MULTILINE
)
_EXPORT = regex(r"^([ \t]*)export(?=[ \t]+(?:let|const|var|async|function|class)\b)", re.MULTILINE)
_COMMENT_LINE = regex(r"[ \t]*(?://[^\n]*|/\*(?:[^*]|\*(?!/))*\*/[ \t]*)?$", re.MULTILINE)


def scripts_of(path: str, text: str) -> list[Script]:
    """The scripts of a file that may run on a server, told by what its name says it is."""
    if path.endswith(".astro"):
        found = _FENCE.match(text)
        return [Script(found.start("code"), found.end("code"), Runs.EACH)] if found else []
    by_attributes = _when_in_svelte if path.endswith(".svelte") else _when_in_vue
    return [
        Script(found.start("code"), found.end("code"), by_attributes(found["attributes"]))
        for found in _SCRIPT.finditer(text)
        if not _OTHER_TYPES.search(found["attributes"])
    ]


def _when_in_svelte(attributes: str) -> Runs:
    """What https://svelte.dev/docs/svelte/svelte-files says of a script."""
    return Runs.ONCE if _OF_THE_MODULE.search(attributes) else Runs.EACH


def _when_in_vue(attributes: str) -> Runs:
    """What https://vuejs.org/api/sfc-script-setup.html says of a script."""
    return Runs.EACH if _SETUP.search(attributes) else Runs.ONCE


def program_of(text: str, scripts: list[Script]) -> str:
    """The scripts as a program, line by line where they are."""
    pieces: list[str] = []
    end = 0
    for script in scripts:
        code = text[script.start : script.end]
        pieces += [_blank(text[end : script.start]), _in_a_function(code) if script.runs is Runs.EACH else code]
        end = script.end
    return "".join((*pieces, _blank(text[end:])))


def outside(text: str, scripts: list[Script]) -> str:
    """What is around the scripts: the markup, line by line where it is."""
    pieces: list[str] = []
    end = 0
    for script in scripts:
        pieces += [text[end : script.start], _blank(text[script.start : script.end])]
        end = script.end
    return "".join((*pieces, text[end:]))


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


def _in_a_function(code: str) -> str:
    """Imports as they are, what follows them in a function, without the `export` of its properties."""
    start = _after_imports(code)
    inside = _EXPORT.sub(lambda found: found[1] + "      ", code[start:])
    inside = _IMPORTS.sub(lambda found: _blank(found[0]), inside)
    return f"{code[:start]};async function {EACH}(request) {{ {inside}}}"


def _after_imports(code: str) -> int:
    """Where the first statement that is no import begins."""
    end = 0
    for found in _leading_imports(code):
        end = found.end()
    return end


def _leading_imports(code: str) -> Iterator[re.Match[str]]:
    position = 0
    while True:
        while (line := _COMMENT_LINE.match(code, position)) and line.end() < len(code):
            position = line.end() + 1
        found = _IMPORTS.match(code, position)
        if found is None:
            return
        yield found
        position = found.end()

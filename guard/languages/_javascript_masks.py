"""Valid code that the grammars can not read yet, hidden from the parser without moving anything.

Types are left out and signs swapped for others of the same length; texts are read from the source as it is, so that nothing of
what is hidden gets lost but types.
"""

from __future__ import annotations

import re

_BEFORE_TEMPLATE = re.compile(r"<(?:[^<>`=]|=(?!>)|<[^<>`]*>){0,400}>(?=`)")
"""Type arguments of a tagged template: ``styled.div<{ wide: boolean }>`…` ``."""
_IMPORTED_TYPE = re.compile(r"<\s*(?:typeof\s+)?import\(\s*(['\"])[^'\"\n]+\1\s*\)(?:\.\w+)*\s*>(?=\()")
"""An imported type as the only type argument of a call: `get<import('fastify').FastifyRequest>()`."""
_AMPERSAND = re.compile(r"(?<!&)&(?!&)")
"""In the text of JSX, `&` may stand for itself; as an operator, and between types, `|` is read in the same way."""


def masked(text: str) -> str:
    """The text with what the grammars can not read made harmless; of the same length in bytes, line by line."""
    for pattern in (_BEFORE_TEMPLATE, _IMPORTED_TYPE):
        text = pattern.sub(_blank, text)
    return _AMPERSAND.sub("|", text)


def _blank(match: re.Match[str]) -> str:
    found = match.group()
    return re.sub(r"[^\n]", " ", found) if found.isascii() else found

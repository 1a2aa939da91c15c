"""Valid C# that the grammar can not read yet, hidden from the parser without moving anything.

Words that are keywords in some places and names in others are swapped, where they are names, for words of the same length; texts
are read from the source as it is, so that nothing gets lost.
"""

from __future__ import annotations

import re

_A_NAME = re.compile(r"(?<![\w@.])(?:async|required|partial)(?=\s*(?:[.?,;)\]=&|!]|\[|==))")
"""`async ? a : b`, `required.Add(x)`: as keywords these stand before a word or a parenthesis."""
_ALONE = re.compile(r"(?<=\[)(?:field|type|param|method|event|property)(?=\s*[\],.])")
"""`[type]`: before a colon these say what an attribute is for."""

_EMPTY = re.compile(r"(?<![\"@$])\$\"\"(?!\")")
"""`$""`: a text with no holes and nothing else in it."""


def masked(text: str) -> str:
    """The text with words that are names here told from the keywords they are elsewhere, and empty texts plain; of the same length in bytes."""
    for pattern in (_A_NAME, _ALONE):
        text = pattern.sub(lambda match: match.group().capitalize(), text)
    return _EMPTY.sub(' ""', text)

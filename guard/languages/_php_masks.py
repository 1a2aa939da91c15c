"""Valid PHP that the grammar can not read yet, made harmless without moving anything."""

from __future__ import annotations

import re

_TYPED = re.compile(r"(?<=\bconst)([ \t]+\??[A-Za-z_\\|&]+)(?=[ \t]+[A-Za-z_]\w*\s*=)")
"""The type of a constant, in front of a name that is a word of the language: `const string DEFAULT = …`."""
_OLD_INDEX = re.compile(r"(\$\w+)\{([\w$+\- ]+)\}")
"""An index in braces, as before PHP 8: `$text{$i}`."""


def masked(text: str) -> str:
    """The text with what the grammar can not read made harmless; of the same length in bytes, line by line."""
    return _OLD_INDEX.sub(r"\1[\2]", _TYPED.sub(lambda found: " " * len(found[1]), text))

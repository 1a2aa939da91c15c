"""Valid Ruby that the grammar can not read yet, made harmless without moving anything."""

from __future__ import annotations

import re

_ANONYMOUS = re.compile(r",[ \t]*(?:&|\*\*?)(?=[ \t]*$)", re.MULTILINE)
"""A block or the rest of the arguments passed on without a name, in a call without parentheses: `tag.div class: "field", &`."""
_ALONE = re.compile(r"^[ \t]*&(?=[ \t]*$)", re.MULTILINE)
"""The same on a line of its own, before the closing parenthesis."""


def masked(text: str) -> str:
    """The text with what the grammar can not read made harmless; of the same length in bytes, line by line."""
    return _ALONE.sub(lambda found: " " * len(found[0]), _ANONYMOUS.sub(lambda found: " " * len(found[0]), text))

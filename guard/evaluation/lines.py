"""JSON lines: one object a line, empty lines passed over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from guard.errors import UsageError


def objects_in(text: str, file: str, what: str = "a line") -> Iterator[tuple[str, dict[str, Any]]]:
    """Each object, with the file and the line where it stands. Raises UsageError for a line that is none."""
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        where = f"{file}:{number}"
        try:
            entry = json.loads(line)
        except ValueError as error:
            raise UsageError(f"{where}: not valid JSON: {error}") from None
        if not isinstance(entry, dict):
            raise UsageError(f"{where}: {what} must be an object")
        yield where, entry

"""Where the catalogue's files are: TOML in a checkout, the same compiled to JSON in a wheel. Loads next to nothing.

Parsing every TOML file costs more than a whole small review, so `python -m guard.catalogue.compile` writes one JSON file a
reader's language. A compiled file remembers which sources it was made from; when they have changed, the TOML files are read.
"""

from __future__ import annotations

import json
import os
from functools import lru_cache
from typing import Any

FOLDER = os.path.dirname(os.path.abspath(__file__))
FORMAT = 3
"""Of the compiled files: one more whenever they are written in another way."""


def sources(folder: str = FOLDER) -> list[str]:
    """Paths of the catalogue's TOML files, sorted."""
    return sorted(
        os.path.join(folder, room, file)
        for room in os.listdir(folder)
        if os.path.isdir(os.path.join(folder, room)) and not room.startswith("_")
        for file in os.listdir(os.path.join(folder, room))
        if file.endswith(".toml")
    )


def stamp(folder: str = FOLDER) -> list[list[str | int]]:
    """What the sources are now: name, size in bytes and time of change of each."""
    return [[os.path.relpath(path, folder), (status := os.stat(path)).st_size, status.st_mtime_ns] for path in sources(folder)]


@lru_cache(maxsize=8)
def languages(folder: str = FOLDER) -> tuple[str, ...] | None:
    """The languages of an up-to-date compiled catalogue; None if there is none. A wheel's has no stamp and is always fresh."""
    try:
        with open(os.path.join(folder, "_compiled", "manifest.json"), encoding="utf-8") as stream:
            manifest = json.load(stream)
    except FileNotFoundError:
        return None
    if manifest.get("format") != FORMAT:
        return None
    if manifest["stamp"] is not None and manifest["stamp"] != stamp(folder):
        return None
    return tuple(manifest["languages"])


def content(folder: str, language: str) -> dict[str, Any]:
    """The compiled rules of one of these languages, with their index."""
    with open(os.path.join(folder, "_compiled", f"{language}.json"), encoding="utf-8") as stream:
        found: dict[str, Any] = json.load(stream)
    return found


class Words:
    """What a glance asks of the catalogue, for one language, without making a rule. None of it where nothing fresh is compiled."""

    def __init__(self, language: str, folder: str = FOLDER) -> None:
        found = content(folder, language) if language in (languages(folder) or ()) else None
        self.known = found is not None
        self._words = frozenset(found["words"] if found else ())
        self._stems = tuple(found["stems"] if found else ())
        self._packages = tuple(found["packages"] if found else ())

    def words(self, _language: str) -> frozenset[str]:
        """Words of which one stands wherever a rule can match, unless its package is imported."""
        return self._words

    def stems(self, _language: str) -> tuple[str, ...]:
        """Beginnings and ends of such words."""
        return self._stems

    def packages(self, _language: str) -> tuple[str, ...]:
        """The packages that the rules know, as imports write them."""
        return self._packages

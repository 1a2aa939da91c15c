"""Readers: the text of one file in, facts out. One module a language or family of formats, found by the folder.

A module of this folder whose name has no leading underscore has

    def by_name(path: str) -> str | None                       the language of a file, told by its name alone
    def read(path: str, text: str, language: str) -> Facts     pure; a broken file yields what can be read

and, where a file's name may say nothing of it,

    def by_content(path: str, text: bytes) -> str | None       the language of a file, told by what stands in it

Names are asked before contents, the readers of most files first, the others in alphabetical order. Reader modules import their parsers late: a review pays only
for the languages it meets.
"""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterator
from functools import lru_cache
from importlib import import_module
from typing import NamedTuple, Protocol, cast

from guard.facts import Facts
from guard.languages._embedded import with_embedded
from guard.stages import Stage, stage


class Reader(Protocol):
    """The shape of a module in this folder."""

    @staticmethod
    def by_name(path: str) -> str | None:
        """The language of a file, told by its name."""
        ...

    @staticmethod
    def read(path: str, text: str, language: str) -> Facts:
        """The facts of a file; lines end with a line feed."""
        ...


class Reading(NamedTuple):
    """Who reads a file, and as what."""

    reader: Reader
    language: str


_ASKED_FIRST = ("python", "javascript")
"""The readers of most changed files: while they know a file by its name, the others need not even be imported."""


@lru_cache(maxsize=1)
def _names() -> tuple[str, ...]:
    """The modules in this folder, in the order in which they are asked."""
    files = sorted(os.listdir(os.path.dirname(__file__)))
    names = [file.removesuffix(".py") for file in files if file.endswith(".py") and not file.startswith("_")]
    return tuple(sorted(names, key=lambda name: (name not in _ASKED_FIRST, name)))


def readers() -> Iterator[Reader]:
    """The readers in this folder, each imported when it is asked."""
    return (cast(Reader, import_module(f"{__name__}.{name}")) for name in _names())


def reader_for(path: str, text: bytes) -> Reading | None:
    """The reader of a file; None if it is in no language that is read."""
    named = next((Reading(reader, language) for reader in readers() if (language := reader.by_name(path))), None)
    return named or next((Reading(reader, language) for reader in readers() if (language := _told(reader, path, text))), None)


def _told(reader: Reader, path: str, text: bytes) -> str | None:
    """The language of a file by its content, from a reader that looks at that."""
    ask = getattr(reader, "by_content", None)
    return cast(str | None, ask(path, text)) if ask is not None else None


def read(path: str, text: bytes) -> Facts | None:
    """The facts of a file; None if no reader knows it."""
    reading = reader_for(path, text)
    return None if reading is None else read_as(reading, path, text)


@stage(Stage.FACTS)
def read_as(reading: Reading, path: str, text: bytes) -> Facts:
    """The facts of a file whose reader is known."""
    lines = decoded(text).replace("\r\n", "\n")
    return with_embedded(reading.reader.read(path, lines, reading.language))


def decoded(text: bytes) -> str:
    """Bytes as text: by their byte order mark, as UTF-8, else byte by byte, so that what is ASCII in them can be read."""
    if text.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return text.decode("utf-16", "replace")
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError:
        return text.decode("latin-1")

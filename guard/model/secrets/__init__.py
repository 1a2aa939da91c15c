"""Secrets are cut out before anything leaves: a judgement does not need them, and a server may keep what it is sent.

kinds.py    the forms of credentials that say what they are     placeholders.py   what stands for a secret
lines.py    where they stand in a line                           values.py         what is one, and what only says where it is
files.py    those that take several lines, or a file's word

`leaving` is the door: no message can be made of a text that has not gone through it. Before it, `Concealed` knows more: it has read
the files of a review whole, and hides what is secret in one of them wherever else it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache

from guard.model.secrets.files import bodies, secrets_of
from guard.model.secrets.lines import Span, merged, secrets_in
from guard.model.secrets.placeholders import alike, is_cut, numbered, placeholder
from guard.model.secrets.values import is_identifier, is_strong
from guard.regex import regex

__all__ = ["Concealed", "alike", "is_cut", "leaving", "numbered", "without_secrets", "without_secrets_of_diff"]

_FILES = regex(r"^(?=diff --git )", re.MULTILINE)
_NEW_SIDE = regex(r"^(?:\+\+\+ b/|--- a/)(?P<path>[^\t\n]+)", re.MULTILINE)
_LONGEST = 3_000
_SHORTEST_ALONE = 8
"""A secret of fewer characters is hidden where a name or a form tells it, and not wherever the same letters stand."""


@lru_cache(maxsize=64)
def leaving(text: str) -> str:
    """A text as it may leave: what still looks secret in a line of it is cut, and placeholders are numbered."""
    lines = text.split("\n")
    found = {index: spans for index, line in enumerate(lines) if (spans := secrets_in(line))}
    for index, span in bodies(lines):
        found.setdefault(index, []).append(span)
    return numbered("\n".join(_cut(lines, {index: merged(spans) for index, spans in found.items()})))


@lru_cache(maxsize=2_048)
def without_secrets(text: str, path: str = "") -> str:
    """A text of any number of lines, with placeholders in the place of what looks secret. What was cut stays as it is."""
    lines = text.split("\n")
    return "\n".join(_cut(lines, secrets_of(path, lines)))


def without_secrets_of_diff(diff: str) -> str:
    """A unified diff, each of its files cut for itself."""
    return "".join(_without_secrets_of_file(part) for part in _FILES.split(diff))


def _without_secrets_of_file(part: str) -> str:
    lines, told = part.split("\n"), _NEW_SIDE.search(part)
    found = secrets_of(told["path"] if told is not None else "", [line[1:] for line in lines])
    return "\n".join(_cut(lines, {index: [(start + 1, end + 1) for start, end in spans] for index, spans in found.items()}))


class Concealed:
    """The files of a review, cut; and other texts, without what was found in any of the files. They are read when first asked for.

    Of a line that no person wrote only the beginning is there: no more of it is ever shown.
    """

    def __init__(self, files: Iterable[tuple[str, Sequence[str]]]) -> None:
        self._all = dict(files)

    def lines(self, path: str) -> Sequence[str]:
        """The lines of one of the files, as many as it has."""
        if path not in self._cut:
            self._cut[path] = self._without_known(_cut(self._files[path], self._found[path]))
        return self._cut[path]

    def text(self, text: str) -> str:
        """Another text of the review."""
        return without_secrets("\n".join(self._without_known(text.split("\n"))))

    @cached_property
    def _files(self) -> Mapping[str, Sequence[str]]:
        return {path: [line[:_LONGEST] for line in lines] for path, lines in self._all.items()}

    @cached_property
    def _found(self) -> Mapping[str, Mapping[int, Sequence[Span]]]:
        return {path: secrets_of(path, lines) for path, lines in self._files.items()}

    @cached_property
    def _cut(self) -> dict[str, Sequence[str]]:
        return {}

    @cached_property
    def _known(self) -> Sequence[str]:
        """Secrets that can be told anywhere, the longest first: one may be a part of another."""
        known = {secret for path, found in self._found.items() for secret in _alone(self._files[path], found)}
        return sorted(known, key=lambda secret: (-len(secret), secret))

    def _without_known(self, lines: Sequence[str]) -> Sequence[str]:
        text = "\n".join(lines)
        for secret in self._known:
            if secret in text:
                text = text.replace(secret, placeholder(secret))
        return text.split("\n")


def _cut(lines: Sequence[str], found: Mapping[int, Sequence[Span]]) -> list[str]:
    cut = list(lines)
    for index, spans in found.items():
        for start, end in reversed(spans):
            cut[index] = cut[index][:start] + placeholder(cut[index][start:end]) + cut[index][end:]
    return cut


def _alone(lines: Sequence[str], found: Mapping[int, Sequence[Span]]) -> Iterable[str]:
    """Secrets that can be told anywhere: long, and no mere word."""
    for index, spans in found.items():
        for start, end in spans:
            secret = lines[index][start:end]
            if len(secret) >= _SHORTEST_ALONE and is_strong(secret) and not is_identifier(secret):
                yield secret

"""Ranges of versions in which a rule holds, for defaults that changed: `versions = { aiogram = ">=3" }`.

A manifest says which versions a project allows, not which one it has: it has the newest of them, since that is what an
installation takes. Where no manifest says anything it is the newest release there is.
"""

from __future__ import annotations

from functools import lru_cache

from guard.regex import regex

RANGE = regex(r"(?:[<>]=?\d+(?:\.\d+)*)(?:,\s*[<>]=?\d+(?:\.\d+)*)*")
"""What a rule may say: `>=3`, `<1.21`, `>=2,<4`."""
_BOUND = regex(r"([<>]=?)(\d+(?:\.\d+)*)")
_PART = regex(r"(\^|~>|~=|===?|~|>=|<=|<|>|)\s*v?(\d+(?:\.\d+)*)([.\w*+-]*)")
_NEWEST = (1 << 30,)
_Version = tuple[int, ...]
_Top = tuple[_Version, bool]
"""The highest version that is allowed, and whether it is itself left out."""


def in_range(wanted: str, requirement: str) -> bool:
    """Whether the newest version that a requirement of a manifest allows ("" if there is none) lies in a range."""
    top, left_out = newest(requirement)
    return all(_beyond(bound, _version(number), top, left_out=left_out) for bound, number in _BOUND.findall(wanted))


def _beyond(bound: str, number: _Version, top: _Version, *, left_out: bool) -> bool:
    top, number = _same_length(top, number)
    match bound:
        case "<":
            return top < number or (left_out and top == number)
        case "<=":
            return top <= number
        case ">":
            return top > number
        case _:
            return top > number or (not left_out and top == number)


@lru_cache(maxsize=64)
def newest(requirement: str) -> _Top:
    """The top of what a requirement allows, in the words of pip, npm, Composer, Bundler, Maven, Gradle, NuGet and Go."""
    tops: list[_Top] = []
    for alternative in requirement.split("||"):
        parts = [part for piece in alternative.split(",") for part in _PART.findall(piece)]
        bounds = [top for operator, number, rest in parts if (top := _top(operator, _version(number), rest))]
        tops.append(min(bounds) if bounds else (_NEWEST, False))
    return max(tops)


def _top(operator: str, version: _Version, rest: str) -> _Top | None:
    match operator:
        case ">" | ">=":
            return None
        case "<":
            return version, True
        case "^":
            first = next((index for index, part in enumerate(version) if part), len(version) - 1)
            return _next(version, first), True
        case "~>" | "~=":
            return _next(version, max(len(version) - 2, 0)), True
        case "~":
            return _next(version, min(1, len(version) - 1)), True
        case _ if rest[:2] in {".*", ".x", ".+"}:
            return _next(version, len(version) - 1), True
        case _:
            return version, False


def _next(version: _Version, index: int) -> _Version:
    return (*version[:index], version[index] + 1)


def _version(number: str) -> _Version:
    return tuple(int(part) for part in number.split("."))


def _same_length(one: _Version, other: _Version) -> tuple[_Version, _Version]:
    length = max(len(one), len(other))
    return one + (0,) * (length - len(one)), other + (0,) * (length - len(other))

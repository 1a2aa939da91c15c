"""Labelled commits: JSON, one object a line, checked. The form is described in docs/eval.md."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from guard.errors import UsageError
from guard.evaluation.lines import objects_in
from guard.finding import Check, Place

_COMMIT = re.compile(r"[0-9a-fA-F]{7,64}")
_REPOSITORY = re.compile(r"(?!.*\.\.)[\w@.][\w@.+-]*(?:/[\w@.+-]+)*")
_HELD_OUT = re.compile(r"(?P<seed>[^/]+)/(?P<fraction>0?\.\d+)")


class Expectation(Struct, frozen=True):
    """A violation that a review must find: a finding of one of the checks that touches one of the places finds it."""

    checks: tuple[str, ...]
    places: tuple[Place, ...]
    what: str


class Case(Struct, frozen=True):
    """One commit of a repository with what its added lines introduce. `group` is the file that it comes from."""

    id: str
    repo: str
    commit: str
    language: str
    group: str
    expected: tuple[Expectation, ...] = ()
    doubtful: tuple[Place, ...] = ()
    """Places where a finding counts neither way."""


def cases_of(text: str, file: str, group: str) -> Iterator[Case]:
    """The cases of one file; empty lines are passed over. Raises UsageError with file and line."""
    for where, entry in objects_in(text, file, "a case"):
        yield _case(entry, where, group)


def refuse_doubles(cases: Iterable[Case]) -> None:
    """Raise UsageError where two cases have one id: results are compared by id."""
    seen: dict[str, str] = {}
    for case in cases:
        if case.id in seen:
            raise UsageError(
                f"the case {case.id!r} exists twice, in {seen[case.id]} and {case.group}; give one of them another id"
            )
        seen[case.id] = case.group


def is_held_out(case: Case, share: tuple[str, float]) -> bool:
    """Whether a case's repository belongs to the part that a seed sets aside: the same for every case of the repository."""
    seed, fraction = share
    digest = hashlib.sha256(f"{seed}\0{case.repo.lower()}".encode("utf-8", "surrogateescape")).digest()
    return int.from_bytes(digest[:8]) < fraction * 2**64


def share_of(text: str) -> tuple[str, float]:
    """`SEED/FRACTION` as its two parts. Raises UsageError."""
    found = _HELD_OUT.fullmatch(text)
    if found is None or not float(found["fraction"]):
        raise UsageError(f"{text!r} is no SEED/FRACTION; an example: spring/0.3")
    return found["seed"], float(found["fraction"])


def _case(entry: Mapping[str, object], where: str, group: str) -> Case:
    return Case(
        id=_text(entry, "id", where),
        repo=_matching(_REPOSITORY, _text(entry, "repo", where), where, "'repo' must be OWNER/NAME, or a path in the mirror"),
        commit=_matching(_COMMIT, _text(entry, "commit", where), where, "'commit' must be the name of a commit"),
        language=str(entry.get("lang") or "unknown"),
        group=group,
        expected=tuple(_expectation(each, f"{where}: expect") for each in _tables(entry, "expect", where)),
        doubtful=tuple(_place(each, f"{where}: maybe") for each in _tables(entry, "maybe", where)),
    )


def _expectation(entry: Mapping[str, object], where: str) -> Expectation:
    given = entry.get("checks")
    checks = tuple(str(check) for check in given) if isinstance(given, list) else ()
    unknown = next((check for check in checks if check not in list(Check)), None)
    if not checks or unknown is not None:
        raise UsageError(f"{where}: 'checks' must be a list of some of {', '.join(Check)}, not {given!r}")
    places = (_place(entry, where), *(_place(each, f"{where}: also") for each in _tables(entry, "also", where)))
    return Expectation(checks, places, str(entry.get("what") or ""))


def _place(entry: Mapping[str, object], where: str) -> Place:
    line, end_line = entry.get("line"), entry.get("end_line", entry.get("line"))
    if not isinstance(line, int) or not isinstance(end_line, int) or not 1 <= line <= end_line:
        raise UsageError(f"{where}: 'line' and 'end_line' must be line numbers in order, not {line!r} and {end_line!r}")
    return Place(_text(entry, "path", where), line, end_line)


def _tables(entry: Mapping[str, object], key: str, where: str) -> list[Mapping[str, object]]:
    given = entry.get(key, [])
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise UsageError(f"{where}: {key!r} must be a list of objects")
    return given


def _text(entry: Mapping[str, object], key: str, where: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value:
        raise UsageError(f"{where}: {key!r} must be a text that is not empty")
    return value


def _matching(pattern: re.Pattern[str], text: str, where: str, sentence: str) -> str:
    if not pattern.fullmatch(text):
        raise UsageError(f"{where}: {sentence}, not {text!r}")
    return text

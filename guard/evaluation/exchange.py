"""Questions of many cases in one file, and their answers: lines of the forms that docs/eval.md describes, apart by case.

A question of a case is named `CASE/QUESTION` outside, and by its own id within the review of the case.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from guard.errors import UsageError
from guard.evaluation.lines import objects_in

CASE = "case"
"""The field of a recorded exchange that names its case."""


def named(text: str, case: str) -> Iterator[dict[str, object]]:
    """The lines of one case's file for the file of all: questions named by the case, exchanges with its name beside them."""
    for line in text.split("\n"):
        if line.strip():
            entry: dict[str, object] = json.loads(line)
            if entry.get("kind") == "question":
                yield {**entry, "id": f"{case}/{entry['id']}"}
            else:
                yield entry if entry.get("kind") == "prompt" else {CASE: case, **entry}


def without_doubles(entries: Iterable[Mapping[str, object]]) -> Iterator[Mapping[str, object]]:
    """The lines, each prompt once and before all that is asked with it."""
    seen: set[object] = set()
    for entry in entries:
        if entry.get("kind") != "prompt" or entry.get("key") not in seen:
            yield entry
        if entry.get("kind") == "prompt":
            seen.add(entry.get("key"))


def by_case(text: str, file: str, cases: Iterable[str]) -> dict[str, list[str]]:
    """Answers and exchanges by case, one line each; what belongs to no case belongs to all. Raises UsageError with file and line."""
    found: dict[str, list[str]] = {case: [] for case in cases}
    for where, entry in objects_in(text, file):
        if entry.get("kind") == "prompt":
            continue
        if "id" in entry and not entry.keys() & {"answer", "reply"}:
            raise UsageError(f"{where}: a line with an 'id' needs an 'answer' or a 'reply' (docs/eval.md)")
        for case, own in _placed(entry, found):
            found[case].append(json.dumps(own))
    return found


def _placed(entry: dict[str, object], known: Mapping[str, object]) -> Iterator[tuple[str, dict[str, object]]]:
    """The cases that a line belongs to, and what it says there; a case that is not asked about is left aside."""
    case, name = entry.get(CASE), entry.get("id")
    if isinstance(case, str):
        if case in known:
            yield case, {key: value for key, value in entry.items() if key != CASE}
    elif isinstance(name, str):
        owner, _, own = name.rpartition("/")
        if owner in known:
            yield owner, {**entry, "id": own}
    else:
        yield from ((one, entry) for one in known)

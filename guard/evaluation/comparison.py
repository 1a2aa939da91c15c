"""Two results of the same cases held against each other: what got better, what got worse, case by case."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from msgspec import Struct

from guard.evaluation.scoring import Outcome, Row, Status
from guard.evaluation.tally import ALL, Counts, Result, tallies


class Comparison(Struct, frozen=True):
    """One sentence for each difference; `before` and `after` count only the cases that both results scored."""

    better: tuple[str, ...]
    worse: tuple[str, ...]
    other: tuple[str, ...]
    """Cases that only one of the results has."""
    before: Counts
    after: Counts


def compared(earlier: Result, now: Result) -> Comparison:
    """What changed from an earlier result to this one. A false alarm that moved within its file is the same."""
    old = {outcome.case.id: outcome for outcome in earlier.outcomes}
    new = {outcome.case.id: outcome for outcome in now.outcomes}
    both = [name for name in new if name in old]
    scored = [name for name in both if {old[name].status, new[name].status} == {Status.SCORED}]
    return Comparison(
        tuple(sentence for name in both for sentence in _gained(old[name], new[name])),
        tuple(sentence for name in both for sentence in _lost(old[name], new[name])),
        tuple(_only_in_one(old.keys(), new.keys())),
        tallies(old[name] for name in scored)[(ALL, "")],
        tallies(new[name] for name in scored)[(ALL, "")],
    )


def _gained(old: Outcome, new: Outcome) -> Iterator[str]:
    """What the later outcome has over the earlier."""
    name = new.case.id
    if Status.SCORED not in (old.status, new.status):
        return
    if old.status is not new.status:
        if new.status is Status.SCORED:
            yield f"{name} is scored now, it was {old.status} before"
        return
    yield from (f"{name} finds {row.name} {row.what}".rstrip() for row in _beyond(new.hits, old.hits))
    yield from (
        f"{name} no false alarm any more at {_alarm(row)}" for row in _beyond(old.false_alarms, new.false_alarms, moved=True)
    )


def _lost(old: Outcome, new: Outcome) -> Iterator[str]:
    """What the earlier outcome has over the later."""
    name = new.case.id
    if Status.SCORED not in (old.status, new.status):
        return
    if old.status is not new.status:
        if old.status is Status.SCORED:
            yield f"{name} is {new.status}, it was scored before: {new.problem}"
        return
    yield from (f"{name} misses {row.name} {row.what}".rstrip() for row in _beyond(old.hits, new.hits))
    yield from (f"{name} false alarm at {_alarm(row)}" for row in _beyond(new.false_alarms, old.false_alarms, moved=True))


def _beyond(rows: Iterable[Row], others: Iterable[Row], *, moved: bool = False) -> Iterator[Row]:
    """The rows that the others do not have, as often as they have them not."""
    room = Counter(_mark(row, moved=moved) for row in others)
    for row in rows:
        mark = _mark(row, moved=moved)
        if room[mark] > 0:
            room[mark] -= 1
        else:
            yield row


def _mark(row: Row, *, moved: bool) -> tuple[str, ...]:
    return (row.place.path, row.check, *row.rules) if moved else (row.name,)


def _alarm(row: Row) -> str:
    return f"{row.place.path}:{row.place.line} {', '.join(row.rules)}"


def _only_in_one(old: Iterable[str], new: Iterable[str]) -> Iterator[str]:
    before, after = list(old), list(new)
    yield from (f"{name} is new" for name in after if name not in set(before))
    yield from (f"{name} is not among these cases" for name in before if name not in set(after))

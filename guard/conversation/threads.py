"""Which thread of ours is about which finding.

A fingerprint survives a move of the code, but the numbers of equal causes (`cause`, `cause:1`, …) change with every one that comes
or goes: so among equal causes the file and the line decide first, and a thread keeps the name it was opened with.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from guard.conversation.markers import BACK, FIXED, STILL, Marker, marker
from guard.conversation.values import Conversation, Remark, Thread
from guard.conversation.words import finding_thread
from guard.finding import Finding

MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Told:
    """A thread that a comment of ours opened. `name` is the fingerprint the finding had then; `age` orders them, oldest first."""

    thread: Thread
    name: str
    origin: str
    rule: str
    missed: bool
    age: tuple[int, int]

    @property
    def cause(self) -> str:
        """What equal causes share."""
        return self.name.partition(":")[0]

    @property
    def status(self) -> Marker | None:
        """The last thing we said of the finding's state in a reply, None for nothing."""
        found = [entry for remark in self.thread.remarks[1:] if (entry := marker(remark, FIXED, BACK, STILL))]
        return found[-1] if found else None

    @property
    def said_fixed(self) -> bool:
        """Whether our last word on it is that it is gone."""
        return self.status is not None and self.status.kind == FIXED

    @property
    def live(self) -> bool:
        """Whether it stands there as a problem to be solved."""
        return not self.thread.resolved and not self.said_fixed

    @property
    def answered(self) -> bool:
        """Whether a person replied."""
        return any(not remark.ours for remark in self.thread.remarks)


@dataclass(frozen=True, slots=True)
class Matching:
    """By the place of a finding among the findings: the thread that speaks for it, and others that say the same."""

    primary: Mapping[int, Told]
    others: Mapping[int, tuple[Told, ...]]
    left: tuple[Told, ...]
    """Threads about nothing that is in this review."""

    def threads(self, index: int) -> tuple[Told, ...]:
        """All threads about one finding, the one that speaks for it first."""
        first = self.primary.get(index)
        return (first, *self.others.get(index, ())) if first else ()


def age(remark: Remark, position: int) -> tuple[int, int]:
    """Oldest first: by the host's number where it gives numbers, else by the order in which it lists them."""
    return (int(remark.id), position) if remark.id.isdecimal() else (0, position)


def told(conversation: Conversation) -> tuple[Told, ...]:
    """All threads that comments of ours opened, oldest first."""
    found: list[Told] = []
    for position, thread in enumerate(conversation.threads):
        opening = finding_thread(thread)
        if opening and opening.word:
            name, origin, rule, *flags = (*opening.words, "", "")[: max(3, len(opening.words))]
            found.append(Told(thread, name, origin, rule, MISSED in flags, age(thread.remarks[0], position)))
    return tuple(sorted(found, key=lambda entry: entry.age))


def matched(findings: Sequence[Finding], threads: Sequence[Told]) -> Matching:
    """Which thread is about which finding: the surest pair first, each finding once and each thread once."""
    pairs = sorted(
        (
            (-score, thread.age, index, position)
            for position, thread in enumerate(threads)
            for index, finding in enumerate(findings)
            if finding.cause == thread.cause and (score := _score(finding, thread))
        ),
    )
    primary: dict[int, Told] = {}
    used: set[int] = set()
    for _, _, index, position in pairs:
        if index not in primary and position not in used:
            primary[index] = threads[position]
            used.add(position)
    others: dict[int, tuple[Told, ...]] = {}
    left: list[Told] = []
    owner = {thread.name: index for index, thread in primary.items()}
    for position, thread in enumerate(threads):
        if position not in used and thread.name in owner:
            others[owner[thread.name]] = (*others.get(owner[thread.name], ()), thread)
        elif position not in used:
            left.append(thread)
    return Matching(primary, others, tuple(left))


def _score(finding: Finding, told: Told) -> int:
    """How surely a thread is about a finding, 0 for not at all."""
    same_name = finding.fingerprint == told.name
    here = told.thread.path == finding.path
    if not (same_name or here):
        return 0
    at_line = here and told.thread.line is not None and finding.line <= told.thread.line <= finding.end_line
    return 16 * here + 8 * at_line + 4 * same_name + 2 * told.live + told.answered


def names(findings: Sequence[Finding], matching: Matching) -> tuple[str, ...]:
    """What each finding is called: as its thread was named, else by its fingerprint, or the next of its cause that is free."""
    taken = {entry.name for entry in (*matching.primary.values(), *matching.left)}
    unnamed = {finding.fingerprint for index, finding in enumerate(findings) if index not in matching.primary}
    given: list[str] = []
    for index, finding in enumerate(findings):
        thread = matching.primary.get(index)
        name = thread.name if thread else _free(finding, taken, unnamed)
        taken.add(name)
        given.append(name)
    return tuple(given)


def _free(finding: Finding, taken: Collection[str], meant: Collection[str]) -> str:
    if finding.fingerprint not in taken:
        return finding.fingerprint
    numbered = (f"{finding.cause}:{number}" for number in count(1))
    return next(name for name in numbered if name not in taken and (name not in meant or name == finding.fingerprint))


def repeated(thread: Thread) -> tuple[Remark, ...]:
    """Replies of ours that say again what our last one said, or that a finding is still there (two runs at the same time)."""
    last: Marker | None = None
    seen: set[str] = set()
    again: list[Remark] = []
    for remark in thread.remarks[1:]:
        entry = marker(remark, FIXED, BACK, STILL)
        if entry is not None and (entry == last or (entry.kind == STILL and STILL in seen)):
            again.append(remark)
        elif entry is not None:
            last = entry
            seen.add(entry.kind)
    return tuple(again)

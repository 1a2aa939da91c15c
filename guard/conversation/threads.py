"""Which thread of ours is about which finding.

A fingerprint survives a move of the code, but the numbers of equal causes (`cause`, `cause:1`, …) change with every one that comes
or goes: so among equal causes the file and the line decide first, and a thread keeps the name it was opened with.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Mapping, Sequence
from itertools import count

from msgspec import Struct

from guard.conversation.markers import BACK, FIXED, STILL, Marker, marker
from guard.conversation.values import Conversation, Remark, Thread
from guard.conversation.words import finding_thread
from guard.finding import Finding

MISSED = "missed"


class Told(Struct, frozen=True):
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


class Matching(Struct, frozen=True):
    """By the place of a finding among the findings: its name, the thread that speaks for it, and others that say the same."""

    named: Mapping[int, str]
    """The names of those that were said before, in a thread or in the summary."""
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


def matched(
    findings: Sequence[Finding], threads: Sequence[Told], remembered: Mapping[str, str], excused: Container[Finding] = ()
) -> Matching:
    """Which thread is about which finding: the surest pair first, each finding once and each name once.

    Threads of one name are about one finding: an old one that may not be opened again, or what two runs said at the same time.
    `remembered` gives the file of what only the summary says, by name. Findings that the code or the configuration excuses may
    never have been said: among equal causes they come last.
    """
    groups = _by_name(threads)
    candidates = [_Candidate(name, group[0].thread.path, group[0]) for name, group in groups.items()]
    candidates += [_Candidate(name, path) for name, path in remembered.items() if name not in groups]
    owner = _owners(findings, candidates, excused)
    return Matching(
        named={index: name for name, index in owner.items()},
        primary={index: groups[name][0] for name, index in owner.items() if name in groups},
        others={index: groups[name][1:] for name, index in owner.items() if name in groups},
        left=tuple(entry for name, group in groups.items() if name not in owner for entry in group),
    )


class _Candidate(Struct, frozen=True):
    """What was said under one name: where, and the thread, if it was said in one."""

    name: str
    path: str
    told: Told | None = None

    @property
    def cause(self) -> str:
        """What equal causes share."""
        return self.name.partition(":")[0]

    def score(self, finding: Finding, *, stands: bool) -> int:
        """How surely it is about a finding, 0 for not at all."""
        same_name, here = finding.fingerprint == self.name, finding.path == self.path
        line = self.told.thread.line if self.told else None
        at_line = here and line is not None and finding.line <= line <= finding.end_line
        live = self.told is None or self.told.live
        return 16 * here + 8 * at_line + 4 * stands + 2 * same_name + live if same_name or here else 0


def _owners(findings: Sequence[Finding], candidates: Sequence[_Candidate], excused: Container[Finding]) -> dict[str, int]:
    """For each name the finding it is about, where there is one."""
    near: dict[tuple[str, str] | str, list[int]] = {}
    for index, finding in enumerate(findings):
        near.setdefault((finding.cause, finding.path), []).append(index)
        near.setdefault(finding.fingerprint, []).append(index)
    pairs = sorted(
        (-score, candidate.told.age if candidate.told else (0, 0), index, candidate.name)
        for candidate in candidates
        for index in {*near.get((candidate.cause, candidate.path), ()), *near.get(candidate.name, ())}
        if (score := candidate.score(findings[index], stands=findings[index] not in excused))
    )
    owner: dict[str, int] = {}
    taken: set[int] = set()
    for _, _, index, name in pairs:
        if name not in owner and index not in taken:
            owner[name] = index
            taken.add(index)
    return owner


def _by_name(threads: Sequence[Told]) -> dict[str, tuple[Told, ...]]:
    """Threads of the same name together, first the one that speaks: a live one, an answered one, the oldest."""
    groups: dict[str, tuple[Told, ...]] = {}
    for entry in sorted(threads, key=lambda entry: (not entry.live, not entry.answered, entry.age)):
        groups[entry.name] = (*groups.get(entry.name, ()), entry)
    return groups


def names(findings: Sequence[Finding], matching: Matching) -> tuple[str, ...]:
    """What each finding is called: as it was when it was said first, else by its fingerprint, or the next of its cause that is free."""
    taken = {*matching.named.values(), *(entry.name for entry in matching.left)}
    unnamed = {finding.fingerprint for index, finding in enumerate(findings) if index not in matching.named}
    given: list[str] = []
    for index, finding in enumerate(findings):
        name = matching.named.get(index) or _free(finding, taken, unnamed)
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

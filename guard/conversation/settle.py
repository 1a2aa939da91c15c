"""A report, after what people decided."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count

from msgspec import Struct
from msgspec.structs import replace

from guard.conversation.markers import SUMMARY, marker
from guard.conversation.memory import Memory, Said, memory_of
from guard.conversation.standing import Standing, State, ignored, standing
from guard.conversation.threads import Matching, Told, age, matched, names, told
from guard.conversation.values import Conversation, Remark
from guard.conversation.words import commands
from guard.finding import Finding, Report, Suppressed, finding_order

CONVERSATION = "conversation"
"""What a finding is suppressed by that people dismissed on the pull request."""


class Settled(Struct, frozen=True):
    """A report without the findings that somebody decided to live with: those are among `report.suppressed`, by "conversation".

    It holds for the conversation it was made with: after reading that again, settle again.
    """

    report: Report


def settle(report: Report, conversation: Conversation) -> Settled:
    """Sort out what people with write access dismissed: in a reply, by resolving, or by a command."""
    report = _told_apart(report)
    known = Known.of(report, conversation)
    given = commands(conversation)
    hidden: dict[Finding, str] = {}
    for index, finding in enumerate(known.findings):
        found = known.standing(index)
        reason = ignored(known.names[index], given) or (found.reason if found.state is State.DISMISSED else "")
        if reason:
            hidden[finding] = reason
    kept = tuple(finding for finding in report.findings if finding not in hidden)
    decided = (Suppressed(finding, CONVERSATION, hidden[finding], "", 0) for finding in report.findings if finding in hidden)
    return Settled(replace(report, findings=kept, suppressed=(*report.suppressed, *decided)))


class Known(Struct, frozen=True):
    """All findings of a report, with the threads and the memory of the conversation that they were found in."""

    findings: tuple[Finding, ...]
    """What stands and what is suppressed, in report order."""
    matching: Matching
    names: tuple[str, ...]
    summaries: tuple[Remark, ...]
    """Our summaries, the oldest first: there is more than one after two runs at the same time."""
    memory: Memory | None
    writers: frozenset[str]

    @classmethod
    def of(cls, report: Report, conversation: Conversation) -> Known:
        """What is known of the findings of a report."""
        every = (*report.findings, *(entry.finding for entry in report.suppressed))
        findings = tuple(sorted(every, key=finding_order))
        summaries = _summaries(conversation)
        memory = _memory(summaries)
        remembered = {name: entry.path for name, entry in (memory.said if memory else {}).items() if not entry.fixed}
        excused = {entry.finding for entry in report.suppressed if entry.by != CONVERSATION}
        matching = matched(findings, told(conversation), remembered, excused)
        return cls(findings, matching, names(findings, matching), summaries, memory, conversation.writers)

    def standing(self, index: int) -> Standing:
        """What people made of one finding."""
        entry = self.memory.said.get(self.names[index]) if self.memory else None
        return standing(self.matching.threads(index), self.writers, was_gone=bool(entry and entry.fixed))

    def thread(self, index: int) -> Told | None:
        """The thread that speaks for one finding."""
        return self.matching.primary.get(index)


def _summaries(conversation: Conversation) -> tuple[Remark, ...]:
    found = [(age(remark, position), remark) for position, remark in enumerate(conversation.remarks) if marker(remark, SUMMARY)]
    return tuple(remark for _, remark in sorted(found, key=lambda pair: pair[0]))


def _memory(summaries: Iterable[Remark]) -> Memory | None:
    """What the oldest summary remembers, with what only another run's knows."""
    memories = [memory for remark in summaries if (memory := memory_of(remark))]
    if not memories:
        return None
    said: dict[str, Said] = {}
    for memory in reversed(memories):
        said = {**said, **memory.said}
    return replace(memories[0], said=said)


def _told_apart(report: Report) -> Report:
    """The same report with no fingerprint twice: two notes on one file may share theirs, and a report from outside anything."""
    used: set[str] = set()
    findings = tuple(_distinct(finding, used) for finding in report.findings)
    suppressed = tuple(replace(entry, finding=_distinct(entry.finding, used)) for entry in report.suppressed)
    return replace(report, findings=findings, suppressed=suppressed)


def _distinct(finding: Finding, used: set[str]) -> Finding:
    name = finding.fingerprint
    if name in used:
        name = next(free for number in count(1) if (free := f"{finding.cause}:{number}") not in used)
        finding = replace(finding, fingerprint=name)
    used.add(name)
    return finding

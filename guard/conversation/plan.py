"""What is there, what should be there -> what to do. The same state gives no action: running twice posts nothing twice.

The order bears a crash between any two actions: replies before what closes a thread, the review before the summary that remembers
it, the check last.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

from msgspec import Struct
from msgspec.structs import replace

from guard.change import ChangeSet
from guard.conversation import texts
from guard.conversation.anchors import Anchor, anchor
from guard.conversation.looked import everything_judged, unseen, would_be_seen
from guard.conversation.markers import BACK, Marker
from guard.conversation.memory import Memory, Said, digest, digests
from guard.conversation.settle import CONVERSATION, Known, Settled
from guard.conversation.standing import State
from guard.conversation.status import check
from guard.conversation.summary import Contents, Listed, says_the_same, summary, text
from guard.conversation.terms import Terms
from guard.conversation.threads import Told, repeated, told
from guard.conversation.values import (
    Action,
    Conversation,
    EditRemark,
    InlineComment,
    PostRemark,
    PostReview,
    RemoveInline,
    RemoveRemark,
    Reopen,
    Reply,
    Resolve,
)
from guard.conversation.words import asks
from guard.counting import counted
from guard.finding import CONFIDENCE_ORDER, SEVERITY_ORDER, Finding, Origin, Report, finding_order

MOST_INLINE = 30
"""How many comments on lines may stand open; the rest is in the summary."""
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


def plan(settled: Settled, change: ChangeSet, conversation: Conversation, terms: Terms) -> tuple[Action, ...]:
    """The actions, in order, that make the conversation say what it should.

    Perform them one after the other and stop at the first that is not done: what comes later may rest on it. None for a pull
    request that is closed, or whose head is not the one that was reviewed.
    """
    if not conversation.pull.open or _superseded(change, conversation):
        return ()
    return tuple(_Plan(settled.report, change, conversation, terms).actions())


def overview(settled: Settled, change: ChangeSet, conversation: Conversation, terms: Terms) -> str:
    """The summary's text alone."""
    return text(_Plan(settled.report, change, conversation, terms).contents, terms) + "\n"


def _superseded(change: ChangeSet, conversation: Conversation) -> bool:
    reviewed, newest = change.head or "", conversation.pull.head
    return bool(_COMMIT.fullmatch(reviewed) and _COMMIT.fullmatch(newest)) and reviewed != newest


class _Plan(Struct, frozen=True, dict=True):
    """One planning: what is known, worked out once."""

    report: Report
    change: ChangeSet
    conversation: Conversation
    terms: Terms

    def actions(self) -> Iterator[Action]:
        """Everything there is to do, in order."""
        yield from self._without_repetitions()
        for index in self._suppressed_in_code:
            yield from self._settled_in_code(index)
        for index in self._standing:
            yield from self._answered(index)
        for entry in self.known.matching.left:
            yield from self._gone(entry)
        yield from self._review()
        yield from self._summary()
        wanted = check(self.contents, self.terms, self.conversation.check) if self.terms.may_check else None
        yield from [wanted] if wanted else []

    @cached_property
    def known(self) -> Known:
        """The findings, with their threads and what is remembered of them."""
        return Known.of(self.report, self.conversation)

    @property
    def head(self) -> str:
        return self.conversation.pull.head

    @cached_property
    def _standing(self) -> tuple[int, ...]:
        stands = set(self.report.findings)
        return tuple(index for index, finding in enumerate(self.known.findings) if finding in stands)

    @cached_property
    def _suppressed_in_code(self) -> tuple[int, ...]:
        hidden = {entry.finding for entry in self.report.suppressed if entry.by != CONVERSATION}
        return tuple(index for index, finding in enumerate(self.known.findings) if finding in hidden)

    def _remembered(self, index: int) -> Said | None:
        return self.known.memory.said.get(self.known.names[index]) if self.known.memory else None

    # -- threads --

    def _without_repetitions(self) -> Iterator[Action]:
        """Takes back what two runs at the same time both said; an answered comment is kept, closed."""
        for summary_remark in self.known.summaries[1:]:
            yield RemoveRemark(summary_remark.id)
        for entry in told(self.conversation):
            yield from (RemoveInline(remark.id) for remark in repeated(entry.thread))
        for others in self.known.matching.others.values():
            for entry in others:
                if entry.live and len(entry.thread.remarks) == 1:
                    yield RemoveInline(entry.thread.remarks[0].id)
                elif entry.live and self._may_resolve(entry):
                    yield Resolve(entry.thread.id)

    def _settled_in_code(self, index: int) -> Iterator[Action]:
        """A thread about something that a comment in the code or the configuration excuses now is done with."""
        entry = self.known.thread(index)
        if entry and not entry.thread.resolved:
            yield from self._closed(entry, texts.fixed(self.head, "Suppressed"), aloud=False)

    def _gone(self, entry: Told) -> Iterator[Action]:
        """A thread about something that is not there any more; left alone where nobody looked."""
        if not entry.thread.resolved and self._is_gone(entry):
            aloud = any(asks(remark) for remark in entry.thread.remarks)
            yield from self._closed(entry, texts.fixed(self.head), aloud=aloud)

    def _closed(self, entry: Told, last_word: str, *, aloud: bool) -> Iterator[Action]:
        """Resolve a thread, with a last word if somebody asked; where the token may not resolve, the last word alone."""
        may = self._may_resolve(entry)
        if (aloud or not may) and not entry.said_fixed:
            yield _reply(entry, last_word)
        if may:
            yield Resolve(entry.thread.id)

    def _answered(self, index: int) -> Iterator[Action]:
        """What a thread about a standing finding is answered."""
        entry = self.known.thread(index)
        state = self.known.standing(index).state
        if entry is None or (entry.thread.resolved and state is State.BACK and not self._may_reopen(entry)):
            return
        if state is State.CLAIMED:
            may = self._may_reopen(entry)
            yield from [Reopen(entry.thread.id)] if entry.thread.resolved and may else []
            finding, left_open = self.known.findings[index], may or not entry.thread.resolved
            words = texts.still(finding, self.head, self.terms.links, name=self.known.names[index], left_open=left_open)
            yield _reply(entry, words)
        if state is State.BACK:
            yield from [] if entry.status == Marker(BACK, (self.head,)) else [_reply(entry, texts.back(self.head))]
            yield from [Reopen(entry.thread.id)] if entry.thread.resolved else []

    def _may_resolve(self, entry: Told) -> bool:
        return entry.thread.can_resolve and self.terms.may_resolve

    def _may_reopen(self, entry: Told) -> bool:
        return entry.thread.can_reopen and self.terms.may_resolve

    def _is_gone(self, entry: Told) -> bool:
        said = self.known.memory.said.get(entry.name) if self.known.memory else None
        paths = (said.path or entry.thread.path, *said.evidence) if said else (entry.thread.path,)
        return would_be_seen(paths, self.report, self.change, by_model=entry.origin == Origin.MODEL)

    # -- the review --

    @cached_property
    def _new(self) -> dict[int, Anchor]:
        """The findings that get a comment on their lines now: the most serious of those that were never said."""
        wanted = [(index, place) for index in self._standing if (place := self._place_to_say(index))]
        wanted.sort(key=lambda pair: _seriousness(self.known.findings[pair[0]]))
        return dict(wanted[: max(0, MOST_INLINE - sum(map(self._stays_open, self._standing)))])

    def _place_to_say(self, index: int) -> Anchor | None:
        """Where a finding could be said, None where it need not: it has a thread, or the summary has it since an earlier review."""
        finding, entry, remembered = self.known.findings[index], self.known.thread(index), self._remembered(index)
        if entry is None:
            wanted = remembered is None or bool(remembered.fixed)
        else:
            back = self.known.standing(index).state is State.BACK
            wanted = back and entry.thread.resolved and not self._may_reopen(entry)
        return anchor(finding, self.change) if wanted and finding.fingerprint not in self.terms.unplaced else None

    def _stays_open(self, index: int) -> bool:
        """Whether a thread about it is open after this plan."""
        entry = self.known.thread(index)
        if entry is None or not entry.thread.resolved:
            return entry is not None
        return self.known.standing(index).state in (State.BACK, State.CLAIMED) and self._may_reopen(entry)

    def _review(self) -> Iterator[Action]:
        comments = tuple(self._comment(index, place) for index, place in sorted(self._new.items()))
        if comments:
            yield PostReview(self.head, f"{counted(len(comments), 'finding')} at {self.head[:7]}.", comments)

    def _comment(self, index: int, place: Anchor) -> InlineComment:
        finding = self.known.findings[index]
        wording = texts.Wording(self.known.names[index], place, self.terms.links, self._missed(index))
        return InlineComment(place.path, place.start_line, place.line, texts.comment(finding, wording), finding.fingerprint)

    def _missed(self, index: int) -> bool:
        """Whether the last review looked at all that this finding depends on, as it is now, and did not say it."""
        finding, memory = self.known.findings[index], self.known.memory
        entry, remembered = self.known.thread(index), self._remembered(index)
        if entry or remembered:
            return bool((entry and entry.missed) or (remembered and remembered.missed))
        if memory is None or (finding.origin is Origin.MODEL and not memory.judged):
            return False
        paths = {finding.path, *(proof.path for proof in finding.evidence)}
        files = [file for file in self.change.files if file.path in paths]
        return any(file.path == finding.path for file in files) and all(digest(file) in memory.files for file in files)

    # -- the summary --

    def _summary(self) -> Iterator[Action]:
        there = self.known.summaries[0] if self.known.summaries else None
        if there is None and not self._is_worth_a_summary():
            return
        body = summary(self.contents, self.terms, self._memory)
        if there is None:
            yield PostRemark(body)
        elif not says_the_same(there, body):
            yield EditRemark(there.id, body)

    def _is_worth_a_summary(self) -> bool:
        """Nothing is said on a pull request that is and was clean; that nobody could look is something."""
        report = self.report
        decided = any(entry.by in (CONVERSATION, "comment") for entry in report.suppressed)
        return bool(report.findings or report.errors or decided or told(self.conversation))

    @cached_property
    def contents(self) -> Contents:
        """What the summary and the check tell."""
        said = self._memory.said
        fixed = sorted(
            ((name, entry) for name, entry in said.items() if entry.fixed),
            key=lambda pair: (pair[1].path, pair[1].rule, pair[0]),
        )
        here = set(self.known.names)
        waiting = sum(not entry.fixed and name not in here for name, entry in said.items())
        listed = sorted(map(self._listed, self._standing), key=lambda entry: _seriousness(entry.finding))
        return Contents(self.report, self.head, tuple(listed), tuple(fixed), waiting)

    def _listed(self, index: int) -> Listed:
        inline = index in self._new or self.known.thread(index) is not None
        return Listed(self.known.findings[index], self.known.names[index], inline, self._missed(index))

    @cached_property
    def _memory(self) -> Memory:
        """What the next review has to know."""
        said = {self.known.names[index]: self._said(index) for index in self._standing}
        hidden = sorted({*range(len(self.known.findings))} - {*self._standing})
        said |= {self.known.names[index]: self._said(index) for index in hidden if self._was_said(index)}
        for name, old in (self.known.memory.said if self.known.memory else {}).items():
            said.setdefault(name, self._still_or_gone(old))
        for entry in self.known.matching.left:
            fixed = self.head if self._is_gone(entry) else ""
            from_model = entry.origin == Origin.MODEL
            said.setdefault(entry.name, Said(self.head, True, entry.rule, entry.thread.path, fixed, entry.missed, from_model))
        return Memory(self.head, digests(self.change, unseen(self.report)), said, everything_judged(self.report))

    def _was_said(self, index: int) -> bool:
        return self.known.thread(index) is not None or self._remembered(index) is not None

    def _said(self, index: int) -> Said:
        finding, old = self.known.findings[index], self._remembered(index)
        return Said(
            head=old.head if old else self.head,
            inline=self._listed(index).inline,
            rule=finding.rule,
            path=finding.path,
            missed=self._missed(index),
            model=finding.origin is Origin.MODEL,
            evidence=tuple(sorted({proof.path for proof in finding.evidence} - {finding.path})),
        )

    def _still_or_gone(self, old: Said) -> Said:
        """What was said before and is not in this report: gone, or not looked at."""
        paths = (old.path, *old.evidence)
        gone = not old.fixed and would_be_seen(paths, self.report, self.change, by_model=old.model)
        return replace(old, fixed=self.head) if gone else old


def _reply(entry: Told, body: str) -> Reply:
    return Reply(entry.thread.id, entry.thread.remarks[0].id, body)


def _seriousness(finding: Finding) -> tuple[object, ...]:
    """Most serious first, then surest, then by place."""
    return (SEVERITY_ORDER.index(finding.severity), CONFIDENCE_ORDER.index(finding.confidence), finding_order(finding))

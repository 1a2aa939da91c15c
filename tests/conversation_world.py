"""A pull request without a host: code with causes in it, reports about it, and a conversation that actions are performed on.

It does what GitHub does with an action and refuses what GitHub refuses: a review with one comment outside the diff, a body that is
too long, a reply to a thread that is not there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from msgspec import Struct
from msgspec.structs import replace

from guard.change import ChangeSet, FileChange, Hunk, Line, Status
from guard.conversation import Settled, Terms, plan, settle
from guard.conversation.values import (
    Action,
    Check,
    Conversation,
    EditRemark,
    Outcome,
    PostRemark,
    PostReview,
    PullRequest,
    Remark,
    RemoveInline,
    RemoveRemark,
    Reopen,
    Reply,
    Resolve,
    SetCheck,
    Thread,
)
from guard.finding import (
    ChangeSummary,
    Confidence,
    Evidence,
    Failure,
    Finding,
    Origin,
    Report,
    Severity,
    Suppressed,
    fingerprint,
)
from guard.finding import Check as AtomCheck

US, WRITER, AUTHOR, STRANGER = "guard[bot]", "wren", "arthur", "stan"
BASE = "b" * 40
_LONGEST = 65_536


def sha(number: int) -> str:
    """The commit of the n-th push."""
    return hashlib.sha1(f"push {number}".encode(), usedforsecurity=False).hexdigest()


# -- the code ---------------------------------------------------------------------------------------------------------


class Cause(Struct, frozen=True):
    """One line of code that is a finding. Equal names are equal causes; `proof` is a file that shows it too."""

    name: str
    severity: Severity = Severity.ERROR
    proof: str = ""
    excused: str = ""
    """The reason of a suppression comment beside it."""
    hidden: bool = False
    """A line outside the diff: it can not be commented."""
    origin: Origin = Origin.HEURISTIC
    missed: bool = False
    """A review does not see it yet."""
    tag: str = ""
    """Tells the lines of equal causes apart."""

    @property
    def rule(self) -> str:
        """The rule that sees it."""
        return f"rule-{self.name}"


class Source(Struct, frozen=True):
    """A file of the change: its lines, some of which are causes. `padding` lines stand above them; `fails`: it can not be read."""

    causes: tuple[Cause, ...] = ()
    padding: int = 0
    other: str = ""
    fails: bool = False


Code = dict[str, Source]


def change(code: Code, head: str, base: str = BASE) -> ChangeSet:
    """The change as a diff: every file is new, its hidden lines are left out of the hunks."""
    return ChangeSet(tuple(_file(path, source) for path, source in sorted(code.items())), base, head)


def _file(path: str, source: Source) -> FileChange:
    texts = [f"padding {source.other}"] * (source.padding + 1) + [
        f"{cause.name} {cause.excused} {cause.tag}" for cause in source.causes
    ]
    hidden = {source.padding + 2 + index for index, cause in enumerate(source.causes) if cause.hidden}
    lines = [Line("+", text, None, number) for number, text in enumerate(texts, 1)]
    hunks: list[Hunk] = []
    run: list[Line] = []
    for line in [*lines, None]:
        if line is None or line.new in hidden:
            if run:
                hunks.append(Hunk(0, 0, run[0].new or 1, len(run), tuple(run)))
            run = []
        else:
            run.append(line)
    return FileChange(path, None, Status.ADDED, tuple(hunks))


def report(code: Code, head: str) -> Report:
    """What a review says of it, whole; files that fail say nothing."""
    seen: dict[str, int] = {}
    standing: list[Finding] = []
    excused: list[Suppressed] = []
    for path, source in sorted(code.items()):
        for index, cause in enumerate(() if source.fails else source.causes):
            if cause.missed or (cause.proof and cause.proof in code and code[cause.proof].fails):
                continue
            mark = fingerprint(cause.rule, cause.name)
            finding = _finding(cause, path, source.padding + 2 + index, fingerprint(cause.rule, cause.name, seen.get(mark, 0)))
            seen[mark] = seen.get(mark, 0) + 1
            if cause.excused:
                excused.append(Suppressed(finding, "comment", cause.excused, path, finding.line))
            else:
                standing.append(finding)
    failures = tuple(Failure(path, "does not parse") for path, source in code.items() if source.fails)
    summed = ChangeSummary(BASE, head, len(code), sum(len(source.causes) + source.padding + 1 for source in code.values()))
    return Report(summed, findings=tuple(standing), suppressed=tuple(excused), errors=failures)


def _finding(cause: Cause, path: str, line: int, mark: str) -> Finding:
    return Finding(
        rule=cause.rule,
        check=AtomCheck.SESSION_STORE,
        path=path,
        line=line,
        end_line=line,
        column=1,
        severity=cause.severity,
        confidence=Confidence.CERTAIN,
        origin=cause.origin,
        message=f"After a deploy, {cause.name} is gone.",
        remedy="Keep it in Redis.",
        evidence=(Evidence(cause.proof, 1, "it is written here"),) if cause.proof else (),
        fingerprint=mark,
    )


def terms(found: Report) -> Terms:
    """What a plan is made under: errors fail the review, lines are linked."""
    failing = frozenset(finding.fingerprint for finding in found.findings if finding.severity is Severity.ERROR)
    return Terms(links=link, failing=failing)


def link(path: str, line: int, end_line: int) -> str:
    """An address of lines."""
    return f"https://forge.example/o/r/blob/HEAD/{path}#L{line}-L{end_line}"


# -- the conversation -------------------------------------------------------------------------------------------------


@dataclass
class World:
    """A pull request that lives: people push, answer and resolve; actions are performed as a host performs them."""

    code: Code = field(default_factory=dict)
    pushes: int = 0
    threads: list[Thread] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    check: Check | None = None
    check_said: SetCheck | None = None
    is_open: bool = True
    draft: bool = False
    can_resolve: bool = True
    may_comment_here: Callable[[str, int], bool] = lambda _path, _line: True
    writes: list[Action] = field(default_factory=list)
    ids: int = 0

    @property
    def head(self) -> str:
        """The newest commit."""
        return sha(self.pushes)

    def conversation(self) -> Conversation:
        """What a host reads."""
        return Conversation(
            pull=PullRequest(7, self.head, BASE, AUTHOR, open=self.is_open, draft=self.draft),
            threads=tuple(replace(thread, line=self._line_now(thread)) for thread in self.threads),
            remarks=tuple(self.remarks),
            check=self.check,
            writers=frozenset({WRITER}),
        )

    def _line_now(self, thread: Thread) -> int | None:
        """Where a thread stands: on the line with the same text, as a host follows it; None where it is outdated."""
        text = self.texts.get(thread.id, "")
        file = next((entry for entry in change(self.code, self.head).files if entry.path == thread.path), None)
        lines = [line.new for hunk in (file.hunks if file else ()) for line in hunk.lines if line.text == text]
        return lines[0] if len(lines) == 1 else None

    texts: dict[str, str] = field(default_factory=dict)
    """The line each thread was opened on."""

    # -- what people do --

    def push(self, code: Code) -> None:
        """A new head."""
        self.code = code
        self.pushes += 1
        self.check = None

    def say(self, author: str, body: str, thread: str = "") -> None:
        """A reply in a thread, or a comment on the pull request."""
        remark = Remark(self._id(), body, author)
        if thread:
            self._change(thread, lambda entry: replace(entry, remarks=(*entry.remarks, remark)))
        else:
            self.remarks.append(remark)

    def resolve(self, author: str, thread: str) -> None:
        """Somebody resolves a thread."""
        self._change(thread, lambda entry: replace(entry, resolved=True, resolver=author, resolved_by_us=author == US))

    def unresolve(self, thread: str) -> None:
        """Somebody opens a thread again."""
        self._change(thread, lambda entry: replace(entry, resolved=False, resolver="", resolved_by_us=False))

    def open_threads(self) -> list[Thread]:
        """Those that are not resolved."""
        return [thread for thread in self.threads if not thread.resolved]

    def _id(self) -> str:
        self.ids += 1
        return str(self.ids)

    def _change(self, identity: str, how: Callable[[Thread], Thread]) -> None:
        self.threads = [how(thread) if thread.id == identity else thread for thread in self.threads]

    # -- what a host does with an action --

    def perform(self, action: Action) -> Outcome:
        """Do it, or say why not."""
        outcome = self._performed(action)
        if outcome is Outcome.DONE:
            self.writes.append(action)
        return outcome

    def _performed(self, action: Action) -> Outcome:
        match action:
            case PostReview():
                return self._review(action)
            case Reply():
                if not any(thread.id == action.thread and thread.remarks[0].id == action.to for thread in self.threads):
                    return Outcome.REFUSED
                remark = Remark(self._id(), self._body(action.body), US, ours=True)
                self._change(action.thread, lambda entry: replace(entry, remarks=(*entry.remarks, remark)))
            case Resolve() | Reopen():
                if not self.can_resolve:
                    return Outcome.FORBIDDEN
                if isinstance(action, Resolve):
                    self.resolve(US, action.thread)
                else:
                    self.unresolve(action.thread)
            case RemoveInline():
                self._remove_inline(action.remark)
            case PostRemark():
                self.remarks.append(Remark(self._id(), self._body(action.body), US, ours=True))
            case EditRemark():
                body = self._body(action.body)
                self.remarks = [replace(entry, body=body) if entry.id == action.remark else entry for entry in self.remarks]
            case RemoveRemark():
                self.remarks = [entry for entry in self.remarks if entry.id != action.remark]
            case SetCheck():
                self.check = Check(action.id or self._id(), action.conclusion, action.digest)
                self.check_said = action
        return Outcome.DONE

    def _body(self, body: str) -> str:
        assert len(body.encode("utf-16-le")) // 2 <= _LONGEST
        return body

    def _review(self, action: PostReview) -> Outcome:
        shown = {
            (file.path, line.new): (number, line.text)
            for file in change(self.code, self.head).files
            for number, hunk in enumerate(file.hunks)
            for line in hunk.lines
        }
        for comment in action.comments:
            places = [shown.get((comment.path, line)) for line in range(comment.start_line, comment.line + 1)]
            whole = all(places) and len({place[0] for place in places if place}) == 1
            if not whole or not self.may_comment_here(comment.path, comment.line):
                return Outcome.REFUSED
        for comment in action.comments:
            remark = Remark(self._id(), self._body(comment.body), US, ours=True)
            thread = Thread(
                f"t{remark.id}",
                (remark,),
                comment.path,
                comment.line,
                can_resolve=self.can_resolve,
                can_reopen=self.can_resolve,
            )
            self.texts[thread.id] = shown[comment.path, comment.line][1]
            self.threads.append(thread)
        return Outcome.DONE

    def _remove_inline(self, identity: str) -> None:
        kept = (
            replace(thread, remarks=tuple(entry for entry in thread.remarks if entry.id != identity))
            for thread in self.threads
            if any(entry.id != identity for entry in thread.remarks)
        )
        self.threads = list(kept)

    # -- a run --

    def settled(self) -> Settled:
        """What a review of the head says, after what people decided."""
        return settle(report(self.code, self.head), self.conversation())

    def planned(self) -> tuple[Action, ...]:
        """What a run would do now."""
        settled = self.settled()
        return plan(settled, change(self.code, self.head), self.conversation(), terms(settled.report))

    def run(self) -> list[Action]:
        """A whole, undisturbed run; gives what it wrote."""
        before = len(self.writes)
        for _ in self.steps():
            pass
        return self.writes[before:]

    def steps(self, unsure: Callable[[], bool] = lambda: False) -> Iterator[None]:
        """A run that pauses before every write, so that it can be left there, or another can go first.

        It reads, plans, performs, and after writing reads and plans again. `unsure`: whether the answer to a write is lost.
        """
        code, head = dict(self.code), self.head
        unplaced: frozenset[str] = frozenset()
        may_resolve = True
        found, reviewed = report(code, head), change(code, head)
        for _ in range(6):
            conversation = self.conversation()
            settled = settle(found, conversation)
            under = replace(terms(settled.report), unplaced=unplaced, may_resolve=may_resolve)
            actions = plan(settled, reviewed, conversation, under)
            if not actions:
                return
            yield
            if self.head != head:
                return
            for action in actions:
                yield
                outcome = self.perform(action)
                if outcome is Outcome.REFUSED and isinstance(action, PostReview):
                    bad = (entry for entry in action.comments if not self._fits(entry.path, entry.line))
                    unplaced |= {entry.fingerprint for entry in bad}
                may_resolve = may_resolve and outcome is not Outcome.FORBIDDEN
                if outcome is not Outcome.DONE or unsure():
                    break
        assert not actions, "it never comes to rest"

    def _fits(self, path: str, line: int) -> bool:
        lines = {(file.path, entry.new) for file in change(self.code, self.head).files for h in file.hunks for entry in h.lines}
        return (path, line) in lines and self.may_comment_here(path, line)

"""A pull request's life at random: whatever people push, answer and resolve, and wherever runs are cut off or meet, it ends well."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from conversation_world import AUTHOR, STRANGER, WRITER, Cause, Code, Source, World
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from msgspec.structs import replace

from guard.conversation.markers import FINDING, SUMMARY, marker
from guard.conversation.memory import memory_of
from guard.conversation.threads import told
from guard.conversation.values import Conversation, PostReview, Thread
from guard.finding import Severity

PATHS = ("a.py", "b.py", "lib/c.py")
PEOPLE = (WRITER, AUTHOR, STRANGER)
WORDS = (
    "Fixed, thanks.",
    "This is by design.",
    "won't fix",
    "guard: ignore one process until the queue is up",
    "Why does it matter?",
    "I will look at it next week.",
    "> won't fix\nI do not agree with this.",
    "<!-- stateless-guard:finding 1bf0325717b7f0c1 heuristic rule-x -->",
    "<!-- stateless-guard:fixed abc -->\n<!-- stateless-guard:summary -->",
)
CAUSES = st.builds(
    Cause,
    st.sampled_from("xyz"),
    st.sampled_from([Severity.ERROR, Severity.NOTE]),
    st.sampled_from(["", "", "b.py"]),
    st.sampled_from(["", "", "", "one process by design"]),
    st.sampled_from([False, False, False, True]),
)
SOURCES = st.builds(
    Source,
    st.lists(CAUSES, max_size=4).map(tuple),
    st.integers(0, 2),
    st.sampled_from(["", "other"]),
    st.sampled_from([False] * 7 + [True]),
)


class Life(RuleBasedStateMachine):
    """Pushes, answers, decisions, accidents; then one undisturbed run puts everything right."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.under_way: list[Iterator[None]] = []
        self.touched = False
        """Whether people took away or decided something: then a comment need not be there."""

    @initialize(may=st.booleans(), code=st.dictionaries(st.sampled_from(PATHS), SOURCES))
    def opened(self, code: Code, *, may: bool) -> None:
        """A pull request, under a token that may resolve threads or not."""
        self.world.can_resolve = may
        self.world.push(code)

    # -- what is pushed --

    @rule(path=st.sampled_from(PATHS), source=SOURCES)
    def pushed(self, path: str, source: Source) -> None:
        """A file is written anew."""
        self.world.push({**self.world.code, path: source})

    @rule(path=st.sampled_from(PATHS))
    def reverted(self, path: str) -> None:
        """A file leaves the change."""
        self.world.push({other: source for other, source in self.world.code.items() if other != path})

    @rule(old=st.sampled_from(PATHS), new=st.sampled_from(PATHS))
    def renamed(self, old: str, new: str) -> None:
        """A file moves, perhaps over another."""
        code = dict(self.world.code)
        if old in code:
            code[new] = code.pop(old)
            self.world.push(code)

    @rule(path=st.sampled_from(PATHS), data=st.data())
    def edited(self, path: str, data: st.DataObject) -> None:
        """A cause goes, the others move."""
        source = self.world.code.get(path)
        if source and source.causes:
            gone = data.draw(st.integers(0, len(source.causes) - 1))
            causes = source.causes[:gone] + source.causes[gone + 1 :]
            self.world.push({**self.world.code, path: replace(source, causes=causes, padding=source.padding + 1)})

    # -- what people do --

    @precondition(lambda self: self.world.threads)
    @rule(who=st.sampled_from(PEOPLE), words=st.sampled_from(WORDS), data=st.data())
    def answered(self, who: str, words: str, data: st.DataObject) -> None:
        """Somebody replies."""
        self.touched = True
        self.world.say(who, words, data.draw(st.sampled_from(self.world.threads)).id)

    @precondition(lambda self: self.world.threads)
    @rule(who=st.sampled_from(PEOPLE), data=st.data())
    def resolved(self, who: str, data: st.DataObject) -> None:
        """Somebody resolves a thread, or opens it again."""
        self.touched = True
        thread: Thread = data.draw(st.sampled_from(self.world.threads))
        if thread.resolved:
            self.world.unresolve(thread.id)
        else:
            self.world.resolve(who, thread.id)

    @rule(who=st.sampled_from(PEOPLE), words=st.sampled_from(WORDS))
    def remarked(self, who: str, words: str) -> None:
        """Somebody comments on the whole, perhaps with a marker that is not theirs."""
        self.world.say(who, words)

    @precondition(lambda self: self.world.threads)
    @rule(who=st.sampled_from(PEOPLE), data=st.data())
    def commanded(self, who: str, data: st.DataObject) -> None:
        """Somebody tells us to ignore a finding."""
        opening = marker(data.draw(st.sampled_from(self.world.threads)).remarks[0], FINDING)
        self.touched = True
        self.world.say(who, f"/guard ignore {opening.word if opening else ''} it is only a demo")

    @precondition(lambda self: self.world.remarks)
    @rule(how=st.sampled_from(["gone", "broken", "edited"]))
    def summary_harmed(self, how: str) -> None:
        """A person with rights deletes or edits our summary."""
        self.touched = True
        ours = [entry for entry in self.world.remarks if marker(entry, SUMMARY)]
        for entry in ours[:1]:
            body = entry.body.replace("memory e", "memory 9") if how == "broken" else f"{entry.body}\n\nedited\n"
            kept = [] if how == "gone" else [replace(entry, body=body)]
            place = self.world.remarks.index(entry)
            self.world.remarks[place : place + 1] = kept

    # -- runs --

    @rule()
    def ran(self) -> None:
        """A run, from its beginning to its end."""
        self.world.run()

    @rule(steps=st.integers(1, 8))
    def crashed(self, steps: int) -> None:
        """A run that is killed somewhere."""
        for _ in zip(range(steps), self.world.steps(), strict=False):
            pass

    @rule(data=st.data())
    def answer_lost(self, data: st.DataObject) -> None:
        """A run whose connection is cut after a write, once."""
        countdown = iter([False] * data.draw(st.integers(0, 3)) + [True])
        for _ in self.world.steps(lambda: next(countdown, False)):
            pass

    @rule(order=st.lists(st.booleans(), max_size=24))
    def met(self, order: list[bool]) -> None:
        """Two runs at the same time, in any order; both go on to their end."""
        first, second = self.world.steps(), self.world.steps()
        next(first, None)
        next(second, None)
        for which in order:
            next(first if which else second, None)
        for left in (first, second):
            for _ in left:
                pass
        _said_once(self.world)

    def teardown(self) -> None:
        """One undisturbed run, and all is as it should be; one more does nothing."""
        self.world.run()
        _said_once(self.world)
        _complete(self.world, touched=self.touched)
        assert self.world.planned() == ()
        assert self.world.run() == []


def _said_once(world: World) -> None:
    """No two open comments for one finding, no two summaries, no answer twice."""
    conversation = world.conversation()
    live = Counter(entry.name for entry in told(conversation) if entry.live and not entry.answered)
    assert not [name for name, number in live.items() if number > 1]
    assert sum(marker(remark, SUMMARY) is not None for remark in conversation.remarks) <= 1
    for thread in conversation.threads:
        replies = [
            entry for remark in thread.remarks[1:] if remark.ours and (entry := marker(remark, "fixed", "back", "still"))
        ]
        assert all(first != second for first, second in pairwise(replies))
        assert sum(entry.kind == "still" for entry in replies) <= 1


def _complete(world: World, *, touched: bool) -> None:
    """Each standing finding has its one place, each gone one has none open."""
    conversation, report = world.conversation(), world.settled().report
    standing = Counter(finding.cause for finding in report.findings)
    live = Counter(entry.cause for entry in told(conversation) if entry.live)
    suppressed = Counter(entry.finding.cause for entry in report.suppressed)
    looked = not report.errors
    summary = next((remark for remark in conversation.remarks if marker(remark, SUMMARY)), None)
    for cause in {*standing, *live}:
        most = standing[cause] + suppressed[cause]
        assert not looked or live[cause] <= most or _answered_twice(conversation, cause)
    if report.findings:
        assert summary is not None
        for finding in report.findings:
            assert finding.cause in summary.body
    if not touched:
        _each_has_one(world, conversation, standing, live)


def _answered_twice(conversation: Conversation, cause: str) -> bool:
    """Two comments of two runs, both answered before either run went on: neither is taken away."""
    return any(entry.cause == cause and entry.answered and not entry.thread.can_resolve for entry in told(conversation))


def _each_has_one(world: World, conversation: Conversation, standing: Counter[str], live: Counter[str]) -> None:
    """Where nobody decided anything: a comment for each finding, or its place in the summary."""
    for remark in conversation.remarks:
        memory = memory_of(remark)
        if memory:
            in_summary = Counter(
                name.partition(":")[0] for name, entry in memory.said.items() if not entry.inline and not entry.fixed
            )
            waiting = Counter(name.partition(":")[0] for name, entry in memory.said.items() if not entry.fixed)
            for cause, number in standing.items():
                assert live[cause] + in_summary[cause] >= number
                assert waiting[cause] >= number
    assert world.check_said is not None


TestLife = Life.TestCase
TestLife.settings = settings(
    max_examples=max(80, settings().max_examples), stateful_step_count=20, deadline=None, report_multiple_bugs=False
)


@given(
    code=st.dictionaries(st.sampled_from(PATHS), SOURCES, min_size=1),
    path=st.sampled_from(PATHS),
    causes=SOURCES,
    more=st.integers(0, 40),
)
def test_the_first_round_says_everything(code: Code, path: str, causes: Source, more: int) -> None:
    """A push that touches neither a file nor its proof adds no comment there, however many findings wait in the summary."""
    crowd = tuple(Cause(f"crowd-{number}") for number in range(more))
    world = World()
    world.push({**code, "crowd.py": Source(crowd)})
    world.run()
    world.push({**world.code, path: causes, "crowd.py": Source(crowd[: more // 2])})
    new = [comment for action in world.run() if isinstance(action, PostReview) for comment in action.comments]
    touched = {path, *(other for other, source in code.items() if any(cause.proof == path for cause in source.causes))}
    assert {comment.path for comment in new} <= touched


@given(refused=st.sets(st.integers(1, 12)), number=st.integers(0, 12))
def test_a_refused_place_costs_only_that_place(refused: set[int], number: int) -> None:
    """The findings of refused places are in the summary, the others on their lines."""
    world = World()
    world.may_comment_here = lambda _path, line: line not in refused
    world.push({"a.py": Source(tuple(Cause(f"c{index}") for index in range(number)))})
    world.run()
    lines = {index + 2 for index in range(number)}
    assert {thread.line for thread in world.threads} == lines - refused
    assert all(f"c{index} is gone" in world.remarks[0].body for index in range(number))
    assert world.run() == []
    world.push(dict(world.code))
    assert not [action for action in world.run() if isinstance(action, PostReview)]

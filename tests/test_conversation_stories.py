"""The life of a comment as a table: what was found before, what happened meanwhile, what is found after -> exactly what is written.

Every row is one promise. A first run writes what `before` needs; then people act, a new head may be pushed, and one run answers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from conversation_world import AUTHOR, STRANGER, US, WRITER, Cause, Code, Source, World, change, report, sha, terms
from msgspec.structs import replace

from guard.change import ChangeSet
from guard.conversation import answers, commands, overview, plan, settle, speakers, status
from guard.conversation.markers import FINDING, MEMORY, SUMMARY, Marker, marker, markers_in
from guard.conversation.memory import memory_of
from guard.conversation.plan import MOST_INLINE
from guard.conversation.values import (
    Action,
    Conclusion,
    EditRemark,
    PostRemark,
    PostReview,
    Remark,
    RemoveInline,
    RemoveRemark,
    Reopen,
    Reply,
    Resolve,
    SetCheck,
    Thread,
)
from guard.finding import Failure, ModelUse, Origin, Report, Severity, Skipped

X, Y = Cause("x"), Cause("y", Severity.NOTE)
ONE: Code = {"a.py": Source((X,))}
NONE: Code = {"a.py": Source()}
MOVED: Code = {"a.py": Source((X,), padding=5)}
TWO: Code = {"a.py": Source((X,)), "b.py": Source((X,))}
SAME: Code = {"a.py": Source((replace(X, tag="first"), replace(X, tag="second")))}


def nothing(_world: World) -> None:
    """Nobody does anything."""


def says(who: str, words: str) -> Callable[[World], None]:
    """A reply in the first thread."""
    return lambda world: world.say(who, words, world.threads[0].id)


def resolves(who: str) -> Callable[[World], None]:
    """The first thread is resolved."""
    return lambda world: world.resolve(who, world.threads[0].id)


def remarks(who: str, words: str) -> Callable[[World], None]:
    """A comment on the whole."""
    return lambda world: world.say(who, words)


def ignores(who: str, words: str) -> Callable[[World], None]:
    """The ignore command, with the first thread's fingerprint."""
    return lambda world: world.say(who, f"/guard ignore {name(world)} {words}")


def name(world: World) -> str:
    """The fingerprint in the first thread."""
    opening = marker(world.threads[0].remarks[0], FINDING)
    assert opening is not None
    return opening.word


def both(*steps: Callable[[World], object]) -> Callable[[World], None]:
    """One after the other."""

    def act(world: World) -> None:
        for step in steps:
            step(world)

    return act


def pushes(code: Code) -> Callable[[World], None]:
    """A head in between, with its own run."""

    def act(world: World) -> None:
        world.push(code)
        world.run()

    return act


def without_permission(world: World) -> None:
    """The token may not resolve."""
    world.can_resolve = False
    world.threads = [replace(thread, can_resolve=False, can_reopen=False) for thread in world.threads]


def edited(world: World, words: str) -> None:
    """A person writes into our summary."""
    world.remarks[0] = replace(world.remarks[0], body=words + world.remarks[0].body.replace("\n", "\r\n"))


def broken(world: World) -> None:
    """The hidden line is cut."""
    lines = [line[:40] + " -->" if f"guard:{MEMORY} " in line else line for line in world.remarks[0].body.split("\n")]
    world.remarks[0] = replace(world.remarks[0], body="\n".join(lines))
    assert memory_of(world.remarks[0]) is None


def pasted(world: World) -> None:
    """Somebody copies our comment into a thread of their own."""
    body = world.threads[0].remarks[0].body
    world.threads.append(Thread("t-theirs", (Remark("900", body, STRANGER),), "a.py", 2, can_resolve=True))


def twice(world: World) -> None:
    """Another run wrote the summary too."""
    world.remarks.append(replace(world.remarks[0], id="901"))


def said_twice(world: World) -> None:
    """Another run said the same."""
    first = world.threads[0]
    world.threads.append(replace(first, id="t4", remarks=(replace(first.remarks[0], id="4"),)))
    world.texts["t4"] = world.texts[first.id]


def replied_twice(world: World) -> None:
    """Another run replied the same."""
    first = world.threads[0]
    world.threads[0] = replace(first, remarks=(*first.remarks, replace(first.remarks[-1], id="9")))


@dataclass(frozen=True)
class Story:
    """One row."""

    title: str
    before: Code
    meanwhile: Callable[[World], None]
    after: Code | None
    """What the next head holds; None where there is none."""
    writes: str
    """In a word each: what one run writes."""


STORIES = (
    # -- what is found --
    Story("a first finding is said on its line", {}, nothing, ONE, "review(a.py:2) summary check:failure"),
    Story("a clean pull request hears nothing but its check", {}, nothing, NONE, "check:success"),
    Story("nothing new at the same head", ONE, nothing, None, ""),
    Story("nothing new at a new head", ONE, nothing, ONE, "edit check:failure"),
    Story("a line that moves keeps its comment", ONE, nothing, MOVED, "edit check:failure"),
    Story("a line that left the diff keeps its comment", ONE, nothing, {"a.py": Source((replace(X, hidden=True),))}, "edit check:failure"),
    Story("a renamed file keeps its comment", ONE, nothing, {"new.py": Source((X,))}, "edit check:failure"),
    Story("a second finding is said alone", ONE, nothing, {"a.py": Source((X, Y))}, "review(a.py:3) edit check:failure"),
    Story("a line that can not be commented is in the summary", {}, nothing, {"a.py": Source((replace(X, hidden=True),))}, "summary check:failure"),
    Story("and stays there, once it can be", {"a.py": Source((replace(X, hidden=True),))}, nothing, ONE, "edit check:failure"),
    Story("a note does not fail the check", {}, nothing, {"a.py": Source((Y,))}, "review(a.py:2) summary check:success"),
    Story("a file that can not be read is told, even alone", {}, nothing, {"a.py": Source(fails=True)}, "summary check:action_required"),
    Story("excused by a comment in the code: listed", {}, nothing, {"a.py": Source((replace(X, excused="demo"),))}, "summary check:success"),
    # -- gone, and back --
    Story("gone: resolved", ONE, nothing, NONE, "resolve:1 edit check:success"),
    Story("its file left the change: resolved", ONE, nothing, {}, "resolve:1 edit check:success"),
    Story("gone, and somebody asked: a word, then resolved", ONE, says(AUTHOR, "Why?"), NONE, "reply:1:fixed resolve:1 edit check:success"),
    Story("gone, and the token may not resolve: said once", ONE, without_permission, NONE, "reply:1:fixed edit check:success"),
    Story("gone already, and the token may not resolve: silence", ONE, both(without_permission, pushes(NONE)), NONE, "edit check:success"),
    Story("gone, resolved by a person already", ONE, resolves(AUTHOR), NONE, "edit check:success"),
    Story("gone, who dismissed it does not matter", ONE, says(WRITER, "by design"), NONE, "resolve:1 edit check:success"),
    Story("nobody could look: left alone", ONE, nothing, {"a.py": Source(fails=True)}, "edit check:action_required"),
    Story("excused in the code later: resolved", ONE, nothing, {"a.py": Source((replace(X, excused="one process"),))}, "resolve:1 edit check:success"),
    Story("back: opened again", ONE, pushes(NONE), ONE, "reply:1:back reopen:1 edit check:failure"),
    Story("back, resolved by a writer when it was gone", ONE, both(without_permission, pushes(NONE), resolves(WRITER)), ONE, "review(a.py:2) edit check:failure"),
    Story("back, and the token may not reopen: the open thread is told", ONE, both(without_permission, pushes(NONE)), ONE, "reply:1:back edit check:failure"),
    Story("back, and what the author closed may be opened", ONE, both(resolves(AUTHOR), pushes(NONE)), ONE, "reply:1:back reopen:1 edit check:failure"),
    Story("no more excused", {"a.py": Source((replace(X, excused="demo"),))}, nothing, ONE, "review(a.py:2) edit check:failure"),
    # -- what people decide --
    Story("dismissed by a writer", ONE, says(WRITER, "This is by design."), None, "edit check:success"),
    Story("dismissed by a writer, and it lasts", ONE, both(says(WRITER, "won't fix"), pushes(MOVED)), ONE, "edit check:success"),
    Story("a force push changes nothing", ONE, says(WRITER, "won't fix"), {"a.py": Source((X,), other="rebased")}, "edit check:success"),
    Story("the author may not dismiss", ONE, says(AUTHOR, "This is by design."), None, ""),
    Story("nor a stranger", ONE, says(STRANGER, "false positive"), ONE, "edit check:failure"),
    Story("no dismissal: a question", ONE, says(WRITER, "Is this by design?"), None, ""),
    Story("no dismissal: a denial", ONE, says(WRITER, "I do not think this is a false positive."), None, ""),
    Story("no dismissal: a quote", ONE, says(WRITER, "> won't fix\n\nPlease do."), None, ""),
    Story("ignored in a reply", ONE, says(WRITER, "guard: ignore one process until May"), None, "edit check:success"),
    Story("ignored in a reply by the author", ONE, says(AUTHOR, "guard: ignore one process until May"), None, ""),
    Story("ignored by a command", ONE, ignores(WRITER, "only a demo"), None, "edit check:success"),
    Story("ignored by a command of the author", ONE, ignores(AUTHOR, "only a demo"), None, ""),
    Story("ignored by a command without a reason", ONE, ignores(WRITER, ""), None, ""),
    Story("ignored inside a code block", ONE, lambda w: w.say(WRITER, f"```\n/guard ignore {name(w)} no\n```"), None, ""),
    Story("resolved by a writer", ONE, resolves(WRITER), None, "edit check:success"),
    Story("resolved by the author: not said again, still counted", ONE, resolves(AUTHOR), ONE, "edit check:failure"),
    Story("a false claim", ONE, says(AUTHOR, "Fixed, thanks!"), MOVED, "reply:1:still edit check:failure"),
    Story("a false claim, resolved", ONE, both(says(AUTHOR, "Done."), resolves(AUTHOR)), None, "reopen:1 reply:1:still"),
    Story("a false claim, resolved by a writer", ONE, both(says(WRITER, "Done."), resolves(WRITER)), None, "reopen:1 reply:1:still"),
    Story("the next false claim: silence", ONE, both(says(AUTHOR, "Fixed."), World.run, says(AUTHOR, "Fixed now."), resolves(AUTHOR)), None, ""),
    Story("resolved by a writer who was told", ONE, both(says(WRITER, "Done."), World.run, resolves(WRITER)), None, "edit check:success"),
    Story("a false claim, and the token may not reopen", ONE, both(without_permission, says(WRITER, "Done."), resolves(WRITER)), None, "reply:1:still"),
    Story("told, and the token may not reopen: still counted", ONE, both(without_permission, says(WRITER, "Done."), resolves(WRITER), World.run), ONE, "edit check:failure"),
    Story("no claim: it will be", ONE, says(AUTHOR, "This will be fixed tomorrow."), None, ""),
    # -- equal causes --
    Story("two equal causes, two comments", {}, nothing, TWO, "review(a.py:2,b.py:2) summary check:failure"),
    Story("the first of two is fixed: its thread is resolved", TWO, nothing, {"b.py": Source((X,))}, "resolve:1 edit check:failure"),
    Story("the second of two is fixed", TWO, nothing, ONE, "resolve:2 edit check:failure"),
    Story("one more before the others", ONE, nothing, {"0.py": Source((X,)), **ONE}, "review(0.py:2) edit check:failure"),
    Story("the first of two in one file is fixed", SAME, nothing, {"a.py": Source(SAME["a.py"].causes[1:], padding=9)}, "resolve:1 edit check:failure"),
    Story("the second of two in one file is fixed", SAME, nothing, {"a.py": Source(SAME["a.py"].causes[:1], padding=9)}, "resolve:2 edit check:failure"),
    Story("the first of two is back", TWO, pushes({"b.py": Source((X,))}), TWO, "reply:1:back reopen:1 edit check:failure"),
    Story("the first of two is dismissed, the second counts", TWO, says(WRITER, "won't fix"), TWO, "edit check:failure"),
    Story("and is not hidden when the first goes", TWO, says(WRITER, "won't fix"), {"b.py": Source((X,))}, "resolve:1 edit check:failure"),
    # -- accidents --
    Story("our comment was deleted: not said again", ONE, lambda w: w.threads.clear(), ONE, "edit check:failure"),
    Story("our summary was deleted: written anew", ONE, lambda w: w.remarks.clear(), None, "summary"),
    Story("a person edits our summary: put right", ONE, lambda w: edited(w, "All is well.\n\n"), None, "edit"),
    Story("the memory is broken: written anew", ONE, broken, None, "edit"),
    Story("a stranger's summary is nobody's", {}, remarks(STRANGER, str(Marker(SUMMARY))), ONE, "review(a.py:2) summary check:failure"),
    Story("a stranger's memory is nobody's", ONE, lambda w: w.say(STRANGER, w.remarks[0].body), None, ""),
    Story("a stranger's thread with our marker is nobody's", ONE, pasted, NONE, "resolve:1 edit check:success"),
    Story("a second summary of a run at the same time", ONE, twice, None, "remove"),
    Story("a second comment of a run at the same time", ONE, said_twice, None, "remove:4"),
    Story("a second comment that was answered: closed, and the answer counts", ONE, both(said_twice, lambda w: w.say(WRITER, "by design", w.threads[1].id)), None, "remove:1 edit check:success"),
    Story("two runs both answered a claim", ONE, both(says(AUTHOR, "Fixed."), World.run, replied_twice), None, "remove:9"),
    Story("two runs both said that it is fixed", ONE, both(without_permission, pushes(NONE), replied_twice), None, "remove:9"),
    # -- the pull request --
    Story("closed: nothing more", ONE, lambda w: setattr(w, "is_open", False), NONE, ""),
    Story("reopened: all is still known", ONE, both(lambda w: setattr(w, "is_open", False), pushes(ONE), lambda w: setattr(w, "is_open", True)), MOVED, "edit check:failure"),
    Story("a draft and back", ONE, both(lambda w: setattr(w, "draft", True), pushes(ONE), lambda w: setattr(w, "draft", False)), ONE, "edit check:failure"),
)  # fmt: skip


def short(action: Action, world: World) -> str:
    """An action in a word."""
    numbers = {thread.id: str(place) for place, thread in enumerate(world.threads, 1)}
    match action:
        case PostReview():
            return f"review({','.join(f'{entry.path}:{entry.line}' for entry in action.comments)})"
        case Reply():
            kind = markers_in(Remark("", action.body, US, ours=True))[0].kind
            return f"reply:{numbers[action.thread]}:{kind}"
        case Resolve():
            return f"resolve:{numbers[action.thread]}"
        case Reopen():
            return f"reopen:{numbers[action.thread]}"
        case RemoveInline():
            return f"remove:{action.remark}"
        case SetCheck():
            return f"check:{action.conclusion}"
        case PostRemark():
            return "summary"
        case EditRemark():
            return "edit"
        case RemoveRemark():
            return "remove"


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.title)
def test_life_of_a_comment(story: Story) -> None:
    """One run writes exactly what the row says, and one more writes nothing."""
    world = World()
    world.push(story.before)
    if story.before:
        world.run()
    story.meanwhile(world)
    if story.after is not None:
        world.push(story.after)
    planned = " ".join(short(action, world) for action in world.planned())
    assert planned == story.writes
    world.run()
    assert world.planned() == ()


# -- many, missed, judged ---------------------------------------------------------------------------------------------


def test_the_most_serious_are_said_on_their_lines_the_rest_in_the_summary() -> None:
    """Thirty comments, errors first; what waits in the summary stays there, whatever is fixed."""
    crowd = tuple(Cause(f"c{number}", Severity.NOTE if number % 2 else Severity.ERROR) for number in range(50))
    world = World()
    world.push({"a.py": Source(crowd)})
    world.run()
    assert len(world.threads) == MOST_INLINE
    said = [thread.remarks[0].body for thread in world.threads]
    assert sum("severity error" in body for body in said) == 25
    assert all(f"{cause.name} is gone" in world.remarks[0].body for cause in crowd)
    world.push({"a.py": Source((*crowd, X))})
    assert "review" not in " ".join(short(action, world) for action in world.run())
    assert "x is gone" in world.remarks[0].body
    world.push({"a.py": Source(crowd[20:])})
    assert "review" not in " ".join(short(action, world) for action in world.run())
    world.push({"a.py": Source((*crowd[20:], Y))})
    assert short(world.planned()[0], world) == "review(a.py:32)"


def test_one_that_was_missed_before_says_so() -> None:
    """Nothing that it depends on changed since the last review: it is said, marked, and counted; also by the next run."""
    seen, unseen = Cause("x"), Cause("y", missed=True)
    world = World()
    world.push({"a.py": Source((seen, unseen)), "b.py": Source()})
    world.run()
    world.push({"a.py": Source((seen, replace(unseen, missed=False))), "b.py": Source(padding=3)})
    world.run()
    assert world.threads[1].remarks[0].body.startswith("Missed before: After a deploy, y is gone.")
    for _ in range(2):
        assert "1 finding was missed before" in world.remarks[0].body
        world.push(dict(world.code))
        world.run()


@pytest.mark.parametrize("touched", ["a.py", "proof.py"])
def test_one_whose_file_or_proof_changed_is_new(touched: str) -> None:
    """A finding that a push brought was not missed."""
    cause = Cause("y", proof="proof.py", missed=True)
    world = World()
    world.push({"a.py": Source((X, cause)), "proof.py": Source()})
    world.run()
    after: Code = {"a.py": Source((X, replace(cause, missed=False))), "proof.py": Source()}
    world.push({**after, touched: replace(after[touched], padding=1)})
    world.run()
    assert not world.threads[1].remarks[0].body.startswith("Missed")


def test_only_a_model_tells_that_a_model_was_wrong() -> None:
    """What a model found stays while no model is asked, and while it left something open."""
    world = World()
    world.push({"a.py": Source((replace(X, origin=Origin.MODEL),))})
    world.run()
    world.push(NONE)
    clean = report(world.code, world.head)
    for found, writes in (
        (clean, "edit check:neutral"),
        (replace(clean, model=ModelUse("m", not_judged=1)), "edit check:neutral"),
        (replace(clean, model=ModelUse("m"), unasked=1), "edit check:neutral"),
        (replace(clean, model=ModelUse("m"), errors=(Failure("", "no answer"),)), "edit check:action_required"),
        (replace(clean, model=ModelUse("m")), "resolve:1 edit check:success"),
    ):
        assert _writes(world, found) == writes


def _writes(world: World, found: Report, reviewed: ChangeSet | None = None) -> str:
    settled = settle(found, world.conversation())
    actions = plan(settled, reviewed or change(world.code, world.head), world.conversation(), terms(settled.report))
    return " ".join(short(action, world) for action in actions)


def test_what_asking_cost_is_no_news() -> None:
    """A rerun that is answered from the cache writes nothing; a new head shows the new cost."""
    world = World()
    world.push(ONE)
    found = replace(report(world.code, world.head), model=ModelUse("m", calls=2, input_tokens=900, output_tokens=50, cost=0.01))
    settled = settle(found, world.conversation())
    for action in plan(settled, change(world.code, world.head), world.conversation(), terms(found)):
        world.perform(action)
    assert "Cost: $0.0100, m with 2 calls" in world.remarks[0].body
    assert _writes(world, replace(found, model=ModelUse("m", calls=2, cached_calls=2, cost=0.0))) == ""
    assert _writes(world, replace(found, unasked=1)) == "edit check:failure"


def test_a_review_of_another_head_writes_nothing() -> None:
    """A superseded review is dropped, whoever asks for its plan."""
    world = World()
    world.push(ONE)
    assert _writes(world, report(world.code, sha(0)), change(world.code, sha(0))) == ""


def test_a_changed_base_takes_findings_away_and_brings_them() -> None:
    """What the new base has already is not this pull request's any more."""
    world = World()
    world.push(TWO)
    world.run()
    world.push({"b.py": Source((X,))})
    world.run()
    assert [thread.resolved for thread in world.threads] == [True, False]


def test_an_overview_needs_no_conversation() -> None:
    """The step summary can be written before anything was read."""
    world = World()
    world.push(ONE)
    found = report(world.code, world.head)
    empty = replace(world.conversation(), threads=(), remarks=())
    text = overview(settle(found, empty), change(world.code, world.head), empty, terms(found))
    assert "stateless-guard:" in text
    assert "<!--" not in text
    assert "After a deploy, x is gone." in text


# -- the check --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "conclusion"),
    [
        ({}, Conclusion.SUCCESS),
        ({"partial": ("a.py",)}, Conclusion.NEUTRAL),
        ({"unasked": 1}, Conclusion.NEUTRAL),
        ({"skipped": (Skipped("a.bin", "a binary file"),)}, Conclusion.SUCCESS),
        ({"skipped": (Skipped("a.py", "larger than 1,000,000 bytes (2,000,000)"),)}, Conclusion.NEUTRAL),
        ({"errors": (Failure("a.py", "does not parse"),)}, Conclusion.ACTION_REQUIRED),
        ({"errors": (Failure("", "the model gave no answer"),), "partial": ("a.py",)}, Conclusion.ACTION_REQUIRED),
    ],
)
def test_never_green_where_nobody_looked(changed: dict[str, Any], conclusion: Conclusion) -> None:
    """A check is a success only if everything that should have been looked at was."""
    found = replace(report(NONE, sha(1)), **changed)
    assert status.conclusion(found, terms(found)) is conclusion
    failing = replace(report(ONE, sha(1)), **changed)
    assert status.conclusion(failing, terms(failing)) is Conclusion.FAILURE


def test_the_check_lists_every_finding() -> None:
    """Also those that could not be commented: each is an annotation and a line of the details."""
    crowd = tuple(Cause(f"c{number}", hidden=number % 3 == 0) for number in range(120))
    world = World()
    world.push({"a.py": Source(crowd)})
    world.run()
    said = world.check_said
    assert said is not None
    assert len(said.annotations) == 120
    assert all(f"c{number} is gone" in said.text for number in range(120))
    assert len(said.title) <= 255


@pytest.mark.parametrize("number", [120, 350, 900])
def test_the_checks_details_leave_no_finding_out(number: int) -> None:
    """What does not fit with its remedy is said in fewer words."""
    world = World()
    world.push({"shop/orders/views.py": Source(tuple(Cause(f"c{index}") for index in range(number)))})
    world.run()
    said = world.check_said
    assert said is not None
    assert said.text.count("\n- ") + 1 == len(said.annotations) == number
    assert "too long" not in said.text
    assert len(said.text) <= 65_535


# -- answers ----------------------------------------------------------------------------------------------------------


def _explain(asked: str) -> str:
    return "What happens\n  ``` @somebody" if asked == "rule-x" else ""


_NEEDS_A_REASON = (
    "Ignoring needs a finding and a reason: `/guard ignore FINGERPRINT REASON`, or `guard: ignore REASON` in its thread. "
    "The summary names the fingerprints."
)


@pytest.mark.parametrize(
    ("who", "words", "answer"),
    [
        (WRITER, "/guard explain rule-x", "````text\nWhat happens\n  ``` @somebody\n````"),
        (WRITER, "/guard explain @org/team`", "There is no rule or check called `` @org/team` ``."),
        (WRITER, "/guard explain", "Which rule? `/guard explain RULE`; the last line of each comment names its rule."),
        (WRITER, "/guard ignore", _NEEDS_A_REASON),
        (WRITER, "/guard ignore 0123456789abcdef because", "No finding here has the fingerprint `0123456789abcdef`; the summary names them."),
        (WRITER, "/guard review", ""),
        (WRITER, "/guard dance", ""),
        (WRITER, "> /guard explain rule-x", ""),
        (WRITER, "Try /guard explain rule-x", ""),
        (AUTHOR, "/guard explain rule-x", ""),
        (STRANGER, "/guard ignore", ""),
    ],
)  # fmt: skip
def test_a_command_of_a_writer_is_answered_once(who: str, words: str, answer: str) -> None:
    """Where it was asked; nobody else's is answered at all."""
    world = World()
    world.push(ONE)
    world.run()
    before = len(world.remarks)
    world.say(who, words)
    world.say(who, words, world.threads[0].id)
    for action in answers(world.conversation(), _explain):
        world.perform(action)
    for remarks_there in (world.remarks[before + 1 :], world.threads[0].remarks[2:]):
        said = [remark.body.partition("\n\n<!--")[0] for remark in remarks_there]
        assert said == ([answer] if answer else [])
    assert answers(world.conversation(), _explain) == ()
    world.remarks += [replace(remark, id=f"9{remark.id}") for remark in world.remarks[before + 1 :]]
    assert all(isinstance(action, RemoveRemark) for action in answers(world.conversation(), _explain))


@pytest.mark.parametrize(("who", "answered"), [(WRITER, 1), (AUTHOR, 0)])
def test_ignoring_without_a_reason_is_asked_for_one_in_its_thread(who: str, answered: int) -> None:
    """Once, of people who may write; elsewhere these words are small talk."""
    world = World()
    world.push(ONE)
    world.run()
    before = len(world.remarks)
    world.say(who, "guard: ignore")
    world.say(who, "guard: ignore[rule-x].", world.threads[0].id)
    for action in answers(world.conversation(), _explain):
        world.perform(action)
    assert len(world.remarks) == before + 1
    assert [_NEEDS_A_REASON in remark.body for remark in world.threads[0].remarks[2:]] == [True] * answered


def test_whose_permission_to_ask_for() -> None:
    """Only people whose words can change something: one request less for each of the others."""
    world = World()
    world.push(TWO)
    world.run()
    assert speakers(world.conversation()) == frozenset()
    world.say("chatty", "I wonder.", world.threads[0].id)
    world.say("decided", "by design", world.threads[0].id)
    world.say("commander", "/guard review")
    world.resolve("closer", world.threads[1].id)
    assert speakers(world.conversation()) == {"decided", "commander", "closer"}
    assert [command.name for command in commands(replace(world.conversation(), writers=frozenset({"commander"})))] == ["review"]

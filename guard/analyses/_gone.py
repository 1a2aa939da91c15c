"""Whether what a request puts in is taken out before it is answered, and what looks so and is not: branches, locks, queues."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from guard.analyses import _idioms as idioms
from guard.analyses._alternatives import either_or
from guard.analyses._containers import Shape
from guard.analyses._records import adds_up
from guard.analyses._runtime import handlers, work
from guard.facts import Call, Constant, Facts, Name, Use, indent_of, last_segment
from guard.regex import regex

if TYPE_CHECKING:
    from guard.analyses._stories import Story

_ALL = frozenset({"for", "foreach", "values", "keys", "items"})
"""Reads that go through all entries."""
_MEMBERS = frozenset({"in", "has", "get", "[]", "contains", "containskey", "include?", "key?", "load"})
"""Reads that ask for one entry."""


def gone_before_the_answer(story: Story, facts: Facts) -> bool:
    """Whether every entry is removed by the function (or a callback in it) that made it, and nobody else looks at it."""
    makers = {work(use.scope, facts) for use in story.writes}
    removers = {
        work(use.scope, facts)
        for use in story.removals
        if use.method != "clear" and not all(_apart(write, use, facts) for write in story.writes)
    }
    readers = {work(use.scope, facts) for use in story.reads}
    if any(use.method.lower() in _ALL and _stays_open(use.scope, facts) for use in story.reads):
        return False  # whoever is connected looks at all who are
    if turns_away(story, facts) or _stays_behind(story, facts) or _asked_for_in_another_branch(story, facts):
        return False
    if _reckons_with_the_last_time(story, facts) or _taken_out_in_another_branch(story, facts):
        return False
    return bool(removers) and makers <= removers and not (readers | removers) - makers and not _queue_like(story)


_LEAVES = regex(r"\s*(?:return|continue|break|raise|throw)\b")
_AT_LAST = regex(r"\s*(?:\}\s*)?(?:finally\b|ensure\b|defer\b)")


def _stays_behind(story: Story, facts: Facts) -> bool:
    """Whether an entry is made where no removal follows: `!start` puts it in and answers, `!stop` of the same handler takes it out."""
    removals = [use for use in story.removals if use.method != "clear"]
    handled = handlers(facts)
    return any(write.scope in handled and all(_apart(write, one, facts) for one in removals) for write in story.writes)


def _apart(write: Use, later: Use, facts: Facts) -> bool:
    """Whether what was just put in is still there when its branch is left, and another branch of the function uses it."""
    if write.scope != later.scope or later.span.line <= write.span.line or later.span.line > len(facts.lines):
        return False
    between = [text for text in facts.lines[write.span.end_line : later.span.line] if text.strip()]
    if any(map(_AT_LAST.match, between)):
        return False
    if either_or(write.span, later.span, facts):
        return True
    depth = indent_of(facts.text(write.span))
    for text in between[:-1]:
        depth = min(depth, indent_of(text))
        if _LEAVES.match(text) and indent_of(text) == depth:
            return depth > 0 and indent_of(facts.text(later.span)) > 0
    return False


def _asked_for_in_another_branch(story: Story, facts: Facts) -> bool:
    """Whether one branch of a handler makes entries and another looks for one by what it was sent: two requests, one function."""
    asked = [use for use in story.reads if use.method.lower() in _MEMBERS and isinstance(use.key, Name | Call)]
    return any(
        ask.key != write.key and (_apart(ask, write, facts) or _apart(write, ask, facts))
        for write in story.writes
        if write.key is not None and write.scope in handlers(facts)
        for ask in asked
    )


def _reckons_with_the_last_time(story: Story, facts: Facts) -> bool:
    """Whether a number is what it was the last time and one more, with no removal behind it: it counts calls of the function."""
    counted = [use for use in story.writes if adds_up((use,), facts)]
    after = [(use.scope, use.span.line) for use in story.removals]
    return any(not any(scope == use.scope and line > use.span.line for scope, line in after) for use in counted)


def _taken_out_in_another_branch(story: Story, facts: Facts) -> bool:
    """Whether one branch takes out and the other puts in, with no removal behind them: `if (ok) failed.remove(ip); else failed.put(ip, n);`."""
    return bool(story.removals) and any(
        all(
            one.scope == write.scope and one.span.line < write.span.line and either_or(one.span, write.span, facts)
            for one in story.removals
        )
        for write in story.writes
    )


_TESTED = regex(r"\s*(?:\}\s*)?(?:(?:else\s+)?if\b|return\s+!|(?:val|var|boolean|bool)\s+\w+\s*=)")
_TELLS = frozenset({"add", "tryadd", "putifabsent", "add?"})
"""Methods that say whether something was new."""


def _told_whether_new(use: Use, facts: Facts) -> bool:
    """Whether what is put in decides what happens: `if (!running.add(id)) return`."""
    return use.method.lower() in _TELLS and _TESTED.match(facts.text(use.span)) is not None


def turns_away(story: Story, facts: Facts) -> bool:
    """Whether a key is asked for before it is put in, with nothing behind it: who comes second is sent away."""
    if any(_told_whether_new(use, facts) for use in story.writes):
        return True
    marks = [use for use in story.writes if use.key is not None and (use.value == use.key or use.value == Constant(True))]
    marks += [replace(use, key=use.value) for use in story.writes if use.key is None and use.method in {"append", "push"}]
    asked = [use for use in story.reads if use.method.lower() in _MEMBERS and isinstance(use.key, Name | Call)]
    return any(
        ask.key == mark.key and ask.scope == mark.scope and ask.span.line <= mark.span.line for mark in marks for ask in asked
    )


def _stays_open(scope: str, facts: Facts) -> bool:
    """Whether this is done by the handler of a connection, which lasts as long as that."""
    around = [function for function in facts.enclosing(scope) if function.registered is not None]
    return any(last_segment(f.registered.name).lower() == "websocket" for f in around if f.registered is not None)


def _queue_like(story: Story) -> bool:
    return story.shared.shape is Shape.QUEUE or any(
        use.method in {"push", "append", "put_nowait"}
        or use.method.lower() in idioms.ADDING
        or (use.method == "put" and use.key is None)
        for use in story.writes
    )

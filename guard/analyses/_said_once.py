"""Whether a shared name only remembers what was said already: what hangs on it is whether a line stands in a log once more."""

from __future__ import annotations

from guard.analyses._words import words
from guard.facts import Call, Facts, Span, Use, indent_of, last_segment
from guard.regex import regex

_ASKING = frozenset({"in", "not in", "has", "contains", "containskey", "include?", "key?", "get", "[]"})
_LOGS = frozenset("log logger logging logs console slog zap logrus winston pino consola warnings".split())
"""Words of what is told things for people who run the program."""
_LEAVES = regex(r"\s*(?:raise|throw|yield|return\s+[^\s;]|break|continue)")
_LEAVES_EARLY = regex(r"\s*(?:\}\s*)?return;?\s*$")


def says_once(writes: tuple[Use, ...], reads: tuple[Use, ...], removals: tuple[Use, ...], facts: Facts) -> bool:
    """`if key not in warned: warned.add(key); logger.warning(…)`, and nothing else asks; what makes room does not count."""
    making_room = {use.scope for use in removals}
    asked = [use for use in reads if use.scope not in making_room]
    return (
        bool(asked)
        and all(use.scope in making_room or any(_guards_a_message(ask, use, facts) for ask in asked) for use in writes)
        and all(any(_guards_a_message(ask, use, facts) for use in writes) for ask in asked)
    )


def _guards_a_message(ask: Use, write: Use, facts: Facts) -> bool:
    """Whether a write and a message, and nothing else, depend on what was asked."""
    if ask.scope != write.scope or ask.method.lower() not in _ASKING or write.span.line < ask.span.line:
        return False
    block = _guarded(ask.span.line, facts)
    if block is None or not block.line <= write.span.line <= block.end_line:
        return False
    if any(_LEAVES.match(facts.lines[number - 1]) for number in range(block.line, block.end_line + 1)):
        return False
    calls = [call for call in facts.calls if block.line <= call.span.line <= block.end_line]
    said = [call for call in calls if _is_log(call)]
    own = last_segment(write.name)
    return bool(said) and all(
        any(_within(call.span, one.span) for one in said) or own in call.name or _within(call.span, write.span)
        for call in calls
    )


def _guarded(line: int, facts: Facts) -> Span | None:
    """The deeper lines below one; behind an early return, what is left of the function."""
    if line > len(facts.lines):  # of a file that only stands beside the one in question
        return None
    depth = indent_of(facts.lines[line - 1])
    last = line
    while last < len(facts.lines) and (not facts.lines[last].strip() or indent_of(facts.lines[last]) > depth):
        last += 1
    if last == line:
        return None
    inside = [text for text in facts.lines[line:last] if text.strip()]
    if len(inside) != 1 or not _LEAVES_EARLY.match(inside[0]):
        return Span(line + 1, last)
    end = last
    while end < len(facts.lines) and (not facts.lines[end].strip() or indent_of(facts.lines[end]) >= depth):
        end += 1
    return Span(last + 1, end) if end > last else None


def _is_log(call: Call) -> bool:
    *hosts, last = call.name.replace("()", "").replace("~", ".").replace("%", ".").split(".")
    return any(words(host) & _LOGS for host in hosts) or last.lower().startswith("log")


def _within(inner: Span, outer: Span) -> bool:
    return outer.line <= inner.line and inner.end_line <= outer.end_line

"""Whether a list of a file gathers what is sent to it: users, messages, todos, one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from guard.analyses._words import words
from guard.facts import Binding, Facts, Name, Use, Value, walk

_APPENDS = frozenset({"push", "append", "unshift"})
CALLBACKS = frozenset(
    "listener handler callback fn func cb plugin hook middleware subscriber observer module factory provider loader command route"
    " rule resolver".split()
)
"""Words for what is registered, not stored."""


def collects(binding: Binding, writes: Iterable[Use], facts: Facts) -> bool:
    """Whether a list of the file gets what its callers send, and no callbacks."""
    if binding.owner != "":
        return False
    appended = (use for use in writes if use.method in _APPENDS)
    return any(_is_sent(part) for use in appended for part in _parts(use, facts))


def _parts(use: Use, facts: Facts) -> Iterator[Value]:
    """What is stored, with the local names in it spelled out."""
    for part in walk(facts.resolve(use.value, use.scope)):
        yield part
        if isinstance(part, Name):
            yield from walk(facts.resolve(part, use.scope))


def _is_sent(value: Value) -> bool:
    """Whether a value is a parameter, or something of one."""
    return (
        isinstance(value, Name)
        and value.path.startswith("%")
        and not value.path.startswith(("%self", "%this", "%cls"))
        and not words(value.path.rsplit(".", 1)[-1]) & CALLBACKS
    )

"""Whether a file keeps what is sent to it, as a table would: users, messages, todos, one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from guard.analyses._made_of import parts
from guard.analyses._words import words
from guard.facts import Binding, Call, Constant, Facts, Name, Template, Unknown, Use, Value, last_segment, walk

_STEPS = frozenset({"++", "+=", "--", "-="})
_APPENDS = frozenset({"push", "append", "unshift"})
CALLBACKS = frozenset(
    "listener handler callback fn func cb plugin hook middleware subscriber observer module factory provider loader command route"
    " rule resolver".split()
)
"""Words for what is registered, not stored."""

_AWAITED = frozenset("resolve reject done callback cb deferred promise timer timeout controller signal".split())


def collects(binding: Binding, writes: Iterable[Use], facts: Facts) -> bool:
    """Whether a list of the file gets what its callers send, and no callbacks."""
    if binding.owner != "":
        return False
    appended = (use for use in writes if use.method in _APPENDS)
    return any(_is_sent(part) for use in appended for part in _parts(use, facts))


def numbers(writes: Iterable[Use], facts: Facts) -> bool:
    """Whether what callers send is stored under the next number (`items.set(this.nextId++, item)`), as a table does."""
    for use in writes:
        key = facts.resolve(use.key, use.scope)
        if isinstance(key, Unknown) and key.text.endswith("++"):
            stored = list(_parts(use, facts))
            if any(map(_is_sent, stored)) and not any(_is_awaited(part) for part in stored):
                return True
    return False


def counts_entries(writes: Iterable[Use], facts: Facts) -> bool:
    """Whether an entry becomes what it was and more: `tries.put(key, tries.get(key) + 1)`, also by way of a variable."""
    given = list(writes)
    keyed = [use for use in given if use.key is not None]
    if keyed and any(use.method == "+=" and use.value is not None and _is_sent(use.value) for use in given):
        return True  # `usage[key] = entry`, and `entry.tokens += tokens` of what is sent
    return adds_up(keyed, facts)


def adds_up(writes: Iterable[Use], facts: Facts) -> bool:
    """Whether entries are numbers that grow: `tries.put(key, tries.get(key) + 1)`, `used[key] = used.get(key, 0) + size`."""
    keyed = [use for use in writes if use.key is not None]
    return any((_goes_up(use, facts) and _from_itself(use, facts)) or _adds_to_a_number(use, facts) for use in keyed)


def _adds_to_a_number(use: Use, facts: Facts) -> bool:
    """Whether what was there, or a number, becomes a part of a sum: `used[key] = used.get(key, 0) + size`."""
    return isinstance(use.value, Template) and any(
        isinstance(part, Call)
        and isinstance(part.receiver, Name)
        and last_segment(part.receiver.path) == last_segment(use.name)
        and isinstance(default := part.positional(1), Constant)
        and isinstance(default.value, int | float)
        for part in parts(use.value, use.scope, facts)
    )


def _goes_up(use: Use, facts: Facts) -> bool:
    match use.value:
        case Template(parts=given):
            return any(isinstance(part, Constant) and isinstance(part.value, int) for part in given)
        case Name(path):
            return any(
                other.name == path.removeprefix("~") and other.owner == other.scope == use.scope and other.method in _STEPS
                for other in facts.uses
            )
        case _:
            return False


def _from_itself(use: Use, facts: Facts) -> bool:
    return any(
        isinstance(part, Call)
        and isinstance(part.receiver, Name)
        and last_segment(part.receiver.path) == last_segment(use.name)
        for part in parts(use.value, use.scope, facts)
    )


def _is_awaited(value: Value) -> bool:
    """Whether a value belongs to an answer that this process itself waits for (a promise's `resolve`, a timer)."""
    return isinstance(value, Name) and bool(words(value.path.rsplit(".", 1)[-1]) & _AWAITED)


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

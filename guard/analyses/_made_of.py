"""What values are made of: the parts of a value, local names followed, and whether one was just made up."""

from __future__ import annotations

import re
from collections.abc import Iterator

from guard.analyses import _idioms as idioms
from guard.facts import Action, Call, Constant, Facts, FunctionValue, Listing, Mapping, Name, Unknown, Value, last_segment, walk
from guard.gathered import gathered
from guard.regex import regex

MADE_UP = regex(
    r"(?:nanoid|uuid|uuid[1-7]|randomUUID|randomBytes|token_hex|token_urlsafe|cuid|cuid2|createId|ulid|v4|getrandbits|randint|shortid)",
    re.IGNORECASE,
)
"""Names of calls that make up a value."""


def is_made_up(value: Value) -> bool:
    """Whether a value was just made up, or is a part of what was: `uuid4().hex`."""
    if isinstance(value, Call):
        return MADE_UP.search(value.name) is not None
    called, calls, _ = value.path.rpartition("()") if isinstance(value, Name) else ("", "", "")
    return bool(calls) and MADE_UP.fullmatch(last_segment(called)) is not None


def parts(value: Value | None, scope: str, facts: Facts, depth: int = 0) -> Iterator[Value]:
    """A value and what is inside it, local names followed."""
    for part in walk(value):
        yield part
        if isinstance(part, FunctionValue) and depth < 3:  # what a function that is handed over gives back
            for given in facts.returns:
                if given.scope == part.scope:
                    yield from parts(given.value, given.scope, facts, depth + 1)
        if isinstance(part, Name) and depth < 3:
            for value_given_later in _given_later(facts).get((scope, part.path.removeprefix("~")), ()):
                yield from parts(value_given_later, scope, facts, depth + 1)
            for one_of_several in facts.alternatives(part, scope):  # `found = cache.get(id)`, and below `found = load(id)`
                if one_of_several.owner:
                    yield from parts(one_of_several.value, one_of_several.scope, facts, depth + 1)
            resolved = facts.resolve(part, scope)
            empty = isinstance(resolved, Mapping | Listing) and not any(
                True for inner in walk(resolved) if inner is not resolved
            )
            if resolved is not part and not isinstance(resolved, Constant) and not empty:
                yield from parts(resolved, scope, facts, depth + 1)


@gathered(most=16)
def _given_later(facts: Facts) -> dict[tuple[str, str], tuple[Value, ...]]:
    """What functions give their own variables after they made them, by (function, name): `if (!found) user = load(id)`."""
    found: dict[tuple[str, str], tuple[Value, ...]] = {}
    for use in facts.uses:
        if use.action is Action.REBIND and use.owner and use.owner == use.scope and use.value is not None and use.method == "=":
            key = (use.owner, use.name)
            found[key] = (*found.get(key, ()), use.value)
    for call in facts.calls if facts.language in idioms.FILLS_BY_POINTER else ():
        for name in _filled_by(call, facts):  # `row.Scan(&user)`
            found[(call.scope, name)] = (*found.get((call.scope, name), ()), call)
    return found


_ANSWER = regex(r"\.(?:Do|Get|Post|PostForm|Send|RoundTrip)\(\)\.Body\b")
"""The body of what another server answered, in Go."""


def _is_of_an_answer(call: Call, facts: Facts) -> bool:
    """Whether a call decodes what another server answered: `json.NewDecoder(res.Body).Decode(&token)`."""
    given = (facts.resolve(value, call.scope) for value in (call.receiver, call.positional(0)))
    return last_word(call.name) in {"decode", "unmarshal"} and any(
        isinstance(part, Name) and _ANSWER.search(part.path) for value in given for part in walk(value)
    )


def _filled_by(call: Call, facts: Facts) -> Iterator[str]:
    """The variables that were declared empty and hold what a call found."""
    if last_word(call.name) not in idioms.FILLING and not _is_of_an_answer(call, facts):
        return
    for name in (given.value.path.removeprefix("~") for given in call.arguments if isinstance(given.value, Name)):
        bound = facts.bindings_by_name.get((call.scope, name), ())
        if len(bound) == 1 and (isinstance(bound[0].value, Constant | Unknown) or _is_empty(bound[0].value)):
            yield name


def _is_empty(value: Value) -> bool:
    return isinstance(value, Call) and not value.arguments and value.receiver is None


def last_word(name: str) -> str:
    """The last segment of a call's name, lower case, without the path of a module: `default` of `node-cache/default()`."""
    return last_segment(name).rsplit("/", 1)[-1].removesuffix("()").lower()

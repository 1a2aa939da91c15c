"""Which functions of a file are called by handlers in other files of the change."""

from __future__ import annotations

import re
from collections.abc import Iterator

from guard.analyses import View
from guard.analyses._idioms import REGISTERED_ELSEWHERE
from guard.analyses._runtime import Runs, runtime
from guard.facts import Call, Facts, Function, FunctionKind, last_segment

_SEGMENTS = re.compile(r"[.~%/]+")


def called_by_handlers(view: View) -> frozenset[str]:
    """Ids of the functions that code of other files calls while it answers a request: by their type's or their module's name."""
    functions = [function for function in view.facts.functions if function.name and function.kind is not FunctionKind.CLASS]
    if not functions or not view.neighbours:
        return frozenset()
    table = {address: function.id for function in functions for address in _own_addresses(function, view.facts)}
    named = tuple({name for _, name in table})
    return frozenset(
        table[address]
        for other in view.neighbours
        if other.language == view.facts.language
        for call in other.calls
        if call.name.endswith(named)
        for address in _addresses(call)
        if address in table and _for_a_request(call, other)
    )


def _own_addresses(function: Function, facts: Facts) -> Iterator[tuple[str, str]]:
    """What others call a function by: the name of its type or of an interface of it, or its file's, and its own."""
    owner = facts.function_by_id.get(function.parent)
    if owner is None or owner.kind is not FunctionKind.CLASS:
        yield facts.path.rsplit("/", 1)[-1].rsplit(".", 1)[0], function.name
        return
    yield owner.name, function.name
    for base in owner.bases if facts.language in REGISTERED_ELSEWHERE else ():  # who is called by what it is registered as
        yield last_segment(base).removesuffix("()"), function.name


def _addresses(call: Call) -> Iterator[tuple[str, str]]:
    """`com.acme.Codes.add`, `com.acme.Codes().add` and `Context.getCodes().add` as (`Codes`, `add`)."""
    *_, holder, name = ["", "", *_SEGMENTS.split(call.name)]
    holder = holder.removesuffix("()")
    yield holder, name
    if re.match(r"get[A-Z]", holder):
        yield holder[3:], name


def _for_a_request(call: Call, facts: Facts) -> bool:
    return runtime(facts).get(call.scope, Runs.ONCE) is Runs.REQUEST

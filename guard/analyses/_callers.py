"""Which functions of a file are called by handlers in other files of the change."""

from __future__ import annotations

import re
from collections.abc import Iterator

from guard.analyses import View
from guard.analyses._containers import bound_to
from guard.analyses._idioms import REGISTERED_ELSEWHERE
from guard.analyses._package import FOLDER_IS_ONE
from guard.analyses._runtime import Runs, runtime
from guard.analyses._side import paths_of
from guard.facts import Call, Facts, Function, FunctionKind, last_segment
from guard.gathered import gathered
from guard.modules import IMPORTED_BY_PATH, folder_of, homes, related, speaks_for, stem_of
from guard.regex import regex

_SEGMENTS = regex(r"[.~%/]+")
_ENDING = regex(r"(?<=[\w-])\.[cm]?[jt]sx?(?=\.\w+(?:\(\))?$)")
"""The ending that imports of modules of JavaScript have in front of the function's name: `../jobs.js.start`."""
_MOST_STEPS = 3
"""Files that a call may go through from the handler on: the handler's, a service's, a store's."""


def called_by_handlers(view: View) -> frozenset[str]:
    """Ids of the functions that code of other files calls while it answers a request: by their type's or their module's name."""
    if not view.neighbours:
        return frozenset()
    return _called(frozenset((view.facts, *view.neighbours))).get(view.facts, frozenset())


@gathered(most=4)
def _called(side: frozenset[Facts]) -> dict[Facts, frozenset[str]]:
    """For each file of a side its functions that run with requests of other files: those that handlers call, and what these call."""
    found: dict[Facts, frozenset[str]] = {}
    tables = {facts: table for facts in side if (table := _table(facts))}
    for _ in range(_MOST_STEPS):
        before, found = found, {facts: _called_of(facts, table, side, found) for facts, table in tables.items()}
        if before == found:
            break
    return found


def _table(facts: Facts) -> dict[tuple[str, str], str]:
    """The functions of a file by what others call them by."""
    functions = (function for function in facts.functions if function.name and function.kind is not FunctionKind.CLASS)
    return {address: function.id for function in functions for address in _own_addresses(function, facts)}


def _called_of(
    facts: Facts, table: dict[tuple[str, str], str], side: frozenset[Facts], known: dict[Facts, frozenset[str]]
) -> frozenset[str]:
    calls = _calls_by_last(side)
    return frozenset(
        table[address]
        for name in {name for _, name in table}
        for other, call in calls.get(name, ())
        if other is not facts and related(other.language, facts.language)
        for address in _addresses(call, other)
        if address in table
        and _for_a_request(call, other, known.get(other, frozenset()))
        and _may_be_of(call.name, other, facts, side)
    )


@gathered(most=4)
def _calls_by_last(side: frozenset[Facts]) -> dict[str, list[tuple[Facts, Call]]]:
    """The calls of all files of a side by the last segment of their names: gathered once, asked for each file."""
    table: dict[str, list[tuple[Facts, Call]]] = {}
    for facts in side:
        for call in facts.calls:
            table.setdefault(_SEGMENTS.split(call.name)[-1], []).append((facts, call))
    return table


def _may_be_of(name: str, caller: Facts, facts: Facts, side: frozenset[Facts]) -> bool:
    """Whether no other file defines what is called, as far as imports tell; elsewhere a type stands for what it is given by."""
    if caller.language not in IMPORTED_BY_PATH:
        return True
    found = [path for path, _ in homes(name, caller.path, caller.language, paths_of(side))]
    return not found or any(speaks_for(path, facts.path) for path in found)


def _own_addresses(function: Function, facts: Facts) -> Iterator[tuple[str, str]]:
    """What others call a function by: the name of its type or of an interface of it, or its file's or folder's, and its own."""
    owner = facts.function_by_id.get(function.parent)
    if owner is None or owner.kind is not FunctionKind.CLASS:
        yield facts.path.rsplit("/", 1)[-1].rsplit(".", 1)[0], function.name
        yield stem_of(facts.path), function.name
        if facts.language in FOLDER_IS_ONE or (facts.language in IMPORTED_BY_PATH and function.exported):
            yield folder_of(facts.path).rsplit("/", 1)[-1], function.name
        return
    yield owner.name, function.name
    yield from ((name, function.name) for name in _objects(owner.name, facts))
    for base in owner.bases if facts.language in REGISTERED_ELSEWHERE else ():  # who is called by what it is registered as
        yield last_segment(base).removesuffix("()"), function.name


def _objects(class_name: str, facts: Facts) -> Iterator[str]:
    """The names that a file gives to objects of its class: `export const jobs = new Jobs()`."""
    yield from bound_to({f"~{class_name}"}, facts)
    if any(isinstance(setting.value, Call) and setting.value.name == f"~{class_name}" for setting in facts.settings):
        yield stem_of(facts.path)


def _addresses(call: Call, caller: Facts) -> Iterator[tuple[str, str]]:
    """`com.acme.Codes.add`, `com.acme.Codes().add` and `Context.getCodes().add` as (`Codes`, `add`); `add` alone as its folder's."""
    *_, holder, name = ["", "", *(part for part in _SEGMENTS.split(_ENDING.sub("", call.name)) if part != "index")]
    holder = holder.removesuffix("()")
    if not holder and caller.language in FOLDER_IS_ONE:
        holder = folder_of(caller.path).rsplit("/", 1)[-1]
    yield holder, name
    if re.match(r"get[A-Z]", holder):
        yield holder[3:], name
    if call.name.startswith(("~", "%self.", "%this.")) and "." in call.name and (of_type := _type_by_name(holder)) != holder:
        yield of_type, name


def _type_by_name(field: str) -> str:
    """The type after which a field is called that is given an object: `authService`, `auth_service` as `AuthService`."""
    return "".join(f"{part[:1].upper()}{part[1:]}" for part in field.split("_"))


def _for_a_request(call: Call, facts: Facts, called: frozenset[str]) -> bool:
    return runtime(facts, called).get(call.scope, Runs.ONCE) is Runs.REQUEST

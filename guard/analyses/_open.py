"""What a changed file leaves open about shared names: whose they are, and who else uses them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from guard.analyses import View, Wanted
from guard.analyses._containers import Shape, bound_to, containers, for_threads, shared
from guard.analyses._package import FOLDER_IS_ONE
from guard.analyses._stories import merged
from guard.analyses._words import PERSON, WORK, words
from guard.facts import Action, Binding, Call, Choice, Constant, Facts, FunctionKind, Listing, Mapping, Name, Use
from guard.modules import IMPORTED_BY_PATH, folder_of, stem_of
from guard.regex import regex

_CHANGES = frozenset({Action.MUTATE, Action.REMOVE})
_NOT_OTHERS = regex(r"^(?:[%~]|globalThis\b|global\b|process\b|window\b|exports\b|module\b)|\(\)")
_OUTSIDE = frozenset(
    "db database redis prisma repository repo knex mongo orm dao sequelize supabase firestore adapter client logger log logging metric stat".split()
)
_MOST = 6
"""Questions of one kind that one file may ask."""
_MOST_STEPS = 3
"""Calls within a folder on the way from what it offers others to what it keeps."""


def declared_elsewhere(facts: Facts, lines: frozenset[int]) -> Iterator[Wanted]:
    """The containers of other files of which the change adds a write."""
    names = (
        use.name
        for use in facts.uses
        if use.owner == "?" and use.action is Action.MUTATE and use.scope and use.span.touches(lines)
    )
    for name in [name for name in dict.fromkeys(names) if not _NOT_OTHERS.search(name) and not _is_backing(name)][:_MOST]:
        yield Wanted(name=name)


def _is_backing(name: str) -> bool:
    """Whether a name says that it stands for what is outside of the process, or for a log."""
    return any(words(segment) & _OUTSIDE for segment in re.split(r"[./]", name))


def of_the_package(facts: Facts, lines: frozenset[int]) -> Iterator[Wanted]:
    """The files of the folder that declare what a changed line writes, where the files of a folder are one program."""
    if facts.language not in FOLDER_IS_ONE:
        return
    names = (
        use.name
        for use in facts.uses
        if use.owner != "?"
        and use.action is Action.MUTATE
        and (use.owner, use.name) not in facts.bindings_by_name
        and use.owner not in {function.id for function in facts.functions if function.kind is not FunctionKind.CLASS}
        and use.span.touches(lines)
    )
    for name in list(dict.fromkeys(names))[:_MOST]:
        yield Wanted(words=(name,), below=folder_of(facts.path))


def used_elsewhere(view: View, lines: frozenset[int]) -> Iterator[Wanted]:
    """Who else uses a container of the file that the change makes or writes."""
    facts = view.facts
    asked: dict[Wanted, None] = {}
    known = {one.binding: one.shape is not Shape.SCALAR for one in merged(shared(facts, view.neighbours))}
    fields = {binding: _tells(binding) for binding in containers(facts) if binding not in known}
    for binding, worth in {**known, **fields}.items():
        uses = [use for use in facts.uses if use.name == binding.name and use.owner in {binding.owner, "?"}]
        if worth and _is_new(binding, uses, lines) and _may_hold_state(binding, uses):
            asked |= dict.fromkeys(_users_of(binding, uses, facts))
            if facts.language in FOLDER_IS_ONE and not binding.owner:
                asked |= dict.fromkeys(_callers_of(uses, view))
    yield from list(asked)[:_MOST]


def _tells(binding: Binding) -> bool:
    """Whether a field says that it holds what is somebody's or waits, or is made for several threads."""
    return bool(words(binding.name) & (PERSON | WORK)) or for_threads(binding)


def _is_new(binding: Binding, uses: list[Use], lines: frozenset[int]) -> bool:
    return binding.span.touches(lines) or any(use.action in _CHANGES and use.span.touches(lines) for use in uses)


def _may_hold_state(binding: Binding, uses: list[Use]) -> bool:
    """Whether it is a container that starts empty, or is written after it is made; a table of constants is neither."""
    return any(use.action in _CHANGES and use.scope for use in uses) or _starts_empty(binding)


def _starts_empty(binding: Binding) -> bool:
    match binding.value:
        case Mapping(entries=content):
            return not content
        case Listing(items=content):
            return not content
        case Call(arguments=arguments):
            return all(isinstance(argument.value, Constant | Name) for argument in arguments)
        case Choice():
            return True
        case _:
            return False


def _users_of(binding: Binding, uses: list[Use], facts: Facts) -> Iterator[Wanted]:
    owner = facts.function_by_id.get(binding.owner)
    if facts.language in FOLDER_IS_ONE:
        yield Wanted(words=(binding.name,), below=folder_of(facts.path))
    if owner is not None and owner.kind is FunctionKind.CLASS:
        yield Wanted(words=(owner.name,))
        yield from (
            Wanted(words=(stem_of(facts.path), name)) for name in bound_to({f"~{owner.name}", f"~New{owner.name}"}, facts)
        )
    elif not binding.owner and facts.language in IMPORTED_BY_PATH:
        around = (facts.function_by_id[use.scope].name for use in uses if use.scope in facts.function_by_id)
        names = [name for name in dict.fromkeys((binding.name.rsplit(".", 1)[-1], *around)) if name.isidentifier()]
        yield Wanted(words=(stem_of(facts.path), "|".join(names[:_MOST])))


def _callers_of(uses: list[Use], view: View) -> Iterator[Wanted]:
    """The files that call what the folder offers others of what uses a name, straight or by way of each other."""
    facts = view.facts
    folder = folder_of(facts.path)
    files = (
        facts,
        *(other for other in view.neighbours if folder_of(other.path) == folder and other.language == facts.language),
    )
    calls = [(call, file.function_by_id.get(call.scope)) for file in files for call in file.calls]
    around = (facts.function_by_id[use.scope] for use in uses if use.scope in facts.function_by_id)
    found = {function.name: function.exported for function in around if function.name}
    for _ in range(_MOST_STEPS):
        for call, caller in calls:
            if caller is not None and caller.name and call.name.removeprefix("~") in found:
                found.setdefault(caller.name, caller.exported)
    offered = [name for name, exported in found.items() if exported]
    if offered and folder:
        yield Wanted(words=("|".join(f"{folder.rsplit('/', 1)[-1]}.{name}" for name in offered[:_MOST]),))

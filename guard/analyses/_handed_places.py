"""Temporary places that a helper is handed: it writes where its callers say, and they say `mkdtemp()`."""

from __future__ import annotations

from collections.abc import Iterator

from guard.analyses._paths import is_made_temporary, parts
from guard.analyses._touches import Touch
from guard.facts import Facts, Function, Name, Value, last_segment
from guard.modules import related
from guard.roles import Role, role_of_path

_MOST_STEPS = 3
_ITSELF = frozenset({"self", "cls"})


def handed_scratch(touch: Touch, facts: Facts, neighbours: tuple[Facts, ...]) -> bool:
    """Whether the place is one that a function is given, and every call of it that is seen gives a temporary one."""
    others = (
        far
        for far in neighbours
        if related(far.language, facts.language) and role_of_path(far.path, code=True) is not Role.TEST
    )
    return _only_scratch(touch.path, touch.call.scope, facts, (facts, *others), _MOST_STEPS)


def _only_scratch(value: Value | None, scope: str, facts: Facts, files: tuple[Facts, ...], steps: int) -> bool:
    if is_made_temporary(value, scope, facts):
        return True
    handed = next(_handed(value, scope, facts), None)
    if handed is None or not steps:
        return False
    given = [
        _only_scratch(place, scope, far, files, steps - 1) for far, scope, place in _given(*handed, files) if place is not None
    ]
    return bool(given) and all(given)


def _handed(value: Value | None, scope: str, facts: Facts) -> Iterator[tuple[Function, str]]:
    """The parameters that a path is made of, with the functions that they are of: what is first is the folder."""
    for part in parts(value, scope, facts):
        if isinstance(part, Name) and part.path.startswith("%"):
            name = part.path[1:].split(".", 1)[0]
            yield from ((function, name) for function in facts.enclosing(scope) if name in function.parameters)


def _given(function: Function, name: str, files: tuple[Facts, ...]) -> Iterator[tuple[Facts, str, Value | None]]:
    """What calls give for a parameter, and where they stand."""
    names = [one for one in function.parameters if one not in _ITSELF]
    for facts in files if function.name and name in names else ():
        for call in facts.calls:
            if last_segment(call.name) == function.name and call.scope != function.id:
                yield facts, call.scope, call.positional(names.index(name)) or call.option(name)

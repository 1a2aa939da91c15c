"""Containers that functions of the same file are handed, or give back.

What is done with the parameter, or with the variable that holds what was given back, is done with the container.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from guard.analyses._runtime import targets
from guard.facts import Action, Call, Facts, Function, FunctionKind, Name, Use, last_segment
from guard.gathered import gathered

_Binding = tuple[str, str]
"""Owner and name."""


@gathered(most=16)
def with_passed_on(facts: Facts) -> Facts:
    """The facts with the uses of a parameter as uses of what every caller of the function gives for it."""
    given = {place: found for place, found in _given(facts).items() if found is not None}
    held = _held(facts)
    if not given and not held:
        return facts
    uses = [_renamed(use, given, facts) for use in facts.uses]
    uses = [_of_what_is_held(use, held) for use in uses] if held else uses
    known = {(use.span, use.name) for use in uses}
    uses += (use for use in _asked(given, facts) if (use.span, use.name) not in known)
    return replace(facts, uses=tuple(sorted(uses, key=lambda use: use.span)))


def _given(facts: Facts) -> dict[tuple[str, str], _Binding | None]:
    """For parameters (function, name) the one binding that all calls hand over; None where they differ."""
    found: dict[tuple[str, str], _Binding | None] = {}
    for call in facts.calls:
        names = [argument.value for argument in call.arguments if argument.name is None]
        if not any(isinstance(value, Name) and value.path.startswith("~") for value in names):
            continue
        for function in _called(call, facts):
            for parameter, value in zip(function.parameters, names, strict=False):
                bound = _bound(value.path[1:], call.scope, facts) if isinstance(value, Name) and value.path[:1] == "~" else None
                place = (function.id, parameter)
                found[place] = bound if found.get(place, bound) == bound else None
    return found


def _held(facts: Facts) -> dict[_Binding, _Binding]:
    """For variables of functions the shared container that a function of the file gave them: `const jobs = getJobs()`."""
    found: dict[_Binding, _Binding] = {}
    for binding in facts.bindings:
        made = binding.value
        if binding.owner and binding.owner == binding.scope and isinstance(made, Call) and not made.arguments:
            bound = {_given_back(function, facts) for function in _called(made, facts)}
            one = bound.pop() if len(bound) == 1 else None
            if one is not None and len(facts.bindings_by_name[binding.owner, binding.name]) == 1:
                found[binding.owner, binding.name] = one
    return found


def _given_back(function: Function, facts: Facts) -> _Binding | None:
    """The one shared binding that a function gives back, whatever way it takes."""
    values = {given.value for given in facts.returns if given.scope == function.id}
    value = values.pop() if len(values) == 1 else None
    if not isinstance(value, Name):
        return None
    shared = ("", value.path.removeprefix("~"))
    return shared if shared in facts.bindings_by_name else None


def _of_what_is_held(use: Use, held: dict[_Binding, _Binding]) -> Use:
    bound = held.get((use.owner, use.name))
    return use if bound is None else replace(use, owner=bound[0], name=bound[1])


def _called(call: Call, facts: Facts) -> Iterator[Function]:
    if call.name.startswith("~"):
        functions = (facts.function_by_id[target] for target in targets(call.name, call.scope, facts))
        yield from (function for function in functions if function.kind is FunctionKind.FUNCTION)


def _bound(name: str, scope: str, facts: Facts) -> _Binding | None:
    places = [*((function.id, name) for function in facts.enclosing(scope)), ("", name)]
    return next((place for place in places if place in facts.bindings_by_name), None)


def _of_a_parameter(path: str, scope: str, given: dict[tuple[str, str], _Binding], facts: Facts) -> _Binding | None:
    """The binding behind `%sessions`, a parameter of the nearest function that has one of this name."""
    if not path.startswith("%"):
        return None
    around = next((function for function in facts.enclosing(scope) if path[1:] in function.parameters), None)
    return given.get((around.id, path[1:])) if around is not None else None


def _renamed(use: Use, given: dict[tuple[str, str], _Binding], facts: Facts) -> Use:
    bound = _of_a_parameter(use.name, use.scope, given, facts) if use.owner == "?" else None
    return use if bound is None else replace(use, owner=bound[0], name=bound[1])


def _asked(given: dict[tuple[str, str], _Binding], facts: Facts) -> Iterator[Use]:
    """What calls ask of a parameter: reads of it are no uses of the file's own names."""
    for call in facts.calls:
        bound = _of_a_parameter(call.receiver.path, call.scope, given, facts) if isinstance(call.receiver, Name) else None
        if bound is not None:
            yield Use(bound[1], bound[0], Action.READ, call.span, call.scope, last_segment(call.name), call.positional(0))

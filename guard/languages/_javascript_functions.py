"""The functions and classes of a JavaScript or TypeScript file as facts, with the calls they are handed to."""

from __future__ import annotations

from collections.abc import Iterator

from guard.facts import Call, Function, FunctionKind, Listing, Mapping, Name, Value
from guard.languages._javascript_scopes import Definition, Scope, first_of, unwrapped
from guard.languages._javascript_survey import TAKE_FUNCTIONS, Survey
from guard.languages._javascript_values import UNKNOWN, Reading
from guard.languages._syntax import Node, span_of

_BOUND = (".bind", ".call", ".apply")
_DEEPEST = 4


def functions(survey: Survey, reading: Reading, calls: list[tuple[Call, Scope]]) -> tuple[Function, ...]:
    """All functions and classes, in source order."""
    by_name = _registered_by_name(survey, calls)
    return tuple(_function(made, reading, by_name) for made in survey.definitions)


def _function(made: Definition, reading: Reading, by_name: dict[str, Call]) -> Function:
    registered = reading.call(*made.handed) if made.handed is not None else by_name.get(made.id)
    scope = made.scope
    paths = (reading.path(base, scope) for base in made.bases) if scope is not None else iter(())
    return Function(
        id=made.id,
        name=made.name,
        parent=made.parent,
        kind=made.kind,
        span=span_of(made.node),
        parameters=tuple(made.parameters),
        decorators=tuple(_decorators(made, reading)),
        bases=tuple(path for path in paths if not path.startswith(UNKNOWN)),
        exported=made.exported,
        registered=registered,
    )


def _decorators(made: Definition, reading: Reading) -> Iterator[Call | Name]:
    for node in made.decorators:
        inner = first_of(node)
        if inner is None or made.scope is None:
            continue
        if inner.type == "call_expression":
            yield reading.call(inner, made.scope)
        else:
            yield Name(reading.path(inner, made.scope))


def _registered_by_name(survey: Survey, calls: list[tuple[Call, Scope]]) -> dict[str, Call]:
    """Function id -> the first call that was given it by name."""
    found: dict[str, Call] = {}
    dotted = {made.id: made for made in survey.definitions if "." in made.id}
    for call, scope in calls:
        for path in _handed_names(call):
            made = _named(path[1:], scope, dotted, survey)
            if made is not None and made.kind is not FunctionKind.CLASS:
                found.setdefault(made.id, call)
    return found


def _handed_names(call: Call) -> Iterator[str]:
    """Names of this file's definitions among the arguments, also in lists, options and wrappers (`wrap(handler)`, `f.bind(x)`)."""
    waiting: list[tuple[Value, int]] = [(argument.value, 0) for argument in call.arguments]
    while waiting:
        value, depth = waiting.pop()
        match value:
            case Name(path) if path.startswith("~"):
                yield path
            case Call(name=name) if name.startswith("~") and name.endswith(_BOUND):
                yield name.rpartition(".")[0]
            case Call(name=name) if depth < _DEEPEST and name.rpartition(".")[2] not in TAKE_FUNCTIONS:
                waiting += [(argument.value, depth + 1) for argument in value.arguments]
            case Listing(items) if depth < _DEEPEST:
                waiting += [(item, depth + 1) for item in items]
            case Mapping(entries) if depth < _DEEPEST:
                waiting += [(entry.value, depth + 1) for entry in entries]
            case _:
                pass


def _named(name: str, scope: Scope, dotted: dict[str, Definition], survey: Survey) -> Definition | None:
    if "." in name:
        return dotted.get(name)
    declared = scope.find(name)
    if declared is None:
        return None
    if declared.function is not None:
        return declared.function
    init: Node | None = declared.init
    return survey.definition_of.get(unwrapped(init).id) if init is not None else None

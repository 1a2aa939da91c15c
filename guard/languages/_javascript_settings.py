"""Configuration in JavaScript and TypeScript code: exported objects, objects named like a configuration, upper-case constants."""

from __future__ import annotations

import re
from collections.abc import Iterator

from guard.facts import Call, FunctionValue, Listing, Mapping, Setting, Span, Value
from guard.languages._javascript_scopes import Declaration, DeclarationKind, Scope, unwrapped
from guard.languages._javascript_survey import Survey
from guard.languages._javascript_values import Reading
from guard.languages._syntax import Node, span_of

_CONFIGURATION = re.compile(r"config|settings|options|^opts$|defaults|^env$", re.IGNORECASE)
_PLAIN = re.compile(r"(app|default)?(config|configuration|settings|options|opts|defaults|env|cfg|conf)", re.IGNORECASE)
"""Names that add nothing to the path of their entries."""
_UPPER = re.compile(r"[A-Z][A-Z0-9_]*")
_DEEPEST = 8
_MOST = 2_000


def settings(survey: Survey, reading: Reading) -> tuple[Setting, ...]:
    """All settings, in source order, bounded in number."""
    found = [*_of_exports(survey, reading), *_of_variables(survey, reading), *_of_assignments(survey, reading)]
    return tuple(sorted(found, key=lambda setting: (setting.span.line, setting.span.column))[:_MOST])


def _of_exports(survey: Survey, reading: Reading) -> Iterator[Setting]:
    for node, scope in survey.exports:
        plain = _given_back(node)
        if plain.type in {"object", "call_expression"}:
            yield from _below((), reading.value(plain, scope), span_of(plain), scope.id)


def _of_variables(survey: Survey, reading: Reading) -> Iterator[Setting]:
    for made in survey.variables:
        if made.init is None or made.suffix or made.element:
            continue
        path = _path_of(made)
        if path is not None:
            yield from _below(path, reading.value(made.init, made.scope), span_of(made.node), made.scope.id)


def _path_of(made: Declaration) -> tuple[str, ...] | None:
    """Where the settings of a variable stand; None if it is none."""
    kind = unwrapped(made.init).type if made.init is not None else ""
    upper = _UPPER.fullmatch(made.name) is not None
    holder = kind in {"object", "call_expression"} and _CONFIGURATION.search(made.name) is not None
    shown = made.exported and kind == "object"
    if not (upper or holder or shown) or (made.kind is DeclarationKind.FIELD and made.instance and not holder):
        return None
    return () if kind != "string" and _PLAIN.fullmatch(made.name) else (made.name,)


def _of_assignments(survey: Survey, reading: Reading) -> Iterator[Setting]:
    for node, scope in survey.writes:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None or left.type not in {"member_expression", "subscript_expression"}:
            continue
        path = _assigned_path(left, scope, reading)
        if path is not None:
            yield from _below(path, reading.value(_given_back(right), scope), span_of(node), scope.id)


def _given_back(node: Node) -> Node:
    """The object that `({ env }) => ({ … })` gives back, as Strapi's and others' settings are exported; other nodes as they are."""
    plain = unwrapped(node)
    body = plain.child_by_field_name("body") if plain.type in {"arrow_function", "function_expression"} else None
    if body is not None and body.type == "statement_block":
        last = body.named_children[-1] if body.named_children else None
        given = last.named_children[:1] if last is not None and last.type == "return_statement" else []
        body = given[0] if given else None
    found = unwrapped(body) if body is not None else plain
    return found if found.type == "object" else plain


def _assigned_path(left: Node, scope: Scope, reading: Reading) -> tuple[str, ...] | None:
    """`module.exports = …` -> (), `exports.session = …` -> ("session",), `config.session.driver = …` -> ("session", "driver")."""
    text = reading.source.beginning(left, 120)
    if "(" in text or "[" in text:
        return None
    first, *others = text.replace("module.exports", "exports").replace("?.", ".").split(".")
    if first == "exports":
        return tuple(others) if scope.definition is None else None
    return tuple(others) if _PLAIN.fullmatch(first) and others else None


def _below(path: tuple[str, ...], value: Value, span: Span, scope: str) -> Iterator[Setting]:
    """The settings in a value: one for each entry at every depth, mappings themselves left out."""
    waiting: list[tuple[tuple[str, ...], Value, Span]] = [(path, _content(value), span)]
    count = 0
    while waiting and count < _MOST:
        at, current, place = waiting.pop()
        if isinstance(current, Mapping) and len(at) < _DEEPEST:
            waiting += [
                ((*at, entry.key), entry.value, entry.span) for entry in reversed(current.entries) if entry.key is not None
            ]
        elif isinstance(current, Listing) and any(isinstance(item, Mapping) for item in current.items):
            waiting += [((*at, str(index)), item, place) for index, item in reversed(list(enumerate(current.items)))]
        elif at and not isinstance(current, FunctionValue):
            count += 1
            yield Setting(at, current, place, 0, scope)


def _content(value: Value) -> Value:
    """What `defineConfig({…})` and its like are handed; other values as they are."""
    if isinstance(value, Call):
        return next((argument.value for argument in value.arguments if isinstance(argument.value, Mapping)), value)
    return value

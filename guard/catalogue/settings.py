"""What conditions ask of settings beyond their own path and value: what stands beside and around them, and blocks of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from guard.catalogue.backing import names_a_backing_service
from guard.catalogue.patterns import name_fits, name_pattern, text_of, value_fits
from guard.catalogue.rule import Condition
from guard.facts import Choice, Constant, Facts, Setting, Span, Template, Value

Pairs = tuple[tuple[str, tuple[str, ...]], ...]

_ASSIGNMENT = re.compile(r"\s*([A-Za-z_][\w.]*)\s*=(.*)", re.DOTALL)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NAME_KEYS = ("name", "Name", "key", "Key")
_VALUE_KEYS = ("value", "Value")
_OWNER_KEYS = re.compile(
    r"(?:^|\.)(?:(?:[Cc]ontainer_?)?[Nn]ame|image|image\.repository|repository|app|hostname|release|component|app\.kubernetes\.io/(?:name|component|instance|part-of)|"
    r"(?:matchLabels|selector|labels)\.[^.]+)$"
)


def surroundings_hold(condition: Condition, setting: Setting, facts: Facts) -> bool:
    """Whether what stands beside and around a setting is as the condition wants it."""
    parent = setting.path[:-1]
    if condition.beside and not _all_hold(condition.beside, parent, setting, facts):
        return False
    if not all(_somewhere_around(pair, setting, facts) for pair in condition.around):
        return False
    if any(_somewhere_around(pair, setting, facts) for pair in condition.not_around):
        return False
    return not condition.owner or not belongs_to_a_backing_service(setting, facts)


def _somewhere_around(pair: tuple[str, tuple[str, ...]], setting: Setting, facts: Facts) -> bool:
    return any(_all_hold((pair,), setting.path[:depth], setting, facts) for depth in range(len(setting.path)))


def _all_hold(pairs: Pairs, parent: tuple[str, ...], setting: Setting, facts: Facts) -> bool:
    below = [(relative, other) for relative, other in _below(parent, setting.document, facts) if other is not setting]
    return all(
        any(
            name_pattern(key).fullmatch(relative) and value_fits(other.value, patterns, facts, other.scope) is not None
            for relative, other in below
        )
        for key, patterns in pairs
    )


def _below(parent: tuple[str, ...], document: int, facts: Facts) -> Iterator[tuple[str, Setting]]:
    depth = len(parent)
    for setting in facts.settings:
        if setting.document == document and len(setting.path) > depth and setting.path[:depth] == parent:
            yield ".".join(setting.path[depth:]), setting


def belongs_to_a_backing_service(setting: Setting, facts: Facts) -> bool:
    """Whether names, labels and images around a setting, its own keys, or the file's path name a product that keeps state."""
    if names_a_backing_service(facts.path) or any(names_a_backing_service(key) for key in setting.path[:-1]):
        return True
    return any(names_a_backing_service(text_of(value)) for value in _owners(setting, facts))


def _owners(setting: Setting, facts: Facts) -> Iterator[Value]:
    """Values of what names the object around a setting: the nearest mapping around it that has a name, an image or labels."""
    for depth in range(len(setting.path) - 1, -1, -1):
        around = _below(setting.path[:depth], setting.document, facts)
        found = [other.value for relative, other in around if relative.count(".") <= 6 and _OWNER_KEYS.search(relative)]
        if found:
            yield from found
            return


# -- environment variables --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Variable:
    """An environment variable and the setting that gives it its value."""

    name: str
    value: Value
    setting: Setting


def variables(condition: Condition, facts: Facts) -> Iterator[Variable]:
    """The environment variables of a file that the condition names."""
    for variable in all_variables(facts):
        if name_fits(variable.name, condition.variable):
            yield variable


def all_variables(facts: Facts) -> Iterator[Variable]:
    """Every setting that may be an environment variable, in the three ways in which formats write them."""
    names = {(s.document, s.path[:-1]): s.value for s in facts.settings if s.path and s.path[-1] in _NAME_KEYS}
    for setting in facts.settings:
        if not setting.path:
            continue
        key = setting.path[-1]
        if key in _VALUE_KEYS:
            name = names.get((setting.document, setting.path[:-1]))
            if isinstance(name, Constant) and isinstance(name.value, str):
                yield Variable(name.value, setting.value, setting)
        elif key.isdigit():
            yield from _assigned(setting)
        elif _VARIABLE.fullmatch(key):
            yield Variable(key, setting.value, setting)


def _assigned(setting: Setting) -> Iterator[Variable]:
    """`NAME=value` as an item of a list; the value may have holes."""
    match setting.value:
        case Constant(value=str(text)):
            found = _ASSIGNMENT.fullmatch(text)
            if found:
                yield Variable(found[1], Constant(found[2].strip("\"'")), setting)
        case Template(parts=(Constant(value=str(text)), *rest)):
            found = _ASSIGNMENT.fullmatch(text)
            if found:
                pieces = (*((Constant(found[2]),) if found[2] else ()), *rest)
                yield Variable(found[1], pieces[0] if len(pieces) == 1 else Template(pieces), setting)
        case _:
            return


def own_span(setting: Setting, facts: Facts) -> Span:
    """A pair's span: the name stands on the line before its value or after it."""
    if setting.path[-1] not in _VALUE_KEYS:
        return setting.span
    pair = [
        s.span
        for s in facts.settings
        if s.document == setting.document and s.path[:-1] == setting.path[:-1] and s.path[-1] in _NAME_KEYS
    ]
    spans = (*pair, setting.span)
    return Span(min(s.line for s in spans), max(s.end_line for s in spans), setting.span.column)


# -- blocks -----------------------------------------------------------------------------------------------------------


def blocks(condition: Condition, facts: Facts) -> Iterator[Setting]:
    """One setting for each block of which the condition's pattern is the path: its place is the whole block.

    Its value is that of its only key, if it is one: `cookie: {}`, `cookie: true`.
    """
    found: dict[tuple[int, tuple[str, ...]], list[Setting]] = {}
    fitting: dict[tuple[str, ...], bool] = {}
    for setting in facts.settings:
        for depth in range(1, len(setting.path) + 1):
            prefix = setting.path[:depth]
            if prefix not in fitting:
                fitting[prefix] = name_fits(".".join(prefix), condition.block)
            if fitting[prefix]:
                found.setdefault((setting.document, prefix), []).append(setting)
                break
    for (_, prefix), members in found.items():
        spans = [member.span for member in members]
        span = Span(min(s.line for s in spans), max(s.end_line for s in spans), spans[0].column)
        only = members[0].value if len(members) == 1 and members[0].path == prefix else Choice(tuple(m.value for m in members))
        yield replace(members[0], path=prefix, value=only, span=span)

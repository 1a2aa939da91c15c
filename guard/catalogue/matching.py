"""Facts and rules in, matches out. Pure; the catalogue's index keeps it cheap: a rule is tried only where its last segment occurs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from guard.catalogue.patterns import name_fits, path_matches, text_of, value_fits
from guard.catalogue.rule import Condition, Rule
from guard.catalogue.settings import blocks, own_span, surroundings_hold, variables
from guard.facts import Call, Facts, FunctionKind, Name, Setting, Span, Value


@dataclass(frozen=True, slots=True)
class Match:
    """A rule that holds at a place. `sure` is False where a default, one option or hidden arguments leave a doubt."""

    rule: Rule
    span: Span
    identity: str
    value: str
    sure: bool


def matches(rules: Iterable[Rule], facts: Facts, neighbours: Iterable[Facts] = ()) -> Iterator[Match]:
    """Every place of a file at which one of the rules holds, each place once a rule.

    `unless` is asked of the neighbours too: a store may be set in another file of the same change.
    """
    for rule in rules:
        found = [match for condition in rule.when for match in _places(rule, condition, facts)]
        if found and not any(_holds_somewhere(condition, other) for condition in rule.unless for other in (facts, *neighbours)):
            yield from _distinct(found)


def _distinct(found: list[Match]) -> Iterator[Match]:
    seen: set[Span] = set()
    for match in found:
        if match.span not in seen:
            seen.add(match.span)
            yield match


def _holds_somewhere(condition: Condition, facts: Facts) -> bool:
    return next(_fits(condition, facts), None) is not None


def _places(rule: Rule, condition: Condition, facts: Facts) -> Iterator[Match]:
    for span, identity, value, sure in _fits(condition, facts):
        yield Match(rule, span, identity, value, sure)


_Fit = tuple[Span, str, str, bool]


def _fits(condition: Condition, facts: Facts) -> Iterator[_Fit]:
    if condition.path and not path_matches(facts.path, condition.path):
        return
    if not _surroundings_hold(condition, facts):
        return
    if condition.call:
        yield from _calls(condition, facts)
    elif condition.setting:
        yield from _settings(condition, facts)
    elif condition.variable:
        yield from _variables(condition, facts)
    elif condition.block:
        yield from _blocks(condition, facts)
    elif condition.import_:
        yield from (
            (item.span, item.name, item.name, True) for item in facts.imports if name_fits(item.name, condition.import_)
        )
    elif condition.base:
        yield from _classes(condition, facts)


def _surroundings_hold(condition: Condition, facts: Facts) -> bool:
    """The conditions on the rest of the file, apart from settings, which are asked document by document."""
    if condition.and_import and not any(name_fits(item.name, condition.and_import) for item in facts.imports):
        return False
    return not condition.and_call or any(name_fits(call.name, condition.and_call) for call in all_calls(facts))


def all_calls(facts: Facts) -> Iterator[Call]:
    """Calls, and decorators: `@router.get` without parentheses counts as a call without arguments."""
    yield from facts.calls
    known = {(call.span, call.name) for call in facts.calls}
    for function in facts.functions:
        for decorator in function.decorators:
            if isinstance(decorator, Name):
                yield Call(decorator.path, (), function.span, function.parent)
            elif (decorator.span, decorator.name) not in known:
                yield decorator


def _calls(condition: Condition, facts: Facts) -> Iterator[_Fit]:
    for call in all_calls(facts):
        if not name_fits(call.name, condition.call):
            continue
        sure = _arguments_hold(condition, call, facts)
        if sure is not None and _settings_hold(condition, facts, 0):
            yield call.span, call.name, call.name, sure


def _arguments_hold(condition: Condition, call: Call, facts: Facts) -> bool | None:
    """None if the arguments do not fit; else whether that is sure."""
    sure = True
    for key, patterns in condition.with_:
        value = _argument(call, key, facts)
        fit = None if value is None else value_fits(value, patterns, facts, call.scope)
        if fit is None:
            return None
        sure = sure and fit
    for key in condition.without:
        if _argument(call, key, facts) is not None:
            return None
    return sure and not (condition.without and _hides_options(call, facts))


def _argument(call: Call, key: str, facts: Facts) -> Value | None:
    if key.isdigit():
        return call.positional(int(key))
    return _spelled_out(call, facts).option(key)


def _spelled_out(call: Call, facts: Facts) -> Call:
    """The call with arguments that are names replaced by what the file binds them to (`session(options)`)."""
    if not any(isinstance(argument.value, Name) for argument in call.arguments):
        return call
    arguments = tuple(replace(a, value=facts.resolve(a.value, call.scope) or a.value) for a in call.arguments)
    return replace(call, arguments=arguments)


def _hides_options(call: Call, facts: Facts) -> bool:
    spelled = _spelled_out(call, facts)
    last = spelled.arguments[-1].value if spelled.arguments else None
    return spelled.opaque or (isinstance(last, Name) and spelled.arguments[-1].name is None)


def _settings(condition: Condition, facts: Facts) -> Iterator[_Fit]:
    for setting in facts.settings:
        path = ".".join(setting.path)
        if not name_fits(path, condition.setting):
            continue
        sure = _value_holds(condition, setting, facts)
        if sure is not None and _around_holds(condition, setting, facts):
            yield setting.span, _without_positions(setting.path), text_of(setting.value), sure


def _variables(condition: Condition, facts: Facts) -> Iterator[_Fit]:
    for variable in variables(condition, facts):
        sure = _value_holds(condition, replace(variable.setting, value=variable.value), facts)
        if sure is not None and _around_holds(condition, variable.setting, facts):
            identity = _without_positions((*variable.setting.path[:-1], variable.name))
            yield own_span(variable.setting, facts), identity, text_of(variable.value), sure


def _blocks(condition: Condition, facts: Facts) -> Iterator[_Fit]:
    for block in blocks(condition, facts):
        sure = _value_holds(condition, block, facts)
        if sure is not None and _around_holds(condition, block, facts):
            yield block.span, _without_positions(block.path), text_of(block.value), sure


def _without_positions(path: tuple[str, ...]) -> str:
    """A path as identity: an item that moves within its list stays the same."""
    return ".".join(key for key in path if not key.isdigit()) or ".".join(path)


def _around_holds(condition: Condition, setting: Setting, facts: Facts) -> bool:
    return surroundings_hold(condition, setting, facts) and _settings_hold(condition, facts, setting.document)


def _value_holds(condition: Condition, setting: Setting, facts: Facts) -> bool | None:
    if condition.not_value and value_fits(setting.value, condition.not_value, facts, setting.scope) is not None:
        return None
    return value_fits(setting.value, condition.value, facts, setting.scope) if condition.value else True


def _settings_hold(condition: Condition, facts: Facts, document: int) -> bool:
    for pattern, values in condition.and_setting:
        fitting = (s for s in facts.settings if s.document == document and name_fits(".".join(s.path), (pattern,)))
        if not any(value_fits(setting.value, values, facts, setting.scope) is not None for setting in fitting):
            return False
    return True


def _classes(condition: Condition, facts: Facts) -> Iterator[_Fit]:
    for function in facts.functions:
        if function.kind is FunctionKind.CLASS and any(name_fits(base, condition.base) for base in function.bases):
            yield Span(function.span.line, function.span.line, function.span.column), function.name, function.name, True

"""Facts and rules in, matches out. Pure; the catalogue's index keeps it cheap: a rule is tried only where its last segment occurs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from operator import itemgetter

from msgspec import Struct
from msgspec.structs import replace

from guard.catalogue.arguments import argument, arguments, hides_options, spelled_out
from guard.catalogue.modules import with_module
from guard.catalogue.patterns import DEFAULT, name_fits, occurs, path_matches, text_of, value_fits
from guard.catalogue.rule import Condition, Rule
from guard.catalogue.settings import blocks, own_span, settings_named, surroundings_hold, variables
from guard.facts import Call, Facts, FunctionKind, Name, Setting, Span, last_segment
from guard.regex import regex


class Match(Struct, frozen=True):
    """A rule that holds at a place. `sure` is False where a default, one option or hidden arguments leave a doubt."""

    rule: Rule
    span: Span
    identity: str
    value: str
    doubt: int
    """0 if the facts prove it, 1 where a default or one option leaves a doubt, 2 where hidden options may say otherwise."""

    @property
    def sure(self) -> bool:
        """Whether nothing is in doubt."""
        return self.doubt == 0


def matches(
    rules: Iterable[Rule], facts: Facts, neighbours: Iterable[Facts] = (), witnesses: Iterable[Facts] = ()
) -> Iterator[Match]:
    """Every place of a file at which one of the rules holds, each place once a rule.

    `unless` is asked of the neighbours too: a store may be set in another file of the same change, and names may be bound there.
    Of witnesses, files that did not change, only that is asked which they can say for the whole program.
    """
    neighbours, witnesses = tuple(neighbours), tuple(witnesses)
    facts = with_module(facts, (*neighbours, *witnesses))
    for rule in rules:
        found = [match for condition in rule.when for match in _places(rule, condition, facts)]
        if found and not _is_settled(rule, (facts, *neighbours), witnesses):
            yield from _distinct([match for match in found if not _for_development(match, facts)])


def _is_settled(rule: Rule, near: tuple[Facts, ...], far: tuple[Facts, ...]) -> bool:
    """Whether something that is written elsewhere says that the rule does not hold."""
    return any(_holds_somewhere(condition, other) for condition in rule.unless for other in near) or any(
        _holds_somewhere(condition, other) for condition in rule.unless if far and configures(condition) for other in far
    )


_CONFIGURES = regex(r"(?:Add|Use|Using|Persist|Set|set|use|With|with|Enable)[A-Z]\w{3,}|[A-Z][A-Z0-9]*_[A-Z0-9_]+")
"""Names of calls and settings that configure a whole program, from wherever they stand."""


def configures(condition: Condition) -> bool:
    """Whether a condition is about the whole program, whichever of its files it holds in."""
    names = [last_segment(name) for name in (*condition.call, *condition.setting)]
    return bool(names) and not condition.import_ and all(_CONFIGURES.fullmatch(name) or name == "**" for name in names)


def _for_development(match: Match, facts: Facts) -> bool:
    """Whether a branch, a class or, where the value is one of several, a conditional expression says so."""
    from guard.catalogue.development import is_for_development  # its many patterns: only where a rule fits

    inline = match.doubt > 0 or _about_defaults(match.rule)
    return is_for_development(facts, match.span.line, inline=inline, column=match.span.column)


def _about_defaults(rule: Rule) -> bool:
    return any(value.startswith(DEFAULT) for condition in rule.when for value in condition.value)


def _distinct(found: list[Match]) -> Iterator[Match]:
    seen: set[Span] = set()
    for match in found:
        if match.span not in seen:
            seen.add(match.span)
            yield match


def _holds_somewhere(condition: Condition, facts: Facts) -> bool:
    return next(_fits(condition, facts), None) is not None


def _places(rule: Rule, condition: Condition, facts: Facts) -> Iterator[Match]:
    for span, identity, value, doubt in _fits(condition, facts):
        yield Match(rule, span, identity, value, doubt)


_Fit = tuple[Span, str, str, int]
_DEFAULTED = 1
_HIDDEN = 2


def _fits(condition: Condition, facts: Facts) -> Iterator[_Fit]:
    if condition.path and not path_matches(facts.path, condition.path):
        return
    if not _surroundings_hold(condition, facts) or not _text_holds(condition, facts):
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
        yield from ((item.span, item.name, item.name, 0) for item in facts.imports if name_fits(item.name, condition.import_))
    elif condition.base:
        yield from _classes(condition, facts)


def _surroundings_hold(condition: Condition, facts: Facts) -> bool:
    """The conditions on the rest of the file, apart from settings, which are asked document by document."""
    if condition.and_import and not any(name_fits(item.name, condition.and_import) for item in facts.imports):
        return False
    return not condition.and_call or bool(_calls_named(condition.and_call, facts))


def _text_holds(condition: Condition, facts: Facts) -> bool:
    if condition.text and not occurs(condition.text, facts.lines):
        return False
    return not condition.not_text or not occurs(condition.not_text, facts.lines)


def _calls_named(patterns: tuple[str, ...], facts: Facts) -> list[Call]:
    """The calls whose names fit one of the patterns, in source order."""
    fitting = [calls for name, calls in facts.calls_by_name.items() if name_fits(name, patterns)]
    return [call for _, call in sorted(chain.from_iterable(fitting), key=itemgetter(0))]


def _calls(condition: Condition, facts: Facts) -> Iterator[_Fit]:
    for call in _calls_named(condition.call, facts):
        if condition.scope and not any(name_fits(scope, condition.scope) for scope in _scopes(call, facts)):
            continue
        doubt = _arguments_hold(condition, call, facts)
        if doubt is not None and _settings_hold(condition, facts, 0):
            yield call.span, call.name, call.name, doubt


def _scopes(call: Call, facts: Facts) -> Iterator[str]:
    """What the scope of a call may be called: by its id, as a constructor, by the annotations of its function.

    A function without a name belongs to the one around it: `provider(id -> new Memory())`.
    """
    yield call.scope
    for function in facts.enclosing(call.scope):
        if "<" in function.name or not function.name:
            yield function.parent
            continue
        for note in function.decorators:
            yield f"@{last_segment(note.path if isinstance(note, Name) else note.name)}"
        if function.name == last_segment(function.parent):
            yield f"{function.parent}.__init__"
        return


def _arguments_hold(condition: Condition, call: Call, facts: Facts) -> int | None:
    """None if the arguments do not fit; else what is in doubt about it."""
    call = spelled_out(call, facts)
    doubt = 0
    for key, patterns in condition.with_:
        fits = [fit for value in arguments(call, key) if (fit := value_fits(value, patterns, facts, call.scope)) is not None]
        if not fits:
            return None
        doubt = max(doubt, 0 if any(fits) else _DEFAULTED)
    if any(argument(call, key) is not None for key in condition.without):
        return None
    known = {int(key) for key, _ in condition.with_ if key.isdigit()}
    return _HIDDEN if condition.without and hides_options(call, facts, known) else doubt


def _settings(condition: Condition, facts: Facts) -> Iterator[_Fit]:
    for path, setting in settings_named(condition.setting, facts):
        if name_fits(path, condition.not_setting):
            continue
        doubt = _value_holds(condition, setting, facts)
        if doubt is not None and _around_holds(condition, setting, facts):
            yield setting.span, _without_positions(setting.path), text_of(setting.value), doubt


def _variables(condition: Condition, facts: Facts) -> Iterator[_Fit]:
    for variable in variables(condition, facts):
        doubt = _value_holds(condition, replace(variable.setting, value=variable.value), facts)
        if doubt is not None and _around_holds(condition, variable.setting, facts):
            identity = _without_positions((*variable.setting.path[:-1], variable.name))
            yield own_span(variable.setting, facts), identity, text_of(variable.value), doubt


def _blocks(condition: Condition, facts: Facts) -> Iterator[_Fit]:
    for block in blocks(condition, facts):
        doubt = _value_holds(condition, block, facts)
        if doubt is not None and _around_holds(condition, block, facts):
            yield block.span, _without_positions(block.path), text_of(block.value), doubt


def _without_positions(path: tuple[str, ...]) -> str:
    """A path as identity: an item that moves within its list stays the same."""
    return ".".join(key for key in path if not key.isdigit()) or ".".join(path)


def _around_holds(condition: Condition, setting: Setting, facts: Facts) -> bool:
    return surroundings_hold(condition, setting, facts) and _settings_hold(condition, facts, setting.document)


def _value_holds(condition: Condition, setting: Setting, facts: Facts) -> int | None:
    """None if the value does not fit; else what is in doubt about it."""
    if condition.not_value and value_fits(setting.value, condition.not_value, facts, setting.scope) is not None:
        return None
    if not condition.value:
        return 0
    fit = value_fits(setting.value, condition.value, facts, setting.scope)
    return None if fit is None else 0 if fit else _DEFAULTED


def _settings_hold(condition: Condition, facts: Facts, document: int) -> bool:
    for pattern, values in condition.and_setting:
        fitting = (setting for _, setting in settings_named((pattern,), facts) if setting.document == document)
        if not any(value_fits(setting.value, values, facts, setting.scope) is not None for setting in fitting):
            return False
    return True


def _classes(condition: Condition, facts: Facts) -> Iterator[_Fit]:
    for function in facts.functions:
        if function.kind is FunctionKind.CLASS and any(name_fits(base, condition.base) for base in function.bases):
            yield Span(function.span.line, function.span.line, function.span.column), function.name, function.name, 0

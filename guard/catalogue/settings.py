"""What conditions ask of settings beyond their own path and value: what stands beside and around them, and blocks of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from guard.catalogue.backing import names_a_backing_service
from guard.catalogue.patterns import name_fits, name_pattern, text_of, value_fits
from guard.catalogue.rule import Condition
from guard.catalogue.tree import tree_of
from guard.facts import Constant, Facts, Setting, Span, Template, Unknown, Value
from guard.gathered import gathered
from guard.regex import regex

Pairs = tuple[tuple[str, tuple[str, ...]], ...]

_ASSIGNMENT = regex(r"\s*([A-Za-z_][\w.]*)\s*=(.*)", re.DOTALL)
_VARIABLE = regex(r"[A-Za-z_][A-Za-z0-9_]*")
_DEVELOPMENT = frozenset(
    {
        "test",
        "tests",
        "testing",
        "development",
        "dev",
        "devel",
        "when@test",
        "when@dev",
        "%dev",
        "%test",
        "pytest",
        "tool:pytest",
        "pytest_env",
    }
)
_DEVELOPMENT_VALUE = regex(
    r"(?:\w+=)?(?:.*[^\w!])?(?:dev|develop|development|local|localhost|test|testing)(?:[^\w].*)?", re.IGNORECASE
)
_WITH_ENVIRONMENTS = frozenset({"yaml", "json", "dockerfile"})
"""Formats in which a variable beside a setting is of the same process. An `.env.example` that says `local` speaks for production."""
_PROFILES = frozenset(
    {"spring.config.activate.on-profile", "spring.config.activate.onProfile", "spring.profiles", "spring.profiles.0"}
)
_ENVIRONMENT_NAMES = frozenset(
    {"NODE_ENV", "APP_ENV", "RAILS_ENV", "RACK_ENV", "FLASK_ENV", "DJANGO_ENV", "SYMFONY_ENV", "ENV", "ENVIRONMENT", "ENV_TYPE",
     "ASPNETCORE_ENVIRONMENT", "DOTNET_ENVIRONMENT", "SPRING_PROFILES_ACTIVE", "QUARKUS_PROFILE", "MIX_ENV"}
)  # fmt: skip
_NAME_KEYS = ("name", "Name", "key", "Key")
_VALUE_KEYS = ("value", "Value")
_OBJECT_KEYS = ("kind", "image", "build", "Type", "dockerfile", "repository")
_DEEPEST_NAME = 6
"""Dots between an object of Kubernetes or of a stack and the names in it."""
_OWNER_KEYS = regex(
    r"(?:^|\.)(?:(?:[Cc]ontainer_?)?[Nn]ame|image|image\.repository|repository|app|hostname|release|component|app\.kubernetes\.io/(?:name|component|instance|part-of)|"
    r"(?:matchLabels|selector|labels)\.[^.]+)$"
)


def surroundings_hold(condition: Condition, setting: Setting, facts: Facts) -> bool:
    """Whether what stands beside and around a setting is as the condition wants it."""
    parent = setting.path[:-1]
    if is_for_development(setting, facts):
        return False
    if condition.beside and not _all_hold(condition.beside, parent, setting, facts):
        return False
    if not all(_somewhere_around(pair, setting, facts) for pair in condition.around):
        return False
    if any(_somewhere_around(pair, setting, facts) for pair in condition.not_around):
        return False
    return not condition.owner or not belongs_to_a_backing_service(setting, facts)


def is_for_development(setting: Setting, facts: Facts) -> bool:
    """Whether a section of its file, the profile of its document or a variable beside it says: development or tests."""
    if any(key.lower() in _DEVELOPMENT for key in setting.path[:-1]):
        return True
    tree = tree_of(facts)
    profiles = (other for name in _PROFILES for other in tree.named(setting.document, name))
    siblings = (other for other in tree.children(setting.document, setting.path[:-1]) if _says_environment(other))
    in_a_process = facts.language in _WITH_ENVIRONMENTS
    return any(_DEVELOPMENT_VALUE.fullmatch(text_of(other.value)) for other in (*profiles, *(siblings if in_a_process else ())))


def _says_environment(setting: Setting) -> bool:
    key = setting.path[-1] if setting.path else ""
    return key in _ENVIRONMENT_NAMES or (key.isdigit() and text_of(setting.value).partition("=")[0] in _ENVIRONMENT_NAMES)


def _somewhere_around(pair: tuple[str, tuple[str, ...]], setting: Setting, facts: Facts) -> bool:
    return any(_all_hold((pair,), setting.path[:depth], setting, facts) for depth in range(len(setting.path)))


def _all_hold(pairs: Pairs, parent: tuple[str, ...], setting: Setting, facts: Facts) -> bool:
    return all(
        any(
            other is not setting and value_fits(other.value, patterns, facts, other.scope) is not None
            for other in _relative(key, parent, setting.document, facts)
        )
        for key, patterns in pairs
    )


def _relative(key: str, parent: tuple[str, ...], document: int, facts: Facts) -> Iterator[Setting]:
    """The settings below a path whose names relative to it fit a pattern."""
    if "*" not in key:
        yield from tree_of(facts).named(document, ".".join((*parent, key)))
        return
    pattern = name_pattern(key)
    for relative, setting in _below(parent, document, facts):
        if pattern.fullmatch(relative):
            yield setting


def _below(parent: tuple[str, ...], document: int, facts: Facts) -> Iterator[tuple[str, Setting]]:
    depth = len(parent)
    for setting in tree_of(facts).below(document, parent):
        if len(setting.path) > depth:
            yield ".".join(setting.path[depth:]), setting


def belongs_to_a_backing_service(setting: Setting, facts: Facts) -> bool:
    """Whether names, labels and images around a setting, its own keys, or the file's path name a product that keeps state."""
    if names_a_backing_service(facts.path) or any(names_a_backing_service(key) for key in setting.path[:-1]):
        return True
    return any(names_a_backing_service(text_of(value)) for value in _owners(setting, facts))


def _owners(setting: Setting, facts: Facts) -> Iterator[Value]:
    """Values of what names the object around a setting: the nearest mapping around it that is a container, a service, an object."""
    pair = setting.path[-1:] and setting.path[-1] in _VALUE_KEYS
    tree = tree_of(facts)
    for depth in range(len(setting.path) - (2 if pair else 1), -1, -1):
        around = setting.path[:depth]
        if not any(tree.has(setting.document, (*around, key)) for key in _OBJECT_KEYS):
            continue
        kinds = tree.has(setting.document, (*around, "kind")) or tree.has(setting.document, (*around, "Type"))
        deepest = _DEEPEST_NAME if kinds else 1
        below = _below(around, setting.document, facts)
        names = (other.value for relative, other in below if relative.count(".") <= deepest and _is_own(relative, kinds=kinds))
        yield from names
        return


def _is_own(name: str, *, kinds: bool) -> bool:
    """Whether a name below an object is the object's own: a container or service has its names beside it, or in its image."""
    if _OWNER_KEYS.search(name) is None:
        return False
    return kinds or "." not in name or name.startswith(("image.", "labels.", "metadata."))


# -- settings by name -------------------------------------------------------------------------------------------------


def settings_named(patterns: tuple[str, ...], facts: Facts) -> Iterator[tuple[str, Setting]]:
    """The settings whose dotted paths fit one of the patterns, with these paths, in source order."""
    table = _by_last_name(facts)
    tails = {pattern.rsplit(".", 1)[-1] for pattern in patterns}
    open_tails = tuple(sorted(tail for tail in tails if "*" in tail))
    lasts = [last for last in table if name_fits(last, open_tails)] if open_tails else []
    chosen = (row for last in {*lasts, *(tails & table.keys())} for row in table[last])
    yield from ((path, setting) for _, path, setting in sorted(chosen, key=lambda row: row[0]) if name_fits(path, patterns))


@gathered(most=4)
def _by_last_name(facts: Facts) -> dict[str, list[tuple[int, str, Setting]]]:
    """Each setting's place and dotted path, by the path's last name: a file is asked once for every condition of every rule."""
    table: dict[str, list[tuple[int, str, Setting]]] = {}
    for place, setting in enumerate(facts.settings):
        path = ".".join(setting.path)
        table.setdefault(path.rsplit(".", 1)[-1], []).append((place, path, setting))
    return table


# -- environment variables --------------------------------------------------------------------------------------------


class Variable(Struct, frozen=True):
    """An environment variable and the setting that gives it its value."""

    name: str
    value: Value
    setting: Setting


def variables(condition: Condition, facts: Facts) -> Iterator[Variable]:
    """The environment variables of a file that the condition names."""
    for variable in all_variables(facts):
        if name_fits(variable.name, condition.variable):
            yield variable


@gathered(most=4)
def all_variables(facts: Facts) -> tuple[Variable, ...]:
    """Every setting that may be an environment variable, in the ways in which formats write them."""
    return tuple(_all_variables(facts))


def _all_variables(facts: Facts) -> Iterator[Variable]:
    names = {(s.document, s.path[:-1]): s.value for s in facts.settings if s.path and s.path[-1] in _NAME_KEYS}
    for setting in facts.settings:
        if not setting.path:
            continue
        key = setting.path[-1]
        if key in _VALUE_KEYS:
            name = names.get((setting.document, setting.path[:-1]))
            if isinstance(name, Constant) and isinstance(name.value, str):
                yield Variable(name.value, setting.value, setting)
            elif len(setting.path) > 2 and setting.path[-3] == "env":  # `"env": {"NAME": {"value": …}}` of app.json
                yield Variable(setting.path[-2], setting.value, setting)
        elif key.isdigit() or key == "line":
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
    pair = [s.span for s in tree_of(facts).children(setting.document, setting.path[:-1]) if s.path[-1] in _NAME_KEYS]
    spans = (*pair, setting.span)
    return Span(min(s.line for s in spans), max(s.end_line for s in spans), setting.span.column)


# -- blocks -----------------------------------------------------------------------------------------------------------


def blocks(condition: Condition, facts: Facts) -> Iterator[Setting]:
    """One setting for each block of which the condition's pattern is the dotted name: its place is the whole block.

    Names count, not keys: `labels: {a.sticky.cookie.name: x}` has a block `**.sticky`. A block that says `enabled: false` is
    none. The value is that of the only setting, if the block is one.
    """
    found: dict[tuple[int, str], list[Setting]] = {}
    fitting: dict[str, bool] = {}
    tails = {pattern.rsplit(".", 1)[-1] for pattern in condition.block}
    if not any("*" in tail for tail in tails) and tails.isdisjoint(_all_names(facts)):
        return
    for setting in facts.settings:
        name = _block_of(".".join(setting.path), condition.block, fitting)
        if name is not None:
            found.setdefault((setting.document, name), []).append(setting)
    for (_, name), members in found.items():
        if not any(_switches_off(member, name, alone=len(members) == 1) for member in members):
            yield _as_one(name, members)


@gathered(most=4)
def _all_names(facts: Facts) -> frozenset[str]:
    """The names of which the paths consist."""
    return frozenset(name for setting in facts.settings for name in ".".join(setting.path).split("."))


def _block_of(name: str, patterns: tuple[str, ...], fitting: dict[str, bool]) -> str | None:
    """The shortest beginning of a dotted name that fits."""
    end = name.find(".")
    while True:
        beginning = name if end < 0 else name[:end]
        if beginning not in fitting:
            fitting[beginning] = name_fits(beginning, patterns)
        if fitting[beginning]:
            return beginning
        if end < 0:
            return None
        end = name.find(".", end + 1)


def _switches_off(setting: Setting, block: str, *, alone: bool) -> bool:
    """Whether a block says `enabled: false`, or nothing but that a single key is false: `sticky.cookie=false`."""
    below = ".".join(setting.path)[len(block) + 1 :].lower()
    switches = below in {"enabled", "enable"} or (alone and "." not in below)
    return switches and isinstance(setting.value, Constant) and str(setting.value.value).lower() in {"false", "none", "0"}


def _as_one(name: str, members: list[Setting]) -> Setting:
    spans = [member.span for member in members]
    span = Span(min(s.line for s in spans), max(s.end_line for s in spans), spans[0].column)
    alone = len(members) == 1 and ".".join(members[0].path) == name
    return replace(members[0], path=_cut(members[0].path, name), value=members[0].value if alone else Unknown("{…}"), span=span)


def _cut(path: tuple[str, ...], name: str) -> tuple[str, ...]:
    """The keys of a path that a dotted name covers; a key of which it covers a part is cut there."""
    keys: list[str] = []
    rest = name
    for key in path:
        if not rest:
            break
        keys.append(key if rest == key or rest.startswith(f"{key}.") else rest)
        rest = rest[len(keys[-1]) + 1 :]
    return tuple(keys)

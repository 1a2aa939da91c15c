"""The catalogue as values: out of its compiled files where they are fresh, else out of TOML."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from typing import Any

from msgspec import Struct, to_builtins

from guard.catalogue.compiled import FOLDER, content, languages, sources
from guard.catalogue.rule import Condition, Edit, Example, Remedy, Rule
from guard.catalogue.settings import all_variables
from guard.errors import CatalogueError
from guard.facts import Facts, FunctionKind
from guard.finding import Check, Confidence, Severity


class Catalogue(Struct, frozen=True, dict=True):
    """The rules, by the language whose facts they apply to; each language is read when it is first asked for."""

    folder: str = FOLDER
    own: tuple[Rule, ...] = ()
    """Rules beside those of the folder: a team's own, for one review."""

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """All rules, by id. Reads every file: for listings and tests, not for reviews."""
        return tuple(sorted((*_all_rules(self.folder), *self.own), key=lambda rule: rule.id))

    @cached_property
    def shipped_ids(self) -> frozenset[str]:
        """The ids of the folder's rules, without making them."""
        known = languages(self.folder)
        if known is None:
            return frozenset(rule.id for rule in _all_rules(self.folder))
        return frozenset(rule for language in known for rule in content(self.folder, language)["rules"])

    def candidates(self, facts: Facts) -> Iterator[Rule]:
        """The rules that may match: one of their last segments occurs in the facts."""
        present = set(_keys(facts))
        chosen: dict[str, Rule] = {}
        for language in (facts.language, *facts.embedded):
            for index in self._indexes(language):
                chosen.update((rule.id, rule) for rule in index.rules_for(present))
        return iter(sorted(chosen.values(), key=lambda rule: rule.id))

    def words(self, language: str) -> frozenset[str]:
        """Words of which one stands wherever a rule of this language can match, unless its package is imported."""
        shipped, *own = self._indexes(language)
        return shipped.words.union(*(index.words for index in own))

    def stems(self, language: str) -> tuple[str, ...]:
        """Beginnings and ends of such words, where a rule leaves their middle open."""
        return tuple(stem for index in self._indexes(language) for stem in index.stems)

    def packages(self, language: str) -> tuple[str, ...]:
        """The packages that the rules of this language know, as imports write them."""
        return tuple(package for index in self._indexes(language) for package in index.packages)

    def _indexes(self, language: str) -> tuple[_Index, ...]:
        shipped = _index(self.folder, language)
        return (shipped, self._own_indexes[language]) if language in self._own_indexes else (shipped,)

    @cached_property
    def _own_indexes(self) -> dict[str, _Index]:
        own = {language for rule in self.own for language in rule.languages}
        return {language: _Index(indexed(language, self.own)) for language in own}


def load(own: tuple[Rule, ...] = ()) -> Catalogue:
    """The catalogue that is shipped with the package, with rules beside it."""
    return Catalogue(own=own)


def _keys(facts: Facts) -> Iterator[str]:
    for call in facts.calls:
        yield _last(call.name)
    for setting in facts.settings:
        yield from ".".join(setting.path).split(".")
    yield from (_last(variable.name) for variable in all_variables(facts))
    for item in facts.imports:
        yield _last(item.name)
    for function in facts.functions:
        for decorator in function.decorators:
            yield _last(getattr(decorator, "path", "") or getattr(decorator, "name", ""))
        if function.kind is FunctionKind.CLASS:
            yield from map(_last, function.bases)


def _last(name: str) -> str:
    return name.rsplit(".", 1)[-1]


def _starts(when: Condition) -> tuple[str, ...]:
    return (*when.call, *when.setting, *when.variable, *when.block, *when.import_, *when.base)


class _Index:
    """The rules of one language by the last segments of their patterns; a rule is made when it is first a candidate."""

    def __init__(self, content: dict[str, Any]) -> None:
        self._always: list[str] = content["always"]
        self._by_key: dict[str, list[str]] = content["by_key"]
        self._entries: dict[str, dict[str, Any]] = content["rules"]
        self._made: dict[str, Rule] = {}
        self.words = frozenset(content["words"])
        self.stems = tuple(content["stems"])
        self.packages = tuple(content["packages"])

    def rules_for(self, keys: set[str]) -> Iterator[Rule]:
        """The rules that one of these last segments makes candidates, and those that always are."""
        for rule in {*self._always, *(rule for key in keys & self._by_key.keys() for rule in self._by_key[key])}:
            if rule not in self._made:
                self._made[rule] = _from_json(self._entries[rule])
            yield self._made[rule]


@lru_cache(maxsize=64)
def _index(folder: str, language: str) -> _Index:
    return _Index(_compiled(folder, language) or indexed(language, _all_rules(folder)))


def indexed(language: str, rules: Iterable[Rule]) -> dict[str, Any]:
    """The rules of one language as the compiled catalogue has them: plain values, with their index."""
    own = [rule for rule in rules if language in rule.languages]
    keys = {rule.id: {_last(pattern) for when in rule.when for pattern in _starts(when)} for rule in own}
    always = [rule.id for rule in own if any("*" in key for key in keys[rule.id])]
    by_key: dict[str, list[str]] = {}
    for rule in own:
        if rule.id not in always:
            for key in sorted(keys[rule.id]):
                by_key.setdefault(key, []).append(rule.id)
    patterns = {pattern for rule in own for when in rule.when for pattern in _starts(when)}
    return {
        "always": always,
        "by_key": by_key,
        "words": sorted({word for pattern in patterns for word in _words(pattern)}),
        "stems": sorted({stem for pattern in patterns if "/" not in pattern for stem in _stems(pattern)}),
        "packages": sorted({package for pattern in patterns if (package := _package(pattern))}),
        "rules": {rule.id: _entry(rule) for rule in own},
    }


def _words(pattern: str) -> list[str]:
    """The words of a pattern's last segment that is not all stars."""
    return re.findall(r"[A-Za-z_$][\w$]*", _last_said(pattern)) if "*" not in _last_said(pattern) else []


def _stems(pattern: str) -> list[str]:
    """The pieces around a star in a pattern's last segment."""
    return [piece for piece in re.split(r"[*()\[\]]+", _last_said(pattern)) if piece] if "*" in _last_said(pattern) else []


def _last_said(pattern: str) -> str:
    return next((part for part in reversed(pattern.split(".")) if part.strip("*[]()")), "")


def _package(pattern: str) -> str:
    """What an import of the package in front of a pattern must contain; "" if the pattern begins with no package."""
    first = (
        pattern.split("*", 1)[0] if "/" in pattern or pattern.startswith("@") else re.split(r"[.*(\[]", pattern, maxsplit=1)[0]
    )
    return "" if first.startswith(("%", "~")) else first.removesuffix("/")


def _entry(rule: Rule) -> dict[str, Any]:
    """A rule without what only explanations and tests need, and without empty fields."""
    full: dict[str, Any] = to_builtins(rule)
    full.update(match=[], no_match=[])
    for key in ("when", "unless"):
        full[key] = [{name: value for name, value in table.items() if value} for table in full[key]]
    return {key: value for key, value in full.items() if value}


@lru_cache(maxsize=8)
def _all_rules(folder: str) -> tuple[Rule, ...]:
    import tomllib  # not needed where a compiled catalogue is

    from guard.catalogue.schema import rules_from

    rules: list[Rule] = []
    for path in sources(folder):
        file = os.path.relpath(path, folder).replace(os.sep, "/")
        with open(path, "rb") as stream:
            try:
                document = tomllib.load(stream)
            except tomllib.TOMLDecodeError as error:
                raise CatalogueError(f"{file}: not valid TOML: {error}") from None
        rules += rules_from(document, file)
    _refuse_doubles(rules)
    return tuple(rules)


def _refuse_doubles(rules: list[Rule]) -> None:
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            raise CatalogueError(f"{rule.framework}: rule {rule.id!r} exists twice; give one of them another id")
        seen.add(rule.id)


def _compiled(folder: str, language: str) -> dict[str, Any] | None:
    """The compiled rules of a language; None where no fresh catalogue is compiled."""
    found = languages(folder)
    if found is None or language in found:
        return None if found is None else content(folder, language)
    return indexed(language, ())


def _from_json(entry: dict[str, Any]) -> Rule:
    """A rule as `guard.catalogue.compile` wrote it: fields of Rule, lists for tuples."""
    kinds = {
        "when": Condition,
        "unless": Condition,
        "match": Example,
        "no_match": Example,
        "remedies": Remedy,
        "edits": Edit,
    }
    words = {"check": Check, "confidence": Confidence, "severity": Severity}
    fields: dict[str, Any] = {key: _frozen(value) for key, value in entry.items() if key not in kinds}
    fields |= {key: word(entry[key]) for key, word in words.items()}
    fields |= {key: tuple(kind(**_frozen_values(table)) for table in entry.get(key, ())) for key, kind in kinds.items()}
    return Rule(**fields)


def _frozen_values(table: dict[str, Any]) -> dict[str, Any]:
    return {key: _frozen(value) for key, value in table.items()}


def _frozen(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value

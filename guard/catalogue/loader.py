"""Where the catalogue's files are read: TOML in a checkout, the same compiled to JSON in a wheel.

Parsing every TOML file costs more than a whole small review, so `python -m guard.catalogue.compile` writes one JSON file a
reader's language. A compiled file remembers which sources it was made from; when they have changed, the TOML files are read.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from functools import cached_property, lru_cache
from typing import Any

from guard.catalogue.rule import Condition, Example, Remedy, Rule
from guard.catalogue.settings import all_variables
from guard.errors import CatalogueError
from guard.facts import Facts, FunctionKind
from guard.finding import Check, Confidence, Severity
from guard.values import dataclass

FOLDER = os.path.dirname(os.path.abspath(__file__))
COMPILED = os.path.join(FOLDER, "_compiled")


@dataclass(frozen=True)
class Catalogue:
    """The rules, by the language whose facts they apply to; each language is read when it is first asked for."""

    folder: str = FOLDER

    def rules_for(self, language: str) -> tuple[Rule, ...]:
        """The rules for facts of one reader."""
        return _rules_for(self.folder, language)

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """All rules, by id. Reads every file: for listings and tests, not for reviews."""
        return tuple(sorted(_all_rules(self.folder), key=lambda rule: rule.id))

    def candidates(self, facts: Facts) -> Iterator[Rule]:
        """The rules that may match: one of their last segments occurs in the facts."""
        present = set(_keys(facts))
        chosen: dict[str, Rule] = {}
        for language in (facts.language, *facts.embedded):
            always, by_key = _index(self.folder, language)
            chosen.update((rule.id, rule) for key in present & by_key.keys() for rule in by_key[key])
            chosen.update((rule.id, rule) for rule in always)
        return iter(sorted(chosen.values(), key=lambda rule: rule.id))


def load() -> Catalogue:
    """The catalogue that is shipped with the package."""
    return Catalogue()


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


@lru_cache(maxsize=64)
def _index(folder: str, language: str) -> tuple[tuple[Rule, ...], dict[str, list[Rule]]]:
    """Rules to try always, and rules by the last segments of their patterns."""
    always: list[Rule] = []
    by_key: dict[str, list[Rule]] = {}
    for rule in _rules_for(folder, language):
        keys = {_last(pattern) for when in rule.when for pattern in _starts(when)}
        if any("*" in key for key in keys):
            always.append(rule)
        else:
            for key in keys:
                by_key.setdefault(key, []).append(rule)
    return tuple(always), by_key


@lru_cache(maxsize=64)
def _rules_for(folder: str, language: str) -> tuple[Rule, ...]:
    compiled = _compiled(folder, language)
    if compiled is not None:
        return tuple(_from_json(entry) for entry in compiled)
    return tuple(rule for rule in _all_rules(folder) if language in rule.languages)


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


def sources(folder: str = FOLDER) -> list[str]:
    """Paths of the catalogue's TOML files, sorted."""
    return sorted(
        os.path.join(folder, room, file)
        for room in os.listdir(folder)
        if os.path.isdir(os.path.join(folder, room)) and not room.startswith("_")
        for file in os.listdir(os.path.join(folder, room))
        if file.endswith(".toml")
    )


def stamp(folder: str = FOLDER) -> list[list[str | int]]:
    """What the sources are now: name, size in bytes and time of change of each."""
    return [[os.path.relpath(path, folder), (status := os.stat(path)).st_size, status.st_mtime_ns] for path in sources(folder)]


def _compiled(folder: str, language: str) -> list[dict[str, Any]] | None:
    manifest = _manifest(folder)
    if manifest is None or language not in manifest:
        return [] if manifest is not None else None
    with open(os.path.join(folder, "_compiled", f"{language}.json"), encoding="utf-8") as stream:
        entries: list[dict[str, Any]] = json.load(stream)
    return entries


@lru_cache(maxsize=8)
def _manifest(folder: str) -> tuple[str, ...] | None:
    """The languages of an up-to-date compiled catalogue; None if there is none. A wheel's has no stamp and is always fresh."""
    try:
        with open(os.path.join(folder, "_compiled", "manifest.json"), encoding="utf-8") as stream:
            manifest = json.load(stream)
    except FileNotFoundError:
        return None
    if manifest["stamp"] is not None and manifest["stamp"] != stamp(folder):
        return None
    return tuple(manifest["languages"])


def _from_json(entry: dict[str, Any]) -> Rule:
    """A rule as `guard.catalogue.compile` wrote it: fields of Rule, lists for tuples."""
    kinds = {"when": Condition, "unless": Condition, "match": Example, "no_match": Example, "remedies": Remedy}
    words = {"check": Check, "confidence": Confidence, "severity": Severity}
    fields: dict[str, Any] = {key: _frozen(value) for key, value in entry.items() if key not in kinds}
    fields |= {key: word(entry[key]) for key, word in words.items()}
    fields |= {key: tuple(kind(**_frozen_values(table)) for table in entry.get(key, ())) for key, kind in kinds.items()}
    return Rule(**fields)


def _frozen_values(table: dict[str, Any]) -> dict[str, Any]:
    return {key: _frozen(value) for key, value in table.items()}


def _frozen(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value

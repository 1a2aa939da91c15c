"""A team's own entries: texts of catalogue files beside its configuration in, rules out. The same vocabulary as the shipped ones.

Whether their examples hold is asked by `guard.catalogue.check`, not in every review.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator
from functools import lru_cache

from guard.catalogue.rule import Condition, Rule
from guard.catalogue.schema import EXTENSIONS, rules_from
from guard.errors import CatalogueError

Texts = tuple[tuple[str, str], ...]
"""Paths and texts of files with entries."""


@lru_cache(maxsize=8)
def own_rules(texts: Texts) -> tuple[Rule, ...]:
    """The rules of these files. Raises CatalogueError that names file, entry and mend."""
    rules: dict[str, Rule] = {}
    for path, text in texts:
        for rule in _rules_of(path, text):
            where = f"{path}: rule {rule.id!r}"
            if rule.id in rules:
                raise CatalogueError(f"{where}: exists twice; give one of them another id")
            _refuse_what_can_not_work(rule, where)
            rules[rule.id] = rule
    return tuple(rules.values())


def refuse_known(texts: Texts, known: Collection[str]) -> None:
    """Raise CatalogueError for an entry whose id a shipped rule has: it would replace it unseen."""
    for path, text in texts:
        taken = next((rule.id for rule in own_rules(((path, text),)) if rule.id in known), None)
        if taken is not None:
            raise CatalogueError(
                f"{path}: rule {taken!r}: a shipped rule has this id; give yours another one, such as 'our-{taken}', and switch the "
                f"shipped one off with ignore if yours is to stand for it"
            )


def _rules_of(path: str, text: str) -> tuple[Rule, ...]:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(f"{path}: not valid TOML: {error}") from None
    return rules_from(document, path)


def _refuse_what_can_not_work(rule: Rule, where: str) -> None:
    strange = next((language for language in rule.languages if language not in EXTENSIONS), None)
    if strange is not None:
        raise CatalogueError(f"{where}: nothing reads {strange!r}; 'languages' may be {', '.join(sorted(EXTENSIONS))}")
    for pattern in _expressions(rule):
        try:
            re.compile(pattern)
        except re.error as error:
            raise CatalogueError(
                f"{where}: {pattern!r} is no regular expression: {error}; mend it or quote its characters"
            ) from None


def _expressions(rule: Rule) -> Iterator[str]:
    for when in (*rule.when, *rule.unless):
        yield from (*when.text, *when.not_text)
        yield from (
            value.removeprefix("default:")[3:] for value in _values(when) if value.removeprefix("default:").startswith("re:")
        )


def _values(when: Condition) -> Iterator[str]:
    yield from (*when.value, *when.not_value)
    for pairs in (when.with_, when.beside, when.around, when.not_around, when.and_setting):
        yield from (value for _, values in pairs for value in values)

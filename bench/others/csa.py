"""VMware's Cloud Suitability Analyzer: the rules of its categories for state, files and caches, as its own engine reads them.

A rule is a pattern put into `defaultpattern`, a regular expression tried on each line of the files whose name ends as `filetype`
says (https://github.com/vmware-tanzu/cloud-suitability-analyzer/tree/main/rules). Its XPath rules ask for one element of a
web.config: they are read with ElementTree as far as it knows the expression.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from others import Hit, Scanner, at_head

_TAGS = {"stateful", "session", "cache", "file storage", "in-memory"}
_CATEGORIES = {"cache", "caching", "stateful", "io"}
_LONGEST_LINE = 2_000
"""Longer lines are made by programs; their engine is linear in a line, ours is not."""


@dataclass(frozen=True, slots=True)
class _Rule:
    name: str
    files: re.Pattern[str]
    lines: tuple[re.Pattern[str], ...]
    xpaths: tuple[str, ...]


def scanner(clone: str) -> Scanner:
    """The scanner with the rules of a clone."""
    rules = tuple(_rules(clone))
    return lambda texts: (hit for rule in rules for path, text in texts.items() for hit in _hits(rule, path, text))


def _rules(clone: str) -> Iterator[_Rule]:
    for text in at_head(clone, "rules").values():
        for given in yaml.safe_load_all(text):
            if given and _is_about_state(given):
                yield _rule(given)


def _is_about_state(given: dict[str, object]) -> bool:
    tags = {str(tag.get("value")) for tag in given.get("tags") or ()}  # type: ignore[attr-defined]  # what their YAML holds
    return bool(tags & _TAGS) or str(given.get("category")) in _CATEGORIES


def _rule(given: dict[str, object]) -> _Rule:
    values = [str(pattern["value"]) for pattern in given.get("patterns") or ()]  # type: ignore[attr-defined]  # as above
    form = str(given.get("defaultpattern") or "%s")
    lines = () if given.get("type") == "xpath" else tuple(re.compile(form.replace("%s", value)) for value in values)
    xpaths = tuple(values) if given.get("type") == "xpath" else ()
    return _Rule(str(given["name"]), re.compile(str(given.get("filetype") or "$")), lines, xpaths)


def _hits(rule: _Rule, path: str, text: str) -> Iterator[Hit]:
    if not rule.files.search(path):
        return
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) < _LONGEST_LINE and any(pattern.search(line) for pattern in rule.lines):
            yield Hit(path, number, number, rule.name)
    for xpath in rule.xpaths:
        if (element := _named_by(xpath, text)) is not None:
            number = next((at for at, line in enumerate(text.split("\n"), 1) if f"<{element}" in line), 1)
            yield Hit(path, number, number, rule.name)


def _named_by(xpath: str, text: str) -> str | None:
    """The name of the element that an expression of the form /a/b/c[@x="1" or @x="2"] finds."""
    steps, _, tests = xpath.partition("[")
    name = steps.rsplit("/", 1)[-1]
    try:
        found = ET.fromstring(text.encode()).iter(name)  # noqa: S314 - labelled commits, read to be counted
    except ET.ParseError:
        return None
    wanted = re.findall(r'@(\w+)(?:\s*=\s*"([^"]*)")?', tests)
    meets = any(
        not wanted or any(each.get(key) == value if value else each.get(key) is not None for key, value in wanted)
        for each in found
    )
    return name if meets else None

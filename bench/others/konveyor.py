"""Konveyor's ruleset `cloud-readiness` (formerly Windup's): its rules on storage, sessions and embedded caches.

Its analyzer asks a Java language server for references; here `java.referenced` is read off the text, in its favour: a class counts
where the file imports it, a constructor where `new Class` stands, a method where it is called in such a file
(https://github.com/konveyor/rulesets/tree/main/stable/java/cloud-readiness). `builtin.filecontent` is tried as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from others import Hit, Scanner, Texts, at_head

_FOLDER = "stable/java/cloud-readiness"
_ABOUT_STATE = re.compile(r"local-storage|session|embedded-cache")


def scanner(clone: str) -> Scanner:
    """The scanner with the rules of a clone."""
    rules = [
        rule
        for path, text in at_head(clone, _FOLDER).items()
        if "/tests/" not in path and _ABOUT_STATE.search(path)
        for rule in yaml.safe_load(text)
    ]
    return lambda texts: (
        hit for rule in rules for condition in _conditions(rule["when"]) for hit in _hits(str(rule["ruleID"]), condition, texts)
    )


def _conditions(when: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The single conditions; one of an `and` is enough here, in favour of the rule."""
    for kind, value in when.items():
        if kind in {"or", "and"}:
            for each in value:
                yield from _conditions(each)
        else:
            yield kind, value


def _hits(rule: str, condition: tuple[str, Any], texts: Texts) -> Iterator[Hit]:
    kind, value = condition
    for path, text in texts.items():
        match kind:
            case "java.referenced" if path.endswith((".java", ".kt")):
                lines = _referenced(value["pattern"], str(value.get("location", "")), text)
            case "builtin.filecontent" if re.search(str(value.get("filePattern") or ""), path):
                lines = _with(re.compile(value["pattern"]), text)
            case "java.dependency" if path.endswith(("pom.xml", ".gradle", ".gradle.kts")):
                lines = _with(re.compile(re.escape(str(value["name"]).rsplit(".", 1)[-1])), text)
            case _:
                continue
        yield from (Hit(path, number, number, rule) for number in lines)


def _with(pattern: re.Pattern[str], text: str) -> Iterator[int]:
    return (number for number, line in enumerate(text.split("\n"), 1) if pattern.search(line))


def _referenced(pattern: str, location: str, text: str) -> Iterator[int]:
    name = pattern.rstrip("*")
    if location == "METHOD_CALL":
        owner, _, method = name.rpartition(".")
        call = re.compile(rf"\b{re.escape(method)}\s*\(")
        return _with(call, text) if _imports(owner, text) else iter(())
    package, _, classes = (
        name.rpartition(".") if "(" not in name else (name[: name.index("(") - 1], ".", name[name.index("(") :])
    )
    if location == "IMPORT":
        return _with(re.compile(rf"^import\s+(?:static\s+)?{re.escape(package)}\.{classes}\b"), text)
    made = re.compile(rf"\bnew\s+(?:{re.escape(package)}\.)?{classes}\s*[(<]")
    return _with(made, text) if _imports(f"{package}.{classes}", text) or package in text else iter(())


def _imports(name: str, text: str) -> bool:
    package, _, last = name.rpartition(".")
    return bool(re.search(rf"^import\s+(?:static\s+)?{re.escape(package)}\.(?:\*|{last})", text, re.MULTILINE))

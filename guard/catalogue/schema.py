"""A catalogue file, parsed TOML in, rules out; whatever is not in the closed vocabulary is refused in one sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TypeVar

from msgspec.structs import fields

from guard.catalogue.rule import Condition, Edit, Example, Framework, Remedy, Rule
from guard.catalogue.versions import RANGE
from guard.errors import CatalogueError
from guard.finding import Check, Confidence, Severity

EXTENSIONS = {
    "python": "app.py",
    "javascript": "app.js",
    "typescript": "app.ts",
    "go": "main.go",
    "java": "App.java",
    "kotlin": "App.kt",
    "csharp": "App.cs",
    "php": "app.php",
    "ruby": "app.rb",
    "yaml": "config.yaml",
    "nginx": "nginx.conf",
    "dockerfile": "Dockerfile",
    "env": ".env",
    "properties": "application.properties",
    "ini": "settings.ini",
    "toml": "config.toml",
    "json": "config.json",
    "haproxy": "haproxy.cfg",
    "apache": "httpd.conf",
    "hcl": "main.tf",
    "xml": "settings.xml",
    "caddy": "Caddyfile",
    "shell": "entrypoint.sh",
    "puppet": "site.pp",
    "bicep": "main.bicep",
    "procfile": "Procfile",
    "keyvalue": ".env",
}
_RULE_KEYS = {
    "id",
    "check",
    "confidence",
    "severity",
    "message",
    "remedy",
    "docs",
    "question",
    "when",
    "unless",
    "settled_by",
    "versions",
    "match",
    "no_match",
    "remedies",
    "edit",
}
_Word = TypeVar("_Word", Check, Confidence, Severity)
_PAIRS = {"with": "with_", "and_setting": "and_setting", "beside": "beside", "around": "around", "not_around": "not_around"}
_STARTS = ("call", "setting", "variable", "block", "import_", "base")
_LISTS = {field.name.rstrip("_"): field.name for field in fields(Condition) if field.name not in _PAIRS.values()}


def rules_from(document: Mapping[str, object], file: str) -> tuple[Rule, ...]:
    """The rules of one parsed file; `file` is its name for error messages. Raises CatalogueError."""
    _refuse_unknown(document, {"framework", "rule"}, file)
    framework = _framework(_table(document.get("framework"), file, "framework"), file)
    return tuple(_rule(entry, framework, file) for entry in _tables(document.get("rule"), file, "rule"))


def _framework(table: Mapping[str, object], file: str) -> Framework:
    _refuse_unknown(table, {"name", "languages", "docs"}, f"{file}: framework")
    return Framework(_text(table, "name", file), _texts(table.get("languages"), file, "languages"), _text(table, "docs", file))


def _rule(entry: Mapping[str, object], framework: Framework, file: str) -> Rule:
    where = f"{file}: rule {entry.get('id', '?')!r}"
    _refuse_unknown(entry, _RULE_KEYS, where)
    default_path = EXTENSIONS.get(framework.languages[0], "file.txt")
    message = _text(entry, "message", where)
    confidence = _one_of(Confidence, entry.get("confidence"), where, "confidence")
    rule = Rule(
        id=_text(entry, "id", where),
        check=_one_of(Check, entry.get("check"), where, "check"),
        confidence=confidence,
        message=message,
        remedy=_text(entry, "remedy", where),
        docs=str(entry.get("docs") or framework.docs),
        severity=_one_of(Severity, entry.get("severity", "error"), where, "severity"),
        question=str(entry.get("question") or f"Is this true here: {message}"),
        framework=framework.name,
        languages=framework.languages,
        when=tuple(_condition(table, where) for table in _tables(entry.get("when"), where, "when")),
        unless=tuple(_condition(table, where) for table in _tables(entry.get("unless", []), where, "unless")),
        settled_by=_texts(entry["settled_by"], where, "settled_by") if "settled_by" in entry else (),
        versions=_versions(entry["versions"], where) if "versions" in entry else (),
        match=tuple(_example(table, default_path, where) for table in _tables(entry.get("match", []), where, "match")),
        no_match=tuple(_example(table, default_path, where) for table in _tables(entry.get("no_match", []), where, "no_match")),
        remedies=tuple(
            Remedy(_texts(table.get("uses"), where, "uses"), _text(table, "text", where))
            for table in _tables(entry.get("remedies", []), where, "remedies")
        ),
        edits=tuple(_edit(table, where) for table in _tables(entry.get("edit", []), where, "edit")),
    )
    if not rule.when:
        raise CatalogueError(
            f"{where}: 'when' is missing; give at least one table with call, setting, variable, block, import or base"
        )
    return rule


def _example(table: Mapping[str, object], default_path: str, where: str) -> Example:
    _refuse_unknown(table, {"path", "code"}, where)
    return Example(str(table.get("path") or default_path), _text(table, "code", where))


def _edit(table: Mapping[str, object], where: str) -> Edit:
    _refuse_unknown(table, {"line", "part", "to", "text", "not_text"}, where)
    kinds = [kind for kind in ("line", "part") if kind in table]
    if len(kinds) != 1:
        raise CatalogueError(f"{where}: a table of 'edit' needs one of line and part")
    to = table.get("to")
    if not isinstance(to, str) or to.endswith("\n"):
        raise CatalogueError(f"{where}: 'to' must be a text without a line break behind it")
    pattern = _text(table, kinds[0], where)
    try:
        re.compile(pattern)
    except re.error as error:
        raise CatalogueError(f"{where}: {pattern!r} is no regular expression: {error}") from None
    others = {key: _texts(table[key], where, key) for key in ("text", "not_text") if key in table}
    return Edit(to, line=pattern if kinds == ["line"] else "", part=pattern if kinds == ["part"] else "", **others)


def _condition(table: Mapping[str, object], where: str) -> Condition:
    _refuse_unknown(table, {*_LISTS, *_PAIRS}, where)
    lists = {_LISTS[key]: _texts(value, where, key) for key, value in table.items() if key in _LISTS}
    pairs = {_PAIRS[key]: _pairs(value, where, key) for key, value in table.items() if key in _PAIRS}
    if not lists.keys() & set(_STARTS):
        raise CatalogueError(f"{where}: a table of when/unless needs one of {', '.join(_STARTS).replace('_', '')}")
    if lists.get("owner", ("app",)) != ("app",):
        raise CatalogueError(f"{where}: 'owner' can only be \"app\"")
    return Condition(**lists, **pairs)  # type: ignore[arg-type]  # keys were checked against the fields just above


def _versions(value: object, where: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    ranges = _pairs(value, where, "versions")
    wrong = next((text for _, texts in ranges for text in texts if RANGE.fullmatch(text) is None), None)
    if wrong is not None:
        raise CatalogueError(f"{where}: 'versions' has {wrong!r}; write a range such as '>=2' or '>=1.4,<2'")
    return ranges


def _pairs(value: object, where: str, key: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((name, _texts(patterns, where, key)) for name, patterns in _table(value, where, key).items())


def _refuse_unknown(table: Mapping[str, object], known: Iterable[str], where: str) -> None:
    unknown = sorted(set(table) - set(known))
    if unknown:
        raise CatalogueError(f"{where}: unknown key {unknown[0]!r}; known are {', '.join(sorted(known))}")


def _text(table: Mapping[str, object], key: str, where: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value.strip():
        raise CatalogueError(f"{where}: {key!r} must be a text that is not empty")
    return value


def _texts(value: object, where: str, key: str) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list | tuple) and value and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise CatalogueError(f"{where}: {key!r} must be a text or a list of texts")


def _table(value: object, where: str, key: str) -> Mapping[str, object]:
    if isinstance(value, dict):
        return value
    raise CatalogueError(f"{where}: {key!r} must be a table")


def _tables(value: object, where: str, key: str) -> tuple[Mapping[str, object], ...]:
    if isinstance(value, list | tuple) and all(isinstance(item, dict) for item in value):
        return tuple(value)
    raise CatalogueError(f"{where}: {key!r} must be a list of tables")


def _one_of(kind: type[_Word], value: object, where: str, key: str) -> _Word:
    try:
        return kind(str(value))
    except ValueError:
        raise CatalogueError(f"{where}: {key!r} is {value!r}; it must be one of {', '.join(kind)}") from None

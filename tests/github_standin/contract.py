"""GitHub's published OpenAPI description: which operation a request is, and whether request and answer keep to it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import unquote

import jsonschema_rs
from npm import installed

_PACKAGE = "@octokit/openapi@23.0.2"
_FILE = "@octokit/openapi/generated/api.github.com.json"
_METHODS = ("get", "post", "patch", "put", "delete")
_COMPOSED = ("allOf", "anyOf", "oneOf")
_EXAMPLES = {"uri": "https://github.test/", "date-time": "2026-01-01T00:00:00Z", "date": "2026-01-01", "email": "a@github.test"}


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the API."""

    id: str
    method: str
    template: str
    pattern: re.Pattern[str]
    description: Mapping[str, Any] = field(repr=False)


@cache
def description() -> dict[str, Any]:
    """The whole description, read once a process."""
    loaded: dict[str, Any] = json.loads((installed(_PACKAGE) / _FILE).read_bytes())
    return loaded


@cache
def _operations() -> Mapping[str, tuple[Operation, ...]]:
    """Operations by method, those with more fixed words first."""
    found: dict[str, list[Operation]] = {method: [] for method in _METHODS}
    for template, methods in description()["paths"].items():
        pattern = re.compile(_pattern(template))
        for method in _METHODS:
            if method in methods:
                described = methods[method]
                found[method].append(Operation(described["operationId"], method.upper(), template, pattern, described))
    return {method: tuple(sorted(found[method], key=_vagueness)) for method in _METHODS}


def _vagueness(one: Operation) -> tuple[int, int]:
    return one.template.count("{"), -one.template.count("/")


def _pattern(template: str) -> str:
    several = "path|basehead|ref"
    escaped = re.escape(template).replace(r"\{", "{").replace(r"\}", "}")
    escaped = re.sub(rf"\{{({several})\}}", r"(?P<\1>.+)", escaped)
    return re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", escaped)


def operation(method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
    """The operation that a request means, with the values in its path."""
    for candidate in _operations().get(method.lower(), ()):
        if match := candidate.pattern.fullmatch(path):
            return candidate, {name: unquote(value) for name, value in match.groupdict().items()}
    return None


# -- requests -------------------------------------------------------------------------------------------------------


def wrong_request(asked: Operation, query: Mapping[str, str], body: object) -> Iterator[str]:
    """What of a request is not as the description says."""
    known = dict(_query_parameters(asked.id))
    for name, value in query.items():
        if name not in known:
            yield f"{asked.id} takes no query parameter {name!r}"
        elif not _is_valid(known[name], _typed(value)) and not _is_valid(known[name], value):
            yield f"{asked.id}: query parameter {name}={value!r} is not valid"
    schema = _body_schema(asked.id)
    if schema is None:
        if body is not None:
            yield f"{asked.id} takes no body"
    elif body is None:
        if asked.description["requestBody"].get("required"):
            yield f"{asked.id} needs a body"
    else:
        yield from _errors(schema, body, f"{asked.id} request")


def wrong_answer(asked: Operation, status: int, body: object) -> Iterator[str]:
    """What of an answer is not as the description says: then the stand-in is wrong."""
    schema = _answer_schema(asked.id, status)
    if schema is not None:
        yield from _errors(schema, body, f"{asked.id} answer {status}")
    elif status < 300 and str(status) not in asked.description["responses"]:
        yield f"{asked.id} never answers {status}"


@cache
def _by_id() -> Mapping[str, Operation]:
    return {one.id: one for operations in _operations().values() for one in operations}


@cache
def _query_parameters(asked: str) -> tuple[tuple[str, jsonschema_rs.Validator], ...]:
    parameters = [_resolved(parameter) for parameter in _by_id()[asked].description.get("parameters", ())]
    return tuple((one["name"], _compiled(one["schema"])) for one in parameters if one["in"] == "query")


@cache
def _body_schema(asked: str) -> jsonschema_rs.Validator | None:
    content = _by_id()[asked].description.get("requestBody", {}).get("content", {})
    return _compiled(content["application/json"]["schema"], strict=True) if "application/json" in content else None


@cache
def _answer_schema(asked: str, status: int) -> jsonschema_rs.Validator | None:
    answer = _resolved(_by_id()[asked].description["responses"].get(str(status), {}))
    content = answer.get("content", {}).get("application/json")
    return _compiled(content["schema"]) if content else None


def _typed(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _is_valid(validator: jsonschema_rs.Validator, value: object) -> bool:
    return validator.is_valid(value)


def _errors(validator: jsonschema_rs.Validator, value: object, what: str) -> Iterator[str]:
    if not validator.is_valid(value):
        for error in validator.iter_errors(value):
            yield f"{what}: at {'/'.join(map(str, error.instance_path)) or 'the top'}: {error.message[:300]}"


# -- schemas ----------------------------------------------------------------------------------------------------------


def _compiled(schema: Mapping[str, Any], *, strict: bool = False) -> jsonschema_rs.Validator:
    """A validator of an OpenAPI 3.0 schema with the parts that it refers to. Strict: no unknown property at all."""
    parts: dict[str, Any] = {}
    root = _translated(schema, strict=strict)
    pending = list(_references(root))
    while pending:
        name = pending.pop()
        if name not in parts:
            parts[name] = _part(name)
            pending.extend(_references(parts[name]))
    return jsonschema_rs.Draft202012Validator({**root, "components": {"schemas": parts}}, validate_formats=True)


@cache
def _part(name: str) -> dict[str, Any]:
    return _translated(description()["components"]["schemas"][name])


def _translated(schema: Mapping[str, Any], *, strict: bool = False) -> dict[str, Any]:
    """An OpenAPI 3.0 schema as JSON Schema: `nullable` becomes a type, examples and words go."""
    if "$ref" in schema:
        return {"$ref": schema["$ref"]}
    kept = {key: value for key, value in schema.items() if key in _KEYWORDS}
    result: dict[str, Any] = {key: _translated_value(key, value, strict=strict) for key, value in kept.items()}
    if strict and "properties" in result:
        result.setdefault("additionalProperties", False)
    return _nullable(result) if schema.get("nullable") else result


_KEYWORDS = frozenset(
    "type enum properties required items allOf anyOf oneOf additionalProperties format pattern minimum maximum minLength maxLength"
    " minItems maxItems minProperties maxProperties uniqueItems".split()
)


def _translated_value(key: str, value: Any, *, strict: bool) -> Any:
    if key == "properties":
        return {name: _translated(part, strict=strict) for name, part in value.items()}
    if key == "items" or (key == "additionalProperties" and isinstance(value, dict)):
        return _translated(value, strict=strict)
    if key in _COMPOSED:
        return [_translated(part) for part in value]
    return value


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    if isinstance(schema.get("type"), str) and not any(word in schema for word in _COMPOSED):
        schema["type"] = [schema["type"], "null"]
        if "enum" in schema:
            schema["enum"] = [*schema["enum"], None]
        return schema
    return {"anyOf": [schema, {"type": "null"}]}


def _references(schema: object) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(reference := schema.get("$ref"), str):
            yield reference.rpartition("/")[2]
        for value in schema.values():
            yield from _references(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _references(value)


def _resolved(value: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in value:
        found: Any = description()
        for step in value["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        value = found
    return value


# -- answers ------------------------------------------------------------------------------------------------------------


def filled(schema: str, **ours: object) -> dict[str, Any]:
    """An object of a schema of the description: what we say of it, and something valid in every other required field."""
    unknown = ours.keys() - _properties(schema)
    assert not unknown, f"{schema} has no {', '.join(sorted(unknown))}"
    return {**_defaults(schema), **ours}


@cache
def _properties(schema: str) -> frozenset[str]:
    return frozenset(description()["components"]["schemas"][schema]["properties"])


@cache
def _defaults(schema: str) -> dict[str, Any]:
    value = _default(description()["components"]["schemas"][schema] | {"nullable": False})
    assert isinstance(value, dict), schema
    return value


def _default(schema: Mapping[str, Any]) -> Any:
    schema = _resolved(schema)
    if schema.get("nullable"):
        return None
    for word in _COMPOSED:
        if word in schema and "properties" not in schema:
            return _default(schema[word][0])
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object":
            return {name: _default(schema["properties"][name]) for name in schema.get("required", ())}
        case "array":
            return []
        case "string":
            return _EXAMPLES.get(schema.get("format", ""), "")
        case "integer" | "number":
            return 0
        case "boolean":
            return False
    return {}

"""Bicep: Azure's templates, and the files that give them their parameters.

The path of a setting is the kind of the declaration, the resource's type without its version (a module's file), its symbolic name, and
the keys: `clientAffinityEnabled` among the `properties` of `resource app 'Microsoft.Web/sites@2022-03-01'` has the path ("resource",
"Microsoft.Web/sites", "app", "properties", "clientAffinityEnabled"), as in the ARM template that it becomes. Every object and array
is a setting too; what a loop makes stands once, at the index 0. Parameters, which may be their default, and variables are bindings, and settings
behind ("param", name) and ("var", name); `c ? a : b` and `a ?? b` are choices.

A resource whose condition is false by default, or names development or tests, is left out.
https://learn.microsoft.com/azure/azure-resource-manager/bicep/file
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from guard.facts import (
    Binding,
    Choice,
    Constant,
    Entry,
    Facts,
    Listing,
    Mapping,
    Name,
    Setting,
    Span,
    Template,
    Unknown,
    Value,
)
from guard.languages._bicep_spelling import spelled
from guard.languages._templates import bare_name

if TYPE_CHECKING:
    from guard.languages._syntax import Node

_PARAMETERS = ".bicepparam"
_NAMES = (".bicep", _PARAMETERS)
_WHOLE = frozenset({"resource_declaration", "module_declaration"})
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_DEVELOPMENT = re.compile(r"(?:==|=~)\s*'(?:dev|develop|development|test|testing|local)\w*'", re.IGNORECASE)
_VERSION = re.compile(r"@[^@/]*$")
_ESCAPE = re.compile(r"\\(?:u\{(?P<code>[0-9a-fA-F]{1,6})\}|(?P<other>.))", re.DOTALL)
_PLAIN = {"n": "\n", "t": "\t", "r": "\r"}
_DEEPEST = 40
_LONGEST = 80
_MOST = 20_000
_Path = tuple[str, ...]


def by_name(path: str) -> str | None:
    """`.bicep` and `.bicepparam`."""
    return "bicep" if bare_name(path).endswith(_NAMES) else None


def read(path: str, text: str, language: str) -> Facts:
    """The settings of every resource and module, with parameters and variables as bindings."""
    from guard.languages import _syntax

    gives = bare_name(path).endswith(_PARAMETERS)
    root = _syntax.parse("bicep", spelled(text, gives=gives)).root_node
    bindings = tuple(_bindings(root))
    settings = tuple(islice(_Reading(bindings, gives=gives).declarations(root, ()), _MOST))
    return Facts(
        path,
        language,
        tuple(text.split("\n")),
        settings=settings,
        bindings=bindings,
        comments=_syntax.comments_of(root, lambda text: text.strip("/* \n")),
        broken=_syntax.broken_spans(root),
    )


# -- declarations -----------------------------------------------------------------------------------------------------


def _content(node: Node) -> list[Node]:
    return [child for child in node.named_children if child.type not in {"comment", "decorators", "type"}]


def _named(node: Node) -> tuple[str, Node | None]:
    """Name and value of a parameter or variable; a parameter may have no default."""
    from guard.languages._syntax import text_of

    inner = _content(node)
    given = inner[1] if len(inner) > 1 else None
    return text_of(inner[0]) if inner else "", given


def _bindings(root: Node) -> Iterator[Binding]:
    """Parameters, which are their default where nobody gives them, and variables."""
    from guard.languages._syntax import span_of

    for node in root.named_children:
        if node.type in {"parameter_declaration", "variable_declaration"}:
            name, given = _named(node)
            if name and given is not None:
                value = _value(given)
                default = Choice((Unknown(f"param {name}"), value)) if node.type.startswith("param") else value
                yield Binding(name, "", default, span_of(node))


class _Reading:
    """One file being read: what its parameters are by default decides about what is optional."""

    def __init__(self, bindings: tuple[Binding, ...], *, gives: bool) -> None:
        values = ((binding.name, binding.value) for binding in bindings)
        self.defaults = {name: value.options[-1] if isinstance(value, Choice) else value for name, value in values}
        self.gives = gives

    def declarations(self, node: Node, path: _Path) -> Iterator[Setting]:
        """The settings of a file's declarations, or of the resources that stand in another's body."""
        for child in node.named_children:
            inner = child.named_children[0] if child.type == "object_property" and child.named_children else child
            if inner.type in _WHOLE:
                yield from self.whole(inner, path)
            elif child.type in {"parameter_declaration", "variable_declaration"} and not path:
                yield from self.parameter(child)

    def parameter(self, node: Node) -> Iterator[Setting]:
        """A parameter's value or a variable, behind its name; decorators stand on the lines before the declaration itself."""
        from guard.languages._syntax import span_of

        name, given = _named(node)
        if not name or given is None:
            return
        first = next((child for child in node.children if child.type not in {"decorators", "comment"}), node)
        span = Span(span_of(first).line, span_of(node).end_line, span_of(first).column)
        kind = "param" if self.gives or node.type.startswith("param") else "var"
        yield from _spread((kind, name), given, span)

    def whole(self, node: Node, path: _Path) -> Iterator[Setting]:
        """A resource or a module."""
        from guard.languages._syntax import span_of, text_of

        inner = _content(node)
        if len(inner) < 3 or len(path) > _DEEPEST or not self.is_there(inner[2:]):
            return
        symbol, kind = text_of(inner[0]), text_of(inner[1]).strip("'")
        around = (*path, node.type.partition("_")[0], _VERSION.sub("", kind), symbol)
        body = _body(inner[-1])
        if body is None:
            return
        yield Setting(around, _value(body), span_of(node))
        yield from self.entries(body, around)
        yield from self.declarations(body, around)

    def entries(self, body: Node, path: _Path) -> Iterator[Setting]:
        for key, given, span in _properties(body):
            yield from _spread((*path, key), given, span)

    def is_there(self, nodes: list[Node]) -> bool:
        """Whether a declaration's condition, if it has one, may hold in a deployed environment."""
        from guard.languages._syntax import text_of

        condition = next((node for node in nodes if node.type == "if_statement"), None)
        asked = condition.named_children[0] if condition is not None and condition.named_children else None
        if asked is None:
            return True
        text = text_of(asked).strip("() ")
        if _DEVELOPMENT.search(text):
            return False
        return self.defaults.get(text) not in (Constant(False), Constant(""), Constant(None))


def _body(node: Node) -> Node | None:
    """The object of a declaration: behind its condition, inside its loop."""
    for _ in range(4):
        if node.type == "object":
            return node
        inner = _content(node)
        if not inner:
            return None
        node = inner[-1]
    return None


def _properties(node: Node) -> Iterator[tuple[str, Node, Span]]:
    """Keys and values of an object, with the lines of both."""
    from guard.languages._syntax import span_of, text_of

    for child in node.named_children:
        inner = _content(child)
        if child.type == "object_property" and len(inner) > 1:
            key = _value(inner[0]) if inner[0].type == "string" else Constant(text_of(inner[0]))
            yield str(key.value) if isinstance(key, Constant) else text_of(inner[0]), inner[-1], span_of(child)


def _spread(path: _Path, node: Node, span: Span) -> Iterator[Setting]:
    """A value behind its path, and what is inside it."""
    from guard.languages._syntax import span_of

    if len(path) > _DEEPEST:
        return
    yield Setting(path, _value(node), span)
    if node.type == "object":
        for key, given, inner in _properties(node):
            yield from _spread((*path, key), given, inner)
    elif node.type == "array":
        for index, item in enumerate(_content(node)):
            yield from _spread((*path, str(index)), item, span_of(item))
    elif node.type == "for_statement":
        inside = _content(node)
        if inside:
            yield from _spread((*path, "0"), inside[-1], span_of(inside[-1]))


# -- expressions ------------------------------------------------------------------------------------------------------


def _value(node: Node, depth: int = 0) -> Value:
    """An expression as a value."""
    from guard.languages._syntax import text_of

    if depth > _DEEPEST:
        return Unknown(text_of(node)[:_LONGEST])
    children = _content(node)
    match node.type:
        case "string" | "multiline_string":
            return _text(children, depth)
        case "boolean" | "null" | "number":
            return Constant(_WORDS[text_of(node)] if text_of(node) in _WORDS else text_of(node))
        case "identifier":
            return Name(f"~{text_of(node)}")
        case "parenthesized_expression" if len(children) == 1:
            return _value(children[0], depth + 1)
        case "ternary_expression" | "binary_expression":
            return _chosen(node, children, depth)
        case "object":
            return Mapping(tuple(Entry(key, _value(given, depth + 1), span) for key, given, span in _properties(node)))
        case "array":
            return Listing(tuple(_value(child, depth + 1) for child in children))
        case "for_statement" if children:
            return Listing((_value(children[-1], depth + 1),))
        case "call_expression" if len(children) == 2:
            return _called(node, children[1])
        case "member_expression" if re.fullmatch(r"[\w.]{1,80}", text_of(node)):
            return Name(text_of(node))
        case _:
            return Unknown(text_of(node)[:_LONGEST])


def _chosen(node: Node, children: list[Node], depth: int) -> Value:
    """One of several values, by a condition or where the first is null; the result of any other operator is not computed."""
    from guard.languages._syntax import text_of

    options = children[1:] if node.type == "ternary_expression" else children
    chooses = node.type == "ternary_expression" or any(child.type == "??" for child in node.children)
    if chooses and len(options) == 2:
        return Choice(tuple(_value(option, depth + 1) for option in options))
    return Unknown(text_of(node)[:_LONGEST])


def _called(node: Node, given: Node) -> Value:
    """`readEnvironmentVariable(name, default)` may be its default; what other functions give is not computed."""
    from guard.languages._syntax import text_of

    unknown = Unknown(text_of(node)[:_LONGEST])
    arguments = _content(given)
    reads = text_of(node).startswith("readEnvironmentVariable(") and len(arguments) == 2
    return Choice((unknown, _value(arguments[1], _DEEPEST - 1))) if reads else unknown


def _text(children: list[Node], depth: int) -> Value:
    """A text: its literal parts and its interpolations."""
    from guard.languages._syntax import text_of

    parts: list[Value] = []
    for child in children:
        inner = _content(child)
        if child.type == "interpolation" and inner:
            parts.append(_value(inner[0], depth + 1))
        else:
            parts.append(Constant(_unescaped(text_of(child))))
    if not parts:
        return Constant("")
    return parts[0] if len(parts) == 1 else Template(tuple(parts))


def _unescaped(text: str) -> str:
    def plain(found: re.Match[str]) -> str:
        if found["code"]:
            return chr(min(int(found["code"], 16), 0x10FFFF))
        return _PLAIN.get(found["other"], found["other"])

    return _ESCAPE.sub(plain, text) if "\\" in text else text

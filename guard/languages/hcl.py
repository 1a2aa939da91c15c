"""HCL: Terraform, OpenTofu, Packer, Nomad, Waypoint.

The path of a setting is the names and labels of the blocks around it and its own key: `enabled` in `stickiness` in
`resource "aws_lb_target_group" "app"` has the path ("resource", "aws_lb_target_group", "app", "stickiness", "enabled"). A block is a
setting too, a mapping over its lines; blocks of one name and labels in one body have their index after it. Variables and locals are
bindings ("var.x" to its default, "local.x"), so that a reference resolves where the file declares it; `c ? a : b`, `coalesce`, `try`
and `lookup` are choices.

What is optional is no more than that: settings of a `dynamic` block, and of a block with `count`, are left out when the variable
that switches them on is false, null or empty by default; they are unknown, or one of two, when nothing in the file tells.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

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
from guard.languages._templates import bare_name

if TYPE_CHECKING:
    from guard.languages._syntax import Node

_NAMES = (".tf", ".tofu", ".hcl", ".tfvars", ".nomad")
_LOCK = ".terraform.lock.hcl"
_REFERENCE = re.compile(r"\b(?:var|local)\.[A-Za-z_][\w-]*")
_ALTERNATIVES = frozenset({"try", "coalesce", "coalescelist", "lookup", "merge", "concat"})
_WRAPPERS = frozenset({"tobool", "tostring", "tonumber", "toset", "tolist", "tomap", "nonsensitive", "sensitive"})
_EMPTY = (Constant(False), Constant(None), Constant(""), Constant("0"), Listing(()), Mapping(()))
_DEEPEST = 40
_LONGEST = 80
_Path = tuple[str, ...]


class _Guard(StrEnum):
    """Whether what is optional is there."""

    ON = "on"
    OFF = "off"
    UNKNOWN = "unknown"


def by_name(path: str) -> str | None:
    """The endings of the tools that use it."""
    name = bare_name(path)
    return "hcl" if name.endswith(_NAMES) and not path.endswith(_LOCK) else None


def read(path: str, text: str, language: str) -> Facts:
    """The settings of every block, with variables and locals as bindings."""
    from guard.languages import _syntax

    root = _syntax.parse("hcl", text).root_node
    bindings = tuple(_bindings(root))
    body = _child(root, "body")
    settings = tuple(_Reading(bindings).body(body, (), _Guard.ON)) if body else ()
    return Facts(
        path,
        language,
        tuple(text.split("\n")),
        settings=settings,
        bindings=bindings,
        comments=_syntax.comments_of(root, lambda text: text.strip("#/* \n")),
        broken=_syntax.broken_spans(root),
    )


# -- blocks -----------------------------------------------------------------------------------------------------------


class _Block(Struct, frozen=True):
    """A block's name and labels, its body, and where it stands."""

    words: tuple[str, ...]
    body: Node | None
    span: Span


def _block(node: Node) -> _Block:
    from guard.languages._syntax import span_of, text_of

    words = tuple(text_of(child).strip('"') for child in node.children if child.type in {"identifier", "string_lit"})
    return _Block(words, _child(node, "body"), span_of(node))


def _child(node: Node, kind: str) -> Node | None:
    return next((child for child in node.named_children if child.type == kind), None)


def _blocks(body: Node | None) -> Iterator[_Block]:
    if body is not None:
        yield from (_block(child) for child in body.named_children if child.type == "block")


def _attributes(body: Node | None) -> Iterator[tuple[str, Node, Node | None]]:
    """Name, node and expression of each attribute of a body."""
    from guard.languages._syntax import text_of

    for child in body.named_children if body is not None else ():
        if child.type == "attribute" and child.named_children:
            yield text_of(child.named_children[0]), child, _child(child, "expression")


def _attribute(body: Node | None, name: str) -> Node | None:
    return next((expression for key, _, expression in _attributes(body) if key == name), None)


def _bindings(root: Node) -> Iterator[Binding]:
    """Defaults of variables, and locals."""
    from guard.languages._syntax import span_of

    for block in _blocks(_child(root, "body")):
        if block.words[:1] == ("variable",) and len(block.words) == 2:
            default = _attribute(block.body, "default")
            if default is not None:
                yield Binding(f"var.{block.words[1]}", "", _value(default), block.span)
        elif block.words == ("locals",):
            for name, node, expression in _attributes(block.body):
                if expression is not None:
                    yield Binding(f"local.{name}", "", _value(expression), span_of(node))


class _Reading:
    """One file being read: what its variables are by default decides about what is optional."""

    def __init__(self, bindings: tuple[Binding, ...]) -> None:
        self.defaults = {binding.name: binding.value for binding in bindings}

    def body(self, body: Node, path: _Path, guard: _Guard) -> Iterator[Setting]:
        """The settings of a body, in source order."""
        from guard.languages._syntax import span_of, text_of

        if len(path) > _DEEPEST:
            return
        blocks = tuple(_blocks(body))
        repeated = Counter(block.words for block in blocks)
        seen: Counter[_Path] = Counter()
        waiting = iter(blocks)
        for child in body.named_children:
            if child.type == "block":
                block = next(waiting)
                position = (str(seen[block.words]),) if repeated[block.words] > 1 else ()
                seen[block.words] += 1
                yield from self.block(replace(block, words=(*block.words, *position)), path, guard)
            elif child.type == "attribute" and child.named_children:
                expression = _child(child, "expression")
                value = _guarded(_value(expression) if expression is not None else Unknown(""), guard)
                yield from _spread((*path, text_of(child.named_children[0])), value, span_of(child), _item_spans(expression))

    def block(self, block: _Block, path: _Path, guard: _Guard) -> Iterator[Setting]:
        if not block.words:
            return
        if block.words[0] == "dynamic" and len(block.words) > 1:
            yield from self.dynamic(block, path, guard)
            return
        mine = self.guard(_attribute(block.body, "count"), doubt=_Guard.ON) if path == () else _Guard.ON
        if _Guard.OFF in {mine, guard}:
            return
        inner = (*path, *block.words)
        yield Setting(inner, _guarded(_mapping(block.body, 0), guard), block.span)
        if block.body is not None:
            yield from self.body(block.body, inner, guard)

    def dynamic(self, block: _Block, path: _Path, guard: _Guard) -> Iterator[Setting]:
        """`dynamic "x" { for_each = …; content { … } }` is a block x, if it is there."""
        mine = self.guard(_attribute(block.body, "for_each"), doubt=_Guard.UNKNOWN)
        content = next((inner for inner in _blocks(block.body) if inner.words == ("content",)), None)
        if content is not None and mine is not _Guard.OFF:
            worse = _Guard.UNKNOWN if _Guard.UNKNOWN in {mine, guard} else guard
            yield from self.block(replace(content, words=block.words[1:], span=block.span), path, worse)

    def guard(self, expression: Node | None, *, doubt: _Guard) -> _Guard:
        """Whether `count` or `for_each` lets a block be there, by the defaults of the variables in it."""
        from guard.languages._syntax import text_of

        if expression is None:
            return _Guard.ON
        value = _value(expression)
        if value in _EMPTY:
            return _Guard.OFF
        names = _REFERENCE.findall(text_of(expression))
        known = [self.defaults[name] for name in names if name in self.defaults]
        if any(default in _EMPTY for default in known):
            return _Guard.OFF
        literal = isinstance(value, Constant | Listing | Mapping) or (known and len(known) == len(names))
        return _Guard.ON if literal else doubt


def _guarded(value: Value, guard: _Guard) -> Value:
    return Unknown("dynamic") if guard is _Guard.UNKNOWN else value


def _mapping(body: Node | None, depth: int) -> Mapping:
    """A body as one value: its attributes and the blocks in it."""
    from guard.languages._syntax import span_of

    if body is None or depth > _DEEPEST:
        return Mapping(())
    attributes = [Entry(name, _value(node), span_of(whole)) for name, whole, node in _attributes(body) if node is not None]
    inner = [Entry(block.words[0], _mapping(block.body, depth + 1), block.span) for block in _blocks(body) if block.words]
    return Mapping((*attributes, *inner))


def _item_spans(expression: Node | None) -> tuple[Span, ...]:
    """Where the items of a list stand that is written out as an attribute's value."""
    from guard.languages._syntax import span_of

    node = expression
    while node is not None and node.type in {"expression", "collection_value"} and len(node.named_children) == 1:
        node = node.named_children[0]
    if node is None or node.type != "tuple":
        return ()
    return tuple(span_of(child) for child in node.named_children if child.type == "expression")


def _spread(path: _Path, value: Value, span: Span, items: tuple[Span, ...] = ()) -> Iterator[Setting]:
    """An attribute, and what is inside it, each behind its path."""
    yield Setting(path, value, span)
    if len(path) > _DEEPEST:
        return
    if isinstance(value, Mapping):
        for entry in value.entries:
            if entry.key is not None:
                yield from _spread((*path, entry.key), entry.value, entry.span)
    elif isinstance(value, Listing):
        for index, item in enumerate(value.items):
            yield from _spread((*path, str(index)), item, items[index] if len(items) == len(value.items) else span)


# -- expressions ------------------------------------------------------------------------------------------------------


def _value(node: Node, depth: int = 0) -> Value:
    """An expression as a value."""
    from guard.languages._syntax import text_of

    if depth > _DEEPEST:
        return Unknown(text_of(node)[:_LONGEST])
    children = [child for child in node.named_children if child.type != "comment"]
    match node.type:
        case "expression" if len(children) == 1:
            return _value(children[0], depth + 1)
        case "expression" if children and children[0].type == "variable_expr":
            return _reference(text_of(node))
        case "variable_expr":
            return _reference(text_of(node))
        case "conditional" if len(children) == 3:
            return Choice((_value(children[1], depth + 1), _value(children[2], depth + 1)))
        case "function_call":
            return _call(node, children, depth)
        case "literal_value" | "template_expr" | "collection_value" if children:
            return _value(children[0], depth + 1)
        case "tuple":
            return Listing(tuple(_value(child, depth + 1) for child in children if child.type == "expression"))
        case "object":
            return Mapping(tuple(entry for child in children if (entry := _element(child, depth))))
        case "quoted_template" | "string_lit" | "heredoc_template":
            return _text(children, depth)
        case "bool_lit" | "null_lit" | "numeric_lit":
            return Constant({"true": True, "false": False, "null": None}.get(text_of(node), text_of(node)))
        case _:
            return Unknown(text_of(node)[:_LONGEST])


def _reference(text: str) -> Value:
    """A variable or local is a name of this file; anything else is somebody else's."""
    plain = re.sub(r"\s+", "", text)
    if re.fullmatch(r"(?:var|local)\.[\w-]+", plain):
        return Name("~" + plain)
    return Name(plain) if re.fullmatch(r"[\w.-]{1,80}", plain) else Unknown(text[:_LONGEST])


def _call(node: Node, children: list[Node], depth: int) -> Value:
    """Functions that give back one of their arguments; the others are not computed."""
    from guard.languages._syntax import text_of

    name = text_of(children[0]) if children else ""
    given = next((child for child in children if child.type == "function_arguments"), None)
    arguments = [_value(child, depth + 1) for child in given.named_children if child.type == "expression"] if given else []
    if name in _WRAPPERS and len(arguments) == 1:
        return arguments[0]
    if name == "lookup" and len(arguments) == 3:
        return Choice((Unknown(text_of(node)[:_LONGEST]), arguments[2]))
    return Choice(tuple(arguments)) if name in _ALTERNATIVES and arguments else Unknown(text_of(node)[:_LONGEST])


def _element(node: Node, depth: int) -> Entry | None:
    """One pair of an object."""
    from guard.languages._syntax import span_of, text_of

    pair = [child for child in node.named_children if child.type == "expression"]
    if node.type != "object_elem" or len(pair) != 2:
        return None
    key = _value(pair[0], depth + 1)
    name = str(key.value) if isinstance(key, Constant) else text_of(pair[0]).strip("()")
    return Entry(name, _value(pair[1], depth + 1), span_of(node))


def _text(children: list[Node], depth: int) -> Value:
    """A string: its literal parts and its interpolations."""
    from guard.languages._syntax import text_of

    parts: list[Value] = []
    for child in children:
        if child.type == "template_literal":
            parts.append(Constant(text_of(child)))
        elif child.type in {"template_interpolation", "template_directive"}:
            inner = _child(child, "expression")
            parts.append(_value(inner, depth + 1) if inner is not None else Unknown(text_of(child)[:_LONGEST]))
    if not parts:
        return Constant("")
    return parts[0] if len(parts) == 1 else Template(tuple(parts))

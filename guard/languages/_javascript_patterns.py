"""Names that patterns, imports and `require` bind, read off single nodes of JavaScript and TypeScript."""

from __future__ import annotations

from collections.abc import Iterator

from guard.languages._javascript_scopes import Source, first_of, string_of, unwrapped
from guard.languages._syntax import Node


def bound_names(pattern: Node, source: Source) -> Iterator[tuple[str, str, Node]]:
    """The names that a pattern binds: name, way from the value to it, node."""
    waiting = [(pattern, "")]
    while waiting:
        node, way = waiting.pop()
        match node.type:
            case "identifier" | "shorthand_property_identifier_pattern":
                name = source.of(node)
                yield name, way + (f".{name}" if node.type != "identifier" else ""), node
            case "object_pattern":
                waiting.extend((child, way) for child in reversed(node.named_children))
            case "array_pattern":
                waiting.extend((child, f"{way}[]") for child in reversed(node.named_children))
            case "pair_pattern":
                key, value = node.child_by_field_name("key"), node.child_by_field_name("value")
                if key is not None and value is not None:
                    text = string_of(key, source) or source.of(key)
                    waiting.append((value, way + ("[]" if key.type == "computed_property_name" else f".{text}")))
            case "object_assignment_pattern" | "assignment_pattern":
                left = node.child_by_field_name("left")
                if left is not None:
                    waiting.append((left, way))
            case "rest_pattern":
                inner = first_of(node)
                if inner is not None:
                    waiting.append((inner, way))
            case _:
                pass


def entry_key(entry: Node, source: Source) -> str | None:
    """The constant key of an entry of an object literal."""
    key = entry.child_by_field_name("key") or entry.child_by_field_name("name")
    if key is None or key.type == "computed_property_name":
        return None
    return string_of(key, source) or source.of(key)


def imported_names(clause: Node, source: Source) -> Iterator[tuple[str, str, Node]]:
    """What an import statement binds: member of the module (".x", or "" for the module itself), local name, node."""
    for child in clause.named_children:
        if child.type == "identifier":
            yield "", source.of(child), child
        elif child.type == "namespace_import" and child.named_child_count:
            yield "", source.of(child.named_children[0]), child
        elif child.type == "named_imports":
            yield from (found for specifier in child.named_children for found in _specifier(specifier, source))


def _specifier(node: Node, source: Source) -> Iterator[tuple[str, str, Node]]:
    name, alias = node.child_by_field_name("name"), node.child_by_field_name("alias")
    if name is None or any(child.type == "type" for child in node.children):
        return
    original = source.of(name)
    yield ("" if original == "default" else f".{original}"), source.of(alias or name), node


_PROMISES = frozenset({"fs/promises", "dns/promises", "stream/promises", "timers/promises", "readline/promises"})


def module_name(text: str) -> str:
    """A module by its one name: without `node:`, `fs/promises` as the member of `fs` that it is."""
    name = text.removeprefix("node:")
    return name.replace("/", ".") if name in _PROMISES else name


def module_of(node: Node, source: Source) -> tuple[str, Node] | None:
    """The module that `require('x')`, `await import('x')` or a member of them gives, and the call that brings it."""
    node = unwrapped(node)
    members: list[str] = []
    while node.type == "member_expression":
        inner, member = node.child_by_field_name("object"), node.child_by_field_name("property")
        if inner is None or member is None:
            return None
        members.append(source.of(member))
        node = unwrapped(inner)
    if node.type != "call_expression":
        return None
    name = required_module(node, source)
    if name is None:
        return None
    path = ".".join([name, *reversed(members)])
    return (path.removesuffix(".default") if members else path), node


def required_module(call: Node, source: Source) -> str | None:
    """The module of a call of `require` or `import` with a constant name."""
    callee, arguments = call.child_by_field_name("function"), call.child_by_field_name("arguments")
    if callee is None or arguments is None or not arguments.named_child_count:
        return None
    if callee.type != "import" and not (callee.type == "identifier" and source.of(callee) == "require"):
        return None
    text = string_of(arguments.named_children[0], source)
    return module_name(text) if text else None

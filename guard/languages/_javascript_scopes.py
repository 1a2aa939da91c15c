"""What is declared where in a JavaScript or TypeScript file: scopes, declarations, functions and classes while they are built."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum

from guard.facts import FunctionKind
from guard.languages._syntax import Node

WRAPPERS = frozenset(
    {
        "parenthesized_expression",
        "await_expression",
        "as_expression",
        "satisfies_expression",
        "non_null_expression",
        "type_assertion",
        "instantiation_expression",
    }
)
"""Expressions that stand for the one inside them."""
FUNCTIONS = frozenset(
    {"arrow_function", "function_expression", "generator_function", "function_declaration", "generator_function_declaration"}
)
CLASSES = frozenset({"class", "class_declaration", "abstract_class_declaration"})


class Source:
    """The text of a file by the byte offsets that the parser gives."""

    __slots__ = ("_cut",)

    def __init__(self, text: str) -> None:
        if text.isascii():
            self._cut: Callable[[int, int], str] = lambda start, end: text[start:end]
        else:
            content = text.encode("utf-8", "surrogatepass")
            self._cut = lambda start, end: content[start:end].decode("utf-8", "replace")

    def of(self, node: Node) -> str:
        """The text of a node."""
        return self._cut(node.start_byte, node.end_byte)

    def beginning(self, node: Node, length: int) -> str:
        """The first characters of a node's text."""
        return self._cut(node.start_byte, min(node.end_byte, node.start_byte + 4 * length))[:length]


class DeclarationKind(IntEnum):
    """What a name was made by."""

    IMPORT = 0
    PARAMETER = 1
    VARIABLE = 2
    FUNCTION = 3
    FIELD = 4


class Declaration:
    """A name and what is known of its value. `suffix` is the way from the initialiser to the name (`{ a }` -> ".a")."""

    __slots__ = (
        "assigned",
        "busy",
        "constant",
        "element",
        "exported",
        "function",
        "init",
        "inner",
        "instance",
        "kind",
        "name",
        "node",
        "owner",
        "path",
        "resolved",
        "scope",
        "suffix",
        "type",
    )

    def __init__(self, name: str, kind: DeclarationKind, owner: str, scope: Scope, node: Node) -> None:
        self.name = name
        self.kind = kind
        self.owner = owner
        self.scope = scope
        """Where the initialiser is evaluated."""
        self.node = node
        """What is shown to a reader."""
        self.path = ""
        """The resolved name, for imports and parameters."""
        self.init: Node | None = None
        self.suffix = ""
        self.element = False
        """Whether the name stands for an element of the initialiser (`for (const x of xs)`)."""
        self.assigned: list[tuple[Node, Scope]] = []
        """What else is assigned to it, and where."""
        self.constant = False
        self.exported = False
        self.instance = False
        self.type = ""
        self.function: Definition | None = None
        self.resolved: str | None = None
        self.inner: dict[str, tuple[Node, Node]] = {}
        """Entries of its object literal that are empty containers: key -> entry and value."""
        self.busy = False

    def only_value(self) -> tuple[Node, Scope] | None:
        """Its one value, if it has exactly one in the whole file."""
        if self.init is not None:
            return None if self.assigned else (self.init, self.scope)
        return self.assigned[0] if len(self.assigned) == 1 and not self.element else None


class Definition:
    """A function or class while it is read."""

    __slots__ = (
        "bases",
        "decorators",
        "exported",
        "fields",
        "handed",
        "id",
        "kind",
        "members",
        "name",
        "node",
        "parameters",
        "parent",
        "scope",
    )

    def __init__(self, identity: str, name: str, parent: str, kind: FunctionKind, node: Node) -> None:
        self.id = identity
        self.name = name
        self.parent = parent
        self.kind = kind
        self.node = node
        self.parameters: list[str] = []
        self.decorators: list[Node] = []
        self.bases: list[Node] = []
        self.exported = False
        self.handed: tuple[Node, Scope] | None = None
        """The call that was given this function in place."""
        self.fields: dict[str, list[Declaration]] = {}
        self.members: dict[str, Definition] = {}
        self.scope: Scope | None = None
        """The scope around it."""


class Scope:
    """A block in which names live. `id` is that of the innermost function or class around it.

    `this` is the class whose instance `this` is there, the resolved name of the object, or None.
    """

    __slots__ = ("definition", "id", "names", "outer", "this", "whole")

    def __init__(
        self, outer: Scope | None, identity: str, this: Definition | str | None, definition: Definition | None
    ) -> None:
        self.outer = outer
        self.id = identity
        self.this = this
        self.definition = definition
        """The innermost function or class; None at the top of the file."""
        self.names: dict[str, Declaration] = {}
        self.whole = self
        """The scope of the function, in which `var` and functions are hoisted."""

    def block(self) -> Scope:
        """A block inside this scope."""
        inner = Scope(self, self.id, self.this, self.definition)
        inner.whole = self.whole
        return inner

    def find(self, name: str) -> Declaration | None:
        """The declaration that a name means here."""
        scope: Scope | None = self
        while scope is not None:
            found = scope.names.get(name)
            if found is not None:
                return found
            scope = scope.outer
        return None


def first_of(node: Node | None) -> Node | None:
    """The first named child, comments apart."""
    return next((child for child in node.named_children if child.type != "comment"), None) if node is not None else None


def unwrapped(node: Node) -> Node:
    """The expression inside parentheses, `await`, `as T`, `satisfies T`, `!` and `<T>`."""
    while node.type in WRAPPERS:
        inner = node.named_children[-1] if node.type == "type_assertion" and node.named_child_count else first_of(node)
        if inner is None:
            break
        node = inner
    return node


def string_of(node: Node, source: Source) -> str | None:
    """The content of a string, or of a template string without holes."""
    if node.type == "string":
        return _unescaped(source.of(node)[1:-1])
    if node.type == "template_string" and all(child.type != "template_substitution" for child in node.named_children):
        return _unescaped(source.of(node)[1:-1])
    return None


_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\n": "", "0": "\0"}


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    pieces = text.split("\\\\")
    return "\\".join(_plain(piece) for piece in pieces)


def _plain(piece: str) -> str:
    first, *others = piece.split("\\")
    return first + "".join(_ESCAPES.get(other[:1], other[:1]) + other[1:] for other in others)

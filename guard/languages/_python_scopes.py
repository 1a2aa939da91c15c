"""The scopes of a Python file as values: where text stands, what binds a name, what a scope holds."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct, field

from guard.facts import FunctionKind, Import
from guard.languages._source import Source
from guard.languages._syntax import Node


class Sort(Enum):
    """What makes a name stand for something."""

    IMPORT = "import"
    DEFINITION = "definition"
    PARAMETER = "parameter"
    VALUE = "value"


class Bound(Struct, eq=False):
    """One thing a name stands for: an imported path, the id of a definition, or a value evaluated in a scope.

    `elements` counts how often an element is taken of the value (`for x in xs`: once). `whole` is False where the value
    is changed rather than set (`x += 1`).
    """

    sort: Sort
    path: str = ""
    node: Node | None = None
    scope: Scope | None = None
    elements: int = 0
    whole: bool = True


class Scope(Struct, eq=False):
    """A module, class, function, lambda or comprehension. Comprehensions are transparent: they share their parent's id."""

    id: str
    kind: FunctionKind | None = None
    parent: Scope | None = None
    node: Node | None = None
    definition: Node | None = None
    transparent: bool = False
    depth: int = 0
    names: dict[str, list[Bound]] = field(default_factory=dict)
    fields: dict[str, list[Bound]] = field(default_factory=dict)
    elsewhere: dict[str, Scope] = field(default_factory=dict)
    parameters: tuple[str, ...] = ()
    receiver: str = ""
    receives_class: bool = False
    bases: tuple[Node, ...] = ()
    decorators: tuple[Node, ...] = ()
    is_record: bool = False

    @property
    def name(self) -> str:
        """The last part of the id."""
        return self.id.rsplit(".", 1)[-1]

    def owner_of(self, name: str) -> Scope:
        """The scope in which an assignment here binds the name."""
        scope = self
        while scope.transparent and scope.parent is not None:
            scope = scope.parent
        return scope.elsewhere.get(name, scope)

    def bind(self, name: str, bound: Bound) -> None:
        """Let a name stand for one more thing."""
        self.owner_of(name).names.setdefault(name, []).append(bound)

    def method(self) -> Scope | None:
        """The innermost method around this scope, itself included."""
        scope: Scope | None = self
        while scope is not None and not scope.receiver:
            if scope.kind is FunctionKind.CLASS:
                return None
            scope = scope.parent
        return scope


class Statement(Struct):
    """A statement, or the head of a compound one, and the scope that executes it; `made` is the scope that it opens."""

    node: Node
    scope: Scope
    made: Scope | None = None


class Outline(Struct):
    """What the first pass finds."""

    source: Source
    module: Scope
    scopes: list[Scope] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)
    imports: list[Import] = field(default_factory=list)
    stars: list[str] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)

    def open(self, name: str, kind: FunctionKind, parent: Scope, node: Node) -> Scope:
        """A new scope; a second one of the same name is told apart by its line, then by its column."""
        while parent.transparent and parent.parent is not None:
            parent = parent.parent
        prefix = f"{parent.id}." if parent.id else ""
        row, column = node.start_point
        plain = name or f"<{row + 1}>"
        choices = (plain, f"{name}<{row + 1}>", f"{name}<{row + 1}:{column + 1}>")
        ident = next((prefix + choice for choice in choices if prefix + choice not in self.ids), prefix + choices[-1])
        self.ids.add(ident)
        scope = Scope(ident, kind, parent, node, node, depth=parent.depth + 1)
        self.scopes.append(scope)
        return scope

"""What a walk notes, and how functions, classes and their parameters are declared."""

from __future__ import annotations

from collections.abc import Iterator

from guard.facts import FunctionKind, Import
from guard.languages._javascript_patterns import bound_names
from guard.languages._javascript_scopes import (
    FUNCTIONS,
    Declaration,
    DeclarationKind,
    Definition,
    Scope,
    Source,
    unwrapped,
)
from guard.languages._syntax import Node, span_of

Found = list[tuple[Node, Scope]]


class Notes:
    """The declarations of a file and its interesting nodes, each with the scope it stands in."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.top = Scope(None, "", None, None)
        self.definitions: list[Definition] = []
        self.definition_of: dict[int, Definition] = {}
        self.definition_by_id: dict[str, Definition] = {}
        self.variables: list[Declaration] = []
        self.imports: list[Import] = []
        self.references: Found = []
        self.own: Found = []
        """Members of `this`."""
        self.calls: Found = []
        self.writes: Found = []
        self.deletions: Found = []
        self.subscripts: Found = []
        self.memberships: Found = []
        self.returns: Found = []
        self.exports: Found = []
        """Values of `export default`; names of `export { … }`."""
        self.comments: list[Node] = []
        self._names: dict[int, tuple[str, str]] = {}
        self._exported: set[int] = set()
        self._handed: dict[int, tuple[Node, Scope]] = {}
        self._bound: set[int] = set()
        self._decorators: dict[int, list[Node]] = {}
        self._stack: list[tuple[Node, Scope]] = []

    def _push(self, node: Node, scope: Scope) -> None:
        for child in reversed(node.named_children):
            self._stack.append((child, scope))

    def _bind_import(self, name: str, local: str, node: Node, home: Scope) -> None:
        made = Declaration(local, DeclarationKind.IMPORT, home.id, home, node)
        made.path = name
        home.names[local] = made
        self.imports.append(Import(name, local, span_of(node)))

    def _parameter(self, name: str, path: str, node: Node, scope: Scope) -> None:
        made = Declaration(name, DeclarationKind.PARAMETER, scope.id, scope, node)
        made.path = path
        scope.names[name] = made

    def _declare(self, made: Definition, scope: Scope) -> None:
        declared = Declaration(made.name, DeclarationKind.FUNCTION, scope.id, scope, made.node)
        declared.function = made
        scope.names[made.name] = declared

    def _define(self, node: Node, name: str, parent: str, kind: FunctionKind, scope: Scope) -> Definition:
        line, column = node.start_point
        wanted = f"{parent}.{name}" if parent and name else name or f"{parent}.<{line + 1}>".lstrip(".")
        identity = wanted if wanted not in self.definition_by_id else f"{wanted}<{line + 1}:{column + 1}>"
        made = Definition(identity, name or f"<{line + 1}>", parent, kind, node)
        made.exported = node.id in self._exported
        made.handed = self._handed.get(node.id)
        made.scope = scope
        made.decorators = self._decorators.get(node.id, [])
        self.definitions.append(made)
        self.definition_of[node.id] = self.definition_by_id[identity] = made
        return made


class Definitions(Notes):
    """Handlers of functions and classes."""

    def _function(self, node: Node, scope: Scope) -> None:
        own = node.child_by_field_name("name")
        hinted, owner = self._names.get(node.id, ("", ""))
        name = self.source.of(own) if own is not None and not (owner and hinted) else hinted
        arrow = node.type == "arrow_function"
        constructor = self._class_named(owner, scope)
        made = self._define(
            node, name, constructor.id if constructor else scope.id, _kind_of(constructor, scope, node, name), scope
        )
        holder = constructor or (scope.this if made.kind is FunctionKind.METHOD else None)
        if isinstance(holder, Definition) and hinted:
            holder.members.setdefault(hinted, made)
        if own is not None and node.type.endswith("declaration"):
            self._declare(made, scope)
        this: Definition | str | None = scope.this if arrow else constructor or self._this_of(made, hinted, owner)
        inner = Scope(scope, made.id, this, made)
        if own is not None and not node.type.endswith("declaration"):
            self._declare(made, inner)
        self._open(node, made, inner)

    def _this_of(self, made: Definition, hinted: str, owner: str) -> Definition | str | None:
        """What `this` is in a plain function: its instance if it is named like a class, the object it is an entry of, or unknown."""
        if made.name[:1].isupper() and "." not in made.name:
            return made
        if "." in hinted:
            return f"~{hinted.rsplit('.', 1)[0]}"
        return "exports" if owner == "exports" else None

    def _class_named(self, name: str, scope: Scope) -> Definition | None:
        """The class or constructor function that a prototype's method belongs to."""
        if not name or name == "exports":
            return None
        found = scope.find(name)
        if found is None:
            return None
        if found.function is None and found.init is not None:
            return self.definition_of.get(unwrapped(found.init).id)
        return found.function

    def _open(self, node: Node, made: Definition, inner: Scope) -> None:
        """Declare the parameters, then walk the body in the function's own scope."""
        body = node.child_by_field_name("body")
        if body is not None:
            if body.type == "statement_block":
                self._push(body, inner)
            else:
                self.returns.append((body, inner))
                self._stack.append((body, inner))
        single, several = node.child_by_field_name("parameter"), node.child_by_field_name("parameters")
        parameters = [single] if single is not None else several.named_children if several is not None else []
        for index, parameter in enumerate(child for child in parameters if child.type != "comment"):
            self._one_parameter(parameter, index, made, inner)

    def _one_parameter(self, node: Node, index: int, made: Definition, inner: Scope) -> None:
        pattern = node.child_by_field_name("pattern") or node.child_by_field_name("left") or node
        default = node.child_by_field_name("value") or node.child_by_field_name("right")
        for child in node.named_children:
            if child.type == "decorator":
                self._stack.append((child, inner))
        if default is not None and pattern is not node:
            self._stack.append((default, inner))
        names = list(bound_names(pattern, self.source))
        plain = len(names) == 1 and pattern.type in {"identifier", "rest_pattern"}
        made.parameters.append(names[0][0] if plain else str(index))
        for name, suffix, target in names:
            self._parameter(name, f"%{name}" if plain else f"%{index}{suffix}", target, inner)
        if plain and isinstance(inner.this, Definition) and any(child.type in _PROPERTY_MARKS for child in node.children):
            self._parameter_property(node, pattern, inner)

    def _parameter_property(self, node: Node, pattern: Node, inner: Scope) -> None:
        """TypeScript's `constructor(private readonly store: Store)`."""
        if not isinstance(inner.this, Definition):
            return
        kind = node.child_by_field_name("type")
        name = self.source.of(pattern)
        made = Declaration(name, DeclarationKind.FIELD, inner.this.id, inner, node)
        made.init, made.instance = pattern, True
        made.constant = any(child.type == "readonly" for child in node.children)
        made.type = self.source.of(kind)[1:].strip() if kind is not None else ""
        inner.this.fields.setdefault(name, []).append(made)
        self.variables.append(made)

    def _class(self, node: Node, scope: Scope) -> None:
        own = node.child_by_field_name("name")
        hinted = self._names.get(node.id, ("", ""))[0]
        name = self.source.of(own) if own is not None else hinted
        made = self._define(node, name, scope.id, FunctionKind.CLASS, scope)
        made.decorators = [*made.decorators, *(child for child in node.named_children if child.type == "decorator")]
        if own is not None:
            self._declare(made, scope)
        inner = Scope(scope, made.id, made, made)
        for child in reversed(node.named_children):
            if child.type == "class_body":
                self._stack.append((child, inner))
            elif child.type in {"class_heritage", "decorator"}:
                self._stack.append((child, scope))
        heritage = next((child for child in node.named_children if child.type == "class_heritage"), None)
        if heritage is not None:
            made.bases = list(_bases(heritage))

    def _class_body(self, node: Node, scope: Scope) -> None:
        waiting: list[Node] = []
        for child in node.named_children:
            if child.type == "decorator":
                waiting.append(child)
            elif child.type != "comment" and waiting:
                self._decorators[child.id], waiting = waiting, []
        self._push(node, scope)

    def _method(self, node: Node, scope: Scope) -> None:
        key = node.child_by_field_name("name")
        in_class = (
            scope.definition is not None and scope.definition.kind is FunctionKind.CLASS and scope.definition is scope.this
        )
        hinted, owner = self._names.get(node.id, ("", ""))
        name = hinted or (self.source.of(key) if key is not None else "")
        if in_class and not hinted:
            name = name.strip("'\"`")
        made = self._define(node, name, scope.id, FunctionKind.METHOD, scope)
        if in_class and not hinted and isinstance(scope.this, Definition):
            scope.this.members.setdefault(name, made)
            this: Definition | str | None = scope.this
        else:
            this = self._this_of(made, hinted, owner) if hinted or owner else None
        self._open(node, made, Scope(scope, made.id, this, made))

    def _field(self, node: Node, scope: Scope) -> None:
        key = node.child_by_field_name("name") or node.child_by_field_name("property")
        value, kind = node.child_by_field_name("value"), node.child_by_field_name("type")
        if key is None or not isinstance(scope.this, Definition):
            self._push(node, scope)
            return
        name = self.source.of(key)
        words = {child.type for child in node.children if not child.child_count}
        made = Declaration(name, DeclarationKind.FIELD, scope.this.id, scope, node)
        made.init, made.instance, made.constant = value, "static" not in words, "readonly" in words
        made.type = self.source.of(kind)[1:].strip() if kind is not None else ""
        scope.this.fields.setdefault(name, []).append(made)
        self.variables.append(made)
        for child in node.named_children:
            if child.type == "decorator":
                self._stack.append((child, scope))
        if value is not None:
            plain = unwrapped(value)
            self._names[plain.id] = (name, "")
            self._stack.append((value, scope))


_PROPERTY_MARKS = frozenset({"accessibility_modifier", "readonly", "override_modifier"})


def _kind_of(constructor: Definition | None, scope: Scope, node: Node, name: str) -> FunctionKind:
    if constructor is not None:
        return FunctionKind.METHOD
    inside = scope.definition
    field = inside is not None and inside.kind is FunctionKind.CLASS and node.type in FUNCTIONS and bool(name)
    return FunctionKind.METHOD if field else FunctionKind.FUNCTION


def _bases(heritage: Node) -> Iterator[Node]:
    for child in heritage.named_children:
        if child.type == "extends_clause":
            yield from child.children_by_field_name("value")
        elif child.type == "implements_clause":
            yield from child.named_children
        else:
            yield child

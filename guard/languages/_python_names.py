"""What a Python expression reaches: its resolved name, and the binding whose content it is. Nothing is recorded here."""

from __future__ import annotations

import builtins
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from guard.facts import FunctionKind
from guard.languages._python_scopes import Bound, Outline, Scope, Sort
from guard.languages._syntax import Node

_DEEPEST = 25
"""How many names may stand for each other before one is left as it is."""
_LONGEST = 300
"""Characters of a resolved name; longer chains are written by programs."""
_GIVES_CONTENT = frozenset({"get", "setdefault", "values", "items", "copy", "__getitem__"})
_LITERALS = {
    "string": "str",
    "concatenated_string": "str",
    "dictionary": "dict",
    "list": "list",
    "tuple": "tuple",
    "set": "set",
    "integer": "int",
    "float": "float",
    "dictionary_comprehension": "dict",
    "list_comprehension": "list",
    "set_comprehension": "set",
}
_CHAIN = frozenset({"identifier", "attribute", "call", "subscript"})
_ALLOCATORS = frozenset({"super().__new__", "object.__new__"})
UNKNOWN = "?"


@lru_cache(maxsize=1)
def _builtin_names() -> frozenset[str]:
    return frozenset(dir(builtins))


class Reach(Struct, eq=False):
    """Where a chain of members has come to.

    `path` is the resolved name. `owner` and `name` are those of the binding whose content is reached, `owner` None if it is
    none. `hung` is the name of a property on something that is not a plain container of this file. `of` is the class of
    this file whose members come next, `on_class` whether they are asked of the class itself. `bare` is the name as a value.
    """

    path: str
    owner: str | None = None
    name: str = ""
    hung: str | None = None
    of: Scope | None = None
    on_class: bool = False
    bare: str = ""


NOWHERE = Reach(UNKNOWN)


def unwrapped(node: Node) -> Node:
    """The expression inside parentheses and `await`."""
    while node.type in {"parenthesized_expression", "await"}:
        inner = next((child for child in node.named_children if child.type != "comment"), None)
        if inner is None:
            break
        node = inner
    return node


def steps_of(node: Node) -> tuple[Node, list[Node]]:
    """The root of a chain such as `a.b(c)[d]`, and its attribute, call and subscript nodes from the inside out."""
    steps: list[Node] = []
    node = unwrapped(node)
    while True:
        field = _INNER.get(node.type)
        inner = node.child_by_field_name(field) if field else None
        if inner is None:
            steps.reverse()
            return node, steps
        steps.append(node)
        node = unwrapped(inner)


_INNER = {"attribute": "object", "call": "function", "subscript": "value"}


class Names:
    """Resolves names of one file; answers are remembered by scope."""

    def __init__(self, outline: Outline) -> None:
        self._outline = outline
        self._source = outline.source
        self._classes = {f"~{scope.id}": scope for scope in outline.scopes if scope.kind is FunctionKind.CLASS}
        self._star = outline.stars[0] if len(outline.stars) == 1 else ""
        self._known: dict[tuple[Scope, str], Reach] = {}
        self._lineages: dict[Scope, list[Scope]] = {}
        self._depth = 0

    # -- names --------------------------------------------------------------------------------------------------------

    def lookup(self, scope: Scope, name: str) -> Reach:
        """What a name stands for in a scope."""
        key = (scope, name)
        known = self._known.get(key)
        if known is None:
            home = self.home_of(scope, name)
            known = self._unbound(name) if home is None else self._bound(home, name)
            self._known[key] = known
        return known

    def bind_late(self, scope: Scope, name: str, value: Node | None) -> Scope:
        """Bind what an expression binds (`x := value`); says in which scope."""
        home = scope.owner_of(name)
        home.bind(name, Bound(Sort.VALUE, node=value, scope=scope))
        self._known = {key: known for key, known in self._known.items() if key[1] != name}
        return home

    def home_of(self, scope: Scope, name: str) -> Scope | None:
        """The scope whose binding a name means: Python looks through functions, not through classes around them."""
        current: Scope | None = scope
        inside_class_body = True
        while current is not None:
            elsewhere = current.elsewhere.get(name)
            if elsewhere is not None:
                return elsewhere
            if name in current.names and (current.kind is not FunctionKind.CLASS or inside_class_body):
                return current
            inside_class_body = inside_class_body and current.transparent
            current = current.parent
        return None

    def _unbound(self, name: str) -> Reach:
        path = self._star + name if self._star and name not in _builtin_names() else name
        return Reach(path, hung=path, bare=path)

    def _bound(self, home: Scope, name: str) -> Reach:
        key = (home, name)
        known = self._known.get(key)
        if known is None:
            self._known[key] = Reach(f"~{name}", home.id, name, bare=f"~{name}")  # while it is being found out
            known = self._meaning(home, name, home.names.get(name, []))
            self._known[key] = known
        return known

    def _meaning(self, home: Scope, name: str, bounds: list[Bound]) -> Reach:
        if home.transparent:
            found = self._value_of(bounds[0])
            return Reach(found.path, found.owner, found.name, of=found.of, bare=f"~{name}")
        sorts = {bound.sort: bound for bound in reversed(bounds)}
        if Sort.IMPORT in sorts:
            path = sorts[Sort.IMPORT].path
            return Reach(path, hung=path, bare=path)
        if Sort.DEFINITION in sorts:
            path = f"~{sorts[Sort.DEFINITION].path}"
            return Reach(path, hung=path, of=self._classes.get(path), on_class=True, bare=path)
        if Sort.PARAMETER in sorts:
            return self._parameter(home, name)
        return self._variable(Reach(f"~{name}", home.id, name, bare=f"~{name}"), bounds, local=home.kind is not None)

    def _parameter(self, home: Scope, name: str) -> Reach:
        path = f"%{name}"
        of = home.parent if name == home.receiver else None
        return Reach(path, hung=path, of=of, on_class=of is not None and home.receives_class, bare=path)

    def _variable(self, plain: Reach, bounds: list[Bound], *, local: bool) -> Reach:
        """A variable or field: what it is bound to, if that is one thing; `None` beside it only says "not yet"."""
        values = [bound for bound in bounds if not bound.whole or (bound.node is not None and bound.node.type != "none")]
        if local and len(values) > 1:
            return self._alias(plain, values)
        if len(values) != 1 or values[0].node is None or self._depth >= _DEEPEST:
            return plain
        found = self._value_of(values[0])
        if found.path.startswith((UNKNOWN, "%")) and not local:
            return plain
        return self._standing_for(plain, found, values[0], local=local)

    def _standing_for(self, plain: Reach, found: Reach, bound: Bound, *, local: bool) -> Reach:
        node = unwrapped(bound.node) if bound.node is not None else None
        simple = node is not None and node.type in {"identifier", "attribute"} and not bound.elements
        shares = found.owner is not None and (local or simple)
        if found.path.startswith(UNKNOWN):
            return Reach(
                plain.path, found.owner if shares else plain.owner, found.name if shares else plain.name, bare=plain.bare
            )
        if node is not None and node.type in _LITERALS and not bound.elements:
            return plain
        external = not found.path.startswith("~")
        return Reach(
            found.path,
            found.owner if shares else plain.owner,
            found.name if shares else plain.name,
            hung=found.path if external else None,
            of=found.of,
            on_class=found.on_class,
            bare=found.bare if simple else plain.bare,
        )

    def _alias(self, plain: Reach, values: list[Bound]) -> Reach:
        """A local that is bound several times, and then always content of the same container, is content of it."""
        places = {(found.owner, found.name) for bound in values if (found := self._value_of(bound)).owner is not None}
        if len(places) != 1:
            return plain
        owner, name = places.pop()
        return replace(plain, owner=owner, name=name)

    def _value_of(self, bound: Bound) -> Reach:
        if bound.node is None or bound.scope is None or self._depth >= _DEEPEST:
            return NOWHERE
        self._depth += 1
        try:
            found = self.reach(bound.node, bound.scope)
        finally:
            self._depth -= 1
        for _ in range(bound.elements):
            found = self.element(found, None)
        return found

    # -- chains -------------------------------------------------------------------------------------------------------

    def reach(self, node: Node, scope: Scope) -> Reach:
        """What an expression reaches, without a trace."""
        root, steps = steps_of(node)
        found = self.root(root, scope)
        for step in steps:
            if len(found.path) > _LONGEST:
                return NOWHERE
            made = found.path in _ALLOCATORS and step.type == "call"
            found = self._allocated(scope) if made else self.step(found, step)
        return found

    @staticmethod
    def _allocated(scope: Scope) -> Reach:
        """What `super().__new__(cls)` gives back: an object of the class around it."""
        method = scope.method()
        of = method.parent if method is not None else None
        return Reach(f"~{of.id}()", of=of, bare=f"~{of.id}()") if of is not None else Reach("super().__new__()")

    def root(self, node: Node, scope: Scope) -> Reach:
        """What the first part of a chain reaches."""
        if node.type == "identifier":
            return self.lookup(scope, self._source.of(node))
        if node.type in _LITERALS:
            return Reach(_LITERALS[node.type])
        if node.type == "binary_operator":
            return self._joined(node, scope)
        return NOWHERE

    def _joined(self, node: Node, scope: Scope) -> Reach:
        """`Path("data") / name` is what its left side is."""
        left: Node | None = node
        while left is not None and left.type == "binary_operator":
            operator = left.child_by_field_name("operator")
            if operator is None or operator.type != "/":
                return NOWHERE
            left = left.child_by_field_name("left")
            left = unwrapped(left) if left is not None else None
        if left is None or left.type not in _CHAIN or self._depth >= _DEEPEST:
            return NOWHERE
        self._depth += 1
        try:
            found = self.reach(left, scope)
        finally:
            self._depth -= 1
        return Reach(found.path, bare=found.bare)

    def step(self, found: Reach, step: Node) -> Reach:
        """One step further along a chain."""
        if step.type == "attribute":
            return self.member(found, self.attribute_of(step))
        if step.type == "subscript":
            return self.element(found, self.key_of(step))
        return self.result(found)

    def attribute_of(self, step: Node) -> str:
        """The member's name in `x.name`."""
        attribute = step.child_by_field_name("attribute")
        return self._source.of(attribute) if attribute is not None else UNKNOWN

    def key_of(self, step: Node) -> str | None:
        """The text of a literal key in `x["key"]`."""
        key = step.child_by_field_name("subscript")
        if key is None or key.type != "string" or len(key.children) != 3:  # a start, its content, an end
            return None
        return self._source.of(key.children[1])

    def member(self, found: Reach, name: str) -> Reach:
        """A member of what was reached; those of classes of this file are looked up."""
        if found.of is None:
            path = f"{found.path}.{name}"
            return Reach(path, found.owner, found.name, f"{found.hung}.{name}" if found.hung else None, bare=path)
        known = self._member_of_class(found.of, name)
        if known is not None:
            return known
        path = f"{found.path}.{name}"
        return Reach(path, None if found.on_class else found.owner, found.name, path, bare=path)

    def element(self, found: Reach, key: str | None) -> Reach:
        """An element of what was reached."""
        path = f"{found.path}[]"
        return Reach(path, found.owner, found.name, f"{found.hung}.{key}" if found.hung and key else None, bare=path)

    def result(self, found: Reach) -> Reach:
        """What a call of what was reached gives back."""
        path = f"{found.path}()"
        keeps = found.owner is not None and found.path.rsplit(".", 1)[-1] in _GIVES_CONTENT
        of = found.of if found.on_class else None
        if keeps:
            return Reach(path, found.owner, found.name, of=of, bare=path)
        return Reach(path, of=of, hung=path if not path.startswith(("~", UNKNOWN)) else None, bare=path)

    # -- classes of this file -----------------------------------------------------------------------------------------

    def _member_of_class(self, of: Scope, name: str) -> Reach | None:
        for holder in self.lineage(of):
            key = (holder, f".{name}")
            known = self._known.get(key)
            if known is None and (name in holder.fields or name in holder.names):
                plain = Reach(f"~{holder.id}.{name}", holder.id, name, bare=f"~{holder.id}.{name}")
                self._known[key] = plain
                known = self._member_meaning(plain, holder, name)
                self._known[key] = known
            if known is not None:
                return known
        return None

    def _member_meaning(self, plain: Reach, holder: Scope, name: str) -> Reach:
        bounds = holder.fields.get(name, []) + holder.names.get(name, [])
        definition = next((bound for bound in bounds if bound.sort is Sort.DEFINITION), None)
        if definition is not None:
            path = f"~{definition.path}"
            return Reach(path, hung=path, of=self._classes.get(path), on_class=True, bare=path)
        return self._variable(plain, bounds, local=False)

    def lineage(self, of: Scope) -> list[Scope]:
        """A class and those of its bases that stand in this file."""
        known = self._lineages.get(of)
        if known is None:
            self._lineages[of] = [of]  # a class may name itself among its bases
            known = self._lineages[of] = self._with_bases(of)
        return known

    def _with_bases(self, of: Scope) -> list[Scope]:
        found: list[Scope] = []
        waiting = [of]
        while waiting and len(found) < _DEEPEST:
            current = waiting.pop()
            if current not in found:
                found.append(current)
                paths = (self.reach(base, current.parent).path for base in current.bases if current.parent is not None)
                waiting.extend(self._classes[path] for path in paths if path in self._classes)
        return found

    def holder_of(self, of: Scope, name: str) -> Scope | None:
        """The class, among a class and its bases, that binds a member."""
        return next((holder for holder in self.lineage(of) if name in holder.fields or name in holder.names), None)

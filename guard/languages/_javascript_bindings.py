"""What is made where: fields of classes, properties hung on other objects, and what leaves the file by export."""

from __future__ import annotations

from collections.abc import Iterator

from guard.facts import Binding, Call, Constant, FunctionKind, FunctionValue, Listing, Mapping, Value
from guard.languages._javascript_scopes import FUNCTIONS, Declaration, DeclarationKind, Definition, Scope, unwrapped
from guard.languages._javascript_survey import Survey
from guard.languages._javascript_values import UNKNOWN, Reading
from guard.languages._syntax import Node, span_of

_DEEPEST = 40
_CONTAINERS = frozenset({"Map", "Set", "WeakMap", "WeakSet", "Array", "Object"})


class Hung:
    """Properties made on objects that are not this file's own variables (`app.locals.x = {}`, `core.x = {}`, `exports.x = []`)."""

    def __init__(self) -> None:
        self.bindings: list[Binding] = []
        self.made_by: set[int] = set()
        """The assignments that are told as bindings here."""
        self.fields: set[int] = set()
        """The assignments that are told as bindings of fields."""
        self._names: set[str] = set()
        self._app = ""
        """The application on whose `locals` something is hung."""

    def add(self, name: str, value: Value, node: Node, scope: Scope, *, exported: bool) -> None:
        """A property that is made for the first time."""
        self._names.add(name)
        if ".locals." in name and ".app.locals." not in name:
            self._app = name[: name.index(".locals.")]
        self.made_by.add(node.id)
        self.bindings.append(Binding(name, "", value, span_of(node), scope.id, exported=exported))

    def has(self, path: str) -> bool:
        """Whether this very property is made in the file."""
        return path in self._names

    def covers(self, path: str) -> bool:
        """Whether a path is such a property or leads through one."""
        return bool(self._names) and self.nearest(path) != ""

    def nearest(self, path: str) -> str:
        """The innermost such property on a path; empty if there is none."""
        return self._nearest(path) or (
            self._nearest(self._app + path[path.index(".locals.") :]) if self._is_of_the_app(path) else ""
        )

    def _is_of_the_app(self, path: str) -> bool:
        """Express hands its application to every request: `req.app.locals` is `app.locals`."""
        return bool(self._app) and ".app.locals." in path

    def _nearest(self, path: str) -> str:
        while path:
            if path in self._names:
                return path
            path = path[:-2] if path.endswith("[]") else path.rpartition(".")[0]
        return ""


def note_assignments(survey: Survey, reading: Reading, hung: Hung) -> None:
    """Write down what is assigned to which variable and field, before any name is resolved."""
    late: list[tuple[str, Node, Node, Scope, Definition]] = []
    for node, scope in survey.writes:
        left = node.child_by_field_name("left") or node.child_by_field_name("argument")
        right = node.child_by_field_name("right") or node
        for name in _assigned_names(left, reading):
            declared = scope.find(name)
            if declared is not None and declared.kind is DeclarationKind.VARIABLE:
                declared.assigned.append((right, scope))
        field = _own_field(left, scope, reading)
        if field is None:
            continue
        name, owner, instance = field
        if node.type == "assignment_expression" and (not instance or constructs(scope, owner, survey)):
            _field_made(name, owner, node, right, scope, survey, instance=instance)
            hung.fields.add(node.id)
        else:
            late.append((name, node, right, scope, owner))
    for made in survey.variables:
        if made.init is not None and not made.suffix and not made.element:
            made.inner = empty_entries(unwrapped(made.init), reading)
    for name, node, right, scope, owner in late:
        known = owner.fields.get(name)
        if known is None and base_class_with(owner, name) is None and node.type == "assignment_expression":
            _field_made(name, owner, node, right, scope, survey, instance=True)
        elif known:
            known[0].assigned.append((right, scope))


def _assigned_names(left: Node | None, reading: Reading) -> Iterator[str]:
    if left is None:
        return
    left = unwrapped(left)
    if left.type == "identifier":
        yield reading.source.of(left)
    elif left.type in {"array_pattern", "object_pattern"}:
        yield from (reading.source.of(child) for child in left.named_children if "identifier" in child.type)


def _own_field(left: Node | None, scope: Scope, reading: Reading) -> tuple[str, Definition, bool] | None:
    """The field that is assigned: its name, its class, whether it is one of an instance (`this.x`) or of the class (`Store.x`)."""
    if left is None or left.type != "member_expression":
        return None
    inner, member = left.child_by_field_name("object"), left.child_by_field_name("property")
    if inner is None or member is None:
        return None
    if inner.type == "this":
        return (reading.source.of(member), scope.this, True) if isinstance(scope.this, Definition) else None
    found = scope.find(reading.source.of(inner)) if inner.type == "identifier" else None
    owner = found.function if found is not None else None
    if owner is None or owner.kind is not FunctionKind.CLASS or reading.source.of(member) == "prototype":
        return None
    return reading.source.of(member), owner, False


def _field_made(name: str, owner: Definition, node: Node, right: Node, scope: Scope, survey: Survey, *, instance: bool) -> None:
    """A field gets its first value; a declaration without one takes it over, a second value is noted."""
    known = owner.fields.get(name)
    if known and (known[0].init is not None or known[0].assigned):
        known[0].assigned.append((right, scope))
        return
    if known:
        known[0].init, known[0].scope = right, scope
    else:
        made = Declaration(name, DeclarationKind.FIELD, owner.id, scope, node)
        made.init, made.instance = right, instance
        owner.fields[name] = [made]
        survey.variables.append(made)


def constructs(scope: Scope, owner: Definition, survey: Survey) -> bool:
    """Whether code here runs while an object of the class is made."""
    inside = scope.definition
    while inside is not None and inside.node.type == "arrow_function":
        inside = survey.definition_by_id.get(inside.parent)
    return inside is owner or (inside is not None and inside.name == "constructor")


def base_class_with(owner: Definition, field: str) -> Definition | None:
    """The class, or the class of this file it derives from, that has the field."""
    seen: Definition | None = owner
    for _ in range(8):
        if seen is None or field in seen.fields:
            return seen
        base = seen.bases[0] if seen.bases and seen.scope is not None else None
        found = (
            seen.scope.find((base.text or b"").decode("utf-8", "replace"))
            if base is not None and seen.scope is not None
            else None
        )
        seen = found.function if found is not None else None
    return None


def hang_properties(survey: Survey, reading: Reading, hung: Hung) -> None:
    """Find the properties that are made on objects which are not variables of this file."""
    for node, scope in survey.writes:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None or node.id in hung.fields:
            continue
        left = unwrapped(left)
        if left.type not in {"member_expression", "subscript_expression"} or not _is_elsewhere(left, scope, reading):
            continue
        path = reading.path(left, scope)
        operator = node.child_by_field_name("operator")
        if operator is not None and operator.type not in {"||=", "??="}:
            continue
        if path.startswith(UNKNOWN) or path.endswith("[]") or "prototype" in path or hung.has(path):
            continue
        value = reading.value(right, scope)
        exported = path == "exports" or path.startswith("exports.")
        if exported and (isinstance(value, FunctionValue) or (path == "exports" and not _keeps_something(value))):
            continue
        hung.add(path, value, node, scope, exported=exported)
        if path == "exports":
            _hang_entries(unwrapped(right), scope, reading, hung)
    _hang_decorations(survey, reading, hung)
    for value_node, scope in survey.exports:
        plain = unwrapped(value_node)
        if plain.type == "object" and _keeps_something(value := reading.value(plain, scope)) and not hung.has("exports"):
            hung.add("exports", value, plain, scope, exported=True)
            _hang_entries(plain, scope, reading, hung)


def _hang_decorations(survey: Survey, reading: Reading, hung: Hung) -> None:
    """Fastify's way of hanging a property on the server: `fastify.decorate('sessions', new Map())`."""
    for node, scope in survey.calls:
        call = reading.call(node, scope)
        key, value = call.positional(0), call.positional(1)
        if call.name.endswith(".decorate") and isinstance(key, Constant) and isinstance(value, Mapping | Listing | Call):
            hung.add(f"{call.name.removesuffix('.decorate')}.{key.value}", value, node, scope, exported=False)


def _hang_entries(exported: Node, scope: Scope, reading: Reading, hung: Hung) -> None:
    for key, (entry, value) in empty_entries(exported, reading).items():
        hung.add(f"exports.{key}", reading.value(value, scope), entry, scope, exported=True)


def empty_entries(node: Node, reading: Reading) -> dict[str, tuple[Node, Node]]:
    """The entries of an object literal that are empty containers, to be filled later: key -> entry and value."""
    found: dict[str, tuple[Node, Node]] = {}
    for entry in node.named_children if node.type == "object" else ():
        key, value = entry.child_by_field_name("key"), entry.child_by_field_name("value")
        if entry.type == "pair" and key is not None and value is not None and _is_empty_container(unwrapped(value), reading):
            text = reading.key(key)
            if text is not None and "." not in text:
                found[text] = (entry, value)
    return found


def _is_empty_container(value: Node, reading: Reading) -> bool:
    if value.type in {"object", "array"}:
        return not value.named_child_count
    constructor = value.child_by_field_name("constructor") if value.type == "new_expression" else None
    return constructor is not None and reading.source.of(constructor) in _CONTAINERS


def _keeps_something(value: Value) -> bool:
    """Whether an exported object has containers or numbers in it: more than functions, settings and names of other things."""
    return isinstance(value, Mapping) and any(_may_change(entry.value) for entry in value.entries)


def _may_change(value: Value) -> bool:
    if isinstance(value, Constant):
        return isinstance(value.value, int | float) and not isinstance(value.value, bool)
    return isinstance(value, Mapping | Listing) or (isinstance(value, Call) and value.name in _CONTAINERS)


def _is_elsewhere(left: Node, scope: Scope, reading: Reading) -> bool:
    """Whether the object whose property is assigned is none of this file's own containers."""
    node: Node | None = left
    for _ in range(_DEEPEST):
        if node is None:
            return False
        awaited = node.type == "await_expression"
        node = unwrapped(node)
        match node.type:
            case "member_expression" | "subscript_expression":
                inner, member = node.child_by_field_name("object"), node.child_by_field_name("property")
                if inner is not None and member is not None and _is_class_field(inner, member, scope, reading):
                    return False
                node = inner
            case "call_expression":
                node = None if awaited else node.child_by_field_name("function")
            case "new_expression":
                node = node.child_by_field_name("constructor")
                declared = scope.find(reading.source.of(node)) if node is not None and node.type == "identifier" else None
                if node is not None and node.type == "identifier" and (declared is None or declared.function is not None):
                    return False
            case "this":
                return scope.this is None
            case "identifier":
                declared = scope.find(reading.source.of(node))
                if declared is None or declared.kind is not DeclarationKind.VARIABLE:
                    return True
                only = declared.only_value()
                if only is None or declared.element:
                    return False
                node, scope = only
            case _:
                return False
    return False


def _is_class_field(inner: Node, member: Node, scope: Scope, reading: Reading) -> bool:
    """Whether `inner.member` is a static field of a class of this file."""
    declared = scope.find(reading.source.of(inner)) if inner.type == "identifier" else None
    return declared is not None and declared.function is not None and reading.source.of(member) in declared.function.fields


def mark_exports(survey: Survey, reading: Reading) -> None:
    """Set what leaves the file: names in `export { … }`, `export default`, `module.exports` and `exports.x`."""
    waiting = list(survey.exports)
    for node, scope in survey.writes:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is not None and right is not None and left.type == "member_expression":
            text = reading.source.beginning(left, 80)
            if text == "module.exports" or text.startswith(("exports.", "module.exports.")):
                waiting.append((unwrapped(right), scope))
    for node, scope in waiting:
        for name in _names_in(node):
            _mark(scope.find(reading.source.of(name)), survey)


def _names_in(node: Node) -> Iterator[Node]:
    if node.type == "object":
        for entry in node.named_children:
            value = entry.child_by_field_name("value") if entry.type == "pair" else entry
            if value is not None and value.type in {"identifier", "shorthand_property_identifier"}:
                yield value
    elif node.type in {"identifier", "new_expression"}:
        inner = node.child_by_field_name("constructor") if node.type == "new_expression" else node
        if inner is not None and inner.type == "identifier":
            yield inner


def _mark(declared: Declaration | None, survey: Survey) -> None:
    if declared is None:
        return
    declared.exported = True
    if declared.function is not None:
        declared.function.exported = True
    elif declared.init is not None and unwrapped(declared.init).type in FUNCTIONS:
        found = survey.definition_of.get(unwrapped(declared.init).id)
        if found is not None:
            found.exported = True

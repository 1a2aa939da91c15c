"""Assignments in Python: names, fields, properties and elements that are bound, changed and removed, and settings that are made."""

from __future__ import annotations

from guard.facts import Action, Binding, Constant, FunctionKind, Listing, Mapping, Name, Setting, Span, Template, Unknown, Value
from guard.languages._python_chains import CONFIGURATIONS
from guard.languages._python_names import UNKNOWN, Reach, steps_of
from guard.languages._python_notes import Deed
from guard.languages._python_outline import PATTERNS, parts_of
from guard.languages._python_scopes import Scope
from guard.languages._python_settings import field_start, setting_default
from guard.languages._python_values import Expressions
from guard.languages._settings import flattened
from guard.languages._syntax import Node

_CONSTRUCTORS = frozenset(
    {"__init__", "__new__", "__post_init__", "__init_subclass__", "__attrs_post_init__", "model_post_init"}
)
NOTHING = Unknown("")


def _is_configuration(name: str) -> bool:
    """Whether a dict of this name is handed to a framework as its configuration (`session_opts`, `cache_config`)."""
    return name in CONFIGURATIONS or name.endswith(("_config", "_conf", "_settings", "_opts", "_options"))


def _setting_action(value: Value, own: str) -> Action:
    """What an assignment does: `x = x + [y]` changes the content of `x`, other values replace it."""
    if not isinstance(value, Template) or value.parts[0] != Name(own):
        return Action.REBIND
    return Action.MUTATE if any(isinstance(part, Listing) for part in value.parts) else Action.REBIND


class Stores:
    """Notes the assignments of one file."""

    def __init__(self, expressions: Expressions) -> None:
        self._expressions = expressions
        self._chains = expressions.chains
        self._names = expressions.names
        self._notes = expressions.notes
        self._source = expressions.source

    def store(
        self, target: Node, value: Value, node: Node, scope: Scope, declared: str = "", value_node: Node | None = None
    ) -> None:
        """A target is given a value by the statement `node`; `declared` is its annotation, `value_node` where the value stands."""
        kind = target.type
        if kind == "identifier":
            self._name(self._source.of(target), value, node, scope, declared)
        elif kind == "attribute":
            self._member(target, value, node, scope, declared)
        elif kind == "subscript":
            self._element(target, value, node, scope)
        elif kind in PATTERNS:
            parts = parts_of(target, value_node, 0)
            values = self._values_of(value, value_node)
            for index, (part, own, _) in enumerate(parts):
                single = own is not None and own is not value_node and index < len(values)
                self.store(part, values[index] if single else NOTHING, node, scope)
        elif kind in {"list_splat_pattern", "list_splat"} and target.named_children:
            self.store(target.named_children[0], NOTHING, node, scope)

    @staticmethod
    def _values_of(value: Value, value_node: Node | None) -> tuple[Value, ...]:
        items = getattr(value, "items", ())
        return items if value_node is not None and isinstance(items, tuple) else ()

    def _name(self, name: str, value: Value, node: Node, scope: Scope, declared: str) -> None:
        home = scope.owner_of(name)
        span = self._source.span(node)
        record = scope.is_record and bool(declared) and "ClassVar" not in declared
        value = field_start(value) if record else value
        exported = not home.id and not name.startswith("_")
        self._notes.bindings.append(
            Binding(name, home.id, value, span, scope.id, record, "Final" in declared, exported, declared)
        )
        if home is not scope:
            self._notes.tell(home.id, name, Deed(_setting_action(value, f"~{name}"), node, scope, "=", None, value))
        if scope.kind is None or scope.kind is FunctionKind.CLASS:
            self._setting(name, value, span, scope, declared)
        if isinstance(value, Mapping) and _is_configuration(name):
            for entry in value.entries:
                self._notes.settings.extend(flattened((entry.key,), entry.value, entry.span, scope.id) if entry.key else ())

    def _setting(self, name: str, value: Value, span: Span, scope: Scope, declared: str) -> None:
        if name.isupper():
            self._notes.settings.extend(flattened((name,), value, span, scope.id))
        elif declared and any("Settings" in self._source.of(base) for base in scope.bases):
            self._notes.settings.append(Setting((name,), setting_default(value), span, scope=scope.id))

    # -- fields and properties ----------------------------------------------------------------------------------------

    def _holder(self, target: Node, scope: Scope) -> Reach:
        """What an attribute is set on."""
        holder = target.child_by_field_name("object")
        return Reach(UNKNOWN) if holder is None else self._chains.follow(holder, scope)[0].reach

    def _member(self, target: Node, value: Value, node: Node, scope: Scope, declared: str) -> None:
        reach = self._holder(target, scope)
        name = self._names.attribute_of(target)
        span = self._source.span(node)
        holder = self._names.holder_of(reach.of, name) if reach.of is not None else None
        if holder is not None:
            instance = not reach.on_class
            self._notes.bindings.append(
                Binding(name, holder.id, value, span, scope.id, instance, "Final" in declared, type=declared)
            )
            if scope.name not in _CONSTRUCTORS or not reach.path.startswith("%"):
                action = _setting_action(value, f"~{holder.id}.{name}")
                self._notes.tell(holder.id, name, Deed(action, node, scope, "=", None, value))
            return
        if reach.hung is not None:
            self._notes.bindings.append(Binding(f"{reach.hung}.{name}", "", value, span, scope.id, type=declared))
        self._notes.use(reach, Deed(Action.MUTATE, node, scope, "=", Constant(name), value))
        if reach.path.rsplit(".", 1)[-1].lstrip("~%") in CONFIGURATIONS:
            self._notes.settings.extend(flattened((name,), value, span, scope.id))

    # -- elements -----------------------------------------------------------------------------------------------------

    def _container(self, target: Node, scope: Scope) -> tuple[Reach, Value | None, str | None]:
        """The container of `x[key]`, the key nearest to it, and the text of the last key if it is a literal."""
        inner = target.child_by_field_name("value")
        keys = [self._expressions.value(child, scope) for child in target.children_by_field_name("subscript")]
        if inner is None:
            return Reach(UNKNOWN), None, None
        state = self._chains.follow(inner, scope)[0]
        return state.reach, state.key if state.key is not None else (keys[0] if keys else None), self._names.key_of(target)

    def _element(self, target: Node, value: Value, node: Node, scope: Scope) -> None:
        reach, key, literal = self._container(target, scope)
        span = self._source.span(node)
        self._notes.use(reach, Deed(Action.MUTATE, node, scope, "[]", key, value))
        if reach.hung is not None and literal is not None:
            self._notes.bindings.append(Binding(f"{reach.hung}.{literal}", "", value, span, scope.id))
        path = self._setting_path(target)
        if path:
            self._notes.settings.extend(flattened(path, value, span, scope.id))

    def _setting_path(self, target: Node) -> tuple[str, ...]:
        """The keys of `app.config["A"]["B"]`, or of `CACHES["default"]` with its name."""
        root, steps = steps_of(target)
        keys: list[str] = []
        while steps and steps[-1].type == "subscript":
            key = self._names.key_of(steps.pop())
            if key is None:
                return ()
            keys.insert(0, key)
        if not steps and root.type == "identifier" and self._source.of(root).isupper():
            return (self._source.of(root), *keys)
        holder = self._names.attribute_of(steps[-1]) if steps and steps[-1].type == "attribute" else self._source.head(root)
        return tuple(keys) if holder in CONFIGURATIONS else ()

    # -- augmented assignments and removals ---------------------------------------------------------------------------

    def augment(self, node: Node, scope: Scope) -> None:
        """`x += value` and its like."""
        target = node.child_by_field_name("left")
        value = self._expressions.value(node.child_by_field_name("right"), scope)
        operator = node.child_by_field_name("operator")
        grows = isinstance(value, Listing | Mapping)  # history += [message] changes the list
        action = Action.MUTATE if grows else Action.REBIND
        deed = Deed(
            action,
            node,
            scope,
            operator.type if operator is not None and not grows else "extend" if grows else "+=",
            None,
            value,
        )
        if target is None:
            return
        if target.type == "identifier":
            self._augment_name(self._source.of(target), deed)
        elif target.type == "attribute":
            self._augment_member(target, deed)
        elif target.type == "subscript":
            reach, key, _ = self._container(target, scope)
            self._notes.use(reach, deed._replace(action=Action.MUTATE, key=key))

    def _augment_name(self, name: str, deed: Deed) -> None:
        home = deed.scope.owner_of(name)
        self._notes.tell(home.id, name, deed)
        if name.isupper() and not home.id and deed.value is not None:  # INSTALLED_APPS += [...]
            self._notes.settings.extend(flattened((name,), deed.value, self._source.span(deed.node), deed.scope.id))

    def _augment_member(self, target: Node, deed: Deed) -> None:
        reach = self._holder(target, deed.scope)
        name = self._names.attribute_of(target)
        holder = self._names.holder_of(reach.of, name) if reach.of is not None else None
        if holder is not None:
            self._notes.tell(holder.id, name, deed)
            return
        self._notes.use(reach, deed._replace(action=Action.MUTATE, key=Constant(name)))
        if reach.hung is not None:
            self._notes.tell(UNKNOWN, f"{reach.hung}.{name}", deed)

    def remove(self, target: Node, scope: Scope) -> None:
        """`del target`; a plain name that is deleted takes nothing out of a container."""
        if target.type == "subscript":
            reach, key, _ = self._container(target, scope)
            self._notes.use(reach, Deed(Action.REMOVE, target, scope, "del", key))
        elif target.type == "attribute":
            name = Constant(self._names.attribute_of(target))
            self._notes.use(self._holder(target, scope), Deed(Action.REMOVE, target, scope, "del", name))

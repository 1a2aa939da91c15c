"""Chains in Python: names, members, calls and elements. Calls and uses are noted along the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from guard.facts import Action, Argument, Call, Mapping, Name, Unknown, Value
from guard.languages._python_names import UNKNOWN, Names, Reach, steps_of
from guard.languages._python_notes import COUNTERS, KEYED, UNKEYED, Deed, Notes, action_of
from guard.languages._python_scopes import Scope, Sort
from guard.languages._settings import flattened
from guard.languages._source import Source
from guard.languages._syntax import Node

_LONGEST = 200
"""Steps of a chain that are followed."""
_LONGEST_NAME = 400
CHAINS = frozenset({"identifier", "attribute", "call", "subscript"})
CONFIGURATIONS = frozenset({"config", "conf", "settings"})
"""Last segments of what is taken for an application's configuration."""
_CONFIGURES = frozenset({"update", "from_mapping", "configure"})


class Followed(NamedTuple):
    """A place along a chain: what is reached, what was reached one step before, the first key on the way, the last member."""

    reach: Reach
    before: Reach
    key: Value | None = None
    method: str = ""


class Chains:
    """Follows chains of one file. `value` evaluates any expression, and is what calls this."""

    def __init__(self, source: Source, names: Names, notes: Notes, value: Callable[[Node | None, Scope], Value]) -> None:
        self._source = source
        self._names = names
        self._notes = notes
        self._value = value

    def value(self, node: Node, scope: Scope) -> Value:
        """The value of a chain; what it ends at is read."""
        state, value, told = self.follow(node, scope)
        if told:
            return value
        if node.type == "subscript":
            self._notes.use(state.before, Deed(Action.READ, node, scope, "[]", state.key))
        elif (
            node.type == "attribute" and action_of(state.method) is not Action.READ
        ):  # handed over: task.add_done_callback(tasks.discard)
            self._notes.use(state.before, Deed(action_of(state.method), node, scope, state.method, state.key))
        elif state.reach.owner is not None:
            self._notes.tell(state.reach.owner, state.reach.name, Deed(Action.READ, node, scope))
        return value

    def read(self, node: Node, scope: Scope, method: str, key: Value | None = None) -> Value:
        """The value of an expression whose content is read: looped over, searched, counted."""
        if node.type not in CHAINS:
            return self._value(node, scope)
        state, value, _ = self.follow(node, scope)
        self._notes.use(state.reach, Deed(Action.READ, node, scope, method, key))
        return value

    def follow(self, node: Node, scope: Scope) -> tuple[Followed, Value, bool]:
        """Where a chain ends, its value, and whether its last step has noted a use already."""
        root, steps = steps_of(node)
        reach = self._names.root(root, scope)
        state = Followed(reach, reach)
        value = self._root_value(root, reach, scope, alone=not steps)
        receiver: Value | None = None
        told = False
        for step in steps[:_LONGEST]:
            told = step.type == "call"
            if told:
                state, value = self._call(state, step, scope, receiver)
                receiver = None
            else:
                receiver = value if step.type == "attribute" else None
                state = self._attribute(state, step, scope) if receiver is not None else self._element(state, step, scope)
                value = self._named(state.reach, step)
        return state, value, told

    def _named(self, reach: Reach, node: Node) -> Value:
        return Unknown(self._source.head(node)) if reach.path.startswith(UNKNOWN) else Name(reach.bare or reach.path)

    def _root_value(self, node: Node, reach: Reach, scope: Scope, *, alone: bool) -> Value:
        """The value at the root of a chain. Before a member, a variable is named as such, so that what it holds can be found."""
        if node.type != "identifier":
            return self._value(node, scope)
        if alone:
            return Name(reach.bare or reach.path)
        name = self._source.of(node)
        home = self._names.home_of(scope, name)
        bounds = home.names.get(name, []) if home is not None else []  # `global x` may name what nothing in the file binds
        held = bool(bounds) and bounds[0].sort is Sort.VALUE
        return Name(f"~{name}" if held else reach.bare or reach.path)

    # -- steps --------------------------------------------------------------------------------------------------------

    def _attribute(self, state: Followed, step: Node, scope: Scope) -> Followed:
        before = state.reach
        name = self._names.attribute_of(step)
        after = self._names.member(before, name)
        moved = (after.owner, after.name) != (before.owner, before.name)
        if before.owner is not None and after.owner is not None and moved:
            self._notes.tell(before.owner, before.name, Deed(Action.READ, step, scope, name))
        return Followed(after, before, state.key, name)

    def _element(self, state: Followed, step: Node, scope: Scope) -> Followed:
        keys = [self._value(child, scope) for child in step.children_by_field_name("subscript")]
        first = state.key if state.key is not None and state.reach.owner is not None else (keys[0] if keys else None)
        return Followed(self._names.element(state.reach, self._names.key_of(step)), state.reach, first, "[]")

    def _call(self, state: Followed, step: Node, scope: Scope, receiver: Value | None) -> tuple[Followed, Value]:
        place = len(self._notes.calls)
        self._notes.calls.append(None)  # outer calls come first
        arguments = self._arguments(step.child_by_field_name("arguments"), state, scope)
        call = Call(state.reach.path[:_LONGEST_NAME], arguments, self._source.span(step), scope.id, receiver)
        self._notes.calls[place] = call
        for argument in arguments:
            self._notes.register(argument.value, call)
        if state.method == "[]":
            self._notes.use(state.before, Deed(Action.READ, step, scope, "[]", state.key))
        elif state.method:
            self._method(state, arguments, step, scope)
        elif state.reach.owner is not None:  # what a variable holds is called
            self._notes.tell(state.reach.owner, state.reach.name, Deed(Action.READ, step, scope, "()"))
        return Followed(self._names.result(state.reach), state.reach, state.key), call

    def _method(self, state: Followed, arguments: tuple[Argument, ...], step: Node, scope: Scope) -> None:
        """A method is called on a container: it is read or changed."""
        method, action = state.method, action_of(state.method)
        first = next((argument.value for argument in arguments if argument.name is None), None)
        second = arguments[1].value if len(arguments) > 1 else None
        key = state.key if state.key is not None else (None if method in UNKEYED else first)
        value = second if method in KEYED else first
        self._notes.use(state.before, Deed(action, step, scope, method, key, value if action is Action.MUTATE else None))

    # -- arguments ----------------------------------------------------------------------------------------------------

    def _arguments(self, node: Node | None, state: Followed, scope: Scope) -> tuple[Argument, ...]:
        if node is None:
            return ()
        if node.type != "argument_list":  # f(x for x in xs)
            return (Argument(None, self._value(node, scope)),)
        counts = state.reach.path in COUNTERS
        nodes = [child for child in node.named_children if child.type != "comment"]
        arguments = [self._argument(child, scope, state.reach.path if counts else "") for child in nodes]
        if state.method in _CONFIGURES and state.before.path.rsplit(".", 1)[-1] in CONFIGURATIONS:
            self._configure(nodes, arguments, scope)
        return tuple(arguments)

    def _argument(self, child: Node, scope: Scope, counter: str) -> Argument:
        kind = child.type
        if kind == "keyword_argument":
            name = child.child_by_field_name("name")
            value = self._value(child.child_by_field_name("value"), scope)
            return Argument(self._source.of(name) if name is not None else "", value)
        if kind in {"dictionary_splat", "list_splat"}:
            inner = child.named_children[0] if child.named_children else None
            value = self._value(inner, scope)
            return Argument(None if isinstance(value, Mapping) else "*", value)  # f(**{"key": value}) is in full view
        return Argument(None, self.read(child, scope, counter) if counter else self._value(child, scope))

    def _configure(self, nodes: list[Node], arguments: list[Argument], scope: Scope) -> None:
        """`app.config.update(X=1)`: each argument is a setting on its own line."""
        for argument, node in zip(arguments, nodes, strict=True):
            if argument.name not in {None, "*"}:
                self._notes.settings += flattened((argument.name or "",), argument.value, self._source.span(node), scope.id)
            elif isinstance(argument.value, Mapping):
                entries = (entry for entry in argument.value.entries if entry.key)
                for entry in entries:
                    self._notes.settings += flattened((entry.key or "",), entry.value, entry.span, scope.id)

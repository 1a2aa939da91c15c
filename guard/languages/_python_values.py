"""The second pass over a Python file: expressions become values, and calls and uses are recorded on the way."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from guard.facts import (
    Action,
    Argument,
    Binding,
    Call,
    Choice,
    Constant,
    Entry,
    FunctionKind,
    FunctionValue,
    Listing,
    Mapping,
    Name,
    Return,
    Setting,
    Template,
    Unknown,
    Value,
)
from guard.languages._python_names import UNKNOWN, Names, Reach, steps_of
from guard.languages._python_scopes import Bound, Outline, Scope, Sort, bind_parameters
from guard.languages._syntax import Node

_DEEPEST = 60
"""Levels of nested expressions that are looked into: Python's own stack is the limit, no person writes more."""
_REMOVERS = frozenset(
    {"pop", "popitem", "popleft", "remove", "discard", "clear", "delete", "get_nowait", "difference_update", "__delitem__"}
)
_KEYED = frozenset({"setdefault", "set", "insert", "__setitem__", "move_to_end"})
_CHANGERS = _KEYED | frozenset(
    {
        "append",
        "add",
        "update",
        "extend",
        "appendleft",
        "extendleft",
        "put",
        "put_nowait",
        "push",
        "sort",
        "reverse",
        "rotate",
        "subtract",
    }
)
_READERS = frozenset({"get", "items", "keys", "values", "copy", "index", "count", "__getitem__", "qsize", "empty"})
_UNKEYED = frozenset(
    {"append", "appendleft", "extend", "extendleft", "update", "put", "put_nowait", "push", "items", "keys", "values"}
)
_COUNTERS = frozenset({"len", "list", "sorted", "any", "all", "sum", "max", "min", "iter", "dict", "set", "tuple", "next"})
CONFIGURATIONS = frozenset({"config", "conf", "settings"})
"""Last segments of what is taken for an application's configuration."""
_CONFIGURES = frozenset({"update", "from_mapping", "configure"})
_ESCAPE = re.compile(r"\\(\r?\n|.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "\n": "", "\r\n": ""}
_SEQUENCES = {"list", "tuple", "set", "expression_list", "pattern_list", "tuple_pattern", "list_pattern"}


class Draft(NamedTuple):
    """A use before it is known whether it is worth telling."""

    owner: str
    name: str
    action: Action
    node: Node
    scope: str
    method: str
    key: Value | None
    value: Value | None


class Expressions:
    """Reads expressions of one file, collecting what they say."""

    def __init__(self, outline: Outline, names: Names) -> None:
        self.outline = outline
        self.source = outline.source
        self.names = names
        self.calls: list[Call | None] = []
        self.uses: list[Draft] = []
        self.bindings: list[Binding] = []
        self.returns: list[Return] = []
        self.settings: list[Setting] = []
        self.registered: dict[str, Call] = {}
        self._depth = 0
        self._handlers: dict[str, Callable[[Node, Scope], Value]] = {
            "identifier": self._chain,
            "attribute": self._chain,
            "call": self._chain,
            "subscript": self._chain,
            "string": self._string,
            "concatenated_string": self._strings,
            "integer": self._integer,
            "float": self._float,
            "true": lambda _node, _scope: Constant(True),
            "false": lambda _node, _scope: Constant(False),
            "none": lambda _node, _scope: Constant(None),
            "dictionary": self._dictionary,
            "binary_operator": self._binary,
            "boolean_operator": self._boolean,
            "conditional_expression": self._conditional,
            "comparison_operator": self._comparison,
            "unary_operator": self._unary,
            "named_expression": self._named,
            "lambda": self._lambda,
            "list_comprehension": self._comprehension,
            "set_comprehension": self._comprehension,
            "dictionary_comprehension": self._comprehension,
            "generator_expression": self._comprehension,
            "type": lambda node, _scope: Unknown(self.source.head(node)),
        }
        self._handlers.update(dict.fromkeys(_SEQUENCES, self._listing))

    def value(self, node: Node | None, scope: Scope) -> Value:
        """The value of an expression; calls and uses inside it are recorded."""
        while node is not None and node.type in {"parenthesized_expression", "await"}:
            node = next((child for child in node.named_children if child.type != "comment"), None)
        if node is None:
            return Unknown("")
        if self._depth >= _DEEPEST:
            return Unknown(self.source.head(node))
        self._depth += 1
        try:
            return self._handlers.get(node.type, self._other)(node, scope)
        finally:
            self._depth -= 1

    def _other(self, node: Node, scope: Scope) -> Value:
        for child in node.named_children:
            self.value(child, scope)
        return Unknown(self.source.head(node))

    # -- literals -----------------------------------------------------------------------------------------------------

    def _string(self, node: Node, scope: Scope) -> Value:
        parts = node.children
        if len(parts) == 3 and parts[1].type == "string_content":
            return Constant(self._content(parts[1], parts[0]))
        pieces: list[Value] = []
        for part in parts:
            if part.type == "string_content":
                pieces.append(Constant(self._content(part, parts[0])))
            elif part.type == "interpolation":
                pieces.append(self.value(part.child_by_field_name("expression"), scope))
        return Template(tuple(pieces)) if pieces else Constant("")

    def _content(self, node: Node, start: Node) -> str:
        text = self.source.of(node)
        if "\\" not in text or "r" in self.source.of(start).lower():
            return text
        return _ESCAPE.sub(lambda match: _ESCAPES.get(match[1], match[1] if match[1] in "\\'\"" else match[0]), text)

    def _strings(self, node: Node, scope: Scope) -> Value:
        parts = [self.value(child, scope) for child in node.named_children if child.type != "comment"]
        if all(isinstance(part, Constant) for part in parts):
            return Constant("".join(str(part.value) for part in parts if isinstance(part, Constant)))
        flat: list[Value] = []
        for part in parts:
            flat.extend(part.parts if isinstance(part, Template) else (part,))
        return Template(tuple(flat))

    def _integer(self, node: Node, scope: Scope) -> Value:
        del scope
        text = self.source.of(node)
        try:
            return Constant(int(text, 0))
        except ValueError:  # `0755`, `10L`, `2j`, or more digits than Python converts
            return Constant(text)

    def _float(self, node: Node, scope: Scope) -> Value:
        del scope
        text = self.source.of(node)
        try:
            return Constant(float(text))
        except ValueError:
            return Constant(text)

    def _listing(self, node: Node, scope: Scope) -> Value:
        return Listing(tuple(self.value(child, scope) for child in node.named_children if child.type != "comment"))

    def _dictionary(self, node: Node, scope: Scope) -> Value:
        entries: list[Entry] = []
        for child in node.named_children:
            if child.type == "pair":
                key = self.value(child.child_by_field_name("key"), scope)
                value = self.value(child.child_by_field_name("value"), scope)
                entries.append(Entry(key_text(key), value, self.source.span(child)))
            elif child.type == "dictionary_splat":
                entries.append(Entry(None, self._only(child, scope), self.source.span(child)))
        return Mapping(tuple(entries))

    def _only(self, node: Node, scope: Scope) -> Value:
        """The value of a node's single child (`*x`, `**x`)."""
        return self.value(node.named_children[0] if node.named_children else None, scope)

    # -- operators ----------------------------------------------------------------------------------------------------

    def _binary(self, node: Node, scope: Scope) -> Value:
        """`+` and `%` of texts and `/` of paths join; long sums nest to the left and are unrolled."""
        operators: list[str] = []
        rights: list[Node | None] = []
        left: Node | None = node
        while left is not None and left.type == "binary_operator":
            operator = left.child_by_field_name("operator")
            operators.append(operator.type if operator is not None else "")
            rights.append(left.child_by_field_name("right"))
            left = left.child_by_field_name("left")
        parts = [self.value(left, scope)]
        for operator_text, right in zip(reversed(operators), reversed(rights), strict=True):
            if operator_text == "/":
                parts.append(Constant("/"))
            parts.append(self.value(right, scope))
        return Template(tuple(parts)) if set(operators) <= {"+", "%", "/"} else Unknown(self.source.head(node))

    def _boolean(self, node: Node, scope: Scope) -> Value:
        options: list[Value] = []
        left: Node | None = node
        rights: list[Node | None] = []
        either = True
        while left is not None and left.type == "boolean_operator":
            operator = left.child_by_field_name("operator")
            either = either and operator is not None and operator.type == "or"
            rights.append(left.child_by_field_name("right"))
            left = left.child_by_field_name("left")
        options = [self.value(part, scope) for part in (left, *reversed(rights))]
        return Choice(tuple(options)) if either else Unknown(self.source.head(node))

    def _conditional(self, node: Node, scope: Scope) -> Value:
        parts = [self.value(child, scope) for child in node.named_children if child.type != "comment"]
        return Choice((parts[0], parts[-1])) if len(parts) == 3 else Unknown(self.source.head(node))

    def _comparison(self, node: Node, scope: Scope) -> Value:
        before: Value | None = None
        contained = False
        for child in node.children:
            if child.type in {"in", "not in"}:
                contained = True
            elif child.is_named and contained:
                before, contained = self.read(child, scope, "in", before), False
            elif child.is_named:
                before = self.value(child, scope)
        return Unknown(self.source.head(node))

    def _unary(self, node: Node, scope: Scope) -> Value:
        value = self.value(node.child_by_field_name("argument"), scope)
        operator = node.child_by_field_name("operator")
        if (
            operator is not None
            and operator.type == "-"
            and isinstance(value, Constant)
            and isinstance(value.value, int | float)
        ):
            return Constant(-value.value)
        return Unknown(self.source.head(node))

    def _named(self, node: Node, scope: Scope) -> Value:
        name, inner = node.child_by_field_name("name"), node.child_by_field_name("value")
        value = self.value(inner, scope)
        if name is not None:
            home = self.names.bind_late(scope, self.source.of(name), inner)
            self.bindings.append(Binding(self.source.of(name), home.id, value, self.source.span(node), scope.id))
        return value

    # -- scopes inside expressions ------------------------------------------------------------------------------------

    def _lambda(self, node: Node, scope: Scope) -> Value:
        made = self.outline.open("", FunctionKind.FUNCTION, scope, node)
        bind_parameters(node.child_by_field_name("parameters"), made, self.source)
        for child in _defaults(node.child_by_field_name("parameters")):
            self.value(child, scope)
        body = node.child_by_field_name("body")
        value = self.value(body, made)
        if body is not None:
            self.returns.append(Return(value, self.source.span(body), made.id))
        return FunctionValue(made.id)

    def _comprehension(self, node: Node, scope: Scope) -> Value:
        inner = Scope(scope.id, scope.kind, scope, transparent=True, depth=scope.depth)
        clauses = [child for child in node.named_children if child.type in {"for_in_clause", "if_clause"}]
        for clause in clauses:
            left, right = clause.child_by_field_name("left"), clause.child_by_field_name("right")
            if clause.type == "for_in_clause" and left is not None:
                if right is not None:
                    self.read(right, inner, "for")
                _bind_here(left, inner, self, Bound(Sort.VALUE, node=right, scope=scope, elements=1))
            else:
                self._other(clause, inner)
        self.value(node.child_by_field_name("body"), inner)
        return Unknown(self.source.head(node))

    # -- chains: names, members, calls, elements ----------------------------------------------------------------------

    def _chain(self, node: Node, scope: Scope) -> Value:
        return self._walk(node, scope, "")

    def read(self, node: Node, scope: Scope, method: str, key: Value | None = None) -> Value:
        """The value of an expression whose content is read: looped over, searched, counted."""
        return self._walk(node, scope, method, key) if node.type in _READABLE else self.value(node, scope)

    def _walk(self, node: Node, scope: Scope, method: str, key: Value | None = None) -> Value:
        found, value, told = self.follow(node, scope)
        if method:
            self.use(found, Action.READ, node, scope, method, key)
        elif not told and node.type == "subscript":
            self.use(found.before, Action.READ, node, scope, "[]", found.key)
        elif not told and found.reach.owner is not None:
            self.tell(found.reach.owner, found.reach.name, Action.READ, node, scope)
        return value

    def follow(self, node: Node, scope: Scope) -> tuple[Followed, Value, bool]:
        """Go along a chain; says where it ends, its value, and whether its last step has told of a use already."""
        root, steps = steps_of(node)
        reach = self.names.root(root, scope)
        state = Followed(reach, reach, None, "")
        value = self._root_value(root, reach, scope, alone=not steps)
        told = False
        receiver: Value | None = None
        for step in steps[:200]:
            told = step.type == "call"
            if told:
                state, value = self._call(state, step, scope, receiver)
                receiver = None
            else:
                receiver = value if step.type == "attribute" else None
                state = self._member(state, step, scope)
                value = Name(state.reach.bare) if not state.reach.path.startswith(UNKNOWN) else Unknown(self.source.head(step))
        return state, value, told

    def _root_value(self, node: Node, reach: Reach, scope: Scope, *, alone: bool) -> Value:
        """The value at the root of a chain; before a member, a variable is named as such, so that what it holds can be found."""
        if node.type != "identifier":
            return self.value(node, scope)
        name = self.source.of(node)
        held = not alone and reach.bare.startswith(("~", UNKNOWN)) is False and self._is_variable(scope, name)
        return Name(f"~{name}" if held else reach.bare or reach.path)

    def _is_variable(self, scope: Scope, name: str) -> bool:
        home = self.names.home_of(scope, name)
        return home is not None and home.names[name][0].sort is Sort.VALUE

    def _member(self, state: Followed, step: Node, scope: Scope) -> Followed:
        before = state.reach
        if step.type == "attribute":
            name = self.names.attribute_of(step)
            after = self.names.member(before, name)
            if (
                before.owner is not None
                and after.owner is not None
                and (after.owner, after.name) != (before.owner, before.name)
            ):
                self.tell(before.owner, before.name, Action.READ, step, scope, name)
            return Followed(after, before, state.key, name)
        keys = [self.value(child, scope) for child in step.children_by_field_name("subscript")]
        key = keys[0] if keys else None
        after = self.names.element(before, self.names.key_of(step))
        return Followed(after, before, state.key if state.key is not None and before.owner is not None else key, "[]")

    def _call(self, state: Followed, step: Node, scope: Scope, receiver: Value | None) -> tuple[Followed, Value]:
        place = len(self.calls)
        self.calls.append(None)  # outer calls come first
        arguments = self._arguments(step.child_by_field_name("arguments"), state, scope)
        call = Call(state.reach.path[:400], arguments, self.source.span(step), scope.id, receiver)
        self.calls[place] = call
        for argument in arguments:
            self._register(argument.value, call)
        if state.method and state.method != "[]":
            first = next((argument.value for argument in arguments if argument.name is None), None)
            self._method_used(state, arguments, first, step, scope)
        return Followed(self.names.result(state.reach), state.reach, state.key, ""), call

    def _method_used(
        self, state: Followed, arguments: tuple[Argument, ...], first: Value | None, step: Node, scope: Scope
    ) -> None:
        method = state.method
        second = arguments[1].value if len(arguments) > 1 else None
        key = state.key if state.key is not None else (None if method in _UNKEYED else first)
        value = second if method in _KEYED else first
        self.use(
            state.before, action_of(method), step, scope, method, key, value if action_of(method) is Action.MUTATE else None
        )

    def _arguments(self, node: Node | None, state: Followed, scope: Scope) -> tuple[Argument, ...]:
        if node is None:
            return ()
        if node.type != "argument_list":  # f(x for x in xs)
            return (Argument(None, self.value(node, scope)),)
        arguments: list[Argument] = []
        for child in node.named_children:
            argument = self._argument(child, state, scope)
            if argument is not None:
                arguments.append(argument)
        if state.method in _CONFIGURES and state.before.path.rsplit(".", 1)[-1] in CONFIGURATIONS:
            self._configure(node, arguments, scope)
        return tuple(arguments)

    def _argument(self, child: Node, state: Followed, scope: Scope) -> Argument | None:
        kind = child.type
        if kind == "comment":
            return None
        if kind == "keyword_argument":
            name = child.child_by_field_name("name")
            return Argument(
                self.source.of(name) if name is not None else "", self.value(child.child_by_field_name("value"), scope)
            )
        if kind == "dictionary_splat" and child.named_children and child.named_children[0].type == "dictionary":
            return Argument(None, self._only(child, scope))
        if kind in {"dictionary_splat", "list_splat"}:
            return Argument("*", self._only(child, scope))
        if state.reach.path in _COUNTERS:
            return Argument(None, self.read(child, scope, state.reach.path))
        return Argument(None, self.value(child, scope))

    def _configure(self, node: Node, arguments: list[Argument], scope: Scope) -> None:
        """`app.config.update(X=1)`: each argument is a setting on its own line."""
        nodes = [child for child in node.named_children if child.type != "comment"]
        for argument, child in zip(arguments, nodes, strict=False):
            if argument.name not in {None, "*"}:
                self.settings.append(Setting((argument.name or "",), argument.value, self.source.span(child), scope=scope.id))
            elif isinstance(argument.value, Mapping):
                self.settings += [Setting((e.key,), e.value, e.span, scope=scope.id) for e in argument.value.entries if e.key]

    def _register(self, value: Value, call: Call) -> None:
        """A function handed to a call is called back by it."""
        if isinstance(value, FunctionValue):
            self.registered.setdefault(value.scope, call)
        elif isinstance(value, Name) and value.path.startswith("~"):
            self.registered.setdefault(value.path[1:], call)
        elif isinstance(value, Listing):
            for item in value.items:
                if isinstance(item, Name | FunctionValue):
                    self._register(item, call)

    # -- uses ---------------------------------------------------------------------------------------------------------

    def use(
        self,
        found: Followed | Reach,
        action: Action,
        node: Node,
        scope: Scope,
        method: str,
        key: Value | None = None,
        value: Value | None = None,
    ) -> None:
        """Tell what is done to the content of what was reached: to its binding, and to the property that it is."""
        reach = found.reach if isinstance(found, Followed) else found
        if reach.owner is not None:
            self.tell(reach.owner, reach.name, action, node, scope, method, key, value)
        if reach.hung is None or reach.of is not None or (reach.owner is not None and reach.hung.endswith("()")):
            return
        if action is not Action.READ or (method in _READS and "." in reach.hung):
            self.tell(UNKNOWN, reach.hung, action, node, scope, method, key, value)

    def tell(
        self,
        owner: str,
        name: str,
        action: Action,
        node: Node,
        scope: Scope,
        method: str = "",
        key: Value | None = None,
        value: Value | None = None,
    ) -> None:
        """Note one use."""
        self.uses.append(Draft(owner, name, action, node, scope.id, method, key, value))


class Followed(NamedTuple):
    """A place along a chain: what is reached, what was reached one step before, the first key on the way, the last member."""

    reach: Reach
    before: Reach
    key: Value | None
    method: str


_READABLE = frozenset({"identifier", "attribute", "call", "subscript"})
_READS = _READERS | _COUNTERS | {"in", "for", "[]"}


def action_of(method: str) -> Action:
    """What a method does to the container it is called on."""
    if method in _CHANGERS:
        return Action.MUTATE
    return Action.REMOVE if method in _REMOVERS else Action.READ


def key_text(value: Value) -> str | None:
    """A literal key as text; None for one that is computed."""
    return str(value.value) if isinstance(value, Constant) else None


def _defaults(parameters: Node | None) -> list[Node]:
    children = parameters.named_children if parameters is not None else []
    return [value for child in children if (value := child.child_by_field_name("value")) is not None]


def _bind_here(target: Node, scope: Scope, expressions: Expressions, bound: Bound) -> None:
    """Bind the target of a comprehension in the comprehension itself."""
    waiting = [target]
    while waiting:
        current = waiting.pop()
        if current.type == "identifier":
            elements = bound.elements + (current is not target)
            scope.names[expressions.source.of(current)] = [
                Bound(Sort.VALUE, node=bound.node, scope=bound.scope, elements=elements)
            ]
        elif current.type not in {"attribute", "subscript"}:
            waiting.extend(current.named_children)

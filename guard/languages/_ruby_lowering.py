"""Ruby in the pieces that programs are lowered into (grammar: https://github.com/tree-sitter/tree-sitter-ruby).

Variables of objects and classes keep their marks (`@x`, `@@x`, `$x`). What is assigned in the body of a class, or by a method of
the class itself, belongs to the class: there is one of it. A local variable is declared by its first assignment. Dots stand for
double colons.
"""

from __future__ import annotations

from msgspec import Struct, field

from guard.facts import Span
from guard.languages._lowered.lowering import Lowered, Lowering
from guard.languages._lowered.program import (
    Closure,
    Declare,
    Dialect,
    Either,
    Expression,
    Give,
    Given,
    Ident,
    Index,
    Invoke,
    Items,
    Join,
    Kind,
    Literal,
    Make,
    Member,
    Opaque,
    Pair,
    Pairs,
    Parameter,
    Piece,
    Routine,
    Store,
    This,
    Using,
)
from guard.languages._source import Source
from guard.languages._syntax import Node

DIALECT = Dialect(
    changers=frozenset(
        "store merge! update push append prepend unshift concat add << []= insert replace sort! map! put enqueue write increment decrement"
        " fetch_or_store compute_if_absent put_if_absent compute merge_pair".split()
    ),
    keyed=frozenset("store put write fetch_or_store compute_if_absent put_if_absent insert".split()),
    removers=frozenset(
        "delete delete_if delete_at clear shift pop reject! keep_if select! filter! deq dequeue compact!".split()
    ),
    elements=frozenset("fetch dig first last values detect find compute_if_absent fetch_or_store".split()),
    unkeyed=frozenset("merge! update push append prepend unshift concat add << replace enqueue".split()),
    constructors=frozenset({"initialize"}),
    calls_by_name=True,
)
_REQUIRES = frozenset({"require", "require_relative", "load", "autoload"})
_OF_OBJECTS = frozenset({"attr_accessor", "attr_reader", "attr"})
_ACCESSORS = _OF_OBJECTS | {
    "cattr_accessor",
    "cattr_reader",
    "mattr_accessor",
    "mattr_reader",
    "class_attribute",
    "thread_mattr_accessor",
}
"""Calls that make methods which give a variable back."""
_SUPER = frozenset({"super", "self"})


class _Around(Struct):
    """What is known of the class or module around: the variables that it and its objects are given."""

    fields: dict[str, Declare] = field(default_factory=dict)
    single: bool = False
    """Whether methods of the class itself are being read."""


class RubyLowering(Lowering):
    """Lowers the nodes of one Ruby file."""

    silent = frozenset({"comment"})

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self._around: list[_Around] = [_Around()]
        self._locals: list[set[str]] = [set()]
        self._in_routine: list[str] = [""]

    def on_program(self, node: Node) -> Lowered:
        """The whole file, with the globals it makes."""
        pieces = self.inside(node)
        return (*self._around[0].fields.values(), *pieces)

    # -- declarations -------------------------------------------------------------------------------------------------

    def on_class(self, node: Node) -> Lowered:
        """A class or module."""
        self._around.append(_Around())
        self._locals.append(set())
        self._in_routine.append("")
        try:
            members = self.inside(node.child_by_field_name("body"))
            fields = tuple(self._around[-1].fields.values())
        finally:
            self._around.pop()
            self._locals.pop()
            self._in_routine.pop()
        base = node.child_by_field_name("superclass")
        bases = tuple(self._dots(child) for child in (base.named_children if base is not None else ()))
        names = self._dots(node.child_by_field_name("name")).split(".")
        return Kind(names[-1], (*fields, *members), self.span(node), (*bases, *self._included(node)), exported=True)

    on_module = on_class

    def _included(self, node: Node) -> tuple[str, ...]:
        """What a class includes is as good as a base."""
        body = node.child_by_field_name("body")
        calls = [child for child in (body.named_children if body is not None else ()) if child.type == "call"]
        return tuple(
            self._dots(one)
            for call in calls
            if self.field_text(call, "method") in {"include", "extend", "prepend"}
            for one in self._arguments(call)
            if one.type in {"constant", "scope_resolution"}
        )

    def on_singleton_class(self, node: Node) -> Lowered:
        """`class << self`: methods of the class itself."""
        before, self._around[-1].single = self._around[-1].single, True
        try:
            return self.inside(node.child_by_field_name("body"))
        finally:
            self._around[-1].single = before

    def on_method(self, node: Node) -> Lowered:
        """A method; the value of its last expression is given back."""
        single = node.type == "singleton_method" or self._around[-1].single
        before, self._around[-1].single = self._around[-1].single, single
        self._locals.append(set())
        self._in_routine.append(self.field_text(node, "name"))
        try:
            parameters = self._parameters(node.child_by_field_name("parameters"))
            body = self._body(node.child_by_field_name("body"))
        finally:
            self._around[-1].single = before
            self._locals.pop()
            self._in_routine.pop()
        return Routine(
            self.field_text(node, "name"), parameters, body, self.span(node), shared=single, exported=True, gives=len(body) == 1
        )

    on_singleton_method = on_method

    def _body(self, node: Node | None) -> tuple[Piece, ...]:
        if node is None:
            return ()
        return self.inside(node) if node.type in {"body_statement", "block_body", "then", "do"} else self.lower(node)

    def _parameters(self, node: Node | None) -> tuple[Parameter, ...]:
        names = [self._parameter(child) for child in (node.named_children if node is not None else ())]
        self._locals[-1].update(name for name in names if name)
        return tuple(Parameter(name) for name in names if name)

    def _parameter(self, node: Node) -> str:
        return self.text(node) if node.type == "identifier" else self.field_text(node, "name")

    # -- assignments --------------------------------------------------------------------------------------------------

    def on_assignment(self, node: Node) -> Lowered:
        """`a = b`: declares what was not there."""
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or left.type in {"left_assignment_list", "destructured_left_assignment"}:
            return Opaque(self.pieces([right]), self.source.head(node), self.span(node))
        value = self.expression(right)
        return self._assigned(left, value, self.span(node), "=")

    def on_operator_assignment(self, node: Node) -> Lowered:
        """`a += b`, `a ||= b`."""
        left = node.child_by_field_name("left")
        operator = self.field_text(node, "operator") or next(
            (self.text(child) for child in node.children if not child.is_named and self.text(child).endswith("=")), "+="
        )
        value = self.expression(node.child_by_field_name("right"))
        return Opaque((value,), "", self.span(node)) if left is None else self._assigned(left, value, self.span(node), operator)

    def _assigned(self, left: Node, value: Expression, span: Span, operator: str) -> Piece:
        name = self.text(left)
        match left.type:
            case "identifier" if name not in self._locals[-1]:
                self._locals[-1].add(name)
                return Declare(name, span, value=value)
            case "constant":
                return Declare(name, span, value=value, shared=True, constant=True, exported=True)
            case "instance_variable" | "class_variable" | "global_variable":
                return self._kept(name, value, span, operator)
            case "call":
                return Store(self._plain_member(left), value, span, operator)
            case _:
                return Store(self.expression(left), value, span, operator)

    def _plain_member(self, node: Node) -> Expression:
        receiver = node.child_by_field_name("receiver")
        name = self.field_text(node, "method")
        return (
            Member(self.expression(receiver), name, self.span(node)) if receiver is not None else Ident(name, self.span(node))
        )

    def _kept(self, name: str, value: Expression, span: Span, operator: str) -> Piece:
        """A variable of an object, a class or the process. The first value that the class itself gives it is its own."""
        fields = self._around[0].fields if name.startswith("$") else self._around[-1].fields
        at_class = not self._in_routine[-1]
        shared = at_class or name.startswith("@@") or self._around[-1].single
        first = name not in fields
        makes = at_class or operator == "||="
        if first or (makes and fields[name].value is None):
            fields[name] = Declare(name, span, value=value if makes else None, shared=shared)
            if makes and at_class:
                return Opaque((), "", span)
        return Store(self._field(name, span), value, span, operator)

    def _field(self, name: str, span: Span) -> Expression:
        return Ident(name, span) if name.startswith("$") else Member(This(span), name, span)

    # -- calls --------------------------------------------------------------------------------------------------------

    def on_call(self, node: Node) -> Lowered:
        """`a.b(c) { … }`, `b c`."""
        receiver, name = node.child_by_field_name("receiver"), self.field_text(node, "method")
        given = self._given(node)
        if receiver is None and name in _REQUIRES and given and isinstance(given[-1].value, Literal):
            return Using(str(given[-1].value.value), "", self.span(node))
        if receiver is None and name == "set" and len(given) == 2 and isinstance(given[0].value, Literal):
            return self._sinatra_setting(str(given[0].value.value), given[1].value, node)
        if name == "new" and receiver is not None and receiver.type in {"constant", "scope_resolution"}:
            return Make(self._dots(receiver), given, self.span(node))
        span = self.span(node.child_by_field_name("method") or node)
        if receiver is None and name in _ACCESSORS:
            return self._accessors(name, given, node)
        if receiver is None:
            return Invoke(Ident(name or self._receiverless(node), span), given, self.span(node))
        if name == "class" and receiver.type == "self":
            return This(self.span(node))
        return Invoke(Member(self._reached(receiver), name or "call", span), given, self.span(node))

    def _reached(self, node: Node | None) -> Expression:
        """What stands before a member or a key: `a.b` without arguments is as good as a property."""
        plain = node is not None and node.type == "call" and node.child_by_field_name("receiver") is not None
        if node is None or not plain or self._arguments(node) or node.child_by_field_name("block") is not None:
            return self.expression(node)
        receiver, name = node.child_by_field_name("receiver"), self.field_text(node, "method")
        if name == "class" and receiver is not None and receiver.type == "self":
            return This(self.span(node))
        if receiver is not None and self.text(receiver) == "settings" and name in self._around[-1].fields:
            return Member(This(self.span(node)), name, self.span(node))
        if name == "new":
            return self.expression(node)
        return Member(self._reached(receiver), name, self.span(node))

    def _receiverless(self, node: Node) -> str:
        return self.text(node.named_children[0]) if node.named_children else ""

    def _sinatra_setting(self, name: str, value: Expression, node: Node) -> Piece:
        """`set :name, value` makes a property of the application (https://sinatrarb.com/configuration.html)."""
        call = Invoke(
            Ident("set", self.span(node)), (Given(None, Literal(name, self.span(node))), Given(None, value)), self.span(node)
        )
        if not isinstance(value, Pairs | Items | Make):
            return call
        if len(self._around) > 1:
            self._around[-1].fields[name] = Declare(name, self.span(node), value=value, shared=True)
            return Opaque((), "", self.span(node))
        self._around[0].fields[f"settings.{name}"] = Declare(f"settings.{name}", self.span(node), value=value)
        return Opaque((), "", self.span(node))

    def _accessors(self, name: str, given: tuple[Given, ...], node: Node) -> Lowered:
        """`cattr_accessor :x, default: {}`, and `attr_accessor :x` of the class itself: methods that give its variable back."""
        call = Invoke(Ident(name, self.span(node)), given, self.span(node))
        of_class = name not in _OF_OBJECTS or self._around[-1].single
        if not of_class or len(self._around) == 1:
            return call
        mark = "@" if name in _OF_OBJECTS else "@@"
        span = self.span(node)
        default = next((one.value for one in given if one.name == "default"), None)
        names = [str(one.value.value) for one in given if one.name is None and isinstance(one.value, Literal)]
        for one in names:
            known = self._around[-1].fields.get(mark + one)
            if known is None or known.value is None:
                self._around[-1].fields[mark + one] = Declare(mark + one, span, value=default, shared=True)
        return tuple(
            Routine(one, (), (Give(self._field(mark + one, span), span),), span, shared=True, exported=True) for one in names
        )

    def _arguments(self, node: Node) -> list[Node]:
        given = node.child_by_field_name("arguments")
        return [child for child in (given.named_children if given is not None else ()) if child.type not in self.silent]

    def _given(self, node: Node) -> tuple[Given, ...]:
        found = [self._argument(child) for child in self._arguments(node)]
        block = node.child_by_field_name("block")
        if block is not None:
            found.append(Given(None, self.expression(block)))
        return tuple(found)

    def _argument(self, node: Node) -> Given:
        if node.type == "pair":
            return Given(self._key(node.child_by_field_name("key")), self.expression(node.child_by_field_name("value")))
        if node.type in {"splat_argument", "hash_splat_argument"}:
            return Given("*", self.expression(node))
        return Given(None, self.expression(node))

    def _key(self, node: Node | None) -> str:
        return self.text(node).strip(":\"'")

    def on_block(self, node: Node) -> Lowered:
        """`{ |a| … }`, `do |a| … end`."""
        self._locals.append(set(self._locals[-1]))
        try:
            parameters = self._parameters(node.child_by_field_name("parameters"))
            body = self._body(node.child_by_field_name("body"))
        finally:
            self._locals.pop()
        return Closure(parameters, body, self.span(node), len(body) == 1)

    on_do_block = on_block
    on_lambda = on_block

    def on_element_reference(self, node: Node) -> Lowered:
        """`a[k]`."""
        of = node.child_by_field_name("object")
        keys = [child for child in node.named_children if child != of and child.type not in self.silent]
        return Index(self._reached(of), self.expression(keys[0]) if keys else None, self.span(node))

    def on_binary(self, node: Node) -> Lowered:
        """`a + b`, `a || b`, `a << b`."""
        operator = self.field_text(node, "operator")
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if operator == "<<":
            value = self.expression(right)
            return Invoke(Member(self._reached(left), "<<", self.span(node)), (Given(None, value),), self.span(node))
        if operator in {"||", "or"}:
            return Either((self.expression(left), self.expression(right)), self.span(node))
        return self.joined(node, frozenset({"+"}))

    on_conditional = Lowering.chosen

    def on_return(self, node: Node) -> Lowered:
        """`return value`."""
        given = node.named_children[0].named_children if node.named_children else []
        return Give(self.expression(given[0]) if given else None, self.span(node))

    def on_parenthesized_statements(self, node: Node) -> Lowered:
        """`(a)`."""
        return self.only(node) if len(node.named_children) == 1 else self.inside(node)

    # -- names --------------------------------------------------------------------------------------------------------

    on_identifier = Lowering.name
    on_constant = on_identifier

    def on_instance_variable(self, node: Node) -> Lowered:
        """`@x`, `@@x`."""
        return self._field(self.text(node), self.span(node))

    on_class_variable = on_instance_variable
    on_global_variable = on_instance_variable
    on_self = Lowering.this
    on_super = on_self

    def on_scope_resolution(self, node: Node) -> Lowered:
        """`A::B`."""
        scope = node.child_by_field_name("scope")
        name = self.field_text(node, "name")
        return Ident(name, self.span(node)) if scope is None else Member(self.expression(scope), name, self.span(node))

    def _dots(self, node: Node | None) -> str:
        return self.text(node).removeprefix("::").replace("::", ".")

    # -- literals -----------------------------------------------------------------------------------------------------

    def on_string(self, node: Node) -> Lowered:
        """`"a #{b}"`."""
        parts: list[Expression] = []
        for child in node.named_children:
            if child.type in {"string_content", "escape_sequence", "heredoc_content"}:
                parts.append(self.string(self.text(child), child))
            elif child.type == "interpolation":
                parts.append(self.only(child) if child.named_children else Literal("", self.span(child)))
        if all(isinstance(part, Literal) for part in parts):
            return Literal("".join(str(part.value) for part in parts if isinstance(part, Literal)), self.span(node))
        return Join(tuple(parts), self.span(node))

    on_heredoc_body = on_string
    on_delimited_symbol = on_string

    def on_simple_symbol(self, node: Node) -> Lowered:
        """`:name` as its text."""
        return Literal(self.text(node)[1:], self.span(node))

    def on_hash(self, node: Node) -> Lowered:
        """`{ a: 1, "b" => 2 }`."""
        pairs: list[Pair] = []
        for child in node.named_children:
            if child.type == "pair":
                key = child.child_by_field_name("key")
                plain = key is not None and key.type in {"hash_key_symbol", "simple_symbol", "string"}
                told = Literal(self._key(key), self.span(child)) if plain else self.expression(key)
                pairs.append(Pair(told, self.expression(child.child_by_field_name("value")), self.span(child)))
            elif child.type not in self.silent:
                pairs.append(Pair(None, self.expression(child), self.span(child)))
        return Pairs(tuple(pairs), self.span(node))

    def on_array(self, node: Node) -> Lowered:
        """`[a, b]`."""
        return Items(
            tuple(self.expression(child) for child in node.named_children if child.type not in self.silent), self.span(node)
        )

    on_right_assignment_list = on_array
    on_string_array = on_array
    on_symbol_array = on_array

    def on_bare_string(self, node: Node) -> Lowered:
        """A word of `%w[…]`."""
        return Literal(self.text(node), self.span(node))

    on_bare_symbol = on_bare_string
    on_integer = Lowering.number
    on_float = on_integer
    on_true = Lowering.truth
    on_false = Lowering.truth
    on_nil = Lowering.nothing

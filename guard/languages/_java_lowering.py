"""Java in the pieces that programs are lowered into (grammar: https://github.com/tree-sitter/tree-sitter-java)."""

from __future__ import annotations

from guard.languages._lowered.lowering import Lowered, Lowering
from guard.languages._lowered.program import (
    Closure,
    Declare,
    Dialect,
    Expression,
    Given,
    Ident,
    Index,
    Invoke,
    Items,
    Join,
    Kind,
    Literal,
    Loop,
    Make,
    Member,
    Opaque,
    Parameter,
    Piece,
    Routine,
    Store,
    Using,
)
from guard.languages._syntax import Node

DIALECT = Dialect(
    changers=frozenset(
        "put putIfAbsent computeIfAbsent computeIfPresent compute merge putAll replace replaceAll add addAll addFirst addLast offer offerFirst"
        " offerLast push set setProperty increment incrementAndGet getAndIncrement addAndGet getAndAdd getAndSet decrementAndGet"
        " getAndDecrement updateAndGet getAndUpdate accumulateAndGet compareAndSet append insert enqueue sort".split()
    ),
    keyed=frozenset("put putIfAbsent computeIfAbsent computeIfPresent compute merge replace setProperty add".split()) - {"add"},
    removers=frozenset(
        "remove removeIf removeAll removeFirst removeLast clear poll pollFirst pollLast pop take drainTo invalidate invalidateAll"
        " retainAll delete deleteCharAt".split()
    ),
    elements=frozenset(
        "get getOrDefault computeIfAbsent putIfAbsent compute computeIfPresent getIfPresent peek getFirst getLast values entrySet keySet iterator"
        " first last element next".split()
    ),
    unkeyed=frozenset("add addAll addFirst addLast offer offerFirst offerLast push putAll append enqueue set".split()),
    constructors=frozenset({"<init>"}),
    zero={"int": 0, "long": 0, "short": 0, "byte": 0, "double": 0, "float": 0, "boolean": False},
)
_BLOCKS = frozenset({"block"})
_SETTINGS = frozenset({"Value", "ConfigProperty"})
"""Annotations of Spring and MicroProfile that fill a field from the settings."""


def value_given(notes: tuple[Expression, ...]) -> Expression | None:
    """What the settings give a field that is annotated so, as it is written: `@Value("${upload.path:/srv/uploads}")`."""
    for note in notes:
        if isinstance(note, Invoke) and isinstance(note.callee, Ident) and note.callee.name in _SETTINGS and note.given:
            return note.given[-1].value if isinstance(note.given[-1].value, Literal | Join) else None
    return None


class JavaLowering(Lowering):
    """Lowers the nodes of one Java file."""

    # -- declarations -------------------------------------------------------------------------------------------------

    def on_package_declaration(self, node: Node) -> Lowered:
        """Says nothing that is asked about."""
        del node
        return ()

    def on_import_declaration(self, node: Node) -> Lowered:
        """`import a.b.C;`, `import a.b.*;`, `import static a.B.c;`."""
        name = next((self.text(child) for child in node.named_children if child.type != "asterisk"), "")
        if any(child.type == "asterisk" for child in node.children):
            return Using(f"{name}.*", "*", self.span(node))
        return Using(name, name.rpartition(".")[2], self.span(node))

    def on_class_declaration(self, node: Node) -> Lowered:
        """A class, an interface, a record or an enum."""
        notes, words = self._modifiers(node)
        bases = [
            self.text(base)
            for field in ("superclass", "interfaces")
            if (clause := node.child_by_field_name(field)) is not None
            for base in self._types(clause)
        ]
        bases += [
            self.text(base)
            for child in node.named_children
            if child.type == "extends_interfaces"
            for base in self._types(child)
        ]
        members = self.inside(node.child_by_field_name("body"))
        return Kind(self.field_text(node, "name"), members, self.span(node), tuple(bases), notes, exported="public" in words)

    on_interface_declaration = on_class_declaration
    on_enum_declaration = on_class_declaration
    on_record_declaration = on_class_declaration

    def _types(self, clause: Node) -> list[Node]:
        found: list[Node] = []
        for child in clause.named_children:
            found += child.named_children if child.type == "type_list" else [child]
        return found

    def on_field_declaration(self, node: Node) -> Lowered:
        """Fields of a type, or constants of an interface."""
        notes, words = self._modifiers(node)
        shared = "static" in words or node.type == "constant_declaration"
        return self._variables(node, shared=shared, words=words, notes=notes)

    on_constant_declaration = on_field_declaration

    def on_local_variable_declaration(self, node: Node) -> Lowered:
        """Variables of a method."""
        notes, words = self._modifiers(node)
        return self._variables(node, shared=False, words=words, notes=notes)

    def _variables(self, node: Node, *, shared: bool, words: set[str], notes: tuple[Expression, ...]) -> tuple[Piece, ...]:
        type_ = self.field_text(node, "type")
        return tuple(
            Declare(
                self.field_text(declarator, "name"),
                self.span(node if len(node.children_by_field_name("declarator")) == 1 else declarator),
                "" if type_ == "var" else type_,
                self.optional(declarator.child_by_field_name("value")) or value_given(notes),
                shared=shared,
                constant="final" in words,
                exported="public" in words,
                notes=notes,
            )
            for declarator in node.children_by_field_name("declarator")
        )

    def on_resource(self, node: Node) -> Lowered:
        """A variable of `try (…)`."""
        if node.child_by_field_name("name") is None:
            return self.only(node)
        value = self.optional(node.child_by_field_name("value"))
        return Declare(self.field_text(node, "name"), self.span(node), self.field_text(node, "type"), value)

    def on_method_declaration(self, node: Node) -> Lowered:
        """A method or constructor."""
        notes, words = self._modifiers(node)
        return Routine(
            self.field_text(node, "name"),
            self._parameters(node.child_by_field_name("parameters")),
            self.inside(node.child_by_field_name("body")),
            self.span(node),
            notes,
            shared="static" in words,
            exported="public" in words,
        )

    on_constructor_declaration = on_method_declaration

    def _parameters(self, node: Node | None) -> tuple[Parameter, ...]:
        if node is None:
            return ()
        if node.type == "identifier":
            return (Parameter(self.text(node)),)
        found: list[Parameter] = []
        for child in node.named_children:
            if child.type == "identifier":
                found.append(Parameter(self.text(child)))
            elif child.type == "formal_parameter":
                notes, _ = self._modifiers(child)
                found.append(Parameter(self.field_text(child, "name"), self.field_text(child, "type"), notes))
            elif child.type == "spread_parameter":
                found.append(Parameter(self.field_text(child.named_children[-1], "name"), self.text(child.named_children[0])))
        return tuple(found)

    def _modifiers(self, node: Node) -> tuple[tuple[Expression, ...], set[str]]:
        """Annotations, and words such as `static`."""
        modifiers = next((child for child in node.children if child.type == "modifiers"), None)
        if modifiers is None:
            return (), set()
        notes = tuple(self.expression(child) for child in modifiers.named_children if child.type.endswith("annotation"))
        return notes, {self.text(child) for child in modifiers.children if not child.is_named}

    def on_marker_annotation(self, node: Node) -> Lowered:
        """`@Name`."""
        return self.dotted(self.field_text(node, "name"), node)

    def on_annotation(self, node: Node) -> Lowered:
        """`@Name(key = value)`."""
        name = self.dotted(self.field_text(node, "name"), node)
        arguments = node.child_by_field_name("arguments")
        given = [
            Given(self.field_text(child, "key"), self.expression(child.child_by_field_name("value")))
            if child.type == "element_value_pair"
            else Given(None, self.expression(child))
            for child in (arguments.named_children if arguments is not None else ())
            if child.type not in self.silent
        ]
        return Invoke(name, tuple(given), self.span(node))

    # -- statements ---------------------------------------------------------------------------------------------------

    on_return_statement = Lowering.given_back

    def on_enhanced_for_statement(self, node: Node) -> Lowered:
        """`for (T name : container)`."""
        of = self.expression(node.child_by_field_name("value"))
        loop = Loop(of, (self.field_text(node, "name"),), self.span(node.child_by_field_name("value") or node))
        return (loop, *self.pieces([node.child_by_field_name("body")]))

    # -- expressions --------------------------------------------------------------------------------------------------

    on_identifier = Lowering.name
    on_type_identifier = on_identifier

    def on_scoped_type_identifier(self, node: Node) -> Lowered:
        """`a.b.C` as a type."""
        return self.dotted(self.text(node), node)

    on_scoped_identifier = on_scoped_type_identifier
    on_this = Lowering.this
    on_super = on_this

    def on_field_access(self, node: Node) -> Lowered:
        """`a.b`."""
        return Member(self.expression(node.child_by_field_name("object")), self.field_text(node, "field"), self.span(node))

    def on_array_access(self, node: Node) -> Lowered:
        """`a[i]`."""
        key = self.expression(node.child_by_field_name("index"))
        return Index(self.expression(node.child_by_field_name("array")), key, self.span(node))

    def on_method_invocation(self, node: Node) -> Lowered:
        """`a.b(c)`, `b(c)`."""
        name_node = node.child_by_field_name("name")
        of = node.child_by_field_name("object")
        name, span = self.text(name_node), self.span(name_node or node)
        callee: Expression = Ident(name, span) if of is None else Member(self.expression(of), name, span)
        return Invoke(callee, self._given(node.child_by_field_name("arguments")), self.span(node))

    def on_object_creation_expression(self, node: Node) -> Lowered:
        """`new T(a)`, `new T() { … }`."""
        type_ = self.field_text(node, "type")
        body = next((child for child in node.named_children if child.type == "class_body"), None)
        kind = Kind("", self.inside(body), self.span(body), (type_,)) if body is not None else None
        return Make(type_, self._given(node.child_by_field_name("arguments")), self.span(node), kind)

    def _given(self, node: Node | None) -> tuple[Given, ...]:
        nodes = node.named_children if node is not None else ()
        return tuple(Given(None, self.expression(child)) for child in nodes if child.type not in self.silent)

    def on_method_reference(self, node: Node) -> Lowered:
        """`this::run`, `Type::new`."""
        children = node.named_children
        if len(children) < 2:  # `Type::new`
            return Opaque((), self.source.head(node), self.span(node))
        return Member(self.expression(children[0]), self.text(children[-1]), self.span(node))

    def on_lambda_expression(self, node: Node) -> Lowered:
        """`(a, b) -> …`."""
        body, gives = self.closure_body(node.child_by_field_name("body"), _BLOCKS)
        return Closure(self._parameters(node.child_by_field_name("parameters")), body, self.span(node), gives)

    def on_assignment_expression(self, node: Node) -> Lowered:
        """`a = b`, `a += b`."""
        target = self.expression(node.child_by_field_name("left"))
        value = self.expression(node.child_by_field_name("right"))
        return Store(target, value, self.span(node), self.field_text(node, "operator") or "=")

    def on_update_expression(self, node: Node) -> Lowered:
        """`a++`, `--a`."""
        operator = next((self.text(child) for child in node.children if not child.is_named), "++")
        return Store(self.only(node), None, self.span(node), operator)

    on_ternary_expression = Lowering.chosen

    def on_binary_expression(self, node: Node) -> Lowered:
        """`a + b`."""
        return self.joined(node, frozenset({"+"}))

    on_parenthesized_expression = Lowering.only
    on_expression_statement = Lowering.only
    on_cast_expression = Lowering.cast

    def on_array_initializer(self, node: Node) -> Lowered:
        """`{a, b}`."""
        return Items(tuple(map(self.expression, node.named_children)), self.span(node))

    on_element_value_array_initializer = on_array_initializer

    def on_array_creation_expression(self, node: Node) -> Lowered:
        """`new T[n]`, `new T[] {a}`."""
        value = node.child_by_field_name("value")
        return self.expression(value) if value is not None else Items((), self.span(node))

    # -- literals -----------------------------------------------------------------------------------------------------

    def on_string_literal(self, node: Node) -> Lowered:
        """A text, also one of several lines."""
        text = self.text(node)
        return self.string(text[3:-3] if text.startswith('"""') else text[1:-1], node)

    on_character_literal = on_string_literal
    on_decimal_integer_literal = Lowering.number
    on_hex_integer_literal = on_decimal_integer_literal
    on_decimal_floating_point_literal = on_decimal_integer_literal
    on_true = Lowering.truth
    on_false = Lowering.truth
    on_null_literal = Lowering.nothing

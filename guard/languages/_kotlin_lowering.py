"""Kotlin in the pieces that programs are lowered into (grammar: https://github.com/tree-sitter-grammars/tree-sitter-kotlin)."""

from __future__ import annotations

import re

from msgspec.structs import replace

from guard.languages._java_lowering import DIALECT as JAVA
from guard.languages._java_lowering import value_given
from guard.languages._lowered.lowering import Lowered, Lowering
from guard.languages._lowered.program import (
    Closure,
    Declare,
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

DIALECT = replace(
    JAVA,
    changers=JAVA.changers | frozenset("getOrPut plusAssign trySend send tryEmit emit".split()),
    keyed=JAVA.keyed | {"getOrPut"},
    removers=JAVA.removers | frozenset("minusAssign removeAt removeLastOrNull removeFirstOrNull receive retainAll".split()),
    elements=JAVA.elements | frozenset("getOrPut getOrElse getValue firstOrNull lastOrNull find singleOrNull".split()),
    unkeyed=JAVA.unkeyed | {"plusAssign", "send", "trySend", "emit", "tryEmit"},
    zero={},
)
_NAME = re.compile(r"[A-Za-z_]\w*")
_WORDS = {"true": True, "false": False, "null": None}
_TYPES = frozenset({"user_type", "nullable_type", "function_type", "parenthesized_type", "non_nullable_type"})


class KotlinLowering(Lowering):
    """Lowers the nodes of one Kotlin file."""

    silent = frozenset({"comment", "line_comment", "block_comment", "multiline_comment", "shebang_line"})

    # -- declarations -------------------------------------------------------------------------------------------------

    def on_package_header(self, node: Node) -> Lowered:
        """Says nothing that is asked about."""
        del node
        return ()

    def on_import(self, node: Node) -> Lowered:
        """`import a.b.C`, `import a.b.*`, `import a.b.C as D`."""
        names = [self.text(child) for child in node.named_children]
        if self.text(node).rstrip().endswith(".*"):
            return Using(f"{names[0]}.*", "*", self.span(node))
        return Using(names[0], names[1] if len(names) > 1 else names[0].rpartition(".")[2], self.span(node))

    def on_class_declaration(self, node: Node) -> Lowered:
        """A class, interface or object. A companion's members are shared by all objects of its class."""
        notes, words = self._modifiers(node)
        body = next((child for child in node.named_children if child.type in {"class_body", "enum_class_body"}), None)
        members = (*self._primary(node), *self.inside(body))
        if node.type == "companion_object":
            return tuple(self._shared(member) for member in members)
        return Kind(
            self.field_text(node, "name"),
            members,
            self.span(node),
            self._bases(node),
            notes,
            exported=not words & {"private", "internal"},
            single=node.type == "object_declaration",
        )

    on_object_declaration = on_class_declaration
    on_companion_object = on_class_declaration

    def _shared(self, piece: Piece) -> Piece:
        if isinstance(piece, Declare | Routine):
            piece.shared = True
        return piece

    def _bases(self, node: Node) -> tuple[str, ...]:
        lists = (child for child in node.named_children if child.type == "delegation_specifiers")
        return tuple(self.text(one).split("(", 1)[0].split(" by ", 1)[0] for found in lists for one in found.named_children)

    def _primary(self, node: Node) -> tuple[Piece, ...]:
        """`val` and `var` parameters of a class are fields that somebody else fills."""
        head = next((child for child in node.named_children if child.type == "primary_constructor"), None)
        lists = head.named_children if head is not None else []
        given = [one for found in lists if found.type == "class_parameters" for one in found.named_children]
        return tuple(
            Declare(self._first_name(one), self.span(one), self._type(one), value_given(self._modifiers(one)[0]))
            for one in given
            if one.type == "class_parameter"
        )

    def on_property_declaration(self, node: Node) -> Lowered:
        """A variable; one with a getter is a method without parameters."""
        notes, words = self._modifiers(node)
        variables = [
            one
            for child in node.named_children
            for one in (child.named_children if child.type == "multi_variable_declaration" else [child])
            if one.type == "variable_declaration"
        ]
        getter = next((child for child in node.named_children if child.type == "getter"), None)
        value = self._initial(node) or value_given(notes)
        if getter is not None and value is None and variables:
            body, gives = self._body(getter)
            return Routine(
                self._first_name(variables[0]), (), body, self.span(node), notes, exported="private" not in words, gives=gives
            )
        constant = any(self.text(child) == "val" for child in node.children)
        return tuple(
            Declare(
                self._first_name(one),
                self.span(node),
                self._type(one),
                value,
                constant=constant,
                exported="private" not in words,
                notes=notes,
            )
            for one in variables
        )

    def _initial(self, node: Node) -> Expression | None:
        left_out = {
            "modifiers",
            "variable_declaration",
            "multi_variable_declaration",
            "getter",
            "setter",
            "type_parameters",
            *_TYPES,
        }
        values = [child for child in node.named_children if child.type not in left_out | self.silent]
        return self.expression(values[0]) if values else None

    def on_property_delegate(self, node: Node) -> Lowered:
        """`by lazy { … }`, which is what the block gives; any other delegate is what it is."""
        value = self.only(node)
        if isinstance(value, Invoke) and isinstance(value.callee, Ident) and value.callee.name == "lazy" and value.given:
            block = value.given[-1].value
            made = block.body[0] if isinstance(block, Closure) and len(block.body) == 1 else None
            return made if isinstance(made, Invoke | Make) else value
        return value

    def on_anonymous_initializer(self, node: Node) -> Lowered:
        """`init { … }`."""
        return self.inside(node)

    def on_function_declaration(self, node: Node) -> Lowered:
        """A function or method; one that extends a type has that type in front of its name."""
        notes, words = self._modifiers(node)
        name = self.field_text(node, "name")
        if not name:
            extended = next((child for child in node.named_children if child.type == "user_type"), None)
            name = self.text(extended).rpartition(".")[2]
        body, gives = self._body(node)
        return Routine(
            name,
            self._parameters(next((child for child in node.named_children if child.type == "function_value_parameters"), None)),
            body,
            self.span(node),
            notes,
            exported="private" not in words,
            gives=gives,
        )

    def on_secondary_constructor(self, node: Node) -> Lowered:
        """`constructor(a: A) { … }`."""
        return Routine("<init>", (), self.inside(node), self.span(node))

    def _body(self, node: Node) -> tuple[tuple[Piece, ...], bool]:
        body = next((child for child in node.named_children if child.type == "function_body"), None)
        inner = body.named_children[0] if body is not None and body.named_children else None
        return self.closure_body(inner, frozenset({"block"}))

    def _parameters(self, node: Node | None) -> tuple[Parameter, ...]:
        found: list[Parameter] = []
        notes: tuple[Expression, ...] = ()
        for child in node.named_children if node is not None else ():
            if child.type == "parameter_modifiers":
                notes = self._annotations(child)
            elif child.type in {"parameter", "variable_declaration"}:
                found.append(Parameter(self._first_name(child), self._type(child), notes))
                notes = ()
        return tuple(found)

    def _first_name(self, node: Node) -> str:
        return next((self.text(child) for child in node.named_children if child.type == "identifier"), "")

    def _type(self, node: Node) -> str:
        return next((self.text(child) for child in node.named_children if child.type in _TYPES), "")

    def _modifiers(self, node: Node) -> tuple[tuple[Expression, ...], set[str]]:
        modifiers = next((child for child in node.named_children if child.type == "modifiers"), None)
        if modifiers is None:
            return (), set()
        words = {self.text(child) for child in modifiers.named_children if child.type.endswith("_modifier")}
        return self._annotations(modifiers), words

    def _annotations(self, node: Node) -> tuple[Expression, ...]:
        """`@Name("x", key = y)`."""
        notes = (child for child in node.named_children if child.type == "annotation")
        return tuple(self.expression(note.named_children[-1]) for note in notes if note.named_children)

    def on_user_type(self, node: Node) -> Lowered:
        """A type."""
        return self.dotted(self.text(node).split("<", 1)[0], node)

    def on_constructor_invocation(self, node: Node) -> Lowered:
        """`Name(a)` as an annotation or a base."""
        return Invoke(self.expression(node.named_children[0]), self._given(node), self.span(node))

    # -- statements ---------------------------------------------------------------------------------------------------

    def on_for_statement(self, node: Node) -> Lowered:
        """`for (x in xs)`."""
        variable, of, *body = [child for child in node.named_children if child.type not in self.silent]
        name = self._first_name(variable)
        return (Loop(self.expression(of), (name,) if name else (), self.span(of)), *self.pieces(body))

    def on_return_expression(self, node: Node) -> Lowered:
        """`return value`."""
        values = [child for child in node.named_children if child.type != "label"]
        return Give(self.expression(values[0]) if values else None, self.span(node))

    def on_assignment(self, node: Node) -> Lowered:
        """`a = b`; `a += b` adds to what `a` holds unless `b` is a number."""
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        target, value = self.expression(left), self.expression(right)
        operator = next(
            (self.text(child) for child in node.children if not child.is_named and self.text(child).endswith("=")), "="
        )
        if operator in {"+=", "-="} and not (isinstance(value, Literal) and isinstance(value.value, int | float)):
            method = "plusAssign" if operator == "+=" else "minusAssign"
            return Invoke(Member(target, method, self.span(node)), (Given(None, value),), self.span(node))
        return Store(target, value, self.span(node), operator)

    # -- expressions --------------------------------------------------------------------------------------------------

    def on_identifier(self, node: Node) -> Lowered:
        """A name; the grammar takes the words for true, false and null for names too."""
        text = self.text(node)
        return Literal(_WORDS[text], self.span(node)) if text in _WORDS else Ident(text, self.span(node))

    on_this_expression = Lowering.this
    on_super_expression = on_this_expression

    def on_navigation_expression(self, node: Node) -> Lowered:
        """`a.b`, `a?.b`, `a::b`."""
        children = [child for child in node.named_children if child.type not in self.silent]
        return Member(self.expression(children[0]), self.text(children[-1]), self.span(children[-1]))

    on_callable_reference = on_navigation_expression

    def on_index_expression(self, node: Node) -> Lowered:
        """`a[k]`."""
        of, *keys = [child for child in node.named_children if child.type not in self.silent]
        return Index(self.expression(of), self.expression(keys[0]) if keys else None, self.span(node))

    def on_call_expression(self, node: Node) -> Lowered:
        """`f(a)`, `f(a) { … }`."""
        callee = self.expression(node.named_children[0])
        given = self._given(node)
        plain = any(child.type == "value_arguments" for child in node.named_children)
        if isinstance(callee, Invoke) and not plain:  # the block behind a call is its last argument
            return Invoke(callee.callee, (*callee.given, *given), self.span(node))
        return Invoke(callee, given, self.span(node))

    def _given(self, node: Node) -> tuple[Given, ...]:
        found: list[Given] = []
        for child in node.named_children:
            if child.type == "value_arguments":
                found += [self._argument(one) for one in child.named_children if one.type == "value_argument"]
            elif child.type == "annotated_lambda":
                found.append(Given(None, self.expression(child.named_children[-1])))
        return tuple(found)

    def _argument(self, node: Node) -> Given:
        named = any(child.type == "=" for child in node.children)
        name = self.text(node.named_children[0]) if named else None
        value = node.named_children[-1] if node.named_children else None
        return Given("*" if any(child.type == "*" for child in node.children) else name, self.expression(value))

    def on_lambda_literal(self, node: Node) -> Lowered:
        """`{ a -> … }`; the only parameter may go without a name: `it`."""
        given = next((child for child in node.named_children if child.type == "lambda_parameters"), None)
        body = self.pieces(child for child in node.named_children if child != given)
        parameters = self._parameters(given) if given is not None else (Parameter("it"),)
        return Closure(parameters, body, self.span(node), len(body) == 1)

    def on_anonymous_function(self, node: Node) -> Lowered:
        """`fun(a) { … }`."""
        body, gives = self._body(node)
        return Closure((), body, self.span(node), gives)

    def on_object_literal(self, node: Node) -> Lowered:
        """`object : T { … }`."""
        body = next((child for child in node.named_children if child.type == "class_body"), None)
        bases = self._bases(node)
        return Make(bases[0] if bases else "Any", (), self.span(node), Kind("", self.inside(body), self.span(node), bases))

    def on_if_expression(self, node: Node) -> Lowered:
        """`if (a) b else c`."""
        condition = node.child_by_field_name("condition")
        options = [child for child in node.named_children if child != condition and child.type not in self.silent]
        return Either(tuple(map(self.expression, options)), self.span(node), self.expression(condition))

    def on_unary_expression(self, node: Node) -> Lowered:
        """`a++`; `a!!` is `a`."""
        operator = next((self.text(child) for child in node.children if not child.is_named), "")
        inner = self.only(node)
        if operator in {"++", "--"}:
            return Store(inner, None, self.span(node), operator)
        return inner if operator == "!!" else Opaque((inner,), self.source.head(node), self.span(node))

    def on_binary_expression(self, node: Node) -> Lowered:
        """`a + b`, `a ?: b`."""
        called = _called_with_a_type(node)
        if called is not None:
            callee, argument = called
            return Invoke(self.expression(callee), (Given(None, self.expression(argument)),), self.span(node))
        if any(child.type == "?:" for child in node.children):
            sides = (node.child_by_field_name("left"), node.child_by_field_name("right"))
            return Either(tuple(map(self.expression, sides)), self.span(node))
        return self.joined(node, frozenset({"+"}))

    def on_as_expression(self, node: Node) -> Lowered:
        """`a as T`."""
        return self.expression(node.child_by_field_name("left"))

    on_parenthesized_expression = Lowering.only

    def on_collection_literal(self, node: Node) -> Lowered:
        """`["a"]` in an annotation."""
        return Items(tuple(map(self.expression, node.named_children)), self.span(node))

    # -- literals -----------------------------------------------------------------------------------------------------

    def on_string_literal(self, node: Node) -> Lowered:
        """`"a $b ${c}"`."""
        parts: list[Expression] = []
        marked = False
        for child in node.named_children:
            if child.type == "interpolation":
                parts.append(self.only(child))
            elif marked and (name := _NAME.match(self.text(child))):  # `$name`, which the grammar leaves in pieces of text
                parts[-1] = Ident(name[0], self.span(child))
                parts.append(self.string(self.text(child)[name.end() :], child))
            else:
                parts.append(self.string(self.text(child), child))
            marked = self.text(child) == "$"
        texts = [part.value for part in parts if isinstance(part, Literal)]
        if len(texts) == len(parts) and "$" not in texts:
            return Literal("".join(map(str, texts)), self.span(node))
        return Join(tuple(parts), self.span(node))

    on_multiline_string_literal = on_string_literal
    on_number_literal = Lowering.number


def _called_with_a_type(node: Node) -> tuple[Node, Node] | None:
    """What is called and the one thing it is given, where the grammar reads `Channel<Job>(100)` as two comparisons."""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None or right is None or (left.type, right.type) != ("binary_expression", "parenthesized_expression"):
        return None
    callee = left.child_by_field_name("left")
    compared = [child.type for one in (left, node) for child in one.children if not child.is_named]
    return (callee, right.named_children[0]) if callee is not None and compared == ["<", ">"] and right.named_children else None

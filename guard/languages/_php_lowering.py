"""PHP in the pieces that programs are lowered into (grammar: https://github.com/tree-sitter/tree-sitter-php).

Names of classes keep their namespaces, with dots for backslashes. Variables lose their dollar sign; those of PHP itself keep it
(`$_SESSION`), since nothing in a file declares them. A variable is declared by its first assignment.
"""

from __future__ import annotations

from guard.languages._lowered.lowering import Lowered, Lowering
from guard.languages._lowered.program import (
    Closure,
    Declare,
    Dialect,
    Drop,
    Either,
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
        "put set add push offsetSet attach append prepend merge insert enqueue increment decrement forever".split()
    ),
    keyed=frozenset("put set add offsetSet forever".split()),
    removers=frozenset("forget remove delete pull offsetUnset detach pop shift dequeue flush clear".split()),
    elements=frozenset("get first last find offsetGet".split()),
    unkeyed=frozenset("push attach append prepend merge enqueue".split()),
    constructors=frozenset({"__construct"}),
)
_BLOCKS = frozenset({"compound_statement"})
_OWN = frozenset({"self", "static"})


class PhpLowering(Lowering):
    """Lowers the nodes of one PHP file."""

    silent = frozenset({"comment", "php_tag", "text", "text_interpolation", "php_end_tag"})

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self._declared: list[set[str]] = [set()]
        """Variables that each routine around has declared so far."""

    # -- declarations -------------------------------------------------------------------------------------------------

    def on_namespace_definition(self, node: Node) -> Lowered:
        """What is in a namespace."""
        return self.inside(node.child_by_field_name("body"))

    def on_namespace_use_declaration(self, node: Node) -> Lowered:
        r"""`use A\B;`, `use A\{B, C as D};`."""
        prefix = next((self._dots(child) + "." for child in node.named_children if child.type == "namespace_name"), "")
        group = node.child_by_field_name("body") or node
        return tuple(self._used(clause, prefix) for clause in group.named_children if clause.type == "namespace_use_clause")

    def _used(self, clause: Node, prefix: str) -> Using:
        alias = clause.child_by_field_name("alias")
        name = prefix + next((self._dots(child) for child in clause.named_children if child != alias), "")
        return Using(name, self.text(alias) or name.rpartition(".")[2], self.span(clause))

    def _dots(self, node: Node) -> str:
        return self.text(node).strip("\\").replace("\\", ".")

    def on_class_declaration(self, node: Node) -> Lowered:
        """A class, interface, trait or enum."""
        members = self.inside(node.child_by_field_name("body"))
        return Kind(
            self.field_text(node, "name"),
            members,
            self.span(node),
            self._bases(node),
            self._attributes(node),
            exported=True,
        )

    def _bases(self, node: Node) -> tuple[str, ...]:
        """What a class extends and implements."""
        clauses = (clause for clause in node.named_children if clause.type in {"base_clause", "class_interface_clause"})
        return tuple(self._dots(base) for clause in clauses for base in clause.named_children)

    on_interface_declaration = on_class_declaration
    on_trait_declaration = on_class_declaration
    on_enum_declaration = on_class_declaration

    def on_use_declaration(self, node: Node) -> Lowered:
        """A trait: its members stand elsewhere."""
        del node
        return ()

    def on_property_declaration(self, node: Node) -> Lowered:
        """Fields of a class."""
        shared = any(child.type == "static_modifier" for child in node.named_children)
        type_ = self.field_text(node, "type").replace("\\", ".")
        return tuple(
            Declare(
                self._variable(child.child_by_field_name("name")),
                self.span(node),
                type_,
                self.optional(child.child_by_field_name("default_value")),
                shared=shared,
                notes=self._attributes(node),
            )
            for child in node.named_children
            if child.type == "property_element"
        )

    def on_const_declaration(self, node: Node) -> Lowered:
        """`const A = 1;`."""
        return tuple(
            Declare(
                self.text(child.named_children[0]),
                self.span(child),
                value=self.expression(child.named_children[-1]),
                shared=True,
                constant=True,
                exported=True,
            )
            for child in node.named_children
            if child.type == "const_element"
        )

    def on_method_declaration(self, node: Node) -> Lowered:
        """A method or function; promoted parameters of a constructor are fields too."""
        shared = any(child.type == "static_modifier" for child in node.named_children)
        given = node.child_by_field_name("parameters")
        routine = Routine(
            self.field_text(node, "name"),
            self._parameters(given),
            self._routine_body(node.child_by_field_name("body")),
            self.span(node),
            self._attributes(node),
            shared=shared,
            exported=not any(self.text(child) in {"private", "protected"} for child in node.named_children),
        )
        promoted = (child for child in (given.named_children if given else ()) if child.type == "property_promotion_parameter")
        fields = (
            Declare(self._variable(child.child_by_field_name("name")), self.span(child), self._type(child))
            for child in promoted
        )
        return (*fields, routine)

    on_function_definition = on_method_declaration

    def _routine_body(self, node: Node | None) -> tuple[Piece, ...]:
        self._declared.append(set())
        try:
            return self.inside(node)
        finally:
            self._declared.pop()

    def _parameters(self, node: Node | None) -> tuple[Parameter, ...]:
        return tuple(
            Parameter(self._variable(child.child_by_field_name("name")), self._type(child), self._attributes(child))
            for child in (node.named_children if node is not None else ())
            if child.type.endswith("parameter")
        )

    def _type(self, node: Node) -> str:
        return self.field_text(node, "type").strip("\\").replace("\\", ".")

    def _variable(self, node: Node | None) -> str:
        return self.text(node).lstrip("$")

    def _attributes(self, node: Node) -> tuple[Expression, ...]:
        """`#[Name(args)]`."""
        lists = node.child_by_field_name("attributes")
        groups = lists.named_children if lists is not None else []
        return tuple(self._attribute(one) for group in groups for one in group.named_children if one.type == "attribute")

    def _attribute(self, node: Node) -> Expression:
        name = self._class(node.named_children[0])
        given = node.child_by_field_name("parameters")
        return name if given is None else Invoke(name, self._given(given), self.span(node))

    # -- statements ---------------------------------------------------------------------------------------------------

    on_return_statement = Lowering.given_back

    def on_expression_statement(self, node: Node) -> Lowered:
        """`a;`."""
        inner = node.named_children[0] if node.named_children else None
        return () if inner is None else self.lower(inner)

    def on_foreach_statement(self, node: Node) -> Lowered:
        """`foreach ($xs as $k => $v)`."""
        body = node.child_by_field_name("body")
        of, *rest = [child for child in node.named_children if child != body and child.type not in self.silent]
        targets = rest[-1].named_children if rest and rest[-1].type == "pair" else rest
        element = self._variable(targets[-1]) if targets else ""
        return (Loop(self.expression(of), (element,) if element.isidentifier() else (), self.span(of)), *self.pieces([body]))

    def on_unset_statement(self, node: Node) -> Lowered:
        """`unset($x[k])`."""
        return tuple(self._dropped(child) for child in node.named_children)

    def _dropped(self, node: Node) -> Expression:
        of = self.expression(node)
        return Drop(of.of, of.key, self.span(node)) if isinstance(of, Index) else of

    def on_function_static_declaration(self, node: Node) -> Lowered:
        """`static $x = …;` lives as long as its function is known: as long as the process, or the request."""
        return tuple(
            Declare(
                self._variable(child.child_by_field_name("name")),
                self.span(child),
                value=self.optional(child.child_by_field_name("value")),
            )
            for child in node.named_children
            if child.type == "static_variable_declaration"
        )

    def on_global_declaration(self, node: Node) -> Lowered:
        """`global $x;` makes the file's variable visible."""
        self._declared[-1].update(map(self._variable, node.named_children))
        return ()

    # -- expressions --------------------------------------------------------------------------------------------------

    def on_variable_name(self, node: Node) -> Lowered:
        """`$x`, `$this`, `$_SESSION`."""
        text = self.text(node)
        if text == "$this":
            return This(self.span(node))
        return Ident(text if text.startswith("$_") or text == "$GLOBALS" else text[1:], self.span(node))

    def on_name(self, node: Node) -> Lowered:
        """A class, function or constant."""
        return self._class(node)

    on_qualified_name = on_name

    def _class(self, node: Node) -> Expression:
        text = self._dots(node)
        if text in _OWN or text == "parent":
            return This(self.span(node))
        return self.dotted(text, node)

    on_relative_scope = on_name

    def on_member_access_expression(self, node: Node) -> Lowered:
        """`$a->b`, `$a?->b`."""
        return Member(self.expression(node.child_by_field_name("object")), self.field_text(node, "name"), self.span(node))

    on_nullsafe_member_access_expression = on_member_access_expression

    def on_scoped_property_access_expression(self, node: Node) -> Lowered:
        """`A::$b`."""
        scope = self.expression(node.child_by_field_name("scope"))
        return Member(scope, self._variable(node.child_by_field_name("name")), self.span(node))

    def on_class_constant_access_expression(self, node: Node) -> Lowered:
        """`A::B`; `A::class` is the class."""
        scope, name = node.named_children[0], self.text(node.named_children[-1])
        return self.expression(scope) if name == "class" else Member(self.expression(scope), name, self.span(node))

    def on_subscript_expression(self, node: Node) -> Lowered:
        """`$a[k]`, `$a[]`."""
        children = [child for child in node.named_children if child.type not in self.silent]
        key = self.expression(children[1]) if len(children) > 1 else None
        return Index(self.expression(children[0]), key, self.span(node))

    def on_member_call_expression(self, node: Node) -> Lowered:
        """`$a->b(c)`."""
        callee = Member(self.expression(node.child_by_field_name("object")), self.field_text(node, "name"), self.span(node))
        return Invoke(callee, self._given(node.child_by_field_name("arguments")), self.span(node))

    on_nullsafe_member_call_expression = on_member_call_expression

    def on_scoped_call_expression(self, node: Node) -> Lowered:
        """`A::b(c)`."""
        callee = Member(self.expression(node.child_by_field_name("scope")), self.field_text(node, "name"), self.span(node))
        return Invoke(callee, self._given(node.child_by_field_name("arguments")), self.span(node))

    def on_function_call_expression(self, node: Node) -> Lowered:
        """`f(a)`."""
        callee = self.expression(node.child_by_field_name("function"))
        return Invoke(callee, self._given(node.child_by_field_name("arguments")), self.span(node))

    def on_object_creation_expression(self, node: Node) -> Lowered:
        """`new A(b)`, `new class(b) extends C { … }`."""
        made = next((child for child in node.named_children if child.type == "anonymous_class"), None)
        of = made or node
        named = next((child for child in of.named_children if child.type in {"name", "qualified_name", "relative_scope"}), None)
        given = next((child for child in of.named_children if child.type == "arguments"), None)
        body = next((child for child in of.named_children if child.type == "declaration_list"), None)
        kind = Kind("", self.inside(body), self.span(body), self._bases(of)) if body is not None else None
        return Make(self._dots(named) if named is not None else "object", self._given(given), self.span(node), kind)

    def _given(self, node: Node | None) -> tuple[Given, ...]:
        found: list[Given] = []
        for child in node.named_children if node is not None else ():
            if child.type == "argument":
                name = child.child_by_field_name("name")
                inner = next((one for one in reversed(child.named_children) if one != name), None)
                spread = inner is not None and inner.type == "variadic_unpacking"
                found.append(Given("*" if spread else self.text(name) or None, self.expression(inner)))
        return tuple(found)

    def on_anonymous_function(self, node: Node) -> Lowered:
        """`function ($a) use ($b) { … }`."""
        body = self._routine_body(node.child_by_field_name("body"))
        return Closure(self._parameters(node.child_by_field_name("parameters")), body, self.span(node))

    on_anonymous_function_creation_expression = on_anonymous_function

    def on_arrow_function(self, node: Node) -> Lowered:
        """`fn($a) => b`."""
        body, gives = self.closure_body(node.child_by_field_name("body"), _BLOCKS)
        return Closure(self._parameters(node.child_by_field_name("parameters")), body, self.span(node), gives)

    def on_assignment_expression(self, node: Node) -> Lowered:
        """`$a = b`; the first one of a variable declares it."""
        left = node.child_by_field_name("left")
        value = self.expression(node.child_by_field_name("right"))
        if left is not None and left.type == "variable_name":
            name = self._variable(left)
            if name not in self._declared[-1] and not self.text(left).startswith("$_"):
                self._declared[-1].add(name)
                return Declare(name, self.span(node), value=value)
        return Store(self.expression(left), value, self.span(node))

    on_reference_assignment_expression = on_assignment_expression

    def on_augmented_assignment_expression(self, node: Node) -> Lowered:
        """`$a += b`, `$a ??= b`."""
        target = self.expression(node.child_by_field_name("left"))
        value = self.expression(node.child_by_field_name("right"))
        return Store(target, value, self.span(node), self.field_text(node, "operator") or "+=")

    def on_update_expression(self, node: Node) -> Lowered:
        """`$a++`."""
        operator = next((self.text(child) for child in node.children if child.type in {"++", "--"}), "++")
        return Store(self.only(node), None, self.span(node), operator)

    def on_conditional_expression(self, node: Node) -> Lowered:
        """`a ? b : c`, `a ?: c`."""
        condition = node.child_by_field_name("condition")
        body = node.child_by_field_name("body") or condition
        options = (body, node.child_by_field_name("alternative"))
        return Either(tuple(map(self.expression, options)), self.span(node), self.expression(condition))

    def on_binary_expression(self, node: Node) -> Lowered:
        """`a . b`, `a ?? b`."""
        if any(child.type == "??" for child in node.children):
            sides = (node.child_by_field_name("left"), node.child_by_field_name("right"))
            return Either(tuple(map(self.expression, sides)), self.span(node))
        return self.joined(node, frozenset({".", "+"}))

    on_parenthesized_expression = Lowering.only
    on_cast_expression = Lowering.cast

    def on_require_once_expression(self, node: Node) -> Lowered:
        """`require_once 'x.php'`."""
        return Opaque((self.only(node),), self.source.head(node), self.span(node))

    def on_array_creation_expression(self, node: Node) -> Lowered:
        """`[a, 'k' => b]`."""
        items = [child for child in node.named_children if child.type == "array_element_initializer"]
        parts = [[one for one in child.named_children if one.type not in self.silent] for child in items]
        if any(len(part) > 1 for part in parts):
            pairs = (
                Pair(self.expression(part[0]) if len(part) > 1 else None, self.expression(part[-1]), self.span(child))
                for part, child in zip(parts, items, strict=True)
                if part
            )
            return Pairs(tuple(pairs), self.span(node))
        return Items(tuple(self.expression(part[-1]) for part in parts if part), self.span(node))

    # -- literals -----------------------------------------------------------------------------------------------------

    def on_string(self, node: Node) -> Lowered:
        """`'text'`."""
        return Literal(self.text(node)[1:-1].replace("\\'", "'"), self.span(node))

    def on_encapsed_string(self, node: Node) -> Lowered:
        """`"a {$b}"`."""
        parts = [
            self.string(self.text(child), child)
            if child.type in {"string_content", "escape_sequence"}
            else self.expression(child)
            for child in node.named_children
        ]
        if not parts:
            return Literal("", self.span(node))
        if all(isinstance(part, Literal) for part in parts):
            return Literal("".join(str(part.value) for part in parts if isinstance(part, Literal)), self.span(node))
        return Join(tuple(parts), self.span(node))

    on_heredoc = on_encapsed_string
    on_integer = Lowering.number
    on_float = on_integer
    on_boolean = Lowering.truth
    on_null = Lowering.nothing

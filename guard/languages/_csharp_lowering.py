"""C# in the pieces that programs are lowered into (grammar: https://github.com/tree-sitter/tree-sitter-c-sharp)."""

from __future__ import annotations

from guard.languages._lowered.lowering import Lowered, Lowering
from guard.languages._lowered.program import (
    Closure,
    Declare,
    Dialect,
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
from guard.languages._syntax import Node

DIALECT = Dialect(
    changers=frozenset(
        "Add TryAdd AddOrUpdate GetOrAdd AddRange TryUpdate Set Insert Enqueue Push AddFirst AddLast Append SetString SetInt32 UnionWith"
        " Sort Reverse Write WriteAsync TryWrite AddAsync".split()
    ),
    keyed=frozenset("Add TryAdd AddOrUpdate GetOrAdd TryUpdate Set Insert SetString SetInt32".split()),
    removers=frozenset(
        "Remove TryRemove RemoveAt RemoveAll RemoveRange RemoveWhere Clear Dequeue TryDequeue Pop TryPop Take TryTake RemoveFirst RemoveLast"
        " ExceptWith ReadAsync ReadAllAsync TryRead".split()
    ),
    elements=frozenset(
        "GetOrAdd GetValueOrDefault AddOrUpdate First FirstOrDefault Single SingleOrDefault Last Peek Find ElementAt Values".split()
    ),
    unkeyed=frozenset("AddRange Enqueue Push AddFirst AddLast Append UnionWith Write WriteAsync TryWrite".split()),
    zero={**dict.fromkeys("int long short byte uint ulong double float decimal".split(), 0), "bool": False},
)
_BLOCKS = frozenset({"block"})
_OUT = frozenset({"TryGetValue", "TryRemove", "TryDequeue", "TryPop", "TryTake", "TryPeek"})
"""Methods that hand an element to a variable that is declared among their arguments."""
_INTERLOCKED = {
    "Increment": "++",
    "Decrement": "--",
    "Add": "+=",
    "Exchange": "=",
    "CompareExchange": "=",
    "Or": "|=",
    "And": "&=",
}
"""What `Interlocked` does to the variable it is given (https://learn.microsoft.com/dotnet/api/system.threading.interlocked)."""


class CsharpLowering(Lowering):
    """Lowers the nodes of one C# file."""

    # -- declarations -------------------------------------------------------------------------------------------------

    def on_using_directive(self, node: Node) -> Lowered:
        """`using A.B;`, `using X = A.B;`: all of a namespace, of which nobody can tell which names come from it, or one name."""
        alias = node.child_by_field_name("name")
        name = next((self.text(child) for child in reversed(node.named_children) if child != alias), "")
        return Using(name, self.text(alias), self.span(node)) if alias is not None else Using(f"{name}.*", "", self.span(node))

    def on_namespace_declaration(self, node: Node) -> Lowered:
        """What is in a namespace."""
        return self.inside(node.child_by_field_name("body"))

    def on_file_scoped_namespace_declaration(self, node: Node) -> Lowered:
        """What is in a namespace that is the whole file's."""
        return self.pieces(child for child in node.named_children if child != node.child_by_field_name("name"))

    def on_class_declaration(self, node: Node) -> Lowered:
        """A class, struct, record or interface."""
        words = self._words(node)
        bases = next((child.named_children for child in node.named_children if child.type == "base_list"), [])
        return Kind(
            self.field_text(node, "name"),
            (*self._primary(node), *self.inside(node.child_by_field_name("body"))),
            self.span(node),
            tuple(self.text(base).split("(", 1)[0] for base in bases),
            self._attributes(node),
            exported="public" in words,
            single="static" in words,
        )

    on_struct_declaration = on_class_declaration
    on_record_declaration = on_class_declaration
    on_interface_declaration = on_class_declaration

    def _primary(self, node: Node) -> tuple[Piece, ...]:
        """The parameters of `class C(T x)` are fields that somebody else fills."""
        given = next((child for child in node.named_children if child.type == "parameter_list"), None)
        found = () if given is None else (child for child in given.named_children if child.type == "parameter")
        return tuple(
            Declare(self.field_text(child, "name"), self.span(child), self.field_text(child, "type")) for child in found
        )

    def on_field_declaration(self, node: Node) -> Lowered:
        """Fields of a type, or variables of a method."""
        declaration = next((child for child in node.named_children if child.type == "variable_declaration"), None)
        words = self._words(node)
        type_ = self.field_text(declaration, "type") if declaration is not None else ""
        declarators = [
            child for child in (declaration.named_children if declaration else ()) if child.type == "variable_declarator"
        ]
        return tuple(
            Declare(
                self.field_text(declarator, "name"),
                self.span(node if len(declarators) == 1 else declarator),
                "" if type_ == "var" else type_,
                self._initial(declarator, type_),
                shared="static" in words or "const" in words,
                constant="readonly" in words or "const" in words,
                exported="public" in words or "internal" in words,
                notes=self._attributes(node),
            )
            for declarator in declarators
        )

    on_local_declaration_statement = on_field_declaration
    on_event_field_declaration = on_field_declaration

    def _initial(self, declarator: Node, type_: str) -> Expression | None:
        values = [child for child in declarator.named_children if child != declarator.child_by_field_name("name")]
        return self._of_type(values[-1], type_) if values else None

    def _of_type(self, node: Node, type_: str) -> Expression:
        """A value; `new()` makes an object of the declared type."""
        if node.type == "implicit_object_creation_expression":
            return self._made(node, type_)
        return self.expression(node)

    def on_variable_declaration(self, node: Node) -> Lowered:
        """`using (var x = …)`."""
        type_ = self.field_text(node, "type")
        return tuple(
            Declare(
                self.field_text(child, "name"), self.span(child), "" if type_ == "var" else type_, self._initial(child, type_)
            )
            for child in node.named_children
            if child.type == "variable_declarator"
        )

    def on_property_declaration(self, node: Node) -> Lowered:
        """A field that says who may set it; `=> …` and `get { … }` are methods without parameters."""
        words, value = self._words(node), node.child_by_field_name("value")
        name, span, accessors = self.field_text(node, "name"), self.span(node), node.child_by_field_name("accessors")
        if value is not None and value.type == "arrow_expression_clause":
            return Routine(
                name, (), (self.only(value),), span, shared="static" in words, exported="public" in words, gives=True
            )
        bodies = self.inside(accessors)
        if bodies:
            return Routine(name, (), bodies, span, shared="static" in words, exported="public" in words)
        type_ = self.field_text(node, "type")
        initial = self._of_type(value, type_) if value is not None else None
        return Declare(
            name, span, type_, initial, shared="static" in words, exported="public" in words, notes=self._attributes(node)
        )

    def on_accessor_declaration(self, node: Node) -> Lowered:
        """`get { … }`; `get;` says nothing."""
        body = node.child_by_field_name("body")
        return () if body is None else self.inside(body)

    def on_method_declaration(self, node: Node) -> Lowered:
        """A method, constructor or local function."""
        words = self._words(node)
        body, gives = self._body(node.child_by_field_name("body"))
        return Routine(
            self.field_text(node, "name"),
            self._parameters(node.child_by_field_name("parameters")),
            body,
            self.span(node),
            self._attributes(node),
            shared="static" in words,
            exported="public" in words,
            gives=gives,
        )

    on_constructor_declaration = on_method_declaration
    on_local_function_statement = on_method_declaration

    def _body(self, node: Node | None) -> tuple[tuple[Piece, ...], bool]:
        if node is not None and node.type == "arrow_expression_clause":
            return (self.only(node),), True
        return self.closure_body(node, _BLOCKS)

    def _parameters(self, node: Node | None) -> tuple[Parameter, ...]:
        if node is None:
            return ()
        if node.type in {"implicit_parameter", "identifier"}:
            return (Parameter(self.text(node)),)
        found = [child for child in node.named_children if child.type in {"parameter", "implicit_parameter"}]
        return tuple(
            Parameter(
                self.field_text(child, "name") or self.text(child), self.field_text(child, "type"), self._attributes(child)
            )
            for child in found
        )

    def _words(self, node: Node) -> set[str]:
        return {self.text(child) for child in node.named_children if child.type == "modifier"}

    def _attributes(self, node: Node) -> tuple[Expression, ...]:
        """`[Name("x", Key = y)]`."""
        lists = (child for child in node.named_children if child.type == "attribute_list")
        return tuple(self._attribute(child) for one in lists for child in one.named_children if child.type == "attribute")

    def _attribute(self, node: Node) -> Expression:
        name = self.dotted(self.field_text(node, "name"), node)
        given = next((child for child in node.named_children if child.type == "attribute_argument_list"), None)
        return name if given is None else Invoke(name, self._given(given), self.span(node))

    # -- statements ---------------------------------------------------------------------------------------------------

    on_return_statement = Lowering.given_back

    def on_foreach_statement(self, node: Node) -> Lowered:
        """`foreach (var x in xs)`."""
        right = node.child_by_field_name("right")
        loop = Loop(self.expression(right), (self.field_text(node, "left"),), self.span(right or node))
        return (loop, *self.pieces([node.child_by_field_name("body")]))

    on_expression_statement = Lowering.only

    # -- expressions --------------------------------------------------------------------------------------------------

    on_identifier = Lowering.name

    def on_generic_name(self, node: Node) -> Lowered:
        """`Name<T>`."""
        return Ident(self.text(node).split("<", 1)[0], self.span(node))

    def on_qualified_name(self, node: Node) -> Lowered:
        """`A.B`."""
        return self.dotted(self.text(node).split("<", 1)[0], node)

    on_this = Lowering.this
    on_base = on_this
    on_this_expression = on_this
    on_base_expression = on_this

    def on_member_access_expression(self, node: Node) -> Lowered:
        """`a.b`; `this` is no named child of it."""
        of = node.child_by_field_name("expression")
        name = node.child_by_field_name("name")
        holder: Expression = self.expression(of) if of is not None else This(self.span(node))
        return Member(holder, self.text(name).split("<", 1)[0], self.span(name or node))

    def on_conditional_access_expression(self, node: Node) -> Lowered:
        """`a?.b`."""
        condition = node.child_by_field_name("condition")
        rest = next((child for child in node.named_children if child != condition), None)
        found = self.expression(condition)
        return found if rest is None else self._applied(found, rest)

    def _applied(self, found: Expression, rest: Node) -> Expression:
        """What follows `?`, asked of what stands before it."""
        if rest.type == "member_binding_expression":
            return Member(found, self.field_text(rest, "name").split("<", 1)[0], self.span(rest))
        if rest.type == "element_binding_expression":
            return Index(found, self._first_key(rest), self.span(rest))
        if rest.type == "invocation_expression":
            function = rest.child_by_field_name("function")
            callee = self._applied(found, function) if function is not None else found
            return Invoke(callee, self._given(rest.child_by_field_name("arguments")), self.span(rest))
        if rest.type == "member_access_expression":
            inner = rest.child_by_field_name("expression")
            holder = self._applied(found, inner) if inner is not None else found
            return Member(holder, self.field_text(rest, "name").split("<", 1)[0], self.span(rest))
        return Opaque((found, *self.lower(rest)), self.source.head(rest), self.span(rest))

    def on_element_access_expression(self, node: Node) -> Lowered:
        """`a[k]`."""
        of = self.expression(node.child_by_field_name("expression"))
        subscript = node.child_by_field_name("subscript")
        return Index(of, self._first_key(subscript) if subscript is not None else None, self.span(node))

    def _first_key(self, node: Node) -> Expression | None:
        argument = next((child for child in node.named_children if child.type == "argument"), None)
        return None if argument is None else self.only(argument)

    def on_invocation_expression(self, node: Node) -> Lowered:
        """`f(a)`."""
        function = node.child_by_field_name("function")
        callee = self.expression(function)
        arguments = node.child_by_field_name("arguments")
        given = self._given(arguments, callee) if isinstance(callee, Member) and callee.name in _OUT else self._given(arguments)
        return self._interlocked(callee, given, node) or Invoke(callee, (*given, *self._types(function)), self.span(node))

    def _interlocked(self, callee: Expression, given: tuple[Given, ...], node: Node) -> Expression | None:
        """`Interlocked.Increment(ref count)` is `count++`, and reads it where it stands for a value."""
        match callee, given:
            case (Member(of=Ident(name="Interlocked") | Member(name="Interlocked"), name=name), (first, *rest)):
                operator = _INTERLOCKED.get(name)
                value = rest[0].value if rest and operator not in {"++", "--"} else None
                if operator is None:
                    return None
                store = Store(first.value, value, self.span(node), operator)
                alone = node.parent is None or node.parent.type == "expression_statement"
                return store if alone else Opaque((store, first.value), self.source.head(node), self.span(node))
            case _:
                return None

    def _types(self, function: Node | None) -> tuple[Given, ...]:
        """The types in `F<A, B>()`, as arguments named `<0>` and `<1>`."""
        name = function if function is None or function.type == "generic_name" else function.child_by_field_name("name")
        listed = self._child(name, "type_argument_list") if name is not None and name.type == "generic_name" else None
        types = () if listed is None else tuple(listed.named_children)
        return tuple(Given(f"<{index}>", self._type(type_)) for index, type_ in enumerate(types))

    def _type(self, node: Node) -> Expression:
        """A type as a name, without its own parameters."""
        return self.dotted(self.text(node).split("<", 1)[0].rstrip("?[]"), node)

    def on_typeof_expression(self, node: Node) -> Lowered:
        """`typeof(T)`."""
        type_ = node.child_by_field_name("type")
        return self._type(node if type_ is None else type_)

    def _given(self, node: Node | None, out_of: Member | None = None) -> tuple[Given, ...]:
        found: list[Given] = []
        for child in node.named_children if node is not None else ():
            if child.type in {"argument", "attribute_argument"}:
                name = child.child_by_field_name("name")
                inner = next((one for one in reversed(child.named_children) if one != name), None)
                key = found[0].value if found else None
                value = self._out(inner, out_of.of, key) if inner is not None and out_of is not None else self.expression(inner)
                found.append(Given(self.text(name) or None, value))
        return tuple(found)

    def _out(self, node: Node, of: Expression, key: Expression | None) -> Expression:
        """`out var x` declares an element."""
        if node.type != "declaration_expression":
            return self.expression(node)
        element = Index(of, key if isinstance(key, Ident | Literal) else None, self.span(node))
        declared = Declare(self.field_text(node, "name"), self.span(node), value=element)
        return Opaque((declared,), self.source.head(node), self.span(node))

    def on_object_creation_expression(self, node: Node) -> Lowered:
        """`new T(a) { X = b }`."""
        return self._made(node, self.field_text(node, "type"))

    def on_implicit_object_creation_expression(self, node: Node) -> Lowered:
        """`new(a)`."""
        return self._made(node, "")

    def _made(self, node: Node, type_: str) -> Expression:
        given = self._given(node.child_by_field_name("arguments") or self._child(node, "argument_list"))
        initial = node.child_by_field_name("initializer") or self._child(node, "initializer_expression")
        entries = () if initial is None else self._entries(initial)
        more = (Given(None, Pairs(entries, self.span(node))),) if entries else ()
        return Make(type_ or "object", (*given, *more), self.span(node))

    def _child(self, node: Node, kind: str) -> Node | None:
        return next((child for child in node.named_children if child.type == kind), None)

    def _entries(self, node: Node) -> tuple[Pair, ...]:
        """`{ X = a, ["k"] = b }`."""
        found: list[Pair] = []
        for child in node.named_children:
            if child.type == "assignment_expression":
                left, right = child.child_by_field_name("left"), child.child_by_field_name("right")
                element = left is not None and left.type == "element_binding_expression"
                key = self._first_key(left) if left is not None and element else Literal(self.text(left), self.span(child))
                found.append(Pair(key, self.expression(right), self.span(child)))
            elif child.type not in self.silent:
                found.append(Pair(None, self.expression(child), self.span(child)))
        return tuple(found)

    def on_initializer_expression(self, node: Node) -> Lowered:
        """`{ a, b }`."""
        return Items(tuple(map(self.expression, node.named_children)), self.span(node))

    def on_collection_expression(self, node: Node) -> Lowered:
        """`[a, b]`."""
        return Items(tuple(map(self.only, node.named_children)), self.span(node))

    def on_lambda_expression(self, node: Node) -> Lowered:
        """`(a, b) => …`."""
        body, gives = self.closure_body(node.child_by_field_name("body"), _BLOCKS)
        return Closure(self._parameters(node.child_by_field_name("parameters")), body, self.span(node), gives)

    on_anonymous_method_expression = on_lambda_expression

    def on_assignment_expression(self, node: Node) -> Lowered:
        """`a = b`, `a += b`."""
        operator = node.child_by_field_name("operator")
        written = self.text(operator) or next((self.text(child) for child in node.children if not child.is_named), "=")
        target = self.expression(node.child_by_field_name("left"))
        return Store(target, self.expression(node.child_by_field_name("right")), self.span(node), written)

    def on_postfix_unary_expression(self, node: Node) -> Lowered:
        """`a++`; `a!` is `a`."""
        operator = next((self.text(child) for child in node.children if child.type in {"++", "--", "!"}), "")
        inner = self.only(node) if node.named_children else This(self.span(node))
        return inner if operator not in {"++", "--"} else Store(inner, None, self.span(node), operator)

    on_prefix_unary_expression = on_postfix_unary_expression
    on_conditional_expression = Lowering.chosen

    def on_binary_expression(self, node: Node) -> Lowered:
        """`a + b`, `a ?? b`."""
        if any(child.type == "??" for child in node.children):
            sides = (node.child_by_field_name("left"), node.child_by_field_name("right"))
            return Either(tuple(map(self.expression, sides)), self.span(node))
        return self.joined(node, frozenset({"+"}))

    on_parenthesized_expression = Lowering.only
    on_await_expression = on_parenthesized_expression
    on_checked_expression = on_parenthesized_expression
    on_cast_expression = Lowering.cast

    def on_as_expression(self, node: Node) -> Lowered:
        """`a as T`."""
        return self.expression(node.child_by_field_name("left"))

    # -- literals -----------------------------------------------------------------------------------------------------

    def on_string_literal(self, node: Node) -> Lowered:
        """A text."""
        text = self.text(node)
        return self.string(text[1:-1], node)

    def on_verbatim_string_literal(self, node: Node) -> Lowered:
        """`@"text"`."""
        return Literal(self.text(node)[2:-1].replace('""', '"'), self.span(node))

    def on_raw_string_literal(self, node: Node) -> Lowered:
        """A text in three quotes or more."""
        return Literal(self.text(node).strip('"').strip(), self.span(node))

    def on_interpolated_string_expression(self, node: Node) -> Lowered:
        """`$"a {b}"`."""
        parts: list[Expression] = []
        for child in node.named_children:
            if child.type == "string_content":
                parts.append(Literal(self.text(child), self.span(child)))
            elif child.type == "interpolation":
                inner = next((one for one in child.named_children if one.type != "interpolation_brace"), None)
                parts.append(self.expression(inner))
        return Join(tuple(parts), self.span(node))

    on_integer_literal = Lowering.number
    on_real_literal = on_integer_literal
    on_boolean_literal = Lowering.truth
    on_null_literal = Lowering.nothing

"""Go in the pieces that programs are lowered into (grammar: https://github.com/tree-sitter/tree-sitter-go)."""

from __future__ import annotations

import re

from guard.facts import Span
from guard.languages._go_declared import Declared, declared_in
from guard.languages._lowered.lowering import Lowered, Lowering
from guard.languages._lowered.names import bare_type
from guard.languages._lowered.program import (
    Closure,
    Declare,
    Dialect,
    Drop,
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
    Pair,
    Pairs,
    Parameter,
    Piece,
    Routine,
    Store,
    Using,
)
from guard.languages._source import Source
from guard.languages._syntax import Node

DIALECT = Dialect(
    changers=frozenset(
        "Store LoadOrStore Swap CompareAndSwap Set SetDefault SetWithTTL SetNX Put Add Push PushBack PushFront Append Insert Enqueue Replace"
        " ReplaceOrInsert Increment IncrementInt Incr Inc Decrement Update send".split()
    ),
    keyed=frozenset("Store LoadOrStore Swap Set SetDefault SetWithTTL SetNX Put Add Insert Replace Increment Update".split()),
    removers=frozenset(
        "Delete LoadAndDelete CompareAndDelete Remove RemoveOldest Pop PopFront PopBack Dequeue Clear Purge Flush Evict Invalidate DeleteExpired"
        " Del Drain poll receive".split()
    ),
    elements=frozenset("Load Get LoadOrStore GetOrSet GetOrCreate Peek Front Back Value Values Items Range".split()),
    unkeyed=frozenset("Push PushBack PushFront Append Enqueue send".split()),
    open_files=True,
    builtins=frozenset(
        "any append bool byte cap clear close comparable complex complex64 complex128 copy delete error false float32 float64 imag int int8 int16 int32 int64 iota len make"
        " max min new nil panic print println real recover rune string true uint uint8 uint16 uint32 uint64 uintptr".split()
    ),
    zero={
        **dict.fromkeys(("int", "int8", "int16", "int32", "int64", "uint", "uint8", "uint16", "uint32", "uint64", "float32", "float64"), 0),
        **dict.fromkeys(("atomic.Int32", "atomic.Int64", "atomic.Uint32", "atomic.Uint64"), 0),
        "bool": False,
    },
)  # fmt: skip
_VERSION = re.compile(r"/v\d+(?=/|$)|\.v\d+$")
_SIGNALS = re.compile(r"(?:struct\s*\{\s*\}|bool|error|os\.Signal|time\.Time)")
"""What channels carry that only tell that something happened."""
_SERIALISED = re.compile(r"`[^`\n]*\b(?:json|bson|gorm|xorm|db|yaml|xml|mapstructure|msgpack|protobuf|form|query):\"")
"""Tags of fields of data: such a struct is read and written as a whole, once a request or a file."""
_FORMAT_HOLE = re.compile(r"%[+#\-0 ]*\d*(?:\.\d+)?[a-zA-Z]")
_IN_MEMORY = frozenset(
    f"github.com/{path}"
    for path in (
        "patrickmn/go-cache", "jellydator/ttlcache", "orcaman/concurrent-map", "allegro/bigcache", "hashicorp/golang-lru", "hashicorp/golang-lru/expirable",
        "dgraph-io/ristretto", "coocood/freecache", "puzpuzpuz/xsync", "bluele/gcache", "alphadose/haxmap", "maypok86/otter", "Yiling-J/theine-go", "karlseguin/ccache", "TwiN/gocache",
    )
)  # fmt: skip
"""Packages whose types are containers."""
_JOINERS = frozenset({"filepath.Join", "path.Join"})


class GoLowering(Lowering):
    """Lowers the nodes of one Go file."""

    _file = ""
    _declared = Declared()

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self._paths: dict[str, str] = {}

    def on_source_file(self, node: Node) -> Lowered:
        """The whole file."""
        self._file = self.text(node)
        self._declared = declared_in(node, self._file)
        return self.inside(node)

    # -- declarations -------------------------------------------------------------------------------------------------

    def on_package_clause(self, node: Node) -> Lowered:
        """Says nothing that is asked about."""
        del node
        return ()

    def on_import_spec(self, node: Node) -> Lowered:
        """`import name "path"`; without a name, the package's own is found by how the file calls it."""
        path = _VERSION.sub("", self.field_text(node, "path").strip('"`'))
        name = self.field_text(node, "name")
        local = name or self._package(path)
        self._paths[local] = path
        if name in {"_", "."}:
            return Using(path, "" if name == "_" else "*", self.span(node))
        return Using(path, local, self.span(node))

    def _package(self, path: str) -> str:
        last = path.rsplit("/", 1)[-1]
        pieces = [last, *reversed(re.split(r"[-.]", last)), last.replace("-", "_"), last.replace("-", "")]
        names = [piece for piece in pieces if piece.isidentifier()]
        used = (name for name in names if re.search(rf"\b{name}\.", self._file))
        return next(used, names[0] if names else "")

    def on_type_spec(self, node: Node) -> Lowered:
        """`type Name struct { … }`, `type Name interface { … }`, any other type."""
        name, type_ = self.field_text(node, "name"), node.child_by_field_name("type")
        members, bases = self._members(type_) if type_ is not None and type_.type == "struct_type" else ((), ())
        notes: tuple[Expression, ...] = (Ident("data", self.span(node)),) if _SERIALISED.search(self.text(type_)) else ()
        return Kind(name, members, self.span(node), bases, notes, exported=name[:1].isupper())

    on_type_alias = on_type_spec

    def _members(self, struct: Node) -> tuple[tuple[Piece, ...], tuple[str, ...]]:
        """The fields of a struct, and the types that it embeds."""
        members: list[Piece] = []
        bases: list[str] = []
        for field in (child for body in struct.named_children for child in body.named_children):
            names = field.children_by_field_name("name")
            type_ = field.child_by_field_name("type")
            if field.type != "field_declaration" or type_ is None:
                continue
            if not names:
                bases.append(self.text(type_))
            members += [self._variable(name, type_, None, self.span(field)) for name in names]
        return tuple(members), tuple(bases)

    def _variable(self, name: Node, type_: Node | None, value: Expression | None, span: Span) -> Declare:
        text = self.text(name)
        if value is None and type_ is not None:
            value = self._empty(type_)
        return Declare(text, span, self.text(type_), value, exported=text[:1].isupper())

    def _empty(self, type_: Node) -> Expression | None:
        """What a variable of a type holds from the start, where that can be filled."""
        span, text = self.span(type_), self.text(type_)
        match type_.type:
            case "map_type":
                return Pairs((), span)
            case "slice_type" | "array_type" | "implicit_length_array_type":
                return Items((), span)
            case "channel_type":
                return self._channel(type_)
            case "qualified_type" if text in {"sync.Map", "list.List"}:
                return Make(text, (), span)
            case "type_identifier" if text in self._declared.maps:
                return Pairs((), span)
            case "pointer_type" | "generic_type" | "qualified_type" if self._is_container(text):
                return Pairs((), span)
            case "type_identifier" if text == "string":
                return Literal("", span)
            case _:
                return None

    def _is_container(self, type_: str) -> bool:
        """Whether a type of another package is a container: one of a package of such, or a map by its name."""
        package, _, name = bare_type(type_).rpartition(".")
        return self._paths.get(package) in _IN_MEMORY or (bool(package) and name.endswith("Map") and package != "sync")

    def _channel(self, type_: Node) -> Expression | None:
        """A channel as a queue; one that only tells that something happened is none."""
        if _SIGNALS.fullmatch(self.field_text(type_, "value")):
            return None
        return Make("chan", (), self.span(type_))

    def on_var_spec(self, node: Node) -> Lowered:
        """`var a, b T = c, d`."""
        names, type_ = node.children_by_field_name("name"), node.child_by_field_name("type")
        return self._declared_by(names, type_, node.child_by_field_name("value"), node, constant=False)

    def on_const_spec(self, node: Node) -> Lowered:
        """`const a, b = c, d`."""
        names, type_ = node.children_by_field_name("name"), node.child_by_field_name("type")
        return self._declared_by(names, type_, node.child_by_field_name("value"), node, constant=True)

    def on_short_var_declaration(self, node: Node) -> Lowered:
        """`a, b := c, d`."""
        left = node.child_by_field_name("left")
        return self._declared_by(
            left.named_children if left else [], None, node.child_by_field_name("right"), node, constant=False
        )

    def _declared_by(
        self, names: list[Node], type_: Node | None, right: Node | None, node: Node, *, constant: bool
    ) -> tuple[Piece, ...]:
        """Names with their values; of a call that gives several, the first name stands for what it gives."""
        given = right.named_children if right is not None else []
        span = self.span(node)
        made: list[Piece] = []
        for index, name in enumerate(names):
            value = self.expression(given[index]) if index < len(given) else None
            if self.text(name) == "_":
                made += [value] if value is not None else []
                continue
            own = type_ if not given else None
            declared = self._variable(name, own, value, span if len(names) == 1 else self.span(name))
            declared.type, declared.constant = self.text(type_), constant
            made.append(declared)
        return tuple(made)

    def on_function_declaration(self, node: Node) -> Lowered:
        """`func name(a T) R { … }`."""
        name = self.field_text(node, "name")
        body = self.inside(node.child_by_field_name("body"))
        parameters = self._parameters(node.child_by_field_name("parameters"))
        return Routine(name, parameters, body, self.span(node), exported=name[:1].isupper())

    def on_method_declaration(self, node: Node) -> Lowered:
        """`func (r *T) name(a T) R { … }`."""
        name = self.field_text(node, "name")
        receiver = next(iter(self._parameters(node.child_by_field_name("receiver"))), Parameter(""))
        return Routine(
            name,
            self._parameters(node.child_by_field_name("parameters")),
            self.inside(node.child_by_field_name("body")),
            self.span(node),
            exported=name[:1].isupper(),
            of=re.sub(r"[*\s]|\[.*\]", "", receiver.type),
            receiver=receiver.name,
        )

    def _parameters(self, node: Node | None) -> tuple[Parameter, ...]:
        found: list[Parameter] = []
        for child in node.named_children if node is not None else ():
            type_ = self.field_text(child, "type")
            names = [self.text(name) for name in child.children_by_field_name("name")]
            found += [Parameter(name, type_) for name in names or [""]]
        return tuple(found)

    def on_func_literal(self, node: Node) -> Lowered:
        """`func(a T) R { … }`."""
        body = self.inside(node.child_by_field_name("body"))
        return Closure(self._parameters(node.child_by_field_name("parameters")), body, self.span(node))

    # -- statements ---------------------------------------------------------------------------------------------------

    def on_return_statement(self, node: Node) -> Lowered:
        """`return a, b`."""
        values = node.named_children[0].named_children if node.named_children else []
        return tuple(Give(self.expression(value), self.span(node)) for value in values) or Give(None, self.span(node))

    def on_assignment_statement(self, node: Node) -> Lowered:
        """`a, b = c, d`, `a += b`."""
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        targets = left.named_children if left is not None else []
        values = right.named_children if right is not None else []
        operator = self.field_text(node, "operator") or "="
        return tuple(
            self._stored(target, values[index] if index < len(values) else None, operator, node)
            for index, target in enumerate(targets)
            if self.text(target) != "_" or index < len(values)
        )

    def _stored(self, target: Node, value: Node | None, operator: str, node: Node) -> Expression:
        span = self.span(node)
        if self.text(target) == "_":
            return self.expression(value)
        grown = self._grown(target, value, span)
        if grown is not None:
            return grown
        if value is not None and value.type == "slice_expression" and self.field_text(value, "operand") == self.text(target):
            return Invoke(Member(self.expression(target), "poll", span), (), span)  # `queue = queue[1:]`
        told = self.expression(value) if value is not None else Opaque((), "", span)
        return Store(self.expression(target), told, span, operator)

    def _grown(self, target: Node, value: Node | None, span: Span) -> Expression | None:
        """`list = append(list, x)`, `lists[key] = append(lists[key], x)`."""
        if value is None or value.type != "call_expression" or self.field_text(value, "function") != "append":
            return None
        given = value.child_by_field_name("arguments")
        first, *rest = given.named_children if given is not None else [None]
        if first is None or self.text(first) != self.text(target) or not rest:
            return None
        added: Expression = Items(tuple(map(self.expression, rest)), span) if len(rest) > 1 else self.expression(rest[0])
        if target.type == "index_expression":
            return Store(self.expression(target), added, span, "append")
        return Store(Index(self.expression(target), None, span), added, span)

    def on_inc_statement(self, node: Node) -> Lowered:
        """`a++`."""
        return Store(self.only(node), None, self.span(node), "++")

    def on_dec_statement(self, node: Node) -> Lowered:
        """`a--`."""
        return Store(self.only(node), None, self.span(node), "--")

    def on_range_clause(self, node: Node) -> Lowered:
        """`for key, value := range container`; of a channel, what comes is taken out."""
        right, left = node.child_by_field_name("right"), node.child_by_field_name("left")
        of, span = self.expression(right), self.span(node)
        names = [self.text(name) for name in (left.named_children if left is not None else ()) if name.type == "identifier"]
        if self._is_channel(right):
            taken = Invoke(Member(of, "receive", span), (), span)
            return tuple(Declare(name, span, value=taken) for name in names[:1]) or taken
        return Loop(of, tuple(name for name in names if name != "_"), span)

    def _is_channel(self, node: Node | None) -> bool:
        last = re.split(r"\W+", self.text(node))[-1]
        return last in self._declared.channels

    def on_send_statement(self, node: Node) -> Lowered:
        """`channel <- value`."""
        channel = self.expression(node.child_by_field_name("channel"))
        value = Given(None, self.expression(node.child_by_field_name("value")))
        return Invoke(Member(channel, "send", self.span(node)), (value,), self.span(node))

    def on_receive_statement(self, node: Node) -> Lowered:
        """`value := <-channel` in a `select`."""
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        taken = self.expression(right)
        names = [name for name in (left.named_children if left is not None else ()) if name.type == "identifier"]
        return tuple(Declare(self.text(name), self.span(name), value=taken) for name in names[:1]) or taken

    on_expression_statement = Lowering.only

    # -- expressions --------------------------------------------------------------------------------------------------

    on_identifier = Lowering.name
    on_type_identifier = on_identifier
    on_package_identifier = on_identifier

    def on_qualified_type(self, node: Node) -> Lowered:
        """`package.Type`."""
        package = Ident(self.field_text(node, "package"), self.span(node))
        return Member(package, self.field_text(node, "name"), self.span(node))

    def on_selector_expression(self, node: Node) -> Lowered:
        """`a.b`."""
        return Member(self.expression(node.child_by_field_name("operand")), self.field_text(node, "field"), self.span(node))

    def on_index_expression(self, node: Node) -> Lowered:
        """`a[i]`."""
        key = self.expression(node.child_by_field_name("index"))
        return Index(self.expression(node.child_by_field_name("operand")), key, self.span(node))

    def on_slice_expression(self, node: Node) -> Lowered:
        """`a[i:j]` holds what `a` holds."""
        return self.expression(node.child_by_field_name("operand"))

    on_type_assertion_expression = on_slice_expression
    on_parenthesized_expression = Lowering.only

    def on_type_conversion_expression(self, node: Node) -> Lowered:
        """`[]byte(a)`."""
        return self.expression(node.child_by_field_name("operand"))

    def on_unary_expression(self, node: Node) -> Lowered:
        """`&a` and `*a` stand for `a`; `<-a` takes out of a channel."""
        operand = self.expression(node.child_by_field_name("operand"))
        match self.field_text(node, "operator"):
            case "<-":
                return Invoke(Member(operand, "receive", self.span(node)), (), self.span(node))
            case "&" | "*":
                return operand
            case _:
                return Opaque((operand,), self.source.head(node), self.span(node))

    def on_binary_expression(self, node: Node) -> Lowered:
        """`a + b`."""
        return self.joined(node, frozenset({"+"}))

    def on_call_expression(self, node: Node) -> Lowered:
        """`f(a)`; what builtins and `sync/atomic` do to their arguments is said as such."""
        function, given = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        nodes = [child for child in (given.named_children if given is not None else ()) if child.type not in self.silent]
        name = self.text(function)
        special = self._builtin(name, nodes, node) or self._atomic(function, name, nodes, node)
        if special is not None:
            return special
        if function is not None and function.type == "index_expression":  # `New[string](…)`
            function = function.child_by_field_name("operand")
        return Invoke(self.expression(function), tuple(Given(None, self.expression(child)) for child in nodes), self.span(node))

    def _builtin(self, name: str, nodes: list[Node], node: Node) -> Expression | None:
        span = self.span(node)
        match name:
            case "make" if nodes:
                return self._empty(nodes[0]) or Opaque(self.pieces(nodes[1:]), self.source.head(node), span)
            case "new" if len(nodes) == 1:
                return Make(self.text(nodes[0]), (), span)
            case "delete" if len(nodes) == 2:
                return Drop(self.expression(nodes[0]), self.expression(nodes[1]), span)
            case "clear" if len(nodes) == 1:
                return Drop(self.expression(nodes[0]), None, span)
            case "fmt.Sprintf" if nodes and nodes[0].type == "interpreted_string_literal":
                return self._formatted(nodes, span)
            case _ if name in _JOINERS and nodes:
                return self._joined(nodes, span)
            case _:
                return None

    def _formatted(self, nodes: list[Node], span: Span) -> Expression:
        texts = _FORMAT_HOLE.split(self.text(nodes[0])[1:-1])
        holes = [self.expression(child) for child in nodes[1:]]
        parts: list[Expression] = []
        for index, text in enumerate(texts):
            parts += [Literal(text, span)] if text else []
            parts += [holes[index]] if index < len(holes) and index < len(texts) - 1 else []
        return Join((*parts, *holes[len(texts) - 1 :]), span)

    def _joined(self, nodes: list[Node], span: Span) -> Expression:
        parts: list[Expression] = []
        for child in nodes:
            parts += [Literal("/", span)] if parts else []
            parts.append(self.expression(child))
        return Join(tuple(parts), span)

    def _atomic(self, function: Node | None, name: str, nodes: list[Node], node: Node) -> Expression | None:
        """`atomic.AddInt64(&n, 1)`, and `n.Add(1)` where `n` is declared as an atomic number."""
        span = self.span(node)
        if name.startswith("atomic.") and nodes:
            does = re.match(r"atomic\.(Add|Store|Swap|CompareAndSwap|Load)", name)
            target, values = self.expression(nodes[0]), nodes[1:]
        elif function is not None and function.type == "selector_expression":
            operand = function.child_by_field_name("operand")
            does = re.fullmatch(r"(Add|Store|Swap|CompareAndSwap|Load)", self.field_text(function, "field"))
            if does is None or re.split(r"\W+", self.text(operand))[-1] not in self._declared.atomics:
                return None
            target, values = self.expression(operand), nodes
        else:
            return None
        if does is None:
            return None
        if does[1] == "Load":
            return target
        value = self.expression(values[-1]) if values else None
        return Store(target, value, span, "+=" if does[1] == "Add" else "=")

    def on_composite_literal(self, node: Node) -> Lowered:
        """`map[K]V{…}`, `[]T{…}`, `T{field: value}`."""
        type_, body = node.child_by_field_name("type"), node.child_by_field_name("body")
        name, span = self.text(type_), self.span(node)
        elements = [child for child in (body.named_children if body is not None else ()) if child.type not in self.silent]
        if type_ is not None and (type_.type == "map_type" or name in self._declared.maps):
            return Pairs(
                tuple(self._pair(child, text=False) for child in elements if child.type == "keyed_element"), span, name
            )
        if type_ is not None and type_.type in {"slice_type", "array_type", "implicit_length_array_type"}:
            return Items(tuple(map(self._element, elements)), span)
        fields = [child for child in elements if child.type == "keyed_element"]
        if name in self._declared.keepers or not elements:
            return Make(name, tuple(Given(self._key(child), self._element(child.named_children[-1])) for child in fields), span)
        if fields:
            return Pairs(tuple(self._pair(child, text=True) for child in fields), span, name)
        return Make(name, tuple(Given(None, self._element(child)) for child in elements), span)

    def _key(self, node: Node) -> str:
        return self.text(node.named_children[0])

    def _pair(self, node: Node, *, text: bool) -> Pair:
        key, value = node.named_children[0], node.named_children[-1]
        told: Expression = Literal(self.text(key), self.span(key)) if text else self._element(key)
        return Pair(told, self._element(value), self.span(node))

    def _element(self, node: Node) -> Expression:
        inner = node.named_children[0] if node.type == "literal_element" and node.named_children else node
        return self.expression(inner)

    def on_literal_value(self, node: Node) -> Lowered:
        """`{field: value}` inside a list or map of structs."""
        elements = [child for child in node.named_children if child.type not in self.silent]
        fields = [child for child in elements if child.type == "keyed_element"]
        if fields:
            return Pairs(tuple(self._pair(child, text=True) for child in fields), self.span(node))
        return Items(tuple(map(self._element, elements)), self.span(node))

    # -- literals -----------------------------------------------------------------------------------------------------

    def on_interpreted_string_literal(self, node: Node) -> Lowered:
        """A text with escapes."""
        return self.string(self.text(node)[1:-1], node)

    def on_raw_string_literal(self, node: Node) -> Lowered:
        """A text without."""
        return Literal(self.text(node)[1:-1], self.span(node))

    on_rune_literal = on_interpreted_string_literal
    on_int_literal = Lowering.number
    on_float_literal = on_int_literal
    on_true = Lowering.truth
    on_false = Lowering.truth
    on_nil = Lowering.nothing

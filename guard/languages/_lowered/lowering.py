"""What readers that lower have in common: a node in, pieces out, by the handler named after the node's type.

A language is a subclass with methods `on_<type>(node)` that give one piece or several. A node without a handler is opaque: its
children are lowered, it stands for nothing itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from guard.facts import Span
from guard.languages._lowered.program import (
    Declare,
    Either,
    Expression,
    Give,
    Ident,
    Join,
    Kind,
    Literal,
    Member,
    Opaque,
    Piece,
    Routine,
    This,
    Using,
)
from guard.languages._source import Source
from guard.languages._syntax import Node

_DEEPEST = 120
"""Levels of nested nodes that are looked into: Python's own stack is the limit, no person writes more."""
_NUMBER = re.compile(r"[+-]?(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|[\d_]*\.?[\d_]+(?:[eE][+-]?\d+)?)")
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0"}

Lowered = Piece | tuple[Piece, ...]


class Lowering:
    """Lowers the nodes of one file."""

    silent: frozenset[str] = frozenset({"comment", "line_comment", "block_comment"})
    """Types of nodes that are left out."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._depth = 0
        self._handlers: dict[str, Callable[[Node], Lowered] | None] = {}

    # -- any node -----------------------------------------------------------------------------------------------------

    def pieces(self, nodes: Iterable[Node | None]) -> tuple[Piece, ...]:
        """Nodes in a row."""
        return tuple(piece for node in nodes if node is not None for piece in self.lower(node))

    def inside(self, node: Node | None) -> tuple[Piece, ...]:
        """The named children of a node, in a row."""
        return () if node is None else self.pieces(node.named_children)

    def lower(self, node: Node) -> tuple[Piece, ...]:
        """The pieces that a node stands for."""
        kind = node.type
        if kind in self.silent:
            return ()
        if kind not in self._handlers:
            self._handlers[kind] = getattr(self, f"on_{kind}", None)
        handler = self._handlers[kind]
        if self._depth >= _DEEPEST:
            return ()
        self._depth += 1
        try:
            lowered: Lowered = self.inside(node) if handler is None else handler(node)
        finally:
            self._depth -= 1
        return lowered if isinstance(lowered, tuple) else (lowered,)

    def expression(self, node: Node | None) -> Expression:
        """The one expression that a node stands for."""
        if node is None:
            return Opaque((), "", Span(1, 1))
        pieces = self.lower(node)
        only = pieces[0] if len(pieces) == 1 and (self._handlers.get(node.type)) else None
        if only is None or isinstance(only, Using | Declare | Routine | Kind | Give):
            return Opaque(pieces, self.source.head(node), self.span(node))
        return only

    def optional(self, node: Node | None) -> Expression | None:
        """The expression, None for no node."""
        return None if node is None else self.expression(node)

    def only(self, node: Node) -> Expression:
        """A node that stands for its only child: parentheses, casts, `await`."""
        inner = next((child for child in node.named_children if child.type not in self.silent), None)
        return self.expression(inner)

    # -- what is the same in most languages: `on_<type> = Lowering.<this>` says which type of a grammar it is ---------------

    def name(self, node: Node) -> Ident:
        """A name alone."""
        return Ident(self.text(node), self.span(node))

    def this(self, node: Node) -> This:
        """The object whose method runs."""
        return This(self.span(node))

    def truth(self, node: Node) -> Literal:
        """`true` or `false`."""
        return Literal(self.text(node).lower() == "true", self.span(node))

    def nothing(self, node: Node) -> Literal:
        """`null`, `nil`."""
        return Literal(None, self.span(node))

    def chosen(self, node: Node) -> Either:
        """`a ? b : c`."""
        options = (node.child_by_field_name("consequence"), node.child_by_field_name("alternative"))
        condition = self.expression(node.child_by_field_name("condition"))
        return Either(tuple(map(self.expression, options)), self.span(node), condition)

    def cast(self, node: Node) -> Expression:
        """`(T) a` is `a`."""
        return self.expression(node.child_by_field_name("value"))

    def given_back(self, node: Node) -> Give:
        """`return value;`."""
        return Give(self.only(node) if node.named_children else None, self.span(node))

    # -- parts --------------------------------------------------------------------------------------------------------

    def span(self, node: Node) -> Span:
        """Where a node stands."""
        return self.source.span(node)

    def text(self, node: Node | None) -> str:
        """The text of a node, "" for none."""
        return "" if node is None else self.source.of(node)

    def field_text(self, node: Node, name: str) -> str:
        """The text of a field of a node."""
        return self.text(node.child_by_field_name(name))

    def number(self, node: Node) -> Literal:
        """A number; one that can not be told keeps its text."""
        text = self.text(node)
        found = _NUMBER.match(text)
        digits = found[0].replace("_", "") if found else ""
        try:
            value: int | float | str = (
                int(digits, 0) if not re.search(r"[.eE]", digits) or digits[:2].lower() == "0x" else float(digits)
            )
        except ValueError:
            value = text
        return Literal(value, self.span(node))

    def string(self, text: str, node: Node) -> Literal:
        """A text with its escapes taken away."""
        plain = (
            _ESCAPE.sub(lambda match: _ESCAPES.get(match[1], match[1] if len(match[1]) == 1 else match[0]), text)
            if "\\" in text
            else text
        )
        return Literal(plain, self.span(node))

    def dotted(self, name: str, node: Node) -> Expression:
        """`a.b.c`, written at a node."""
        first, *rest = name.split(".")
        found: Expression = Ident(first, self.span(node))
        for part in rest:
            found = Member(found, part, self.span(node))
        return found

    def joined(self, node: Node, operators: frozenset[str]) -> Expression:
        """`a + b + c` as one text; long sums nest to the left and are unrolled. Other operators stand for nothing."""
        found: list[Node | None] = []
        left: Node | None = node
        plain = True
        while left is not None and left.type == node.type:
            operator = left.child_by_field_name("operator")
            plain = plain and operator is not None and self.text(operator) in operators
            found.append(left.child_by_field_name("right"))
            left = left.child_by_field_name("left")
        parts = tuple(self.expression(part) for part in (left, *reversed(found)))
        return Join(parts, self.span(node)) if plain else Opaque(parts, self.source.head(node), self.span(node))

    def closure_body(self, node: Node | None, blocks: frozenset[str]) -> tuple[tuple[Piece, ...], bool]:
        """The body of a closure, and whether it is one expression that is given back."""
        if node is None:
            return (), False
        if node.type in blocks:
            return self.inside(node), False
        return (self.expression(node),), True

"""Python expressions as values: literals, operators, and the scopes inside expressions; chains are followed elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable

from guard.facts import (
    Binding,
    Choice,
    Constant,
    Entry,
    FunctionKind,
    FunctionValue,
    Listing,
    Mapping,
    Return,
    Template,
    Unknown,
    Value,
)
from guard.languages._python_chains import Chains
from guard.languages._python_names import Names
from guard.languages._python_notes import Notes
from guard.languages._python_outline import bind_parameters
from guard.languages._python_scopes import Bound, Outline, Scope, Sort
from guard.languages._syntax import Node
from guard.regex import regex

_DEEPEST = 60
"""Levels of nested expressions that are looked into: Python's own stack is the limit, no person writes more."""
_ESCAPE = regex(r"\\(\r?\n|.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "\n": "", "\r\n": ""}
_SEQUENCES = {"list", "tuple", "set", "expression_list", "pattern_list", "tuple_pattern", "list_pattern"}


class Expressions:
    """Evaluates the expressions of one file, noting what they say."""

    def __init__(self, outline: Outline, names: Names, notes: Notes) -> None:
        self.outline = outline
        self.source = outline.source
        self.names = names
        self.notes = notes
        self.chains = Chains(outline.source, names, notes, self.value)
        self._depth = 0
        self._handlers: dict[str, Callable[[Node, Scope], Value]] = {
            "identifier": self.chains.value,
            "attribute": self.chains.value,
            "call": self.chains.value,
            "subscript": self.chains.value,
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
                before, contained = self.chains.read(child, scope, "in", before), False
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
            self.notes.bindings.append(Binding(self.source.of(name), home.id, value, self.source.span(node), scope.id))
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
            self.notes.returns.append(Return(value, self.source.span(body), made.id))
        return FunctionValue(made.id)

    def _comprehension(self, node: Node, scope: Scope) -> Value:
        inner = Scope(scope.id, scope.kind, scope, transparent=True, depth=scope.depth)
        clauses = [child for child in node.named_children if child.type in {"for_in_clause", "if_clause"}]
        for clause in clauses:
            left, right = clause.child_by_field_name("left"), clause.child_by_field_name("right")
            if clause.type == "for_in_clause" and left is not None:
                if right is not None:
                    self.chains.read(right, inner, "for")
                _bind_here(left, inner, self, Bound(Sort.VALUE, node=right, scope=scope, elements=1))
            else:
                self._other(clause, inner)
        self.value(node.child_by_field_name("body"), inner)
        return Unknown(self.source.head(node))


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

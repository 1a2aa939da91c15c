"""One walk over a JavaScript or TypeScript tree: who declares what, and the nodes that facts are made of, in source order.

No recursion: sources nest deeper than Python's stack.
"""

from __future__ import annotations

from collections.abc import Callable

from guard.facts import Import
from guard.languages._javascript_definitions import Definitions, Found
from guard.languages._javascript_patterns import bound_names, entry_key, imported_names, module_name, module_of, required_module
from guard.languages._javascript_scopes import (
    CLASSES,
    FUNCTIONS,
    Declaration,
    DeclarationKind,
    Scope,
    Source,
    string_of,
    unwrapped,
)
from guard.languages._syntax import Node, span_of

_SKIPPED = frozenset(
    {
        "property_identifier",
        "private_property_identifier",
        "string",
        "number",
        "regex",
        "string_fragment",
        "this",
        "super",
        "true",
        "false",
        "null",
        "undefined",
        "type_annotation",
        "type_arguments",
        "type_parameters",
        "type_alias_declaration",
        "interface_declaration",
        "ambient_declaration",
        "enum_declaration",
        "function_signature",
        "abstract_method_signature",
        "method_signature",
        "implements_clause",
        "generic_type",
        "type_identifier",
        "predefined_type",
        "union_type",
        "object_type",
        "array_type",
        "hash_bang_line",
        "statement_identifier",
        "escape_sequence",
        "jsx_text",
        "import_alias",
    }
)
_VALUES_HANDED_ON = FUNCTIONS | {"object", "array", "call_expression", "class"}
TAKE_FUNCTIONS = frozenset(
    {
        "then",
        "catch",
        "finally",
        "map",
        "forEach",
        "filter",
        "reduce",
        "some",
        "every",
        "find",
        "findIndex",
        "flatMap",
        "sort",
        "on",
        "once",
    }
)
"""Members that call the function themselves: a call of them that is an argument is no wrapper."""


class Survey(Definitions):
    """The walk, and the handlers of expressions, variables and modules."""

    def __init__(self, root: Node, source: Source, most_nodes: int | None = None) -> None:
        super().__init__(source)
        self.cut = False
        """Whether the file had more nodes than were to be read."""
        self._stack.append((root, self.top))
        self._walk(most_nodes)

    def _walk(self, most_nodes: int | None) -> None:
        handlers = self._handlers()
        stack, count = self._stack, 0
        while stack:
            node, scope = stack.pop()
            kind = node.type
            if kind in _SKIPPED:
                continue
            count += 1
            if most_nodes is not None and count > most_nodes:
                self.cut = True
                return
            handler = handlers.get(kind)
            if handler is not None:
                handler(node, scope)
            else:
                for child in reversed(node.named_children):
                    stack.append((child, scope))

    def _handlers(self) -> dict[str, Callable[[Node, Scope], None]]:
        return {
            "identifier": lambda node, scope: self.references.append((node, scope)),
            "shorthand_property_identifier": lambda node, scope: self.references.append((node, scope)),
            "comment": lambda node, _scope: self.comments.append(node),
            "member_expression": self._member,
            "subscript_expression": self._noted(self.subscripts),
            "call_expression": self._call,
            "new_expression": self._call,
            "assignment_expression": self._assignment,
            "augmented_assignment_expression": self._noted(self.writes),
            "update_expression": self._noted(self.writes),
            "unary_expression": self._unary,
            "binary_expression": self._binary,
            "return_statement": self._noted(self.returns),
            "pair": self._pair,
            "object": self._object,
            "array": self._array,
            "lexical_declaration": self._declaration,
            "variable_declaration": self._declaration,
            "import_statement": self._import,
            "export_statement": self._export,
            "method_definition": self._method,
            "field_definition": self._field,
            "public_field_definition": self._field,
            "class_body": self._class_body,
            "statement_block": self._block,
            "for_statement": self._block,
            "switch_body": self._block,
            "for_in_statement": self._for_in,
            "catch_clause": self._catch,
            **dict.fromkeys(FUNCTIONS, self._function),
            **dict.fromkeys(CLASSES, self._class),
        }

    def _noted(self, found: Found) -> Callable[[Node, Scope], None]:
        def note(node: Node, scope: Scope) -> None:
            found.append((node, scope))
            self._push(node, scope)

        return note

    def _block(self, node: Node, scope: Scope) -> None:
        self._push(node, scope.block())

    def _member(self, node: Node, scope: Scope) -> None:
        inner = node.child_by_field_name("object")
        if inner is None:
            self._push(node, scope)
        elif inner.type == "this":
            self.own.append((node, scope))
        else:
            self._stack.append((inner, scope))

    def _call(self, node: Node, scope: Scope) -> None:
        module = required_module(node, self.source) if node.type == "call_expression" else None
        if module is None:
            self.calls.append((node, scope))
        elif node.id not in self._bound:
            self.imports.append(Import(module, "", span_of(node)))
        arguments = node.child_by_field_name("arguments")
        if arguments is not None:
            outer = self._handed.get(node.id)
            for argument in arguments.named_children:
                if argument.type in _VALUES_HANDED_ON:
                    self._handed[argument.id] = self._registration(node, scope, outer)
        self._push(node, scope)

    def _registration(self, node: Node, scope: Scope, outer: tuple[Node, Scope] | None) -> tuple[Node, Scope]:
        """The call a function is handed to: the router's, where a wrapper stands between (`router.get('/', wrap(fn))`)."""
        if outer is None:
            return node, scope
        callee, around = node.child_by_field_name("function"), outer[0].child_by_field_name("function")
        if callee is None or around is None or around.type != "member_expression":
            return node, scope
        if callee.type == "member_expression":
            member = callee.child_by_field_name("property")
            if member is not None and self.source.of(member) in TAKE_FUNCTIONS:
                return node, scope
        return outer

    def _object(self, node: Node, scope: Scope) -> None:
        handed, named = self._handed.get(node.id), self._names.get(node.id)
        exported = node.id in self._exported
        for entry in node.named_children:
            value = entry.child_by_field_name("value") if entry.type == "pair" else entry
            if value is None:
                continue
            key = entry_key(entry, self.source)
            if handed is not None:
                self._handed[value.id] = handed
            if key is not None:
                prefix = f"{named[0]}." if named and named[0] else ""
                self._names[unwrapped(value).id if entry.type == "pair" else value.id] = (
                    prefix + key,
                    named[1] if named else "",
                )
            if exported:
                self._exported.add(value.id)
        self._push(node, scope)

    def _array(self, node: Node, scope: Scope) -> None:
        handed = self._handed.get(node.id)
        if handed is not None:
            self._handed.update((item.id, handed) for item in node.named_children if item.type in _VALUES_HANDED_ON)
        self._push(node, scope)

    def _pair(self, node: Node, scope: Scope) -> None:
        key, value = node.child_by_field_name("key"), node.child_by_field_name("value")
        if value is not None:
            self._stack.append((value, scope))
        if key is not None and key.type == "computed_property_name":
            self._push(key, scope)

    def _unary(self, node: Node, scope: Scope) -> None:
        if node.children[0].type == "delete":
            self.deletions.append((node, scope))
        self._push(node, scope)

    def _binary(self, node: Node, scope: Scope) -> None:
        operator = node.child_by_field_name("operator")
        if operator is not None and operator.type == "in":
            self.memberships.append((node, scope))
        self._push(node, scope)

    def _assignment(self, node: Node, scope: Scope) -> None:
        self.writes.append((node, scope))
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is not None and right is not None:
            self._name_assigned(left, unwrapped(right))
        self._push(node, scope)

    def _name_assigned(self, left: Node, right: Node) -> None:
        """A function or an object gets its name from what it is assigned to; `exports` and prototypes mean more."""
        text = self.source.beginning(left, 120)
        if right.type == "assignment_expression" or "(" in text or "[" in text:
            return
        parts = text.replace("module.exports", "exports").split(".")
        if parts[0] == "exports":
            self._exported.add(right.id)
            self._names[right.id] = (parts[-1] if len(parts) > 1 else "", "exports")
        elif len(parts) == 3 and parts[1] == "prototype":
            self._names[right.id] = (parts[2], parts[0])
        elif len(parts) == 2 and parts[1] == "prototype":
            self._names[right.id] = ("", parts[0])
        else:
            self._names[right.id] = (parts[-1], "")

    def _declaration(self, node: Node, scope: Scope) -> None:
        keyword = node.children[0].type
        home = scope.whole if keyword == "var" else scope
        exported = node.id in self._exported
        for declarator in reversed(node.named_children):
            if declarator.type == "variable_declarator":
                value = declarator.child_by_field_name("value")
                if value is not None:
                    self._stack.append((value, scope))
        for declarator in node.named_children:
            if declarator.type == "variable_declarator":
                self._declarator(declarator, scope, home, constant=keyword == "const", exported=exported)

    def _declarator(self, node: Node, scope: Scope, home: Scope, *, constant: bool, exported: bool) -> None:
        pattern, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if pattern is None:
            return
        module = module_of(value, self.source) if value is not None else None
        if module is not None:
            self._bound.add(module[1].id)
            for name, suffix, _ in bound_names(pattern, self.source):
                self._bind_import(module[0] + suffix.replace(".default", ""), name, node, home)
            return
        kind = node.child_by_field_name("type")
        for name, suffix, target in bound_names(pattern, self.source):
            made = Declaration(name, DeclarationKind.VARIABLE, home.id, scope, node if target is pattern else target)
            made.init, made.suffix, made.constant, made.exported = value, suffix, constant, exported
            made.type = self.source.of(kind)[1:].strip() if kind is not None else ""
            self._add(made, home)
            if value is not None and target is pattern:
                self._name_value(made, unwrapped(value), exported=exported)

    def _name_value(self, made: Declaration, value: Node, *, exported: bool) -> None:
        self._names[value.id] = (made.name, "")
        if exported:
            self._exported.add(value.id)

    def _add(self, made: Declaration, home: Scope) -> None:
        known = home.names.get(made.name)
        if known is not None and known.kind is DeclarationKind.VARIABLE and made.init is not None:
            known.assigned.append((made.init, made.scope))
        if known is None or known.kind is not DeclarationKind.VARIABLE:
            home.names[made.name] = made
        self.variables.append(made)

    def _for_in(self, node: Node, scope: Scope) -> None:
        block = scope.block()
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is not None and right is not None and node.child_by_field_name("kind") is not None:
            for name, suffix, _ in bound_names(left, self.source):
                made = Declaration(name, DeclarationKind.VARIABLE, scope.id, scope, left)
                made.init, made.suffix, made.element, made.constant = right, suffix, True, True
                block.names[name] = made
                self.variables.append(made)
        for child in reversed(node.named_children):
            if child != left or node.child_by_field_name("kind") is None:
                self._stack.append((child, block))

    def _catch(self, node: Node, scope: Scope) -> None:
        block = scope.block()
        parameter, body = node.child_by_field_name("parameter"), node.child_by_field_name("body")
        if parameter is not None:
            for name, suffix, _ in bound_names(parameter, self.source):
                self._parameter(name, f"%{name}{suffix}", node, block)
        if body is not None:
            self._stack.append((body, block))

    def _import(self, node: Node, scope: Scope) -> None:
        words = [child.type for child in node.children]
        if "type" in words or "typeof" in words:
            return
        required = next((child for child in node.named_children if child.type == "import_require_clause"), None)
        origin = (required or node).child_by_field_name("source")
        text = string_of(origin, self.source) if origin is not None else None
        if not text:
            return
        module = module_name(text)
        clause = required or next((child for child in node.named_children if child.type == "import_clause"), None)
        if clause is None:
            self.imports.append(Import(module, "", span_of(node)))
            return
        for name, local, place in imported_names(clause, self.source):
            self._bind_import(module + name, local, place, scope.whole)

    def _export(self, node: Node, scope: Scope) -> None:
        origin = node.child_by_field_name("source")
        if origin is not None:
            text = string_of(origin, self.source)
            if text:
                self.imports.append(Import(module_name(text), "", span_of(node)))
            return
        declaration, value = node.child_by_field_name("declaration"), node.child_by_field_name("value")
        if declaration is not None:
            self._exported.add(declaration.id)
            self._decorators[declaration.id] = [child for child in node.named_children if child.type == "decorator"]
        if value is not None:
            plain = unwrapped(value)
            self._exported.add(plain.id)
            self._names.setdefault(plain.id, ("default" if plain.type in FUNCTIONS | CLASSES else "", "exports"))
            self.exports.append((value, scope))
        for child in node.named_children:
            if child.type == "export_clause":
                self.exports.extend(
                    (name, scope) for item in child.named_children if (name := item.child_by_field_name("name"))
                )
        self._push(node, scope)

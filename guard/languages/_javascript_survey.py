"""One walk over a JavaScript or TypeScript tree: who declares what, and the nodes that facts are made of, in source order.

No recursion: sources nest deeper than Python's stack.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from guard.facts import FunctionKind, Import
from guard.languages._javascript_scopes import (
    CLASSES,
    FUNCTIONS,
    Declaration,
    DeclarationKind,
    Definition,
    Scope,
    Source,
    first_of,
    module_name,
    module_of,
    required_module,
    string_of,
    unwrapped,
)
from guard.languages._syntax import Node, span_of

_Found = list[tuple[Node, Scope]]

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


class Survey:
    """The declarations of a file and its interesting nodes, each with the scope it stands in."""

    def __init__(self, root: Node, source: Source, most_nodes: int | None = None) -> None:
        self.source = source
        self.top = Scope(None, "", None, None)
        self.definitions: list[Definition] = []
        self.definition_of: dict[int, Definition] = {}
        self.definition_by_id: dict[str, Definition] = {}
        self.variables: list[Declaration] = []
        self.imports: list[Import] = []
        self.references: _Found = []
        self.own: _Found = []
        """Members of `this`."""
        self.calls: _Found = []
        self.writes: _Found = []
        self.deletions: _Found = []
        self.subscripts: _Found = []
        self.memberships: _Found = []
        self.returns: _Found = []
        self.exports: _Found = []
        """Values of `export default`; names of `export { … }`."""
        self.comments: list[Node] = []
        self.cut = False
        self._names: dict[int, tuple[str, str]] = {}
        self._exported: set[int] = set()
        self._handed: dict[int, tuple[Node, Scope]] = {}
        self._bound: set[int] = set()
        self._decorators: dict[int, list[Node]] = {}
        self._stack: list[tuple[Node, Scope]] = [(root, self.top)]
        self._walk(most_nodes)

    # -- the walk -----------------------------------------------------------------------------------------------------

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

    def _push(self, node: Node, scope: Scope) -> None:
        for child in reversed(node.named_children):
            self._stack.append((child, scope))

    def _noted(self, found: _Found) -> Callable[[Node, Scope], None]:
        def note(node: Node, scope: Scope) -> None:
            found.append((node, scope))
            self._push(node, scope)

        return note

    def _block(self, node: Node, scope: Scope) -> None:
        self._push(node, scope.block())

    # -- expressions --------------------------------------------------------------------------------------------------

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
            key = self._key(entry)
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

    def _key(self, entry: Node) -> str | None:
        key = entry.child_by_field_name("key") or entry.child_by_field_name("name")
        if key is None or key.type == "computed_property_name":
            return None
        return string_of(key, self.source) or self.source.of(key)

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

    # -- declarations -------------------------------------------------------------------------------------------------

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
            for name, suffix, _ in self._pattern(pattern):
                self._bind_import(module[0] + suffix.replace(".default", ""), name, node, home)
            return
        kind = node.child_by_field_name("type")
        for name, suffix, target in self._pattern(pattern):
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

    def _bind_import(self, name: str, local: str, node: Node, home: Scope) -> None:
        made = Declaration(local, DeclarationKind.IMPORT, home.id, home, node)
        made.path = name
        home.names[local] = made
        self.imports.append(Import(name, local, span_of(node)))

    def _pattern(self, pattern: Node, suffix: str = "") -> Iterator[tuple[str, str, Node]]:
        """The names that a pattern binds: name, way from the value to it, node."""
        waiting = [(pattern, suffix)]
        while waiting:
            node, way = waiting.pop()
            match node.type:
                case "identifier" | "shorthand_property_identifier_pattern":
                    name = self.source.of(node)
                    yield name, way + (f".{name}" if node.type != "identifier" else ""), node
                case "object_pattern":
                    waiting.extend((child, way) for child in reversed(node.named_children))
                case "array_pattern":
                    waiting.extend((child, f"{way}[]") for child in reversed(node.named_children))
                case "pair_pattern":
                    key, value = node.child_by_field_name("key"), node.child_by_field_name("value")
                    if key is not None and value is not None:
                        text = string_of(key, self.source) or self.source.of(key)
                        waiting.append((value, way + ("[]" if key.type == "computed_property_name" else f".{text}")))
                case "object_assignment_pattern" | "assignment_pattern":
                    left = node.child_by_field_name("left")
                    if left is not None:
                        waiting.append((left, way))
                case "rest_pattern":
                    inner = first_of(node)
                    if inner is not None:
                        waiting.append((inner, way))
                case _:
                    pass

    def _for_in(self, node: Node, scope: Scope) -> None:
        block = scope.block()
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is not None and right is not None and node.child_by_field_name("kind") is not None:
            for name, suffix, _ in self._pattern(left):
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
            for name, suffix, _ in self._pattern(parameter):
                self._parameter(name, f"%{name}{suffix}", node, block)
        if body is not None:
            self._stack.append((body, block))

    def _parameter(self, name: str, path: str, node: Node, scope: Scope) -> None:
        made = Declaration(name, DeclarationKind.PARAMETER, scope.id, scope, node)
        made.path = path
        scope.names[name] = made

    # -- functions and classes ----------------------------------------------------------------------------------------

    def _define(self, node: Node, name: str, parent: str, kind: FunctionKind, scope: Scope) -> Definition:
        line, column = node.start_point
        wanted = f"{parent}.{name}" if parent and name else name or f"{parent}.<{line + 1}>".lstrip(".")
        identity = wanted if wanted not in self.definition_by_id else f"{wanted}<{line + 1}:{column + 1}>"
        made = Definition(identity, name or f"<{line + 1}>", parent, kind, node)
        made.exported = node.id in self._exported
        made.handed = self._handed.get(node.id)
        made.scope = scope
        made.decorators = self._decorators.get(node.id, [])
        self.definitions.append(made)
        self.definition_of[node.id] = self.definition_by_id[identity] = made
        return made

    def _declare(self, made: Definition, scope: Scope) -> None:
        declared = Declaration(made.name, DeclarationKind.FUNCTION, scope.id, scope, made.node)
        declared.function = made
        scope.names[made.name] = declared

    def _function(self, node: Node, scope: Scope) -> None:
        own = node.child_by_field_name("name")
        hinted, owner = self._names.get(node.id, ("", ""))
        name = self.source.of(own) if own is not None and not (owner and hinted) else hinted
        arrow = node.type == "arrow_function"
        constructor = self._class_named(owner, scope)
        made = self._define(
            node, name, constructor.id if constructor else scope.id, _kind_of(constructor, scope, node, name), scope
        )
        holder = constructor or (scope.this if made.kind is FunctionKind.METHOD else None)
        if isinstance(holder, Definition) and hinted:
            holder.members.setdefault(hinted, made)
        if own is not None and node.type.endswith("declaration"):
            self._declare(made, scope)
        this: Definition | str | None = scope.this if arrow else constructor or self._this_of(made, hinted, owner)
        inner = Scope(scope, made.id, this, made)
        if own is not None and not node.type.endswith("declaration"):
            self._declare(made, inner)
        self._open(node, made, inner)

    def _this_of(self, made: Definition, hinted: str, owner: str) -> Definition | str | None:
        """What `this` is in a plain function: its instance if it is named like a class, the object it is an entry of, or unknown."""
        if made.name[:1].isupper() and "." not in made.name:
            return made
        if "." in hinted:
            return f"~{hinted.rsplit('.', 1)[0]}"
        return "exports" if owner == "exports" else None

    def _class_named(self, name: str, scope: Scope) -> Definition | None:
        """The class or constructor function that a prototype's method belongs to."""
        if not name or name == "exports":
            return None
        found = scope.find(name)
        if found is None:
            return None
        if found.function is None and found.init is not None:
            return self.definition_of.get(unwrapped(found.init).id)
        return found.function

    def _open(self, node: Node, made: Definition, inner: Scope) -> None:
        """Declare the parameters, then walk the body in the function's own scope."""
        body = node.child_by_field_name("body")
        if body is not None:
            if body.type == "statement_block":
                self._push(body, inner)
            else:
                self.returns.append((body, inner))
                self._stack.append((body, inner))
        single, several = node.child_by_field_name("parameter"), node.child_by_field_name("parameters")
        parameters = [single] if single is not None else several.named_children if several is not None else []
        for index, parameter in enumerate(child for child in parameters if child.type != "comment"):
            self._one_parameter(parameter, index, made, inner)

    def _one_parameter(self, node: Node, index: int, made: Definition, inner: Scope) -> None:
        pattern = node.child_by_field_name("pattern") or node.child_by_field_name("left") or node
        default = node.child_by_field_name("value") or node.child_by_field_name("right")
        for child in node.named_children:
            if child.type == "decorator":
                self._stack.append((child, inner))
        if default is not None and pattern is not node:
            self._stack.append((default, inner))
        names = list(self._pattern(pattern))
        plain = len(names) == 1 and pattern.type in {"identifier", "rest_pattern"}
        made.parameters.append(names[0][0] if plain else str(index))
        for name, suffix, target in names:
            self._parameter(name, f"%{name}" if plain else f"%{index}{suffix}", target, inner)
        if plain and isinstance(inner.this, Definition) and any(child.type in _PROPERTY_MARKS for child in node.children):
            self._parameter_property(node, pattern, inner)

    def _parameter_property(self, node: Node, pattern: Node, inner: Scope) -> None:
        """TypeScript's `constructor(private readonly store: Store)`."""
        if not isinstance(inner.this, Definition):
            return
        kind = node.child_by_field_name("type")
        name = self.source.of(pattern)
        made = Declaration(name, DeclarationKind.FIELD, inner.this.id, inner, node)
        made.init, made.instance = pattern, True
        made.constant = any(child.type == "readonly" for child in node.children)
        made.type = self.source.of(kind)[1:].strip() if kind is not None else ""
        inner.this.fields.setdefault(name, []).append(made)
        self.variables.append(made)

    def _class(self, node: Node, scope: Scope) -> None:
        own = node.child_by_field_name("name")
        hinted = self._names.get(node.id, ("", ""))[0]
        name = self.source.of(own) if own is not None else hinted
        made = self._define(node, name, scope.id, FunctionKind.CLASS, scope)
        made.decorators = [*made.decorators, *(child for child in node.named_children if child.type == "decorator")]
        if own is not None:
            self._declare(made, scope)
        inner = Scope(scope, made.id, made, made)
        for child in reversed(node.named_children):
            if child.type == "class_body":
                self._stack.append((child, inner))
            elif child.type in {"class_heritage", "decorator"}:
                self._stack.append((child, scope))
        heritage = next((child for child in node.named_children if child.type == "class_heritage"), None)
        if heritage is not None:
            made.bases = list(_bases(heritage))

    def _class_body(self, node: Node, scope: Scope) -> None:
        waiting: list[Node] = []
        for child in node.named_children:
            if child.type == "decorator":
                waiting.append(child)
            elif child.type != "comment" and waiting:
                self._decorators[child.id], waiting = waiting, []
        self._push(node, scope)

    def _method(self, node: Node, scope: Scope) -> None:
        key = node.child_by_field_name("name")
        in_class = (
            scope.definition is not None and scope.definition.kind is FunctionKind.CLASS and scope.definition is scope.this
        )
        hinted, owner = self._names.get(node.id, ("", ""))
        name = hinted or (self.source.of(key) if key is not None else "")
        if in_class and not hinted:
            name = name.strip("'\"`")
        made = self._define(node, name, scope.id, FunctionKind.METHOD, scope)
        if in_class and not hinted and isinstance(scope.this, Definition):
            scope.this.members.setdefault(name, made)
            this: Definition | str | None = scope.this
        else:
            this = self._this_of(made, hinted, owner) if hinted or owner else None
        self._open(node, made, Scope(scope, made.id, this, made))

    def _field(self, node: Node, scope: Scope) -> None:
        key = node.child_by_field_name("name") or node.child_by_field_name("property")
        value, kind = node.child_by_field_name("value"), node.child_by_field_name("type")
        if key is None or not isinstance(scope.this, Definition):
            self._push(node, scope)
            return
        name = self.source.of(key)
        words = {child.type for child in node.children if not child.child_count}
        made = Declaration(name, DeclarationKind.FIELD, scope.this.id, scope, node)
        made.init, made.instance, made.constant = value, "static" not in words, "readonly" in words
        made.type = self.source.of(kind)[1:].strip() if kind is not None else ""
        scope.this.fields.setdefault(name, []).append(made)
        self.variables.append(made)
        for child in node.named_children:
            if child.type == "decorator":
                self._stack.append((child, scope))
        if value is not None:
            plain = unwrapped(value)
            self._names[plain.id] = (name, "")
            self._stack.append((value, scope))

    # -- modules ------------------------------------------------------------------------------------------------------

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
        for name, local, place in self._imported(clause):
            self._bind_import(module + name, local, place, scope.whole)

    def _imported(self, clause: Node) -> Iterator[tuple[str, str, Node]]:
        for child in clause.named_children:
            if child.type == "identifier":
                yield "", self.source.of(child), child
            elif child.type == "namespace_import" and child.named_child_count:
                yield "", self.source.of(child.named_children[0]), child
            elif child.type == "named_imports":
                yield from (found for specifier in child.named_children for found in self._specifier(specifier))

    def _specifier(self, node: Node) -> Iterator[tuple[str, str, Node]]:
        name, alias = node.child_by_field_name("name"), node.child_by_field_name("alias")
        if name is None or any(child.type == "type" for child in node.children):
            return
        original = self.source.of(name)
        yield ("" if original == "default" else f".{original}"), self.source.of(alias or name), node

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
_PROPERTY_MARKS = frozenset({"accessibility_modifier", "readonly", "override_modifier"})


def _kind_of(constructor: Definition | None, scope: Scope, node: Node, name: str) -> FunctionKind:
    if constructor is not None:
        return FunctionKind.METHOD
    inside = scope.definition
    field = inside is not None and inside.kind is FunctionKind.CLASS and node.type in FUNCTIONS and bool(name)
    return FunctionKind.METHOD if field else FunctionKind.FUNCTION


def _bases(heritage: Node) -> Iterator[Node]:
    for child in heritage.named_children:
        if child.type == "extends_clause":
            yield from child.children_by_field_name("value")
        elif child.type != "implements_clause":
            yield child

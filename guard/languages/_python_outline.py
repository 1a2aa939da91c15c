"""The outline of a Python file: its scopes, what each binds, and its statements in order; expressions are not looked at.

Scopes are known as a whole before a name is resolved, since a function may use what the module binds further down.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from guard.facts import FunctionKind, Import, Span
from guard.languages._python_scopes import Bound, Outline, Scope, Sort, Statement
from guard.languages._source import Source
from guard.languages._syntax import Node, Tree

_DEEPEST = 40
"""Scopes nested deeper than this are left out: no person writes them, and names would grow without bound."""
_UNWRITTEN_CALLS = frozenset({"staticmethod"})
_BLOCKS = frozenset(
    {
        "module", "block", "ERROR", "if_statement", "elif_clause", "else_clause", "for_statement", "while_statement", "try_statement",
        "except_clause", "except_group_clause", "finally_clause", "with_statement", "match_statement", "case_clause",
    }
)  # fmt: skip
_SIMPLE = frozenset(
    {
        "expression_statement", "return_statement", "delete_statement", "raise_statement", "assert_statement", "print_statement",
        "exec_statement", "import_statement", "import_from_statement", "future_import_statement", "global_statement",
        "nonlocal_statement", "function_definition", "class_definition", "decorated_definition",
    }
)  # fmt: skip
_STATEMENTS = _BLOCKS | _SIMPLE
_PLAIN_BLOCKS = frozenset({"module", "block", "ERROR"})
_HEADLESS = frozenset({"module", "block", "ERROR", "else_clause", "try_statement", "finally_clause"})
_SILENT = frozenset({"comment", "line_continuation", "pass_statement", "break_statement", "continue_statement"})
PATTERNS = frozenset({"pattern_list", "tuple_pattern", "list_pattern", "tuple", "list", "parenthesized_expression"})
_SEQUENCES = frozenset({"expression_list", "tuple", "list"})


def outline(tree: Tree, source: Source) -> Outline:
    """Scopes and statements of a file, without recursion: sources nest deeper than Python's stack."""
    found = Outline(source, Scope(""))
    waiting: list[tuple[Node, Scope]] = [(tree.root_node, found.module)]
    while waiting:
        node, scope = waiting.pop()
        kind = node.type
        declare = _DECLARE.get(kind)
        if declare is not None:
            declare(node, scope, found)
        if kind in _BLOCKS:
            if kind not in _HEADLESS:
                found.statements.append(Statement(node, scope))
            waiting.extend(_inside(node, scope, kind))
        elif kind in _DEFINITIONS:
            waiting.extend(_define(node, scope, found))
        elif kind not in _SILENT:
            found.statements.append(Statement(node, scope))
    return found


def _inside(node: Node, scope: Scope, kind: str) -> Iterator[tuple[Node, Scope]]:
    everything = kind in _PLAIN_BLOCKS
    for child in reversed(node.children):
        if child.type in _STATEMENTS or (everything and child.is_named and child.type not in _SILENT):
            yield child, scope


# -- definitions ------------------------------------------------------------------------------------------------------

_DEFINITIONS = frozenset({"function_definition", "class_definition", "decorated_definition"})


def _define(node: Node, scope: Scope, found: Outline) -> Iterator[tuple[Node, Scope]]:
    """Open the scope of a function or class, and give its body."""
    inner = node.child_by_field_name("definition") if node.type == "decorated_definition" else node
    if inner is None or scope.depth >= _DEEPEST:
        return
    name_node = inner.child_by_field_name("name")
    name = found.source.of(name_node) if name_node is not None else ""
    is_class = inner.type == "class_definition"
    kind = FunctionKind.CLASS if is_class else FunctionKind.FUNCTION
    if not is_class and scope.kind is FunctionKind.CLASS:
        kind = FunctionKind.METHOD
    made = found.open(name, kind, scope, node)
    made.definition = inner
    made.decorators = tuple(child for child in node.children if child.type == "decorator") if node is not inner else ()
    scope.bind(name, Bound(Sort.DEFINITION, made.id))
    if is_class:
        _class_head(inner, made, found.source)
    else:
        bind_parameters(inner.child_by_field_name("parameters"), made, found.source)
        _receiver(made, found.source)
    found.statements.append(Statement(inner, scope, made))
    body = inner.child_by_field_name("body")
    if body is not None:
        yield body, made


def _class_head(node: Node, made: Scope, source: Source) -> None:
    heads = node.child_by_field_name("superclasses")
    children = heads.named_children if heads is not None else []
    made.bases = tuple(child for child in children if child.type not in {"comment", "keyword_argument"})
    words = [source.of(base).rsplit(".", 1)[-1].split("[", 1)[0] for base in made.bases]
    marks = [source.of(decorator).lstrip("@ ").split("(", 1)[0] for decorator in made.decorators]
    made.is_record = any(word in _RECORD_BASES for word in words) or any(mark in _RECORD_MARKS for mark in marks)


_RECORD_BASES = frozenset({"BaseModel", "BaseSettings", "NamedTuple", "TypedDict", "SQLModel", "Struct", "MessagesState"})
_RECORD_MARKS = frozenset(
    {
        "dataclass",
        "dataclasses.dataclass",
        "pydantic.dataclasses.dataclass",
        "define",
        "attrs.define",
        "attr.s",
        "attr.attrs",
        "frozen",
        "attrs.frozen",
    }
)


def bind_parameters(node: Node | None, made: Scope, source: Source) -> None:
    """Bind the parameters of a function or lambda in its scope."""
    names: list[str] = []
    for child in node.named_children if node is not None else ():
        target = child.child_by_field_name("name") or child
        while target.type in {"typed_parameter", "list_splat_pattern", "dictionary_splat_pattern"} and target.named_children:
            target = target.named_children[0]
        if target.type == "identifier":
            names.append(source.of(target))
    made.parameters = tuple(names)
    for name in names:
        made.names.setdefault(name, []).append(Bound(Sort.PARAMETER, name))


def _receiver(made: Scope, source: Source) -> None:
    marks = {source.of(decorator).lstrip("@ ") for decorator in made.decorators}
    if made.kind is FunctionKind.METHOD and made.parameters and not marks & _UNWRITTEN_CALLS:
        made.receiver = made.parameters[0]
        made.receives_class = "classmethod" in marks or made.receiver == "cls"


# -- what binds a name ------------------------------------------------------------------------------------------------


def _expression(node: Node, scope: Scope, found: Outline) -> None:
    for child in node.named_children:
        if child.type == "assignment":
            _assignment(child, scope, found.source)
        elif child.type == "augmented_assignment":
            left = child.child_by_field_name("left")
            if left is not None:
                bind_target(left, scope, found.source, Bound(Sort.VALUE, scope=scope, whole=False))


def _assignment(node: Node, scope: Scope, source: Source) -> None:
    targets, value = assigned(node)
    for target in targets:
        bind_target(target, scope, source, Bound(Sort.VALUE, node=value, scope=scope))


def assigned(node: Node) -> tuple[list[Node], Node | None]:
    """The targets of `a = b = value`, and the value."""
    targets: list[Node] = []
    value: Node | None = node
    while value is not None and value.type == "assignment":
        left = value.child_by_field_name("left")
        if left is not None:
            targets.append(left)
        value = value.child_by_field_name("right")
    return targets, value


def bind_target(target: Node, scope: Scope, source: Source, bound: Bound) -> None:
    """Bind what an assignment, a loop or a `with` names: a name, a field of `self`, or several at once."""
    kind = target.type
    if kind == "identifier":
        scope.bind(source.of(target), bound)
    elif kind == "attribute":
        _bind_field(target, scope, source, bound)
    elif kind in PATTERNS:
        for part, value, elements in parts_of(target, bound.node, bound.elements):
            bind_target(
                part, scope, source, Bound(bound.sort, node=value, scope=bound.scope, elements=elements, whole=bound.whole)
            )
    elif kind in {"list_splat_pattern", "as_pattern_target"} and target.named_children:
        node = bound.node if kind == "as_pattern_target" else None
        bind_target(target.named_children[0], scope, source, Bound(bound.sort, node=node, scope=bound.scope))


def parts_of(pattern: Node, value: Node | None, elements: int) -> Iterator[tuple[Node, Node | None, int]]:
    """The targets of `a, b = …`, each with its value: its own where both sides are written out, else an element."""
    parts = [child for child in pattern.named_children if child.type != "comment"]
    values = (
        [child for child in value.named_children if child.type != "comment"]
        if value is not None and value.type in _SEQUENCES
        else []
    )
    if not elements and len(parts) == len(values):
        yield from ((part, own, 0) for part, own in zip(parts, values, strict=True))
    elif len(parts) == 1 and pattern.type == "parenthesized_expression":
        yield parts[0], value, elements
    else:
        yield from ((part, value, elements + 1) for part in parts)


def _bind_field(target: Node, scope: Scope, source: Source, bound: Bound) -> None:
    holder = target.child_by_field_name("object")
    attribute = target.child_by_field_name("attribute")
    method = scope.method()
    if holder is None or attribute is None or method is None or method.parent is None:
        return
    if source.of(holder) in {
        f"{method.receiver}._instance",
        f"{method.receiver}.__instance",
    }:  # a singleton sets up its only object
        method.parent.fields.setdefault(source.of(attribute), []).append(bound)
    elif holder.type == "identifier" and source.of(holder) == method.receiver:
        table = method.parent.names if method.receives_class else method.parent.fields
        table.setdefault(source.of(attribute), []).append(bound)


def _loop(node: Node, scope: Scope, found: Outline) -> None:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is not None:
        bind_target(left, scope, found.source, Bound(Sort.VALUE, node=right, scope=scope, elements=1))


def _with(node: Node, scope: Scope, found: Outline) -> None:
    for pattern in with_patterns(node):
        value, target = pattern.named_children[0], pattern.named_children[-1]
        bind_target(target, scope, found.source, Bound(Sort.VALUE, node=value, scope=scope))


def with_patterns(node: Node) -> Iterator[Node]:
    """The `value as target` parts of a `with` statement."""
    for clause in node.children:
        if clause.type == "with_clause":
            for item in clause.named_children:
                value = item.child_by_field_name("value")
                if value is not None and value.type == "as_pattern" and len(value.named_children) > 1:
                    yield value


def _caught(node: Node, scope: Scope, found: Outline) -> None:
    for child in node.named_children:
        if child.type == "as_pattern" and child.named_children[-1].type == "as_pattern_target":
            bind_target(child.named_children[-1], scope, found.source, Bound(Sort.VALUE, scope=scope))


def _case(node: Node, scope: Scope, found: Outline) -> None:
    waiting = [child for child in node.children if child.type == "case_pattern"]
    while waiting:
        current = waiting.pop()
        if current.type == "dotted_name" and len(current.named_children) == 1:
            scope.bind(found.source.of(current), Bound(Sort.VALUE, scope=scope))
        waiting.extend(child for child in current.named_children if child.type != "class_pattern")


def _elsewhere(node: Node, scope: Scope, found: Outline) -> None:
    for child in node.named_children:
        if child.type == "identifier":
            name = found.source.of(child)
            home = found.module if node.type == "global_statement" else _enclosing_with(scope, name)
            if home is not None and home is not scope:
                scope.elsewhere[name] = home


def _enclosing_with(scope: Scope, name: str) -> Scope | None:
    outer = scope.parent
    while outer is not None and outer.parent is not None:
        if name in outer.names and outer.kind is not FunctionKind.CLASS:
            return outer
        outer = outer.parent
    return scope.parent if scope.parent is not None and scope.parent.kind is not FunctionKind.CLASS else None


# -- imports ----------------------------------------------------------------------------------------------------------


def _import(node: Node, scope: Scope, found: Outline) -> None:
    span = found.source.span(node)
    for child in node.named_children:
        if child.type == "aliased_import":
            _bind_import(_name_of(child, found.source), _alias_of(child, found.source), scope, span, found)
        elif child.type == "dotted_name":
            name = found.source.of(child).replace(" ", "")
            top = name.split(".", 1)[0]
            _bind_import(top, top, scope, span, found)
            if top != name:
                found.imports.append(Import(name, "", span))


def _import_from(node: Node, scope: Scope, found: Outline) -> None:
    module_node = node.child_by_field_name("module_name")
    module = found.source.of(module_node) if module_node is not None else "__future__"
    prefix = module if module.endswith(".") else module + "."
    span = found.source.span(node)
    for child in node.named_children:
        if child == module_node:
            continue
        if child.type == "wildcard_import":
            found.imports.append(Import(prefix + "*", "", span))
            found.stars.append(prefix)
        elif child.type == "aliased_import":
            _bind_import(prefix + _name_of(child, found.source), _alias_of(child, found.source), scope, span, found)
        elif child.type == "dotted_name":
            name = found.source.of(child)
            _bind_import(prefix + name, name, scope, span, found)


def _bind_import(name: str, local: str, scope: Scope, span: Span, found: Outline) -> None:
    found.imports.append(Import(name, local, span))
    scope.bind(local, Bound(Sort.IMPORT, name))


def _name_of(node: Node, source: Source) -> str:
    name = node.child_by_field_name("name")
    return source.of(name) if name is not None else ""


def _alias_of(node: Node, source: Source) -> str:
    alias = node.child_by_field_name("alias")
    return source.of(alias) if alias is not None else ""


_DECLARE: dict[str, Callable[[Node, Scope, Outline], None]] = {
    "expression_statement": _expression,
    "for_statement": _loop,
    "with_statement": _with,
    "except_clause": _caught,
    "except_group_clause": _caught,
    "case_clause": _case,
    "global_statement": _elsewhere,
    "nonlocal_statement": _elsewhere,
    "import_statement": _import,
    "import_from_statement": _import_from,
    "future_import_statement": _import_from,
}

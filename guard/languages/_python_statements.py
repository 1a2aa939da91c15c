"""The second pass over a Python file, statement by statement: what is bound, changed, removed, given back and set."""

from __future__ import annotations

from collections.abc import Callable

from guard.facts import (
    Action,
    Binding,
    Call,
    Constant,
    Entry,
    Function,
    FunctionKind,
    Mapping,
    Name,
    Return,
    Setting,
    Span,
    Unknown,
    Use,
    Value,
)
from guard.languages._python_names import UNKNOWN, Names, Reach, steps_of
from guard.languages._python_scopes import Outline, Scope, Statement, assigned, parts_of, with_patterns
from guard.languages._python_settings import flattened, setting_default
from guard.languages._python_values import CONFIGURATIONS, Expressions, key_text
from guard.languages._syntax import Node

_CONSTRUCTORS = frozenset(
    {"__init__", "__new__", "__post_init__", "__init_subclass__", "__attrs_post_init__", "model_post_init"}
)
_PATTERNS = frozenset({"pattern_list", "tuple_pattern", "list_pattern", "tuple", "list", "parenthesized_expression"})
_NOTHING = Unknown("")


class Statements:
    """Reads the statements of one file in order."""

    def __init__(self, outline: Outline) -> None:
        self.outline = outline
        self.source = outline.source
        self.names = Names(outline)
        self.expressions = Expressions(outline, self.names)
        self._decorators: dict[str, tuple[Call | Name, ...]] = {}
        self._bases: dict[str, tuple[str, ...]] = {}
        self._heads: dict[str, Callable[[Statement], None]] = {
            "expression_statement": self._expression,
            "if_statement": self._condition,
            "elif_clause": self._condition,
            "while_statement": self._condition,
            "for_statement": self._loop,
            "with_statement": self._with,
            "except_clause": self._but_blocks,
            "except_group_clause": self._but_blocks,
            "match_statement": self._but_blocks,
            "case_clause": self._case,
            "return_statement": self._return,
            "delete_statement": self._delete,
            "function_definition": self._function,
            "class_definition": self._class,
            "import_statement": self._nothing,
            "import_from_statement": self._nothing,
            "future_import_statement": self._nothing,
            "global_statement": self._nothing,
            "nonlocal_statement": self._nothing,
        }

    def read(self) -> None:
        """Read all statements."""
        for statement in self.outline.statements:
            self._heads.get(statement.node.type, self._other)(statement)

    # -- heads of statements ------------------------------------------------------------------------------------------

    def _nothing(self, statement: Statement) -> None:
        """The outline has said it all."""

    def _other(self, statement: Statement) -> None:
        self.expressions.value(statement.node, statement.scope)

    def _expression(self, statement: Statement) -> None:
        for child in statement.node.named_children:
            if child.type == "assignment":
                self._assignment(child, statement.scope)
            elif child.type == "augmented_assignment":
                self._augmented(child, statement.scope)
            else:
                self.expressions.value(child, statement.scope)

    def _condition(self, statement: Statement) -> None:
        self.expressions.value(statement.node.child_by_field_name("condition"), statement.scope)

    def _loop(self, statement: Statement) -> None:
        left, right = statement.node.child_by_field_name("left"), statement.node.child_by_field_name("right")
        if right is not None:
            self.expressions.read(right, statement.scope, "for")
        if left is not None:
            self._bind_elements(left, statement.scope)

    def _bind_elements(self, target: Node, scope: Scope) -> None:
        if target.type == "identifier":
            path = self.names.lookup(scope, self.source.of(target)).path
            known = not path.startswith(("~" + self.source.of(target), UNKNOWN))
            self._store(target, Name(path) if known else _NOTHING, target, scope)
        elif target.type in _PATTERNS:
            for part in target.named_children:
                self._bind_elements(part, scope)
        else:
            self._store(target, _NOTHING, target, scope)

    def _with(self, statement: Statement) -> None:
        patterns = list(with_patterns(statement.node))
        for pattern in patterns:
            value = self.expressions.value(pattern.named_children[0], statement.scope)
            for target in pattern.named_children[-1].named_children:
                self._store(target, value, pattern, statement.scope)
        for clause in statement.node.children:
            if clause.type == "with_clause":
                for item in clause.named_children:
                    value_node = item.child_by_field_name("value")
                    if value_node is not None and value_node not in patterns:
                        self.expressions.value(value_node, statement.scope)

    def _but_blocks(self, statement: Statement) -> None:
        for child in statement.node.named_children:
            if child.type not in {"block", "comment", "ERROR"}:
                inner = child.named_children[0] if child.type == "as_pattern" else child
                self.expressions.value(inner, statement.scope)

    def _case(self, statement: Statement) -> None:
        guard = statement.node.child_by_field_name("guard")
        if guard is not None:
            self.expressions.value(guard, statement.scope)

    def _return(self, statement: Statement) -> None:
        given = [child for child in statement.node.named_children if child.type != "comment"]
        value = self.expressions.value(given[0], statement.scope) if given else Constant(None)
        self.expressions.returns.append(Return(value, self.source.span(statement.node), statement.scope.id))

    def _delete(self, statement: Statement) -> None:
        waiting = list(statement.node.named_children)
        while waiting:
            target = waiting.pop()
            if target.type in {"expression_list", "tuple", "list", "parenthesized_expression"}:
                waiting.extend(target.named_children)
            elif target.type == "subscript":
                found, key = self._element_of(target, statement.scope)
                self.expressions.use(found, Action.REMOVE, target, statement.scope, "del", key)
            elif target.type == "attribute":
                reach = self._holder(target, statement.scope)
                self.expressions.use(
                    reach, Action.REMOVE, target, statement.scope, "del", Constant(self.names.attribute_of(target))
                )

    # -- definitions --------------------------------------------------------------------------------------------------

    def _function(self, statement: Statement) -> None:
        self._decorate(statement)
        parameters = statement.node.child_by_field_name("parameters")
        for child in parameters.named_children if parameters is not None else ():
            default, annotation = child.child_by_field_name("value"), child.child_by_field_name("type")
            if default is not None:
                self.expressions.value(default, statement.scope)
            if annotation is not None and "(" in self.source.of(annotation):  # Annotated[Session, Depends(session)]
                for inner in annotation.named_children:
                    self.expressions.value(inner, statement.scope)

    def _class(self, statement: Statement) -> None:
        self._decorate(statement)
        heads = statement.node.child_by_field_name("superclasses")
        for child in heads.named_children if heads is not None else ():
            node = child.child_by_field_name("value") if child.type == "keyword_argument" else child
            self.expressions.value(node, statement.scope)
        if statement.made is not None:
            paths = (self._base(base, statement.scope) for base in statement.made.bases)
            self._bases[statement.made.id] = tuple(path for path in paths if not path.startswith(UNKNOWN))

    def _base(self, node: Node, scope: Scope) -> str:
        """The name of a base; `Generic[T]` is `Generic`."""
        return self.names.reach(node, scope).path.removesuffix("[]")

    def _decorate(self, statement: Statement) -> None:
        made = statement.made
        if made is None or not made.decorators:
            return
        values = (
            self.expressions.value(decorator.named_children[0], statement.scope)
            for decorator in made.decorators
            if decorator.named_children
        )
        self._decorators[made.id] = tuple(value for value in values if isinstance(value, Call | Name))

    # -- assignments --------------------------------------------------------------------------------------------------

    def _assignment(self, node: Node, scope: Scope) -> None:
        targets, value_node = assigned(node)
        annotation = node.child_by_field_name("type")
        declared = self.source.of(annotation) if annotation is not None else ""
        if value_node is None:
            self._declaration(targets, node, scope, declared)
            return
        value = self.expressions.value(value_node, scope)
        for target in targets:
            self._store(target, value, node, scope, declared, value_node)

    def _declaration(self, targets: list[Node], node: Node, scope: Scope, declared: str) -> None:
        """`x: int` in a class declares a field; elsewhere it says nothing that lasts."""
        if scope.kind is FunctionKind.CLASS:
            for target in targets:
                self._store(target, _NOTHING, node, scope, declared)

    def _store(
        self, target: Node, value: Value, node: Node, scope: Scope, declared: str = "", value_node: Node | None = None
    ) -> None:
        kind = target.type
        if kind == "identifier":
            self._store_name(self.source.of(target), value, node, scope, declared)
        elif kind == "attribute":
            self._store_member(target, value, node, scope, declared)
        elif kind == "subscript":
            self._store_element(target, value, node, scope)
        elif kind in _PATTERNS:
            for part, own, _ in parts_of(target, value_node, 0):
                single = own is not None and own is not value_node
                self._store(part, self._again(own, scope) if single else _NOTHING, node, scope)
        elif kind in {"list_splat_pattern", "list_splat"} and target.named_children:
            self._store(target.named_children[0], _NOTHING, node, scope)

    def _again(self, node: Node | None, scope: Scope) -> Value:
        """The value of one side of `a, b = x, y`, whose calls and uses have been told already."""
        kept = (
            len(self.expressions.calls),
            len(self.expressions.uses),
            len(self.expressions.returns),
            len(self.expressions.bindings),
        )
        value = self.expressions.value(node, scope)
        for told, length in zip(
            (self.expressions.calls, self.expressions.uses, self.expressions.returns, self.expressions.bindings),
            kept,
            strict=True,
        ):
            del told[length:]
        return value

    def _store_name(self, name: str, value: Value, node: Node, scope: Scope, declared: str) -> None:
        home = scope.owner_of(name)
        span = self.source.span(node)
        record = scope.is_record and bool(declared) and "ClassVar" not in declared
        final = "Final" in declared
        self.expressions.bindings.append(
            Binding(name, home.id, value, span, scope.id, record, final, not home.id and not name.startswith("_"), declared)
        )
        if home is not scope:
            self.expressions.tell(home.id, name, Action.REBIND, node, scope, "=", None, value)
        if not scope.kind or scope.kind is FunctionKind.CLASS:
            self._name_setting(name, value, span, scope, declared)

    def _name_setting(self, name: str, value: Value, span: Span, scope: Scope, declared: str) -> None:
        if name.isupper():
            self.expressions.settings.extend(flattened((name,), value, span, scope.id))
        elif declared and any("Settings" in self.source.of(base) for base in scope.bases):
            self.expressions.settings.append(Setting((name,), setting_default(value), span, scope=scope.id))

    def _holder(self, target: Node, scope: Scope) -> Reach:
        """What an attribute is set on."""
        holder = target.child_by_field_name("object")
        if holder is None:
            return Reach(UNKNOWN)
        return self.expressions.follow(holder, scope)[0].reach

    def _store_member(self, target: Node, value: Value, node: Node, scope: Scope, declared: str) -> None:
        reach = self._holder(target, scope)
        name = self.names.attribute_of(target)
        span = self.source.span(node)
        holder = self.names.holder_of(reach.of, name) if reach.of is not None else None
        if holder is not None and reach.of is not None:
            owner = reach.of if name in reach.of.fields or name in reach.of.names else holder
            binding = Binding(name, owner.id, value, span, scope.id, not reach.on_class, "Final" in declared, type=declared)
            self.expressions.bindings.append(binding)
            if scope.name not in _CONSTRUCTORS or not reach.path.startswith("%"):
                self.expressions.tell(owner.id, name, Action.REBIND, node, scope, "=", None, value)
            return
        if reach.hung is not None:
            self.expressions.bindings.append(Binding(f"{reach.hung}.{name}", "", value, span, scope.id, type=declared))
        self.expressions.use(reach, Action.MUTATE, node, scope, "=", Constant(name), value)
        if reach.path.rsplit(".", 1)[-1].lstrip("~%") in CONFIGURATIONS:
            self.expressions.settings.append(Setting((name,), value, span, scope=scope.id))

    def _element_of(self, target: Node, scope: Scope) -> tuple[Reach, Value | None]:
        """The container of `x[key]` and the key nearest to it."""
        inner = target.child_by_field_name("value")
        keys = [self.expressions.value(child, scope) for child in target.children_by_field_name("subscript")]
        if inner is None:
            return Reach(UNKNOWN), None
        found = self.expressions.follow(inner, scope)[0]
        return found.reach, found.key if found.key is not None else (keys[0] if keys else None)

    def _store_element(self, target: Node, value: Value, node: Node, scope: Scope) -> None:
        reach, key = self._element_of(target, scope)
        self.expressions.use(reach, Action.MUTATE, node, scope, "[]", key, value)
        literal = self.names.key_of(target)
        if reach.hung is not None and literal is not None:
            self.expressions.bindings.append(Binding(f"{reach.hung}.{literal}", "", value, self.source.span(node), scope.id))
        path = self._setting_path(target, scope)
        if path:
            self.expressions.settings.extend(flattened(path, value, self.source.span(node), scope.id))

    def _setting_path(self, target: Node, scope: Scope) -> tuple[str, ...]:
        """The keys of `app.config["A"]["B"]`, or of `CACHES["default"]` with its name."""
        root, steps = steps_of(target)
        keys: list[str] = []
        while steps and steps[-1].type == "subscript":
            subscripts = steps.pop().children_by_field_name("subscript")
            key = key_text(self._again(subscripts[0], scope)) if subscripts else None
            if key is None:
                return ()
            keys.insert(0, key)
        if not steps and root.type == "identifier" and self.source.of(root).isupper():
            return (self.source.of(root), *keys)
        holder = self.names.attribute_of(steps[-1]) if steps and steps[-1].type == "attribute" else self.source.head(root)
        return tuple(keys) if holder in CONFIGURATIONS else ()

    def _augmented(self, node: Node, scope: Scope) -> None:
        target = node.child_by_field_name("left")
        value = self.expressions.value(node.child_by_field_name("right"), scope)
        operator = node.child_by_field_name("operator")
        sign = operator.type if operator is not None else "+="
        if target is None:
            return
        if target.type == "identifier":
            self._augment_name(self.source.of(target), value, node, scope, sign)
        elif target.type == "attribute":
            self._augment_member(target, value, node, scope, sign)
        elif target.type == "subscript":
            reach, key = self._element_of(target, scope)
            self.expressions.use(reach, Action.MUTATE, node, scope, "[]", key, value)

    def _augment_name(self, name: str, value: Value, node: Node, scope: Scope, sign: str) -> None:
        home = scope.owner_of(name)
        self.expressions.tell(home.id, name, Action.REBIND, node, scope, sign, None, value)
        if name.isupper() and not home.id:  # INSTALLED_APPS += [...]
            self.expressions.settings.extend(flattened((name,), value, self.source.span(node), scope.id))

    def _augment_member(self, target: Node, value: Value, node: Node, scope: Scope, sign: str) -> None:
        reach = self._holder(target, scope)
        name = self.names.attribute_of(target)
        holder = self.names.holder_of(reach.of, name) if reach.of is not None else None
        if holder is not None:
            self.expressions.tell(holder.id, name, Action.REBIND, node, scope, sign, None, value)
            return
        self.expressions.use(reach, Action.MUTATE, node, scope, sign, Constant(name), value)
        if reach.hung is not None:
            self.expressions.tell(UNKNOWN, f"{reach.hung}.{name}", Action.REBIND, node, scope, sign, None, value)

    # -- what was found -----------------------------------------------------------------------------------------------

    def functions(self) -> tuple[Function, ...]:
        """The functions and classes, with what was handed over and applied to them."""
        made = (self._function_fact(scope) for scope in self.outline.scopes)
        return tuple(sorted(made, key=lambda function: (function.span.line, function.span.column)))

    def _function_fact(self, scope: Scope) -> Function:
        parent = scope.parent
        while parent is not None and parent.transparent:
            parent = parent.parent
        name = "" if scope.name.startswith("<") else scope.name.split("<", 1)[0]
        return Function(
            id=scope.id,
            name=name,
            parent=parent.id if parent is not None else "",
            kind=scope.kind or FunctionKind.FUNCTION,
            span=self.source.span(scope.node) if scope.node is not None else Span(1, 1),
            parameters=scope.parameters,
            decorators=self._decorators.get(scope.id, ()),
            bases=self._bases.get(scope.id, ()),
            exported=bool(name) and scope.depth == 1 and not name.startswith("_"),
            registered=self.expressions.registered.get(scope.id),
        )

    def uses(self) -> tuple[Use, ...]:
        """The uses worth telling: reads of a function's own variables are left out unless another function has hold of them."""
        hung = {binding.name for binding in self.expressions.bindings if not binding.owner}
        functions = {scope.id for scope in self.outline.scopes if scope.kind is not FunctionKind.CLASS}
        drafts = self.expressions.uses
        shared = {(draft.owner, draft.name) for draft in drafts if draft.scope != draft.owner}
        return tuple(
            Use(
                draft.name,
                "" if draft.owner == UNKNOWN and draft.name in hung else draft.owner,
                draft.action,
                self.source.span(draft.node),
                draft.scope,
                draft.method,
                draft.key,
                draft.value,
            )
            for draft in drafts
            if draft.action is not Action.READ or draft.owner not in functions or (draft.owner, draft.name) in shared
        )


def entries_of(value: Value) -> tuple[Entry, ...]:
    """The entries of a mapping."""
    return value.entries if isinstance(value, Mapping) else ()

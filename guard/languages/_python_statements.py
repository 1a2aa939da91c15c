"""The second pass over a Python file, statement by statement: what is bound, changed, removed, given back and set."""

from __future__ import annotations

from collections.abc import Callable

from guard.facts import Call, Constant, Function, FunctionKind, Name, Return, Span, Use
from guard.languages._python_names import UNKNOWN, Names
from guard.languages._python_notes import Notes
from guard.languages._python_outline import PATTERNS, assigned, with_patterns
from guard.languages._python_scopes import Outline, Scope, Statement
from guard.languages._python_stores import NOTHING, Stores
from guard.languages._python_values import Expressions
from guard.languages._syntax import Node

_GROUPS = frozenset({"expression_list", "tuple", "list", "parenthesized_expression"})


class Statements:
    """Reads the statements of one file in order."""

    def __init__(self, outline: Outline) -> None:
        self.outline = outline
        self.source = outline.source
        self.names = Names(outline)
        self.notes = Notes()
        self.expressions = Expressions(outline, self.names, self.notes)
        self._stores = Stores(self.expressions)
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
                self._stores.augment(child, statement.scope)
            else:
                self.expressions.value(child, statement.scope)

    def _condition(self, statement: Statement) -> None:
        self.expressions.value(statement.node.child_by_field_name("condition"), statement.scope)

    def _loop(self, statement: Statement) -> None:
        left, right = statement.node.child_by_field_name("left"), statement.node.child_by_field_name("right")
        if right is not None:
            self.expressions.chains.read(right, statement.scope, "for")
        if left is not None:
            self._bind_elements(left, statement.scope)

    def _bind_elements(self, target: Node, scope: Scope) -> None:
        if target.type == "identifier":
            path = self.names.lookup(scope, self.source.of(target)).path
            known = not path.startswith(("~" + self.source.of(target), UNKNOWN))
            self._stores.store(target, Name(path) if known else NOTHING, target, scope)
        elif target.type in PATTERNS:
            for part in target.named_children:
                self._bind_elements(part, scope)
        else:
            self._stores.store(target, NOTHING, target, scope)

    def _with(self, statement: Statement) -> None:
        patterns = list(with_patterns(statement.node))
        for pattern in patterns:
            value = self.expressions.value(pattern.named_children[0], statement.scope)
            for target in pattern.named_children[-1].named_children:
                self._stores.store(target, value, pattern, statement.scope)
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
        self.notes.returns.append(Return(value, self.source.span(statement.node), statement.scope.id))

    def _delete(self, statement: Statement) -> None:
        waiting = list(statement.node.named_children)
        while waiting:
            target = waiting.pop()
            if target.type in _GROUPS:
                waiting.extend(target.named_children)
            else:
                self._stores.remove(target, statement.scope)

    # -- definitions --------------------------------------------------------------------------------------------------

    def _function(self, statement: Statement) -> None:
        self._decorate(statement)
        parameters = statement.node.child_by_field_name("parameters")
        for child in parameters.named_children if parameters is not None else ():
            default, annotation = child.child_by_field_name("value"), child.child_by_field_name("type")
            if default is not None:
                self.expressions.value(default, statement.scope)
            if annotation is not None and "(" in self.source.of(annotation):  # Annotated[Session, Depends(session)]
                self._calls_inside(annotation, statement.scope)

    def _calls_inside(self, node: Node, scope: Scope) -> None:
        waiting = [node]
        while waiting:
            current = waiting.pop()
            if current.type == "call":
                self.expressions.value(current, scope)
            else:
                waiting.extend(current.named_children)

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
        if value_node is None and scope.kind is not FunctionKind.CLASS:
            return  # `x: int` declares a field in a class; elsewhere it says nothing that lasts
        value = NOTHING if value_node is None else self.expressions.value(value_node, scope)
        for target in targets:
            self._stores.store(target, value, node, scope, declared, value_node)

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
            registered=self.notes.registered.get(scope.id),
        )

    def uses(self) -> tuple[Use, ...]:
        """The uses worth telling."""
        functions = (scope.id for scope in self.outline.scopes if scope.kind is not FunctionKind.CLASS)
        return self.notes.uses(functions, self.source)

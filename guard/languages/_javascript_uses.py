"""Who changes and reads which binding of a JavaScript or TypeScript file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from guard.facts import Action, Binding, Call, Constant, Name, Unknown, Use, Value
from guard.languages._javascript_bindings import Hung, base_class_with
from guard.languages._javascript_scopes import (
    CLASSES,
    FUNCTIONS,
    Declaration,
    DeclarationKind,
    Definition,
    Scope,
    first_of,
    unwrapped,
)
from guard.languages._javascript_survey import Survey
from guard.languages._javascript_values import UNKNOWN, Reading
from guard.languages._syntax import Node, span_of

_MUTATORS = frozenset({"set", "add", "push", "unshift", "splice", "fill", "sort", "reverse", "copyWithin", "append", "enqueue"})
_REMOVERS = frozenset({"delete", "del", "clear", "pop", "shift", "dequeue"})
_APPENDERS = frozenset({"push", "unshift", "append", "enqueue"})
"""Members whose argument is stored under no key."""
_ELEMENTS = frozenset({"get", "find", "at", "findLast"})
"""Members that give an element which a later change of it changes in place."""
_STEPS_OF_NUMBERS = frozenset({"++", "--", "+=", "-="})
"""What is done to an entry that counts: `hits[ip]++`."""
_FILLERS = frozenset({"Object.assign", "Object.defineProperty", "Object.defineProperties"})
_LITERALS = frozenset({"string", "number", "template_string", "true", "false", "null", "regex", *FUNCTIONS, *CLASSES})
_STEPS = frozenset({"identifier", "member_expression", "subscript_expression", "this", "call_expression", "new_expression"})
_DEEPEST = 40
_EXPORT = re.compile(r"exports(\.[^.\[]+)?")
"""What is exported, as opposed to what is put into it."""


class Target(Struct, frozen=True):
    """The binding that an expression leads to."""

    owner: str
    name: str
    declared: Declaration | None
    root: int
    """Where the identifier or `this` at the bottom of the expression starts."""

    @property
    def foreign(self) -> bool:
        """Whether the binding is found nowhere in the file."""
        return self.owner == "?"


class Tracking:
    """Collects the uses of a file; `hung` are the properties made on other objects."""

    def __init__(self, survey: Survey, reading: Reading, hung: Hung) -> None:
        self.survey = survey
        self.reading = reading
        self.source = reading.source
        self.hung = hung
        self.uses: list[Use] = []
        self._seen: set[int] = set()
        """Starts of the identifiers whose use is told already."""

    def collect(self) -> tuple[Use, ...]:
        """All uses, in source order."""
        for node, scope in self.survey.writes:
            self._write(node, scope)
        for node, scope in self.survey.deletions:
            self._deletion(node, scope)
        for node, scope in self.survey.calls:
            self._call(node, scope)
        for node, scope in self.survey.memberships:
            self._membership(node, scope)
        for node, scope in self.survey.subscripts:
            self._subscript(node, scope)
        self._plain_reads()
        return tuple(sorted(self.uses, key=lambda use: (use.span.line, use.span.column)))

    # -- what an expression leads to ----------------------------------------------------------------------------------

    def target(self, node: Node, scope: Scope, depth: int = 0) -> Target | None:
        """The binding whose content an expression is, or is part of."""
        start, members = node, list[str]()
        for _ in range(_DEEPEST):
            node = unwrapped(node)
            match node.type:
                case "member_expression":
                    inner, member = node.child_by_field_name("object"), node.child_by_field_name("property")
                    members.append(self.source.of(member) if member is not None else "")
                case "subscript_expression":
                    inner = node.child_by_field_name("object")
                    members.append("[]")
                case "call_expression":
                    inner = self._element_of(node)
                    members.append("()")
                case "identifier":
                    return self._from_name(node, start, scope, members, depth)
                case "this":
                    return self._from_this(node, start, scope, members)
                case _:
                    return None
            if inner is None:
                return None
            node = inner
        return None

    def _element_of(self, call: Node) -> Node | None:
        callee = call.child_by_field_name("function")
        if callee is None or callee.type != "member_expression":
            return None
        member = callee.child_by_field_name("property")
        return callee.child_by_field_name("object") if member is not None and self.source.of(member) in _ELEMENTS else None

    def _from_name(self, node: Node, start: Node, scope: Scope, members: list[str], depth: int) -> Target | None:
        declared = scope.find(self.source.of(node))
        if declared is not None and declared.kind is DeclarationKind.VARIABLE:
            through = self._through(declared, members, depth)
            if through is not None and through.foreign:
                return self._foreign(node, start, scope)
            if through is not None:
                return Target(through.owner, through.name, through.declared, node.start_byte)
            if self.hung.covers(path := self.reading.path(start, scope)):
                return Target("", self.hung.nearest(path), None, node.start_byte)
            return _in_object(declared, members, node.start_byte)
        if declared is not None and declared.function is not None and members:
            field = declared.function.fields.get(members[-1])
            if field:
                return _in_object(field[0], members[:-1], node.start_byte)
        return self._foreign(node, start, scope)

    def _through(self, declared: Declaration, members: list[str], depth: int) -> Target | None:
        """The binding behind a variable that is another name for it, or for an element of it."""
        only = declared.only_value()
        if only is None or depth > _DEEPEST:
            return None
        value, scope = unwrapped(only[0]), only[1]
        if value.type == "new_expression":
            return self._field_of_instance(value, scope, members)
        if value.type == "this":  # `const self = this`, for the functions in which `this` is another
            return self._from_this(value, value, scope, members)
        fallback = value.type == "binary_expression"
        if fallback:
            left = value.child_by_field_name("left")
            value = unwrapped(left) if left is not None else value
        if value.type not in _STEPS or (value.type == "call_expression" and declared.suffix):
            return None
        found = self.target(value, scope, depth + 1)
        return None if found is None or (fallback and found.foreign) or found.declared is declared else found

    def _field_of_instance(self, value: Node, scope: Scope, members: list[str]) -> Target | None:
        constructor = value.child_by_field_name("constructor")
        if not members or constructor is None or constructor.type != "identifier":
            return None
        found = scope.find(self.source.of(constructor))
        fields = found.function.fields.get(members[-1]) if found is not None and found.function is not None else None
        return Target(found.function.id, members[-1], fields[0], 0) if fields and found and found.function else None

    def _from_this(self, node: Node, start: Node, scope: Scope, members: list[str]) -> Target | None:
        this = scope.this
        if isinstance(this, Definition) and members:
            owner = base_class_with(this, members[-1])
            if owner is not None:
                return _in_object(owner.fields[members[-1]][0], members[:-1], node.start_byte)
        if isinstance(this, str):
            name = this.removeprefix("~").split(".")[0]
            found = scope.find(name) if this != name else None
            if found is not None and found.kind is DeclarationKind.VARIABLE:
                return _in_object(found, members, node.start_byte)
            if this == "exports":
                entry = f"exports.{members[-1]}" if members else ""
                return Target("", entry if self.hung.has(entry) else this, None, node.start_byte)
            return None
        return self._foreign(node, start, scope)

    def _foreign(self, node: Node, start: Node, scope: Scope) -> Target | None:
        path = self.reading.path(start, scope)
        if path.startswith(UNKNOWN):
            return None
        for known in (path, f"globalThis.{path}"):  # what is hung on the global object goes by its bare name too
            if self.hung.covers(known):
                return Target("", self.hung.nearest(known), None, node.start_byte)
        return Target("?", path, None, node.start_byte)

    # -- statements that change something -----------------------------------------------------------------------------

    def _write(self, node: Node, scope: Scope) -> None:
        left, right = (
            node.child_by_field_name("left") or node.child_by_field_name("argument"),
            node.child_by_field_name("right"),
        )
        if left is None:
            return
        left = unwrapped(left)
        operator = node.child_by_field_name("operator")
        method = operator.type if operator is not None else "="
        value = self.reading.value(right, scope) if right is not None else None
        match left.type:
            case "identifier":
                self._rebind(left, node, scope, method, value)
            case "member_expression" | "subscript_expression":
                self._assign_member(left, node, scope, method, value)
            case "array_pattern" | "object_pattern":
                for child in left.named_children:
                    if child.type == "identifier":
                        self._rebind(child, node, scope, method, None)
            case _:
                pass

    def _rebind(self, left: Node, node: Node, scope: Scope, method: str, value: Value | None) -> None:
        self._seen.add(left.start_byte)
        declared = scope.find(self.source.of(left))
        if declared is None or declared.kind is not DeclarationKind.VARIABLE:
            return
        if self._at_home(declared, scope) and (method != "=" or not isinstance(value, Call)):
            return  # what a function does with its own variables is told only where they get what a call gives
        if declared.init is None and len(declared.assigned) == 1 and scope.id == declared.owner:
            return
        self._add(
            Target(declared.owner, declared.name, declared, left.start_byte), Action.REBIND, node, scope, method, None, value
        )

    def _assign_member(self, left: Node, node: Node, scope: Scope, method: str, value: Value | None) -> None:
        if node.id in self.hung.made_by or node.id in self.hung.fields:
            self._see(left)
            return
        inner = left.child_by_field_name("object")
        key = self._key(left, scope)
        target = self._field(left, scope)
        if target is not None:
            self._add(target, Action.REBIND, node, scope, method, None, value)
            return
        path = self.reading.path(left, scope)
        if self.hung.has(path):
            self._see(left)
            self._add(Target("", path, None, left.start_byte), Action.REBIND, node, scope, method, None, value)
            return
        if _EXPORT.fullmatch(path) or ".prototype" in path:
            return
        target = self.target(inner, scope) if inner is not None else None
        entry = self.target(left, scope) if target is not None and target.declared is not None else None
        if target is not None and entry is not None and entry.name != target.name:
            self._add(entry, Action.REBIND, node, scope, method, None, value)
        elif target is not None:
            action = Action.REMOVE if key == Constant("length") and value == Constant(0) else Action.MUTATE
            plain = left.type == "subscript_expression" and method not in _STEPS_OF_NUMBERS
            self._add(target, action, node, scope, "[]" if plain else method, key, value)

    def _field(self, left: Node, scope: Scope) -> Target | None:
        """The field that `this.x` or `Class.x` is."""
        inner, member = left.child_by_field_name("object"), left.child_by_field_name("property")
        if inner is None or member is None:
            return None
        name = self.source.of(member)
        plain = unwrapped(inner)
        owner: Definition | None = None
        if plain.type == "this":
            owner = base_class_with(scope.this, name) if isinstance(scope.this, Definition) else None
        elif plain.type == "identifier":
            found = scope.find(self.source.of(plain))
            owner = (
                found.function if found is not None and found.function is not None and name in found.function.fields else None
            )
        return Target(owner.id, name, owner.fields[name][0], plain.start_byte) if owner is not None else None

    def _key(self, left: Node, scope: Scope) -> Value | None:
        member = left.child_by_field_name("property")
        if member is not None:
            return Constant(self.source.of(member))
        index = left.child_by_field_name("index")
        return self.reading.value(index, scope) if index is not None else None

    def _deletion(self, node: Node, scope: Scope) -> None:
        argument = node.child_by_field_name("argument")
        left = unwrapped(argument) if argument is not None else None
        inner = left.child_by_field_name("object") if left is not None else None
        if left is None or inner is None:
            return
        target = self._field(left, scope) or self.target(inner, scope)
        if target is not None:
            self._add(target, Action.REMOVE, node, scope, "delete", self._key(left, scope), None)

    # -- calls and reads ----------------------------------------------------------------------------------------------

    def _call(self, node: Node, scope: Scope) -> None:
        callee = node.child_by_field_name("function")
        if callee is None or callee.type != "member_expression":
            return
        inner, member = callee.child_by_field_name("object"), callee.child_by_field_name("property")
        if inner is None or member is None:
            return
        name = self.source.of(member)
        call = self.reading.call(node, scope)
        if call.name in _FILLERS:
            self._filled(node, scope, name)
            return
        action = Action.MUTATE if name in _MUTATORS else Action.REMOVE if name in _REMOVERS else Action.READ
        target = self.target(inner, scope)
        if target is None or (action is Action.READ and target.foreign):
            return
        if target.foreign and not _worth_telling(target.name):
            return
        first, second = call.positional(0), call.positional(1)
        if name == "splice" and call.positional(2) is None:
            action = Action.REMOVE
        stored = None if action is not Action.MUTATE else second if name == "set" else first
        self._add(target, action, node, scope, name, None if name in _APPENDERS else first, stored)

    def _filled(self, node: Node, scope: Scope, method: str) -> None:
        """`Object.assign(target, …)`."""
        arguments = node.child_by_field_name("arguments")
        first = first_of(arguments)
        target = self.target(first, scope) if first is not None else None
        if target is not None and (not target.foreign or _worth_telling(target.name)):
            self._add(target, Action.MUTATE, node, scope, method, None, self.reading.call(node, scope).positional(1))

    def _membership(self, node: Node, scope: Scope) -> None:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        target = self.target(right, scope) if right is not None else None
        if target is not None and left is not None and not target.foreign:
            self._add(target, Action.READ, node, scope, "in", self.reading.value(left, scope), None)

    def _subscript(self, node: Node, scope: Scope) -> None:
        inner = node.child_by_field_name("object")
        target = self.target(inner, scope) if inner is not None else None
        if target is None or target.foreign or target.root in self._seen:
            return
        self._add(target, Action.READ, node, scope, "[]", self._key(node, scope), None)

    def _plain_reads(self) -> None:
        watched = {made.name for made in self.survey.variables if made.kind is DeclarationKind.VARIABLE and _holds_state(made)}
        for node, scope in self.survey.references:
            name = self.source.of(node)
            if name in watched and node.start_byte not in self._seen:
                declared = scope.find(name)
                if declared is not None and declared.kind is DeclarationKind.VARIABLE and _holds_state(declared):
                    self._add(Target(declared.owner, name, declared, node.start_byte), Action.READ, node, scope, "", None, None)
        for node, scope in self.survey.own:
            if node.start_byte not in self._seen:
                target = self._field(node, scope)
                if target is not None:
                    self._add(target, Action.READ, node, scope, "", None, None)

    # -- telling ------------------------------------------------------------------------------------------------------

    def _see(self, node: Node) -> None:
        """Remember that the identifier at the bottom of an expression is told."""
        while (inner := unwrapped(node).child_by_field_name("object")) is not None:
            node = inner
        self._seen.add(unwrapped(node).start_byte)

    def _at_home(self, declared: Declaration, scope: Scope) -> bool:
        """Whether a local variable is used in its own function: nothing that outlives the call."""
        return declared.kind is DeclarationKind.VARIABLE and declared.owner != "" and declared.owner == scope.id

    def _add(
        self, target: Target, action: Action, node: Node, scope: Scope, method: str, key: Value | None, value: Value | None
    ) -> None:
        self._seen.add(target.root)
        declared = target.declared
        if action is Action.READ and declared is not None and (self._at_home(declared, scope) or not _holds_state(declared)):
            return
        self.uses.append(Use(target.name, target.owner, action, span_of(node), scope.id, method, key, value))


def _in_object(declared: Declaration, members: list[str], root: int) -> Target:
    """A variable or field, or the container in its object literal that the next member names."""
    entry = members[-1] if members else ""
    return Target(declared.owner, f"{declared.name}.{entry}" if entry in declared.inner else declared.name, declared, root)


def _holds_state(declared: Declaration) -> bool:
    """Whether reading a variable can tell anything: not for functions, classes and literals that never change."""
    if declared.assigned or declared.init is None:
        return True
    return unwrapped(declared.init).type not in _LITERALS


def _worth_telling(path: str) -> bool:
    """Objects of other files and parameters may hold state; packages and what their calls return are their owners' business."""
    return path.startswith(("%", ".", "@/", "~", "globalThis", "exports")) and "()." not in path


def bindings(survey: Survey, reading: Reading, hung: Hung) -> Iterator[Binding]:
    """Every variable, field and hung property of a file, in source order within each kind."""
    for made in sorted(survey.variables, key=lambda made: made.node.start_byte):
        yield Binding(
            made.name,
            made.owner,
            _value(made, reading),
            span_of(made.node),
            _executed_in(made),
            instance=made.instance,
            constant=made.constant,
            exported=made.exported,
            type=made.type,
        )
        for key, (entry, value) in made.inner.items():
            kept = reading.value(value, made.scope)
            name = f"{made.name}.{key}"
            yield Binding(
                name, made.owner, kept, span_of(entry), _executed_in(made), instance=made.instance, exported=made.exported
            )
    yield from hung.bindings


def _executed_in(made: Declaration) -> str:
    if made.kind is DeclarationKind.FIELD and not made.instance and made.scope.outer is not None:
        return made.scope.outer.id
    return made.scope.id


def _value(made: Declaration, reading: Reading) -> Value:
    init = made.init
    if made.suffix or made.element:
        path = reading.alias(made)
        if path:
            return Name(path)
        return Unknown(reading.source.beginning(init, 80)) if init is not None else Constant(None)
    if init is not None:
        return reading.value(init, made.scope)
    only = made.only_value()
    if only is not None and unwrapped(only[0]).type in {
        "call_expression",
        "new_expression",
        "object",
        "array",
        "binary_expression",
    }:
        return reading.value(*only)
    return Constant(None)

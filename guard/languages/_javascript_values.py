"""Names resolved and values read, in JavaScript and TypeScript: what an expression stands for. Each call is read once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from guard.facts import Argument, Call, Choice, Constant, Entry, FunctionValue, Listing, Mapping, Name, Template, Unknown, Value
from guard.languages._javascript_patterns import module_of
from guard.languages._javascript_scopes import (
    CLASSES,
    FUNCTIONS,
    WRAPPERS,
    Declaration,
    DeclarationKind,
    Definition,
    Scope,
    Source,
    first_of,
    string_of,
    unwrapped,
)
from guard.languages._javascript_survey import Survey
from guard.languages._syntax import Node, span_of

UNKNOWN = "?"
"""The path of what has no name."""
_DEEPEST = 40
_MOST_ITEMS = 400
_CUT = 80
_ALIASES = frozenset({"identifier", "member_expression", "subscript_expression", "call_expression", "new_expression", "this"})
_CALLS = frozenset({"call_expression", "new_expression"})
_PROMISES = frozenset(
    {"util.promisify", "pify", "es6-promisify.promisify", "bluebird.promisify", "bluebird.promisifyAll", "thenify"}
)
"""Calls that give the same function, or the same object with such functions, in another style."""
_CHOICES = frozenset({"||", "??", "&&"})
_NUMBER = re.compile(r"[+-]?\d[\d_]*")


class Reading:
    """The names and values of one file, over its survey."""

    def __init__(self, survey: Survey, source: Source) -> None:
        self.survey = survey
        self.source = source
        self._calls: dict[int, Call] = {}
        self._readers: dict[str, Callable[[Node, Scope, int], Value]] = {
            "string": self._string,
            "template_string": self._template,
            "number": self._number,
            "object": self._object,
            "array": self._array,
            "call_expression": self._call_value,
            "new_expression": self._call_value,
            "identifier": self._identifier,
            "shorthand_property_identifier": self._identifier,
            "member_expression": self._path_value,
            "subscript_expression": self._path_value,
            "this": self._path_value,
            "binary_expression": self._binary,
            "ternary_expression": self._ternary,
            "assignment_expression": self._right,
            "augmented_assignment_expression": self._right,
            "unary_expression": self._unary,
            **dict.fromkeys(FUNCTIONS | CLASSES, self._function),
        }

    # -- names --------------------------------------------------------------------------------------------------------

    def path(self, node: Node, scope: Scope, depth: int = 0) -> str:
        """The resolved name of an expression; "?" stands where it has none."""
        node = unwrapped(node)
        if depth > _DEEPEST:
            return UNKNOWN
        match node.type:
            case "identifier" | "shorthand_property_identifier" | "type_identifier":
                return self.name(self.source.of(node), scope, depth)
            case "generic_type":
                named = first_of(node)
                return self.path(named, scope, depth + 1) if named is not None else UNKNOWN
            case "nested_type_identifier":
                first, _, rest = self.source.of(node).partition(".")
                return f"{self.name(first, scope, depth)}.{rest}"
            case "member_expression":
                return self._member(node, scope, depth)
            case "subscript_expression":
                return self._subscript(node, scope, depth)
            case "call_expression" | "new_expression":
                return self._called(node, scope, depth)
            case "this":
                return self._this(scope)
            case "super":
                return self._super(scope, depth)
            case kind if kind in FUNCTIONS or kind in CLASSES:
                found = self.survey.definition_of.get(node.id)
                return f"~{found.name}" if found else UNKNOWN
            case _:
                return UNKNOWN

    def name(self, text: str, scope: Scope, depth: int = 0) -> str:
        """The resolved name of an identifier."""
        declared = scope.find(text)
        if declared is None:
            return "globalThis" if text == "global" else text
        if declared.kind in {DeclarationKind.IMPORT, DeclarationKind.PARAMETER}:
            return declared.path
        return self.alias(declared, depth) or f"~{text}"

    def alias(self, declared: Declaration, depth: int = 0) -> str | None:
        """The name, member or call that a variable or field stands for, if it is bound to one once."""
        if declared.resolved is None:
            if declared.busy or depth > _DEEPEST:
                return None
            declared.busy = True
            declared.resolved = self._alias(declared, depth)
            declared.busy = False
        return declared.resolved or None

    def _alias(self, declared: Declaration, depth: int) -> str:
        only = declared.only_value()
        if only is None:
            return ""
        node = unwrapped(only[0])
        if node.type not in _ALIASES:
            return ""
        found = self.path(node, only[1], depth + 1) + ("[]" if declared.element else "") + declared.suffix
        return "" if found.startswith(UNKNOWN) or found in {f"~{declared.name}", "undefined"} else found

    def _member(self, node: Node, scope: Scope, depth: int) -> str:
        inner, member = node.child_by_field_name("object"), node.child_by_field_name("property")
        if inner is None or member is None:
            return UNKNOWN
        name = self.source.of(member)
        plain = unwrapped(inner)
        if plain.type == "this":
            return self.own_member(name, scope, depth)
        module = module_of(node, self.source) if plain.type == "call_expression" or inner is not plain else None
        if module is not None:
            return module[0]
        path = self.path(plain, scope, depth + 1)
        if path == "module" and name == "exports" and scope.find("module") is None:
            return "exports"
        if path.startswith("~") and path.endswith("()") and path.count("~") == 1:
            return self._of_instance(path, name, scope)
        return f"{path}.{name}"

    def _of_instance(self, path: str, name: str, scope: Scope) -> str:
        """A member of an object of a class of this file is a member of the class."""
        found = scope.find(path[1:-2])
        return f"{path[:-2]}.{name}" if found and found.function and name in found.function.fields else f"{path}.{name}"

    def own_member(self, name: str, scope: Scope, depth: int = 0) -> str:
        """`this.name`: through what the field is bound to, if once; else by its class."""
        this = scope.this
        if isinstance(this, str):
            return f"{this}.{name}"
        if this is None:
            return f"%this.{name}"
        fields = this.fields.get(name)
        if fields and len(fields) == 1:
            found = self.alias(fields[0], depth)
            return found if found and found.endswith("()") else f"~{this.name}.{name}"
        return f"~{this.name}.{name}" if fields or name in this.members else f"%this.{name}"

    def _subscript(self, node: Node, scope: Scope, depth: int) -> str:
        inner, index = node.child_by_field_name("object"), node.child_by_field_name("index")
        if inner is None:
            return UNKNOWN
        text = string_of(index, self.source) if index is not None else None
        return self.path(inner, scope, depth + 1) + (f".{text}" if text else "[]")

    def _called(self, node: Node, scope: Scope, depth: int) -> str:
        known = self._calls.get(node.id)
        if known is not None and known.name not in _PROMISES:
            return f"{known.name}()"
        module = module_of(node, self.source) if node.type == "call_expression" else None
        if module is not None:
            return module[0]
        callee = node.child_by_field_name("function") or node.child_by_field_name("constructor")
        path = self.path(callee, scope, depth + 1) if callee is not None else UNKNOWN
        arguments = node.child_by_field_name("arguments")
        given = first_of(arguments) if path in _PROMISES else None
        return self.path(given, scope, depth + 1) if given is not None else f"{path}()"

    def _this(self, scope: Scope) -> str:
        this = scope.this
        return this if isinstance(this, str) else f"~{this.name}" if this else "%this"

    def _super(self, scope: Scope, depth: int) -> str:
        this = scope.this
        if not isinstance(this, Definition) or not this.bases or this.scope is None:
            return UNKNOWN
        return self.path(this.bases[0], this.scope, depth + 1)

    # -- calls --------------------------------------------------------------------------------------------------------

    def call(self, node: Node, scope: Scope, depth: int = 0) -> Call:
        """The fact of a call or an instantiation."""
        known = self._calls.get(node.id)
        if known is None:
            known = self._calls[node.id] = self._call(node, scope, depth)
        return known

    def _call(self, node: Node, scope: Scope, depth: int) -> Call:
        callee = node.child_by_field_name("function") or node.child_by_field_name("constructor")
        name = self.path(callee, scope, depth) if callee is not None else UNKNOWN
        arguments = node.child_by_field_name("arguments")
        given = arguments.named_children if arguments is not None and arguments.type == "arguments" else []
        items = tuple(self._argument(item, scope, depth + 1) for item in given[:_MOST_ITEMS] if item.type != "comment")
        return Call(name, items, span_of(node), scope.id, self._receiver(callee, scope, depth + 1))

    def _receiver(self, callee: Node | None, scope: Scope, depth: int) -> Value | None:
        """What a method is called on; a variable under its own name."""
        inner = callee.child_by_field_name("object") if callee is not None and callee.type == "member_expression" else None
        if inner is None:
            return None
        inner = unwrapped(inner)
        if inner.type == "identifier":
            text = self.source.of(inner)
            declared = scope.find(text)
            return Name(
                f"~{text}" if declared is not None and declared.kind is DeclarationKind.VARIABLE else self.name(text, scope)
            )
        return self.value(inner, scope, depth) if inner.type in _ALIASES else None

    def _argument(self, node: Node, scope: Scope, depth: int) -> Argument:
        if node.type == "spread_element" and node.named_child_count:
            return Argument("*", self.value(node.named_children[0], scope, depth))
        return Argument(None, self.value(node, scope, depth))

    # -- values -------------------------------------------------------------------------------------------------------

    def value(self, node: Node, scope: Scope, depth: int = 0) -> Value:
        """What an expression is."""
        kind = node.type
        if kind in WRAPPERS:
            node = unwrapped(node)
            kind = node.type
        reader = self._readers.get(kind)
        if reader is not None and depth <= _DEEPEST:
            return reader(node, scope, depth)
        if kind in _LITERALS:
            return Constant(_LITERALS[kind])
        return self.unknown(node)

    def unknown(self, node: Node) -> Unknown:
        """Source text, for what is nothing else."""
        return Unknown(self.source.beginning(node, _CUT))

    def _string(self, node: Node, _scope: Scope, _depth: int) -> Value:
        return Constant(string_of(node, self.source))

    def _template(self, node: Node, scope: Scope, depth: int) -> Value:
        text = string_of(node, self.source)
        if text is not None:
            return Constant(text)
        parts: list[Value] = []
        for child in node.named_children[:_MOST_ITEMS]:
            if child.type == "template_substitution" and child.named_child_count:
                parts.append(self.value(child.named_children[0], scope, depth + 1))
            else:
                parts.append(Constant(self.source.of(child)))
        return Template(tuple(parts))

    def _number(self, node: Node, _scope: Scope, _depth: int) -> Value:
        text = self.source.of(node)
        if _NUMBER.fullmatch(text) and len(text) < _CUT:
            return Constant(int(text.replace("_", "")))
        try:
            return Constant(float(text.replace("_", "")))
        except ValueError:
            return Constant(text)

    def _unary(self, node: Node, scope: Scope, depth: int) -> Value:
        operator, argument = node.child_by_field_name("operator"), node.child_by_field_name("argument")
        if operator is not None and argument is not None and operator.type == "-":
            inner = self.value(argument, scope, depth + 1)
            if isinstance(inner, Constant) and isinstance(inner.value, int | float):
                return Constant(-inner.value)
        return Constant(None) if operator is not None and operator.type == "void" else self.unknown(node)

    def _object(self, node: Node, scope: Scope, depth: int) -> Value:
        entries = (
            self._entry(child, scope, depth + 1) for child in node.named_children[:_MOST_ITEMS] if child.type != "comment"
        )
        return Mapping(tuple(entry for entry in entries if entry is not None))

    def _entry(self, node: Node, scope: Scope, depth: int) -> Entry | None:
        match node.type:
            case "pair":
                key, value = node.child_by_field_name("key"), node.child_by_field_name("value")
                if key is None or value is None:
                    return None
                return Entry(self.key(key), self.value(value, scope, depth), span_of(node))
            case "shorthand_property_identifier":
                return Entry(self.source.of(node), self._identifier(node, scope, depth), span_of(node))
            case "spread_element" if node.named_child_count:
                return Entry(None, self.value(node.named_children[0], scope, depth), span_of(node))
            case "method_definition":
                name = node.child_by_field_name("name")
                return Entry(self.key(name) if name is not None else None, self._function(node, scope, depth), span_of(node))
            case _:
                return None

    def key(self, node: Node) -> str | None:
        """The text of a key; None if it is computed."""
        if node.type == "computed_property_name":
            inner = first_of(node)
            return string_of(inner, self.source) if inner is not None else None
        text = string_of(node, self.source)
        return self.source.of(node) if text is None else text

    def _array(self, node: Node, scope: Scope, depth: int) -> Value:
        items = node.named_children[:_MOST_ITEMS]
        return Listing(tuple(self._item(child, scope, depth + 1) for child in items if child.type != "comment"))

    def _item(self, node: Node, scope: Scope, depth: int) -> Value:
        return self.unknown(node) if node.type == "spread_element" else self.value(node, scope, depth)

    def _call_value(self, node: Node, scope: Scope, depth: int) -> Value:
        module = module_of(node, self.source) if node.type == "call_expression" else None
        return Name(module[0]) if module is not None else self.call(node, scope, depth)

    def _identifier(self, node: Node, scope: Scope, depth: int) -> Value:
        """A variable that holds a call's result keeps its own name: `Facts.resolve` leads to the call with its arguments."""
        text = self.source.of(node)
        path = self.name(text, scope, depth)
        if path.endswith("()"):
            declared = scope.find(text)
            if declared is not None and declared.kind is DeclarationKind.VARIABLE and not declared.suffix:
                return Name(f"~{text}")
        return Name(path)

    def _path_value(self, node: Node, scope: Scope, depth: int) -> Value:
        if node.type == "this":
            return Name("%this")
        path = self.path(node, scope, depth)
        return self.unknown(node) if path.startswith(UNKNOWN) else Name(path)

    def _binary(self, node: Node, scope: Scope, depth: int) -> Value:
        operator = node.child_by_field_name("operator")
        kind = operator.type if operator is not None else ""
        if kind in _CHOICES:
            return Choice(tuple(self.value(part, scope, depth + 1) for part in _operands(node, kind)))
        if kind == "+":
            return Template(tuple(self.value(part, scope, depth + 1) for part in _operands(node, "+")))
        return self.unknown(node)

    def _ternary(self, node: Node, scope: Scope, depth: int) -> Value:
        options = (node.child_by_field_name("consequence"), node.child_by_field_name("alternative"))
        return Choice(tuple(self.value(option, scope, depth + 1) for option in options if option is not None))

    def _right(self, node: Node, scope: Scope, depth: int) -> Value:
        right = node.child_by_field_name("right")
        return self.value(right, scope, depth + 1) if right is not None else self.unknown(node)

    def _function(self, node: Node, _scope: Scope, _depth: int) -> Value:
        found = self.survey.definition_of.get(node.id)
        return FunctionValue(found.id) if found else self.unknown(node)


_LITERALS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "undefined": None}


def _operands(node: Node, operator: str) -> Iterator[Node]:
    """The operands of a chain of one operator, in order, however long it is."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        found = current.child_by_field_name("operator") if current.type == "binary_expression" else None
        left, right = current.child_by_field_name("left"), current.child_by_field_name("right")
        if found is not None and found.type == operator and left is not None and right is not None:
            waiting += [right, left]
        else:
            yield current

"""Facts: language-neutral statements read off one file, as frozen values.

Names are resolved, not matched. A resolved name is a path of segments:

    flask.request.args.get      through imports and aliases (`from flask import request as r; r.args.get`)
    flask_limiter.Limiter().limit   a member of what a call returned
    flask.request.files[].save      a member of an element
    express-session             a module itself, or what it exports by default or as `module.exports`
    open, globalThis.sessions   a builtin or global: nothing in the file defines the first segment
    %request.files              `%`: a parameter of the enclosing function (also `%self.x`, `%this.x` of unknown fields)
    ~helper, ~Store.items       `~`: defined in this file, by the name of its definition
    ./store.load, .models.User  from a relative import, as it is written there

Types are not inferred beyond that: a local bound once to a name, a member or a call stands for it.
Lines are 1-based and count in the new file; columns are 1-based characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from functools import cached_property

from msgspec import Struct


class Span(Struct, frozen=True, order=True):
    """Where something stands: first and last line, first column."""

    line: int
    end_line: int
    column: int = 1

    def touches(self, lines: frozenset[int]) -> bool:
        """Whether any of the lines lies in this span."""
        return any(number in lines for number in range(self.line, self.end_line + 1))


# -- values: what stands on the right of an assignment, in an argument, behind a key ----------------------------------


class Constant(Struct, frozen=True):
    """A literal. Numbers of a language without a boolean or null of its own keep their text."""

    value: str | int | float | bool | None


class Name(Struct, frozen=True):
    """A reference, resolved (see the module's text)."""

    path: str


class Entry(Struct, frozen=True):
    """One key of a mapping. `key` is None for a spread (`**x`, `...x`) or a key that is computed."""

    key: str | None
    value: Value
    span: Span


class Mapping(Struct, frozen=True):
    """A dict, an object literal, a block of a configuration file."""

    entries: tuple[Entry, ...] = ()

    def get(self, key: str) -> Value | None:
        """The value of a key, the last one winning."""
        return next((entry.value for entry in reversed(self.entries) if entry.key == key), None)


class Listing(Struct, frozen=True):
    """A list, tuple, set or array literal."""

    items: tuple[Value, ...] = ()


class Template(Struct, frozen=True):
    """Text with holes, or pieces joined by `+`: constants and other values in order."""

    parts: tuple[Value, ...]


class Choice(Struct, frozen=True):
    """One of several: `a or b`, `a ?? b`, `x if c else y`. In the order of the source."""

    options: tuple[Value, ...]


class FunctionValue(Struct, frozen=True):
    """A function or class defined in place; `scope` is its id in `Facts.functions`."""

    scope: str


class Unknown(Struct, frozen=True):
    """Anything else; its source text, cut at 80 characters."""

    text: str


class Argument(Struct, frozen=True):
    """One argument of a call. `name` is the keyword, None if positional, "*" for a spread whose content is unknown."""

    name: str | None
    value: Value


class Call(Struct, frozen=True):
    """A call or an instantiation. `name` is resolved; `scope` the id of the innermost function or class around it ("" = file)."""

    name: str
    arguments: tuple[Argument, ...]
    span: Span
    scope: str = ""
    receiver: Value | None = None
    """What a method is called on, before it is resolved: `~path` for `path.write_text()`, the inner call for `Path(p).write_text()`."""

    def option(self, key: str) -> Value | None:
        """A keyword argument of this name, or an entry of a mapping given as an argument (`f({key: …})`)."""
        for argument in self.arguments:
            if argument.name == key:
                return argument.value
            if isinstance(argument.value, Mapping):
                found = argument.value.get(key)
                if found is not None:
                    return found
        return None

    def positional(self, index: int) -> Value | None:
        """The argument at this position (0-based, `self` not counted), if it was given without a name."""
        given = [argument.value for argument in self.arguments if argument.name is None]
        return given[index] if index < len(given) else None

    @property
    def opaque(self) -> bool:
        """Whether options may be hidden from view: a spread, or a mapping with one."""
        return any(
            argument.name == "*" or (isinstance(argument.value, Mapping) and any(e.key is None for e in argument.value.entries))
            for argument in self.arguments
        )


Value = Constant | Name | Mapping | Listing | Template | Choice | Call | FunctionValue | Unknown


# -- statements about a file ------------------------------------------------------------------------------------------


class Import(Struct, frozen=True):
    """`local` is bound to `name` (dotted; a relative module as written). `local` is "" for an import that binds nothing."""

    name: str
    local: str
    span: Span


class FunctionKind(StrEnum):
    """What opens a scope."""

    FUNCTION = "function"
    METHOD = "method"
    CLASS = "class"


class Function(Struct, frozen=True):
    """A function, method, lambda or class: a scope.

    `id` is its path of names ("build.start", anonymous ones "build.<12>" by their line); `parent` the enclosing id or "".
    `decorators` are annotations applied to it, `bases` what a class derives from, both resolved.
    `registered` is the call that was handed this function as an argument (a callback, a route's handler), if any.
    """

    id: str
    name: str
    parent: str
    kind: FunctionKind
    span: Span
    parameters: tuple[str, ...] = ()
    decorators: tuple[Call | Name, ...] = ()
    bases: tuple[str, ...] = ()
    exported: bool = False
    registered: Call | None = None
    parameter_types: tuple[str, ...] = ()
    """Declared types of the parameters, as written but without marks, "" for none; empty where a language declares none."""


class Binding(Struct, frozen=True):
    """A name is made: `owner` is the scope whose life it shares ("" = the file's module, once per process).

    Fields of a class bound on its instances (`self.x = …`, `this.x = …`, a field declaration) have the class as `owner`
    and `instance` True; class-level (static) ones have `instance` False. A property hung on something else
    (`app.locals.x = {}`, `core.x = {}`, `globalThis.x = …`) has `name` resolved in full ("%core.x") and `owner` "".
    """

    name: str
    owner: str
    value: Value
    span: Span
    scope: str = ""
    """The function in which the binding is executed ("" = when the file is loaded)."""
    instance: bool = False
    constant: bool = False
    """Whether the language forbids another assignment (`const`, `final`)."""
    exported: bool = False
    type: str = ""
    """A declared type, as written."""


class Action(StrEnum):
    """What is done to a bound name."""

    READ = "read"
    MUTATE = "mutate"
    """Its content changes: `x[k] = v`, `x.append(v)`, `x.set(k, v)`, `x.a = v`, `x[k] += 1`."""
    REMOVE = "remove"
    """Content is taken out: `del x[k]`, `x.pop(k)`, `x.delete(k)`, `x.clear()`."""
    REBIND = "rebind"
    """The name gets another value after its binding (`global x; x = v`, `let` reassigned, `x += 1`)."""


class Use(Struct, frozen=True):
    """A read or a change of a binding, from `scope`. `owner` and `name` are those of the `Binding` it resolves to.

    `key` is the subscript or first argument, `value` what is stored; `method` the member called ("set", "append", "[]", "=").
    A binding found nowhere in the file (a field of an imported object) has `owner` "?" and its resolved name.
    """

    name: str
    owner: str
    action: Action
    span: Span
    scope: str
    method: str = ""
    key: Value | None = None
    value: Value | None = None


class Return(Struct, frozen=True):
    """A function gives back this value."""

    value: Value
    span: Span
    scope: str


class Setting(Struct, frozen=True):
    """A value behind a path of keys: a line of a configuration file, or configuration in code.

    Lists contribute their index as a key ("0", "1"). `document` counts the documents of a file (YAML `---`), from 0.
    In code: an upper-case name, a key of a `config`, an entry of an exported object.
    """

    path: tuple[str, ...]
    value: Value
    span: Span
    document: int = 0
    scope: str = ""


class Comment(Struct, frozen=True):
    """A comment; `text` without its marks."""

    text: str
    span: Span


class Facts(Struct, frozen=True, eq=False, dict=True):
    """All facts of one text, compared by identity. `partial` says that the text was known in pieces only (a patch without its file)."""

    path: str
    language: str
    """The reader's name: "python", "javascript", "typescript", "yaml", "nginx", …"""
    lines: tuple[str, ...] = ()
    imports: tuple[Import, ...] = ()
    functions: tuple[Function, ...] = ()
    calls: tuple[Call, ...] = ()
    bindings: tuple[Binding, ...] = ()
    uses: tuple[Use, ...] = ()
    returns: tuple[Return, ...] = ()
    settings: tuple[Setting, ...] = ()
    comments: tuple[Comment, ...] = ()
    broken: tuple[Span, ...] = ()
    """Places the parser could not read."""
    partial: bool = False
    embedded: tuple[str, ...] = ()
    """Languages other than its own that parts of the file are written in (a here-document): their rules apply too."""

    @cached_property
    def function_by_id(self) -> dict[str, Function]:
        """Functions and classes by their id."""
        return {function.id: function for function in self.functions}

    @cached_property
    def bindings_by_name(self) -> dict[tuple[str, str], tuple[Binding, ...]]:
        """Bindings by (owner, name), in source order."""
        table: dict[tuple[str, str], list[Binding]] = {}
        for binding in self.bindings:
            table.setdefault((binding.owner, binding.name), []).append(binding)
        return {key: tuple(found) for key, found in table.items()}

    @cached_property
    def calls_by_name(self) -> dict[str, list[tuple[int, Call]]]:
        """Calls and decorators, each with its place among all. `@router.get` without parentheses counts as a call without arguments."""
        table: dict[str, list[tuple[int, Call]]] = {}
        for place, call in enumerate((*self.calls, *self._calls_of_decorators())):
            table.setdefault(call.name, []).append((place, call))
        return table

    def _calls_of_decorators(self) -> Iterator[Call]:
        known = {(call.span, call.name) for call in self.calls}
        for function in self.functions:
            for decorator in function.decorators:
                if isinstance(decorator, Name):
                    yield Call(decorator.path, (), function.span, function.parent)
                elif (decorator.span, decorator.name) not in known:
                    yield decorator

    def enclosing(self, scope: str) -> Iterator[Function]:
        """The functions and classes around a scope, innermost first, itself included."""
        function = self.function_by_id.get(scope)
        while function is not None:
            yield function
            function = self.function_by_id.get(function.parent)

    def resolve(self, value: Value | None, scope: str = "") -> Value | None:
        """What a name stands for, if the file binds it exactly once; other values as they are."""
        for _ in range(8):
            if not isinstance(value, Name) or not value.path.startswith("~"):
                return value
            bound = self._bound(value.path[1:], scope)
            if bound is None:
                return value
            value, scope = bound.value, bound.scope
        return value

    def alternatives(self, value: Value | None, scope: str = "") -> tuple[Binding, ...]:
        """What a name may be bound to, if the file binds it in several places (the branches of an `if`); else nothing."""
        if not isinstance(value, Name) or not value.path.startswith("~"):
            return ()
        found = self._bindings(value.path[1:], scope)
        return found if len(found) > 1 else ()

    def _bound(self, name: str, scope: str) -> Binding | None:
        found = self._bindings(name, scope)
        return found[0] if len(found) == 1 else None

    def _bindings(self, name: str, scope: str) -> tuple[Binding, ...]:
        holder, _, field_name = name.rpartition(".")  # `~Store.path`: a field of a class of this file
        places = [*((function.id, name) for function in self.enclosing(scope)), ("", name), (holder, field_name)]
        return next((found for place in places if (found := self.bindings_by_name.get(place))), ())

    def text(self, span: Span) -> str:
        """The source lines of a span."""
        return "\n".join(self.lines[span.line - 1 : span.end_line])


def indent_of(line: str) -> int:
    """How far a line is indented, in characters."""
    return len(line) - len(line.lstrip())


def notes_of(function: Function) -> frozenset[str]:
    """The last segments of a function's or a type's decorators, lower case: `service` of `@org.springframework.stereotype.Service`."""
    names = (note.path if isinstance(note, Name) else note.name for note in function.decorators)
    return frozenset(last_segment(name).lower() for name in names)


def text_of(value: Value | None) -> str:
    """The text that a value is; "" for any other value."""
    return value.value if isinstance(value, Constant) and isinstance(value.value, str) else ""


def last_segment(name: str) -> str:
    """The last segment of a resolved name: `get` of `redis.Redis().get`, `helper` of `~helper`."""
    return re.split(r"[.~%]", name)[-1]


def walk(value: Value | None) -> Iterator[Value]:
    """A value and everything inside it, outermost first."""
    if value is None:
        return
    yield value
    match value:
        case Mapping(entries):
            for entry in entries:
                yield from walk(entry.value)
        case Listing(items) | Template(items) | Choice(items):
            for item in items:
                yield from walk(item)
        case Call():
            for argument in value.arguments:
                yield from walk(argument.value)
        case _:
            pass

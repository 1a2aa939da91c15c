"""What is done to which binding, as it is found, and which of it is worth telling."""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import Struct, field

from guard.facts import Action, Argument, Binding, Call, FunctionValue, Listing, Name, Return, Setting, Span, Use, Value
from guard.languages._lowered.names import UNKNOWN, Reach
from guard.languages._lowered.program import Dialect
from guard.languages._lowered.scopes import Scope

_OF_ANOTHER_FILE = re.compile(r"(?:[\w.-]+/)+[\w-]+\.[A-Z]\w*|(?:\w+\.)*[A-Z]\w*\.\w+")
"""A variable of another package of Go, or of another type: no result of a call, and no element."""


class Notes(Struct):
    """The facts of one program so far."""

    dialect: Dialect
    calls: list[Call] = field(default_factory=list)
    bindings: list[Binding] = field(default_factory=list)
    returns: list[Return] = field(default_factory=list)
    settings: list[Setting] = field(default_factory=list)
    registered: dict[str, Call] = field(default_factory=dict)
    _uses: list[Use] = field(default_factory=list)

    def tell(
        self,
        found: Reach,
        action: Action,
        span: Span,
        scope: Scope,
        method: str = "",
        key: Value | None = None,
        value: Value | None = None,
    ) -> None:
        """Note what is done to the binding that was reached, if it is one, or to the content of a variable of another file."""
        if found.owner is not None:
            self._uses.append(Use(found.name, found.owner, action, span, scope.id, method, key, value))
        elif method and _OF_ANOTHER_FILE.fullmatch(found.path):
            self._uses.append(Use(found.path, UNKNOWN, action, span, scope.id, method, key, value))

    def change(self, found: Reach, span: Span, scope: Scope, method: str, key: Value | None, value: Value) -> None:
        """Note that content changes, also that of something which no binding of the file is: a global, a type of another file."""
        if found.owner is None and (found.path[:1].isalpha() or found.path.startswith("$")):
            self._uses.append(Use(found.path, UNKNOWN, Action.MUTATE, span, scope.id, method, key, value))
        else:
            self.tell(found, Action.MUTATE, span, scope, method, key, value)

    def method(
        self, before: Reach, method: str, arguments: tuple[Argument, ...], span: Span, scope: Scope, *, key: Value | None
    ) -> None:
        """A method is called on the content of a binding: it is read or changed."""
        words = self.dialect
        changes, removes = method in words.changers, method in words.removers
        action = Action.MUTATE if changes else Action.REMOVE if removes else Action.READ
        given = [argument.value for argument in arguments]
        first = given[0] if given else None
        value = given[1] if method in words.keyed and len(given) > 1 else first
        place = key if key is not None else None if method in words.unkeyed else first
        self.tell(before, action, span, scope, method, place, value if action is Action.MUTATE else None)

    def register(self, value: Value, call: Call) -> None:
        """A function handed to a call is called back by it."""
        match value:
            case FunctionValue(scope=scope):
                self.registered.setdefault(scope, call)
            case Name(path=path) if path.startswith("~"):
                self.registered.setdefault(path[1:], call)
            case Listing(items=items):
                for item in items:
                    if isinstance(item, Name | FunctionValue):
                        self.register(item, call)
            case _:
                pass

    def uses(self, functions: Iterable[str]) -> tuple[Use, ...]:
        """The uses worth telling: reads of a function's own variables only if another function has hold of them too."""
        private = frozenset(functions)
        shared = {(use.owner, use.name) for use in self._uses if use.scope != use.owner}
        told = (
            use
            for use in self._uses
            if use.action is not Action.READ or use.owner not in private or (use.owner, use.name) in shared
        )
        return tuple(sorted(told, key=lambda use: (use.span.line, use.span.column)))

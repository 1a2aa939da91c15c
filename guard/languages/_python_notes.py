"""What the second pass over a Python file has noted so far, and which of it is worth telling."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from msgspec import Struct, field

from guard.facts import Action, Binding, Call, FunctionValue, Listing, Name, Return, Setting, Use, Value
from guard.languages._python_names import UNKNOWN, Reach
from guard.languages._python_scopes import Scope
from guard.languages._source import Source
from guard.languages._syntax import Node
from guard.regex import regex

REMOVERS = frozenset(
    {"pop", "popitem", "popleft", "remove", "discard", "clear", "delete", "get_nowait", "difference_update", "__delitem__"}
)
KEYED = frozenset({"setdefault", "set", "insert", "__setitem__", "move_to_end"})
CHANGERS = KEYED | frozenset(
    {
        "append", "add", "update", "extend", "appendleft", "extendleft", "put", "put_nowait", "push", "sort", "reverse",
        "rotate", "subtract",
    }
)  # fmt: skip
UNKEYED = frozenset(
    {"append", "appendleft", "extend", "extendleft", "update", "put", "put_nowait", "push", "items", "keys", "values"}
)
"""Methods whose first argument says nothing about the place in the container."""
COUNTERS = frozenset(
    {"len", "list", "sorted", "any", "all", "sum", "max", "min", "iter", "dict", "set", "tuple", "next", "enumerate"}
)
"""Builtins that read what a container holds."""
_READERS = frozenset({"get", "items", "keys", "values", "copy", "index", "count", "__getitem__", "qsize", "empty"})
_READS = _READERS | COUNTERS | {"in", "for", "[]"}


class Deed(NamedTuple):
    """Something that is done to a container or a name: `key` and `value` as in `guard.facts.Use`."""

    action: Action
    node: Node
    scope: Scope
    method: str = ""
    key: Value | None = None
    value: Value | None = None


class _Draft(NamedTuple):
    owner: str
    name: str
    deed: Deed


def action_of(method: str) -> Action:
    """What a method does to the container it is called on."""
    if method in CHANGERS:
        return Action.MUTATE
    return Action.REMOVE if method in REMOVERS else Action.READ


class Notes(Struct):
    """The facts of one file, as they are found."""

    calls: list[Call | None] = field(default_factory=list)
    bindings: list[Binding] = field(default_factory=list)
    returns: list[Return] = field(default_factory=list)
    settings: list[Setting] = field(default_factory=list)
    registered: dict[str, Call] = field(default_factory=dict)
    drafts: list[_Draft] = field(default_factory=list)

    def tell(self, owner: str, name: str, deed: Deed) -> None:
        """Note what is done to a binding."""
        self.drafts.append(_Draft(owner, name, deed))

    def use(self, reach: Reach, deed: Deed) -> None:
        """Note what is done to the content of what was reached: for its binding, and for the property that it is."""
        if reach.owner is not None:
            self.drafts.append(_Draft(reach.owner, reach.name, deed))
        if reach.hung is None or reach.of is not None or (reach.owner is not None and reach.hung.endswith("()")):
            return
        if deed.action is not Action.READ or (deed.method in _READS and "." in reach.hung):
            self.drafts.append(_Draft(UNKNOWN, reach.hung, deed))

    def register(self, value: Value, call: Call) -> None:
        """A function handed to a call is called back by it."""
        if isinstance(value, FunctionValue):
            self.registered.setdefault(value.scope, call)
        elif isinstance(value, Name) and value.path.startswith("~"):
            self.registered.setdefault(value.path[1:], call)
        elif isinstance(value, Listing):
            for item in value.items:
                if isinstance(item, Name | FunctionValue):
                    self.register(item, call)

    def uses(self, functions: Iterable[str], source: Source) -> tuple[Use, ...]:
        """The uses worth telling: reads of a function's own variables only if another function has hold of them too."""
        private = frozenset(functions)
        hung = {binding.name for binding in self.bindings if not binding.owner}
        on_apps = {on_app(name): name for name in sorted(hung, reverse=True)}
        drafts = [draft if draft.owner != UNKNOWN else _found(draft, hung, on_apps) for draft in self.drafts]
        shared = {(draft.owner, draft.name) for draft in drafts if draft.deed.scope.id != draft.owner}
        return tuple(
            _use(draft, source)
            for draft in drafts
            if draft.deed.action is not Action.READ or draft.owner not in private or (draft.owner, draft.name) in shared
        )


_APP = regex(r"(?:^%(?:app|application)|^.*(?:\.app|\.application|\.current_app|\(\)))\.(.+)$")


def on_app(name: str) -> str:
    """What a property is called on its application, however that is reached: `state.jobs` for `%request.app.state.jobs`."""
    found = _APP.match(name)
    return found[1] if found else ""


def _found(draft: _Draft, hung: set[str], on_apps: dict[str, str]) -> _Draft:
    """A use of a property that the file itself binds carries the binding's name."""
    name = draft.name if draft.name in hung else on_apps.get(on_app(draft.name) or UNKNOWN)
    return draft if name is None else draft._replace(owner="", name=name)


def _use(draft: _Draft, source: Source) -> Use:
    deed = draft.deed
    return Use(draft.name, draft.owner, deed.action, source.span(deed.node), deed.scope.id, deed.method, deed.key, deed.value)

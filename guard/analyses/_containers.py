"""What is made once per process and can change: the bindings that the analyses of shared state start from."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from enum import StrEnum

from msgspec import Struct

from guard.analyses import _idioms as idioms
from guard.analyses._registrations import made_once
from guard.analyses._runtime import Runs, handlers, runtime
from guard.analyses._side import paths_of
from guard.analyses._words import PERSON, WORK, long_lived, words
from guard.facts import (
    Action,
    Binding,
    Call,
    Choice,
    Constant,
    Facts,
    Function,
    FunctionKind,
    Listing,
    Mapping,
    Name,
    Unknown,
    Value,
    last_segment,
    walk,
)
from guard.modules import homes, related, speaks_for
from guard.regex import regex


class Shape(StrEnum):
    """What a shared name holds."""

    CONTAINER = "container"
    SCALAR = "scalar"
    QUEUE = "queue"


class Shared(Struct, frozen=True):
    """A binding that lives as long as the process. `sure` is False where the life of the object that owns it is a guess."""

    binding: Binding
    shape: Shape
    sure: bool
    keys: frozenset[tuple[str, str]]
    """(owner, name) pairs under which uses of it are known."""


_CONTAINERS = frozenset(
    "dict list set defaultdict ordereddict deque counter chainmap ttlcache lrucache lfucache cache map array object.create userdict"
    " nodecache quicklru lru expiringdict expiringmap lrumap bidict sorteddict cachetools.cache hashmap mutabledict multidict proxy".split()
)
_BY_THEIR_WHOLE_NAME = frozenset(
    {"Hash", "Concurrent.Hash", "Concurrent.Array", "discord.js.Collection", "@discordjs/collection.Collection"}
)
"""Containers whose last name alone means something else elsewhere."""
_QUEUES = frozenset({"queue", "simplequeue", "priorityqueue", "lifoqueue", "joinablequeue"})
_CACHE_BUILDER = regex(r"\b(?:Caffeine|CacheBuilder|Cache2kBuilder)\b")
_NOT_SHARED_ROOTS = frozenset(
    "req request res response ctx context event socket session user self this cls e err error el element message msg node result row item data obj args kwargs g local"
    " locals thread process module exports window document prototype options opts config settings props".split()
)
_HOSTS = frozenset({"app", "core", "server", "state", "application", "fastify", "io", "bot", "client", "global", "current_app"})
_SHARED_ROOTS = (
    "globalThis.",
    "global.",
    "window.",
    "exports.",
    "express().locals.",
    "%app.locals.",
    "%server.locals.",
    "flask.Flask().config.",
    "quart.Quart().config.",
)


def shared(facts: Facts, neighbours: tuple[Facts, ...] = ()) -> Iterator[Shared]:
    """The mutable bindings of a file that outlive a request; what registers its types may stand in `neighbours`."""
    runs = runtime(facts)
    set_later = _set_later(facts)
    for binding in facts.bindings:
        of_the_process = bool(binding.type) and bare(binding.type) in idioms.CACHES_OF_THE_PROCESS
        shape = Shape.CONTAINER if of_the_process else _shape(binding.value, facts, binding.scope)
        if shape is None and (binding.owner, binding.name) in set_later and binding.value == _NOTHING_YET:
            shape = Shape.SCALAR
        if shape is None:
            continue
        life = True if of_the_process else _life(binding, facts, runs, neighbours)
        if life is not None:
            yield Shared(binding, shape, life, frozenset(_keys(binding)))


_NOTHING_YET = Unknown("")
"""What a field has that is declared with a type alone: `private String lastToken;`."""


def _set_later(facts: Facts) -> frozenset[tuple[str, str]]:
    """Owner and name of the fields that get another value, in languages that declare them without one."""
    if facts.language not in idioms.STATICS:
        return frozenset()
    return frozenset((use.owner, use.name) for use in facts.uses if use.action is Action.REBIND)


def _keys(binding: Binding) -> Iterator[tuple[str, str]]:
    """Owner and name under which uses of a binding are known: also by what it takes up again (`jobs = global.jobs || new Map()`)."""
    yield binding.owner, binding.name
    if "." in binding.name:
        yield "?", binding.name
    for option in binding.value.options if isinstance(binding.value, Choice) else ():
        if isinstance(option, Name) and option.path.startswith(_SHARED_ROOTS):
            yield from (("", option.path), ("?", option.path))


def containers(facts: Facts) -> Iterator[Binding]:
    """The fields of the file's types that hold many things, however long their objects live."""
    for binding in facts.bindings:
        owner = facts.function_by_id.get(binding.owner)
        if owner is not None and owner.kind is FunctionKind.CLASS and "." not in binding.name:
            shape = _shape(binding.value, facts, binding.scope)
            if shape is not None and shape is not Shape.SCALAR:
                yield binding


def bound_to(makers: AbstractSet[str], facts: Facts) -> Iterator[str]:
    """The names of a file's own that hold what one of these calls makes: `export const jobs = new Jobs()`."""
    for binding in facts.bindings:
        if not binding.owner and isinstance(binding.value, Call) and binding.value.name in makers:
            yield binding.name


def for_threads(binding: Binding) -> bool:
    """Whether a field is made to be used by several threads at a time: its object is not one request's own."""
    made = binding.value.name if isinstance(binding.value, Call) else ""
    return "concurrent" in last_segment(made).lower() or _shape_of_call(made) is Shape.QUEUE


def _shape(value: Value, facts: Facts, scope: str) -> Shape | None:
    match value:
        case Mapping() | Listing():
            return Shape.CONTAINER
        case Constant(value=content):
            return None if isinstance(content, str) and len(content) > 40 else Shape.SCALAR
        case Call(name=name):
            return _shape_of_call(name)
        case Choice(options):
            shapes = [shape for option in options if (shape := _shape(option, facts, scope)) is not None]
            return next((shape for shape in shapes if shape is not Shape.SCALAR), None)
        case _:
            return None


def _shape_of_call(name: str) -> Shape | None:
    last = last_segment(name).rsplit("/", 1)[-1].lower().replace("-", "")  # a module may be the class itself: node-cache
    if last in _QUEUES or not idioms.QUEUES.isdisjoint((last, name.lower())):
        return Shape.QUEUE
    if last in idioms.COUNTERS:
        return Shape.SCALAR
    if last == "counter" and name not in {"Counter", "collections.Counter"}:
        return None  # of metrics
    if name in _BY_THEIR_WHOLE_NAME:
        return Shape.CONTAINER
    if last in _CONTAINERS or not idioms.CONTAINERS.isdisjoint((last, name.lower())) or name.lower() in _CONTAINERS:
        return Shape.CONTAINER
    return Shape.CONTAINER if last == "build" and _CACHE_BUILDER.search(name) else None


def bare(type_: str) -> str:
    """The name of a type without its package and parameters, lower case."""
    return last_segment(type_.split("<", 1)[0].rstrip("?")).lower()


def bare_element(type_: str) -> str:
    """The name of the type of what a container holds, the last of its parameters, lower case; "" where none is declared."""
    _, has, inside = type_.partition("<")
    return bare(inside.rpartition(">")[0].rsplit(",", 1)[-1].strip()) if has else ""


def _life(binding: Binding, facts: Facts, runs: dict[str, Runs], neighbours: tuple[Facts, ...]) -> bool | None:
    """Whether a binding lives as long as the process: True surely, False probably, None not."""
    if binding.name.startswith(idioms.SETTINGS_OF_AN_APPLICATION.get(facts.language, "\0")):
        return True
    if "." in binding.name and (binding.owner, binding.name.split(".", 1)[0]) not in facts.bindings_by_name:
        return _life_of_property(binding, runs)
    if binding.owner == "":
        return True if runs.get(binding.scope, Runs.ONCE) is not Runs.REQUEST or binding.scope == "" else None
    owner = facts.function_by_id.get(binding.owner)
    if owner is None:
        return None
    if owner.kind is FunctionKind.CLASS:
        return (
            (True if not binding.instance else _life_of_objects(owner, binding, facts, runs, neighbours))
            if _top(owner, facts, runs)
            else None
        )
    return _life_of_closure(owner, facts, runs)


def _life_of_property(binding: Binding, runs: dict[str, Runs]) -> bool | None:
    """A property hung on something: on the global object or an app it lives long, on a request it does not."""
    if binding.name.startswith(_SHARED_ROOTS):
        return True
    parts = binding.name.lstrip("%~").replace("()", "").split(".")
    if any(part.lower().strip("_") in _NOT_SHARED_ROOTS for part in parts[:-1]):
        return None
    if binding.name.startswith("%") and not _known_host(parts[:-1]):
        return False if runs.get(binding.scope, Runs.ONCE) is Runs.ONCE else None  # a parameter is its caller's object
    if binding.name.startswith("%") or "()" in binding.name or binding.name.startswith("~"):
        return False if runs.get(binding.scope, Runs.ONCE) is Runs.REQUEST else _known_host(parts[:-1])
    return None


def _known_host(hosts: list[str]) -> bool:
    """Objects on which people hang the state of the process."""
    return any(host.lower() in _HOSTS for host in hosts)


def _top(owner: Function, facts: Facts, runs: dict[str, Runs]) -> bool:
    """A class defined in the file or in a function that runs once, not anew for each request."""
    return all(runs.get(around.id, Runs.ONCE) is not Runs.REQUEST for around in facts.enclosing(owner.parent))


def _life_of_objects(
    owner: Function, binding: Binding, facts: Facts, runs: dict[str, Runs], neighbours: tuple[Facts, ...]
) -> bool | None:
    """Whether objects of a class live as long as the process: made once at the top of a file, or of a kind that is."""
    field = binding.name
    if facts.language in idioms.REGISTERED_ELSEWHERE:
        told = _life_as_registered(owner, facts, neighbours)
        if told is not None:
            return told or None
    at_the_top = any(
        _makes(binding.value, owner.name) and (binding.owner == owner.id or runs.get(binding.owner) is Runs.ONCE)
        for binding in facts.bindings
    )
    at_the_top = (
        at_the_top
        or _is_middleware(owner, facts)
        or _listens(owner, facts)
        or _hands_over_its_methods(owner, facts)
        or _is_called(owner, facts, runs)
        or _made_elsewhere(owner, facts, neighbours)
        or _held_by_the_file(owner, facts)
    )
    decorated = {(d.path if isinstance(d, Name) else d.name).rsplit(".", 1)[-1].lstrip("~") for d in owner.decorators}
    lowered = {name.lower() for name in decorated}
    if lowered & idioms.MANY_OBJECTS:
        return None
    if lowered & idioms.ONE_OBJECT or any(
        last_segment(base).lower() in idioms.ONE_BASE or base.endswith(idioms.ONE_BASE_ENDS) for base in owner.bases
    ):
        return True
    exported = any(_makes(setting.value, owner.name) for setting in facts.settings) or any(
        call.name == f"~{owner.name}" and call.scope == "" for call in facts.calls
    )
    if at_the_top or exported or decorated & {"Injectable", "singleton", "Singleton", "WebSocketGateway", "Controller"}:
        return True
    has_instance_method = any(
        f.parent == owner.id and f.name.lower() in {"getinstance", "get_instance", "instance"} for f in facts.functions
    )
    if has_instance_method or _answers(owner, facts):
        return True
    speaks = bool(words(field) & (PERSON | WORK))
    if facts.language in idioms.REGISTERED_ELSEWHERE and not for_threads(binding):
        return False if speaks and long_lived(owner.name) else None
    if long_lived(owner.name):
        return speaks
    if _keyed_by_somebody(owner, field, facts):
        return True
    return False if speaks and owner.exported else None


def _held_by_the_file(owner: Function, facts: Facts) -> bool:
    """Whether a variable of the file is declared to hold the one object of the type, whoever makes it: `var users *Users`."""
    return facts.language == "go" and any(
        not binding.owner and not binding.scope and binding.type.lstrip("*") == owner.name for binding in facts.bindings
    )


def _made_elsewhere(owner: Function, facts: Facts, neighbours: tuple[Facts, ...]) -> bool:
    """Whether another file makes an object of the class once, when it is loaded or while it builds the app."""
    if owner.parent or not neighbours or facts.language in idioms.REGISTERED_ELSEWHERE:
        return False
    paths = paths_of(frozenset((facts, *neighbours)))
    return any(
        isinstance(binding.value, Call)
        and last_segment(binding.value.name) == owner.name
        and _held_for_good(binding, other)
        and any(speaks_for(path, facts.path) for path, _ in homes(binding.value.name, other.path, other.language, paths))
        for other in neighbours
        if related(other.language, facts.language)
        for binding in other.bindings
    )


def _held_for_good(binding: Binding, facts: Facts) -> bool:
    """Whether what holds an object is a name of the file, or a field of an object that itself lives as long as the process."""
    runs = runtime(facts)
    if binding.owner == "":
        return not binding.scope or runs.get(binding.scope) is Runs.ONCE
    holder = facts.function_by_id.get(binding.owner)
    return (
        holder is not None
        and holder.kind is FunctionKind.CLASS
        and not holder.parent
        and _life_of_objects(holder, binding, facts, runs, ()) is True
    )


def _life_as_registered(owner: Function, facts: Facts, neighbours: tuple[Facts, ...]) -> bool | None:
    """True for a type of which a container makes one object, False for one made again and again, None if nothing tells."""
    if {bare(base) for base in owner.bases} & idioms.MANY_BASES:
        return False
    files = (facts, *(other for other in neighbours if other.language == facts.language))
    return made_once(owner.name, files)


def _is_middleware(owner: Function, facts: Facts) -> bool:
    """Whether a class is a middleware of ASP.NET by convention, of which one object is made at start.

    https://learn.microsoft.com/aspnet/core/fundamentals/middleware/write
    """
    made = (f for f in facts.functions if f.parent == owner.id and f.name == owner.name)
    return any("RequestDelegate" in function.parameter_types for function in made)


def _answers(owner: Function, facts: Facts) -> bool:
    """Whether methods of a type are given a request by the types of their parameters: its object is made before any."""
    types = {type_.lower() for f in facts.functions if f.parent == owner.id for type_ in f.parameter_types}
    return bool(types & idioms.OBJECTS_ANSWER)


def _keyed_by_somebody(owner: Function, field: str, facts: Facts) -> bool:
    """Whether entries are stored under whose they are (`user_id`, `chatId`): the object outlives a single conversation."""
    keys = (
        words(last_segment(use.key.path))
        for use in facts.uses
        if (use.owner, use.name) == (owner.id, field) and use.action is Action.MUTATE and isinstance(use.key, Name)
    )
    return any(key & PERSON and "id" in key for key in keys)


def _listens(owner: Function, facts: Facts) -> bool:
    """Whether the constructor of a class registers handlers: the object lives as long as what it listens to."""
    constructors = {f.id for f in facts.functions if f.parent == owner.id and f.name in {"constructor", "__init__"}}
    return any(function.parent in constructors and function.id in handlers(facts) for function in facts.functions)


_HANDLES = frozenset(
    "add_handler add_route add_api_route add_url_rule add_api_websocket_route register_message_handler add_command add_get add_post".split()
)
"""Registrations on what answers everybody, unlike those of a listener on one connection."""


def _hands_over_its_methods(owner: Function, facts: Facts) -> bool:
    """Whether an object registers methods of its own with a server or a bot: `app.add_handler(CommandHandler("x", self.x))`."""
    own = {f.id for f in facts.functions if f.parent == owner.id}
    given = {f"~{one}" for one in own} | {f"%self.{facts.function_by_id[one].name}" for one in own}
    return any(
        isinstance(part, Name) and part.path in given
        for call in facts.calls
        if call.scope in own and last_segment(call.name).lower() in _HANDLES
        for argument in call.arguments
        for part in walk(argument.value)
    )


def _is_called(owner: Function, facts: Facts, runs: dict[str, Runs]) -> bool:
    """Whether an object of a class is itself what is called for each request: a dependency, a middleware, an ASGI app."""
    middleware = any("Middleware" in base for base in owner.bases)
    return any(
        function.parent == owner.id
        and (function.name == "__call__" or (middleware and function.name == "dispatch"))
        and (runs.get(function.id) is Runs.REQUEST or {"scope", "receive", "send"} <= set(function.parameters))
        for function in facts.functions
    )


def _makes(value: Value, class_name: str) -> bool:
    match value:
        case Call(name=name):
            return name in {f"~{class_name}", f"~New{class_name}", f"~new{class_name[:1].upper()}{class_name[1:]}"}
        case Choice(options):
            return any(_makes(option, class_name) for option in options)
        case _:
            return False


def _life_of_closure(owner: Function, facts: Facts, runs: dict[str, Runs]) -> bool | None:
    """A local of a function that runs once lives on if a nested function that runs with requests uses it."""
    if any(
        runs.get(around.id, Runs.ONCE) is Runs.REQUEST
        for around in facts.enclosing(owner.id)
        if around.kind is not FunctionKind.CLASS
    ):
        return None
    if any(_can_be_cancelled(around) for around in facts.enclosing(owner.id)):
        return None
    if any(around.registered is not None and around.registered.name == "Promise" for around in facts.enclosing(owner.id)):
        return None  # `new Promise((resolve) => …)`: what lives in there ends with the promise
    inner = {
        function.id for function in facts.functions if runs[function.id] is Runs.REQUEST and _inside(function, owner.id, facts)
    }
    return True if inner else None


_FOR_GOOD = regex(r"(?:Execute|Start|Run|Main)(?:Async)?$")
"""Methods of hosts and their services that are cancelled when the program stops (`BackgroundService.ExecuteAsync`)."""


def _can_be_cancelled(function: Function) -> bool:
    """Whether whoever calls a method may take it back: it does one thing for one caller, and what is local ends with that."""
    return "CancellationToken" in function.parameter_types and not _FOR_GOOD.match(function.name)


def _inside(function: Function, outer: str, facts: Facts) -> bool:
    return any(around.id == outer for around in facts.enclosing(function.parent))

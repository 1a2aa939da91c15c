"""Whether what is kept in memory can be made again: memoised results, copies of what a backing service has, registries."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from guard.analyses import _idioms as idioms
from guard.analyses._alternatives import either_or
from guard.analyses._made_of import is_made_up, last_word, parts
from guard.analyses._runtime import targets
from guard.analyses._words import PERSON, words
from guard.facts import (
    Action,
    Call,
    Facts,
    FunctionKind,
    Listing,
    Mapping,
    Name,
    Use,
    Value,
    last_segment,
    walk,
)
from guard.regex import regex

_FRESH = frozenset(
    "dict list set map array defaultdict ordereddict deque counter lock rlock semaphore mutex event uuid uuid4 uuidv4 nanoid randomuuid now time date datetime utcnow"
    " token_hex token_urlsafe random monotonic perf_counter queue weakmap weakset abortcontroller future str int float string number bool boolean timedelta tuple frozenset"
    " strftime isoformat gettime toisostring settimeout setinterval create_task append push getrandomvalues randbelow min max len round copy thread timer popen".split()
)
_RELOADS = regex(
    r"^_*(?:load|reload|refresh|fetch|sync|warm|preload|rebuild|populate|discover|hydrate|restore)",
    re.IGNORECASE,
)
_LOADS = regex(
    r"_*(?:get|find|load|fetch|list|read|select|query|all)(?:[A-Z_]|$)|(?:Get|Find|Load|Fetch|List|Read|Select|Query|All)(?:[A-Z_]|$)"
)
_MAKES = regex(r"[A-Z]|(?:create|make|new|start|open|spawn|launch)(?:[A-Z_]|$)")
"""Names of calls that make an object: constructors and factories."""
_LOOKUPS = frozenset(
    {
        "[]",
        "get",
        "has",
        "in",
        "keys",
        "values",
        "items",
        "entries",
        "size",
        "length",
        "len",
        "for",
        "foreach",
        "contains",
        "==",
        "load",
        "range",
        "trygetvalue",
        "containskey",
        "getordefault",
        "getifpresent",
        "has_key?",
        "key?",
        "fetch",
        "dig",
    }
)
_PERSISTS = frozenset(
    "save insert create update upsert set hset put put_item add execute executemany commit insertone updateone replaceone hmset setex rpush lpush zadd publish bulk_create".split()
)
_BACKED = frozenset(
    "db database redis prisma repo repository knex mongo collection session objects model cursor conn store storage bucket table dao orm supabase firestore sequelize query backend s3 dynamodb".split()
)


_CLOCKS = regex(
    r"(?:^|\.)(?:nanoTime|perf_counter(?:_ns)?|monotonic(?:_ns)?|hrtime(?:\.bigint)?|performance\.now|GetTimestamp)$"
)
"""Clocks whose times mean something in the process that took them, and in no other."""


def only_times(writes: tuple[Use, ...], facts: Facts) -> bool:
    """Whether nothing is kept but when something began, by a clock that other processes do not share: what lasts is measured."""
    given = [facts.resolve(use.value, use.scope) for use in writes if use.value is not None]
    return (
        bool(given)
        and len(given) == len(writes)
        and all(isinstance(value, Call) and _CLOCKS.search(value.name) is not None for value in given)
    )


def is_derived(writes: tuple[Use, ...], reads: tuple[Use, ...], facts: Facts) -> bool:
    """Whether every write stores something that a miss would make or load again, or that is written to a backing service as well."""
    if makes_limiters(writes, facts):
        return False  # they count from then on
    fetched = {write.scope for write in writes if _is_of_a_fetched_list(write, facts)}
    if all((write.scope in fetched and _is_of_a_list(write)) or _again(write, reads, facts) for write in writes):
        return True
    called_so = any(words(write.name.rsplit(".", 1)[-1]) & {"cache", "cached", "memo"} for write in writes)
    return called_so and any(_read_through(write, reads, facts) for write in writes)


_ELEMENT = regex(r"^(.+)\(\)\[\](?:\.|$)")
_ASKED_FOR = frozenset("request req ctx context body form params query args message update event".split())
"""Words for what a visitor sent: lists that are taken from there are theirs."""


def _is_of_a_list(write: Use) -> bool:
    """Whether an entry is an element of a list, under a name of its own: `users[user.id] = user`."""
    return isinstance(write.key, Name) and _ELEMENT.match(write.key.path) is not None


def _is_of_a_fetched_list(write: Use, facts: Facts) -> bool:
    """Whether the list has just been fetched as a whole, from wherever: it can be again."""
    value, element = facts.resolve(write.value, write.scope), _ELEMENT.match(getattr(write.key, "path", ""))
    if element is None or not isinstance(value, Name):
        return False
    called = element[1]
    own = value.path.startswith((f"{called}()[]", "~")) and _LOADS.match(last_segment(called)) is not None
    return own and not called.startswith("%") and not words(called.rpartition(".")[0]) & _ASKED_FOR


def _read_through(write: Use, reads: tuple[Use, ...], facts: Facts) -> bool:
    """Whether a miss is computed and kept here: what else is put into such a cache is there before it is asked for, no more."""
    around = _work(write.scope, facts)
    if write.method in {"append", "push"}:
        return False  # what comes is gathered
    computes = any(
        last_word(made) not in _FRESH
        and not (isinstance(part, Call) and (not part.arguments or _asks(part, write.name)))
        and last_segment(write.name) not in made
        for part in parts(write.value, write.scope, facts)
        if (made := _asked(part))
    )
    asked = any(
        _work(read.scope, facts) == around and read.span.line < write.span.line and read.key == write.key for read in reads
    )
    return computes and asked and isinstance(write.key, Name) and not _made_for_somebody(write, reads, facts)


def _again(write: Use, reads: tuple[Use, ...], facts: Facts) -> bool:
    if _by_a_loader(write, facts) or _written_through(write, facts) or _loaded(write, facts) or _filled_anew(write, facts):
        return True
    if _exchanged_as_a_whole(write, facts):
        return True
    if marks_its_key(write) or (write.key is None and write.method.lower() in idioms.ADDING):
        return False  # what was done, or work that waits to be done
    if any(map(is_made_up, parts(write.key, write.scope, facts))):
        return False  # nobody can have asked for it before
    return (
        (_computed(write.value, write.scope, write.name.rsplit(".", 1)[-1], facts) or _by_a_function(write))
        and (_looked_up_first(write, reads, facts) or _asked_for_by_callers(write, reads, facts))
        and not _made_for_somebody(write, reads, facts)
    )


def marks_its_key(write: Use) -> bool:
    """Whether an entry says no more than that its key was there: what was done, or who was seen."""
    return isinstance(write.key, Name | Call) and write.value == write.key and write.method != "add"


def _by_a_loader(write: Use, facts: Facts) -> bool:
    """Whether the function says that it loads or registers: what it fills, it can fill again."""
    names = [
        function.name
        for function in facts.enclosing(write.scope)
        if function.kind is not FunctionKind.CLASS and "<" not in function.name
    ]
    return bool(names) and bool(_RELOADS.match(names[0]))


def makes_limiters(writes: Iterable[Use], facts: Facts) -> bool:
    """Whether what is stored counts and turns away, where a file has no wait for it: Guava's `RateLimiter.create(5)`.

    https://guava.dev/releases/snapshot/api/docs/com/google/common/util/concurrent/RateLimiter.html
    """
    if not any(last_segment(call.name) == "tryAcquire" for call in facts.calls):
        return False
    return any(
        isinstance(part, Call) and part.name.endswith("RateLimiter.create")
        for use in writes
        for part in parts(use.value, use.scope, facts)
    )


def _filled_anew(write: Use, facts: Facts) -> bool:
    """Whether the function has just made the container anew, and fills it with what it finds itself: it can again.

    `if keys == nil { keys = map[string]bool{}; for scanner.Scan() { keys[scanner.Text()] = true } }`
    """
    made = any(
        use.action is Action.REBIND
        and (use.owner, use.name, use.scope) == (write.owner, write.name, write.scope)
        and use.span.line < write.span.line
        and isinstance(use.value, Mapping)
        and not use.value.entries
        for use in facts.uses
    )
    return made and not any(
        is_made_up(part) or (isinstance(part, Name) and part.path.startswith("%") and not part.path.startswith("%this"))
        for value in (write.key, write.value)
        for part in parts(value, write.scope, facts)
    )


def _exchanged_as_a_whole(write: Use, facts: Facts) -> bool:
    """Whether a function puts another container in its place, made of all that there is, which it does not take from the old one.

    `replaceAll(tokens) { const known = new Map(); tokens.forEach(t => known.set(t.secret, t)); this.known = known; }`
    """
    uses = [use for use in facts.uses if (use.owner, use.name) == (write.owner, write.name)]
    return any(
        use.action is Action.REBIND
        and isinstance(use.value, Name)
        and use.value.path.startswith("~")
        and bool(facts.bindings_by_name.get((use.scope, use.value.path[1:])))
        and any(other.owner == use.scope and other.name == use.value.path[1:] for other in facts.uses)
        and not any(other is not use and other.scope.startswith(use.scope) for other in uses)
        and not _of_what_came_in(use, facts)
        for use in uses
    )


def _of_what_came_in(use: Use, facts: Facts) -> bool:
    function = facts.function_by_id.get(use.scope)
    return function is None or not _ASKED_FOR.isdisjoint(function.parameters)


def _looked_up_first(write: Use, reads: tuple[Use, ...], facts: Facts) -> bool:
    """Whether the same work asks for an entry before it makes one."""
    around = _work(write.scope, facts)
    return (
        any(_work(read.scope, facts) == around and read.span.line <= write.span.end_line for read in reads)
        or write.method.lower() in idioms.GET_OR_MAKE
    )


def _asked_for_by_callers(write: Use, reads: tuple[Use, ...], facts: Facts) -> bool:
    """Whether whoever calls the function that makes an entry has asked for one before: `if !found { return fetch(key) }`."""
    around = _work(write.scope, facts)
    callers = [
        call for call in facts.calls if around in targets(call.name, call.scope, facts) and _work(call.scope, facts) != around
    ]
    return bool(callers) and all(
        any(
            read.key is not None and _work(read.scope, facts) == _work(call.scope, facts) and read.span.line < call.span.line
            for read in reads
        )
        for call in callers
    )


def _work(scope: str, facts: Facts) -> str:
    """The function in which a piece of work is done: a callback belongs to the function around it."""
    found = scope
    for function in facts.enclosing(scope):
        if function.kind is FunctionKind.CLASS:
            break
        found = function.id
        if "<" not in function.id.rsplit(".", 1)[-1]:
            break
    return found


def _computed(value: Value | None, scope: str, name: str, facts: Facts) -> bool:
    """Whether a value holds the result of a call: not a fresh container, a clock, a random number, or what the container had."""
    inside = list(parts(value, scope, facts))
    asked_by = [
        key
        for part in inside
        if isinstance(part, Call) and _asks(part, name)
        for given in part.arguments
        for key in parts(given.value, scope, facts)
    ]
    return any(
        isinstance(part, Call)
        and last_word(part.name) not in _FRESH
        and last_word(part.name) not in idioms.FRESH
        and not _asks(part, name)
        and part not in asked_by
        and not _is_of_what_came_in(part)
        and not _begins_a_list(part, facts)
        for part in inside
    )


def _is_of_what_came_in(call: Call) -> bool:
    """Whether a call only asks a parameter for a part of it: `payment.id()`, `message.getUser()`."""
    whose = call.receiver.path if isinstance(call.receiver, Name) else ""
    return not call.arguments and whose.startswith("%") and not whose.startswith(("%this", "%self", "%cls"))


def _begins_a_list(call: Call, facts: Facts) -> bool:
    """Whether an object is made around a list with what came in, to which more will be added: `Chat(messages=[message])`."""
    return _makes(call, facts) and any(
        isinstance(item, Name) and item.path.startswith("%") and not item.path.startswith(("%this", "%self", "%cls"))
        for given in call.arguments
        if given.name is not None and isinstance(given.value, Listing)
        for item in given.value.items
    )


def _by_a_function(write: Use) -> bool:
    """Whether a function that is named makes the entry if there is none: `cache.computeIfAbsent(key, this::load)`."""
    return (
        write.method.lower() in idioms.GET_OR_MAKE
        and isinstance(write.value, Name)
        and write.value.path.startswith(("~", "%this."))
    )


def _asks(call: Call, name: str) -> bool:
    """Whether a call looks something up in the container itself."""
    return isinstance(call.receiver, Name) and last_segment(call.receiver.path) == last_segment(name)


def _made_for_somebody(write: Use, reads: tuple[Use, ...], facts: Facts) -> bool:
    """An object made for one user or conversation and worked with later is no memo, though it looks like one."""
    about = words(write.name.rsplit(".", 1)[-1]) | words(getattr(write.key, "path", "").rsplit(".", 1)[-1])
    if not about & PERSON:
        return False
    makers = [part for part in parts(write.value, write.scope, facts) if isinstance(part, Call) and _makes(part, facts)]
    out_of_nothing = any(not part.arguments for part in makers)  # nothing of it came from anywhere, so it gathers what comes
    if about & {"cache", "cached", "memo"}:
        return out_of_nothing
    elsewhere = any(_work(read.scope, facts) != _work(write.scope, facts) for read in reads)
    worked_with = any(read.method and read.method.lower() not in _LOOKUPS for read in reads)
    return out_of_nothing or (bool(makers) and elsewhere) or worked_with


def _loaded(write: Use, facts: Facts) -> bool:
    """Whether what is stored has just been read from a backing service."""
    return any(
        _LOADS.match(last_segment(name)) and _is_backing(name)
        for part in parts(write.value, write.scope, facts)
        if (name := _asked(part)) and not (isinstance(part, Call) and _asks(part, write.name))
    )


_OF_A_TYPE = regex(r"(?:[^%~]*/)?(?:\w+\.)?[A-Z]\w*")
"""A type by whose name a parameter or a variable is known: nothing was called to get it."""


def _asked(value: Value) -> str:
    """The call that a value is, or is a member of the result of; "" for others."""
    match value:
        case Call(name=name):
            return name
        case Name(path) if "()." in path and not _OF_A_TYPE.fullmatch(called := path.rpartition("().")[0]):
            return called
        case _:
            return ""


def _makes(call: Call, facts: Facts) -> bool:
    """Whether a call makes an object, rather than asking for one that is elsewhere."""
    last = last_segment(call.name).rsplit("/", 1)[-1]
    if facts.language in idioms.CAPITAL_METHODS:
        return (call.receiver is None and "." not in call.name) or bool(_MAKES.match(last[:1].lower() + last[1:]))
    return bool(_MAKES.match(last))


def _written_through(write: Use, facts: Facts) -> bool:
    """Whether the function that writes the entry hands the same value to a backing service."""
    around = _work(write.scope, facts)
    names = {name for part in walk(write.value) if isinstance(part, Name) for name in _wholes(part.path)}
    return bool(names) and any(
        not names.isdisjoint(_names((given.value for given in call.arguments), call.scope, facts))
        and not either_or(call.span, write.span, facts)
        for call in facts.calls
        if (last_word(call.name) in _PERSISTS or last_word(call.name) in idioms.PERSISTS)
        and call.name.rsplit(".", 1)[0] != write.name
        and call.span != write.span
        and not _asks(call, write.name)
        and _is_backing(call.name)
        and _work(call.scope, facts) == around
    )


def _is_backing(name: str) -> bool:
    hosts = [host for host in re.split(r"[.~%]", name)[:-1] if host != "Collections"]  # Java's own, of containers
    return any(words(host) & (_BACKED | idioms.BACKED) for host in hosts)


def _wholes(path: str) -> Iterator[str]:
    """A path and the objects it is of: what was saved as a whole was saved with each of its fields."""
    yield path
    while path.rpartition(".")[0] and not path.startswith("%"):
        path = path.rpartition(".")[0]
        yield path


def _names(values: Iterable[Value], scope: str, facts: Facts) -> set[str]:
    """The names in values, and what the calls give that local ones were made by: `cart` is `Cart()` where it was made so."""
    found = {part.path for value in values for part in walk(value) if isinstance(part, Name)}
    made = (facts.resolve(Name(path), scope) for path in found if path.startswith("~"))
    return found | {f"{call.name}()" for call in made if isinstance(call, Call)}

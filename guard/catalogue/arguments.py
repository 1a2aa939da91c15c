"""What the arguments of a call say: options by a path of keys, names spelled out, and whether some are out of sight."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from guard.facts import Action, Call, Choice, Constant, Entry, Facts, Listing, Mapping, Name, Unknown, Use, Value

OPTIONS_IN_OBJECTS = frozenset({"javascript", "typescript"})
"""Languages whose options come as one object, so that a positional argument which is a name may carry them."""


def argument(call: Call, key: str) -> Value | None:
    """An argument by its position ("0"), its name, or a path of keys into it (`rateLimit.storage`, `storage.*.kind`)."""
    return next(arguments(call, key), None)


def arguments(call: Call, key: str) -> Iterator[Value]:
    """Every argument that a path of keys leads to; more than one only where the path has a `*`."""
    whole = call.positional(int(key)) if key.isdigit() else call.option(key)
    if whole is not None:
        yield whole
    elif "." in key:
        first, rest = key.split(".", 1)
        outer = call.positional(int(first)) if first.isdigit() else call.option(first)
        yield from _inside(outer, rest.split("."))


def _inside(value: Value | None, keys: list[str]) -> Iterator[Value]:
    """What stands behind a path of keys, `*` being any; a list contributes its items by index, a call its arguments."""
    if value is None:
        return
    if not keys:
        yield value
    elif isinstance(value, Mapping):
        for entry in reversed(value.entries):
            if entry.key is not None and keys[0] in ("*", entry.key):
                yield from _inside(entry.value, keys[1:])
    elif isinstance(value, Listing):
        for index, item in enumerate(value.items):
            if keys[0] in ("*", str(index)):
                yield from _inside(item, keys[1:])
    elif isinstance(value, Call) and keys[0].isdigit():
        yield from _inside(value.positional(int(keys[0])), keys[1:])


def spelled_out(call: Call, facts: Facts) -> Call:
    """The call with arguments and spreads that are names replaced by what the file binds them to (`session(options)`)."""
    arguments = tuple(replace(a, value=_spelled(a.value, call.scope, facts)) for a in call.arguments)
    return call if arguments == call.arguments else replace(call, arguments=arguments)


def _spelled(value: Value, scope: str, facts: Facts) -> Value:
    resolved = facts.resolve(value, scope) or value
    if not isinstance(resolved, Mapping):
        return resolved
    entries = [spelled for entry in resolved.entries for spelled in _spread(entry, scope, facts)]
    return Mapping((*entries, *_added_later(value, facts)))


def _spread(entry: Entry, scope: str, facts: Facts) -> tuple[Entry, ...]:
    if entry.key is not None:
        return (entry,)
    known = facts.resolve(entry.value, scope)
    return known.entries if isinstance(known, Mapping) else (entry,)


def _added_later(value: Value, facts: Facts) -> Iterator[Entry]:
    """Keys that the file gives to a named mapping after it was made (`options.store = …`)."""
    if not isinstance(value, Name) or not value.path.startswith("~"):
        return
    name = value.path[1:]
    for use in facts.uses:
        if use.name == name and use.action is Action.MUTATE and isinstance(use.key, Constant) and _assigns(use):
            yield Entry(str(use.key.value), use.value or Unknown(""), use.span)


def _assigns(use: Use) -> bool:
    return use.method in ("=", "[]")


def hides_options(call: Call, facts: Facts, known: set[int]) -> bool:
    """Whether options may be out of sight: a spread of something unknown, or an argument that is not written out here.

    `known` are positions whose argument is known to be something else than options.
    """
    if call.opaque:
        return True
    if not call.arguments or facts.language not in OPTIONS_IN_OBJECTS:
        return False
    if any(isinstance(given.value, Mapping) for given in call.arguments):
        return False  # the options are written out; what follows them is a callback
    last = call.arguments[-1]
    return len(call.arguments) - 1 not in known and isinstance(last.value, Name | Call | Unknown | Choice)

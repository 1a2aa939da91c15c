"""Configuration in code: what stands behind a name or key, down to its innermost keys."""

from __future__ import annotations

from collections.abc import Iterator

from guard.facts import Call, Entry, Listing, Mapping, Setting, Span, Value

_DEEPEST = 8
_MOST_ITEMS = 100


def flattened(path: tuple[str, ...], value: Value, span: Span, scope: str) -> Iterator[Setting]:
    """A setting and the settings inside its value: entries of mappings by their key, items of lists by their index."""
    yield Setting(path, value, span, scope=scope)
    if len(path) > _DEEPEST:
        return
    for entry in entries_of(value, span):
        if entry.key is not None:
            yield from flattened((*path, entry.key), entry.value, entry.span, scope)
    if isinstance(value, Listing):
        for index, item in enumerate(value.items[:_MOST_ITEMS]):
            yield from flattened((*path, str(index)), item, span, scope)


def entries_of(value: Value, span: Span) -> tuple[Entry, ...]:
    """The entries of a dict literal, or of `dict(key=value)`."""
    if isinstance(value, Mapping):
        return value.entries
    if isinstance(value, Call) and value.name == "dict":
        return tuple(
            Entry(argument.name, argument.value, span) for argument in value.arguments if argument.name not in {None, "*"}
        )
    return ()

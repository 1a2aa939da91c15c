"""A place on the disk that one file writes and others name, read or serve: a path constant of a settings file, a static mount.

Two files mean the same place by a constant that one of them imports, by a setting of Django, or by the same folder of data in
their texts. A constant's own value tells whether the place is scratch.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from guard.analyses import Wanted
from guard.analyses._files import touches
from guard.analyses._paths import DURABLE_WORDS, is_scratch, parts
from guard.analyses._side import by_path, paths_of
from guard.analyses._touches import Does, Touch
from guard.analyses._words import words
from guard.facts import Call, Constant, Facts, Name, Setting, Value, last_segment
from guard.gathered import gathered
from guard.modules import homes, related, stem_of
from guard.regex import regex

_OF_DJANGO = "django.conf.settings."
_SETTINGS_OF_DJANGO = r"(?:^|/)settings(?:/(?:base|common|defaults?|prod|production|__init__))?\.py$"
_FOLDER = regex(r"^[\w./-]{3,80}$")
_FILE = regex(r"\.(?:json|jsonl|ya?ml|toml|csv|pkl|pickle|db|dat|txt|xml|md)$", re.IGNORECASE)
_MOST = 4


class Far(Struct, frozen=True):
    """A touch of a file in another file of the program."""

    facts: Facts
    touch: Touch


# -- what is asked for -------------------------------------------------------------------------------------------------


def places_wanted(written: list[Touch], facts: Facts) -> Iterator[Wanted]:
    """Where the path constants of these writes get their values, and who else names the place."""
    asked: dict[Wanted, None] = {}
    for touch in written:
        for part in parts(touch.path, touch.call.scope, facts):
            match part:
                case Name(path) if path.startswith(_OF_DJANGO):
                    asked |= dict.fromkeys((Wanted(path=_SETTINGS_OF_DJANGO), Wanted(words=(last_segment(path),))))
                case Name(path) if _is_foreign(path):
                    asked[Wanted(name=path)] = None
                case Constant(value=str(text)) if (folder := _folder(text)) and words(folder) & DURABLE_WORDS:
                    asked[Wanted(words=(folder,))] = None
                case Name(path) if path.startswith("~") and path[1:].isupper():
                    asked[Wanted(words=(stem_of(facts.path), path[1:]))] = None
                case _:
                    pass
    yield from list(asked)[:_MOST]


def _is_foreign(path: str) -> bool:
    return path[:1] not in "%~$" and ("." in path or "/" in path) and "()" not in path


def _folder(text: str) -> str:
    """The last folder or file that a text names, as one word to search for."""
    named = text.strip("./ ")
    return named.rsplit("/", 1)[-1] if _FOLDER.match(text) else ""


# -- what is found -----------------------------------------------------------------------------------------------------


def is_scratch_there(touch: Touch, facts: Facts, neighbours: tuple[Facts, ...]) -> bool:
    """Whether a constant of another file says that the place is a temporary one."""
    return any(is_scratch(value, "", far) for far, value in _origins(touch.path, touch.call.scope, facts, neighbours))


def touched_elsewhere(written: tuple[Touch, ...], facts: Facts, neighbours: tuple[Facts, ...]) -> list[Far]:
    """The reads and the mounts of other files at the place of these writes, mounts first."""
    if not neighbours:
        return []
    known = {mark for touch in written for mark in _marks(touch, facts, neighbours)}
    texts = {mark for mark in known if not mark.startswith("=")}
    found = [
        Far(far, touch)
        for far in neighbours
        if related(far.language, facts.language)
        for touch in _touched(far)
        if _same_place(touch, far, known, texts, facts, neighbours)
    ]
    return sorted(found, key=lambda one: (one.touch.does is not Does.SERVE, one.facts.path, one.touch.call.span))


@gathered(most=256)
def _touched(facts: Facts) -> tuple[Touch, ...]:
    served = (touch for call in facts.calls if (touch := _mount_of_django(call)) is not None)
    return (*(touch for touch in touches(facts) if touch.does in {Does.READ, Does.SERVE}), *served)


def _mount_of_django(call: Call) -> Touch | None:
    """`static(settings.MEDIA_URL, document_root=settings.MEDIA_ROOT)` in a URL configuration."""
    root = call.option("document_root")
    return (
        Touch(call, Does.SERVE, root)
        if root is not None and last_segment(call.name) in {"static", "serve", "re_path"}
        else None
    )


def _same_place(
    touch: Touch, far: Facts, known: set[str], texts: set[str], facts: Facts, neighbours: tuple[Facts, ...]
) -> bool:
    others = (*(one for one in neighbours if one is not far), facts)
    there = set(_marks(touch, far, others))
    if touch.does is Does.SERVE:
        under = any(text.startswith(f"{mark}/") for mark in there if not mark.startswith("=") for text in texts)
        return bool(known & there) or under
    return any(mark in known for mark in there if mark.startswith("=") or _FILE.search(mark))


def _marks(touch: Touch, facts: Facts, neighbours: tuple[Facts, ...]) -> Iterator[str]:
    """What a place is known by in all files: `=FILE#NAME` for a constant, else a folder or a file in a text."""
    scope = touch.call.scope
    for part in parts(touch.path, scope, facts):
        match part:
            case Name(path) if path.startswith(_OF_DJANGO):
                yield f"={path}"
            case Name(path) if path.startswith("~") and ("", path[1:].split(".")[0]) in facts.bindings_by_name:
                yield f"={facts.path}#{path[1:]}"
            case Constant(value=str(text)) if _FOLDER.match(text) and words(text) & DURABLE_WORDS:
                yield text.strip("./").lower()
            case _:
                pass
    for far, name, _ in _defined(touch.path, scope, facts, neighbours):
        yield f"={far.path}#{name}"


def _origins(path: Value | None, scope: str, facts: Facts, neighbours: tuple[Facts, ...]) -> Iterator[tuple[Facts, Value]]:
    """What the constants of other files in a path stand for."""
    yield from ((far, value) for far, _, value in _defined(path, scope, facts, neighbours) if value is not None)
    for part in parts(path, scope, facts):
        if isinstance(part, Name) and part.path.startswith(_OF_DJANGO):
            name = last_segment(part.path)
            for far in neighbours:
                if re.search(_SETTINGS_OF_DJANGO, far.path):
                    yield from ((far, bound.value) for bound in far.bindings_by_name.get(("", name), ()))


def _defined(
    path: Value | None, scope: str, facts: Facts, neighbours: tuple[Facts, ...]
) -> Iterator[tuple[Facts, str, Value | None]]:
    """The file, name and value of each constant of another file that a path is made of."""
    names = {part.path for part in parts(path, scope, facts) if isinstance(part, Name) and _is_foreign(part.path)}
    if not names or not neighbours:
        return
    known = by_path(frozenset(neighbours))
    paths = paths_of(frozenset(neighbours))
    for name in sorted(names):
        for home, rest in homes(name, facts.path, facts.language, paths)[:1]:
            far = known[home]
            yield far, rest, _value(far, rest)


def _value(facts: Facts, rest: str) -> Value | None:
    """What a file binds a name to, or sets it to in an object that it exports."""
    bound = facts.bindings_by_name.get(("", rest), ())
    if len(bound) == 1:
        return bound[0].value
    keys = tuple(rest.split("."))
    fitting: list[Setting] = [setting for setting in facts.settings if setting.path == keys]
    return fitting[0].value if len(fitting) == 1 else None

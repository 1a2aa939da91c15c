"""What bears on a question beside its own places: who calls the code, what else is done with the name, how it is configured and run.

Pure over facts: a place is a path and a line. Which unchanged files are read for it is decided in gathering.py.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import islice

from msgspec import Struct

from guard.facts import Action, Binding, Facts, Function, FunctionKind
from guard.finding import Signal
from guard.modules import folder_of, nearest, related, stem_of
from guard.regex import regex
from guard.roles import CODE

Place = tuple[str, int]
FEW = 5
"""What is named in more places tells nothing of one of them."""
_MOST_CALLERS = 4
_MOST_MENTIONS = 4
_MOST_ELSEWHERE = 3
_MOST_SETTINGS = 4
_MOST_RUNS = 2
_MOST_OF_A_PROGRAM = 12
_SHORTEST_NAME = 5
_RARE = 8
"""A name of so many letters hardly stands for something else elsewhere."""
_LONGEST_LINE = 400
_KEYWORDS = frozenset(
    "true false null none None True False self this const return await async from import string static final private public".split()
)
_CONSTRUCTORS = frozenset({"__init__", "constructor", "initialize", "__construct"})
_WORD = regex(r"[A-Za-z_$][\w$]*")
_SETTLES = regex(r"(?i)\b(?:config\w*|conf|settings?|options?|env|getenv|environ\w*|properties|connection\w*)\b")
_QUOTED_KEY = regex(r"""["']([A-Za-z][\w.:-]{3,60})["']""")
_DOTTED_KEY = regex(r"(?i)\b(?:config(?:uration)?|conf|settings|env)((?:\.[A-Za-z_]\w*)+)")
_PROGRAM = regex(r"""["'\s=/](\.{0,2}/?(?:[\w-]+/)*[\w-]+(?:\.[\w-]+)*\.(?:[cm]?[jt]s|py|rb|php))["'\s]""")
_RUNS = frozenset(
    "replicas numreplicas minreplicas maxreplicas instances num_instances numinstances scale workers web_concurrency desired_count"
    " desiredcapacity min_instances max_instances autoscaling".split()
)
_STARTS = regex(r"^\s*(?:CMD|ENTRYPOINT)\b|^web:|(?i:\bENV\s.*(?:workers|concurrency))")
_FOLDER = regex(r"""["'](\.{0,2}/?(?:[\w-]+/)*[\w-]+/?)["']""")
_GIVEN = regex(r"""\b(?:name|id|key|alias)=["']([\w.-]{8,60})["']""")
"""A name as markup gives it; shorter ones stand for too much."""
_TELLING = regex(
    r"(?i)session|socket|adapter|redis|memcache|cluster|store\b|cache|limiter|new Map|new Set|createserver|multer|diskstorage|queue"
)


class Surroundings(Struct, frozen=True):
    """Files by path, and where each function name is called."""

    by_path: dict[str, Facts]
    called: dict[str, list[Place]]


def surroundings(facts: Iterable[Facts]) -> Surroundings:
    """What may bear on a question."""
    by_path = {found.path: found for found in facts}
    called: dict[str, list[Place]] = {}
    for path, found in by_path.items():
        for call in found.calls:
            called.setdefault(last(call.name), []).append((path, call.span.line))
    return Surroundings(by_path, called)


def bearing_on(signal: Signal, around: Surroundings) -> Iterator[Place]:
    """Places that help to decide, the most telling first. They come after the signal's own and its evidence."""
    own = around.by_path.get(signal.path)
    if own is None:
        return
    yield from removals(signal, own)
    yield from callers(signal, around)
    yield from mentions(signal, own, around)
    yield from settings_of(signal, around)
    yield from users_of_a_setting(signal, own, around)
    yield from runs(own, around)


def words_in(text: str) -> set[str]:
    """The names in a text; those of PHP with and without their sign, since facts have them without."""
    found = set(_WORD.findall(text))
    return found | {word.lstrip("$") for word in found} if "$" in text else found


def last(name: str) -> str:
    """The last part of a resolved name."""
    return name.rsplit(".", 1)[-1].lstrip("~%")


# -- who needs it -------------------------------------------------------------------------------------------------------


def callers(signal: Signal, around: Surroundings) -> list[Place]:
    """Where the functions around the signal and its evidence are called: who needs a result tells what it is for.

    A handler is called by its framework; a name that is called all over tells nothing.
    """
    found: dict[Place, None] = {}
    for own, function in functions_of(signal, around):
        found.update(dict.fromkeys(_calls_of(own, function, around)))
    return list(islice(found, _MOST_CALLERS))


def functions_of(signal: Signal, around: Surroundings) -> Iterator[tuple[Facts, Function]]:
    """The functions that somebody must call: around the signal first, then around its evidence, then around the calls of these beside them."""
    first: dict[tuple[str, str], tuple[Facts, Function]] = {}
    for path, line in ((signal.path, signal.line), *((entry.path, entry.line) for entry in signal.evidence)):
        own = around.by_path.get(path)
        if own is not None:
            first.update(_called_at(own, line))
    yield from first.values()
    for own, function in list(first.values()):
        for path, line in _calls_of(own, function, around):
            if path == own.path:
                again = {key: found for key, found in _called_at(own, line).items() if key not in first}
                first.update(again)
                yield from again.values()


def _called_at(own: Facts, line: int) -> dict[tuple[str, str], tuple[Facts, Function]]:
    """The function around a line, unless a framework calls it."""
    function = smallest_function(own, line)
    if function is None or function.decorators or function.registered:
        return {}
    return {(own.path, function.id): (own, function)}


def called_as(own: Facts, function: Function) -> tuple[str, ...]:
    """The names under which a function is called: its own, or its class where that is made for it."""
    above = own.function_by_id.get(function.parent)
    of_class = (above.name,) if above is not None and above.kind is FunctionKind.CLASS else ()
    if function.kind is FunctionKind.CLASS or function.name in _CONSTRUCTORS:
        return of_class or (function.name,)
    return (function.name, *of_class)


def _calls_of(own: Facts, function: Function, around: Surroundings) -> list[Place]:
    span = function.span
    for name in called_as(own, function):
        places = [
            (path, line)
            for path, line in around.called.get(name, ())
            if _can_call(name, around.by_path[path], line, own)
            and not (path == own.path and span.line <= line <= span.end_line)
        ]
        if places and len(places) <= FEW:
            return sorted(places, key=lambda place: place[0] != own.path)[:2]
    return []


def _can_call(name: str, other: Facts, line: int, own: Facts) -> bool:
    """Whether a call in a file can be one of this file's function: it says so in words, and knows the file or what it defines."""
    if other.path == own.path:
        return True
    text = other.lines[line - 1] if line <= len(other.lines) else ""
    return related(other.language, own.language) and len(text) <= _LONGEST_LINE and name in text and knows(other, own)


def knows(other: Facts, own: Facts) -> bool:
    """Whether a file names another, its package, or a class that it defines or stands in for."""
    if other.language == "go" and folder_of(other.path) == folder_of(own.path):
        return True
    words = {stem_of(own.path), *([folder_of(own.path).rsplit("/", 1)[-1]] if own.language == "go" else [])}
    for function in own.functions:
        if function.kind is FunctionKind.CLASS:
            words |= {function.name, *(last(base) for base in function.bases)}
    words.discard("")
    return any(word in text for text in other.lines if len(text) <= _LONGEST_LINE for word in words)


def smallest_function(facts: Facts, line: int) -> Function | None:
    """The smallest function around a line that says more than a callback of one line; a class where there is none."""
    around = [function for function in facts.functions if function.span.line <= line <= function.span.end_line]
    callables = [function for function in around if function.kind is not FunctionKind.CLASS]
    telling = [function for function in callables if function.span.end_line - function.span.line >= 2]
    return min(telling or callables or around, key=lambda function: function.span.end_line - function.span.line, default=None)


# -- what else is done with it ------------------------------------------------------------------------------------------


def removals(signal: Signal, own: Facts) -> Iterator[Place]:
    """What takes content out of what is declared here: it says how long an entry lives."""
    names = frozenset(map(last, declared_at(signal, own)))
    found = ((own.path, use.span.line) for use in own.uses if last(use.name) in names and use.action is Action.REMOVE)
    yield from islice(found, 2)


def mentions(signal: Signal, own: Facts, around: Surroundings) -> Iterator[Place]:
    """Other places that name what is declared here, or what is made of it: where it is made, used, handed on and served."""
    declared = frozenset(map(last, declared_at(signal, own)))
    names = _long(declared)
    words = names if signal.evidence and own.language in CODE else _words_of(signal, own)
    known = {entry.line for entry in signal.evidence if entry.path == own.path}
    telling = (*_uses_of(declared, own, known), *_telling_lines(signal, own, words))
    here = list(islice(dict.fromkeys(telling), _MOST_MENTIONS if signal.evidence else 2 * FEW))
    made = _long(map(last, made_at((line for _, line in here), own)))
    again = (place for place in _telling_lines(signal, own, made - words) if place not in here)
    yield from (*here, *islice(again, _MOST_MENTIONS))
    yield from islice(_elsewhere(names | made, signal, own, around), _MOST_ELSEWHERE)


def _long(names: Iterable[str]) -> frozenset[str]:
    """The names that can be looked for in a text: short ones stand for too much."""
    return frozenset(name for name in names if len(name) >= _SHORTEST_NAME)


def _uses_of(names: frozenset[str], own: Facts, known: Collection[int]) -> Iterator[Place]:
    """One use in each function."""
    uses = [use for use in own.uses if last(use.name) in names and use.span.line not in known]
    first = {use.scope: use.span.line for use in reversed(uses)}
    yield from ((own.path, line) for line in sorted(first.values()))


def _elsewhere(names: frozenset[str], signal: Signal, own: Facts, around: Surroundings) -> Iterator[Place]:
    """Where other files use these names, or the folder that the signal's lines name."""
    rare = frozenset(name for name in names if len(name) >= _RARE)
    folders = frozenset(folders_at(signal, own))
    for path, other in around.by_path.items():
        if path != own.path and related(other.language, own.language):
            words = (names if imports(other, own) else rare) | folders
            yield from ((path, line) for line in _lines_with(other, words))


def imports(other: Facts, own: Facts) -> bool:
    """Whether a file imports another, by the last part of the path."""
    stem = stem_of(own.path)
    return any(stem in item.name.replace("/", ".").split(".") for item in other.imports)


def declared_at(signal: Signal, own: Facts) -> tuple[str, ...]:
    """The names that the lines of a signal declare, and that outlive a function."""
    return made_at(range(signal.line, signal.end_line + 1), own)


def made_at(lines: Iterable[int], own: Facts) -> tuple[str, ...]:
    """The names that these lines declare, and that outlive a function."""
    wanted = frozenset(lines)
    found = (binding for binding in own.bindings if _covers(binding, wanted) and _lasts(binding, own))
    return tuple(dict.fromkeys(binding.name for binding in found))


def _covers(binding: Binding, lines: frozenset[int]) -> bool:
    return any(
        number in lines for number in range(binding.span.line, min(binding.span.end_line, binding.span.line + 2 * FEW) + 1)
    )


def _lasts(binding: Binding, own: Facts) -> bool:
    owner = own.function_by_id.get(binding.owner)
    return owner is None or owner.kind is FunctionKind.CLASS


def folders_at(signal: Signal, own: Facts) -> tuple[str, ...]:
    """The last parts of the folders that the lines of a signal name."""
    lines = own.lines[signal.line - 1 : signal.end_line] if own.language in CODE else ()
    found = (path.strip("/").rsplit("/", 1)[-1] for text in lines for path in _FOLDER.findall(text[:_LONGEST_LINE]))
    return tuple(dict.fromkeys(name for name in found if len(name) >= _SHORTEST_NAME))


def _words_of(signal: Signal, own: Facts) -> frozenset[str]:
    """The words of a signal's lines: without evidence nobody has looked for them yet."""
    lines = own.lines[signal.line - 1 : signal.end_line]
    words = {word for text in lines for word in words_in(text[:_LONGEST_LINE]) if len(word) >= 4}
    return frozenset(words - {item.local for item in own.imports} - _KEYWORDS)


def _telling_lines(signal: Signal, own: Facts, words: frozenset[str]) -> Iterator[Place]:
    """Other lines of the file that share a word which few lines have."""
    lines = range(signal.line, signal.end_line + 1)
    found: dict[str, list[int]] = {word: [] for word in words}
    for number, text in enumerate(own.lines, 1):
        if number not in lines:
            for word in words & words_in(text[:_LONGEST_LINE]):
                found[word].append(number)
    few = 2 * FEW if signal.evidence else FEW
    known = {entry.line for entry in signal.evidence if entry.path == own.path}
    telling = {number for numbers in found.values() if len(numbers) <= few for number in numbers} - known
    yield from ((own.path, number) for number in sorted(telling))


def _lines_with(facts: Facts, words: frozenset[str]) -> Iterator[int]:
    for number, text in enumerate(facts.lines, 1):
        if len(text) <= _LONGEST_LINE and not words.isdisjoint(words_in(text)):
            yield number


# -- how it is configured and run ---------------------------------------------------------------------------------------


def keys_of(signal: Signal, own: Facts) -> tuple[str, ...]:
    """The keys that the code around a signal takes from a configuration, by their last word."""
    function = smallest_function(own, signal.line)
    first, end = (function.span.line, function.span.end_line) if function else (signal.line, signal.end_line)
    if end - first > 10 * FEW or (function is not None and function.kind is FunctionKind.CLASS):
        first, end = signal.line, signal.end_line
    found: dict[str, None] = {}
    for text in own.lines[first - 1 : end]:
        if _SETTLES.search(text[:_LONGEST_LINE]):
            keys = [*_QUOTED_KEY.findall(text[:_LONGEST_LINE]), *_DOTTED_KEY.findall(text[:_LONGEST_LINE])]
            found.update(dict.fromkeys(key.replace(":", ".").rsplit(".", 1)[-1] for key in keys))
    return tuple(key for key in found if len(key) >= _SHORTEST_NAME)


def settings_of(signal: Signal, around: Surroundings) -> Iterator[Place]:
    """Lines of configuration files that give the keys that the code asks for."""
    own = around.by_path[signal.path]
    keys = frozenset(keys_of(signal, own)) if own.language in CODE else frozenset()
    if keys:
        files = (facts for facts in around.by_path.values() if facts.language not in CODE)
        places = ((facts.path, line) for facts in files for line in islice(_lines_with(facts, keys), 2))
        yield from islice(places, _MOST_SETTINGS)
    yield from _of_programs(signal, own, around)


def names_at(signal: Signal, own: Facts) -> tuple[str, ...]:
    """The names that the lines of a file of settings give, by which code finds what is set up there."""
    lines = own.lines[signal.line - 1 : signal.end_line] if own.language not in CODE else ()
    return tuple(dict.fromkeys(name for text in lines for name in _GIVEN.findall(text[:_LONGEST_LINE])))


def users_of_a_setting(signal: Signal, own: Facts, around: Surroundings) -> Iterator[Place]:
    """Where code asks for what a file of settings names."""
    names = names_at(signal, own)
    if names:
        code = (facts for facts in around.by_path.values() if facts.language in CODE)
        found = (
            (facts.path, number)
            for facts in code
            for number, text in enumerate(facts.lines, 1)
            if any(name in text[:_LONGEST_LINE] for name in names)
        )
        yield from islice(found, _MOST_ELSEWHERE)


def programs_at(signal: Signal, own: Facts) -> tuple[str, ...]:
    """The files that the lines around a signal start, by their paths: what a process manager is told to run."""
    if own.functions:
        return ()
    lines = own.lines[max(signal.line - FEW - 1, 0) : signal.end_line + FEW]
    named = dict.fromkeys(name for text in lines for name in _PROGRAM.findall(f"{text[:_LONGEST_LINE]} "))
    folder = folder_of(own.path)
    paths = (name.removeprefix("./") for name in named if not name.startswith(("/", "../")))
    return tuple(f"{folder}/{path}" if folder else path for path in paths)


def _of_programs(signal: Signal, own: Facts, around: Surroundings) -> Iterator[Place]:
    """What the programs that are started say of their state, and what they load first."""
    for path in programs_at(signal, own):
        started = around.by_path.get(path)
        if started is None:
            continue
        loaded = {relative_stem(item.name) for item in started.imports if item.name.startswith(".")}
        beside = (facts for facts in around.by_path.values() if stem_of(facts.path) in loaded and facts.path != path)
        for facts in (started, *islice(beside, 2)):
            loads = (item.span.line for item in facts.imports if item.name.startswith("."))
            tells = (number for number, text in enumerate(facts.lines, 1) if _TELLING.search(text[:_LONGEST_LINE]))
            lines = sorted({*loads, *tells})
            yield from ((facts.path, number) for number in lines[:_MOST_OF_A_PROGRAM])


def relative_stem(name: str) -> str:
    """The file that an import beside it names: `../app.io` is `io` of `app`."""
    return name.rsplit("/", 1)[-1].lstrip(".").split(".", 1)[0]


def runs(own: Facts, around: Surroundings) -> Iterator[Place]:
    """Lines that say how many processes there are, and how they are started: in the files nearest to this one."""
    others = (facts for facts in around.by_path.values() if facts.language not in CODE and facts.path != own.path)
    above = [facts.path for facts in others if f"{own.path}/".startswith(f"{folder_of(facts.path)}/".removeprefix("/"))]
    places = (place for path in nearest(above, own.path) for place in _runs_of(around.by_path[path]))
    yield from islice(dict.fromkeys(places), _MOST_RUNS)


def _runs_of(facts: Facts) -> Iterator[Place]:
    for setting in facts.settings:
        if setting.path and setting.path[-1].lower().replace("-", "_") in _RUNS:
            yield facts.path, setting.span.line
    if facts.language in {"dockerfile", "procfile"}:
        yield from ((facts.path, number) for number, text in enumerate(facts.lines, 1) if _STARTS.search(text[:_LONGEST_LINE]))

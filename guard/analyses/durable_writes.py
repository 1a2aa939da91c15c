"""Files that a later request needs, written to this machine's own disk.

A request (or a job it started) writes a file outside every scratch place, and nothing removes it: an upload that is kept, a
JSON file used as a database, an export fetched later. The disk goes with the container, and another instance never had it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import takewhile

from msgspec import Struct
from msgspec.structs import replace

from guard.analyses import Leftover, View, Wanted
from guard.analyses import _idioms as idioms
from guard.analyses._alternatives import either_or, headers
from guard.analyses._callers import called_by_handlers
from guard.analyses._far_files import Far, is_scratch_there, places_wanted, touched_elsewhere
from guard.analyses._files import is_upload, touches
from guard.analyses._handed_places import handed_scratch
from guard.analyses._kept_scratch import asked_for_later
from guard.analyses._paths import DURABLE_WORDS, is_published, is_scratch, marks, parts, path_words
from guard.analyses._runtime import Runs, is_the_end, runtime, targets, told, work
from guard.analyses._touches import Does, Touch
from guard.analyses._words import words
from guard.analyses._written_rules import RULES, SAYS, Kind
from guard.facts import Call, Constant, Facts, Function, FunctionKind, Name, Value, indent_of, last_segment, walk
from guard.finding import Check, Confidence, Evidence, Signal
from guard.regex import regex

__all__ = ["RULES", "asks", "find", "leaves"]


class _Place(Struct, frozen=True):
    """The writes of a file that go to one place, and what reads it, here and in other files."""

    writes: tuple[Touch, ...]
    readers: tuple[Touch, ...]
    marks: frozenset[str]
    far: tuple[Far, ...] = ()


_MOST_NAMES = 4
_SPEAKING = 6
"""Letters of a function's name by which its callers are searched for."""
_MADE_AGAIN_BY_NAME = frozenset({"ruby", "php"})
"""Languages in which names and questions for a file tell what can be made again."""
_SOMEBODY = frozenset("user account member profile customer".split())
_MAKES_A_FOLDER = frozenset({"mkdir", "mkdir_p", "makedirs", "makedirectory"})
_ASKS_FOR_A_FILE = frozenset({"file_exists", "is_file", "exist?", "exists?", "file?"})


def find(view: View) -> Iterator[Signal]:
    """Every place on the disk that code which runs with requests writes durably."""
    facts = view.facts
    found = list(touches(facts))
    if not any(touch.does is Does.WRITE for touch in found):
        return
    runs = runtime(facts, called_by_handlers(view))
    if view.served or Runs.REQUEST in runs.values():
        for place in _places(found, facts, runs):
            if _is_told_to_be_scratch(place, found, view):
                continue
            known = replace(place, far=tuple(touched_elsewhere(place.writes, facts, view.neighbours)))
            confidence = _confidence(known, facts, runs)
            if confidence is not None:
                yield _signal(known, confidence, view)


def leaves(view: View) -> Iterator[Leftover]:
    """Files that are written while the program runs, and of which there is too little to see for a signal."""
    facts = view.facts
    found = list(touches(facts))
    runs = runtime(facts, called_by_handlers(view)) if any(touch.does is Does.WRITE for touch in found) else {}
    for place in _places(found, facts, runs) if runs else ():
        scratch = _is_told_to_be_scratch(place, found, view)
        known = replace(place, far=tuple(touched_elsewhere(place.writes, facts, view.neighbours)))
        if not scratch and _confidence(known, facts, runs) is None:
            spans = (touch.call.span for touch in (*place.writes, *place.readers))
            yield Leftover(tuple((span.line, span.end_line) for span in spans))


def _is_told_to_be_scratch(place: _Place, found: list[Touch], view: View) -> bool:
    """Whether another file says that the place is a temporary one, by a constant or by what it calls with."""
    return all(
        (is_scratch_there(touch, view.facts, view.neighbours) or handed_scratch(touch, view.facts, view.neighbours))
        and not asked_for_later(touch, found, view.facts)
        for touch in place.writes
    )


def asks(view: View, lines: frozenset[int]) -> Iterator[Wanted]:
    """Where the paths that a changed line writes to are declared, what serves them, and who calls the code around."""
    facts = view.facts
    written = [touch for touch in touches(facts) if touch.does is Does.WRITE and touch.call.span.touches(lines)]
    if not written or not view.served:
        return
    runs = runtime(facts, called_by_handlers(view))
    kept = [
        touch
        for touch in written
        if runs.get(touch.call.scope, Runs.ONCE) is not Runs.ONCE and not is_scratch(touch.path, touch.call.scope, facts)
    ]
    yield from places_wanted(kept, facts)
    for touch in kept:
        around = facts.function_by_id.get(work(touch.call.scope, facts))
        if around is not None and runs[touch.call.scope] is Runs.ANYTIME:
            names = [function.name for function in _and_its_callers(around, facts) if len(function.name) >= _SPEAKING]
            yield from (Wanted(words=("|".join(names[:_MOST_NAMES]),)),) if names else ()


def _and_its_callers(function: Function, facts: Facts) -> list[Function]:
    """A function and those of the file through which it is reached, itself first."""
    found = [function]
    for one in found:  # grows while it is gone through
        scopes = {call.scope for call in facts.calls if one.id in targets(call.name, call.scope, facts)}
        around = (facts.function_by_id.get(work(scope, facts)) for scope in sorted(scopes))
        found += [caller for caller in around if caller is not None and caller not in found]
        if len(found) > _MOST_NAMES:
            break
    return found


def _places(found: list[Touch], facts: Facts, runs: dict[str, Runs]) -> list[_Place]:
    """Durable writes, those to the same place together."""
    groups: dict[str, list[Touch]] = defaultdict(list)
    for touch in found:
        if (
            touch.does is Does.WRITE
            and (
                runs.get(touch.call.scope, Runs.ONCE) is not Runs.ONCE
                or _runs_again(touch, facts)
                or _taken_up(touch, found, facts)
            )
            and _durable(touch, found, facts)
        ):
            known = marks(touch.path, touch.call.scope, facts)
            groups[min(known) if known else work(touch.call.scope, facts)].append(touch)
    return [_place(writes, found, facts) for writes in groups.values()]


def _runs_again(touch: Touch, facts: Facts) -> bool:
    """Whether a page of Streamlit or PHP, which runs from top to bottom for each visitor, keeps what one uploads."""
    anew = facts.language in idioms.ANEW_FOR_EACH_REQUEST or any(item.name == "streamlit" for item in facts.imports)
    return anew and _takes_an_upload(touch, facts)


def _taken_up(touch: Touch, found: list[Touch], facts: Facts) -> bool:
    """Whether an object of a program saves something when it stops that it loads when it is made: `stop()` and `__init__()`."""
    around = facts.function_by_id.get(work(touch.call.scope, facts))
    if around is None or not is_the_end(around) or not around.parent:
        return False
    known = marks(touch.path, touch.call.scope, facts)
    return any(
        other.does is Does.READ
        and known & marks(other.path, other.call.scope, facts)
        and (facts.function_by_id[work(other.call.scope, facts)].parent if work(other.call.scope, facts) else "")
        == around.parent
        for other in found
    )


def _place(writes: list[Touch], found: list[Touch], facts: Facts) -> _Place:
    known = frozenset(mark for touch in writes for mark in marks(touch.path, touch.call.scope, facts))
    writers = {work(touch.call.scope, facts) for touch in writes}
    readers = [
        touch
        for touch in found
        if touch.does in {Does.READ, Does.SERVE}
        and known & marks(touch.path, touch.call.scope, facts)
        and writers - {work(touch.call.scope, facts)}
    ]
    return _Place(tuple(writes), tuple(readers), known)


def _durable(touch: Touch, found: list[Touch], facts: Facts) -> bool:
    scope = touch.call.scope
    scratch = is_scratch(touch.path, scope, facts) and not asked_for_later(touch, found, facts)
    return not scratch and not _removed_again(touch, found, facts)


def _removed_again(touch: Touch, found: list[Touch], facts: Facts) -> bool:
    """Whether the same work removes the file: by the same name, or as a whole folder."""
    around, names = work(touch.call.scope, facts), _names(touch.path) | _names_of_the_open_file(touch, facts)
    return any(
        other.does is Does.REMOVE
        and not _after_a_failure(other, facts)
        and not _before_giving_up(other, touch, facts)
        and work(other.call.scope, facts) == around
        and not either_or(other.call.span, touch.call.span, facts)
        and bool(names & _names(other.path) or marks(other.path, scope, facts) & marks(touch.path, scope, facts))
        for other in found
        for scope in (other.call.scope,)
    )


def _after_a_failure(touch: Touch, facts: Facts) -> bool:
    """Whether this happens in a callback for errors only: what went well stays."""
    listening = (function.registered for function in facts.enclosing(touch.call.scope) if function.registered is not None)
    return any(call.positional(0) in (Constant("error"), Constant("aborted")) for call in listening)


_REFUSES = regex(
    r"\s*(?:raise\b|throw\b|abort\(|(?:return\b|res\b|reply\b).*(?:(?:status\w*|sendStatus|code)\s*[=:(]+\s*|,\s*)(?:HTTP_|HTTPStatus\.\w|http_status\.)?[45]\d\d\b)"
)
_GIVES_UP = {
    "go": regex(r"\s*return\b.*(?:\berr\w*\b|\berrors\.|Errorf\()"),
    **dict.fromkeys(("python", "javascript", "typescript"), _REFUSES),
}
_NEAR = 8


def _before_giving_up(removal: Touch, written: Touch, facts: Facts) -> bool:
    """Whether a file is removed in a branch that ends with an error: what went well stays."""
    first, before = removal.call.span.line, written.call.span.line
    if facts.language not in _GIVES_UP or not 0 < before < first:
        return False
    deep = indent_of(facts.lines[first - 1])
    following = takewhile(lambda line: not line.strip() or indent_of(line) >= deep, facts.lines[first : first + _NEAR])
    ends = any(_GIVES_UP[facts.language].match(line) and indent_of(line) == deep for line in following)
    return ends and deep > indent_of(facts.lines[before - 1])


def _names_of_the_open_file(touch: Touch, facts: Facts) -> set[str]:
    """What the file that a call opens is called, and the path that it gives: `out`, `open().name`."""
    bound = (binding.name for binding in facts.bindings if binding.scope == touch.call.scope and binding.value == touch.call)
    return {f"{touch.call.name}().name", *(f"~{name}" for name in bound)}


def _names(value: Value | None) -> set[str]:
    found = {part.path for part in walk(value) if isinstance(part, Name)}
    if isinstance(value, Call) and isinstance(value.receiver, Name) and value.name.endswith("().Name"):
        found.add(value.receiver.path)  # Go's `out.Name()`
    return found


def _confidence(place: _Place, facts: Facts, runs: dict[str, Runs]) -> Confidence | None:
    by_request = any(runs[touch.call.scope] is Runs.REQUEST for touch in place.writes)
    speaking = any(_about(touch, facts) & DURABLE_WORDS for touch in place.writes)
    upload = any(_takes_an_upload(touch, facts) for touch in place.writes)
    published = any(is_published(touch.path, touch.call.scope, facts) for touch in place.writes)
    for_ever = any(_saved_for_ever(touch, facts) for touch in place.writes)
    readers = bool(place.readers) or published or _needed_elsewhere(place, by_request or upload or for_ever)
    points = 2 * by_request + 2 * readers + speaking + 2 * upload + (speaking and _named_by_the_caller(place, facts))
    if not upload and _kept_fresh(place, facts):
        points -= 3
    again = facts.language in _MADE_AGAIN_BY_NAME and (
        _fetched_again(place, facts) or (_made_where_missing(place, facts) and not _is_somebodys(place, facts))
    )
    if (again or _read_through(place, facts)) and not upload:
        return Confidence.POSSIBLE if points >= 2 else None
    if points >= 3 and (by_request or readers or upload):
        return Confidence.LIKELY
    return Confidence.POSSIBLE if points >= 2 else None


def _needed_elsewhere(place: _Place, by_request: bool) -> bool:
    """Whether another file serves the place, or reads what a request wrote there."""
    return any(far.touch.does is Does.SERVE or by_request for far in place.far)


_FOR_EVER = regex(r"\s*(?:while\s*\(?\s*(?:True|true|1)\s*\)?\s*[:{]|for\s*\(\s*;\s*;\s*\)|loop\b)")


def _saved_for_ever(touch: Touch, facts: Facts) -> bool:
    """Whether this is done in a loop that never ends, in the background of a program that runs: `while True: save(state)`."""
    around = facts.function_by_id.get(touch.call.scope)
    if around is None or touch.call.span.line > len(facts.lines):
        return False
    above = headers(touch.call.span.line, facts, around.span.line)
    return any(_FOR_EVER.match(facts.lines[number - 1]) for number in above)


def _kept_fresh(place: _Place, facts: Facts) -> bool:
    """Whether the code around a write calls it a cache or a refresh: what is lost there is fetched again."""
    around = (function for touch in place.writes for function in facts.enclosing(touch.call.scope))
    return any(
        words(function.name) & {"cache", "cached", "refresh"} for function in around if function.kind is not FunctionKind.CLASS
    )


def _fetched_again(place: _Place, facts: Facts) -> bool:
    """Whether the path says that it is a cache, or the code's class that it fetches: a `FetchBlocklistJob` runs again."""
    around = (function for touch in place.writes for function in facts.enclosing(touch.call.scope))
    return any("cache" in path_words(touch.path, touch.call.scope, facts) for touch in place.writes) or any(
        words(function.name) & {"fetch", "refresh"} for function in around
    )


def _read_through(place: _Place, facts: Facts) -> bool:
    """Whether a file that is called a cache is read by the same work before it writes it: what is missing is fetched again."""
    return all(
        path_words(written.path, written.call.scope, facts) & {"cache", "cached"}
        and any(
            touch.does is Does.READ
            and touch.call.span.line < written.call.span.line
            and work(touch.call.scope, facts) == work(written.call.scope, facts)
            and _names(touch.path) & _names(written.path)
            for touch in touches(facts)
        )
        for written in place.writes
    )


def _is_somebodys(place: _Place, facts: Facts) -> bool:
    """Whether the path says that the file is a user's: what they chose can not be made again."""
    return any(path_words(touch.path, touch.call.scope, facts) & _SOMEBODY for touch in place.writes)


def _made_where_missing(place: _Place, facts: Facts) -> bool:
    """Whether the code that writes a file looks first whether it is there, not into it: what is missing is made again."""
    folders = [_names(call.positional(0)) for call in facts.calls if last_segment(call.name).lower() in _MAKES_A_FOLDER]
    asked = [
        call
        for call in facts.calls
        if last_segment(call.name) in _ASKS_FOR_A_FILE and _names(call.positional(0)) not in folders
    ]
    works = {work(touch.call.scope, facts) for touch in place.writes}
    looked_into = any(
        touch.does is Does.READ and work(touch.call.scope, facts) in works and _names(touch.path) & _names(place.writes[0].path)
        for touch in touches(facts)
    )
    if looked_into:
        return False
    return all(
        any(
            work(call.scope, facts) == work(touch.call.scope, facts)
            and call.span.line < touch.call.span.line
            and _names(touch.path)
            and _names(call.positional(0)) == _names(touch.path)
            for call in asked
        )
        for touch in place.writes
    )


def _named_by_the_caller(place: _Place, facts: Facts) -> bool:
    """Whether a part of the path differs from call to call."""
    return any(
        isinstance(part, Name) and part.path.startswith("%")
        for touch in place.writes
        for part in parts(touch.path, touch.call.scope, facts)
    )


def _about(touch: Touch, facts: Facts) -> frozenset[str]:
    """What the names of the path and of the code around the write say of the file."""
    around = (word for function in facts.enclosing(touch.call.scope) for word in words(function.name))
    return path_words(touch.path, touch.call.scope, facts).union(around)


def _takes_an_upload(touch: Touch, facts: Facts) -> bool:
    resolved = facts.resolve(touch.what, touch.call.scope)
    if is_upload(touch.what) or is_upload(resolved) or is_upload(Name(touch.call.name)):
        return True
    read = isinstance(resolved, Call) and re.fullmatch(r"%\w+(?:\.file)?\.read", resolved.name)
    return bool(read) and any(item.name.endswith(".UploadFile") for item in facts.imports)


def _signal(place: _Place, confidence: Confidence, view: View) -> Signal:
    facts, first = view.facts, place.writes[0]
    kind = (
        Kind.UPLOAD
        if any(_takes_an_upload(touch, facts) for touch in place.writes)
        else Kind.STORE
        if place.readers or place.far
        else Kind.WRITE
    )
    rule = next(rule for rule in RULES if rule.id == kind)
    return Signal(
        rule=kind,
        family="durable-writes",
        check=Check.LOCAL_DISK,
        confidence=confidence,
        path=facts.path,
        line=first.call.span.line,
        end_line=first.call.span.end_line,
        column=first.call.span.column,
        message=SAYS[kind],
        remedy=rule.remedy_for(view.project, view.facts.path),
        identity=min(place.marks, default=work(first.call.scope, facts)),
        code=facts.text(first.call.span),
        evidence=tuple(_evidence(place, facts)),
        question="Is this file needed by a later request, or removed or uploaded to a backing service before this one ends?",
        alternatives=tuple((touch.call.span.line, touch.call.span.end_line) for touch in place.writes[1:]),
    )


def _evidence(place: _Place, facts: Facts) -> Iterator[Evidence]:
    for touch in place.writes[:2]:
        yield Evidence(facts.path, touch.call.span.line, f"{told(touch.call.scope, facts)} writes it")
    for touch in place.readers[:2]:
        verb = "serves it" if touch.does is Does.SERVE else "reads it later"
        yield Evidence(facts.path, touch.call.span.line, f"{told(touch.call.scope, facts)} {verb}")
    for far in place.far[:2]:
        verb = "serves it" if far.touch.does is Does.SERVE else "reads it later"
        yield Evidence(far.facts.path, far.touch.call.span.line, f"{told(far.touch.call.scope, far.facts)} {verb}")

"""State that one request leaves in process memory and a later one needs.

A container (or a number, a flag) is created once per process; code that runs with requests writes it, and code that runs with
later requests reads it. A deploy, a crash or a second instance loses it. What can be made again is left alone: memoised
results, clients made on first use, registries filled at import, entries that go away before the answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from msgspec.structs import replace

from guard.analyses import Leftover, View, Wanted
from guard.analyses import _idioms as idioms
from guard.analyses._callers import called_by_handlers
from guard.analyses._containers import Shape, bare, bare_element, shared
from guard.analyses._derived import makes_limiters, marks_its_key
from guard.analyses._gone import turns_away
from guard.analyses._made_of import is_made_up, parts
from guard.analyses._own_store import says_it_stores
from guard.analyses._package import Package, other_places, own_lines, package_of
from guard.analyses._passed import with_passed_on
from guard.analyses._records import adds_up, collects, counts_entries, numbers
from guard.analyses._runtime import Runs, runtime, told
from guard.analyses._shared_rules import CHECKS, RULES, SAYS, Kind
from guard.analyses._stories import Story, counts, is_state, merged, seen_elsewhere, story_of
from guard.analyses._words import DERIVED, PERSON, WORK, words
from guard.facts import Action, Call, Constant, Facts, Mapping, Name, Template, Use, Value, last_segment, notes_of, walk
from guard.finding import Check, Confidence, Evidence, Signal
from guard.regex import regex

__all__ = ["ACROSS", "RULES", "asks", "find", "leaves"]

ACROSS = True

_MEASURES = frozenset(
    {"metric", "metrics", "telemetry", "prometheus", "statsd", "instrumentation", "tracing", "otel", "profiler"}
)
"""Names of files that measure the process: what they count is scraped from each process and added up elsewhere."""
_ENOUGH, _SOME = 5, 3
_RANDOM = regex(r"\b(?:Random\w*|rnd|rand)\b|NewGuid|\.(?:Generate|Create|New|Make)\w*(?:Otp|Code|Captcha)\w*$")
"""Names of calls that make up a value, or a code for somebody."""
_ADDS, _TAKES = frozenset({"push", "append", "put", "put_nowait"}), frozenset({"shift", "popleft", "pop"})
_OF_WORK = frozenset(
    "job task counter count rate limit limiter attempt failure progress processing inflight running busy blacklist denylist ban".split()
)
"""Words for work, whoever it is done for."""
_ADDRESSES = frozenset({"ip", "addr", "address"})
"""Words for keys that tell machines apart rather than people: what is kept under them counts or limits."""
_DECISIVE = frozenset({"otp", "captcha", "blacklist", "denylist", "revoked"})
"""Words for what is asked for later only to let somebody in or keep them out."""
_SENT = regex(r"params(?:\[\]|\.)|\$_(?:POST|GET|REQUEST)\b")
"""Beginnings of names for what a visitor sent, in languages that have words for it."""
_SENT_BODY = regex(
    r"%(?:req|request|ctx\.request|context\.request)\.(?:body|json|form|data|POST|files)\b|(?:flask|quart)\.request\.(?:json|form|files)\b"
)
"""The same where a body is an attribute of a request."""
_CONVERSATION = frozenset("session conversation chat dialog dialogue otp captcha cart login".split())
"""Words for what a program has with somebody else, and not with whoever runs it."""
_IDENTITIES = frozenset({"id", "key", "token", "uuid"})


def find(view: View) -> Iterator[Signal]:
    """Every shared name of the file that requests write and read."""
    if not _keeps_state(view):
        return
    package, runs = _read(view)
    for story in _stories(view, package, runs):
        if is_state(story, package.facts):
            kind = _kind(story, package.facts)
            confidence = _confidence(story, kind, replace(view, facts=package.facts), runs)
            if confidence is not None:
                yield _signal(story, kind, confidence, view, package)


def leaves(view: View) -> Iterator[Leftover]:
    """Shared containers that are written while the program runs, and of which there is too little to see for a signal."""
    if not _keeps_state(view):
        return
    package, runs = _read(view)
    for story in _stories(view, package, runs):
        if story.writes and story.shared.shape is not Shape.SCALAR and not _is_told(story, view, package, runs):
            uses = own_lines(package, (use.span for use in (*story.writes, *story.removals, *story.reads)))
            line = package.place(story.shared.binding.span.line)[1]
            yield Leftover(((line, line), *uses))


def _is_told(story: Story, view: View, package: Package, runs: dict[str, Runs]) -> bool:
    known = replace(view, facts=package.facts)
    return is_state(story, package.facts) and _confidence(story, _kind(story, package.facts), known, runs) is not None


def _keeps_state(view: View) -> bool:
    """Whether what the file holds could be missed by a later request."""
    return _outlives_a_request(view) and not words(view.facts.path.rsplit("/", 1)[-1]) & _MEASURES


def _read(view: View) -> tuple[Package, dict[str, Runs]]:
    """What is known of the file and its package, and when its functions run."""
    package = package_of(view)
    package = replace(package, facts=with_passed_on(package.facts))
    return package, runtime(package.facts, called_by_handlers(view) | package.called)


def _stories(view: View, package: Package, runs: dict[str, Runs]) -> Iterator[Story]:
    """The uses of each shared name of the file."""
    for one in merged(shared(package.facts, view.neighbours)):
        if package.own(one.binding.span.line):
            yield story_of(one, package.facts, runs)


def asks(view: View, lines: frozenset[int]) -> Iterator[Wanted]:
    """Whose container it is that a changed line writes to; who else uses one that a change makes or writes."""
    from guard.analyses._open import declared_elsewhere, of_the_package, used_elsewhere

    facts = view.facts
    if view.served and _keeps_state(view):
        yield from declared_elsewhere(facts, lines)
        yield from of_the_package(facts, lines)
        yield from used_elsewhere(view, lines)


def _outlives_a_request(view: View) -> bool:
    """Whether memory of this program is there after a request at all."""
    if view.facts.language not in idioms.ANEW_FOR_EACH_REQUEST:
        return True
    # `new \Swoole\Http\Server()` imports nothing
    named = chain((item.name for item in view.facts.imports), view.facts.calls_by_name)
    stays = any(name.startswith(idioms.STAYING) for name in named)
    return stays or bool(view.project.dependencies & idioms.STAYING_PACKAGES)


def _kind(story: Story, facts: Facts) -> Kind:
    name = story.words
    if story.shared.shape is Shape.QUEUE or _is_queue(story):
        return Kind.QUEUE
    if counts(story) and (
        story.shared.shape is Shape.SCALAR or all(use.method.lower() in idioms.COUNTING for use in story.writes)
    ):
        return Kind.COUNTER
    if any(_is_lock(use) for use in story.writes) or _OF_LOCKS.search(story.shared.binding.type):
        return Kind.LOCK
    keys = {word for use in (*story.writes, *story.reads) for word in _key_words(use)}
    of_work = name & _OF_WORK or keys & _ADDRESSES or adds_up(story.writes, facts) or _of_a_limiter(story, facts)
    return Kind.PERSON if (name | keys) & PERSON and not of_work else Kind.WORK


def _of_a_limiter(story: Story, facts: Facts) -> bool:
    """Whether what keeps the entries calls itself a limiter: it counts what somebody does, and knows nothing else of them."""
    around = (function.name for function in facts.enclosing(story.shared.binding.owner))
    return any(words(name) & {"limiter", "ratelimit", "throttle", "throttler"} for name in around)


_OF_LOCKS = regex(
    r"[<,]\s*(?:\w+\.)*(?:SemaphoreSlim|Semaphore|AsyncLock|Mutex|ReaderWriterLockSlim|(?:Reentrant)?(?:ReadWrite)?Lock|StampedLock)\s*>"
)
"""A declared type whose elements are locks."""


def _is_queue(story: Story) -> bool:
    """Whether what one function appends another takes out at the other end."""
    adders = {use.scope for use in story.writes if use.method in _ADDS or use.method.lower() in idioms.ADDING}
    takers = {
        use.scope for use in story.removals if use.key is None and (use.method in _TAKES or use.method.lower() in idioms.TAKING)
    }
    return bool(adders and takers - adders)


def _is_lock(use: Use) -> bool:
    return any(
        isinstance(value, Call)
        and value.name.rsplit(".", 1)[-1]
        in {"Lock", "RLock", "Semaphore", "Mutex", "BoundedSemaphore", "ReentrantLock", "SemaphoreSlim", "sync.Mutex"}
        for value in walk(use.value)
    )


def _key_words(use: Use) -> frozenset[str]:
    match use.key:
        case Name(path):
            return words(path.rsplit(".", 1)[-1])
        case Call() if isinstance(asked := use.key.positional(0), Constant):  # `request.FormValue("user")`
            return words(str(asked.value))
        case Template(parts):  # `fmt.Sprintf("otp:%s", phone)`
            return frozenset(word for part in parts for word in words(_told_by(part)))
        case _:
            return frozenset()


def _told_by(part: Value) -> str:
    match part:
        case Name(path):
            return path.rsplit(".", 1)[-1]
        case Constant(value=text):
            return str(text)
        case _:
            return ""


def _confidence(story: Story, kind: Kind, view: View, runs: dict[str, Runs]) -> Confidence | None:
    """`likely` where a request surely writes and later code surely reads; `possible` where one of it is a guess."""
    served = view.served or Runs.REQUEST in runs.values() or _of_a_conversation(story, view)
    by_request = any(runs[use.scope] is Runs.REQUEST for use in story.writes)
    scopes = {use.scope for use in (*story.reads, *story.removals)}
    elsewhere = bool(scopes - {use.scope for use in story.writes}) or counts(story) or seen_elsewhere(story)
    about = story.words | {word for use in story.writes for word in _key_words(use)}
    speaking = bool(about & (PERSON | WORK)) or kind in {Kind.QUEUE, Kind.LOCK, Kind.COUNTER}
    chosen = story.shared.shape is Shape.SCALAR and not counts(story)  # by a request, else it would be no state
    is_the_store = says_it_stores(story, view.facts)
    named_so = story.words & DERIVED - _of_notes(story) or bare(story.shared.binding.type) in idioms.CACHES_OF_THE_PROCESS
    made_up = _made_up_for_the_cache(story, view.facts)
    limits = makes_limiters(story.writes, view.facts)
    derived = bool(named_so) and not (made_up or chosen or is_the_store or limits or _handed_in(story, view.facts))
    if not served or (kind is Kind.QUEUE and _of_a_logger(story, view.facts)):
        return None
    if kind is Kind.LOCK and story.writes and all(_beside_a_connection(use, view.facts) for use in story.writes):
        return None
    points = (
        2 * by_request
        + elsewhere
        + speaking
        + chosen
        + story.shared.sure
        + _keyed(story, view.facts)
        + _keyed_by_person(story)
        + 3 * _issued(story, view.facts)
        + _registry(story)
        * (2 if turns_away(story, view.facts) else 1)  # one takes and turns others away, another gives back: a lock
        + (kind is Kind.LOCK and _keyed(story, view.facts))  # one lock for each of something is there to keep requests apart
        + 2 * (numbers(story.writes, view.facts) or counts_entries(story.writes, view.facts))
        + 2 * is_the_store
        + bool(about & _DECISIVE)
        + 2 * any(marks_its_key(use) for use in story.writes)
        + _waits_for_its_time(story, view.facts)
        + (kind is not Kind.QUEUE and collects(story.shared.binding, story.writes, view.facts))
        + 3 * made_up
        + limits
        - 2 * (bare_element(story.shared.binding.type) in idioms.HANDLES)
        + (kind is Kind.QUEUE and _in_a_service(story, view.facts))
        - derived * (1 if speaking else 2)
    )
    if points >= _ENOUGH and story.shared.sure:
        return Confidence.LIKELY
    return Confidence.POSSIBLE if points >= _SOME else None


def _of_notes(story: Story) -> frozenset[str]:
    """A memo is a result that is kept; memos are notes that somebody wrote."""
    return frozenset({"memo"}) if "memos" in story.words else frozenset()


def _of_a_conversation(story: Story, view: View) -> bool:
    """Whether entries say whose conversation they are of, in a project without any manifest that could tell whom it serves."""
    return not view.project.dependencies and bool(story.words & _CONVERSATION) and _keyed_by_person(story)


_CONNECTION = regex(r"[%~](?:\w*\.)*(?:\w*_)?(?i:websocket|ws|socket|conn|connection)$")


def _beside_a_connection(lock: Use, facts: Facts) -> bool:
    """Whether a lock is kept under the key that the same code keeps a connection under: who has one has the other."""
    return any(
        use.scope == lock.scope
        and use.key is not None
        and use.key == lock.key
        and isinstance(use.value, Name)
        and _CONNECTION.match(use.value.path)
        for use in facts.uses
        if use.action is Action.MUTATE
    )


def _of_a_logger(story: Story, facts: Facts) -> bool:
    """Whether what waits are the lines of a log: who loses some of them at a stop loses no work."""
    owner = facts.function_by_id.get(story.shared.binding.owner)
    return owner is not None and bool(words(owner.name) & {"logger", "logging", "appender"})


def _issued(story: Story, facts: Facts) -> bool:
    """Whether entries are stored under a number that was just made up: a ticket that comes back with a later request."""
    return any(is_made_up(part) for use in story.writes for part in walk(facts.resolve(use.key, use.scope)))


def _made_up_for_the_cache(story: Story, facts: Facts) -> bool:
    """Whether the cache of the process is given a random value or key: a code that nobody else knows and nothing can load again."""
    if bare(story.shared.binding.type) not in idioms.CACHES_OF_THE_PROCESS:
        return False
    given = (part for use in story.writes for value in (use.key, use.value) for part in parts(value, use.scope, facts))
    return any(isinstance(part, Call) and _RANDOM.search(part.name) for part in given)


def _in_a_service(story: Story, facts: Facts) -> bool:
    """Whether others put work, more than the number of a record, into the queue of what works in the background for ever."""
    owner = facts.function_by_id.get(story.shared.binding.owner)
    handed_over = any(function.exported for use in story.writes for function in facts.enclosing(use.scope) if function != owner)
    if not handed_over or bare_element(story.shared.binding.type) in idioms.NUMBERS_OF_RECORDS:
        return False
    return owner is not None and any(last_segment(base).lower() in idioms.ONE_BASE for base in owner.bases)


def _handed_in(story: Story, facts: Facts) -> bool:
    """Whether what is kept is what a visitor sent, as it came: nothing to make it again from, whatever it is called."""
    return any(_SENT.match(_source(use, facts)) or _holds_what_was_sent(use, facts) for use in story.writes)


def _holds_what_was_sent(use: Use, facts: Facts) -> bool:
    """Whether a field of what is stored was sent in the body of a request, and no call has made something of it."""
    value = facts.resolve(use.value, use.scope)
    held = [entry.value for entry in value.entries] if isinstance(value, Mapping) else [value]
    known = (facts.resolve(one, use.scope) for one in held)
    return any(isinstance(one, Name) and _SENT_BODY.match(one.path) for one in known)


def _source(use: Use, facts: Facts) -> str:
    value = facts.resolve(use.value, use.scope)
    path = value.path if isinstance(value, Name) else ""
    around = facts.function_by_id.get(use.scope)
    if around is not None and around.registered is not None and path.removeprefix("%") in around.parameters:
        return around.registered.name  # `params.each { |key, value| … }`
    return path


def _registry(story: Story) -> bool:
    """Whether one function adds entries, another removes them: what is between the two calls is state."""
    return bool({use.scope for use in story.removals} - {use.scope for use in story.writes})


def _waits_for_its_time(story: Story, facts: Facts) -> bool:
    """Whether what is put in comes out after a while only: the later, the surer is a deploy in between."""
    made = walk(story.shared.binding.value)
    if any(isinstance(part, Call) and last_segment(part.name).lower() in idioms.DELAYS for part in made):
        return True
    takers = (facts.function_by_id.get(use.scope) for use in story.removals)
    notes = {note for taker in takers if taker is not None for note in notes_of(taker)}
    return story.shared.shape is Shape.QUEUE and bool(notes & idioms.REPEATED)


def _keyed(story: Story, facts: Facts) -> bool:
    """Whether entries are stored under a key that differs from call to call, or are asked for as the members of a set."""
    if any(isinstance(part, Name | Call) for use in story.writes for part in walk(use.key)):
        return True
    excludes = turns_away(story, facts)
    asked = excludes or any(use.method.lower() in idioms.ASKING for use in story.reads)
    adding = {"add", "append", "push"} if excludes else {"add"}
    return asked and any(use.method in adding and isinstance(use.value, Name | Call) for use in story.writes)


def _keyed_by_person(story: Story) -> bool:
    """Whether the key says which user or conversation: no object of one request would need it."""
    keys = [_key_words(use) for use in story.writes if use.key is not None]
    named = story.words & PERSON
    return any((key & PERSON and (key & _IDENTITIES or len(key) == 1)) or (named and key & _IDENTITIES) for key in keys)


def _signal(story: Story, kind: Kind, confidence: Confidence, view: View, package: Package) -> Signal:
    binding = story.shared.binding
    name = binding.name.rsplit("%", 1)[-1].replace("~", "")
    line = package.place(binding.span.line)[1]
    return Signal(
        rule=kind,
        family="shared-state",
        check=CHECKS.get(kind, Check.MEMORY_CACHE),
        confidence=confidence,
        path=view.facts.path,
        line=line,
        end_line=line,
        column=binding.span.column,
        message=SAYS[kind].format(name=name),
        remedy=next(rule for rule in RULES if rule.id == kind).remedy_for(view.project, view.facts.path),
        identity=f"{binding.owner}.{binding.name}",
        code=binding.name,
        evidence=tuple(_evidence(story, name, package)),
        question=f"`{name}` is created once per process. Does a later request need what is stored in it, with no copy in a backing service and no way to make it again?",
        alternatives=own_lines(package, (use.span for use in story.writes)),
        elsewhere=other_places(package, (use.span for use in story.writes)),
    )


def _evidence(story: Story, name: str, package: Package) -> Iterator[Evidence]:
    facts, place = package.facts, package.place
    yield Evidence(*place(story.shared.binding.span.line), f"`{name}` is created once per process here")
    yield Evidence(*place(story.writes[0].span.line), f"{told(story.writes[0].scope, facts)} writes it")
    others = [use for use in (*story.reads, *story.removals) if use.scope != story.writes[0].scope] or [
        *story.reads,
        *story.removals,
    ]
    if others:
        yield Evidence(*place(others[0].span.line), f"{told(others[0].scope, facts)} needs it on a later request")

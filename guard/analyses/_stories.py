"""The story of a shared name: what is done with it by code that runs with requests, and whether that makes it state."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from guard.analyses import _idioms as idioms
from guard.analyses._containers import Shape, Shared
from guard.analyses._derived import is_derived, only_times
from guard.analyses._gone import gone_before_the_answer, turns_away
from guard.analyses._made_of import is_made_up, parts
from guard.analyses._records import CALLBACKS
from guard.analyses._runtime import Runs, handlers, runtime, targets, work
from guard.analyses._said_once import says_once
from guard.analyses._words import PERSON, words
from guard.facts import (
    Action,
    Binding,
    Call,
    Constant,
    Facts,
    FunctionKind,
    FunctionValue,
    Name,
    Unknown,
    Use,
    Value,
    last_segment,
    notes_of,
)
from guard.gathered import gathered
from guard.regex import regex


class Story(Struct, frozen=True):
    """The uses of one shared name that matter: by code that runs after start-up."""

    shared: Shared
    writes: tuple[Use, ...]
    removals: tuple[Use, ...]
    reads: tuple[Use, ...]

    @property
    def words(self) -> frozenset[str]:
        """What the name itself says, without what it hangs on."""
        name = self.shared.binding.name.rsplit(".", 1)[-1]
        return words(name) | {name.lower()}  # `blackList` is one word as well


_REQUEST_VALUE = regex(r"%(?!self\b|this\b|cls\b|app\b|client\b|loop\b|err)|(?:flask|quart|bottle|sanic)\.request\b")
_ONE_TIME = frozenset("token code otp nonce pin challenge passcode secret captcha verifier".split())
"""Words for what is given out by one request and asked for by the next."""
_CLOSING = frozenset({"destroy", "end", "close", "terminate"})
_SENDING = frozenset(
    {"send", "emit", "write", "publish", "push", "send_json", "send_text", "sendall", "broadcast", "json", "status"}
)
_NUMBERS = frozenset("id seq sequence index next version depth indent reconnect retry backoff".split())
"""Words for numbers that tell things of this process apart."""
_CLIENTS = frozenset("client connection conn engine loop app logger db pool server socket driver browser".split())
"""Words for what is made once and kept open, whoever asks first."""


def merged(found: Iterator[Shared]) -> list[Shared]:
    """One a name: the surest, and of equally sure ones the first."""
    best: dict[tuple[str, str], Shared] = {}
    for one in found:
        key = (one.binding.owner, one.binding.name)
        if key not in best or (one.sure, one.shape is not Shape.SCALAR) > (best[key].sure, best[key].shape is not Shape.SCALAR):
            best[key] = one
    return list(best.values())


def story_of(one: Shared, facts: Facts, runs: dict[str, Runs]) -> Story:
    later = [use for use in facts.uses if (use.owner, use.name) in one.keys and runs.get(use.scope, Runs.ONCE) is not Runs.ONCE]
    done = {use.action for use in later}
    if one.shape is Shape.CONTAINER and Action.REBIND in done and not done & {Action.MUTATE, Action.REMOVE}:
        one = replace(one, shape=Shape.SCALAR)  # it is only replaced as a whole
    changes = (Action.MUTATE, Action.REBIND) if one.shape is Shape.SCALAR else (Action.MUTATE,)
    made = _lock_of_each(one.binding, facts)
    asked = (use for use in later if made is not None and _asks_for_one(use) and runs[use.scope] is Runs.REQUEST)
    return Story(
        one,
        (*(use for use in later if use.action in changes), *(replace(use, action=Action.MUTATE, value=made) for use in asked)),
        tuple(use for use in later if use.action is Action.REMOVE),
        tuple(use for use in later if use.action is Action.READ),
    )


def _asks_for_one(use: Use) -> bool:
    """Whether an entry is asked for by whose it is, or by what a visitor sent: `locks[user_id]`, `LOCKS[params[:id]]`."""
    if use.action is not Action.READ or use.method != "[]" or not isinstance(use.key, Name):
        return False
    path = use.key.path
    return path.startswith(("params[", "%req.", "%request.")) or bool(
        words(path.rsplit(".", 1)[-1]) & (PERSON | {"id", "uuid"})
    )


_LOCK = regex(r"(?:^|[.:])(?:Lock|RLock|Semaphore|BoundedSemaphore|Mutex|Monitor)$")


def _lock_of_each(binding: Binding, facts: Facts) -> Call | None:
    """What makes the entries of a container that has a lock for whatever it is asked for: `defaultdict(asyncio.Lock)`."""
    made = binding.value
    if not isinstance(made, Call) or last_segment(made.name) not in {"defaultdict", "Hash"}:
        return None
    match made.positional(0):
        case Name(path) if _LOCK.search(path):
            return Call(path, (), made.span, made.scope)
        case FunctionValue(scope):
            return next((call for call in facts.calls if call.scope == scope and _LOCK.search(call.name)), None)
        case _:
            return None


def is_state(story: Story, facts: Facts) -> bool:
    """Whether what is written is needed later, and can not be made again."""
    if not story.writes or not (_later_reads(story, facts) or story.removals or counts(story) or seen_elsewhere(story)):
        return False
    if story.shared.shape is Shape.SCALAR:
        return _scalar_is_state(story, facts)
    if gone_before_the_answer(story, facts) or _only_closed(story, facts) or _only_callbacks(story):
        return False
    if _only_tasks_that_run(story, facts):
        return False
    if says_once(story.writes, story.reads, story.removals, facts) or only_times(story.writes, facts):
        return False
    if facts.language in idioms.CLASSES_RUN and all(use.key == Name("%this") for use in story.writes):
        return False  # what classes say of themselves while they are loaded
    if story.removals and turns_away(story, facts):
        return True  # a lock, whatever the function that takes it is called
    return not is_derived(story.writes, story.reads, facts)


def _later_reads(story: Story, facts: Facts) -> list[Use]:
    """The reads that may be of another request: not those by a helper that nobody calls but the function that writes."""
    writers = {use.scope for use in story.writes}
    return [use for use in story.reads if use.scope in writers or not _helps_only(use.scope, writers, facts)]


def _helps_only(scope: str, writers: set[str], facts: Facts) -> bool:
    """Whether a private function is called by these functions alone."""
    function = facts.function_by_id.get(scope)
    if function is None or function.exported or function.registered is not None or scope in handlers(facts):
        return False
    callers = _callers(facts).get(scope, frozenset())
    return bool(callers) and callers <= writers


@gathered(most=64)
def _callers(facts: Facts) -> dict[str, frozenset[str]]:
    """The scopes from which each function of a file is called."""
    found: dict[str, set[str]] = {}
    for call in facts.calls:
        for target in targets(call.name, call.scope, facts):
            found.setdefault(target, set()).add(call.scope)
    return {target: frozenset(scopes) for target, scopes in found.items()}


def _only_tasks_that_run(story: Story, facts: Facts) -> bool:
    """Whether references to running tasks are held until they are done, as the library asks for.

    https://docs.python.org/3/library/asyncio-task.html#asyncio.create_task
    """
    return bool(story.removals or story.reads) and all(
        use.key in (None, use.value)
        and use.method in {"add", "append"}
        and any(
            call.scope == use.scope and last_segment(call.name) == "add_done_callback" and _is_about(call, use)
            for call in facts.calls
        )
        for use in story.writes
    )


def _is_about(call: Call, use: Use) -> bool:
    """Whether a call is of a method of what is put in."""
    return not isinstance(use.value, Name) or call.receiver is None or call.receiver == use.value


def _only_callbacks(story: Story) -> bool:
    """Whether functions of this process sign up to be told: a list of listeners under no key, as every process has its own."""
    if any(use.method in {"shift", "pop", "popleft"} or use.method.lower() in idioms.TAKING for use in story.removals):
        return False  # work that waits
    return all(use.method in {"add", "push", "append", "unshift"} and _is_callback(use.value) for use in story.writes)


def _is_callback(value: Value | None) -> bool:
    if isinstance(value, FunctionValue):
        return True
    return isinstance(value, Name) and bool(words(last_segment(value.path)) & CALLBACKS)


def _only_closed(story: Story, facts: Facts) -> bool:
    """Whether open connections are kept to be closed when the server stops, and for nothing else: nobody sends to one."""
    scopes = {use.scope for use in story.reads}
    if not scopes or seen_elsewhere(story) or not words(story.shared.binding.name) & _CLIENTS:
        return False
    done = {
        last_segment(call.name).lower()
        for call in facts.calls
        if call.scope in scopes or any(around.id in scopes for around in facts.enclosing(call.scope))
    }
    return bool(done & _CLOSING) and not done & _SENDING


def seen_elsewhere(story: Story) -> bool:
    """Whether other files can read it: it hangs on a shared object, or is exported."""
    binding = story.shared.binding
    return binding.exported or "." in binding.name


def counts(story: Story) -> bool:
    """Whether a number is counted up or down, in a map perhaps by adding one to what is there (`merge(ip, 1, Integer::sum)`)."""
    return any(
        use.method.lower() in idioms.COUNTING or (use.method.lower() in {"merge", "addorupdate"} and use.value == Constant(1))
        for use in story.writes
    )


def _scalar_is_state(story: Story, facts: Facts) -> bool:
    """A counter that requests read, or a value of the request's own; not a client made on first use or a flag of progress."""
    if not counts(story):
        return _chosen_by_a_request(story, facts)
    grows = isinstance(story.shared.binding.value, Constant) and isinstance(story.shared.binding.value.value, str)
    return bool(story.reads) and story.shared.sure and not grows and not words(story.shared.binding.name) & _NUMBERS


def _chosen_by_a_request(story: Story, facts: Facts) -> bool:
    """Whether a handler sets a variable of the file to something of its request, and another one needs it (a chosen model, a chain over uploads)."""
    name, runs = words(story.shared.binding.name), runtime(facts)
    owned = story.shared.binding.owner and (story.shared.binding.instance or facts.language not in idioms.STATICS)
    if (owned and not _of_the_only_object(story, facts)) or "." in story.shared.binding.name or name & _CLIENTS:
        return False
    setters = [use for use in story.writes if use.action is Action.REBIND and runs[use.scope] is Runs.REQUEST]
    of_somebody = bool(name & PERSON and "id" in name)
    one_time = bool(name & _ONE_TIME)
    chosen = [
        use
        for use in setters
        if of_somebody or _of_the_request(use, facts) or (one_time and _is_made_up(use.value, use, facts))
    ]
    needed = {work(use.scope, facts) for use in story.reads if runs[use.scope] is Runs.REQUEST}
    return bool(chosen) and (of_somebody or bool(needed - {work(use.scope, facts) for use in chosen}))


def _is_made_up(value: Value | None, use: Use, facts: Facts) -> bool:
    return any(map(is_made_up, parts(value, use.scope, facts)))


def _of_the_only_object(story: Story, facts: Facts) -> bool:
    """Whether a field is one of an object that a container makes once, or that the file keeps under a name of its own: `config = Config()`."""
    kind = facts.function_by_id.get(story.shared.binding.owner)
    if kind is None or kind.kind is not FunctionKind.CLASS or not story.shared.sure:
        return False
    if notes_of(kind) & idioms.ONE_OBJECT:
        return True
    made = [binding for binding in facts.bindings if isinstance(binding.value, Call) and binding.value.name == f"~{kind.name}"]
    return len(made) == 1 and made[0].owner == "" and made[0].scope == ""


_READS_A_FILE = regex(
    r"(?:^|[.~])(?:open|read_text|read_bytes|load_file|readFile(?:Sync)?|ReadFile|ReadAllText|file_get_contents)$"
)


def _of_the_request(use: Use, facts: Facts) -> bool:
    made_of = list(_inside(use.value, use.scope, facts))
    if any(isinstance(part, Call) and _READS_A_FILE.search(part.name) for part in made_of):
        return False  # it is read again as it was, whoever names the file
    return any(_REQUEST_VALUE.match(name) for part in made_of for name in _sources(part)) or _reckoned_with_the_request(
        use, facts
    )


def _inside(value: Value | None, scope: str, facts: Facts) -> Iterator[Value]:
    """What a value is made of; of a part of what a call gave, the call (`r.token` of `r = await exchange(req.query.code)`)."""
    for part in parts(value, scope, facts):
        yield part
        made, called, _ = part.path.partition("()") if isinstance(part, Name) else ("", "", "")
        for _, call in facts.calls_by_name.get(made, ()) if called else ():
            if call.scope == scope:
                yield from parts(call, scope, facts)


def _sources(part: Value) -> Iterator[str]:
    """The names by which a value comes in: its own, and what it is asked of (`r` of `r.FormValue("model")`)."""
    match part:
        case Name(path):
            yield path
        case Call(name=name, receiver=receiver):
            yield name
            if isinstance(receiver, Name):
                yield receiver.path
        case _:
            pass


def _reckoned_with_the_request(use: Use, facts: Facts) -> bool:
    """Whether the handler's parameter stands in a reckoning: `r.FormValue("on") == "1"`."""
    text = use.value.text if isinstance(use.value, Unknown) else ""
    names = (name for function in facts.enclosing(use.scope) for name in function.parameters if len(text) > len(name))
    return any(text.startswith((f"{name}.", f"{name}[")) for name in names if name not in {"self", "this", "cls"})

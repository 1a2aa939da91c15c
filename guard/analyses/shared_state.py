"""State that one request leaves in process memory and a later one needs.

A container (or a number, a flag) is created once per process; code that runs with requests writes it, and code that runs with
later requests reads it. A deploy, a crash or a second instance loses it. What can be made again is left alone: memoised
results, clients made on first use, registries filled at import, entries that go away before the answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from guard.analyses import View
from guard.analyses._containers import Shape, Shared, shared
from guard.analyses._derived import is_derived, parts
from guard.analyses._records import CALLBACKS, collects, numbers
from guard.analyses._runtime import Runs, runtime, work
from guard.analyses._words import DERIVED, PERSON, WORK, words
from guard.catalogue import Example, Remedy, Rule
from guard.facts import Action, Call, Facts, FunctionValue, Name, Use, Value, walk
from guard.finding import Check, Confidence, Evidence, Signal

_REDIS = ("redis", "ioredis", "aioredis", "django-redis", "flask-redis")
_REMEDY = "Keep it in a backing service that all instances share (Redis, the database), written and read by key; memory may only hold a copy."
_MEASURES = frozenset(
    {"metric", "metrics", "telemetry", "prometheus", "statsd", "instrumentation", "tracing", "otel", "profiler"}
)
"""Names of files that measure the process: what they count is scraped from each process and added up elsewhere."""
_ENOUGH, _SOME = 5, 3
_MADE_UP = re.compile(
    r"(?:nanoid|uuid|uuid[1-7]|randomUUID|randomBytes|token_hex|token_urlsafe|cuid|cuid2|createId|ulid|v4|getrandbits|randint|shortid)",
    re.IGNORECASE,
)
_DOCS = "https://12factor.net/processes"


class Kind(StrEnum):
    """What a shared name is used for; each is a rule."""

    PERSON = "shared-session-state"
    WORK = "shared-state"
    COUNTER = "shared-counter"
    LOCK = "shared-lock"
    QUEUE = "in-process-queue"


_SAYS = {
    Kind.PERSON: "After a deploy or a crash, or on a second instance, what `{name}` knows of each user or conversation is gone: it lives only in this process's memory.",
    Kind.WORK: "After a deploy or a crash, or on a second instance, what `{name}` holds is gone: one request stores it in this process's memory and a later one looks for it there.",
    Kind.COUNTER: "Each process counts `{name}` for itself and starts again at every deploy, so with several instances the number is wrong.",
    Kind.LOCK: "Two requests that reach different instances both pass: `{name}` excludes only within one process.",
    Kind.QUEUE: "Work that was accepted is lost when the process stops: `{name}` is a queue in memory, and its jobs exist nowhere else.",
}
_CHECKS = {Kind.PERSON: Check.SESSION_STORE}


@dataclass(frozen=True, slots=True)
class _Story:
    """The uses of one shared name that matter: by code that runs after start-up."""

    shared: Shared
    writes: tuple[Use, ...]
    removals: tuple[Use, ...]
    reads: tuple[Use, ...]


_REQUEST_VALUE = re.compile(r"%(?!self\b|this\b|cls\b|app\b|client\b|loop\b|err)|(?:flask|quart|bottle|sanic)\.request\b")
_IDENTITIES = frozenset({"id", "key", "token", "uuid"})
_CLOSING = frozenset({"destroy", "end", "close", "terminate"})
_SENDING = frozenset(
    {"send", "emit", "write", "publish", "push", "send_json", "send_text", "sendall", "broadcast", "json", "status"}
)
_CLIENTS = frozenset("client connection conn engine loop app logger db pool server socket driver browser".split())
"""Words for what is made once and kept open, whoever asks first."""


def find(view: View) -> Iterator[Signal]:
    """Every shared name of the file that requests write and read."""
    facts = view.facts
    if words(facts.path.rsplit("/", 1)[-1]) & _MEASURES:
        return
    runs = runtime(facts)
    for one in _merged(shared(facts)):
        story = _story(one, facts, runs)
        if _is_state(story, facts):
            kind = _kind(story)
            confidence = _confidence(story, kind, view, runs)
            if confidence is not None:
                yield _signal(story, kind, confidence, view)


def _merged(found: Iterator[Shared]) -> list[Shared]:
    """One a name: the surest, and of equally sure ones the first."""
    best: dict[tuple[str, str], Shared] = {}
    for one in found:
        key = (one.binding.owner, one.binding.name)
        if key not in best or (one.sure, one.shape is not Shape.SCALAR) > (best[key].sure, best[key].shape is not Shape.SCALAR):
            best[key] = one
    return list(best.values())


def _story(one: Shared, facts: Facts, runs: dict[str, Runs]) -> _Story:
    later = [use for use in facts.uses if (use.owner, use.name) in one.keys and runs.get(use.scope, Runs.ONCE) is not Runs.ONCE]
    changes = (Action.MUTATE, Action.REBIND) if one.shape is Shape.SCALAR else (Action.MUTATE,)
    return _Story(
        one,
        tuple(use for use in later if use.action in changes),
        tuple(use for use in later if use.action is Action.REMOVE),
        tuple(use for use in later if use.action is Action.READ),
    )


def _is_state(story: _Story, facts: Facts) -> bool:
    """Whether what is written is needed later, and can not be made again."""
    if not story.writes or not (story.reads or story.removals or _counts(story) or _seen_elsewhere(story)):
        return False
    if story.shared.shape is Shape.SCALAR:
        return _scalar_is_state(story, facts)
    if _gone_before_the_answer(story, facts) or _only_closed(story, facts) or _only_callbacks(story):
        return False
    return not is_derived(story.writes, story.reads, facts)


def _only_callbacks(story: _Story) -> bool:
    """Whether functions of this process sign up to be told: a list of listeners under no key, as every process has its own."""
    if any(use.method in {"shift", "pop", "popleft"} for use in story.removals):
        return False  # work that waits
    return all(use.method in {"add", "push", "append", "unshift"} and _is_callback(use.value) for use in story.writes)


def _is_callback(value: Value | None) -> bool:
    if isinstance(value, FunctionValue):
        return True
    return isinstance(value, Name) and bool(words(re.split(r"[.~%]", value.path)[-1]) & CALLBACKS)


def _only_closed(story: _Story, facts: Facts) -> bool:
    """Whether open connections are kept to be closed when the server stops, and for nothing else: nobody sends to one."""
    scopes = {use.scope for use in story.reads}
    if not scopes or _seen_elsewhere(story) or not words(story.shared.binding.name) & _CLIENTS:
        return False
    done = {
        re.split(r"[.~%]", call.name)[-1].lower()
        for call in facts.calls
        if call.scope in scopes or any(around.id in scopes for around in facts.enclosing(call.scope))
    }
    return bool(done & _CLOSING) and not done & _SENDING


def _seen_elsewhere(story: _Story) -> bool:
    """Whether other files can read it: it hangs on a shared object, or is exported."""
    binding = story.shared.binding
    return binding.exported or "." in binding.name


def _counts(story: _Story) -> bool:
    return any(use.method in {"+=", "-=", "++", "--"} for use in story.writes)


def _scalar_is_state(story: _Story, facts: Facts) -> bool:
    """A counter that requests read, or a value of the request's own; not a client made on first use or a flag of progress."""
    if _counts(story):
        return bool(story.reads) and not words(story.shared.binding.name) & {
            "id",
            "seq",
            "sequence",
            "index",
            "next",
            "version",
            "depth",
            "indent",
            "reconnect",
            "retry",
            "backoff",
        }
    return _chosen_by_a_request(story, facts)


def _chosen_by_a_request(story: _Story, facts: Facts) -> bool:
    """Whether a handler sets a variable of the file to something of its request, and another one needs it (a chosen model, a chain over uploads)."""
    name, runs = words(story.shared.binding.name), runtime(facts)
    if story.shared.binding.owner or "." in story.shared.binding.name or name & _CLIENTS:
        return False
    setters = [use for use in story.writes if use.action is Action.REBIND and runs[use.scope] is Runs.REQUEST]
    of_somebody = bool(name & PERSON and "id" in name)
    chosen = [use for use in setters if of_somebody or _of_the_request(use, facts)]
    needed = {work(use.scope, facts) for use in story.reads if runs[use.scope] is Runs.REQUEST}
    return bool(chosen) and (of_somebody or bool(needed - {work(use.scope, facts) for use in setters}))


def _of_the_request(use: Use, facts: Facts) -> bool:
    return any(
        isinstance(part, Name | Call) and _REQUEST_VALUE.match(part.path if isinstance(part, Name) else part.name)
        for part in parts(use.value, use.scope, facts)
    )


def _gone_before_the_answer(story: _Story, facts: Facts) -> bool:
    """Whether every entry is removed by the function (or a callback in it) that made it, and nobody else looks at it."""
    makers = {work(use.scope, facts) for use in story.writes}
    removers = {work(use.scope, facts) for use in story.removals if use.method != "clear"}
    readers = {work(use.scope, facts) for use in story.reads}
    return bool(removers) and makers <= removers and not (readers | removers) - makers and not _queue_like(story)


def _queue_like(story: _Story) -> bool:
    return story.shared.shape is Shape.QUEUE or any(
        use.method in {"push", "append", "put", "put_nowait", "enqueue"} for use in story.writes
    )


def _kind(story: _Story) -> Kind:
    name = words(story.shared.binding.name.rsplit(".", 1)[-1])
    if story.shared.shape is Shape.QUEUE or _is_queue(story):
        return Kind.QUEUE
    if _counts(story) and (
        story.shared.shape is Shape.SCALAR or all(use.method in {"+=", "-=", "++", "--"} for use in story.writes)
    ):
        return Kind.COUNTER
    if any(_is_lock(use) for use in story.writes):
        return Kind.LOCK
    keys = {word for use in (*story.writes, *story.reads) for word in _key_words(use)}
    return Kind.PERSON if (name | keys) & PERSON and not name & {"job", "task", "counter", "count", "rate"} else Kind.WORK


def _is_queue(story: _Story) -> bool:
    """Whether what one function appends another takes out at the other end."""
    adders = {use.scope for use in story.writes if use.method in {"push", "append", "put", "put_nowait"}}
    takers = {use.scope for use in story.removals if use.method in {"shift", "popleft", "pop"} and use.key is None}
    return bool(adders and takers - adders)


def _is_lock(use: Use) -> bool:
    return any(
        isinstance(value, Call) and value.name.rsplit(".", 1)[-1] in {"Lock", "RLock", "Semaphore", "Mutex", "BoundedSemaphore"}
        for value in walk(use.value)
    )


def _key_words(use: Use) -> frozenset[str]:
    path = getattr(use.key, "path", "")
    return words(path.rsplit(".", 1)[-1]) if path else frozenset()


def _confidence(story: _Story, kind: Kind, view: View, runs: dict[str, Runs]) -> Confidence | None:
    """`likely` where a request surely writes and later code surely reads; `possible` where one of it is a guess."""
    served = view.served or Runs.REQUEST in runs.values()
    by_request = any(runs[use.scope] is Runs.REQUEST for use in story.writes)
    scopes = {use.scope for use in (*story.reads, *story.removals)}
    elsewhere = bool(scopes - {use.scope for use in story.writes}) or _counts(story) or _seen_elsewhere(story)
    about = words(story.shared.binding.name.rsplit(".", 1)[-1]) | {word for use in story.writes for word in _key_words(use)}
    speaking = bool(about & (PERSON | WORK)) or kind in {Kind.QUEUE, Kind.LOCK, Kind.COUNTER}
    chosen = story.shared.shape is Shape.SCALAR and not _counts(story)  # by a request, else it would be no state
    derived = bool(words(story.shared.binding.name.rsplit(".", 1)[-1]) & DERIVED) and not chosen
    if not served:
        return None
    points = (
        2 * by_request
        + elsewhere
        + speaking
        + story.shared.sure
        + _keyed(story)
        + _keyed_by_person(story)
        + 3 * _issued(story, view.facts)
        + _registry(story)
        + 2 * numbers(story.writes, view.facts)
        + (kind is not Kind.QUEUE and collects(story.shared.binding, story.writes, view.facts))
        - derived * (1 if speaking else 2)
    )
    if points >= _ENOUGH and story.shared.sure:
        return Confidence.LIKELY
    return Confidence.POSSIBLE if points >= _SOME else None


def _issued(story: _Story, facts: Facts) -> bool:
    """Whether entries are stored under a number that was just made up: a ticket that comes back with a later request."""
    return any(
        isinstance(part, Call) and _MADE_UP.search(part.name)
        for use in story.writes
        for part in walk(facts.resolve(use.key, use.scope))
    )


def _registry(story: _Story) -> bool:
    """Whether one function adds entries, another removes them: what is between the two calls is state."""
    return bool({use.scope for use in story.removals} - {use.scope for use in story.writes})


def _keyed(story: _Story) -> bool:
    """Whether entries are stored under a key that differs from call to call."""
    return any(use.key is not None and getattr(use.key, "path", "") for use in story.writes)


def _keyed_by_person(story: _Story) -> bool:
    """Whether the key says which user or conversation: no object of one request would need it."""
    keys = [_key_words(use) for use in story.writes if use.key is not None]
    named = words(story.shared.binding.name.rsplit(".", 1)[-1]) & PERSON
    return any((key & PERSON and (key & _IDENTITIES or len(key) == 1)) or (named and key & _IDENTITIES) for key in keys)


def _signal(story: _Story, kind: Kind, confidence: Confidence, view: View) -> Signal:
    binding = story.shared.binding
    name = binding.name.rsplit("%", 1)[-1].replace("~", "")
    writes = sorted({(use.span.line, use.span.end_line) for use in story.writes})
    return Signal(
        rule=kind,
        family="shared-state",
        check=_CHECKS.get(kind, Check.MEMORY_CACHE),
        confidence=confidence,
        path=view.facts.path,
        line=binding.span.line,
        end_line=binding.span.line,
        column=binding.span.column,
        message=_SAYS[kind].format(name=name),
        remedy=next(rule for rule in RULES if rule.id == kind).remedy_for(view.project.dependencies),
        identity=f"{binding.owner}.{binding.name}",
        code=binding.name,
        evidence=tuple(_evidence(story, name, view.facts)),
        question=f"`{name}` is created once per process. Does a later request need what is stored in it, with no copy in a backing service and no way to make it again?",
        alternatives=tuple(writes),
    )


def _evidence(story: _Story, name: str, facts: Facts) -> Iterator[Evidence]:
    yield Evidence(facts.path, story.shared.binding.span.line, f"`{name}` is created once per process here")
    yield Evidence(facts.path, story.writes[0].span.line, f"{_where(story.writes[0], facts)} writes it")
    others = [use for use in (*story.reads, *story.removals) if use.scope != story.writes[0].scope] or [
        *story.reads,
        *story.removals,
    ]
    if others:
        yield Evidence(facts.path, others[0].span.line, f"{_where(others[0], facts)} needs it on a later request")


def _where(use: Use, facts: Facts) -> str:
    named = next((function.name for function in facts.enclosing(use.scope) if function.name and "<" not in function.name), "")
    return f"`{named}()`" if named else "a handler"


_FLASK = "from flask import Flask, request\nimport threading, queue, uuid\napp = Flask(__name__)\n"
_EXPRESS = "const express = require('express');\nconst app = express();\n"
_MEMO = (
    _FLASK
    + "cache = {}\n@app.get('/rates/<currency>')\ndef rate(currency):\n    if currency not in cache:\n        cache[currency] = fetch_rate(currency)\n"
    "    return cache[currency]\n@app.get('/all')\ndef everything():\n    return list(cache)\n"
)
_MEMO_JS = (
    _EXPRESS
    + "const cache = new Map();\napp.get('/rates/:c', async (req, res) => {\n  const hit = cache.get(req.params.c);\n  if (hit) return res.json(hit);\n"
    "  const rate = await fetchRate(req.params.c);\n  cache.set(req.params.c, rate);\n  res.json(rate);\n});\n"
)
_GONE = (
    _EXPRESS
    + "const running = new Map();\napp.post('/run/:id', async (req, res) => {\n  running.set(req.params.id, new AbortController());\n"
    "  try { await work(); } finally { running.delete(req.params.id); }\n  res.end();\n});\n"
)
_EXAMPLES: dict[Kind, tuple[tuple[str, str], tuple[str, str]]] = {
    Kind.PERSON: (
        (
            _FLASK
            + "carts = {}\n@app.post('/cart/<user_id>')\ndef add(user_id):\n    carts[user_id] = request.json\n    return ''\n"
            "@app.get('/cart/<user_id>')\ndef show(user_id):\n    return carts[user_id]\n",
            _EXPRESS
            + "const sessions = {};\napp.post('/login', (req, res) => { sessions[req.body.user] = { at: Date.now() }; res.end(); });\n"
            "app.get('/me', (req, res) => res.json(sessions[req.query.user]));\n",
        ),
        (_MEMO, _MEMO_JS),
    ),
    Kind.WORK: (
        (
            _FLASK
            + "jobs = {}\n@app.post('/jobs')\ndef start():\n    job = str(uuid.uuid4())\n    jobs[job] = {'state': 'queued'}\n    return job\n"
            "@app.get('/jobs/<job>')\ndef status(job):\n    return jobs[job]\n",
            _EXPRESS
            + "const jobs = new Map();\napp.post('/jobs', (req, res) => { const id = crypto.randomUUID(); jobs.set(id, 'queued'); res.json(id); });\n"
            "app.get('/jobs/:id', (req, res) => res.json(jobs.get(req.params.id)));\n",
        ),
        (_MEMO, _GONE),
    ),
    Kind.COUNTER: (
        (
            _FLASK + "visits = 0\n@app.get('/')\ndef home():\n    global visits\n    visits += 1\n    return str(visits)\n",
            _EXPRESS + "let visits = 0;\napp.get('/', (req, res) => { visits++; res.json(visits); });\n",
        ),
        (
            _FLASK
            + "@app.get('/')\ndef home():\n    visits = 0\n    for item in request.json:\n        visits += 1\n    return str(visits)\n",
            _EXPRESS
            + "app.get('/', (req, res) => { let visits = 0; for (const x of req.body) visits++; res.json(visits); });\n",
        ),
    ),
    Kind.LOCK: (
        (
            _FLASK
            + "locks = {}\n@app.post('/pay/<order>')\ndef pay(order):\n    lock = locks.setdefault(order, threading.Lock())\n    with lock:\n        return charge(order)\n"
            "@app.post('/refund/<order>')\ndef refund(order):\n    with locks[order]:\n        return back(order)\n",
            _EXPRESS
            + "const locks = new Map();\napp.post('/pay/:id', async (req, res) => { if (!locks.has(req.params.id)) locks.set(req.params.id, new Mutex());\n"
            "  await locks.get(req.params.id).acquire(); res.end(); });\napp.post('/refund/:id', async (req, res) => { await locks.get(req.params.id).acquire(); res.end(); });\n",
        ),
        (_MEMO, _MEMO_JS),
    ),
    Kind.QUEUE: (
        (
            _FLASK
            + "work = queue.Queue()\n@app.post('/mail')\ndef mail():\n    work.put(request.json)\n    return '', 202\ndef worker():\n    while True:\n        send(work.get())\n"
            "threading.Thread(target=worker).start()\n",
            _EXPRESS
            + "const pending = [];\napp.post('/mail', (req, res) => { pending.push(req.body); res.sendStatus(202); });\n"
            "setInterval(() => { const next = pending.shift(); if (next) send(next); }, 100);\n",
        ),
        (_MEMO, _MEMO_JS),
    ),
}


def _rule(kind: Kind) -> Rule:
    match, no_match = _EXAMPLES[kind]
    return Rule(
        id=kind,
        check=_CHECKS.get(kind, Check.MEMORY_CACHE),
        confidence=Confidence.LIKELY,
        message=_SAYS[kind].replace("`{name}`", "a name of the file"),
        remedy=_REMEDY,
        docs=_DOCS,
        languages=("python", "javascript", "typescript"),
        match=(Example("app.py", match[0]), Example("app.js", match[1])),
        no_match=(Example("app.py", no_match[0]), Example("app.js", no_match[1])),
        remedies=(
            Remedy(
                _REDIS,
                "Keep it in the Redis that the project already uses, under one key each, with an expiry where it may lapse.",
            ),
        ),
    )


RULES: tuple[Rule, ...] = tuple(_rule(kind) for kind in Kind)

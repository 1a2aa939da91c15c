"""The rules of shared state: what each says to users, and the examples that test and explain it."""

from __future__ import annotations

from enum import StrEnum

from guard.catalogue import Example, Rule
from guard.finding import Check, Confidence
from guard.roles import CODE

_REMEDY = "Keep it in a backing service that all instances share (Redis, the database), written and read by key; memory may only hold a copy."
_DOCS = "https://12factor.net/processes"


class Kind(StrEnum):
    """What a shared name is used for; each is a rule."""

    PERSON = "shared-session-state"
    WORK = "shared-state"
    COUNTER = "shared-counter"
    LOCK = "shared-lock"
    QUEUE = "in-process-queue"


SAYS = {
    Kind.PERSON: "After a deploy or a crash, or on a second instance, what `{name}` knows of each user or conversation is gone: it lives only in this process's memory.",
    Kind.WORK: "After a deploy or a crash, or on a second instance, what `{name}` holds is gone: one request stores it in this process's memory and a later one looks for it there.",
    Kind.COUNTER: "Each process counts `{name}` for itself and starts again at every deploy, so with several instances the number is wrong.",
    Kind.LOCK: "Two requests that reach different instances are both let through, as `{name}` excludes only within one process.",
    Kind.QUEUE: "Work that was accepted is lost when the process stops: `{name}` is a queue in memory, and its jobs exist nowhere else.",
}
CHECKS = {Kind.PERSON: Check.SESSION_STORE}
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
        check=CHECKS.get(kind, Check.MEMORY_CACHE),
        confidence=Confidence.LIKELY,
        message=SAYS[kind].replace("`{name}`", "a name of the file"),
        remedy=_REMEDY,
        docs=_DOCS,
        languages=CODE,
        match=(Example("app.py", match[0]), Example("app.js", match[1])),
        no_match=(Example("app.py", no_match[0]), Example("app.js", no_match[1])),
    )


RULES: tuple[Rule, ...] = tuple(_rule(kind) for kind in Kind)

"""Limits that are counted in the memory of one process: the limiters that people write themselves.

A map of hits by client inside something that calls itself a rate limiter: a function of its own, a class, the closure of a
middleware factory. Each instance counts for itself, so a client gets a multiple of the limit, and a restart forgives everybody.
Limiters over a backing service, and those that only pace the calls a process makes itself, are left alone.

    const hits = new Map();                        // each instance has its own
    export function rateLimit(ip) { … hits.set(ip, count + 1) … }

Instead: INCR and EXPIRE in Redis, or the limiter of a package with a shared store.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from guard.analyses import View
from guard.analyses._words import words
from guard.catalogue import Example, Rule
from guard.facts import Action, Binding, Call, Choice, Facts, Listing, Mapping, Name, Template, Use, Value, last_segment
from guard.finding import Check, Confidence, Evidence, Signal
from guard.regex import regex
from guard.roles import CODE

_ID = "home-made-rate-limiter"
_LIMITER = regex(r"rate_?limit|(?<!de)limiter|throttler?_?(?:guard|middleware|request)", re.IGNORECASE)
_BACKED = regex(r"redis|upstash|memcache|valkey|\bkv\b|prisma|mongo|firestore|dynamo|supabase|knex|sequelize", re.IGNORECASE)
_CLIENTS = frozenset(
    "ip ips addr address host remote client user uid userid account member email phone token key id identifier identity session fingerprint visitor who caller"
    " bucket jti apikey subject uuid guid pk".split()
)
_OWN_CALLS = frozenset("provider domain hostname upstream model service vendor api endpoint".split())
"""Words for what a process paces its own calls by."""
_MAPS = frozenset(
    {"map", "dict", "defaultdict", "ordereddict", "lrucache", "ttlcache", "nodecache", "counter", "object.create"}
)

_MESSAGE = (
    "The limit is counted in each process on its own: with several instances a client gets a multiple of it, and a restart"
    " forgives everybody. `{name}` lives in the memory of this process."
)


def find(view: View) -> Iterator[Signal]:
    """Every map of hits by client that a limiter of the file keeps."""
    facts = view.facts
    if not view.served or any(_BACKED.search(item.name) for item in facts.imports) or _only_waits(facts):
        return
    for binding in facts.bindings:
        if _is_map(binding.value) and _belongs_to_a_limiter(binding, facts):
            uses = _uses_later(binding, facts)
            writes = [use for use in uses if use.action is Action.MUTATE]
            if any(_by_client(use, facts) for use in (*writes, *_taken_out(uses, writes))) and len(uses) > 1:
                yield _signal(binding, writes, view)


def _only_waits(facts: Facts) -> bool:
    """Whether the file's limiters make their caller wait and refuse nobody: they pace what the process asks of others."""
    if not any(item.name == "golang.org/x/time/rate" for item in facts.imports):
        return False
    asked = {last_segment(call.name) for call in facts.calls}
    return "Wait" in asked and not asked & {"Allow", "AllowN"}


def _is_map(value: Value) -> bool:
    match value:
        case Mapping(entries):
            return not entries
        case Call(name=name):
            return last_segment(name).rsplit("/", 1)[-1].lower().replace("-", "") in _MAPS
        case Choice(options):
            return any(_is_map(option) for option in options)
        case _:
            return False


def _belongs_to_a_limiter(binding: Binding, facts: Facts) -> bool:
    """Whether the map, what it is in, what writes it, or the file calls itself a rate limiter."""
    around = [function.name for function in facts.enclosing(binding.owner)]
    file = facts.path.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    writers = [
        function.name
        for use in _uses_later(binding, facts)
        if use.action is Action.MUTATE
        for function in facts.enclosing(use.scope)
    ]
    return any(_LIMITER.search(name.replace("-", "_")) for name in (binding.name, file, *around, *writers))


def _uses_later(binding: Binding, facts: Facts) -> list[Use]:
    """Uses by functions that run after the map was made: those inside its owner, not its owner itself."""
    return [
        use
        for use in facts.uses
        if (use.owner, use.name) == (binding.owner, binding.name)
        and use.scope not in ("", binding.scope)
        and use.method != "clear"
    ]


def _taken_out(uses: list[Use], writes: list[Use]) -> list[Use]:
    """Reads of an entry that is then changed where it was read: `seen = hits[ip]`, `seen.append(now)`."""
    changing = {use.scope for use in writes if use.key is None}
    return [use for use in uses if use.action is Action.READ and use.key is not None and use.scope in changing]


def _by_client(use: Use, facts: Facts) -> bool:
    """Whether an entry stands under a key that tells clients apart."""
    key = facts.resolve(use.key, use.scope)
    names = {word for value in (use.key, key) for word in _words_of(value)}
    return bool(names & _CLIENTS) and not names & _OWN_CALLS


def _words_of(value: Value | None) -> Iterator[str]:
    match value:
        case Name(path):
            yield from words(path.rsplit(".", 1)[-1])
        case Call(name=name):
            yield from words(name.rsplit(".", 1)[-1])
        case Template(parts) | Choice(parts):
            for part in parts:
                yield from _words_of(part)
        case Mapping() | Listing() | None | _:
            return


def _signal(binding: Binding, writes: list[Use], view: View) -> Signal:
    name = binding.name.rsplit("%", 1)[-1].replace("~", "")
    return Signal(
        rule=_ID,
        check=Check.MEMORY_CACHE,
        confidence=Confidence.LIKELY,
        path=view.facts.path,
        line=binding.span.line,
        end_line=binding.span.line,
        column=binding.span.column,
        message=_MESSAGE.format(name=name),
        remedy=RULES[0].remedy_for(view.project, view.facts.path),
        identity=f"{binding.owner}.{binding.name}",
        code=binding.name,
        evidence=(
            Evidence(view.facts.path, binding.span.line, f"`{name}` is created once per process here"),
            Evidence(view.facts.path, writes[0].span.line, "a request is counted under its client's key"),
        ),
        question=RULES[0].question,
        alternatives=tuple(sorted({(use.span.line, use.span.end_line) for use in writes})),
    )


_MAP_TS = (
    "import { Router } from 'express';\nconst rateLimitMap = new Map<string, { count: number; resetTime: number }>();\n"
    "export function rateLimit(identifier: string, limit = 10) {\n  const entry = rateLimitMap.get(identifier);\n"
    "  if (!entry) { rateLimitMap.set(identifier, { count: 1, resetTime: Date.now() + 60000 }); return true; }\n"
    "  entry.count++;\n  return entry.count <= limit;\n}\n"
)
_FACTORY_TS = (
    "import { Hono, type Context, type Next } from 'hono';\nexport function createRateLimiter(max: number) {\n  const store = new Map<string, number>();\n"
    "  return async (c: Context, next: Next) => {\n    const ip = c.req.header('x-forwarded-for');\n    const count = (store.get(ip) ?? 0) + 1;\n"
    "    store.set(ip, count);\n    if (count > max) return c.text('slow down', 429);\n    await next();\n  };\n}\n"
)
_CLASS_PY = (
    "import time\nfrom fastapi import Request\n\nclass RateLimiter:\n    def __init__(self, limit):\n        self.limit = limit\n        self.hits = {}\n\n"
    "    def allow(self, client_ip):\n        hits = [at for at in self.hits.get(client_ip, []) if time.time() - at < 60]\n"
    "        self.hits[client_ip] = hits + [time.time()]\n        return len(hits) < self.limit\n\nlimiter = RateLimiter(10)\n"
)
_ENTRY_PY = (
    "import time\nfrom collections import defaultdict\nfrom fastapi import HTTPException, Request\n\nclass UserRateLimiter:\n    def __init__(self, limit):\n"
    "        self.limit = limit\n        self.cache = defaultdict(list)\n\n    def __call__(self, request: Request):\n        seen = self.cache[request.user.object.uuid]\n"
    "        while seen and seen[0] < time.time() - 60:\n            seen.pop(0)\n        if len(seen) >= self.limit:\n            raise HTTPException(429)\n"
    "        seen.append(time.time())\n"
)
_REDIS_TS = (
    "import { Redis } from 'ioredis';\nconst redis = new Redis(process.env.REDIS_URL);\nexport async function rateLimit(ip: string) {\n"
    "  const count = await redis.incr(`hits:${ip}`);\n  return count <= 10;\n}\n"
)
_OUTGOING_TS = (
    "import express from 'express';\nexport class RateLimiter {\n  private last = new Map<string, number>();\n"
    "  async pace(provider: string) {\n    const at = this.last.get(provider) ?? 0;\n    await sleep(at + 1000 - Date.now());\n"
    "    this.last.set(provider, Date.now());\n  }\n}\n"
)

RULES: tuple[Rule, ...] = (
    Rule(
        id=_ID,
        check=Check.MEMORY_CACHE,
        confidence=Confidence.LIKELY,
        message=_MESSAGE.format(name="a map of hits"),
        remedy="Count in a backing service that all instances share: INCR with EXPIRE in Redis, or a limiter package with a shared store.",
        docs="https://12factor.net/processes",
        question="Does this limiter decide about requests of users, with its counts only in the memory of this process?",
        languages=CODE,
        match=(
            Example("lib/rate-limit.ts", _MAP_TS),
            Example("middleware/limit.ts", _FACTORY_TS),
            Example("limits.py", _CLASS_PY),
            Example("limits.py", _ENTRY_PY),
        ),
        no_match=(Example("lib/rate-limit.ts", _REDIS_TS), Example("lib/pace.ts", _OUTGOING_TS)),
    ),
)

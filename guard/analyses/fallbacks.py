"""What a program falls back to without saying so: memory, where the shared store is not configured or does not answer.

Whoever chose memory by name, or chose nothing, is told so by the rules of the catalogue. Here somebody chose a backing service, and
the program goes on without it: the logins and limits that work on Monday are those of one process on Tuesday, and nobody is told.

    const store = process.env.REDIS_URL ? new RedisStore({ client }) : new MemoryStore();

A choice by the environment is none, and what a service keeps as insurance for a moment is not meant.

Instead: refuse to start in production, and keep memory for development, by its name.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from guard.analyses import View
from guard.analyses._alternatives import alternative_to, attached_only_if, names_a_service, set_only_if
from guard.catalogue import Example, Match, Rule
from guard.facts import Facts, Span
from guard.finding import CONFIDENCE_ORDER, Check, Confidence, Evidence, Signal
from guard.roles import CODE

_SESSIONS, _MEMORY = "sessions-fall-back-to-memory", "state-falls-back-to-memory"
_OWN_WORDS = "fall"
"""In the ids of rules that tell of a fallback themselves."""
_STORES = {Check.SESSION_STORE: _SESSIONS, Check.MEMORY_CACHE: _MEMORY}


def find(view: View) -> Iterator[Signal]:
    """Adapters of a socket server that are only there if an address is; what rules of the catalogue find is told by `as_fallback`."""
    if view.facts.language in CODE and any(call.name.startswith("socket.io") for call in view.facts.calls):
        yield from _attached(view)


def stands_in(match: Match, facts: Facts) -> int | None:
    """The line of the backing service that a match stands in for: of a rule about memory, as a default or the other branch."""
    if match.rule.check not in _STORES or facts.language not in CODE or _OWN_WORDS in match.rule.id:
        return None
    found = alternative_to(match.span, facts) if names_a_service(facts) else None
    return match.span.line if found is None and match.doubt == 1 else found


def as_fallback(signal: Signal, line: int, view: View) -> Signal:
    """The same place, told as what the program falls back to from a service at a line."""
    rule = next(rule for rule in RULES if rule.id == _STORES[Check(signal.check)])
    told = set_only_if(Span(signal.line, signal.end_line), view.facts) is not None  # what hidden options may hold is known
    return replace(
        signal,
        rule=rule.id,
        confidence=Confidence.LIKELY if told else max(rule.confidence, signal.confidence, key=CONFIDENCE_ORDER.index),
        message=rule.message,
        remedy=rule.remedy_for(view.project, signal.path),
        family=signal.family or signal.rule,
        question=rule.question,
        suggestion=None,
        evidence=(
            *((Evidence(signal.path, line, "the shared store, as long as it can be had"),) if line != signal.line else ()),
            Evidence(signal.path, signal.line, "what the program goes on with, in the memory of this process"),
        ),
    )


def _attached(view: View) -> Iterator[Signal]:
    facts = view.facts
    for call in facts.calls:
        line = attached_only_if(call.span, facts) if call.name.endswith(".adapter") else None
        if line is not None:
            yield Signal(
                rule=_MEMORY,
                check=Check.MEMORY_CACHE,
                confidence=Confidence.LIKELY,
                path=facts.path,
                line=line,
                end_line=call.span.end_line,
                message=RULES[1].message,
                remedy=RULES[1].remedy_for(view.project, facts.path),
                identity=call.name,
                code=facts.text(call.span),
                question=RULES[1].question,
                evidence=(
                    Evidence(facts.path, call.span.line, "without its address, messages reach the sockets of one process"),
                ),
            )


def _example(code: str, path: str = "app.ts") -> Example:
    return Example(path, code)


_TERNARY_TS = """
import session, { MemoryStore } from 'express-session';
import { RedisStore } from 'connect-redis';
import { redis } from './redis';
app.use(session({ secret: process.env.SECRET, store: process.env.REDIS_URL ? new RedisStore({ client: redis }) : new MemoryStore() }));
"""
_CATCH_PY = """
import redis
from starsessions import InMemoryStore
from starsessions.stores.redis import RedisStore

def session_store(url):
    try:
        redis.from_url(url).ping()
        return RedisStore(url)
    except redis.ConnectionError:
        return InMemoryStore()
"""
_NAMED_TS = """
import session, { MemoryStore } from 'express-session';
import { RedisStore } from 'connect-redis';
const store = process.env.NODE_ENV === 'production' ? new RedisStore({ client }) : new MemoryStore();
app.use(session({ secret: process.env.SECRET, store }));
"""
_REFUSES_PY = """
import os
from starsessions.stores.redis import RedisStore

def session_store():
    url = os.environ.get("REDIS_URL")
    if not url:
        raise RuntimeError("REDIS_URL is not set")
    return RedisStore(url)
"""
_DEFAULT_PY = """
import os
from slowapi import Limiter
limiter = Limiter(key_func=client_address, storage_uri=os.getenv("REDIS_URL", "memory://"))
"""
_BRANCH_JS = """
const { RateLimiterMemory, RateLimiterRedis } = require('rate-limiter-flexible');
let limiter;
if (process.env.REDIS_URL) {
  limiter = new RateLimiterRedis({ storeClient: connect(process.env.REDIS_URL), points: 10 });
} else {
  limiter = new RateLimiterMemory({ points: 10 });
}
"""
_ADAPTER_JS = """
const io = require('socket.io')(server);
if (process.env.REDIS_URL) {
  io.adapter(createAdapter(connect(process.env.REDIS_URL)));
}
"""
_INSURED_JS = """
const { RateLimiterMemory, RateLimiterRedis } = require('rate-limiter-flexible');
const insuranceLimiter = new RateLimiterMemory({ points: 10 });
const limiter = new RateLimiterRedis({ storeClient: redis, points: 10, insuranceLimiter });
"""
_DEBUG_PY = """
import os
from slowapi import Limiter
if os.environ.get("DEBUG"):
    limiter = Limiter(key_func=client_address, storage_uri="memory://")
else:
    limiter = Limiter(key_func=client_address, storage_uri=os.environ["REDIS_URL"])
"""

RULES: tuple[Rule, ...] = (
    Rule(
        id=_SESSIONS,
        check=Check.SESSION_STORE,
        confidence=Confidence.LIKELY,
        message="Where the shared store is not configured, or does not answer, the application goes on all the same and keeps sessions in"
        " the memory of this process: after the next deploy, or on a second instance, everybody is logged out, and nobody is told why.",
        remedy="Refuse to start in production without the shared store; memory is for development, chosen by its name"
        " (NODE_ENV, DEBUG, APP_ENV), not by what happens to be missing.",
        docs="https://12factor.net/backing-services",
        question="Can this run in production without the shared store, with sessions in the memory of one process?",
        languages=CODE,
        match=(_example(_TERNARY_TS), _example(_CATCH_PY, "sessions.py")),
        no_match=(_example(_NAMED_TS), _example(_REFUSES_PY, "sessions.py")),
    ),
    Rule(
        id=_MEMORY,
        check=Check.MEMORY_CACHE,
        confidence=Confidence.LIKELY,
        message="Where the shared service is not configured, or does not answer, the application goes on all the same with the memory of"
        " this process: each instance counts, locks and queues for itself, a restart loses it, and nobody is told.",
        remedy="Refuse to start in production without the shared service; memory is for development, chosen by its name"
        " (NODE_ENV, DEBUG, APP_ENV), not by what happens to be missing.",
        docs="https://12factor.net/backing-services",
        question="Can this run in production without the shared service, with what later requests need in the memory of one process?",
        languages=CODE,
        match=(_example(_DEFAULT_PY, "limits.py"), _example(_BRANCH_JS, "limits.js"), _example(_ADAPTER_JS, "sockets.js")),
        no_match=(_example(_INSURED_JS, "limits.js"), _example(_DEBUG_PY, "limits.py")),
    ),
)

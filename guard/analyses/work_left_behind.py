"""Work that a request leaves in the memory of the process when it answers: in the queue of a thread pool, or behind a timer.

Nobody waits for the result, so what was accepted is lost with the process, and nobody knows. Whether that matters only what is
done can tell: a question, no finding.

    executor.submit(send_mail, request.json)                                          // and the answer says "queued"
    setTimeout(() => remind(req.body.user), req.body.minutes * 60_000);

Instead: a job queue in Redis or the database, and a worker of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from guard.analyses import View
from guard.analyses._callers import called_by_handlers
from guard.analyses._runtime import Runs, runtime, told
from guard.catalogue import Example, Rule
from guard.facts import Call, Constant, Facts, Name, Span, Unknown
from guard.finding import Check, Confidence, Evidence, Signal
from guard.regex import regex

_ID = "work-left-in-memory"
_POOLS = regex(
    r"(?:Executor(?:Service)?\(\)|Executors\.new\w+\(\))\.(?:submit|execute|schedule)$|\bThreadPool\.(?:Unsafe)?QueueUserWorkItem$"
)
_TIMERS = {"setTimeout": 1, "node:timers.setTimeout": 1, "timers.setTimeout": 1, "threading.Timer": 0, "time.AfterFunc": 0}
"""Calls that do something later, and which argument says when."""
_LONG = {"threading.Timer": 60}
_LONG_IN_MILLISECONDS = 60_000
_MESSAGE = (
    "Work that was accepted is lost when the process stops: the request answers while this still waits in the process's memory."
)


def find(view: View) -> Iterator[Signal]:
    """Every place where a handler hands work to a pool or a timer of the process, and does not wait for it."""
    facts = view.facts
    handed = [call for call in facts.calls if _POOLS.search(call.name) or call.name in _TIMERS]
    if not handed or not view.served:
        return
    runs = runtime(facts, called_by_handlers(view))
    for call in handed:
        later = _much_later(call, facts) if call.name in _TIMERS else _is_dropped(call, facts)
        if later and runs.get(call.scope) is Runs.REQUEST:
            yield _signal(call, view)


def _much_later(call: Call, facts: Facts) -> bool:
    """Whether a timer waits a minute or longer, or as long as the request says."""
    match call.positional(_TIMERS[call.name]):
        case Constant(value=int() | float() as delay):
            return delay >= _LONG.get(call.name, _LONG_IN_MILLISECONDS)
        case Unknown(text):
            return any(f"{name}." in text for function in facts.enclosing(call.scope) for name in function.parameters)
        case Name(path):
            return path.startswith("%") and "." in path
        case _:
            return False


def _is_dropped(call: Call, facts: Facts) -> bool:
    """Whether a call is a statement of its own, and nothing is done with what it gives."""
    if facts.lines[call.span.line - 1][: call.span.column - 1].strip():
        return False
    used = [binding.span for binding in facts.bindings if binding.scope == call.scope]
    used += [given.span for given in facts.returns if given.scope == call.scope]
    used += [other.span for other in facts.calls if other.scope == call.scope and other is not call]
    return not any(_holds(span, call.span) for span in used) and not any(other.receiver == call for other in facts.calls)


def _holds(outer: Span, inner: Span) -> bool:
    return (outer.line, outer.column) <= (inner.line, inner.column) and inner.end_line <= outer.end_line


def _signal(call: Call, view: View) -> Signal:
    facts, rule = view.facts, RULES[0]
    return Signal(
        rule=_ID,
        check=Check.MEMORY_CACHE,
        confidence=Confidence.POSSIBLE,
        path=facts.path,
        line=call.span.line,
        end_line=call.span.end_line,
        column=call.span.column,
        message=_MESSAGE,
        remedy=rule.remedy_for(view.project, facts.path),
        identity=f"{call.scope} {call.name}",
        code=facts.text(call.span),
        evidence=(Evidence(facts.path, call.span.line, f"{told(call.scope, facts)} leaves work behind here"),),
        question=rule.question,
    )


_POOL = (
    "from concurrent.futures import ThreadPoolExecutor\nfrom flask import Flask, request\napp = Flask(__name__)\npool = ThreadPoolExecutor(2)\n"
    "@app.post('/mails')\ndef mail():\n    pool.submit(send, request.json)\n    return {'status': 'queued'}, 202\n"
)
_TIMER = (
    "const express = require('express');\nconst app = express();\napp.post('/reminders', (req, res) => {\n"
    "  setTimeout(() => send(req.body.to), req.body.minutes * 60000);\n  res.sendStatus(202);\n});\n"
)

RULES: tuple[Rule, ...] = (
    Rule(
        id=_ID,
        check=Check.MEMORY_CACHE,
        confidence=Confidence.POSSIBLE,
        message=_MESSAGE,
        remedy="Put the work into a queue that outlives the process (Redis, the database, a broker) and let a worker take it from there.",
        docs="https://12factor.net/disposability",
        question="Was this work promised to a user or another system, and is it lost if the process stops before it is done?",
        languages=("python", "java", "kotlin", "csharp", "go", "javascript", "typescript"),
        match=(Example("app.py", _POOL), Example("server.js", _TIMER)),
        no_match=(
            Example("app.py", _POOL.replace("pool.submit(send, request.json)", "pool.submit(send, request.json).result()")),
            Example("server.js", _TIMER.replace("req.body.minutes * 60000", "1000")),
        ),
    ),
)

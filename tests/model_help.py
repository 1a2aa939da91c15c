"""What the tests of the model stage share: a change as facts and signals, and judges that say what they were told to."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from guard.errors import ModelError
from guard.facts import Binding, Facts, Function, FunctionKind, Import, Mapping, Span
from guard.finding import Check, Confidence, Evidence, Signal
from guard.model.inquiry import Inquiry
from guard.model.judge import Finish, Judge, Reply, Request, Usage
from guard.pipeline import questions
from guard.pipeline.heuristics import Observations
from guard.pipeline.questions import Judged

POSSIBLE = """\
diff --git a/jobs.py b/jobs.py
new file mode 100644
--- /dev/null
+++ b/jobs.py
@@ -0,0 +1,4 @@
+from apscheduler.schedulers.background import BackgroundScheduler
+
+scheduler = BackgroundScheduler()
+scheduler.start()
"""
"""A patch of which only a model can decide whether it is wrong."""

CODE = """\
import os
import redis

jobs = {}
unrelated = 1
store = redis.Redis()


@app.post("/jobs")
def start():
    job = new_id()
    jobs[job] = "queued"
    return job


@app.get("/jobs/<job>")
def status(job):
    return jobs[job]


def other():
    return os.getcwd()
"""


def facts(code: str = CODE, path: str = "shop/app.py", *, plain: bool = False) -> Facts:
    """Facts of the little shop, as a reader would give them; `plain`: of a file without functions."""
    function = FunctionKind.FUNCTION
    return Facts(
        path,
        "python",
        tuple(code.removesuffix("\n").split("\n")),
        imports=(Import("os", "os", Span(1, 1)), Import("redis", "redis", Span(2, 2))),
        functions=()
        if plain
        else (
            Function("start", "start", "", function, Span(10, 13)),
            Function("status", "status", "", function, Span(17, 18)),
            Function("other", "other", "", function, Span(21, 22)),
        ),
        bindings=(Binding("jobs", "", Mapping(), Span(4, 4)), Binding("unrelated", "", Mapping(), Span(5, 5))),
    )


def signal(
    confidence: Confidence = Confidence.LIKELY,
    rule: str = "shared-state",
    line: int = 12,
    path: str = "shop/app.py",
    check: Check = Check.MEMORY_CACHE,
) -> Signal:
    """A signal at the line that writes the jobs."""
    return Signal(
        rule=rule,
        check=check,
        confidence=confidence,
        path=path,
        line=line,
        end_line=line,
        message=f"Job states are lost at a restart ({rule}).",
        remedy="Keep them in Redis.",
        identity=rule,
        evidence=(Evidence(path, 4, "`jobs` is created once per process here"), Evidence(path, 18, "`status` reads it")),
        question="Is `jobs` the only place of these states?",
    )


def observations(*signals: Signal, code: str = CODE, plain: bool = False) -> Observations:
    """What the heuristics would hand over."""
    return Observations(signals, (facts(code, plain=plain),))


def judged(
    seen: Observations, judge: Judge, *, model: str, progress: Callable[[str], None] = lambda _: None, **limits: Any
) -> Judged:
    """What becomes of these observations if this judge is asked within these limits."""
    return questions.judged(seen, Inquiry(judge, model, **limits), progress=progress)


def entry(question: str, answer: str, quote: str = 'jobs[job] = "queued"', reason: str = "It is so.") -> dict[str, str]:
    """One answer, as a model writes it."""
    return {"id": question, "quote": quote, "reason": reason, "answer": answer}


def answers(*entries: object) -> str:
    """A whole answer."""
    return json.dumps({"answers": entries})


def asked_ids(request: Request) -> list[str]:
    """The questions of a request, in order: of the repair turn, if it is one."""
    last = request.messages[-1].content
    return re.findall(
        r"q-[0-9a-f]{8}(?:-\d+)?", last.split("\n\n", 1)[0] if last.startswith("Answer") else last.rsplit("only: ", 1)[-1]
    )


@dataclass
class Scripted:
    """Replies in order; a callable makes one from the request, an error is raised."""

    replies: Iterable[Reply | str | ModelError | Callable[[Request], str]]
    requests: list[Request] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Start with the first."""
        self._next = iter(self.replies)

    def ask(self, request: Request) -> Reply:
        """The next reply."""
        self.requests.append(request)
        reply = next(self._next)
        if isinstance(reply, ModelError):
            raise reply
        if isinstance(reply, Reply):
            return reply
        return Reply(reply if isinstance(reply, str) else reply(request), Finish.COMPLETE, Usage(100, 60, 10))


def everywhere(answer: str, quote: str = 'jobs[job] = "queued"') -> Callable[[Request], str]:
    """A reply that answers every question alike."""
    return lambda request: answers(*(entry(question, answer, quote) for question in asked_ids(request)))

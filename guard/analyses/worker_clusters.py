"""Several workers in front of sockets that know nothing of each other.

A process manager (or the cluster module) is told to run several workers, and the project depends on Socket.IO without any of
its adapters: an event that one worker emits reaches only the users connected to it, and long-polling breaks whenever the next
request meets another worker. The workers are configured in one file, the sockets are served in another.

    module.exports = { apps: [{ script: 'server.js', instances: 'max', exec_mode: 'cluster' }] };   // package.json: socket.io

Instead: @socket.io/redis-adapter between the workers, and WebSocket as the only transport.
"""

from __future__ import annotations

from collections.abc import Iterator

from guard.analyses import View, Wanted
from guard.analyses._workers import of_workers
from guard.catalogue import Example, Remedy, Rule
from guard.facts import Constant, Facts, Setting, Span
from guard.finding import Check, Confidence, Evidence, Signal
from guard.regex import regex

ACROSS = True
_ID = "workers-without-socket-adapter"
_PROGRAMS = (".js", ".ts", ".mjs", ".cjs", ".mts", ".cts")
_ADAPTERS = frozenset(
    "socket.io-redis @socket.io/redis-adapter @socket.io/redis-streams-adapter @socket.io/mongo-adapter @socket.io/postgres-adapter"
    " @socket.io/cluster-adapter @socket.io/gcp-pubsub-adapter @socket.io/aws-sqs-adapter @socket.io/azure-service-bus-adapter"
    " socket.io-adapter-mongo socket.io-amqp @socket.io/pm2 @socket.io/redis-emitter".split()
)
_SOCKETS = frozenset({"socket.io", "@nestjs/platform-socket.io"})
_SERVERS = frozenset({"socket.io", "socket.io.Server", "socket.io.default", "socket.io.listen"})
_FORKS = frozenset({"cluster.fork", "cluster.default.fork"})
_PM2_FILE = regex(r"(?:^|/)(?:ecosystem|pm2|process)[\w.-]*\.(?:c?js|mjs|json|ya?ml)$|\.config\.c?js$")
_PM2_COMMAND = regex(r"\bpm2(?:-runtime)?\b.*\s(?:-i|--instances)[ =](?:max|0|-1|[2-9]|\d\d)")

_MESSAGE = (
    "A message reaches only the users whose socket happens to be on the same worker: several workers are started here, and the"
    " project has Socket.IO without an adapter between them."
)


def find(view: View) -> Iterator[Signal]:
    """The places that start several workers, in a project whose sockets have no adapter."""
    places = list(_workers(view.facts))
    packages = _packages(view) if places else set()  # which looks through every changed file
    if not packages & _SOCKETS or packages & _ADAPTERS or _sets_an_adapter(view):
        return
    served = [(other, span) for other in (view.facts, *view.neighbours) for span in _sockets(other)]
    proof = [(other, span) for other, span in served if other is not view.facts][:1]
    for span, note in places:
        evidence = [Evidence(view.facts.path, span.line, note)]
        evidence += (Evidence(other.path, there.line, "the sockets are served here") for other, there in proof)
        yield of_workers(view, RULES[0], span, note, served, evidence)


def asks(view: View, lines: frozenset[int]) -> Iterator[Wanted]:
    """What serves sockets where workers are started, and what starts workers where sockets are served."""
    if any(span.touches(lines) for span, _ in _workers(view.facts)):
        yield Wanted(words=("socket.io",), endings=_PROGRAMS)
    if any(span.touches(lines) for span in _sockets(view.facts)):
        yield Wanted(words=("cluster", "fork"), endings=_PROGRAMS)
        yield Wanted(path=r"(?:^|/)(?:(?:ecosystem|pm2)[\w.-]*\.(?:c?js|json|ya?ml)|package\.json)$")


def _sockets(facts: Facts) -> Iterator[Span]:
    """Where the same file starts the sockets: an adapter that is taken away there is missed there."""
    yield from (call.span for call in facts.calls if call.name in _SERVERS)


def _packages(view: View) -> set[str]:
    """What the project depends on, and what the changed files import or declare."""
    found = set(view.project.dependencies)
    for facts in (view.facts, *view.neighbours):
        for package in _SOCKETS | _ADAPTERS:
            if any(item.name == package or item.name.startswith(f"{package}.") for item in facts.imports):
                found.add(package)
        if facts.path.endswith("package.json"):
            found.update(
                setting.path[1] for setting in facts.settings if len(setting.path) == 2 and setting.path[0] == "dependencies"
            )
    return found


def _sets_an_adapter(view: View) -> bool:
    return any(call.name.endswith(".adapter") for facts in (view.facts, *view.neighbours) for call in facts.calls)


def _workers(facts: Facts) -> Iterator[tuple[Span, str]]:
    """Where several workers are started, at most one place a file: they have one cause."""
    for call in facts.calls:
        if call.name in _FORKS:
            yield call.span, "`cluster.fork()` starts workers"
            return
    for setting in facts.settings:
        if _PM2_FILE.search(facts.path) and setting.path[-1] == "exec_mode" and _text(setting).startswith("cluster"):
            yield setting.span, "pm2 runs the program as a cluster"
            return
        if facts.path.endswith("package.json") and setting.path[0] == "scripts" and _PM2_COMMAND.search(_text(setting)):
            yield setting.span, "pm2 starts several instances"
            return


def _text(setting: Setting) -> str:
    return str(setting.value.value) if isinstance(setting.value, Constant) else ""


_FORKING = (
    "const cluster = require('cluster');\nconst { Server } = require('socket.io');\nif (cluster.isPrimary) {\n"
    "  for (let i = 0; i < 4; i++) cluster.fork();\n} else {\n  const io = new Server(3000);\n"
    "  io.on('connection', (socket) => socket.on('chat', (text) => io.emit('chat', text)));\n}\n"
)
_PACKAGE = '{"scripts": {"start": "pm2-runtime start server.js -i max"}, "dependencies": {"socket.io": "^4.7.0"}}\n'

RULES: tuple[Rule, ...] = (
    Rule(
        id=_ID,
        check=Check.STICKY_SESSION,
        confidence=Confidence.LIKELY,
        message=_MESSAGE,
        remedy="Set an adapter (`io.adapter(createAdapter(pub, sub))` of @socket.io/redis-adapter), and use `transports: ['websocket']` so that no request needs its earlier worker.",
        docs="https://socket.io/docs/v4/using-multiple-nodes/",
        question="Do these workers serve Socket.IO connections, with no adapter between them?",
        languages=("javascript", "typescript", "json", "yaml"),
        remedies=(
            Remedy(
                ("redis", "ioredis"),
                "Set `io.adapter(createAdapter(pub, sub))` of @socket.io/redis-adapter on the Redis that this project already uses, and `transports: ['websocket']`.",
            ),
        ),
        match=(Example("cluster.js", _FORKING), Example("package.json", _PACKAGE)),
        no_match=(
            Example("cluster.js", _FORKING.replace("const io", "io.adapter(createAdapter(pub, sub));\n  const io")),
            Example("package.json", _PACKAGE.replace('"socket.io"', '"@socket.io/redis-adapter": "^8", "socket.io"')),
            Example("ecosystem.config.js", "module.exports = { apps: [{ script: 'a.js', exec_mode: 'cluster' }] };\n"),
        ),
    ),
)

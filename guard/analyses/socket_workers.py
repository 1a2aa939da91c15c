"""Several workers of gunicorn in front of Flask-SocketIO.

    web: gunicorn -w 4 app:app            # Procfile, while app.py says SocketIO(app)

gunicorn hands each request to any worker, and a client of Socket.IO needs the one that it began with: Flask-SocketIO's manual
allows one worker of gunicorn (https://flask-socketio.readthedocs.io/en/latest/deployment.html#gunicorn-web-server). The number
stands in one file, the sockets are served by another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from guard.analyses import View, Wanted
from guard.analyses._workers import of_workers
from guard.catalogue import Example, Rule
from guard.facts import Constant, Facts, Span, Unknown
from guard.finding import Check, Confidence, Evidence, Signal
from guard.regex import regex

ACROSS = True
_ID = "gunicorn-workers-with-socketio"
_PACKAGES = frozenset({"flask-socketio", "flask_socketio"})
_SOCKETS = frozenset({"flask_socketio.SocketIO", "flask_socketio.SocketIO().init_app"})
_COMMANDS = frozenset({"procfile", "dockerfile", "yaml", "shell", "ini"})
_SEVERAL = regex(r"(?<![\w./-])gunicorn\s(?:[^#\n]*\s)?(?:-w\s*|--workers[\s=]+)(?:[2-9]|\d{2,3})(?![\w.])")
_CONFIGURATION = regex(r"(?:^|/)(?:gunicorn[\w.-]*|gconf|wsgi_conf)\.py$")
_RUNS_IT = (
    r"(?:^|/)(?:Procfile[\w.-]*|Dockerfile[\w.-]*|(?:docker-)?compose[\w.-]*\.ya?ml|gunicorn[\w.-]*\.py"
    r"|(?:start|run|entrypoint|boot|docker-entrypoint|launch|serve)[\w.-]*\.sh)$"
)


def find(view: View) -> Iterator[Signal]:
    """The place that starts several workers, in a program whose sockets are Flask-SocketIO's."""
    place = next(_workers(view.facts), None)
    if place is None:
        return
    served = [(other, span) for other in (view.facts, *view.neighbours) for span in _sockets(other)]
    if not served and not view.project.dependencies & _PACKAGES:
        return
    evidence = [Evidence(view.facts.path, place.line, "several workers are started here")]
    evidence += (Evidence(other.path, span.line, "Flask-SocketIO serves here") for other, span in served[:1])
    # The remedy is whole: what the project has already is no part of it.
    yield of_workers(view, RULES[0], place, "workers", served, evidence, RULES[0].remedy)


def asks(view: View, lines: frozenset[int]) -> Iterator[Wanted]:
    """What serves sockets where workers are started, and what starts workers where sockets are served."""
    if any(span.touches(lines) for span in _sockets(view.facts)):
        yield Wanted(path=_RUNS_IT)
    if any(span.touches(lines) for span in _workers(view.facts)):
        yield Wanted(words=("flask_socketio", "SocketIO"), endings=(".py",))


def _sockets(facts: Facts) -> Iterator[Span]:
    yield from (call.span for call in facts.calls if call.name in _SOCKETS) if facts.language == "python" else ()


def _workers(facts: Facts) -> Iterator[Span]:
    """Where more than one worker is started: in a command, or in gunicorn's own file of settings."""
    if facts.language in _COMMANDS:
        for number, line in enumerate(facts.lines, 1):
            if "gunicorn" in line and _SEVERAL.search(re.sub(r"[\"',\[\]]+", " ", line)) and not line.lstrip().startswith("#"):
                yield Span(number, number)
    elif facts.language == "python" and _CONFIGURATION.search(facts.path):
        for binding in facts.bindings_by_name.get(("", "workers"), ()):
            match binding.value:
                case Constant(value=int(number)) if number > 1:
                    yield binding.span
                case Unknown(text) if "cpu_count" in text:
                    yield binding.span
                case _:
                    pass


_APP = "from flask import Flask\nfrom flask_socketio import SocketIO\napp = Flask(__name__)\nsocketio = SocketIO(app)\n"

RULES: tuple[Rule, ...] = (
    Rule(
        id=_ID,
        check=Check.STICKY_SESSION,
        confidence=Confidence.LIKELY,
        message="Users are dropped from the conversation or never get into it: each of their requests meets another worker of gunicorn, and"
        " Flask-SocketIO knows a client only in the worker where it began.",
        remedy="Run one worker a process (`gunicorn -w 1 --threads 100`), several such processes behind a proxy, and give SocketIO a"
        " `message_queue` so that they reach each other's clients; allow only the websocket transport so that none needs its first process.",
        docs="https://flask-socketio.readthedocs.io/en/latest/deployment.html#gunicorn-web-server",
        question="Are these workers of gunicorn those that serve Flask-SocketIO?",
        languages=("python", "procfile", "dockerfile", "yaml", "shell", "ini"),
        match=(
            Example("gunicorn.conf.py", f"workers = 4\n{_APP}"),
            Example("gunicorn_config.py", f"import multiprocessing\nworkers = multiprocessing.cpu_count() * 2 + 1\n{_APP}"),
        ),
        no_match=(
            Example("gunicorn.conf.py", f"workers = 1\n{_APP}"),
            Example("Procfile", "web: gunicorn -w 4 app:app\n"),
        ),
    ),
)

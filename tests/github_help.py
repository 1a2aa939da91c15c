"""Runs `github review` in this process against the stand-in, without sockets and without waiting: time passes when it sleeps."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from dataclasses import dataclass

from github_standin import GitHub, ManualClock, transport

from guard.cli.commands.github import run_task
from guard.cli.parser import parse
from guard.errors import GuardError
from guard.integrations.hosting.github.client import Client
from guard.integrations.hosting.github.environment import Task, Wish
from guard.integrations.hosting.github.patience import Patience

BASE = {
    "requirements.txt": "flask\n",
    "shop/__init__.py": "",
    "shop/app.py": 'from flask import Flask, request\n\napp = Flask(__name__)\n\n\n@app.get("/")\ndef index():\n    return "ok"\n',
}
CART = """from flask import Flask, request

app = Flask(__name__)
carts = {}


@app.get("/")
def index():
    return "ok"


@app.post("/cart/<user>")
def add(user):
    carts[user] = request.json
    return "ok"


@app.get("/cart/<user>")
def show(user):
    return carts[user]
"""
"""The shop of BASE with carts in memory: one finding."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run left: its status, and what it wrote where."""

    status: int
    stdout: str
    stderr: str


def hub_with_time() -> GitHub:
    """A stand-in whose time passes when somebody sleeps."""
    return GitHub(clock=ManualClock())


def client_of(hub: GitHub, token: str = "", total: float = 20 * 60) -> Client:
    """A client of the stand-in, in its time."""
    patience = Patience(hub.clock.now, hub.clock.now, hub.clock.sleep, total=total)
    return Client(token or hub.token, hub.api_url, hub.graphql_url, patience=patience, transport=transport(hub))


def run(hub: GitHub, *options: str, task: Task | None = None, token: str = "", way: str = "api") -> Ran:
    """One run, as the command line would do it."""
    words = ["github", "review", "--no-model", "--from", way, "--format", "counts", *options]
    _, namespace = parse(words)
    task = task or Task(Wish.REVIEW, hub.world.full_name, hub.pull.number)
    client = client_of(hub, token)
    with _captured() as (out, err):
        try:
            status = run_task(client, task, namespace)
        except GuardError as error:
            err.write(f"{error}\n")
            status = error.exit_status
        finally:
            client.close()
    return Ran(status, out.getvalue().decode(), err.getvalue())


@contextlib.contextmanager
def _captured() -> Iterator[tuple[io.BytesIO, io.StringIO]]:
    out, err = io.BytesIO(), io.StringIO()
    text = io.TextIOWrapper(out, write_through=True)
    with contextlib.redirect_stdout(text), contextlib.redirect_stderr(err):
        yield out, err
        text.detach()


def comments(hub: GitHub) -> list[tuple[str, int | None, str]]:
    """Our open comments on lines: path, line now, first line of the text."""
    return [
        (thread.path, hub.line_of(thread), thread.comments[0].body.split("\n")[0])
        for thread in hub.open_threads("github-actions[bot]")
    ]

"""A run that is killed at any moment leaves nothing that the next one does not put right: one comment a finding, whatever came before."""

from __future__ import annotations

import contextlib
import os
import queue
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from github_help import BASE, CART
from github_standin import GitHub, meanwhile, serving, workflow_token

KILLS = int(os.environ.get("GUARD_KILLS", "300" if os.environ.get("HYPOTHESIS_PROFILE") == "fuzz" else "30"))
_ME = "github-actions[bot]"

_ZYGOTE = """
import os, sys
import guard.cli.commands.github, guard.cli.pull_requests, guard.cli.reviewing, guard.pipeline, guard.catalogue, httpx2, pydantic
import guard.integrations.hosting.github.opening, guard.integrations.hosting.github.client, gidgethub.sansio, guard.reports.counts
import guard.integrations.hosting.github.patience as patience
from guard.__main__ import main
patience.BETWEEN_WRITES = 0.0
from guard.integrations.memory import compared
import guard.reports.text, guard.integrations.described, guard.integrations.explained, guard.conversation.plan
text = "from flask import Flask, request\\napp = Flask(__name__)\\ncarts = {}\\n@app.post('/a')\\ndef a():\\n    carts[1] = request.json\\n"
what = compared({}, {"app.py": text})
guard.pipeline.review(what.change, what.source)
httpx2.Client().close()
for line in sys.stdin:
    child = os.fork()
    if not child:
        for word in line.split():
            name, _, value = word.partition("=")
            os.environ[name] = value
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os._exit(main(["github", "review", "--from", "api", "--no-model", "--pr", "1"]))
    sys.stdout.write(f"{child}\\n")
    sys.stdout.flush()
    _, status = os.waitpid(child, 0)
    sys.stdout.write(f"{status}\\n")
    sys.stdout.flush()
"""
"""A process that has imported everything and forks one that reviews for each line: a run is a process of its own, without the
half second that Python takes to start. No second between writes: that time would only make kills miss."""


class _Runs:
    """Starts runs, and kills them."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(self, hub: GitHub, token: str, kill_at: tuple[int, float] | None = None) -> int:
        """One run: its wait status. It is killed some seconds after its n-th request came in, if `kill_at` says so."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        environment = {
            "GITHUB_TOKEN": token,
            "GITHUB_API_URL": hub.api_url,
            "GITHUB_GRAPHQL_URL": hub.graphql_url,
            "GITHUB_REPOSITORY": hub.world.full_name,
        }
        child: queue.Queue[int] = queue.Queue()
        if kill_at is not None:
            hub.faults = [meanwhile(lambda: _kill_later(child.get(), kill_at[1]), skip=kill_at[0])]
        self._process.stdin.write(" ".join(f"{name}={value}" for name, value in environment.items()) + "\n")
        self._process.stdin.flush()
        child.put(int(self._process.stdout.readline()))
        status = int(self._process.stdout.readline())
        hub.faults.clear()
        return status


def _kill_later(child: int, seconds: float) -> None:
    def kill() -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)

    threading.Timer(seconds, kill).start() if seconds else kill()


@contextmanager
def _runs() -> Iterator[_Runs]:
    command = [sys.executable, "-c", _ZYGOTE]
    where = Path(__file__).parent.parent
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=where) as process:
        yield _Runs(process)


@contextmanager
def _story(runs: _Runs, *, second: bool) -> Iterator[tuple[GitHub, str]]:
    """A pull request before its first run, or reviewed once and then pushed to: one finding gone, one new, one stays."""
    with serving(GitHub()) as hub:
        hub.open_pull(BASE, {f"shop/{name}.py": CART.replace("carts", name) for name in ("carts", "chats")})
        token = hub.add_token(workflow_token(contents="write", pull_requests="write", checks="write"))
        if second:
            assert runs.run(hub, token) == 0
            hub.push({"shop/carts.py": None, "shop/jobs.py": CART.replace("carts", "jobs")})
        yield hub, token


def _is_right(hub: GitHub, *, second: bool) -> None:
    standing = {"shop/chats.py", "shop/jobs.py" if second else "shop/carts.py"}
    assert sorted(thread.path for thread in hub.open_threads()) == sorted(standing)
    assert len(hub.world.threads) == len(standing) + second
    assert [comment.author for comment in hub.world.issue_comments] == [_ME]
    newest = hub.world.check_runs[-1]
    assert (newest.head_sha, newest.conclusion) == (hub.pull.head, "failure")
    hub.check()


def test_killed_at_any_moment_the_next_run_puts_it_right() -> None:
    """SIGKILL at random moments of a first run and of a second one, each in a process of its own, then a whole run."""
    chance = random.Random(4)  # noqa: S311 - moments, not secrets
    killed, interrupted = 0, 0
    with _runs() as runs:
        requests = {second: _undisturbed(runs, second=second) for second in (False, True)}
        for number in range(KILLS):
            second = bool(number % 2)
            moment = (chance.randrange(requests[second]), chance.choice((0, 0.001, 0.003, 0.01)))
            with _story(runs, second=second) as (hub, token):
                before = len(hub.writes)
                dead = os.WIFSIGNALED(runs.run(hub, token, moment))
                killed += dead
                interrupted += dead and len(hub.writes) > before
                assert runs.run(hub, token) == 0, moment
                _is_right(hub, second=second)
                told = len(hub.writes)
                assert number % 3 or runs.run(hub, token) == 0
                assert len(hub.writes) == told, "a run without news wrote something"
    sys.stderr.write(f"{killed} of {KILLS} runs were killed, {interrupted} of them after their first write\n")
    assert killed >= KILLS * 2 // 3
    assert interrupted >= KILLS // 6


def _undisturbed(runs: _Runs, *, second: bool) -> int:
    """How many requests a run makes that nobody kills."""
    with _story(runs, second=second) as (hub, token):
        with hub.counting() as made:
            assert runs.run(hub, token) == 0
        _is_right(hub, second=second)
        return len(made)

"""Runs at the same time, interleaved request by request in every order that chance gives: everything is said once."""

from __future__ import annotations

import os
import random
import threading

import pytest
from github_help import BASE, CART, client_of, hub_with_time
from github_standin import Fault, GitHub, Request, workflow_token

from guard.cli.commands.github import run_task
from guard.cli.parser import parse
from guard.integrations.hosting.github.environment import Task, Wish

RACES = int(os.environ.get("GUARD_RACES", "400" if os.environ.get("HYPOTHESIS_PROFILE") == "fuzz" else "8"))
_ME = "github-actions[bot]"


class _Turns(Fault):
    """Lets one request of one run through at a time; who is next is drawn when every run waits."""

    def __init__(self, seed: int, runs: int) -> None:
        super().__init__()
        self._chance = random.Random(seed)  # noqa: S311 - an order, not a secret
        self._changed = threading.Condition()
        self._alive = runs
        self._waiting: list[int] = []
        self._next = 0

    def strikes(self, request: Request) -> bool:
        """Wait for this run's turn; nothing goes wrong then."""
        del request
        me = threading.get_ident()
        with self._changed:
            self._waiting.append(me)
            self._draw()
            self._changed.wait_for(lambda: self._next == me, timeout=20)
            self._next = 0
        return False

    def ended(self) -> None:
        """A run is over."""
        with self._changed:
            self._alive -= 1
            self._draw()

    def _draw(self) -> None:
        if self._waiting and len(self._waiting) >= self._alive and not self._next:
            self._next = self._waiting.pop(self._chance.randrange(len(self._waiting)))
            self._changed.notify_all()


def _together(hub: GitHub, token: str, seed: int, runs: int) -> None:
    turns = _Turns(seed, runs)
    hub.faults.append(turns)
    broken: list[BaseException] = []

    def go() -> None:
        _, options = parse(
            ["-q", "github", "review", "--no-model", "--from", "api", "--format", "counts", "--output", os.devnull]
        )
        client = client_of(hub, token)
        try:
            run_task(client, Task(Wish.REVIEW, hub.world.full_name, 1), options)
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test shows it
            broken.append(error)
        finally:
            client.close()
            turns.ended()

    threads = [threading.Thread(target=go) for _ in range(runs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    hub.faults.clear()
    if broken:
        raise broken[0]


@pytest.mark.parametrize("resolves", [False, True])
def test_runs_at_the_same_time_say_everything_once(*, resolves: bool) -> None:
    """Two and three of them, on a new pull request and after a push that fixes one thing and adds another."""
    for seed in range(RACES):
        hub = hub_with_time()
        hub.open_pull(BASE, {f"shop/{name}.py": CART.replace("carts", name) for name in ("carts", "chats")})
        token = hub.add_token(workflow_token(contents="write" if resolves else "read", pull_requests="write", checks="write"))
        _together(hub, token, seed, 2 + seed % 2)
        assert sorted(thread.path for thread in hub.open_threads()) == ["shop/carts.py", "shop/chats.py"], seed
        hub.push({"shop/carts.py": None, "shop/jobs.py": CART.replace("carts", "jobs")})
        _together(hub, token, seed, 2 + seed % 2)
        open_ones = sorted(thread.path for thread in hub.open_threads())
        assert open_ones == (["shop/carts.py"] if not resolves else []) + ["shop/chats.py", "shop/jobs.py"], seed
        assert [comment.author for comment in hub.world.issue_comments] == [_ME], seed
        gone = next(thread for thread in hub.world.threads if thread.path == "shop/carts.py")
        assert sum("Fixed in" in comment.body for comment in gone.comments) <= 1 + resolves, (
            seed,
            [c.body for c in gone.comments],
        )
        before = len(hub.writes)
        _together(hub, token, seed, 1)
        assert len(hub.writes) == before, (seed, [entry.operation for entry in hub.writes[before:]])
        hub.check()

"""A judge that asks again: a bounded number of times, as long as an answer is of use, and not where nobody answers at all."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from threading import Lock

from guard.model.judge import HopelessError, Judge, Reply, Request, TransientError

_FAILURES = 5
"""Attempts in a row, of all requests together, after which a server is taken for dead; a busy one is alive."""
_REST = 30.0
"""Seconds after which one that was taken for dead is asked again."""


class Patient:
    """Repeats a request that failed for a passing reason; the wait doubles, or is what the server asks for, and a little more.

    The little more is by chance: many that were refused at once must not come again at once.
    """

    def __init__(
        self,
        judge: Judge,
        *,
        attempts: int = 3,
        first_wait: float = 1.0,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._judge = judge
        self._attempts = attempts
        self._first_wait = first_wait
        self._sleep = sleep
        self._clock = clock
        self._chance = chance
        self._circuit = _Circuit(clock)

    def ask(self, request: Request) -> Reply:
        """The first reply that comes. Raises what the last attempt raised; HopelessError for a server that is taken for dead."""
        wait = self._first_wait
        for attempt in range(1, self._attempts + 1):
            self._circuit.check()
            try:
                reply = self._judge.ask(request)
            except TransientError as error:
                self._circuit.failed(error)
                pause = (wait if error.after is None else error.after) + self._chance() * wait / 2
                if attempt == self._attempts or self._clock() + pause >= request.until:
                    raise
                self._sleep(pause)
                wait *= 2
            else:
                self._circuit.worked()
                return reply
        raise AssertionError  # the last attempt returns or raises


class _Circuit:
    """What all requests learn of each other: whether anybody is there."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._turn = Lock()
        self._failures = 0
        self._last: tuple[float, str] = (0.0, "")

    def check(self) -> None:
        """Raise HopelessError while the server is taken for dead."""
        with self._turn:
            since, sentence = self._last
            if self._failures >= _FAILURES and self._clock() - since < _REST:
                raise HopelessError(f"{sentence}; {self._failures} attempts in a row failed")

    def failed(self, error: TransientError) -> None:
        """Count an attempt in vain."""
        with self._turn:
            if not error.busy:
                self._failures += 1  # guard: ignore[shared-counter] of the calls of one review: whether a server is alive
                self._last = (self._clock(), str(error))

    def worked(self) -> None:
        """Somebody is there."""
        with self._turn:
            self._failures = 0

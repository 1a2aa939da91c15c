"""A judge that asks again: a bounded number of times, and never longer than a person waits for a commit hook."""

from __future__ import annotations

import time
from collections.abc import Callable

from guard.model.judge import Judge, Reply, Request, TransientError

_LONGEST_WAIT = 20.0
_LONGEST_TRYING = 60.0
"""Seconds after which no further attempt begins: a silent server must not hold a commit for minutes."""


class Patient:
    """Repeats a request that failed for a passing reason; the wait doubles, or is what the server asks for."""

    def __init__(
        self,
        judge: Judge,
        *,
        attempts: int = 3,
        first_wait: float = 1.0,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._judge = judge
        self._attempts = attempts
        self._first_wait = first_wait
        self._sleep = sleep
        self._clock = clock

    def ask(self, request: Request) -> Reply:
        """The first reply that comes. Raises what the last attempt raised."""
        wait, start = self._first_wait, self._clock()
        for _ in range(self._attempts - 1):
            try:
                return self._judge.ask(request)
            except TransientError as error:
                pause = wait if error.after is None else error.after
                if pause > _LONGEST_WAIT or self._clock() - start + pause > _LONGEST_TRYING:
                    raise
                self._sleep(pause)
                wait *= 2
        return self._judge.ask(request)

"""Several calls at once: a bounded number of threads, results in the order of the work, and an end that does not depend on them.

A thread that a silent server holds can not be stopped. It is left behind: it ends by itself at the deadline, and does not keep
the program from ending.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

_T = TypeVar("_T")
_GRACE = 0.5
"""Seconds given to what ends by itself at the deadline, and may have something to tell."""


class End(Enum):
    """Why work was left undone."""

    DONE = "done"
    DEADLINE = "deadline"
    INTERRUPTED = "interrupted"


def carried_out(
    work: Sequence[Callable[[], _T]], *, at_once: int, until: float, stop: Callable[[_T], bool]
) -> tuple[list[_T | None], End]:
    """The results in the order of the work, None for what was not finished; and why it ended.

    The first piece is done alone: what it learns of the server, and what the server keeps of it, serves all others. After a
    result for which `stop` is true nothing new is begun. Ctrl-C ends the waiting and keeps what is there. What a piece raises is
    raised here.
    """
    results: list[_T | None] = [None] * len(work)
    if not work:
        return results, End.DONE
    crew = _Crew(work, until, stop, results)
    end = crew.run(range(1), 1)
    if end is End.DONE and not crew.stopped.is_set():
        end = crew.run(range(1, len(work)), at_once)
    return results, end


@dataclass(frozen=True, slots=True)
class _Done(Generic[_T]):
    """What a piece gave, or what it raised."""

    number: int
    result: _T | None = None
    error: BaseException | None = None


class _Crew(Generic[_T]):
    """Threads that share the work."""

    def __init__(
        self, work: Sequence[Callable[[], _T]], until: float, stop: Callable[[_T], bool], results: list[_T | None]
    ) -> None:
        self._work = work
        self._until = until
        self._stop = stop
        self._results = results
        self._turn = threading.Lock()
        self.stopped = threading.Event()

    def run(self, numbers: range, at_once: int) -> End:
        """Do these pieces, and wait for them."""
        todo: queue.SimpleQueue[int] = queue.SimpleQueue()
        done: queue.SimpleQueue[_Done[_T] | None] = queue.SimpleQueue()
        for number in numbers:
            todo.put(number)
        hands = min(at_once, len(numbers))
        try:
            for _ in range(hands):
                threading.Thread(target=self._take, args=(todo, done), daemon=True).start()
            return self._wait(done, hands)
        except KeyboardInterrupt:
            return End.INTERRUPTED
        finally:
            if todo.qsize():
                self.stopped.set()

    def _take(self, todo: queue.SimpleQueue[int], done: queue.SimpleQueue[_Done[_T] | None]) -> None:
        while not self.stopped.is_set() and time.monotonic() < self._until:
            try:
                number = todo.get_nowait()
            except queue.Empty:
                break
            done.put(self._done(number))
        done.put(None)

    def _done(self, number: int) -> _Done[_T]:
        try:
            result = self._work[number]()
            with self._turn:
                stop = self._stop(result)
        except BaseException as error:  # noqa: BLE001 - raised by the thread that waits
            self.stopped.set()
            return _Done(number, error=error)
        if stop:
            self.stopped.set()
        return _Done(number, result)

    def _wait(self, done: queue.SimpleQueue[_Done[_T] | None], hands: int) -> End:
        while hands:
            try:
                told = done.get(timeout=min(max(self._until + _GRACE - time.monotonic(), 0.0), threading.TIMEOUT_MAX))
            except queue.Empty:
                return End.DEADLINE
            if told is None:
                hands -= 1
            elif told.error is not None:
                raise told.error
            else:
                self._results[told.number] = told.result
        return End.DEADLINE if time.monotonic() >= self._until else End.DONE

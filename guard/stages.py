"""Where the time of a review goes: functions that belong to a stage say so, and are measured while somebody listens.

    @stage(Stage.FACTS)
    def read_as(…): …

    with listening() as times:        # `-vv`
        …
    times.table(total)

Each moment counts for one stage, the innermost that runs; a stage that is `whole` keeps what it calls for itself. So the shares add up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from functools import wraps
from time import perf_counter
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Stage(StrEnum):
    """The stages, in the order of a review."""

    START = "start"
    """Python's own start, imports, the command line, the configuration: all that is no other stage's."""
    GIT = "git"
    READ = "read"
    """The diff as lines, the manifests, and who reads which file."""
    GLANCE = "glance"
    FACTS = "facts"
    ANALYSES = "analyses"
    SURROUNDINGS = "surroundings"
    OLD = "old side"
    MODEL = "model"
    REPORT = "report"


_WHOLE = frozenset({Stage.SURROUNDINGS, Stage.OLD})


class Times:
    """Seconds by stage."""

    def __init__(self) -> None:
        self.spent = dict.fromkeys(Stage, 0.0)
        self._running = [Stage.START]
        self._since = perf_counter()

    def enter(self, entered: Stage) -> None:
        """From now on time counts for this stage, or for the whole one around it."""
        self._settle()
        self._running.append(self._running[-1] if self._running[-1] in _WHOLE else entered)

    def leave(self) -> None:
        """From now on time counts for the stage around."""
        self._settle()
        self._running.pop()

    def _settle(self) -> None:
        now = perf_counter()
        self.spent[self._running[-1]] += now - self._since
        self._since = now

    def table(self, before: float = 0.0) -> str:
        """One line a stage, with its share of all; `before` are seconds that had passed when the listening began."""
        self._settle()
        spent = {**self.spent, Stage.START: self.spent[Stage.START] + before}
        total = sum(spent.values())
        rows = [f"  {name:<12} {seconds:7.3f} s {100 * seconds / total:5.1f} %\n" for name, seconds in spent.items() if seconds]
        return f"Time: {total:.3f} s\n{''.join(rows)}"


_listener: ContextVar[Times | None] = ContextVar("listener", default=None)


@contextmanager
def listening() -> Iterator[Times]:
    """Measure what runs inside."""
    times = Times()
    token = _listener.set(times)
    try:
        yield times
    finally:
        _listener.reset(token)


def stage(name: Stage) -> Callable[[Callable[_P, _T]], Callable[_P, _T]]:
    """Count the time of a function for this stage. A generator's is that of whoever asks it."""

    def counted(function: Callable[_P, _T]) -> Callable[_P, _T]:
        @wraps(function)
        def measured(*arguments: _P.args, **named: _P.kwargs) -> _T:
            times = _listener.get()
            if times is None:
                return function(*arguments, **named)
            times.enter(name)
            try:
                return function(*arguments, **named)
            finally:
                times.leave()

        return measured

    return counted

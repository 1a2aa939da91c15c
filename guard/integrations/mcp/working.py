"""A review beside the event loop: in a worker thread that tells its progress, and that stops when nobody waits any more."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from anyio import from_thread, to_thread
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError

from guard.errors import GuardError
from guard.integrations.mcp.answers import plain

_EVERY = 0.1
"""Seconds between two notifications, at least."""
_T = TypeVar("_T")


class Progress:
    """Says which file is being worked on. Called from the worker thread; raises there once the request was cancelled."""

    def __init__(self, context: Context[Any, Any]) -> None:
        self._context = context
        self._total: int | None = None
        self._count = 0
        self._last = 0.0

    def expect(self, total: int) -> None:
        """Say how many files there are."""
        self._total = total or None

    def __call__(self, what: str) -> None:
        """Say that this file is being worked on."""
        from_thread.check_cancelled()
        self._count += 1
        now = time.monotonic()
        if now - self._last >= _EVERY:
            self._last = now
            from_thread.run(self._report, what)

    async def _report(self, what: str) -> None:
        total = None if self._total is None else max(self._total, self._count)
        await self._context.report_progress(self._count, total, plain(what))


async def in_worker(work: Callable[[Progress], _T], context: Context[Any, Any]) -> _T:
    """The result of some work in a thread. A cancelled request leaves it at once; the thread ends at its next file.

    What goes wrong is told to the model in a sentence that it can act on, and is no fault of the protocol.
    """
    try:
        return await to_thread.run_sync(partial(work, Progress(context)), abandon_on_cancel=True)
    except GuardError as error:
        raise ToolError(plain(str(error))) from error
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        raise ToolError(
            plain(f"internal error, nothing was reviewed: {type(error).__name__}: {error} ({place.name}:{place.lineno}); ")
            + "go on without this review and tell the user"
        ) from error

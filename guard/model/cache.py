"""A judge that does not pay twice: what a file answers is taken from there, new answers are added to it.

Losing the file costs money, never a finding: an answer is found by a hash of the whole request, as a replay finds it.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from threading import Lock

from guard.errors import UsageError
from guard.model.judge import Finish, Judge, Reply, Request
from guard.model.record import exchange_line, reply_in

MOST_BYTES = 20_000_000
"""A larger file starts anew."""


class Cache:
    """Asks another judge what the file does not answer yet. Raises UsageError for a file that can not be written."""

    def __init__(self, judge: Judge, path: str) -> None:
        self._judge = judge
        self._path = path
        self._turn = Lock()  # reviews of several threads may share a judge, and a file has one end
        try:
            with open(path, "a", encoding="utf-8"):
                pass
            self._replies = _read(path)
        except OSError as error:
            raise UsageError(f"--cache {path}: {error.strerror}") from None

    def ask(self, request: Request) -> Reply:
        """The answer that is kept, else the other judge's. One that was cut off or refused is asked for again."""
        kept = self._replies.get(request.key)
        if kept is not None:
            return kept
        reply = self._judge.ask(request)
        if reply.finish is Finish.COMPLETE and not reply.repeated:
            # guard: ignore[local-file-write] a copy, for whoever takes the file along; without it, or on a full disk, a model is asked again
            with self._turn, contextlib.suppress(OSError), open(self._path, "a", encoding="utf-8") as stream:
                stream.write(exchange_line(request, reply) + "\n")
        return reply


def _read(path: str) -> Mapping[str, Reply]:
    """The answers in a file. A line that was cut off, or that is somebody else's, is no answer."""
    if os.path.getsize(path) > MOST_BYTES:
        os.truncate(path, 0)
    with open(path, encoding="utf-8", errors="replace") as stream:
        return dict(found for line in stream.read().split("\n") if (found := reply_in(line)))

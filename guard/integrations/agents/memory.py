"""What an agent was told before, so that it is never stopped twice for the same thing.

A hook is a process of its own, and nothing durable may be kept on this machine's disk. So the memory is what the vendor hands over:
every text of ours ends with a mark that names its findings, and the session's transcript, which the vendor writes anyway, is searched
for these marks. Two kinds are told apart: what stopped the agent (a commit or the end of a turn) never stops it again; what was only
said after an edit may stop it once. The mark of a turn counts how often that turn was sent back, since a mend may bring something
new; `stop_hook_active` or `loop_count` says whether the count still runs. Where there is no transcript to search, an agent is sent back
at the end of a turn only if the vendor says that it was not yet, and is never kept from a commit.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from typing import NamedTuple

from guard.integrations.agents.events import COMMAND, EDIT, TURN, Event

MOST_TIMES = 3
"""How often one turn is sent back at most, for different findings; vendors end a turn after 5 or 8 times."""
_MOST_READ = 64_000_000
_PAUSE = 0.01
_WORDS = {EDIT: "edit", COMMAND: "commit", TURN: "turn"}


class Memory(NamedTuple):
    """What a transcript tells: whether there is one, what stopped the agent before, and the count in the last turn's mark."""

    known: bool = False
    told: frozenset[str] = frozenset()
    times: int = 0


def mark(event: Event, fingerprints: Iterable[str], times: int) -> str:
    """What ends a text of ours: `[guard turn 1: 1a2b3c4d5e6f7a8b]`."""
    return f"[guard {_WORDS.get(event.kind, event.kind)} {times}: {' '.join(fingerprints)}]"


def recalled(transcript: str, lag: float = 0.0, since: float = 0.0) -> Memory:
    """What the transcript at this path tells, once it was written `since` (seconds since the epoch) or `lag` seconds later."""
    if lag and transcript:
        _await_writing(transcript, since, lag)
    text = _text(transcript) if transcript else None
    if text is None:
        return Memory()
    import re

    found = re.findall(rb"\[guard (turn|commit) (\d): ([0-9a-f ]{16,})\]", text)
    turns = [int(times) for word, times, _ in found if word == b"turn"]
    told = frozenset(name.decode() for _, _, names in found for name in names.split())
    return Memory(known=True, told=told, times=turns[-1] if turns else 0)


def _await_writing(path: str, since: float, lag: float) -> None:
    import time

    while time.time() < since + lag and not _is_written(path, since):
        time.sleep(_PAUSE)


def _is_written(path: str, since: float) -> bool:
    """Whether the file is there and was written at this time or later; a new session's may come late as well."""
    try:
        return os.stat(path).st_mtime >= since
    except (OSError, ValueError):
        return False


def _text(path: str) -> bytes | None:
    """The end of a regular file; None where it can not be read."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except (OSError, ValueError):
        return None
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode):
        os.close(handle)
        return None
    with os.fdopen(handle, "rb") as stream:
        stream.seek(max(0, status.st_size - _MOST_READ))
        return stream.read(_MOST_READ)


def may_stop(event: Event, memory: Memory) -> bool:
    """Whether the agent may be stopped at all at this event."""
    if event.kind == COMMAND:
        return memory.known
    if event.kind != TURN:
        return False
    if not event.again:
        return True
    return memory.known and 0 < times_before(event, memory) < MOST_TIMES


def times_before(event: Event, memory: Memory) -> int:
    """How often this turn was sent back before. `again` says that it was, the last mark (or a vendor that counts) how often."""
    return max(memory.times, event.again) if event.again and memory.times else 0

"""What everything stands on: git, what GitHub knows, and the time."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime

from github_standin.repository import Repository
from github_standin.world import World


class Clock:
    """The machine's time."""

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


class ManualClock(Clock):
    """Time that passes only when somebody sleeps: give `now` and `sleep` to the client as well."""

    def __init__(self, now: float = 1_767_225_600.0) -> None:
        self._now = now

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self._now += max(0.0, seconds)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a thread stands now. Outdated: its lines left the diff."""

    outdated: bool
    line: int | None = None
    start_line: int | None = None


class Ground:
    """A repository, and all that was said about it."""

    def __init__(self, git: Repository, world: World, clock: Clock) -> None:
        self.git = git
        self.world = world
        self.clock = clock
        self.standings: dict[tuple[str, str, str], Standing] = {}
        """Where threads stand, by thread, head and merge base: computed once each."""

    def stamp(self) -> str:
        """The time, as answers tell it."""
        return datetime.fromtimestamp(int(self.clock.now()), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

"""When to ask again, and how long to wait before: pure but for the clock it is given.

https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from guard.errors import HostError

BETWEEN_WRITES = 1.0
TOTAL = 20 * 60.0
"""Seconds that a run may take in all, waits included."""
_ATTEMPTS = 4
_LIMIT_WORDS = ("rate limit", "abuse detection")


class Answer(Struct, frozen=True):
    """What came back. Status 0: nothing did, and `broken` says why; `sent` whether the request may have arrived."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    broken: str = ""
    sent: bool = True

    def data(self) -> Any:  # noqa: ANN401 - JSON
        """The body's JSON; None if there is none. Raises HostError for a body that is not what it says."""
        if not self.body.strip():
            return None
        try:
            return json.loads(self.body)
        except ValueError:
            raise HostError(f"an answer with status {self.status} is not JSON; is GITHUB_API_URL right?") from None

    @property
    def next_page(self) -> str | None:
        """The address of the next page (https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api)."""
        for entry in self.headers.get("link", "").split(","):
            address, _, rest = entry.partition(";")
            if 'rel="next"' in rest:
                return address.strip().strip("<>")
        return None

    @property
    def lost(self) -> bool:
        """Whether nothing is known of what the request did."""
        return not self.status or self.status >= 500

    @property
    def limited(self) -> bool:
        """Whether it was refused for its rate alone. GraphQL says so in a good answer."""
        if self.status == 200:
            return b'"RATE_LIMITED"' in self.body[:4_000] and b'"errors"' in self.body[:4_000]
        if self.status not in (403, 429):
            return False
        exhausted = self.headers.get("x-ratelimit-remaining") == "0" or "retry-after" in self.headers
        return self.status == 429 or exhausted or any(word in self.message.lower() for word in _LIMIT_WORDS)

    @property
    def message(self) -> str:
        """What GitHub says of a refusal, with the details of a 422."""
        try:
            document = json.loads(self.body)
        except ValueError:
            return ""
        if not isinstance(document, dict):
            return ""
        errors = document.get("errors") or ()
        details = [str(error.get("message", "")) if isinstance(error, dict) else str(error) for error in errors]
        return "; ".join(part for part in (str(document.get("message", "")), *details) if part)

    def told(self) -> str:
        """One line for an error."""
        return self.broken or f"status {self.status}{f': {self.message}' if self.message else ''}"


def waiting_time(answer: Answer, attempt: int, now: float, *, writes: bool) -> float | None:
    """Seconds to wait before the request may be sent again; None if it may not, or need not.

    A refusal for its rate took no effect, so writes are repeated too; after a broken connection only what was not sent, or reads.
    """
    if answer.limited:
        return None if attempt >= _ATTEMPTS else _asked_for(answer, attempt, now)
    safe = not writes or not answer.sent
    return float(2 ** (attempt - 1)) if answer.lost and safe and attempt < _ATTEMPTS else None


def _asked_for(answer: Answer, attempt: int, now: float) -> float:
    asked = _number(answer.headers.get("retry-after"))
    if asked is not None:
        return max(asked, 0.0)
    reset = _number(answer.headers.get("x-ratelimit-reset"))
    if answer.headers.get("x-ratelimit-remaining") == "0" and reset is not None:
        return max(reset - now, 0.0) + 1
    return 60.0 * float(2 ** (attempt - 1))


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None


class Patience:
    """Time as a run sees it: how long it may take in all, and a second between two writes."""

    def __init__(
        self,
        clock: Callable[[], float],
        wall: Callable[[], float],
        sleep: Callable[[float], None],
        *,
        total: float = TOTAL,
        say: Callable[[str], None] = lambda _sentence: None,
    ) -> None:
        self._clock = clock
        self._wall = wall
        self._sleep = sleep
        self._end = clock() + total
        self._total = total
        self._last_write: float | None = None
        self._say = say

    def now(self) -> float:
        """Seconds since the epoch: what `x-ratelimit-reset` counts in."""
        return self._wall()

    def before(self, *, writes: bool, place: str) -> None:
        """Wait until a request may be sent. Raises HostError when the run has taken too long."""
        if writes and self._last_write is not None:
            self._sleep(max(0.0, self._last_write + BETWEEN_WRITES - self._clock()))
        if self._clock() > self._end:
            raise HostError(f"{place}: given up after {self._total:g} seconds")
        if writes:
            self._last_write = self._clock()

    def wait(self, seconds: float, place: str) -> None:
        """Wait because GitHub asks for it. Raises HostError at once if the run could not end in time."""
        if self._clock() + seconds > self._end:
            raise HostError(f"{place}: asks to wait {seconds:.0f} seconds, longer than this run may take; try again later")
        if seconds >= 30:
            self._say(f"waiting {seconds:.0f} seconds: the rate limit asks for it")
        self._sleep(seconds)

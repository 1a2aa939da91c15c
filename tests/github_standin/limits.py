"""Rate limits: so many requests an hour, and so much a minute.

https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

from __future__ import annotations

from collections import Counter, deque
from typing import TYPE_CHECKING, Any

from github_standin.exchange import RefusalError

if TYPE_CHECKING:
    from github_standin.contract import Operation
    from github_standin.hub import GitHub
    from github_standin.world import Token

_CREATING = frozenset(
    (
        "pulls/create-review",
        "pulls/create-review-comment",
        "pulls/create-reply-for-review-comment",
        "issues/create-comment",
        "reactions/create-for-issue-comment",
        "reactions/create-for-pull-request-review-comment",
    )
)
_SECONDARY = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."


class Meter:
    """What each account used of its limits."""

    def __init__(self, hub: GitHub) -> None:
        self._hub = hub
        self._used: Counter[tuple[str, str]] = Counter()
        self._hour = hub.clock.now()
        self._points: deque[tuple[float, int]] = deque()
        self._created: deque[tuple[float, int]] = deque()
        self._resource = "core"

    def count_rest(self, token: Token | None, operation: Operation) -> None:
        """Count a request. Raises 403 where a limit is reached."""
        self._resource = "core"
        if operation.id == "rate-limit/get":
            return
        self._renew()
        if self.remaining(token, "core") <= 0:
            who = f"user ID {token.login}" if token and not token.is_integration else "installation ID 1"
            raise RefusalError(403, f"API rate limit exceeded for {who}.")
        self._used[self._account(token), "core"] += 1
        self._count_secondary(1 if operation.method == "GET" else 5, creates=operation.id in _CREATING)

    def count_graphql(self, token: Token | None, *, writes: bool, text: str) -> dict[str, Any] | None:
        """Count a query. An exhausted limit is told in an answer of 200."""
        self._resource = "graphql"
        self._renew()
        if self.remaining(token, "graphql") <= 0:
            return {"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded for installation ID 1."}]}
        self._used[self._account(token), "graphql"] += 1
        self._count_secondary(5 if writes else 1, creates=writes and "addPullRequestReviewThreadReply" in text)
        return None

    def _count_secondary(self, points: int, *, creates: bool) -> None:
        now, limits = self._hub.clock.now(), self._hub.world.limits
        for spent, most, more in (
            (self._points, limits.points_a_minute, points),
            (self._created, limits.creations_a_minute, int(creates)),
        ):
            while spent and spent[0][0] <= now - 60:
                spent.popleft()
            if more and sum(one for _, one in spent) + more > most:
                raise RefusalError(403, _SECONDARY, headers={"retry-after": "60"})
        self._points.append((now, points))
        self._created.append((now, int(creates)))

    def _renew(self) -> None:
        if self._hub.clock.now() >= self._hour + 3600:
            self._hour = self._hub.clock.now()
            self._used.clear()

    def _account(self, token: Token | None) -> str:
        return token.login if token else ""

    def remaining(self, token: Token | None, resource: str) -> int:
        """What is left of an hour's requests."""
        return self.most(token) - self._used[self._account(token), resource]

    def most(self, token: Token | None) -> int:
        """An hour's requests; without a token, 60."""
        return self._hub.world.limits.primary if token else min(60, self._hub.world.limits.primary)

    def headers(self, token: Token | None) -> dict[str, str]:
        """What every answer tells of the limit."""
        remaining = self.remaining(token, self._resource)
        return {
            "x-ratelimit-limit": str(self.most(token)),
            "x-ratelimit-remaining": str(max(0, remaining)),
            "x-ratelimit-used": str(self.most(token) - remaining),
            "x-ratelimit-reset": str(int(self._hour) + 3600),
            "x-ratelimit-resource": self._resource,
        }

    def told(self, token: Token | None, resource: str) -> dict[str, int]:
        """The same as GET /rate_limit tells it."""
        remaining = self.remaining(token, resource)
        return {
            "limit": self.most(token),
            "remaining": max(0, remaining),
            "reset": int(self._hour) + 3600,
            "used": self.most(token) - remaining,
        }

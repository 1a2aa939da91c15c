"""What can go wrong between a client and GitHub, scripted by request."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from github_standin.exchange import Request


@dataclass(slots=True)
class Fault:
    """Something that happens to requests of a method whose path (for GraphQL: path and query text) matches a pattern.

    `cut` is "before" (the request never takes effect) or "after" (it took effect, and nobody is told); `status` answers instead of
    doing anything, unless `after` is set: then the write took effect and is answered with it all the same.
    """

    method: str = ""
    pattern: str = ""
    cut: str = ""
    status: int = 0
    after: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    call: Callable[[], object] | None = None
    """Done before the request is handled: somebody pushes, a second run posts."""
    times: int = 1
    """How often it happens; requests that match meanwhile, `skip` of them first pass."""
    skip: int = 0

    def strikes(self, request: Request) -> bool:
        """Whether it happens to this request; counts it."""
        if not self.times or (self.method and self.method != request.method):
            return False
        told = request.target + (request.body.decode("utf-8", "replace") if request.path.endswith("/graphql") else "")
        if not re.search(self.pattern, told):
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.times -= 1
        return True


def cut_before(method: str = "", pattern: str = "", *, times: int = 1, skip: int = 0) -> Fault:
    """The connection ends before the request takes effect."""
    return Fault(method, pattern, cut="before", times=times, skip=skip)


def cut_after(method: str = "", pattern: str = "", *, times: int = 1, skip: int = 0) -> Fault:
    """The request takes effect, and the connection ends before the answer."""
    return Fault(method, pattern, cut="after", times=times, skip=skip)


def broken(status: int, method: str = "", pattern: str = "", *, after: bool = False, times: int = 1, skip: int = 0) -> Fault:
    """The server answers 500, 502, 503; with `after`, the request took effect all the same."""
    return Fault(method, pattern, status=status, after=after, times=times, skip=skip)


def slowed(status: int = 429, retry_after: int | None = 1, method: str = "", pattern: str = "", *, times: int = 1) -> Fault:
    """A secondary rate limit that says how long to wait; with None it does not, as GitHub sometimes does not."""
    headers = {} if retry_after is None else {"retry-after": str(retry_after)}
    return Fault(method, pattern, status=status, headers=headers, times=times)


def meanwhile(call: Callable[[], object], method: str = "", pattern: str = "", *, skip: int = 0) -> Fault:
    """Something happens right before a request is handled."""
    return Fault(method, pattern, call=call, skip=skip)

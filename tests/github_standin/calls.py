"""One request on its way through: who asks, what for, and what the token may. Handlers register themselves by operation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from github_standin.exchange import Answer, RefusalError, Request, forbidden, not_found
from github_standin.world import PullRequest, Token, World

if TYPE_CHECKING:
    from github_standin.contract import Operation
    from github_standin.hub import GitHub


@dataclass(slots=True)
class Call:
    """A request that was understood."""

    hub: GitHub
    request: Request
    operation: Operation
    token: Token | None
    path: dict[str, str]
    body: Any = field(default=None)

    @property
    def world(self) -> World:
        """What the hub knows."""
        return self.hub.world

    @property
    def pull(self) -> PullRequest:
        """The pull request that the path names. Raises 404."""
        number = self.path.get("pull_number") or self.path.get("issue_number") or ""
        pull = self.world.pulls.get(int(number)) if number.isdigit() else None
        if pull is None:
            raise not_found()
        return pull

    @property
    def login(self) -> str:
        """Who asks. Raises 401."""
        if self.token is None:
            raise RefusalError(401, "Requires authentication")
        return self.token.login

    def reads(self, *permissions: str) -> None:
        """What a read needs where the repository is private. Raises 404 or 403."""
        if not self.world.private:
            return
        if self.token is None or (not self.token.is_integration and self.world.roles.get(self.token.login, "none") == "none"):
            raise not_found()
        if self.token.is_integration and not any(self.token.may(permission, "read") for permission in permissions):
            raise forbidden()

    def writes(self, *permissions: str) -> None:
        """What a write needs: one of these permissions, or being a person who sees the repository. Raises 401, 403 or 404."""
        login = self.login
        assert self.token is not None
        if self.token.is_integration:
            if not any(self.token.may(permission) for permission in permissions):
                raise forbidden()
        elif self.world.private and self.world.roles.get(login, "none") == "none":
            raise not_found()

    def writes_what_is_of(self, author: str, *permissions: str) -> None:
        """The same for changing what somebody wrote: a person changes what is theirs, or may write to the repository."""
        self.writes(*permissions)
        if (
            self.token is not None
            and not self.token.is_integration
            and author != self.login
            and not self.world.may_write(self.login)
        ):
            raise RefusalError(403, "Must have admin rights to Repository.")

    def checked_body(self, text: str, resource: str) -> str:
        """A text that fits. Raises 422."""
        if len(text) > self.world.limits.body:
            message = f"Body is too long (maximum is {self.world.limits.body} characters)"
            error = {"resource": resource, "code": "unprocessable", "field": "data", "message": message}
            raise RefusalError(422, "Validation Failed", errors=[error])
        return text

    def page(self, items: Sequence[Any], *, most: int | None = None) -> tuple[Sequence[Any], dict[str, str]]:
        """The page that is asked for, with its Link header."""
        query = self.request.query
        size, number = min(int(query.get("per_page", "30")), 100), max(int(query.get("page", "1")), 1)
        items = items[:most]
        last = max(1, -(-len(items) // size))
        links = {"next": number + 1, "last": last} if number < last else {}
        if number > 1:
            links |= {"prev": number - 1, "first": 1}
        told = [f'<{self._address(page, query)}>; rel="{name}"' for name, page in links.items()]
        return items[(number - 1) * size : number * size], {"link": ", ".join(told)} if told else {}

    def _address(self, page: int, query: dict[str, str]) -> str:
        words = "&".join(f"{name}={value}" for name, value in {**query, "page": str(page)}.items())
        return f"{self.hub.origin}{self.request.path}?{words}"


Handler = Callable[[Call], Answer]
HANDLERS: dict[str, Handler] = {}


def handles(operation: str) -> Callable[[Handler], Handler]:
    """Register a handler of an operation of the description."""

    def register(handler: Handler) -> Handler:
        HANDLERS[operation] = handler
        return handler

    return register

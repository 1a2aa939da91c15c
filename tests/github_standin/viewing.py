"""Who asks GraphQL, what that token may, and the shapes that every node is made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from github_standin.hub import GitHub
    from github_standin.world import PullRequest, Token

Node = dict[str, Any]


class GraphRefusalError(Exception):
    """GitHub will not: told as an error of this type, with null in the field's place."""

    def __init__(self, message: str, kind: str) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks whom."""

    hub: GitHub
    token: Token

    def writes(self, *permissions: str) -> bool:
        """Whether the token has all of these permissions, or is a person's who may write."""
        if self.token.is_integration:
            return all(self.token.may(permission) for permission in permissions)
        return self.hub.world.may_write(self.token.login)

    def needs(self, *permissions: str) -> None:
        """Raises FORBIDDEN without them."""
        if not self.writes(*permissions):
            raise GraphRefusalError(_NOT_ACCESSIBLE, "FORBIDDEN")

    def reads(self, permission: str) -> None:
        """Raises FORBIDDEN where a private repository's part is not for this token."""
        if self.hub.world.private and self.token.is_integration and not self.token.may(permission, "read"):
            raise GraphRefusalError(_NOT_ACCESSIBLE, "FORBIDDEN")

    def may_resolve(self, pull: PullRequest) -> bool:
        """Contents and pull requests both to be written; of people, those who may write and the author."""
        return self.writes("contents", "pull_requests") or (not self.token.is_integration and self.token.login == pull.author)

    def may_comment(self) -> bool:
        """Whether replies are accepted."""
        return not self.token.is_integration or self.token.may("pull_requests")


_NOT_ACCESSIBLE = "Resource not accessible by integration"


def connection(items: Sequence[Any], view: Callable[[Any], Node]) -> Callable[..., Node]:
    """A field with pages. How many are wanted must be said, at most 100.

    https://docs.github.com/en/graphql/overview/resource-limitations
    """

    def page(first: int | None = None, last: int | None = None, after: str = "", before: str = "", **_: Any) -> Node:
        if first is None and last is None:
            raise GraphRefusalError(
                "You must provide a `first` or `last` value to properly paginate.", "MISSING_PAGINATION_BOUNDARIES"
            )
        if not 0 <= (first or last or 0) <= 100:
            raise GraphRefusalError(
                "Requesting more than 100 records exceeds the limit of 100 records.", "EXCESSIVE_PAGINATION"
            )
        start, end = int(after or 0), int(before or len(items) + 1) - 1
        if first is not None:
            end = min(end, start + first)
        if last is not None:
            start = max(start, end - last)
        shown = items[start:end]
        return {
            "totalCount": len(items),
            "nodes": lambda: [view(item) for item in shown],
            "edges": lambda: [{"cursor": str(start + n), "node": view(item)} for n, item in enumerate(shown, start=1)],
            "pageInfo": {
                "hasNextPage": start + len(shown) < len(items),
                "hasPreviousPage": start > 0,
                "startCursor": str(start + 1) if shown else None,
                "endCursor": str(start + len(shown)) if shown else None,
            },
        }

    return page


def actor(viewer: Viewer, login: str) -> Node:
    """Who wrote something. A Bot's name is without its suffix."""
    hub, number = viewer.hub, viewer.hub.world.account(login)
    plain = login.removesuffix("[bot]")
    return {
        "__typename": "User" if plain == login else "Bot",
        "login": plain,
        "id": f"U_{number}",
        "databaseId": number,
        "url": f"{hub.site}/{plain}",
        "resourcePath": f"/{plain}",
    }


def user(viewer: Viewer, login: str) -> Node:
    """An account where the schema wants a User: a bot keeps its suffix there."""
    return actor(viewer, login) | {"__typename": "User", "login": login, "isViewer": login == viewer.token.login}

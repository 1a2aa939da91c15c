"""What stands on a pull request, read with one GraphQL query: REST can not list threads with their state."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from guard.conversation.values import Check, Conversation, PullRequest, Remark, Thread
from guard.errors import HostError
from guard.integrations.hosting.github.client import Client, GraphError, RefusedError

CHECK_NAME = "stateless-guard"
_MARK = f"{CHECK_NAME}:"
_CHECKS = "checkSuites"
_WRITE = frozenset(("admin", "maintain", "write"))

_REMARK = "fullDatabaseId body viewerDidAuthor author { __typename login }"
_PAGE = "pageInfo { hasNextPage endCursor }"
_THREAD = f"""
  id isResolved viewerCanResolve viewerCanUnresolve path line
  resolvedBy {{ login }}
  comments(first: 50) {{ {_PAGE} nodes {{ {_REMARK} }} }}
"""
CONVERSATION = f"""
query Conversation($owner: String!, $name: String!, $number: Int!, $check: String!) {{
  viewer {{ login }}
  repository(owner: $owner, name: $name) {{
    url
    pullRequest(number: $number) {{
      number state isDraft isCrossRepository changedFiles headRefOid baseRefOid
      baseRef {{ target {{ oid }} }}
      author {{ login }}
      reviewThreads(first: 100) {{ {_PAGE} nodes {{ {_THREAD} }} }}
      comments(first: 100) {{ {_PAGE} nodes {{ {_REMARK} }} }}
      commits(last: 1) {{ nodes {{ commit {{
        oid
        checkSuites(first: 20, filterBy: {{checkName: $check}}) {{ nodes {{
          checkRuns(first: 5, filterBy: {{checkName: $check, checkType: LATEST}}) {{ nodes {{
            databaseId resourcePath status conclusion externalId
          }} }}
        }} }}
      }} }} }}
    }}
  }}
}}
"""
MORE_THREADS = f"""
query MoreThreads($owner: String!, $name: String!, $number: Int!, $after: String!) {{
  repository(owner: $owner, name: $name) {{ pullRequest(number: $number) {{
    reviewThreads(first: 100, after: $after) {{ {_PAGE} nodes {{ {_THREAD} }} }}
  }} }}
}}
"""
MORE_REMARKS = f"""
query MoreRemarks($owner: String!, $name: String!, $number: Int!, $after: String!) {{
  repository(owner: $owner, name: $name) {{ pullRequest(number: $number) {{
    comments(first: 100, after: $after) {{ {_PAGE} nodes {{ {_REMARK} }} }}
  }} }}
}}
"""
MORE_REPLIES = f"""
query MoreReplies($thread: ID!, $after: String!) {{
  node(id: $thread) {{ ... on PullRequestReviewThread {{
    comments(first: 100, after: $after) {{ {_PAGE} nodes {{ {_REMARK} }} }}
  }} }}
}}
"""


class Coordinates(Struct, frozen=True):
    """Which pull request: owner and name of its repository, its number. REST calls the name `repo`."""

    owner: str
    name: str
    number: int

    @property
    def variables(self) -> dict[str, Any]:
        """As a query takes them."""
        return {"owner": self.owner, "name": self.name, "number": self.number}

    def __str__(self) -> str:
        return f"{self.owner}/{self.name}#{self.number}"


class Read(Struct, frozen=True):
    """What one reading gave: the conversation without its writers, how many files the pull request changes, its repository's page."""

    conversation: Conversation
    changed_files: int
    url: str


def read_conversation(client: Client, where: Coordinates) -> Read:
    """What stands there now. Raises HostError."""
    data = _asked(client, where)
    pull = data["repository"]["pullRequest"]
    viewer = _account(data.get("viewer"))
    threads = _all(pull["reviewThreads"], lambda after: _more(client, MORE_THREADS, where, "reviewThreads", after))
    remarks = _all(pull["comments"], lambda after: _more(client, MORE_REMARKS, where, "comments", after))
    conversation = Conversation(
        pull=_pull_request(pull),
        threads=tuple(thread for node in threads if (thread := _thread(client, where, node, viewer)) is not None),
        remarks=tuple(_remark(node) for node in remarks),
        check=_check(pull),
    )
    return Read(conversation, int(pull["changedFiles"]), str(data["repository"].get("url") or ""))


def _asked(client: Client, where: Coordinates) -> Mapping[str, Any]:
    """The first page of everything. A token that may not see checks, or not ask who it is, costs just that."""
    try:
        data = client.query(CONVERSATION, **where.variables, check=CHECK_NAME)
    except GraphError as error:
        if not all(_CHECKS in path or path == "viewer" for _, path, _ in error.errors):
            raise HostError(f"{where} can not be read: {error}; check its number and the token's permissions") from None
        data = error.data
    if not (data.get("repository") or {}).get("pullRequest"):
        raise HostError(f"{where}: there is no such pull request, or the token may not see it")
    return data


def _more(client: Client, query: str, where: Coordinates, field: str, after: str) -> Mapping[str, Any]:
    data = client.query(query, **where.variables, after=after)
    return _connection(_mapping(_mapping(data.get("repository")).get("pullRequest")).get(field), where)


def _all(connection: Mapping[str, Any], more: Callable[[str], Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Every node of a connection, page by page."""
    while True:
        yield from (node for node in connection["nodes"] or () if node)
        page = connection["pageInfo"]
        if not page["hasNextPage"]:
            return
        connection = more(page["endCursor"])


def _connection(value: Any, where: Coordinates) -> Mapping[str, Any]:  # noqa: ANN401 - JSON
    """A further page. Raises HostError where there is none: what was to be read may be gone by now."""
    if not isinstance(value, Mapping):
        raise HostError(f"{where}: changed while it was read; run again")
    return value


def _mapping(value: Any) -> Mapping[str, Any]:  # noqa: ANN401 - JSON
    return value if isinstance(value, Mapping) else {}


def _pull_request(pull: Mapping[str, Any]) -> PullRequest:
    tip = _mapping(_mapping(pull.get("baseRef")).get("target")).get("oid")
    return PullRequest(
        number=int(pull["number"]),
        head=str(pull["headRefOid"]),
        base=str(tip or pull["baseRefOid"]),  # baseRefOid stays behind a branch that moved on
        author=_account(pull.get("author")),
        open=pull["state"] == "OPEN",
        draft=bool(pull["isDraft"]),
        from_fork=bool(pull["isCrossRepository"]),
    )


def _thread(client: Client, where: Coordinates, node: Mapping[str, Any], viewer: str) -> Thread | None:
    def more(after: str) -> Mapping[str, Any]:
        data = client.query(MORE_REPLIES, thread=node["id"], after=after)
        return _connection(_mapping(data.get("node")).get("comments"), where)

    remarks = tuple(_remark(reply) for reply in _all(node["comments"], more))
    if not remarks:
        return None
    resolver = _account(node.get("resolvedBy"))
    return Thread(
        id=str(node["id"]),
        remarks=remarks,
        path=str(node["path"]),
        line=node.get("line"),
        resolved=bool(node["isResolved"]),
        resolver=resolver,
        resolved_by_us=bool(node["isResolved"]) and bool(resolver) and resolver == viewer,
        can_resolve=bool(node["viewerCanResolve"]),
        can_reopen=bool(node["viewerCanUnresolve"]),
    )


def _remark(node: Mapping[str, Any]) -> Remark:
    return Remark(
        str(node["fullDatabaseId"]), str(node["body"] or ""), _account(node.get("author")), ours=bool(node["viewerDidAuthor"])
    )


def _account(actor: Any) -> str:  # noqa: ANN401 - JSON
    """The name of an account; an App's is the same with and without the suffix that only some answers have."""
    return str(_mapping(actor).get("login") or "").removesuffix("[bot]")


def _check(pull: Mapping[str, Any]) -> Check | None:
    """The newest check run of ours on the head. Other workflows may have checks of this name: ours carry a mark."""
    runs = [run for run in _runs(pull) if str(run.get("externalId") or "").startswith(_MARK)]
    newest = max(runs, key=lambda run: int(_check_id(run)), default=None)
    if newest is None:
        return None
    return Check(_check_id(newest), str(newest.get("conclusion") or "").lower(), str(newest["externalId"]).removeprefix(_MARK))


def _runs(pull: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for node in pull["commits"]["nodes"] or ():
        commit = _mapping(_mapping(node).get("commit"))
        if commit.get("oid") == pull["headRefOid"]:
            for suite in _mapping(commit.get(_CHECKS)).get("nodes") or ():
                yield from (run for run in _mapping(_mapping(suite).get("checkRuns")).get("nodes") or () if _check_id(run))


def _check_id(run: Mapping[str, Any]) -> str:
    """The number that REST knows a check run by: GraphQL's own field is too narrow for the newer ones."""
    told = re.search(r"/(\d+)(?:\?|$)", str(run.get("resourcePath") or ""))
    return str(run.get("databaseId") or (told[1] if told else ""))


def external_id(digest: str) -> str:
    """What marks a check run as ours, with what it says."""
    return _MARK + digest


class Permissions:
    """Who may write to a repository, each asked once.

    https://docs.github.com/en/rest/collaborators/collaborators#get-repository-permissions-for-a-user
    """

    def __init__(self, client: Client, owner: str, name: str) -> None:
        self._client = client
        self._variables = {"owner": owner, "repo": name}
        self._known: dict[str, bool] = {}

    def may_write(self, account: str) -> bool:
        """Whether an account may write. One that nobody knows may not."""
        if account and account not in self._known:
            self._known[account] = self._asked(account)
        return self._known.get(account, False)

    def _asked(self, account: str) -> bool:
        path = "/repos/{owner}/{repo}/collaborators/{username}/permission"
        try:
            answer = self._client.get(path, **self._variables, username=account)
        except RefusedError:
            return False
        return _mapping(answer).get("permission") in _WRITE


def with_writers(conversation: Conversation, speakers: frozenset[str], permissions: Permissions) -> Conversation:
    """The conversation with those of the speakers who may write."""
    return replace(conversation, writers=frozenset(name for name in sorted(speakers) if permissions.may_write(name)))

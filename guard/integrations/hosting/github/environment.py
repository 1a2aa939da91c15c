"""What an action's environment asks for: which pull request, of which repository, and why.

https://docs.github.com/en/actions/reference/workflows-and-actions/variables and `…/events-that-trigger-workflows`. A payload is
read leniently: only what is used must be there, and an event that asks for nothing is no error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from msgspec import Struct
from pydantic import BaseModel, Field, ValidationError

from guard.errors import UsageError

_REPOSITORY = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]*)/[A-Za-z0-9._-]+")
_MOST_PAYLOAD = 30_000_000


class Wish(StrEnum):
    """What an event asks for."""

    REVIEW = "review"
    COMMAND = "command"
    """A comment was written: if somebody who may write gave a command in it, it is to be done."""
    NOTHING = "nothing"


class Task(Struct, frozen=True):
    """What is to be done. `number` 0: the pull request is to be found by its `head` and the `branch` ("owner:name") it is on."""

    wish: Wish
    repository: str
    number: int = 0
    head: str = ""
    branch: str = ""
    remark: str = ""
    """The id of the comment that may hold a command."""
    why: str = ""
    """Why nothing is to be done."""


class _Numbered(BaseModel):
    number: int = Field(gt=0)


class _Issue(_Numbered):
    pull_request: dict[str, Any] | None = None


class _Comment(BaseModel):
    id: int
    body: str | None = None


class _Owner(BaseModel):
    login: str


class _Repository(BaseModel):
    full_name: str
    owner: _Owner | None = None


class _Run(BaseModel):
    event: str = ""
    head_sha: str = Field(pattern=r"^[0-9a-f]{40,64}$")
    head_branch: str | None = None
    head_repository: _Repository | None = None


class _Event(BaseModel):
    action: str = ""
    number: int | None = None
    repository: _Repository | None = None
    pull_request: _Numbered | None = None
    issue: _Issue | None = None
    comment: _Comment | None = None
    workflow_run: _Run | None = None


def task_from(name: str, payload: Mapping[str, Any], repository: str) -> Task:
    """What an event asks for. Raises UsageError for a payload that is not what its name says."""
    try:
        event = _Event.model_validate(payload)
    except ValidationError as error:
        first = error.errors()[0]
        raise UsageError(
            f"the event's payload is not a {name or 'known'} event: {'.'.join(map(str, first['loc']))}: {first['msg']}"
        ) from None
    where = repository or (event.repository.full_name if event.repository else "")
    if event.workflow_run is not None and name == "workflow_run":
        return _of_a_run(event.workflow_run, where)
    if name == "issue_comment" or (not event.pull_request and event.issue is not None):
        return _of_a_comment(event, where)
    if event.pull_request is not None:
        return _of_a_pull_request(name, event, where)
    return Task(Wish.NOTHING, where, why=f"the event {name or 'without a name'!r} is about no pull request; give --pr N")


def _of_a_pull_request(name: str, event: _Event, where: str) -> Task:
    number = event.pull_request.number if event.pull_request else 0
    if name == "pull_request_review_comment" and event.comment is not None:
        if event.action == "deleted":
            return Task(Wish.NOTHING, where, number, why="a comment was deleted")
        return Task(Wish.COMMAND, where, number, remark=str(event.comment.id))
    if event.action == "closed":
        return Task(Wish.NOTHING, where, number, why="the pull request was closed")
    return Task(Wish.REVIEW, where, number)


def _of_a_comment(event: _Event, where: str) -> Task:
    if event.issue is None or event.issue.pull_request is None or event.comment is None:
        return Task(Wish.NOTHING, where, why="the comment is on no pull request")
    if event.action == "deleted":
        return Task(Wish.NOTHING, where, event.issue.number, why="a comment was deleted")
    return Task(Wish.COMMAND, where, event.issue.number, remark=str(event.comment.id))


def _of_a_run(run: _Run, where: str) -> Task:
    """The run of a workflow without secrets. Which pull request it was for is asked of GitHub: forks are not in the payload."""
    if run.event and not run.event.startswith("pull_request"):
        return Task(Wish.NOTHING, where, why=f"the workflow ran for {run.event!r}, not for a pull request")
    owner = run.head_repository.full_name.partition("/")[0] if run.head_repository else ""
    branch = f"{owner}:{run.head_branch}" if owner and run.head_branch else ""
    return Task(Wish.REVIEW, where, head=run.head_sha, branch=branch)


def read_payload(path: str) -> Mapping[str, Any]:
    """The event's payload. Raises UsageError if the file holds none."""
    try:
        with open(path, "rb") as stream:
            payload = json.loads(stream.read(_MOST_PAYLOAD))
    except OSError as error:
        raise UsageError(f"GITHUB_EVENT_PATH: {path}: can not be read: {error.strerror}") from None
    except ValueError as error:
        raise UsageError(f"GITHUB_EVENT_PATH: {path}: not JSON: {error}") from None
    if not isinstance(payload, dict):
        raise UsageError(f"GITHUB_EVENT_PATH: {path}: not a JSON object")
    return payload


def task_of(environment: Mapping[str, str], repository: str = "", number: int = 0) -> Task:
    """What is to be done, by the arguments first, then by the environment. Raises UsageError where neither says enough."""
    where = repository or environment.get("GITHUB_REPOSITORY", "")
    path = environment.get("GITHUB_EVENT_PATH", "")
    if number:
        task = Task(Wish.REVIEW, where, number)
    elif path:
        task = task_from(environment.get("GITHUB_EVENT_NAME", ""), read_payload(path), where)
    else:
        raise UsageError("which pull request? give --repo OWNER/NAME --pr N, or set GITHUB_EVENT_PATH as an action does")
    if not _REPOSITORY.fullmatch(task.repository):
        raise UsageError(f"{task.repository!r} is no repository; give --repo OWNER/NAME, or set GITHUB_REPOSITORY")
    return task


class Server(Struct, frozen=True):
    """The addresses of one GitHub, and the token for it. The token shows in no text."""

    api_url: str
    graphql_url: str
    token: str

    def __repr__(self) -> str:
        return f"Server({self.api_url!r}, {self.graphql_url!r})"


def server_of(environment: Mapping[str, str], api_url: str = "") -> Server:
    """Where to ask, as whom. Without GITHUB_API_URL it is the one that the client library knows. Raises UsageError without a token."""
    token = environment.get("GITHUB_TOKEN", "") or environment.get("GH_TOKEN", "")
    if not token.strip():
        raise UsageError("GITHUB_TOKEN is not set; an action passes it as env: GITHUB_TOKEN: ${{ github.token }}")
    rest = (api_url or environment.get("GITHUB_API_URL", "") or _default_url()).rstrip("/")
    graphql = "" if api_url else environment.get("GITHUB_GRAPHQL_URL", "")
    return Server(rest, graphql or _graphql_beside(rest), token)


def _default_url() -> str:
    try:
        from gidgethub.sansio import DOMAIN
    except ModuleNotFoundError:
        from guard.errors import MissingExtraError

        raise MissingExtraError("github review", "github") from None
    return DOMAIN


def _graphql_beside(rest: str) -> str:
    """https://docs.github.com/en/enterprise-server/graphql/guides/forming-calls-with-graphql: beside the REST prefix /api/v3."""
    return f"{rest.removesuffix('/v3')}/graphql" if rest.endswith("/api/v3") else f"{rest}/graphql"

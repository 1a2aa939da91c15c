"""The stand-in itself: a request goes in, an answer comes out, and everything between is what GitHub enforces."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from github_standin import contract, rest_checks, rest_git, rest_issues, rest_pulls, rest_reviews  # noqa: F401 - they register
from github_standin.calls import HANDLERS, Call
from github_standin.exchange import Answer, CutError, RefusalError, Request
from github_standin.faults import Fault
from github_standin.graph import execute
from github_standin.ground import Clock
from github_standin.limits import Meter
from github_standin.people import People
from github_standin.repository import MemoryRepository, Repository
from github_standin.world import CheckRun, Token, World, workflow_token

_MUTATION = re.compile(rb'"query"\s*:\s*"(?:\\n|\s)*mutation\b')
_VERSIONS = ("", "2022-11-28", "2026-03-10")


@dataclass(slots=True)
class LogEntry:
    """A request that was handled. Status 0: the connection was cut."""

    method: str
    path: str
    kind: str
    """read or write; a GraphQL query is a read."""
    at: float
    operation: str = ""
    status: int = 0
    body: Any = field(default=None, repr=False)


class GitHub(People):
    """One repository on a GitHub of our own."""

    def __init__(
        self,
        repository: Repository | None = None,
        *,
        owner: str = "octo",
        name: str = "shop",
        prefix: str = "",
        private: bool = False,
        clock: Clock | None = None,
    ) -> None:
        super().__init__(
            repository or MemoryRepository(), World(owner, name, private, roles={owner: "admin"}), clock or Clock()
        )
        self.prefix = prefix
        self.origin = "https://github.test"
        self.faults: list[Fault] = []
        self.violations: list[str] = []
        self.log: list[LogEntry] = []
        self.bot_resolver: str | None = ""
        """What `resolvedBy` says where a bot resolved: "" its account with the suffix, None nothing, else this (no page tells)."""
        self._meter = Meter(self)
        self._lock = threading.RLock()
        permissions = ("pull_requests", "issues", "checks", "statuses", "security_events")
        self.token = self.add_token(workflow_token(contents="read", **dict.fromkeys(permissions, "write")))
        """The secret of a GITHUB_TOKEN with what a review needs; it may not resolve."""

    # -- addresses ----------------------------------------------------------------------------------------------------

    @property
    def site(self) -> str:
        """Where people look."""
        return self.origin

    @property
    def api_url(self) -> str:
        """What GITHUB_API_URL says."""
        return self.origin + self.prefix

    @property
    def graphql_url(self) -> str:
        """What GITHUB_GRAPHQL_URL says."""
        return self.origin + self._graphql_path

    @property
    def _graphql_path(self) -> str:
        return f"{self.prefix.removesuffix('/v3')}/graphql"

    @property
    def repo_url(self) -> str:
        """The repository's address in the API."""
        return f"{self.api_url}/repos/{self.world.full_name}"

    # -- what tests look at -------------------------------------------------------------------------------------------

    def add_token(self, token: Token) -> str:
        """A secret for a token. Two tokens with the same account and permissions have the same one."""
        secret = f"token-{len(self.world.tokens) + 1}"
        self.world.tokens[secret] = token
        if not token.is_integration:
            self.world.account(token.login)
        return secret

    @property
    def writes(self) -> list[LogEntry]:
        """The requests that wanted to change something."""
        return [entry for entry in self.log if entry.kind == "write"]

    @contextmanager
    def counting(self) -> Iterator[list[LogEntry]]:
        """The requests that were made meanwhile, complete at its end."""
        made: list[LogEntry] = []
        start = len(self.log)
        yield made
        made.extend(self.log[start:])

    def suite_id(self, run: CheckRun) -> int:
        """The number of the check suite that an App has on a commit."""
        return self.world.account(f"suite of {run.app} on {run.head_sha}")

    # -- requests -----------------------------------------------------------------------------------------------------

    def handle(self, request: Request) -> Answer:
        """The answer to a request. Raises CutError where the connection is to end without one."""
        struck = [fault for fault in self.faults if fault.strikes(request)]
        for fault in struck:
            self.clock.sleep(fault.delay)
            if fault.call is not None:
                fault.call()
        with self._lock:
            entry = LogEntry(request.method, request.path, self._kind(request), self.clock.now())
            self.log.append(entry)
            answer = self._instead(struck) or self._afterwards(struck, self._answered(request, entry))
            entry.status = answer.status
            return answer

    def _kind(self, request: Request) -> str:
        if request.path == self._graphql_path:
            return "write" if _MUTATION.search(request.body) else "read"
        return "read" if request.method == "GET" else "write"

    def _instead(self, struck: list[Fault]) -> Answer | None:
        """What comes instead of the request's effect."""
        for fault in struck:
            if fault.cut == "before":
                raise CutError
            if fault.status and not fault.after:
                return _failure(fault)
        return None

    def _afterwards(self, struck: list[Fault], answer: Answer) -> Answer:
        """What comes instead of the answer to a request that took effect."""
        for fault in struck:
            if fault.cut == "after":
                raise CutError
            if fault.status and fault.after:
                return _failure(fault)
        return answer

    def _answered(self, request: Request, entry: LogEntry) -> Answer:
        token: Token | None = None
        try:
            token = self._who(request)
            self._polite(request)
            if request.path == self._graphql_path:
                answer = self._graph(request, token, entry)
            else:
                answer = self._rest(request, token, entry)
        except RefusalError as refusal:
            answer = refusal.answer()
        for name, value in self._meter.headers(token).items():
            answer.headers.setdefault(name, value)
        return answer

    def _who(self, request: Request) -> Token | None:
        words = request.headers.get("authorization", "").split()
        if not words:
            return None
        token = self.world.tokens.get(words[-1])
        if token is None or words[0].lower() not in ("token", "bearer"):
            raise RefusalError(401, "Bad credentials")
        return token

    def _polite(self, request: Request) -> None:
        if not request.headers.get("user-agent"):
            self.violated("a request without user-agent")
        if (version := request.headers.get("x-github-api-version", "")) not in _VERSIONS:
            self.violated(f"there is no API version {version}")

    def limit_told(self, token: Token | None, resource: str) -> dict[str, int]:
        """What is left of a limit."""
        return self._meter.told(token, resource)

    def violated(self, sentence: str) -> None:
        """Note that the contract was broken. Raises 500."""
        self.violations.append(sentence)
        raise RefusalError(500, f"contract violated: {sentence}")

    def _graph(self, request: Request, token: Token | None, entry: LogEntry) -> Answer:
        if token is None:
            raise RefusalError(401, "This endpoint requires you to be authenticated.")
        document = self._body(request)
        entry.body = document
        limited = self._meter.count_graphql(token, writes=entry.kind == "write", text=document["query"])
        answer = Answer(body=limited) if limited else Answer(body=execute(self, token, document))
        for problem in answer.body.get("errors", ()):
            if problem.get("type") == "STANDIN":
                self.violated(problem["message"])
        return answer

    def _rest(self, request: Request, token: Token | None, entry: LogEntry) -> Answer:
        path = request.path.removeprefix(self.prefix)
        found = contract.operation(request.method, path) if request.path.startswith(f"{self.prefix}/") else None
        if found is None:
            self.violated(f"{request.method} {request.path} is no operation of GitHub's API")
        assert found is not None
        operation, values = found
        entry.operation = operation.id
        body = self._body(request)
        entry.body = body
        if operation.id not in HANDLERS:
            self.violated(f"the stand-in has no {operation.id}")
        for problem in contract.wrong_request(operation, request.query, body):
            self.violated(problem)
        self._meter.count_rest(token, operation)
        self._here(values)
        answer = HANDLERS[operation.id](Call(self, request, operation, token, values, body))
        if not isinstance(answer.body, bytes):
            for problem in contract.wrong_answer(operation, answer.status, answer.body):
                self.violated(problem)
        return answer

    def _body(self, request: Request) -> Any:
        if not request.body:
            return None
        if "json" not in request.headers.get("content-type", "application/json"):
            self.violated(f"a body of type {request.headers['content-type']}")
        try:
            body = json.loads(request.body)
        except ValueError:
            raise RefusalError(400, "Problems parsing JSON") from None
        if b"\\ud" in request.body.lower() and _is_broken(body):
            self.violated("a text with half a character (a lone surrogate)")
        return body

    def _here(self, values: Mapping[str, str]) -> None:
        owner, name = values.get("owner", self.world.owner), values.get("repo", self.world.name)
        if f"{owner}/{name}".lower() != self.world.full_name.lower():
            raise RefusalError(404, "Not Found")

    def check(self) -> None:
        """Fail if the contract was broken."""
        assert not self.violations, "\n".join(self.violations)


def _is_broken(body: object) -> bool:
    try:
        json.dumps(body, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


def _failure(fault: Fault) -> Answer:
    sentences = {429: "You have exceeded a secondary rate limit.", 403: "You have exceeded a secondary rate limit."}
    message = sentences.get(fault.status, "Server Error")
    return Answer(fault.status, {"message": message, "documentation_url": "https://docs.github.com/rest"}, dict(fault.headers))

"""What the stand-in knows, as plain values that a test can set up, change and look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

ROBOT = "github-actions[bot]"
"""The account of every GITHUB_TOKEN, as REST names it. GraphQL leaves the suffix out where it shows a Bot."""

ROLES = ("none", "read", "triage", "write", "maintain", "admin")


@dataclass(frozen=True, slots=True)
class Token:
    """Who asks, and what for: `workflow` (GITHUB_TOKEN), `app` (an installation) or `user`.

    `permissions` count for workflow and app: contents, pull_requests, issues, checks, statuses, security_events, each read or write.
    """

    login: str
    kind: str
    permissions: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_integration(self) -> bool:
        """Whether it is an App's, as GITHUB_TOKEN is."""
        return self.kind != "user"

    def may(self, permission: str, wanted: str = "write") -> bool:
        """Whether an integration's permissions allow something."""
        return self.permissions.get(permission) in (("write",) if wanted == "write" else ("read", "write"))


def workflow_token(**permissions: str) -> Token:
    """A GITHUB_TOKEN with these permissions and no others, as a workflow's `permissions:` gives them."""
    return Token(ROBOT, "workflow", permissions)


def fork_token() -> Token:
    """The GITHUB_TOKEN of a pull request from a fork: reads only."""
    names = ("contents", "pull_requests", "issues", "checks", "statuses", "security_events")
    return Token(ROBOT, "workflow", dict.fromkeys(names, "read"))


def app_token(slug: str = "stateless-guard", **permissions: str) -> Token:
    """An App's installation token."""
    return Token(f"{slug}[bot]", "app", permissions)


def user_token(login: str) -> Token:
    """A person's token: it may what the person may, but no check runs."""
    return Token(login, "user")


@dataclass(slots=True)
class PullRequest:
    """A pull request. `base` is the commit that its base branch had when its head was pushed last; `tip` is asked of the hub."""

    number: int
    author: str
    base_ref: str
    head_ref: str
    base: str
    head: str
    title: str = "A change"
    state: str = "open"
    merged: bool = False
    draft: bool = False
    fork: bool = False
    commits: list[str] = field(default_factory=list)
    """Every head that it ever had, oldest first."""


@dataclass(slots=True)
class ReviewComment:
    """A comment on a line, or a reply, in its thread's place. `author` is "" for an account that is gone."""

    id: int
    node_id: str
    thread: str
    review: int
    author: str
    body: str
    created_at: str
    updated_at: str
    minimized: str = ""


@dataclass(slots=True)
class Thread:
    """A place in a diff with its comments, oldest first. `line` None: the file as a whole."""

    node_id: str
    pull: int
    path: str
    commit: str
    base: str
    """The merge base at that time: a line of the left side is one of its file."""
    line: int | None
    side: str
    start_line: int | None
    start_side: str | None
    hunk: str
    comments: list[ReviewComment] = field(default_factory=list)
    resolved_by: str | None = None

    @property
    def resolved(self) -> bool:
        """Whether it is resolved."""
        return self.resolved_by is not None


@dataclass(slots=True)
class Review:
    """A review. `state` is PENDING, COMMENTED, APPROVED or CHANGES_REQUESTED."""

    id: int
    node_id: str
    pull: int
    author: str
    body: str
    state: str
    commit: str
    submitted_at: str


@dataclass(slots=True)
class IssueComment:
    """A comment on a pull request as a whole."""

    id: int
    node_id: str
    pull: int
    author: str
    body: str
    created_at: str
    updated_at: str
    minimized: str = ""


@dataclass(slots=True)
class CheckRun:
    """A check run with all annotations that were sent for it."""

    id: int
    node_id: str
    app: str
    name: str
    head_sha: str
    status: str
    conclusion: str | None
    external_id: str
    title: str | None
    summary: str | None
    text: str | None
    started_at: str
    completed_at: str | None
    annotations: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class Sarif:
    """An upload to code scanning: the document as it was before compression and base64."""

    id: str
    commit: str
    ref: str
    document: Any


@dataclass(slots=True)
class Reaction:
    """A reaction to a comment, by the comment's node id."""

    id: int
    subject: str
    author: str
    content: str


@dataclass(slots=True)
class Limits:
    """Where GitHub stops. A test may lower them."""

    diff_files: int = 300
    diff_lines: int = 20_000
    listed_files: int = 3_000
    patch_lines: int = 3_000
    """Above it a file has no `patch`. GitHub publishes no figure."""
    body: int = 65_536
    blob_text: int = 512_000
    """Bytes of a blob's text that GraphQL gives."""
    content: int = 1_000_000
    """Bytes of a file that the contents API gives as base64."""
    primary: int = 1_000
    """Requests an hour."""
    creations_a_minute: int = 80
    points_a_minute: int = 900


@dataclass(slots=True)
class World:
    """All of one repository on GitHub."""

    owner: str
    name: str
    private: bool = False
    refs: dict[str, str] = field(default_factory=dict)
    """Branches by name."""
    roles: dict[str, str] = field(default_factory=dict)
    """What each account may: none, read, triage, write, maintain, admin. Who is not here does not exist."""
    tokens: dict[str, Token] = field(default_factory=dict)
    pulls: dict[int, PullRequest] = field(default_factory=dict)
    threads: list[Thread] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    issue_comments: list[IssueComment] = field(default_factory=list)
    check_runs: list[CheckRun] = field(default_factory=list)
    statuses: list[dict[str, Any]] = field(default_factory=list)
    sarifs: list[Sarif] = field(default_factory=list)
    reactions: list[Reaction] = field(default_factory=list)
    limits: Limits = field(default_factory=Limits)
    last_id: int = 3_000_000_000
    """Numbers as big as those of today: they do not fit into 32 bits, so that GraphQL's `databaseId` is null."""
    accounts: dict[str, int] = field(default_factory=dict)
    """Numbers of accounts, given when they are first seen."""

    @property
    def full_name(self) -> str:
        """owner/name."""
        return f"{self.owner}/{self.name}"

    def next_id(self) -> int:
        """A number that nothing has yet."""
        self.last_id += 1
        return self.last_id

    def account(self, login: str) -> int:
        """An account's number."""
        return self.accounts.setdefault(login, 100 + len(self.accounts))

    def may_write(self, login: str) -> bool:
        """Whether an account may push to the repository."""
        return ROLES.index(self.roles.get(login, "none")) >= ROLES.index("write")

    def remarks(self, pull: int) -> list[IssueComment]:
        """The comments on a pull request as a whole."""
        return [comment for comment in self.issue_comments if comment.pull == pull]

    def threads_of(self, pull: int) -> list[Thread]:
        """The threads of a pull request."""
        return [thread for thread in self.threads if thread.pull == pull]

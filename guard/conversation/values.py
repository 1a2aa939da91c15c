"""What stands on a pull request, and what can be done to it: values that any host can fill in and perform."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Remark:
    """One comment. `id` is the host's; `author` is the host's name of an account, "" for one that is gone."""

    id: str
    body: str
    author: str
    ours: bool = False
    """Written by the account we run as: a marker alone proves nothing, anybody can paste it."""


@dataclass(frozen=True, slots=True)
class Thread:
    """A comment on a line with its replies, oldest first; never empty."""

    id: str
    remarks: tuple[Remark, ...]
    path: str
    line: int | None
    """The line it stands on in the newest head, None where that line left the diff."""
    resolved: bool = False
    resolver: str = ""
    """Who resolved it, "" where nobody did or nobody knows."""
    resolved_by_us: bool = False
    can_resolve: bool = False
    """Whether our token may resolve it."""
    can_reopen: bool = False

    def __post_init__(self) -> None:
        if not self.remarks:
            raise ValueError(f"thread {self.id} has no remark")


class Conclusion(StrEnum):
    """What a check says. Never `success` when something was not looked at."""

    SUCCESS = "success"
    FAILURE = "failure"
    NEUTRAL = "neutral"
    ACTION_REQUIRED = "action_required"


@dataclass(frozen=True, slots=True)
class Check:
    """Our check on the head as it stands: `digest` tells whether it already says what it should."""

    id: str
    conclusion: str
    digest: str


@dataclass(frozen=True, slots=True)
class PullRequest:
    """The pull request itself. `head` and `base` are the newest commits of its two branches."""

    number: int
    head: str
    base: str
    author: str
    open: bool = True
    draft: bool = False
    from_fork: bool = False


@dataclass(frozen=True, slots=True)
class Conversation:
    """All that was said on a pull request that bears on ours."""

    pull: PullRequest
    threads: tuple[Thread, ...] = ()
    remarks: tuple[Remark, ...] = ()
    """Comments on the pull request as a whole, oldest first."""
    check: Check | None = None
    writers: frozenset[str] = frozenset()
    """Accounts that may write to the repository, among those whose words matter (`words.speakers`)."""


# -- actions ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class InlineComment:
    """A comment on lines `start_line`..`line` of the new side; equal for a single line."""

    path: str
    start_line: int
    line: int
    body: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class PostReview:
    """One review with all new inline comments: one notification. A place that the host refuses costs only that comment's place."""

    head: str
    body: str
    comments: tuple[InlineComment, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply in a thread. `to` is the id of the thread's first remark."""

    thread: str
    to: str
    body: str


@dataclass(frozen=True, slots=True)
class Resolve:
    """Resolve a thread."""

    thread: str


@dataclass(frozen=True, slots=True)
class Reopen:
    """Unresolve a thread."""

    thread: str


@dataclass(frozen=True, slots=True)
class RemoveInline:
    """Delete an inline comment of ours that says again what an older one says (two runs at the same time)."""

    remark: str


@dataclass(frozen=True, slots=True)
class PostRemark:
    """A comment on the pull request as a whole: the summary, or an answer to a command."""

    body: str


@dataclass(frozen=True, slots=True)
class EditRemark:
    """Change a comment of ours in place."""

    remark: str
    body: str


@dataclass(frozen=True, slots=True)
class RemoveRemark:
    """Delete a comment of ours that another run wrote as well."""

    remark: str


@dataclass(frozen=True, slots=True)
class Annotation:
    """One line of a check's details. `level` is notice, warning or failure."""

    path: str
    line: int
    end_line: int
    level: str
    title: str
    message: str


@dataclass(frozen=True, slots=True)
class SetCheck:
    """Write our check on the head: a new one, or `id` anew."""

    head: str
    conclusion: Conclusion
    title: str
    summary: str
    text: str
    digest: str
    annotations: tuple[Annotation, ...] = ()
    id: str = ""


Action = PostReview | Reply | Resolve | Reopen | RemoveInline | PostRemark | EditRemark | RemoveRemark | SetCheck


class Outcome(StrEnum):
    """What became of an action."""

    DONE = "done"
    REFUSED = "refused"
    """The host will not have it (a line outside its diff, something gone): nothing was written."""
    FORBIDDEN = "forbidden"
    """The token may not."""
    UNSURE = "unsure"
    """The connection was cut: it may have been written or not. Read again before doing anything."""

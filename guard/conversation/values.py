"""What stands on a pull request, and what can be done to it: values that any host can fill in and perform."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Remark(Struct, frozen=True):
    """One comment. `id` is the host's; `author` is the host's name of an account, "" for one that is gone."""

    id: str
    body: str
    author: str
    ours: bool = False
    """Written by the account we run as: a marker alone proves nothing, anybody can paste it."""


class Thread(Struct, frozen=True):
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


class Check(Struct, frozen=True):
    """Our check on the head as it stands: `digest` tells whether it already says what it should."""

    id: str
    conclusion: str
    digest: str


class PullRequest(Struct, frozen=True):
    """The pull request itself. `head` and `base` are the newest commits of its two branches."""

    number: int
    head: str
    base: str
    author: str
    open: bool = True
    draft: bool = False
    from_fork: bool = False


class Conversation(Struct, frozen=True):
    """All that was said on a pull request that bears on ours."""

    pull: PullRequest
    threads: tuple[Thread, ...] = ()
    remarks: tuple[Remark, ...] = ()
    """Comments on the pull request as a whole, oldest first."""
    check: Check | None = None
    writers: frozenset[str] = frozenset()
    """Accounts that may write to the repository, among those whose words matter (`words.speakers`)."""


# -- actions ----------------------------------------------------------------------------------------------------------


class InlineComment(Struct, frozen=True):
    """A comment on lines `start_line`..`line` of the new side; equal for a single line."""

    path: str
    start_line: int
    line: int
    body: str
    fingerprint: str


class PostReview(Struct, frozen=True):
    """One review with all new inline comments: one notification. A place that the host refuses costs only that comment's place."""

    head: str
    body: str
    comments: tuple[InlineComment, ...]


class Reply(Struct, frozen=True):
    """A reply in a thread. `to` is the id of the thread's first remark."""

    thread: str
    to: str
    body: str


class Resolve(Struct, frozen=True):
    """Resolve a thread."""

    thread: str


class Reopen(Struct, frozen=True):
    """Unresolve a thread."""

    thread: str


class RemoveInline(Struct, frozen=True):
    """Delete an inline comment of ours that says again what an older one says (two runs at the same time)."""

    remark: str


class PostRemark(Struct, frozen=True):
    """A comment on the pull request as a whole: the summary, or an answer to a command."""

    body: str


class EditRemark(Struct, frozen=True):
    """Change a comment of ours in place."""

    remark: str
    body: str


class RemoveRemark(Struct, frozen=True):
    """Delete a comment of ours that another run wrote as well."""

    remark: str


class Annotation(Struct, frozen=True):
    """One line of a check's details. `level` is notice, warning or failure."""

    path: str
    line: int
    end_line: int
    level: str
    title: str
    message: str


class SetCheck(Struct, frozen=True):
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

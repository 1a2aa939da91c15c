"""Making a pull request say what it should: plan, perform, look again, until there is nothing left to do. Knows no host.

Whatever another run does at the same time, and wherever this one was cut off, the next look tells what is left.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from guard.conversation import Terms
from guard.conversation.values import (
    Action,
    Conversation,
    EditRemark,
    InlineComment,
    Outcome,
    PostRemark,
    PostReview,
    RemoveInline,
    RemoveRemark,
    Reopen,
    Reply,
    Resolve,
    SetCheck,
)
from guard.integrations.hosting import Host

MOST_ROUNDS = 8
"""The first, one that looks whether another run wrote the same, three for what the token may not, three for what went wrong."""

_ENOUGH = 2

Decide = Callable[[Conversation, Terms], Sequence[Action]]
Say = Callable[[str], None]


class Posted(Struct):
    """What became of it."""

    conversation: Conversation
    terms: Terms
    superseded: bool = False
    """A newer head was pushed meanwhile: nothing more was written."""
    performed: list[Action] = field(default_factory=list)
    muted: bool = False
    """The token may not comment."""
    settled: bool = True
    """False if something was left to do after the last round."""
    refused: Counter[Action] = field(default_factory=Counter)
    """What the host would not do, how often: twice is enough."""

    @property
    def check(self) -> SetCheck | None:
        """The check that was written, if one was."""
        return next((action for action in reversed(self.performed) if isinstance(action, SetCheck)), None)


def converge(host: Host, decide: Decide, conversation: Conversation, terms: Terms, say: Say, *, head: str = "") -> Posted:
    """Perform what `decide` says until it says nothing more. `head` is what was reviewed: if it moved, nothing is written."""
    posted = Posted(conversation, terms)
    for number in range(MOST_ROUNDS):
        actions = _left(decide, posted)
        if not actions:
            return posted
        if head and (host.head() if not number else posted.conversation.pull.head) != head:
            posted.superseded = True
            say("a newer commit was pushed meanwhile; this review is dropped, the newer one's counts")
            return posted
        if not _round(host, actions, posted, say):
            return posted
        posted.conversation = host.conversation()
    posted.settled = not _left(decide, posted)
    return posted


def _left(decide: Decide, posted: Posted) -> list[Action]:
    """What there is to do that the host does not refuse for good."""
    actions = decide(posted.conversation, posted.terms)
    return [action for action in actions if posted.refused[action] < _ENOUGH and not (posted.muted and _comments(action))]


def _round(host: Host, actions: Sequence[Action], posted: Posted, say: Say) -> bool:
    """Perform a plan, in order, up to the first thing that is not done; gives whether to look again."""
    again = False
    for action in actions:
        outcome = _review(host, action, posted, say) if isinstance(action, PostReview) else host.perform(action)
        if outcome is not Outcome.DONE:
            if outcome is Outcome.UNSURE:
                say("the connection was cut after something was sent; looking again before anything else is done")
            elif outcome is Outcome.FORBIDDEN:
                _forbidden(action, posted, say)
            else:
                _refused(action, posted, say)
            return True
        posted.performed.append(action)
        again |= isinstance(action, PostReview | PostRemark | Reply)
    return again


def _refused(action: Action, posted: Posted, say: Say) -> None:
    """What was refused once may be gone or done by now, which the next look tells; what is refused again is given up."""
    if isinstance(action, PostReview):
        return  # its halves told which places they were
    posted.refused[action] += 1
    if posted.refused[action] == _ENOUGH:
        say(f"the host refuses something that should be written ({type(action).__name__}); it is left out")
        if isinstance(action, SetCheck):
            posted.terms = replace(posted.terms, may_check=False)


def _review(host: Host, review: PostReview, posted: Posted, say: Say) -> Outcome:
    """Post a review. One place that is refused costs only that comment's place: halves tell which it is."""
    outcome = host.perform(review)
    if outcome is not Outcome.REFUSED:
        return outcome
    if len(review.comments) <= 1:
        posted.terms = replace(posted.terms, unplaced=posted.terms.unplaced | _fingerprints(review.comments))
        say(f"no comment could be placed on {_places(review.comments)}; the summary says it instead")
        return Outcome.REFUSED
    middle = len(review.comments) // 2
    for half in (review.comments[:middle], review.comments[middle:]):
        outcome = _review(host, replace(review, comments=half), posted, say)
        if outcome in (Outcome.UNSURE, Outcome.FORBIDDEN):
            return outcome
    return Outcome.REFUSED


def _forbidden(action: Action, posted: Posted, say: Say) -> None:
    """Take note of what the token may not do: the next plan is another one."""
    match action:
        case Resolve() | Reopen():
            say("the token may not resolve threads (that takes contents: write); replies say what was fixed")
            posted.terms = replace(posted.terms, may_resolve=False)
        case SetCheck():
            say("the token may write no check (that takes checks: write); the exit status carries the verdict")
            posted.terms = replace(posted.terms, may_check=False)
        case _:
            say("the token may not comment here (a fork's can not); the job's summary and the exit status carry the verdict")
            posted.muted = True


def _comments(action: Action) -> bool:
    """Whether an action speaks in the conversation."""
    return isinstance(action, PostReview | PostRemark | Reply | EditRemark | RemoveInline | RemoveRemark)


def _fingerprints(comments: Sequence[InlineComment]) -> frozenset[str]:
    return frozenset(comment.fingerprint for comment in comments)


def _places(comments: Sequence[InlineComment]) -> str:
    return ", ".join(f"{comment.path}:{comment.line}" for comment in comments)

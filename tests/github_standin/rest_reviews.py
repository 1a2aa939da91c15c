"""REST: reviews and comments on lines.

https://docs.github.com/en/rest/pulls/reviews and …/rest/pulls/comments
"""

from __future__ import annotations

from typing import Any

from github_standin import views
from github_standin.anchors import Place, belongs, placed
from github_standin.calls import Call, handles
from github_standin.exchange import Answer, RefusalError, invalid, invalid_field, not_found
from github_standin.world import Review, ReviewComment, Thread

_STATES = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED", "": "PENDING"}
_ONE_PENDING = "User can only have one pending review per pull request"


@handles("pulls/create-review")
def _create_review(call: Call) -> Answer:
    """All of it or nothing: every comment's place is looked at before anything is written."""
    call.writes("pull_requests")
    pull, body = call.pull, call.body or {}
    event, text = body.get("event", ""), body.get("body", "")
    comments: list[dict[str, Any]] = body.get("comments", [])
    _refuse_second_pending(call)
    if event == "REQUEST_CHANGES" and not text:
        raise invalid("Body can't be blank")
    if event == "COMMENT" and not text and not comments:
        raise invalid("Body can't be blank")
    if event in ("APPROVE", "REQUEST_CHANGES") and pull.author == call.login:
        raise invalid(f"Can not {event.lower().replace('_', ' ')} your own pull request")
    call.checked_body(text, "PullRequestReview")
    commit = _commit(call, body.get("commit_id", pull.head))
    places = [_placed(call, commit, comment) for comment in comments]
    review = call.hub.new_review(pull, call.login, text, _STATES[event], commit)
    for place, comment in zip(places, comments, strict=True):
        call.hub.new_thread(pull, commit, place, call.login, comment["body"], review.id)
    return Answer(200, views.review(call.hub, review))


def _refuse_second_pending(call: Call) -> None:
    if any(one.pull == call.pull.number and one.author == call.login and one.state == "PENDING" for one in call.world.reviews):
        raise invalid(_ONE_PENDING)


def _commit(call: Call, commit: str) -> str:
    """The commit that a comment is for. Raises 422 if it is none of the pull request's."""
    if not call.hub.git.has(commit) or not belongs(call.hub, call.pull, commit):
        raise invalid("End commit oid is not part of the pull request")
    return commit


def _placed(call: Call, commit: str, comment: dict[str, Any]) -> Place:
    if not comment["body"].strip():
        raise invalid("Body can't be blank")
    call.checked_body(comment["body"], "PullRequestReviewComment")
    if "position" in comment:
        call.hub.violated("`position` is being retired: give `line` and `side`")
    place = placed(call.hub, call.pull, commit, comment)
    if isinstance(place, list):
        raise invalid(" and ".join(place) if len(place) < 3 else f"{', '.join(place[:-1])}, and {place[-1]}")
    return place


@handles("pulls/list-reviews")
def _list_reviews(call: Call) -> Answer:
    call.reads("pull_requests")
    number = call.pull.number
    shown = [one for one in call.world.reviews if one.pull == number and _sees(call, one)]
    page, headers = call.page(shown)
    return Answer(body=[views.review(call.hub, one) for one in page], headers=headers)


def _sees(call: Call, review: Review) -> bool:
    """A pending review is its author's alone."""
    return review.state != "PENDING" or (call.token is not None and call.token.login == review.author)


@handles("pulls/delete-pending-review")
def _delete_pending(call: Call) -> Answer:
    call.writes("pull_requests")
    review = _review(call)
    if review.state != "PENDING":
        raise invalid("Can not delete a non-pending pull request review")
    call.world.reviews.remove(review)
    call.world.threads[:] = [thread for thread in call.world.threads if thread.comments[0].review != review.id]
    return Answer(body=views.review(call.hub, review))


@handles("pulls/submit-review")
def _submit(call: Call) -> Answer:
    call.writes("pull_requests")
    review = _review(call)
    review.state, review.body = _STATES[call.body["event"]], call.body.get("body", review.body)
    return Answer(body=views.review(call.hub, review))


def _review(call: Call) -> Review:
    number = int(call.path["review_id"])
    found = next((one for one in call.world.reviews if one.id == number and _sees(call, one)), None)
    if found is None:
        raise not_found()
    return found


# -- single comments ----------------------------------------------------------------------------------------------------


@handles("pulls/create-review-comment")
def _create_comment(call: Call) -> Answer:
    call.writes("pull_requests")
    body = call.body
    if "in_reply_to" in body:
        return _reply(call, body["in_reply_to"], body["body"])
    _refuse_second_pending(call)
    if not call.hub.git.has(body["commit_id"]) or not belongs(call.hub, call.pull, body["commit_id"]):
        message = "end_commit_oid is not part of the pull request"
        raise invalid_field("PullRequestReviewComment", "pull_request_review_thread.end_commit_oid", message)
    if "position" in body:
        call.hub.violated("`position` is being retired: give `line` and `side`")
    call.checked_body(body["body"], "PullRequestReviewComment")
    place = placed(call.hub, call.pull, body["commit_id"], body)
    if isinstance(place, list):
        raise invalid_field("PullRequestReviewComment", "pull_request_review_thread.line", place[0])
    review = call.hub.new_review(call.pull, call.login, "", "COMMENTED", body["commit_id"])
    thread = call.hub.new_thread(call.pull, body["commit_id"], place, call.login, body["body"], review.id)
    return _created(call, thread, thread.comments[0])


@handles("pulls/create-reply-for-review-comment")
def _create_reply(call: Call) -> Answer:
    call.writes("pull_requests")
    return _reply(call, int(call.path["comment_id"]), call.body["body"])


def _reply(call: Call, to: int, text: str) -> Answer:
    """Only the first comment of a thread can be replied to."""
    found = call.hub.find_comment(to)
    if found is None or found[0].pull != call.pull.number:
        raise not_found()
    thread, comment = found
    if thread.comments[0] is not comment:
        raise invalid_field("PullRequestReviewComment", "in_reply_to", "in_reply_to must be the first comment of a thread")
    call.checked_body(text, "PullRequestReviewComment")
    review = call.hub.new_review(call.pull, call.login, "", "COMMENTED", call.pull.head)
    return _created(call, thread, call.hub.new_reply(thread, call.login, text, review.id))


def _created(call: Call, thread: Thread, comment: ReviewComment) -> Answer:
    view = views.review_comment(call.hub, thread, comment)
    return Answer(201, view, {"location": view["url"]})


@handles("pulls/list-review-comments")
def _list_comments(call: Call) -> Answer:
    call.reads("pull_requests")
    shown = [(thread, comment) for thread in call.world.threads_of(call.pull.number) for comment in thread.comments]
    hidden = {one.id for one in call.world.reviews if not _sees(call, one)}
    shown = sorted((pair for pair in shown if pair[1].review not in hidden), key=lambda pair: pair[1].id)
    page, headers = call.page(shown)
    return Answer(body=[views.review_comment(call.hub, thread, comment) for thread, comment in page], headers=headers)


def _found(call: Call) -> tuple[Thread, ReviewComment]:
    found = call.hub.find_comment(int(call.path["comment_id"]))
    if found is None:
        raise not_found()
    return found


@handles("pulls/get-review-comment")
def _get_comment(call: Call) -> Answer:
    call.reads("pull_requests")
    return Answer(body=views.review_comment(call.hub, *_found(call)))


@handles("pulls/update-review-comment")
def _update_comment(call: Call) -> Answer:
    thread, comment = _found(call)
    call.writes_what_is_of(comment.author, "pull_requests")
    comment.body, comment.updated_at = call.checked_body(call.body["body"], "PullRequestReviewComment"), call.hub.stamp()
    return Answer(body=views.review_comment(call.hub, thread, comment))


@handles("pulls/delete-review-comment")
def _delete_comment(call: Call) -> Answer:
    """A thread without comments is no thread any more."""
    thread, comment = _found(call)
    call.writes_what_is_of(comment.author, "pull_requests")
    thread.comments.remove(comment)
    if not thread.comments:
        call.world.threads.remove(thread)
    return Answer(204)


@handles("pulls/list-comments-for-review")
def _comments_of_review(call: Call) -> Answer:
    review = _review(call)
    shown = [(thread, one) for thread in call.world.threads for one in thread.comments if one.review == review.id]
    page, headers = call.page(shown)
    listed = [views.review_comment(call.hub, thread, comment, "review-comment") for thread, comment in page]
    return Answer(body=listed, headers=headers)


@handles("pulls/get-review")
def _get_review(call: Call) -> Answer:
    call.reads("pull_requests")
    return Answer(body=views.review(call.hub, _review(call)))


@handles("pulls/update-review")
def _update_review(call: Call) -> Answer:
    review = _review(call)
    call.writes_what_is_of(review.author, "pull_requests")
    if review.state == "PENDING" or not review.body:
        raise RefusalError(422, "Could not update the review body")
    review.body = call.checked_body(call.body["body"], "PullRequestReview")
    return Answer(body=views.review(call.hub, review))

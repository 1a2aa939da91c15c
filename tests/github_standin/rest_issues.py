"""REST: comments on the pull request as a whole, and reactions.

https://docs.github.com/en/rest/issues/comments, …/rest/reactions
"""

from __future__ import annotations

from github_standin import views
from github_standin.calls import Call, handles
from github_standin.contract import filled
from github_standin.exchange import Answer, invalid_field, not_found
from github_standin.world import IssueComment, Reaction

_EITHER = ("issues", "pull_requests")


@handles("issues/list-comments")
def _list(call: Call) -> Answer:
    call.reads(*_EITHER)
    page, headers = call.page(call.world.remarks(call.pull.number))
    return Answer(body=[views.issue_comment(call.hub, comment) for comment in page], headers=headers)


@handles("issues/create-comment")
def _create(call: Call) -> Answer:
    call.writes(*_EITHER)
    pull, text = call.pull, call.checked_body(call.body["body"], "IssueComment")
    if not text.strip():
        raise invalid_field("IssueComment", "data", "Body can't be blank")
    comment = call.hub.new_issue_comment(pull, call.login, text)
    return Answer(201, views.issue_comment(call.hub, comment))


def _found(call: Call) -> IssueComment:
    number = int(call.path["comment_id"])
    found = next((comment for comment in call.world.issue_comments if comment.id == number), None)
    if found is None:
        raise not_found()
    return found


@handles("issues/get-comment")
def _get(call: Call) -> Answer:
    call.reads(*_EITHER)
    return Answer(body=views.issue_comment(call.hub, _found(call)))


@handles("issues/update-comment")
def _update(call: Call) -> Answer:
    comment = _found(call)
    call.writes_what_is_of(comment.author, *_EITHER)
    comment.body, comment.updated_at = call.checked_body(call.body["body"], "IssueComment"), call.hub.stamp()
    return Answer(body=views.issue_comment(call.hub, comment))


@handles("issues/delete-comment")
def _delete(call: Call) -> Answer:
    comment = _found(call)
    call.writes_what_is_of(comment.author, *_EITHER)
    call.world.issue_comments.remove(comment)
    return Answer(204)


# -- reactions ----------------------------------------------------------------------------------------------------------


@handles("reactions/create-for-issue-comment")
def _react_to_issue_comment(call: Call) -> Answer:
    call.writes(*_EITHER)
    return _react(call, _found(call).node_id)


@handles("reactions/create-for-pull-request-review-comment")
def _react_to_review_comment(call: Call) -> Answer:
    call.writes("pull_requests")
    found = call.hub.find_comment(int(call.path["comment_id"]))
    if found is None:
        raise not_found()
    return _react(call, found[1].node_id)


def _react(call: Call, subject: str) -> Answer:
    """The same reaction again is the one that is there: 200."""
    content = call.body["content"]
    for one in call.world.reactions:
        if (one.subject, one.author, one.content) == (subject, call.login, content):
            return Answer(200, _view(call, one))
    reaction = Reaction(call.world.next_id(), subject, call.login, content)
    call.world.reactions.append(reaction)
    return Answer(201, _view(call, reaction))


@handles("reactions/list-for-issue-comment")
def _reactions(call: Call) -> Answer:
    subject = _found(call).node_id
    page, headers = call.page([one for one in call.world.reactions if one.subject == subject])
    return Answer(body=[_view(call, one) for one in page], headers=headers)


def _view(call: Call, reaction: Reaction) -> dict[str, object]:
    account = views.user(call.hub, reaction.author)
    return filled(
        "reaction",
        id=reaction.id,
        node_id=f"REA_{reaction.id}",
        user=account,
        content=reaction.content,
        created_at=call.hub.stamp(),
    )

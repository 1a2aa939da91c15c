"""GraphQL's mutations that a reviewer needs.

https://docs.github.com/en/graphql/reference/mutations
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from github_standin import nodes
from github_standin.viewing import GraphRefusalError, Node, Viewer

if TYPE_CHECKING:
    from github_standin.world import Thread

_REASONS = {"OFF_TOPIC": "off-topic"}


def mutations(viewer: Viewer) -> dict[str, Callable[..., Node]]:
    """The mutations by name."""
    return {
        "resolveReviewThread": lambda input: _resolve(viewer, input, resolved=True),  # noqa: A006 - the schema's word
        "unresolveReviewThread": lambda input: _resolve(viewer, input, resolved=False),  # noqa: A006
        "addPullRequestReviewThreadReply": lambda input: _reply(viewer, input),  # noqa: A006
        "minimizeComment": lambda input: _minimize(viewer, input),  # noqa: A006
    }


def _thread(viewer: Viewer, wanted: str) -> Thread:
    for thread in viewer.hub.world.threads:
        if thread.node_id == wanted:
            return thread
    raise GraphRefusalError(f"Could not resolve to a node with the global id of '{wanted}'", "NOT_FOUND")


def _resolve(viewer: Viewer, given: dict[str, Any], *, resolved: bool) -> Node:
    thread = _thread(viewer, given["threadId"])
    if not viewer.may_resolve(viewer.hub.world.pulls[thread.pull]):
        viewer.needs("contents", "pull_requests")
    if resolved and not thread.resolved:
        thread.resolved_by = viewer.token.login
    elif not resolved:
        thread.resolved_by = None
    return {"clientMutationId": given.get("clientMutationId"), "thread": nodes.review_thread(viewer, thread)}


def _reply(viewer: Viewer, given: dict[str, Any]) -> Node:
    hub, thread = viewer.hub, _thread(viewer, given["pullRequestReviewThreadId"])
    if not viewer.may_comment():
        viewer.needs("pull_requests")
    if len(given["body"]) > hub.world.limits.body:
        raise GraphRefusalError(f"Body is too long (maximum is {hub.world.limits.body} characters)", "UNPROCESSABLE")
    pull = hub.world.pulls[thread.pull]
    review = hub.new_review(pull, viewer.token.login, "", "COMMENTED", pull.head)
    comment = hub.new_reply(thread, viewer.token.login, given["body"], review.id)
    return {"clientMutationId": given.get("clientMutationId"), "comment": nodes.review_comment(viewer, thread, comment)}


def _minimize(viewer: Viewer, given: dict[str, Any]) -> Node:
    viewer.needs("pull_requests")
    world, wanted = viewer.hub.world, given["subjectId"]
    reason = _REASONS.get(given["classifier"], given["classifier"].lower())
    for thread in world.threads:
        for comment in thread.comments:
            if comment.node_id == wanted:
                comment.minimized = reason
                return {"clientMutationId": None, "minimizedComment": nodes.review_comment(viewer, thread, comment)}
    for remark in world.issue_comments:
        if remark.node_id == wanted:
            remark.minimized = reason
            return {"clientMutationId": None, "minimizedComment": nodes.issue_comment(viewer, remark)}
    raise GraphRefusalError(f"Could not resolve to a node with the global id of '{wanted}'", "NOT_FOUND")

"""GraphQL's nodes as values: fields that cost something, or take arguments, are functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from github_standin import views
from github_standin.anchors import diff_at, standing
from github_standin.commits import check_run, commit, git_object, ref, small
from github_standin.viewing import GraphRefusalError, Node, Viewer, actor, connection, user

if TYPE_CHECKING:
    from github_standin.world import IssueComment, PullRequest, Review, ReviewComment, Thread

# -- roots --------------------------------------------------------------------------------------------------------------


def root(viewer: Viewer) -> Node:
    """Queries and mutations."""
    from github_standin.mutations import mutations

    return {
        "viewer": user(viewer, viewer.token.login),
        "repository": lambda owner, name, **_: _repository(viewer, owner, name),
        "node": lambda id: _node(viewer, id),  # noqa: A006 - the schema's word
        "nodes": lambda ids: [_node(viewer, one) for one in ids],
        "rateLimit": lambda **_: _rate_limit(viewer),
        **mutations(viewer),
    }


def _rate_limit(viewer: Viewer) -> Node:
    told = viewer.hub.limit_told(viewer.token, "graphql")
    return {**told, "cost": 1, "nodeCount": 1, "resetAt": viewer.hub.stamp()}


def _node(viewer: Viewer, wanted: str) -> Node:
    world = viewer.hub.world
    for thread in world.threads:
        if thread.node_id == wanted:
            return review_thread(viewer, thread)
        for comment in thread.comments:
            if comment.node_id == wanted:
                return review_comment(viewer, thread, comment)
    for remark in world.issue_comments:
        if remark.node_id == wanted:
            return issue_comment(viewer, remark)
    for run in world.check_runs:
        if run.node_id == wanted:
            return check_run(viewer, run)
    for pull in world.pulls.values():
        if f"PR_{pull.number}" == wanted:
            return pull_request(viewer, pull)
    raise GraphRefusalError(f"Could not resolve to a node with the global id of '{wanted}'", "NOT_FOUND")


def _repository(viewer: Viewer, owner: str, name: str) -> Node:
    world = viewer.hub.world
    hidden = world.private and not viewer.token.is_integration and world.roles.get(viewer.token.login, "none") == "none"
    if f"{owner}/{name}".lower() != world.full_name.lower() or hidden:
        raise GraphRefusalError(f"Could not resolve to a Repository with the name '{owner}/{name}'.", "NOT_FOUND")
    return _this_repository(viewer)


def _this_repository(viewer: Viewer) -> Node:
    world = viewer.hub.world

    def pull(number: int) -> Node:
        if number not in world.pulls:
            raise GraphRefusalError(f"Could not resolve to a PullRequest with the number of {number}.", "NOT_FOUND")
        viewer.reads("pull_requests")
        return pull_request(viewer, world.pulls[number])

    return {
        "__typename": "Repository",
        "id": "R_1",
        "databaseId": 1,
        "name": world.name,
        "nameWithOwner": world.full_name,
        "isPrivate": world.private,
        "owner": user(viewer, world.owner),
        "url": f"{viewer.hub.site}/{world.full_name}",
        "defaultBranchRef": lambda: ref(viewer, "main"),
        "viewerPermission": (
            None
            if viewer.token.is_integration
            else {"none": None}.get(*[world.roles.get(viewer.token.login, "none").upper()] * 2)
        ),
        "pullRequest": pull,
        "object": lambda expression=None, oid=None: git_object(viewer, expression or oid or ""),
        "ref": lambda qualifiedName: ref(viewer, qualifiedName.removeprefix("refs/heads/")),  # noqa: N803 - the schema's word
    }


# -- pull requests ------------------------------------------------------------------------------------------------------


def pull_request(viewer: Viewer, pull: PullRequest) -> Node:
    """A pull request."""
    hub, world = viewer.hub, viewer.hub.world
    hidden = {one.id for one in world.reviews if one.state == "PENDING" and one.author != viewer.token.login}
    threads = [thread for thread in world.threads_of(pull.number) if thread.comments[0].review not in hidden]
    reviews = [one for one in world.reviews if one.pull == pull.number and one.id not in hidden]
    changes = diff_at(hub, pull, pull.head)
    return {
        "__typename": "PullRequest",
        "id": f"PR_{pull.number}",
        "fullDatabaseId": str(5000 + pull.number),
        "number": pull.number,
        "title": pull.title,
        "body": "",
        "state": "MERGED" if pull.merged else pull.state.upper(),
        "closed": pull.state == "closed",
        "merged": pull.merged,
        "isDraft": pull.draft,
        "isCrossRepository": pull.fork,
        "locked": False,
        "mergeable": "MERGEABLE",
        "mergeStateStatus": "DRAFT" if pull.draft else "CLEAN",
        "author": actor(viewer, pull.author) if pull.author else None,
        "authorAssociation": views.association(hub, pull.author, pull),
        "headRefOid": pull.head,
        "headRefName": pull.head_ref,
        "headRef": None if pull.fork else {"name": pull.head_ref, "target": commit(viewer, pull.head)},
        "baseRefOid": pull.base,
        "baseRefName": pull.base_ref,
        "baseRef": lambda: ref(viewer, pull.base_ref),
        "repository": lambda: _this_repository(viewer),
        "url": f"{hub.site}/{world.full_name}/pull/{pull.number}",
        "changedFiles": len(changes),
        "additions": sum(change.additions for change in changes),
        "deletions": sum(change.deletions for change in changes),
        "viewerDidAuthor": pull.author == viewer.token.login,
        "commits": connection([pull.head], lambda sha: {"id": f"PRC_{sha}", "commit": commit(viewer, sha)}),
        "files": connection(
            changes, lambda change: {"path": change.path, "additions": change.additions, "deletions": change.deletions}
        ),
        "reviewThreads": connection(threads, lambda thread: review_thread(viewer, thread)),
        "reviews": connection(reviews, lambda one: _review(viewer, one)),
        "comments": connection(world.remarks(pull.number), lambda comment: issue_comment(viewer, comment)),
    }


def review_thread(viewer: Viewer, thread: Thread) -> Node:
    """A thread, where it stands now."""
    pull, now = viewer.hub.world.pulls[thread.pull], standing(viewer.hub, thread)
    may = viewer.may_resolve(pull)
    return {
        "__typename": "PullRequestReviewThread",
        "id": thread.node_id,
        "isResolved": thread.resolved,
        "isCollapsed": thread.resolved,
        "isOutdated": now.outdated,
        "path": thread.path,
        "line": now.line,
        "startLine": now.start_line,
        "originalLine": thread.line,
        "originalStartLine": thread.start_line,
        "diffSide": thread.side,
        "startDiffSide": thread.start_side,
        "subjectType": "FILE" if thread.line is None else "LINE",
        "viewerCanResolve": may and not thread.resolved,
        "viewerCanUnresolve": may and thread.resolved,
        "viewerCanReply": viewer.may_comment(),
        "resolvedBy": lambda: _resolver(viewer, thread.resolved_by),
        "comments": connection(thread.comments, lambda comment: review_comment(viewer, thread, comment)),
        "pullRequest": lambda: pull_request(viewer, pull),
    }


def _resolver(viewer: Viewer, login: str | None) -> Node | None:
    shown = viewer.hub.bot_resolver
    if login is None or not login.endswith("[bot]") or shown == "":
        return None if login is None else user(viewer, login)
    return None if shown is None else user(viewer, login) | {"login": shown}


def _comment(viewer: Viewer, one: ReviewComment | IssueComment, pull: PullRequest) -> Node:
    mine = one.author == viewer.token.login
    may = viewer.writes("pull_requests")
    return {
        "id": one.node_id,
        "databaseId": small(one.id),
        "fullDatabaseId": str(one.id),
        "author": actor(viewer, one.author) if one.author else None,
        "authorAssociation": views.association(viewer.hub, one.author, pull),
        "body": one.body,
        "createdAt": one.created_at,
        "updatedAt": one.updated_at,
        "publishedAt": one.created_at,
        "isMinimized": bool(one.minimized),
        "minimizedReason": one.minimized or None,
        "viewerDidAuthor": mine,
        "viewerCanUpdate": may or mine,
        "viewerCanDelete": may or mine,
        "viewerCanMinimize": may,
        "pullRequest": lambda: pull_request(viewer, pull),
    }


def review_comment(viewer: Viewer, thread: Thread, one: ReviewComment) -> Node:
    """A comment on a line."""
    now = standing(viewer.hub, thread)
    pull = viewer.hub.world.pulls[thread.pull]
    first = thread.comments[0]
    pending = any(review.id == one.review and review.state == "PENDING" for review in viewer.hub.world.reviews)
    return _comment(viewer, one, pull) | {
        "__typename": "PullRequestReviewComment",
        "path": thread.path,
        "line": now.line,
        "startLine": now.start_line,
        "originalLine": thread.line,
        "originalStartLine": thread.start_line,
        "outdated": now.outdated,
        "diffHunk": thread.hunk,
        "state": "PENDING" if pending else "SUBMITTED",
        "subjectType": "FILE" if thread.line is None else "LINE",
        "replyTo": None if first is one else lambda: review_comment(viewer, thread, first),
        "originalCommit": lambda: commit(viewer, thread.commit),
        "commit": lambda: commit(viewer, thread.commit if now.outdated else pull.head),
        "pullRequestReview": lambda: next((_review(viewer, r) for r in viewer.hub.world.reviews if r.id == one.review), None),
        "url": f"{viewer.hub.site}/{viewer.hub.world.full_name}/pull/{pull.number}#discussion_r{one.id}",
    }


def issue_comment(viewer: Viewer, one: IssueComment) -> Node:
    """A comment on the pull request as a whole."""
    pull = viewer.hub.world.pulls[one.pull]
    return _comment(viewer, one, pull) | {
        "__typename": "IssueComment",
        "url": f"{viewer.hub.site}/{viewer.hub.world.full_name}/pull/{pull.number}#issuecomment-{one.id}",
    }


def _review(viewer: Viewer, one: Review) -> Node:
    return {
        "__typename": "PullRequestReview",
        "id": one.node_id,
        "fullDatabaseId": str(one.id),
        "author": actor(viewer, one.author),
        "body": one.body,
        "state": one.state,
        "submittedAt": one.submitted_at,
        "viewerDidAuthor": one.author == viewer.token.login,
        "commit": lambda: commit(viewer, one.commit),
    }

"""GraphQL's nodes as values: fields that cost something, or take arguments, are functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from github_standin import views
from github_standin.anchors import diff_at, standing

if TYPE_CHECKING:
    from github_standin.hub import GitHub
    from github_standin.world import CheckRun, IssueComment, PullRequest, Review, ReviewComment, Thread, Token

Node = dict[str, Any]


class GraphRefusalError(Exception):
    """GitHub will not: told as an error of this type, with null in the field's place."""

    def __init__(self, message: str, kind: str) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks whom."""

    hub: GitHub
    token: Token

    def writes(self, *permissions: str) -> bool:
        """Whether the token has all of these permissions, or is a person's who may write."""
        if self.token.is_integration:
            return all(self.token.may(permission) for permission in permissions)
        return self.hub.world.may_write(self.token.login)

    def needs(self, *permissions: str) -> None:
        """Raises FORBIDDEN without them."""
        if not self.writes(*permissions):
            raise GraphRefusalError(_NOT_ACCESSIBLE, "FORBIDDEN")

    def reads(self, permission: str) -> None:
        """Raises FORBIDDEN where a private repository's part is not for this token."""
        if self.hub.world.private and self.token.is_integration and not self.token.may(permission, "read"):
            raise GraphRefusalError(_NOT_ACCESSIBLE, "FORBIDDEN")

    def may_resolve(self, pull: PullRequest) -> bool:
        """Contents and pull requests both to be written; of people, those who may write and the author."""
        return self.writes("contents", "pull_requests") or (not self.token.is_integration and self.token.login == pull.author)

    def may_comment(self) -> bool:
        """Whether replies are accepted."""
        return not self.token.is_integration or self.token.may("pull_requests")


_NOT_ACCESSIBLE = "Resource not accessible by integration"


def connection(items: Sequence[Any], view: Callable[[Any], Node]) -> Callable[..., Node]:
    """A field with pages. How many are wanted must be said, at most 100.

    https://docs.github.com/en/graphql/overview/resource-limitations
    """

    def page(first: int | None = None, last: int | None = None, after: str = "", before: str = "", **_: Any) -> Node:
        if first is None and last is None:
            raise GraphRefusalError(
                "You must provide a `first` or `last` value to properly paginate.", "MISSING_PAGINATION_BOUNDARIES"
            )
        if not 0 <= (first or last or 0) <= 100:
            raise GraphRefusalError(
                "Requesting more than 100 records exceeds the limit of 100 records.", "EXCESSIVE_PAGINATION"
            )
        start, end = int(after or 0), int(before or len(items) + 1) - 1
        if first is not None:
            end = min(end, start + first)
        if last is not None:
            start = max(start, end - last)
        shown = items[start:end]
        return {
            "totalCount": len(items),
            "nodes": lambda: [view(item) for item in shown],
            "edges": lambda: [{"cursor": str(start + n), "node": view(item)} for n, item in enumerate(shown, start=1)],
            "pageInfo": {
                "hasNextPage": start + len(shown) < len(items),
                "hasPreviousPage": start > 0,
                "startCursor": str(start + 1) if shown else None,
                "endCursor": str(start + len(shown)) if shown else None,
            },
        }

    return page


def actor(viewer: Viewer, login: str) -> Node:
    """Who wrote something. A Bot's name is without its suffix."""
    hub, number = viewer.hub, viewer.hub.world.account(login)
    plain = login.removesuffix("[bot]")
    return {
        "__typename": "User" if plain == login else "Bot",
        "login": plain,
        "id": f"U_{number}",
        "databaseId": number,
        "url": f"{hub.site}/{plain}",
        "resourcePath": f"/{plain}",
    }


def user(viewer: Viewer, login: str) -> Node:
    """An account where the schema wants a User: a bot keeps its suffix there."""
    return actor(viewer, login) | {"__typename": "User", "login": login, "isViewer": login == viewer.token.login}


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
        "object": lambda expression=None, oid=None: _git_object(viewer, expression or oid or ""),
        "ref": lambda qualifiedName: ref(viewer, qualifiedName.removeprefix("refs/heads/")),  # noqa: N803 - the schema's word
    }


def ref(viewer: Viewer, name: str) -> Node | None:
    """A branch."""
    sha = viewer.hub.world.refs.get(name)
    return {"id": f"REF_{name}", "name": name, "prefix": "refs/heads/", "target": commit(viewer, sha)} if sha else None


# -- git objects --------------------------------------------------------------------------------------------------------


def _git_object(viewer: Viewer, expression: str) -> Node | None:
    """`commit`, or `commit:path` for a file."""
    viewer.reads("contents")
    name, colon, path = expression.partition(":")
    sha = viewer.hub.commit_of(name)
    if not colon:
        return commit(viewer, sha) if sha else None
    entry = viewer.hub.git.tree(sha).get(path) if sha else None
    return blob(viewer, entry.blob) if entry else None


def blob(viewer: Viewer, sha: str) -> Node:
    """A file's content: without text if it is binary, cut if it is long."""
    content = viewer.hub.git.blob(sha) or b""
    most, binary = viewer.hub.world.limits.blob_text, b"\0" in content
    return {
        "__typename": "Blob",
        "id": f"B_{sha}",
        "oid": sha,
        "abbreviatedOid": sha[:7],
        "byteSize": len(content),
        "isBinary": binary,
        "isTruncated": len(content) > most,
        "text": None if binary else content[:most].decode("utf-8", "replace"),
    }


def commit(viewer: Viewer, sha: str) -> Node:
    """A commit with its checks."""
    world = viewer.hub.world

    def suites(filterBy: Any = None, **page: Any) -> Node:  # noqa: N803 - the schema's word
        viewer.reads("checks")
        wanted = filterBy or {}
        runs = [run for run in world.check_runs if run.head_sha == sha]
        runs = [run for run in runs if wanted.get("checkName", run.name) == run.name]
        runs = [run for run in runs if wanted.get("appId", number := views.app_id(viewer.hub, run.app)) == number]
        apps = list(dict.fromkeys(run.app for run in runs))
        return connection(apps, lambda app: check_suite(viewer, sha, app))(**page)

    return {
        "__typename": "Commit",
        "id": f"C_{sha}",
        "oid": sha,
        "abbreviatedOid": sha[:7],
        "checkSuites": suites,
        "message": "A commit",
        "messageHeadline": "A commit",
        "url": f"{viewer.hub.site}/{world.full_name}/commit/{sha}",
        "parents": connection(viewer.hub.git.parents(sha), lambda parent: commit(viewer, parent)),
    }


def check_suite(viewer: Viewer, sha: str, app: str) -> Node:
    """What one App checked on a commit."""
    mine = [run for run in viewer.hub.world.check_runs if (run.head_sha, run.app) == (sha, app)]

    def runs(filterBy: Any = None, **page: Any) -> Node:  # noqa: N803 - the schema's word
        wanted = filterBy or {}
        shown = [run for run in mine if wanted.get("checkName", run.name) == run.name]
        shown = [run for run in shown if run.status.upper() in (wanted.get("statuses") or (run.status.upper(),))]
        if wanted.get("checkType") != "ALL":
            shown = list({run.name: run for run in shown}.values())
        return connection(shown, lambda run: check_run(viewer, run))(**page)

    number = viewer.hub.suite_id(mine[0])
    slug = app.removesuffix("[bot]")
    return {
        "__typename": "CheckSuite",
        "id": f"CS_{number}",
        "databaseId": number,
        "app": {"id": f"A_{slug}", "databaseId": views.app_id(viewer.hub, app), "slug": slug, "name": slug},
        "checkRuns": runs,
        "status": mine[-1].status.upper(),
        "conclusion": mine[-1].conclusion.upper() if mine[-1].conclusion else None,
        "commit": lambda: commit(viewer, sha),
    }


def check_run(viewer: Viewer, run: CheckRun) -> Node:
    """A check run."""
    place = f"/{viewer.hub.world.full_name}/runs/{run.id}"
    return {
        "__typename": "CheckRun",
        "id": run.node_id,
        "databaseId": small(run.id),
        "name": run.name,
        "externalId": run.external_id,
        "status": run.status.upper(),
        "conclusion": run.conclusion.upper() if run.conclusion else None,
        "title": run.title,
        "summary": run.summary,
        "text": run.text,
        "startedAt": run.started_at,
        "completedAt": run.completed_at,
        "resourcePath": place,
        "permalink": f"{viewer.hub.site}{place}",
        "url": f"{viewer.hub.site}{place}",
        "detailsUrl": f"{viewer.hub.site}{place}",
    }


def small(number: int) -> int | None:
    """A number as an Int of 32 bits; null where it does not fit."""
    return number if number < 2**31 else None


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

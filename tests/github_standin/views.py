"""REST's views of what the stand-in knows: what a client may rely on is filled in, the rest is valid and empty."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from github_standin.anchors import diff_at, merge_base, position, standing
from github_standin.contract import description, filled

if TYPE_CHECKING:
    from github_standin.diffs import FileChange
    from github_standin.hub import GitHub
    from github_standin.world import CheckRun, IssueComment, PullRequest, Review, ReviewComment, Thread


def user(hub: GitHub, login: str, schema: str = "simple-user") -> dict[str, Any]:
    """An account."""
    number = hub.world.account(login)
    kind = "Bot" if login.endswith("[bot]") else "User"
    place = f"{hub.site}/{login.removesuffix('[bot]')}"
    return filled(schema, login=login, id=number, node_id=f"U_{number}", type=kind, html_url=place, user_view_type="public")


def association(hub: GitHub, login: str, pull: PullRequest | None = None) -> str:
    """What somebody is to the repository."""
    if login == hub.world.owner:
        return "OWNER"
    if hub.world.may_write(login):
        return "COLLABORATOR"
    return "CONTRIBUTOR" if pull is not None and pull.author == login else "NONE"


def pull_request(hub: GitHub, pull: PullRequest) -> dict[str, Any]:
    """A pull request in full."""
    changes = diff_at(hub, pull, pull.head)
    here = hub.world.full_name
    threads = hub.world.threads_of(pull.number)
    return filled(
        "pull-request",
        id=5000 + pull.number,
        node_id=f"PR_{pull.number}",
        number=pull.number,
        url=f"{hub.repo_url}/pulls/{pull.number}",
        html_url=f"{hub.site}/{here}/pull/{pull.number}",
        state=pull.state,
        title=pull.title,
        draft=pull.draft,
        merged=pull.merged,
        mergeable=True,
        mergeable_state="clean",
        user=user(hub, pull.author),
        author_association=association(hub, pull.author, pull),
        head=_side(hub, pull.head_ref, pull.head, pull.author if pull.fork else hub.world.owner),
        base=_side(hub, pull.base_ref, pull.base, hub.world.owner),
        changed_files=len(changes),
        additions=sum(change.additions for change in changes),
        deletions=sum(change.deletions for change in changes),
        comments=len(hub.world.remarks(pull.number)),
        review_comments=sum(len(thread.comments) for thread in threads),
        commits=1,
    )


def listed_pull_request(hub: GitHub, pull: PullRequest) -> dict[str, Any]:
    """A pull request in a list."""
    schema = description()["components"]["schemas"]["pull-request-simple"]
    whole = pull_request(hub, pull)
    return filled("pull-request-simple", **{name: whole[name] for name in schema["properties"] if name in whole})


def _side(hub: GitHub, ref: str, sha: str, owner: str) -> dict[str, Any]:
    account = user(hub, owner)
    name = hub.world.name
    repository = filled(
        "repository",
        id=1 if owner == hub.world.owner else 2,
        name=name,
        full_name=f"{owner}/{name}",
        private=hub.world.private,
        fork=owner != hub.world.owner,
        owner=account,
        default_branch="main",
        url=f"{hub.api_url}/repos/{owner}/{name}",
        html_url=f"{hub.site}/{owner}/{name}",
    )
    return {"label": f"{owner}:{ref}", "ref": ref, "sha": sha, "user": account, "repo": repository}


def file(hub: GitHub, change: FileChange, commit: str) -> dict[str, Any]:
    """A changed file, without `patch` where it is binary or too big."""
    address = f"{hub.site}/{hub.world.full_name}/blob/{commit}/{quote(change.path)}"
    entry = filled(
        "diff-entry",
        sha=change.blob,
        filename=change.path,
        status=change.status,
        additions=change.additions,
        deletions=change.deletions,
        changes=change.additions + change.deletions,
        blob_url=address,
        raw_url=address,
        contents_url=address,
    )
    if change.patch and entry["changes"] <= hub.world.limits.patch_lines:
        entry["patch"] = change.patch
    if change.previous:
        entry["previous_filename"] = change.previous
    return entry


def review(hub: GitHub, one: Review) -> dict[str, Any]:
    """A review. A pending one was not submitted."""
    submitted = {} if one.state == "PENDING" else {"submitted_at": one.submitted_at}
    return filled(
        "pull-request-review",
        id=one.id,
        node_id=one.node_id,
        user=user(hub, one.author),
        body=one.body,
        state=one.state,
        commit_id=one.commit,
        html_url=f"{hub.site}/{hub.world.full_name}/pull/{one.pull}#pullrequestreview-{one.id}",
        pull_request_url=f"{hub.repo_url}/pulls/{one.pull}",
        author_association=association(hub, one.author),
        **submitted,
    )


def review_comment(
    hub: GitHub, thread: Thread, comment: ReviewComment, schema: str = "pull-request-review-comment"
) -> dict[str, Any]:
    """A comment on a line, where it stands now: `line` and `position` are null once it is outdated."""
    pull = hub.world.pulls[thread.pull]
    now = standing(hub, thread)
    reply = {} if thread.comments[0] is comment else {"in_reply_to_id": thread.comments[0].id}
    return filled(
        schema,
        id=comment.id,
        node_id=comment.node_id,
        pull_request_review_id=comment.review or None,
        url=f"{hub.repo_url}/pulls/comments/{comment.id}",
        html_url=f"{hub.site}/{hub.world.full_name}/pull/{pull.number}#discussion_r{comment.id}",
        pull_request_url=f"{hub.repo_url}/pulls/{pull.number}",
        diff_hunk=thread.hunk,
        path=thread.path,
        commit_id=thread.commit if now.outdated else pull.head,
        original_commit_id=thread.commit,
        user=user(hub, comment.author) if comment.author else None,
        body=comment.body,
        created_at=comment.created_at,
        updated_at=comment.updated_at,
        author_association=association(hub, comment.author, pull),
        subject_type="file" if thread.line is None else "line",
        **_allowed(_lines(hub, thread, pull), schema),
        **reply,
    )


def _allowed(lines: dict[str, Any], schema: str) -> dict[str, Any]:
    """GitHub answers null where a comment is outdated; the description of this schema has no null there, so it is left out."""
    if schema != "pull-request-review-comment":
        return lines
    return {name: value for name, value in lines.items() if value is not None or name.startswith(("start", "original_start"))}


def _lines(hub: GitHub, thread: Thread, pull: PullRequest) -> dict[str, Any]:
    if thread.line is None:
        return {"position": 1, "original_position": 1, "line": None, "original_line": None, "side": "RIGHT"}
    now = standing(hub, thread)
    positions = {}
    base = merge_base(hub, pull, pull.head)
    for name, old, new, line in (
        ("position", base, pull.head, now.line),
        ("original_position", thread.base, thread.commit, thread.line),
    ):
        change = next((change for change in hub.git.changes(old, new) if change.path == thread.path), None)
        positions[name] = position(change, line, thread.side) if change and line else None
    return {
        **{name: value for name, value in positions.items() if name == "position" or value},
        "line": now.line,
        "original_line": thread.line,
        "side": thread.side,
        "start_line": now.start_line,
        "original_start_line": thread.start_line,
        "start_side": thread.start_side,
    }


def issue_comment(hub: GitHub, comment: IssueComment) -> dict[str, Any]:
    """A comment on a pull request as a whole."""
    return filled(
        "issue-comment",
        id=comment.id,
        node_id=comment.node_id,
        url=f"{hub.repo_url}/issues/comments/{comment.id}",
        html_url=f"{hub.site}/{hub.world.full_name}/pull/{comment.pull}#issuecomment-{comment.id}",
        issue_url=f"{hub.repo_url}/issues/{comment.pull}",
        body=comment.body,
        user=user(hub, comment.author) if comment.author else None,
        created_at=comment.created_at,
        updated_at=comment.updated_at,
        author_association=association(hub, comment.author, hub.world.pulls[comment.pull]),
    )


def app(hub: GitHub, login: str) -> dict[str, Any]:
    """The App behind a bot's account."""
    slug = login.removesuffix("[bot]")
    return filled(
        "integration",
        id=app_id(hub, login),
        slug=slug,
        name=slug,
        node_id=f"A_{slug}",
        owner=user(hub, "github"),
        permissions={"checks": "write"},
        events=[],
    )


def app_id(hub: GitHub, login: str) -> int:
    """An App's number; that of GitHub Actions is known."""
    return 15368 if login == "github-actions[bot]" else 90_000 + hub.world.account(login)


def check_run(hub: GitHub, run: CheckRun) -> dict[str, Any]:
    """A check run, with the number of its annotations."""
    return filled(
        "check-run",
        id=run.id,
        node_id=run.node_id,
        name=run.name,
        head_sha=run.head_sha,
        external_id=run.external_id,
        url=f"{hub.repo_url}/check-runs/{run.id}",
        html_url=f"{hub.site}/{hub.world.full_name}/runs/{run.id}",
        details_url=f"{hub.site}/{hub.world.full_name}/runs/{run.id}",
        status=run.status,
        conclusion=run.conclusion,
        started_at=run.started_at,
        completed_at=run.completed_at,
        output={
            "title": run.title,
            "summary": run.summary,
            "text": run.text,
            "annotations_count": len(run.annotations),
            "annotations_url": f"{hub.repo_url}/check-runs/{run.id}/annotations",
        },
        check_suite={"id": hub.suite_id(run)},
        app=app(hub, run.app),
        pull_requests=[],
    )

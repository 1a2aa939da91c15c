"""REST: pull requests and their diffs.

https://docs.github.com/en/rest/pulls/pulls
"""

from __future__ import annotations

from github_standin import views
from github_standin.anchors import belongs, diff_at
from github_standin.calls import Call, handles
from github_standin.contract import filled
from github_standin.diffs import FileChange, whole
from github_standin.exchange import Answer, RefusalError, invalid, not_found

_DIFF = ("application/vnd.github.diff", "application/vnd.github.v3.diff")


@handles("pulls/get")
def _pull(call: Call) -> Answer:
    call.reads("pull_requests", "contents")
    if call.request.accept in _DIFF:
        return _diff_answer(call, diff_at(call.hub, call.pull, call.pull.head), "PullRequest")
    return Answer(body=views.pull_request(call.hub, call.pull))


def _diff_answer(call: Call, changes: tuple[FileChange, ...], resource: str) -> Answer:
    """A diff, or 406 where it is too big."""
    limits, text = call.world.limits, whole(changes)
    problem = ""
    if len(changes) > limits.diff_files:
        problem = f"the diff exceeded the maximum number of files ({limits.diff_files})"
    elif text.count("\n") > limits.diff_lines:
        problem = f"the diff exceeded the maximum number of lines ({limits.diff_lines})"
    if problem:
        error = {"resource": resource, "field": "diff", "code": "too_large"}
        raise RefusalError(406, f"Sorry, {problem}. Consider using 'List pull requests files' API.", errors=[error])
    return Answer(body=text.encode("utf-8", "surrogateescape"), headers={"content-type": f"{_DIFF[0]}; charset=utf-8"})


@handles("pulls/list")
def _list(call: Call) -> Answer:
    call.reads("pull_requests")
    state, head = call.request.query.get("state", "open"), call.request.query.get("head", "")
    pulls = [pull for pull in call.world.pulls.values() if state in ("all", pull.state)]
    pulls = [pull for pull in pulls if head in ("", f"{pull.author if pull.fork else call.world.owner}:{pull.head_ref}")]
    page, headers = call.page(pulls[::-1])
    return Answer(body=[views.listed_pull_request(call.hub, pull) for pull in page], headers=headers)


@handles("repos/list-pull-requests-associated-with-commit")
def _of_commit(call: Call) -> Answer:
    """Pull requests of this repository's own branches: commits of a fork are not found this way."""
    call.reads("pull_requests")
    sha = call.path["commit_sha"]
    if not call.hub.git.has(sha):
        raise invalid(message=f"No commit found for SHA: {sha}")
    pulls = [pull for pull in call.world.pulls.values() if not pull.fork and belongs(call.hub, pull, sha)]
    page, headers = call.page(pulls)
    return Answer(body=[views.listed_pull_request(call.hub, pull) for pull in page], headers=headers)


@handles("pulls/list-files")
def _files(call: Call) -> Answer:
    call.reads("pull_requests")
    pull = call.pull
    page, headers = call.page(diff_at(call.hub, pull, pull.head), most=call.world.limits.listed_files)
    return Answer(body=[views.file(call.hub, change, pull.head) for change in page], headers=headers)


@handles("repos/compare-commits-with-basehead")
def _compare(call: Call) -> Answer:
    call.reads("contents")
    hub = call.hub
    names = call.path["basehead"].split("...")
    commits = [hub.commit_of(name) for name in names]
    if len(commits) != 2:
        raise not_found()
    old, new = commits
    if old is None or new is None or (start := hub.git.merge_base(old, new)) is None:
        raise not_found()
    changes = hub.git.changes(start, new)
    if call.request.accept in _DIFF:
        return _diff_answer(call, changes, "Comparison")
    query = call.request.query
    first = query.get("page", "1") == "1"
    page = [views.file(hub, change, new) for change in changes[:300]] if first else []
    ahead, behind = hub.distance(start, new), hub.distance(start, old)
    status = {(False, False): "identical", (True, False): "ahead", (False, True): "behind"}.get(
        (bool(ahead), bool(behind)), "diverged"
    )
    body = filled(
        "commit-comparison",
        url=f"{hub.repo_url}/compare/{call.path['basehead']}",
        base_commit=filled("commit", sha=old, author=None, committer=None),
        merge_base_commit=filled("commit", sha=start, author=None, committer=None),
        status=status,
        ahead_by=ahead,
        behind_by=behind,
        total_commits=ahead,
        commits=[],
        files=page,
    )
    return Answer(body=body)

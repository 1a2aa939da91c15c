"""The stand-in for GitHub refuses what GitHub refuses, follows lines as GitHub does, and lets no wrong request pass."""

from __future__ import annotations

import base64
import gzip
import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from github_standin import (
    GitHub,
    GitRepository,
    ManualClock,
    MemoryRepository,
    app_token,
    broken,
    cut_after,
    cut_before,
    fork_token,
    meanwhile,
    serving,
    slowed,
    transport,
    user_token,
    workflow_token,
)
from github_standin.repository import Repository

REPO = "/repos/octo/shop"
BEFORE = "".join(f"line {number}\n" for number in range(1, 61))
AFTER = BEFORE.replace("line 10\n", "ten\nmore\n").replace("line 50\n", "fifty\n")
THREADS = """query($number: Int!) { viewer { login } repository(owner: "octo", name: "shop") { pullRequest(number: $number) {
  reviewThreads(first: 50) { nodes { id isResolved isOutdated line startLine path viewerCanResolve viewerCanReply resolvedBy { login }
    comments(first: 10) { nodes { fullDatabaseId databaseId body viewerDidAuthor author { login __typename } } } } } } } }"""
RESOLVE = "mutation($id: ID!) { resolveReviewThread(input: {threadId: $id}) { thread { isResolved } } }"


def _hub(**options: Any) -> GitHub:
    hub = GitHub(clock=ManualClock(), **options)
    hub.open_pull({"a.py": BEFORE, "old.py": "x\n"}, {"a.py": AFTER, "old.py": None, "new.py": "y\n", "logo.png": b"\0\1"})
    return hub


def _client(hub: GitHub, token: str = "", accept: str = "application/vnd.github+json") -> httpx2.Client:
    headers = {"authorization": f"Bearer {token or hub.token}", "user-agent": "test", "accept": accept}
    return httpx2.Client(transport=transport(hub), base_url=hub.api_url, headers=headers)


def _graph(hub: GitHub, text: str, token: str = "", **variables: Any) -> dict[str, Any]:
    answer = _client(hub, token).post(hub.graphql_url, json={"query": text, "variables": variables})
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def _review(hub: GitHub, *comments: dict[str, Any], token: str = "", **more: Any) -> httpx2.Response:
    body = {"commit_id": hub.pull.head, "event": "COMMENT", "body": "", "comments": list(comments), **more}
    return _client(hub, token).post(f"{REPO}/pulls/1/reviews", json=body)


def _at(line: int, **more: Any) -> dict[str, Any]:
    return {"path": "a.py", "line": line, "side": "RIGHT", "body": "here", **more}


# -- reviews ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("comment", "sentence"),
    [
        (_at(30), "line must be part of the diff"),
        (_at(10, side="LEFT") | {"line": 9}, "line must be part of the diff"),
        (_at(11, start_line=11, start_side="RIGHT"), "start line must precede the end line"),
        (_at(51, start_line=10, start_side="RIGHT"), "same hunk"),
        (_at(1) | {"path": "logo.png"}, "line must be part of the diff"),
        (_at(1) | {"path": "elsewhere.py"}, "diff hunk can't be blank"),
        ({"path": "a.py", "body": "where?"}, "Line could not be resolved"),
        (_at(11, body="x" * 65_537), "too long"),
        (_at(11, body=" "), "can't be blank"),
    ],
)
def test_one_wrong_comment_costs_the_whole_review(comment: dict[str, Any], sentence: str) -> None:
    """422 with the reason, and not even the good ones are written."""
    hub = _hub()
    answer = _review(hub, _at(11), comment)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert not hub.world.threads
    assert not hub.world.reviews
    hub.check()


def test_places_inside_the_diff_are_accepted() -> None:
    """Context lines, ranges within a hunk, removed lines by their old number, new files."""
    hub = _hub()
    ranged = _at(11, start_line=8, start_side="RIGHT")
    answer = _review(
        hub,
        _at(7),
        ranged,
        _at(10, side="LEFT"),
        _at(51),
        _at(1) | {"path": "new.py"},
        _at(1, side="LEFT") | {"path": "old.py"},
    )
    assert answer.status_code == 200
    shown = _client(hub).get(f"{REPO}/pulls/1/comments").json()
    assert [(one["path"], one["line"], one["start_line"], one["side"], one["position"]) for one in shown] == [
        ("a.py", 7, None, "RIGHT", 1),
        ("a.py", 11, 8, "RIGHT", 6),
        ("a.py", 10, None, "LEFT", 4),
        ("a.py", 51, None, "RIGHT", 15),
        ("new.py", 1, None, "RIGHT", 1),
        ("old.py", 1, None, "LEFT", 1),
    ]
    hub.check()


def test_a_review_needs_a_commit_of_the_pull_request_and_something_to_say() -> None:
    """The base's commits and those that a force push took away are none of its."""
    hub = _hub()
    first = hub.pull.head
    assert _review(hub).status_code == 422
    assert _review(hub, _at(11), commit_id=hub.world.refs["main"]).status_code == 422
    hub.push({"new.py": "z\n"})
    assert _review(hub, _at(11), commit_id=first).status_code == 200
    hub.force_push({"new.py": "zz\n"})
    assert _review(hub, _at(11), commit_id=first).status_code == 422
    hub.check()


def test_a_second_pending_review_is_refused_and_a_pending_one_blocks() -> None:
    """One that a crash left blocks the next until it is deleted; nobody else sees it."""
    hub = _hub()
    body = {"commit_id": hub.pull.head, "comments": [_at(11)]}
    pending = _client(hub).post(f"{REPO}/pulls/1/reviews", json=body)
    assert (pending.status_code, pending.json()["state"]) == (200, "PENDING")
    assert "one pending review" in _review(hub, _at(11)).text
    other = hub.add_token(user_token("alice"))
    assert _client(hub, other).get(f"{REPO}/pulls/1/comments").json() == []
    assert _client(hub).delete(f"{REPO}/pulls/1/reviews/{pending.json()['id']}").status_code == 200
    assert _review(hub, _at(11)).status_code == 200
    hub.check()


def test_replies_go_to_the_first_comment_of_a_thread() -> None:
    """A reply to a reply is refused; deleting the last comment ends the thread."""
    hub = _hub()
    thread = hub.remark_on("a.py", 11, "alice", "why?")
    reply = _client(hub).post(f"{REPO}/pulls/1/comments/{thread.comments[0].id}/replies", json={"body": "so"})
    assert reply.status_code == 201
    assert _client(hub).post(f"{REPO}/pulls/1/comments/{reply.json()['id']}/replies", json={"body": "so"}).status_code == 422
    for comment in list(thread.comments):
        assert _client(hub).delete(f"{REPO}/pulls/comments/{comment.id}").status_code == 204
    assert not hub.world.threads
    hub.check()


# -- what pushes do to comments -----------------------------------------------------------------------------------------


@pytest.fixture(params=["memory", "git"])
def repository(request: pytest.FixtureRequest, tmp_path: Path) -> Repository:
    """Both kinds of repository, which have to agree."""
    if request.param == "memory":
        return MemoryRepository()
    subprocess.run(["git", "init", "-q", "-b", "main", str(tmp_path)], check=True)
    return GitRepository(tmp_path)


def test_a_comment_follows_its_line_and_is_outdated_without_it(repository: Repository) -> None:
    """Edits above move it, a change of the line or its leaving the diff outdates it, a force push back brings it back."""
    hub = _hub(repository=repository)
    _review(hub, _at(11, start_line=10, start_side="RIGHT"), _at(10, side="LEFT"), _at(51))
    first, removed, far = hub.open_threads()
    head = hub.pull.head

    hub.push({"a.py": f"above\n{AFTER}"})
    assert [hub.line_of(thread) for thread in (first, removed, far)] == [12, 10, 52]

    hub.push({"a.py": AFTER.replace("ten\n", "TEN\n").replace("fifty\n", "line 50\n")})
    assert [hub.line_of(thread) for thread in (first, removed, far)] == [None, 10, None]
    node = _graph(hub, THREADS, number=1)["data"]["repository"]["pullRequest"]["reviewThreads"]["nodes"][0]
    assert (node["isOutdated"], node["isResolved"], node["line"]) == (True, False, None)

    hub.move(head)
    assert hub.line_of(first) == 11
    hub.push({"a.py": None})
    assert hub.line_of(first) is None
    hub.check()


def test_the_base_moves_without_the_pull_request(repository: Repository) -> None:
    """The diff stays that from the merge base; what a rebase brings moves the comments; another base changes the diff."""
    hub = _hub(repository=repository)
    _review(hub, _at(11))
    (thread,) = hub.open_threads()
    recorded, diff = hub.pull.base, _client(hub, accept="application/vnd.github.diff").get(f"{REPO}/pulls/1").text
    hub.push_base({"other.py": "o\n", "a.py": f"top\n{BEFORE}"})
    assert hub.pull.base == recorded
    assert _client(hub, accept="application/vnd.github.diff").get(f"{REPO}/pulls/1").text == diff
    assert hub.line_of(thread) == 11
    hub.rebase({"a.py": f"top\n{AFTER}"})
    assert (hub.pull.base, hub.line_of(thread)) == (hub.world.refs["main"], 12)
    files = {one["filename"] for one in _client(hub).get(f"{REPO}/pulls/1/files").json()}
    assert files == {"a.py", "old.py", "new.py", "logo.png"}
    hub.world.refs["release"] = hub.git.commit({}, (recorded,), "release")
    hub.retarget("release")
    assert {one["filename"] for one in _client(hub).get(f"{REPO}/pulls/1/files").json()} == files | {"other.py"}
    hub.check()


def test_both_repositories_tell_the_same_diff(tmp_path: Path) -> None:
    """Added, removed, changed, renamed, binary, without a last newline, with a space in the name."""
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    texts = []
    for git in (MemoryRepository(), GitRepository(tmp_path)):
        one = git.commit({"a.py": BEFORE, "old.py": "x\ny\n", "gone.py": "g"}, (), "one")
        two = git.commit(
            {"a.py": AFTER, "old.py": None, "with space.py": "x\ny\n", "gone.py": None, "b\u00fc.bin": b"\0"}, (one,), "two"
        )
        assert git.merge_base(one, two) == one
        plain = [re.sub(r"(?m)^(@@ .* @@).*", r"\1", change.patch or "") for change in git.changes(one, two)]
        told = [(c.path, c.status, c.previous, c.blob, c.additions, c.deletions) for c in git.changes(one, two)]
        texts.append((plain, told))
    assert texts[0] == texts[1]


# -- tokens -------------------------------------------------------------------------------------------------------------

Act = Callable[[GitHub, str], httpx2.Response]
ACTS: dict[str, Act] = {
    "review": lambda hub, token: _review(hub, _at(11), token=token),
    "summary": lambda hub, token: _client(hub, token).post(f"{REPO}/issues/1/comments", json={"body": "sum"}),
    "check": lambda hub, token: _client(hub, token).post(
        f"{REPO}/check-runs", json={"name": "guard", "head_sha": hub.pull.head}
    ),
    "sarif": lambda hub, token: _client(hub, token).post(
        f"{REPO}/code-scanning/sarifs",
        json={
            "commit_sha": hub.pull.head,
            "ref": "refs/pull/1/head",
            "sarif": base64.b64encode(gzip.compress(b'{"version": "2.1.0"}')).decode(),
        },
    ),
}


@pytest.mark.parametrize(
    ("token", "allowed"),
    [
        (workflow_token(contents="read", pull_requests="write"), {"review", "summary"}),
        (workflow_token(contents="read", issues="write", checks="write"), {"summary", "check"}),
        (workflow_token(contents="write", security_events="write"), {"sarif"}),
        (fork_token(), set()),
        (app_token("guard", pull_requests="write", checks="write"), {"review", "summary", "check"}),
        (user_token("bob"), {"review", "summary", "sarif"}),
    ],
)
def test_a_token_may_what_its_permissions_say(token: Any, allowed: set[str]) -> None:
    """Everything else is 403, and nothing is written."""
    hub = _hub()
    secret = hub.add_token(token)
    answers = {name: act(hub, secret) for name, act in ACTS.items()}
    assert {name for name, answer in answers.items() if answer.status_code < 300} == allowed
    assert {answer.status_code for name, answer in answers.items() if name not in allowed} <= {403}
    hub.check()


def test_resolving_needs_contents_as_well() -> None:
    """pull-requests: write alone is FORBIDDEN, though replying works; a bot is named with its suffix where a User is shown."""
    hub = _hub()
    thread = hub.remark_on("a.py", 11, "github-actions[bot]", "ours")
    refused = _graph(hub, RESOLVE, id=thread.node_id)
    assert refused["data"]["resolveReviewThread"] is None
    assert refused["errors"][0]["type"] == "FORBIDDEN"
    assert refused["errors"][0]["message"] == "Resource not accessible by integration"
    assert not thread.resolved

    able = hub.add_token(workflow_token(contents="write", pull_requests="write"))
    assert _graph(hub, RESOLVE, able, id=thread.node_id)["data"]["resolveReviewThread"]["thread"]["isResolved"]
    data = _graph(hub, THREADS, number=1)["data"]
    (node,) = data["repository"]["pullRequest"]["reviewThreads"]["nodes"]
    assert (data["viewer"]["login"], node["resolvedBy"]["login"]) == ("github-actions[bot]", "github-actions[bot]")
    assert node["comments"]["nodes"][0]["author"] == {"login": "github-actions", "__typename": "Bot"}
    assert node["comments"]["nodes"][0]["viewerDidAuthor"]
    hub.check()


def test_a_private_repository_is_not_there_for_strangers() -> None:
    """404 for people, 403 for a token without the permission, 401 for a token that nobody gave."""
    hub = _hub(private=True)
    stranger, blind = hub.add_token(user_token("mallory")), hub.add_token(workflow_token(issues="write"))
    statuses = [_client(hub, token).get(f"{REPO}/pulls/1").status_code for token in (hub.token, stranger, blind, "stolen")]
    assert statuses == [200, 404, 403, 401]
    assert _client(hub).get("/repos/octo/other/pulls/1").status_code == 404
    assert _client(hub).get(f"{REPO}/pulls/2").status_code == 404
    hub.check()


def test_who_may_write_is_told() -> None:
    """Roles come down to four permissions; who is nobody is 404."""
    hub = _hub()
    hub.world.roles.update(mona="maintain", rita="read")
    hub.comment("passer", "nice")
    told = {
        name: _client(hub).get(f"{REPO}/collaborators/{name}/permission")
        for name in ("alice", "mona", "rita", "passer", "nobody")
    }
    assert {name: answer.json().get("permission") for name, answer in told.items()} == {
        "alice": "write",
        "mona": "write",
        "rita": "read",
        "passer": "read",
        "nobody": None,
    }
    assert told["nobody"].status_code == 404
    hub.check()


# -- checks -------------------------------------------------------------------------------------------------------------


def _annotation(line: int, **more: Any) -> dict[str, Any]:
    return {"path": "a.py", "start_line": line, "end_line": line, "annotation_level": "warning", "message": "m", **more}


def test_annotations_are_added_with_every_update() -> None:
    """Fifty a request; the newest run of a name is the one that counts."""
    hub = _hub()
    output = {"title": "t", "summary": "s", "annotations": [_annotation(line) for line in range(1, 51)]}
    run = _client(hub).post(f"{REPO}/check-runs", json={"name": "guard", "head_sha": hub.pull.head, "output": output}).json()
    done = {"conclusion": "neutral", "output": {**output, "annotations": [_annotation(51)]}}
    updated = _client(hub).patch(f"{REPO}/check-runs/{run['id']}", json=done)
    assert (updated.json()["status"], updated.json()["output"]["annotations_count"]) == ("completed", 51)
    wide = {"output": {**output, "annotations": [_annotation(1, end_line=2, start_column=1)]}}
    assert _client(hub).patch(f"{REPO}/check-runs/{run['id']}", json=wide).status_code == 422
    listed = _client(hub).get(f"{REPO}/commits/{hub.pull.head}/check-runs", params={"check_name": "guard"}).json()
    assert [one["conclusion"] for one in listed["check_runs"]] == ["neutral"]
    assert _client(hub).post(f"{REPO}/check-runs", json={"name": "guard", "head_sha": "f" * 40}).status_code == 422
    hub.check()


@pytest.mark.parametrize(
    "body",
    [
        {"output": {"title": "t", "summary": "s", "annotations": [_annotation(line) for line in range(1, 52)]}},
        {"output": {"title": "t", "summary": "s", "text": "x" * 65_536}},
        {"conclusion": "fine"},
        {"severity": "high"},
    ],
)
def test_a_check_that_the_description_forbids_is_a_violation(body: dict[str, Any]) -> None:
    """51 annotations, a text too long, an unknown conclusion, an unknown field: 500, and the test fails."""
    hub = _hub()
    answer = _client(hub).post(f"{REPO}/check-runs", json={"name": "guard", "head_sha": hub.pull.head, **body})
    assert answer.status_code == 500
    with pytest.raises(AssertionError):
        hub.check()


def test_requests_that_github_has_not_are_violations() -> None:
    """Unknown paths, parameters, fields; GraphQL that does not fit the schema."""
    hub = _hub()
    client = _client(hub)
    assert client.get(f"{REPO}/pulls/1/threads").status_code == 500
    assert client.get(f"{REPO}/pulls/1/files", params={"per-page": "100"}).status_code == 500
    assert _review(hub, _at(11, subject_type="line")).status_code == 500
    assert client.post(hub.graphql_url, json={"query": "{ viewer { name_of_the_moon } }"}).status_code == 500
    assert client.post(hub.graphql_url, json={"query": THREADS, "variables": {"number": "one"}}).status_code == 500
    assert len(hub.violations) == 5


def test_graphql_wants_pages_and_ends_at_half_a_million_nodes() -> None:
    """Neither a connection without a size nor a query that could bring too much is answered; that breaks no schema."""
    hub = _hub()
    text = """{ repository(owner: "octo", name: "shop") { pullRequest(number: 1) { comments%s { nodes { body } } } } }"""
    sizes = {size: _graph(hub, text % size).get("errors", [{}])[0].get("type") for size in ("", "(first: 100)", "(last: 101)")}
    assert sizes == {"": "MISSING_PAGINATION_BOUNDARIES", "(first: 100)": None, "(last: 101)": "EXCESSIVE_PAGINATION"}
    deep = """query($n: Int!) { repository(owner: "octo", name: "shop") { pullRequest(number: 1) { commits(first: $n) { nodes { commit {
      parents(first: 100) { nodes { parents(first: 100) { nodes { oid } } } } } } } } } }"""
    assert _graph(hub, deep, n=49).get("errors") is None
    assert _graph(hub, deep, n=50)["errors"][0]["type"] == "MAX_NODE_LIMIT_EXCEEDED"
    hub.check()


def test_accounts_go_and_comments_are_deleted() -> None:
    """What a ghost wrote has no author; a thread whose comments are gone is no thread."""
    hub = _hub()
    thread = hub.remark_on("a.py", 11, "alice", "hm")
    hub.reply(thread, "bob", "yes")
    hub.delete(thread.comments[0])
    thread.comments[0].author = ""
    assert _client(hub).get(f"{REPO}/pulls/1/comments").json()[0]["user"] is None
    nodes = _graph(hub, THREADS, number=1)["data"]["repository"]["pullRequest"]["reviewThreads"]["nodes"]
    assert [one["author"] for one in nodes[0]["comments"]["nodes"]] == [None]
    hub.delete(thread.comments[0])
    assert not hub.open_threads()
    hub.check()


def test_half_a_character_is_a_violation() -> None:
    """A body cut within a character pair is nothing that GitHub can store."""
    hub = _hub()
    broken_text = b'{"body": "cut \\ud83d"}'
    answer = _client(hub).post(f"{REPO}/issues/1/comments", content=broken_text, headers={"content-type": "application/json"})
    assert answer.status_code == 500
    assert _client(hub).post(f"{REPO}/issues/1/comments", json={"body": "whole \U0001f600"}).status_code == 201
    assert len(hub.violations) == 1


# -- sizes --------------------------------------------------------------------------------------------------------------


def test_a_big_diff_is_told_file_by_file() -> None:
    """406 above 300 files, pages of files, no patch for binary or huge ones, and never more than 3,000 files."""
    hub = GitHub(clock=ManualClock())
    hub.open_pull(
        {"a.py": "a\n"}, {f"f{number:04}.py": "x\n" for number in range(3_010)} | {"a.bin": b"\0", "a.py": "y\n" * 3_001}
    )
    answer = _client(hub, accept="application/vnd.github.diff").get(f"{REPO}/pulls/1")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (406, "too_large")
    address, files = f"{hub.api_url}{REPO}/pulls/1/files?per_page=100", []
    while address:
        page = _client(hub).get(address)
        files += page.json()
        address = page.links.get("next", {}).get("url", "")
    assert len(files) == 3_000
    assert [one["filename"] for one in files if "patch" not in one] == ["a.bin", "a.py"]
    assert _client(hub).get(f"{REPO}/pulls/1").json()["changed_files"] == 3_012
    hub.check()


def test_files_are_read_without_a_checkout(repository: Repository) -> None:
    """Trees, blobs, contents and GraphQL objects tell the same bytes; binary and cut ones say so."""
    hub = _hub(repository=repository)
    head = hub.pull.head
    tree = _client(hub).get(f"{REPO}/git/trees/{head}", params={"recursive": "1"}).json()["tree"]
    entry = next(one for one in tree if one["path"] == "a.py")
    blob = _client(hub).get(f"{REPO}/git/blobs/{entry['sha']}").json()
    content = _client(hub, accept="application/vnd.github.raw+json").get(f"{REPO}/contents/a.py", params={"ref": head})
    assert base64.b64decode(blob["content"]) == content.content == AFTER.encode()
    hub.world.limits.blob_text = 100
    text = '{ repository(owner: "octo", name: "shop") { %s } }'
    parts = " ".join(
        f'f{number}: object(expression: "{head}:{path}") {{ ... on Blob {{ text isBinary isTruncated byteSize }} }}'
        for number, path in enumerate(("new.py", "logo.png", "a.py", "old.py"))
    )
    objects = _graph(hub, text % parts)["data"]["repository"]
    assert objects["f0"] == {"text": "y\n", "isBinary": False, "isTruncated": False, "byteSize": 2}
    assert objects["f1"] == {"text": None, "isBinary": True, "isTruncated": False, "byteSize": 2}
    assert (objects["f2"]["isTruncated"], len(objects["f2"]["text"]), objects["f3"]) == (True, 100, None)
    compared = _client(hub).get(f"{REPO}/compare/main...{head}").json()
    assert (compared["merge_base_commit"]["sha"], compared["status"]) == (hub.world.refs["main"], "ahead")
    hub.check()


# -- limits and faults --------------------------------------------------------------------------------------------------


def test_the_primary_limit_ends_with_its_hour() -> None:
    """403 with nothing remaining until the reset; GraphQL has its own, told in a good answer."""
    hub = _hub()
    hub.world.limits.primary = 2
    answers = [_client(hub).get(f"{REPO}/pulls/1") for _ in range(3)]
    assert [(one.status_code, one.headers["x-ratelimit-remaining"]) for one in answers] == [(200, "1"), (200, "0"), (403, "0")]
    assert [_graph(hub, THREADS, number=1).get("errors", [{}])[0].get("type") for _ in range(3)] == [None, None, "RATE_LIMITED"]
    hub.clock.sleep(int(answers[-1].headers["x-ratelimit-reset"]) - hub.clock.now())
    assert _client(hub).get(f"{REPO}/pulls/1").status_code == 200
    hub.check()


def test_too_much_content_a_minute_is_refused() -> None:
    """The 81st comment of a minute has to wait; points count too."""
    hub = _hub()
    statuses = [ACTS["summary"](hub, "").status_code for _ in range(81)]
    assert statuses == [201] * 80 + [403]
    assert ACTS["summary"](hub, "").headers["retry-after"] == "60"
    hub.clock.sleep(60)
    assert ACTS["summary"](hub, "").status_code == 201
    assert [_client(hub).get(f"{REPO}/pulls/1").status_code for _ in range(900)].count(403) == 5
    hub.check()


def test_faults_strike_before_or_after_the_write() -> None:
    """A cut connection leaves nothing or everything; 5xx may have worked; each strikes once."""
    hub = _hub()
    hub.faults += [cut_before("POST", "/reviews$"), cut_after("POST", "/reviews$", skip=1)]
    for standing in (0, 1):
        with pytest.raises(httpx2.ReadError):
            _review(hub, _at(11))
        assert len(hub.world.threads) == standing
    hub.faults += [broken(502, "POST", "comments$"), broken(503, "POST", "comments$", after=True, skip=1)]
    assert [ACTS["summary"](hub, "").status_code for _ in range(3)] == [502, 503, 201]
    assert len(hub.world.issue_comments) == 2
    hub.faults += [slowed(429, 7), meanwhile(lambda: hub.comment("bob", "hello"), "GET", "comments", skip=0)]
    slow = _client(hub).get(f"{REPO}/pulls/1")
    assert (slow.status_code, slow.headers["retry-after"]) == (429, "7")
    assert len(_client(hub).get(f"{REPO}/issues/1/comments").json()) == 3
    assert [entry.status for entry in hub.writes] == [0, 0, 502, 503, 201]
    hub.check()


def test_over_sockets_it_is_the_same(github: GitHub) -> None:
    """Real connections are cut by a reset; Enterprise Server's paths have a prefix."""
    github.open_pull({"a.py": BEFORE}, {"a.py": AFTER})
    headers = {"authorization": f"token {github.token}", "user-agent": "test"}
    github.faults.append(cut_after("POST", "/issues/1/comments"))
    with httpx2.Client(base_url=github.api_url, headers=headers) as client:
        assert client.get(f"{REPO}/pulls/1").json()["head"]["sha"] == github.pull.head
        with pytest.raises(httpx2.TransportError):
            client.post(f"{REPO}/issues/1/comments", json={"body": "heard"})
        assert [one["body"] for one in client.get(f"{REPO}/issues/1/comments").json()] == ["heard"]

    with (
        serving(GitHub(prefix="/api/v3")) as hub,
        httpx2.Client(headers=headers | {"authorization": f"token {hub.token}"}) as client,
    ):
        hub.open_pull({"a.py": BEFORE}, {"a.py": AFTER})
        assert hub.graphql_url.endswith("/api/graphql")
        assert client.get(f"{hub.api_url}{REPO}/pulls/1").status_code == 200
        assert "data" in client.post(hub.graphql_url, json={"query": "{ viewer { login } }"}).json()
    hub.check()


def test_an_uploaded_sarif_is_kept() -> None:
    """As the document it was."""
    hub = _hub()
    assert ACTS["sarif"](hub, "").status_code == 202
    assert [json.dumps(sarif.document) for sarif in hub.world.sarifs] == ['{"version": "2.1.0"}']
    hub.check()

"""What a run leaves on a pull request: in the right place, once, whatever the token may, whoever interferes, wherever it is cut."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from github_help import BASE, CART, Ran, comments, hub_with_time, run
from github_standin import (
    Fault,
    GitHub,
    ManualClock,
    Request,
    broken,
    cut_after,
    cut_before,
    fork_token,
    meanwhile,
    user_token,
    workflow_token,
)

from guard.integrations.hosting.github.environment import Task, Wish

_ME = "github-actions[bot]"


def _hub(**head: str) -> GitHub:
    hub = hub_with_time()
    hub.open_pull(BASE, {"shop/app.py": CART, **{path.replace("__", "/") + ".py": text for path, text in head.items()}})
    return hub


def _operations(hub: GitHub) -> list[str]:
    return [entry.operation or "graphql" for entry in hub.writes if entry.status < 400]


def _once(hub: GitHub) -> None:
    """One open comment a finding, one summary, and no write left to do."""
    assert [path for path, _, _ in comments(hub)] == sorted({path for path, _, _ in comments(hub)})
    assert len([comment for comment in hub.world.issue_comments if comment.author == _ME]) == 1
    with hub.counting() as made:
        run(hub)
    assert not [entry for entry in made if entry.kind == "write"]
    hub.check()


# -- once, whatever happens -------------------------------------------------------------------------------------------


def test_the_first_round_says_all_and_the_second_nothing() -> None:
    """One review, one summary, one check."""
    hub = _hub(shop__chat=CART.replace("carts", "chats"))
    assert run(hub).status == 0
    assert _operations(hub) == ["pulls/create-review", "issues/create-comment", "checks/create"]
    assert [path for path, _, _ in comments(hub)] == ["shop/app.py", "shop/chat.py"]
    assert hub.world.check_runs[-1].conclusion == "failure"
    _once(hub)


@pytest.mark.parametrize("way", [cut_before, cut_after])
@pytest.mark.parametrize("place", ["/reviews$", "/issues/1/comments$", "/check-runs$"])
def test_a_cut_connection_leads_to_no_second_comment(way: type, place: str) -> None:
    """Before the write or after it: the next look tells which it was."""
    hub = _hub()
    hub.faults.append(way("POST", place))
    ran = run(hub)
    assert ran.status == 0, ran.stderr
    assert "cut" in ran.stderr
    assert len(hub.open_threads()) == 1
    assert hub.world.check_runs[-1].conclusion == "failure"
    _once(hub)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("place", ["/reviews$", "/issues/1/comments$", "/check-runs$"])
def test_a_server_that_breaks_leads_to_no_second_comment(place: str, *, after: bool) -> None:
    """A 502 tells nothing about whether the write took effect."""
    hub = _hub()
    hub.faults.append(broken(502, "POST", place, after=after))
    assert run(hub).status == 0
    assert len(hub.open_threads()) == 1
    _once(hub)


def test_reads_are_repeated() -> None:
    """Queries too: nothing is lost by asking again."""
    hub = _hub()
    hub.faults += [
        cut_before("GET", "/compare/", times=2),
        broken(502, "POST", "/graphql", times=3),
        cut_after("GET", "/pulls/1$"),
    ]
    assert run(hub).status == 0
    _once(hub)


def test_what_stays_broken_is_given_up_in_a_line() -> None:
    """Status 3: incomplete."""
    hub = _hub()
    hub.faults.append(broken(502, "GET", "/compare/", times=99))
    ran = run(hub)
    assert ran.status == 3
    assert "502" in ran.stderr
    assert "\n" not in ran.stderr.strip()
    assert not hub.writes


@pytest.mark.parametrize("place", ["/reviews$", "/issues/1/comments$", "/check-runs$", "/pulls/1$"])
def test_two_runs_at_the_same_time_say_everything_once(place: str) -> None:
    """A whole second run happens just before one of the first one's requests."""
    hub = _hub(shop__chat=CART.replace("carts", "chats"))
    hub.faults.append(
        meanwhile(lambda: _ignored(run(hub)), "" if place == "/pulls/1$" else "POST", place, skip=place == "/pulls/1$")
    )
    assert run(hub).status == 0
    assert len(hub.open_threads()) == 2
    _once(hub)


def _ignored(_ran: Ran) -> None:
    """A second run's result is nobody's business here."""


def test_a_superseded_review_is_dropped() -> None:
    """Somebody pushes while the review runs: nothing is written, status 0, one line."""
    hub = _hub()
    hub.faults.append(meanwhile(lambda: _pushed(hub), "GET", "/pulls/1$", skip=1))
    ran = run(hub)
    assert ran.status == 0
    assert "newer commit" in ran.stderr
    assert not hub.writes
    assert run(hub).status == 0
    _once(hub)


def _pushed(hub: GitHub) -> None:
    hub.push({"README.md": "x\n"})


# -- places -----------------------------------------------------------------------------------------------------------


def test_a_refused_place_costs_only_that_comments_place() -> None:
    """A 422 on one of three: the other two are posted, the third goes into the summary."""
    hub = _hub(shop__chat=CART.replace("carts", "chats"), shop__jobs=CART.replace("carts", "jobs"))
    hub.faults.append(_Refusing("shop/chat.py"))
    ran = run(hub)
    assert ran.status == 0
    assert [path for path, _, _ in comments(hub)] == ["shop/app.py", "shop/jobs.py"]
    assert "shop/chat.py:4" in hub.world.issue_comments[0].body
    assert "could be placed on shop/chat.py:4" in ran.stderr
    hub.faults.clear()
    _once(hub)


class _Refusing(Fault):
    """Refuses every review with a comment on a file, as GitHub refuses a line that it does not show."""

    def __init__(self, path: str) -> None:
        super().__init__("POST", "/reviews$", status=422)
        self._path = path.encode()

    def strikes(self, request: Request) -> bool:
        """Whether the file is in it."""
        return request.path.endswith("/reviews") and self._path in request.body


def test_a_pending_review_of_somebody_with_our_account_does_not_hide_findings() -> None:
    """GitHub refuses every review then: the summary says it all."""
    hub = _hub()
    hub.new_review(hub.pull, _ME, "", "PENDING", hub.pull.head)
    assert run(hub).status == 0
    assert not hub.open_threads()
    assert "shop/app.py:4" in hub.world.issue_comments[0].body


def test_annotations_come_in_batches() -> None:
    """More than 50 findings: as many requests, and the check knows itself complete only after the last."""
    many = {f"shop/part{number}.py": CART.replace("carts", f"carts{number}") for number in range(60)}
    hub = hub_with_time()
    hub.open_pull(BASE, many)
    hub.faults.append(cut_before("PATCH", "/check-runs/"))
    assert run(hub).status == 0
    assert len(hub.open_threads()) == 30
    newest = hub.world.check_runs[-1]
    assert len(newest.annotations) == 60
    _once(hub)


# -- tokens -----------------------------------------------------------------------------------------------------------


def test_a_forks_token_costs_the_comments_never_the_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read only: the job's summary has it all, and the exit status carries the verdict."""
    summary = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    hub = _hub()
    ran = run(hub, token=hub.add_token(fork_token()))
    assert ran.status == 1
    assert "may not comment" in ran.stderr
    assert "shop/app.py" in summary.read_text()
    assert not _operations(hub)


def test_a_pull_request_that_may_not_be_read_is_said_where_people_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a private repository, without the permission: the job's summary and the outputs say that nobody looked."""
    summary, outputs = tmp_path / "summary.md", tmp_path / "outputs"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    monkeypatch.setenv("GITHUB_OUTPUT", str(outputs))
    hub = GitHub(clock=ManualClock(), private=True)
    hub.open_pull(BASE, {"shop/app.py": CART})
    assert run(hub, token=hub.add_token(workflow_token(contents="read"))).status == 3
    assert "not reviewed" in summary.read_text()
    assert "action_required" in outputs.read_text()


def test_without_the_right_to_checks_the_exit_status_carries_the_verdict() -> None:
    """Comments are posted all the same; --status check insists."""
    hub = _hub()
    token = hub.add_token(workflow_token(contents="read", pull_requests="write"))
    assert run(hub, token=token).status == 1
    assert len(hub.open_threads()) == 1
    assert run(hub, token=token).status == 1
    insisting = run(hub, "--status", "check", token=token)
    assert insisting.status == 3
    assert "checks: write" in insisting.stderr


def test_a_persons_token_comments_as_that_person() -> None:
    """No check runs for people."""
    hub = _hub()
    hub.world.roles["robin"] = "write"
    token = hub.add_token(user_token("robin"))
    assert run(hub, token=token).status == 1
    assert [thread.comments[0].author for thread in hub.open_threads()] == ["robin"]
    assert run(hub, token=token).status == 1
    assert len(hub.world.issue_comments) == 1


def test_a_token_that_is_not_accepted_is_said_without_showing_it() -> None:
    """Status 3, one line, no token."""
    hub = _hub()
    ran = run(hub, token="ghs_averysecrettoken")  # noqa: S106 - not one
    assert ran.status == 3
    assert "not accepted" in ran.stderr
    assert "averysecret" not in ran.stderr


def test_status_exit_writes_no_check() -> None:
    """The verdict is the exit status then, also where a check could be written."""
    hub = _hub()
    assert run(hub, "--status", "exit").status == 1
    assert not hub.world.check_runs
    assert run(hub, "--status", "exit", "--fail-on", "never").status == 0


def test_with_the_right_to_resolve_threads_are_resolved_without_it_they_are_answered() -> None:
    """The answer says that it was fixed, once."""
    for rights in ("read", "write"):
        hub = _hub()
        token = hub.add_token(workflow_token(contents=rights, pull_requests="write", checks="write"))
        assert run(hub, token=token).status == 0
        hub.push({"shop/app.py": BASE["shop/app.py"]})
        assert run(hub, token=token).status == 0
        thread = hub.world.threads[0]
        assert thread.resolved is (rights == "write")
        assert [comment.body.split(" ")[0] for comment in thread.comments[1:]] == ([] if rights == "write" else ["Fixed"])
        assert hub.world.check_runs[-1].conclusion == "success"
        with hub.counting() as made:
            run(hub, token=token)
        assert not [entry for entry in made if entry.kind == "write"]
        hub.check()


def test_a_resolution_that_is_forbidden_after_all_becomes_an_answer() -> None:
    """GitHub said that we may, and then that we may not."""
    hub = _hub()
    token = hub.add_token(workflow_token(contents="write", pull_requests="write", checks="write"))
    run(hub, token=token)
    hub.push({"shop/app.py": BASE["shop/app.py"]})
    less = workflow_token(contents="read", pull_requests="write", checks="write")
    hub.faults.append(meanwhile(lambda: hub.world.tokens.update({token: less}), "POST", "resolveReviewThread"))
    ran = run(hub, token=token)
    assert ran.status == 0, ran.stderr
    assert "may not resolve" in ran.stderr
    assert len(hub.world.threads[0].comments) == 2


# -- commands ---------------------------------------------------------------------------------------------------------


def _told(hub: GitHub, user: str, text: str) -> tuple[Ran, list[str]]:
    remark = hub.comment(user, text)
    before = len(hub.writes)
    ran = run(hub, task=Task(Wish.COMMAND, "octo/shop", 1, remark=str(remark.id)))
    return ran, [entry.operation for entry in hub.writes[before:]]


def test_commands_of_writers_are_done_and_those_of_others_are_not_even_answered() -> None:
    """Whoever may write: alice. Whoever may not: eve."""
    hub = _hub()
    hub.world.roles["eve"] = "read"
    for text in ("/guard review", "/guard explain session-store", "/guard ignore e059ec128f613dc6 nobody cares", "nice work"):
        assert _told(hub, "eve", text)[1] == []
    assert _told(hub, "alice", "please do /guard review")[1] == []
    assert _told(hub, "alice", "> /guard review")[1] == []
    assert "pulls/create-review" in _told(hub, "alice", "/guard review")[1]
    with hub.counting() as made:
        _, written = _told(hub, "alice", "/guard explain session-store")
    assert written == ["issues/create-comment"]
    assert not [entry for entry in made if "/compare/" in entry.path], "no review is needed to explain"
    name = next(iter(hub.world.threads)).comments[0].body.split("stateless-guard:finding ")[1].split()[0]
    _told(hub, "alice", f"/guard ignore {name} carts are a demo")
    assert hub.world.check_runs[-1].conclusion == "success"
    assert any("carts are a demo" in comment.body for comment in hub.world.issue_comments if comment.author == _ME)
    hub.check()


def test_a_reply_that_decides_starts_a_review_and_small_talk_does_not() -> None:
    """A comment on lines is an event of its own."""
    hub = _hub()
    run(hub)
    thread = hub.world.threads[0]
    for user, text, counts in (("alice", "Interesting!", False), ("alice", "This is by design.", True)):
        reply = hub.reply(thread, user, text)
        before = len(hub.writes)
        run(hub, task=Task(Wish.COMMAND, "octo/shop", 1, remark=str(reply.id)))
        assert bool(hub.writes[before:]) is counts
    assert hub.world.check_runs[-1].conclusion == "success"


def test_a_closed_pull_request_is_left_alone() -> None:
    """Nothing new is written there, and it costs one request."""
    hub = _hub()
    hub.close()
    with hub.counting() as made:
        assert run(hub).status == 0
    assert len(made) == 1


# -- dry runs, outputs, reports ---------------------------------------------------------------------------------------


def test_a_dry_run_prints_what_it_would_post_and_writes_nothing() -> None:
    """For people, and for machines."""
    hub = _hub()
    told = run(hub, "--dry-run")
    assert told.status == 1
    assert "would post a review" in told.stdout
    assert "on shop/app.py:4" in told.stdout
    assert not hub.writes


def test_a_dry_run_for_machines_is_json() -> None:
    """The actions with all their fields."""
    hub = _hub()
    told = run(hub, "--format", "json", "--dry-run")
    actions = json.loads(told.stdout)
    assert [action["do"] for action in actions] == ["PostReview", "PostRemark", "SetCheck"]
    assert actions[0]["comments"][0]["path"] == "shop/app.py"


def test_the_runner_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Outputs with random ends; the summary stands before the first write and keeps what others wrote."""
    summary, outputs = tmp_path / "summary.md", tmp_path / "outputs"
    summary.write_text("somebody else's\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    monkeypatch.setenv("GITHUB_OUTPUT", str(outputs))
    hub = _hub()
    seen: list[str] = []
    hub.faults.append(meanwhile(lambda: seen.append(summary.read_text()), "POST", "/reviews$"))
    assert run(hub).status == 0
    assert "shop/app.py" in seen[0]
    text = summary.read_text()
    assert text.startswith("somebody else's\n")
    assert text.count("stateless-guard: 1 finding") == 1
    lines = outputs.read_text().splitlines()
    values = {lines[at].split("<<")[0]: lines[at + 1] for at in range(0, len(lines), 3)}
    assert values == {"conclusion": "failure", "findings": "1", "incomplete": "false", "head": hub.pull.head}
    assert len({lines[at] for at in range(2, len(lines), 3)}) == 4


# -- a stranger's report ----------------------------------------------------------------------------------------------


def _report(hub: GitHub, folder: Path) -> Path:
    file = folder / "report.json"
    assert run(hub, "--dry-run", "--format", "json", "--output", str(folder / "counts"), "--output", str(file)).status == 1
    return file


def test_the_second_step_for_forks_posts_the_first_ones_report(tmp_path: Path) -> None:
    """The pull request is found by its head, not by what the artifact says."""
    hub = hub_with_time()
    hub.open_pull(BASE, {"shop/app.py": CART}, author="mallory", fork=True)
    file = _report(hub, tmp_path)
    task = Task(Wish.REVIEW, "octo/shop", head=hub.pull.head, branch=f"mallory:{hub.pull.head_ref}")
    ran = run(hub, "--report", str(file), task=task)
    assert ran.status == 0, ran.stderr
    assert len(hub.open_threads()) == 1
    assert "without secrets" in hub.world.issue_comments[0].body
    assert run(hub, "--report", str(file), task=task).status == 0
    assert len(hub.open_threads()) == 1
    hub.check()


@pytest.mark.parametrize(("fork", "conclusion"), [(True, "action_required"), (False, "success")])
def test_a_fork_that_may_have_made_its_own_report_gets_no_success(tmp_path: Path, *, fork: bool, conclusion: str) -> None:
    """It edits workflows: the report may be of its own making. A writer's command has the change itself reviewed."""
    hub = hub_with_time()
    hub.world.roles["bob"] = "write"
    hub.open_pull(BASE, {"shop/app.py": CART, ".github/workflows/x.yml": "on: push\n"}, author="mallory", fork=fork)
    file = _report(hub, tmp_path)
    file.write_text(json.dumps({**json.loads(file.read_text()), "findings": []}))
    assert run(hub, "--report", str(file)).status == 0
    assert hub.world.check_runs[-1].conclusion == conclusion
    asked = hub.comment("bob", "/guard review")
    assert run(hub, task=Task(Wish.COMMAND, "octo/shop", hub.pull.number, remark=str(asked.id))).status == 0
    assert hub.world.check_runs[-1].conclusion == "failure"
    hub.check()


def test_what_people_decided_is_asked_of_the_conversation_not_of_the_report(tmp_path: Path) -> None:
    """A report that lists a finding as dismissed decides nothing; the words of somebody who may write do."""
    hub = hub_with_time()
    hub.open_pull(BASE, {"shop/app.py": CART}, author="mallory", fork=True)
    run(hub)
    hub.world.roles["bob"] = "write"
    hub.reply(hub.world.threads[0], "bob", "won't fix: this is a demo")
    file = tmp_path / "report.json"
    assert run(hub, "--dry-run", "--format", "json", "--output", str(tmp_path / "counts"), "--output", str(file)).status == 0
    assert json.loads(file.read_text())["suppressed"][0]["by"] == "conversation"
    assert run(hub, "--report", str(file)).status == 0
    assert hub.world.check_runs[-1].conclusion == "success"
    hub.world.roles["bob"] = "read"
    run(hub, "--report", str(file))
    assert hub.world.check_runs[-1].conclusion == "failure"
    hub.check()


def test_a_report_about_another_head_posts_nothing(tmp_path: Path) -> None:
    """Status 2 and a line, where the head is named; nothing to do where the run's head is not the newest any more."""
    hub = hub_with_time()
    hub.open_pull(BASE, {"shop/app.py": CART}, author="mallory", fork=True)
    file = _report(hub, tmp_path)
    old = hub.pull.head
    hub.push({"README.md": "x\n"})
    ran = run(hub, "--report", str(file))
    assert ran.status == 2
    assert "head" in ran.stderr
    moved = run(hub, "--report", str(file), task=Task(Wish.REVIEW, "octo/shop", head=old, branch="mallory:change-1"))
    assert moved.status == 0
    assert not hub.writes
    hub.check()


# -- refusals that do not end -----------------------------------------------------------------------------------------


def test_a_refusal_that_does_not_end_costs_that_comment_alone() -> None:
    """The summary is refused for good: the review and the check are there, and the run ends."""
    hub = _hub()
    hub.faults.append(broken(422, "POST", "/issues/1/comments$", times=99))
    ran = run(hub)
    assert ran.status == 0
    assert "left out" in ran.stderr
    assert len(hub.open_threads()) == 1
    assert hub.world.check_runs[-1].conclusion == "failure"


def test_a_check_that_is_refused_for_good_leaves_the_verdict_to_the_exit_status() -> None:
    """Never 0 without a check that says so."""
    hub = _hub()
    hub.faults.append(broken(404, "POST", "/check-runs$", times=99))
    assert run(hub).status == 1
    assert not hub.world.check_runs


def test_a_long_conversation_is_read_to_its_end() -> None:
    """Our comments are behind hundreds of others, our answer behind a hundred replies: nothing is said twice."""
    hub = _hub()
    for number in range(120):
        hub.comment("alice", f"remark {number}")
        hub.remark_on("shop/app.py", 2, "alice", f"thread {number}")
    run(hub)
    thread = next(thread for thread in hub.world.threads if thread.comments[0].author == _ME)
    for number in range(120):
        hub.reply(thread, "alice", f"reply {number}")
    hub.reply(thread, "alice", "Fixed.")
    run(hub)
    assert sum("Still there" in comment.body for comment in thread.comments) == 1
    with hub.counting() as made:
        run(hub)
    assert not [entry for entry in made if entry.kind == "write"]
    assert len([comment for comment in hub.world.issue_comments if comment.author == _ME]) == 1
    hub.check()

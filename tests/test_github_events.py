"""What an action's environment asks for: every example payload is read, and what is no pull request's is nothing to do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import npm
import pytest

from guard.errors import UsageError
from guard.integrations.hosting.github.environment import Task, Wish, server_of, task_from, task_of

_EXAMPLES = "@octokit/webhooks-examples@7.6.1"
_HEAD = "a" * 40


def _examples(*names: str) -> Iterator[tuple[str, dict[str, Any]]]:
    folder = npm.installed(_EXAMPLES) / "@octokit" / "webhooks-examples"
    for file in sorted(folder.glob("*/index.json")):
        for event in json.loads(file.read_text()):
            if not names or event["name"] in names:
                yield from ((event["name"], example) for example in event["examples"])


def test_every_example_of_every_event_is_read() -> None:
    """GitHub's own payloads, those of Enterprise Server too: whatever happens, a task comes out."""
    tasks = [(name, payload, task_from(name, payload, "")) for name, payload in _examples()]
    assert len(tasks) > 500
    for name, payload, task in tasks:
        if name.startswith("pull_request") and task.wish is not Wish.NOTHING:
            assert task.number == payload["pull_request"]["number"]
            assert task.repository == payload["repository"]["full_name"]
        assert task.wish is not Wish.NOTHING or task.why


@pytest.mark.parametrize(
    "name", ["pull_request", "pull_request_review", "pull_request_review_comment", "pull_request_review_thread"]
)
def test_pull_request_events_are_reviewed(name: str) -> None:
    """All actions but the end of a pull request; a comment on lines may hold a command."""
    wishes = {(payload["action"], task_from(name, payload, "").wish) for event, payload in _examples(name) if event == name}
    wanted = Wish.COMMAND if name == "pull_request_review_comment" else Wish.REVIEW
    ended = {"closed", "deleted", "merged"}
    assert {wish for action, wish in wishes if action not in ended} == {wanted}
    assert {wish for action, wish in wishes if action in ("closed", "deleted")} <= {Wish.NOTHING}


def test_the_target_event_is_a_pull_request_too() -> None:
    """pull_request_target has the payload of pull_request."""
    payload = next(payload for _, payload in _examples("pull_request") if payload["action"] == "synchronize")
    assert task_from("pull_request_target", payload, "") == task_from("pull_request", payload, "")


def test_a_comment_counts_on_pull_requests_alone() -> None:
    """Issues have comments as well."""
    for _, payload in _examples("issue_comment"):
        task = task_from("issue_comment", payload, "")
        on_a_pull = "pull_request" in payload["issue"] and payload["action"] != "deleted"
        assert task.wish is (Wish.COMMAND if on_a_pull else Wish.NOTHING)
        assert not on_a_pull or task.remark == str(payload["comment"]["id"])


def test_a_run_of_a_workflow_is_known_by_its_head() -> None:
    """The payload lists no pull request for forks: branch and head are asked of GitHub."""
    run = {"event": "pull_request", "head_sha": _HEAD, "head_branch": "fix", "head_repository": {"full_name": "stranger/shop"}}
    payload = {"action": "completed", "repository": {"full_name": "octo/shop"}, "workflow_run": {**run, "pull_requests": []}}
    assert task_from("workflow_run", payload, "") == Task(Wish.REVIEW, "octo/shop", head=_HEAD, branch="stranger:fix")
    payload["workflow_run"] = {**run, "event": "push"}
    assert task_from("workflow_run", payload, "").wish is Wish.NOTHING


@pytest.mark.parametrize(
    "payload", [{}, {"merge_group": {"head_sha": _HEAD}}, {"ref": "refs/heads/main"}, {"action": "created"}]
)
def test_events_without_a_pull_request_ask_for_nothing(payload: dict[str, Any]) -> None:
    """A merge queue, a push, a schedule: no error, and a reason."""
    task = task_from("merge_group", payload, "octo/shop")
    assert task.wish is Wish.NOTHING
    assert "--pr" in task.why


@pytest.mark.parametrize(
    "payload",
    [
        {"pull_request": {"number": "x"}},
        {"pull_request": 5},
        {"workflow_run": {"head_sha": "nothing"}},
        {"comment": {"id": None}},
    ],
)
def test_a_payload_that_is_not_what_its_name_says_is_an_error_in_a_line(payload: dict[str, Any]) -> None:
    """Never a traceback."""
    with pytest.raises(UsageError, match="payload is not a") as caught:
        task_from("workflow_run", payload, "octo/shop")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "\x00"])
def test_a_file_that_holds_no_payload_is_an_error_in_a_line(text: str, tmp_path: Path) -> None:
    """The path is named."""
    file = tmp_path / "event.json"
    file.write_text(text)
    with pytest.raises(UsageError, match=r"event\.json"):
        task_of({"GITHUB_EVENT_PATH": str(file), "GITHUB_EVENT_NAME": "pull_request", "GITHUB_REPOSITORY": "octo/shop"})


def test_arguments_count_more_than_the_environment(tmp_path: Path) -> None:
    """A number that is given needs no event; a repository that is none is refused."""
    environment = {"GITHUB_EVENT_PATH": str(tmp_path / "missing"), "GITHUB_REPOSITORY": "octo/shop"}
    assert task_of(environment, number=7) == Task(Wish.REVIEW, "octo/shop", 7)
    assert task_of(environment, "other/place", 7).repository == "other/place"
    for wrong in ("octo", "octo/", "/shop", "octo/shop/x", "octo/shop?x", "../x"):
        with pytest.raises(UsageError, match="is no repository"):
            task_of(environment, wrong, 7)
    with pytest.raises(UsageError, match="which pull request"):
        task_of({})


def test_addresses_come_from_the_environment_or_an_argument() -> None:
    """Enterprise Server has a prefix, and GraphQL beside it; the token shows nowhere."""
    secret = "ghs_secret"  # noqa: S105 - made up
    enterprise = {"GITHUB_TOKEN": secret, "GITHUB_API_URL": "https://git.example.org/api/v3", "GITHUB_GRAPHQL_URL": ""}
    server = server_of(enterprise)
    assert (server.api_url, server.graphql_url) == ("https://git.example.org/api/v3", "https://git.example.org/api/graphql")
    assert secret not in repr(server)
    other = server_of({**enterprise, "GITHUB_GRAPHQL_URL": "https://one.example.org/graphql"}, "https://two.example.org")
    assert other.graphql_url == "https://two.example.org/graphql"
    with pytest.raises(UsageError, match="GITHUB_TOKEN"):
        server_of({"GITHUB_API_URL": "https://git.example.org"})

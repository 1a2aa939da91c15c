"""The command itself: an action's environment in, an exit status out, standard output for reports alone, the token nowhere."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from github_help import BASE, CART
from github_standin import GitHub, broken

from guard.cli import run as command
from guard.integrations.hosting.github import patience


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """These runs are in real time."""
    monkeypatch.setattr(patience, "BETWEEN_WRITES", 0.0)


def _environment(hub: GitHub, monkeypatch: pytest.MonkeyPatch, folder: Path, name: str, payload: Mapping[str, object]) -> None:
    event = folder / "event.json"
    event.write_text(json.dumps(payload))
    values = {
        "GITHUB_EVENT_NAME": name,
        "GITHUB_EVENT_PATH": str(event),
        "GITHUB_REPOSITORY": hub.world.full_name,
        "GITHUB_TOKEN": hub.token,
        "GITHUB_API_URL": hub.api_url,
        "GITHUB_GRAPHQL_URL": hub.graphql_url,
        "GITHUB_OUTPUT": str(folder / "output"),
        "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
    }
    for variable, value in values.items():
        monkeypatch.setenv(variable, value)
    monkeypatch.chdir(folder)


_PULL_REQUEST = {"action": "synchronize", "pull_request": {"number": 1}, "repository": {"full_name": "octo/shop"}}
_WORDS = ["github", "review", "--no-model", "--format", "json"]


def test_an_actions_environment_is_enough(
    github: GitHub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """The report alone on standard output; nothing on standard error when there is nothing to say."""
    github.open_pull(BASE, {"shop/app.py": CART})
    _environment(github, monkeypatch, tmp_path, "pull_request", _PULL_REQUEST)
    assert command(_WORDS) == 0
    out, err = capfdbinary.readouterr()
    assert len(json.loads(out)["findings"]) == 1
    assert err == b""
    assert len(github.open_threads()) == 1
    written = "".join((tmp_path / name).read_text() for name in ("output", "summary.md"))
    assert github.token not in out.decode() + err.decode() + written
    assert "conclusion" in written


def test_an_event_that_asks_for_nothing_ends_well(
    github: GitHub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Status 0, a reason on standard error, no request."""
    github.open_pull(BASE, {"shop/app.py": CART})
    _environment(github, monkeypatch, tmp_path, "merge_group", {"merge_group": {}})
    assert command(_WORDS) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "--pr" in err
    assert not github.log


def test_a_comment_event_without_a_command_costs_nothing_but_a_look(
    github: GitHub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """One request."""
    github.open_pull(BASE, {"shop/app.py": CART})
    remark = github.comment("alice", "nice")
    payload = {
        "action": "created",
        "issue": {"number": 1, "pull_request": {}},
        "comment": {"id": remark.id, "body": remark.body},
    }
    _environment(github, monkeypatch, tmp_path, "issue_comment", payload)
    assert command(_WORDS) == 0
    assert len(github.log) == 1


def test_a_workflow_run_finds_its_pull_request_by_the_head(
    github: GitHub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A fork's is not in the payload; a head that moved on is nothing to do."""
    pull = github.open_pull(BASE, {"shop/app.py": CART}, author="mallory", fork=True)
    run = {"event": "pull_request", "head_sha": pull.head, "head_branch": pull.head_ref}
    payload = {
        "action": "completed",
        "workflow_run": {**run, "head_repository": {"full_name": "mallory/shop"}, "pull_requests": []},
    }
    _environment(github, monkeypatch, tmp_path, "workflow_run", payload)
    assert command(_WORDS) == 0
    assert len(github.open_threads()) == 1
    github.push({"README.md": "x\n"})
    before = len(github.writes)
    assert command(_WORDS) == 0
    assert "moved on" in capsys.readouterr().err
    assert len(github.writes) == before


def test_without_the_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Status 2, one line."""
    monkeypatch.setenv("GITHUB_TOKEN", "x")
    for name in ("gidgethub", "gidgethub.sansio", "httpx2"):
        monkeypatch.setitem(sys.modules, name, None)
    assert command(["github", "review", "--repo", "octo/shop", "--pr", "1"]) == 2
    assert "pip install 'stateless-guard[github]'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["github", "review", "--pr", "0"], "--pr"),
        (["github", "review", "--repo", "octo/shop"], "which pull request"),
        (["github", "review", "--pr", "1"], "is no repository"),
        (["github", "review", "--pr", "1", "--repo", "octo/shop"], "GITHUB_TOKEN"),
        (["github"], "WHAT"),
    ],
)
def test_what_is_missing_is_a_line_and_status_2(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is asked of anybody."""
    assert command(words) == 2
    err = capsys.readouterr().err
    assert told in err
    assert len(err.splitlines()) == 1


def test_a_crash_of_ours_does_not_show_the_token(
    github: GitHub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not even with -v, which prints where it happened."""
    from guard.integrations.hosting.github import conversation

    github.open_pull(BASE, {"shop/app.py": CART})
    _environment(github, monkeypatch, tmp_path, "pull_request", _PULL_REQUEST)
    monkeypatch.setattr(conversation, "_pull_request", lambda _pull: 1 / 0)
    assert command(["-v", *_WORDS]) == 3
    out, err = capsys.readouterr()
    assert "ZeroDivisionError" in err
    assert github.token not in out + err


def test_when_posting_fails_the_report_the_summary_and_the_outputs_are_there(
    github: GitHub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A host that breaks for good costs none of them."""
    github.open_pull(BASE, {"shop/app.py": CART})
    _environment(github, monkeypatch, tmp_path, "pull_request", _PULL_REQUEST)
    monkeypatch.setattr(patience, "_ATTEMPTS", 1)
    github.faults.append(broken(500, "GET", "/pulls/1$", skip=1))
    report = tmp_path / "report.json"
    assert command([*_WORDS, "--output", str(report)]) == 3
    assert json.loads(report.read_text())["findings"]
    assert "shop/app.py" in (tmp_path / "summary.md").read_text()
    assert "true" in (tmp_path / "output").read_text()

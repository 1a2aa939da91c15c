"""A hook as agents start it: a process that answers in time with status 0, whatever happens, and leaves no trace."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hook_help import (
    AGENTS,
    BAD,
    COMMIT,
    EDIT,
    STOP,
    checked,
    git,
    payload,
    remembering,
    repository,
    stops,
    text_of,
)  # fmt: skip

from guard.cli import run
from guard.integrations.agents import answering

MANY = int(os.environ.get("GUARD_PARALLEL_HOOKS", "16"))
"""`make test-agents` asks for 200."""


def hook(agent: str, values: object, folder: Path, **environment: str) -> dict[str, Any]:
    """The answer of `stateless-guard hook AGENT`."""
    done = subprocess.run(
        [sys.executable, "-m", "guard", "hook", agent], input=values if isinstance(values, bytes) else json.dumps(values).encode(),
        cwd=folder, capture_output=True, check=False, env={**os.environ, **environment}, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert b"Traceback" not in done.stderr
    return checked(agent, done.stdout)


@pytest.mark.parametrize("agent", AGENTS)
def test_a_turn_is_sent_back(agent: str, tmp_path: Path) -> None:
    """One answer, in the vendor's form."""
    repo = repository(tmp_path / "repo", app=BAD)
    assert stops(hook(agent, payload(agent, STOP[agent], repo), tmp_path))


@pytest.mark.parametrize("agent", AGENTS)
def test_what_takes_too_long_passes_and_says_so(agent: str, tmp_path: Path) -> None:
    """Even a process that hangs in a call of the system: here git, which waits for ever."""
    repo = repository(tmp_path / "repo", app=BAD)
    slow = tmp_path / "bin"
    slow.mkdir()
    (slow / "git").write_text("#!/bin/sh\nsleep 60\n")
    (slow / "git").chmod(0o755)
    start = time.monotonic()
    path = os.pathsep.join((str(slow), os.environ["PATH"]))
    said = hook(agent, payload(agent, STOP[agent], repo), repo, PATH=path, **{answering.DEADLINE_VARIABLE: "0.5"})
    assert time.monotonic() - start < 10
    assert not stops(said)
    if agent not in {"copilot", "cursor"}:
        assert "longer than 0.5 seconds" in text_of(said)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["hook", "claud"], "claude-code"),
        (["hook"], "AGENT"),
        (["hook", "claude-code", "--deadlin", "5"], "--deadlin"),
        (["-C", ".", "--color", "blue", "hook", "codex"], "--color"),
    ],
)
def test_a_wrong_command_line_passes(words: list[str], told: str, capfd: pytest.CaptureFixture[str]) -> None:
    """It stands in an agent's settings, and must not stop anybody."""
    assert run(words) == 0
    out, err = capfd.readouterr()
    assert out == "{}\n"
    assert told in err
    assert err.endswith("; passed\n")


def test_without_git_or_a_repository_it_passes(tmp_path: Path) -> None:
    """Both are told to the user."""
    values = payload("claude-code", "Stop", tmp_path)
    assert "not a git repository" in hook("claude-code", values, tmp_path)["systemMessage"]
    assert "git is not installed" in hook("claude-code", values, tmp_path, PATH="/nonexistent")["systemMessage"]


def test_a_crash_of_the_worker_passes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """What no exception tells of, like a fault in an extension."""
    monkeypatch.setattr(answering, "work", lambda *_: os.abort())
    monkeypatch.chdir(tmp_path)
    assert answering.answer_hook("claude-code") == 0
    said = json.loads(capfd.readouterr().out)
    assert "ended in the middle" in said["systemMessage"]


def test_a_bug_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception anywhere in a review."""

    def broken(*_arguments: object) -> None:
        raise RuntimeError("oh")

    monkeypatch.setattr("guard.integrations.agents.reviewing.decided", broken)
    said: list[bytes] = []
    answering.work("claude-code", json.dumps(payload("claude-code", "Stop", tmp_path)).encode(), said.append)
    assert "internal error: RuntimeError: oh" in json.loads(said[-1])["systemMessage"]


def test_files_that_are_none_of_ours_are_passed(tmp_path: Path) -> None:
    """Outside of the repository, ignored, gone, huge, a link, a folder, inside .git."""
    repo = repository(tmp_path / "repo", app=BAD)
    (repo / ".gitignore").write_text("ignored.py\n")
    (repo / "ignored.py").write_text(BAD)
    (tmp_path / "outside.py").write_text(BAD)
    (repo / "huge.py").write_text(BAD + "# x\n" * 600_000)
    (repo / "link.py").symlink_to("app.py")
    (repo / ".git" / "x.py").write_text(BAD)
    names = ("ignored.py", "../outside.py", "gone.py", "huge.py", "link.py", ".git/x.py", ".", "", "a\0b")
    for name in names:
        values = payload("claude-code", "PostToolUse", repo)
        values["tool_input"]["file_path"] = os.path.join(repo, name) if name else ""
        assert not stops(said := hook("claude-code", values, repo)), name
        assert "app.py" not in text_of(said), name


def test_the_commit_is_reviewed_not_the_work_tree(tmp_path: Path) -> None:
    """What is staged counts; with `-a` what is tracked, too; with paths these."""
    repo = repository(tmp_path / "repo", other="x = 1\n")
    git(repo, "add", "-A")
    git(repo, "commit", "-qm", "second")
    (repo / "app.py").write_text(BAD)

    def denied(command: str) -> bool:
        values = payload("claude-code", "PreToolUse", repo)
        values["tool_input"]["command"] = command
        return stops(hook("claude-code", remembering("claude-code", values, tmp_path / "t.jsonl"), repo))

    assert not denied("git commit -m x")
    assert not denied("git commit -am x")
    assert denied("git add app.py && git commit -m x")
    git(repo, "add", "app.py")
    assert denied("git commit -m x")
    assert not denied("git commit -m x other.py")
    git(repo, "commit", "-qm", "third")
    assert denied("git commit --amend --no-edit")
    assert not denied("git commit --allow-empty -m x")
    (repo / "app.py").write_text(BAD.replace("sessions", "carts"))
    assert denied("git commit -am x")


def test_a_model_that_hangs_leaves_what_is_certain(tmp_path: Path) -> None:
    """With a model configured the deadline holds, and what the heuristics said before is the answer."""
    repo = repository(tmp_path / "repo", app=BAD)
    (repo / ".stateless-guard.toml").write_text('model = "m"\n')
    with socket.create_server(("127.0.0.1", 0)) as server:  # it takes connections and never answers
        start = time.monotonic()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/v1"
        environment = {"OPENAI_BASE_URL": url, "OPENAI_API_KEY": "k", answering.DEADLINE_VARIABLE: "3"}
        assert stops(hook("claude-code", payload("claude-code", "Stop", repo), repo, **environment))
        assert time.monotonic() - start < 15


def test_many_at_once_disturb_nothing(tmp_path: Path) -> None:
    """No error, no lock left behind, no file of the user's changed."""
    repo = repository(tmp_path / "repo", app=BAD)
    git(repo, "add", "app.py")
    before = _state(repo)
    agents = [AGENTS[number % len(AGENTS)] for number in range(MANY)]
    kinds = [(EDIT, COMMIT, STOP)[number % 3] for number in range(MANY)]
    with ThreadPoolExecutor(16) as pool:
        said = list(
            pool.map(
                lambda pair: hook(pair[0], payload(pair[0], pair[1][pair[0]], repo), repo), zip(agents, kinds, strict=True)
            )
        )
    assert all("did not review" not in text_of(one) for one in said)
    assert [stops(one) for one in said] == [kind is STOP for kind in kinds]
    assert _state(repo) == before
    assert not list(repo.rglob("*.lock"))


def _state(repo: Path) -> dict[str, tuple[int, bytes]]:
    return {str(path): (path.stat().st_mtime_ns, path.read_bytes()) for path in sorted(repo.rglob("*")) if path.is_file()}

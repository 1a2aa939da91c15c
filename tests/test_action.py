"""action.yml executed step by step in a bare environment, up to what stands on a pull request of a GitHub on this machine."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from action_help import ROOT, Outcome, Runner, alone, bare_path, checkout, wheels
from github_help import BASE, CART, comments
from github_standin import GitHub, GitRepository, fork_token, serving, workflow_token

_FILES = {"shop/app.py": CART}


@pytest.fixture(scope="session")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Runner:
    """A machine on which the action was installed once: what later runs find is what the cache would have brought back."""
    base = tmp_path_factory.getbasetemp()
    base = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    with alone(base / "runner.lock"):
        machine = Runner(base / "runner/temp", bare_path(base / "runner/bin"), checkout(base / "runner/action"), wheels())
        done = machine.run({}, {}, _folder(base / "runner/none"), base / "runner/first", "")
    assert "which pull request?" in done.log, done.log
    assert [uses.partition("@")[0] for uses in done.skipped] == ["actions/cache", "actions/cache/restore"]
    return machine


def _folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    return path


def _run(
    machine: Runner, hub: GitHub, event: str, payload: Mapping[str, object], scratch: Path, token: str = "", **inputs: str
) -> Outcome:
    """One job: the event that starts it, in an empty workspace or the one of `scratch`."""
    file = _folder(scratch) / "event.json"
    file.write_text(json.dumps(payload))
    variables = {
        "GITHUB_EVENT_PATH": str(file),
        "GITHUB_EVENT_NAME": event,
        "GITHUB_REPOSITORY": hub.world.full_name,
        "GITHUB_API_URL": hub.api_url,
        "GITHUB_GRAPHQL_URL": hub.graphql_url,
        "GITHUB_SERVER_URL": hub.site,
    }
    given = {name.replace("_", "-"): text for name, text in inputs.items()}
    return machine.run(given, variables, _folder(scratch / "workspace"), scratch / "files", token or hub.token)


def _opened(hub: GitHub) -> dict[str, object]:
    return {"action": "opened", "number": hub.pull.number, "pull_request": {"number": hub.pull.number}}


def test_a_pull_request_is_reviewed(runner: Runner, github: GitHub, tmp_path: Path) -> None:
    """Comments, a check and a summary; outputs for the steps after it; status 0, since the check has the verdict."""
    github.open_pull(BASE, _FILES)
    done = _run(runner, github, "pull_request", _opened(github), tmp_path, sarif=str(tmp_path / "out.sarif"))
    assert done.status == 0, done.log
    head = github.pull.head
    assert done.outputs == {"conclusion": "failure", "findings": "1", "incomplete": "false", "head": head}
    assert [path for path, _, _ in comments(github)] == ["shop/app.py"]
    assert github.world.check_runs[-1].conclusion == "failure"
    assert "shop/app.py" in done.summary
    assert json.loads((tmp_path / "out.sarif").read_text())["version"] == "2.1.0"
    assert github.token not in done.log


def test_without_checks_the_status_has_the_verdict(runner: Runner, github: GitHub, tmp_path: Path) -> None:
    """A token that may write no check: the job fails."""
    github.open_pull(BASE, _FILES)
    token = github.add_token(workflow_token(contents="read", pull_requests="write"))
    done = _run(runner, github, "pull_request", _opened(github), tmp_path, token)
    assert (done.status, done.outputs["conclusion"]) == (1, "failure"), done.log


def test_a_fork_is_reviewed_in_two_steps(runner: Runner, github: GitHub, tmp_path: Path) -> None:
    """A token that only reads makes the report and writes nothing; the second job posts it, to the newest commit alone."""
    github.open_pull(BASE, _FILES, author="mallory", fork=True)
    report = tmp_path / "report.json"
    token = github.add_token(fork_token())
    first = _run(runner, github, "pull_request", _opened(github), tmp_path / "1", token, write_report=str(report))
    assert (first.status, github.writes) == (0, []), first.log
    assert json.loads(report.read_text())["change"]["head"] == github.pull.head
    ran = {
        "event": "pull_request",
        "head_sha": github.pull.head,
        "head_branch": github.pull.head_ref,
        "head_repository": {"full_name": "mallory/shop", "owner": {"login": "mallory"}},
    }
    second = _run(
        runner, github, "workflow_run", {"action": "completed", "workflow_run": ran}, tmp_path / "2", report=str(report)
    )
    assert (second.status, second.outputs["findings"]) == (0, "1"), second.log
    assert [path for path, _, _ in comments(github)] == ["shop/app.py"]
    github.push({"shop/app.py": BASE["shop/app.py"]})
    written = len(github.writes)
    late = _run(
        runner, github, "workflow_run", {"action": "completed", "workflow_run": ran}, tmp_path / "3", report=str(report)
    )
    assert (late.status, len(github.writes)) == (0, written), late.log


def test_a_command_is_answered(runner: Runner, github: GitHub, tmp_path: Path) -> None:
    """The event of a comment, without a checkout."""
    github.open_pull(BASE, _FILES)
    _run(runner, github, "pull_request", _opened(github), tmp_path / "1")
    comment = github.comment("alice", "/guard explain shared-state")
    payload = {
        "action": "created",
        "issue": {"number": github.pull.number, "pull_request": {}},
        "comment": {"id": getattr(comment, "id", comment), "body": "/guard explain shared-state"},
    }
    before = len(github.world.issue_comments)
    done = _run(runner, github, "issue_comment", payload, tmp_path / "2", **{"from": "api"})
    assert done.status == 0, done.log
    assert len(github.world.issue_comments) == before + 1


def test_a_checkout_is_read_and_never_run(runner: Runner, tmp_path: Path) -> None:
    """The change comes from the checkout of the pull request's own branch; no module in it is imported, whatever its name."""
    mine = tmp_path / "workspace"
    GitRepository(_folder(mine)).git("init", "-q", "-b", "main")
    with serving(GitHub(GitRepository(mine))) as hub:
        spy = f"import pathlib\npathlib.Path({str(tmp_path / 'ran')!r}).touch()\n"
        names = ("venv", "pip", "guard", "hashlib", "json", "gidgethub", "sitecustomize", "encodings")
        modules = {f"{name}.py": spy for name in names} | {f"{name}/__init__.py": spy for name in names}
        hub.open_pull(BASE, {**_FILES, **modules, "pip.conf": "[global]\nindex-url = http://127.0.0.1:9/\n"})
        repository = GitRepository(mine)
        repository.git("checkout", "-q", "--force", hub.pull.head)
        with hub.counting() as made:
            done = _run(runner, hub, "pull_request", _opened(hub), tmp_path, **{"from": "git"})
        assert done.status == 0, done.log
        assert done.outputs["findings"] == "1"
        assert not (tmp_path / "ran").exists()
        assert not [entry for entry in made if "/git/blobs" in entry.path or "/contents" in entry.path]
        hub.check()


# -- what the steps do themselves, with a command that only tells how it was called -----------------------------------

_TELLS = """#!/bin/sh
for word in "$@"; do echo "word: $word"; done
env | grep -E '^(OPENAI|GITHUB_TOKEN|GUARD_TOKEN|GUARD_API_KEY)' | sort
exit "${STATUS_TO_GIVE:-0}"
"""


@pytest.fixture
def told(tmp_path: Path) -> Runner:
    """A machine whose cache brought back an installation that is none."""
    machine = Runner(tmp_path / "temp", bare_path(tmp_path / "bin"), checkout(tmp_path / "action"))
    command = [str(tmp_path / "bin/python3"), "-I", str(machine.action / "action/key.py"), str(machine.temp)]
    key = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    venv = machine.temp / f"stateless-guard-{key}"
    _folder(venv / "bin")
    for name, text in (("python", "#!/bin/sh\nexit 0\n"), ("stateless-guard", _TELLS)):
        (venv / "bin" / name).write_text(text)
        (venv / "bin" / name).chmod(0o755)
    return machine


def test_every_input_reaches_the_command(told: Runner, tmp_path: Path) -> None:
    """As one word each, whatever is in it; keys by the environment alone, and only where they were given."""

    def words(**inputs: str) -> list[str]:
        given = {name.replace("_", "-"): text for name, text in inputs.items()}
        log = told.run(given, {}, _folder(tmp_path / "w"), tmp_path / "s", "the-token").log
        first, *lines, last = log.splitlines()
        secret = re.fullmatch(r"::stop-commands::([0-9a-f]{32})", first)
        assert secret is not None
        assert last == f"::{secret[1]}::"
        return [line.removeprefix("word: ") for line in lines]

    plain = ["github", "review", "--from=auto", "--status=auto", "--format=text", "--output=-"]
    assert words() == [*plain, "GITHUB_TOKEN=the-token"]
    odd = 'a b"; touch x; $(id) `id`'
    got = words(
        select=odd,
        ignore="b",
        config="c.toml",
        model="m",
        max_tokens="5",
        max_cost="0.5",
        report="r.json",
        fail_on="note",
        sarif="s",
    )
    assert set(got) > {
        f"--select={odd}", "--ignore=b", "--config=c.toml", "--model=m", "--max-tokens=5", "--max-cost=0.5", "--report=r.json", "--fail-on=note",
        "--format=sarif", "--output=s",
    }  # fmt: skip
    assert not (tmp_path / "w/x").exists()
    got = words(openai_api_key="k", openai_base_url="u", github_token="other")  # noqa: S106 - the test's own
    assert got[-3:] == ["GITHUB_TOKEN=other", "OPENAI_API_KEY=k", "OPENAI_BASE_URL=u"]
    assert f"--cache={told.temp}/stateless-guard-verdicts" in got
    got = words(write_report="r.json", fail_on="note")
    assert got[4:-1] == ["--dry-run", "--fail-on=never", "--format=text", "--output=-", "--format=json", "--output=r.json"]


@pytest.mark.parametrize(("status", "made", "ends"), [(3, True, 0), (3, False, 3), (2, True, 2), (0, True, 0)])
def test_an_incomplete_report_is_handed_on(told: Runner, tmp_path: Path, status: int, made: bool, ends: int) -> None:
    """It says itself what is missing; where there is none, or nothing was understood, the job fails."""
    report = tmp_path / "report.json"
    report.write_text("{}" if made else "")
    variables = {"STATUS_TO_GIVE": str(status)}
    done = told.run({"write-report": str(report)}, variables, _folder(tmp_path / "w"), tmp_path / "s", "t")
    assert done.status == ends


def test_a_runner_without_python_is_told(tmp_path: Path) -> None:
    """In a line that says what to do, before anything is installed."""
    old = _folder(tmp_path / "bin") / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    done = Runner(tmp_path / "temp", f"{tmp_path}/bin:/usr/bin:/bin", ROOT).run({}, {}, tmp_path, tmp_path / "s", "t")
    assert (done.status, "setup-python" in done.log, done.skipped) == (2, True, [])

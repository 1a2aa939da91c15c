"""The documentation runs: commands in the README exist, its configuration is accepted, its suppression suppresses."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\$ stateless-guard (.+?)(?:\s+#.*)?$", README, re.MULTILINE)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with the files that the README's commands name."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").write_text("x = 1\n")
    git = ["git", "-C", str(tmp_path)]
    subprocess.run([*git, "init", "-q", "-b", "main"], check=True)
    for number in range(5):
        (tmp_path / "notes.txt").write_text(f"{number}\n")
        subprocess.run([*git, "add", "-A"], check=True)
        subprocess.run([*git, "commit", "-qm", str(number)], check=True)
    (tmp_path / "fix.diff").write_text("")
    return tmp_path


def _guard(where: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "guard", *arguments]
    return subprocess.run(
        command,
        cwd=where,
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "NO_COLOR": "1"},
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_readme_runs(command: str, repository: Path) -> None:
    """Whoever types it from the README gets a review, not a usage error."""
    done = _guard(repository, *command.split())
    assert done.returncode == 0, done.stderr


def test_the_suppression_of_the_readme_suppresses(repository: Path) -> None:
    """The example's comment is in the syntax that is honoured, on a line that would be reported."""
    line = next(line for line in README.splitlines() if "guard: ignore[" in line)
    handlers = "\n\n@app.post('/jobs')\ndef start():\n    job = str(uuid4())\n    jobs[job] = 'queued'\n    return job\n\n\n@app.get('/jobs/<job>')\ndef status(job):\n    return jobs[job]\n"
    (repository / "app.py").write_text(
        f"from uuid import uuid4\nfrom flask import Flask\n\napp = Flask(__name__)\n{line}\n{handlers}"
    )
    report = json.loads(_guard(repository, "review", "--format", "json", "--no-model").stdout)
    assert report["findings"] == []
    assert [entry["reason"] for entry in report["suppressed"]] == ["one worker by design until the queue service is up"]


def test_the_configuration_of_the_readme_is_accepted(repository: Path) -> None:
    """Copied as it stands, it is neither refused nor ignored."""
    block = re.search(r"```toml\n(.*?)```", README, re.DOTALL)
    assert block
    (repository / "pyproject.toml").write_text(block[1])
    done = _guard(repository, "review", "--show-settings")
    assert done.returncode == 0, done.stderr
    assert "legacy/**" in done.stdout + done.stderr

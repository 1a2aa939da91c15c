"""Runs action.yml as a runner would, in an environment that has only what a runner has: `env -i`, the GITHUB_* files, bash, git, Python.

Of expressions it knows what a composite action of ours uses: `inputs.x`, `steps.x.outputs.y`, `github.token`. Another one fails the
test. A step with `uses:` is not run; `Outcome.skipped` names it.

`python tests/action_help.py` downloads what the action installs (pinned by hash), so that no test waits for it.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "action/requirements.txt"
_WHEELS = ROOT / ".npm/wheels"
_ENVIRONMENT = dict(os.environ)
_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")


@dataclass
class Outcome:
    """What a run of the action left."""

    status: int = 0
    outputs: dict[str, str] = field(default_factory=dict)
    summary: str = ""
    log: str = ""
    skipped: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Runner:
    """A machine that runs actions: where its temporary files are, and what is on its PATH."""

    temp: Path
    path: str
    action: Path
    """The action's own checkout."""
    find_links: Path | None = None
    """Wheels to install from, instead of the network."""

    def run(
        self, inputs: Mapping[str, str], variables: Mapping[str, str], workspace: Path, scratch: Path, token: str
    ) -> Outcome:
        """Run the action's steps in order, up to the first that fails."""
        action = yaml.safe_load((self.action / "action.yml").read_text())
        unknown = inputs.keys() - action["inputs"].keys()
        assert not unknown, f"no such input: {unknown}"
        defaults = {name: str(entry.get("default", "")) for name, entry in action["inputs"].items()}
        values = {f"inputs.{name}": text for name, text in {**defaults, **inputs}.items()}
        values = {name: _filled(text, {"github.token": token}) for name, text in values.items()}
        outcome = Outcome()
        for number, step in enumerate(action["runs"]["steps"]):
            if "uses" in step:
                outcome.skipped.append(step["uses"])
                continue
            files = _Files(scratch, number)
            environment = {**self._variables(workspace), **variables, **files.variables(), **_env(step, values)}
            done = self._step(step, files, environment, workspace)
            outcome.log += done.stdout + done.stderr
            outcome.summary += files.summary.read_text()
            values |= {f"steps.{step.get('id', '')}.outputs.{name}": text for name, text in files.outputs()}
            outcome.status = done.returncode
            if done.returncode:
                break
        outcome.outputs = {name: _filled(entry["value"], values, missing="") for name, entry in action["outputs"].items()}
        return outcome

    def _step(
        self, step: Mapping[str, Any], files: _Files, environment: Mapping[str, str], workspace: Path
    ) -> subprocess.CompletedProcess[str]:
        assert step["shell"] == "bash"
        files.script.write_text(step["run"])
        words = [f"{name}={text}" for name, text in environment.items()]
        command = ["env", "-i", *words, "bash", "--noprofile", "--norc", "-eo", "pipefail", str(files.script)]
        return subprocess.run(command, cwd=workspace, capture_output=True, text=True, timeout=300, check=False)

    def _variables(self, workspace: Path) -> dict[str, str]:
        home = self.temp.parent / "home"
        home.mkdir(parents=True, exist_ok=True)
        self.temp.mkdir(parents=True, exist_ok=True)
        links = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.find_links)} if self.find_links else {}
        return {
            "PATH": self.path,
            "HOME": str(home),
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_WORKSPACE": str(workspace),
            "GITHUB_ACTION_PATH": str(self.action),
            "RUNNER_TEMP": str(self.temp),
            "RUNNER_OS": "Linux",
            "RUNNER_ARCH": "X64",
            **links,
        }


@dataclass(frozen=True)
class _Files:
    """The files that a runner gives each step."""

    folder: Path
    number: int

    @property
    def script(self) -> Path:
        return self.folder / f"step-{self.number}.sh"

    @property
    def summary(self) -> Path:
        return self.folder / f"summary-{self.number}.md"

    def variables(self) -> dict[str, str]:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.summary.touch()
        self._output.touch()
        return {"GITHUB_OUTPUT": str(self._output), "GITHUB_STEP_SUMMARY": str(self.summary)}

    @property
    def _output(self) -> Path:
        return self.folder / f"output-{self.number}"

    def outputs(self) -> Iterator[tuple[str, str]]:
        """`name=value`, or `name<<END`, lines, `END`."""
        lines = iter(self._output.read_text().splitlines())
        for line in lines:
            name, long, end = line.partition("<<")
            if long and "=" not in name:
                yield name, "\n".join(takewhile(lambda text, end=end: text != end, lines))  # type: ignore[misc] # mypy does not infer a lambda with a default
            else:
                name, text = line.split("=", 1)
                yield name, text


def _env(step: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, str]:
    return {name: _filled(str(text), values) for name, text in step.get("env", {}).items()}


def _filled(text: str, values: Mapping[str, str], missing: str | None = None) -> str:
    def value(match: re.Match[str]) -> str:
        if match[1] not in values and missing is not None:
            return missing
        return values[match[1]]

    return _EXPRESSION.sub(value, text)


# -- the machine ------------------------------------------------------------------------------------------------------


def bare_path(folder: Path) -> str:
    """A PATH with the system's own tools, and this Python under the name that a runner has for it."""
    folder.mkdir(parents=True, exist_ok=True)
    link = folder / "python3"
    if not link.is_symlink():
        link.symlink_to(Path(getattr(sys, "_base_executable", sys.executable)).resolve())
    return f"{folder}:/usr/bin:/bin"


def checkout(folder: Path) -> Path:
    """The files of this repository that a runner would have of the action, as they are now, away from the rest."""
    if not folder.is_dir():
        folder.mkdir(parents=True)
        for name in ("guard", "prompts", "action"):
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "_compiled"))
        for name in ("action.yml", "pyproject.toml", "hatch_build.py", "README.md", "LICENSE"):
            shutil.copy(ROOT / name, folder / name)
    return folder


def wheels() -> Path:
    """What action/requirements.txt names, downloaded once."""
    stamp = _WHEELS / "ready.txt"
    with alone(_WHEELS.with_suffix(".lock")):
        if not stamp.is_file() or stamp.read_text() != REQUIREMENTS.read_text():
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--require-hashes"]
            subprocess.run(
                [*command, "--only-binary", ":all:", "--dest", str(_WHEELS), "-r", str(REQUIREMENTS)],
                env=_ENVIRONMENT,
                check=True,
                timeout=600,
            )
            stamp.write_text(REQUIREMENTS.read_text())
    return _WHEELS


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """One process at a time."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    wheels()

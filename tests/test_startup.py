"""What an agent waits for after an edit: what is loaded, compiled and started for it, so that none of it grows unseen."""

from __future__ import annotations

import gc
import json
import os
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

from hook_help import BAD, payload, repository

import guard
from guard import regex

HEAVY = (
    "argparse", "dataclasses", "difflib", "hashlib", "http", "jinja2", "logging", "openai", "pydantic", "tiktoken", "unidiff", "yaml",
)  # fmt: skip
"""Each takes milliseconds. `hashlib` loads OpenSSL; `dataclasses` writes and compiles the methods of every class anew."""
PROBE = f"""
import re, sys
compiled = []
compile_ = re.compile
re.compile = lambda *given: (compiled.append(sys._getframe(1).f_globals["__name__"]), compile_(*given))[1]
from guard.cli import run
import guard.analyses, guard.pipeline
guard.analyses.analyses()
early = sorted(name for name in compiled if name.startswith("guard."))
answers = []
from guard.integrations.agents.answering import work
work("claude-code", sys.stdin.buffer.read(), answers.append)
print(repr((early, [name for name in {HEAVY!r} if name in sys.modules], b"shared-session-state" in answers[-1])))
"""


def _edit(folder: Path) -> tuple[Path, bytes]:
    """A repository, and the payload of an edit in it that brings a finding."""
    repo = repository(folder / "repo", app=BAD)
    values = payload("claude-code", "PostToolUse", repo)
    values["tool_input"]["file_path"] = str(repo / "app.py")
    return repo, json.dumps(values).encode()


def test_an_edit_with_a_finding_loads_nothing_heavy(tmp_path: Path) -> None:
    """Nor is a pattern compiled while modules are loaded: most are of no use in a review."""
    repo, values = _edit(tmp_path)
    done = subprocess.run([sys.executable, "-c", PROBE], cwd=repo, input=values, capture_output=True, check=True)
    assert done.stdout.decode().strip() == repr(([], [], True))


def test_an_edit_asks_git_once(tmp_path: Path) -> None:
    """A process takes as long as reading a file."""
    repo, values = _edit(tmp_path)
    folder, told = tmp_path / "bin", tmp_path / "told"
    folder.mkdir()
    (folder / "git").write_text(f'#!/bin/sh\necho x >> "{told}"\nexec "{shutil.which("git")}" "$@"\n')
    (folder / "git").chmod(0o755)
    environment = {**os.environ, "PATH": os.pathsep.join((str(folder), os.environ["PATH"]))}
    command = [sys.executable, "-m", "guard", "hook", "claude-code"]
    done = subprocess.run(command, cwd=repo, input=values, capture_output=True, check=True, env=environment)
    assert b"shared-session-state" in done.stdout
    assert told.read_text().count("x") == 1


def test_patterns_that_are_compiled_late_are_patterns() -> None:
    """A mistake in one would otherwise be found by whoever needs it first."""
    for module in walk_packages(guard.__path__, "guard."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    late = [found for found in gc.get_objects() if type(found).__name__ == "_Late" and type(found).__module__ == regex.__name__]
    assert len(late) > 50
    assert all(pattern.flags is not None for pattern in late)

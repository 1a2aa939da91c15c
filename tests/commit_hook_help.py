"""Repositories whose hooks run for real: git, the installed command, and what users type."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

GOOD = "from flask import Flask\n\napp = Flask(__name__)\n"
BAD = GOOD + "app.config['SESSION_TYPE'] = 'filesystem'\n"
OTHER_BAD = GOOD + "app.config['SQLALCHEMY_DATABASE_URI'] = 'sqlite:///app.db'\n"
PATH = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
"""Where the commands of this environment are found first: stateless-guard, pre-commit."""


class Clone:
    """A repository on disk, and what people do in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        if not (root / ".git").exists():
            root.mkdir(parents=True, exist_ok=True)
            self.git("init", "-q", "-b", "main")

    def attempt(
        self, *command: str, cwd: Path | None = None, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command here, whatever its status."""
        return subprocess.run(
            command,
            cwd=cwd or self.root,
            stdin=subprocess.DEVNULL,
            check=False,
            capture_output=True,
            text=True,
            env={**os.environ, "PATH": PATH, **(env or {})},
        )

    def git(self, *arguments: str) -> str:
        """Run git, which must succeed; gives what it prints."""
        done = self.attempt("git", "-c", "protocol.file.allow=always", *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()

    def put(self, path: str, text: str) -> Path:
        """Write one file."""
        full = self.root / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_text(text)
        return full

    def commit(self, **texts: str) -> str:
        """Write files (`.py` is added), add everything, and commit past every hook; gives the commit."""
        for name, text in texts.items():
            self.put(f"{name}.py", text)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "--no-verify", "-m", "x")
        return self.git("rev-parse", "HEAD")

    def hook(self, name: str, command: str) -> None:
        """A hook of git's that runs one command."""
        path = self.put(f".git/hooks/{name}", f"#!/bin/sh\nexec {command}\n")
        path.chmod(0o755)


def stopped(done: subprocess.CompletedProcess[str], *said: str) -> None:
    """Assert that a command was stopped, with these words."""
    told = done.stdout + done.stderr
    assert done.returncode == 1, told
    assert all(word in told for word in said), told


def passed(done: subprocess.CompletedProcess[str], *said: str) -> None:
    """Assert that a command went through; with the words it said, or without a word of ours."""
    told = done.stdout + done.stderr
    assert done.returncode == 0, told
    assert all(word in told for word in said), told
    assert said or "guard" not in told, told

"""What the tests of the MCP server share: a repository with a finding, and a server process."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

PLAIN = "from flask import Flask, request\n\napp = Flask(__name__)\n"
CARTS = (
    PLAIN
    + "carts = {}\n\n\n@app.post('/cart/<user>')\ndef add(user):\n    carts.setdefault(user, []).append(request.json)\n    return ''\n"
    + "\n\n@app.get('/cart/<user>')\ndef show(user):\n    return carts.get(user, [])\n"
)
COMMAND = (sys.executable, "-m", "guard", "mcp")


def repository(folder: Path, committed: Mapping[str, str], changed: Mapping[str, str]) -> Path:
    """A repository with one commit, and changes in its work tree."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "-q", "-b", "main")
    write(folder, committed)
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "first")
    write(folder, changed)
    return folder


def write(folder: Path, texts: Mapping[str, str]) -> None:
    """Files by their paths."""
    for path, text in texts.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


def git(folder: Path, *words: str) -> str:
    """The output of a git command."""
    return subprocess.run(["git", "-C", folder, *words], check=True, capture_output=True, text=True).stdout


@contextmanager
def http_server(*roots: Path) -> Iterator[str]:
    """A server process on a free port of this machine; gives its address, and ends it."""
    words = [word for root in roots for word in ("--root", str(root))]
    with subprocess.Popen([*COMMAND, "--http", "0", *words], stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            said = process.stderr.readline()
            found = re.search(r"http://\S+", said)
            assert found, said
            yield found[0]
        finally:
            process.terminate()
            process.wait(10)

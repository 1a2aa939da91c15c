"""How long an agent waits for a hook, as ratios measured in one run: medians of alternating runs on the same machine.

    python bench/hooks.py [RUNS]            needs semgrep on PATH or in SEMGREP, else its ratios are left out

1. An edit that says nothing about state, in a Flask file of 1,000 lines, alone and in the middle of a repository of 5,000 files:
   the whole process against `python -c pass` (at most 6) and against `semgrep` with one rule on that file (at most 0.1).
2. The same for an edit that brings a session in memory, which is reviewed: parsers and rules are loaded.
3. What loading alone takes, from `-X importtime`: pydantic beside what a hook loads.

Ends with status 1 if a ratio of 1 misses its target, or semgrep's of 2.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

HOOK = (os.path.join(os.path.dirname(sys.executable), "stateless-guard"), "hook", "claude-code")
"""What `init` writes into an agent's settings, as pip installed it."""
PASS = (sys.executable, "-c", "pass")
FILES = 5_000
VIEW = """
@app.get("/items/{number}")
def item_{number}():
    rows = query("select * from items where id = %s", {number})
    if not rows:
        return jsonify(error="unknown"), 404
    return jsonify(rows=rows)

"""
QUIET = ('        return jsonify(error="unknown"), 404\n', '        return jsonify(error="no such item"), 404\n')
LOUD = ("    rows = query(", '    sessions[request.args["user"]] = {number}\n    rows = query(')
RULE = "rules: [{id: r, languages: [python], severity: WARNING, message: m, pattern: '$X = {}'}]\n"


def main() -> int:
    """Print the figures; gives the exit status."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("runs", nargs="?", type=int, default=15)
    runs = options.parse_args().runs
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, files in (("alone", 0), (f"among {FILES:,} files", FILES)):
            missed += _measured(Path(folder) / str(files), files, runs, name)
    _loading()
    return int(missed > 0)


def _measured(folder: Path, files: int, runs: int, name: str) -> int:
    path = _repository(folder, files)
    semgrep = _semgrep(folder, path, max(3, runs // 4))
    missed = 0
    for kind, edit in (("a quiet edit", QUIET), ("an edit with a finding", LOUD)):
        hook = _run(folder, HOOK, _edited(path, *edit))
        ratio = _ratio(runs, hook, _run(folder, PASS))
        took = statistics.median(hook() for _ in range(runs))
        against = f"{took / semgrep:6.3f} (at most 0.1)" if semgrep else "semgrep is not installed"
        target = "(at most 6)" if edit is QUIET else "           "
        print(f"{kind:22} {name:18} / python -c pass {ratio:6.2f} {target}   / semgrep {against}")
        missed += (edit is QUIET and ratio > 6) + bool(semgrep and took / semgrep > 0.1)
    return missed


def _repository(folder: Path, files: int) -> Path:
    """A file of 1,000 lines in the middle of a repository, committed."""
    path = folder / "src" / "part50" / "app.py"
    path.parent.mkdir(parents=True)
    head = "from flask import Flask, jsonify, request\n\nfrom base import query\n\napp = Flask(__name__)\nsessions = {}\n"
    text = head + "".join(VIEW.replace("{number}", str(number)) for number in range(200))
    path.write_text("".join(text.splitlines(keepends=True)[:1_000]))
    for number in range(files):
        other = folder / "src" / f"part{number % 100}" / f"module_{number}.py"
        other.parent.mkdir(exist_ok=True)
        other.write_text(f"def value_{number}():\n    return {number}\n")
    (folder / "rule.yml").write_text(RULE)
    for words in ("init -q", "add -A", "-c user.name=b -c user.email=b@example.org commit -qm base"):
        subprocess.run(["git", *words.split()], cwd=folder, check=True)
    return path


def _edited(path: Path, old: str, new: str) -> bytes:
    """Make the edit in the middle of the file, once, and give the payload that tells of it."""
    before = subprocess.run(
        ["git", "show", f"HEAD:./{path.name}"], cwd=path.parent, check=True, capture_output=True, text=True
    ).stdout
    place = before.index(old, len(before) // 2)
    now = before[:place] + new + before[place + len(old) :]
    path.write_text(now)
    values = {
        "session_id": "s", "transcript_path": "/none", "cwd": str(path.parents[2]), "hook_event_name": "PostToolUse", "tool_name": "Edit",
        "tool_input": {"file_path": str(path), "old_string": old, "new_string": new}, "tool_response": {"originalFile": before},
    }  # fmt: skip
    return json.dumps(values).encode()


def _semgrep(folder: Path, path: Path, runs: int) -> float:
    """Seconds, 0 where it is not installed."""
    program = os.environ.get("SEMGREP") or shutil.which("semgrep")
    if not program:
        return 0.0
    words = ("scan", "--metrics=off", "--disable-version-check", "--quiet", "--config", str(folder / "rule.yml"), str(path))
    once = _run(folder, (program, *words))
    once()
    return statistics.median(once() for _ in range(runs))


def _run(folder: Path, command: tuple[str, ...], given: bytes = b"") -> Callable[[], float]:
    # As installed: with the compiled files that Python keeps of modules.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

    def timed() -> float:
        start = time.perf_counter()
        subprocess.run(command, cwd=folder, check=False, input=given, env=environment, capture_output=True)
        return time.perf_counter() - start

    return timed


def _ratio(runs: int, ours: Callable[[], float], theirs: Callable[[], float]) -> float:
    """The median over pairs of runs, one right after the other, after one warm-up each."""
    ours()
    theirs()
    return statistics.median(ours() / theirs() for _ in range(runs))


def _loading() -> None:
    print("\nmilliseconds of loading alone (-X importtime, which slows it down itself)")
    with_hook = "import sys; from guard.__main__ import main; main(['hook', 'claude-code'])"
    for name, code, given in (
        ("python itself", "pass", b""),
        ("a hook that has nothing to do", with_hook, b'{"hook_event_name": "X"}'),
        ("what a review adds", "import guard.pipeline, guard.integrations.agents.reviewing", b""),
        ("pydantic", "import pydantic.main", b""),
    ):
        done = subprocess.run([sys.executable, "-X", "importtime", "-c", code], input=given, capture_output=True, check=True)
        own = [line.split(b"|")[0].split(b":")[1] for line in done.stderr.splitlines() if b"|" in line]
        print(f"  {name:32} {sum(int(number) for number in own if number.strip().isdigit()) / 1_000:7.1f}")


if __name__ == "__main__":
    sys.exit(main())

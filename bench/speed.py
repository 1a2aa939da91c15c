"""How fast a review is, as ratios measured in one run: medians of alternating runs on the same machine.

    python bench/speed.py [RUNS]

1. `guard review --staged` with nothing staged, against `python -c pass`: at most 4.
2. Five Python files of 1,000 lines (from the standard library) with three changed lines each, against `bandit` on the same
   files: at most 0.35.
3. The heuristic path imports neither openai nor tiktoken nor an HTTP client.

Ends with status 1 if a ratio misses its target.
"""

from __future__ import annotations

import argparse
import ast
import importlib.util
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

MODULES = ("argparse", "tarfile", "zipfile", "subprocess", "smtplib", "pathlib", "threading", "mailbox", "optparse")
FILES = 5
LINES = 1_000
CHANGED = 3
FORBIDDEN = ("openai", "tiktoken", "httpx", "httpx2", "requests", "urllib3", "aiohttp")
GUARD = (sys.executable, "-m", "guard")


def main() -> int:
    """Print the figures; gives the exit status."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("runs", nargs="?", type=int, default=15)
    runs = options.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        repository = Path(folder)
        paths = _repository(repository)
        empty = _ratio(runs, _run(repository, *GUARD, "review", "--staged"), _run(repository, sys.executable, "-c", "pass"))
        for path in paths:
            _change(path)
        ours = _run(repository, *GUARD, "review", "--no-model", "--fail-on", "never")
        full = _ratio(runs, ours, _run(repository, sys.executable, "-m", "bandit", "-q", "--exit-zero", *map(str, paths)))
        loaded = _loaded(repository)
    print(f"nothing staged / python -c pass      {empty:5.2f}  (at most 4)")
    print(f"five changed files / bandit          {full:5.2f}  (at most 0.35)")
    print(f"imported by the heuristic path       {', '.join(loaded) or 'none of ' + ', '.join(FORBIDDEN)}")
    return int(empty > 4 or full > 0.35 or bool(loaded))


def _repository(folder: Path) -> list[Path]:
    paths = [folder / f"sample_{name}.py" for name in MODULES]  # not their own names: `-m` looks for modules here first
    written = [path for path in paths if _write_thousand_lines(path)][:FILES]
    for path in set(paths) - set(written):
        path.unlink(missing_ok=True)
    for arguments in (
        ("init", "-q"),
        ("add", "-A"),
        ("-c", "user.name=b", "-c", "user.email=b@example.org", "commit", "-qm", "base"),
    ):
        subprocess.run(["git", *arguments], cwd=folder, check=True)
    return written


def _write_thousand_lines(path: Path) -> bool:
    """Whole top-level statements of a module up to 1,000 lines, filled up with comments."""
    spec = importlib.util.find_spec(path.stem.removeprefix("sample_"))
    if spec is None or spec.origin is None:
        return False
    text = Path(spec.origin).read_text(encoding="utf-8")
    ends = [node.end_lineno or 0 for node in ast.parse(text).body]
    end = max((number for number in ends if number <= LINES), default=0)
    if end < LINES // 2:
        return False
    lines = text.splitlines()[:end]
    path.write_text("\n".join(lines + ["# filler"] * (LINES - end)) + "\n", encoding="utf-8")
    return True


def _change(path: Path) -> None:
    """Put three added assignments after top-level statements spread over the file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    ends = [node.end_lineno or 0 for node in ast.parse("\n".join(lines)).body]
    for number in (ends[len(ends) * step // (CHANGED + 1)] for step in range(CHANGED, 0, -1)):
        lines.insert(number, f"added_{number} = {number}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _run(folder: Path, *command: str) -> Callable[[], float]:
    # As installed: with the compiled files that Python keeps of modules.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

    def timed() -> float:
        start = time.perf_counter()
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
        return time.perf_counter() - start

    return timed


def _ratio(runs: int, ours: Callable[[], float], theirs: Callable[[], float]) -> float:
    """The median over pairs of runs, one right after the other, after one warm-up each."""
    ours()
    theirs()
    return statistics.median(ours() / theirs() for _ in range(runs))


def _loaded(folder: Path) -> list[str]:
    code = (
        "import sys; from guard.__main__ import main\n"
        "try: main(['review', '--no-model', '--fail-on', 'never'])\n"
        "except SystemExit: pass\n"
        f"print('\\n' + ' '.join(m for m in {FORBIDDEN!r} if m in sys.modules))"
    )
    environment = {**os.environ, "OPENAI_API_KEY": ""}
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, check=True, capture_output=True, text=True, env=environment)
    return done.stdout.splitlines()[-1].split()


if __name__ == "__main__":
    sys.exit(main())

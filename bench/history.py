"""What a review would have said of the last commits of a repository: every finding with its line, to be read and judged.

    python bench/history.py REPOSITORY [COMMITS]

Reviews the last first-parent commits (100 if not said) without a model, one after the other, in one process. Ends with
status 1 if a review failed on a file.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections import Counter

from guard.integrations.git import Kind, Selection, open_change
from guard.pipeline import Observations, observe


def main() -> int:
    """Print findings and totals; gives the exit status."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("repository")
    options.add_argument("commits", nargs="?", type=int, default=100)
    given = options.parse_args()
    counts: Counter[str] = Counter()
    start = time.perf_counter()
    commits = _commits(given.repository, given.commits)
    for commit in commits:
        seen = _observed(given.repository, commit)
        for failure in seen.failures:
            counts["failure"] += 1
            print(f"{commit[:10]} FAILED {failure.path}: {failure.error}")
        for signal in seen.signals:
            counts[signal.confidence.value] += 1
            print(
                f"{commit[:10]} {signal.confidence} {signal.rule} {signal.path}:{signal.line} | {signal.code.strip().split(chr(10))[0][:100]}"
            )
    print(f"{len(commits)} commits in {time.perf_counter() - start:.0f} s: {dict(counts) or 'nothing to say'}")
    return int(bool(counts["failure"]))


def _commits(repository: str, number: int) -> list[str]:
    command = ["git", "-C", repository, "rev-list", "--first-parent", f"--max-count={number}", "HEAD"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()


def _observed(repository: str, commit: str) -> Observations:
    with open_change(Selection(Kind.COMMIT, commit), repository) as selected:
        return observe(selected.change, selected.source)


if __name__ == "__main__":
    sys.exit(main())

"""The table of `docs/accuracy.md`: how often the reviews are right, on which commits, and how to repeat it.

    python bench/accuracy.py --mirror DIR CASES.jsonl...  [--held-out SEED/FRACTION] [--jobs N] [--output docs/accuracy.md]

Reviews the labelled commits without a model, as `stateless-guard eval` does, from the clones below DIR (docs/eval.md). With
--held-out, the repositories that the seed sets aside have a table of their own: for those that really were. Ends with status 1 if a review failed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from guard import __version__
from guard.evaluation.cases import is_held_out, share_of
from guard.evaluation.markdown import rates, shown
from guard.evaluation.scoring import Status
from guard.evaluation.tally import Result, limited
from guard.integrations.evaluated import Way, cases_in, outcomes

ROOT = Path(__file__).parent.parent


def main() -> int:
    """Write the page; gives the exit status."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("cases", nargs="+")
    options.add_argument("--mirror", required=True)
    options.add_argument("--held-out", default="")
    options.add_argument("--jobs", type=int, default=1)
    options.add_argument("--output", default=str(ROOT / "docs" / "accuracy.md"))
    given = options.parse_args()
    cases = cases_in(given.cases)
    result = Result(outcomes(cases, Way(given.mirror), given.jobs, lambda case: print(case, file=sys.stderr)), __version__)
    Path(given.output).write_text(
        "\n".join([*_head(given), *_held_out(result, given.held_out), shown(result, None, code=False)])
    )
    return int(bool(result.of(Status.FAILED)))


def _head(given: argparse.Namespace) -> Iterator[str]:
    names = " ".join(Path(file).name for file in given.cases)
    split = f" --held-out {given.held_out}" if given.held_out else ""
    yield "# How often the reviews are right\n"
    yield (
        "Made by a script: labelled commits of public repositories, reviewed without a model, each against its first parent. Rates have "
        "Wilson's 95% intervals; [eval.md](eval.md) says how cases look and how they count. Whoever wrote the rules could see these commits, "
        "so the rates tell how well the rules fit them, and are an upper bound for others. The commits are listed below. With their clones:\n"
    )
    yield f"    python bench/accuracy.py --mirror DIR{split} {names}\n"
    yield f"stateless-guard {__version__}, commit {_commit()}, {given.jobs} at a time.\n"


def _held_out(result: Result, share: str) -> Iterator[str]:
    if share:
        yield f"## Repositories that were set aside while rules were written ({share})\n"
        yield "\n".join(rates(limited(result, partial(is_held_out, share=share_of(share)))))
        yield "\n## All\n"


def _commit() -> str:
    """The commit of this checkout, and whether it is more than that."""
    described = ("git", "-C", str(ROOT), "describe", "--always", "--abbrev=12", "--dirty=, with changes", "--exclude=*")
    return subprocess.run(described, check=False, capture_output=True, text=True).stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main())

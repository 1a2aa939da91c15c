"""What asking a model would take, without asking one: tokens against the whole diffs, who is asked about, what is the same in every call.

    python bench/questions.py --mirror CLONES [--quiet FILE] [--commits N] [--jobs N] [--sweep auto] CASES...

Reviews each labelled commit as `stateless-guard review` does, with a judge that writes down what it is asked and answers nothing. The
bare prompt that it is held against is the rule and the whole diff of each commit (`stateless-guard eval --export-bare`). FILE has
repositories, one a line, whose ordinary commits should hardly ever be asked about: the last N of each are reviewed the same way.
With --sweep, the code that a model would read on is counted too; what it would name there, and be asked about once more, is not.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from statistics import median

from guard.atoms import STATELESS_PROCESSES
from guard.atoms.loader import load_atom
from guard.errors import GuardError
from guard.evaluation.cases import Case
from guard.integrations.evaluated import cases_in, clone_of
from guard.integrations.git import Git, Kind, Selected, Selection, diff_of_commit, open_change
from guard.languages import read_as, reader_for
from guard.model.bare import bare_prompt, bare_question
from guard.model.budget import ANSWER_TOKENS
from guard.model.inquiry import Inquiry, Sweep
from guard.model.judge import NotAskedError, Reply, Request, Usage
from guard.model.prices import price_of
from guard.model.tokens import counter_for
from guard.pipeline import review
from guard.pipeline.sides import project_of
from guard.roles import CODE, Role, role_of

MODEL = "gpt-5-mini"
MOST_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit to review. `negative`: labelled, and nothing in it is wrong."""

    name: str
    repository: str
    revision: str
    labelled: bool
    negative: bool


@dataclass(slots=True)
class Taken:
    """What one commit would take."""

    commit: Commit
    bare: int = 0
    calls: list[tuple[int, int]] = field(default_factory=list)
    """Tokens of each call: those before its own message, and all."""
    questions: int = 0
    passages: int = 0
    rules: Counter[str] = field(default_factory=Counter)
    server: bool = False
    problem: str = ""

    @property
    def sent(self) -> int:
        """Tokens of all calls."""
        return sum(whole for _, whole in self.calls)


class _Writing:
    """A judge that writes down what it is asked, and answers nothing."""

    def __init__(self) -> None:
        self.requests: list[Request] = []

    def ask(self, request: Request) -> Reply:
        self.requests.append(request)
        raise NotAskedError("nobody is asked")


def main() -> int:
    """Print the figures; gives 1 if a commit could not be reviewed."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("cases", nargs="+")
    options.add_argument("--mirror", default=os.environ.get("MIRROR", "mirror"))
    options.add_argument("--quiet")
    options.add_argument("--commits", type=int, default=60)
    options.add_argument("--jobs", type=int, default=1)
    options.add_argument("--sweep", choices=("off", "auto", "all"), default="off")
    options.add_argument("-v", "--verbose", action="store_true", help="each commit that is asked about")
    given = options.parse_args()
    commits = [*_labelled(cases_in(given.cases), given.mirror), *_ordinary(given.quiet, given.mirror, given.commits)]
    with ProcessPoolExecutor(given.jobs) as pool:
        found = list(pool.map(partial(_taken, sweep=Sweep(given.sweep)), commits, chunksize=4))
    print("\n".join(_told(found, verbose=given.verbose)))
    return int(any(taken.problem for taken in found))


def _labelled(cases: Iterable[Case], mirror: str) -> Iterator[Commit]:
    for case in cases:
        repository = clone_of(case, mirror)
        if repository is not None:
            yield Commit(case.id, repository, case.commit, labelled=True, negative=not case.expected)


def _ordinary(file: str | None, mirror: str, number: int) -> Iterator[Commit]:
    if file is None:
        return
    with open(file, encoding="utf-8") as stream:
        names = stream.read().split()
    for name in names:
        repository = clone_of(Case(name, name, "", "", ""), mirror)
        if repository is None:
            print(f"{name} is not in {mirror}", file=sys.stderr)
            continue
        command = ["git", "-C", repository, "rev-list", "--first-parent", f"--max-count={number}", "HEAD"]
        for commit in subprocess.run(command, check=True, capture_output=True, text=True).stdout.split():
            yield Commit(f"{name} {commit[:10]}", repository, commit, labelled=False, negative=False)


def _taken(commit: Commit, sweep: Sweep) -> Taken:
    taken = Taken(commit)
    judge = _Writing()
    count = counter_for(MODEL).count
    try:
        with open_change(Selection(Kind.COMMIT, commit.revision), commit.repository) as selected:
            report = review(selected.change, selected.source, inquiry=Inquiry(judge, MODEL, at_once=1, sweep=sweep))
            taken.server = not commit.labelled and _touches_server_code(selected)
        if commit.labelled:
            diff = diff_of_commit(Git(commit.repository), commit.revision)
            taken.bare = count(bare_prompt(load_atom(STATELESS_PROCESSES))) + count(bare_question(diff))
    except GuardError as error:
        taken.problem = str(error)
        return taken
    taken.calls = [_size(request, count) for request in judge.requests]
    asked = [asked.id for request in judge.requests for asked in request.asked]
    taken.questions = sum(name.startswith("q-") for name in asked)
    taken.passages = len(asked) - taken.questions
    taken.rules = Counter(entry.rule for entry in report.model.left_out) if report.model else Counter()
    return taken


def _size(request: Request, count: Callable[[str], int]) -> tuple[int, int]:
    before = sum(count(message.content) for message in request.messages if message.role == "system")
    return before, sum(count(message.content) for message in request.messages)


def _touches_server_code(selected: Selected) -> bool:
    """Whether a changed file is part of a server, by the role that a review gives it."""
    project = project_of(selected.change, selected.source)
    for file in selected.change.files:
        text = selected.source.head(file.path) if file.added or file.removed else None
        if text is None or len(text) > MOST_BYTES or b"\0" in text:
            continue
        reading = reader_for(file.path, text)
        facts = read_as(reading, file.path, text) if reading is not None else None
        if facts is not None and facts.language in CODE and role_of(facts, project) is Role.SERVER:
            return True
    return False


# -- what is printed ----------------------------------------------------------------------------------------------------


def _told(found: list[Taken], *, verbose: bool) -> Iterator[str]:
    yield from (f"failed: {taken.commit.name}: {taken.problem}" for taken in found if taken.problem)
    if verbose:
        for taken in found:
            if taken.calls:
                by_rule = ", ".join(f"{rule} {number}" for rule, number in taken.rules.most_common())
                yield f"{taken.commit.name}: {taken.questions} questions, {len(taken.calls)} calls, {taken.sent} tokens: {by_rule}"
    labelled = [taken for taken in found if taken.commit.labelled]
    if labelled:
        yield from _labelled_figures(labelled)
    quiet = [taken for taken in found if not taken.commit.labelled]
    if quiet:
        yield from _quiet_figures(quiet)
    yield from _prefix_figures([call for taken in found for call in taken.calls])
    rules = sum((taken.rules for taken in found), Counter())
    yield "questions by rule: " + ", ".join(f"{rule} {number}" for rule, number in rules.most_common(20))


def _labelled_figures(labelled: list[Taken]) -> Iterator[str]:
    sent, bare = sum(taken.sent for taken in labelled), sum(taken.bare for taken in labelled)
    negatives = [taken for taken in labelled if taken.commit.negative]
    silent = sum(not taken.calls for taken in negatives)
    yield (
        f"labelled commits: {len(labelled)}; {sum(taken.questions for taken in labelled)} questions in "
        f"{sum(len(taken.calls) for taken in labelled)} calls, {sum(taken.passages for taken in labelled)} of them passages, {sent:,} tokens, {sent / bare:.1%} of {bare:,} for the whole diffs"
    )
    yield f"  negatives without a call: {silent} of {len(negatives)} ({silent / max(len(negatives), 1):.0%})"
    yield f"  a commit in the median: {_dollars(labelled)} ({MODEL}), of those that ask {_dollars([t for t in labelled if t.calls])}"


def _quiet_figures(quiet: list[Taken]) -> Iterator[str]:
    server = [taken for taken in quiet if taken.server]
    asking = [taken for taken in quiet if taken.calls]
    of_server = sum(bool(taken.calls) for taken in server)
    silent = len(quiet) - len(asking)
    yield f"ordinary commits: {len(quiet)}; without a call: {silent} ({silent / len(quiet):.0%})"
    yield f"  that touch server code: {len(server)}; of them with questions: {of_server} ({of_server / max(len(server), 1):.0%})"
    numbers = [taken.questions for taken in asking]
    if numbers:
        yield f"  questions of those that ask: median {median(numbers):g}, at most {max(numbers)}; tokens: median {median(t.sent for t in asking):,.0f}"


def _prefix_figures(calls: list[tuple[int, int]]) -> Iterator[str]:
    shares = [(one[0] + other[0]) / (one[1] + other[1]) for one, other in pairwise(calls)]
    if shares:
        enough = sum(share >= 0.5 for share in shares) / len(shares)
        yield (
            f"constant prefix: {calls[0][0]:,} tokens; share of two calls in a row: median {median(shares):.0%}, lowest {min(shares):.0%}, "
            f"at least half in {enough:.0%}"
        )


def _dollars(found: list[Taken]) -> str:
    price = price_of(MODEL)
    if price is None or not found:
        return "cost unknown"
    return f"${median(price.of(Usage(taken.sent, 0, taken.questions * ANSWER_TOKENS)) for taken in found):.4f}"


if __name__ == "__main__":
    sys.exit(main())

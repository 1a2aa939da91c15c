"""Reviews of labelled commits out of a folder of clones: one process a case, as a user would type it, so that nothing is shared.

A repository is looked for as `OWNER+NAME/repo`, `OWNER+NAME`, `OWNER+NAME.git`, and by its plain path; bare or with a work tree.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from msgspec import Struct

from guard.errors import UsageError
from guard.evaluation.cases import Case, cases_of, refuse_doubles
from guard.evaluation.scoring import CodeOf, Outcome, Status, asked_in, judged, said_in
from guard.finding import Place
from guard.integrations.git import Git

LIMIT = 300.0
"""Seconds that one review may take."""


class Exchange(Struct, frozen=True):
    """The files of each case's exchange with a model, in one folder: answers that are given, what is recorded, what is to be asked."""

    folder: str
    answers: Mapping[str, Sequence[str]] | None = None
    """Lines by case, to be replayed."""
    record: bool = False
    export: bool = False
    given: str = ""
    """The files that the answers are from, as the user has named them."""

    def options(self, case: Case) -> Iterator[str]:
        """What is added to the command line of one case; writes the answers that are given to it."""
        if self.answers is not None:
            with open(self.file(case, "answers"), "w", encoding="utf-8") as stream:
                stream.writelines(f"{line}\n" for line in self.answers.get(case.id, ()))
            yield from ("--replay", self.file(case, "answers"))
        if self.record:
            yield from ("--record", self.file(case, "record"))
        if self.export:
            yield from ("--export-questions", self.file(case, "questions"))

    def file(self, case: Case, what: str) -> str:
        """The file of one case. Ids may hold anything, so files are named by their hash."""
        return os.path.join(self.folder, f"{hashlib.sha256(case.id.encode()).hexdigest()[:24]}.{what}.jsonl")

    def written(self, case: Case, what: str) -> str:
        """What the review of a case has written; "" if nothing."""
        file = self.file(case, what)
        return text_of(file) if os.path.exists(file) else ""


class Way(Struct, frozen=True):
    """How the cases are reviewed: where the clones are, what is added to the command line, what of an exchange is kept apart by case."""

    mirror: str
    options: tuple[str, ...] = ("--no-model",)
    limit: float = LIMIT
    exchange: Exchange | None = None


def cases_in(files: Sequence[str]) -> tuple[Case, ...]:
    """The cases of these files. Raises UsageError."""
    found = [case for file in files for case in cases_of(text_of(file), file, os.path.basename(file).removesuffix(".jsonl"))]
    refuse_doubles(found)
    return tuple(found)


def outcomes(cases: Sequence[Case], way: Way, jobs: int, progress: Callable[[str], None]) -> tuple[Outcome, ...]:
    """What became of each case, in their order; `jobs` of them are reviewed at a time."""

    def run(case: Case) -> Outcome:
        progress(f"{case.id} {case.repo}")
        return outcome(case, way)

    with ThreadPoolExecutor(jobs) as pool:  # the threads only wait for their processes
        return tuple(pool.map(run, cases))


def outcome(case: Case, way: Way) -> Outcome:
    """Review one case and judge it."""
    repository = clone_of(case, way.mirror)
    if repository is None:
        return Outcome(case, Status.MISSING, problem=f"{case.repo} is not in {way.mirror}")
    start = time.perf_counter()
    try:
        run = subprocess.run(_command(case, repository, way), check=False, capture_output=True, timeout=way.limit)
    except subprocess.TimeoutExpired:
        return Outcome(case, Status.FAILED, way.limit, f"not done in {way.limit:.0f} s")
    seconds = time.perf_counter() - start
    try:
        report: dict[str, Any] = json.loads(run.stdout)
        said = said_in(report)
    except (ValueError, KeyError, TypeError, AttributeError):
        return Outcome(case, Status.FAILED, seconds, _told(run))
    hits, misses, alarms = judged(case, said, code_of(repository, case.commit))
    problem = "; ".join(f"{error['path'] or 'the model'}: {error['error']}" for error in report.get("errors", ()))
    if way.exchange is not None:
        problem = problem.replace(f"--replay {way.exchange.file(case, 'answers')}", way.exchange.given)
    return Outcome(case, Status.SCORED, seconds, problem, hits, misses, alarms, asked_in(report))


def clone_of(case: Case, mirror: str) -> str | None:
    """The folder of a case's repository; None if the mirror has none."""
    flat = case.repo.replace("/", "+")
    places = (
        os.path.join(mirror, *parts)
        for parts in ((flat, "repo"), (flat,), (f"{flat}.git",), (case.repo,), (f"{case.repo}.git",))
    )
    return next((place for place in places if _is_repository(place)), None)


def _is_repository(folder: str) -> bool:
    bare = os.path.isfile(os.path.join(folder, "HEAD")) and os.path.isdir(os.path.join(folder, "objects"))
    return bare or os.path.exists(os.path.join(folder, ".git"))


def _command(case: Case, repository: str, way: Way) -> list[str]:
    review = ["-C", repository, "review", "--commit", case.commit, "--format", "json", "--fail-on", "never", "-q"]
    return [sys.executable, "-m", "guard", *review, *way.options, *(way.exchange.options(case) if way.exchange else ())]


def _told(run: subprocess.CompletedProcess[bytes]) -> str:
    text = (run.stderr or run.stdout).decode("utf-8", "replace").strip()
    return " ".join(f"status {run.returncode}: {text[-300:]}".split())


def code_of(repository: str, commit: str) -> CodeOf:
    """The code at places of one commit."""
    return _Code(repository, commit)


class _Code(Struct, frozen=True):
    """The code at places of one commit; asked for mistakes only, which are few."""

    repository: str
    commit: str

    def __call__(self, place: Place) -> Sequence[str]:
        done = Git(self.repository).attempt("cat-file", "blob", f"{self.commit}:{place.path}")
        lines = done.stdout.decode("utf-8", "replace").split("\n") if done.returncode == 0 else []
        return [line.rstrip("\r") for line in lines[place.line - 1 : place.end_line]]


def text_of(file: str) -> str:
    """The text of a file. Raises UsageError."""
    try:
        with open(file, encoding="utf-8") as stream:
            return stream.read()
    except OSError as error:
        raise UsageError(f"{file}: can not be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{file}: not UTF-8") from None

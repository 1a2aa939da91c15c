"""Exchanges of a whole evaluation: questions out, answers in, what was recorded, and the bare prompt of each case."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from msgspec import Struct

from guard.errors import UsageError
from guard.evaluation.bare import bare_answers
from guard.evaluation.cases import Case
from guard.evaluation.exchange import CASE, by_case, named, without_doubles
from guard.evaluation.scoring import Outcome, Said, Status, judged
from guard.evaluation.tally import ALL, Repetition, tallies
from guard.integrations.evaluated import Exchange, clone_of, code_of, text_of
from guard.integrations.git import Git, diff_of_commit

ANY_MODEL = "gpt-5"
"""Whose tokens are counted where no model is named."""


def answers_for(cases: Sequence[Case], files: Iterable[str]) -> Mapping[str, Sequence[str]]:
    """Lines to replay, by case, out of files of answers or recorded exchanges. Raises UsageError."""
    found: dict[str, list[str]] = {case.id: [] for case in cases}
    for file in files:
        for case, lines in by_case(text_of(file), file, found).items():
            found[case] += lines
    return found


def gathered(cases: Sequence[Case], exchange: Exchange, what: str) -> tuple[Mapping[str, object], ...]:
    """What the reviews of all cases have written, in their order."""
    return tuple(without_doubles(entry for case in cases for entry in named(exchange.written(case, what), case.id)))


def write_lines(file: str, entries: Iterable[Mapping[str, object]]) -> None:
    """Write a file of lines. Raises UsageError."""
    try:
        with open(file, "w", encoding="utf-8") as stream:
            stream.writelines(json.dumps(entry) + "\n" for entry in entries)
    except OSError as error:
        raise UsageError(f"{file}: can not be written: {error.strerror}") from None


class Run(Struct, frozen=True):
    """One time that all cases were reviewed, with the exchanges that were recorded."""

    outcomes: tuple[Outcome, ...]
    recorded: tuple[Mapping[str, object], ...] = ()


def agreement(runs: Sequence[Run]) -> Repetition:
    """How much several runs agree: a question counts if all of them asked it."""
    answers = [_answers(run.recorded) for run in runs]
    everywhere = [name for name in answers[0] if all(name in other for other in answers)]
    alike = sum(len({each[name] for each in answers}) == 1 for name in everywhere)
    counts = tuple(tallies(outcome for outcome in run.outcomes if outcome.status is Status.SCORED)[(ALL, "")] for run in runs)
    return Repetition(counts, len(everywhere), alike, len(set().union(*answers)) - len(everywhere))


def recorded(runs: Sequence[Run]) -> tuple[Mapping[str, object], ...]:
    """All exchanges of several runs; those of the first one stand last, since its answers count, and a replay takes the last."""
    return tuple(entry for run in reversed(runs) for entry in run.recorded)


def _answers(exchanges: Iterable[Mapping[str, object]]) -> dict[str, str]:
    """The last word on each question."""
    from guard.model.record import answers_in

    found: dict[str, str] = {}
    for exchange in exchanges:
        found.update({f"{exchange[CASE]}/{name}": answer for name, answer in answers_in(json.dumps(exchange)).items()})
    return found


def bare_tokens(outcomes: Iterable[Outcome], mirror: str, model: str) -> int:
    """The tokens of the rule and the whole diff, one request a case."""
    from guard.atoms import STATELESS_PROCESSES
    from guard.atoms.loader import load_atom
    from guard.model.bare import bare_prompt, bare_question
    from guard.model.tokens import counter_for

    count = counter_for(model or ANY_MODEL).count
    prompt, total = count(bare_prompt(load_atom(STATELESS_PROCESSES))), 0
    for outcome in outcomes:
        repository = clone_of(outcome.case, mirror)
        if repository is not None:
            total += prompt + count(bare_question(diff_of_commit(Git(repository), outcome.case.commit)))
    return total


def bare_prompts(cases: Sequence[Case], mirror: str, progress: Callable[[str], None]) -> tuple[Mapping[str, object], ...]:
    """The rule once, and the whole diff of each case that is there."""
    from guard.atoms import STATELESS_PROCESSES
    from guard.atoms.loader import load_atom
    from guard.model.bare import bare_lines

    atom = load_atom(STATELESS_PROCESSES)
    entries: list[Mapping[str, object]] = []
    for case in cases:
        repository = clone_of(case, mirror)
        if repository is not None:
            progress(f"{case.id} {case.repo}")
            entries += bare_lines(atom, case.id, diff_of_commit(Git(repository), case.commit))
    return tuple(without_doubles(entries))


def outcomes_of_bare_answers(cases: Sequence[Case], mirror: str, file: str, jobs: int) -> tuple[Outcome, ...]:
    """What the answers to the bare prompts are worth. A case without an answer has failed."""
    said = bare_answers(text_of(file), file)

    def outcome(case: Case) -> Outcome:
        repository = clone_of(case, mirror)
        if repository is None:
            return Outcome(case, Status.MISSING, problem=f"{case.repo} is not in {mirror}")
        if case.id not in said:
            return Outcome(case, Status.FAILED, problem=f"{file} has no answer to it")
        return _judged(case, said[case.id], repository)

    with ThreadPoolExecutor(jobs) as pool:  # the threads only wait for git
        return tuple(pool.map(outcome, cases))


def _judged(case: Case, said: Sequence[Said], repository: str) -> Outcome:
    hits, misses, alarms = judged(case, said, code_of(repository, case.commit))
    return Outcome(case, Status.SCORED, hits=hits, misses=misses, false_alarms=alarms)

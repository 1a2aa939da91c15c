"""Review labelled commits, and say how often the reviews are right: precision, recall, misses, false alarms, time, cost."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from guard.cli.options import positive, sweeping
from guard.errors import UsageError

if TYPE_CHECKING:
    from guard.evaluation.cases import Case
    from guard.evaluation.comparison import Comparison
    from guard.evaluation.tally import Result
    from guard.integrations.evaluated import Exchange, Way
    from guard.integrations.exchanges import Run

HELP = "precision, recall and cost on labelled commits"


def arguments(parser: ArgumentParser) -> None:
    """Which cases, where their repositories are, how to review and how to tell."""
    parser.add_argument(
        "cases", metavar="CASES", nargs="+", help="files of labelled commits, one JSON object a line (docs/eval.md)"
    )
    parser.add_argument(
        "--mirror",
        metavar="DIR",
        default=os.environ.get("MIRROR", "mirror"),
        help="the folder with the clones, OWNER+NAME/repo or OWNER/NAME (default: $MIRROR, else mirror)",
    )
    parser.add_argument("--jobs", metavar="N", type=positive, default=1, help="review so many cases at a time (default: 1)")
    parser.add_argument("--format", choices=("text", "json", "markdown"), default="text", help="default: text")
    parser.add_argument("--against", metavar="FILE", help="an earlier result of --format json: say what got better, what worse")
    part = parser.add_mutually_exclusive_group()
    part.add_argument(
        "--hold-out", metavar="SEED/FRACTION", help="without the repositories that this seed sets aside, as in spring/0.3"
    )
    part.add_argument("--held-out", metavar="SEED/FRACTION", help="only the repositories that this seed sets aside")
    bar = parser.add_argument_group(
        "what ends with status 1 (status 3: a case is missing or failed, or a question has no answer)"
    )
    bar.add_argument("--min-precision", metavar="P", type=float, default=0.0, help="a precision below this")
    bar.add_argument("--min-recall", metavar="R", type=float, default=0.0, help="a recall below this")
    model = parser.add_argument_group("asking a model (default: none)")
    model.add_argument("--model", metavar="NAME", default="", help="ask this model about what the heuristics leave open")
    sweeping(model)
    model.add_argument(
        "--repeat", metavar="N", type=positive, default=1, help="ask so many times: how often are answers alike?"
    )
    model.add_argument("--record", metavar="FILE", help="keep the exchange with the model in this file")
    model.add_argument("--replay", metavar="FILE", help="repeat a recorded exchange; no network")
    others = parser.add_argument_group("having somebody else judge the same questions (docs/eval.md)")
    others.add_argument("--export-questions", metavar="FILE", help="write what would be asked, and is not answered yet")
    others.add_argument(
        "--import-answers",
        metavar="FILE",
        action="append",
        default=[],
        help="take answers from here (may be given several times)",
    )
    bare = others.add_mutually_exclusive_group()
    bare.add_argument("--export-bare", metavar="FILE", help="write, for comparison, the rule and the whole diff of each case")
    bare.add_argument("--import-bare", metavar="FILE", help="score the findings that were given to that")


def run(options: Namespace) -> int:
    """Review all cases, print the result; gives the exit status."""
    from guard.cli.output import write
    from guard.cli.terminal import Progress
    from guard.integrations.exchanges import bare_prompts, write_lines

    _refuse_what_does_not_go_together(options)
    comparing = _earlier(options.against)
    cases = _cases(options)
    progress = Progress(quiet=options.quiet)
    try:
        if options.export_bare:
            write_lines(options.export_bare, bare_prompts(cases, options.mirror, progress))
            return 0
        result = _result(cases, options, progress)
    finally:
        progress.done()
    comparison = _comparison(comparing, result)
    write(_shown(result, comparison, options))
    return _status(result, options)


def _refuse_what_does_not_go_together(options: Namespace) -> None:
    bare = options.export_bare or options.import_bare
    asking = options.model or options.replay or options.import_answers or options.export_questions or options.record
    if bare and asking:
        raise UsageError("the bare prompt is measured alone: --export-bare and --import-bare go with no other way of asking")
    if (options.record or options.repeat > 1) and (options.export_questions or not (options.model or options.replay)):
        raise UsageError("--record and --repeat need a model that is asked: name it with --model")


def _result(cases: Sequence[Case], options: Namespace, progress: Callable[[str], None]) -> Result:
    """The cases reviewed as often as it is asked for; of several times the first one counts, the others are held against it."""
    from guard import __version__
    from guard.evaluation.tally import Result
    from guard.integrations.exchanges import agreement, bare_tokens, outcomes_of_bare_answers, recorded, write_lines

    if options.import_bare:
        found = outcomes_of_bare_answers(cases, options.mirror, options.import_bare, options.jobs)
        return Result(found, __version__, f"the bare prompt, {options.import_bare}")
    runs: list[Run] = []
    for _ in range(options.repeat):
        runs.append(_run_once(cases, options, progress))
        if options.record:
            write_lines(options.record, recorded(runs))
    first = Result(runs[0].outcomes, __version__, _name(options))
    if first.model:
        first = replace(first, bare_tokens=bare_tokens(first.scored, options.mirror, options.model))
    return replace(first, repetition=agreement(runs)) if len(runs) > 1 else first


def _name(options: Namespace) -> str:
    """Whose answers count, in words."""
    if options.import_answers:
        return f"answers of {', '.join(options.import_answers)}"
    return options.model or ("a recorded one" if options.replay else "")


def _run_once(cases: Sequence[Case], options: Namespace, progress: Callable[[str], None]) -> Run:
    from tempfile import TemporaryDirectory

    from guard.integrations.evaluated import Exchange, outcomes
    from guard.integrations.exchanges import Run, answers_for, gathered, write_lines

    given = [*options.import_answers, *([options.replay] if options.replay else [])]
    with TemporaryDirectory(prefix="stateless-guard-") as folder:
        exchange = Exchange(
            folder,
            answers_for(cases, given) if given else None,
            record=bool(options.record) or options.repeat > 1,
            export=bool(options.export_questions),
            given=", ".join(given),
        )
        found = outcomes(cases, _way(options, exchange), options.jobs, progress)
        if options.export_questions:
            write_lines(options.export_questions, gathered(cases, exchange, "questions"))
        return Run(found, gathered(cases, exchange, "record"))


def _cases(options: Namespace) -> tuple[Case, ...]:
    from guard.evaluation.cases import is_held_out, share_of
    from guard.integrations.evaluated import cases_in

    cases = cases_in(options.cases)
    given = options.hold_out or options.held_out
    if not given:
        return cases
    share = share_of(given)
    return tuple(case for case in cases if is_held_out(case, share) is bool(options.held_out))


def _way(options: Namespace, exchange: Exchange) -> Way:
    from guard.integrations.evaluated import Way

    model = ["--model", options.model, "--no-cache"] if options.model else []  # an evaluation says what asking really takes
    alone = [] if model or exchange.export or exchange.answers is not None else ["--no-model"]
    config = ["--config", os.path.abspath(options.config)] if options.config else []
    sweep = ["--sweep", options.sweep] if options.sweep and not alone else []
    return Way(options.mirror, (*model, *alone, *sweep, *config), exchange=exchange)


def _earlier(file: str | None) -> Result | None:
    """The earlier result, read before the long part: a wrong file is told at once."""
    if file is None:
        return None
    from guard.evaluation.document import read
    from guard.integrations.evaluated import text_of

    return read(text_of(file), file)


def _comparison(earlier: Result | None, result: Result) -> Comparison | None:
    from guard.evaluation.comparison import compared

    return None if earlier is None else compared(earlier, result)


def _shown(result: Result, comparison: Comparison | None, options: Namespace) -> str:
    from guard.evaluation import document, markdown, text
    from guard.reports._paint import told_apart

    if options.format == "json":
        return document.written(result, comparison)
    shown = (
        markdown.shown(result, comparison)
        if options.format == "markdown"
        else text.shown(result, comparison, verbose=bool(options.verbose))
    )
    return "\n".join(told_apart(line) for line in shown.split("\n"))


def _status(result: Result, options: Namespace) -> int:
    """1 for rates below the bar, else 3 for cases that are left out and questions without an answer, else 0."""
    from guard.evaluation.tally import ALL, asked_in_all, tallies

    counts = tallies(result.scored)[(ALL, "")]
    recall = counts.recall or 0.0
    if result.scored and (counts.precision < options.min_precision or recall < options.min_recall):
        return 1
    asked = None if options.export_questions else asked_in_all(result.scored)
    whole = len(result.scored) == len(result.outcomes) and not (asked and asked.failed)
    return 0 if whole and result.scored else 3

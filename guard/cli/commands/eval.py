"""Review labelled commits, and say how often the reviews are right: precision, recall, misses, false alarms, time, cost."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from guard.cli.options import positive

if TYPE_CHECKING:
    from guard.evaluation.cases import Case
    from guard.evaluation.comparison import Comparison
    from guard.evaluation.tally import Result
    from guard.integrations.evaluated import Way

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
    bar = parser.add_argument_group("what ends with status 1 (status 3: a case is missing or failed)")
    bar.add_argument("--min-precision", metavar="P", type=float, default=0.0, help="a precision below this")
    bar.add_argument("--min-recall", metavar="R", type=float, default=0.0, help="a recall below this")
    model = parser.add_argument_group("asking a model (default: none)")
    model.add_argument("--model", metavar="NAME", default="", help="ask this model about what the heuristics leave open")
    model.add_argument("--replay", metavar="FILE", help="repeat a recorded exchange; no network")


def run(options: Namespace) -> int:
    """Review all cases, print the result; gives the exit status."""
    from guard import __version__
    from guard.cli.output import write
    from guard.cli.terminal import Progress
    from guard.evaluation.tally import Result
    from guard.integrations.evaluated import outcomes

    comparing = _earlier(options.against)
    cases = _cases(options)
    progress = Progress(quiet=options.quiet)
    try:
        found = outcomes(cases, _way(options), options.jobs, progress)
    finally:
        progress.done()
    result = Result(found, __version__, options.model or ("a recorded one" if options.replay else ""))
    comparison = _comparison(comparing, result)
    write(_shown(result, comparison, options))
    return _status(result, options)


def _cases(options: Namespace) -> tuple[Case, ...]:
    from guard.evaluation.cases import is_held_out, share_of
    from guard.integrations.evaluated import cases_in

    cases = cases_in(options.cases)
    given = options.hold_out or options.held_out
    if not given:
        return cases
    share = share_of(given)
    return tuple(case for case in cases if is_held_out(case, share) is bool(options.held_out))


def _way(options: Namespace) -> Way:
    from guard.integrations.evaluated import Way

    model = ("--model", options.model, "--no-cache") if options.model else ()  # an evaluation says what asking really takes
    asking = [*model, *(("--replay", options.replay) if options.replay else ())]
    config = ["--config", os.path.abspath(options.config)] if options.config else []
    return Way(options.mirror, (*(asking or ["--no-model"]), *config))


def _earlier(file: str | None) -> Result | None:
    """The earlier result, read before the long part: a wrong file is told at once."""
    if file is None:
        return None
    from guard.evaluation.document import read
    from guard.integrations.evaluated import text_of_result

    return read(text_of_result(file), file)


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
    """1 for rates below the bar, else 3 for cases that are left out, else 0."""
    from guard.evaluation.tally import ALL, tallies

    counts = tallies(result.scored)[(ALL, "")]
    recall = counts.recall or 0.0
    if result.scored and (counts.precision < options.min_precision or recall < options.min_recall):
        return 1
    return 0 if len(result.scored) == len(result.outcomes) and result.scored else 3

"""The options that `review`, `scan` and `prompt` share. No module of the review is imported here: start-up is measured."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, _ActionsContainer, _MutuallyExclusiveGroup


def what_to_review(parser: ArgumentParser) -> _MutuallyExclusiveGroup:
    """The selections of a change, of which one may be used."""
    parser.add_argument("paths", metavar="PATH", nargs="*", help="only files at or below these paths")
    what = parser.add_argument_group(
        "what to review (default: the work tree against HEAD, new files too)"
    ).add_mutually_exclusive_group()
    what.add_argument("--staged", action="store_true", help="what would be committed")
    what.add_argument("--range", metavar="A..B", help="from A to B (A...B: from their merge base)")
    what.add_argument("--base", metavar="REF", help="what HEAD adds to its merge base with REF")
    what.add_argument("--commit", metavar="SHA", help="one commit against its first parent")
    what.add_argument("--patch", metavar="FILE", help="a unified diff, - for standard input")
    return what


def what_to_report(parser: ArgumentParser) -> None:
    """Rules, settings, formats."""
    which = parser.add_argument_group("what to report")
    which.add_argument("--select", action="append", metavar="RULE|CHECK", help="only these (repeat, or separate by commas)")
    which.add_argument("--ignore", action="append", metavar="RULE|CHECK", help="not these")
    which.add_argument(
        "--fail-on",
        choices=("error", "warning", "note", "never"),
        help="end with status 1 from this severity on (default: error)",
    )
    which.add_argument(
        "--config-from",
        choices=("auto", "base", "head"),
        default="auto",
        help="side of the change whose configuration counts (auto: head, but base for a pull request in CI)",
    )
    which.add_argument("--no-baseline", action="store_true", help="also what the baseline accepts")
    which.add_argument(
        "--show-settings", action="store_true", help="say which configuration counts for the selected files, and end"
    )
    how = parser.add_argument_group("how to report")
    how.add_argument(
        "--format", action="append", metavar="FORMAT", help="text (default), json, github, counts; may be given several times"
    )
    how.add_argument(
        "--output", action="append", metavar="FILE", help="where the format at the same place goes; - is standard output"
    )
    how.add_argument(
        "--statistics", action="store_true", help="how many findings of which rule, instead of each (--format counts)"
    )
    how.add_argument(
        "--add-ignore", metavar="REASON", help="write a suppression with this reason for each finding into the work tree"
    )


def asking_a_model(parser: ArgumentParser) -> None:
    """Whether to ask, whom, and how much."""
    model = parser.add_argument_group("asking a model (OPENAI_API_KEY, OPENAI_BASE_URL)")
    either = model.add_mutually_exclusive_group()
    either.add_argument("--model", metavar="NAME", default="", help="ask this model about what the heuristics leave open")
    either.add_argument("--no-model", action="store_true", help="decide without a model; nothing leaves this machine")
    exchange = model.add_mutually_exclusive_group()
    exchange.add_argument("--record", metavar="FILE", help="keep the exchange with the model in this file")
    exchange.add_argument("--replay", metavar="FILE", help="repeat a recorded exchange, or take answers; no network")
    model.add_argument(
        "--export-questions", metavar="FILE", help="ask nobody: write the questions to this file, for others to answer"
    )
    cache = model.add_mutually_exclusive_group()
    cache.add_argument(
        "--cache",
        metavar="DIR",
        help="keep the model's answers in this folder, and pay for none twice (default: the user's cache folder)",
    )
    cache.add_argument("--no-cache", action="store_true", help="ask everything anew, and keep nothing")
    model.add_argument(
        "--max-tokens",
        metavar="N",
        type=positive,
        help="send and receive at most this many tokens; what is worth most is asked, the rest is named",
    )
    model.add_argument(
        "--max-cost", metavar="USD", type=amount, help="the same in US dollars, where the model's price is known"
    )
    sweeping(model)
    own_atoms(model)
    model.add_argument(
        "--deadline", metavar="SECONDS", type=amount, help="what is not answered by then is not judged (default: 120)"
    )


def sweeping(parser: _ActionsContainer) -> None:
    """How much a model reads beyond the questions."""
    parser.add_argument(
        "--sweep",
        choices=("off", "auto", "all"),
        default="",
        help="let the model also read added code in which no rule fired: where the heuristics are weak (auto), or all of it",
    )


def own_atoms(parser: _ActionsContainer) -> None:
    """What to review against beside the rule that is shipped."""
    parser.add_argument(
        "--atom",
        action="append",
        metavar="DIR",
        help="let the model also review what is added against this atom in the Prime format (may be given several times)",
    )


def asking_nobody(parser: ArgumentParser) -> None:
    """A command that decides without a model, read by what reads the others."""
    others = ArgumentParser(add_help=False)
    asking_a_model(others)
    parser.set_defaults(**{**vars(others.parse_args([])), "no_model": True})


def amount(text: str) -> float:
    """A number above zero, with or without a fraction."""
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if not 0 < found < float("inf"):
        raise ArgumentTypeError(f"{text!r} is not a number above 0")
    return found


def positive(text: str) -> int:
    """A number above zero."""
    if not text.isdigit() or not int(text):
        raise ArgumentTypeError(f"{text!r} is not a number above 0")
    return int(text)

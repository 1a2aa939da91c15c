"""Look after the answers of models that were paid for: where they are, how many, whether they are whole. Losing them costs money only."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

from guard.counting import counted

HELP = "the model's answers that were paid for already"


def arguments(parser: ArgumentParser) -> None:
    """What to do, and with which folder."""
    what = parser.add_subparsers(prog=f"{parser.prog}", dest="what", metavar="WHAT", required=True)
    info = what.add_parser("info", help="where the answers are, and how many")
    clear = what.add_parser("clear", help="forget all of them")
    verify = what.add_parser("verify", help="whether the file is whole; ends with status 1 if not")
    for one in (info, clear, verify):
        one.add_argument("--cache", metavar="DIR", help="the folder (default: the user's cache folder)")
    info.add_argument("--format", choices=("text", "json"), default="text", help="how to tell")


def run(options: Namespace) -> int:
    """Do it. Raises UsageError for a file that can not be read or removed."""
    from guard.model.verdicts import clear, default_folder

    folder = options.cache or default_folder()
    match options.what:
        case "clear":
            sys.stdout.write(f"{counted(clear(folder), 'answer')} forgotten\n")
            return 0
        case "verify":
            return _verified(folder)
        case _:
            return _told(folder, options)


def _verified(folder: str) -> int:
    from guard.model.remembering import is_answer
    from guard.model.verdicts import problems

    found = problems(folder, is_answer)
    sys.stdout.writelines(f"{problem}\n" for problem in found or ("whole",))
    return 1 if found else 0


def _told(folder: str, options: Namespace) -> int:
    import datetime as dt
    import json
    import os

    from guard.model.verdicts import FILE_NAME, contents

    found = contents(folder)
    path = os.path.join(folder, FILE_NAME)
    answers = dict(found.answers) if found else {}
    if options.format == "json":
        values = {
            "path": path,
            "bytes": found.size if found else 0,
            "answers": answers,
            "servers": found.manners if found else 0,
        }
        sys.stdout.write(json.dumps(values, indent=2) + "\n")
        return 0
    if found is None:
        sys.stdout.write(f"{path}: nothing is kept\n")
        return 0
    since = "" if found.oldest is None else f" since {dt.date.fromtimestamp(found.oldest).isoformat()}"  # noqa: DTZ012 - the user's own day
    sys.stdout.write(f"{path}: {counted(sum(answers.values()), 'answer')}{since}, {found.size:,} bytes\n")
    sys.stdout.writelines(f"  {model}: {number:,}\n" for model, number in answers.items())
    return 0

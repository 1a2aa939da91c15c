"""The command line: arguments in, the calls of the other rooms, an exit status out. The one place where an error becomes text.

A module of `guard/cli/commands/` is a command, found by its file name:

    HELP: str                                             one line for the list of commands
    def arguments(parser: ArgumentParser) -> None         its options
    def run(options: Namespace) -> int                    does it; gives the exit status

Only the module of the command that was asked for is imported.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import Namespace

    from guard.cli.parser import Command

NAME = "stateless-guard"
INTERRUPTED = 130
_TIMED = 2
"""How often -v is given for times."""


def run(argv: list[str]) -> int:
    """Run one command line; gives the exit status, whatever happens."""
    from guard.errors import GuardError

    try:
        return _command(argv)
    except GuardError as error:
        if _asked_by_an_agent(argv):
            return _passed(str(error))
        say(str(error))
        return error.exit_status
    except KeyboardInterrupt:
        say("interrupted; nothing was reported")
        return INTERRUPTED
    except BrokenPipeError:
        from guard.cli.output import silence_stdout

        silence_stdout()
        return 0
    except Exception as error:  # noqa: BLE001 - the outermost frame: a bug of ours is told in a line, never as a traceback
        say(bug(error, verbose=any(word.startswith("-v") for word in argv)))
        return 3


def _asked_by_an_agent(argv: list[str]) -> bool:
    """Whether the command is `hook`, whatever is wrong with its options."""
    words = iter(argv)
    for word in words:
        if word in {"-C", "--config", "--color"}:
            next(words, "")
        elif not word.startswith("-"):
            return word == "hook"
    return False


def _passed(sentence: str) -> int:
    """A line in an agent's settings that is wrong must not keep it from anything: most agents read status 2 as a refusal."""
    say(f"{sentence}; passed")
    sys.stdout.write("{}\n")
    return 0


def _command(argv: list[str]) -> int:
    if len(argv) == 2 and argv[0] == "hook" and not argv[1].startswith("-"):
        from guard.cli.commands.hook import answer  # an agent waits for it at every edit: argparse takes as long as the answer

        return answer(argv[1])
    from guard.cli.parser import parse

    module, options = parse(argv)
    status = module.run(options) if options.verbose < _TIMED else _timed(module, options)
    sys.stdout.flush()
    return status


def _timed(module: Command, options: Namespace) -> int:
    """Run the command, and say on standard error where its time went."""
    from guard.cli.timing import seconds_so_far
    from guard.stages import listening

    before = seconds_so_far()
    with listening() as times:
        try:
            return module.run(options)
        finally:
            sys.stdout.flush()
            sys.stderr.write(times.table(before))


def say(sentence: str) -> None:
    """One line on standard error, whatever is in it."""
    sys.stderr.write(f"{NAME}: {_one_line(sentence)}\n")


def _one_line(sentence: str) -> str:
    """What came from a repository must not steer a terminal."""
    from guard.reports._paint import told_apart

    return told_apart(" ".join(sentence.split())).encode("utf-8", "backslashreplace").decode("utf-8")


def bug(error: Exception, *, verbose: bool) -> str:
    """A bug of ours in a sentence; verbose, its traceback too."""
    import traceback

    if verbose:
        traceback.print_exception(error)
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{os.path.basename(place.filename)}:{place.lineno}"
    return (
        f"internal error, the review is incomplete: {type(error).__name__}: {error} ({where}); please report it, -v shows more"
    )

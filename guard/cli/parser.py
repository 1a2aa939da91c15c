"""The arguments of a command line. Only what the command needs is built, since start-up is measured."""

from __future__ import annotations

import os
import sys
from argparse import SUPPRESS, Action, ArgumentParser, HelpFormatter, Namespace
from functools import lru_cache
from importlib import import_module
from typing import Any, NoReturn, Protocol, cast

from guard.errors import UsageError

_COMMANDS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "commands")
_TAKE_A_VALUE = frozenset(("-C", "--config", "--color", "--print-completion"))


class Command(Protocol):
    """The shape of a module in `guard/cli/commands/`."""

    HELP: str

    @staticmethod
    def arguments(parser: ArgumentParser) -> None:
        """Add the command's options."""
        ...

    @staticmethod
    def run(options: Namespace) -> int:
        """Do it; gives the exit status."""
        ...


class _Help(HelpFormatter):
    """Help as wide as the terminal. argparse makes one of these for every option, so the width is asked for only once."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_help_width(), max_help_position=28)


@lru_cache(maxsize=1)
def _help_width() -> int:
    try:
        columns = int(os.environ.get("COLUMNS", "0")) or os.get_terminal_size().columns
    except (ValueError, OSError):
        columns = 80
    return max(columns - 2, 40)


class _Parser(ArgumentParser):
    """An argument parser whose complaints are ours: one line, told in one place."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - whatever argparse takes
        super().__init__(**{"formatter_class": _Help, **options})

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; '{self.prog} --help' tells more")


class _Completion(Action):
    """Prints a shell's completion script and ends the program."""

    def __call__(self, parser: ArgumentParser, _options: Namespace, value: object, _flag: str | None = None) -> None:
        from guard.cli.completion import script

        sys.stdout.write(script(str(value)))
        parser.exit()


def parse(argv: list[str]) -> tuple[Command, Namespace]:
    """The command's module and its options. Raises UsageError; `--help` and `--version` print and end the program."""
    wanted = _command_in(argv)
    parser = build([wanted] if wanted else command_names())
    options = parser.parse_args(argv)
    return command(options.command), options


@lru_cache(maxsize=1)
def command_names() -> tuple[str, ...]:
    """The commands there are, by their files."""
    files = sorted(os.listdir(_COMMANDS))
    return tuple(file.removesuffix(".py") for file in files if file.endswith(".py") and not file.startswith("_"))


def command(name: str) -> Command:
    """The module of a command."""
    return cast(Command, import_module(f"guard.cli.commands.{name}"))


def build(names: list[str] | tuple[str, ...]) -> ArgumentParser:
    """A parser that knows these commands."""
    parser = _Parser(prog="stateless-guard", description="Reviews diffs so that processes stay stateless and share-nothing.")
    parser.add_argument("--version", action="version", version=f"%(prog)s {_version()}")
    parser.add_argument(
        "--print-completion",
        action=_Completion,
        choices=("bash", "zsh", "tcsh"),
        help="print the completion script for a shell, and end",
    )
    global_options(parser, top=True)
    commands = parser.add_subparsers(prog=parser.prog, dest="command", metavar="COMMAND", required=True)
    for name in names:
        module = command(name)
        global_options(sub := commands.add_parser(name, help=module.HELP, description=module.__doc__), top=False)
        module.arguments(sub)
    return parser


def global_options(parser: ArgumentParser, *, top: bool) -> None:
    """Options that are understood before and after the command's name."""
    group = parser.add_argument_group("global options")

    def add(*flags: str, default: object, **rest: object) -> None:
        group.add_argument(*flags, default=default if top else SUPPRESS, **rest)  # type: ignore[arg-type] # argparse's own overloads are narrower than what it takes

    add("-C", dest="directory", metavar="DIR", default=".", help="work in this directory (a bare repository works too)")
    add("--config", metavar="FILE", default="", help="read the configuration from this file alone")
    add("-q", "--quiet", action="store_true", default=False, help="say nothing on standard error but errors")
    add(
        *("-v", "--verbose"),
        action="count",
        default=0,
        help="list everything that was left out, one by one; -vv: also where the time went, by stage",
    )
    add(
        "--color",
        choices=("auto", "always", "never"),
        default="auto",
        help="colors and hyperlinks (NO_COLOR and FORCE_COLOR count)",
    )


def _command_in(argv: list[str]) -> str | None:
    """The command that is asked for, found without a parser: the first word that is no option and no option's value."""
    before = ""
    for word in argv:
        if not word.startswith("-") and before not in _TAKE_A_VALUE:
            return _known(word)
        before = word
    return None


def _known(name: str) -> str:
    if name in command_names():
        return name
    from guard.config import nearest

    raise UsageError(f"unknown command {name!r}{nearest(name, command_names())}")


def _version() -> str:
    from guard import __version__

    return __version__

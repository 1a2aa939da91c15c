"""Completion scripts for shells, by shtab. Imported only when one is asked for."""

from __future__ import annotations

from argparse import Action, ArgumentParser
from collections.abc import Iterator

_FILES = frozenset(("PATH", "FILE"))
_FOLDERS = frozenset(("DIR",))


def script(shell: str) -> str:
    """The script to put where the shell looks for completions."""
    import shtab

    from guard.cli.parser import build, command_names

    parser = build(command_names())
    for action in _actions(parser):
        if action.metavar in _FILES | _FOLDERS:
            action.complete = shtab.FILE if action.metavar in _FILES else shtab.DIRECTORY  # type: ignore[attr-defined] # shtab's own way to say it
    text: str = shtab.complete(parser, shell=shell)
    return text if text.endswith("\n") else f"{text}\n"


def _actions(parser: ArgumentParser) -> Iterator[Action]:
    for action in parser._actions:  # noqa: SLF001 - argparse offers no other way to walk a parser, shtab does the same
        yield action
        for sub in (action.choices or {}).values() if isinstance(action.choices, dict) else ():
            yield from _actions(sub)

"""What `init WHAT` can write. A module of this folder is a WHAT, found by its file name (`_` is written `-`).

    HELP: str                                                  one line for the list
    def arguments(parser: ArgumentParser) -> None              its own options; --dry-run and --remove are there already
    def plan(project: Project, options: Namespace) -> Plan     what to write; never writes itself
    def removal(project: Project, options: Namespace) -> Plan  what takes out exactly that

A module whose name starts with `_` is none. Every plan is shown, then written, by `guard.cli.starters._writing`, in one way.
"""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from importlib import import_module
from typing import Protocol, cast

from msgspec import Struct

from guard.errors import UsageError

_FOLDER = os.path.dirname(os.path.abspath(__file__))


class Edit(Struct, frozen=True):
    """One file as it was read (None: there was none) and as it should be (None: there should be none)."""

    path: str
    """Relative to the root of the project, or absolute."""
    before: str | None
    after: str | None
    executable: bool = False


class Plan(Struct, frozen=True):
    """What to write, in order, and what to say when it is written. Without edits, `notes` say why."""

    edits: tuple[Edit, ...] = ()
    notes: tuple[str, ...] = ()


class Project(Struct, frozen=True):
    """The folder that is set up: the root of a work tree, or a folder without git."""

    root: str

    def read(self, path: str) -> str | None:
        """The text of a file, None if there is none. Raises UsageError for one that can not be read as text."""
        full = self.full(path)
        try:
            with open(full, encoding="utf-8", newline="") as stream:
                return stream.read()
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{full}: can not be read: {error}") from None

    def full(self, path: str) -> str:
        """Where a file is."""
        return os.path.join(self.root, path)


class Starter(Protocol):
    """The shape of a module of this folder."""

    HELP: str

    @staticmethod
    def arguments(parser: ArgumentParser) -> None:
        """Add its own options."""
        ...

    @staticmethod
    def plan(project: Project, options: Namespace) -> Plan:
        """What to write."""
        ...

    @staticmethod
    def removal(project: Project, options: Namespace) -> Plan:
        """What takes it out again."""
        ...


def starter_names() -> tuple[str, ...]:
    """What there is to write, by its files."""
    files = sorted(name for name in os.listdir(_FOLDER) if name.endswith(".py") and not name.startswith("_"))
    return tuple(name.removesuffix(".py").replace("_", "-") for name in files)


def starter(name: str) -> Starter:
    """The module that writes it."""
    return cast(Starter, import_module(f"guard.cli.starters.{name.replace('-', '_')}"))

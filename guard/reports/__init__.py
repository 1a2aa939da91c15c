"""Reports: thin views of one value. One module a format, found by the folder.

A module has

    def render(report: Report, page: Page) -> str         the whole report in this format

A format knows only the report and the page it is written on; code lines and the rules' own texts come through the page, colors and
width too.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib import import_module
from typing import Protocol, cast

from msgspec import Struct

from guard.finding import Confidence, Report, Severity

IN_PART = "only a part of it could be read, so what depends on the rest is missing or less sure"
"""What is said of a file of which only a patch is known, or that is a template still to be filled in."""


def _no_lines(_path: str) -> Sequence[str]:
    return ()


def _no_numbers(_path: str) -> frozenset[int]:
    return frozenset()


class About(Struct, frozen=True):
    """What there is to say of a rule as such, whatever the finding; a text that is not known is empty."""

    severity: Severity
    confidence: Confidence
    message: str
    remedy: str
    hurts: str = ""
    docs: str = ""
    framework: str = ""
    wrong: str = ""
    """Code that it reports."""
    right: str = ""
    """Code that it leaves alone."""


def _nothing_known(_rule: str) -> About | None:
    return None


class Page(Struct, frozen=True):
    """What a report is written on: where code lines come from, how wide it is, and whether it is a terminal's."""

    lines: Callable[[str], Sequence[str]] = _no_lines
    """The lines of the new side of a file, empty where they are not known."""
    added: Callable[[str], frozenset[int]] = _no_numbers
    """The numbers of a file's added lines, none where they are not known."""
    about: Callable[[str], About | None] = _nothing_known
    """What is known of a rule, by its id."""
    width: int = 100
    color: bool = False
    links: str = ""
    """The folder on this machine that paths are relative to, for hyperlinks; "" for none."""
    verbose: bool = False


class Format(Protocol):
    """The shape of a module in this folder."""

    @staticmethod
    def render(report: Report, page: Page) -> str:
        """The whole report in this format."""
        ...


@lru_cache(maxsize=1)
def format_names() -> tuple[str, ...]:
    """The formats there are, by their files."""
    files = sorted(os.listdir(os.path.dirname(os.path.abspath(__file__))))
    return tuple(file.removesuffix(".py") for file in files if file.endswith(".py") and not file.startswith("_"))


def format_named(name: str) -> Format:
    """The module of a format."""
    return cast(Format, import_module(f"{__name__}.{name}"))

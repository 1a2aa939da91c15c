"""What is known of the terminal: width, colors, hyperlinks; and the one line of progress on it."""

from __future__ import annotations

import os
import sys
import time
from argparse import Namespace
from typing import TextIO

from guard.reports import Page

_NARROWEST, _WIDEST, _NO_TERMINAL = 40, 120, 100


def page(options: Namespace, stream: TextIO, *, folder: str = "") -> Page:
    """The page that a report to this stream is written on; `folder` is where its paths are files, "" for nowhere."""
    color = wants_color(options.color, stream)
    links = folder if color and _is_terminal(stream) else ""
    return Page(width=_width(stream), color=color, links=links, verbose=bool(options.verbose))


def wants_color(choice: str, stream: TextIO) -> bool:
    """Whether to color, by the option, then NO_COLOR (https://no-color.org), then FORCE_COLOR, then the terminal."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return os.environ["FORCE_COLOR"] != "0"
    return _is_terminal(stream) and os.environ.get("TERM") != "dumb"


def _is_terminal(stream: TextIO) -> bool:
    return not stream.closed and stream.isatty()


def _width(stream: TextIO) -> int:
    told = os.environ.get("COLUMNS", "")
    if told.isdigit() and int(told):
        columns = int(told)
    elif _is_terminal(stream):
        columns = os.get_terminal_size(stream.fileno()).columns or _NO_TERMINAL
    else:
        columns = _NO_TERMINAL
    return min(max(columns, _NARROWEST), _WIDEST)


class Progress:
    """A line on standard error that says what is going on, once that takes longer than a second and somebody is watching."""

    def __init__(self, *, quiet: bool) -> None:
        self._wanted = not quiet and _is_terminal(sys.stderr)
        self._start = time.monotonic()
        self._count = 0
        self._last = 0.0

    def __call__(self, what: str) -> None:
        """Say that this file, or this step, is being worked on."""
        self._count += 1
        now = time.monotonic()
        if self._wanted and now - self._start > 1 and now - self._last > 0.1:
            from guard.reports._paint import told_apart

            self._last = now
            width = _width(sys.stderr)
            sys.stderr.write(f"\r\x1b[K{told_apart(f'{self._count}: {what}')[: width - 1]}")
            sys.stderr.flush()

    def done(self) -> None:
        """Take the line away."""
        if self._last:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

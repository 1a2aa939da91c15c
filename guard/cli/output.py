"""Writing reports: formats and files in pairs, to standard output or elsewhere."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from functools import lru_cache, partial

from msgspec.structs import replace

from guard.change import AddedLines, Source, partial_text
from guard.config import Configuration
from guard.errors import SourceError, UsageError
from guard.finding import Report
from guard.integrations.git import Selected
from guard.reports import About, Page, format_named, format_names
from guard.stages import Stage, stage

STDOUT = "-"


def pairs(options: Namespace) -> list[tuple[str, str]]:
    """Format and file of every report that was asked for. Raises UsageError for a format that is not there."""
    formats = [name.strip() for given in options.format or () for name in given.split(",")]
    if options.statistics:
        formats = formats or ["counts"]
    formats = formats or ["text"]
    outputs = list(options.output or ())
    if len(outputs) > len(formats):
        raise UsageError(f"{len(outputs)} times --output for {len(formats)} times --format; give them in pairs")
    for name in formats:
        if name not in format_names():
            from guard.config import nearest

            raise UsageError(f"unknown format {name!r}{nearest(name, format_names())}")
    return list(zip(formats, outputs + [STDOUT] * (len(formats) - len(outputs)), strict=True))


@stage(Stage.REPORT)
def write_reports(
    report: Report,
    what: Selected,
    options: Namespace,
    reports: list[tuple[str, str]],
    configuration: Configuration = Configuration(),  # noqa: B008 - a frozen value
) -> None:
    """Render every format and put it where it belongs; `reports` are format and file of each."""
    from guard.cli.terminal import page

    added = AddedLines(what.change)
    known = Page(lines=_lines_of(what), added=lambda path: added.get(path, frozenset()), about=partial(_about, configuration))
    for name, file in reports:
        if file == STDOUT:
            here = page(options, sys.stdout, folder=_folder(what))
            here = replace(here, lines=known.lines, added=known.added, about=known.about)
            write(format_named(name).render(report, here))
        else:
            here = replace(known, color=options.color == "always", verbose=bool(options.verbose))
            _write_file(file, format_named(name).render(report, here))


def _about(configuration: Configuration, rule: str) -> About | None:
    from guard.integrations.described import about  # reads the catalogue: only for formats that tell about rules
    from guard.integrations.own_rules import own_rules_of

    return about(rule, own_rules_of(configuration))


def write(text: str) -> None:
    """Put text on standard output as UTF-8 where the terminal does not say otherwise. A reader that has left is no error."""
    encoding = (sys.stdout.encoding or "utf-8") if sys.stdout.isatty() else "utf-8"
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode(encoding, "backslashreplace"))
        sys.stdout.flush()
    except BrokenPipeError:
        silence_stdout()


def silence_stdout() -> None:
    """Whoever read our output has left: the interpreter's own flush at exit must not complain either."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _write_file(path: str, text: str) -> None:
    try:
        with open(path, "wb") as stream:
            stream.write(text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise UsageError(f"{path}: can not be written: {error.strerror}") from None


def _folder(what: Selected) -> str:
    return what.root if what.change.head == "worktree" else ""


def _lines_of(what: Selected) -> Callable[[str], Sequence[str]]:
    """Code lines of the new side, kept once read; what a patch alone shows where there is no more."""
    files = {file.path: file for file in what.change.files}

    @lru_cache(maxsize=64)
    def lines(path: str) -> Sequence[str]:
        text = _text(what.source, path)
        if text is None and path in files:
            text = partial_text(files[path])
        return () if text is None else text.decode("utf-8", "surrogateescape").replace("\r\n", "\n").split("\n")

    return lines


def _text(source: Source, path: str) -> bytes | None:
    try:
        return source.head(path)
    except SourceError:
        return None

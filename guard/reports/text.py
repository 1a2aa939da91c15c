"""The report for a terminal, made for someone in a hurry: what happens to a user, where, why it is so, what to do instead."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from guard.finding import Evidence, Finding, Origin, Report, Severity, Suggestion
from guard.reports import Page
from guard.reports._paint import Paint, clipped, told_apart, wrapped
from guard.reports._summary import summary

_MOST_LINES = 4
_LABEL = "instead: "
_COLORS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}


def render(report: Report, page: Page) -> str:
    """The whole report as text."""
    paint = Paint(page.color, page.links)
    blocks = [list(_finding(finding, page, paint)) for finding in report.findings]
    parts = ["\n".join(block) for block in (*blocks, list(summary(report, page, paint)))]
    return "\n\n".join(parts) + "\n"


def _finding(finding: Finding, page: Page, paint: Paint) -> Iterator[str]:
    places = _places(finding)
    gutter = len(str(max(line for _, line, _ in places)))
    yield from _headline(finding, page, paint)
    yield f"{' ' * gutter}--> {paint.link(finding.path, finding.line, _place(finding))} {paint.dim(f'({_sureness(finding)})')}"
    yield from _code(finding, page, paint, gutter)
    yield from chain.from_iterable(_evidence(entry, finding, page, paint, gutter) for entry in finding.evidence)
    yield paint.dim(f"{' ' * gutter} |")
    yield from _advice(finding, page, paint, gutter)


def _places(finding: Finding) -> list[tuple[str, int, str]]:
    own = [(finding.path, min(finding.end_line, finding.line + _MOST_LINES - 1), "")]
    return own + [(entry.path, entry.line, entry.note) for entry in finding.evidence]


def _headline(finding: Finding, page: Page, paint: Paint) -> Iterator[str]:
    """What happens to a user, behind the severity; later lines stand under its first word."""
    label = f"{finding.severity}: "
    start = paint.color(label, _COLORS[finding.severity], bold=True)
    left = _first_thought(finding.message)
    for line in wrapped(finding.message, page.width - len(label)):
        yield start + paint.bold(line[:left]) + line[left:]
        start, left = " " * len(label), max(left - len(line) - 1, 0)


def _first_thought(message: str) -> int:
    """How much of a message says what happens; the rest says why."""
    text = " ".join(message.split())
    ends = [place + 1 for mark in (": ", ". ") if (place := text.find(mark)) > 0]
    return min(ends, default=len(text))


def _place(finding: Finding) -> str:
    lines = f"{finding.line}" if finding.line == finding.end_line else f"{finding.line}-{finding.end_line}"
    return f"{told_apart(finding.path)}:{lines}"


def _sureness(finding: Finding) -> str:
    return f"{finding.confidence}, says a model" if finding.origin is Origin.MODEL else finding.confidence


def _code(finding: Finding, page: Page, paint: Paint, gutter: int) -> Iterator[str]:
    """The lines of the finding, a marker under the first."""
    lines = page.lines(finding.path)
    if finding.line > len(lines):
        return
    yield paint.dim(f"{' ' * gutter} |")
    last = min(finding.end_line, finding.line + _MOST_LINES - 1, len(lines))
    for number in range(finding.line, last + 1):
        column = finding.column if number == finding.line else 1
        code, start, length = clipped(lines[number - 1], column, page.width - gutter - 4)
        yield f"{paint.dim(f'{number:>{gutter}} |')}  {code}"
        if number == finding.line:
            yield (
                paint.dim(f"{' ' * gutter} |")
                + "  "
                + " " * start
                + paint.color("^" * length, _COLORS[finding.severity], bold=True)
            )
    if last < finding.end_line and last < len(lines):
        yield paint.dim(f"{' ' * gutter} |  ... to line {finding.end_line}")


def _evidence(entry: Evidence, finding: Finding, page: Page, paint: Paint, gutter: int) -> Iterator[str]:
    """One place that proves it: the line of code, then what is to be seen there."""
    lines = page.lines(entry.path)
    if entry.path != finding.path:
        yield f"{' ' * gutter}--> {paint.link(entry.path, entry.line, f'{told_apart(entry.path)}:{entry.line}')}"
    room = page.width - gutter - 4
    code, start, _ = clipped(lines[entry.line - 1], 1, room) if entry.line <= len(lines) else ("", 0, 0)
    if code and not (entry.path == finding.path and entry.line == finding.line):
        yield f"{paint.dim(f'{entry.line:>{gutter}} |')}  {code}"
    start = min(start, room // 3)
    for index, line in enumerate(wrapped(entry.note, room - start - 3)):
        yield paint.dim(f"{' ' * gutter} |") + paint.color(f"  {' ' * start}{'^- ' if index == 0 else '   '}{line}", "cyan")


def _advice(finding: Finding, page: Page, paint: Paint, gutter: int) -> Iterator[str]:
    margin = " " * gutter + " = "
    edit = _safe_edit(finding.suggestion) if finding.suggestion else ""
    for label, text in ((_LABEL, finding.remedy), ("safe edit: ", edit), ("note: ", finding.note)):
        room = page.width - len(margin) - len(label)
        for index, line in enumerate(wrapped(text, room)):
            yield (
                paint.dim(margin) + paint.color(label, "green") + line
                if index == 0
                else " " * (len(margin) + len(label)) + line
            )
    for index, line in enumerate(_how_to_keep(finding, page.width - len(margin))):
        yield paint.dim((margin if index == 0 else " " * len(margin)) + line)


def _safe_edit(edit: Suggestion) -> str:
    """What to do to which lines, in a line: the new text as it is where it is short."""
    lines = f"line {edit.line}" if edit.line == edit.end_line else f"lines {edit.line}-{edit.end_line}"
    if not edit.text:
        return f"remove {lines}"
    new = edit.text.split("\n")
    return f"{lines}: {new[0].strip()}" if len(new) == 1 else f"{lines}: {new[0].strip()} ... ({len(new)} lines)"


def _how_to_keep(finding: Finding, room: int) -> tuple[str, ...]:
    """Which rule it is, and the comment to copy: never broken in the middle."""
    rule, keep = f"{finding.rule} [{finding.check}]", f"to keep it: guard: ignore[{finding.rule}] REASON"
    return (f"{rule}; {keep}",) if len(rule) + len(keep) + 2 <= room else (rule, keep)

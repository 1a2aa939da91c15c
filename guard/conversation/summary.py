"""The summary: one comment that is edited in place. The same state gives the same bytes; only the cost of asking may differ."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from guard.conversation import escape
from guard.conversation.looked import overlooked
from guard.conversation.markers import SUMMARY, Marker
from guard.conversation.memory import Memory, Said, memory_of, written
from guard.conversation.terms import Terms
from guard.conversation.texts import LIMIT, place, shortened_path
from guard.conversation.values import Remark
from guard.counting import counted
from guard.finding import Finding, ModelUse, Report

_MEMORY_ROOM = 30_000
_MOST_FINDINGS, _MOST_FIXED, _MOST_SUPPRESSED, _MOST_PATHS = 100, 30, 30, 10
MOST_LISTED = 1_000
"""More of one kind fit into no body."""
_CUT = "*This was too long; the check's details and the workflow's report have the rest.*"
_COST = re.compile(r"^Cost: .*$", re.MULTILINE)


class Listed(Struct, frozen=True):
    """A finding as the summary shows it: its name, and whether it has a comment on its lines, so that a few words are enough."""

    finding: Finding
    name: str
    inline: bool
    missed: bool = False


class Contents(Struct, frozen=True):
    """All that a summary tells: the report, its findings with where they are said, what is gone, what nobody knows."""

    report: Report
    head: str
    listed: tuple[Listed, ...]
    fixed: tuple[tuple[str, Said], ...] = ()
    waiting: int = 0
    """Findings said before of which this review can not tell whether they are gone."""


def summary(contents: Contents, terms: Terms, memory: Memory) -> str:
    """The whole comment, with its marker and what it remembers."""
    line = written(memory, _MEMORY_ROOM)
    tail = "\n".join(part for part in (str(Marker(SUMMARY)), line) if part)
    body = escape.cut(text(contents, terms), LIMIT - escape.units(tail) - 2, _CUT)
    return f"{body}\n\n{tail}"


def says_the_same(remark: Remark, body: str) -> bool:
    """Whether a summary says already what it should: whatever line ends the host keeps, and whatever the asking cost this time."""
    there, wanted = _without_cost(remark.body), _without_cost(body)
    if there == wanted:
        return True
    without = [re.sub(r"^<!-- stateless-guard:memory .*$", "", entry, flags=re.MULTILINE) for entry in (there, wanted)]
    return without[0] == without[1] and memory_of(remark) == memory_of(replace(remark, body=body, ours=True)) is not None


def _without_cost(body: str) -> str:
    lines = body.replace("\r\n", "\n").strip().split("\n")
    return _COST.sub("", "\n".join(line.rstrip() for line in lines), count=1)


# -- the text ---------------------------------------------------------------------------------------------------------


def text(contents: Contents, terms: Terms) -> str:
    """What people read."""
    report = contents.report
    blocks = [
        headline(contents, terms),
        cost(report),
        *(escape.prose(note) for note in terms.notes),
        _list("Findings", list(_findings(contents, terms)), len(contents.listed)),
        _list("Not looked at, although it should have been", list(incomplete(report)), 0),
        _list("Fixed since it was said", [_fixed(*pair) for pair in contents.fixed[:_MOST_FIXED]], len(contents.fixed)),
        _list("Suppressed", list(suppressed(report, terms))[:_MOST_SUPPRESSED], len(report.suppressed)),
        _list("Not looked at", list(left_out(report)), 0),
        "\n".join(_how(contents)),
    ]
    return "\n\n".join(block for block in blocks if block)


def headline(contents: Contents, terms: Terms) -> str:
    """What counts, at which head, and how much was looked at."""
    return f"**stateless-guard: {escape.prose(verdict(contents, terms))}** at {contents.head[:7]}, {extent(contents.report)}."


def verdict(contents: Contents, terms: Terms) -> str:
    """A few words that can be read alone: a check's title too."""
    findings = contents.report.findings
    if findings:
        failing = sum(finding.fingerprint in terms.failing for finding in findings)
        if failing == len(findings):
            return counted(failing, "finding")
        return f"{counted(len(findings), 'finding')}, {failing or 'none'} of them failing the review"
    if contents.report.errors:
        return "the review is incomplete, what could be read shows no problem"
    said_before = bool(contents.fixed) and not contents.waiting
    return "all fixed" if said_before else "no problem found"


def extent(report: Report) -> str:
    """How many of how many files were looked at."""
    files = report.change.files
    seen = files - len({entry.path for entry in report.skipped} | {failure.path for failure in report.errors if failure.path})
    return f"{max(seen, 0):,} of {counted(files, 'file')} looked at"


def cost(report: Report) -> str:
    """What asking a model took; a line of its own, also when it is nothing."""
    use = report.model
    if use is None:
        return "Cost: $0, no model was asked."
    price = (
        "$0" if not (use.calls - use.cached_calls) and not use.cost else "unknown" if use.cost is None else f"${use.cost:.4f}"
    )
    again = f" ({use.cached_calls:,} from the cache)" if use.cached_calls else ""
    known = f", {counted(use.remembered, 'question')} answered before" if use.remembered else ""
    cached = f" ({use.cached_input_tokens:,} cached)" if use.cached_input_tokens else ""
    return (
        f"Cost: {price}, {escape.prose(escape.shortened(use.name, 80))} with {counted(use.calls, 'call')}{again}{known}, "
        f"{use.input_tokens:,} tokens in{cached}, {use.output_tokens:,} out."
    )


def _findings(contents: Contents, terms: Terms) -> Iterator[str]:
    for entry in contents.listed[:_MOST_FINDINGS]:
        finding = entry.finding
        missed = " Missed before." if entry.missed else ""
        room = 150 if entry.inline else 420
        line = (
            f"{finding.severity} {place(finding.path, (finding.line, finding.end_line), terms.links)}: "
            f"{escape.fitted(finding.message, room)}{missed} {escape.code(finding.rule)} {escape.code(entry.name)}"
        )
        if not entry.inline:
            line += f"\n  Instead: {escape.fitted(finding.remedy, 360)}"
        yield line


def incomplete(report: Report) -> Iterator[str]:
    """What should have been looked at and was not."""
    for failure in report.errors[:MOST_LISTED]:
        where = escape.code(shortened_path(failure.path)) if failure.path else "the model"
        yield f"{where}: {escape.fitted(failure.error, 300)}"
    for entry in overlooked(report)[:MOST_LISTED]:
        yield f"{escape.code(shortened_path(entry.path))}: {escape.fitted(entry.reason, 200)}"
    if report.partial:
        yield f"only in part: {_paths(report.partial)}"
    if report.unasked:
        why = "the model gave no answer" if report.model else "no model was asked"
        yield f"{counted(report.unasked, 'possible problem')} not judged: {why}"
    if report.model:
        yield from _left_open(report.model)


def _left_open(use: ModelUse) -> Iterator[str]:
    left_open = use.not_judged - len(use.left_out)
    if left_open > 0:
        yield f"{counted(left_open, 'question')} left open by the model"
    if use.left_out:
        yield f"{counted(len(use.left_out), 'question')} not asked: {escape.fitted(use.left_out[0].reason, 120)}"
    if use.unread:
        yield f"{counted(len(use.unread), 'piece')} of added code not read by the model: {escape.fitted(use.unread[0].reason, 120)}"


def suppressed(report: Report, terms: Terms) -> Iterator[str]:
    """What somebody decided to live with, and why."""
    for entry in report.suppressed[:MOST_LISTED]:
        finding = entry.finding
        where = place(finding.path, (finding.line, finding.end_line), terms.links)
        by = {"config": "the configuration: ", "comment": "a comment in the code: "}.get(entry.by, "")
        yield f"{where} {escape.code(finding.rule)}, {by}{escape.fitted(entry.reason, 260)}"


def left_out(report: Report) -> Iterator[str]:
    """Files left out on purpose, by reason."""
    overlooked_paths = {entry.path for entry in overlooked(report)}
    by_reason: dict[str, list[str]] = {}
    for entry in report.skipped:
        if entry.path not in overlooked_paths:
            by_reason.setdefault(entry.reason, []).append(entry.path)
    for reason, paths in sorted(by_reason.items()):
        yield f"{escape.fitted(reason, 100)}: {_paths(paths)}"


def _paths(paths: Sequence[str]) -> str:
    named = ", ".join(escape.code(shortened_path(path)) for path in paths[:_MOST_PATHS])
    more = len(paths) - _MOST_PATHS
    return named + (f" and {more:,} more" if more > 0 else "")


def _fixed(name: str, entry: Said) -> str:
    what = f"{escape.code(entry.rule)} in {escape.code(shortened_path(entry.path))}" if entry.rule else escape.code(name)
    return f"{what}, gone in {entry.fixed[:7]}"


def _how(contents: Contents) -> Iterator[str]:
    """What a reader can do or should know, in a line each."""
    missed = sum(entry.missed for entry in contents.listed)
    if missed:
        verb = "was" if missed == 1 else "were"
        yield f"{counted(missed, 'finding')} {verb} missed before: nothing that it depends on has changed since the last review."
    if contents.waiting:
        verb = "stays" if contents.waiting == 1 else "stay"
        yield f"{counted(contents.waiting, 'earlier finding')} {verb} open: this review can not tell whether it is gone."
    if contents.report.findings:
        yield "To keep one: reply `guard: ignore REASON` to its comment, or write `/guard ignore FINGERPRINT REASON` here."


def _list(title: str, entries: list[str], number: int) -> str:
    """A list of some entries, with how many of them are not shown."""
    more = [f"- and {number - len(entries):,} more"] if number > len(entries) else []
    return "\n".join([f"**{title}**", "", *(f"- {entry}" for entry in entries), *more]) if entries else ""

"""The end of the text report: what was looked at, what was not, and nothing that looks cleaner than it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from guard.counting import counted
from guard.finding import ModelUse, Report, Severity
from guard.reports import IN_PART, Page
from guard.reports._paint import Paint, told_apart, wrapped

_OTHER_KINDS = "no reader for this kind of file"
_MOST_NAMED = 5
_MOST_SUPPRESSED = 10
_BASELINE = "baseline"


def summary(report: Report, page: Page, paint: Paint) -> Iterator[str]:
    """A line that can be read alone, then what else there is to know."""
    yield _verdict(report, paint)
    for label, color, text in _lines(report, page):
        first, *rest = wrapped(f"{label} {text}", page.width) or [""]
        yield paint.color(first, color) if color else paint.dim(first)
        yield from (paint.color(f"  {line}", color) if color else paint.dim(f"  {line}") for line in rest)


def _verdict(report: Report, paint: Paint) -> str:
    extent = f"{_extent(report)}, {counted(report.change.added_lines, 'added line')}"
    numbers = Counter(finding.severity for finding in report.findings)
    if numbers:
        told = ", ".join(counted(numbers[severity], severity.value) for severity in Severity if numbers[severity])
        return paint.bold(f"{told} in {extent}.")
    if report.errors:
        return paint.color(f"The review is incomplete; what could be read shows no problem ({extent}).", "red", bold=True)
    if not report.change.files:
        return "Nothing to review: the change is empty."
    if len(report.skipped) >= report.change.files:
        sentence = f"Nothing was reviewed ({extent})."
        return sentence if all(entry.reason == _OTHER_KINDS for entry in report.skipped) else paint.color(sentence, "yellow")
    return paint.color(f"No problems found in {extent}.", "green")


def _extent(report: Report) -> str:
    """How many files were looked at, of how many if that is not all."""
    files, skipped = report.change.files, len(report.skipped)
    return counted(files, "file") if not skipped else f"{files - skipped} of {counted(files, 'file')}"


def _lines(report: Report, page: Page) -> Iterator[tuple[str, str, str]]:
    """Label, color and text of what is said beyond the verdict."""
    for failure in report.errors:
        yield "incomplete:", "red", f"{failure.path or 'the model'}: {failure.error}"
    yield from _suppressed(report, page)
    yield from _skipped(report, page)
    if report.partial:
        yield "seen in part:", "yellow", f"{_named([told_apart(path) for path in report.partial])}: {IN_PART}"
    if report.unasked:
        why = why_unasked(report)
        verb = "was" if report.unasked == 1 else "were"
        yield counted(report.unasked, "possible problem"), "yellow", f"{verb} not judged: only a model could tell, and {why}."
    yield from _witnesses(report, page)
    if report.model:
        yield from _model(report.model, page)


def _witnesses(report: Report, page: Page) -> Iterator[tuple[str, str, str]]:
    if page.verbose and report.witnesses:
        yield "evidence:", "", f"also read, unchanged: {', '.join(map(told_apart, report.witnesses))}"
    if page.verbose:
        yield from (("evidence:", "yellow", sentence) for sentence in report.limits)
    elif report.limits:
        yield "evidence:", "", "not all unchanged files that might tell more were looked at (-v says why)"


def _suppressed(report: Report, page: Page) -> Iterator[tuple[str, str, str]]:
    told = report.suppressed if page.verbose else tuple(entry for entry in report.suppressed if entry.by != _BASELINE)
    shown = told if page.verbose else told[:_MOST_SUPPRESSED]
    for entry in shown:
        place = f"{told_apart(entry.finding.path)}:{entry.finding.line}"
        by_file = entry.by in ("config", _BASELINE)
        by = f"by {entry.path or 'the command line'}: {entry.reason}" if by_file else f'"{entry.reason}"'
        yield "suppressed:", "", f"{place} {entry.finding.rule} [{entry.finding.check}] {by}"
    if len(shown) < len(told):
        yield "suppressed:", "", f"{len(told) - len(shown):,} more (-v lists them)"
    accepted = len(report.suppressed) - len(told)
    if accepted:
        yield "accepted:", "", f"{counted(accepted, 'finding')} by the baseline (-v lists them)"


def _skipped(report: Report, page: Page) -> Iterator[tuple[str, str, str]]:
    by_reason: dict[str, list[str]] = {}
    for entry in report.skipped:
        by_reason.setdefault(entry.reason, []).append(told_apart(entry.path))
    for reason, paths in sorted(by_reason.items(), key=lambda item: item[0] == _OTHER_KINDS):
        if page.verbose:
            yield from (("not looked at:", "", f"{path}: {reason}") for path in paths)
        elif reason == _OTHER_KINDS:
            yield "not looked at:", "", f"{counted(len(paths), 'file')} of kinds that are not read (-v names them)"
        else:
            yield "not looked at:", "", f"{_named(paths)}: {reason}"


def _named(paths: list[str]) -> str:
    more = len(paths) - _MOST_NAMED
    return ", ".join(paths[:_MOST_NAMED]) + (f" and {more} more (-v names them)" if more > 0 else "")


def _model(use: ModelUse, page: Page) -> Iterator[tuple[str, str, str]]:
    asked_by = f" (prompt {use.prompt})" if use.prompt and page.verbose else ""
    yield f"{told_apart(use.name)} was asked:", "", what_it_took(use) + asked_by
    if use.left_out:
        places = [f"{told_apart(entry.path)}:{entry.line} {entry.rule}" for entry in use.left_out]
        named = ", ".join(places) if page.verbose else _named(places)
        yield "not asked:", "yellow", f"{counted(len(places), 'question')}, {use.left_out[0].reason}: {named}"
    if use.unread:
        unread = [f"{told_apart(entry.path)}:{entry.line}" for entry in use.unread]
        shown = ", ".join(unread) if page.verbose else _named(unread)
        yield "not read:", "yellow", f"{counted(len(unread), 'piece')} of added code, {use.unread[0].reason}: {shown}"
    left_open = use.not_judged - len(use.left_out)
    if left_open > 0:
        yield "left open:", "yellow", f"{counted(left_open, 'question')} (the model was not sure, or no usable answer came)"
    if use.dismissed and not page.verbose:
        yield "dismissed by the model:", "", f"{len(use.dismissed)} (-v gives its reasons)"
    for entry in use.dismissed if page.verbose else ():
        yield "dismissed by the model:", "", f"{told_apart(entry.path)}:{entry.line} {entry.rule}: {entry.reason}"


def why_unasked(report: Report) -> str:
    """Why possible problems were not judged."""
    if report.model is None:
        return "none was asked (--model NAME)"
    return "it was not asked, or gave no answer" if report.model.left_out else "it gave no answer to them"


def what_it_took(use: ModelUse) -> str:
    """Questions, calls, tokens and dollars in a line."""
    known = f" ({use.remembered:,} answered before)" if use.remembered else ""
    repeated = f" ({use.cached_calls:,} repeated)" if use.cached_calls else ""
    cached = f" ({use.cached_input_tokens:,} cached)" if use.cached_input_tokens else ""
    read = (f"{counted(use.passages, 'passage')} read",) if use.passages else ()
    return ", ".join(
        (
            *read,
            counted(use.questions, "question") + known,
            counted(use.calls, "call") + repeated,
            f"{use.input_tokens:,} tokens in{cached}, {use.output_tokens:,} out",
            "price unknown" if use.cost is None else f"${use.cost:.4f}",
        )
    )

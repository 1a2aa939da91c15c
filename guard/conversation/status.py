"""The check: what it concludes, and its details with every finding. Never a success where something was not looked at."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from guard.conversation import escape
from guard.conversation.looked import overlooked
from guard.conversation.summary import MOST_LISTED, Contents, cost, headline, incomplete, left_out, suppressed, verdict
from guard.conversation.terms import Terms, no_links
from guard.conversation.texts import place
from guard.conversation.values import Annotation, Check, Conclusion, SetCheck
from guard.finding import Finding, Report, Severity

_TITLE = 255
_LIMIT = 64_000
_LEVELS = {Severity.ERROR: "failure", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_CUT = "*This was too long; the workflow's report has the rest.*"
_MOST_MESSAGE = 8_000


def conclusion(report: Report, terms: Terms, waiting: int = 0) -> Conclusion:
    """What the check says; `waiting` are findings of which this review can not tell whether they are gone."""
    if any(finding.fingerprint in terms.failing for finding in report.findings):
        return Conclusion.FAILURE
    if report.errors:
        return Conclusion.ACTION_REQUIRED
    left_open = report.partial or report.unasked or overlooked(report) or (report.model and report.model.not_judged)
    return Conclusion.NEUTRAL if left_open or waiting else Conclusion.SUCCESS


def check(contents: Contents, terms: Terms, there: Check | None) -> SetCheck | None:
    """The check as it should be, None where it is so already. Its digest leaves out the cost: a rerun from the cache is no news."""
    report = contents.report
    body = "\n\n".join(_blocks(contents, terms))
    details = _details(report.findings[:MOST_LISTED], terms)
    wanted = SetCheck(
        head=contents.head,
        conclusion=conclusion(report, terms, contents.waiting),
        title=_title(contents, terms),
        summary=escape.cut("\n\n".join((body, cost(report))), _LIMIT, _CUT),
        text=details,
        digest="",
        annotations=tuple(_annotation(finding) for finding in report.findings if escape.can_be_sent(finding.path)),
        id=there.id if there else "",
    )
    mark = _digest(wanted, body)
    if there and there.digest == mark:
        return None
    return SetCheck(
        wanted.head, wanted.conclusion, wanted.title, wanted.summary, wanted.text, mark, wanted.annotations, wanted.id
    )  # fmt: skip


def _title(contents: Contents, terms: Terms) -> str:
    said = verdict(contents, terms)
    left_open = conclusion(contents.report, terms, contents.waiting) is Conclusion.NEUTRAL
    words = f"{said}, but not everything could be judged" if left_open else said
    return escape.shortened(words[:1].upper() + words[1:], _TITLE)


def _blocks(contents: Contents, terms: Terms) -> list[str]:
    report = contents.report
    lists = (
        ("Not looked at, although it should have been", list(incomplete(report))),
        ("Suppressed", list(suppressed(report, terms))),
        ("Not looked at", list(left_out(report))),
    )
    told = ["\n".join([f"**{title}**", "", *(f"- {entry}" for entry in entries)]) for title, entries in lists if entries]
    return [headline(contents, terms), *(escape.prose(note) for note in terms.notes), *told]


def _details(findings: Sequence[Finding], terms: Terms) -> str:
    """Every finding: with the remedy, else in fewer words, else its place and rule alone, as many as there are."""
    for form in (_detail, _short_detail, _bare_detail):
        text = "\n".join(form(finding, terms) for finding in findings)
        if escape.units(text) <= _LIMIT:
            break
    return escape.cut(text, _LIMIT, _CUT)


def _detail(finding: Finding, terms: Terms) -> str:
    where = place(finding.path, (finding.line, finding.end_line), terms.links)
    return (
        f"- {_severity(finding, terms)} {where}: {escape.fitted(finding.message, 600)}\n"
        f"  Instead: {escape.fitted(finding.remedy, 600)}\n"
        f"  {escape.code(finding.rule)} {escape.code(finding.fingerprint)}"
    )


def _short_detail(finding: Finding, terms: Terms) -> str:
    where = place(finding.path, (finding.line, finding.end_line), no_links)
    return f"- {_severity(finding, terms)} {where}: {escape.fitted(finding.message, 120)} {escape.code(finding.rule)}"


def _bare_detail(finding: Finding, _terms: Terms) -> str:
    return f"- {place(finding.path, (finding.line, finding.end_line), no_links)} {escape.code(finding.rule)}"


def _severity(finding: Finding, terms: Terms) -> str:
    return f"{finding.severity}{'' if finding.fingerprint in terms.failing else ' (does not fail the review)'}"


def _annotation(finding: Finding) -> Annotation:
    """What a host shows beside the lines: plain text, not Markdown."""
    proof = [f"- {entry.path}:{entry.line}: {entry.note}" for entry in finding.evidence]
    lines = [finding.message, *proof, f"Instead: {finding.remedy}", *([finding.note] if finding.note else [])]
    message = "\n".join(map(escape.one_line, lines))
    title = escape.shortened(escape.one_line(f"{finding.rule} ({finding.check}, {finding.confidence})"), _TITLE)
    level = _LEVELS[finding.severity]
    return Annotation(finding.path, finding.line, finding.end_line, level, title, escape.shortened(message, _MOST_MESSAGE))


def _digest(wanted: SetCheck, body: str) -> str:
    """A name for all that the check says, but for the cost."""
    parts = (wanted.head, wanted.conclusion, wanted.title, body, wanted.text, repr(wanted.annotations))
    return hashlib.sha256("\0".join(parts).encode("utf-8", "backslashreplace")).hexdigest()[:32]

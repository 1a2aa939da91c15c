"""`--add-ignore REASON`: suppressions for what stands, written into the work tree in each language's comment syntax.

Each is read back before it stays: a comment that the reader of the file does not see as one (inside a template or a text) is
taken out again and told.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator

from guard.errors import UsageError
from guard.finding import Finding, Report
from guard.integrations.git import Selected
from guard.policy import COMMENTS, NOTES, suppressions_in


def add_ignores(report: Report, what: Selected, reason: str) -> int:
    """Write the comments and say what was written; 1 if something that stands can not be excused this way."""
    reason = " ".join(reason.split())
    if not reason:
        raise UsageError(
            "--add-ignore needs a reason: whoever reads the comment later must be able to tell whether it still holds"
        )
    if what.change.head != "worktree":
        raise UsageError("--add-ignore writes into the work tree; it goes with 'review' of the work tree and with 'scan'")
    left = 0
    for path, findings in _by_path(finding for finding in report.findings if finding.rule not in NOTES):
        written, refused = _annotate(os.path.join(what.root, path), path, findings, reason)
        sys.stdout.writelines(f"{path}:{line}: {rule} suppressed\n" for line, rule in written)
        sys.stdout.writelines(f"{path}:{line}: {rule} not suppressed: {why}\n" for line, rule, why in refused)
        left += len(refused)
    sys.stdout.write("nothing to suppress\n" if not report.findings else "")
    return int(left > 0)


def _by_path(findings: Iterable[Finding]) -> Iterator[tuple[str, list[Finding]]]:
    table: dict[str, list[Finding]] = {}
    for finding in findings:
        table.setdefault(finding.path, []).append(finding)
    return iter(table.items())


def _annotate(
    full: str, path: str, findings: list[Finding], reason: str
) -> tuple[list[tuple[int, str]], list[tuple[int, str, str]]]:
    """Put comments above the findings of one file, from the last to the first so that line numbers hold."""
    from guard.languages import reader_for

    with open(full, "rb") as stream:
        text = stream.read()
    reading = reader_for(path, text)
    language = reading.language if reading else "json"
    written: list[tuple[int, str]] = []
    refused: list[tuple[int, str, str]] = []
    for line, rules in sorted(_rules_by_line(findings).items(), reverse=True):
        style = COMMENTS.get(language, "# {}")
        changed = _with_comment(text, line, style.format(f"guard: ignore[{', '.join(rules)}] {reason}"))
        if not style:
            refused += [(line, rule, f"{language} has no comments; use 'ignore' in the configuration") for rule in rules]
        elif not _is_read_back(path, changed, line, rules):
            refused += [(line, rule, "a comment can not stand there; use 'ignore' in the configuration") for rule in rules]
        else:
            text = changed
            written += [(line, rule) for rule in rules]
    if written:
        with open(full, "wb") as stream:
            stream.write(text)
    return written[::-1], refused[::-1]


def _rules_by_line(findings: list[Finding]) -> dict[int, list[str]]:
    table: dict[int, list[str]] = {}
    for finding in findings:
        if finding.rule not in table.setdefault(finding.line, []):
            table[finding.line].append(finding.rule)
    return table


def _with_comment(text: bytes, line: int, comment: str) -> bytes:
    """The text with a comment above a line, indented as that line is, with its line ending."""
    lines = text.split(b"\n")
    below = lines[line - 1]
    indent = below[: len(below) - len(below.lstrip())].rstrip(b"\r")
    ending = b"\r" if below.endswith(b"\r") else b""
    return b"\n".join([*lines[: line - 1], indent + comment.encode() + ending, *lines[line - 1 :]])


def _is_read_back(path: str, text: bytes, line: int, rules: list[str]) -> bool:
    """Whether the reader sees the comment on this line, speaking for the line below."""
    from guard.languages import read

    facts = read(path, text)
    found = suppressions_in(facts) if facts else iter(())
    return any(entry.line == line and line + 1 in entry.lines and set(rules) <= set(entry.names) for entry in found)

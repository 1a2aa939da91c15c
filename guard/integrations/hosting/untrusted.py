"""A report that somebody else made: a job without secrets, run for a pull request from a fork. Everything in it is a claim.

It has the fields of `guard/reports/report.schema.json`, with limits; whatever it names must be in the change as the host tells it.
Suggestions are left out: nobody should take over code, with one click on a comment of ours, that a stranger wrote.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Literal

from msgspec.structs import replace
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from guard.change import ChangeSet, FileChange
from guard.errors import UsageError
from guard.finding import (
    ChangeSummary,
    Confidence,
    Dismissed,
    Evidence,
    Failure,
    Finding,
    LeftOut,
    ModelUse,
    Origin,
    Report,
    Severity,
    Skipped,
    Suppressed,
    Unread,
    check_named,
)

MOST_BYTES = 8_000_000
_MOST_FINDINGS = 2_000
_MOST_FILES = 5_000
_MOST_EVIDENCE = 30
_CHECKS = r"^(?:session-store|sticky-session|local-disk|memory-cache|[\w.-]{1,80}/[\w.-]{1,80}#[a-z0-9-]{1,120})$"
"""The four of the rule, and those of a team's own atoms."""
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")

_Path = Annotated[str, StringConstraints(max_length=4_096)]
_Word = Annotated[str, StringConstraints(max_length=200)]
_Text = Annotated[str, StringConstraints(max_length=4_000), AfterValidator(lambda text: _CONTROL.sub("\ufffd", text))]
"""Without characters that steer a terminal or turn text around."""
_Line = Annotated[int, Field(ge=1, le=10_000_000)]
_Count = Annotated[int, Field(ge=0, le=10**12)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Tool(_Strict):
    name: Literal["stateless-guard"]
    version: _Word


class _Atom(_Strict):
    id: _Word
    version: _Word


class _Change(_Strict):
    base: _Word | None
    head: _Word | None
    files: _Count
    added_lines: _Count


class _Evidence(_Strict):
    path: _Path
    line: _Line
    note: _Text


class _Suggestion(_Strict):
    line: _Line
    end_line: _Line
    text: Annotated[str, StringConstraints(max_length=20_000)]


class _Finding(_Strict):
    rule: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=100)]
    check: Annotated[str, StringConstraints(pattern=_CHECKS)]
    path: _Path
    line: _Line
    end_line: _Line
    column: _Line
    severity: Literal["error", "warning", "note"]
    confidence: Literal["certain", "likely"]
    origin: Literal["heuristic", "model"]
    message: Annotated[_Text, StringConstraints(min_length=1)]
    remedy: Annotated[_Text, StringConstraints(min_length=1)]
    evidence: Annotated[list[_Evidence], Field(max_length=_MOST_EVIDENCE)]
    suggestion: _Suggestion | None
    fingerprint: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}(:[1-9][0-9]{0,5})?$")]
    note: _Text


class _Where(_Strict):
    path: _Path
    line: Annotated[int, Field(ge=0, le=10_000_000)]


class _Suppressed(_Finding):
    by: Literal["comment", "config", "baseline", "conversation"]
    reason: _Text
    suppression: _Where


class _Skipped(_Strict):
    path: _Path
    reason: _Text


class _Failure(_Strict):
    path: _Path
    error: _Text


class _Dismissed(_Strict):
    rule: _Word
    path: _Path
    line: _Line
    reason: _Text


class _Unread(_Strict):
    path: _Path
    line: _Line
    reason: _Text


class _Model(_Strict):
    name: _Word
    calls: _Count
    cached_calls: _Count
    input_tokens: _Count
    cached_input_tokens: _Count
    output_tokens: _Count
    cost: Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False)] | None
    questions: _Count
    not_judged: _Count
    dismissed: Annotated[list[_Dismissed], Field(max_length=_MOST_FINDINGS)]
    cached_questions: _Count = 0
    left_out: Annotated[list[_Dismissed], Field(max_length=_MOST_FINDINGS)] = []
    prompt: _Count = 0
    passages: _Count = 0
    unread: Annotated[list[_Unread], Field(max_length=_MOST_FINDINGS)] = []


class _Witnesses(_Strict):
    files: Annotated[list[_Path], Field(max_length=_MOST_FILES)] = []
    limits: Annotated[list[_Text], Field(max_length=_MOST_FILES)] = []


class ReportModel(_Strict):
    """The fields of the JSON report, version 1, with limits."""

    version: Literal[1]
    tool: _Tool
    atoms: Annotated[list[_Atom], Field(max_length=50)]
    change: _Change
    findings: Annotated[list[_Finding], Field(max_length=_MOST_FINDINGS)]
    suppressed: Annotated[list[_Suppressed], Field(max_length=_MOST_FINDINGS)]
    skipped: Annotated[list[_Skipped], Field(max_length=_MOST_FILES)]
    errors: Annotated[list[_Failure], Field(max_length=_MOST_FILES)]
    partial: Annotated[list[_Path], Field(max_length=_MOST_FILES)]
    unasked: _Count
    witnesses: _Witnesses = _Witnesses()
    model: _Model | None


def read_untrusted(file: str, change: ChangeSet, head: str, checks_of_rules: Mapping[str, str]) -> Report:
    """The report, once all that it claims was held against the change. Raises UsageError, with one sentence, for anything wrong.

    `checks_of_rules` are the rules there are, each with its check, "" where it has none of its own.
    """
    try:
        model = _parsed(file)
        _same_head(model, head)
        files = {entry.path: entry for entry in change.files}
        for finding in (*model.findings, *model.suppressed):
            _known_rule(finding, checks_of_rules)
            _in_the_change(finding, files)
        _paths_in_the_change(model, change)
        _told_apart(model)
    except ValueError as error:
        raise UsageError(f"{file}: not taken, nothing is posted: {error}") from None
    return _report(model, change)


def _parsed(file: str) -> ReportModel:
    try:
        with open(file, "rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise ValueError(f"can not be read: {error.strerror}") from None
    if len(data) > MOST_BYTES:
        raise ValueError(f"larger than {MOST_BYTES:,} bytes")
    try:
        document = json.loads(data, parse_constant=_no_constant)
        return ReportModel.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(step) for step in first["loc"])
        raise ValueError(f"not a report of version 1: {place}: {first['msg']}") from None
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _same_head(model: ReportModel, head: str) -> None:
    if model.change.head != head:
        raise ValueError(f"it is about {(model.change.head or 'no commit')[:40]!r}, but the pull request's head is {head[:12]}")


def _known_rule(finding: _Finding, checks_of_rules: Mapping[str, str]) -> None:
    if finding.rule == finding.check and "#" not in finding.rule:
        return  # what only a model knows carries its check
    if finding.rule not in checks_of_rules:
        raise ValueError(f"there is no rule {finding.rule[:60]!r}")
    check = checks_of_rules[finding.rule]
    if check and finding.check != check:
        raise ValueError(f"the rule {finding.rule!r} is of the check {check!r}, not {finding.check!r}")


def _in_the_change(finding: _Finding, files: Mapping[str, FileChange]) -> None:
    file = _file(finding.path, files)
    if finding.end_line < finding.line:
        raise ValueError(f"{finding.rule}: lines {finding.line}..{finding.end_line} are no span")
    if not any(start <= finding.line and finding.end_line <= end for start, end in _shown(file)):
        raise ValueError(f"{finding.rule}: lines {finding.line}..{finding.end_line} of {finding.path!r} are not in the diff")


def _shown(file: FileChange) -> Iterator[tuple[int, int]]:
    return ((hunk.new_start, hunk.new_start + hunk.new_length - 1) for hunk in file.hunks)


def _file(path: str, files: Mapping[str, FileChange]) -> FileChange:
    if path not in files:
        raise ValueError(f"the pull request does not change {path[:200]!r}")
    return files[path]


def _paths_in_the_change(model: ReportModel, change: ChangeSet) -> None:
    known = {"", *(file.path for file in change.files)}
    named = (
        *(entry.path for entry in model.skipped),
        *(entry.path for entry in model.errors),
        *model.partial,
        *(entry.path for entry in (model.model.dismissed if model.model else ())),
    )
    stranger = next((path for path in named if path not in known), None)
    if stranger is not None:
        raise ValueError(f"the pull request does not change {stranger[:200]!r}")


def _told_apart(model: ReportModel) -> None:
    settled = (entry for entry in model.suppressed if entry.by == "conversation")
    names = [finding.fingerprint for finding in (*model.findings, *settled)]
    twice = next((name for name in names if names.count(name) > 1), None) if len(set(names)) < len(names) else None
    if twice is not None:
        raise ValueError(f"two findings have the fingerprint {twice}")


# -- as values --------------------------------------------------------------------------------------------------------


def _report(model: ReportModel, change: ChangeSet) -> Report:
    """The report, of the change as the host tells it: how much there was to look at is not for a stranger to say.

    Nor is what people decided: those findings stand again, until the conversation itself is asked.
    """
    settled = [entry for entry in model.suppressed if entry.by == "conversation"]
    return Report(
        change=ChangeSummary(change.base, change.head, len(change.files), change.added_lines),
        atoms=tuple((atom.id, atom.version) for atom in model.atoms),
        findings=tuple(_shown_by_the_change(_finding(finding), change) for finding in (*model.findings, *settled)),
        suppressed=tuple(
            Suppressed(
                _shown_by_the_change(_finding(entry), change),
                entry.by,
                entry.reason,
                entry.suppression.path,
                entry.suppression.line,
            )
            for entry in model.suppressed
            if entry.by != "conversation"
        ),
        skipped=tuple(Skipped(entry.path, entry.reason) for entry in model.skipped),
        errors=tuple(Failure(entry.path, entry.error) for entry in model.errors),
        partial=tuple(model.partial),
        unasked=model.unasked,
        limits=tuple(model.witnesses.limits),
        model=_model(model.model) if model.model else None,
    )


def _shown_by_the_change(finding: Finding, change: ChangeSet) -> Finding:
    """The finding without evidence in unchanged files: what a stranger says of those is not repeated."""
    known = {file.path for file in change.files}
    return replace(finding, evidence=tuple(entry for entry in finding.evidence if entry.path in known))


def _finding(model: _Finding) -> Finding:
    return Finding(
        rule=model.rule,
        check=check_named(model.check),
        path=model.path,
        line=model.line,
        end_line=model.end_line,
        column=model.column,
        severity=Severity(model.severity),
        confidence=Confidence(model.confidence),
        origin=Origin(model.origin),
        message=model.message,
        remedy=model.remedy,
        evidence=_evidence(model.evidence),
        fingerprint=model.fingerprint,
        note=model.note,
    )


def _evidence(entries: Iterable[_Evidence]) -> tuple[Evidence, ...]:
    return tuple(Evidence(entry.path, entry.line, entry.note) for entry in entries)


def _model(model: _Model) -> ModelUse:
    return ModelUse(
        name=model.name,
        calls=model.calls,
        cached_calls=model.cached_calls,
        input_tokens=model.input_tokens,
        cached_input_tokens=model.cached_input_tokens,
        output_tokens=model.output_tokens,
        cost=model.cost,
        questions=model.questions,
        not_judged=model.not_judged,
        dismissed=tuple(Dismissed(entry.rule, entry.path, entry.line, entry.reason) for entry in model.dismissed),
        remembered=model.cached_questions,
        left_out=tuple(LeftOut(entry.rule, entry.path, entry.line, entry.reason) for entry in model.left_out),
        prompt=model.prompt,
        passages=model.passages,
        unread=tuple(Unread(entry.path, entry.line, entry.reason) for entry in model.unread),
    )

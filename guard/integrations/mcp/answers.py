"""What the tools answer, as models: their schemas are what clients are told, so every field says what it means."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from guard.catalogue import Rule
from guard.checks import PAGES
from guard.config import Configuration
from guard.finding import SEVERITY_ORDER, Check, Finding, Report
from guard.integrations.configured import failing
from guard.integrations.explained import SURENESS, rules
from guard.integrations.mcp.cursors import PAGE, slice_of
from guard.model.tokens import estimate
from guard.policy import NOTES

_MOST_TOLD = 10
_LONGEST = 1_500


class Answer(BaseModel):
    """What every answer has in common."""

    model_config = ConfigDict(frozen=True)


class EvidencePlace(Answer):
    """A place that proves a finding."""

    path: str
    line: int
    note: str = Field(description="What is to be seen there.")


class SafeEdit(Answer):
    """Whole lines of the new file and what they should become."""

    line: int
    end_line: int
    text: str = Field(description="The new lines; empty to delete them.")


class FindingAnswer(Answer):
    """One piece of state that does not survive a restart or a second instance."""

    rule: str = Field(description="Its id; explain_rule tells more.")
    check: str = Field(description="session-store, sticky-session, local-disk or memory-cache.")
    path: str
    line: int
    end_line: int
    severity: str = Field(description="What it costs: error, warning or note.")
    confidence: str = Field(description="How sure it is: certain or likely.")
    message: str = Field(description="What happens to users, and why.")
    remedy: str = Field(description="What to write instead.")
    evidence: list[EvidencePlace] = Field(default_factory=list)
    suggestion: SafeEdit | None = Field(default=None, description="An edit that is safe to apply, where there is one.")
    note: str = ""
    fingerprint: str = Field(description="Names the cause; it survives moved and reindented code.")


class ReviewAnswer(Answer):
    """What a review found. The most serious findings come first."""

    verdict: Literal["clean", "findings", "incomplete"] = Field(
        description="findings: something must be mended; incomplete: not everything could be read; clean: nothing was found."
    )
    summary: str = Field(description="The verdict in a sentence, and what to do next.")
    findings: list[FindingAnswer]
    total: int = Field(description="Findings on all pages.")
    files: int = Field(description="Files of the change.")
    added_lines: int
    suppressed: int = Field(description="Findings hidden by a comment with a reason, or by the configuration.")
    skipped: int = Field(description="Files that were left out: binary, excluded, of a kind that is not read.")
    unasked: int = Field(description="Suspicions that only a model could settle, and none was asked.")
    incomplete: list[str] = Field(description="What could not be reviewed, and why (the first ones).")
    partial: list[str] = Field(description="Files of which only a part was known (the first ones).")
    next_cursor: str | None = Field(default=None, description="Pass it as cursor, with the same arguments, for the next page.")


class RuleLine(Answer):
    """One rule of the catalogue."""

    id: str
    check: str
    confidence: str
    severity: str
    framework: str
    languages: list[str]


class RulesAnswer(Answer):
    """Rules, by id."""

    rules: list[RuleLine]
    total: int = Field(description="Rules on all pages.")
    next_cursor: str | None = Field(default=None, description="Pass it as cursor, with the same arguments, for the next page.")


class ExampleFile(Answer):
    """A small file that shows a rule."""

    path: str
    code: str


class Explanation(Answer):
    """What a rule, a check or a note means."""

    name: str
    kind: Literal["rule", "check", "note"]
    check: str = ""
    framework: str = ""
    severity: str = ""
    confidence: str = ""
    meaning: str = Field(description="What is reported, and what happens to users.")
    hurts: str = Field(default="", description="Why it hurts, with one instance too.")
    instead: str = Field(description="What to write instead.")
    instead_with: list[str] = Field(default_factory=list, description="The same where these packages are used.")
    fine: str = Field(default="", description="What is left alone.")
    reported: list[ExampleFile] = Field(default_factory=list)
    left_alone: list[ExampleFile] = Field(default_factory=list)
    rules: list[str] = Field(default_factory=list, description="The rules of a check.")
    docs: str = ""
    keep: str = Field(
        default="", description="The comment that keeps a finding, on its line or the line above, with a true reason."
    )


def review_answer(report: Report, configuration: Configuration, cursor: str | None) -> ReviewAnswer:
    """A page of a report, with its totals. Raises UsageError for a cursor that does not fit."""
    ordered = sorted(report.findings, key=lambda finding: SEVERITY_ORDER.index(finding.severity))
    answers = [_finding(finding) for finding in ordered]
    page = slice_of(answers, [f"{a.fingerprint}{a.path}{a.line}" for a in answers], lambda a: a.model_dump_json(), cursor)
    failed = len(failing(report, configuration))
    verdict: Literal["clean", "findings", "incomplete"] = "findings" if answers else "incomplete" if report.errors else "clean"
    return ReviewAnswer(
        verdict=verdict,
        summary=_summary(report, failed),
        findings=list(page.items),
        total=len(answers),
        files=report.change.files,
        added_lines=report.change.added_lines,
        suppressed=len(report.suppressed),
        skipped=len(report.skipped),
        unasked=report.unasked,
        incomplete=_first(f"{failure.path}: {failure.error}" for failure in report.errors),
        partial=_first(report.partial),
        next_cursor=page.next_cursor,
    )


def _summary(report: Report, failed: int) -> str:
    told = []
    if report.findings:
        told.append(
            f"{len(report.findings)} found, {failed} of them must be mended: keep the state in a backing service, "
            "or say in a suppression comment why it may stay; then review again."
        )
    if report.errors:
        told.append(f"The review is incomplete: {len(report.errors)} could not be read or judged.")
    if not told and not report.change.files:
        told.append("Nothing to review: the change is empty.")
    return " ".join(told) or "Nothing found."


def _first(texts: Iterable[str]) -> list[str]:
    every = list(texts)
    more = [f"… and {len(every) - _MOST_TOLD} more"] if len(every) > _MOST_TOLD else []
    return [plain(text, 300) for text in every[:_MOST_TOLD]] + more


def _finding(finding: Finding) -> FindingAnswer:
    edit = finding.suggestion
    answer = FindingAnswer(
        rule=str(finding.rule),
        check=finding.check.value,
        path=plain(finding.path),
        line=finding.line,
        end_line=finding.end_line,
        severity=finding.severity.value,
        confidence=finding.confidence.value,
        message=plain(finding.message, _LONGEST),
        remedy=plain(finding.remedy, _LONGEST),
        evidence=[EvidencePlace(path=plain(e.path), line=e.line, note=plain(e.note, 300)) for e in finding.evidence],
        suggestion=SafeEdit(line=edit.line, end_line=edit.end_line, text=plain(edit.text)) if edit else None,
        note=plain(finding.note, 500),
        fingerprint=finding.fingerprint,
    )
    if estimate(answer.model_dump_json()) <= PAGE:
        return answer
    return answer.model_copy(update={"evidence": [], "suggestion": None})


def plain(text: str, most: int | None = None) -> str:
    """A text that JSON can carry: paths of git may hold bytes that are no UTF-8."""
    text = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return text if most is None or len(text) <= most else f"{text[: most - 1]}…"


# -- rules ------------------------------------------------------------------------------------------------------------


def rules_answer(words: str, cursor: str | None) -> RulesAnswer:
    """A page of the rules that have each of these words in id, check, framework or languages."""
    lines = [_line(rule) for rule in rules().values()]
    wanted = words.lower().split()
    chosen = [line for line in lines if all(word in _words_of(line) for word in wanted)]
    page = slice_of(chosen, [line.id for line in chosen], lambda line: line.model_dump_json(), cursor)
    return RulesAnswer(rules=list(page.items), total=len(chosen), next_cursor=page.next_cursor)


def _line(rule: Rule) -> RuleLine:
    return RuleLine(
        id=str(rule.id),
        check=rule.check.value,
        confidence=rule.confidence.value,
        severity=rule.severity.value,
        framework=rule.framework,
        languages=list(rule.languages),
    )


def _words_of(line: RuleLine) -> str:
    return " ".join((line.id, line.check, line.confidence, line.severity, line.framework, *line.languages)).lower()


def explanation(subject: Check | Rule | str) -> Explanation:
    """What is to be said about a check, a rule or a note, without examples that would make it too long."""
    match subject:
        case Check() as check:
            return _of_check(check)
        case Rule() as rule:
            return _of_rule(rule)
        case name:
            return Explanation(name=name, kind="note", meaning=NOTES[name][0], instead=NOTES[name][1])


def _of_check(check: Check) -> Explanation:
    page = PAGES[check]
    return Explanation(
        name=check.value,
        kind="check",
        check=check.value,
        meaning=f"{page.title}. {page.meaning}",
        hurts=page.hurts,
        instead=page.instead,
        fine=page.fine,
        rules=[str(rule.id) for rule in rules().values() if rule.check is check],
        keep=f"guard: ignore[{check}] REASON",
    )


def _of_rule(rule: Rule) -> Explanation:
    return Explanation(
        name=str(rule.id),
        kind="rule",
        check=rule.check.value,
        framework=rule.framework,
        severity=rule.severity.value,
        confidence=f"{rule.confidence}: {SURENESS[rule.confidence]}",
        meaning=rule.message,
        hurts=PAGES[rule.check].hurts,
        instead=rule.remedy,
        instead_with=[f"{' or '.join(remedy.uses)}: {remedy.text}" for remedy in rule.remedies],
        fine=PAGES[rule.check].fine,
        reported=_examples(rule, PAGE // 4, reported=True),
        left_alone=_examples(rule, PAGE // 4, reported=False),
        docs=rule.docs,
        keep=f"guard: ignore[{rule.id}] REASON",
    )


def _examples(rule: Rule, room: int, *, reported: bool) -> list[ExampleFile]:
    kept: list[ExampleFile] = []
    for example in rule.match if reported else rule.no_match:
        room -= estimate(example.code)
        if room < 0:
            break
        kept.append(ExampleFile(path=example.path, code=example.code))
    return kept

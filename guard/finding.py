"""What can be said about a change: signal, finding, evidence, verdict, report. Values that can not be built wrong."""

from __future__ import annotations

import re
import sys
from enum import StrEnum
from importlib import import_module

from msgspec import Struct
from msgspec.structs import force_setattr, replace

REPORT_VERSION = 1


class Check(StrEnum):
    """The four checks of the atom StatelessProcesses, in the atom's order."""

    SESSION_STORE = "session-store"
    STICKY_SESSION = "sticky-session"
    LOCAL_DISK = "local-disk"
    MEMORY_CACHE = "memory-cache"


class ForeignCheck(str):
    """A check of a team's own atom, by its name: `scope/kind-slug#words-of-the-check`."""

    __slots__ = ()

    @property
    def value(self) -> str:
        """The name, as of a check of ours."""
        return str(self)


def check_named(name: str) -> Check | ForeignCheck:
    """The check of a name; a name with `#` is one of a team's own atom. Raises ValueError for any other."""
    return ForeignCheck(name) if "#" in name else Check(name)


class Confidence(StrEnum):
    """How sure the heuristics are. `certain`: never overruled; `likely`: reported; `possible`: only a question."""

    CERTAIN = "certain"
    LIKELY = "likely"
    POSSIBLE = "possible"


class Severity(StrEnum):
    """What a finding costs its users, most serious first."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Origin(StrEnum):
    """Who says so."""

    HEURISTIC = "heuristic"
    MODEL = "model"


SEVERITY_ORDER = tuple(Severity)
CONFIDENCE_ORDER = tuple(Confidence)


class Evidence(Struct, frozen=True, order=True):
    """One place a reader can check in seconds, and what is to be seen there. `line` is 1-based in the new file."""

    path: str
    line: int
    note: str


class Place(Struct, frozen=True):
    """Lines of one file."""

    path: str
    line: int
    end_line: int


class Suggestion(Struct, frozen=True):
    """A safe edit: lines `line`..`end_line` of the new file, whole, become `text`; "" deletes them.

    It removes the cause and needs nothing that is not there: no new dependency, no address. All its lines are added or context
    lines of one hunk. `text` has line feeds between its lines and none behind the last.
    """

    line: int
    end_line: int
    text: str

    def __post_init__(self) -> None:
        _require(1 <= self.line <= self.end_line, f"a suggestion for lines {self.line}..{self.end_line}, which are no span")
        _require(not self.text.endswith("\n"), "a suggestion ends without a line break")


class Signal(Struct, frozen=True):
    """A rule or analysis that fired. `line`..`end_line` are lines of the new file; `column` is 1-based.

    `identity` names the cause without line numbers (a normalised piece of code, a container's name): the same rule with
    the same identity on the old side of the change means that the change did not introduce it.
    `question` says what is not known, for a model to answer; it is required unless the signal is certain.
    """

    rule: str
    check: Check | ForeignCheck
    confidence: Confidence
    path: str
    line: int
    end_line: int
    message: str
    remedy: str
    identity: str
    severity: Severity = Severity.ERROR
    column: int = 1
    evidence: tuple[Evidence, ...] = ()
    question: str = ""
    code: str = ""
    """The code that fired, for the fingerprint: finer than `identity`, which may be no more than a name."""
    family: str = ""
    """Set where several rules tell one cause in their own ways: a cause that changes its rule is no new one."""
    alternatives: tuple[tuple[int, int], ...] = ()
    """Other spans (line, end_line) of the same cause in this file: the first that the change touches takes the place of
    `line`..`end_line` when the change does not touch those (an old container that gets its first writer)."""
    suggestion: Suggestion | None = None
    elsewhere: tuple[Place, ...] = ()
    """Spans of the same cause in other files: where the change touches none of its own file, the first that it touches."""

    def __post_init__(self) -> None:
        if "<" in self.identity:  # a function without a name is called by its line, which moves with every edit above it
            force_setattr(self, "identity", re.sub(r"<\d+>", "<>", self.identity))
        _require(1 <= self.line <= self.end_line, f"{self.rule}: lines {self.line}..{self.end_line} are no span")
        _require(
            bool(self.message and self.remedy and self.identity), f"{self.rule}: message, remedy and identity are required"
        )
        _require(
            self.confidence is Confidence.CERTAIN or bool(self.question), f"{self.rule}: an uncertain signal needs its question"
        )


class Answer(StrEnum):
    """A model's answer to one question."""

    VIOLATION = "violation"
    FINE = "fine"
    UNSURE = "unsure"


class Verdict(Struct, frozen=True):
    """A validated answer: `quote` was found in what was sent, at `place`; only an unsure answer may come without one."""

    answer: Answer
    reason: str
    quote: str = ""
    place: Place | None = None
    who_notices: str = ""
    """Who is the first to miss what is lost, and when; "" if the answer does not say."""


class Finding(Struct, frozen=True):
    """What is reported, at exactly one primary place. Confidence is never `possible`."""

    rule: str
    check: Check | ForeignCheck
    path: str
    line: int
    end_line: int
    column: int
    severity: Severity
    confidence: Confidence
    origin: Origin
    message: str
    remedy: str
    evidence: tuple[Evidence, ...]
    fingerprint: str
    note: str = ""
    """What else to say about this finding: that a model did not judge it, or its reason."""
    suggestion: Suggestion | None = None

    def __post_init__(self) -> None:
        _require(1 <= self.line <= self.end_line, f"{self.rule}: lines {self.line}..{self.end_line} are no span")
        _require(self.confidence is not Confidence.POSSIBLE, f"{self.rule}: a possible finding is a question, not a finding")
        _require(
            bool(self.message and self.remedy and self.fingerprint),
            f"{self.rule}: message, remedy and fingerprint are required",
        )

    @property
    def cause(self) -> str:
        """The fingerprint without the number that tells equal causes apart."""
        return self.fingerprint.partition(":")[0]


class Suppressed(Struct, frozen=True):
    """A finding that somebody decided to live with: kept, counted, shown."""

    finding: Finding
    by: str
    """"comment" (inline), "config" or "baseline"."""
    reason: str
    path: str
    """Where the suppression stands."""
    line: int


class Skipped(Struct, frozen=True, order=True):
    """A file that was not looked at, on purpose, and why."""

    path: str
    reason: str


class Failure(Struct, frozen=True, order=True):
    """A file or a step that could not be looked at although it should have been: the review is incomplete."""

    path: str
    error: str


class Dismissed(Struct, frozen=True):
    """A signal that a model judged to be fine, with its reason."""

    rule: str
    path: str
    line: int
    reason: str


class LeftOut(Struct, frozen=True):
    """A signal that no model was asked about, because a limit was reached, with the limit in words."""

    rule: str
    path: str
    line: int
    reason: str


class Unread(Struct, frozen=True):
    """Added code, from this line on, that a model was to read and did not, and why."""

    path: str
    line: int
    reason: str


class ModelUse(Struct, frozen=True):
    """What asking a model took. Tokens are counts as the server reported them; cost is US dollars, None if unknown.

    `cached_calls` were repeated from a record, `remembered` questions had been answered before and cost nothing. `passages` counts
    the pieces of added code that it read although no rule fired there; what it named in them was asked about, as questions.
    """

    name: str
    calls: int = 0
    cached_calls: int = 0
    input_tokens: int = 0
    cached_input_tokens: int = 0
    output_tokens: int = 0
    cost: float | None = None
    questions: int = 0
    not_judged: int = 0
    dismissed: tuple[Dismissed, ...] = ()
    remembered: int = 0
    left_out: tuple[LeftOut, ...] = ()
    passages: int = 0
    unread: tuple[Unread, ...] = ()
    prompt: int = 0
    """The version of the prompt that was used; 0 if nothing was asked."""


class ChangeSummary(Struct, frozen=True):
    """What was reviewed: the two sides, the number of files and of added lines."""

    base: str | None
    head: str | None
    files: int
    added_lines: int


class Report(Struct, frozen=True):
    """All that a review has to say. Sorted: the same input gives the same report."""

    change: ChangeSummary
    atoms: tuple[tuple[str, str], ...] = ()
    """(id, version) of each atom reviewed against."""
    findings: tuple[Finding, ...] = ()
    suppressed: tuple[Suppressed, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    errors: tuple[Failure, ...] = ()
    partial: tuple[str, ...] = ()
    """Paths of files of which only pieces are known: what the rest of the file would tell is missing."""
    unasked: int = 0
    """Possible signals that nobody judged, because no model was asked."""
    witnesses: tuple[str, ...] = ()
    """Paths of unchanged files that were read for evidence."""
    limits: tuple[str, ...] = ()
    """What was not looked at for evidence in unchanged files, and why, a sentence each."""
    model: ModelUse | None = None

    def __post_init__(self) -> None:
        force_setattr(self, "findings", tuple(sorted(self.findings, key=finding_order)))
        force_setattr(self, "skipped", tuple(sorted(self.skipped)))
        force_setattr(self, "errors", tuple(sorted(self.errors)))
        force_setattr(self, "partial", tuple(sorted(self.partial)))


def finding_order(finding: Finding) -> tuple[str, int, int, str, str]:
    """The order of findings in every report: by place, then rule."""
    return (finding.path, finding.line, finding.end_line, finding.rule, finding.fingerprint)


def fingerprint(rule: str, identity: str, ordinal: int = 0) -> str:
    """Name a finding by its cause: no path, no line number, no white space, so that it survives a move of the code.

    `ordinal` tells equal causes apart in report order: `cause`, `cause:1`, `cause:2`, … An equal one in another file changes
    the ordinals, so whoever remembers a finding compares `Finding.cause` and the path first.
    """
    text = "\0".join((rule, re.sub(r"\s+", "", identity), "0"))  # the "0" is history: without it every known name would change
    cause = _sha256(text.encode("utf-8", "surrogateescape"))[:16]
    return f"{cause}:{ordinal}" if ordinal else cause


def _sha256(data: bytes) -> str:
    """Python's own, as `random` takes it: `hashlib` loads OpenSSL first, which takes longer than reading a file."""
    try:
        own = import_module("_sha2" if sys.version_info >= (3, 12) else "_sha256")
    except ImportError:
        own = import_module("hashlib")  # where Python was built without
    return str(own.sha256(data).hexdigest())


def findings_from(signals: list[tuple[Signal, Origin, str]]) -> tuple[Finding, ...]:
    """Findings for signals that stand, in order, each with its origin and note; equal causes are told apart."""
    seen: dict[str, int] = {}
    findings: list[Finding] = []
    for signal, origin, note in sorted(signals, key=lambda item: (item[0].path, item[0].line, item[0].rule)):
        cause = cause_of(signal)
        ordinal = seen.get(cause, 0)
        seen[cause] = ordinal + 1
        findings.append(_finding(signal, origin, note, f"{cause}:{ordinal}" if ordinal else cause))
    return tuple(findings)


def cause_of(signal: Signal) -> str:
    """The fingerprint that all findings of this cause share."""
    return fingerprint(signal.rule, f"{signal.identity}\0{signal.code}")


def _finding(signal: Signal, origin: Origin, note: str, mark: str) -> Finding:
    confidence = Confidence.LIKELY if signal.confidence is Confidence.POSSIBLE else signal.confidence
    return Finding(
        rule=str(signal.rule),
        check=signal.check,
        path=signal.path,
        line=signal.line,
        end_line=signal.end_line,
        column=signal.column,
        severity=signal.severity,
        confidence=confidence,
        origin=origin,
        message=signal.message,
        remedy=signal.remedy,
        evidence=signal.evidence,
        fingerprint=mark,
        note=note,
        suggestion=signal.suggestion,
    )


def with_severity(finding: Finding, severity: Severity) -> Finding:
    """The same finding at another severity (a configuration may override it)."""
    return replace(finding, severity=severity)


def _require(condition: bool, sentence: str) -> None:
    if not condition:
        raise ValueError(sentence)

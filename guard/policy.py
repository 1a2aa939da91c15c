"""What becomes of findings: a pure sorting. What is hidden is kept, with who hid it and why; nothing disappears.

A suppression is a real comment, on the line or the line above: `guard: ignore[RULE-or-check, …] reason`. The reason is
required. It counts for a finding that starts or ends on its line or the code line after it, and for one whose evidence is
there: a container is excused where it is made, whoever writes it later.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from guard.baseline import Entry, Matching
from guard.config import MANY, ONE, Configuration, nearest
from guard.facts import Comment, Constant, Facts, Setting
from guard.finding import Check, Confidence, Finding, Origin, Severity, Signal, Suppressed, fingerprint, with_severity
from guard.regex import regex

UNUSED = "suppression-unused"
UNEXPLAINED = "suppression-without-reason"
UNKNOWN = "suppression-unknown-name"
SEVERAL = "instances-contradicted"
STALE = "baseline-stale"
NOTES: Mapping[str, tuple[str, str]] = {
    UNUSED: (
        "This comment hides nothing: no finding of that name is here any more, and the next real one would be hidden unseen.",
        "Remove the comment.",
    ),
    UNEXPLAINED: (
        "This comment is not honoured: it gives no reason, and whoever reads it later can not tell whether it still holds.",
        "Write the reason after the bracket: guard: ignore[RULE] why this is all right here.",
    ),
    SEVERAL: (
        'Several processes are asked for here, but the configuration says instances = "one": what only hurts with several is reported again.',
        'Remove instances = "one" from the configuration, or run one.',
    ),
    STALE: (
        "This baseline accepts what is here no longer, and would hide it unseen if it came back.",
        "Run 'stateless-guard baseline prune'.",
    ),
    UNKNOWN: (
        "This comment hides nothing: there is neither a rule nor a check of that name.",
        "Correct the name; 'stateless-guard rules' lists them.",
    ),
}
"""Rule ids of what is said about suppressions and settings themselves, with message and remedy."""

COMMENTS = {
    **dict.fromkeys(
        ("javascript", "typescript", "java", "go", "csharp", "php", "kotlin", "rust", "scala", "swift", "groovy"), "// {}"
    ),
    **dict.fromkeys(("xml", "html"), "<!-- {} -->"),
    "json": "",
}
"""How a language of a reader writes a comment, "" for not at all; "# {}" for those not named."""
_DIRECTIVE = regex(r"(?:^|[#;]|//|--)[\s*]*guard:\s*ignore\[([^\]\n]*)\][ \t]*([^\n]*)")


class Suppression(Struct, frozen=True):
    """One comment that asks to hide findings, read but not yet judged. `lines` are those it speaks for."""

    path: str
    line: int
    names: tuple[str, ...]
    reason: str
    lines: frozenset[int]

    def covers(self, place: tuple[int, int]) -> bool:
        """Whether something that starts and ends on these lines is meant."""
        return place[0] in self.lines or place[1] in self.lines


class Decision(Struct, frozen=True):
    """What stands, at the severity that counts, with the notes on suppressions; and what is hidden."""

    findings: tuple[Finding, ...]
    suppressed: tuple[Suppressed, ...]


def decide(
    findings: Iterable[Finding],
    facts: Iterable[Facts],
    configuration: Configuration,
    *,
    present: Iterable[Signal] = (),
    added: Mapping[str, frozenset[int]] | None = None,
    known: Callable[[], Mapping[str, str]] = dict,
    matching: Matching = Matching(),  # noqa: B008 - a frozen value
) -> Decision:
    """Sort findings into what stands and what is hidden; `matching` says which of them a baseline accepts.

    `present` is everything seen on the new side, `added` the lines that the change adds: only there is an unused suppression
    told. `known` gives the check of every rule; it is asked only about names that are not met otherwise.
    """
    facts = tuple(facts)
    suppressions = {file.path: tuple(suppressions_in(file)) for file in facts}
    standing: list[Finding] = []
    hidden: list[Suppressed] = []
    notes = [
        *_notes(suppressions, tuple(present), added or {}, known),
        *_contradictions(facts, configuration, added or {}),
        *_stale(matching.stale, known),
    ]
    configuration = _as_it_is(configuration, facts)
    for finding in [*findings, *notes]:
        settled = (
            _by_comment(finding, suppressions.get(finding.path, ()))
            or _by_configuration(finding, configuration)
            or _by_baseline(finding, matching.accepted)
        )
        if settled is None:
            standing.append(_at_its_severity(finding, configuration))
        else:
            hidden.append(settled)
    return Decision(
        tuple(standing), tuple(sorted(hidden, key=lambda entry: (entry.finding.path, entry.finding.line, entry.finding.rule)))
    )


def hidden_signals(signals: Iterable[Signal], facts: Iterable[Facts], configuration: Configuration) -> tuple[Signal, ...]:
    """The signals that `decide` would hide if they stood: nobody need be asked about them."""
    facts = tuple(facts)
    suppressions = {file.path: tuple(suppressions_in(file)) for file in facts}
    configuration = _as_it_is(configuration, facts)
    return tuple(
        signal
        for signal in signals
        if configuration.for_path(signal.path).hides(signal.rule, signal.check)
        or _suppression_of(signal, suppressions.get(signal.path, ())) is not None
    )


def what_counts(facts: Facts) -> Facts:
    """A file with no more of it than is asked of one in which nothing was found: its suppressions, and how many instances it wants."""
    settings = tuple(setting for setting in facts.settings if _is_a_count(setting))
    if any("guard:" in comment.text for comment in facts.comments):
        return Facts(facts.path, facts.language, facts.lines, comments=facts.comments, settings=settings, partial=facts.partial)
    return Facts(facts.path, facts.language, settings=settings, partial=facts.partial)


def _by_comment(finding: Finding, suppressions: Iterable[Suppression]) -> Suppressed | None:
    found = None if finding.rule in NOTES else _suppression_of(finding, suppressions)
    return None if found is None else Suppressed(finding, "comment", found.reason, found.path, found.line)


def _suppression_of(item: Finding | Signal, suppressions: Iterable[Suppression]) -> Suppression | None:
    """The first suppression that is valid and means this."""
    places = _places(item)
    for suppression in suppressions:
        named = item.rule in suppression.names or item.check in suppression.names
        if named and suppression.reason and any(map(suppression.covers, places)):
            return suppression
    return None


def _places(item: Finding | Signal) -> list[tuple[int, int]]:
    """Where a suppression may speak for it: its own lines, and what proves it in the same file."""
    return [(item.line, item.end_line), *((entry.line, entry.line) for entry in item.evidence if entry.path == item.path)]


def _by_configuration(finding: Finding, configuration: Configuration) -> Suppressed | None:
    settings = configuration.for_path(finding.path)
    reason = settings.hides(finding.rule, finding.check)
    return Suppressed(finding, "config", reason, settings.origin, 0) if reason else None


def _by_baseline(finding: Finding, accepted: Mapping[tuple[str, str], Entry]) -> Suppressed | None:
    entry = accepted.get((finding.path, finding.cause))
    return Suppressed(finding, "baseline", entry.reason or "accepted", entry.origin, entry.line) if entry else None


def _at_its_severity(finding: Finding, configuration: Configuration) -> Finding:
    severity = configuration.for_path(finding.path).severity_of(finding.rule, finding.check)
    return finding if severity is None or finding.rule in NOTES else with_severity(finding, severity)


# -- suppressions -----------------------------------------------------------------------------------------------------


def suppressions_in(facts: Facts) -> Iterator[Suppression]:
    """The suppressions of a file, in real comments only."""
    commented = _comment_lines(facts)
    for comment in facts.comments:
        for number, text in enumerate(comment.text.split("\n"), comment.span.line):
            directive = _DIRECTIVE.search(text)
            if directive:
                names = tuple(name for name in re.split(r"[\s,]+", directive[1]) if name)
                reason = directive[2].strip().removesuffix("*/").removesuffix("-->").strip(" -:")
                yield Suppression(facts.path, number, names, reason, _lines_of(comment, number, commented))


def _comment_lines(facts: Facts) -> frozenset[int]:
    """Lines that hold a comment and nothing before it."""
    lines: set[int] = set()
    for comment in facts.comments:
        if _before(comment, facts).strip("#;/*<!- \t") in ("", "{"):  # `{/* … */}` is how JSX writes a comment
            lines.update(range(comment.span.line, comment.span.end_line + 1))
    return frozenset(lines)


def _before(comment: Comment, facts: Facts) -> str:
    line = facts.lines[comment.span.line - 1] if comment.span.line <= len(facts.lines) else ""
    return line[: comment.span.column - 1]


def _lines_of(comment: Comment, number: int, commented: frozenset[int]) -> frozenset[int]:
    """The comment's line, and the first line after it that is no comment if the comment stands alone."""
    if number not in commented:
        return frozenset((number,))
    following = comment.span.end_line + 1
    while following in commented:
        following += 1
    return frozenset((number, following))


# -- one instance, or several? ----------------------------------------------------------------------------------------

_COUNTS = frozenset(
    {
        *(
            "replicas",
            "replicaCount",
            "minReplicas",
            "maxReplicas",
            "numReplicas",
            "desired_count",
            "desired_capacity",
            "min_size",
        ),
        *("instances", "min_instances", "min_num_instances", "numprocs", "workers", "WEB_CONCURRENCY"),
    }
)
"""Settings that say how many processes or machines run the same code."""


def _several(facts: Iterable[Facts]) -> Iterator[tuple[str, int]]:
    """Path and line of every setting of the changed files that asks for more than one."""
    for file in facts:
        yield from ((file.path, setting.span.line) for setting in file.settings if _is_a_count(setting))


def _is_a_count(setting: Setting) -> bool:
    """Whether a setting asks for more than one process or machine."""
    if not setting.path or setting.path[-1] not in _COUNTS or not isinstance(setting.value, Constant):
        return False
    number = str(setting.value.value)
    return number.isdigit() and int(number) > 1


def _as_it_is(configuration: Configuration, facts: Iterable[Facts]) -> Configuration:
    """The configuration, without `instances = "one"` where the change itself says otherwise."""
    if configuration.root.instances != ONE or next(_several(facts), None) is None:
        return configuration
    settings = tuple(replace(entry, instances=MANY) for entry in configuration.settings)
    return replace(configuration, settings=settings)


def _contradictions(
    facts: Iterable[Facts], configuration: Configuration, added: Mapping[str, frozenset[int]]
) -> Iterator[Finding]:
    if configuration.root.instances == ONE:
        for path, line in _several(facts):
            if line in added.get(path, frozenset()):
                yield _said(SEVERAL, Check.STICKY_SESSION, path, line, "")


_MOST_STALE = 5


def _stale(entries: tuple[Entry, ...], known: Callable[[], Mapping[str, str]]) -> Iterator[Finding]:
    """One note a baseline that names what it could do without."""
    checks = {check.value: check.value for check in Check} | dict(known() if entries else {})
    for origin in sorted({entry.origin for entry in entries}):
        its = [entry for entry in entries if entry.origin == origin]
        told = [f"{entry.rule} in {entry.path}" for entry in its[:_MOST_STALE]]
        more = f" and {len(its) - _MOST_STALE} more" if len(its) > _MOST_STALE else ""
        yield _said(STALE, Check(_nearest_check(its[0].rule, checks)), origin, its[0].line or 1, f" ({', '.join(told)}{more})")


# -- what is said about suppressions ----------------------------------------------------------------------------------


def _notes(
    suppressions: Mapping[str, tuple[Suppression, ...]],
    present: tuple[Signal, ...],
    added: Mapping[str, frozenset[int]],
    known: Callable[[], Mapping[str, str]],
) -> Iterator[Finding]:
    for path, entries in suppressions.items():
        signals = [signal for signal in present if signal.path == path]
        seen = {signal.rule: signal.check.value for signal in present} | {check.value: check.value for check in Check}
        for entry in entries:
            if entry.line in added.get(path, frozenset()):
                checks = seen if all(name in seen for name in entry.names) else {**known(), **seen}
                yield from _notes_on(entry, signals, checks)


def _notes_on(entry: Suppression, signals: list[Signal], checks: Mapping[str, str]) -> Iterator[Finding]:
    """What is wrong with one suppression, if anything: the first reason is enough."""
    for name in entry.names or ("",):
        if "#" in name and entry.reason:
            continue  # a check of a team's own atom: only a model can tell whether anything is there
        if name not in checks:
            yield _note(UNKNOWN, entry, name, _nearest_check(name, checks), hint=nearest(name, checks) if name else "")
        elif not entry.reason:
            yield _note(UNEXPLAINED, entry, name, checks[name])
        elif not any(name in (signal.rule, signal.check) and _is_at(signal, entry) for signal in signals):
            yield _note(UNUSED, entry, name, checks[name])


def _is_at(signal: Signal, entry: Suppression) -> bool:
    return any(map(entry.covers, (*_places(signal), *signal.alternatives)))


def _nearest_check(name: str, checks: Mapping[str, str]) -> str:
    import difflib

    return checks[difflib.get_close_matches(name, list(checks), n=1, cutoff=0.0)[0]]


def _note(rule: str, entry: Suppression, name: str, check: str, hint: str = "") -> Finding:
    return _said(rule, Check(check), entry.path, entry.line, f" (ignore[{name}]{hint})")


def _said(rule: str, check: Check, path: str, line: int, detail: str) -> Finding:
    message, remedy = NOTES[rule]
    return Finding(
        rule=rule,
        check=check,
        path=path,
        line=line,
        end_line=line,
        column=1,
        severity=Severity.NOTE,
        confidence=Confidence.CERTAIN,
        origin=Origin.HEURISTIC,
        message=f"{message}{detail}",
        remedy=remedy,
        evidence=(),
        fingerprint=fingerprint(rule, f"{path}{detail}"),
    )

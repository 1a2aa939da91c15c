"""What an agent reads: what is wrong and what to write instead, the most serious first, in at most 1,200 characters. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from guard.finding import CONFIDENCE_ORDER, SEVERITY_ORDER, Finding
from guard.integrations.agents.events import BACK, COMMAND, EDIT, Event
from guard.integrations.agents.memory import mark

MOST = 1_200
_ROOM_FOR_MORE = 60
_LONGEST_PATH = 120


def told(event: Event, action: str, findings: Sequence[Finding], times: int) -> str:
    """The text, which ends with the mark of the findings that it names."""
    ordered = sorted(findings, key=_seriousness)
    head, tail = _head(event, action), _tail(event, action)
    room = MOST - len(head) - len(tail) - len(mark(event, (), times)) - _ROOM_FOR_MORE
    lines: list[str] = []
    named: list[str] = []
    remedies: dict[str, int] = {}
    for number, finding in enumerate(ordered, 1):
        remedy = _plain(finding.remedy)
        said = f"as in {remedies[remedy]}." if remedy in remedies else remedy
        line = next((line for line in _forms(number, finding, said) if len(line) + 18 <= room), "")
        if not line:
            break
        room -= len(line) + 18
        lines.append(line)
        named.append(finding.fingerprint)
        if line.endswith(remedy):
            remedies[remedy] = number
    left = len(ordered) - len(named)
    more = [f"And {left} more: 'stateless-guard review' lists them."] if left else []
    return "\n".join([head, *lines, *more, tail, mark(event, named, times)])


def _seriousness(finding: Finding) -> tuple[int, int, str, int]:
    severity, confidence = SEVERITY_ORDER.index(finding.severity), CONFIDENCE_ORDER.index(finding.confidence)
    return severity, confidence, finding.path, finding.line


def _head(event: Event, action: str) -> str:
    what = {EDIT: "This edit adds", COMMAND: "This commit would add"}.get(event.kind, "The work tree has")
    advice = "Mend it before you go on" if action != BACK else "Mend it first"
    return f"stateless-guard: {what} state that does not survive a restart or a second instance. {advice}:"


def _tail(event: Event, action: str) -> str:
    keep = "To keep one on purpose, write on its line, in a comment: guard: ignore[RULE] and the reason."
    if action != BACK:
        return keep
    then = "then commit again" if event.kind == COMMAND else "then finish"
    return f"{keep} Mend or say why, {then}; this is said once."


def _forms(number: int, finding: Finding, remedy: str) -> list[str]:
    """A finding in full, then ever shorter, but never without what to do instead: what has no room is told another time."""
    place = f"{number}. {_plain(finding.path)[-_LONGEST_PATH:]}:{finding.line} ({finding.rule}, {finding.check}, {finding.confidence})"
    message = _plain(finding.message)
    return [
        f"{place}: {message} Instead: {remedy}",
        f"{place}: {_cut(message, 280)} Instead: {_cut(remedy, 280)}",
        f"{place}: {_cut(message, 120)} Instead: {_cut(remedy, 160)}",
    ]


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"


def _plain(text: str) -> str:
    """A text in one line, without bytes that are no text."""
    return " ".join(text.encode("utf-8", "replace").decode().split())

"""SARIF's rules: what code scanning shows beside an alert, from the catalogue's own texts or, without them, from a finding."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from guard.finding import Confidence, Finding, Severity
from guard.reports import About, Page

_MOST_CHARACTERS = 1_024
_MOST_NAME = 255
_PRECISION = {Confidence.CERTAIN: "very-high", Confidence.LIKELY: "high", Confidence.POSSIBLE: "medium"}
_PROBLEM = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "recommendation"}

Node = dict[str, object]


def descriptors(findings: Sequence[Finding], page: Page) -> list[Node]:
    """The rules of these findings, by their ids."""
    first: dict[str, Finding] = {}
    for finding in findings:
        first.setdefault(finding.rule, finding)
    return [_descriptor(first[rule], page.about(rule) or _told_by(first[rule])) for rule in sorted(first)]


def _told_by(finding: Finding) -> About:
    return About(finding.severity, finding.confidence, finding.message, finding.remedy)


def _descriptor(finding: Finding, about: About) -> Node:
    help_address: Node = {"helpUri": about.docs} if about.docs else {}
    return {
        "id": finding.rule,
        "name": _pascal(finding.rule),
        "shortDescription": {"text": cut(first_thought(about.message))},
        "fullDescription": {"text": cut(about.message)},
        "help": {"text": _help(finding.rule, about), "markdown": _markdown(finding.rule, about)},
        **help_address,
        "defaultConfiguration": {"level": about.severity.value},
        "properties": {
            "precision": _PRECISION[about.confidence],
            "problem.severity": _PROBLEM[about.severity],
            "tags": [finding.check.value, "reliability", "scalability"],
        },
    }


def _pascal(rule: str) -> str:
    """`nginx-ip-hash` as NginxIpHash: the name of a rule is one word."""
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[^A-Za-z0-9]+", rule))[:_MOST_NAME] or "Rule"


def first_thought(message: str) -> str:
    """What happens, as one sentence; the rest of a message says why."""
    text = " ".join(message.split())
    ends = [place for mark in (": ", ". ") if (place := text.find(mark)) > 0]
    return (text[: min(ends, default=len(text))].rstrip(".") + ".") if text else message or "."


def cut(text: str) -> str:
    """A text that code scanning takes whole."""
    return text if len(text) <= _MOST_CHARACTERS else text[: _MOST_CHARACTERS - 1] + "…"


def _help(rule: str, about: About) -> str:
    return "\n\n".join(
        (
            about.message,
            *([about.hurts] if about.hurts else []),
            f"Instead: {about.remedy}",
            *([f"Documentation: {about.docs}"] if about.docs else []),
            f"To keep it, say why in a comment on the line or the line above: guard: ignore[{rule}] REASON",
        )
    )


def _markdown(rule: str, about: About) -> str:
    return "\n\n".join(
        (
            about.message,
            *([f"**Why it hurts.** {about.hurts}"] if about.hurts else []),
            f"**Instead.** {about.remedy}",
            *_example("Reported", about.wrong),
            *_example("Left alone", about.right),
            *([f"[Documentation{f' of {about.framework}' if about.framework else ''}]({about.docs})"] if about.docs else []),
            f"To keep it, say why in a comment on the line or the line above: `guard: ignore[{rule}] REASON`",
        )
    )


def _example(title: str, code: str) -> Iterator[str]:
    if code:
        fence = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", code) or [""]))
        yield f"**{title}:**"
        yield "\n".join((fence, code.strip("\n"), fence))

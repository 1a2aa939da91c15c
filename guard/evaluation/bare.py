"""The other way to ask: the rule and the whole diff, without heuristics. What was answered to that, case by case.

It says what the questions are worth: the same commits, judged by the same reader, from the bare prompt.
"""

from __future__ import annotations

from collections.abc import Mapping

from guard.errors import UsageError
from guard.evaluation.lines import objects_in
from guard.evaluation.scoring import Said
from guard.finding import Check, Place

RULE = "bare-prompt"
"""The rule under which such findings are counted."""


def bare_answers(text: str, file: str) -> dict[str, tuple[Said, ...]]:
    """Findings by case: lines with a case's id and its list of findings. Raises UsageError with file and line."""
    found: dict[str, tuple[Said, ...]] = {}
    for where, entry in objects_in(text, file):
        if entry.get("kind") in {"prompt", "bare"} and "findings" not in entry:
            continue
        findings, name = entry.get("findings"), entry.get("id")
        if not isinstance(findings, list) or not isinstance(name, str):
            raise UsageError(f"{where}: an answer must have the 'id' of a case and a list 'findings'")
        found[name] = tuple(_said(finding, where) for finding in findings)
    return found


def _said(finding: object, where: str) -> Said:
    entry: Mapping[str, object] = finding if isinstance(finding, dict) else {}
    path, line, check = entry.get("path"), entry.get("line"), entry.get("check")
    end_line = entry.get("end_line") or line
    if not isinstance(path, str) or not isinstance(line, int) or not isinstance(end_line, int) or not 1 <= line <= end_line:
        raise UsageError(f"{where}: a finding must have a 'path' and a 'line', and no 'end_line' before it: {finding!r}")
    if check not in list(Check):
        raise UsageError(f"{where}: 'check' must be one of {', '.join(Check)}, not {check!r}")
    return Said(RULE, str(check), Place(path, line, end_line), str(entry.get("reason") or ""))

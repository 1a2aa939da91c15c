"""SARIF's locations, regions and replacements, and texts that are valid Unicode whatever a path or a line holds."""

from __future__ import annotations

import re
from urllib.parse import quote_from_bytes

from guard.finding import Suggestion
from guard.reports import Page

_SURROGATE = re.compile("[\ud800-\udfff]")
_FOREIGN_SURROGATE = re.compile("[\ud800-\udc7f\udd00-\udfff]")

Node = dict[str, object]


def plain(value: object) -> object:
    """The same without lone surrogates, which no JSON reader has to take: bytes that are not UTF-8 show as U+FFFD."""
    match value:
        case str():
            return _SURROGATE.sub("\ufffd", value)
        case dict():
            return {key: plain(item) for key, item in value.items()}
        case list():
            return [plain(item) for item in value]
        case _:
            return value


def artifact(path: str) -> Node:
    """A file by its address relative to the root of the repository: every byte that is no plain character is escaped."""
    raw = _FOREIGN_SURROGATE.sub("\ufffd", path).encode("utf-8", "surrogateescape")
    return {"uri": quote_from_bytes(raw, safe="/")}


def location(
    path: str,
    lines: tuple[int, int],
    page: Page,
    *,
    column: int = 1,
    clip: bool = False,
    number: int = 0,
    text: str = "",
) -> Node:
    """Lines of a file; with `clip` only the first run of added ones, if there are any. `number` is its id within a result."""
    first, last = _added_run(path, lines, page) if clip else lines
    region = _region(path, (first, last), page, column if first == lines[0] else 0)
    told: Node = {"physicalLocation": {"artifactLocation": artifact(path), "region": region}}
    if number:
        told["id"] = number
    if text:
        told["message"] = {"text": text}
    return told


def _added_run(path: str, lines: tuple[int, int], page: Page) -> tuple[int, int]:
    added = page.added(path)
    first = next((number for number in range(lines[0], lines[1] + 1) if number in added), None)
    if first is None:
        return lines
    last = next(number for number in range(first, lines[1] + 1) if number == lines[1] or number + 1 not in added)
    return first, last


def _region(path: str, lines: tuple[int, int], page: Page, column: int) -> Node:
    """From a column (the first that is not blank for 0) to the end of the last line, as far as the lines are known."""
    first, last = lines
    known = page.lines(path)
    start = known[first - 1] if first <= len(known) else ""
    column = column or len(start) - len(start.lstrip()) + 1
    if start and column > len(start):
        column = 1
    region: Node = {"startLine": first, "startColumn": column, "endLine": last}
    if last <= len(known):
        end = len(known[last - 1]) + 1
        region["endColumn"] = max(end, column + 1) if first == last else end
    return region


def fixes(path: str, edit: Suggestion, page: Page) -> list[Node]:
    """A safe edit: whole lines are replaced, with the line break behind them where there is one."""
    lines = page.lines(path)
    ends_the_file = len(lines) == edit.end_line
    deleted: Node = {"startLine": edit.line, "startColumn": 1, "endLine": edit.end_line + 1, "endColumn": 1}
    inserted = f"{edit.text}\n" if edit.text else ""
    if ends_the_file:
        deleted = {**deleted, "endLine": edit.end_line, "endColumn": len(lines[-1]) + 1}
        inserted = edit.text
    replacement: Node = {"deletedRegion": deleted}
    if inserted:
        replacement["insertedContent"] = {"text": inserted}
    told = f"Replace line {edit.line}" if edit.line == edit.end_line else f"Replace lines {edit.line} to {edit.end_line}"
    told = told if edit.text else told.replace("Replace", "Remove")
    return [
        {
            "description": {"text": f"{told}."},
            "artifactChanges": [{"artifactLocation": artifact(path), "replacements": [replacement]}],
        }
    ]

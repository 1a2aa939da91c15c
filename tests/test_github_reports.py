"""A report that a stranger's job made: what it claims is held against the change, and anything wrong posts nothing."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from guard.errors import UsageError
from guard.finding import Report
from guard.integrations.git import Selected
from guard.integrations.hosting.untrusted import read_untrusted
from guard.integrations.memory import compared
from guard.pipeline import review
from guard.reports import Page
from guard.reports.json import render

HEAD = "a" * 40
_APP = """from flask import Flask, request

app = Flask(__name__)
carts = {}


@app.post("/cart/<user>")
def add(user):
    carts[user] = request.json
    return "ok"


@app.get("/cart/<user>")
def show(user):
    return carts[user]
"""
_SCHEMA = Path(__file__).parent.parent / "guard" / "reports" / "report.schema.json"


def _change() -> Selected:
    what = compared({"notes.md": "one\n"}, {"notes.md": "two\n", "shop/app.py": _APP})
    return Selected(type(what.change)(what.change.files, "b" * 40, HEAD), what.source, "")


@cache
def _checks() -> dict[str, str]:
    from guard.integrations.explained import rules
    from guard.policy import NOTES

    return {**dict.fromkeys(NOTES, ""), **{name: rule.check.value for name, rule in rules().items()}}


@cache
def _honest() -> tuple[Report, str]:
    what = _change()
    report = review(what.change, what.source)
    assert report.findings
    return report, render(report, Page())


def _read(document: Any, folder: Path) -> Report:
    file = folder / "report.json"
    file.write_text(document if isinstance(document, str) else json.dumps(document))
    return read_untrusted(str(file), _change().change, HEAD, _checks())


def test_an_honest_report_comes_through_as_it_was(tmp_path: Path) -> None:
    """Nothing is lost but suggestions."""
    report, text = _honest()
    assert _read(text, tmp_path) == report


def test_suggestions_of_strangers_are_left_out(tmp_path: Path) -> None:
    """One click on a comment of ours must not put a stranger's code into the repository."""
    document = json.loads(_honest()[1])
    document["findings"][0]["suggestion"] = {"line": 4, "end_line": 4, "text": "import evil"}
    assert all(finding.suggestion is None for finding in _read(document, tmp_path).findings)


def test_how_much_there_was_is_not_for_a_stranger_to_say(tmp_path: Path) -> None:
    """The number of files is the host's."""
    document = json.loads(_honest()[1])
    document["change"] |= {"files": 99, "added_lines": 0, "base": "nowhere"}
    read = _read(document, tmp_path).change
    assert (read.files, read.base) == (2, "b" * 40)


def test_characters_that_steer_a_terminal_do_not_come_through(tmp_path: Path) -> None:
    """Nor those that turn text around."""
    document = json.loads(_honest()[1])
    document["findings"][0]["message"] = "\x1b]0;owned\x07 \u202egnp.exe"
    message = _read(document, tmp_path).findings[0].message
    assert not set(message) & {"\x1b", "\x07", "\u202e"}


def _set(*path: str | int, to: Any) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        place: Any = document
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = to

    return change


def _twice(document: dict[str, Any]) -> None:
    document["findings"] = [document["findings"][0]] * 2


def _many(document: dict[str, Any]) -> None:
    document["findings"] = [{**document["findings"][0], "fingerprint": f"{number:016x}"} for number in range(2_001)]


_FIRST = ("findings", 0)
HOSTILE: dict[str, Callable[[dict[str, Any]], None]] = {
    "another head": _set("change", "head", to="c" * 40),
    "no head": _set("change", "head", to=None),
    "another version": _set("version", to=2),
    "another tool": _set("tool", "name", to="eslint"),
    "a field too many": _set("html", to="<b>"),
    "a field too many in a finding": _set(*_FIRST, "html", to="<b>"),
    "an unknown rule": _set(*_FIRST, "rule", to="made-up-rule"),
    "a rule that breaks out": _set(*_FIRST, "rule", to="x` <!-- stateless-guard:summary -->"),
    "another check": _set(*_FIRST, "check", to="sticky-session"),
    "a check there is not": _set(*_FIRST, "check", to="world-peace"),
    "a file elsewhere": _set(*_FIRST, "path", to="other.py"),
    "a path out of the repository": _set(*_FIRST, "path", to="../../etc/passwd"),
    "a line outside the diff": _set(*_FIRST, "line", to=500),
    "an end outside the diff": _set(*_FIRST, "end_line", to=500),
    "an end before its start": _set(*_FIRST, "end_line", to=1),
    "a line below one": _set(*_FIRST, "line", to=0),
    "a line that is text": _set(*_FIRST, "line", to="4"),
    "a line that is true": _set(*_FIRST, "line", to=True),
    "a huge line": _set(*_FIRST, "line", to=10**30),
    "too much evidence": _set(*_FIRST, "evidence", to=[{"path": "shop/app.py", "line": 1, "note": ""}] * 31),
    "a long message": _set(*_FIRST, "message", to="x" * 4_001),
    "an empty message": _set(*_FIRST, "message", to=""),
    "a message that is none": _set(*_FIRST, "message", to=None),
    "a severity there is not": _set(*_FIRST, "severity", to="fatal"),
    "a fingerprint that is none": _set(*_FIRST, "fingerprint", to="x -->"),
    "a fingerprint with a line break": _set(*_FIRST, "fingerprint", to="0123456789abcdef\n"),
    "two of a name": _twice,
    "too many": _many,
    "skipped elsewhere": _set("skipped", to=[{"path": "other.py", "reason": ""}]),
    "an error elsewhere": _set("errors", to=[{"path": "other.py", "error": ""}]),
    "seen in part elsewhere": _set("partial", to=["other.py"]),
    "a cost that is no number": _set("model", to={"name": "m", "cost": "free"}),
    "findings that are no list": _set("findings", to={}),
}


def test_evidence_in_files_that_did_not_change_is_not_repeated(tmp_path: Path) -> None:
    """A report may show it, for whoever made it; what a stranger says of other files is not said again."""
    document = copy.deepcopy(json.loads(_honest()[1]))
    _set(*_FIRST, "evidence", to=[{"path": "secret.txt", "line": 1, "note": "look"}])(document)
    assert all(not finding.evidence for finding in _read(document, tmp_path).findings[:1])


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE.keys())
def test_anything_wrong_is_one_line_and_nothing_is_taken(hostile: Callable[[dict[str, Any]], None], tmp_path: Path) -> None:
    """Status 2, and the line names the file."""
    document = copy.deepcopy(json.loads(_honest()[1]))
    hostile(document)
    with pytest.raises(UsageError, match="not taken, nothing is posted") as caught:
        _read(document, tmp_path)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize(
    "text",
    ["", "[]", "null", "{}", "{", "\x00", '{"version": NaN}', "[" * 100_000, '{"version": 1e999}', '"' + "x" * 100 + '"'],
)
def test_what_is_no_report_is_refused(text: str, tmp_path: Path) -> None:
    """However deep or broken."""
    with pytest.raises(UsageError, match="not taken"):
        _read(text, tmp_path)


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    """Eight megabytes hold any review."""
    with pytest.raises(UsageError, match="larger than"):
        _read(" " * 8_000_001, tmp_path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """An artifact that was not downloaded."""
    with pytest.raises(UsageError, match="can not be read"):
        read_untrusted(str(tmp_path / "none.json"), _change().change, HEAD, _checks())


def test_the_models_hold_the_fields_of_the_schema() -> None:
    """What the schema knows and requires, and nothing else, is what is read: the two can not part."""
    from guard.integrations.hosting.untrusted import ReportModel

    schema = json.loads(_SCHEMA.read_text())
    jsonschema.validate(json.loads(_honest()[1]), schema)
    ours = ReportModel.model_json_schema()
    assert set(ours["properties"]) == set(schema["properties"])
    assert set(ours["required"]) == set(schema["required"])
    for name, definition in (("finding", "_Finding"), ("suppressed", "_Suppressed"), ("suggestion", "_Suggestion")):
        published = schema["$defs"][name]
        published = next((entry for entry in published.get("oneOf", ()) if "properties" in entry), published)
        assert set(ours["$defs"][definition]["properties"]) == set(published["properties"]), name
        assert set(ours["$defs"][definition]["required"]) == set(published["required"]), name

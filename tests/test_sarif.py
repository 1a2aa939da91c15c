"""SARIF as code scanning takes it: by the standard's schema, by Microsoft's validator with GitHub's own rules, and by what it must say."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from npm import installed
from test_reports import AFFINITY, EMPTY, IMPORTS, LAMBDA, REPORT, SERVICE, SESSIONS, _lines

from guard.__main__ import main
from guard.analyses import all_rules
from guard.catalogue import load
from guard.finding import (
    ChangeSummary,
    Check,
    Confidence,
    Evidence,
    Failure,
    Finding,
    Origin,
    Report,
    Severity,
    Skipped,
    Suggestion,
    Suppressed,
)
from guard.integrations.described import about
from guard.reports import Page, format_named

MULTITOOL = "@microsoft/sarif-multitool-linux"
ACCEPTED = {
    "SARIF2002": "messages are texts: code scanning does not look up message ids",
    "SARIF2003": "the repository's address is not known to a review, and code scanning knows it",
    "SARIF2006": "an address that can not be reached: none can, from a test",
    "SARIF2009": "rules have names that people can remember, not numbers",
    "SARIF2010": "no snippets: a report need not carry code that the reader has",
    "SARIF2011": "no context either",
    "SARIF2012": "a rule that this version does not know has no page",
}
"""Recommendations of the validator that are not followed, and why; errors and warnings are never accepted."""

NGINX = replace(
    AFFINITY,
    rule="nginx-ip-hash",
    path="deploy/nginx.conf",
    line=2,
    end_line=2,
    column=5,
    suggestion=Suggestion(2, 2, ""),
)
FULL = replace(REPORT, findings=(*REPORT.findings, NGINX, replace(NGINX, line=7, end_line=7, suggestion=Suggestion(7, 7, "x"))))
TOLD = Page(lines=_lines, added=lambda _path: frozenset({4, 5, 6, 9}), about=about, verbose=True)


def _sarif(report: Report, page: Page = TOLD) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(format_named("sarif").render(report, page))
    return document


def _results(report: Report, page: Page = TOLD) -> list[dict[str, Any]]:
    results: list[dict[str, Any]] = _sarif(report, page)["runs"][0]["results"]
    return results


def _region(result: dict[str, Any]) -> dict[str, int]:
    region: dict[str, int] = result["locations"][0]["physicalLocation"]["region"]
    return region


def _hash(result: dict[str, Any]) -> str:
    return str(result["partialFingerprints"]["primaryLocationLineHash"])


def _multitool() -> Path:
    return installed(f"{MULTITOOL}@5.7.0") / MULTITOOL


@lru_cache(maxsize=1)
def _validator() -> jsonschema.Draft202012Validator:
    """Of the standard's schema, which is published with the validator."""
    schema = json.loads((_multitool() / "sarif-2.1.0.json").read_text(encoding="utf-8-sig"))
    return jsonschema.Draft202012Validator(schema)


def _complaints(document: Path) -> Iterable[tuple[str, str, str]]:
    """Level, rule and message of everything that Microsoft's validator says, by its own rules and GitHub's."""
    program = _multitool() / "Sarif.Multitool"
    program.chmod(program.stat().st_mode | stat.S_IXUSR)  # scripts after an install may be forbidden
    told = document.with_suffix(".out")
    options = ["--rule-kind", "Sarif;Ghas", "--level", "Error;Warning;Note", "--log", "ForceOverwrite", "-o", str(told)]
    nowhere = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), "http://127.0.0.1:9")  # it asks for every address
    done = subprocess.run(
        [program, "validate", document, *options],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, **nowhere, "NO_PROXY": "", **{name.lower(): address for name, address in nowhere.items()}},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for result in json.loads(told.read_text(encoding="utf-8-sig"))["runs"][0].get("results", []):
        yield result.get("level", "warning"), result["ruleId"], json.dumps(result["message"])


@pytest.mark.parametrize("report", [FULL, EMPTY], ids=["full", "empty"])
def test_code_scanning_has_nothing_to_complain_about(report: Report, tmp_path: Path) -> None:
    """Neither an error nor a warning, and of the recommendations only those that are not followed on purpose."""
    document = tmp_path / "report.sarif"
    document.write_text(format_named("sarif").render(report, TOLD), encoding="utf-8")
    assert [told for told in _complaints(document) if told[0] != "note" or told[1] not in ACCEPTED] == []


def test_code_scanning_takes_every_rule(tmp_path: Path) -> None:
    """Whatever a rule's own texts hold, what is said of it fits."""
    findings = tuple(replace(SESSIONS, rule=rule.id, check=rule.check, fingerprint=rule.id) for rule in all_rules(load()))
    document = tmp_path / "rules.sarif"
    document.write_text(format_named("sarif").render(replace(EMPTY, findings=findings), TOLD), encoding="utf-8")
    assert [told for told in _complaints(document) if told[0] != "note" or told[1] not in ACCEPTED] == []


def test_the_validator_sees_what_code_scanning_refuses(tmp_path: Path) -> None:
    """A result without a place is an error to it: its silence means something."""
    broken = _sarif(FULL)
    del broken["runs"][0]["results"][0]["locations"]
    document = tmp_path / "broken.sarif"
    document.write_text(json.dumps(broken), encoding="utf-8")
    assert any(level == "error" for level, _, _ in _complaints(document))


NAMES = st.from_regex(r"[a-z0-9][a-z0-9-]{0,20}", fullmatch=True)
TEXTS = st.text(min_size=1, max_size=40) | st.text(st.sampled_from("[](){}\\ .:\n`\udcff"), min_size=1, max_size=30)
PATHS = st.text(min_size=1, max_size=20) | st.sampled_from(["a b/ü.py", "c:d", "%41", "x\udcff.py", "shop/app.py"])
SPANS = st.tuples(st.integers(1, 40), st.integers(0, 3)).map(lambda pair: (pair[0], pair[0] + pair[1]))
EVIDENCE = st.builds(Evidence, PATHS, st.integers(1, 40), st.text(max_size=20))


@st.composite
def _findings(draw: st.DrawFn) -> Finding:
    line, end_line = draw(SPANS)
    return Finding(
        rule=draw(NAMES),
        check=draw(st.sampled_from(Check)),
        path=draw(PATHS),
        line=line,
        end_line=end_line,
        column=draw(st.integers(1, 200)),
        severity=draw(st.sampled_from(Severity)),
        confidence=draw(st.sampled_from([Confidence.CERTAIN, Confidence.LIKELY])),
        origin=draw(st.sampled_from(Origin)),
        message=draw(TEXTS),
        remedy=draw(TEXTS),
        evidence=tuple(draw(st.lists(EVIDENCE, max_size=3))),
        fingerprint=draw(st.sampled_from(["00", "00:1", "00:2", "11"])),
        note=draw(st.text(max_size=10)),
        suggestion=draw(st.none() | st.just(Suggestion(line, end_line, draw(st.sampled_from(["", "a", "a\nb"]))))),
    )


REPORTS = st.builds(
    Report,
    change=st.just(ChangeSummary(None, "worktree", 3, 30)),
    findings=st.lists(_findings(), max_size=5).map(tuple),
    suppressed=st.lists(
        st.builds(
            Suppressed, _findings(), st.sampled_from(["comment", "config"]), st.text(max_size=9), PATHS, st.integers(0, 9)
        ),
        max_size=3,
    ).map(tuple),
    skipped=st.lists(st.builds(Skipped, PATHS, TEXTS), max_size=3).map(tuple),
    errors=st.lists(st.builds(Failure, PATHS | st.just(""), TEXTS), max_size=3).map(tuple),
    partial=st.lists(PATHS, max_size=2).map(tuple),
    unasked=st.integers(0, 3),
)
PAGES = st.builds(
    Page,
    lines=st.sampled_from([_lines, lambda _path: ("", "\tab", "  x"), lambda _path: ()]),
    added=st.frozensets(st.integers(1, 40)).map(lambda numbers: lambda _path: numbers),
    about=st.sampled_from([about, lambda _rule: None]),
    verbose=st.booleans(),
)


@settings(max_examples=60)
@given(report=REPORTS, page=PAGES)
def test_every_report_is_valid(report: Report, page: Page) -> None:
    """Whatever is reported: the standard's schema holds, no required text is empty, no two results have one fingerprint."""
    document = _sarif(report, page)
    _validator().validate(document)
    run = document["runs"][0]
    assert run["invocations"][0]["executionSuccessful"] is not bool(report.errors)
    marks = [_hash(result) for result in run["results"]]
    assert len(set(marks)) == len(marks) == len(report.findings) + (len(report.suppressed) if page.verbose else 0)
    assert all(text for text in _required_texts(run))
    for result in run["results"]:
        region = _region(result)
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert (region["startLine"], region["startColumn"]) <= (region["endLine"], region.get("endColumn", 10_000))


def _required_texts(run: dict[str, Any]) -> Iterable[str]:
    """https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support-for-code-scanning."""
    for rule in run["tool"]["driver"]["rules"]:
        yield from (rule["id"], rule["name"], rule["help"]["text"])
        for kind in ("shortDescription", "fullDescription"):
            assert len(rule[kind]["text"]) <= 1024
            yield rule[kind]["text"]
    for result in run["results"]:
        yield from (
            result["message"]["text"],
            result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
            _hash(result),
        )


@given(finding=_findings(), distance=st.integers(1, 99), path=PATHS)
def test_code_that_moves_keeps_its_fingerprint(finding: Finding, distance: int, path: str) -> None:
    """Down the file or into another one: the alert stays the same alert."""
    moved = replace(finding, path=path, line=finding.line + distance, end_line=finding.end_line + distance)
    [before], [after] = _results(replace(EMPTY, findings=(finding,))), _results(replace(EMPTY, findings=(moved,)))
    assert _hash(before) == _hash(after) == finding.fingerprint


def test_equal_findings_are_told_apart() -> None:
    """The n-th of equal ones has its number behind the fingerprint, and none takes the name of another."""
    findings = tuple(
        replace(LAMBDA, line=line, end_line=line, fingerprint=mark) for line, mark in enumerate(("a", "a", "a:1", "a"), 1)
    )
    assert [_hash(result) for result in _results(replace(EMPTY, findings=findings))] == ["a", "a:2", "a:1", "a:3"]


@pytest.mark.parametrize(
    ("added", "lines"),
    [
        ({4, 5, 6}, (4, 6)),
        ({3, 5, 6}, (3, 3)),
        ({7, 8, 9}, (7, 7)),
        (range(1, 50), (3, 7)),
        ((), (3, 7)),
    ],
    ids=["inside", "the first run", "the end", "all", "not known"],
)
def test_a_region_has_added_lines_only(added: Iterable[int], lines: tuple[int, int]) -> None:
    """Code scanning hides an alert on a pull request if one of its lines is not in the diff."""
    page = Page(lines=_lines, added=lambda _path: frozenset(added))
    region = _region(_results(replace(EMPTY, findings=(AFFINITY,)), page)[0])
    assert (region["startLine"], region["endLine"]) == lines
    code = SERVICE.split("\n")
    assert code[lines[0] - 1][region["startColumn"] - 1 :][:1].strip()
    assert region["endColumn"] == len(code[lines[1] - 1]) + 1


def test_the_command_knows_the_added_lines(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """A call of four lines of which one was changed: the alert is on that line."""
    patch = tmp_path / "change.diff"
    patch.write_text(
        "--- a/app.py\n+++ b/app.py\n@@ -1,6 +1,6 @@\n from flask_limiter import Limiter\n limiter = Limiter(\n     key_func,\n"
        '-    storage_uri="redis://cache",\n+    storage_uri="memory://",\n     app=app,\n )\n'
    )
    assert (
        main(["review", "--patch", str(patch), "--format", "json,sarif", "--no-model", "--output", str(tmp_path / "json")]) == 1
    )
    assert [(found["line"], found["end_line"]) for found in json.loads((tmp_path / "json").read_text())["findings"]] == [(2, 6)]
    [result] = json.loads(capsysbinary.readouterr().out)["runs"][0]["results"]
    assert _region(result) == {"startLine": 4, "startColumn": 5, "endLine": 4, "endColumn": 29}
    assert result["ruleId"] == "flask-limiter-memory"


def test_columns_are_characters_and_paths_are_addresses() -> None:
    """Columns count code points, not bytes or UTF-16 units; a path's odd bytes are escaped."""
    finding = replace(SESSIONS, path="a b/#ü\udcff.py", line=1, end_line=1, column=3)
    document = _sarif(replace(EMPTY, findings=(finding,)), Page(lines=lambda _path: ("😀 session",)))
    assert document["runs"][0]["columnKind"] == "unicodeCodePoints"
    place = document["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "a%20b/%23%C3%BC%FF.py"
    assert place["region"] == {"startLine": 1, "startColumn": 3, "endLine": 1, "endColumn": 10}


def test_evidence_is_linked_from_the_message() -> None:
    """`[text](1)` leads to the related location 1; brackets of reviewed text lead nowhere."""
    entry = Evidence("shop/[id].py", 3, "`x[0](1)` is read")
    [result] = _results(replace(EMPTY, findings=(replace(IMPORTS, evidence=(entry,)),)))
    assert r"- [shop/\[id\].py:3](1) `x\[0\](1)` is read" in result["message"]["text"].split("\n")
    [related] = result["relatedLocations"]
    assert related["id"] == 1
    assert related["physicalLocation"]["region"]["startLine"] == 3
    assert related["message"]["text"] == entry.note


def test_a_rule_says_how_sure_it_is_and_how_bad() -> None:
    """Code scanning sorts alerts by these, and shows the help beside them."""
    rules = {rule["id"]: rule for rule in _sarif(FULL)["runs"][0]["tool"]["driver"]["rules"]}
    known = rules["nginx-ip-hash"]
    assert known["properties"] == {
        "precision": "very-high",
        "problem.severity": "error",
        "tags": ["sticky-session", "reliability", "scalability"],
    }
    assert known["defaultConfiguration"]["level"] == "error"
    assert known["helpUri"].startswith("https://nginx.org/")
    assert "ip_hash;" in known["help"]["markdown"]
    assert rules["shared-state"]["properties"]["precision"] == "high"


def test_an_incomplete_review_does_not_look_clean() -> None:
    """What failed makes the run unsuccessful; what was skipped, seen in part or not judged is told."""
    [invocation] = _sarif(replace(REPORT, findings=()))["runs"][0]["invocations"]
    told = [(entry["level"], entry["message"]["text"]) for entry in invocation["toolExecutionNotifications"]]
    assert invocation["executionSuccessful"] is False
    assert told[0] == ("error", "The review is incomplete: deploy/values.yaml: line 3: too many aliases")
    assert ("warning", "Not looked at: bundle.js: larger than 1,000,000 bytes (2,300,000)") in told
    assert any(text.startswith("Seen in part: lib/queue.js") for _, text in told)
    assert any(text.startswith("2 possible problem(s) were not judged") for _, text in told)
    [clean] = _sarif(EMPTY)["runs"][0]["invocations"]
    assert clean == {"executionSuccessful": True, "toolExecutionNotifications": []}


def test_suppressed_findings_open_no_alert() -> None:
    """Code scanning pays no heed to `suppressions`: they are counted, and listed where somebody asks for all there is."""
    quiet = _sarif(replace(REPORT, findings=()), replace(TOLD, verbose=False))["runs"][0]
    assert quiet["results"] == []
    notes = [entry["message"]["text"] for entry in quiet["invocations"][0]["toolExecutionNotifications"]]
    assert "2 finding(s) are suppressed; -v lists them with their reasons." in notes
    inline, configured = _results(replace(REPORT, findings=()))
    assert inline["suppressions"][0]["kind"] == "inSource"
    assert inline["suppressions"][0]["justification"] == "one worker by design until the queue service is up"
    assert configured["suppressions"] == [
        {"kind": "external", "status": "accepted", "justification": "session-store is ignored"}
    ]


def test_a_safe_edit_is_a_fix() -> None:
    """Applied as the standard says, the replacement gives the file with the suggested lines."""
    finding = replace(AFFINITY, suggestion=Suggestion(3, 6, "  sessionAffinity: None"))
    [result] = _results(replace(EMPTY, findings=(finding,)))
    [replacement] = result["fixes"][0]["artifactChanges"][0]["replacements"]
    region = replacement["deletedRegion"]
    lines = SERVICE.split("\n")
    start = sum(len(line) + 1 for line in lines[: region["startLine"] - 1]) + region["startColumn"] - 1
    end = sum(len(line) + 1 for line in lines[: region["endLine"] - 1]) + region["endColumn"] - 1
    edited = SERVICE[:start] + replacement["insertedContent"]["text"] + SERVICE[end:]
    assert edited.split("\n") == [*lines[:2], "  sessionAffinity: None", *lines[6:]]


def test_there_is_room_for_the_most_serious() -> None:
    """Above the limit of a run the least serious are left out, and counted."""
    many = tuple(
        replace(LAMBDA, line=line, end_line=line, severity=Severity.NOTE if line % 2 else Severity.ERROR)
        for line in range(1, 30_001)
    )
    run = _sarif(replace(EMPTY, findings=many), Page())["runs"][0]
    assert len(run["results"]) == 25_000
    assert sum(result["level"] == "error" for result in run["results"]) == 15_000
    [note] = run["invocations"][0]["toolExecutionNotifications"]
    assert note["message"]["text"].startswith("5,000 less serious findings are not listed")

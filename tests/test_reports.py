"""Reports as whole outputs: what a reader, a program or a CI service gets to see. `UPDATE_SNAPSHOTS=1` writes them anew."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from guard.finding import (
    ChangeSummary,
    Check,
    Confidence,
    Dismissed,
    Evidence,
    Failure,
    Finding,
    ModelUse,
    Origin,
    Report,
    Severity,
    Skipped,
    Suggestion,
    Suppressed,
    fingerprint,
)
from guard.reports import Page, format_named, format_names

SNAPSHOTS = Path(__file__).parent.parent / "fixtures" / "reports"
SCHEMA = json.loads((Path(__file__).parent.parent / "guard" / "reports" / "report.schema.json").read_text())

APP = """\
import os
from flask import Flask, jsonify, request
from flask_session import Session

app = Flask(__name__)
app.config["SESSION_TYPE"] = "filesystem"
Session(app)

imports = {}  # one entry for each import that was started


@app.post("/imports")
def start():
\tjob = enqueue(request.files["sheet"], done=lambda state: imports.update({job: state}), tags=["日本語", "a line that goes on and on"])
    imports[job] = "queued"
    return jsonify(job=job)


@app.get("/imports/<job>")
def status(job):
    return jsonify(state=imports[job])
"""
SERVICE = """\
kind: Service
spec:
  sessionAffinity: ClientIP
  sessionAffinityConfig:
    clientIP:
      timeoutSeconds: 10800
  # kept for the old clients \u202e# evil \x1b[31m
"""
FILES = {"shop/app.py": APP, "deploy/service.yaml": SERVICE}


def _lines(path: str) -> Sequence[str]:
    return FILES.get(path, "").split("\n")


def _finding(rule: str, check: Check, path: str, span: tuple[int, int], message: str, remedy: str) -> Finding:
    return Finding(
        rule=rule,
        check=check,
        path=path,
        line=span[0],
        end_line=span[1],
        column=1,
        severity=Severity.ERROR,
        confidence=Confidence.CERTAIN,
        origin=Origin.HEURISTIC,
        message=message,
        remedy=remedy,
        evidence=(),
        fingerprint=fingerprint(rule, message),
    )


SESSIONS = _finding(
    "flask-session-filesystem",
    Check.SESSION_STORE,
    "shop/app.py",
    (6, 6),
    'After a deploy, or on a second instance, every visitor is logged out: SESSION_TYPE "filesystem" keeps the sessions in files on '
    "this machine's disk. One instance loses them all the same.",
    'Redis is already a dependency: SESSION_TYPE = "redis" and SESSION_REDIS = Redis.from_url(os.environ["REDIS_URL"]).',
)
IMPORTS = replace(
    _finding(
        "shared-state",
        Check.MEMORY_CACHE,
        "shop/app.py",
        (9, 9),
        "After a deploy or a crash, or on a second instance, what `imports` holds is gone.",
        "Keep it in Redis, under one key each.",
    ),
    confidence=Confidence.LIKELY,
    origin=Origin.MODEL,
    evidence=(
        Evidence("shop/app.py", 9, "`imports` is created once per process here"),
        Evidence("shop/app.py", 15, "`start()` writes it"),
        Evidence("shop/app.py", 21, "`status()` needs it on a later request"),
        Evidence("shop/worker.py", 3, "`tick()` writes it too"),
    ),
    note="some-model: the entry is read by another request.",
)
AFFINITY = replace(
    _finding(
        "kubernetes-client-ip",
        Check.STICKY_SESSION,
        "deploy/service.yaml",
        (3, 7),
        "When a pod is replaced, its visitors lose what it remembered of them: the service sends each client to one pod.",
        "Remove sessionAffinity, and keep sessions in a backing service.",
    ),
    severity=Severity.WARNING,
    column=3,
    suggestion=Suggestion(3, 6, "  sessionAffinity: None"),
)
LAMBDA = replace(
    _finding("queue-of-closures", Check.MEMORY_CACHE, "shop/app.py", (14, 14), "A deploy drops accepted work.", "Use a queue."),
    severity=Severity.NOTE,
    column=58,
)
REPORT = Report(
    change=ChangeSummary("1111111111111111111111111111111111111111", "worktree", 7, 41),
    atoms=(("@backend-architecture/rule-stateless-processes", "1.0.0"),),
    findings=(SESSIONS, IMPORTS, AFFINITY, LAMBDA),
    suppressed=(
        Suppressed(
            replace(IMPORTS, line=30, end_line=31),
            "comment",
            "one worker by design until the queue service is up",
            "shop/app.py",
            29,
        ),
        Suppressed(replace(SESSIONS, path="legacy/app.py"), "config", "session-store is ignored", ".stateless-guard.toml", 0),
    ),
    skipped=(
        Skipped("logo.png", "a binary file"),
        Skipped("README.md", "no reader for this kind of file"),
        Skipped("docs/\udcff.md", "no reader for this kind of file"),
        Skipped("bundle.js", "larger than 1,000,000 bytes (2,300,000)"),
    ),
    errors=(Failure("deploy/values.yaml", "line 3: too many aliases"),),
    partial=("lib/queue.js",),
    unasked=2,
    model=ModelUse(
        "some-model",
        2,
        1,
        2310,
        1024,
        210,
        0.0123,
        3,
        1,
        (Dismissed("shared-state", "shop/views.py", 3, "a miss loads it again"),),
    ),
)
EMPTY = Report(ChangeSummary(None, "index", 0, 0))

CASES = {
    "text-100.txt": ("text", Page(lines=_lines)),
    "text-60-verbose.txt": ("text", Page(lines=_lines, width=60, verbose=True)),
    "text-80-color.txt": ("text", Page(lines=_lines, width=80, color=True)),
    "text-no-code.txt": ("text", Page()),
    "counts.txt": ("counts", Page(lines=_lines)),
    "report.json": ("json", Page(lines=_lines)),
    "github.txt": ("github", Page(lines=_lines)),
    "report.sarif": ("sarif", Page(lines=_lines, added=lambda _path: frozenset({3, 4, 6, 9, 14}), verbose=True)),
}


@pytest.mark.parametrize("name", CASES)
def test_a_report_is_what_it_was(name: str) -> None:
    """Every byte of every format; a change of wording is seen in review."""
    form, page = CASES[name]
    seen = format_named(form).render(REPORT, page).encode("utf-8", "backslashreplace")
    file = SNAPSHOTS / name
    if os.environ.get("UPDATE_SNAPSHOTS"):
        file.write_bytes(seen)
    assert seen.decode() == file.read_bytes().decode()


def test_every_format_has_a_snapshot() -> None:
    """A new format comes with its own."""
    assert {form for form, _ in CASES.values()} == set(format_names())


@pytest.mark.parametrize("report", [REPORT, EMPTY], ids=["full", "empty"])
def test_the_json_report_fits_its_schema(report: Report) -> None:
    """The published schema describes what is written, and refuses what is not."""
    document = json.loads(format_named("json").render(report, Page()))
    validator = jsonschema.Draft202012Validator(SCHEMA)
    validator.check_schema(SCHEMA)
    validator.validate(document)
    assert not validator.is_valid({**document, "extra": 1})
    assert not validator.is_valid({**document, "version": 2})


def test_the_order_in_which_findings_were_made_does_not_show() -> None:
    """The same input gives the same bytes."""
    turned = replace(REPORT, findings=REPORT.findings[::-1], skipped=REPORT.skipped[::-1])
    for name in format_names():
        assert format_named(name).render(turned, Page(lines=_lines)) == format_named(name).render(REPORT, Page(lines=_lines))


@pytest.mark.parametrize("width", [60, 80, 120])
def test_text_keeps_to_the_width(width: int) -> None:
    """Nothing but a directive to copy and a long name is wider than the terminal."""
    from guard.reports._paint import cells

    text = format_named("text").render(REPORT, Page(lines=_lines, width=width))
    wide = [line for line in text.split("\n") if cells(line) > width]
    assert all("ignore[" in line or " " not in line.strip() for line in wide)


def test_reviewed_text_can_not_steer_a_terminal() -> None:
    """Escape sequences and characters that turn the direction of writing are spelled out."""
    text = format_named("text").render(replace(REPORT, findings=(replace(AFFINITY, line=7, end_line=7),)), Page(lines=_lines))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "\\u202e# evil \\x1b[31m" in text


def test_links_lead_to_the_file() -> None:
    """On a terminal, a place is a hyperlink to the file on this machine, with quoted characters."""
    text = format_named("text").render(REPORT, Page(lines=_lines, color=True, links="/srv/a folder"))
    assert "/srv/a%20folder/shop/app.py#L6\x1b\\shop/app.py:6\x1b]8;;\x1b\\" in text


@pytest.mark.parametrize(
    ("report", "sentence"),
    [
        (EMPTY, "Nothing to review: the change is empty.\n"),
        (replace(EMPTY, change=ChangeSummary(None, None, 1, 3)), "No problems found in 1 file, 3 added lines.\n"),
        (replace(EMPTY, change=ChangeSummary(None, None, 1, 3), skipped=(Skipped("a", "a binary file"),)), "Nothing was reviewed (0 of 1 file, 3 added lines)."),
        (replace(EMPTY, change=ChangeSummary(None, None, 1, 3), errors=(Failure("a", "b"),)), "The review is incomplete; what could be read shows no problem"),
    ],
    ids=["empty", "clean", "nothing read", "incomplete"],
)  # fmt: skip
def test_a_report_without_findings_says_why(report: Report, sentence: str) -> None:
    """What was not looked at never looks clean."""
    assert format_named("text").render(report, Page()).startswith(sentence)


AWKWARD = st.text(st.sampled_from("%\r\n:,; a\u2028é"), min_size=1, max_size=20)


@given(path=AWKWARD, message=AWKWARD, rule=AWKWARD)
def test_reviewed_text_can_not_issue_workflow_commands(path: str, message: str, rule: str) -> None:
    """However a path or a message looks, a finding is exactly one command, with its own properties alone."""
    finding = replace(SESSIONS, path=path, message=message, rule=rule)
    lines = format_named("github").render(replace(EMPTY, findings=(finding,)), Page()).split("\n")
    assert lines.pop() == ""
    [line] = lines
    command, properties, data = line[2:].partition(" ")[0], *line[2:].partition(" ")[2].split("::", 1)
    assert command == "error"
    assert [pair.partition("=")[0] for pair in properties.split(",")] == ["file", "line", "endLine", "title"]
    assert _unescaped(properties.split(",")[0].removeprefix("file=")) == path
    assert _unescaped(data).startswith(message)


def _unescaped(text: str) -> str:
    for code, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, character)
    return text


def test_a_wrapped_line_is_no_workflow_command() -> None:
    """In a CI log a line that starts with `::` is obeyed: none of the text report's lines does, whoever wrote the words."""
    finding = replace(SESSIONS, message="x " * 20 + "::error::gotcha " * 30, note="::add-mask::a " * 20)
    text = format_named("text").render(replace(REPORT, findings=(finding,)), Page(width=60))
    assert not [line for line in text.split("\n") if line.strip().startswith(("::", "##["))]

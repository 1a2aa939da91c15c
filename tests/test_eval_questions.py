"""`eval` with a judge: the same questions for a model, for people and for any other model, blind; recorded, repeated, imported."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from model_help import everywhere
from model_wire import KEY, Answering, as_request, completion, server

from guard.cli import run

__all__ = ["server"]

JOBS = """\
from apscheduler.schedulers.background import BackgroundScheduler

scheduler = BackgroundScheduler()
scheduler.start()
"""
QUOTE = "scheduler = BackgroundScheduler()"


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), "-c", "commit.gpgsign=false", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def cases(tmp_path: Path) -> str:
    """Two labelled commits of which only a model can decide: in one it is wrong, in the other it is not."""
    entries = []
    for name, expect in (("wrong", [{"path": "jobs.py", "line": 3, "end_line": 4, "checks": ["memory-cache"]}]), ("right", [])):
        clone = tmp_path / "mirror" / "one" / name
        clone.mkdir(parents=True)
        _git(clone, "init", "-q", "-b", "main")
        for number, text in enumerate(("", JOBS)):
            (clone / "jobs.py").write_text(text)
            _git(clone, "add", "-A")
            _git(clone, "commit", "-q", "-m", str(number), "--allow-empty")
        entries.append(
            {"id": name, "repo": f"one/{name}", "commit": _git(clone, "rev-parse", "HEAD"), "lang": "python", "expect": expect}
        )
    file = tmp_path / "cases.jsonl"
    file.write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    return str(file)


def _eval(cases: str, *arguments: str) -> int:
    mirror = Path(cases).parent / "mirror"
    return run(["eval", cases, "--mirror", str(mirror), "--jobs", "2", *arguments])


def _lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def _write(file: Path, entries: Iterable[object]) -> str:
    file.write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    return str(file)


def _questions(cases: str, tmp_path: Path) -> list[dict[str, Any]]:
    file = tmp_path / "questions.jsonl"
    _eval(cases, "--export-questions", str(file))
    return _lines(file)


def _answer(question: dict[str, Any], answer: str, **more: object) -> dict[str, object]:
    return {"id": question["id"], "key": question["key"], "answer": answer, "quote": QUOTE, "reason": "It is so.", **more}


def test_what_is_exported_is_what_a_model_would_see(
    cases: str, tmp_path: Path, server: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The prompt once, with its version, and each question by its case; to the letter what a server is sent."""
    prompt, *questions = _questions(cases, tmp_path)
    assert (prompt["kind"], prompt["version"] > 0) == ("prompt", True)
    assert sorted(question["id"].rpartition("/")[0] for question in questions) == ["right", "wrong"]
    assert all(question["prompt"] == prompt["key"] for question in questions)
    _with(server, monkeypatch, "fine")
    assert _eval(cases, "--model", "gpt-5-mini") == 0
    assert {sent["messages"][0]["content"] for sent in server.seen} == {prompt["text"]}
    assert {sent["messages"][1]["content"] for sent in server.seen} == {question["text"] for question in questions}


def test_answers_of_others_are_scored_like_a_models(cases: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever gave them saw neither labels nor repository."""
    _, *questions = _questions(cases, tmp_path)
    right = (_answer(each, "violation" if each["id"].startswith("wrong/") else "fine") for each in questions)
    capsys.readouterr()
    assert (
        _eval(
            cases,
            "--import-answers",
            _write(tmp_path / "a.jsonl", right),
            "--format",
            "json",
            "--min-precision",
            "1",
            "--min-recall",
            "1",
        )
        == 0
    )
    result = json.loads(capsys.readouterr().out)
    assert result["model"] == f"answers of {tmp_path / 'a.jsonl'}"
    assert result["asked"]["questions"] == 2
    everything = _write(tmp_path / "b.jsonl", (_answer(each, "violation") for each in questions))
    assert _eval(cases, "--import-answers", everything, "--min-precision", "0.6") == 1
    lied = _write(tmp_path / "c.jsonl", (_answer(each, "violation", quote="not in the code") for each in questions))
    assert _eval(cases, "--import-answers", lied, "--min-recall", "0.1") == 1


def test_answers_to_another_question_are_named(cases: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By the question's id, since the key is of what was asked; what is still open can be exported again."""
    _, *questions = _questions(cases, tmp_path)
    stale, good = (_answer(each, "fine") for each in questions)
    stale["key"] = "0" * 64
    file = _write(tmp_path / "a.jsonl", (stale, good))
    capsys.readouterr()
    _eval(cases, "--import-answers", file)
    assert f"the question has changed: {str(stale['id']).rpartition('/')[2]}" in capsys.readouterr().out
    more = tmp_path / "more.jsonl"
    _eval(cases, "--import-answers", file, "--export-questions", str(more))
    assert [entry["id"] for entry in _lines(more) if entry["kind"] == "question"] == [stale["id"]]


def test_a_file_that_holds_no_answers_is_refused(cases: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The questions themselves, handed in by mistake: with file and line, before anything is reviewed."""
    questions = tmp_path / "questions.jsonl"
    _eval(cases, "--export-questions", str(questions))
    assert _eval(cases, "--import-answers", str(questions)) == 2
    assert f"{questions}:2: a line with an 'id' needs an 'answer' or a 'reply'" in capsys.readouterr().err


def test_an_evaluation_is_recorded_repeated_and_replayed(
    cases: str, tmp_path: Path, server: Answering, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Requests, answers, usage and latency by case; agreement of the times; what it takes against the whole diffs."""
    _with(server, monkeypatch, "violation")
    record = tmp_path / "record.jsonl"
    assert _eval(cases, "--model", "gpt-5-mini", "--repeat", "2", "--record", str(record), "--format", "json") == 0
    result = json.loads(capsys.readouterr().out)
    assert len(server.seen) == 4
    assert result["repetition"]["questions"] == result["repetition"]["alike"] == 2
    assert result["bare_tokens"] > 500
    exchanges = _lines(record)
    assert sorted(exchange["case"] for exchange in exchanges) == ["right", "right", "wrong", "wrong"]
    for exchange in exchanges:
        assert exchange["prompt_version"] > 0
        assert exchange["messages"][1]["content"] in {sent["messages"][1]["content"] for sent in server.seen}
        assert exchange["reply"]["usage"]["input_tokens"] == 9_000
        assert exchange["seconds"] >= 0
    asked = len(server.seen)
    assert _eval(cases, "--replay", str(record), "--format", "json") == 0
    again = json.loads(capsys.readouterr().out)
    assert len(server.seen) == asked
    assert again["rates"] == result["rates"]


def test_answers_that_differ_from_time_to_time_are_counted(
    cases: str, tmp_path: Path, server: Answering, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A model that says something else the second time agrees with itself in nothing; the first time counts, and is what is replayed."""
    record = str(tmp_path / "record.jsonl")
    _with(server, monkeypatch, "violation")
    first = server.answer
    server.answer = lambda sent: first(sent) if len(server.seen) <= 2 and first else _said(sent, "fine")
    _eval(cases, "--model", "gpt-5-mini", "--repeat", "2", "--record", record)
    out = capsys.readouterr().out
    assert "agreement: 0 of 2 questions answered alike" in out
    assert "time 1: precision 0.500, recall 1.000" in out
    assert len(_lines(Path(record))) == 4
    _eval(cases, "--replay", record)
    assert "false alarm: right one/right" in capsys.readouterr().out


def test_what_is_answered_some_of_the_times_only_is_no_agreement(
    cases: str, server: Answering, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is counted apart, and nothing that agrees is no share of one hundred percent."""
    _with(server, monkeypatch, "violation")
    first = server.answer
    server.answer = lambda sent: first(sent) if len(server.seen) <= 2 and first else (401, {"error": {"message": "no"}})
    _eval(cases, "--model", "gpt-5-mini", "--repeat", "2")
    out = capsys.readouterr().out
    assert "agreement: 0 of 0 questions answered alike each time; 2 more were answered some of the times only\n" in out


def test_what_a_change_costs_is_told(
    cases: str, server: Answering, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The median over all changes, and over those that were asked about, beside the sum."""
    _with(server, monkeypatch, "violation")
    assert _eval(cases, "--model", "gpt-5-mini") == 0
    out = capsys.readouterr().out
    assert "cost of a change: median $0.00" in out
    assert "; 2 of 2 were asked about, in the median for $0.00" in out
    assert _eval(cases, "--model", "gpt-5-mini", "--format", "json") == 0
    told = json.loads(capsys.readouterr().out)
    costs = sorted(outcome["asked"]["cost"] for outcome in told["outcomes"])
    assert told["cost_of_a_change"]["median"] == pytest.approx(costs[0], abs=1e-6)
    assert told["asked"]["cost"] == pytest.approx(sum(costs))


def test_a_model_that_does_not_answer_is_no_result(
    cases: str, tmp_path: Path, server: Answering, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Rates without its answers are the heuristics' alone: the questions are counted, and the status says so. To be unsure is an answer."""
    _with(server, monkeypatch, "unsure")
    assert _eval(cases, "--model", "gpt-5-mini") == 0
    assert "2 questions (2 left open), 2 calls" in capsys.readouterr().out
    server.answer = lambda _: (401, {"error": {"message": "no"}})
    assert _eval(cases, "--model", "gpt-5-mini") == 3
    assert "2 questions (2 left open), 0 calls" in capsys.readouterr().out
    empty = _write(tmp_path / "none.jsonl", [])
    assert _eval(cases, "--import-answers", empty) == 3
    assert f"not judged: {empty}: no recorded answer" in capsys.readouterr().out


def test_the_bare_prompt_is_exported_and_scored(cases: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The rule and the whole diff of each case, and nothing that a heuristic saw."""
    file = tmp_path / "bare.jsonl"
    assert _eval(cases, "--export-bare", str(file)) == 0
    prompt, *diffs = _lines(file)
    assert "Long-lived in-memory caches are advisory" in prompt["text"]
    assert [diff["id"] for diff in diffs] == ["wrong", "right"]
    assert all("+scheduler = BackgroundScheduler()" in diff["text"] for diff in diffs)
    found = {"path": "jobs.py", "line": 3, "check": "memory-cache", "reason": "jobs are lost"}
    answers = _write(
        tmp_path / "found.jsonl", ({"id": diff["id"], "findings": [found] if diff["id"] == "wrong" else []} for diff in diffs)
    )
    capsys.readouterr()
    assert _eval(cases, "--import-bare", answers, "--min-precision", "1", "--min-recall", "1") == 0
    assert "all                     1     0      0" in capsys.readouterr().out
    assert _eval(cases, "--import-bare", _write(tmp_path / "half.jsonl", [{"id": "right", "findings": []}])) == 3


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--export-bare", "f", "--model", "m"], "the bare prompt is measured alone"),
        (["--import-bare", "f", "--import-answers", "g"], "the bare prompt is measured alone"),
        (["--record", "f"], "--record and --repeat need a model that is asked"),
        (["--repeat", "3"], "--record and --repeat need a model that is asked"),
        (["--repeat", "2", "--model", "m", "--export-questions", "f"], "--record and --repeat need a model that is asked"),
        (["--import-answers", "nowhere.jsonl"], "nowhere.jsonl: can not be read"),
    ],
)
def test_what_does_not_go_together_is_told(
    cases: str, options: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is reviewed."""
    assert _eval(cases, *options) == 2
    assert told in capsys.readouterr().err


def _with(server: Answering, monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", server.address)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    server.answer = lambda sent: _said(sent, answer)


def _said(sent: dict[str, Any], answer: str) -> object:
    return completion(everywhere(answer, QUOTE)(as_request(sent)))

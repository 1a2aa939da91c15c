"""Labelled commits are scored as the labels mean it: rates, intervals, comparison, and the command over real repositories."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from guard.__main__ import main
from guard.errors import UsageError
from guard.evaluation.cases import Case, cases_of, is_held_out, share_of
from guard.evaluation.comparison import compared
from guard.evaluation.document import read, written
from guard.evaluation.scoring import Outcome, Row, Said, Status, judged
from guard.evaluation.tally import Counts, Result, quantile, tallies, wilson
from guard.evaluation.text import shown
from guard.finding import Place

SHA = "1" * 40


def _case(**entry: object) -> Case:
    base = {"id": "a", "repo": "one/shop", "commit": SHA, "lang": "python"}
    return next(cases_of(json.dumps({**base, **entry}), "x.jsonl", "x"))


def _span(path: str, line: int, end_line: int | None = None, **more: object) -> dict[str, object]:
    return {"path": path, "line": line, **({"end_line": end_line} if end_line else {}), **more}


CASE = _case(
    expect=[
        _span("a.py", 10, 12, checks=["session-store", "memory-cache"], also=[_span("b.py", 5)]),
        _span("a.py", 30, checks=["local-disk"], what="uploads"),
    ],
    maybe=[_span("c.py", 1, 9)],
)


def _said(check: str, path: str, line: int, end_line: int | None = None) -> Said:
    return Said("a-rule", check, Place(path, line, end_line or line))


def _counts(*said: Said) -> tuple[int, int, int]:
    hits, misses, alarms = judged(CASE, said)
    return len(hits), len(alarms), len(misses)


def test_a_finding_meets_what_it_touches_with_one_of_its_checks() -> None:
    """The first and the last line of a span, or one of the other places."""
    assert _counts(_said("session-store", "a.py", 12, 20)) == (1, 0, 1)
    assert _counts(_said("memory-cache", "a.py", 1, 10)) == (1, 0, 1)
    assert _counts(_said("memory-cache", "b.py", 5)) == (1, 0, 1)
    assert _counts(_said("memory-cache", "a.py", 13)) == (0, 1, 2)
    assert _counts(_said("local-disk", "a.py", 11)) == (0, 1, 2)
    assert _counts(_said("session-store", "z.py", 11)) == (0, 1, 2)


def test_several_findings_of_one_expectation_count_once_and_false_ones_each() -> None:
    """A hit is an expectation, a false alarm a finding."""
    twice = _said("session-store", "a.py", 10), _said("memory-cache", "a.py", 11)
    assert _counts(*twice, _said("local-disk", "d.py", 1), _said("local-disk", "d.py", 2)) == (1, 2, 1)


def test_a_doubtful_place_counts_neither_way() -> None:
    """Whatever the check is."""
    assert _counts(_said("sticky-session", "c.py", 9, 11)) == (0, 0, 2)
    assert _counts(_said("sticky-session", "c.py", 10, 11)) == (0, 1, 2)


def test_one_finding_may_meet_two_expectations() -> None:
    """Both are found."""
    case = _case(expect=[_span("a.py", 1, checks=["local-disk"]), _span("a.py", 2, checks=["local-disk"])])
    hits, misses, alarms = judged(case, [_said("local-disk", "a.py", 1, 2)])
    assert (len(hits), len(misses), len(alarms)) == (2, 0, 0)


def test_intervals_are_wilsons() -> None:
    """Against values from the literature: 0 of 20, 81 of 263 (Newcombe 1998, table I)."""
    assert [round(end, 4) for end in wilson(81, 263)] == [0.2553, 0.3662]
    assert [round(end, 4) for end in wilson(0, 20)] == [0.0, 0.1611]
    assert round(wilson(10, 10)[1], 9) == 1.0
    assert wilson(0, 0) == (0.0, 1.0)


def test_rates_where_nothing_is_there() -> None:
    """No finding is no wrong finding; a rule has no recall of its own."""
    assert (Counts().precision, Counts().recall, Counts().f1) == (1.0, 1.0, 1.0)
    assert Counts(0, 1, 1).f1 == 0.0
    assert (Counts(1, 0, None).recall, Counts(1, 0, None).f1) == (None, None)


def test_counts_go_to_language_check_rule_and_file() -> None:
    """Each hit, miss and false alarm once in each."""
    hits, misses, alarms = judged(CASE, [_said("memory-cache", "a.py", 10), _said("local-disk", "d.py", 1)])
    found = tallies([Outcome(CASE, Status.SCORED, 1.0, "", hits, misses, alarms)])
    assert found[("all", "")] == found[("language", "python")] == found[("cases of", "x")] == Counts(1, 1, 1)
    assert found[("check", "session-store")] == Counts(1, 0, 0)
    assert found[("check", "local-disk")] == Counts(0, 1, 1)
    assert found[("rule", "a-rule")] == Counts(1, 1, None)


def test_quantiles() -> None:
    """The value itself, not one between two."""
    assert (quantile([], 0.5), quantile([3, 1, 2], 0.5), quantile(list(range(1, 101)), 0.95)) == (0.0, 2, 95)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("{", "not valid JSON"),
        ("[]", "a case must be an object"),
        ({"id": ""}, "'id' must be a text"),
        ({"commit": "main"}, "'commit' must be the name of a commit"),
        ({"repo": "../x"}, "'repo' must be OWNER/NAME"),
        ({"expect": [_span("a", 1, checks=["session"])]}, "'checks' must be a list of some of session-store"),
        ({"expect": [_span("a", 3, 2, checks=["local-disk"])]}, "must be line numbers in order"),
        ({"maybe": "a"}, "'maybe' must be a list of objects"),
    ],
)
def test_a_wrong_case_is_told_with_file_and_line(line: object, sentence: str) -> None:
    """Nothing is guessed."""
    entry = line if isinstance(line, str) else json.dumps({"id": "a", "repo": "o/n", "commit": SHA, **line})  # type: ignore[dict-item] # the parameters are JSON
    with pytest.raises(UsageError, match=r"x\.jsonl:2: ") as told:
        list(cases_of(f"\n{entry}\n", "x.jsonl", "x"))
    assert sentence in str(told.value)


def test_a_share_is_held_out_by_repository_and_seed() -> None:
    """About as many as asked for, always the same ones, whatever the letters' case."""
    names = [_case(repo=f"owner/n{number}") for number in range(400)]
    held = [case.repo for case in names if is_held_out(case, share_of("spring/0.3"))]
    assert 90 < len(held) < 150
    assert held == [case.repo for case in names if is_held_out(_case(repo=case.repo.upper()), ("spring", 0.3))]
    assert held != [case.repo for case in names if is_held_out(case, ("autumn", 0.3))]
    with pytest.raises(UsageError, match="no SEED/FRACTION"):
        share_of("spring")


def _result(*outcomes: Outcome) -> Result:
    return Result(outcomes, "1.0")


def _row(path: str, line: int, rule: str = "") -> Row:
    return Row(Place(path, line, line), "local-disk", "what", (rule,) if rule else (), ("code",))


def test_what_got_better_and_worse_is_told_by_case() -> None:
    """Hits by their label, false alarms by file and rule, cases that only one result has."""
    one, two, three, four = (_case(id=name) for name in "abcd")
    earlier = _result(
        Outcome(one, Status.SCORED, hits=(_row("x", 1),), false_alarms=(_row("y", 3, "r"), _row("y", 4, "r"))),
        Outcome(two, Status.SCORED, misses=(_row("z", 5),)),
        Outcome(three, Status.SCORED),
    )
    now = _result(
        Outcome(one, Status.SCORED, misses=(_row("x", 1),), false_alarms=(_row("y", 9, "r"),)),
        Outcome(two, Status.SCORED, hits=(_row("z", 5),), false_alarms=(_row("q", 1, "s"),)),
        Outcome(three, Status.FAILED, problem="boom"),
        Outcome(four, Status.SCORED),
    )
    found = compared(earlier, now)
    assert found.better == ("a no false alarm any more at y:4 r", "b finds z:5 local-disk what")
    assert found.worse == ("a misses x:1 local-disk what", "b false alarm at q:1 s", "c is failed, it was scored before: boom")
    assert found.other == ("d is new",)
    assert (found.before, found.after) == (Counts(1, 2, 1), Counts(1, 2, 1))


def test_a_result_is_read_as_it_was_written() -> None:
    """So that it can be compared with later ones."""
    result = _result(
        Outcome(CASE, Status.SCORED, 1.5, "", (_row("x", 1, "r"),), (_row("x", 2),), (_row("x", 3, "r"),)),
        Outcome(_case(id="b"), Status.MISSING, problem="not there"),
    )
    again = read(written(result, None), "f")
    assert [outcome.hits for outcome in again.outcomes] == [outcome.hits for outcome in result.outcomes]
    assert compared(again, result).better == compared(again, result).worse == ()
    for text in ("", "{}", '{"version": 1}', "[1]"):
        with pytest.raises(UsageError, match="not a result"):
            read(text, "f")


def test_the_code_of_a_mistake_is_shown() -> None:
    """With its line numbers."""
    text = shown(_result(Outcome(CASE, Status.SCORED, misses=(_row("x", 7),))), None)
    assert "miss: a one/shop 111111111111\n  x:7 local-disk\n  what\n        7 | code" in text


# -- the command, over real repositories ------------------------------------------------------------------------------

SESSIONS = "from flask import Flask\n\napp = Flask(__name__)\napp.config['SESSION_TYPE'] = 'filesystem'\n"


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), "-c", "commit.gpgsign=false", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """A mirror with a plain clone and a bare one, and cases of them and of two that are not there."""
    work = tmp_path / "mirror" / "one" / "shop"
    work.mkdir(parents=True)
    _git(work, "init", "-q", "-b", "main")
    (work / "app.py").write_text("from flask import Flask\n")
    _git(work, "add", "-A")
    _git(work, "commit", "-q", "-m", "first")
    (work / "app.py").write_text(SESSIONS)
    _git(work, "commit", "-q", "-a", "-m", "sessions")
    sha = _git(work, "rev-parse", "HEAD")
    _git(work, "clone", "-q", "--bare", str(work), str(tmp_path / "mirror" / "two+shop" / "repo"))
    expect = [_span("app.py", 4, checks=["session-store"], what="sessions in files")]
    _write(
        tmp_path / "first.jsonl",
        {"id": "right", "repo": "one/shop", "commit": sha, "lang": "python", "expect": expect},
        {"id": "wrong", "repo": "two/shop", "commit": sha, "lang": "python", "expect": [{**expect[0], "line": 1}]},
    )
    _write(
        tmp_path / "second.jsonl",
        {"id": "gone", "repo": "three/shop", "commit": sha, "lang": "go"},
        {"id": "unknown", "repo": "one/shop", "commit": SHA, "lang": "go"},
    )
    return tmp_path


def _write(file: Path, *cases: object) -> None:
    file.write_text("".join(json.dumps(case) + "\n" for case in cases))


def _run(world: Path, *arguments: str) -> int:
    return main(["eval", *arguments, "--mirror", str(world / "mirror"), "--jobs", "2"])


def test_nothing_is_silently_left_out(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Missing repositories and failed reviews are counted and named, and the status says so."""
    assert _run(world, str(world / "first.jsonl"), str(world / "second.jsonl"), "--verbose") == 3
    out = capsys.readouterr().out
    assert "4 cases: 2 scored (1 exactly right), 1 missing, 1 failed" in out
    assert "missing: gone three/shop (not in the mirror)" in out
    assert "failed: unknown one/shop 111111111111: status 2: " in out
    assert "unknown revision" in out
    assert "found: right one/shop" in out
    assert "miss: wrong two/shop" in out
    assert "1 | from flask import Flask" in out
    assert "false alarm: wrong two/shop" in out
    assert "4 | app.config['SESSION_TYPE'] = 'filesystem'" in out
    assert "median" in out


def test_an_earlier_result_is_held_against_it(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Through the file that --format json writes; and a bar that is not reached ends with 1."""
    cases = str(world / "first.jsonl")
    assert _run(world, cases, "--format", "json") == 0
    document = json.loads(capsys.readouterr().out)
    assert [rate["found"] for rate in document["rates"] if rate["kind"] == "all"] == [1]
    document["outcomes"][0]["missed"] = document["outcomes"][0].pop("found")
    document["outcomes"][0]["found"] = []
    (world / "old.json").write_text(json.dumps(document))
    assert _run(world, cases, "--against", str(world / "old.json"), "--min-precision", "0.9") == 1
    out = capsys.readouterr().out
    assert "better: 1\n  right finds app.py:4 session-store sessions in files\nworse: 0" in out
    assert "recall 0.000 -> 0.500" in out


def test_a_page_of_the_docs_names_the_commits(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Tables that anyone can repeat; a part of the repositories only, if asked."""
    assert _run(world, str(world / "first.jsonl"), "--format", "markdown") == 0
    out = capsys.readouterr().out
    sha = _git(world / "mirror" / "one" / "shop", "rev-parse", "HEAD")
    assert f"| right | one/shop | `{sha}` | python | right |" in out
    assert "| language | found | false | missed |" in out
    shutil.rmtree(world / "mirror")
    assert _run(world, str(world / "first.jsonl"), "--held-out", "x/0.0001") == 3
    assert "0 cases: 0 scored" in capsys.readouterr().out


def test_what_a_model_was_asked_is_added_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Out of a recorded exchange here."""
    demo = Path(__file__).parent.parent / "fixtures" / "demo"
    shop = tmp_path / "mirror" / "one" / "shop"
    shop.mkdir(parents=True)
    _git(shop, "init", "-q", "-b", "main")
    for state in ("before", "after"):
        shutil.copytree(demo / state, shop, dirs_exist_ok=True)
        _git(shop, "add", "-A")
        _git(shop, "commit", "-q", "-m", state)
    _write(tmp_path / "x.jsonl", {"id": "a", "repo": "one/shop", "commit": _git(shop, "rev-parse", "HEAD"), "lang": "python"})
    assert _run(tmp_path, str(tmp_path / "x.jsonl"), "--replay", str(demo / "exchange.jsonl"), "--format", "json") == 0
    asked = json.loads(capsys.readouterr().out)["asked"]
    assert asked["questions"] > 0
    assert asked["calls"] > 0
    assert asked["input_tokens"] > asked["output_tokens"] > 0


def test_wrong_arguments_are_told_before_anything_runs(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Files that are not there or hold something else, and cases with one id."""
    cases = str(world / "first.jsonl")
    assert _run(world, str(world / "none.jsonl")) == 2
    assert "none.jsonl: can not be read" in capsys.readouterr().err
    assert _run(world, cases, cases) == 2
    assert "'right' exists twice" in capsys.readouterr().err
    assert _run(world, cases, "--against", cases) == 2
    assert "not a result of" in capsys.readouterr().err

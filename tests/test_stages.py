"""Where the time goes: each moment counts once."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from time import perf_counter, sleep

from guard.stages import Stage, listening, stage


@stage(Stage.GIT)
def _fetch() -> str:
    sleep(0.02)
    return "text"


@stage(Stage.FACTS)
def _read() -> str:
    sleep(0.01)
    return _fetch()


@stage(Stage.OLD)
def _old_side() -> str:
    return _read()


def test_a_moment_counts_for_the_innermost_stage_only() -> None:
    """The stages add up to what has passed."""
    start = perf_counter()
    with listening() as times:
        assert _read() == "text"
        sleep(0.01)
        table = times.table()
    assert times.spent[Stage.GIT] >= 0.02 > times.spent[Stage.FACTS] >= 0.01
    assert times.spent[Stage.START] >= 0.01
    assert abs(sum(times.spent.values()) - (perf_counter() - start)) < 0.01
    assert re.search(r"^  git +0\.0\d\d s +\d+\.\d %$", table, re.MULTILINE)


def test_the_old_side_is_one_stage_whatever_it_calls() -> None:
    """What it takes to compare with what was there is told as one."""
    with listening() as times:
        _old_side()
    assert times.spent[Stage.OLD] >= 0.03
    assert times.spent[Stage.GIT] == times.spent[Stage.FACTS] == 0


def test_nothing_is_measured_where_nobody_listens() -> None:
    """A function of a stage is just that function."""
    with listening() as times:
        pass
    assert _read() == "text"
    assert times.spent[Stage.FACTS] == 0


def test_the_command_line_says_where_its_time_went(tmp_path: Path) -> None:
    """`-vv` prints the table to standard error, and the shares add up to 100 %; `-v` does not."""
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    (tmp_path / "app.py").write_text("from flask import Flask\napp = Flask(__name__)\ncarts = {}\n", encoding="utf-8")
    command = [sys.executable, "-m", "guard", "review", "--no-model", "--format", "json"]
    plain = subprocess.run([*command, "-v"], cwd=tmp_path, check=True, capture_output=True, text=True)
    timed = subprocess.run([*command, "-vv"], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert (plain.stdout, plain.stderr) == (timed.stdout, "")
    shares = [float(share) for share in re.findall(r"([\d.]+) %$", timed.stderr, re.MULTILINE)]
    seconds = [float(number) for number in re.findall(r"([\d.]+) s", timed.stderr)]
    assert abs(sum(shares) - 100) < 0.6
    assert abs(seconds[0] - sum(seconds[1:])) < 0.01
    assert {"start", "git", "facts", "analyses", "report"} <= set(re.findall(r"^  (\w+)", timed.stderr, re.MULTILINE))

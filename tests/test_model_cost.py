"""Cost: prices with date and source, an estimate before, the true figure after, and limits that hold."""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from pathlib import Path

import pytest
from model_help import everywhere, judged, observations, signal
from model_wire import KEY

from guard.cli import run
from guard.errors import UsageError
from guard.finding import ChangeSummary, Check, Confidence, LeftOut, ModelUse, Report
from guard.model.inquiry import Asking
from guard.model.judge import Reply, Request, TooLongError, Usage
from guard.model.prices import price_of
from guard.model.setup import inquiry_for
from guard.pipeline.questions import prompt_for
from guard.reports import Page, format_named

PRICES = Path(__file__).parent.parent / "guard" / "model" / "prices.toml"
MANY = observations(
    *(signal(Confidence.POSSIBLE, f"possible-{number:02}", check=Check.SESSION_STORE) for number in range(12)),
    *(signal(rule=f"likely-{number:02}") for number in range(12)),
)


# -- prices -------------------------------------------------------------------------------------------------------------


def test_every_price_has_a_date_and_a_source() -> None:
    """And is one: what was kept costs no more than what is new, an answer no less than a question."""
    for source in tomllib.loads(PRICES.read_text())["source"]:
        assert source["url"].startswith("https://")
        assert isinstance(source["date"], dt.date)
        for name, price in source["models"].items():
            assert price.keys() <= {"input", "cached", "written", "output"}, name
            assert 0 < price.get("cached", price["input"]) <= price["input"] <= price["output"], name
            assert price.get("written", price["input"]) >= price["input"], name


@pytest.mark.parametrize(
    ("model", "known"),
    [
        ("gpt-5-mini", "gpt-5-mini"),
        ("gpt-5-mini-2025-08-07", "gpt-5-mini"),
        ("openai/gpt-5-mini", "gpt-5-mini"),
        ("GPT-5-Mini", "gpt-5-mini"),
        ("gpt-4.1-2025-04-14", "gpt-4.1"),
        ("claude-haiku-4-5-20251001", "claude-haiku-4-5"),
        ("claude-haiku-4-5@20251001", "claude-haiku-4-5"),
        ("gemini-2.5-pro-preview-05-06", None),
        ("gpt-5-mini-else", None),
        ("gpt-5x", None),
        ("llama3.2", None),
        ("", None),
    ],
)
def test_a_dated_name_has_the_price_of_its_model(model: str, known: str | None) -> None:
    """Of the longest name that it is a version of, and no other: a wrong price is worse than none."""
    assert price_of(model) == (None if known is None else price_of(known))
    assert (price_of(model) is None) == (known is None)


def test_what_was_kept_and_what_is_kept_have_their_own_price() -> None:
    """By the million."""
    price = price_of("gpt-6-luna")
    assert price is not None
    assert price.of(Usage(1_000_000, 0, 0)) == pytest.approx(0.1)
    assert price.of(Usage(1_000_000, 900_000, 100_000)) == pytest.approx(0.01 + 0.009 + 0.05)
    assert price.of(Usage(1_000_000, 500_000, 0, 500_000)) == pytest.approx(0.005 + 0.0625)
    assert price.of(Usage(10, 50, 0)) == pytest.approx(10 * 0.01 / 1_000_000)


# -- limits -------------------------------------------------------------------------------------------------------------


def _use(outcome: object) -> ModelUse:
    use = outcome.model  # type: ignore[attr-defined]  # Judged
    assert isinstance(use, ModelUse)
    return use


def _honest(request: Request) -> Reply:
    """An answer, counted as we count."""
    text = everywhere("fine")(request)
    return Reply(text, usage=Usage(sum(len(message.content) for message in request.messages) // 4, 0, 8 * 60))


class _Honest:
    def __init__(self) -> None:
        self.spent = 0

    def ask(self, request: Request) -> Reply:
        """An answer."""
        reply = _honest(request)
        self.spent += reply.usage.input_tokens + reply.usage.output_tokens
        return reply


def test_a_limit_is_spent_on_what_is_worth_most() -> None:
    """What is reported unless a model objects comes first; what was not asked is counted and named, in the same way each time."""
    judge = _Honest()
    uses = [_use(judged(MANY, judge, model="m", max_tokens=9_000)) for _ in range(2)]
    assert uses[0] == uses[1]
    assert 2 <= judge.spent / 2 <= 9_000
    asked = {entry.rule for entry in uses[0].dismissed}
    assert asked
    assert all(rule.startswith("likely") for rule in asked) or len(asked) > 12
    assert len(asked) + len(uses[0].left_out) == uses[0].questions == 24
    assert {entry.reason for entry in uses[0].left_out} == {"the limit of 9,000 tokens leaves no room for it"}


def test_a_limit_that_suffices_changes_nothing() -> None:
    """The same calls, the same outcome."""
    free, limited = judged(MANY, _Honest(), model="m"), judged(MANY, _Honest(), model="m", max_tokens=10**6)
    assert free.standing == limited.standing
    assert _use(free) == _use(limited)


def test_a_limit_in_dollars_holds() -> None:
    """At the full price, so that it holds whatever the server keeps."""
    use = _use(judged(MANY, _Honest(), model="gpt-6-luna", max_cost=0.0009))
    assert use.cost is not None
    assert 0 < use.cost <= 0.0009
    assert 0 < len(use.left_out) < 24
    assert use.left_out[0].reason == "the limit of $0.0009 leaves no room for it"


def test_what_finding_out_that_a_prompt_was_cut_took_is_spent_as_well() -> None:
    """A server that answers a part of each prompt is paid for it, so that asking in ever smaller calls ends at the limit."""

    class Cutting:
        def ask(self, request: Request) -> Reply:
            raise TooLongError("it cuts", Usage(sum(len(message.content) for message in request.messages) // 4, 0, 100))

    use = _use(judged(MANY, Cutting(), model="m", max_tokens=12_000))
    assert 0 < use.input_tokens + use.output_tokens <= 12_000
    assert use.calls > 0


def test_dollars_of_an_unknown_price_are_a_usage_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """In one line, before anything is read; tokens can be limited all the same."""
    with pytest.raises(UsageError, match=r"the price of 'llama3\.2' is not known"):
        inquiry_for(Asking("llama3.2", max_cost=1.0), {"OPENAI_API_KEY": KEY})
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    (tmp_path / "c.diff").write_text("")
    assert run(["review", "--patch", str(tmp_path / "c.diff"), "--model", "llama3.2", "--max-cost", "1"]) == 2
    assert capfd.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "x", ""])
def test_limits_are_numbers(text: str) -> None:
    """Above zero."""
    assert run(["review", "--max-cost", text]) == run(["review", "--deadline", text]) == 2


# -- before and after ---------------------------------------------------------------------------------------------------


def test_the_estimate_before(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """With the price's date and source; without a price the tokens alone; nothing uncertain costs nothing."""
    seen = prompt_for(MANY, "gpt-6-luna")
    assert seen.usage.cached_input_tokens > 0
    patch = tmp_path / "c.diff"
    patch.write_text(
        "diff --git a/j.py b/j.py\nnew file mode 100644\n--- /dev/null\n+++ b/j.py\n@@ -0,0 +1,2 @@\n"
        "+from apscheduler.schedulers.background import BackgroundScheduler\n+scheduler = BackgroundScheduler()\n"
    )
    assert run(["prompt", "--patch", str(patch), "--cost", "--model", "gpt-6-luna"]) == 0
    told = capfd.readouterr().out
    assert "1 question in 1 call to gpt-6-luna" in told
    assert "2026-11-05, https://developers.openai.com/api/docs/pricing" in told
    assert run(["prompt", "--patch", str(patch), "--cost", "--model", "llama3.2"]) == 0
    assert "The price of 'llama3.2' is not known." in capfd.readouterr().out
    patch.write_text("")
    assert run(["prompt", "--patch", str(patch), "--cost"]) == 0
    assert "$0" in capfd.readouterr().out


def test_what_was_not_asked_is_named() -> None:
    """In the text the first few places, with -v all; it is not said to be left open by the model."""
    left_out = tuple(LeftOut("shared-state", f"app{n}.py", 4, "the limit of 9 tokens leaves no room for it") for n in range(8))
    report = Report(ChangeSummary(None, None, 1, 1), model=ModelUse("m", questions=8, not_judged=8, left_out=left_out))
    short, whole = (" ".join(format_named("text").render(report, Page(verbose=verbose)).split()) for verbose in (False, True))
    assert "not asked: 8 questions, the limit of 9 tokens leaves no room for it: app0.py:4 shared-state, app1.py:4" in short
    assert "and 3 more (-v names them)" in short
    assert "app7.py:4 shared-state" in whole
    assert "left open" not in short + whole
    assert len(json.loads(format_named("json").render(report, Page()))["model"]["left_out"]) == 8


@pytest.mark.parametrize("name", ["text", "json", "github", "sarif", "counts"])
@pytest.mark.parametrize("cost", [0.00123, None])
def test_every_report_says_what_it_took(name: str, cost: float | None) -> None:
    """Dollars, tokens, the cached ones among them, and the questions that had been answered before."""
    use = ModelUse("some-model", 2, 0, 5_000, 3_000, 140, cost, 3, remembered=1)
    told = format_named(name).render(Report(ChangeSummary(None, None, 1, 1), model=use), Page())
    if name == "json":
        assert json.loads(told)["model"]["cost"] == cost
        assert json.loads(told)["model"]["cached_questions"] == 1
        return
    if name == "sarif":
        assert json.loads(told)["runs"][0]["properties"]["model"]["cached_input_tokens"] == 3_000
    assert "5,000 tokens in (3,000 cached), 140 out" in " ".join(told.split())
    assert ("$0.0012" if cost else "price unknown") in told
    assert "1 answered before" in " ".join(told.split())

"""What was answered once is repeated, question by question, and says which questions it does not answer any more; answers of others count alike."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from model_help import Scripted, answers, asked_ids, entry, everywhere, judged, observations, signal

from guard.errors import UsageError
from guard.finding import Check, Confidence
from guard.model import prompt as prompts
from guard.model.export import Exporter
from guard.model.inquiry import Asking
from guard.model.record import Recorder, Replayer
from guard.model.setup import judge_for
from guard.pipeline.questions import Judged

LIKELY, POSSIBLE = signal(rule="a-likely"), signal(Confidence.POSSIBLE, rule="b-possible", line=18, check=Check.SESSION_STORE)
SEEN = observations(LIKELY, POSSIBLE)


def _failures(outcome: Judged) -> list[str]:
    return [failure.error for failure in outcome.failures]


def _recorded(path: Path, answer: str = "fine") -> str:
    judged(SEEN, Recorder(Scripted([everywhere(answer)]), str(path)), model="m")
    return str(path)


def test_a_record_says_what_was_asked_one_by_one_and_how_long_it_took(tmp_path: Path) -> None:
    """With the whole request, the reply and what it used."""
    exchange = json.loads(Path(_recorded(tmp_path / "x")).read_text())
    assert exchange["version"] == 2
    assert len(exchange["questions"]) == len({asked["key"] for asked in exchange["questions"]}) == 2
    assert exchange["seconds"] >= 0
    assert exchange["reply"]["usage"]["input_tokens"] == 100
    assert [message["role"] for message in exchange["messages"]] == ["system", "user"]


def test_answers_are_found_however_the_questions_are_grouped(tmp_path: Path) -> None:
    """Recorded together, each of them answers its question alone."""
    path = _recorded(tmp_path / "x")
    outcome = judged(observations(LIKELY), Replayer(path), model="m")
    assert (_failures(outcome), outcome.standing) == ([], ())


def test_only_the_question_whose_code_changed_is_stale_and_it_is_named(tmp_path: Path) -> None:
    """The other one keeps its answer."""
    path = _recorded(tmp_path / "x")
    changed = observations(LIKELY, signal(Confidence.POSSIBLE, rule="b-possible", line=22))
    request = Scripted([everywhere("fine")])
    judged(changed, request, model="m")
    stale = asked_ids(request.requests[0])[1]
    outcome = judged(changed, Replayer(path), model="m")
    told = (
        f"1 question not judged: --replay {path}: no recorded answer for what is asked of m: the question has changed: {stale}"
    )
    assert _failures(outcome) == [f"{told}; record it again with --record"]
    assert outcome.standing == ()  # the likely one is answered: fine


def test_another_prompt_or_model_makes_all_of_them_stale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the reason is told."""
    path = _recorded(tmp_path / "x")
    (other,) = _failures(judged(SEEN, Replayer(path), model="n"))
    assert "the model is another: q-" in other
    assert other.startswith("2 questions not judged")
    monkeypatch.setattr(prompts, "SCHEMA", "{}")
    (changed,) = _failures(judged(SEEN, Replayer(path), model="m"))
    assert "the prompt has changed: q-" in changed


def test_stale_questions_do_not_end_the_asking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A record is no server that has died: after many misses the rest is still looked up."""
    monkeypatch.setattr(prompts, "_MOST_QUESTIONS", 1)
    signals = [signal(rule=f"r{number}") for number in range(6)]
    path = tmp_path / "x"
    judged(observations(signals[-1]), Recorder(Scripted([everywhere("fine")]), str(path)), model="m")
    outcome = judged(observations(*signals), Replayer(str(path)), model="m")
    assert len(outcome.standing) == 5


def _export(path: Path, known: Replayer | None = None) -> list[dict[str, Any]]:
    judged(SEEN, Exporter(str(path), known), model="m")
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_exported_questions_are_the_text_that_a_model_would_see(tmp_path: Path) -> None:
    """The prompt once, then a line for each question; nothing is reported as broken."""
    asked = Scripted([everywhere("fine")])
    judged(observations(LIKELY), asked, model="m")
    prompt, first, second = _export(tmp_path / "q")
    system, user = asked.requests[0].messages
    assert (prompt["kind"], prompt["text"]) == ("prompt", system.content)
    assert (first["kind"], first["prompt"], first["text"]) == ("question", prompt["key"], user.content)
    assert first["id"] != second["id"]
    outcome = judged(SEEN, Exporter(str(tmp_path / "q")), model="m")
    assert (outcome.failures, len(outcome.standing)) == ((), 1)


def _answer(question: dict[str, Any], **more: object) -> str:
    quote = 'jobs[job] = "queued"'
    given = {"id": question["id"], "key": question["key"], "answer": "violation", "quote": quote, "reason": "Lost.", **more}
    return json.dumps(given) + "\n"


def test_answers_of_others_are_held_to_the_same_rules(tmp_path: Path) -> None:
    """A true quote proves a possible signal; a quote that was not sent settles nothing."""
    _, likely, possible = _export(tmp_path / "q")
    path = tmp_path / "a"
    path.write_text(_answer(likely, answer="fine", quote="something else") + _answer(possible, who_notices="every user"))
    outcome = judged(SEEN, Replayer(str(path)), model="m")
    assert [(standing[0].rule, standing[1].value) for standing in outcome.standing] == [
        ("a-likely", "heuristic"),
        ("b-possible", "model"),
    ]
    assert "its quote is not in the code" in _failures(outcome)[0]


def test_an_answer_to_another_text_is_stale_unless_it_has_no_key(tmp_path: Path) -> None:
    """Whoever leaves the key out answers whatever is asked under the id."""
    _, likely, _ = _export(tmp_path / "q")
    path = tmp_path / "a"
    path.write_text(_answer({**likely, "key": "0" * 64}, answer="fine"))
    assert "the question has changed" in _failures(judged(observations(LIKELY), Replayer(str(path)), model="m"))[0]
    path.write_text(_answer(likely, key=None, answer="fine"))
    assert judged(observations(LIKELY), Replayer(str(path)), model="m").standing == ()


def test_what_is_answered_is_not_exported_again(tmp_path: Path) -> None:
    """So that a second round asks only what is left."""
    prompt, first, second = _export(tmp_path / "q")
    path = tmp_path / "a"
    path.write_text(_answer(first, answer="fine"))
    assert _export(tmp_path / "again", Replayer(str(path))) == [prompt, second]


def test_a_whole_reply_answers_what_is_asked_in_another_form(tmp_path: Path) -> None:
    """It is passed on as it is."""
    _, first, _ = _export(tmp_path / "q")
    path = tmp_path / "a"
    reply = {"answers": [entry(first["id"], "fine")]}
    path.write_text(json.dumps({"id": first["id"], "reply": reply}) + "\n")
    asked = Scripted([everywhere("fine")])
    judged(observations(LIKELY), asked, model="m")
    assert json.loads(Replayer(str(path)).ask(asked.requests[0]).text) == reply


@pytest.mark.parametrize("line", ['{"id": ""}', '{"id": "q", "key": "x"}', '{"id": "q", "quote": 1}', '{"id": 7}'])
def test_a_broken_answer_is_refused_with_its_line(line: str, tmp_path: Path) -> None:
    """Before anything is judged."""
    path = tmp_path / "a"
    path.write_text(line + "\n")
    with pytest.raises(UsageError, match=f"--replay {path}: line 1 is no answer"):
        Replayer(str(path))


def test_where_questions_can_not_be_written(tmp_path: Path) -> None:
    """Said before anything is read; and there is nothing to record where nobody is asked."""
    with pytest.raises(UsageError, match="--export-questions"):
        Exporter(str(tmp_path / "no" / "file"))
    with pytest.raises(UsageError, match="nothing to record"):
        judge_for(Asking(export=str(tmp_path / "q"), record=str(tmp_path / "x")), {})
    _, name = judge_for(Asking(export=str(tmp_path / "q"), replay=_recorded(tmp_path / "x")), {})
    assert name == "m"


def test_the_last_of_several_answers_counts(tmp_path: Path) -> None:
    """As in a file to which somebody has appended."""
    _, likely, _ = _export(tmp_path / "q")
    path = tmp_path / "a"
    path.write_text(_answer(likely, answer="violation") + _answer(likely, answer="fine"))
    assert judged(observations(LIKELY), Replayer(str(path)), model="m").standing == ()


def test_a_repaired_answer_is_the_one_that_is_repeated(tmp_path: Path) -> None:
    """Also where the requests are others."""
    path = tmp_path / "x"
    script = Scripted([answers(), everywhere("fine")])
    judged(SEEN, Recorder(script, str(path)), model="m")
    assert judged(observations(LIKELY), Replayer(str(path)), model="m").standing == ()

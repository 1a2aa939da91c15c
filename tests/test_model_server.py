"""An OpenAI-compatible server as a judge: a real one on this machine, that behaves as servers do when they do not please."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from model_help import Scripted, answers, asked_ids, entry, everywhere, judged, observations, signal
from model_wire import KEY, Answering, as_request, completion, failure

from guard.errors import ModelError
from guard.finding import Check, Confidence
from guard.model.answer import SCHEMA
from guard.model.inquiry import Asking
from guard.model.judge import Finish, HopelessError, Judge, Message, Reply, Request, TooLongError, TransientError
from guard.model.patience import Patient
from guard.model.server.judge import ServerJudge, server_judge
from guard.model.server.refusal import wait_in
from guard.model.setup import judge_for

REQUEST = Request("some-model", (Message("system", "Answer in JSON."), Message("user", "Well?")), SCHEMA)


def _judge(server: Answering, longest: float = 10.0) -> ServerJudge:
    return server_judge(KEY, server.address, longest=longest)


# -- what goes out and comes back ---------------------------------------------------------------------------------------


def test_a_request_goes_out_as_it_is(server: Answering) -> None:
    """Model, messages, the strict schema, the key in its header, and nothing that servers differ about."""
    server.says(200, completion("{}"))
    reply = _judge(server).ask(REQUEST)
    (sent,) = server.seen
    assert sent == {
        "path": "/v1/chat/completions",
        "model": "some-model",
        "messages": [{"role": "system", "content": "Answer in JSON."}, {"role": "user", "content": "Well?"}],
        "max_tokens": 4_000,
        "temperature": 0,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "answers", "strict": True, "schema": json.loads(SCHEMA)},
        },
    }
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"
    assert (reply.text, reply.finish, reply.repeated) == ("{}", Finish.COMPLETE, False)
    assert (reply.usage.input_tokens, reply.usage.cached_input_tokens, reply.usage.output_tokens) == (9_000, 40, 7)


def test_the_schema_is_one_that_strict_servers_take() -> None:
    """Every object closed, every property required, and the reason asked for before the answer."""
    schema = json.loads(SCHEMA)
    item = schema["properties"]["answers"]["items"]
    for level in (schema, item):
        assert level["additionalProperties"] is False
        assert level["required"] == list(level["properties"])
    assert list(item["properties"]) == ["id", "quote", "reason", "who_notices", "answer"]


@pytest.mark.parametrize(
    ("body", "finish", "text"),
    [
        (completion("{", "length"), Finish.CUT_OFF, "{"),
        (completion(None, refusal="No."), Finish.REFUSED, "No."),
        (completion("", "content_filter"), Finish.FILTERED, ""),
        ({"choices": [{"message": {"content": "x"}}]}, Finish.COMPLETE, "x"),
        ({"choices": [{"message": {"content": [{"type": "thinking"}, {"type": "text", "text": "x"}]}}]}, Finish.COMPLETE, "x"),
        ({"choices": [{"message": {"content": "x"}, "finish_reason": None}], "usage": None}, Finish.COMPLETE, "x"),
    ],
    ids=["cut off", "refusal", "filtered", "no usage", "pieces", "nulls"],
)
def test_a_reply_says_how_it_ended(server: Answering, body: object, finish: Finish, text: str) -> None:
    """And what a server leaves out is not missed."""
    server.says(200, body)
    reply = _judge(server).ask(REQUEST)
    assert (reply.finish, reply.text) == (finish, text)


@pytest.mark.parametrize("body", [b"<html>welcome</html>", b"", b"[]", {"choices": []}, {"choices": None}, {"error": "odd"}])
def test_what_is_no_completion_is_a_clear_error(server: Answering, body: object) -> None:
    """Mostly a wrong address: that is what the sentence says."""
    server.says(200, body)
    with pytest.raises(ModelError, match="is OPENAI_BASE_URL right") as refused:
        _judge(server).ask(REQUEST)
    assert "\n" not in str(refused.value)


# -- the ladder ---------------------------------------------------------------------------------------------------------

REFUSALS = [
    (400, failure("Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.")),
    (422, {"detail": [{"loc": ["body", "response_format", "type"], "msg": "unexpected value"}]}),
    (500, failure("[{'type': 'literal_error', 'loc': ('body', 'response_format', 'type')}]")),
]


@pytest.mark.parametrize(("status", "body"), REFUSALS, ids=["400", "422", "500"])
def test_a_server_without_schemas_is_asked_for_json_and_then_for_text(server: Answering, status: int, body: object) -> None:
    """Step by step, and the step is remembered."""
    for _ in range(3):
        server.says(status, body)
    server.says(200, completion("{}"))
    judge = _judge(server)
    judge.ask(REQUEST)
    judge.ask(REQUEST)
    asked = [sorted(sent.get("response_format", {}).items()) for sent in server.seen]
    assert [[name for name, _ in form] for form in asked] == [["json_schema", "type"], ["schema", "type"], ["type"], [], []]
    assert dict(asked[1])["schema"] == json.loads(SCHEMA)


def test_no_other_refusal_moves_down_the_ladder(server: Answering) -> None:
    """A busy server would otherwise lose its schema for good."""
    server.says(429, failure("rate limit"))
    server.says(503, failure("overloaded"))
    server.says(400, failure("context length exceeded"))
    server.says(200, completion("{}"))
    judge = _judge(server)
    for _ in range(3):
        with pytest.raises(ModelError):
            judge.ask(REQUEST)
    judge.ask(REQUEST)
    assert {sent["response_format"]["type"] for sent in server.seen} == {"json_schema"}


def test_a_server_that_refuses_every_form_is_an_error(server: Answering) -> None:
    """The ladder ends."""
    server.says(*REFUSALS[0])
    with pytest.raises(ModelError, match="status 400"):
        _judge(server).ask(REQUEST)
    assert len(server.seen) == 4


# -- failures -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "body", "kind", "sentence"),
    [
        (401, failure(f"Incorrect API key provided: {KEY}. sk-proj-abc***xyz"), HopelessError, "refuses the key"),
        (403, failure("forbidden"), HopelessError, "refuses the key"),
        (404, failure("The model 'gpt-5-mini' does not exist"), HopelessError, "no such model or address"),
        (400, failure("bad parameter"), ModelError, "status 400: bad parameter"),
        (
            400,
            failure("This model's maximum context length is 4096 tokens"),
            TooLongError,
            "do not fit the model (status 400): This",
        ),
        (413, failure("big", code="context_length_exceeded"), TooLongError, "do not fit the model (status 413): big"),
        (429, failure("slow down"), TransientError, "status 429: slow down"),
        (429, failure("no money", code="insufficient_quota"), HopelessError, "status 429: no money"),
        (500, failure("boom\nTraceback …\x1b[31m"), TransientError, "status 500: boom Traceback …"),
        (502, b"<html>\n<h1>Bad Gateway</h1>", TransientError, "status 502"),
        (418, b"", ModelError, "status 418"),
    ],
)
def test_a_failure_is_one_clear_line(
    server: Answering, status: int, body: object, kind: type[ModelError], sentence: str
) -> None:
    """With the server's words and the request's number, and never the key. What may pass is told from what will not."""
    server.says(status, body, x_request_id="req_42")
    with pytest.raises(ModelError) as refused:
        _judge(server).ask(REQUEST)
    text = str(refused.value)
    assert type(refused.value) is kind
    assert sentence in text
    assert "(request req_42)" in text
    assert text.isprintable()
    assert KEY not in text
    assert "sk-proj" not in text


def test_the_wait_that_a_server_asks_for_is_kept(server: Answering) -> None:
    """In seconds or as a date; what is neither is no wish."""
    server.says(429, failure("slow down"), retry_after="2.5")
    server.says(429, failure("slow down"), retry_after="Wed, 25 Nov 2020 07:28:00 GMT")
    server.says(429, failure("slow down"), retry_after="soon")
    server.says(429, failure("slow down"), retry_after_ms="1500", retry_after="2")
    waits = []
    for _ in range(4):
        with pytest.raises(TransientError) as refused:
            _judge(server).ask(REQUEST)
        waits.append(refused.value.after)
    assert waits == [2.5, 0.0, None, 1.5]
    now = datetime(2026, 11, 25, 7, 27, 30, tzinfo=UTC).timestamp()
    assert wait_in({"retry-after": "Wed, 25 Nov 2026 07:28:00 GMT"}, now) == 30.0


def test_a_passing_failure_is_asked_again_once_by_us_and_not_by_the_client(server: Answering) -> None:
    """Three requests, not nine."""
    server.says(503, failure("overloaded"))
    with pytest.raises(TransientError, match="overloaded"):
        Patient(_judge(server), sleep=lambda _seconds: None).ask(REQUEST)
    assert len(server.seen) == 3


def test_nobody_there_and_nobody_answering() -> None:
    """A closed port and a silent server are told in one line each."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        closed = server_judge(KEY, f"http://127.0.0.1:{taken.getsockname()[1]}/v1", longest=5)
        with pytest.raises(TransientError, match="can not be reached"):
            closed.ask(REQUEST)
        taken.listen()
        silent = server_judge(KEY, f"http://127.0.0.1:{taken.getsockname()[1]}/v1", longest=0.3)
        with pytest.raises(TransientError, match="did not answer in time"):
            silent.ask(REQUEST)


# -- the whole stage over the wire --------------------------------------------------------------------------------------

SEEN = observations(
    signal(rule="a-likely"),
    signal(Confidence.POSSIBLE, "b-possible", check=Check.SESSION_STORE),
    signal(Confidence.CERTAIN, "c-certain"),
)


def _from_environment(server: Answering) -> Judge:
    judge, name = judge_for(Asking("gpt-5-mini"), {"OPENAI_BASE_URL": server.address, "OPENAI_API_KEY": KEY})
    assert name == "gpt-5-mini"
    return judge


def test_a_review_over_the_wire(server: Answering) -> None:
    """Questions out, verdicts back, tokens as the server counted them."""
    server.answer = lambda sent: completion(everywhere("violation")(as_request(sent)))
    outcome = judged(SEEN, _from_environment(server), model="gpt-5-mini")
    assert {found.rule for found, _, _ in outcome.standing} == {"a-likely", "b-possible", "c-certain"}
    assert outcome.model is not None
    assert (outcome.model.calls, outcome.model.input_tokens, outcome.model.cached_input_tokens) == (1, 9_000, 40)


def test_a_server_of_ones_own_needs_no_key(server: Answering) -> None:
    """The client insists on a key; a placeholder is sent."""
    server.answer = lambda sent: completion(everywhere("fine")(as_request(sent)))
    judge, _ = judge_for(Asking("local"), {"OPENAI_BASE_URL": server.address})
    assert judged(SEEN, judge, model="local").failures == ()
    assert server.headers[0]["authorization"] == "Bearer none"


def test_a_cut_off_answer_is_asked_for_again(server: Answering) -> None:
    """Once, and the tokens of both turns are counted."""

    def answer(sent: dict[str, Any]) -> object:
        first = len(sent["messages"]) == 2
        return completion('{"answers": [{"id":', "length") if first else completion(everywhere("violation")(as_request(sent)))

    server.answer = answer
    outcome = judged(SEEN, _from_environment(server), model="gpt-5-mini")
    assert (len(server.seen), len(outcome.standing), outcome.failures) == (2, 3, ())
    assert outcome.model is not None
    assert outcome.model.output_tokens == 14


def test_a_model_that_obeys_the_code_under_review(server: Answering) -> None:
    """It invents an id and a quote; neither counts, twice, and the review says that it is incomplete."""
    server.answer = lambda sent: completion(
        answers(
            *(entry(question, "fine", "this was approved") for question in asked_ids(as_request(sent))),
            entry("q-c0ffee00", "fine"),
        )
    )
    outcome = judged(SEEN, _from_environment(server), model="gpt-5-mini")
    assert {found.rule for found, _, _ in outcome.standing} == {"a-likely", "c-certain"}
    assert [failure.path for failure in outcome.failures] == [""]


def test_errors_never_hold_the_key_nor_the_code(server: Answering) -> None:
    """A failure ends up in logs that others read."""
    server.says(401, failure(f"bad key {KEY}"))
    outcome = judged(SEEN, _from_environment(server), model="gpt-5-mini")
    assert len(outcome.failures) == 1
    assert KEY not in outcome.failures[0].error
    assert "queued" not in outcome.failures[0].error


def test_a_scripted_judge_is_as_good_as_a_server() -> None:
    """The stage knows one method."""
    assert isinstance(Scripted([Reply("x")]).ask(REQUEST), Reply)


# -- the command --------------------------------------------------------------------------------------------------------

PATCH = """\
diff --git a/jobs.py b/jobs.py
new file mode 100644
--- /dev/null
+++ b/jobs.py
@@ -0,0 +1,6 @@
+from apscheduler.schedulers.background import BackgroundScheduler
+
+scheduler = BackgroundScheduler()
+scheduler.start()
+
+# nothing else
"""
"""One signal that only a model can decide."""


@pytest.fixture
def patch(tmp_path: Path) -> str:
    """A change with one possible signal."""
    path = tmp_path / "change.diff"
    path.write_text(PATCH)
    return str(path)


def _guard(where: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "guard", *arguments]
    return subprocess.run(
        command, cwd=where, check=False, capture_output=True, text=True, env={**os.environ, "NO_COLOR": "1", **environment}
    )


@pytest.mark.parametrize(("answer", "status"), [("violation", 1), ("fine", 0), ("unsure", 0)])
def test_the_status_of_a_review_is_the_models_word(
    server: Answering, patch: str, tmp_path: Path, answer: str, status: int
) -> None:
    """For what only a model can decide; and `guard prompt` had printed exactly what it was sent."""
    server.answer = lambda sent: completion(everywhere(answer, "scheduler = BackgroundScheduler()")(as_request(sent)))
    options = ("--patch", patch, "--model", "gpt-5-mini")
    shown = json.loads(_guard(tmp_path, "prompt", *options, "--format", "json").stdout)
    done = _guard(tmp_path, "review", *options, OPENAI_BASE_URL=server.address, OPENAI_API_KEY=KEY)
    assert done.returncode == status, done.stdout + done.stderr
    assert shown["calls"][0]["messages"] == server.seen[0]["messages"]
    assert KEY not in done.stdout + done.stderr


def test_a_model_that_can_not_be_asked_makes_a_review_incomplete(server: Answering, patch: str, tmp_path: Path) -> None:
    """Status 3, and the report says why; without a key or a server it is wrong usage, before anything is read."""
    server.says(401, failure("bad key"))
    done = _guard(tmp_path, "review", "--patch", patch, "--model", "m", OPENAI_BASE_URL=server.address, OPENAI_API_KEY=KEY)
    assert done.returncode == 3
    assert "refuses the key" in " ".join(done.stdout.split())
    done = _guard(tmp_path, "review", "--patch", patch, "--model", "m")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert "OPENAI_API_KEY" in done.stderr


@pytest.mark.parametrize("options", [["--no-model"], ["--model", "m"]], ids=["no model", "nothing to ask"])
def test_who_asks_nothing_loads_no_client(tmp_path: Path, options: list[str]) -> None:
    """Neither the client nor the counter, and no file of answers is made."""
    (tmp_path / "c.diff").write_text(
        "diff --git a/s.yaml b/s.yaml\nnew file mode 100644\n--- /dev/null\n+++ b/s.yaml\n@@ -0,0 +1,4 @@\n"
        "+apiVersion: v1\n+kind: Service\n+spec:\n+  sessionAffinity: ClientIP\n"
    )
    code = (
        "import sys\nfrom guard.cli import run\n"
        f"assert run(['review', '--patch', 'c.diff', '--format', 'json', *{options!r}]) == 1\n"
        "print([name for name in ('openai', 'tiktoken', 'httpx2', 'requests', 'jinja2', 'pydantic') if name in sys.modules])"
    )
    environment = {**os.environ, "OPENAI_API_KEY": KEY, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True, text=True, env=environment
    )
    assert done.stdout.endswith("[]\n")
    assert not (tmp_path / "cache").exists()


def test_without_a_model_nothing_is_sent_and_the_number_is_said(server: Answering, patch: str, tmp_path: Path) -> None:
    """Even where a server and a key are at hand."""
    server.says(200, completion("{}"))
    done = _guard(tmp_path, "review", "--patch", patch, "--no-model", OPENAI_BASE_URL=server.address, OPENAI_API_KEY=KEY)
    assert done.returncode == 0
    assert "1 possible problem was not judged" in " ".join(done.stdout.split())
    assert server.seen == []

"""Servers differ, and most say so only by refusing: what they refuse is left out, and what worked is remembered."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from model_help import everywhere, judged, observations, signal
from model_wire import KEY, Answering, as_request, completion, failure

from guard.errors import ModelError
from guard.finding import Check, Confidence
from guard.model.answer import SCHEMA
from guard.model.inquiry import Asking
from guard.model.judge import Finish, HopelessError, Message, Request, TooLongError, TransientError
from guard.model.server.judge import server_judge
from guard.model.server.manner import Form, Interface, Manner, first_manner, manner_from, mended
from guard.model.server.wire import body_of, reply_of
from guard.model.setup import inquiry_for
from guard.model.verdicts import Verdicts

REQUEST = Request("some-model", (Message("system", "Answer in JSON."), Message("user", "Well?")), SCHEMA)
SEEN = observations(signal(rule="a-likely"), signal(Confidence.POSSIBLE, "b-possible", check=Check.SESSION_STORE))
OPENAI, LOCAL = "https://api.openai.com/v1", "http://127.0.0.1:1/v1"

Handler = Callable[[dict[str, Any]], tuple[int, object]]


def _answering(server: Answering, handler: Handler) -> None:
    """Let a function answer, refusals included."""
    server.reply = handler


# -- the first guess ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "model", "sent", "not_sent"),
    [
        ("", "gpt-4.1-mini", {"instructions", "text", "temperature", "max_output_tokens", "prompt_cache_key"}, {"reasoning"}),
        (OPENAI, "gpt-6-luna", {"reasoning", "text", "max_output_tokens", "store"}, {"temperature"}),
        (OPENAI, "o4-mini", {"reasoning"}, {"temperature"}),
        (OPENAI, "gpt-5-chat-latest", {"temperature"}, {"reasoning"}),
        (LOCAL, "llama3.2", {"messages", "max_tokens", "temperature", "response_format"}, {"prompt_cache_key", "store"}),
        (LOCAL, "openai/gpt-5-mini", {"messages", "max_completion_tokens"}, {"temperature", "reasoning_effort"}),
        (
            "https://r.openai.azure.com/openai/v1/",
            "gpt-5-mini",
            {"messages", "max_completion_tokens", "reasoning_effort"},
            {"temperature"},
        ),
    ],
)
def test_the_first_request_is_what_is_known_of_the_server(address: str, model: str, sent: set[str], not_sent: set[str]) -> None:
    """By its address and the model's name: nothing that others refuse, and no temperature for a model that thinks."""
    body = body_of(replace(REQUEST, model=model), first_manner(address, model))
    assert sent <= body.keys()
    assert not not_sent & body.keys()


# -- refusals -----------------------------------------------------------------------------------------------------------

CHAT = Manner(Interface.CHAT)
FULL = Manner(Interface.RESPONSES, limit="max_completion_tokens", effort=True, cache_key=True)
REFUSALS = [
    (CHAT, 400, "temperature", "Unsupported value: 'temperature' does not support 0 with this model.", {"temperature": False}),
    (CHAT, 400, "", "Unsupported parameter: 'temperature' is not supported with this model.", {"temperature": False}),
    (
        CHAT,
        400,
        "max_tokens",
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
        {"limit": "max_completion_tokens"},
    ),
    (
        replace(CHAT, limit="max_completion_tokens"),
        422,
        "",
        "Extra inputs are not permitted: max_completion_tokens",
        {"limit": ""},
    ),
    (FULL, 400, "reasoning.effort", "Unsupported parameter: 'reasoning.effort'", {"effort": False}),
    (FULL, 400, "", "Unknown parameter: prompt_cache_key", {"cache_key": False}),
    (CHAT, 400, "response_format", "Invalid parameter", {"form": Form.GUIDED}),
    (CHAT, 404, "", "No endpoints found that support structured outputs: response_format", {"form": Form.GUIDED}),
    (CHAT, 422, "", '[{"loc": ["body", "response_format", "type"]}]', {"form": Form.GUIDED}),
    (CHAT, 500, "", "1 validation error: ('body', 'response_format', 'type')", {"form": Form.GUIDED}),
    (replace(CHAT, form=Form.GUIDED), 400, "", "unknown field schema", {"form": Form.OBJECT}),
    (replace(CHAT, form=Form.OBJECT), 400, "", "json_object is not supported", {"form": Form.PLAIN}),
    (FULL, 400, "text.format", "text.format of type json_schema", {"form": Form.OBJECT}),
    (FULL, 404, "", "404 page not found", {"interface": Interface.CHAT}),
    (
        CHAT,
        404,
        "",
        "This model is only supported in v1/responses and not in v1/chat/completions.",
        {"interface": Interface.RESPONSES},
    ),
]


@pytest.mark.parametrize(("manner", "status", "named", "told", "change"), REFUSALS)
def test_what_a_refusal_names_is_left_out(manner: Manner, status: int, named: str, told: str, change: dict[str, Any]) -> None:
    """And nothing else is."""
    assert mended(manner, status, named, told) == replace(manner, **change)


@pytest.mark.parametrize("status", [401, 403, 408, 409, 429, 502, 503, 504])
def test_other_failures_teach_nothing(status: int) -> None:
    """A busy server that happens to name a schema would otherwise lose it for good."""
    assert mended(CHAT, status, "response_format", "schema temperature max_tokens") is None


@pytest.mark.parametrize("told", ["The model 'x' does not exist", "bad parameter", "", "boom"])
def test_a_refusal_that_names_nothing_teaches_nothing(told: str) -> None:
    """It is told as it is."""
    assert mended(CHAT, 400, "", told) is None
    assert mended(FULL, 404, "", "The model `gpt-9` does not exist or you do not have access to it.") is None


@given(
    st.sampled_from([CHAT, FULL]),
    st.lists(st.tuples(st.sampled_from([400, 404, 422, 500]), st.text() | st.sampled_from([r[3] for r in REFUSALS]))),
)
def test_learning_ends(manner: Manner, refusals: list[tuple[int, str]]) -> None:
    """Whatever a server refuses, within a form of asking every step leaves something out."""
    for status, told in refusals:
        better = mended(manner, status, "", told)
        if better is None:
            continue
        assert better != manner
        assert body_of(REQUEST, better)["model"] == "some-model"
        assert manner_from(better.text) == better
        manner = better


def test_a_server_that_refuses_everything_is_asked_a_few_times_only(server: Answering) -> None:
    """A server that always has another objection does not keep a review."""
    _answering(server, lambda sent: (400, failure("use v1/responses" if "messages" in sent else "use v1/chat/completions")))
    with pytest.raises(ModelError, match="refuses every form"):
        server_judge(KEY, server.address).ask(REQUEST)
    assert len(server.seen) == 10


# -- whole servers ------------------------------------------------------------------------------------------------------


def _llama_cpp(sent: dict[str, Any]) -> tuple[int, object]:
    """llama-cpp-python's server: the JSON object may carry a schema, everything else about the form is a status 500."""
    form = sent.get("response_format", {"type": "text"})
    if form["type"] not in ("text", "json_object"):
        told = "[{'type': 'literal_error', 'loc': ('body', 'response_format', 'type'), 'msg': \"Input should be 'text' or 'json_object'\"}]"
        return 500, failure(told, type="internal_server_error", param=None, code=None)
    assert form["schema"] == json.loads(SCHEMA)
    return 200, completion(everywhere("violation")(as_request(sent)))


def _openai(sent: dict[str, Any]) -> tuple[int, object]:
    """OpenAI's Responses with a model that thinks."""
    if sent["path"] != "/v1/responses":
        return 404, failure("This model is only supported in v1/responses and not in v1/chat/completions.")
    for refused in {"temperature", "max_tokens", "response_format"} & sent.keys():
        return 400, failure(f"Unsupported parameter: '{refused}' is not supported with this model.", param=refused)
    text = everywhere("violation")(as_request(sent))
    return 200, {
        "status": "completed",
        "output": [
            {"type": "reasoning", "summary": []},
            {"type": "message", "content": [{"type": "output_text", "text": text}]},
        ],
        "usage": {
            "input_tokens": 9_000,
            "input_tokens_details": {"cached_tokens": 2_000, "cache_write_tokens": 500},
            "output_tokens": 70,
            "output_tokens_details": {"reasoning_tokens": 40},
        },
    }


def _plain(sent: dict[str, Any]) -> tuple[int, object]:
    """A server that knows nothing of formats and limits, whose model wraps its answer in prose."""
    for refused in {"response_format", "max_tokens", "max_completion_tokens", "temperature"} & sent.keys():
        return 422, {"detail": [{"loc": ["body", refused], "msg": "Extra inputs are not permitted", "type": "extra_forbidden"}]}
    return 200, completion(f"Sure!\n```json\n{everywhere('violation')(as_request(sent))}\n```")


@pytest.mark.parametrize("behaviour", [_llama_cpp, _openai, _plain], ids=["llama.cpp", "Responses", "nothing special"])
def test_a_review_works_with_whatever_server_there_is(server: Answering, tmp_path: Path, behaviour: Handler) -> None:
    """It learns the server's manner with the first question, and the next process begins with it."""
    _answering(server, behaviour)
    environment = {"OPENAI_BASE_URL": server.address, "OPENAI_API_KEY": KEY}
    inquiry = inquiry_for(Asking("some-model", cache=str(tmp_path / "one")), environment)
    outcome = judged(SEEN, inquiry.judge, model="some-model")
    assert {found.rule for found, _, _ in outcome.standing} == {"a-likely", "b-possible"}
    assert outcome.failures == ()
    assert len(server.seen) > 1
    server.seen.clear()
    assert inquiry.verdicts is not None
    inquiry.verdicts.close()
    again = inquiry_for(Asking("some-model", cache=str(tmp_path / "one")), environment)
    assert judged(SEEN, again.judge, model="some-model").failures == ()
    assert len(server.seen) == 1


def test_a_kept_manner_is_advice_only(server: Answering, tmp_path: Path) -> None:
    """A server that has become stricter, or a manner that nobody understands, costs a request."""
    verdicts = Verdicts(str(tmp_path))
    verdicts.learn(server.address, "some-model", Manner(Interface.RESPONSES, effort=True))
    _answering(server, lambda sent: (404, b"not found") if sent["path"].endswith("responses") else _plain(sent))
    assert server_judge(KEY, server.address, manners=verdicts).ask(REQUEST).finish is Finish.COMPLETE
    assert verdicts.known(server.address, "some-model") == Manner(
        Interface.CHAT, Form.PLAIN, limit="", temperature=False, effort=True
    )
    assert KEY not in (tmp_path / "verdicts.sqlite").read_bytes().decode("latin-1")
    assert server.address.encode() not in (tmp_path / "verdicts.sqlite").read_bytes()
    for broken in ("", "{", "[]", '{"interface": "telepathy"}', '{"interface": "chat", "form": "json_schema", "mood": 1}'):
        assert manner_from(broken) is None


def test_azure_is_asked_by_deployment_version_and_its_own_header(server: Answering) -> None:
    """https://learn.microsoft.com/en-us/azure/ai-services/openai/reference#chat-completions."""
    _answering(server, lambda sent: (200, completion(everywhere("fine")(as_request(sent)))))
    environment = {"AZURE_OPENAI_ENDPOINT": server.address.removesuffix("/v1"), "AZURE_OPENAI_API_KEY": "secret-of-azure"}
    inquiry = inquiry_for(Asking("my-deployment"), environment)
    assert judged(SEEN, inquiry.judge, model="my-deployment").failures == ()
    assert server.seen[0]["path"] == "/openai/deployments/my-deployment/chat/completions?api-version=2024-10-21"
    assert server.headers[0]["api-key"] == "secret-of-azure"
    assert "authorization" not in server.headers[0]


def test_a_prompt_that_was_cut_silently_is_not_answered(server: Answering) -> None:
    """Ollama drops what does not fit its context; its own count says so. The mend is named, and the tokens are counted."""

    def ollama(sent: dict[str, Any]) -> tuple[int, object]:
        body = completion(everywhere("fine")(as_request(sent)))
        body["usage"] = {"prompt_tokens": 1_024, "completion_tokens": 9}
        return 200, body

    _answering(server, ollama)
    inquiry = inquiry_for(Asking("llama3.2"), {"OPENAI_BASE_URL": server.address})
    outcome = judged(SEEN, inquiry.judge, model="llama3.2")
    assert {found.rule for found, _, _ in outcome.standing} == {"a-likely"}
    (told,) = outcome.failures
    assert told.error.startswith("2 questions not judged: the model server read only 1,024 tokens")
    assert "num_ctx" in told.error
    assert outcome.model is not None
    assert (outcome.model.not_judged, outcome.model.calls, outcome.model.input_tokens) == (2, 3, 3 * 1_024)


@pytest.mark.parametrize("usage", [None, {}, {"prompt_tokens": 0}, {"prompt_tokens": 20_000}])
def test_a_server_that_does_not_count_is_believed(server: Answering, usage: object) -> None:
    """What is not said proves nothing."""
    _answering(server, lambda _: (200, {**completion("{}"), "usage": usage}))
    assert server_judge(KEY, server.address).ask(replace(REQUEST, messages=(Message("user", "word " * 9_000),))).text == "{}"


# -- replies of Responses -----------------------------------------------------------------------------------------------


def _response(**more: object) -> str:
    message = {"type": "message", "content": [{"type": "output_text", "text": "{}"}]}
    return json.dumps({"status": "completed", "output": [message], "usage": {"input_tokens": 3, "output_tokens": 2}, **more})


@pytest.mark.parametrize(
    ("body", "finish"),
    [
        (_response(), Finish.COMPLETE),
        (_response(status="incomplete", incomplete_details={"reason": "max_output_tokens"}), Finish.CUT_OFF),
        (_response(status="incomplete", incomplete_details={"reason": "content_filter"}), Finish.FILTERED),
        (_response(output=[{"type": "message", "content": [{"type": "refusal", "refusal": "No."}]}]), Finish.REFUSED),
        (_response(output=[], status="incomplete", incomplete_details=None), Finish.CUT_OFF),
    ],
)
def test_a_response_says_how_it_ended(body: str, finish: Finish) -> None:
    """https://platform.openai.com/docs/api-reference/responses/object; its tokens count whatever it says."""
    reply = reply_of(body, Interface.RESPONSES)
    assert (reply.finish, reply.usage.input_tokens) == (finish, 3)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (_response(status="failed", error={"code": "server_error", "message": "boom"}), TransientError),
        (_response(status="failed", error={"code": "invalid_prompt", "message": "no"}), ModelError),
        ('{"error": {"message": "Provider returned error", "code": 502}}', TransientError),
        ('{"error": {"message": "bad request", "code": 400}}', ModelError),
        ('{"status": "completed", "outp', TransientError),
        ("<html>", HopelessError),
        ('{"object": "list"}', HopelessError),
    ],
)
def test_a_failure_in_the_clothes_of_a_success(body: str, kind: type[ModelError]) -> None:
    """Gateways pass failures on with status 200; an answer that broke off may come whole the next time."""
    with pytest.raises(ModelError) as refused:
        reply_of(body, Interface.RESPONSES)
    assert type(refused.value) is kind


def test_a_limit_of_the_answer_is_no_prompt_that_is_too_long(server: Answering) -> None:
    """VLLM counts both against the context; without the limit the rest of it is the answer's."""
    told = "'max_tokens' or 'max_completion_tokens' is too large: 4000. This model's maximum context length is 4096 tokens."
    long = "This model's maximum context length is 4096 tokens. However, you requested 6104 tokens ({} in the messages, 4000 in the completion)."

    def vllm(sent: dict[str, Any]) -> tuple[int, object]:
        return (400, failure(told)) if {"max_tokens", "max_completion_tokens"} & sent.keys() else (200, completion("{}"))

    _answering(server, vllm)
    assert server_judge(KEY, server.address).ask(REQUEST).text == "{}"
    told = long.format(2104)
    assert server_judge(KEY, server.address).ask(REQUEST).text == "{}"
    told = long.format(5104)
    with pytest.raises(TooLongError):
        server_judge(KEY, server.address).ask(REQUEST)
    _answering(server, lambda _: (400, failure("This model's maximum context length is 4096 tokens")))
    with pytest.raises(TooLongError):
        server_judge(KEY, server.address).ask(REQUEST)

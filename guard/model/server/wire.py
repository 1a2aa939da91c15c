"""Requests and replies of the two interfaces, as they go over the wire.

Chat Completions: https://platform.openai.com/docs/api-reference/chat. Responses: https://platform.openai.com/docs/api-reference/responses.
Replies are validated here, not by a client's lenient models, so that tokens are counted whatever a model wrote.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from guard.errors import ModelError
from guard.model.judge import Finish, HopelessError, Reply, Request, TransientError, Usage
from guard.model.server.manner import Form, Interface, Manner
from guard.model.text import one_line

MOST_TOKENS, MOST_TOKENS_WITH_THOUGHTS = 4_000, 20_000
"""What an answer may take: a model that rambles is cut off. Thoughts are counted as part of an answer."""
_EFFORT = "low"
_MISTAKEN = "is OPENAI_BASE_URL right? It usually ends in /v1"


def body_of(request: Request, manner: Manner) -> dict[str, Any]:
    """What is sent, as the manner has it."""
    most = MOST_TOKENS_WITH_THOUGHTS if manner.effort or not manner.temperature else MOST_TOKENS
    body: dict[str, Any] = {"model": request.model}
    if manner.temperature:
        body["temperature"] = 0
    if manner.cache_key:
        body["prompt_cache_key"] = hashlib.sha256(request.messages[0].content.encode("utf-8", "replace")).hexdigest()[:32]
    if manner.interface is Interface.CHAT:
        return body | _chat(request, manner, most)
    return body | _responses(request, manner, most)


def _chat(request: Request, manner: Manner, most: int) -> dict[str, Any]:
    body: dict[str, Any] = {
        "messages": [{"role": message.role, "content": message.content} for message in request.messages],
        **({manner.limit: most} if manner.limit else {}),
        **({"reasoning_effort": _EFFORT} if manner.effort else {}),
    }
    if manner.form is Form.SCHEMA:
        body["response_format"] = {"type": "json_schema", "json_schema": _named(request.schema)}
    elif manner.form is not Form.PLAIN:
        guided = {"schema": json.loads(request.schema)} if manner.form is Form.GUIDED else {}
        body["response_format"] = {"type": "json_object", **guided}
    return body


def _responses(request: Request, manner: Manner, most: int) -> dict[str, Any]:
    system = [message.content for message in request.messages if message.role == "system"]
    body: dict[str, Any] = {
        "instructions": "\n\n".join(system),
        "input": [
            {"role": message.role, "content": message.content} for message in request.messages if message.role != "system"
        ],
        "store": False,  # nothing of a review is kept there
        **({"max_output_tokens": most} if manner.limit else {}),
        **({"reasoning": {"effort": _EFFORT}} if manner.effort else {}),
    }
    if manner.form is Form.SCHEMA:
        body["text"] = {"format": {"type": "json_schema", **_named(request.schema)}}
    elif manner.form is not Form.PLAIN:
        body["text"] = {"format": {"type": "json_object"}}
    return body


def _named(schema: str) -> dict[str, Any]:
    return {"name": "answers", "strict": True, "schema": json.loads(schema)}


# -- replies ------------------------------------------------------------------------------------------------------------


class _Cached(BaseModel):
    cached_tokens: int | None = None
    cache_write_tokens: int | None = None


class _Usage(BaseModel):
    """Both interfaces' words for it; details may be missing."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_tokens_details: _Cached | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    input_tokens_details: _Cached | None = None

    @property
    def tokens(self) -> Usage:
        cached = self.prompt_tokens_details or self.input_tokens_details or _Cached()
        return Usage(
            max(self.prompt_tokens or self.input_tokens or 0, 0),
            max(cached.cached_tokens or 0, 0),
            max(self.completion_tokens or self.output_tokens or 0, 0),
            max(cached.cache_write_tokens or 0, 0),
        )


class _Piece(BaseModel):
    type: str = ""
    text: str = ""
    refusal: str = ""


class _Message(BaseModel):
    content: str | list[_Piece] | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Completion(BaseModel):
    choices: list[_Choice] = Field(min_length=1)
    usage: _Usage | None = None


class _Item(BaseModel):
    type: str = ""
    content: list[_Piece] | None = None


class _Incomplete(BaseModel):
    reason: str | None = None


class _Error(BaseModel):
    message: str = ""
    code: str | int | None = None


class _Response(BaseModel):
    output: list[_Item]
    status: str = "completed"
    incomplete_details: _Incomplete | None = None
    error: _Error | None = None
    usage: _Usage | None = None


class _Failed(BaseModel):
    """A failure in the clothes of a success, as gateways pass it on."""

    error: _Error


def reply_of(body: str, interface: Interface) -> Reply:
    """A server's answer as a reply. Raises ModelError for what is none; TransientError if it may be one the next time."""
    try:
        if interface is Interface.CHAT:
            return _of_chat(_Completion.model_validate_json(body))
        return _of_responses(_Response.model_validate_json(body))
    except ValidationError:
        raise _no_reply(body) from None


def _no_reply(body: str) -> ModelError:
    try:
        error = _Failed.model_validate_json(body).error
    except ValidationError:
        error = _Error()
    if error.message:
        return _failure(error)
    told = one_line(body[:400], 120)
    if body.lstrip().startswith("{") and not _is_json(body):
        return TransientError(f"the model server's answer broke off: {told}")
    return HopelessError(f"the model server's answer is of no form that it should have; {_MISTAKEN}: {told}")


def _is_json(body: str) -> bool:
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return False
    return True


def _failure(error: _Error) -> ModelError:
    sentence = f"the model server reports a failure: {one_line(error.message, 200)}"
    passing = str(error.code) in {"429", "server_error", "rate_limit_exceeded"} or str(error.code).startswith("5")
    return TransientError(sentence) if passing else ModelError(sentence)


def _of_chat(completion: _Completion) -> Reply:
    choice = completion.choices[0]
    usage = (completion.usage or _Usage()).tokens
    if choice.message.refusal:
        return Reply(choice.message.refusal, Finish.REFUSED, usage)
    finish = {"length": Finish.CUT_OFF, "content_filter": Finish.FILTERED}.get(choice.finish_reason or "", Finish.COMPLETE)
    content = choice.message.content or ""
    return Reply(content if isinstance(content, str) else "".join(piece.text for piece in content), finish, usage)


def _of_responses(response: _Response) -> Reply:
    usage = (response.usage or _Usage()).tokens
    if response.status == "failed" and response.error is not None:
        raise _failure(response.error)
    pieces = [piece for item in response.output if item.type == "message" for piece in item.content or ()]
    refusal = next((piece.refusal for piece in pieces if piece.refusal), "")
    if refusal:
        return Reply(refusal, Finish.REFUSED, usage)
    reason = response.incomplete_details.reason if response.incomplete_details else None
    finish = Finish.FILTERED if reason == "content_filter" else Finish.CUT_OFF
    return Reply("".join(piece.text for piece in pieces), Finish.COMPLETE if response.status == "completed" else finish, usage)

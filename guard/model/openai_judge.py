"""An OpenAI-compatible server as a judge: Chat Completions, the one interface that all of them speak.

How a server is made to answer in JSON differs (https://platform.openai.com/docs/guides/structured-outputs): the strictest way
is tried first, and the next one only after a refusal that names it. The answer is validated by us either way.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field, ValidationError

from guard.errors import ModelError
from guard.model.judge import Finish, Reply, Request, TooLongError, TransientError, Usage
from guard.model.text import one_line

if TYPE_CHECKING:
    import openai

_SCHEMA, _GUIDED, _OBJECT, _PLAIN = "json_schema", "json_object with a schema", "json_object", "text"
_LADDER = (_SCHEMA, _GUIDED, _OBJECT, _PLAIN)
"""OpenAI, Azure, vLLM, Ollama take the first; llama.cpp and its kin the second; most others the third; the last is a plain request."""
_FORMAT_WORDS = re.compile(r"response_?format|json_schema|json_object|structured[ _]output|grammar", re.IGNORECASE)
_TOO_LONG = re.compile(
    r"context[ _](?:length|window|size)|maximum context|prompt is too long|too many tokens|too large", re.IGNORECASE
)
_KEYLIKE = re.compile(r"\b(?:sk|pk|key|api)[-_][\w*-]{6,}|\bBearer\s+\S+")
_MISTAKEN = "is OPENAI_BASE_URL right? It usually ends in /v1"


class _Details(BaseModel):
    cached_tokens: int | None = None


class _Usage(BaseModel):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_tokens_details: _Details | None = None


class _Piece(BaseModel):
    text: str = ""


class _Message(BaseModel):
    content: str | list[_Piece] | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Completion(BaseModel):
    choices: list[_Choice] = Field(min_length=1)
    usage: _Usage | None = None


class OpenAIJudge:
    """Asks a server. The key and the address are given, not looked up, and neither is ever part of an error's text."""

    def __init__(self, *, api_key: str, base_url: str | None = None, timeout: float = 120.0) -> None:
        import openai  # nearly a second: only who asks pays it

        self._client = openai.OpenAI(api_key=api_key, base_url=base_url, timeout=timeout, max_retries=0)
        self._api_key = api_key
        self._timeout = timeout
        self._step: dict[str, int] = {}

    def ask(self, request: Request) -> Reply:
        """The server's reply, whatever its form. Raises ModelError, TransientError if it may pass."""
        import openai

        while True:
            step = self._step.get(request.model, 0)
            try:
                return _reply(self._create(request, _LADDER[step]))
            except openai.APIStatusError as error:
                if step + 1 == len(_LADDER) or not _refuses_the_format(error):
                    raise self._failure(error) from None
                self._step[request.model] = step + 1
            except openai.APITimeoutError:
                raise TransientError(f"the model server did not answer within {self._timeout:g} seconds") from None
            except openai.APIConnectionError as error:
                raise TransientError(
                    f"the model server can not be reached: {self._clean(str(error.__cause__ or error))}"
                ) from None
            except openai.OpenAIError as error:
                raise ModelError(f"the model could not be asked: {self._clean(str(error))}") from None

    def _create(self, request: Request, mode: str) -> str:
        """The body of the server's answer, as text: it is validated here, not by the client's lenient models."""
        messages: Any = [{"role": message.role, "content": message.content} for message in request.messages]
        extra: dict[str, Any] = {} if mode == _PLAIN else {"response_format": _response_format(mode, request.schema)}
        raw = self._client.chat.completions.with_raw_response.create(model=request.model, messages=messages, **extra)
        return raw.http_response.text

    def _failure(self, error: openai.APIStatusError) -> ModelError:
        """One line for a refusal, with the server's own words and the number of the request."""
        status, told = error.status_code, self._clean(_server_text(error))
        number = f" (request {one_line(error.request_id, 80)})" if error.request_id else ""
        if status in {400, 413} and (error.code == "context_length_exceeded" or _TOO_LONG.search(told)):
            return TooLongError(f"the questions do not fit the model (status {status}): {told}{number}")
        if status in {401, 403}:
            return ModelError(f"the model server refuses the key (status {status}); check OPENAI_API_KEY: {told}{number}")
        if status == 404:
            return ModelError(f"the model server knows no such model or address (status 404); {_MISTAKEN}: {told}{number}")
        sentence = f"the model server answered with status {status}: {told}{number}"
        passing = status in {408, 409, 429} or status >= 500
        if passing and error.code != "insufficient_quota":
            return TransientError(sentence, _retry_after(error))
        return ModelError(sentence)

    def _clean(self, text: str) -> str:
        """Server's or library's words on one line, without anything that looks like a key."""
        if self._api_key:
            text = text.replace(self._api_key, "…")
        return one_line(_KEYLIKE.sub("…", text), 300)


def _response_format(mode: str, schema: str) -> dict[str, Any]:
    if mode == _OBJECT:
        return {"type": "json_object"}
    if mode == _GUIDED:
        return {"type": "json_object", "schema": json.loads(schema)}
    return {"type": "json_schema", "json_schema": {"name": "answers", "strict": True, "schema": json.loads(schema)}}


def _refuses_the_format(error: openai.APIStatusError) -> bool:
    """Whether the server does not know this form of structured output. Some say so with 422 or 500."""
    return error.status_code in {400, 422, 500, 501} and bool(_FORMAT_WORDS.search(_server_text(error)))


def _server_text(error: openai.APIStatusError) -> str:
    body = error.body
    if isinstance(body, dict):
        told = body.get("message") or body.get("detail") or body
        return told if isinstance(told, str) else json.dumps(told, default=str)
    return str(body or error.message)


def _retry_after(error: openai.APIStatusError) -> float | None:
    """The wait that the server asks for, in seconds; a date is taken for no wish."""
    for header, unit in (("retry-after-ms", 1_000), ("retry-after", 1)):
        value = error.response.headers.get(header, "")
        if value.replace(".", "", 1).isdecimal():
            return float(value) / unit
    return None


def _reply(body: str) -> Reply:
    try:
        completion = _Completion.model_validate_json(body)
    except ValidationError:
        raise ModelError(f"the model server's answer is no chat completion; {_MISTAKEN}: {one_line(body, 120)}") from None
    choice = completion.choices[0]
    usage = completion.usage or _Usage()
    details = usage.prompt_tokens_details or _Details()
    tokens = Usage(usage.prompt_tokens or 0, details.cached_tokens or 0, usage.completion_tokens or 0)
    if choice.message.refusal:
        return Reply(choice.message.refusal, Finish.REFUSED, tokens)
    finish = {"length": Finish.CUT_OFF, "content_filter": Finish.FILTERED}.get(choice.finish_reason or "", Finish.COMPLETE)
    content = choice.message.content or ""
    return Reply(content if isinstance(content, str) else "".join(piece.text for piece in content), finish, tokens)

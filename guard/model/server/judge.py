"""A server as a judge: asks in the manner that the server takes, and learns it where the server refuses."""

from __future__ import annotations

import time
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

from guard.errors import ModelError
from guard.model.judge import TOO_LATE, Reply, Request, TooLongError, TransientError
from guard.model.server.manner import Interface, Manner, first_manner, mended
from guard.model.server.refusal import clean, failure_of, is_too_long, server_text
from guard.model.server.wire import body_of, reply_of
from guard.model.tokens import counter_for, estimate

if TYPE_CHECKING:
    import openai

_LONGEST = 60.0
"""Seconds that one attempt may take, where the time of all of them is short."""
_MOST_STEPS = 10
_SUSPICIOUS = 0.6
"""A server that counts less than this share of what we count has not read all of it: vocabularies differ by less."""


class Manners(Protocol):
    """Where the manner of a server and model is kept: advice, which a server may have outgrown."""

    def known(self, server: str, model: str) -> Manner | None:
        """The manner that worked last."""
        ...

    def learn(self, server: str, model: str, manner: Manner) -> None:
        """Keep the manner that worked."""
        ...


class ServerJudge:
    """Asks a server. The key and the address are given, not looked up, and neither is ever part of an error's text."""

    def __init__(
        self, client: openai.OpenAI, *, key: str, address: str, manners: Manners | None = None, longest: float = _LONGEST
    ) -> None:
        self._client = client
        self._key = key
        self._address = address
        self._manners = manners
        self._longest = longest
        self._known: dict[str, Manner] = {}
        self._turn = Lock()

    def ask(self, request: Request) -> Reply:
        """The server's reply, whatever its form. Raises ModelError, TransientError if it may pass."""
        import openai

        manner = self._manner(request.model)
        for _ in range(_MOST_STEPS):
            try:
                reply = self._whole(reply_of(self._send(request, manner), manner.interface), request)
            except openai.APIStatusError as error:
                better = (
                    None if is_too_long(error) else mended(manner, error.status_code, error.param or "", server_text(error))
                )
                if better is None:
                    raise failure_of(error, self._key) from None
                manner = better
            except openai.OpenAIError as error:
                raise self._unanswered(error) from None
            else:
                self._keep(request.model, manner)
                return reply
        raise ModelError("the model server refuses every form of a request; which server is it?")

    def _send(self, request: Request, manner: Manner) -> str:
        """The body of the server's answer, as text."""
        body = body_of(request, manner)
        seconds = self._seconds(request)
        if seconds <= 0:
            raise ModelError(TOO_LATE)
        timeout: Any = _timeout(seconds)
        raw: Any
        if manner.interface is Interface.CHAT:
            raw = self._client.chat.completions.with_raw_response.create(**body, timeout=timeout)
        else:
            raw = self._client.responses.with_raw_response.create(**body, timeout=timeout)
        return str(raw.http_response.text)

    def _whole(self, reply: Reply, request: Request) -> Reply:
        """The reply. Raises TooLongError if the server saw only a part of what was sent: some cut a prompt without a word.

        https://github.com/ollama/ollama/blob/main/docs/api/openai-compatibility.mdx: the context is what the model's file says.
        """
        told = reply.usage.input_tokens + reply.usage.cached_input_tokens
        texts = [message.content for message in request.messages]
        if not told or told >= _SUSPICIOUS * sum(map(estimate, texts)):
            return reply
        if told >= _SUSPICIOUS * sum(map(counter_for(request.model).count, texts)):
            return reply
        raise TooLongError(
            f"the model server read only {told:,} tokens of the prompt: it cuts what does not fit, so that the answer proves nothing; "
            "give the model a larger context (Ollama: PARAMETER num_ctx 16384 in its Modelfile, or OLLAMA_CONTEXT_LENGTH=16384)",
            reply.usage,
        )

    def _seconds(self, request: Request) -> float:
        """What an attempt may take: half of a long time, so that a second one is possible."""
        left = request.until - time.monotonic()
        return min(left, max(self._longest, left / 2)) if left < float("inf") else self._longest

    def _unanswered(self, error: openai.OpenAIError) -> ModelError:
        import openai

        if isinstance(error, openai.APITimeoutError):
            return TransientError(TOO_LATE)
        if isinstance(error, openai.APIConnectionError):
            cause = error.__cause__ or error
            what = "can not be reached" if "Connect" in type(cause).__name__ else "broke off its answer"
            return TransientError(f"the model server {what}: {clean(str(cause), self._key)}")
        return ModelError(f"the model could not be asked: {clean(str(error), self._key)}")

    def _manner(self, model: str) -> Manner:
        with self._turn:
            if model not in self._known:
                kept = self._manners.known(self._address, model) if self._manners else None
                self._known[model] = kept or first_manner(self._address, model)
            return self._known[model]

    def _keep(self, model: str, manner: Manner) -> None:
        with self._turn:
            if self._known.get(model) == manner:
                return
            self._known[model] = manner
        if self._manners:
            self._manners.learn(self._address, model, manner)


def server_judge(
    key: str, address: str, *, azure_version: str = "", manners: Manners | None = None, longest: float = _LONGEST
) -> ServerJudge:
    """A judge for OpenAI ("" as the address), a server that speaks like it, or an Azure resource with its API version.

    https://learn.microsoft.com/en-us/azure/ai-services/openai/reference: a deployment is named in the path, the key has its own header.
    """
    import openai  # nearly a second: only who asks pays it

    from guard.model.server.bounded import BoundedClient

    common: dict[str, Any] = {"api_key": key, "max_retries": 0, "http_client": BoundedClient()}
    client: openai.OpenAI
    if azure_version:
        client = openai.AzureOpenAI(azure_endpoint=address, api_version=azure_version, **common)
    else:
        client = openai.OpenAI(base_url=address or _OPENAI, **common)
    return ServerJudge(client, key=key, address=address, manners=manners, longest=longest)


_OPENAI = "https://api.openai.com/v1"
"""Given, so that the client does not look it up in the environment."""
_CONNECT = 5.0


def _timeout(seconds: float) -> Any:  # noqa: ANN401 - the client library is imported late
    import httpx2

    return httpx2.Timeout(seconds, connect=min(_CONNECT, seconds))

"""Judges that keep what was said, and that repeat it: JSON lines, one exchange each, found by a hash of the whole request.

A replay is exact: a prompt that differs in one character is another question, and the recorded answer is none to it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from threading import Lock
from typing import Annotated, Literal

from pydantic import BaseModel, Field, ValidationError

from guard.errors import ModelError, UsageError
from guard.model.judge import Finish, Judge, Reply, Request, Usage

_FORMAT = 1
_Count = Annotated[int, Field(ge=0)]


class _Usage(BaseModel):
    input_tokens: _Count = 0
    cached_input_tokens: _Count = 0
    output_tokens: _Count = 0
    written_input_tokens: _Count = 0


class _Reply(BaseModel):
    text: str
    finish: Finish = Finish.COMPLETE
    usage: _Usage = _Usage()


class _Exchange(BaseModel):
    version: Literal[1]
    key: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    model: str
    reply: _Reply


class Recorder:
    """Asks another judge and keeps each exchange in a file, which the first one starts anew."""

    def __init__(self, judge: Judge, path: str) -> None:
        self._judge = judge
        self._path = path
        self._mode = "w"
        self._turn = Lock()  # reviews of several threads may share a judge, and a file has one end
        try:
            open(path, "a", encoding="utf-8").close()  # said before the model is paid
        except OSError as error:
            raise UsageError(f"--record {path}: {error.strerror}") from None

    def ask(self, request: Request) -> Reply:
        """The other judge's reply."""
        reply = self._judge.ask(request)
        try:
            with self._turn, open(self._path, self._mode, encoding="utf-8") as stream:
                self._mode = "a"
                asked = {"messages": [asdict(message) for message in request.messages], "schema": json.loads(request.schema)}
                stream.write(exchange_line(request, reply, **asked) + "\n")
        except OSError as error:
            raise ModelError(f"--record {self._path}: {error.strerror}") from None
        return reply


class Replayer:
    """Repeats recorded replies. Raises ModelError for a request that was not recorded."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._replies, self.models = _read(path)

    def ask(self, request: Request) -> Reply:
        """The reply that was recorded for exactly this request."""
        reply = self._replies.get(request.key)
        if reply is None:
            raise ModelError(
                f"--replay {self._path}: no recorded answer for this prompt to {request.model}; the code, a rule's text, the prompt "
                "or the model's name has changed since: record it again with --record"
            )
        return reply


def exchange_line(request: Request, reply: Reply, **more: object) -> str:
    """An exchange as a line of JSON: the reply, by the request's key."""
    exchange = {
        "version": _FORMAT,
        "key": request.key,
        "model": request.model,
        "reply": {"text": reply.text, "finish": reply.finish.value, "usage": asdict(reply.usage)},
        **more,
    }
    return json.dumps(exchange)


def reply_in(line: str) -> tuple[str, Reply] | None:
    """The key and the reply of a line, None for one that holds no exchange."""
    try:
        return _reply(_Exchange.model_validate_json(line))
    except ValidationError:
        return None


def _reply(exchange: _Exchange) -> tuple[str, Reply]:
    usage = Usage(**exchange.reply.usage.model_dump())
    return exchange.key, Reply(exchange.reply.text, exchange.reply.finish, usage, repeated=True)


def _read(path: str) -> tuple[Mapping[str, Reply], tuple[str, ...]]:
    """Replies by key, and the models that gave them."""
    replies: dict[str, Reply] = {}
    models: dict[str, None] = {}
    try:
        with open(path, encoding="utf-8") as stream:
            lines = stream.read().split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--replay {path}: {getattr(error, 'strerror', None) or 'not a text in UTF-8'}") from None
    for number, line in enumerate(lines, 1):
        if line.strip():
            exchange = _exchange(line, f"--replay {path}: line {number}")
            replies.update([_reply(exchange)])
            models[exchange.model] = None
    return replies, tuple(models)


def _exchange(line: str, where: str) -> _Exchange:
    try:
        return _Exchange.model_validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"{where} is no recorded exchange: {field + ': ' if field else ''}{first['msg']}") from None

"""A server's failure as one line: its own words, the number of the request, and never a key."""

from __future__ import annotations

import json
import re
import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from guard.errors import ModelError
from guard.model.judge import HopelessError, TooLongError, TransientError
from guard.model.text import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    import openai

_TOO_LONG = re.compile(
    r"context[ _](?:length|window|size)|maximum context|prompt is too long|too many tokens|too large", re.IGNORECASE
)
_WITH_ROOM = re.compile(
    r"context length is (?P<most>\d+) tokens.{0,60}\((?P<prompt>\d+) in the messages, \d+ in the completion\)"
)
_KEYLIKE = re.compile(r"\b(?:sk|pk|key|api)[-_][\w*-]{6,}|\bBearer\s+\S+")
_NO_MONEY = frozenset(("insufficient_quota", "billing_hard_limit_reached"))


def failure_of(error: openai.APIStatusError, key: str) -> ModelError:
    """What a status means for whoever asked: never again, not like this, or later."""
    status, told = error.status_code, clean(server_text(error), key)
    number = f" (request {one_line(error.request_id, 80)})" if error.request_id else ""
    if is_too_long(error):
        return TooLongError(f"the questions do not fit the model (status {status}): {told}{number}")
    if status in {401, 403}:
        return HopelessError(f"the model server refuses the key (status {status}); check OPENAI_API_KEY: {told}{number}")
    if status == 404:
        return HopelessError(
            f"the model server knows no such model or address (status 404); is OPENAI_BASE_URL right? "
            f"It usually ends in /v1: {told}{number}"
        )
    sentence = f"the model server answered with status {status}: {told}{number}"
    if error.code in _NO_MONEY:
        return HopelessError(sentence)
    if status in {408, 409, 429} or status >= 500:
        return TransientError(sentence, wait_in(error.response.headers), busy=status == 429)
    return ModelError(sentence)


def is_too_long(error: openai.APIStatusError) -> bool:
    """Whether fewer questions may do. What is said of the answer's own limit is another matter."""
    told = server_text(error)
    if error.status_code not in {400, 413} or _only_the_answer_is(told):
        return False
    return error.code == "context_length_exceeded" or bool(_TOO_LONG.search(told))


def _only_the_answer_is(told: str) -> bool:
    """Whether the prompt would fit, were it not for the room that the answer's limit asks for."""
    asked = _WITH_ROOM.search(told)
    if asked is not None:
        return int(asked["prompt"]) < int(asked["most"])
    return bool(re.search(r"max_(?:completion_)?tokens\W{0,3} is too large", told))


def server_text(error: openai.APIStatusError) -> str:
    """The server's own words for it."""
    body = error.body
    if isinstance(body, dict):
        told = body.get("message") or body.get("detail") or body
        return told if isinstance(told, str) else json.dumps(told, default=str)
    return str(body or error.message)


def clean(text: str, key: str) -> str:
    """A server's or a library's words on one line, without anything that looks like a key."""
    return one_line(_KEYLIKE.sub("…", text.replace(key, "…") if key else text), 300)


def wait_in(headers: Mapping[str, str], now: float | None = None) -> float | None:
    """The wait that a server asks for, in seconds: RFC 9110, section 10.2.3, has a number or a date."""
    for header, unit in (("retry-after-ms", 1_000), ("retry-after", 1)):
        value = headers.get(header, "").strip()
        if re.fullmatch(r"\d{1,9}(?:\.\d*)?", value):
            return float(value) / unit
        if value and header == "retry-after":
            return _until(value, time.time() if now is None else now)
    return None


def _until(date: str, now: float) -> float | None:
    try:
        return max(parsedate_to_datetime(date).timestamp() - now, 0.0)
    except (ValueError, TypeError, OverflowError):
        return None

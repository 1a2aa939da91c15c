"""The judge: one method. Whatever retries, records or repeats is a judge that holds a judge."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Protocol

from guard.errors import ModelError


@dataclass(frozen=True, slots=True)
class Message:
    """One turn. `role` is "system", "user" or "assistant"."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Request:
    """Exactly what is asked of a model: its name, the conversation, and the JSON schema that the answer must fit (as text)."""

    model: str
    messages: tuple[Message, ...]
    schema: str

    @property
    def key(self) -> str:
        """A hash of all of it: equal requests, and only they, have equal keys."""
        text = json.dumps(asdict(self), ensure_ascii=True, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


class Finish(StrEnum):
    """How a reply ended."""

    COMPLETE = "complete"
    CUT_OFF = "cut off"
    REFUSED = "refused"
    FILTERED = "filtered"


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the server counted them; 0 where it did not say."""

    input_tokens: int = 0
    cached_input_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, unjudged: `text` is the model's, or its refusal. `repeated`: taken from a record, not asked for anew."""

    text: str
    finish: Finish = Finish.COMPLETE
    usage: Usage = Usage()
    repeated: bool = False


class Judge(Protocol):
    """Somebody who answers. Raises ModelError where no reply can be had."""

    def ask(self, request: Request) -> Reply:
        """The reply to one request."""
        ...


class TooLongError(ModelError):
    """The request does not fit the model; one with fewer questions may."""


class TransientError(ModelError):
    """The same request may succeed later; `after` is the wait in seconds that the server asked for, if it did."""

    def __init__(self, sentence: str, after: float | None = None) -> None:
        super().__init__(sentence)
        self.after = after

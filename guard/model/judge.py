"""The judge: one method. Whatever retries, records or repeats is a judge that holds a judge."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Protocol

from guard.errors import ModelError
from guard.model.secrets import leaving


@dataclass(frozen=True, slots=True)
class Message:
    """One turn. `role` is "system", "user" or "assistant". Whatever looks like a secret is cut out of its content."""

    role: str
    content: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "content", leaving(self.content))


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that a request asks: the id by which it is answered, and the text that asks it alone, without secrets."""

    id: str
    text: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", leaving(self.text))

    @property
    def key(self) -> str:
        """A hash of the text: an answer is good for as long as it stays the same."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Request:
    """Exactly what is asked of a model: its name, the conversation, and the JSON schema that the answer must fit (as text).

    Three things are no part of it: `until`, the moment, of `time.monotonic`, after which an answer is of no use any more; `asked`,
    what it asks one by one, for those who keep answers, or have them from somebody else; `version`, that of the prompt's templates.
    """

    model: str
    messages: tuple[Message, ...]
    schema: str
    until: float = field(default=math.inf, compare=False, repr=False)
    asked: tuple[Asked, ...] = field(default=(), compare=False, repr=False)
    version: int = field(default=0, compare=False, repr=False)

    @property
    def key(self) -> str:
        """A hash of all of it: equal requests, and only they, have equal keys."""
        asked = {"model": self.model, "messages": [asdict(message) for message in self.messages], "schema": self.schema}
        text = json.dumps(asked, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def prompt_key(request: Request) -> str:
    """A hash of what a request says before it asks anything: the instructions, the rule, the form of the answer."""
    said = [message.content for message in request.messages if message.role == "system"]
    return hashlib.sha256("\0".join((*said, request.schema)).encode("utf-8", "surrogatepass")).hexdigest()


class Finish(StrEnum):
    """How a reply ended."""

    COMPLETE = "complete"
    CUT_OFF = "cut off"
    REFUSED = "refused"
    FILTERED = "filtered"


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the server counted them; 0 where it did not say. Cached and written ones are among the input."""

    input_tokens: int = 0
    cached_input_tokens: int = 0
    output_tokens: int = 0
    written_input_tokens: int = 0
    """Input that the server keeps for the next request, where it says so: some take more for it."""

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.input_tokens + other.input_tokens,
            self.cached_input_tokens + other.cached_input_tokens,
            self.output_tokens + other.output_tokens,
            self.written_input_tokens + other.written_input_tokens,
        )


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, unjudged: `text` is the model's, or its refusal. `repeated`: taken from a record, not asked for anew."""

    text: str
    finish: Finish = Finish.COMPLETE
    usage: Usage = Usage()
    repeated: bool = False


class Judge(Protocol):
    """Somebody who answers. Raises ModelError where no reply can be had. Several threads may ask at once."""

    def ask(self, request: Request) -> Reply:
        """The reply to one request."""
        ...


class TooLongError(ModelError):
    """The request does not fit the model; one with fewer questions may. `usage`: what finding out took."""

    def __init__(self, sentence: str, usage: Usage = Usage()) -> None:
        super().__init__(sentence)
        self.usage = usage


TOO_LATE = "the model did not answer in time (--deadline gives it more)"
"""Said by whoever notices first: a judge, or the one who waits for it."""


class HopelessError(ModelError):
    """No request can succeed: a wrong key, a wrong address, a server that is down."""


class NotAskedError(ModelError):
    """The request was left out on purpose: nothing has failed, and others may be made."""


class UnansweredError(ModelError):
    """A record has no answer to the request; it may have answers to others."""


class TransientError(ModelError):
    """The same request may succeed later; `after` is the wait in seconds that the server asked for, if it did.

    `busy`: the server is alive, and has too much to do.
    """

    def __init__(self, sentence: str, after: float | None = None, *, busy: bool = False) -> None:
        super().__init__(sentence)
        self.after = after
        self.busy = busy

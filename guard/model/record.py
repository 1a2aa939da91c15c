"""Judges that keep what was said, and that repeat it: JSON lines, described in docs/eval.md.

An exchange is found by a hash of the whole request, so that a replay is exact. Where requests are grouped otherwise today, or some of
their questions have changed, answers are found one by one: each is good as long as its question and the prompt are the same.
A line may also be somebody's answer to one question, given without any request.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from threading import Lock
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, Field, ValidationError

from guard.errors import ModelError, UsageError
from guard.model.answer import entries_by_id
from guard.model.judge import Asked, Finish, Judge, Reply, Request, UnansweredError, Usage, prompt_key

_FORMAT = 2
_MOST_NAMED = 6
_Count = Annotated[int, Field(ge=0)]
_Key = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
_Line = TypeVar("_Line", bound=BaseModel)


class _Usage(BaseModel):
    input_tokens: _Count = 0
    cached_input_tokens: _Count = 0
    output_tokens: _Count = 0
    written_input_tokens: _Count = 0


class _Reply(BaseModel):
    text: str
    finish: Finish = Finish.COMPLETE
    usage: _Usage = _Usage()


class _Asked(BaseModel):
    id: str
    key: _Key


class _Exchange(BaseModel):
    """What was asked at once, and what came back. Version 1 did not say what was asked one by one."""

    version: Literal[1, 2]
    key: _Key
    model: str
    prompt: _Key | None = None
    questions: list[_Asked] = []
    reply: _Reply


class Answered(BaseModel):
    """Somebody's answer to one question. Without `key` it is one to whatever the question of this id says now."""

    id: Annotated[str, Field(min_length=1, max_length=500)]
    key: _Key | None = None
    answer: str = ""
    quote: str = ""
    reason: str = ""
    who_notices: str = ""
    reply: object = None
    """The whole reply instead, for what is asked in another form."""

    @property
    def entry(self) -> object:
        """The answer as a model would give it."""
        if self.reply is not None:
            return Whole(self.reply)
        return {
            "id": self.id,
            "quote": self.quote,
            "reason": self.reason,
            "who_notices": self.who_notices,
            "answer": self.answer,
        }


@dataclass(frozen=True, slots=True)
class Whole:
    """A reply that is not one entry of a list."""

    reply: object


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
        start = time.monotonic()
        reply = self._judge.ask(request)
        seconds = round(time.monotonic() - start, 3)
        asked = {"messages": [asdict(message) for message in request.messages], "schema": json.loads(request.schema)}
        try:
            with self._turn, open(self._path, self._mode, encoding="utf-8") as stream:
                self._mode = "a"
                stream.write(exchange_line(request, reply, seconds=seconds, **asked) + "\n")
        except OSError as error:
            raise ModelError(f"--record {self._path}: {error.strerror}") from None
        return reply


class Replayer:
    """Repeats recorded replies. Raises UnansweredError for a request of which nothing was recorded."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._kept = _read(path)

    @property
    def models(self) -> tuple[str, ...]:
        """The models that gave the recorded replies."""
        return tuple(self._kept.models)

    def ask(self, request: Request) -> Reply:
        """The reply that was recorded for exactly this request; else one made of the answers to its questions, as far as they are there."""
        reply = self._kept.replies.get(request.key)
        if reply is not None:
            return reply
        prompt = prompt_key(request)
        found = {
            asked.id: entry for asked in request.asked if (entry := self._kept.answer(asked, request.model, prompt)) is not None
        }
        if not found:
            raise UnansweredError(f"--replay {self._path}: {self._why_not(request, prompt)}")
        return Reply(_composed(list(found.values())), repeated=True)

    def _why_not(self, request: Request, prompt: str) -> str:
        """Which questions are stale, and by what."""
        if not request.asked:
            return f"no recorded answer for this prompt to {request.model}; record it again with --record"
        stale: dict[str, list[str]] = {}
        for asked in request.asked:
            stale.setdefault(self._kept.trouble(asked, request.model, prompt), []).append(asked.id)
        told = "; ".join(f"{trouble}: {_named(ids)}" for trouble, ids in stale.items())
        return f"no recorded answer for what is asked of {request.model}: {told}; record it again with --record"


def exchange_line(request: Request, reply: Reply, **more: object) -> str:
    """An exchange as a line of JSON: the reply, by the request's key."""
    exchange = {
        "version": _FORMAT,
        "key": request.key,
        "model": request.model,
        "prompt": prompt_key(request),
        "prompt_version": request.version,
        "questions": [{"id": asked.id, "key": asked.key} for asked in request.asked],
        "reply": {"text": reply.text, "finish": reply.finish.value, "usage": asdict(reply.usage)},
        **more,
    }
    return json.dumps(exchange)


# -- what a file holds --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Answer:
    """An answer to one question: what it was given to, as far as is known ("": whatever it was)."""

    entry: object
    key: str = ""
    model: str = ""
    prompt: str = ""

    def trouble(self, asked: Asked, model: str, prompt: str) -> str:
        """Why it does not answer; "" if it does."""
        if self.key and self.key != asked.key:
            return "the question has changed"
        if self.prompt and self.prompt != prompt:
            return "the prompt has changed"
        return "the model is another" if self.model and self.model != model else ""


@dataclass(slots=True)
class _Kept:
    replies: dict[str, Reply] = field(default_factory=dict)
    models: dict[str, None] = field(default_factory=dict)
    answers: dict[str, list[_Answer]] = field(default_factory=dict)
    """By question id, the latest last."""

    def answer(self, asked: Asked, model: str, prompt: str) -> object | None:
        """The latest answer to a question."""
        fitting = (kept.entry for kept in reversed(self.answers.get(asked.id, [])) if not kept.trouble(asked, model, prompt))
        return next(fitting, None)

    def trouble(self, asked: Asked, model: str, prompt: str) -> str:
        """Why there is no answer to a question."""
        kept = self.answers.get(asked.id)
        return kept[-1].trouble(asked, model, prompt) if kept else "it was not asked then"


def _composed(entries: list[object]) -> str:
    """Answers as one reply; what is a whole reply already stands for itself."""
    whole = next((entry.reply for entry in entries if isinstance(entry, Whole)), None)
    return json.dumps(whole if whole is not None else {"answers": entries})


def _named(ids: Iterable[str]) -> str:
    every = list(ids)
    return ", ".join(every[:_MOST_NAMED]) + (f" and {len(every) - _MOST_NAMED} more" if len(every) > _MOST_NAMED else "")


def _read(path: str) -> _Kept:
    try:
        with open(path, encoding="utf-8") as stream:
            lines = stream.read().split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--replay {path}: {getattr(error, 'strerror', None) or 'not a text in UTF-8'}") from None
    kept = _Kept()
    for number, line in enumerate(lines, 1):
        if line.strip():
            _take(line, f"--replay {path}: line {number}", kept)
    return kept


def _take(line: str, where: str, kept: _Kept) -> None:
    if not _is_exchange(line):
        answered = answered_in(line, where)
        kept.answers.setdefault(answered.id, []).append(_Answer(answered.entry, answered.key or ""))
        return
    exchange = _validated(_Exchange, line, f"{where} is no recorded exchange")
    usage = Usage(**exchange.reply.usage.model_dump())
    reply = Reply(exchange.reply.text, exchange.reply.finish, usage, repeated=True)
    kept.replies[exchange.key] = reply
    kept.models[exchange.model] = None
    for name, answer in _answers(exchange, reply):
        kept.answers.setdefault(name, []).append(answer)


def answers_in(line: str) -> Mapping[str, str]:
    """What a recorded exchange answers, by question id: the word alone, as it was written."""
    exchange = _validated(_Exchange, line, "a line")
    entries = entries_by_id(Reply(exchange.reply.text, exchange.reply.finish))
    return {name: str(entry.get("answer", "")) for name, entry in entries.items() if isinstance(entry, dict)}


def _answers(exchange: _Exchange, reply: Reply) -> Iterator[tuple[str, _Answer]]:
    entries = entries_by_id(reply)
    for asked in exchange.questions:
        if asked.id in entries:
            yield asked.id, _Answer(entries[asked.id], asked.key, exchange.model, exchange.prompt or "")


def _is_exchange(line: str) -> bool:
    """Whether a line says that it is one, or is no object at all; an answer has no version."""
    try:
        found = json.loads(line)
    except ValueError:
        return True
    return not isinstance(found, dict) or "id" not in found or "version" in found


def answered_in(line: str, where: str) -> Answered:
    """The answer in a line. Raises UsageError."""
    return _validated(Answered, line, f"{where} is no answer")


def _validated(model: type[_Line], line: str, what: str) -> _Line:
    try:
        return model.model_validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"{what}: {name + ': ' if name else ''}{first['msg']}") from None

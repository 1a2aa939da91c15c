"""How a server wants to be asked: the interface, the form of the answer, the parameters that it takes.

Servers differ, and most say so only by refusing: what a refusal names is left out, and the next request is made that way. The
strictest form is tried first (https://platform.openai.com/docs/guides/structured-outputs); the answer is validated either way.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from urllib.parse import urlsplit


class Interface(StrEnum):
    """Responses is OpenAI's own; Chat Completions is what all of them speak."""

    RESPONSES = "responses"
    CHAT = "chat"


class Form(StrEnum):
    """How an answer is made to be JSON, from the strictest on; the prompt carries the schema in any case.

    OpenAI, Azure, vLLM and Ollama take the first, llama.cpp and its kin the second, most others the third.
    """

    SCHEMA = "json_schema"
    GUIDED = "json_object with a schema"
    OBJECT = "json_object"
    PLAIN = "text"


@dataclass(frozen=True, slots=True)
class Manner:
    """What one server takes for one model. `limit` names the parameter that bounds an answer, "" for none."""

    interface: Interface
    form: Form = Form.SCHEMA
    limit: str = "max_tokens"
    temperature: bool = True
    effort: bool = False
    cache_key: bool = False

    @property
    def text(self) -> str:
        """The manner as one line, to be kept."""
        return json.dumps(asdict(self))


_OPENAI, _AZURE = "api.openai.com", (".openai.azure.com", ".cognitiveservices.azure.com", ".services.ai.azure.com")
_REASONING = re.compile(r"(?:^|/)(?:o[1-9]|gpt-[5-9])(?![^/]*-chat)")
"""Names of models that think first: they take an effort and no temperature (https://platform.openai.com/docs/guides/reasoning)."""

_MENDABLE = frozenset((400, 404, 405, 422, 500, 501))
_FORMAT = re.compile(
    r"response_?format|text\.format|json_?schema|json_?object|structured[ _]output|\bschema\b|grammar", re.IGNORECASE
)
_LIMIT = re.compile(r"max_(?:completion_|output_)?tokens|in the completion\)")
_NO_MODEL = re.compile(r"\bmodel\b.{0,120}(?:not (?:exist|found)|does not)|unknown model|no such model", re.IGNORECASE)


def first_manner(address: str, model: str) -> Manner:
    """The manner to begin with, by what is known of the address ("" for OpenAI's own) and of the model's name."""
    host = urlsplit(address).hostname or _OPENAI
    thinks = bool(_REASONING.search(model))
    if host == _OPENAI:
        return Manner(Interface.RESPONSES, limit="max_completion_tokens", temperature=not thinks, effort=thinks, cache_key=True)
    azure = host.endswith(_AZURE)
    return Manner(
        Interface.CHAT,
        limit="max_completion_tokens" if azure or thinks else "max_tokens",
        temperature=not thinks,
        effort=thinks and azure,
    )


def manner_from(text: str) -> Manner | None:
    """A manner that was kept; None for a text that is none."""
    try:
        values = json.loads(text)
        return Manner(**{**values, "interface": Interface(values["interface"]), "form": Form(values["form"])})
    except (ValueError, TypeError, KeyError):
        return None


def mended(manner: Manner, status: int, named: str, told: str) -> Manner | None:
    """The manner after a refusal; None if nothing about it can help. `named` is the parameter the server names, if it does."""
    if status not in _MENDABLE:
        return None
    if _wants_the_other(manner, status, told):
        other = Interface.CHAT if manner.interface is Interface.RESPONSES else Interface.RESPONSES
        return replace(manner, interface=other)
    return _without(manner, named or told)


def _wants_the_other(manner: Manner, status: int, told: str) -> bool:
    if manner.interface is Interface.RESPONSES:
        missing = status in {404, 405, 501} and not _NO_MODEL.search(told) and not _FORMAT.search(told)
        return missing or "chat/completions" in told
    return bool(re.search(r"v1/responses|responses api", told, re.IGNORECASE))


def _without(manner: Manner, text: str) -> Manner | None:
    """The manner without what a text names; each step leaves something out, so that there are few."""
    if manner.temperature and "temperature" in text:
        return replace(manner, temperature=False)
    if manner.effort and re.search(r"reasoning|effort", text):
        return replace(manner, effort=False)
    if manner.cache_key and "prompt_cache_key" in text:
        return replace(manner, cache_key=False)
    if manner.limit and _LIMIT.search(text):
        return replace(manner, limit="max_completion_tokens" if manner.limit == "max_tokens" else "")
    if manner.form is not Form.PLAIN and _FORMAT.search(text):
        return replace(manner, form=_next_form(manner))
    return None


def _next_form(manner: Manner) -> Form:
    if manner.form is Form.SCHEMA:
        return Form.GUIDED if manner.interface is Interface.CHAT else Form.OBJECT
    return Form.OBJECT if manner.form is Form.GUIDED else Form.PLAIN

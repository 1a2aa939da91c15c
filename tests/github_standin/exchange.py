"""A request, an answer, and what a refusal looks like: the shapes that every part of the stand-in passes on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

JSON = "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it arrives. Header names are in lower case."""

    method: str
    target: str
    """Path with query."""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def path(self) -> str:
        """The path alone."""
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        """The query's parameters."""
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @property
    def accept(self) -> str:
        """The media type that is asked for."""
        return self.headers.get("accept", "").split(",")[0].strip()


@dataclass(slots=True)
class Answer:
    """An answer before it is sent."""

    status: int = 200
    body: Any = None
    """JSON, or bytes for any other media type."""
    headers: dict[str, str] = field(default_factory=dict)

    def content(self) -> bytes:
        """The body's bytes."""
        if self.body is None:
            return b""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


class RefusalError(Exception):
    """GitHub will not: an answer of 4xx, raised wherever that is noticed. Nothing was written."""

    def __init__(
        self, status: int, message: str, *, errors: list[Any] | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = errors
        self.headers = dict(headers or {})

    def answer(self) -> Answer:
        """As an answer."""
        body: dict[str, Any] = {
            "message": self.message,
            "documentation_url": "https://docs.github.com/rest",
            "status": str(self.status),
        }
        if self.errors is not None:
            body["errors"] = self.errors
        return Answer(self.status, body, self.headers)


class CutError(Exception):
    """The connection ends without an answer."""


def not_found() -> RefusalError:
    """There is no such thing, or the token may not see it."""
    return RefusalError(404, "Not Found")


def forbidden() -> RefusalError:
    """An integration's token lacks a permission."""
    return RefusalError(403, "Resource not accessible by integration")


def invalid(*sentences: str, message: str = "Unprocessable Entity") -> RefusalError:
    """422, with the reasons as sentences (as the review call gives them)."""
    return RefusalError(422, message, errors=list(sentences))


def invalid_field(resource: str, name: str, message: str) -> RefusalError:
    """422, with the reason as an object (as the calls for single things give it)."""
    error = {"resource": resource, "field": name, "code": "custom", "message": message}
    return RefusalError(422, "Validation Failed", errors=[error])

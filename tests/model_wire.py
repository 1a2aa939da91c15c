"""A server on this machine that speaks as OpenAI-compatible servers do, and says what a test scripts."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from guard.model.answer import SCHEMA
from guard.model.judge import Message, Request

KEY = "sk-test-0123456789abcdef"


@dataclass
class Answering:
    """What the server says next: (status, body, headers), in order; the last one again and again."""

    script: list[tuple[int, object, dict[str, str]]] = field(default_factory=list)
    seen: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    answer: Callable[[dict[str, Any]], object] | None = None
    reply: Callable[[dict[str, Any]], tuple[int, object]] | None = None
    address: str = ""

    def says(self, status: int, body: object, **headers: str) -> None:
        """Add to what it says."""
        self.script.append((status, body, {name.replace("_", "-"): value for name, value in headers.items()}))

    def next(self, request: dict[str, Any]) -> tuple[int, object, dict[str, str]]:
        """The answer to a request."""
        self.seen.append(request)
        if self.reply is not None:
            return (*self.reply(request), {})
        if self.answer is not None:
            return 200, self.answer(request), {}
        return self.script.pop(0) if len(self.script) > 1 else self.script[0]


def completion(text: str | None, finish: str = "stop", **message: object) -> dict[str, object]:
    """A chat completion as servers write it."""
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "gpt-5-mini-2026",
        "choices": [{"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": text, **message}}],
        "usage": {
            "prompt_tokens": 9_000,
            "completion_tokens": 7,
            "total_tokens": 9_007,
            "prompt_tokens_details": {"cached_tokens": 40},
        },
    }


def failure(message: str, **more: object) -> dict[str, object]:
    """An error as servers write it."""
    return {"error": {"message": message, **more}}


@pytest.fixture
def server() -> Iterator[Answering]:
    """A server on this machine."""
    state = Answering()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            state.headers.append({name.lower(): value for name, value in self.headers.items()})
            status, body, headers = state.next({"path": self.path, **json.loads(self.rfile.read(length))})
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            for name, value in {"content-type": "application/json", **headers, "content-length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.address = f"http://127.0.0.1:{listening.server_address[1]}/v1"
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield state
    listening.shutdown()
    thread.join()
    listening.server_close()


def as_request(sent: dict[str, Any]) -> Request:
    """What was sent as a request, whichever interface it went to."""
    first = [{"role": "system", "content": sent["instructions"]}] if "instructions" in sent else []
    turns = [*first, *sent.get("input", ()), *sent.get("messages", ())]
    return Request(sent["model"], tuple(Message(turn["role"], turn["content"]) for turn in turns), SCHEMA)

"""A model on the loopback that does as a script says, in the wire formats of four agents. It keeps every request.

The script is a function from a request's text to one step: `("write", path, content)`, `("run", command)` or `("say", text)`;
for Claude Code also `("call", tool, arguments as JSON)`.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

Step = tuple[str, ...]
Script = Callable[[str], Step]


class Model:
    """A context manager around the server; `requests` holds the bodies of the agent's turns, in order."""

    def __init__(self, script: Script) -> None:
        self.requests: list[str] = []
        self._script = script
        model = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                """Answer one request."""
                raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                kind, body = model.answer(self.path, raw.decode("utf-8", "replace"))
                self._send(200, kind, body)

            def do_GET(self) -> None:
                """Lists of models and the like: there is nothing."""
                self._send(200, "application/json", b'{"data": [], "models": []}')

            def do_HEAD(self) -> None:
                """A sign of life."""
                self._send(200, "application/json", b"")

            def _send(self, status: int, kind: str, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_arguments: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str, body: str) -> tuple[str, bytes]:
        """Content type and body of the answer to a request."""
        try:
            asked = json.loads(body or "{}")
        except ValueError:
            asked = {}
        if "count_tokens" in path or "countTokens" in path:
            return "application/json", b'{"input_tokens": 1, "totalTokens": 1}'
        step: Step = ("say", "ok")
        if asked.get("tools"):
            self.requests.append(body)
            step = self._script(body)
        wire = next((wire for mark, wire in _WIRES.items() if mark in path), None)
        if wire is None:
            return "application/json", b"{}"
        streamed = bool(asked.get("stream")) or "stream" in path.lower()
        return wire(step, asked, streamed)


def _events(items: Iterator[tuple[str, dict[str, Any]]]) -> tuple[str, bytes]:
    return "text/event-stream", "".join(f"event: {name}\ndata: {json.dumps(data)}\n\n" for name, data in items).encode()


def _data(items: list[dict[str, Any]], end: str = "") -> tuple[str, bytes]:
    return "text/event-stream", ("".join(f"data: {json.dumps(item)}\n\n" for item in items) + end).encode()


# -- Anthropic's messages ---------------------------------------------------------------------------------------------


def _messages(step: Step, asked: dict[str, Any], streamed: bool) -> tuple[str, bytes]:
    block = _claude_block(step)
    stop = "tool_use" if block["type"] == "tool_use" else "end_turn"
    message = {
        "id": "msg_1", "type": "message", "role": "assistant", "model": asked.get("model", "m"), "content": [block],
        "stop_reason": stop, "stop_sequence": None, "usage": {"input_tokens": 1, "output_tokens": 1},
    }  # fmt: skip
    if not streamed:
        return "application/json", json.dumps(message).encode()
    return _events(_claude_events(message, block, stop))


def _claude_block(step: Step) -> dict[str, Any]:
    if step[0] == "write":
        return {
            "type": "tool_use",
            "id": _unique("toolu"),
            "name": "Write",
            "input": {"file_path": step[1], "content": step[2]},
        }
    if step[0] == "run":
        return {"type": "tool_use", "id": _unique("toolu"), "name": "Bash", "input": {"command": step[1], "description": "run"}}
    if step[0] == "call":
        return {"type": "tool_use", "id": _unique("toolu"), "name": step[1], "input": json.loads(step[2])}
    return {"type": "text", "text": step[1]}


def _claude_events(message: dict[str, Any], block: dict[str, Any], stop: str) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "message_start", {"type": "message_start", "message": {**message, "content": [], "stop_reason": None}}
    if block["type"] == "text":
        start: dict[str, Any] = {"type": "text", "text": ""}
        delta = {"type": "text_delta", "text": block["text"]}
    else:
        start, delta = {**block, "input": {}}, {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
    yield "content_block_start", {"type": "content_block_start", "index": 0, "content_block": start}
    yield "content_block_delta", {"type": "content_block_delta", "index": 0, "delta": delta}
    yield "content_block_stop", {"type": "content_block_stop", "index": 0}
    yield (
        "message_delta",
        {"type": "message_delta", "delta": {"stop_reason": stop, "stop_sequence": None}, "usage": {"output_tokens": 1}},
    )
    yield "message_stop", {"type": "message_stop"}


# -- OpenAI's responses -----------------------------------------------------------------------------------------------


def _responses(step: Step, asked: dict[str, Any], streamed: bool) -> tuple[str, bytes]:
    item = _response_item(step, asked)
    response = {"id": "resp_1", "object": "response", "status": "completed", "output": [item], "usage": _USAGE}
    if not streamed:
        return "application/json", json.dumps(response).encode()
    return _events(
        iter(
            [
                ("response.created", {"type": "response.created", "response": {"id": "resp_1"}}),
                ("response.output_item.added", {"type": "response.output_item.added", "output_index": 0, "item": item}),
                ("response.output_item.done", {"type": "response.output_item.done", "output_index": 0, "item": item}),
                ("response.completed", {"type": "response.completed", "response": response}),
            ]
        )
    )


_USAGE = {
    "input_tokens": 1, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": 1,
    "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 2,
}  # fmt: skip


def _response_item(step: Step, asked: dict[str, Any]) -> dict[str, Any]:
    tools = {tool.get("name"): tool.get("type") for tool in asked.get("tools", [])}
    if step[0] == "say":
        return {
            "type": "message",
            "id": "msg_1",
            "role": "assistant",
            "content": [{"type": "output_text", "text": step[1], "annotations": []}],
        }
    if step[0] == "write" and tools.get("apply_patch") == "custom":
        return {
            "type": "custom_tool_call",
            "id": _unique("ctc"),
            "call_id": _unique("call"),
            "name": "apply_patch",
            "input": _envelope(step),
        }
    command = step[1] if step[0] == "run" else f"apply_patch <<'PATCH'\n{_envelope(step)}\nPATCH"
    name = next((name for name in ("exec_command", "shell_command", "shell") if name in tools), "shell")
    arguments = {"exec_command": {"cmd": command}, "shell_command": {"command": command}}.get(
        name, {"command": ["bash", "-lc", command]}
    )
    return {
        "type": "function_call",
        "id": _unique("fc"),
        "call_id": _unique("call"),
        "name": name,
        "arguments": json.dumps(arguments),
    }


def _envelope(step: Step) -> str:
    lines = "\n".join(f"+{line}" for line in step[2].rstrip("\n").split("\n"))
    return f"*** Begin Patch\n*** Add File: {step[1]}\n{lines}\n*** End Patch"


# -- OpenAI's chat completions ----------------------------------------------------------------------------------------


def _completions(step: Step, asked: dict[str, Any], streamed: bool) -> tuple[str, bytes]:
    message: dict[str, Any] = {"role": "assistant", "content": step[1] if step[0] == "say" else None}
    if step[0] == "write":
        message["tool_calls"] = [_call("create", {"path": step[1], "file_text": step[2]})]
    elif step[0] == "run":
        message["tool_calls"] = [_call("bash", {"command": step[1], "description": "run"})]
    why = "stop" if step[0] == "say" else "tool_calls"
    whole = {"id": "chatcmpl-1", "created": 1, "model": asked.get("model", "m")}
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    if not streamed:
        choice = {"index": 0, "message": message, "finish_reason": why}
        return "application/json", json.dumps(
            {**whole, "object": "chat.completion", "choices": [choice], "usage": usage}
        ).encode()
    chunk = {**whole, "object": "chat.completion.chunk"}
    return _data(
        [
            {**chunk, "choices": [{"index": 0, "delta": message, "finish_reason": None}]},
            {**chunk, "choices": [{"index": 0, "delta": {}, "finish_reason": why}], "usage": usage},
        ],
        "data: [DONE]\n\n",
    )


def _call(name: str, arguments: dict[str, str]) -> dict[str, Any]:
    return {
        "index": 0,
        "id": _unique("call"),
        "type": "function",
        "function": {"name": name, "arguments": json.dumps(arguments)},
    }


# -- Google's contents ------------------------------------------------------------------------------------------------


def _contents(step: Step, asked: dict[str, Any], streamed: bool) -> tuple[str, bytes]:
    del asked
    part: dict[str, Any] = {"text": step[1]}
    if step[0] == "write":
        part = {"functionCall": {"name": "write_file", "args": {"file_path": step[1], "content": step[2]}}}
    elif step[0] == "run":
        part = {"functionCall": {"name": "run_shell_command", "args": {"command": step[1], "description": "run"}}}
    answer = {
        "candidates": [{"index": 0, "content": {"role": "model", "parts": [part]}, "finishReason": "STOP"}],
        "usageMetadata": {"promptTokenCount": 1, "candidatesTokenCount": 1, "totalTokenCount": 2},
    }
    return _data([answer]) if streamed else ("application/json", json.dumps(answer).encode())


_WIRES = {"/messages": _messages, "/responses": _responses, "/chat/completions": _completions, "enerateContent": _contents}
_COUNT = iter(range(1_000_000))


def _unique(prefix: str) -> str:
    return f"{prefix}_{next(_COUNT):04d}"

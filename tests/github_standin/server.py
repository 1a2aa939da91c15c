"""Ways to reach the stand-in: sockets of this machine, or a transport in the same process."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import httpx2

from github_standin.exchange import JSON, Answer, CutError, Request

if TYPE_CHECKING:
    from github_standin.hub import GitHub


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    hub: GitHub

    def _answer(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(length)
        if len(body) < length:  # the client died in the middle of its request
            self.close_connection = True
            return
        try:
            answer = self.hub.handle(Request(self.command, self.path, headers, body))
        except CutError:
            self._cut()
            return
        content = answer.content()
        self.send_response(answer.status)
        for name, value in _headers(answer).items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _cut(self) -> None:
        """End the connection as a broken one ends: by a reset."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = _answer  # noqa: N815 - the library's words

    def log_message(self, *_: object) -> None:
        """The hub has its own log."""


def _headers(answer: Answer) -> dict[str, str]:
    return {"content-type": JSON, **answer.headers} if answer.body is not None else dict(answer.headers)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away (a killed run) is nothing to print."""


@contextmanager
def serving(hub: GitHub) -> Iterator[GitHub]:
    """The hub on a port of this machine; its addresses are real ones meanwhile."""
    before = hub.origin
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": hub}))
    hub.origin = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        hub.origin = before


def transport(hub: GitHub) -> httpx2.MockTransport:
    """A transport for httpx2 that asks the hub in this process, without sockets."""
    return httpx2.MockTransport(_asking(hub))


def _asking(hub: GitHub) -> Callable[[httpx2.Request], httpx2.Response]:
    def ask(request: httpx2.Request) -> httpx2.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        target = request.url.raw_path.decode("ascii")
        try:
            answer = hub.handle(Request(request.method, target, headers, request.read()))
        except CutError:
            raise httpx2.ReadError("the connection was cut", request=request) from None
        return httpx2.Response(answer.status, headers=_headers(answer), content=answer.content(), request=request)

    return ask

"""The server over streamable HTTP. No session is kept: any instance behind a balancer can answer any request.

Whoever reaches the address may read what is below the roots, as far as reviews tell it: so it is this machine's own unless said
otherwise, and names of hosts are checked, since a web page could have its own name lead here (DNS rebinding).
"""

from __future__ import annotations

import ipaddress
import socket
import sys
from contextlib import suppress
from typing import Any

import uvicorn
from mcp.server import MCPServer
from mcp.server.transport_security import TransportSecuritySettings

from guard.errors import UsageError

PATH = "/mcp"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def serve_http(
    server: MCPServer[Any], address: str, allowed_hosts: list[str], *, quiet: bool = False, verbose: bool = False
) -> None:
    """Serve until interrupted. `address` is [HOST:]PORT; port 0 takes a free one, which is told on standard error."""
    host, port = split_address(address)
    app = server.streamable_http_app(
        streamable_http_path=PATH, stateless_http=True, host=host, transport_security=security(host, allowed_hosts)
    )
    config = uvicorn.Config(
        app, host=host, port=port, log_level="info" if verbose else "warning", access_log=verbose, timeout_graceful_shutdown=5
    )
    listening = _listening(host, port)
    if not quiet:
        sys.stderr.write(f"listening on http://{_bracketed(host)}:{listening.getsockname()[1]}{PATH}\n")
        if not _is_loopback(host):
            sys.stderr.write("anyone who reaches this address may ask for reviews of what is below the allowed roots\n")
        sys.stderr.flush()
    with suppress(KeyboardInterrupt):  # that is how one ends it
        uvicorn.Server(config).run(sockets=[listening])


def split_address(text: str) -> tuple[str, int]:
    """Host and port; the host is this machine's own if there is none. Raises UsageError."""
    host, _, port = text.rpartition(":")
    if not port.isdigit() or int(port) > 65535:
        raise UsageError(f"--http {text!r}: write PORT, or HOST:PORT")
    return host.strip("[]") or _LOOPBACK[0], int(port)


def security(host: str, allowed_hosts: list[str]) -> TransportSecuritySettings:
    """Which names a request may have for this server, and which pages it may come from."""
    names = [*map(_bracketed, _LOOPBACK), *([] if host in _LOOPBACK or _is_any(host) else [_bracketed(host)]), *allowed_hosts]
    hosts = [form for name in names for form in ((name,) if _has_port(name) else (name, f"{name}:*"))]
    return TransportSecuritySettings(
        enable_dns_rebinding_protection=True,
        allowed_hosts=hosts,
        allowed_origins=[f"{scheme}://{name}" for scheme in ("http", "https") for name in hosts],
    )


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as error:
        raise UsageError(
            f"--http {_bracketed(host)}:{port}: can not listen there: {getattr(error, 'strerror', None) or error}"
        ) from None


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") and _is_address(host) else host


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_any(host: str) -> bool:
    return _is_address(host) and ipaddress.ip_address(host).is_unspecified


def _is_loopback(host: str) -> bool:
    return host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)


def _has_port(name: str) -> bool:
    return name.rpartition(":")[2].isdigit() and not name.endswith("]")

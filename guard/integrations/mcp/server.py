"""The server: its name, its tools, its resources; and how it is run on standard input and output."""

from __future__ import annotations

from typing import Any

from mcp.server import CacheHint, MCPServer

from guard import __version__
from guard.integrations.mcp import resources
from guard.integrations.mcp.reviewing import Terms
from guard.integrations.mcp.tools import Tools

_INSTRUCTIONS = (
    "Finds state that does not survive a restart or a second instance. Before you finish or commit, call review_changes, mend what it "
    "reports in the way that `remedy` says, and call it again. Use review_diff for a patch that is not applied yet and scan_file for a "
    "whole file; explain_rule tells more about a finding."
)
_HOUR = CacheHint(ttl_ms=3_600_000, scope="public")


def server_for(terms: Terms, *, verbose: bool = False) -> MCPServer[Any]:
    """A server under these terms. It keeps nothing between two requests."""
    server: MCPServer[Any] = MCPServer(
        "stateless-guard",
        title="stateless-guard",
        version=__version__,
        instructions=_INSTRUCTIONS,
        log_level="INFO" if verbose else "WARNING",
        cache_hints={
            "tools/list": _HOUR,
            "prompts/list": _HOUR,
            "resources/list": _HOUR,
            "resources/templates/list": _HOUR,
            "resources/read": _HOUR,
            "server/discover": _HOUR,
        },
        subscriptions=False,  # nothing here ever changes while the server runs, so there is nothing to listen to
    )
    Tools(terms).register(server)
    resources.register(server)
    return server


def serve_stdio(terms: Terms, *, verbose: bool = False) -> None:
    """Serve one client on standard input and output, until it leaves."""
    server_for(terms, verbose=verbose).run("stdio")

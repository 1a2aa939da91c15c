"""Serve coding agents as an MCP server: on standard input and output, or over HTTP. No model is asked unless one is named here."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

from guard.cli.options import amount, positive

HELP = "serve coding agents as an MCP server"


def arguments(parser: ArgumentParser) -> None:
    """How to serve, and what may be read."""
    parser.add_argument(
        "--http",
        metavar="[HOST:]PORT",
        help="serve streamable HTTP at /mcp instead (default host: 127.0.0.1; port 0: a free one)",
    )
    parser.add_argument(
        "--allowed-host",
        metavar="NAME",
        action="append",
        help="another name that requests over HTTP may have for this server (repeatable)",
    )
    parser.add_argument(
        "--root", metavar="DIR", action="append", help="what may be read (repeatable; default: the working directory)"
    )
    parser.add_argument("--model", metavar="NAME", default="", help="ask this model about what the heuristics leave open")
    parser.add_argument(
        "--max-tokens",
        metavar="N",
        type=positive,
        help="send and receive at most this many tokens a review; what does not fit is not judged",
    )
    parser.add_argument(
        "--max-cost", metavar="USD", type=amount, help="the same in US dollars a review, where the model's price is known"
    )


def run(options: Namespace) -> int:
    """Serve until the client leaves or the server is interrupted."""
    from guard.errors import UsageError

    if options.allowed_host and not options.http:
        raise UsageError("--allowed-host goes with --http")
    _require_package()
    _refuse_limits_of_nothing(options)
    from guard.integrations.mcp.reviewing import Terms
    from guard.integrations.mcp.roots import roots_at
    from guard.integrations.mcp.server import serve_stdio, server_for

    terms = Terms(
        roots_at(options.root or [], options.directory), options.config, options.model, options.max_tokens, options.max_cost
    )
    if not options.http:
        if sys.stdin.isatty() and not options.quiet:
            sys.stderr.write("waiting for an MCP client on standard input; --http PORT serves over HTTP\n")
        serve_stdio(terms, verbose=bool(options.verbose))
        return 0
    from guard.integrations.mcp.http import serve_http

    server = server_for(terms, verbose=bool(options.verbose))
    serve_http(server, options.http, options.allowed_host or [], quiet=options.quiet, verbose=bool(options.verbose))
    return 0


def _refuse_limits_of_nothing(options: Namespace) -> None:
    """A limit without a model, or in dollars of a model without a price, is a mistake that no request should find first."""
    from guard.errors import UsageError

    if (options.max_tokens or options.max_cost) and not options.model:
        raise UsageError("--max-tokens and --max-cost limit what a model may take; name it with --model")
    if options.max_cost:
        from guard.model.budget import price_is_unknown
        from guard.model.prices import price_of

        if price_of(options.model) is None:
            raise UsageError(price_is_unknown(options.model))


def _require_package() -> None:
    """The package of the protocol is an extra; its first generation lacks what is used here."""
    from guard.errors import MissingExtraError

    try:
        from mcp.server import MCPServer
    except ImportError:
        raise MissingExtraError("the MCP server", "mcp") from None
    del MCPServer

"""The MCP server as the TypeScript SDK and the MCP inspector's command line see it, in both generations of the protocol."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from mcp_help import CARTS, COMMAND, PLAIN, http_server, repository
from npm import installed, node

_SDKS = ("@modelcontextprotocol/client@2.3.1", "@modelcontextprotocol/sdk@1.32.2")
_INSPECTOR = "@modelcontextprotocol/inspector@2.12.0"
_SCRIPT = Path(__file__).with_name("mcp_client.mjs")


def _node(*words: str | Path) -> Any:
    done = subprocess.run([node(), *words], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _proven(seen: Any, generation: str) -> None:
    assert seen["generation"] == generation
    assert seen["tools"] == ["review_changes", "review_diff", "scan_file", "explain_rule", "list_rules"]
    assert all(hint["readOnlyHint"] and not hint["openWorldHint"] for hint in seen["hints"])
    answer = seen["review"]["structuredContent"]
    assert [(finding["path"], finding["check"]) for finding in answer["findings"]] == [("app.py", "session-store")]
    assert json.loads(seen["review"]["content"][0]["text"]) == answer
    assert seen["refused"]["isError"]
    assert "outside of what this server may read" in seen["refused"]["content"][0]["text"]
    assert len(set(seen["several"])) == 1
    assert seen["rule"].startswith("session-store: ")
    assert "## Checks" in seen["atom"]
    assert "The task:\na cart" in seen["prompt"]
    assert "session-store" in seen["completed"]
    assert seen["progress"]


@pytest.mark.parametrize("transport", ["stdio", "http"])
@pytest.mark.parametrize("generation", ["v1", "2025-11-25", "2026-07-28"])
def test_the_typescript_sdk_reviews(tmp_path: Path, generation: str, transport: str) -> None:
    """Both SDKs, both generations, both transports see tools, findings, errors, progress, resources and the prompt."""
    repo = repository(tmp_path / "repo", {"app.py": PLAIN}, {"app.py": CARTS})
    modules = installed(*_SDKS)
    if transport == "stdio":
        seen = _node(_SCRIPT, modules, generation, repo, *COMMAND)
    else:
        with http_server(repo) as address:
            seen = _node(_SCRIPT, modules, generation, address)
    _proven(seen, generation)


@pytest.mark.skipif(not os.environ.get("GUARD_INSPECTOR"), reason="`make inspect` runs it: a hundred megabytes from npm")
@pytest.mark.parametrize("era", ["legacy", "modern"])
def test_the_inspector_finds_nothing_to_complain_about(tmp_path: Path, era: str) -> None:
    """The inspector's command line lists and calls the tools, finds their schemas portable, and a load of calls fails nowhere."""
    repo = repository(tmp_path / "repo", {"app.py": PLAIN}, {"app.py": CARTS})
    script = installed(_INSPECTOR) / "@modelcontextprotocol/inspector/clients/launcher/build/index.js"
    same = ("--cli", "--protocol-era", era, "--format", "json", "-q")
    stdio = ("--cwd", str(repo), "--", *COMMAND)
    listed = _node(script, *same, "--method", "tools/list", "--strict", *stdio)
    assert "review_changes" in json.dumps(listed)
    called = _node(script, *same, "--method", "tools/call", "--tool-name", "review_changes", *stdio)
    assert "session-store" in json.dumps(called)
    assert "StatelessProcesses" in json.dumps(_node(script, *same, "--method", "resources/list", *stdio))
    assert "write_stateless_code" in json.dumps(_node(script, *same, "--method", "prompts/list", *stdio))
    with http_server(repo) as address:
        load = ("--load", "--load-concurrency", "8", "--load-requests", "80")
        loaded = _node(script, *same, "--method", "tools/call", "--tool-name", "review_changes", *load, address)
    assert (loaded["result"]["ok"], loaded["result"]["toolErrors"], loaded["result"]["errors"]) == (80, 0, 0)

"""A real agent uses the MCP server as docs/mcp.md sets it up: it writes a session in memory, asks, is told, mends, and asks again.

The package is big, so this runs with `make test-agents` (GUARD_AGENTS=1) and not with `make test`.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from agents_model import Model, Step
from mcp_help import CARTS, PLAIN, git, repository
from npm import installed, node

pytestmark = pytest.mark.skipif(not os.environ.get("GUARD_AGENTS"), reason="make test-agents")

_CLAUDE = "@anthropic-ai/claude-code@2.1.197"
_TOOL = "mcp__stateless-guard__review_changes"
_MENDED = (
    PLAIN
    + "import os\nimport redis\n\nstore = redis.Redis.from_url(os.environ['REDIS_URL'])\n\n\n"
    + "@app.post('/cart/<user>')\ndef add(user):\n    store.rpush(f'cart:{user}', request.data)\n    return ''\n"
)


def _script(path: Path) -> Callable[[str], Step]:
    """A model that writes carts in memory, asks for a review, does what it is told, and asks again."""

    def script(body: str) -> Step:
        verdicts = _verdicts(body)
        if not verdicts:
            return ("call", _TOOL, "{}") if "carts = {}" in body else ("write", str(path), CARTS)
        if verdicts[-1] == "findings":
            return ("call", _TOOL, "{}") if "redis.Redis.from_url" in body else ("write", str(path), _MENDED)
        return ("say", "Nothing is lost any more.")

    return script


def _verdicts(body: str) -> list[str]:
    """What the reviews in a conversation said, in order."""
    return re.findall(r'\\"verdict\\":\\"(\w+)\\"', body)


def test_claude_code_reviews_and_mends(tmp_path: Path) -> None:
    """With nothing but the settings of the documentation the model has the tool, reads its answer, and ends with a clean review."""
    repo, home = repository(tmp_path / "repo", {"README.md": "a shop\n"}, {}), tmp_path / "home"
    home.mkdir()
    text = (Path(__file__).parent.parent / "docs" / "mcp.md").read_text()
    settings = next(block for block in re.findall(r"```json\n(.*?)```", text, re.DOTALL) if "mcpServers" in block)
    (repo / ".mcp.json").write_text(settings)
    modules = installed(_CLAUDE)
    binary = next(modules.glob("@anthropic-ai/claude-code-linux-*/claude"), modules / ".bin" / "claude")
    with Model(_script(repo / "app.py")) as model:
        environment = {
            "PATH": os.pathsep.join((str(Path(sys.executable).parent), str(Path(node()).parent), "/usr/bin", "/bin")),
            "HOME": str(home), "TERM": "dumb", "ANTHROPIC_BASE_URL": model.url, "ANTHROPIC_API_KEY": "sk-dummy",
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "DISABLE_AUTOUPDATER": "1",
        }  # fmt: skip
        words = [
            "-p",
            "Write a cart in app.py",
            "--permission-mode",
            "acceptEdits",
            "--allowedTools",
            _TOOL,
            "--mcp-config",
            ".mcp.json",
        ]
        done = subprocess.run(
            [str(binary), *words, "--output-format", "stream-json", "--verbose"],
            cwd=repo, env=environment, capture_output=True, text=True, timeout=120, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr + done.stdout[-2000:]
    assert _verdicts(model.requests[-1]) == ["findings", "clean"], model.requests[-1]
    assert '\\"remedy\\":' in model.requests[-1]
    assert (repo / "app.py").read_text() == _MENDED
    assert json.loads(done.stdout.strip().split("\n")[-1])["result"] == "Nothing is lost any more."
    assert git(repo, "status", "--short").split() == ["??", ".mcp.json", "??", "app.py"]

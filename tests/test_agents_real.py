"""Real agents, driven by a scripted model on the loopback: what they are told reaches the model, and they are told once.

The packages are big (up to 650 MB installed), so these run with `make test-agents` (GUARD_AGENTS=1) and not with `make test`.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from agents_model import Model, Step
from hook_help import BAD, answer, git, payload, remembering, repository, text_of
from npm import installed, node

pytestmark = pytest.mark.skipif(not os.environ.get("GUARD_AGENTS"), reason="make test-agents")

PACKAGES = {
    "claude-code": "@anthropic-ai/claude-code@2.1.197",
    "codex": "@openai/codex@0.169.0",
    "copilot": "@github/copilot@1.0.102",
    "gemini": "@google/gemini-cli@0.61.0",
}
COMMIT = 'git add -A && git -c user.name=a -c user.email=a@example.org commit -qm "login"'
MENDED = BAD.replace("import uuid\n", "import os\nimport uuid\n\nimport redis\n").replace(
    "sessions = {}", 'store = redis.Redis.from_url(os.environ["REDIS_URL"])'
).replace('sessions[token] = {"user": request.form["user"]}', 'store.set("session:" + token, request.form["user"], ex=3600)').replace(
    'sessions[request.headers["X-Token"]]', '{"user": store.get("session:" + request.headers["X-Token"]).decode()}'
)  # fmt: skip


@dataclass
class Run:
    """What came of one session: what the model was asked, what the hooks said, what is in the repository."""

    requests: list[str]
    output: str
    repo: Path

    def told(self) -> list[str]:
        """The kinds of the marks in each request, in order of their first appearance."""
        found: list[str] = []
        for request in self.requests:
            found += [mark for mark in re.findall(r"\[guard ([a-z]+ \d): ", request) if mark not in found]
        return found


def mends(path: str, *, commits: bool = False, agent: str = "") -> Callable[[str], Step]:
    """A model that writes a session in memory, and a better one once it is told."""
    better: Step = ("run", f"cat > app.py <<'EOF'\n{MENDED}EOF\n") if agent == "copilot" else ("write", path, MENDED)

    def script(body: str) -> Step:
        if "[guard " in body:
            if "redis.Redis.from_url" not in body:
                return better
            done = "mended-and-committed"
            return (
                ("run", f"{COMMIT} && echo {done}") if commits and done not in body else ("say", "Sessions are in Redis now.")
            )
        if "sessions = {}" not in body:
            return ("write", path, BAD)
        return ("run", COMMIT) if commits and "commit -qm" not in body else ("say", "Done.")

    return script


def stubborn(path: str) -> Callable[[str], Step]:
    """A model that does not care."""
    return lambda body: ("say", "I leave it.") if "sessions = {}" in body else ("write", path, BAD)


def session(agent: str, folder: Path, script: Callable[[str], Step], *flags: str) -> Run:
    """`stateless-guard init AGENT` in a new repository, then one prompt."""
    repo, home = repository(folder / "repo"), folder / "home"
    home.mkdir()
    modules = installed(PACKAGES[agent])
    places = (str(Path(sys.executable).parent), str(Path(node()).parent), "/usr/bin", "/bin")
    environment = {"PATH": os.pathsep.join(places), "HOME": str(home), "TERM": "dumb"}
    subprocess.run(["stateless-guard", "init", agent, *flags], cwd=repo, env=environment, check=True, capture_output=True)
    with Model(script) as model:
        command, own = STARTS[agent](modules, model.url, home, repo)
        done = subprocess.run(
            command,
            cwd=repo,
            env=environment | own,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    assert done.returncode == 0, done.stderr
    return Run(model.requests, done.stdout, repo)


Start = tuple[list[str], dict[str, str]]


def _claude(modules: Path, url: str, home: Path, repo: Path) -> Start:
    del home, repo
    own = {
        "ANTHROPIC_BASE_URL": url,
        "ANTHROPIC_API_KEY": "sk-dummy",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "DISABLE_AUTOUPDATER": "1",
    }
    binary = next(modules.glob("@anthropic-ai/claude-code-linux-*/claude"), modules / ".bin" / "claude")
    words = ["-p", "Write a login in app.py", "--permission-mode", "acceptEdits", "--allowedTools", "Bash"]
    return [str(binary), *words, "--output-format", "stream-json", "--verbose"], own


def _codex(modules: Path, url: str, home: Path, repo: Path) -> Start:
    (home / ".codex").mkdir()
    (home / ".codex" / "config.toml").write_text(
        f'model = "gpt-5.5"\nmodel_provider = "loop"\n[model_providers.loop]\nname = "loop"\nbase_url = "{url}/v1"\n'
        f'env_key = "OPENAI_API_KEY"\nwire_api = "responses"\n[projects."{repo}"]\ntrust_level = "trusted"\n'
    )
    words = ["exec", "--dangerously-bypass-hook-trust", "--dangerously-bypass-approvals-and-sandbox", "--json"]
    return [node(), str(modules / "@openai/codex/bin/codex.js"), *words, "Write a login in app.py"], {
        "OPENAI_API_KEY": "sk-dummy"
    }


def _copilot(modules: Path, url: str, home: Path, repo: Path) -> Start:
    del home, repo
    own = {
        "COPILOT_OFFLINE": "true",
        "COPILOT_PROVIDER_BASE_URL": f"{url}/v1",
        "COPILOT_PROVIDER_API_KEY": "dummy",
        "COPILOT_MODEL": "gpt-5",
        "COPILOT_ALLOW_ALL": "true",  # hooks of a folder run once it is trusted
    }
    return [
        str(modules / ".bin" / "copilot"),
        "-p",
        "Write a login in app.py",
        "--allow-all-tools",
        "--allow-all-paths",
        "--no-color",
    ], own


def _gemini(modules: Path, url: str, home: Path, repo: Path) -> Start:
    del repo
    (home / ".gemini").mkdir()
    (home / ".gemini" / "settings.json").write_text('{"security": {"auth": {"selectedType": "gemini-api-key"}}}')
    own = {"GEMINI_API_KEY": "dummy", "GOOGLE_GEMINI_BASE_URL": url, "GEMINI_CLI_TRUST_WORKSPACE": "true"}
    words = ["-p", "Write a login in app.py", "--approval-mode", "yolo", "-m", "gemini-2.5-pro"]
    return [node(), str((modules / ".bin" / "gemini").resolve()), *words], own


STARTS: dict[str, Callable[[Path, str, Path, Path], Start]] = {
    "claude-code": _claude, "codex": _codex, "copilot": _copilot, "gemini": _gemini,
}  # fmt: skip


def path_in(agent: str, folder: Path) -> str:
    """How an agent's tool names the file."""
    return "app.py" if agent == "codex" else str(folder / "repo" / "app.py")


@pytest.mark.parametrize("agent", sorted(PACKAGES))
def test_after_nothing_but_init_the_file_is_mended(agent: str, tmp_path: Path) -> None:
    """The text of the hook reaches the model at the end of its turn, it mends the file, and is not sent back again."""
    run = session(agent, tmp_path, mends(path_in(agent, tmp_path), agent=agent))
    assert run.told() == ["turn 1"]
    assert len(run.requests) == 4
    assert (run.repo / "app.py").read_text() == MENDED


@pytest.mark.parametrize("agent", sorted(PACKAGES))
def test_who_does_not_care_is_sent_back_once(agent: str, tmp_path: Path) -> None:
    """No loop."""
    run = session(agent, tmp_path, stubborn(path_in(agent, tmp_path)))
    assert run.told() == ["turn 1"]
    assert len(run.requests) == 3
    assert (run.repo / "app.py").read_text() == BAD


@pytest.mark.parametrize("agent", sorted(PACKAGES))
def test_a_commit_is_kept_back_until_it_is_mended(agent: str, tmp_path: Path) -> None:
    """The first commit is denied, the mended one goes through, and nothing is left to send back for."""
    run = session(agent, tmp_path, mends(path_in(agent, tmp_path), commits=True, agent=agent))
    assert run.told() == ["commit 1"]
    assert git(run.repo, "log", "--format=%s") == "login\nfirst\n"
    assert git(run.repo, "show", "HEAD:app.py") == MENDED


@pytest.mark.parametrize("agent", sorted(PACKAGES))
def test_who_insists_may_commit(agent: str, tmp_path: Path) -> None:
    """Denied once, then let through, and not sent back for the same at the end: the transcript remembers in time."""
    path = path_in(agent, tmp_path)

    def script(body: str) -> Step:
        if "sessions = {}" not in body:
            return ("write", path, BAD)
        tries = len(re.findall(r"echo try-\d", body))
        return (
            ("say", "Committed.")
            if "committed-at-last" in body
            else ("run", f"{COMMIT} && echo committed-at-''last; echo try-{tries}")
        )

    run = session(agent, tmp_path, script)
    assert run.told() == ["commit 1"]
    assert len(run.requests) == 4
    assert git(run.repo, "log", "--format=%s") == "login\nfirst\n"


@pytest.mark.parametrize("agent", sorted(PACKAGES))
def test_an_edit_hook_tells_at_once(agent: str, tmp_path: Path) -> None:
    """With `--edits` the model reads it with the result of its tool."""
    run = session(agent, tmp_path, mends(path_in(agent, tmp_path), agent=agent), "--edits")
    assert run.told() == ["edit 1"]
    assert len(run.requests) == 3
    assert (run.repo / "app.py").read_text() == MENDED


def test_answers_hold_to_the_schemas_inside_codex(tmp_path: Path) -> None:
    """Codex carries the schemas of its hooks in its program; an unknown key would make a hook fail."""
    schemas = _schemas(next(installed(PACKAGES["codex"]).glob("@openai/codex-linux-*/vendor/*/bin/codex")))
    repo = repository(tmp_path / "repo", app=BAD)
    said: list[dict[str, Any]] = []
    for name, title in (("PostToolUse", "post-tool-use"), ("PreToolUse", "pre-tool-use"), ("Stop", "stop")):
        values = payload("codex", name, repo)
        jsonschema.validate(values, schemas[f"{title}.command.input"])
        for asked in (values, remembering("codex", values, tmp_path / "t.jsonl"), {**values, "cwd": str(tmp_path)}):
            said.append(answer("codex", asked))
            jsonschema.validate(said[-1], schemas[f"{title}.command.output"])
    assert len([one for one in said if "[guard " in text_of(one)]) >= 5


def _schemas(program: Path) -> dict[str, Any]:
    """JSON schemas, told by their titles, out of the bytes of a program."""
    found: dict[str, Any] = {}
    data = program.read_bytes()
    for match in re.finditer(rb'"title": "([a-z-]+\.command\.(?:in|out)put)"', data):
        start = data.rfind(b'{\n  "$schema"', 0, match.start())
        text = data[start : match.end() + 400].decode("utf-8", "replace")
        found[match[1].decode()], _ = json.JSONDecoder().raw_decode(text)
    return found


def test_answers_hold_to_the_forms_inside_cursors_sdk(tmp_path: Path) -> None:
    """Cursor itself is not on npm; its SDK is, with the messages that carry a hook's answer."""
    program = (installed("@cursor/sdk@1.0.32") / "@cursor" / "sdk" / "dist" / "bundled" / "index.js").read_text(
        errors="replace"
    )
    forms = {
        name: {field.split(" ")[1] for field in fields.split("|")}
        for name, fields in re.findall(r'"(\w+)RequestResponse\|([^"]*)"', program)
    }
    repo = repository(tmp_path / "repo", app=BAD)
    for name, form in (("beforeShellExecution", "PreToolUse"), ("postToolUse", "PostToolUse"), ("stop", "Stop")):
        said = answer("cursor", remembering("cursor", payload("cursor", name, repo), tmp_path / "t.jsonl"))
        assert "[guard " in text_of(said)
        assert said.keys() <= forms[form]

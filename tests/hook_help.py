"""A repository for hooks to work in, the payloads of `fixtures/agents`, and what a vendor's answer may look like."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any, Literal, NotRequired, get_args, get_origin, get_type_hints, is_typeddict

from pydantic import BaseModel, ConfigDict, create_model

from guard.integrations.agents import VENDORS
from guard.integrations.agents.answering import vendor, work

FIXTURES = Path(__file__).parent.parent / "fixtures" / "agents"
AGENTS = tuple(VENDORS)
BAD = json.loads((FIXTURES / "claude-code" / "PostToolUse.json").read_text())["tool_input"]["content"]
GOOD = 'import os\n\nimport redis\n\nstore = redis.Redis.from_url(os.environ["REDIS_URL"])\n'
EDIT = {
    "claude-code": "PostToolUse",
    "codex": "PostToolUse",
    "copilot": "postToolUse",
    "cursor": "postToolUse",
    "gemini": "AfterTool",
}
COMMIT = {
    "claude-code": "PreToolUse", "codex": "PreToolUse", "copilot": "preToolUse", "cursor": "beforeShellExecution", "gemini": "BeforeTool",
}  # fmt: skip
STOP = {"claude-code": "Stop", "codex": "Stop", "copilot": "agentStop", "cursor": "stop", "gemini": "AfterAgent"}

AGAIN: dict[str, dict[str, Any]] = {
    agent: {"loop_count": 1} if agent == "cursor" else {"stop_hook_active": True} for agent in AGENTS
}


def git(folder: Path, *arguments: str) -> str:
    """The output of a git command."""
    return subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


def repository(folder: Path, **files: str) -> Path:
    """A repository with one commit, and these files (`app` is app.py) in its work tree."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "-q")
    (folder / "README.md").write_text("a project\n")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "first")
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    return folder


def payload(agent: str, name: str, repo: Path, home: Path | None = None, **changed: object) -> dict[str, Any]:
    """A recorded payload, for this repository."""
    text = (FIXTURES / agent / f"{name}.json").read_text()
    text = text.replace("{repo}", str(repo)).replace("{home}", str(home or repo.parent / "home"))
    return {**json.loads(text), **changed}


def remembering(agent: str, values: dict[str, Any], path: Path, *said: str) -> dict[str, Any]:
    """The payload with a transcript in which these texts were said."""
    path.write_text("".join(json.dumps({"said": text}) + "\n" for text in said))
    return {**values, "transcriptPath" if agent == "copilot" else "transcript_path": str(path)}


def answers(agent: str, values: object) -> list[dict[str, Any]]:
    """Every answer to one payload, in this process; each holds to the vendor's form."""
    said: list[bytes] = []
    work(agent, values if isinstance(values, bytes) else json.dumps(values).encode(), said.append)
    return [checked(agent, line) for line in said]


def answer(agent: str, values: object) -> dict[str, Any]:
    """The answer that counts."""
    return answers(agent, values)[-1]


def checked(agent: str, line: bytes) -> dict[str, Any]:
    """An answer, which is one line of JSON with the keys that the vendor allows and no others."""
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    values: dict[str, Any] = json.loads(line.decode("utf-8"))
    module: Any = vendor(agent)
    form(module.Answer).model_validate(values)
    return values


def form(typed: Any, extra: Literal["forbid", "ignore"] = "forbid") -> type[BaseModel]:
    """A pydantic model out of a TypedDict (which pydantic itself reads only from Python 3.12 on)."""
    fields: dict[str, Any] = {}
    for name, hint in get_type_hints(typed, include_extras=True).items():
        needed = typed.__total__ and get_origin(hint) is not NotRequired
        plain = get_args(hint)[0] if get_origin(hint) is NotRequired else hint
        kind = form(plain, extra) if is_typeddict(plain) else plain
        fields[name] = (kind, ... if needed else None)
    return create_model(typed.__name__, __config__=ConfigDict(extra=extra, strict=True), **fields)


def text_of(values: dict[str, Any]) -> str:
    """What an answer says, to whomever."""
    texts = [
        value for key, value in _flat(values) if key not in {"hookEventName", "permissionDecision", "decision", "permission"}
    ]
    return "\n".join(texts)


def _flat(values: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        pair for key, value in values.items() for pair in (_flat(value) if isinstance(value, dict) else [(key, str(value))])
    ]


def stops(values: dict[str, Any]) -> bool:
    """Whether an answer keeps the agent from what it was about to do."""
    words = {value for key, value in _flat(values) if key in {"decision", "permissionDecision", "permission"}}
    return bool(words & {"block", "deny"}) or "followup_message" in values

"""`init AGENT`: hooks in settings that are there already, and out again."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hook_help import repository
from hypothesis import given
from hypothesis import strategies as st

from guard.cli.starters import _agents, starter
from guard.cli.starters._json_text import parsed
from guard.errors import UsageError

AGENTS = ("claude-code", "codex", "copilot", "cursor", "gemini")


def init(folder: Path, *arguments: str) -> str:
    """The output of `stateless-guard init …`."""
    done = subprocess.run(
        [sys.executable, "-m", "guard", "init", *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout


def agent_of(name: str) -> _agents.Agent:
    """The description of an agent."""
    module: Any = starter(name)
    agent: _agents.Agent = module.AGENT
    return agent


def files(folder: Path) -> dict[str, str]:
    """Every file that is not git's."""
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in folder.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(folder).parts
    }


@pytest.mark.parametrize("name", AGENTS)
def test_it_is_shown_written_once_and_taken_out(name: str, tmp_path: Path) -> None:
    """Dry run, run, run again, remove: what was there before is there after."""
    repo = repository(tmp_path / "repo")
    before = files(repo)
    shown = init(repo, name, "--edits", "--instructions", "--dry-run")
    assert files(repo) == before
    written = init(repo, name, "--edits", "--instructions")
    assert shown.strip() in written
    after = files(repo)
    agent = agent_of(name)
    assert json.loads(after[agent.file])
    assert "stateless" in after[agent.instructions]
    assert "nothing written" in init(repo, name, "--edits", "--instructions")
    assert files(repo) == after
    init(repo, name, "--remove")
    assert files(repo) == before
    assert "nothing removed" in init(repo, name, "--remove")


@pytest.mark.parametrize("name", AGENTS)
def test_the_command_line_is_what_agents_have_trusted(name: str) -> None:
    """Codex trusts a hook by its hash: these lines must never change."""
    told = json.dumps(agent_of(name).wanted(edits=True))
    assert f"stateless-guard hook {name}" in told
    if name == "codex":
        command = {"type": "command", "command": "stateless-guard hook codex", "timeout": 30}
        assert agent_of(name).wanted(edits=True) == (
            ("PreToolUse", {"matcher": "Bash", "hooks": [command]}),
            ("Stop", {"hooks": [command]}),
            ("PostToolUse", {"matcher": "apply_patch", "hooks": [command]}),
        )


@pytest.mark.parametrize("name", AGENTS)
def test_a_command_that_is_not_installed_blocks_nobody(name: str) -> None:
    """Copilot denies on any status but 0, Gemini on any above 1: "not found" is 127."""
    told = json.dumps(agent_of(name).wanted(edits=True))
    assert ("|| true" in told) is (name in {"copilot", "gemini"})


def test_edits_are_by_choice() -> None:
    """A hook after every edit is not installed unasked."""
    for name in AGENTS:
        agent = agent_of(name)
        plain = json.loads(_agents.with_hooks(None, agent, edits=False))
        assert agent.edits[0] not in plain["hooks"]


SETTINGS = (
    '{\n  "permissions": {"allow": ["Bash(ls)"]}\n}\n',
    '{\n\t// mine\n\t"hooks": {\n\t\t"Stop": [\n\t\t\t{"hooks": [{"type": "command", "command": "say done"}]} // aloud\n\t\t],\n\t}, /* x */\n}',
    '{"a": 1, "hooks": {"Stop": [{"hooks": []}], "PreToolUse": [{"matcher": "Bash", "hooks": [{"command": "x"}]}]}}',
    '{\r\n    "a": [1, 2],\r\n    "hooks": {\r\n        "Stop": [\r\n            {"hooks": []}\r\n        ]\r\n    }\r\n}\r\n',
    '\ufeff{\n "a": {},\n "b": "// no comment, \\" {"\n}\n',
    '{\n  "a": 1, // last\n  // nothing follows\n}\n',
    '{ "version": 1, "hooks": { "stop": [ { "command": "x" } ] } }\n',
    '// mine\n{ "theme": "dark" }\n',
)


@pytest.mark.parametrize("name", AGENTS)
@pytest.mark.parametrize("text", SETTINGS)
def test_what_is_there_keeps_every_byte(name: str, text: str) -> None:
    """Comments, commas, indentation and line ends; the hooks can be taken out again without a trace."""
    agent = agent_of(name)
    merged = _agents.with_hooks(text, agent, edits=True)
    assert _agents.with_hooks(merged, agent, edits=True) == merged
    old, new = parsed(text, "old").value, parsed(merged, "new").value
    assert isinstance(old, dict)
    assert isinstance(new, dict)
    assert {key: value for key, value in new.items() if key != "hooks"} == {
        key: value for key, value in old.items() if key != "hooks"
    }
    for event, items in old.get("hooks", {}).items():
        assert new["hooks"][event][: len(items)] == items
    for event, item in agent.wanted(edits=True):
        assert item in new["hooks"][event]
    assert _agents.without_hooks(merged, agent) == text


@pytest.mark.parametrize("name", AGENTS)
def test_what_is_added_is_indented_alike(name: str) -> None:
    """Also where the file shows no indentation before."""
    agent = agent_of(name)
    lines = _agents.with_hooks('// mine\n{ "theme": "dark" }\n', agent, edits=True).splitlines()
    events = [line for line in lines if any(line.strip().startswith(f'"{event}"') for event, _ in agent.wanted(edits=True))]
    assert len(events) == 3
    assert {len(line) - len(line.lstrip()) for line in events} == {4}


def test_what_was_added_behind_ours_stays() -> None:
    """Entries that came later, on both sides."""
    agent = agent_of("claude-code")
    merged = json.loads(_agents.with_hooks('{\n  "a": 1\n}\n', agent, edits=False))
    merged["hooks"]["Stop"].append({"hooks": [{"type": "command", "command": "mine"}]})
    merged["z"] = 2
    text = json.dumps(merged, indent=2)
    kept = _agents.without_hooks(text, agent)
    assert kept is not None
    assert json.loads(kept) == {"a": 1, "hooks": {"Stop": [{"hooks": [{"type": "command", "command": "mine"}]}]}, "z": 2}


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"hooks": []}', '{"hooks": {"Stop": {}}}', "{'a': 1}", '{"a" 1}', "{} {}", '{"a": tru}', "[" * 500]
)
def test_a_file_that_is_no_settings_file_is_left_alone(text: str) -> None:
    """It is said what is wrong, in a line."""
    with pytest.raises(UsageError):
        _agents.with_hooks(text, agent_of("claude-code"), edits=False)


@pytest.mark.parametrize("text", ["# Project\n", "# Project", "a\n\n", "\n"])
def test_instructions_keep_what_is_there(text: str) -> None:
    """The rule stands between two marks and goes with them; an older text of it is replaced."""
    told = _agents.with_rule(text)
    assert told.startswith(text)
    assert "No in-memory session store" in told
    assert _agents.with_rule(told) == told
    assert _agents.with_rule(told.replace("No in-memory", "An older")) == told
    assert _agents.without_rule(told) == text


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.dictionaries(st.text(max_size=4).filter(lambda key: key != "hooks"), VALUES, min_size=1, max_size=4),
    st.sampled_from([None, 2, 4, "\t"]),
)
def test_any_settings_survive(values: dict[str, object], indent: int | str | None) -> None:
    """Whatever JSON holds and however it is indented."""
    text = json.dumps(values, indent=indent)
    agent = agent_of("claude-code")
    merged = _agents.with_hooks(text, agent, edits=True)
    assert {key: value for key, value in json.loads(merged).items() if key != "hooks"} == values
    assert _agents.without_hooks(merged, agent) == text

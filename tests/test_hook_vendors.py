"""What agents send is understood, and what they are told has their form: payloads recorded from them, answers held to their types."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hook_help import (
    AGAIN,
    AGENTS,
    BAD,
    COMMIT,
    EDIT,
    FIXTURES,
    GOOD,
    STOP,
    answer,
    form,
    git,
    payload,
    remembering,
    repository,
    stops,
    text_of,
)  # fmt: skip

from guard.integrations.agents import events
from guard.integrations.agents.answering import vendor

PAYLOADS = sorted((path.parent.name, path.stem) for path in FIXTURES.glob("*/*.json"))


@pytest.mark.parametrize(("agent", "name"), PAYLOADS, ids=lambda value: value)
def test_recorded_payloads_hold_to_the_types_that_are_read(agent: str, name: str, tmp_path: Path) -> None:
    """The TypedDict of a vendor says what its payloads hold."""
    module: Any = vendor(agent)
    values = payload(agent, name, tmp_path)
    form(module.Payload, "ignore").model_validate(values)
    kinds = {EDIT[agent]: events.EDIT, "afterFileEdit": events.EDIT, COMMIT[agent]: events.COMMAND, STOP[agent]: events.TURN}
    event = module.event_of(values)
    assert event.kind == kinds[name.removesuffix("-again")]
    assert event.cwd == str(tmp_path)
    assert bool(event.again) is name.endswith("-again")


@pytest.mark.parametrize("agent", AGENTS)
def test_an_edit_is_told_of_and_never_blocked(agent: str, tmp_path: Path) -> None:
    """The agent reads what is wrong and what to write instead, in at most 1,200 characters."""
    repo = repository(tmp_path / "repo", app=BAD)
    said = answer(agent, payload(agent, EDIT[agent], repo))
    assert not stops(said)
    text = text_of(said)
    assert "app.py:6" in text
    assert "Instead:" in text
    assert "[guard edit 1: " in text
    assert len(text) <= 1_200


@pytest.mark.parametrize("agent", AGENTS)
def test_what_an_edit_did_not_bring_is_not_told(agent: str, tmp_path: Path) -> None:
    """A file that has the problem already and gets a harmless line is no news."""
    repo = repository(tmp_path / "repo", app=BAD)
    git(repo, "add", "-A")
    git(repo, "commit", "-qm", "login")
    (repo / "app.py").write_text(BAD + "\n\nVERSION = 1\n")
    values = payload(agent, EDIT[agent], repo)
    text = json.dumps(values)
    if agent == "codex":
        values["tool_input"] = {"command": "*** Begin Patch\n*** Update File: app.py\n@@\n+\n+\n+VERSION = 1\n*** End Patch\n"}
    elif agent == "gemini":
        values["tool_response"]["returnDisplay"].update(originalContent=BAD, isNewFile=False)
    elif agent == "claude-code":
        values["tool_response"].update(originalFile=BAD, type="update")
    elif agent == "copilot":
        values.update(
            toolName="edit", toolArgs=json.dumps({"path": str(repo / "app.py"), "old_str": "", "new_str": "VERSION = 1\n"})
        )
    else:
        values["tool_input"] = {"file_path": str(repo / "app.py"), "old_string": "", "new_string": "VERSION = 1\n"}
    assert text
    assert answer(agent, values) == {}


@pytest.mark.parametrize("agent", AGENTS)
def test_a_commit_is_kept_back_once(agent: str, tmp_path: Path) -> None:
    """With a transcript to remember by, the first attempt is denied and the second passes."""
    repo = repository(tmp_path / "repo", app=BAD)
    values = payload(agent, COMMIT[agent], repo)
    first = answer(agent, remembering(agent, values, tmp_path / "t.jsonl", "hello"))
    assert stops(first)
    assert "[guard commit 1: " in text_of(first)
    assert not stops(answer(agent, remembering(agent, values, tmp_path / "t.jsonl", "hello", text_of(first))))


def test_a_merge_is_not_kept_back_for_what_the_other_branch_brings(tmp_path: Path) -> None:
    """What is new to one side only was written by somebody else; what the merge itself adds is told."""
    repo = repository(tmp_path / "repo")
    git(repo, "checkout", "-q", "-b", "other")
    (repo / "app.py").write_text(BAD)
    git(repo, "add", "-A")
    git(repo, "commit", "-qm", "login")
    git(repo, "checkout", "-q", "-")
    git(repo, "merge", "-q", "--no-ff", "--no-commit", "other")
    events = [
        remembering("claude-code", payload("claude-code", names["claude-code"], repo), tmp_path / "t.jsonl")
        for names in (COMMIT, STOP)
    ]
    assert [answer("claude-code", event) for event in events] == [{}, {}]
    (repo / "new.py").write_text(BAD)
    git(repo, "add", "-A")
    for event in events:
        assert stops(told := answer("claude-code", event))
        assert "new.py" in text_of(told)
        assert "app.py" not in text_of(told)


@pytest.mark.parametrize("agent", AGENTS)
def test_a_commit_is_never_kept_back_without_a_memory(agent: str, tmp_path: Path) -> None:
    """Where nothing could tell that it was kept back before, it is not."""
    repo = repository(tmp_path / "repo", app=BAD)
    assert not stops(answer(agent, payload(agent, COMMIT[agent], repo)))


def test_copilots_transcript_is_found_before_a_tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its payload does not name it then."""
    monkeypatch.setenv("COPILOT_HOME", str(tmp_path))
    repo = repository(tmp_path / "repo", app=BAD)
    session = tmp_path / "session-state" / "s"
    session.mkdir(parents=True)
    (session / "events.jsonl").write_text("{}\n")
    assert stops(answer("copilot", payload("copilot", "preToolUse", repo, sessionId="s")))


@pytest.mark.parametrize("agent", AGENTS)
def test_a_turn_is_sent_back_once(agent: str, tmp_path: Path) -> None:
    """With and without a transcript; what stopped the agent once never stops it again, not even in a later turn."""
    repo = repository(tmp_path / "repo", app=BAD)
    values, path = payload(agent, STOP[agent], repo), tmp_path / "t.jsonl"
    first = answer(agent, values)
    assert stops(first)
    again = {**values, **AGAIN[agent]}
    assert not stops(answer(agent, again))
    assert not stops(answer(agent, remembering(agent, again, path, text_of(first))))
    assert not stops(answer(agent, remembering(agent, values, path, text_of(first))))


@pytest.mark.parametrize("agent", AGENTS)
def test_a_mend_that_brings_something_new_is_sent_back_again_but_not_for_ever(agent: str, tmp_path: Path) -> None:
    """The mark counts: another finding in the same turn is told, up to three times."""
    repo = repository(tmp_path / "repo", app=BAD)
    again, path = {**payload(agent, STOP[agent], repo), **AGAIN[agent]}, tmp_path / "t.jsonl"
    second = answer(agent, remembering(agent, again, path, "[guard turn 1: 0123456789abcdef]"))
    assert stops(second)
    assert "[guard turn 2: " in text_of(second)
    assert not stops(answer(agent, remembering(agent, again, path, "[guard turn 3: 0123456789abcdef]")))


@pytest.mark.parametrize("agent", AGENTS)
def test_a_clean_repository_is_passed_without_a_word(agent: str, tmp_path: Path) -> None:
    """Nothing to say is an empty object, which every vendor takes as "no opinion"."""
    repo = repository(tmp_path / "repo", app=GOOD)
    for names in (EDIT, COMMIT, STOP):
        assert answer(agent, payload(agent, names[agent], repo)) == {}


@pytest.mark.parametrize("agent", AGENTS)
def test_a_wrong_configuration_passes_and_says_so(agent: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A mistake in our own settings never stops the agent."""
    repo = repository(tmp_path / "repo", app=BAD)
    (repo / ".stateless-guard.toml").write_text("exlude = []\n")
    said = answer(agent, payload(agent, STOP[agent], repo))
    assert not stops(said)
    assert "exlude" in capfd.readouterr().err
    assert ("exlude" in text_of(said)) is (agent not in {"copilot", "cursor"})


@pytest.mark.parametrize("agent", AGENTS)
@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b"[" * 100_000, b'{"hook_event_name": 7}', b"{}"]
)
def test_what_is_no_payload_passes(agent: str, text: bytes) -> None:
    """No input can stop an agent."""
    assert not stops(answer(agent, text))


def test_copilots_pascal_case_payloads_are_read_too(tmp_path: Path) -> None:
    """The other form of the same events."""
    repo = repository(tmp_path / "repo", app=BAD)
    stop = {
        "hook_event_name": "Stop",
        "session_id": "s",
        "cwd": str(repo),
        "stop_reason": "end_turn",
        "stop_hook_active": False,
    }
    assert stops(answer("copilot", stop))
    command = {"command": "git commit -am x"}
    assert (
        answer("copilot", {"hook_event_name": "PreToolUse", "cwd": str(repo), "tool_name": "Bash", "tool_input": command}) == {}
    )
    sub = {**stop, "agent_name": "explore"}
    assert answer("copilot", sub) == {}


def test_cursors_edit_event_takes_no_answer(tmp_path: Path) -> None:
    """`afterFileEdit` only observes."""
    repo = repository(tmp_path / "repo", app=BAD)
    assert answer("cursor", payload("cursor", "afterFileEdit", repo)) == {}


def test_cursor_is_not_followed_up_after_an_abort(tmp_path: Path) -> None:
    """Only a turn that was completed is sent back."""
    repo = repository(tmp_path / "repo", app=BAD)
    assert answer("cursor", payload("cursor", "stop", repo, status="aborted")) == {}

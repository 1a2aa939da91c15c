"""Payloads that nobody meant: changed, cut, swapped, of other types. Never a traceback, never a block."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hook_help import AGENTS, FIXTURES, GOOD, answers, repository, stops
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

EXAMPLES = 10_000 if os.environ.get("HYPOTHESIS_PROFILE") == "fuzz" else 200
ODD: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(["../x", "/", "/dev/null", "git commit -am x", "\0", "app.py"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
WORDS = st.sampled_from(
    ["cwd", "tool_name", "tool_input", "command", "file_path", "hook_event_name", "toolArgs", "status", "transcript_path"]
)


def _payloads(agent: str, repo: Path) -> list[dict[str, Any]]:
    texts = [path.read_text() for path in sorted((FIXTURES / agent).glob("*.json"))]
    return [json.loads(text.replace("{repo}", str(repo)).replace("{home}", str(repo.parent))) for text in texts]


@st.composite
def _mutated(draw: st.DrawFn, payloads: list[dict[str, Any]]) -> bytes:
    """A payload with up to three changes, and sometimes cut or with other bytes in it."""
    values: Any = json.loads(json.dumps(draw(st.sampled_from(payloads))))
    for _ in range(draw(st.integers(1, 3))):
        target = values
        inner = [key for key, value in target.items() if isinstance(value, dict)]
        deeper: bool = draw(st.booleans())
        if inner and deeper:
            target = target[draw(st.sampled_from(inner))]
        names = st.sampled_from(sorted(target)) if target else WORDS
        name = draw(names | WORDS)
        if draw(st.integers(0, 3)):
            target[name] = draw(ODD)
        else:
            target.pop(name, None)
    data = json.dumps(values).encode("utf-8", "surrogatepass")
    cut = draw(st.integers(0, 9))
    if cut == 0:
        data = data[: draw(st.integers(0, len(data)))]
    elif cut == 1:
        place = draw(st.integers(0, len(data)))
        data = data[:place] + draw(st.binary(max_size=4)) + data[place:]
    return data


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository in which there is nothing to stop anybody for."""
    os.environ.setdefault("GIT_AUTHOR_NAME", "t")
    return repository(tmp_path_factory.mktemp("fuzz") / "repo", app=GOOD)


@pytest.mark.parametrize("agent", AGENTS)
def test_no_payload_stops_an_agent_or_breaks(
    agent: str, clean: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Whatever comes in, one answer in the vendor's form goes out, and it lets the agent pass."""
    monkeypatch.chdir(clean)
    payloads = _payloads(agent, clean)

    @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
    @given(_mutated(payloads))
    def holds(data: bytes) -> None:
        for said in answers(agent, data):
            assert not stops(said)
            assert "internal error" not in json.dumps(said)

    holds()
    said = capfd.readouterr()
    assert "internal error" not in said.err
    assert "Traceback" not in said.err
    assert not said.out

"""The pieces that a plan is made of: where a comment can stand, what people's words mean, what a summary remembers."""

from __future__ import annotations

import base64
import difflib
import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.change import ChangeSet, FileChange, Status, parse
from guard.conversation.anchors import anchor
from guard.conversation.markers import Marker, markers_in, outside_fences
from guard.conversation.memory import Memory, Said, digests, memory_of, written
from guard.conversation.values import Remark
from guard.conversation.words import asks, claims_a_fix, dismissal
from guard.finding import Check, Confidence, Finding, Origin, Severity, Suggestion

# -- anchors ----------------------------------------------------------------------------------------------------------

LINES = st.lists(st.sampled_from(["a", "b", "c", "d", "e"]), max_size=40)


def _finding(line: int, end_line: int, suggestion: Suggestion | None = None) -> Finding:
    return Finding(
        "rule", Check.LOCAL_DISK, "f.py", line, end_line, 1, Severity.ERROR, Confidence.CERTAIN, Origin.HEURISTIC,
        "It is gone.", "Keep it elsewhere.", (), "0" * 16, "", suggestion,
    )  # fmt: skip


def _diff(old: list[str], new: list[str], context: int) -> str:
    """What git would write, by Python's own differ."""
    return "\n".join(difflib.unified_diff(old, new, "a/f.py", "b/f.py", lineterm="", n=context))


def _shown(old: list[str], new: list[str]) -> list[range]:
    """The new side's lines of every hunk with three lines of context, which is what a host shows."""
    heads = [line.split()[2][1:] for line in _diff(old, new, 3).split("\n") if line.startswith("@@ ")]
    spans = [(int(start), int(length or 1) if comma else 1) for start, comma, length in (head.partition(",") for head in heads)]
    return [range(start, start + length) for start, length in spans]


@st.composite
def _edited(draw: st.DrawFn) -> tuple[list[str], list[str]]:
    """A file of forty lines, and the same with a few lines replaced, removed or put in."""
    old = [f"line {number}" for number in range(40)]
    edits = draw(st.dictionaries(st.integers(0, 39), st.sampled_from(["", "new", "new\nand more"]), max_size=4))
    new = [line for number, text in enumerate(old) for line in edits.get(number, text).split("\n") if line]
    return old, new


@given(
    sides=_edited() | st.tuples(LINES, LINES),
    context=st.sampled_from([0, 1, 3, 10]),
    line=st.integers(1, 45),
    length=st.integers(0, 20),
    data=st.data(),
)
def test_a_comment_stands_in_one_hunk(
    sides: tuple[list[str], list[str]], context: int, line: int, length: int, data: st.DataObject
) -> None:
    """Whatever context our own diff has: within one hunk as a host shows it, and on the finding's lines or the suggestion's."""
    old, new = sides
    patch = _diff(old, new, context)
    change = parse(patch.encode()) if patch else ChangeSet(())
    suggestion = data.draw(st.none() | st.builds(lambda start: Suggestion(start, start + length, "x"), st.integers(1, 45)))
    found = anchor(_finding(line, line + length, suggestion), change)
    shown = _shown(old, new)
    if found:
        assert found.path == "f.py"
        assert 1 <= found.start_line <= found.line
        assert any(found.start_line in hunk and found.line in hunk for hunk in shown)
        if found.suggests:
            assert suggestion is not None
            assert (found.start_line, found.line) == (suggestion.line, suggestion.end_line)
        else:
            assert line <= found.start_line <= found.line <= line + length
            assert found.line - found.start_line < 12
    added = {number for file in change.files for number in file.added}
    assert found or not added & set(range(line, line + length + 1))


def test_a_suggestion_does_not_reach_across_a_removed_line() -> None:
    """Then the finding's own lines are commented, without a suggestion."""
    old, new = ["a", "gone", "b", "c"], ["a", "b", "c", "d"]
    change = parse(_diff(old, new, 3).encode())
    found = anchor(_finding(4, 4, Suggestion(1, 2, "x")), change)
    assert found is not None
    assert (found.start_line, found.line, found.suggests) == (4, 4, False)
    assert anchor(_finding(4, 4, Suggestion(2, 4, "x")), change).suggests  # type: ignore[union-attr]  # it is there


@pytest.mark.parametrize(
    "file",
    [
        FileChange("f.py", "f.py", Status.DELETED),
        FileChange("f.py", None, Status.ADDED, binary=True),
        FileChange("f.py", "g.py", Status.RENAMED),
        FileChange("other.py", None, Status.ADDED),
    ],
)
def test_what_has_no_lines_is_not_commented(file: FileChange) -> None:
    """Removed, binary, only renamed, or not in the change."""
    assert anchor(_finding(1, 1), ChangeSet((file,))) is None


# -- words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        "won't fix", "Wontfix.", "won\u2019t fix: one instance", "This is by design.", "Intended.", "That's intended, we run one.",
        "False positive, the cache is rebuilt.", "not a problem here", "It isn't a problem.", "No problem, we use sticky sessions.",
        "Acceptable for the pilot.", "No, this is by design.", "We don't scale out, so this is acceptable.", "It's on purpose.",
        "guard: ignore one process until May", "guard: ignore[shared-state] a demo", "Thanks!\n\nguard: ignore a demo",
        "Is it bad? It is by design.",
    ],
)  # fmt: skip
def test_a_dismissal(words: str) -> None:
    """What people write when they decide to live with a finding."""
    assert dismissal(Remark("1", words, "wren"))
    assert not dismissal(Remark("1", words, "us", ours=True))


@pytest.mark.parametrize(
    "words",
    [
        "Is this by design?", "Is it by design, or a bug?", "This is not by design.", "I don't think it's a false positive.",
        "This is unacceptable", "It would be acceptable if we ran one process", "I intended to fix this", "> won't fix\n\nHm.",
        "```\nwon't fix\n```", "`guard: ignore` does what?", "guard: ignore", "I am working on it.", "", "no false positive",
        "<!-- won't fix -->",
    ],
)  # fmt: skip
def test_no_dismissal(words: str) -> None:
    """Questions, denials, quotes and code decide nothing."""
    assert not dismissal(Remark("1", words, "wren"))


@pytest.mark.parametrize(
    "words", ["Fixed.", "Done in 1234abc", "should be fixed now", "I've addressed this.", "resolved, thanks"]
)
def test_a_claim(words: str) -> None:
    """What people write when they think that it is gone."""
    assert claims_a_fix(Remark("1", words, "arthur"))


@pytest.mark.parametrize(
    "words",
    [
        "Not fixed yet.",
        "Is this fixed?",
        "This will be fixed tomorrow.",
        "It needs to be addressed.",
        "> Fixed.",
        "can be done later",
    ],
)
def test_no_claim(words: str) -> None:
    """Plans and questions claim nothing."""
    assert not claims_a_fix(Remark("1", words, "arthur"))


def test_a_question() -> None:
    """Somebody waits for an answer."""
    assert asks(Remark("1", "Why is that?", "arthur"))
    assert not asks(Remark("1", "> Why is that?\n\nI see.", "arthur"))


# -- markers ----------------------------------------------------------------------------------------------------------


def test_a_marker_counts_in_our_own_comments_alone() -> None:
    """Not in anybody else's, not in a fenced block, not in the middle of a line."""
    line = str(Marker("summary", ("abc", "d=")))
    assert markers_in(Remark("1", f"text\r\n\r\n{line}\r\n", "us", ours=True)) == (Marker("summary", ("abc", "d=")),)
    assert markers_in(Remark("1", line, "stan")) == ()
    assert markers_in(Remark("1", f"```suggestion\n{line}\n```", "us", ours=True)) == ()
    assert markers_in(Remark("1", f"x {line}", "us", ours=True)) == ()


def test_what_is_outside_of_fences() -> None:
    """A fence is closed by one of its kind that is at least as long."""
    assert outside_fences("a\n````\nb\n```\nc\n````\nd\n~~~ x\n```\n~~~\ne\n``` a`b\nf") == ["a", "d", "e", "``` a`b", "f"]


# -- memory -----------------------------------------------------------------------------------------------------------

NAMES = st.text(st.sampled_from("0123456789abcdef:"), min_size=1, max_size=18)
HEADS = st.sampled_from(["1" * 40, "2" * 40, "3" * 40])
SAID = st.builds(
    Said, HEADS, st.booleans(), st.text(max_size=20), st.text(max_size=30), st.just("") | HEADS, st.booleans(), st.booleans(),
    st.lists(st.text(max_size=9), max_size=3).map(tuple),
)  # fmt: skip
MEMORIES = st.builds(
    Memory, HEADS, st.frozensets(st.binary(min_size=6, max_size=6)), st.dictionaries(NAMES, SAID, max_size=20), st.booleans()
)


def _ours(line: str) -> Remark:
    return Remark("1", f"All is well.\n\n{line}", "us", ours=True)


@given(memory=MEMORIES)
def test_what_is_written_is_remembered(memory: Memory) -> None:
    """Whatever was said, in a line that no text can break."""
    line = written(memory, 1_000_000)
    assert "\n" not in line
    assert memory_of(_ours(line)) == memory


@given(memory=MEMORIES, room=st.integers(100, 1_500))
def test_what_does_not_fit_is_left_out(memory: Memory, room: int) -> None:
    """What has no thread to tell it goes last."""
    line = written(memory, room)
    assert len(line) <= room
    kept = memory_of(_ours(line))
    if kept:
        assert kept.said.keys() <= memory.said.keys()
        lost = [entry for name, entry in memory.said.items() if name not in kept.said and not entry.fixed]
        assert not lost or all(entry.inline for entry in lost) or not any(entry.inline for entry in kept.said.values())


@pytest.mark.parametrize(
    "packed",
    [
        b"", b"\x00" * 20, zlib.compress(b"[]"), zlib.compress(b"{}"), zlib.compress(b"not json"), zlib.compress(b"[" * 100_000),
        zlib.compress(json.dumps({"v": 2}).encode()), zlib.compress(b" " * 9_000_000, 9),
        zlib.compress(json.dumps({"v": 1, "head": 1, "judged": 0, "files": "", "heads": [], "said": []}).encode()),
        zlib.compress(json.dumps({"v": 1, "head": "", "judged": 0, "files": "", "heads": [], "said": [["a", 7, 1, "", "", 9, 0, 0, []]]}).encode()),
        zlib.compress(json.dumps({"v": 1, "head": "", "judged": 0, "files": "", "heads": {}, "said": [["a"]]}).encode()),
    ],
)  # fmt: skip
def test_a_broken_memory_is_none(packed: bytes) -> None:
    """Nothing that a person with rights may have written there stops a run."""
    line = str(Marker("memory", (base64.b64encode(packed).decode(),)))
    remembered = memory_of(_ours(line))
    assert remembered is None or remembered.said == {}


@given(text=st.text(st.sampled_from("AZaz09+/= \n-><!"), max_size=60))
def test_no_hidden_line_breaks_a_run(text: str) -> None:
    """Whatever stands where the memory should be."""
    memory_of(_ours(f"<!-- stateless-guard:memory {text} -->"))


def test_a_rebase_changes_no_digest() -> None:
    """Only the lines that are added and removed count, not where they are nor what is around them."""
    first = parse(_diff(["a", "b"], ["a", "x", "b"], 3).encode())
    moved = parse(_diff(["0"] * 9 + ["c", "b"], ["0"] * 9 + ["c", "x", "b"], 1).encode())
    other = parse(_diff(["a", "b"], ["a", "y", "b"], 3).encode())
    assert digests(first, ()) == digests(moved, ()) != digests(other, ())
    assert digests(first, ["f.py"]) == frozenset()

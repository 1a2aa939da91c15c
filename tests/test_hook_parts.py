"""The parts of a hook: command lines, edits, the memory in a transcript, the text."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest
from msgspec.structs import replace

from guard.finding import Check, Confidence, Finding, Origin, Severity
from guard.integrations.agents.edits import added_lines, before_of, edit_in, patched
from guard.integrations.agents.events import BACK, COMMAND, EDIT, SAY, TURN, Edit, Event, PayloadError
from guard.integrations.agents.memory import Memory, mark, may_stop, recalled
from guard.integrations.agents.shell import Commit, commits_in
from guard.integrations.agents.wording import MOST, told


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("git commit -m x", Commit()),
        ("git commit -am 'a message'", Commit(tracked=True)),
        ("git commit --all --message=x", Commit(tracked=True)),
        ("git -C sub commit -m x", Commit("sub")),
        ("git -c user.name=x --no-pager commit -m x", Commit()),
        ("cd sub && git commit -m x", Commit("sub")),
        ("cd a && git -C b commit -m x", Commit("a/b")),
        ("make test && git commit -m 'x && y'; echo done", Commit()),
        ("GIT_AUTHOR_NAME=x git commit -m x", Commit()),
        ("git commit --amend --no-edit", Commit(amend=True)),
        ("git commit -m x -- a.py b.py", Commit(paths=("a.py", "b.py"), only=True)),
        ("git commit a.py -m x", Commit(paths=("a.py",), only=True)),
        ("git commit -i a.py -m x", Commit(paths=("a.py",))),
        ("git add -A && git commit -m x", Commit(tracked=True, untracked=True)),
        ("git add -u && git commit -m x", Commit(tracked=True)),
        ("git add app.py\ngit commit -m x", Commit(paths=("app.py",))),
        ("bash -c 'git commit -m x'", Commit()),
        ("if true; then git commit -m x; fi", Commit()),
        ("/usr/bin/git commit -F msg.txt", Commit()),
        ("git commit -m \"$(cat <<'EOF'\nFix it\n\nIt's done\nEOF\n)\"", Commit()),
        ('git commit -m "it\'s \\"x\\"" # don\'t', Commit()),
        ("git commit -S -m x", Commit()),
        ("git commit -qm x 2>/dev/null", Commit()),
    ],
)
def test_a_commit_is_seen_with_what_it_takes(line: str, expected: Commit) -> None:
    """However it is written."""
    assert commits_in(line) == (expected,)


@pytest.mark.parametrize(
    "line",
    [
        "echo 'git commit'", 'echo "git commit -am x"', "git log --grep commit", "git commit-tree x", "grep -r 'git commit' .", "# git commit",
        "git commit --dry-run", "git commit --help", "commit", "git show commit", "printf 'x\ngit commit\n'", "git -C commit status", "",
        "git stash && echo commit", "cat <<EOF && ls # git commit\nEOF",
    ],
)  # fmt: skip
def test_what_only_speaks_of_a_commit_is_none(line: str) -> None:
    """Words in quotes, other commands, rehearsals."""
    assert commits_in(line) == ()


def test_the_text_before_an_edit_follows_from_its_replacements() -> None:
    """Whole files from the tool's answer, replacements backwards; else it is not known."""
    now = "a\nB\nc\nB\n"
    assert before_of(Edit("x", "before"), now) == "before"
    assert before_of(Edit("x", None, (("b", "B", False),)), now) == "a\nb\nc\nB\n"
    assert before_of(Edit("x", None, (("b", "B", True),)), now) == "a\nb\nc\nb\n"
    assert before_of(Edit("x", None, (("0", "1", False), ("1", "a", False))), now) == "0\nB\nc\nB\n"
    assert before_of(Edit("x", None, (("gone", "", False),)), now) is None
    assert before_of(Edit("x", None, (("b", "not there", False),)), now) is None
    assert before_of(Edit("x"), now) is None


def test_an_envelope_of_patches_is_read() -> None:
    """Added, updated, moved and deleted files."""
    envelope = (
        "*** Begin Patch\n*** Add File: new.py\n+x = 1\n*** Update File: old.py\n*** Move to: moved.py\n@@ def f():\n def f():\n-    return 1\n"
        "+    return 2\n@@\n+# end\n*** Delete File: gone.py\n*** End Patch\n"
    )
    new, moved = patched(envelope)
    assert new == Edit("new.py", "")
    assert moved.path == "moved.py"
    assert moved.replacements == (("def f():\n    return 1", "def f():\n    return 2", False), ("", "# end", False))
    assert patched("ls") == ()


def test_edits_with_wrong_types_are_refused() -> None:
    """They are not guessed at."""
    with pytest.raises(PayloadError):
        edit_in({"file_path": 1})
    with pytest.raises(PayloadError):
        edit_in({"file_path": "a", "edits": [1]})
    assert edit_in({}) == ()


def test_lines_that_differ_are_found() -> None:
    """Old and new spans, end exclusive; several where several places were changed."""
    assert added_lines("a\nb\nc\n", "a\nb\nc\n") == []
    assert added_lines("", "a\nb\n") == [(0, 0, 0, 2)]
    assert added_lines("a\nc\n", "a\nb\nc\n") == [(1, 1, 1, 2)]
    assert added_lines("a\nb\nc\nd\ne\n", "a\nB\nc\nD\ne\n") == [(1, 2, 1, 2), (3, 4, 3, 4)]


def test_marks_are_found_again_whatever_is_around_them(tmp_path: Path) -> None:
    """In JSON, in any line; what was only said after an edit does not count as told."""
    path = tmp_path / "t.jsonl"
    event = Event(TURN)
    said, stopped = mark(Event(EDIT), ["a" * 16], 1), mark(event, ["b" * 16, "c" * 16], 2)
    path.write_text(f'{{"x":"{said}"}}\n{{"y":"\\n{stopped}\\n"}}\n', encoding="utf-8")
    assert recalled(str(path)) == Memory(known=True, told=frozenset(("b" * 16, "c" * 16)), times=2)


def test_a_transcript_that_lags_is_waited_for(tmp_path: Path) -> None:
    """Until it is written once more, and no longer than the vendor may take."""
    path = tmp_path / "t.jsonl"
    path.write_text("{}\n", encoding="utf-8")
    began = time.time() + 0.05
    said = mark(Event(COMMAND), ["b" * 16], 1)
    late = threading.Timer(0.2, lambda: path.write_text(f'{{"x":"{said}"}}\n', encoding="utf-8"))
    late.start()
    assert recalled(str(path), 5.0, began).told == {"b" * 16}
    assert time.time() < began + 4
    late.join()
    began = time.time() + 0.05
    assert recalled(str(path), 0.1, began).told == {"b" * 16}
    assert began + 0.1 <= time.time() < began + 2
    assert recalled(str(tmp_path / "none"), 0.1, began) == Memory()


def test_what_can_not_be_searched_is_no_memory(tmp_path: Path) -> None:
    """A folder, a pipe that nobody writes, no file, an impossible name."""
    os.mkfifo(tmp_path / "pipe")
    for path in ("", str(tmp_path), str(tmp_path / "pipe"), str(tmp_path / "none"), "a\0b"):
        assert recalled(path) == Memory()


def test_a_turn_is_sent_back_again_only_with_a_count_that_runs() -> None:
    """`again` from the vendor, a mark in the transcript, and fewer than three times."""
    assert may_stop(Event(TURN), Memory())
    assert not may_stop(Event(TURN, again=1), Memory())
    assert not may_stop(Event(TURN, again=1), Memory(known=True))
    assert may_stop(Event(TURN, again=1), Memory(known=True, times=1))
    assert not may_stop(Event(TURN, again=1), Memory(known=True, times=3))
    assert not may_stop(Event(TURN, again=4), Memory(known=True, times=1))
    assert not may_stop(Event(EDIT), Memory(known=True))


FINDING = Finding(
    "some-rule", Check.MEMORY_CACHE, "app.py", 3, 3, 1, Severity.WARNING, Confidence.LIKELY, Origin.HEURISTIC, "It is lost.", "Use Redis.", (), "0" * 16,
)  # fmt: skip


def test_the_most_serious_comes_first() -> None:
    """Errors before warnings, what is certain before what is likely."""
    worse = replace(FINDING, severity=Severity.ERROR, confidence=Confidence.CERTAIN, path="z.py", fingerprint="f" * 16)
    text = told(Event(EDIT), SAY, [FINDING, worse], 1)
    assert text.index("z.py:3") < text.index("app.py:3")
    assert text.endswith(f"[guard edit 1: {'f' * 16} {'0' * 16}]")


@pytest.mark.parametrize("length", [1, 50, 400, 5_000])
@pytest.mark.parametrize("count", [1, 5, 100])
def test_the_text_keeps_to_its_length(length: int, count: int) -> None:
    """However much there is to say; only what is named is marked, and at least one is."""
    findings = [
        replace(
            FINDING,
            path="d/" * length + f"{number}.py",
            message="m" * length,
            remedy="r" * length,
            fingerprint=f"{number:016x}",
        )
        for number in range(count)
    ]
    text = told(Event(TURN), BACK, findings, 1)
    assert len(text) <= MOST
    marked = text.rsplit(": ", 1)[1].strip("]").split()
    assert 1 <= len(marked) <= count
    assert all(f"{number}. " in text for number in range(1, len(marked) + 1))
    assert ("more: 'stateless-guard review'" in text) is (len(marked) < count)


def test_no_finding_is_named_without_what_to_do_instead() -> None:
    """One remedy is said once, and pointed to by the others; what has no room is left for another time."""
    findings = [
        replace(
            FINDING,
            line=number,
            end_line=number,
            message="m" * 80,
            remedy="Keep it in Redis. " * 8,
            fingerprint=f"{number:016x}",
        )
        for number in range(1, 20)
    ]
    text = told(Event(TURN), BACK, findings, 1)
    named = [line for line in text.splitlines() if "app.py:" in line]
    assert len(named) >= 3
    assert all("Instead: " in line for line in named)
    assert text.count("Keep it in Redis.") == 8  # all of one remedy
    assert "Instead: as in 1." in named[1]


def test_paths_that_are_no_text_do_not_break_it() -> None:
    """Line breaks and lone surrogates."""
    text = told(Event(EDIT), SAY, [replace(FINDING, path="a\nb\udcff.py")], 1)
    assert "a b?.py:3" in text

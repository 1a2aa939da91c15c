"""The diff parser: what git writes, read back exactly."""

from __future__ import annotations

import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.change import ChangeSet, FileChange, FileKind, Status, parse, partial_text
from guard.errors import PatchError

_LINES = st.lists(
    st.sampled_from(
        ["a", "b", "", "  c", "-- d", "++ e", "@@ -1 +1 @@", "\\ No newline", "diff --git a/x b/x", "ä\r", "--- a/x", "+++ b/x"]
    ),
    max_size=14,
)
_TEXTS = st.builds(lambda lines, end: "\n".join(lines) + ("\n" if end and lines else ""), _LINES, st.booleans())
_NAMES = st.sampled_from(
    ["plain.txt", "with space.txt", "tab\there.txt", 'quo"te.txt', "ünï/cödé.txt", "deep/er/file.py", "line\nbreak.txt"]
)
_TREES = st.dictionaries(_NAMES, _TEXTS, max_size=4)


def _write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())


def _git(root: Path, *arguments: str, give: bytes | None = None) -> bytes:
    done = subprocess.run(
        ["git", "-C", str(root), "-c", "core.autocrlf=false", *arguments], input=give, capture_output=True, check=False
    )
    assert done.returncode in {0, 1}, done.stderr
    return done.stdout


def _between(old: dict[str, str], new: dict[str, str], *options: str) -> bytes:
    """The patch that git writes between two trees."""
    with TemporaryDirectory() as folder:
        root = Path(folder)
        _git(root, "init", "-q")
        _write(root, old)
        _git(root, "add", "-A")
        before = _git(root, "write-tree").decode().strip()
        for name in old.keys() - new.keys():
            (root / name).unlink()
        _write(root, new)
        _git(root, "add", "-A")
        return _git(root, "diff", "--no-renames", "--full-index", before, _git(root, "write-tree").decode().strip(), *options)


def _applied(file: FileChange, old: str) -> str:
    """The new text that the hunks of a change make of the old one; lines that end in nothing are compared without their end."""
    lines, position, result = old.split("\n"), 0, []
    for hunk in file.hunks:
        start = hunk.old_start - 1 if hunk.old_length else hunk.old_start
        result += lines[position:start]
        for line in hunk.lines:
            if line.mark != "+":
                assert lines[start] == line.text
                start += 1
            if line.mark != "-":
                result.append(line.text)
        position = start
    return "\n".join(result + lines[position:])


def _read_or_refused(data: bytes) -> bool:
    """Whether the parser gives a change, or an error that names a line."""
    try:
        return isinstance(parse(data), ChangeSet)
    except PatchError as error:
        return str(error).startswith("line ")


@given(_TREES, _TREES)
def test_hunks_rebuild_the_new_side(old: dict[str, str], new: dict[str, str]) -> None:
    """Whatever changed between two trees, old text and hunks together give exactly the new text, as `git apply` would."""
    change = parse(_between(old, new))
    touched = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
    assert {file.path for file in change.files} == touched
    for file in change.files:
        built = _applied(file, old.get(file.path, ""))
        assert built.rstrip("\n") == new.get(file.path, "").rstrip("\n")
        expected = {number for number, _ in enumerate(new.get(file.path, "").split("\n"), 1)}
        assert file.added <= expected


@given(_TREES, _TREES)
def test_git_apply_agrees_with_the_status_of_each_file(old: dict[str, str], new: dict[str, str]) -> None:
    """What the parser calls added, modified or deleted is what `git apply --numstat --summary` counts."""
    patch = _between(old, new)
    change = parse(patch)
    with TemporaryDirectory() as folder:
        counts = _git(Path(folder), "apply", "--numstat", "-z", give=patch).split(b"\0") if patch else []
    expected = {
        name.decode(): (int(added), int(removed)) for row in counts if row for added, removed, name in [row.split(b"\t", 2)]
    }
    assert {file.path: (len(file.added), len(file.removed)) for file in change.files} == expected


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_with_a_line(data: bytes) -> None:
    """Nothing that is no patch makes the parser fail in another way than by saying so."""
    assert _read_or_refused(data)


@given(_TREES, _TREES, st.integers(min_value=0))
def test_a_truncated_patch_is_read_or_refused_with_a_line(old: dict[str, str], new: dict[str, str], cut: int) -> None:
    """A patch that was cut off somewhere never leads to a traceback."""
    patch = _between(old, new)
    assert _read_or_refused(patch[: cut % (len(patch) + 1)])


def test_renames_copies_and_modes() -> None:
    """Git's own headers are read: old and new path, kind of file, a change of mode without hunks."""
    patch = (
        b"diff --git a/old.py b/new.py\nsimilarity index 90%\nrename from old.py\nrename to new.py\n--- a/old.py\n+++ b/new.py\n@@ -1 +1 @@\n-a\n+b\n"
        b"diff --git a/a.py b/c.py\nsimilarity index 100%\ncopy from a.py\ncopy to c.py\n"
        b"diff --git a/run.sh b/run.sh\nold mode 100644\nnew mode 100755\n"
        b"diff --git a/link b/link\nnew file mode 120000\nindex 000..abc\n--- /dev/null\n+++ b/link\n@@ -0,0 +1 @@\n+target\n\\ No newline at end of file\n"
        b"diff --git a/sub b/sub\nindex aaa..bbb 160000\n--- a/sub\n+++ b/sub\n@@ -1 +1 @@\n-Subproject commit aaa\n+Subproject commit bbb\n"
        b"diff --git a/p.png b/p.png\nindex 1..2 100644\nBinary files a/p.png and b/p.png differ\n"
    )
    files = {file.path: file for file in parse(patch).files}
    assert (files["new.py"].status, files["new.py"].old_path) == (Status.RENAMED, "old.py")
    assert (files["c.py"].status, files["c.py"].old_path, files["c.py"].hunks) == (Status.COPIED, "a.py", ())
    assert files["run.sh"].hunks == ()
    assert files["link"].kind is FileKind.SYMLINK
    assert files["sub"].kind is FileKind.SUBMODULE
    assert files["p.png"].binary


def test_paths_that_are_not_utf8_survive() -> None:
    """Bytes that are no text come back as the operating system's own escapes."""
    patch = b'diff --git "a/caf\\351.py" "b/caf\\351.py"\nindex 1..2 100644\n--- "a/caf\\351.py"\n+++ "b/caf\\351.py"\n@@ -1 +1 @@\n-a\n+b\n'
    (file,) = parse(patch).files
    assert file.path.encode("utf-8", "surrogateescape") == b"caf\xe9.py"


@pytest.mark.parametrize(
    ("patch", "says"),
    [
        (b"hello\n", "line 1: this is not a unified diff"),
        (
            b"diff --cc a.py\nindex 1,2..3\n--- a/a.py\n+++ b/a.py\n@@@ -1,1 -1,1 +1,2 @@@\n",
            "line 1: a combined diff of a merge",
        ),
        (b"diff --git a/a.py b/a.py\n--- a/a.py\n+++ b/a.py\n@@ -1,3 +1,3 @@\n a\n-b\n", "line 4: "),
    ],
)
def test_what_can_not_be_read_is_refused_with_its_line(patch: bytes, says: str) -> None:
    """A patch that is none, of a merge, or cut short, says where and what."""
    with pytest.raises(PatchError, match="^" + says):
        parse(patch)


def test_a_mail_is_a_patch_too() -> None:
    """`git format-patch` puts a message before and a signature after the diff."""
    patch = b"From abc Mon Sep 17 00:00:00 2001\nSubject: x\n\n---\n a.py | 2 +-\n\ndiff --git a/a.py b/a.py\nindex 1..2 100644\n--- a/a.py\n+++ b/a.py\n@@ -1 +1,2 @@\n a\n+b\n-- \n2.39.5\n\n"
    (file,) = parse(patch).files
    assert file.added == {2}
    assert file.removed == frozenset()


def test_a_patch_alone_tells_its_lines_at_their_numbers() -> None:
    """Without the file, the lines that the patch shows stand where they stand in it."""
    (file,) = parse(b"--- a/a.py\n+++ b/a.py\n@@ -3,2 +3,3 @@\n x\n+y\n z\n").files
    assert partial_text(file) == b"\n\nx\ny\nz\n"


def test_a_removal_is_near_the_lines_around_it_unless_something_replaced_it() -> None:
    """What only disappears touches its neighbours; what is rewritten touches the new lines alone."""
    (gone,) = parse(b"--- a/a.py\n+++ b/a.py\n@@ -1,4 +1,3 @@\n a\n-b\n c\n d\n").files
    (rewritten,) = parse(b"--- a/a.py\n+++ b/a.py\n@@ -1,4 +1,4 @@\n a\n-b\n+B\n c\n d\n").files
    assert gone.removal_points == {1, 2}
    assert rewritten.removal_points == frozenset()
    assert rewritten.added == {2}

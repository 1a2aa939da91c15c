"""Every selection of `guard review`, over real repositories of every kind, as a user types it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from guard.__main__ import main

BAD = "from flask import Flask\n\napp = Flask(__name__)\napp.config['SESSION_TYPE'] = 'filesystem'\n"
LINE = 4
GOOD = "from flask import Flask\n\napp = Flask(__name__)\n"


class Repository:
    """A git repository in a folder, written to by name."""

    def __init__(self, folder: Path, *options: str) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.git("init", "-q", "-b", "main", *options)

    def git(self, *arguments: str) -> str:
        """Run git here; gives its output."""
        command = ["git", "-C", str(self.folder), "-c", "protocol.file.allow=always", "-c", "commit.gpgsign=false", *arguments]
        return subprocess.run(command, check=True, capture_output=True).stdout.decode("utf-8", "surrogateescape").strip()

    def write(self, **texts: str | bytes) -> None:
        """Write files; `__` in a name stands for `/`, and `.py` is added to names without a dot."""
        for name, text in texts.items():
            self.put(name.replace("__", "/") + ".py", text)

    def put(self, path: str, text: str | bytes) -> None:
        """Write one file."""
        full = self.folder / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_bytes(text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text)

    def commit(self, message: str = "change") -> str:
        """Commit everything; gives the commit's name."""
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")


Review = Callable[..., dict[str, Any]]


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A repository with one good file committed."""
    made = Repository(tmp_path / "repository")
    made.write(app=GOOD)
    made.commit("base")
    return made


@pytest.fixture
def review(capsys: pytest.CaptureFixture[str]) -> Review:
    """Review in a folder and give the JSON report; fails on any complaint."""

    def run(folder: Path, *arguments: str) -> dict[str, Any]:
        capsys.readouterr()
        status = main(["-C", str(folder), "review", "--no-model", "--fail-on", "never", "--format", "json", *arguments])
        told = capsys.readouterr()
        assert (status, told.err) == (0, "")
        report: dict[str, Any] = json.loads(told.out)
        return report

    return run


def _places(report: dict[str, Any]) -> list[tuple[str, int]]:
    return [(finding["path"], finding["line"]) for finding in report["findings"]]


def test_the_work_tree_with_new_files(repository: Repository, review: Review) -> None:
    """By default what is in the work tree counts against HEAD: staged, unstaged and untracked, but nothing ignored."""
    repository.put(".gitignore", "ignored.py\n")
    repository.write(app=BAD, new=BAD, ignored=BAD)
    repository.git("add", "app.py")
    report = review(repository.folder)
    assert _places(report) == [("app.py", LINE), ("new.py", LINE)]
    assert (report["change"]["base"], report["change"]["head"]) == (repository.git("rev-parse", "HEAD"), "worktree")


def test_staged_means_the_index(repository: Repository, review: Review) -> None:
    """What is staged is read from the index, whatever the work tree has by now."""
    repository.write(app=BAD)
    repository.git("add", "app.py")
    repository.write(app=GOOD, other=BAD)
    assert _places(review(repository.folder, "--staged")) == [("app.py", LINE)]


def test_staged_honours_another_index(repository: Repository, review: Review, monkeypatch: pytest.MonkeyPatch) -> None:
    """`git commit -a` and partial commits hand hooks an index of their own."""
    repository.write(app=BAD)
    monkeypatch.setenv("GIT_INDEX_FILE", str(repository.folder / ".git" / "other-index"))
    repository.git("read-tree", "HEAD")
    repository.git("add", "app.py")
    assert _places(review(repository.folder, "--staged")) == [("app.py", LINE)]
    monkeypatch.delenv("GIT_INDEX_FILE")
    assert _places(review(repository.folder, "--staged")) == []


def test_nothing_staged_is_told_without_loading_a_review(repository: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    """The quick answer of a commit hook is the same as the whole review's."""
    for arguments in (["--staged"], ["--staged", "app.py"], ["--staged", "--output", "-", "--format", "text"]):
        assert main(["-C", str(repository.folder), "review", *arguments]) == 0
        assert capsys.readouterr().out == "Nothing to review: the change is empty.\n"


def test_a_commit_is_compared_with_its_first_parent(repository: Repository, review: Review) -> None:
    """A merge shows what it brought to the branch; a root commit everything."""
    repository.git("checkout", "-q", "-b", "side")
    repository.write(side=BAD)
    repository.commit("side")
    repository.git("checkout", "-q", "main")
    repository.write(main=BAD)
    repository.commit("main")
    repository.git("merge", "-q", "--no-ff", "-m", "merge", "side")
    assert _places(review(repository.folder, "--commit", "HEAD")) == [("side.py", LINE)]
    assert review(repository.folder, "--commit", "HEAD~2")["change"]["added_lines"] == 3


def test_ranges_and_bases(repository: Repository, review: Review) -> None:
    """A..B between two commits; A...B and --base from their merge base."""
    repository.git("checkout", "-q", "-b", "topic")
    repository.write(topic=BAD)
    repository.commit()
    repository.git("checkout", "-q", "main")
    repository.write(main=BAD.replace("SESSION", "CACHE") + "# not a rename\n" * 20)
    repository.commit()
    repository.git("checkout", "-q", "topic")
    assert _places(review(repository.folder, "--base", "main")) == [("topic.py", LINE)]
    assert _places(review(repository.folder, "--range", "main...topic")) == [("topic.py", LINE)]
    assert _places(review(repository.folder, "--range", "main..topic")) == [("topic.py", LINE)]
    assert _places(review(repository.folder, "--range", "topic..main")) == [("main.py", LINE)]
    assert _places(review(repository.folder, "--range", "main~1..")) == [("topic.py", LINE)]


def test_git_selections_never_read_the_work_tree(repository: Repository, review: Review) -> None:
    """For a commit every text comes from git objects."""
    repository.write(app=BAD)
    repository.commit()
    (repository.folder / "app.py").unlink()
    assert _places(review(repository.folder, "--commit", "HEAD")) == [("app.py", LINE)]


def test_paths_limit_a_review_from_where_it_runs(repository: Repository, review: Review) -> None:
    """PATHs are relative to the folder of -C; reported paths to the root."""
    repository.write(api__app=BAD, web__app=BAD)
    assert _places(review(repository.folder, "api")) == [("api/app.py", LINE)]
    assert _places(review(repository.folder / "api", "app.py")) == [("api/app.py", LINE)]
    assert _places(review(repository.folder / "api", "../web")) == [("web/app.py", LINE)]
    assert len(_places(review(repository.folder / "api"))) == 2
    repository.commit()
    assert _places(review(repository.folder / "web", "--commit", "HEAD", ".")) == [("web/app.py", LINE)]


def test_renamed_copied_and_moded_files_bring_nothing_new(repository: Repository, review: Review) -> None:
    """What a file held before is not introduced by its new name or mode; what is added meanwhile is."""
    repository.write(app=BAD + "\n# filler" * 20)
    repository.commit()
    repository.git("mv", "app.py", "server.py")
    (repository.folder / "server.py").chmod(0o755)
    repository.commit("rename")
    assert _places(review(repository.folder, "--commit", "HEAD")) == []
    repository.git("mv", "server.py", "main.py")
    repository.put("main.py", BAD + "\n# filler" * 20 + "\napp.config['CACHE_TYPE'] = 'filesystem'\n")
    repository.commit("rename and add")
    assert _places(review(repository.folder, "--commit", "HEAD")) == [("main.py", 26)]


def test_deleted_files_and_removals_bring_nothing(repository: Repository, review: Review) -> None:
    """Removing state is never reported."""
    repository.write(app=BAD, other=BAD)
    repository.commit()
    repository.write(app=GOOD)
    (repository.folder / "other.py").unlink()
    report = review(repository.folder)
    assert (_places(report), report["change"]["files"], report["skipped"]) == ([], 2, [])


def test_what_can_not_be_read_is_listed(repository: Repository, review: Review) -> None:
    """Binary files, links, submodules and files over the limit are in `skipped`, each with its reason."""
    other = Repository(repository.folder.parent / "other")
    other.write(lib=BAD)
    other.commit()
    repository.put("logo.py", b"\0\1\2" * 50)
    repository.put("big.py", BAD + "#" * 1_000_001 + "\n")
    os.symlink("app.py", repository.folder / "link.py")
    repository.git("submodule", "--quiet", "add", str(other.folder), "vendor")
    repository.commit()
    for selection in (["--commit", "HEAD"], ["--range", "HEAD~1..HEAD"]):
        skipped = {entry["path"]: entry["reason"] for entry in review(repository.folder, *selection)["skipped"]}
        assert skipped.pop("big.py").startswith("larger than 1,000,000 bytes")
        assert skipped == {
            "logo.py": "a binary file",
            "link.py": "a symbolic link",
            "vendor": "a submodule",
            ".gitmodules": "no reader for this kind of file",
        }


@pytest.mark.parametrize(
    "text",
    [BAD.replace("\n", "\r\n"), BAD.rstrip("\n"), "\ufeff" + BAD],
    ids=["CRLF", "no newline at the end", "byte order mark"],
)
def test_line_endings_do_not_matter(repository: Repository, review: Review, text: str) -> None:
    """The same finding at the same line."""
    repository.write(app=text)
    assert _places(review(repository.folder)) == [("app.py", LINE)]
    repository.git("add", "-A")
    assert _places(review(repository.folder, "--staged")) == [("app.py", LINE)]


@pytest.mark.parametrize(
    "name",
    ["a b.py", 'quo"ted.py', "tab\tbed.py", "línea.py", "日本.py", "back\\slash.py", "new\nline.py", "-dash.py", "[a]*.py"],
)
def test_unusual_paths_are_reported_as_they_are(repository: Repository, review: Review, name: str) -> None:
    """Git quotes some paths; reports do not."""
    repository.put(name, BAD)
    assert _places(review(repository.folder)) == [(name, LINE)]
    assert _places(review(repository.folder, "--", name)) == [(name, LINE)]
    repository.commit()
    assert _places(review(repository.folder, "--commit", "HEAD")) == [(name, LINE)]


def test_a_path_that_is_not_utf_8(repository: Repository, review: Review) -> None:
    """Its bytes come back from the JSON report, and the text report spells them out."""
    name = os.fsdecode(b"latin-\xe9.py")
    repository.put(name, BAD)
    repository.commit()
    assert _places(review(repository.folder, "--commit", "HEAD")) == [(name, LINE)]
    assert main(["-C", str(repository.folder), "review", "--commit", "HEAD", "--no-model"]) == 1


def test_bare_repositories(repository: Repository, review: Review, capsys: pytest.CaptureFixture[str]) -> None:
    """Commits can be reviewed where no files are; work trees can not, and that is told."""
    repository.write(app=BAD)
    repository.commit()
    bare = repository.folder.parent / "bare"
    repository.git("clone", "-q", "--bare", str(repository.folder), str(bare))
    assert _places(review(bare, "--commit", "HEAD")) == [("app.py", LINE)]
    assert main(["-C", str(bare), "review"]) == 2
    assert "a bare repository has no work tree; use --commit, --range or --base" in capsys.readouterr().err


def test_linked_work_trees_and_sha_256(tmp_path: Path, review: Review) -> None:
    """A work tree that was added, in a repository with the long hashes."""
    repository = Repository(tmp_path / "sha256", "--object-format=sha256")
    repository.write(app=BAD)
    commit = repository.commit()
    assert len(commit) == 64
    linked = tmp_path / "linked"
    repository.git("worktree", "add", "-q", "-b", "topic", str(linked))
    (linked / "new.py").write_text(BAD)
    assert _places(review(linked)) == [("new.py", LINE)]
    assert _places(review(linked, "--commit", commit)) == [("app.py", LINE)]


def test_shallow_clones(repository: Repository, tmp_path: Path, review: Review, capsys: pytest.CaptureFixture[str]) -> None:
    """What is there can be reviewed; what was cut off is told with the way to get it."""
    old = repository.git("rev-parse", "HEAD")
    repository.write(app=BAD)
    repository.commit()
    repository.write(other=BAD)
    repository.commit()
    shallow = tmp_path / "shallow"
    repository.git("clone", "-q", "--depth", "2", f"file://{repository.folder}", str(shallow))
    assert _places(review(shallow, "--commit", "HEAD")) == [("other.py", LINE)]
    assert main(["-C", str(shallow), "review", "--range", f"{old}..HEAD"]) == 2
    assert "this clone is shallow, try 'git fetch --unshallow'" in capsys.readouterr().err


def test_before_the_first_commit(tmp_path: Path, review: Review) -> None:
    """A repository without commits: everything is new."""
    repository = Repository(tmp_path / "new")
    repository.write(app=BAD)
    assert _places(review(repository.folder)) == [("app.py", LINE)]
    assert _places(review(repository.folder, "--staged")) == []
    repository.git("add", "-A")
    assert _places(review(repository.folder, "--staged")) == [("app.py", LINE)]


def _patch(repository: Repository, *arguments: str) -> bytes:
    command = ["git", "-C", str(repository.folder), "diff", *arguments]
    return subprocess.run(command, check=True, capture_output=True).stdout


def test_a_patch_before_and_after_it_was_applied(repository: Repository, tmp_path: Path, review: Review) -> None:
    """Full texts are found beside the patch on whichever side the files are; without them the patch has to do."""
    far = GOOD + "\n# filler" * 30 + "\n\n\n@app.route('/')\ndef index():\n    return 'x'\n"
    repository.write(app=far)
    base = repository.commit()
    repository.write(app=far.replace("# filler\n\n\n", "# filler\n\napp.config['SESSION_TYPE'] = 'filesystem'\n\n"))
    patch = tmp_path / "change.diff"
    patch.write_bytes(_patch(repository))
    expected = [("app.py", 36)]
    assert _places(review(repository.folder, "--patch", str(patch))) == expected
    repository.git("checkout", "-q", base, "--", "app.py")
    assert _places(review(repository.folder, "--patch", str(patch))) == expected
    repository.write(app="# something else\n")
    assert _places(review(repository.folder, "--patch", str(patch))) == expected
    empty = tmp_path / "no repository"
    empty.mkdir()
    assert _places(review(empty, "--patch", str(patch)))[0][1] == 36
    assert review(empty, "--patch", str(patch))["partial"]
    assert not review(repository.folder, "--patch", str(patch))["partial"]


@pytest.mark.parametrize("applied", [True, False])
@pytest.mark.parametrize(
    ("old", "new"), [(GOOD, BAD), (BAD, GOOD), (BAD, BAD + "x = 1\n"), (GOOD, "import os\n" + BAD), ("", BAD)]
)
def test_a_patch_says_what_the_commit_says(
    repository: Repository, tmp_path: Path, review: Review, old: str, new: str, *, applied: bool
) -> None:
    """Lines added at the end, or taken away there, leave the other side's lines in place: it is still told which side a text is."""
    repository.write(app=old)
    base = repository.commit()
    repository.write(app=new)
    repository.commit()
    patch = tmp_path / "change.diff"
    patch.write_bytes(_patch(repository, base, "HEAD"))
    expected = _places(review(repository.folder, "--commit", "HEAD"))
    if not applied:
        repository.git("reset", "-q", "--hard", base)
    assert _places(review(repository.folder, "--patch", str(patch))) == expected


def test_a_series_of_patches_is_refused(repository: Repository, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two commits in one file have no one new text."""
    for number in range(2):
        repository.write(app=f"{GOOD}x = {number}\n")
        repository.commit()
    patch = tmp_path / "series.mbox"
    patch.write_text(repository.git("format-patch", "--stdout", "HEAD~2"))
    assert main(["-C", str(repository.folder), "review", "--patch", str(patch)]) == 2
    assert "changes app.py more than once; review a series of commits with --range" in capsys.readouterr().err


def test_a_patch_from_standard_input_with_path_limits(repository: Repository, tmp_path: Path) -> None:
    """`git show | guard review --patch - api` in a process of its own."""
    repository.write(api__app=BAD, web__app=BAD)
    repository.commit()
    command = [sys.executable, "-m", "guard", "review", "--patch", "-", "--format", "json", "api"]
    done = subprocess.run(command, cwd=tmp_path, input=_patch(repository, "HEAD~1"), check=False, capture_output=True)
    assert (done.returncode, _places(json.loads(done.stdout))) == (1, [("api/app.py", LINE)])


def test_a_combined_diff_is_refused_with_its_line(
    repository: Repository, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A merge's own diff has no single old side; the way out is told."""
    patch = tmp_path / "merge.diff"
    patch.write_text("commit 1\n\ndiff --cc app.py\nindex 1,2..3\n--- a/app.py\n+++ b/app.py\n@@@ -1,1 -1,1 +1,2 @@@\n++x\n")
    assert main(["-C", str(repository.folder), "review", "--patch", str(patch)]) == 2
    assert f"{patch}: line 3: a combined diff of a merge can not be reviewed" in capsys.readouterr().err


def test_scan_takes_every_line_as_added(repository: Repository, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Old files are reviewed whole, in a repository and outside of one."""
    repository.write(api__app=BAD)
    repository.commit()
    plain = tmp_path / "plain"
    (plain / "node_modules").mkdir(parents=True)
    (plain / "app.py").write_text(BAD)
    (plain / "node_modules" / "x.py").write_text(BAD)
    for folder, expected in ((repository.folder, "api/app.py"), (plain, "app.py")):
        assert main(["-C", str(folder), "scan", "--no-model", "--format", "json"]) == 1
        assert _places(json.loads(capsys.readouterr().out)) == [(expected, LINE)]
    assert main(["-C", str(plain), "scan", "missing"]) == 2
    assert "missing: no such file or directory" in capsys.readouterr().err


def test_scan_goes_on_where_a_listed_file_is_none(repository: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    """A submodule is named as left out; a tracked file that was deleted is no part of the tree; the others are reviewed."""
    other = Repository(repository.folder.parent / "other")
    other.write(lib=BAD)
    other.commit()
    repository.git("submodule", "--quiet", "add", str(other.folder), "vendor")
    repository.write(api=BAD, gone=BAD)
    repository.commit()
    (repository.folder / "gone.py").unlink()
    assert main(["-C", str(repository.folder), "scan", "--no-model", "--format", "json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert (_places(report), report["errors"]) == ([("api.py", LINE)], [])
    assert {"path": "vendor", "reason": "a submodule"} in report["skipped"]


def test_a_commit_hook_sees_what_is_committed(repository: Repository, tmp_path: Path) -> None:
    """With `git commit -a`, with paths, from a subfolder and from a linked work tree: git hands each its own index and directories."""
    hook = repository.folder / ".git" / "hooks" / "pre-commit"
    hook.write_text(f"#!/bin/sh\nexec {sys.executable} -m guard review --staged --no-model\n")
    hook.chmod(0o755)
    linked = tmp_path / "linked"
    repository.git("worktree", "add", "-q", "-b", "topic", str(linked))
    (repository.folder / "sub").mkdir()
    repository.write(app=BAD)
    (linked / "app.py").write_text(BAD)
    for folder, how in (
        (repository.folder, ["-a"]),
        (repository.folder, ["--", "app.py"]),
        (repository.folder / "sub", ["-a"]),
        (linked, ["-a"]),
    ):
        done = subprocess.run(
            ["git", "-C", str(folder), "commit", "-m", "bad", *how], check=False, capture_output=True, text=True
        )
        assert done.returncode == 1
        assert f"--> app.py:{LINE} (certain)" in done.stdout + done.stderr
    repository.write(app=GOOD + "\n\nx = 1\n")
    repository.git("commit", "-q", "-am", "good")

"""`init git-hook|pre-commit|lefthook|husky`: merged into what is there, taken out exactly, and run by the real tools."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from commit_hook_help import BAD, GOOD, Clone, passed, stopped
from npm import installed, node

from guard.__main__ import main

ROOT = Path(__file__).parent.parent
Init = Callable[..., str]


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    """A repository with one commit."""
    made = Clone(tmp_path / "clone")
    made.commit(app=GOOD)
    return made


@pytest.fixture
def init(clone: Clone, capsys: pytest.CaptureFixture[str]) -> Init:
    """`init WHAT …` in the clone; gives what it says."""

    def run(*arguments: str, status: int = 0) -> str:
        assert main(["-C", str(clone.root), "init", *arguments]) == status
        said = capsys.readouterr()
        return said.err if status else said.out

    return run


def _files(clone: Clone, *folders: str) -> dict[str, str]:
    """Every file of these folders, or of the work tree."""
    places = [clone.root / folder for folder in folders] or [path for path in clone.root.iterdir() if path.name != ".git"]
    found = [path for place in places for path in (place.rglob("*") if place.is_dir() else [place]) if path.is_file()]
    return {str(path): path.read_text() for path in found if not path.name.endswith(".sample")}


# -- git's own hooks --------------------------------------------------------------------------------------------------


def test_git_hooks_are_written_run_and_taken_out(clone: Clone, init: Init) -> None:
    """Both stages; a second run changes nothing; --remove leaves what was there, which was nothing."""
    before = _files(clone, ".git/hooks")
    assert "dry" not in init("git-hook", "--dry-run", "--stage", "pre-commit", "--stage", "pre-push")
    assert _files(clone, ".git/hooks") == before
    init("git-hook", "--stage", "pre-commit", "--stage", "pre-push")
    written = _files(clone, ".git/hooks")
    assert "already" in init("git-hook")
    assert _files(clone, ".git/hooks") == written
    clone.put("app.py", BAD)
    stopped(clone.attempt("git", "commit", "-am", "x"), "app.py:4")
    Clone(clone.root.parent / "remote").git("config", "core.bare", "true")
    clone.commit(app=BAD)
    stopped(clone.attempt("git", "push", "../remote", "main"), "app.py:4")
    init("git-hook", "--remove")
    assert _files(clone, ".git/hooks") == before
    assert "nothing removed" in init("git-hook", "--remove")


@pytest.mark.parametrize("ending", ["exit 0\n", "exec true\n", "echo done"])
def test_a_script_that_is_there_keeps_its_lines(clone: Clone, init: Init, ending: str) -> None:
    """Ours comes first, so that what ends the script early does not skip it; taken out, the script is what it was."""
    text = f"#!/usr/bin/env bash\nset -eu\necho theirs\n{ending}"
    hook = clone.put(".git/hooks/pre-commit", text)
    hook.chmod(0o750)
    init("git-hook")
    assert hook.stat().st_mode & 0o777 == 0o750
    clone.put("app.py", BAD)
    stopped(clone.attempt("git", "commit", "-am", "x"), "app.py:4")
    clone.put("app.py", GOOD + "x = 1\n")
    passed(clone.attempt("git", "commit", "-qam", "x"), "theirs")
    init("git-hook", "--remove")
    assert hook.read_text() == text
    assert hook.stat().st_mode & 0o777 == 0o750


def test_a_push_script_still_hears_what_git_says(clone: Clone, init: Init) -> None:
    """A block that reads the refs leaves them to the script below it."""
    clone.put(".git/hooks/pre-push", '#!/bin/sh\nwhile read ref rest; do echo "theirs: $ref"; done\n').chmod(0o755)
    init("git-hook", "--stage", "pre-push")
    Clone(clone.root.parent / "remote").git("config", "core.bare", "true")
    done = clone.attempt("git", "push", "../remote", "main")
    passed(done, "theirs: refs/heads/main")
    assert (done.stdout + done.stderr).count("theirs") == 1
    done = clone.attempt("git", "push", "../remote", "main")
    assert "theirs" not in done.stdout + done.stderr


def test_hooks_go_where_git_looks_for_them(clone: Clone, init: Init, capsys: pytest.CaptureFixture[str]) -> None:
    """core.hooksPath, the common folder of a worktree, what husky runs; not where other repositories' hooks are, unless asked."""
    clone.git("worktree", "add", "-q", "../tree")
    tree = clone.root.parent / "tree"
    assert main(["-C", str(tree), "init", "git-hook"]) == 0
    assert (clone.root / ".git/hooks/pre-commit").exists()
    assert main(["-C", str(tree), "init", "git-hook", "--remove"]) == 0
    clone.git("config", "core.hooksPath", "hooks")
    init("git-hook")
    assert "venv" not in (clone.root / "hooks/pre-commit").read_text()
    clone.put("app.py", BAD)
    stopped(clone.attempt("git", "commit", "-am", "x"), "app.py:4")
    clone.git("config", "core.hooksPath", ".husky/_")
    init("git-hook")
    assert (clone.root / ".husky/pre-commit").exists()
    shared = clone.root.parent / "shared"
    clone.git("config", "core.hooksPath", str(shared))
    assert "--shared" in init("git-hook", status=2)
    init("git-hook", "--shared")
    assert (shared / "pre-commit").exists()
    capsys.readouterr()


def test_scripts_of_other_tools_and_languages_are_left_alone(clone: Clone, init: Init) -> None:
    """Told with what to do instead."""
    for text, word in (
        ("#!/usr/bin/env bash\n# File generated by pre-commit: https://pre-commit.com\n", "init pre-commit"),
        ("#!/bin/sh\ncall_lefthook()\n{\n:\n}\n", "init lefthook"),
        ("#!/usr/bin/env python3\n", "no shell script"),
        ("\x7fELF\0\0", "no shell script"),
    ):
        hook = clone.put(".git/hooks/pre-commit", text)
        assert word in init("git-hook", status=2)
        assert hook.read_text() == text


def test_a_hook_without_the_command_says_so_and_lets_go(clone: Clone, init: Init) -> None:
    """Whoever has removed the package can still commit."""
    init("git-hook")
    hook = clone.root / ".git/hooks/pre-commit"
    hook.write_text(re.sub(r"-v \S+", "-v not-there", hook.read_text()))
    clone.put("app.py", BAD)
    passed(clone.attempt("git", "commit", "-qam", "x"), "not installed here")


def test_there_must_be_a_repository(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder without one has no hooks."""
    assert main(["-C", str(tmp_path), "init", "git-hook"]) == 2
    assert "not a git repository" in capsys.readouterr().err


# -- pre-commit -------------------------------------------------------------------------------------------------------

CONFIG = ".pre-commit-config.yaml"


@pytest.mark.parametrize(
    "text",
    [
        None,
        "repos:\n- repo: local\n  hooks:\n  - id: a\n    name: a\n    entry: a\n    language: system\n",
        "minimum_pre_commit_version: '3'\nrepos:\n    # ours\n    -   repo: https://example.org/x\n        rev: v1\n        hooks:\n        -   id: b\n\n# the end\nci:\n  skip: [b]\n",
        "exclude: x\n",
        "",
        "repos: []\n",
    ],
    ids=["no file", "flush list", "indented list and more", "no repos", "empty file", "empty list"],
)
def test_pre_commit_gets_an_entry_once(clone: Clone, init: Init, text: str | None) -> None:
    """What was there stays; a stage can be added later; --remove gives back what was there."""
    file = clone.root / CONFIG
    if text is not None:
        file.write_text(text)
    before = (yaml.safe_load(text or "") or {}).get("repos") or []
    assert "stateless-guard review --hook pre-commit" in init("pre-commit")
    for stages, ids in (((), ["guard"]), (("--stage", "pre-push"), ["guard", "guard-push"])):
        init("pre-commit", *stages)
        written = file.read_text()
        document = yaml.safe_load(written)
        assert document["repos"][:-1] == before
        hooks = document["repos"][-1]["hooks"]
        assert [hook["id"] for hook in hooks] == ids
        assert all((hook["pass_filenames"], hook["require_serial"]) == (False, True) for hook in hooks)
        assert "already" in init("pre-commit", *stages)
        assert file.read_text() == written
    assert {**(yaml.safe_load(text or "") or {}), "repos": None} == {**document, "repos": None}
    init("pre-commit", "--remove")
    if text in (None, "", "repos: []\n"):
        assert not file.exists()
    else:
        assert file.read_text() == text


def test_an_unusual_pre_commit_file_is_left_alone(clone: Clone, init: Init) -> None:
    """What can not be extended line by line is told with what to add; what is ours already, with that."""
    clone.put(CONFIG, "{repos: []}\n")
    assert "its form is unusual; add this by hand" in init("pre-commit", status=2)
    for text in ("repos: [{repo: local, hooks: []}]\n", "- a\n", "repos: [\n"):
        clone.put(CONFIG, text)
        assert CONFIG in init("pre-commit", status=2)
        assert (clone.root / CONFIG).read_text() == text
    clone.put(CONFIG, "repos:\n- repo: https://example.org/stateless-guard\n  rev: v1\n  hooks:\n  - id: guard\n")
    assert "already" in init("pre-commit")
    assert "nothing removed" in init("pre-commit", "--remove")


def test_the_published_hooks_are_valid() -> None:
    """What pre-commit reads from this repository, by its own check and by our needs."""
    done = Clone(ROOT).attempt("pre-commit", "validate-manifest", ".pre-commit-hooks.yaml")
    assert done.returncode == 0, done.stdout
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert [hook["id"] for hook in hooks] == ["guard", "guard-push"]
    assert all((hook["pass_filenames"], hook["require_serial"]) == (False, True) for hook in hooks)


@pytest.fixture
def with_pre_commit(clone: Clone, init: Init) -> Clone:
    """The clone with what `init` writes, the command that is installed here, and pre-commit's own hooks."""
    init("pre-commit", "--stage", "pre-commit", "--stage", "pre-push")
    file = clone.root / CONFIG
    assert "language: system" in file.read_text(), "this environment has an editable installation"
    clone.commit()
    clone.git("branch", "start")
    done = clone.attempt("pre-commit", "install", "--hook-type", "pre-commit", "--hook-type", "pre-push")
    assert done.returncode == 0, done.stdout + done.stderr
    return clone


def test_pre_commit_runs_it_on_commits(with_pre_commit: Clone) -> None:
    """Of what is staged, with SKIP as the way on; parts of a work tree; and by hand."""
    clone = with_pre_commit
    clone.put("app.py", BAD)
    clone.put("new.py", BAD)
    clone.git("add", "app.py")
    done = clone.attempt("git", "commit", "-m", "x")
    stopped(done, "app.py:4", "SKIP=guard git commit")
    assert "new.py" not in done.stdout + done.stderr
    stopped(clone.attempt("pre-commit", "run", "guard"), "app.py:4")
    stopped(clone.attempt("pre-commit", "run", "--all-files"), "app.py:4")
    passed(clone.attempt("git", "commit", "-qm", "x", env={"SKIP": "guard"}), "Skipped")


def test_pre_commit_runs_it_on_a_range_and_tells_what_does_not_stop(with_pre_commit: Clone) -> None:
    """In CI; a file that could not be looked at is seen, although nothing is stopped."""
    clone = with_pre_commit
    clone.commit(app=BAD)
    stopped(clone.attempt("pre-commit", "run", "--from-ref", "start", "--to-ref", "HEAD"), "app.py:4")
    clone.commit(app=GOOD + "def broken(:\n")
    passed(clone.attempt("pre-commit", "run", "--from-ref", "start", "--to-ref", "HEAD"), "incomplete", "app.py")


def test_pre_commit_runs_it_on_pushes(with_pre_commit: Clone) -> None:
    """The first push of all, a branch that is there, a new one that took main in."""
    clone = with_pre_commit
    Clone(clone.root.parent / "remote").git("config", "core.bare", "true")
    clone.git("remote", "add", "origin", str(clone.root.parent / "remote"))
    clone.commit(app=BAD)
    stopped(clone.attempt("git", "push", "origin", "main"), "app.py:4", "SKIP=guard-push git push")
    clone.git("push", "-q", "--no-verify", "origin", "main")
    clone.git("checkout", "-q", "-b", "topic", "start")
    clone.commit(new=GOOD)
    clone.git("merge", "-q", "--no-edit", "main")
    passed(clone.attempt("git", "push", "-q", "origin", "topic"), "Passed")
    clone.commit(new=BAD)
    stopped(clone.attempt("git", "push", "-q", "origin", "topic"), "new.py:4")


@pytest.mark.skipif(not os.environ.get("GUARD_TEST_HOOKS"), reason="installs the package from scratch: make test-hooks")
def test_pre_commit_tries_this_repository(clone: Clone) -> None:
    """`try-repo`: the package built and installed by pre-commit itself, both hooks run."""
    clone.git("branch", "start")
    clone.put("app.py", BAD)
    clone.git("add", "-A")
    stopped(clone.attempt("pre-commit", "try-repo", str(ROOT), "guard"), "app.py:4", "SKIP=guard")
    clone.commit(app=BAD)
    refs = ("--from-ref", "start", "--to-ref", "HEAD")
    stopped(clone.attempt("pre-commit", "try-repo", str(ROOT), "guard", *refs), "app.py:4")
    stopped(clone.attempt("pre-commit", "try-repo", str(ROOT), "guard-push", "--hook-stage", "pre-push", *refs), "app.py:4")


# -- lefthook ---------------------------------------------------------------------------------------------------------

JOBS = "min_version: 1.10.0\npre-commit:\n  parallel: true\n  jobs:\n    # theirs\n    - name: theirs\n      run: echo theirs\n"
COMMANDS = "pre-commit:\n    commands:\n        theirs:\n            run: echo theirs\n\npre-push:\n  scripts:\n    a.sh:\n      runner: sh\n"


@pytest.mark.parametrize(
    "text",
    [
        None,
        JOBS,
        COMMANDS,
        "pre-push:\n  parallel: true\n",
        "pre-commit:\n  commands:\npre-push:\n    parallel: true\n    jobs:\n",
    ],
)
def test_lefthook_gets_a_command_once(clone: Clone, init: Init, text: str | None) -> None:
    """In whichever form the file has; --remove gives back what was there."""
    file = clone.root / "lefthook.yml"
    if text is not None:
        file.write_text(text)
    stages = ("--stage", "pre-commit", "--stage", "pre-push")
    init("lefthook", *stages)
    written = file.read_text()
    document = yaml.safe_load(written)
    assert all(f"--hook {stage}" in str(document[stage]) for stage in ("pre-commit", "pre-push"))
    assert "'use_stdin': True" in str(document["pre-push"])
    assert all(line in written.splitlines() for line in (text or "").splitlines())
    assert "already" in init("lefthook", *stages)
    assert file.read_text() == written
    init("lefthook", "--remove")
    assert (file.read_text() if file.exists() else None) == text


def test_an_unusual_lefthook_file_is_left_alone(clone: Clone, init: Init) -> None:
    """Told with what to add, or to take out, by hand."""
    for text in ("pre-commit: {commands: {a: {run: b}}}\n", "pre-commit:\n", "pre-commit: [\n"):
        clone.put("lefthook.yml", text)
        assert "lefthook.yml" in init("lefthook", status=2)
        assert (clone.root / "lefthook.yml").read_text() == text
    (clone.root / "lefthook.yml").unlink()
    clone.put("lefthook.toml", "")
    assert "lefthook.toml" in init("lefthook", status=2)
    (clone.root / "lefthook.toml").unlink()
    init("lefthook")
    file = clone.root / "lefthook.yml"
    file.write_text(file.read_text() + "    theirs:\n      run: b\n")
    assert "by hand" in init("lefthook", "--remove", status=2)


def test_lefthook_runs_it(clone: Clone, init: Init) -> None:
    """On a commit of a part of the work tree, and on a push."""
    lefthook = next((installed("lefthook@2.2.2")).glob("lefthook-linux-x64/bin/lefthook"), None)
    command = [str(lefthook)] if lefthook else [node(), str(installed("lefthook@2.2.2") / "lefthook/bin/index.js")]
    clone.put("lefthook.yml", JOBS)
    init("lefthook", "--stage", "pre-commit", "--stage", "pre-push")
    clone.commit()
    done = clone.attempt(*command, "install")
    assert done.returncode == 0, done.stdout + done.stderr
    environment = {"LEFTHOOK_BIN": " ".join(command)}
    clone.put("app.py", BAD)
    clone.put("other.py", GOOD)
    clone.git("add", "other.py")
    passed(clone.attempt("git", "commit", "-m", "x", env=environment), "theirs")
    stopped(clone.attempt("git", "commit", "app.py", "-m", "x", env=environment), "app.py:4", "--no-verify")
    clone.commit()
    Clone(clone.root.parent / "remote").git("config", "core.bare", "true")
    stopped(clone.attempt("git", "push", "../remote", "main", env=environment), "app.py:4")


# -- husky ------------------------------------------------------------------------------------------------------------


def test_husky_runs_it(clone: Clone, init: Init) -> None:
    """Beside what is there, after `npx husky`; --remove gives back what was there."""
    theirs = clone.put(".husky/pre-commit", "echo theirs\n")
    assert "npx husky" in init("husky", "--stage", "pre-commit", "--stage", "pre-push")
    written = _files(clone, ".husky")
    husky = installed("husky@9.1.7") / "husky" / "bin.js"
    subprocess.run([node(), str(husky)], cwd=clone.root, check=True, capture_output=True)
    assert "already" in init("husky")
    clone.put("app.py", BAD)
    stopped(clone.attempt("git", "commit", "-am", "x"), "app.py:4")
    passed(clone.attempt("git", "commit", "-qam", "x", env={"HUSKY": "0"}))
    Clone(clone.root.parent / "remote").git("config", "core.bare", "true")
    stopped(clone.attempt("git", "push", "../remote", "main"), "app.py:4")
    clone.put("app.py", GOOD)
    passed(clone.attempt("git", "commit", "-qam", "x"), "theirs")
    assert written.keys() <= _files(clone, ".husky").keys()
    init("husky", "--remove")
    assert theirs.read_text() == "echo theirs\n"
    assert not (clone.root / ".husky/pre-push").exists()

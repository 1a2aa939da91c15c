"""`review --hook` under git itself: every shape of a commit and of a push."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from commit_hook_help import BAD, GOOD, OTHER_BAD, Clone, passed, stopped

from guard.__main__ import main
from guard.integrations.commit_hooks import pushes

SESSION, DATABASE = "flask-session-filesystem", "sqlite"
ZERO = "0" * 40


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    """A repository with one commit and the hooks that git has for commits."""
    made = Clone(tmp_path / "clone")
    for name in ("pre-commit", "pre-merge-commit"):
        made.hook(name, "stateless-guard review --hook pre-commit --no-model")
    made.commit(app=GOOD, other=GOOD)
    return made


# -- commits ----------------------------------------------------------------------------------------------------------


def test_what_is_staged_is_reviewed_and_the_way_on_is_told(clone: Clone) -> None:
    """A finding stops the commit, says how to go on, and going on works; the work tree does not matter."""
    clone.put("app.py", BAD)
    clone.git("add", "app.py")
    clone.put("app.py", GOOD)
    stopped(clone.attempt("git", "commit", "-m", "x"), "app.py:4", "git commit --no-verify")
    passed(clone.attempt("git", "commit", "-q", "--no-verify", "-m", "x"))


def test_a_good_commit_hears_nothing(clone: Clone) -> None:
    """No word where there is nothing to say, with something staged and with nothing."""
    clone.put("app.py", GOOD + "x = 1\n")
    passed(clone.attempt("git", "commit", "-qam", "x"))
    passed(clone.attempt("git", "commit", "-q", "--allow-empty", "-m", "x"))


def test_commit_all_and_commits_of_some_files(clone: Clone) -> None:
    """`commit -a` and `commit FILE` have an index of their own, which counts."""
    clone.put("app.py", BAD)
    clone.put("other.py", GOOD + "x = 1\n")
    stopped(clone.attempt("git", "commit", "-am", "x"), "app.py:4")
    stopped(clone.attempt("git", "commit", "app.py", "-m", "x"), "app.py:4")
    clone.git("add", "app.py")
    passed(clone.attempt("git", "commit", "-q", "other.py", "-m", "x"))
    assert clone.git("diff", "--cached", "--name-only") == "app.py"


def test_the_first_commit(tmp_path: Path) -> None:
    """There is no HEAD to compare with."""
    clone = Clone(tmp_path / "new")
    clone.hook("pre-commit", "stateless-guard review --hook pre-commit")
    clone.put("app.py", BAD)
    clone.git("add", "-A")
    stopped(clone.attempt("git", "commit", "-m", "x"), "app.py:4")


def test_an_amended_commit_answers_for_what_it_amends(clone: Clone) -> None:
    """What the commit had before is not told again; what is added is."""
    clone.commit(app=BAD)
    passed(clone.attempt("git", "commit", "-q", "--amend", "-m", "a better message"))
    clone.put("other.py", OTHER_BAD)
    stopped(clone.attempt("git", "commit", "-a", "--amend", "-m", "x"), "other.py:4")


def test_worktrees_and_folders_below(clone: Clone, tmp_path: Path) -> None:
    """Git tells its hooks of another index and another directory there."""
    clone.git("worktree", "add", "-q", str(tmp_path / "tree"))
    tree = Clone(tmp_path / "tree")
    below = tree.put("below/app.py", BAD).parent
    tree.git("add", "-A")
    stopped(tree.attempt("git", "commit", "-m", "x", cwd=below), "below/app.py:4")
    passed(clone.attempt("git", "commit", "-q", "--allow-empty", "-m", "x"))


def _conflict(clone: Clone) -> None:
    """Two branches that touch the same line, each with an old finding in a file of its own."""
    clone.git("checkout", "-q", "-b", "theirs")
    clone.commit(app=GOOD + "x = 1\n", their=BAD)
    clone.git("checkout", "-q", "main")
    clone.commit(app=GOOD + "x = 2\n", our=OTHER_BAD)


def test_a_merge_that_needs_nobody_is_not_stopped(clone: Clone) -> None:
    """What the other branch brings was decided there."""
    clone.git("checkout", "-q", "-b", "theirs")
    clone.commit(their=BAD)
    clone.git("checkout", "-q", "main")
    clone.commit(our=OTHER_BAD)
    passed(clone.attempt("git", "merge", "-q", "--no-edit", "theirs"))


def test_a_resolved_merge_answers_for_the_resolution(clone: Clone) -> None:
    """Neither side's old findings are told; one that the resolution adds is, even in a file of both sides."""
    _conflict(clone)
    assert clone.attempt("git", "merge", "theirs").returncode == 1
    clone.put("app.py", BAD)
    clone.git("add", "-A")
    done = clone.attempt("git", "commit", "--no-edit")
    stopped(done, "app.py:4")
    assert "their.py" not in done.stdout + done.stderr
    assert "our.py" not in done.stdout + done.stderr
    clone.put("app.py", GOOD + "x = 3\n")
    clone.git("add", "-A")
    passed(clone.attempt("git", "commit", "-q", "--no-edit"))


def test_a_merged_line_beside_a_conflict_is_theirs(clone: Clone) -> None:
    """A file that differs from both sides still answers only for the lines that neither has."""
    clone.git("checkout", "-q", "-b", "theirs")
    clone.commit(app=BAD + "x = 1\n")
    clone.git("checkout", "-q", "main")
    clone.commit(app=GOOD + "x = 2\n")
    assert clone.attempt("git", "merge", "theirs").returncode == 1
    clone.put("app.py", BAD + "x = 3\n")
    clone.git("add", "-A")
    passed(clone.attempt("git", "commit", "-q", "--no-edit"))


def test_a_file_that_can_not_be_looked_at_stops_nobody(clone: Clone) -> None:
    """A file that does not parse leaves the review incomplete: told, and no reason to stop."""
    clone.put("app.py", GOOD + "def broken(:\n")
    passed(clone.attempt("git", "commit", "-qam", "x"), "not valid python in line 4", "incomplete")


def test_a_finding_beside_a_broken_file_still_stops(clone: Clone) -> None:
    """Being incomplete excuses nothing."""
    clone.put("app.py", GOOD + "def broken(:\n")
    clone.put("other.py", BAD)
    stopped(clone.attempt("git", "commit", "-am", "x"), "other.py:4")


def test_a_warning_is_told_and_lets_go(clone: Clone) -> None:
    """Only what counts stops."""
    clone.put(".stateless-guard.toml", "[severity]\nsession-store = 'warning'\n")
    clone.put("app.py", BAD)
    clone.git("add", "-A")
    passed(clone.attempt("git", "commit", "-qm", "x"), "warning", "app.py:4")


def test_a_wrong_configuration_stops_and_says_how_to_go_on(clone: Clone) -> None:
    """It would switch the guard off for good if it passed."""
    clone.put(".stateless-guard.toml", "fail-at = 'error'\n")
    clone.git("add", "-A")
    done = clone.attempt("git", "commit", "-m", "x")
    stopped(done, ".stateless-guard.toml", "fail-at", "git commit --no-verify")
    assert done.stderr.count("\n") == 1


def test_a_bug_of_ours_stops_nobody(clone: Clone, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """It is told in a line, with where it happened."""
    clone.put("app.py", BAD)
    clone.git("add", "-A")
    monkeypatch.setattr("guard.integrations.commit_hooks.open_staged", lambda *_: 1 // 0)
    assert main(["-C", str(clone.root), "review", "--hook", "pre-commit"]) == 0
    said = capsys.readouterr()
    assert "ZeroDivisionError" in said.err
    assert "nothing is stopped" in said.err
    assert not said.out


def test_pre_commit_can_name_a_range(clone: Clone, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """In CI nothing is staged: the range is looked at, from the merge base on; without one it is said that nothing was."""
    clone.git("checkout", "-q", "-b", "topic")
    clone.commit(app=BAD)
    clone.git("checkout", "-q", "main")
    clone.commit(other=OTHER_BAD)
    monkeypatch.chdir(clone.root)
    assert main(["review", "--hook", "pre-commit"]) == 0
    assert capsys.readouterr().err == ""
    monkeypatch.setenv("PRE_COMMIT", "1")
    assert main(["review", "--hook", "pre-commit"]) == 0
    assert "nothing was reviewed; a range is named by --from-ref and --to-ref" in capsys.readouterr().err
    for start, end, status in (("main", "topic", 1), ("topic", "topic", 0)):
        monkeypatch.setenv("PRE_COMMIT_FROM_REF", start)
        monkeypatch.setenv("PRE_COMMIT_TO_REF", end)
        assert main(["review", "--hook", "pre-commit"]) == status


# -- pushes -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def pushing(clone: Clone, tmp_path: Path) -> Clone:
    """The same with a remote that has what is there, and the hook that git has for pushes."""
    remote = Clone(tmp_path / "remote")
    remote.git("config", "core.bare", "true")
    clone.git("remote", "add", "origin", str(remote.root))
    clone.git("push", "-q", "origin", "main")
    clone.hook("pre-push", "stateless-guard review --hook pre-push --no-model")
    return clone


def test_a_push_answers_for_what_the_remote_does_not_have(pushing: Clone) -> None:
    """A finding stops it; going on works; what is there already is not told again."""
    pushing.commit(app=BAD)
    stopped(pushing.attempt("git", "push", "origin", "main"), "app.py:4", "git push --no-verify")
    passed(pushing.attempt("git", "push", "-q", "--no-verify", "origin", "main"))
    pushing.commit(other=GOOD + "x = 1\n")
    passed(pushing.attempt("git", "push", "-q", "origin", "main"))
    passed(pushing.attempt("git", "push", "-q", "origin", "main"))


def test_new_branches_and_deleted_ones(pushing: Clone) -> None:
    """A new branch is compared with what the remote has of its history; a deleted one sends nothing."""
    pushing.commit(app=BAD)
    pushing.git("push", "-q", "--no-verify", "origin", "main")
    pushing.git("checkout", "-q", "-b", "topic")
    pushing.commit(other=GOOD + "x = 1\n")
    passed(pushing.attempt("git", "push", "-q", "origin", "topic"))
    pushing.git("checkout", "-q", "-b", "next")
    pushing.commit(other=OTHER_BAD)
    stopped(pushing.attempt("git", "push", "origin", "next"), "other.py:4")
    passed(pushing.attempt("git", "push", "-q", "origin", ":topic"))


def test_a_branch_that_took_main_in_does_not_answer_for_main(pushing: Clone) -> None:
    """Merged or rebased: what main brought is on the remote already."""
    pushing.git("checkout", "-q", "-b", "topic")
    pushing.commit(topic=GOOD)
    pushing.git("push", "-q", "--no-verify", "origin", "topic")
    pushing.git("checkout", "-q", "main")
    pushing.commit(app=BAD)
    pushing.git("push", "-q", "--no-verify", "origin", "main")
    pushing.git("checkout", "-q", "topic")
    pushing.git("branch", "rebased")
    pushing.git("merge", "-q", "--no-edit", "main")
    passed(pushing.attempt("git", "push", "-q", "origin", "topic"))
    pushing.git("checkout", "-q", "rebased")
    pushing.git("rebase", "-q", "main")
    passed(pushing.attempt("git", "push", "-q", "--force", "origin", "rebased:topic"))
    pushing.commit(other=OTHER_BAD)
    stopped(pushing.attempt("git", "push", "--force", "origin", "rebased:topic"), "other.py:4")


def test_several_refs_and_tags_tell_a_thing_once(pushing: Clone) -> None:
    """A branch on top of another one, and a tag on it, bring the same commit once."""
    pushing.git("checkout", "-q", "-b", "first")
    pushing.commit(app=BAD)
    pushing.git("checkout", "-q", "-b", "second")
    pushing.commit(other=OTHER_BAD)
    pushing.git("tag", "-a", "-m", "x", "v1")
    pushing.git("tag", "of-a-tree", "HEAD^{tree}")
    done = pushing.attempt("git", "push", "origin", "first", "second", "v1", "of-a-tree")
    stopped(done, "app.py:4", "other.py:4")
    assert (done.stdout + done.stderr).count("--> app.py:4") == 1


def test_the_first_push_of_all(clone: Clone, tmp_path: Path) -> None:
    """Nothing is on any remote: everything is news."""
    Clone(tmp_path / "remote").git("config", "core.bare", "true")
    clone.hook("pre-push", "stateless-guard review --hook pre-push")
    clone.commit(app=BAD)
    stopped(clone.attempt("git", "push", str(tmp_path / "remote"), "main"), "app.py:4")


def test_by_hand_a_push_is_what_no_remote_has_of_head(pushing: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without git's lines, HEAD is meant."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    command = ["-C", str(pushing.root), "review", "--hook", "pre-push"]
    assert main(command) == 0
    pushing.commit(app=BAD)
    assert main(command) == 1


def test_what_git_and_pre_commit_say_of_a_push() -> None:
    """Lines count first, then pre-commit's variables; a name may hold spaces, deletions send nothing."""
    line = f"refs/heads/a b {'1' * 40} refs/heads/main {'2' * 40}"
    assert [(push.local, push.remote) for push in pushes(line, {})] == [("1" * 40, "2" * 40)]
    assert pushes(f"(delete) {ZERO} refs/heads/x {'2' * 40}\n", {}) == ()
    new = pushes("", {"PRE_COMMIT_LOCAL_BRANCH": "refs/heads/x", "PRE_COMMIT_REMOTE_NAME": "origin"})
    assert [(push.local, push.remote) for push in new] == [("refs/heads/x", "")]


def test_a_hook_reports_to_those_who_commit(capsys: pytest.CaptureFixture[str]) -> None:
    """Files are for the other selections."""
    assert main(["review", "--hook", "pre-push", "--output", "x"]) == 2
    assert "--output" in capsys.readouterr().err

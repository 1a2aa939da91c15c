"""Every selection of a review, on real repositories of every kind."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from guard.change import FileKind, Status
from guard.errors import SourceError, UsageError
from guard.integrations.git import Kind, Selected, Selection, open_change
from guard.pipeline import observe


class Repository:
    """A repository on disk, driven by git itself."""

    def __init__(self, root: Path, *options: str) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q", "-b", "main", *options)

    def git(self, *arguments: str, **environment: str) -> str:
        """Run git; gives what it prints."""
        done = subprocess.run(
            ["git", "-C", str(self.root), *arguments], check=True, capture_output=True, env={**os.environ, **environment}
        )
        return os.fsdecode(done.stdout).strip()

    def write(self, **files: str) -> None:
        """Write files; a double underscore in a name stands for a dot, a triple one for a slash."""
        for name, text in files.items():
            path = self.root / name.replace("___", "/").replace("__", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())

    def commit(self, **files: str) -> str:
        """Write, add and commit; gives the commit."""
        self.write(**files)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "x")
        return self.git("rev-parse", "HEAD")

    def select(self, kind: Kind, revision: str = "", *paths: str, where: Path | None = None) -> Selected:
        """The change that a selection names."""
        return open_change(Selection(kind, revision, paths), str(where or self.root))


@pytest.fixture(params=["sha1", "sha256"])
def repository(request: pytest.FixtureRequest, tmp_path: Path) -> Repository:
    """A repository with three commits, in both object formats."""
    repository = Repository(tmp_path / "repo", f"--object-format={request.param}")
    repository.commit(a__py="one\n", b__py="b\n")
    repository.commit(a__py="one\ntwo\n")
    repository.commit(a__py="one\ntwo\nthree\n", src___c__py="c\n")
    return repository


def _added(selected: Selected) -> dict[str, list[int]]:
    with selected:
        return {file.path: sorted(file.added) for file in selected.change.files}


def test_the_work_tree_counts_new_files_and_not_ignored_ones(repository: Repository) -> None:
    """What is not committed is reviewed, tracked or not; what git ignores is not."""
    repository.commit(__gitignore="ignored.py\n")
    repository.write(a__py="zero\none\ntwo\nthree\n", new__py="x\ny\n", ignored__py="z\n")
    selected = repository.select(Kind.WORKTREE)
    assert selected.source.head("new.py") == b"x\ny\n"
    assert _added(selected) == {"a.py": [1], "new.py": [1, 2]}


def test_the_index_is_read_not_the_work_tree(repository: Repository) -> None:
    """What is staged is reviewed as it is staged."""
    repository.write(a__py="staged\n")
    repository.git("add", "a.py")
    repository.write(a__py="later\n", new__py="x\n")
    with repository.select(Kind.STAGED) as selected:
        assert selected.source.head("a.py") == b"staged\n"
        assert selected.source.base("a.py") == b"one\ntwo\nthree\n"
        assert [file.path for file in selected.change.files] == ["a.py"]


def test_another_index_is_honoured(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """`git commit FILE` gives its hooks an index of their own."""
    other = str(repository.root / ".git" / "other-index")
    repository.write(b__py="changed\n")
    repository.git("read-tree", "HEAD", GIT_INDEX_FILE=other)
    repository.git("add", "b.py", GIT_INDEX_FILE=other)
    assert _added(repository.select(Kind.STAGED)) == {}
    monkeypatch.setenv("GIT_INDEX_FILE", other)
    with repository.select(Kind.STAGED) as selected:
        assert selected.source.head("b.py") == b"changed\n"


def test_ranges_bases_and_commits(repository: Repository) -> None:
    """Each names its two sides, and texts come from them."""
    assert _added(repository.select(Kind.RANGE, "HEAD~2..HEAD")) == {"a.py": [2, 3], "src/c.py": [1]}
    assert _added(repository.select(Kind.COMMIT, "HEAD~1")) == {"a.py": [2]}
    repository.git("checkout", "-q", "-b", "topic", "HEAD~1")
    repository.commit(d__py="d\n")
    assert _added(repository.select(Kind.BASE, "main")) == {"d.py": [1]}
    assert _added(repository.select(Kind.RANGE, "main...topic")) == {"d.py": [1]}
    assert set(_added(repository.select(Kind.RANGE, "main..topic"))) == {"a.py", "d.py", "src/c.py"}


def test_a_root_commit_adds_all(repository: Repository) -> None:
    """The first commit has no parent and still can be reviewed."""
    assert _added(repository.select(Kind.COMMIT, "HEAD~2")) == {"a.py": [1], "b.py": [1]}


def test_before_the_first_commit(tmp_path: Path) -> None:
    """An empty repository with staged or new files has a change too."""
    repository = Repository(tmp_path / "empty")
    repository.write(a__py="a\n")
    assert _added(repository.select(Kind.WORKTREE)) == {"a.py": [1]}
    repository.git("add", "a.py")
    assert _added(repository.select(Kind.STAGED)) == {"a.py": [1]}


def test_a_merge_is_reviewed_against_its_first_parent(repository: Repository) -> None:
    """What the merge brings to the branch, not what the branch had."""
    repository.git("checkout", "-q", "-b", "side", "HEAD~1")
    repository.commit(side__py="s\n")
    repository.git("checkout", "-q", "main")
    repository.git("merge", "-q", "--no-ff", "-m", "merge", "side")
    assert _added(repository.select(Kind.COMMIT, "HEAD")) == {"side.py": [1]}


def test_path_limits_are_relative_to_where_one_stands(repository: Repository) -> None:
    """From a folder below the root, paths mean what the shell would mean."""
    repository.write(src___c__py="c\nd\n", src___n__py="n\n", a__py="x\n")
    inside = repository.root / "src"
    assert set(_added(repository.select(Kind.WORKTREE, where=inside))) == {"a.py", "src/c.py", "src/n.py"}
    assert set(_added(repository.select(Kind.WORKTREE, "", "c.py", where=inside))) == {"src/c.py"}
    assert set(_added(repository.select(Kind.WORKTREE, "", ".", where=inside))) == {"src/c.py", "src/n.py"}
    assert set(_added(repository.select(Kind.WORKTREE, "", "src"))) == {"src/c.py", "src/n.py"}
    assert set(_added(repository.select(Kind.COMMIT, "HEAD", "src"))) == {"src/c.py"}
    with pytest.raises(UsageError, match="outside the repository"):
        repository.select(Kind.WORKTREE, "", "../elsewhere")


def test_a_bare_repository(repository: Repository, tmp_path: Path) -> None:
    """Commits and ranges need no work tree; what does says so."""
    bare = tmp_path / "bare.git"
    subprocess.run(["git", "clone", "-q", "--bare", str(repository.root), str(bare)], check=True)
    assert _added(repository.select(Kind.COMMIT, "HEAD", where=bare)) == {"a.py": [3], "src/c.py": [1]}
    with pytest.raises(UsageError, match="bare repository has no work tree"):
        repository.select(Kind.WORKTREE, where=bare)


def test_a_shallow_clone_says_what_is_missing(repository: Repository, tmp_path: Path) -> None:
    """A revision that was not fetched is named, with the way to get it."""
    shallow = tmp_path / "shallow"
    subprocess.run(["git", "clone", "-q", "--depth=1", f"file://{repository.root}", str(shallow)], check=True)
    assert set(_added(repository.select(Kind.COMMIT, "HEAD", where=shallow))) == {"a.py", "b.py", "src/c.py"}
    with pytest.raises(UsageError, match="shallow"):
        repository.select(Kind.RANGE, "HEAD~1..HEAD", where=shallow)


def test_a_clone_without_some_contents(repository: Repository) -> None:
    """A file whose content is not there does not hide the others, and is named."""
    head = repository.commit(a__py="new\n", b__py="lost\n")
    lost = repository.git("rev-parse", f"{head}:b.py")
    (repository.root / ".git" / "objects" / lost[:2] / lost[2:]).unlink()
    with repository.select(Kind.COMMIT, head) as selected:
        assert _added(selected)["a.py"] == [1]
        absent = [file.path for file in selected.change.files if file.kind is FileKind.ABSENT]
        assert absent == ["b.py"]
        failures = observe(selected.change, selected.source).failures
    assert [failure.path for failure in failures] == ["b.py"]


def test_a_linked_worktree(repository: Repository, tmp_path: Path) -> None:
    """A second work tree has its own files and index."""
    repository.git("worktree", "add", "-q", str(tmp_path / "second"), "HEAD~1")
    (tmp_path / "second" / "a.py").write_text("one\ntwo\nhere\n")
    assert _added(repository.select(Kind.WORKTREE, where=tmp_path / "second")) == {"a.py": [3]}
    assert _added(repository.select(Kind.WORKTREE)) == {}


def test_renames_copies_links_and_submodules(repository: Repository, tmp_path: Path) -> None:
    """Kinds and old names come through."""
    other = Repository(tmp_path / "other", f"--object-format={repository.git('rev-parse', '--show-object-format')}")
    other.commit(x__py="x\n")
    repository.git("mv", "b.py", "moved.py")
    os.symlink("a.py", repository.root / "link.py")
    repository.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other.root), "sub")
    repository.commit()
    with repository.select(Kind.COMMIT, "HEAD") as selected:
        files = {file.path: file for file in selected.change.files}
    assert (files["moved.py"].status, files["moved.py"].old_path) == (Status.RENAMED, "b.py")
    assert files["link.py"].kind is FileKind.SYMLINK
    assert files["sub"].kind is FileKind.SUBMODULE


def test_odd_names_and_line_ends(repository: Repository) -> None:
    """Quoted names, bytes that are no UTF-8, CRLF and a missing end of line change nothing."""
    name = os.fsdecode(b"caf\xe9 \t.py")
    (repository.root / name).write_bytes(b"one\r\ntwo")
    assert _added(repository.select(Kind.WORKTREE)) == {name: [1, 2]}
    repository.commit()
    with repository.select(Kind.COMMIT, "HEAD") as selected:
        assert selected.source.head(name) == b"one\r\ntwo"
        assert selected.change.files[0].added == {1, 2}


def test_the_users_git_settings_change_nothing(repository: Repository) -> None:
    """Prefixes, pagers, external diffs, renames and word order of a user's configuration are not ours."""
    for key, value in (
        ("diff.noprefix", "true"),
        ("diff.external", "false"),
        ("diff.renames", "false"),
        ("color.ui", "always"),
        ("diff.context", "0"),
        ("diff.mnemonicPrefix", "true"),
    ):
        repository.git("config", key, value)
    assert _added(repository.select(Kind.COMMIT, "HEAD")) == {"a.py": [3], "src/c.py": [1]}


def test_what_is_no_repository_or_revision_says_so(tmp_path: Path, repository: Repository) -> None:
    """One clear sentence each."""
    (tmp_path / "plain").mkdir()
    with pytest.raises(SourceError, match="not a git repository"):
        open_change(Selection(), str(tmp_path / "plain"))
    with pytest.raises(SourceError, match="no such directory"):
        open_change(Selection(), str(tmp_path / "none"))
    with pytest.raises(UsageError, match="unknown revision 'nope'"):
        repository.select(Kind.COMMIT, "nope")
    with pytest.raises(UsageError, match="is no range"):
        repository.select(Kind.RANGE, "HEAD")


def test_a_repository_that_git_does_not_trust_is_told_with_the_way_out(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a container whose user owns nothing: it is a repository, and one command away."""
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(SourceError, match=r"git does not trust it: .*; if you do: git config --global --add safe.directory"):
        repository.select(Kind.WORKTREE)


def test_before_the_first_commit_it_is_said_that_there_is_none(tmp_path: Path) -> None:
    """`HEAD` is what nobody has named: to call it unknown would help nobody."""
    empty = Repository(tmp_path / "empty", "--object-format=sha1")
    for kind, revision in ((Kind.COMMIT, "HEAD"), (Kind.BASE, "main")):
        with pytest.raises(UsageError, match="unknown revision 'HEAD'; there is no commit here yet"):
            empty.select(kind, revision)


def test_an_index_in_conflict_is_told_by_file(repository: Repository) -> None:
    """What would be committed is not known then; the work tree is."""
    repository.git("checkout", "-q", "-b", "other", "HEAD~1")
    (repository.root / "a.py").write_text("theirs\n")
    repository.commit()
    repository.git("checkout", "-q", "-")
    (repository.root / "a.py").write_text("ours\n")
    repository.commit()
    with pytest.raises(subprocess.CalledProcessError):
        repository.git("merge", "-q", "other")
    with pytest.raises(SourceError, match=r"^a\.py: not merged yet"):
        repository.select(Kind.STAGED)
    assert "a.py" in _added(repository.select(Kind.WORKTREE))


def test_all_paths_of_the_head_are_known(repository: Repository) -> None:
    """A source lists what it could give."""
    with repository.select(Kind.COMMIT, "HEAD") as selected:
        assert selected.source.head_paths() == {"a.py", "b.py", "src/c.py"}

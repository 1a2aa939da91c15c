"""A team's own rules: the page of the docs works as it stands; wrong files are refused; the base branch decides."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from guard.__main__ import main

PAGE = (Path(__file__).parent.parent / "docs" / "own-rules.md").read_text()
CONFIGURATION, RULES = re.findall(r"^```toml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
CODE = "from acme.sessions import MemoryStore\n\nstore = MemoryStore()\n"
ID = "acme-memory-sessions"


class Repository:
    """A git repository with a configuration and rules of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.git("init", "-q", "-b", "main")
        self.put(".stateless-guard.toml", CONFIGURATION)
        self.put("guard-rules/acme.toml", RULES)

    def git(self, *arguments: str) -> str:
        """Run git here."""
        command = ["git", "-C", str(self.folder), "-c", "commit.gpgsign=false", *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def put(self, path: str, text: str) -> None:
        """Write a file."""
        full = self.folder / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_text(text)

    def commit(self) -> str:
        """Commit everything; gives the commit's name."""
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "change")
        return self.git("rev-parse", "HEAD")

    def run(self, *arguments: str) -> int:
        """Run a command line here."""
        return main(["-C", str(self.folder), *arguments])


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A repository as the page of the docs has it."""
    return Repository(tmp_path)


def _rules(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [finding["rule"] for finding in json.loads(capsys.readouterr().out)["findings"]]


def test_the_page_of_the_docs_works(repository: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    """Its rule is found in new files, in a commit, in a bare clone, and in a patch."""
    repository.git("commit", "-q", "--allow-empty", "-m", "first")
    repository.put("app.py", CODE)
    assert repository.run("review", "--format", "json") == 1  # nothing of it is tracked yet
    assert _rules(capsys) == [ID]
    sha = repository.commit()
    assert repository.run("review", "--commit", sha, "--format", "json") == 1
    assert _rules(capsys) == [ID]
    bare = repository.folder / "bare"
    repository.git("clone", "-q", "--bare", ".", str(bare))
    assert main(["-C", str(bare), "review", "--commit", sha, "--format", "json"]) == 1
    assert _rules(capsys) == [ID]
    patch = repository.folder / "x.patch"
    patch.write_text(repository.git("diff", "HEAD~", "HEAD", "--", "app.py") + "\n")
    assert repository.run("review", "--patch", str(patch), "--format", "json") == 1
    assert _rules(capsys) == [ID]


def test_without_git_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A scan of a folder finds the files of rules by walking."""
    for path, text in ((".stateless-guard.toml", CONFIGURATION), ("guard-rules/acme.toml", RULES), ("app.py", CODE)):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    assert main(["-C", str(tmp_path), "scan", "app.py", "--format", "json"]) == 1
    assert _rules(capsys) == [ID]


def test_rules_explain_and_reports_know_them(repository: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    """And a configuration may name them; another repository does not know them."""
    assert repository.run("rules", "acme") == 0
    assert f"{ID}  session-store" in capsys.readouterr().out
    assert repository.run("explain", ID) == 0
    assert "acme.App(" in capsys.readouterr().out
    repository.put("app.py", CODE)
    repository.commit()
    assert repository.run("scan", "app.py", "--format", "sarif") == 1
    assert "wiki.example.org/acme" in capsys.readouterr().out
    assert repository.run("scan", "app.py", "--ignore", ID) == 0
    (repository.folder / ".stateless-guard.toml").unlink()
    assert repository.run("scan", "app.py", "--ignore", ID) == 2
    assert "neither a check nor a rule" in capsys.readouterr().err


def test_the_base_branch_brings_the_rules_of_a_pull_request(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A pull request that takes its own rules away is reviewed by them all the same."""
    base = repository.commit()
    repository.put("app.py", CODE)
    (repository.folder / "guard-rules" / "acme.toml").unlink()
    repository.put(".stateless-guard.toml", "")
    repository.commit()
    monkeypatch.setenv("GITHUB_BASE_REF", "main")
    assert repository.run("review", "--range", f"{base}..HEAD", "--format", "json") == 1
    assert _rules(capsys) == [ID]
    monkeypatch.delenv("GITHUB_BASE_REF")
    assert repository.run("review", "--range", f"{base}..HEAD", "--format", "json") == 0


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("[framework]", "[framework", "guard-rules/acme.toml: not valid TOML"),
        ("without =", "wihtout =", "guard-rules/acme.toml: rule 'acme-memory-sessions': unknown key 'wihtout'; known are"),
        ('"session-store"', '"sessions"', "'check' is 'sessions'; it must be one of session-store"),
        ('["python"]', '["cobol"]', "nothing reads 'cobol'; 'languages' may be"),
        ('without = ["store"]', 'with = {store = ["re:("]}', "'(' is no regular expression"),
        (ID, "flask-session-filesystem", "a shipped rule has this id; give yours another one"),
        (ID, "shared-state", "a shipped rule has this id"),
    ],
)
def test_a_wrong_entry_is_refused_with_file_entry_and_mend(
    repository: Repository, capsys: pytest.CaptureFixture[str], old: str, new: str, sentence: str
) -> None:
    """One line, status 2, in every review."""
    repository.put("guard-rules/acme.toml", RULES.replace(old, new, 1))
    repository.commit()
    assert repository.run("scan", "guard-rules") == 2
    told = capsys.readouterr().err
    assert sentence in told
    assert "guard-rules/acme.toml" in told


def test_wrong_paths_are_refused(repository: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    """Files that are not there, paths that lead out, and a configuration that is not at the root."""
    for value, sentence in (
        ("none/*.toml", "there is no file that 'none/*.toml' fits"),
        ("none.toml", "none.toml is not there"),
        ("../x.toml", "must be a path below the folder"),
    ):
        repository.put(".stateless-guard.toml", f'catalogue = ["{value}"]\n')
        assert repository.run("scan", ".") == 2
        assert sentence in capsys.readouterr().err
    repository.put(".stateless-guard.toml", "")
    repository.put("sub/.stateless-guard.toml", CONFIGURATION)
    repository.put("sub/app.py", CODE)
    assert repository.run("scan", "sub") == 2
    assert "set it at the root" in capsys.readouterr().err


def test_two_repositories_do_not_share_rules(repository: Repository, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Nothing stays in the process after a review."""
    repository.put("app.py", CODE)
    repository.commit()
    assert repository.run("scan", "app.py") == 1
    other = tmp_path_factory.mktemp("other")
    (other / "app.py").write_text(CODE)
    assert main(["-C", str(other), "scan", "app.py"]) == 0
    assert repository.run("scan", "app.py") == 1

"""`init`: one writer for every plan, and the workflows for GitHub: shown first, written whole, taken out exactly."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from guard.__main__ import main
from guard.cli.starters import Edit, Plan, Project, starter, starter_names
from guard.cli.starters._writing import carry_out
from guard.cli.starters.github_action import WAYS, template
from guard.errors import UsageError

SHA = "0123456789abcdef" * 2 + "01234567"
ACTION = f"acme/stateless-guard@{SHA}#v1.2.3"
MAIN = ".github/workflows/stateless-guard.yml"
Run = Callable[..., str]


@pytest.fixture
def init(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """`init WHAT …` in an empty folder; gives what it says."""

    def run(*arguments: str, status: int = 0) -> str:
        capsys.readouterr()
        assert main(["-C", str(tmp_path), "init", *arguments]) == status
        said = capsys.readouterr()
        return said.err if status else said.out

    return run


def _files(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


# -- the writer -------------------------------------------------------------------------------------------------------


def test_every_starter_has_the_shape() -> None:
    """Each can be asked for, says what it is for in a line, plans, and plans its removal."""
    names = starter_names()
    assert {"config", "pre-commit", "github-action"} <= set(names)
    for name in names:
        module = starter(name)
        assert module.HELP
        assert "\n" not in module.HELP
        assert all(callable(getattr(module, part)) for part in ("arguments", "plan", "removal"))


@pytest.mark.parametrize("what", [["config"], ["pre-commit"], ["github-action", "--action", ACTION]], ids=lambda what: what[0])
def test_nothing_is_written_by_a_dry_run_and_all_goes_again(init: Run, tmp_path: Path, what: list[str]) -> None:
    """A dry run shows the very lines; a second run changes nothing; --remove leaves what was there before."""
    (tmp_path / "README.md").write_text("mine\n")
    shown = init(*what, "--dry-run")
    assert _files(tmp_path) == {"README.md": "mine\n"}
    init(*what)
    written = _files(tmp_path)
    assert len(written) == 2
    for line in next(text for name, text in written.items() if name != "README.md").splitlines():
        assert line in shown
    assert "already" in init(*what)
    assert _files(tmp_path) == written
    init(what[0], "--remove", "--dry-run")
    assert _files(tmp_path) == written
    init(what[0], "--remove")
    assert _files(tmp_path) == {"README.md": "mine\n"}
    assert "nothing removed" in init(what[0], "--remove")


def test_what_was_edited_stays(init: Run, tmp_path: Path) -> None:
    """A configuration that somebody decided something in is not removed."""
    init("config")
    file = tmp_path / ".stateless-guard.toml"
    file.write_text(file.read_text().replace("many", "one"))
    assert "edited" in init("config", "--remove")
    assert file.exists()


def test_a_file_that_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    """What was planned for another text is not written."""
    (tmp_path / "a").write_text("theirs")
    for before in (None, "mine"):
        with pytest.raises(UsageError, match="changed while"):
            carry_out(Plan((Edit("a", before, "ours"),)), Project(str(tmp_path)), dry_run=False)
    assert (tmp_path / "a").read_text() == "theirs"


def test_a_file_is_replaced_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Links stay links, permissions stay, new scripts can be run; a write that fails leaves the old file and nothing else."""
    (tmp_path / "real").write_text("old")
    (tmp_path / "real").chmod(0o640)
    (tmp_path / "link").symlink_to("real")
    project = Project(str(tmp_path))
    carry_out(
        Plan((Edit("link", "old", "new"), Edit("bin/hook", None, "#!/bin/sh\n", executable=True))), project, dry_run=False
    )
    assert (tmp_path / "link").is_symlink()
    assert ((tmp_path / "real").read_text(), (tmp_path / "real").stat().st_mode & 0o777) == ("new", 0o640)
    assert os.access(tmp_path / "bin/hook", os.X_OK)

    def fails(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fails)
    with pytest.raises(UsageError, match="No space left"):
        carry_out(Plan((Edit("real", "new", "newer"),)), project, dry_run=False)
    assert (tmp_path / "real").read_text() == "new"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bin", "link", "real"]


# -- workflows for GitHub ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "files"),
    [([], 1), (["--target"], 1), (["--forks"], 2), (["--split-model", "gpt-5"], 1), (["--forks", "--commands"], 3)],
    ids=str,
)
def test_each_way_is_written_as_published(init: Run, tmp_path: Path, options: list[str], files: int) -> None:
    """The templates, with the action and the model put in and nothing else; no placeholder is left."""
    init("github-action", "--action", ACTION, *options)
    written = _files(tmp_path)
    assert len(written) == files
    for text in written.values():
        assert yaml.safe_load(text)["jobs"]
        assert f"uses: acme/stateless-guard@{SHA} # v1.2.3\n" in text
        assert "YOUR_ORG" not in text
        assert "NAME_OF" not in text
    published = {template(name) for ways in WAYS.values() for name in ways.values()} | {template("commands.yml")}
    assert {_back(text) for text in written.values()} <= published


def _back(text: str) -> str:
    text = re.sub(
        rf"acme/stateless-guard@{SHA} # v1.2.3", f"YOUR_ORG/stateless-guard@{'0' * 40} # the commit that you trust", text
    )
    return text.replace("model: gpt-5", "model: NAME_OF_THE_MODEL")


def test_one_way_follows_another(init: Run, tmp_path: Path) -> None:
    """Whatever was written before by this command, with whatever action, is replaced; what the new way does not have goes."""
    ways: tuple[list[str], ...] = (["--forks", "--commands"], [], ["--split-model", "m"], ["--target", "--commands"])
    for before, after in itertools.permutations(ways, 2):
        init("github-action", "--action", f"other/name@{SHA}", *before)
        init("github-action", "--action", ACTION, *after)
        mixed = _files(tmp_path)
        init("github-action", "--remove")
        assert not _files(tmp_path)
        init("github-action", "--action", ACTION, *after)
        assert _files(tmp_path) == mixed


def test_somebody_elses_workflow_is_not_touched(init: Run, tmp_path: Path) -> None:
    """Neither written over nor removed: it is named."""
    file = tmp_path / MAIN
    file.parent.mkdir(parents=True)
    file.write_text(template("target.yml") + "      - run: make\n")
    before = _files(tmp_path)
    assert MAIN in init("github-action", "--action", ACTION, status=2)
    assert "edited" in init("github-action", "--remove")
    assert _files(tmp_path) == before


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--action", "acme/stateless-guard@v1"],
        ["--action", "acme/stateless-guard@" + "0" * 39],
        ["--action", f"acme/stateless-guard@{SHA}\n"],
        ["--action", f"acme/x y@{SHA}"],
        ["--action", ACTION, "--split-model", "a\n        b: c"],
        ["--action", ACTION, "--forks", "--target"],
    ],
    ids=repr,
)
def test_no_workflow_points_where_nobody_said(init: Run, tmp_path: Path, options: list[str]) -> None:
    """There is no default for whose code gets the token: it is named, by a commit, or nothing is written."""
    assert init("github-action", *options, status=2).count("\n") == 1
    assert not _files(tmp_path)


def test_an_action_of_the_repository_itself(init: Run, tmp_path: Path) -> None:
    """Where the tool is part of the repository, or is this one."""
    init("github-action", "--action", "./tools/guard")
    assert "uses: ./tools/guard\n" in (tmp_path / MAIN).read_text()
    assert "already" in init("github-action", "--action", "./tools/guard")

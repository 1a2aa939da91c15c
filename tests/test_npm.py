"""npm packages for tests: node comes from PyPI where the machine has none, and what is asked for twice is installed once."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import npm
import pytest


def test_a_listed_package_is_there_and_is_not_installed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """One installation serves every worker."""
    modules = npm.installed("@octokit/webhooks-examples@7.6.1")
    assert (modules / "@octokit" / "webhooks-examples" / "api.github.com" / "index.json").is_file()

    monkeypatch.setattr(npm, "npm", lambda: pytest.fail("npm was started again"))
    assert npm.installed("@octokit/webhooks-examples@7.6.1") == modules


def test_without_node_on_the_path_the_one_from_pypi_is_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine with only Python can run them."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert shutil.which("node") is None
    for command in ([npm.node(), "--version"], [*npm.npm(), "--version"]):
        assert subprocess.run(command, capture_output=True, check=True).stdout


def test_a_failed_installation_says_so_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No half installation is taken for a whole one."""
    monkeypatch.setattr(npm, "_FOLDER", tmp_path)
    monkeypatch.setattr(npm, "npm", lambda: ["sh", "-c", "echo no way out >&2; exit 1"])
    with pytest.raises(npm.InstallError, match=r"could not install thing@1\.0\.0(.|\n)*no way out"):
        npm.installed("thing@1.0.0")
    assert not (tmp_path / "thing@1.0.0").exists()


def test_a_package_needs_its_version() -> None:
    """What is not pinned would change under a test."""
    with pytest.raises(npm.InstallError, match="@octokit/openapi"):
        npm.installed("@octokit/openapi")

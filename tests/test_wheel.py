"""The wheel works where nothing of the checkout is: its rules, its prompts and its commands."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
_THERE_BEFORE = frozenset(("stateless-guard", "setuptools", "typing_extensions"))
"""This package, what this environment's start-up files load, and what msgspec takes only where it is there."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built as a release builds it, with the build tools that are installed."""
    target = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(target), str(ROOT)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return next(target.glob("*.whl"))


def test_building_needs_no_package_that_is_not_declared() -> None:
    """An isolated build has only what `[build-system]` requires; this one has more and would not notice."""
    code = (
        "import json, sys, tempfile; from guard.catalogue.compile import compile_to; compile_to(tempfile.mkdtemp(), release=True);"
        "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    owners = packages_distributions()
    used = {owner for name in json.loads(done.stdout) for owner in owners.get(name, ())}
    required = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]["requires"]
    declared = {re.split(r"[^\w-]", requirement)[0] for requirement in required}
    assert "msgspec" in used
    assert used - declared - _THERE_BEFORE <= set()


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's content in a folder of its own: with the packages of this environment, without its editable install."""
    folder = tmp_path_factory.mktemp("site")
    zipfile.ZipFile(wheel).extractall(folder)
    return folder


def _guard(installed: Path, where: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    code = f"import sys; sys.path.insert(0, {str(installed)!r}); import guard.__main__ as m; assert m.__file__.startswith({str(installed)!r}); sys.exit(m.main())"
    environment = {**os.environ, "NO_COLOR": "1"}
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=where, check=False, capture_output=True, text=True, env=environment
    )


def test_the_wheel_carries_prompts_and_the_compiled_catalogue(wheel: Path) -> None:
    """What a review needs is inside: the atom, the prompts, the rules in the form that starts fast."""
    names = set(zipfile.ZipFile(wheel).namelist())
    assert any(name.startswith("guard/prompts/") and name.endswith("chunks/core.md") for name in names)
    assert "guard/catalogue/_compiled/manifest.json" in names
    assert "guard/catalogue/_compiled/python.json" in names
    assert "guard/reports/report.schema.json" in names


def test_the_installed_wheel_reviews_a_patch_outside_the_checkout(installed: Path, tmp_path: Path) -> None:
    """A patch without any repository around it is reviewed, with status 1 for what it breaks."""
    patch = tmp_path / "change.diff"
    patch.write_text(
        "diff --git a/app.py b/app.py\nnew file mode 100644\n--- /dev/null\n+++ b/app.py\n@@ -0,0 +1,4 @@\n"
        "+from flask import Flask\n+\n+app = Flask(__name__)\n+app.config['SESSION_TYPE'] = 'filesystem'\n"
    )
    done = _guard(installed, tmp_path, "review", "--patch", str(patch), "--format", "json", "--no-model")
    assert done.returncode == 1, done.stderr
    assert [finding["rule"] for finding in json.loads(done.stdout)["findings"]] == ["flask-session-filesystem"]


def test_the_installed_wheel_explains_a_rule_with_its_examples(installed: Path, tmp_path: Path) -> None:
    """Examples are left out of the compiled rules, not out of the explanation."""
    done = _guard(installed, tmp_path, "explain", "flask-session-filesystem")
    assert done.returncode == 0, done.stderr
    assert "SESSION_TYPE" in done.stdout

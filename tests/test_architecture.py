"""The house holds: each room imports only what its row of the design allows."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "guard"

OPEN_TO_ALL = {"counting", "errors", "gathered", "regex", "stages"}
MAY_IMPORT = {
    "errors": set(),
    "gathered": set(),
    "regex": set(),
    "counting": set(),
    "stages": set(),
    "change": set(),
    "facts": {"change"},
    "finding": {"change"},
    "baseline": {"finding"},
    "config": {"finding", "baseline"},
    "checks": {"finding"},
    "atoms": set(),
    "project": set(),
    "modules": set(),
    "languages": {"change", "facts"},
    "roles": {"facts", "project"},
    "catalogue": {"facts", "finding"},
    "analyses": {"change", "facts", "catalogue", "finding", "modules", "project", "roles"},
    "model": {"atoms", "finding"},
    "policy": {"change", "config", "finding", "facts", "baseline"},
    "reports": {"finding"},
    "conversation": {"change", "finding"},
    "evaluation": {"finding"},
    "pipeline": {
        "change", "facts", "finding", "config", "atoms", "languages", "catalogue", "analyses", "model", "modules", "policy", "project",
        "roles", "baseline", "checks",
    },
}  # fmt: skip
"""The table of the design, with rooms it did not foresee: `stages` (where the time goes), `regex` (patterns that are compiled late), `counting` (numbers with their nouns), `gathered` (what is remembered of files), `project` and `roles` (what a repository and a file are), `modules` (which file defines a name), `conversation`
(what a pull request's comments should be), `evaluation` (how good the reviews are), and `pipeline`, the design's review.py under a name that leaves `guard.review` to the
public function."""


def _room(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def _imported_rooms(path: Path) -> set[str]:
    rooms: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [a.name for a in node.names]
            if isinstance(node, ast.Import)
            else []
        )
        rooms.update(name.split(".")[1] for name in names if name.startswith("guard."))
    return rooms


MODULES = sorted(path for path in ROOT.rglob("*.py") if _room(path) in MAY_IMPORT)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_room_imports_only_what_the_design_allows(path: Path) -> None:
    """A module of a room reaches no further up than its row of the table."""
    room = _room(path)
    assert _imported_rooms(path) <= MAY_IMPORT[room] | OPEN_TO_ALL | {room}


def test_only_one_module_knows_tree_sitter() -> None:
    """The parser library stands behind one module."""
    users = {
        str(path.relative_to(ROOT))
        for path in ROOT.rglob("*.py")
        if "import tree_sitter\n" in path.read_text() or "from tree_sitter import" in path.read_text()
    }
    assert users == {"languages/_syntax.py"}


def test_every_room_has_a_row() -> None:
    """A new room is written into the table before it is used."""
    above = {"cli", "__main__", "__init__", "integrations", "__pycache__", "prompts"}
    assert {_room(path) for path in ROOT.rglob("*.py")} <= MAY_IMPORT.keys() | above

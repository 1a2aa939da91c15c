"""The settings of a file as the tree that their paths make, built once for all rules."""

from __future__ import annotations

from guard.facts import Facts, Setting
from guard.gathered import gathered

Path = tuple[str, ...]


class Tree:
    """What stands below, directly below and at a path of a document, in source order."""

    def __init__(self, facts: Facts) -> None:
        self._below: dict[tuple[int, Path], list[Setting]] = {}
        self._children: dict[tuple[int, Path], list[Setting]] = {}
        self._named: dict[tuple[int, str], list[Setting]] = {}
        for setting in facts.settings:
            path = setting.path
            for depth in range(len(path) + 1):
                self._below.setdefault((setting.document, path[:depth]), []).append(setting)
            self._children.setdefault((setting.document, path[:-1]), []).append(setting)
            self._named.setdefault((setting.document, ".".join(path)), []).append(setting)

    def below(self, document: int, path: Path) -> list[Setting]:
        """The settings at and below a path."""
        return self._below.get((document, path), [])

    def children(self, document: int, path: Path) -> list[Setting]:
        """The settings one key below a path."""
        return self._children.get((document, path), [])

    def named(self, document: int, name: str) -> list[Setting]:
        """The settings with a dotted name, wherever their keys end."""
        return self._named.get((document, name), [])

    def has(self, document: int, path: Path) -> bool:
        """Whether anything stands at or below a path."""
        return (document, path) in self._below


@gathered(most=4)
def tree_of(facts: Facts) -> Tree:
    """The tree of a file's settings."""
    return Tree(facts)

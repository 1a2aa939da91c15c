"""Formats of directives in nested blocks (nginx, Caddy): their settings, collected while they are read.

The path of a setting is the names of the blocks around it, each followed by the block's arguments as one segment if it has any.
A block is a setting itself, with its arguments as its value, over its lines.
"""

from __future__ import annotations

from msgspec import Struct, field

from guard.facts import Setting, Span
from guard.languages._templates import value_of

_DEEPEST = 20
_MOST_BROKEN = 50


class _Block(Struct, frozen=True):
    """An open block: the path of what stands in it, its own, and the index of its setting, which is known when it closes."""

    inside: tuple[str, ...]
    path: tuple[str, ...]
    arguments: str
    line: int
    place: int


class Nested(Struct):
    """What was collected so far."""

    found: list[Setting | None] = field(default_factory=list)
    broken: list[Span] = field(default_factory=list)
    blocks: list[_Block] = field(default_factory=list)

    def directive(self, words: list[str], span: Span) -> None:
        """A directive with its arguments."""
        self.found.append(Setting((*self._around(), words[0]), value_of(" ".join(words[1:])), span))

    def open(self, words: list[str], line: int) -> None:
        """A block begins; a name and arguments may be missing."""
        around = self._around()
        path = (*around, words[0] if words else "")
        arguments = " ".join(words[1:])
        inside = (*path, arguments) if arguments else path
        self.blocks.append(_Block(inside if len(inside) <= _DEEPEST else around, path, arguments, line, len(self.found)))
        self.found.append(None)

    def close(self, line: int) -> None:
        """The innermost block ends, or there is none to end."""
        if self.blocks:
            self._end(self.blocks.pop(), line)
        else:
            self.broken.append(Span(line, line))

    def finish(self, line: int) -> tuple[tuple[Setting, ...], tuple[Span, ...]]:
        """All settings in source order, and the broken places, among them the blocks that were never closed."""
        for block in self.blocks:
            self._end(block, max(line, block.line))
            self.broken.append(Span(block.line, block.line))
        return tuple(setting for setting in self.found if setting is not None), tuple(self.broken[:_MOST_BROKEN])

    def _around(self) -> tuple[str, ...]:
        return self.blocks[-1].inside if self.blocks else ()

    def _end(self, block: _Block, line: int) -> None:
        self.found[block.place] = Setting(block.path, value_of(block.arguments), Span(block.line, line))

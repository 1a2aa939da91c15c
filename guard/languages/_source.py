"""A text and where the nodes of its syntax tree stand in it."""

from __future__ import annotations

from guard.facts import Span
from guard.languages._syntax import Node


class Source:
    """A text and where things stand in it, in our terms."""

    __slots__ = ("_ascii", "_data", "_lines", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._ascii = text.isascii()
        self._data = b"" if self._ascii else text.encode("utf-8", "surrogatepass")
        self._lines = () if self._ascii else tuple(self._data.split(b"\n"))

    def between(self, start: int, end: int) -> str:
        """The text between two byte offsets."""
        return self._text[start:end] if self._ascii else self._data[start:end].decode("utf-8", "replace")

    def of(self, node: Node) -> str:
        """The text of a node."""
        return self.between(node.start_byte, node.end_byte)

    def head(self, node: Node, most: int = 80) -> str:
        """The beginning of a node's text."""
        start = node.start_byte
        return self.between(start, min(node.end_byte, start + most))

    def span(self, node: Node) -> Span:
        """Where a node stands."""
        row, column = node.start_point
        end_row, end_column = node.end_point
        if not end_column and end_row > row:
            end_row -= 1
        if not self._ascii:
            column = len(self._lines[row][:column].decode("utf-8", "replace"))
        return Span(row + 1, end_row + 1, column + 1)

    def in_characters(self, span: Span) -> Span:
        """A span whose column counts bytes, with one that counts characters."""
        if self._ascii:
            return span
        before = self._lines[span.line - 1][: span.column - 1]
        return Span(span.line, span.end_line, len(before.decode("utf-8", "replace")) + 1)

"""Text for a terminal: colors, hyperlinks, widths, and reviewed text made harmless."""

from __future__ import annotations

from msgspec import Struct

_CODES = {"red": "31", "green": "32", "yellow": "33", "cyan": "36"}
_TAB = 4


class Paint(Struct, frozen=True):
    """Colors and links, if they are wanted: every method gives its text back as it is if not."""

    colored: bool
    folder: str = ""

    def color(self, text: str, name: str, *, bold: bool = False) -> str:
        """The text in a color."""
        return self._with(f"{'1;' if bold else ''}{_CODES[name]}", text)

    def bold(self, text: str) -> str:
        """The text in bold type."""
        return self._with("1", text)

    def dim(self, text: str) -> str:
        """The text where it should not catch the eye."""
        return self._with("2", text)

    def _with(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.colored and text else text

    def link(self, path: str, line: int, text: str) -> str:
        """The text as a hyperlink to a file (https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda)."""
        if not (self.colored and self.folder):
            return text
        import os
        import socket
        from urllib.parse import quote_from_bytes

        address = quote_from_bytes(os.fsencode(os.path.join(os.path.abspath(self.folder), path)))
        return f"\x1b]8;;file://{socket.gethostname()}{address}#L{line}\x1b\\{text}\x1b]8;;\x1b\\"


def told_apart(text: str) -> str:
    """Text with control, invisible and direction-changing characters spelled out: it can not steer a terminal or hide code."""
    return text if text.isprintable() else "".join(c if c.isprintable() else _spelled_out(c) for c in text)


def _spelled_out(character: str) -> str:
    number = ord(character)
    if 0xDC80 <= number <= 0xDCFF:  # a byte that is not UTF-8, as os.fsdecode keeps it
        return f"\\x{number - 0xDC00:02x}"
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def wrapped(text: str, width: int) -> list[str]:
    """The text as lines of at most this width; long words stay whole. No line is a command to a CI log (`::x::`, `##[x]`)."""
    import textwrap

    lines = textwrap.wrap(told_apart(" ".join(text.split())), max(width, 20), break_long_words=False, break_on_hyphens=False)
    return [f"\\{line}" if line.startswith(("::", "##[")) else line for line in lines]


def cells(text: str) -> int:
    """How many columns a terminal takes for a text."""
    if text.isascii():
        return len(text)
    import unicodedata

    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def clipped(line: str, column: int, width: int) -> tuple[str, int, int]:
    """A line of code that fits, and where in it a marker starts and how long it is; `column` is 1-based in the whole line."""
    indent = len(line) - len(line.lstrip())
    column = max(column, indent + 1)
    before, after = _shown(line[: column - 1]), _shown(line[column - 1 :].rstrip())
    if cells(before) > width // 2:
        before = "..." + before[-(width // 4) :]
    start = cells(before)
    room = width - start
    if cells(after) > room:
        after = _cut(after, room - 3) + "..."
    return before + after, start, max(cells(after), 1)


def _cut(text: str, width: int) -> str:
    text = text[: max(width, 0)]
    while cells(text) > width:
        text = text[:-1]
    return text


def _shown(text: str) -> str:
    return told_apart(text.expandtabs(_TAB))

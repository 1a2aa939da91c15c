"""What is known of the terminal, and text made safe for it."""

from __future__ import annotations


def visible(text: str) -> str:
    """Text whose control and direction-changing characters are spelled out: it can neither steer a terminal nor hide code."""
    return "".join(character if _harmless(character) else _escaped(character) for character in text)


def _harmless(character: str) -> bool:
    return character.isprintable() or character == "\t"


def _escaped(character: str) -> str:
    number = ord(character)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"

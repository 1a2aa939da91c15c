"""JSON with comments as text that is changed in place: what is not changed keeps every byte, its comments and its commas."""

from __future__ import annotations

import json
import re
from itertools import pairwise

from msgspec import Struct, field

from guard.errors import UsageError

_TOKEN = re.compile(
    r"""(?P<space>[\s\ufeff]+)|(?P<comment>//[^\n]*|/\*.*?\*/)|(?P<string>"(?:\\.|[^"\\\n])*")|(?P<mark>[{}\[\]:,])|(?P<word>[^\s{}\[\]:,"/]+)""",
    re.DOTALL,
)
_DEEPEST = 100


class Token(Struct, frozen=True):
    """A piece of the text that is neither space nor comment."""

    text: str
    start: int
    end: int


class Node(Struct):
    """A value and where it stands. The children of an object have names; `start` of a named child is that of its name."""

    value: object
    start: int
    end: int
    name: str = ""
    inner: int = 0
    """Where the value itself starts."""
    children: list[Node] = field(default_factory=list)

    def child(self, name: str) -> Node | None:
        """The last child of this name: the one that counts."""
        return next((child for child in reversed(self.children) if child.name == name), None)


def parsed(text: str, path: str) -> Node:
    """The document. Raises UsageError with the line of what is wrong."""
    reader = _Reader(list(_tokens(text, path)), text, path)
    root = reader.value(0)
    if reader.peek() is not None:
        raise reader.error("something follows the document")
    return root


def _tokens(text: str, path: str) -> list[Token]:
    tokens: list[Token] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise UsageError(f"{path}: not valid JSON in line {text.count(chr(10), 0, position) + 1}")
        if match.lastgroup not in ("space", "comment"):
            tokens.append(Token(match[0], match.start(), match.end()))
        position = match.end()
    return tokens


class _Reader:
    def __init__(self, tokens: list[Token], text: str, path: str) -> None:
        self._tokens, self._text, self._path, self._next = tokens, text, path, 0

    def peek(self) -> Token | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def take(self, wanted: str = "") -> Token:
        token = self.peek()
        if token is None or (wanted and token.text != wanted):
            raise self.error(f"{wanted!r} is missing" if wanted else "it ends too early")
        self._next += 1
        return token

    def error(self, what: str) -> UsageError:
        token = self.peek()
        line = self._text.count("\n", 0, token.start if token else len(self._text)) + 1
        return UsageError(f"{self._path}: not valid JSON in line {line}: {what}")

    def value(self, depth: int) -> Node:
        token = self.take()
        if token.text in ("{", "[") and depth < _DEEPEST:
            return self._container(token, depth)
        try:
            return Node(json.loads(token.text), token.start, token.end, inner=token.start)
        except ValueError:
            self._next -= 1
            raise self.error(f"{token.text!r} is no value") from None

    def _container(self, opening: Token, depth: int) -> Node:
        closing = "}" if opening.text == "{" else "]"
        children: list[Node] = []
        while (token := self.peek()) is not None and token.text != closing:
            children.append(self._member(depth) if closing == "}" else self.value(depth + 1))
            if (token := self.peek()) is not None and token.text != closing:
                self.take(",")
        end = self.take(closing).end
        value: object = (
            {child.name: child.value for child in children} if closing == "}" else [child.value for child in children]
        )
        return Node(value, opening.start, end, inner=opening.start, children=children)

    def _member(self, depth: int) -> Node:
        name = self.value(depth + 1)
        if not isinstance(name.value, str):
            raise self.error("a name is no text")
        self.take(":")
        node = self.value(depth + 1)
        node.start, node.name = name.start, name.value
        return node


# -- changing it ------------------------------------------------------------------------------------------------------


def with_item(text: str, path: str, keys: tuple[str, ...], item: object) -> str:
    """The text with one more item at the end of the list at these keys; what is missing on the way is made."""
    node = parsed(text, path)
    left = list(keys)
    while left and isinstance(node.value, dict) and (child := node.child(left[0])) is not None:
        node = child
        left.pop(0)
    if not isinstance(node.value, dict if left else list):
        raise UsageError(
            f"{path}: {'.'.join(keys[: len(keys) - len(left)]) or 'it'} is not what it should be; add the hook by hand"
        )
    new: object = item if not left else [item]
    for key in reversed(left[1:]):
        new = {key: new}
    return _inserted(text, path, node, left[0] if left else "", new)


def _inserted(text: str, path: str, node: Node, name: str, value: object) -> str:
    style = _Style.of(text)
    depth = _depth(text, path, node)
    written = style.written(value, depth + 1)
    entry = f"{json.dumps(name)}: {written}" if name else written
    gap = style.gap(depth + 1)
    if not node.children:
        tail = style.gap(depth)
        inside = text[node.inner + 1 : node.end - 1]
        kept = inside.rstrip() if inside.strip() else ""
        return f"{text[: node.inner + 1]}{kept}{gap if style.lines else ''}{entry}{tail if style.lines else ''}{text[node.end - 1 :]}"
    last = node.children[-1].end
    comma = _comma_after(text, last)
    rest = comma if comma is not None else last
    behind = _behind_comments(text, rest)
    if comma is not None:
        return f"{text[:behind]}{gap}{entry},{text[behind:]}"
    return f"{text[:last]},{text[last:behind]}{gap}{entry}{text[behind:]}"


def without(text: str, node: Node, parent: Node) -> str:
    """The text without one child of an object or a list, and without the comma that it needed."""
    index = parent.children.index(node)
    comma = _comma_after(text, node.end)
    before = text[: node.start]
    if comma is not None:
        end = comma
    else:
        end = node.end
        if index:
            previous = parent.children[index - 1].end
            cut = _comma_after(text, previous)
            if cut is not None:
                before = before[: cut - 1] + before[cut:]
    kept = before.rstrip()
    if index == 0 and comma is not None:  # the next one takes this one's place
        following = re.match(r"\s*", text[end:])
        return before + text[end + (following.end() if following else 0) :]
    if len(parent.children) == 1 and kept.endswith(("{", "[")):
        return kept + text[end:].lstrip()
    return kept + text[end:]


def _comma_after(text: str, position: int) -> int | None:
    """The end of the comma that follows a value, None if none does."""
    match = re.compile(r"(?:\s|//[^\n]*|/\*.*?\*/)*,", re.DOTALL).match(text, position)
    return match.end() if match else None


def _behind_comments(text: str, position: int) -> int:
    """Behind the comments that follow on the same line."""
    match = re.compile(r"(?:[ \t]*(?://[^\r\n]*|/\*[^\n]*?\*/))*").match(text, position)
    return match.end() if match else position


def _depth(text: str, path: str, node: Node) -> int:
    """How many containers are around a node."""

    def around(candidate: Node, depth: int) -> int | None:
        if candidate.inner == node.inner:
            return depth
        return next((found for child in candidate.children if (found := around(child, depth + 1)) is not None), None)

    return around(parsed(text, path), 0) or 0


def _indentation(text: str) -> str:
    """A level of it, from the first entry that stands on a line of its own below its container."""
    depth = 0
    for before, token in pairwise(_tokens(text, "")):
        depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(before.text, 0)
        blanks = text[text.rfind("\n", before.end, token.start) + 1 : token.start]
        if (
            before.text in {"{", "["}
            and token.text not in {"}", "]"}
            and blanks.isspace()
            and "\n" in text[before.end : token.start]
        ):
            return blanks[: max(1, len(blanks) // depth)]
    return "  "


class _Style(Struct, frozen=True):
    """How a file is written: one line or several, what a level of indentation is, how a line ends."""

    lines: bool
    indent: str
    end: str

    @staticmethod
    def of(text: str) -> _Style:
        """The style of a text, two blanks a level where it shows none."""
        lines = "\n" in text.strip() or text.strip() in ("{}", "")
        return _Style(lines, _indentation(text), "\r\n" if "\r\n" in text else "\n")

    def gap(self, depth: int) -> str:
        """What stands between two entries, after the comma."""
        return f"{self.end}{self.indent * depth}" if self.lines else " "

    def written(self, value: object, depth: int) -> str:
        """A value as it stands at this depth."""
        if not self.lines:
            return json.dumps(value, ensure_ascii=False)
        lines = json.dumps(value, ensure_ascii=False, indent=self.indent).split("\n")
        return f"{self.end}{self.indent * depth}".join(lines)

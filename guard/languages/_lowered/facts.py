"""From the text of a file to its facts, for every language that is lowered."""

from __future__ import annotations

from collections.abc import Callable

from guard.facts import Comment, Facts
from guard.languages._lowered.lowering import Lowering
from guard.languages._lowered.program import Dialect, Program, Using
from guard.languages._lowered.reading import Reading
from guard.languages._source import Source
from guard.languages._syntax import Node, Tree, broken_spans, parse, walk


def facts_of(
    path: str,
    text: str,
    language: str,
    *,
    grammar: str,
    lowering: type[Lowering],
    dialect: Dialect,
    masked: Callable[[str], str] | None = None,
) -> Facts:
    """The facts of a file. Never fails: what can not be parsed is listed as broken.

    `masked` makes harmless what the grammar can not read, byte by byte; it is asked where the text alone does not parse.
    """
    tree = parse(grammar, text)
    if masked is not None and tree.root_node.has_error:
        tree = _better(tree, parse(grammar, masked(text)))
    source = Source(text)
    lowers = lowering(source)
    pieces = lowers.lower(tree.root_node)
    stars = tuple(piece.name.removesuffix(".*") for piece in pieces if isinstance(piece, Using) and piece.local == "*")
    reading = Reading(Program(pieces, stars), dialect).read()
    return Facts(
        path=path,
        language=language,
        lines=tuple(text.split("\n")),
        imports=reading.imports,
        functions=reading.functions,
        calls=reading.calls,
        bindings=reading.bindings,
        uses=reading.uses,
        returns=reading.returns,
        settings=reading.settings,
        comments=tuple(Comment(_comment(source.of(node)), source.span(node)) for node in _comments(tree.root_node, lowers)),
        broken=tuple(map(source.in_characters, broken_spans(tree.root_node))),
    )


def _better(plain: Tree, masked: Tree) -> Tree:
    """The tree of which more could be read."""
    return min(plain, masked, key=lambda tree: sum(s.end_line - s.line + 1 for s in broken_spans(tree.root_node)))


def _comments(root: Node, lowers: Lowering) -> list[Node]:
    return [node for node in walk(root) if node.type in lowers.silent]


def _comment(text: str) -> str:
    """A comment without its marks, whichever the language has."""
    for mark in ("//", "#", "--"):
        if text.startswith(mark):
            return text.lstrip(mark[0] + "!").strip()
    inner = text.removeprefix("/*").removesuffix("*/")
    return "\n".join(line.strip().removeprefix("*").strip() for line in inner.split("\n")).strip()

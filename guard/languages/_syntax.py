"""The one module that knows tree-sitter: a text in, its syntax tree out, with positions in our terms.

tree-sitter counts lines from 0 and columns in bytes of UTF-8 (https://tree-sitter.github.io/py-tree-sitter/).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from importlib import import_module
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from types import ModuleType

from tree_sitter import Language, Node, Parser, Query, QueryCursor, Tree

from guard.facts import Comment, Span

__all__ = ["Node", "Tree", "broken_spans", "captures", "parse", "span_of", "text_of", "walk"]

_GRAMMARS = {
    "python": ("tree_sitter_python", "language"),
    "javascript": ("tree_sitter_javascript", "language"),
    "typescript": ("tree_sitter_typescript", "language_typescript"),
    "tsx": ("tree_sitter_typescript", "language_tsx"),
    "hcl": ("tree_sitter_hcl", "language"),
    "toml": ("tree_sitter_toml", "language"),
    "kotlin": ("tree_sitter_kotlin", "language"),
    "java": ("tree_sitter_java", "language"),
    "csharp": ("tree_sitter_c_sharp", "language"),
    "go": ("tree_sitter_go", "language"),
    "php": ("tree_sitter_php", "language_php"),
    "ruby": ("tree_sitter_ruby", "language"),
    "bicep": ("tree_sitter_bicep", "language"),
}
"""Grammar -> the package of its wheel and the function that gives it."""
_MOST_BROKEN = 50


@lru_cache(maxsize=16)
def _language(grammar: str) -> Language:
    package, function = _GRAMMARS[grammar]
    return Language(getattr(_binding(package), function)())


def _binding(package: str) -> ModuleType:
    """The compiled part of a grammar's package. The package itself loads `importlib.resources`, which costs more than the grammar."""
    name = f"{package}._binding"
    whole = find_spec(package)
    spec = PathFinder.find_spec(name, whole.submodule_search_locations) if whole else None
    if spec is None or spec.loader is None:
        return import_module(package)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def parse(grammar: str, text: str) -> Tree:
    """The syntax tree of a text. Never fails: what can not be parsed becomes ERROR and missing nodes."""
    return Parser(_language(grammar)).parse(text.encode("utf-8", "surrogatepass"))


@lru_cache(maxsize=64)
def _query(grammar: str, source: str) -> Query:
    return Query(_language(grammar), source)


def captures(grammar: str, source: str, node: Node) -> dict[str, list[Node]]:
    """What the patterns of a query find below a node, by the names of their captures, in source order."""
    return QueryCursor(_query(grammar, source)).captures(node)


def text_of(node: Node) -> str:
    """The source text of a node."""
    return (node.text or b"").decode("utf-8", "replace")


def span_of(node: Node) -> Span:
    """Where a node stands. The column is exact for lines without characters beyond ASCII before it."""
    end = node.end_point
    last = end.row + 1 if end.column or end.row == node.start_point.row else end.row
    return Span(node.start_point.row + 1, last, node.start_point.column + 1)


def walk(node: Node) -> Iterator[Node]:
    """A node and all below it, in source order, without recursion: sources nest deeper than Python's stack."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(reversed(current.children))


def comments_of(root: Node, bare: Callable[[str], str]) -> tuple[Comment, ...]:
    """The comments of a tree whose grammar calls them so, without the marks that `bare` takes off."""
    return tuple(Comment(bare(text_of(node)), span_of(node)) for node in walk(root) if node.type == "comment")


def broken_spans(node: Node) -> tuple[Span, ...]:
    """The places that could not be parsed, the outermost ones, bounded in number."""
    spans: list[Span] = []
    waiting = [node] if node.has_error else []
    while waiting and len(spans) < _MOST_BROKEN:
        current = waiting.pop()
        if current.is_error or current.is_missing:
            spans.append(span_of(current))
        else:
            waiting.extend(child for child in reversed(current.children) if child.has_error or child.is_missing)
    return tuple(spans)

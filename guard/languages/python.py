"""The reader of Python (https://docs.python.org/3/reference/), and of what can be read of Python 2."""

from __future__ import annotations

import os
from functools import lru_cache

from guard.facts import Comment, Facts

_LANGUAGE = "python"
_EXTENSIONS = (".py", ".pyw")
_QUERY = os.path.join(os.path.dirname(__file__), "python.scm")


def by_name(path: str) -> str | None:
    """Python by its extension; stubs (`.pyi`) hold no state and are not read."""
    return _LANGUAGE if path.lower().endswith(_EXTENSIONS) else None


def by_content(path: str, text: bytes) -> str | None:
    """Python by its `#!` line, where the name says nothing."""
    if "." in path.rsplit("/", 1)[-1] or not text.startswith(b"#!"):
        return None
    return _LANGUAGE if b"python" in text[:200].split(b"\n", 1)[0] else None


def read(path: str, text: str, language: str) -> Facts:
    """The facts of a Python file. Never fails: what can not be parsed is listed as broken."""
    from guard.languages._python_outline import outline
    from guard.languages._python_statements import Statements
    from guard.languages._source import Source
    from guard.languages._syntax import broken_spans, captures, parse

    tree = parse(_LANGUAGE, text)
    source = Source(text)
    found = outline(tree, source)
    statements = Statements(found)
    statements.read()
    comments = captures(_LANGUAGE, _patterns(), tree.root_node).get("comment", [])
    notes = statements.notes
    return Facts(
        path=path,
        language=language,
        lines=tuple(text.split("\n")),
        imports=tuple(found.imports),
        functions=statements.functions(),
        calls=tuple(call for call in notes.calls if call is not None),
        bindings=tuple(notes.bindings),
        uses=statements.uses(),
        returns=tuple(notes.returns),
        settings=tuple(notes.settings),
        comments=tuple(Comment(source.of(node).lstrip("#").strip(), source.span(node)) for node in comments),
        broken=tuple(map(source.in_characters, broken_spans(tree.root_node))),
    )


@lru_cache(maxsize=1)
def _patterns() -> str:
    with open(_QUERY, encoding="utf-8") as stream:
        return stream.read()

"""JavaScript, JSX, TypeScript and TSX.

What this reader says beyond the module's text of `guard.facts`:

- A default or namespace import, `require('x')`, `require('x').default` and `await import('x')` are the module itself: `express-session`.
  `node:` is left out; `fs/promises` is `fs.promises`. Imports of types only do not exist at run time and are left out.
- `new X()` is a call of `X`. `await`, parentheses, `as T`, `satisfies T` and `!` are seen through.
- A destructured parameter is named by its position: `({ body }) => body.id` reads `%0.body.id`, and `parameters` has "0".
- `global` is `globalThis`; `module.exports` is `exports`. Exported objects that hold more than functions are a binding named `exports`.
- `this` is the class whose object it is, also in constructor functions (`function Store() { this.items = [] }`) and their prototypes;
  in an entry of an object literal it is that object.
- An element fetched into a variable (`const s = sessions.get(id); s.n++`) is changed where it is kept: a use of `sessions`.
- An empty container in an object literal is a binding of its own: `state.users` of `const state = { users: {} }`, `exports.rooms`.
- `bases` has the interfaces that a class implements after the class that it extends.
- A wrapper does not hide the route: in `router.get('/', wrap(handler))` the handler is registered by `router.get`.
- `util.promisify(f)` and its like stand for `f`.
- A `let` without initialiser that is assigned once stands for that value.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

from guard.facts import Comment, Facts, Return, Span

if TYPE_CHECKING:
    from guard.languages._javascript_survey import Survey
    from guard.languages._javascript_values import Reading
    from guard.languages._syntax import Tree

_LANGUAGES = {
    ".js": "javascript",
    ".jsx": "javascript",
    ".mjs": "javascript",
    ".cjs": "javascript",
    ".ts": "typescript",
    ".tsx": "typescript",
    ".mts": "typescript",
    ".cts": "typescript",
}
_DECLARATIONS = (".d.ts", ".d.mts", ".d.cts")
_SHEBANG = re.compile(rb"#![^\n]*\b(node|bun|deno|tsx|ts-node|zx)\b")
_MINIFIED = 5_000
"""Characters a line, on average, beyond which a file is the output of a bundler."""
_MOST_MINIFIED_NODES = 30_000


def by_name(path: str) -> str | None:
    """The language of a file, told by its ending; declaration files hold no code."""
    if path.endswith(_DECLARATIONS):
        return None
    return _LANGUAGES.get(path[path.rfind(".") :].lower()) if "." in path else None


def by_content(path: str, text: bytes) -> str | None:
    """JavaScript, if the first line runs it."""
    del path
    return "javascript" if _SHEBANG.match(text[:200]) else None


def read(path: str, text: str, language: str) -> Facts:
    """The facts of a file."""
    from guard.languages._javascript_scopes import Source
    from guard.languages._javascript_survey import Survey
    from guard.languages._javascript_values import Reading

    tree = _tree(path, text, language)
    lines = tuple(text.split("\n"))
    minified = len(text) > _MINIFIED * len(lines)
    source = Source(text)
    survey = Survey(tree.root_node, source, _MOST_MINIFIED_NODES if minified else None)
    facts = _facts(path, language, lines, survey, Reading(survey, source))
    return replace(facts, broken=_broken(tree, len(lines)), partial=survey.cut)


def _tree(path: str, text: str, language: str) -> Tree:
    """The syntax tree; what is no JavaScript may still be JavaScript with types (Flow)."""
    from guard.languages._syntax import parse

    if language == "typescript":
        return _readable("tsx" if path.endswith(".tsx") else "typescript", text)
    tree = parse("javascript", text)
    if tree.root_node.has_error:
        typed = _readable("tsx", text)
        return tree if typed.root_node.has_error else typed
    return tree


def _readable(grammar: str, text: str) -> Tree:
    """The syntax tree, with what the grammar can not read hidden from it where that helps."""
    from guard.languages._syntax import parse

    tree = parse(grammar, text)
    if tree.root_node.has_error:
        from guard.languages._javascript_masks import masked

        other = parse(grammar, masked(text))
        return tree if other.root_node.has_error else other
    return tree


def _facts(path: str, language: str, lines: tuple[str, ...], survey: Survey, reading: Reading) -> Facts:
    from guard.languages import _javascript_bindings as making
    from guard.languages._javascript_functions import functions
    from guard.languages._javascript_settings import settings
    from guard.languages._javascript_uses import Tracking, bindings
    from guard.languages._syntax import span_of

    hung = making.Hung()
    making.note_assignments(survey, reading, hung)
    making.mark_exports(survey, reading)
    calls = [(reading.call(node, scope), scope) for node, scope in survey.calls]
    making.hang_properties(survey, reading, hung)
    return Facts(
        path=path,
        language=language,
        lines=lines,
        imports=tuple(survey.imports),
        functions=functions(survey, reading, calls),
        calls=tuple(call for call, _ in calls),
        bindings=tuple(bindings(survey, reading, hung)),
        uses=Tracking(survey, reading, hung).collect(),
        returns=tuple(_returns(survey, reading)),
        settings=settings(survey, reading),
        comments=tuple(Comment(_comment(reading.source.of(node)), span_of(node)) for node in survey.comments),
    )


def _returns(survey: Survey, reading: Reading) -> list[Return]:
    from guard.languages._javascript_scopes import first_of
    from guard.languages._syntax import span_of

    found: list[Return] = []
    for node, scope in survey.returns:
        given = first_of(node) if node.type == "return_statement" else node
        if given is not None:
            found.append(Return(reading.value(given, scope), span_of(node), scope.id))
    return found


def _comment(text: str) -> str:
    if text.startswith("//"):
        return text[2:].strip()
    inner = text.removeprefix("/*").removesuffix("*/")
    return "\n".join(line.strip().removeprefix("*").strip() for line in inner.split("\n")).strip()


def _broken(tree: Tree, last: int) -> tuple[Span, ...]:
    from guard.languages._syntax import broken_spans

    return tuple(Span(min(span.line, last), min(span.end_line, last), span.column) for span in broken_spans(tree.root_node))

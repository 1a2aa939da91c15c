"""Whether a place in code is for development or tests only: a branch or a class around it says so.

The lines around are found by their indentation, which people keep in every language with branches.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from guard.facts import Facts, indent_of
from guard.regex import regex

LANGUAGES = frozenset({"python", "javascript", "typescript", "go", "csharp", "ruby", "php"})

_WITH_MODIFIERS = frozenset({"ruby"})

_WORD = r"(?:debug|testing|tests?|dev|develop|development|unit_?tests?|pytest\w*)"
_NAMED = rf"\b(?:is_?|in_?|run(?:ning)?_?|app_?|flask_?|django_?|local_?)?{_WORD}(?:_?(?:mode|env|run|server|environment))?\b"
_QUOTED = rf"[\"'](?:{_WORD})\w*[\"']"
_LOCAL = r"\b\w*(?:env|environment|stage)\b[^=!]*={2,3}\s*[\"']local\w*[\"']"
_SAYS = regex(
    rf"{_QUOTED}\s+in\s+sys\.(?:argv|modules)|={{2,3}}\s*{_QUOTED}|\bin\s*[\[(]\s*{_QUOTED}|{_LOCAL}|{_NAMED}", re.IGNORECASE
)
_DENIES = regex(
    rf"(?:\bnot\s+|!\s*)[\w.()\"'\[\]]*?{_NAMED}|!={{1,2}}\s*{_QUOTED}|\bnot\s+in\s*[\[(]?\s*{_QUOTED}", re.IGNORECASE
)
_UNLESS = regex(
    r"unless\b.*\bproduction\b|^configure(?:\(|\s+)(?::(?:development|test)\b[,\s]*)+\)?\s*do\b|environment\(\s*\[?\s*[\"'](?:local|testing)|\bisLocal\(|\brunningUnitTests\("
)
"""What Ruby's `unless`, Sinatra and Laravel say it with (https://sinatrarb.com/configuration.html, https://laravel.com/docs/configuration)."""
_MODIFIER = regex(r"\s(?:(?P<word>if|unless)\s+(?P<condition>[^|&]*?))\s*$")
"""The condition behind a statement of Ruby."""
_PRODUCTION = regex(r"^(?!.*(?:!|\bnot\b|!=)).*\bproduction\b|\bisProduction\(")
_TERNARY = regex(r"(?P<condition>[^=]*\bproduction\??)\s*\?\s.*\s:\s")
_FILES = regex(r"\b(?:isfile|isdir|exists|path|file|dir|folder|url|port)\b", re.IGNORECASE)
_SEVERAL = regex(r"\bor\b|\|\|")
_BOTH = regex(r"\band\b|&&")
_IF = regex(r"(?:\}\s*)?(?:if|elif|else ?if|elsif)\b\s*(?P<condition>.*?)[:{]?\s*$")
_ELSE = regex(r"(?:\}\s*)?else\s*[:{]?\s*$")
_BRACES = frozenset({"{", "}"})
"""Lines that hold a brace and nothing else, where braces stand on lines of their own."""
_CLASS = regex(r"(?:export\s+)?class\s+(?P<name>\w+)")
_CLASS_NAME = regex(r"(?:[a-z0-9]*_)?(?:Test|Tests|Testing|UnitTest|Dev|Development|Develop|Local|Debug)(?:[A-Z_]\w*)?")
_INLINE = regex(r"\bif\b(?P<condition>.*?)\belse\b")
_MOST_LINES = 2_000


def is_for_development(facts: Facts, line: int, *, inline: bool = False, column: int = 0) -> bool:
    """Whether a branch or a class around a line names development or tests; `inline`: or a conditional expression on it.

    At a `column` also the branch of a `condition ? one : other`, on one line or on a line for each.
    """
    if facts.language not in LANGUAGES or line > len(facts.lines):
        return False
    if column and _in_a_branch_for_development(facts, line, column):
        return True
    if inline and any(_is_development(found["condition"]) for found in _INLINE.finditer(facts.lines[line - 1])):
        return True
    if facts.language in _WITH_MODIFIERS and _said_behind(facts.lines[line - 1], inline=inline):
        return True
    return any(_opens_development(facts, number) for number in _around(facts, line))


def _around(facts: Facts, line: int) -> Iterator[int]:
    """The lines that a line is indented under, innermost first."""
    depth = indent_of(facts.lines[line - 1])
    for number in range(line - 1, max(0, line - _MOST_LINES), -1):
        text = facts.lines[number - 1]
        if depth == 0:
            return
        if text.strip() and not text.lstrip().startswith(("#", "//")) and indent_of(text) < depth:
            alone = text.strip() == "{"  # what it belongs to stands above it, no deeper
            depth = indent_of(text) + alone
            yield number


def _said_behind(text: str, *, inline: bool) -> bool:
    """`store = :memory if Rails.env.development?`, `storage Rails.env.production? ? :fog : :file`."""
    behind = _MODIFIER.search(text)
    if behind is not None and behind["word"] == "if" and _is_development(behind["condition"]):
        return True
    if behind is not None and behind["word"] == "unless" and _PRODUCTION.search(behind["condition"]):
        return True
    return inline and _TERNARY.search(text) is not None


_ASKS = regex(r"\?(?![.?:\[])(?<!\?\?)")
_OTHERWISE = regex(r"\s:\s")


def _in_a_branch_for_development(facts: Facts, line: int, column: int) -> bool:
    before = facts.lines[line - 1][: column - 1]
    start = before.lstrip()[:1]
    if start in {"?", ":"} and len(start) == 1:  # a line for each branch
        condition = next(
            (facts.lines[n - 2] for n in range(line, max(1, line - 3), -1) if facts.lines[n - 1].lstrip()[:1] == "?"), ""
        )
        return _is_development(condition) if start == "?" else _denies_development(condition) or _is_production(condition)
    asked = list(_ASKS.finditer(before))
    if facts.language == "python" or not asked:
        return False
    condition, chosen = before[: asked[-1].start()], before[asked[-1].end() :]
    if _OTHERWISE.search(chosen):
        return _denies_development(condition) or _is_production(condition)
    return _is_development(condition)


def _opens_development(facts: Facts, number: int) -> bool:
    text = facts.lines[number - 1].strip()
    named = _CLASS.match(text)
    if named:
        return _CLASS_NAME.fullmatch(named["name"]) is not None
    if _UNLESS.search(text):
        return True
    condition = _IF.match(text)
    if condition:
        return _is_development(condition["condition"])
    if not _ELSE.match(text):
        return False
    before = _condition_before(facts, number)
    return _denies_development(before) or _is_production(before)


def _condition_before(facts: Facts, number: int) -> str:
    """The condition of the `if` that an `else` belongs to, where it has no other branch."""
    depth = indent_of(facts.lines[number - 1])
    for earlier in range(number - 1, max(0, number - _MOST_LINES), -1):
        text = facts.lines[earlier - 1]
        if text.strip() and text.strip() not in _BRACES and indent_of(text) <= depth:
            found = _IF.match(text.strip())
            return found["condition"] if found else ""
    return ""


def _is_development(condition: str) -> bool:
    """Whether a condition holds in development or tests and not elsewhere."""
    if _DENIES.search(condition) or _SEVERAL.search(condition):
        return False
    return _SAYS.search(condition) is not None and not _FILES.search(condition)


def _is_production(condition: str) -> bool:
    """Whether a condition asks for production and nothing else: what stands in its `else` is for anything else."""
    return _PRODUCTION.search(condition) is not None and not _BOTH.search(condition)


def _denies_development(condition: str) -> bool:
    return _DENIES.search(condition) is not None and not _BOTH.search(condition)

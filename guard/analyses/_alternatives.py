"""Whether a place is what a program falls back to: the other branch, or what was tried before, asks for a backing service.

The lines around are found by their indentation, which people keep in every language with branches.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from guard.facts import Facts, Span, indent_of
from guard.regex import regex

_IGNORE_CASE = 2
_BACKED = regex(
    r"(?<!fake)(?<!mock)redis(?!mock|-mock)|memcache|valkey|mongo(?!_?mock)|postgres|mysql|dynamo|firestore|upstash|rabbit|amqp|kafka|cosmos"
    r"|database_url|prisma|cassandra|couchbase|hazelcast|etcd",
    _IGNORE_CASE,
)
_HANDLER = regex(r"(?:\}\s*)?(?:catch\b|except\b|rescue\b)|.*\.catch(?:Error)?\(")
_TRIES = regex(r"(?:try|begin|do)\b|.*\btry\s*\{$|.*\.(?:connect|then|ping)\(")
_FAILED = regex(r"if\s+(?:\w+\s*:?=.*;\s*)?err\s*!=\s*nil|if\s*\(?\s*!?\s*(?:err|error)\b")
_ELSE = regex(r"(?:\}\s*)?(?:else|default)\s*[:{]?\s*$")
_IF = regex(r"(?:\}\s*)?(?:if|elif|else ?if|elsif|unless)\b\s*(?P<condition>.*?)[:{]?\s*$")
_ABSENT = regex(
    r"^\(?\s*(?:!|not\b|unless\b)|\bis\s+None\b|={2,3}\s*(?:null|nil|undefined|None|\"\"|'')|\bempty\(|\.nil\?|\.blank\?|IsNullOrEmpty|\.isEmpty"
)
_ROUTINE = regex(
    r"(?:export\s+|default\s+|public\s+|private\s+|protected\s+|internal\s+|static\s+|async\s+|override\s+)*(?:def|func|function|fun|class)\b|.*=>\s*\{$|.*\)\s*\{$"
)
_BRANCH = regex(r"(?:\}\s*)?(?:if|else|elif|elsif|for|while|switch|catch|try|with|using|foreach|when|match)\b")
_OR = regex(r"(?:\?\?|\|\||\?:|\bor\b|\belse\b)\s*(?:new\s+|await\s+|&)*$")
_OTHERWISE = regex(r"\s\?(?![.?:\[]).*\s:\s*(?:new\s+|await\s+|&)*$")
_CHOSEN = regex(r"\s\?\s*(?:new\s+|await\s+|&)*$")
_INSTEAD = regex(r"^\)*\s*if\b.*?\belse\b(?P<other>.*)")
_ENVIRONMENT = regex(
    r"\b(?:NODE_ENV|RAILS_ENV|APP_ENV|DEBUG|is_?(?:dev|prod|test|local|debug)\w*|(?:in_?|run_?)?(?:production|development|testing)\b)",
    _IGNORE_CASE,
)
_ADDRESS = regex(r"redis|mongo|postgres|amqp|nats|url|uri|host|address|env\b", _IGNORE_CASE)
_MOST_LINES = 60
_NEAR = 8


def alternative_to(span: Span, facts: Facts) -> int | None:
    """The line of the backing service that a place stands in for; None if it stands in for none.

    A choice by the environment is none: who says `production` has thought of it.
    """
    for found in (
        _in_statement(span, facts),
        _in_branches(span, facts),
        _behind_a_return(span, facts),
        set_only_if(span, facts),
    ):
        if found is not None:
            return found
    return None


def names_a_service(facts: Facts) -> bool:
    """Whether the file names a backing service at all."""
    return any(_BACKED.search(line) for line in facts.lines)


def attached_only_if(span: Span, facts: Facts) -> int | None:
    """The line of the `if` that a call stands under, where nothing is said for the case that its address is missing."""
    for number in headers(span.line, facts):
        text = _text(facts, number).strip()
        condition = _IF.match(text)
        if condition is None:
            return None
        asked = condition["condition"]
        if _ABSENT.search(asked) or _ENVIRONMENT.search(asked) or not _ADDRESS.search(asked):
            return None
        depth = indent_of(_text(facts, number))
        rest = (_text(facts, n) for n in range(span.end_line + 1, min(span.end_line + _NEAR, len(facts.lines)) + 1))
        behind = next((line.strip() for line in rest if line.strip() and indent_of(line) <= depth), "")
        return None if "else" in behind else number
    return None


def _text(facts: Facts, number: int) -> str:
    return facts.lines[number - 1] if 0 < number <= len(facts.lines) else ""


def _backed(facts: Facts, numbers: Iterator[int] | range) -> int | None:
    """The first of the lines that names a backing service in code."""
    return next(
        (n for n in numbers if _BACKED.search(text := _text(facts, n)) and not text.lstrip().startswith(("#", "//", "*"))), None
    )


# -- `redis ?? new Memory()` -------------------------------------------------------------------------------------------


def _in_statement(span: Span, facts: Facts) -> int | None:
    line = _text(facts, span.line)
    above = [n for n in range(span.line - 1, max(span.line - 3, 0), -1) if indent_of(_text(facts, n)) <= indent_of(line)][:1]
    start = above[0] if above and line.lstrip().startswith(("?", ":", "||", "or ", "else ")) else span.line
    before = " ".join(_text(facts, n).strip() for n in range(start, span.line)) + " " + line[: span.column - 1]
    if start != span.line and _text(facts, span.line - 1).lstrip().startswith("?"):
        before = f"{_text(facts, span.line - 2)} {before}"
    after = _text(facts, span.end_line)
    if (_OR.search(before) or _OTHERWISE.search(before)) and _BACKED.search(before) and not _ENVIRONMENT.search(before):
        return start
    if _CHOSEN.search(before) and _ABSENT.search(before.rpartition("?")[0].rpartition("=")[2]):
        return _backed(facts, range(span.end_line, span.end_line + 2))
    instead = _INSTEAD.search(after[span.column :] if span.line == span.end_line else after)
    return span.line if instead and _BACKED.search(instead["other"]) and not _ENVIRONMENT.search(instead[0]) else None


# -- branches ----------------------------------------------------------------------------------------------------------


def _in_branches(span: Span, facts: Facts) -> int | None:
    for number in headers(span.line, facts):
        text = _text(facts, number).strip()
        if _HANDLER.match(text):
            return _tried(number, facts)
        if _FAILED.match(text):
            return _backed(facts, range(number, max(number - _NEAR, 0), -1))
        if _ELSE.match(text):
            return _other_branch(number, facts)
        condition = _IF.match(text)
        if condition and _ABSENT.search(condition["condition"]) and not _ENVIRONMENT.search(condition["condition"]):
            return _after(number, span.line, facts)
        if condition or (_ROUTINE.match(text) and not _BRANCH.match(text)):
            return None
    return None


def headers(line: int, facts: Facts, first: int | None = None) -> Iterator[int]:
    """The lines that a line is indented under, innermost first: those from `first` on, or a good way up."""
    depth = indent_of(_text(facts, line))
    for number in range(line - 1, max(0, line - _MOST_LINES) if first is None else first - 1, -1):
        text = _text(facts, number)
        if text.strip() and text.strip() != "{" and indent_of(text) < depth:
            depth = indent_of(text)
            yield number


def _tried(handler: int, facts: Facts) -> int | None:
    """What stands between the beginning of an attempt and its handler."""
    depth = indent_of(_text(facts, handler))
    for number in range(handler - 1, max(0, handler - _MOST_LINES), -1):
        text = _text(facts, number)
        if text.strip() and indent_of(text) <= depth and _TRIES.match(text.strip()):
            return _backed(facts, range(number, handler))
    return None


def _other_branch(otherwise: int, facts: Facts) -> int | None:
    """The branch of an `if` before its `else`; with more branches the last one."""
    depth = indent_of(_text(facts, otherwise))
    for number in range(otherwise - 1, max(0, otherwise - _MOST_LINES), -1):
        text = _text(facts, number)
        if text.strip() not in {"", "{", "}"} and indent_of(text) <= depth:
            condition = _IF.match(text.strip())
            if condition is None or (
                _ENVIRONMENT.search(condition["condition"]) and not _BACKED.search(condition["condition"])
            ):
                return None
            return _backed(facts, range(number, otherwise))
    return None


def _after(condition: int, line: int, facts: Facts) -> int | None:
    """What follows a branch for the case that something is missing: its `else`, or the rest of a routine that it leaves."""
    depth = indent_of(_text(facts, condition))
    leaves = any("return" in _text(facts, n) for n in range(condition + 1, line + 1))
    for number in range(line + 1, min(line + _NEAR * 2, len(facts.lines) + 1)):
        text = _text(facts, number)
        if text.strip() and indent_of(text) < depth:
            return None
        if text.strip() and indent_of(text) == depth and not leaves and not text.strip().startswith(("else", "{", "}", "end")):
            return None
        if _backed(facts, range(number, number + 1)):
            return number
    return None


# -- `let store; if (url) store = new RedisStore(…); limit({ ...(store && { store }) })` ---------------------------------

_UNSET = regex(r"\s*(?:let|var|const)?\s*(?P<name>\w+)(?:\s*:\s*[^=]+?)?\s*(?:=\s*(?:undefined|null|None))?\s*;?\s*$")


def set_only_if(span: Span, facts: Facts) -> int | None:
    """The line on which a store that the call is given is set, where it is unset before, and stays so without an address."""
    given = " ".join(_text(facts, n) for n in range(span.line, span.end_line + 1))
    for number in range(span.line - 1, max(0, span.line - _NEAR * 2), -1):
        unset = _UNSET.match(_text(facts, number))
        if unset is None or unset["name"] in {"return", "else", "break", "continue"}:
            continue
        name = re.escape(unset["name"])
        if re.search(rf"\b{name}\b", given):
            return _set_below(number, span.line, name, facts)
    return None


def _set_below(unset: int, before: int, name: str, facts: Facts) -> int | None:
    depth = indent_of(_text(facts, unset))
    for number in range(unset + 1, before):
        text = _text(facts, number)
        if indent_of(text) > depth and re.match(rf"\s*{name}\s*=[^=]", text):
            header = next(iter(headers(number, facts)), 0)
            condition = _IF.match(_text(facts, header).strip())
            chosen = condition is None or _ENVIRONMENT.search(condition["condition"])
            return None if chosen else _backed(facts, range(number, min(number + 3, before)))
    return None


# -- `if (url) return new Redis(url); return new Memory();` ------------------------------------------------------------


def _behind_a_return(span: Span, facts: Facts) -> int | None:
    line = _text(facts, span.line)
    if not line.lstrip().startswith("return"):
        return None
    depth = indent_of(line)
    for number in range(span.line - 1, max(0, span.line - _NEAR * 2), -1):
        text = _text(facts, number)
        if text.strip() and indent_of(text) < depth:
            return None
        condition = _IF.match(text.strip()) if indent_of(text) == depth else None
        if condition is not None and not _ENVIRONMENT.search(condition["condition"]):
            inside = [n for n in range(number, span.line) if "return" in _text(facts, n)]
            if inside and (found := _backed(facts, range(number, min(span.line, inside[-1] + 3)))):
                return found
    return None


# -- `if (…) … else …` -------------------------------------------------------------------------------------------------

_OTHER_BRANCH = regex(r"\s*(?:\}\s*)?(?:else\b|elif\b|elsif\b|except\b|catch\b|rescue\b)")


def either_or(one: Span, other: Span, facts: Facts) -> bool:
    """Whether two places are never reached together: one stands before an `else` or an `except`, one behind it, both deeper."""
    first, last = sorted((one.line, other.line))
    depth = min(map(indent_of, (facts.text(Span(first, first)), facts.text(Span(last, last)))))
    between = facts.lines[first : last - 1]
    return any(_OTHER_BRANCH.match(line) and indent_of(line) < depth for line in between)

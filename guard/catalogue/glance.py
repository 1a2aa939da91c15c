"""A glance at the text of a changed program, before it is parsed, that tells whether the change could have anything to say.

Most changes touch neither a framework that the catalogue knows, nor anything that is stored. Telling them from the others by
their words alone costs a hundredth of reading them. Errs on one side only: what it waves through must not matter, so the words
are looked for in the whole top-level statements that the change touches, and the imports in the whole file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Protocol

from guard.regex import regex


class Vocabulary(Protocol):
    """The words of a catalogue."""

    def words(self, language: str, /) -> frozenset[str]:
        """Words of which one stands wherever a rule can match, unless its package is imported."""
        ...

    def stems(self, language: str, /) -> tuple[str, ...]:
        """Beginnings and ends of such words."""
        ...

    def packages(self, language: str, /) -> tuple[str, ...]:
        """The packages that the rules know."""
        ...


LANGUAGES = frozenset({"python", "javascript", "typescript"})
"""Languages whose reading is worth a glance first."""

_STARTS = regex(r"[^\s)\]}#/*]")
_CONTINUES = regex(r"(?:else|elif|except|finally|catch)\b")
_IMPORTS = regex(r"^[^\n]*(?:\bimport\b|\brequire\b|\bfrom\s+['\"])[^\n]*", re.MULTILINE)
_WORD = regex(r"[A-Za-z_$][\w$]*")
_STORES = regex(
    r"\]\s*(?:[-+*/|&]|//|\|\||&&|\?\?)?=(?![=>])|\+\+|--|\bdel\b|\bdelete\b|\bglobal\b|\bglobalThis\b|\bnonlocal\b"
    r"|\b(?:append|add|appendleft|extend|insert|setdefault|update|pop|popleft|remove|discard|clear|put|put_nowait|push|unshift|splice|shift|set|assign|enqueue)\s*\("
    r"|\b\w*(?:[wW]rite|[sS]ave|[cC]opy|[rR]ename|[mM]ove|[dD]ump|[uU]pload|[sS]tore|to_csv|to_excel|to_parquet|toFile)\w*\s*\(|\bmv\s*\(|\bopen\s*\("
)
_BINDS = regex(
    r"^(?:export\s+)?(?:const\s+|let\s+|var\s+)?[A-Za-z_$][\w$]*[ \t]*(?::[^=\n]{1,120})?=(?!=)|\.\w+[ \t]*=(?!=)|=\s*(?:new\s+)?[\[{]"
    r"|=\s*(?:new\s+)?[\w.]*(?:dict|list|set|deque|Dict|Map|Set|Array|Counter|Queue|Cache|Lock|Store|Semaphore)\b",
    re.MULTILINE,
)
_DECLARES = regex(
    r"^(?:export\s+)?(?:const\s+|let\s+|var\s+)?[A-Za-z_$][\w$]*[ \t]*(?::[^=\n]{1,120})?=\s*"
    r"(?:\{\s*\}|\[\s*\]|(?:new\s+)?[\w.]*(?:dict|list|set|deque|Dict|Map|Set|Array|Queue|Cache)(?:<[^=\n]{1,120}>)?\()",
    re.MULTILINE,
)
"""A container that the file makes once, and that others may fill."""
_MANY_NAMES = 400
"""Names of which each is looked for in the whole text; where there are more, reading it takes no longer."""
_ASSIGNS = regex(r"([A-Za-z_$][\w$]*)[ \t]*(?::[^=\n]{1,120})?(?:[-+*/|&]|//|\|\||&&|\?\?)?=(?![=>])")


def matters(text: str, touched: frozenset[int], language: str, catalogue: Vocabulary) -> bool:
    """Whether a change of these lines (1-based) of a program could raise a signal, or its text suppresses one."""
    if "guard:" in text or _imports_what_is_known(text, language, catalogue):
        return True
    around = "\n".join(_statements(text.split("\n"), touched))
    if _STORES.search(around) or _DECLARES.search(around) or not catalogue.words(language).isdisjoint(_WORD.findall(around)):
        return True
    if any(stem in around for stem in catalogue.stems(language)):
        return True
    names = set(_ASSIGNS.findall(around))
    return len(names) > _MANY_NAMES or any(_more_often(name, text, around) for name in names)


def edit_matters(lines: str, language: str, catalogue: Vocabulary) -> bool:
    """Whether these lines alone, taken out or put in, could raise a signal: a narrower glance, for whoever looks again later.

    What it misses is an edit that makes something of what stands elsewhere in the file, as when a function becomes a handler.
    """
    return bool(
        "guard:" in lines
        or _imports_what_is_known(lines, language, catalogue)
        or _STORES.search(lines)
        or _BINDS.search(lines)
        or not catalogue.words(language).isdisjoint(_WORD.findall(lines))
        or any(stem in lines for stem in catalogue.stems(language))
    )


def _imports_what_is_known(text: str, language: str, catalogue: Vocabulary) -> bool:
    imports = "\n".join(_IMPORTS.findall(text))
    words = set(_WORD.findall(imports))
    return any(
        package in words or (not package.isidentifier() and package in imports) for package in catalogue.packages(language)
    )


def _more_often(name: str, text: str, part: str) -> bool:
    """Whether a name is used outside of a part of the text."""
    return text.count(name) > part.count(name)


def _statements(lines: list[str], touched: frozenset[int]) -> Iterator[str]:
    """The top-level statements that hold touched lines, each once."""
    done = 0
    for number in sorted(touched):
        if number <= done or number > len(lines):
            continue
        first = number - 1
        while first > done and not _begins(lines[first]):
            first -= 1
        while first > done and lines[first - 1].startswith("@"):
            first -= 1
        last = number
        while last < len(lines) and not _begins(lines[last]):
            last += 1
        yield from lines[first:last]
        done = last


def _begins(line: str) -> bool:
    """Whether a statement of the outermost level begins on a line."""
    return bool(_STARTS.match(line)) and not _CONTINUES.match(line)

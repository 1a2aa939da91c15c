"""A rule's edit, applied to the lines of a match: text in, suggestion out. Whether it is safe in this file is proven elsewhere."""

from __future__ import annotations

import re
from functools import lru_cache

from guard.catalogue.matching import Match
from guard.catalogue.patterns import occurs
from guard.catalogue.rule import Edit
from guard.facts import Facts, Span
from guard.finding import Suggestion

_MOST_CHARACTERS = 500
"""Of the lines to edit: nobody judges a suggestion for a line of a minified file."""


def edit_of(match: Match, facts: Facts) -> Suggestion | None:
    """What the first edit of the rule that fits makes of the lines of a match; None if none does."""
    return next((made for edit in match.rule.edits if (made := _made(edit, match.span, facts)) is not None), None)


def _made(edit: Edit, span: Span, facts: Facts) -> Suggestion | None:
    if edit.text and not occurs(edit.text, facts.lines):
        return None
    if edit.not_text and occurs(edit.not_text, facts.lines):
        return None
    before = facts.text(span)
    if len(before) > _MOST_CHARACTERS:
        return None
    after = _whole(edit, before) if edit.line else _piece(edit, before)
    return None if after is None or after == before else Suggestion(span.line, span.end_line, after)


def _whole(edit: Edit, before: str) -> str | None:
    """The lines anew, as far in as the first of them was."""
    content = before.strip()
    found = _compiled(edit.line).fullmatch(content)
    if found is None:
        return None
    indent = before[: len(before) - len(before.lstrip())]
    return indent + found.expand(edit.to) if edit.to else ""


def _piece(edit: Edit, before: str) -> str | None:
    found = list(_compiled(edit.part).finditer(before))
    if len(found) != 1:
        return None
    return before[: found[0].start()] + found[0].expand(edit.to) + before[found[0].end() :]


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)

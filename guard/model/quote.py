"""Whether a quote is true: the place, among the code that was sent with a question, at which it stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from guard.finding import Place
from guard.model.question import Excerpt, Question
from guard.model.text import folded, shown

_SHORTEST = 3
_LINE_NUMBER = re.compile(r"^[ \t]*(?:\+[ \t]*)?\d+ ?\|", re.MULTILINE)
_LEFT_OUT = re.compile(r"^[ \t]*… \|.*$", re.MULTILINE)
_GAP = re.compile(r"\n|…|\.\.\.")
_MARKS = "#/*;!<-"

_Run = list[tuple[int, str]]
"""Lines without a gap: numbers, and the text without white space."""


def place_of(quote: str, question: Question) -> Place | None:
    """Where the quote stands in the question's code."""
    return place_in(quote, question.excerpts)


def place_in(quote: str, excerpts: Sequence[Excerpt]) -> Place | None:
    """Where the quote stands, white space aside, in this code; None if nowhere, or only in a comment.

    A quote may leave something out: then each of its pieces must be there, and the first says where.
    """
    plain = _LEFT_OUT.sub("\n", _LINE_NUMBER.sub("", quote)).strip()
    bare = plain.removeprefix("`").removesuffix("`")
    for attempt in ([plain], [bare], [piece for piece in _GAP.split(bare) if folded(piece)]):
        places = [_place(piece, excerpts) for piece in attempt]
        if places and None not in places:
            return places[0]
    return None


def _place(piece: str, excerpts: Sequence[Excerpt]) -> Place | None:
    wanted = folded(piece)
    if len(wanted) < _SHORTEST:
        return None
    comments = _comments(excerpts, wanted)
    for excerpt in excerpts:
        for run in _runs(excerpt):
            start = _without("".join(text for _, text in run), comments).find(wanted)
            if start >= 0:
                return Place(excerpt.path, _line_at(run, start), _line_at(run, start + len(wanted) - 1))
    return None


def _comments(excerpts: Sequence[Excerpt], wanted: str) -> list[str]:
    """The comments to leave out of sight, longest first: all, if the quote could be out of one of them."""
    texts = {text for excerpt in excerpts for text in excerpt.comments}
    found = sorted({"".join(folded(shown(line)) for line in text.split("\n")) for text in texts} - {""}, key=len, reverse=True)
    return found if any(wanted.lstrip(_MARKS) in comment for comment in found) else []


def _without(text: str, comments: Iterable[str]) -> str:
    """The text with these comments blotted out at their length; code that a comment repeats stays."""
    for comment in comments:
        pattern = f"(?:#+|//+|/\\*+|--+|<!--|;+)!?{re.escape(comment)}"
        text = re.sub(pattern, lambda found: "\0" * len(found[0]), text)
    return text


def _runs(excerpt: Excerpt) -> Iterator[_Run]:
    """The lines of an excerpt, cut where lines were left out: what was not sent side by side can not be quoted side by side."""
    numbered = enumerate(excerpt.lines)
    for _, run in groupby(numbered, key=lambda item: item[1][0] - item[0]):
        yield [(number, folded(shown(text))) for _, (number, text) in run]


def _line_at(run: _Run, offset: int) -> int:
    for number, text in run:
        if offset < len(text):
            return number
        offset -= len(text)
    return run[-1][0]

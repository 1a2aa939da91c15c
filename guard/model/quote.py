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
_QUOTES = "\"'`"
_TEXT = re.compile(
    r'''"""(.*?)"""|\'\'\'(.*?)\'\'\'|"((?:\\.|[^"\\\n])*)"|\'((?:\\.|[^\'\\\n])*)\'|`((?:\\.|[^`\\])*)`''', re.DOTALL
)
_BLANK = re.compile(r"\w\W*\s\W*(?=\w)")
_FEWEST_BLANKS = 2

_Run = list[tuple[int, str]]
"""Lines without a gap: numbers, and the text without white space."""


def place_of(quote: str, question: Question) -> Place | None:
    """Where the quote stands in the question's code."""
    return place_in(quote, question.excerpts)


def place_in(quote: str, excerpts: Sequence[Excerpt]) -> Place | None:
    """Where the quote stands, white space aside, in this code; None if nowhere, or only in what is said there to readers.

    That is a comment, a docstring, or a text of several words: what a change says of itself proves nothing. A quote may leave something out: then each of its pieces must be there, and the first says where.
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
    if len(wanted) < _SHORTEST or not any(map(str.isalnum, wanted)):
        return None
    said = _said(excerpts, wanted)
    for excerpt in excerpts:
        for run in _runs(excerpt):
            start = _without("".join(text for _, text in run), said).find(wanted)
            if start >= 0:
                return Place(excerpt.path, _line_at(run, start), _line_at(run, start + len(wanted) - 1))
    return None


def _said(excerpts: Sequence[Excerpt], wanted: str) -> list[str]:
    """Patterns of what is said to readers, longest first: all of it, if the quote could be out of it; else nothing."""
    comments = {_folded_lines(text) for excerpt in excerpts for text in excerpt.comments} - {""}
    texts = {_folded_lines(text) for excerpt in excerpts for text in _texts(excerpt)}
    bare = wanted.lstrip(_MARKS).strip(_QUOTES)
    if not any(bare in text for text in (*comments, *texts)):
        return []
    patterns = [(len(comment), f"(?:#+|//+|/\\*+|--+|<!--|;+)!?{re.escape(comment)}") for comment in comments]
    patterns += [(len(text), f"(?<=[\"'`]){re.escape(text)}(?=[\"'`])") for text in texts]
    return [pattern for _, pattern in sorted(patterns, reverse=True)]


def _folded_lines(text: str) -> str:
    return "".join(folded(shown(line)) for line in text.split("\n"))


def _texts(excerpt: Excerpt) -> Iterator[str]:
    """The texts in the code that have several words."""
    whole = code = "\n".join(text for _, text in excerpt.lines)
    for comment in excerpt.comments:  # a quotation mark in one opens nothing
        pattern = rf"(?:#|//|--|;)+!?[ \t]*{re.escape(comment.strip())}"
        code = re.sub(pattern, lambda found: " " * len(found[0]), code)
    for found in _TEXT.finditer(code):
        start, end = next(span for span in found.regs[1:] if span[0] >= 0)
        if len(_BLANK.findall(whole, start, end)) >= _FEWEST_BLANKS:
            yield whole[start:end]


def _without(text: str, patterns: Iterable[str]) -> str:
    """The text with what fits these patterns blotted out at its length; code that a comment repeats stays."""
    for pattern in patterns:
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

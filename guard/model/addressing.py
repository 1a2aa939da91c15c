"""Code that speaks to whoever judges it: a `fine` that was given with such code before the eyes is not believed.

Few words are enough to tell, since an answer has few: what asks for `fine`, what calls off instructions, what pretends to be a turn of the
conversation or an answer, and what nobody can see. Text for models of the program's own is caught as well, now and then; then a finding
stands that a model would have dismissed, and says why.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from guard.finding import Place
from guard.model.question import Excerpt
from guard.regex import regex

_HIDDEN = regex("[\u202a-\u202e\u2066-\u2069\U000e0000-\U000e0fff]|(?:[\u200b-\u200f\u2060-\u2064\ufeff]\\w*){3}|[\x1b\x08]")
"""Tags, turned directions, and what is hidden between letters: https://trojansource.codes."""
_BETWEEN = regex("[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]")
_APART = regex(r"(?<!\w)(?:\w[ ]){2,}\w(?!\w)")
_SPOKEN = regex(
    r"[\"'](?:answers|verdict)[\"']\s?:\s?[\[\"{]|[0-9a-f]{16}>>>|\bmark of the fences\b|\bquestion q-[0-9a-f]{8}\b"
    r"|\b(?:ignore|disregard|forget|override|bypass)\w*\s(?:\w+\s){0,2}(?:previous|prior|above|earlier|all)\s(?:\w+\s){0,2}(?:instruction|prompt|rule|direction|guideline)s?\b"
    r"|\bsystem override\b|\banswers? (?:each|every|all)\b.{0,20}\bquestions?\b|\b(?:answers?|answered|respond|reply|replies|verdicts?|mark|marked|judged?|dismiss\w*|approves?)\b(?:\W{1,4}|[^.;:#(){}=]{1,60})\bfine\b"
    r"|\bfine (?:to|for|is|on) (?:\w+ ){0,3}(?:answer|verdict|questions?|everything)\b"
    r"|\b(?:antwort\w*|beantwort\w*|r[eé]pond\w*|respond\w*|ответ\w*|отвеча\w*)\b.{0,60}\bfine\b|(?:回答|答え|أجب).{0,40}\bfine\b|\bfine\b.{0,10}(?:と答え|zu beantworten)"
    r"|\b(?:dear |to the |the )?reviewers?,? (?:must|should|please|has to|have to|approves?|answer|mark)\b"
    r"|\byou(?:r task| are now| must| should)\b.{0,60}\b(?:debug mode|poem|refuse to answer|approve everything|reviewer)\b"
    r"|\b(?:reviewed and approved|approved) by (?:the )?security\b|\btext of your instructions\b|\bof the instructions above\b",
    re.IGNORECASE,
)  # fmt: skip
_TURN = regex(
    r"<\|(?:im_start|im_end|eot_id|begin_of_text|start_header_id|end_header_id|endoftext|start|end|message|channel|system|user|assistant)\|>"
    r"|\[/?INST\]|<</?SYS>>|<(?:start|end)_of_turn>|</?(?:tool_call|function_results|function_calls|user_message|system)>|<think>"
    r"|\b(?:human|user|assistant|system)\s?:\s",
    re.IGNORECASE,
)
"""How a turn of a conversation begins or ends: programs that talk to models have these too."""
_WISH = regex(r"\b(?:fine|approv\w*|dismiss\w*)(?:_all)?\b", re.IGNORECASE)
_NEAR = 3
"""Lines within which a turn and what it wishes for stand."""


def speaks_to_a_judge(excerpts: Iterable[Excerpt]) -> Place | None:
    """The first line of this code that does, or None."""
    for excerpt in excerpts:
        if _SPOKEN.search(_plain(excerpt.path)):
            return Place(excerpt.path, 1, 1)
        turn = -_NEAR
        for number, line in excerpt.lines:
            plain = _plain(line)
            turn = number if _TURN.search(line) or _TURN.search(plain) else turn
            said = _SPOKEN.search(line) or _SPOKEN.search(plain)
            if _HIDDEN.search(line) or said or (number - turn < _NEAR and (_WISH.search(line) or _WISH.search(plain))):
                return Place(excerpt.path, number, number)
    return None


def _plain(line: str) -> str:
    """A line with letters that look alike made alike, nothing between them, and words that were written letter by letter made words."""
    text = unicodedata.normalize("NFKD", _BETWEEN.sub("", line)).translate(_ALIKE).replace("_", " ")
    text = "".join(character for character in text if not unicodedata.combining(character))
    return _APART.sub(lambda found: found[0].replace(" ", ""), text)


_ALIKE = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501\u051b\u051d\u04bb\u04cf\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425",
    "aeopcyxijsdqwhlABEKMHOPCTX",
)
"""Letters of the Cyrillic script: https://www.unicode.org/reports/tr39/."""

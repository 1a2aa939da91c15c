"""Template tags in a format that counts indentation: taken out so that a parser can read the rest, every line staying where it is.

Go templates (Helm), Jinja (Ansible, Salt), ERB. A tag that prints becomes one word in the line, a tag alone on its line leaves
the line empty, `{% if %}` and `{{- if }}` around a value leave the value.
"""

from __future__ import annotations

import re

from msgspec import Struct, field

from guard.facts import Comment, Span

_TAG = re.compile(
    r"\{\{-?\s*/\*(?:[^*]|\*(?!/)){0,8000}\*/\s*-?\}\}"
    r"|\{\{(?:[^{}]|\}(?!\})|\{(?!\{))*\}\}|\{%(?:[^%{]|%(?!\})|\{(?!%))*%\}|\{#(?:[^#{]|#(?!\})|\{(?!#))*#\}|<%(?:[^%<]|%(?!>)|<(?!%))*%>"
    r"|\{\{-?\s*`|`\s*-?\}\}"
)
"""The last two stand around a text that a Go template prints as it is; there may be other tags in it."""
_CONTROL = re.compile(
    r"\{%|\{#|<%(?!=)|`|\{\{-?\s*(?:`$|/\*|(?:if|else|end|range|with|define|block|break|continue)\b|\$\w*\s*:?=)"
)
_COMMENT = re.compile(r"\{#[-+]?(.*?)[-+]?#\}|\{\{-?\s*/\*(.*?)\*/\s*-?\}\}|<%#(.*?)%>", re.DOTALL)
_BLANKS = re.compile(r"[ \t]*")
_PRINTING, _STEERING = "\ue000\\d+\ue001", "\ue002\\d+\ue003"
_STEERS = re.compile(_STEERING)
_MARK = re.compile("[\ue000\ue002](\\d+)[\ue001\ue003]")
_LEADING = re.compile(f"^(\\s*)(?:{_STEERING}\\s*)+")
_TRAILING = re.compile(f"\\s*(?:{_STEERING}\\s*)+$")
_ONLY_PRINTS = re.compile(f"\\s*(?:{_PRINTING}\\s*)+")


class Masked(Struct):
    """A text without its tags. `alone` has the lines (1-based) that held nothing but tags that print."""

    text: str
    tags: list[str] = field(default_factory=list)
    alone: dict[int, str] = field(default_factory=dict)
    comments: list[Comment] = field(default_factory=list)

    def original(self, text: str) -> str:
        """A piece of the text with its tags again."""
        if "\ue000" not in text and "\ue002" not in text:
            return text
        return _MARK.sub(lambda found: self.tags[int(found[1])] if int(found[1]) < len(self.tags) else "", text)

    def key(self, text: str) -> str:
        """A key with its tags again, those that only steer left out."""
        return self.original(_STEERS.sub("", text))


def mask(text: str) -> Masked:
    """Take the tags out of a text."""
    if "{{" not in text and "{%" not in text and "{#" not in text and "<%" not in text:
        return Masked(text)
    masked = Masked("")
    marked = _marked(text, masked)
    lines = marked.split("\n")
    for number, line in enumerate(lines, 1):
        if "\ue000" in line or "\ue002" in line:
            lines[number - 1] = _line(line, number, masked)
    masked.text = "\n".join(lines)
    return masked


def _marked(text: str, masked: Masked) -> str:
    pieces: list[str] = []
    end = 0
    line = 1
    for found in _TAG.finditer(text):
        line += text.count("\n", end, found.start())
        tag = found[0]
        breaks = tag.count("\n")
        comment = _COMMENT.fullmatch(tag)
        if comment:
            masked.comments.append(Comment("".join(filter(None, comment.groups())).strip(), Span(line, line + breaks)))
        steers = _CONTROL.match(tag) is not None
        mark = f"\ue002{len(masked.tags)}\ue003" if steers else f"\ue000{len(masked.tags)}\ue001"
        masked.tags.append(tag)
        # What follows the tag on its last line goes on as far in as that line begins.
        further = _BLANKS.match(tag, tag.rindex("\n") + 1) if breaks else None
        pieces += (text[end : found.start()], mark, "\n" * breaks, further[0] if further else "")
        line += breaks
        end = found.end()
    return "".join((*pieces, text[end:]))


def _line(line: str, number: int, masked: Masked) -> str:
    line = _TRAILING.sub("", _LEADING.sub(r"\1", line))
    if _ONLY_PRINTS.fullmatch(line):
        masked.alone[number] = masked.original(line.strip())
        return ""
    return line

"""Text that others wrote, made harmless to carry: nothing in it can move a cursor, turn the writing or end a line."""

from __future__ import annotations

import re

_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]|[\U000e0000-\U000e007f]"
)
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")

HIDDEN = "[hidden]"
_ITS_NAME = r"[\w.-]*(?:secret|passw(?:or)?d|passwd|pwd|token|api_?key|secret_?key|private_?key|access_?key|credentials?)"
_QUOTED = re.compile(rf"""(\b{_ITS_NAME}["'\]]*[ ]?[:=][ ]?(["']))(?!.*[${{}}<>])[^\s"']{{8,}}(?=\2)""", re.IGNORECASE)
"""A literal of one word behind a name that ends in such a word; a sentence or a template is none."""
_BARE = re.compile(rf"^(\s*(?:export |ENV |- )?{_ITS_NAME}(?:=|: +))(?=\S*\d)[^\s\"'$(){{}}<>\[\],]{{8,}}$", re.IGNORECASE)
"""The same in a file of settings, without quotes; with a digit, which names of types and variables seldom have."""
_IN_ADDRESS = re.compile(r"(://[^/\s:@\"']*:)[^/\s@\"'${}]+(@)")
_KNOWN_KEY = re.compile(
    r"\b(?:sk-[\w-]{16,}|AKIA[0-9A-Z]{16}|gh[opsu]_\w{30,}|xox[abprs]-[\w-]{10,}|eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]+)"
)


def one_line(text: str, most: int = 400) -> str:
    """The text on one line, without control, invisible and direction-changing characters, cut at `most` characters."""
    line = " ".join(_UNSEEN.sub("", _ANSI.sub("", text).replace("\t", " ").replace("\r", " ").replace("\u2028", " ")).split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def code_line(text: str, most: int = 300) -> str:
    """A line of code as it is sent: its indentation kept, what can not be seen replaced by U+FFFD, cut at `most` characters."""
    line = _UNSEEN.sub("\ufffd", text.rstrip("\r\n").replace("\t", "    ")).replace("\n", "\ufffd").rstrip()
    return line if len(line) <= most else line[:most] + " … (line cut)"


def without_secrets(text: str) -> str:
    """A line of code in which what looks like a credential is hidden: a judgement does not need it, a server may keep it."""
    return _KNOWN_KEY.sub(
        HIDDEN, _IN_ADDRESS.sub(rf"\1{HIDDEN}\2", _BARE.sub(rf"\1{HIDDEN}", _QUOTED.sub(rf"\1{HIDDEN}", text)))
    )


def folded(text: str) -> str:
    """The text without white space, for comparing quotes."""
    return "".join(text.split())

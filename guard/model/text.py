"""Text that others wrote, made harmless to carry: nothing in it can move a cursor, turn the writing or end a line."""

from __future__ import annotations

import re

from guard.model.secrets import alike, without_secrets

_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff]|[\U000e0000-\U000e0fff]"
)
_MOST_READ = 10_000
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")


def one_line(text: str, most: int = 400) -> str:
    """The text on one line, without control, invisible and direction-changing characters, cut at `most` characters."""
    line = " ".join(_UNSEEN.sub("", _ANSI.sub("", text).replace("\t", " ").replace("\r", " ").replace("\u2028", " ")).split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def code_line(text: str, most: int = 300) -> str:
    """A line of code as it is sent: its indentation kept, what can not be seen replaced by U+FFFD, cut at `most` characters."""
    line = _UNSEEN.sub("\ufffd", text.rstrip("\r\n").replace("\t", "    ")).replace("\n", "\ufffd").rstrip()
    return line if len(line) <= most else line[:most] + " … (line cut)"


def told(text: str, most: int = 400) -> str:
    """Others' words on one line, without secrets, as they may stand in a prompt; cut last, so that no secret is cut in two."""
    return one_line(without_secrets(one_line(text, _MOST_READ)), most)


def shown(text: str) -> str:
    """A line of code as it is sent, without secrets."""
    return code_line(without_secrets(text))


def folded(text: str) -> str:
    """The text without white space, for comparing quotes; what stands for a secret is as good as what stands for another."""
    return alike("".join(text.split()))

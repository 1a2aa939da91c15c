"""Text of a model or a repository, made harmless in Markdown: it mentions nobody, hides nothing and stays where it was put.

Mentions and references are found in the rendered text, so a backslash or an entity does not stop them: a zero-width space does.
All other invisible characters are spelled out, so that the only ones are ours.
"""

from __future__ import annotations

import re
import unicodedata

_APART = "\u200b"
_SPANS = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
_UNUSUAL = re.compile(r"[^ -~\n\t]")
_FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_LINKING = re.compile(
    r"(?P<at>@)(?=\S)|(?P<hash>#)(?=\d)|(?P<gh>\bgh-)(?=\d)|(?P<url>:)(?=//)|(?P<www>www)(?=\.)", re.IGNORECASE
)


def visible(text: str) -> str:
    """The same text with every character that does not show, or that turns the direction of writing, spelled out."""
    return _UNUSUAL.sub(lambda found: _spelled(found[0]) if _is_hidden(found[0]) else found[0], text)


def _is_hidden(character: str) -> bool:
    category = unicodedata.category(character)
    return category in _HIDDEN or character in _FILLERS or "VARIATION SELECTOR" in unicodedata.name(character, "")


def _spelled(character: str) -> str:
    point = ord(character)
    if 0xDC80 <= point <= 0xDCFF:  # a byte that is not UTF-8, as os.fsdecode keeps it
        return f"\\x{point - 0xDC00:02x}"
    return f"\\x{point:02x}" if point < 0x100 else f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"


def can_be_sent(text: str) -> bool:
    """Whether a text is Unicode: a path whose bytes are not UTF-8 is none."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def one_line(text: str) -> str:
    """Visible, with white space folded."""
    return visible(" ".join(text.split()))


def prose(text: str) -> str:
    """One line of Markdown that reads as the text does; code spans stay code. Safe at the start of a line too."""
    line = one_line(text)
    pieces: list[str] = []
    place = 0
    for span in _SPANS.finditer(line):
        pieces += [_plain(line[place : span.start()]), code(span[2])]
        place = span.end()
    pieces.append(_plain(line[place:]))
    return _not_at_start("".join(pieces))


def _plain(text: str) -> str:
    """Text without code spans: no emphasis, link, image, tag, formula, mention or reference comes out of it."""
    text = re.sub(r"([\\`~]|\](?=[(\[:])|\[(?=\^))", r"\\\1", text)
    text = re.sub(r"&(?=[#A-Za-z])", "&amp;", text).replace("<", "&lt;")
    text = re.sub(r"(?<![^\W_])_|_(?![^\W_])|\*(?! )|(?<! )\*", lambda found: f"\\{found[0]}", text)
    text = _LINKING.sub(lambda found: found[0] + _APART, text)
    return text.replace("$", "&#36;")


def _not_at_start(text: str) -> str:
    return re.sub(r"^(?:(\d{1,9})(?=[.)])|(?=[-+*>=|:#\[]))", lambda found: f"{found[1] or ''}\\", text)


def code(text: str) -> str:
    """A code span that holds the text, whatever it is."""
    inner = one_line(text).replace("<!--", "<! --").replace("-->", "-- >")
    if not inner:
        return ""
    fence = "`" * (_longest_run(inner) + 1)
    pad = " " if inner.startswith("`") or inner.endswith("`") else ""
    return f"{fence}{pad}{inner}{pad}{fence}"


def fenced(text: str, kind: str = "") -> str:
    """A fenced block that holds the text, whatever it is. `kind` is its info string."""
    text = visible(text)
    fence = "`" * max(3, _longest_run(text) + 1)
    return f"{fence}{kind}\n{text}\n{fence}" if text else f"{fence}{kind}\n{fence}"


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)


def link(label: str, address: str) -> str:
    """A link, or its label where there is no address. The label is Markdown already."""
    safe = re.sub(r"[^!#$%&'*+,./0-9:;=?@A-Z_a-z~-]", _percent, address)
    return f"[{label}]({safe})" if address else label


def _percent(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found[0].encode("utf-8", "replace"))


# -- limits -----------------------------------------------------------------------------------------------------------


def units(text: str) -> int:
    """How long a text is in UTF-16 units, the largest of the ways in which a host may count."""
    return len(text) + sum(character > "\uffff" for character in text)


def shortened(text: str, room: int) -> str:
    """The start of a text, at most so many characters, cut between words, with an ellipsis."""
    if len(text) <= room:
        return text
    kept = text[: max(room - 1, 0)]
    at_word = kept.rsplit(" ", 1)[0] if " " in kept[room // 2 :] else kept
    return at_word.rstrip(" ,.;:") + "…"


def fitted(text: str, room: int) -> str:
    """Prose of at most so many characters after escaping."""
    text = one_line(text)
    length = room
    while len(written := prose(shortened(text, length))) > room and length > 0:
        length -= max(1, len(written) - room)
    return written if length > 0 else ""


def cut(body: str, limit: int, remark: str) -> str:
    """A body of at most so many UTF-16 units: whole lines, an open fence closed, and `remark` where something is missing."""
    if units(body) <= limit:
        return body
    room = limit - units(remark) - 2
    kept: list[str] = []
    fence = ""
    for line in body.split("\n"):
        opened = _fence_after(line, fence)
        size = units(line) + 1
        if size + (len(opened) + 1 if opened else 0) > room:
            break
        kept.append(line)
        room -= size
        fence = opened
    closing = [fence] if fence else []
    return "\n".join([*kept, *closing, "", remark])


def _fence_after(line: str, fence: str) -> str:
    """The fence that is open after a line, "" for none."""
    match = re.match(r" {0,3}(`{3,}|~{3,})(.*)", line)
    if match is None:
        return fence
    if fence:
        return "" if match[1].startswith(fence) and not match[2].strip() else fence
    return "" if match[1][0] == "`" and "`" in match[2] else match[1]

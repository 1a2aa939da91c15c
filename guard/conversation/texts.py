"""The bodies of comments: first what happens to a user, then the proof, the remedy, and what to do if it is to stay.

At most 1,000 characters but for a suggestion, plain text first: mails and terminals show it as it is written.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from guard.conversation import escape
from guard.conversation.anchors import Anchor
from guard.conversation.markers import BACK, FINDING, FIXED, STILL, Marker
from guard.conversation.standing import LEFT_OPEN
from guard.conversation.terms import Links, no_links
from guard.conversation.threads import MISSED
from guard.finding import Evidence, Finding, Origin

LIMIT = 64_000
"""UTF-16 units of a body: below the hosts' 65,536, whatever they count."""
PROSE = 1_000
_MESSAGE, _REMEDY, _LEAST_NOTE = 420, 360, 60
_BETWEEN = 12
"""Empty lines between the parts."""
_MOST_SUGGESTED = 20_000
_MOST_PROOFS = 6
_BEFORE_SUGGESTION = 3
"""Message, proof, remedy."""


class Wording(Struct, frozen=True):
    """What goes into a comment besides the finding: its name, where it stands, at which head, and whether it was missed before."""

    name: str
    anchor: Anchor
    links: Links
    missed: bool = False


def comment(finding: Finding, wording: Wording) -> str:
    """The body of a comment on a finding's lines. Links are left out where they, as a mail shows them, would make it too long."""

    def of_other_files(path: str, line: int, end_line: int) -> str:
        return "" if path == finding.path else wording.links(path, line, end_line)

    bodies = [_body(finding, replace(wording, links=links)) for links in (wording.links, of_other_files, no_links)]
    parts = next((parts for parts in bodies if len(_joined(parts)) <= PROSE), bodies[-1])
    suggestion = _suggestion(finding, wording.anchor)
    return _joined([*parts[:_BEFORE_SUGGESTION], suggestion, *parts[_BEFORE_SUGGESTION:]])


def _joined(parts: Sequence[str]) -> str:
    return "\n\n".join(part for part in parts if part)


def _body(finding: Finding, wording: Wording) -> list[str]:
    """Its parts, in order, without the suggestion."""
    footer, mark = _footer(finding), str(_marker(finding, wording))
    room = PROSE - len(footer) - len(mark) - _BETWEEN
    first = ("Missed before: " if wording.missed else "") + escape.fitted(finding.message, min(_MESSAGE, room))
    remedy = "Instead: " + escape.fitted(finding.remedy, min(_REMEDY, room - len(first) - 20))
    room -= len(first) + len(remedy)
    proofs = _proofs(finding.evidence, wording.links, room)
    room -= sum(length for _, length in proofs)
    note = escape.fitted(finding.note, room) if finding.note and room > _LEAST_NOTE else ""
    return [first, "\n".join(line for line, _ in proofs), remedy, note, footer, mark]


def _marker(finding: Finding, wording: Wording) -> Marker:
    rule = "".join(letter for letter in finding.rule if letter.isascii() and (letter.isalnum() or letter in "._-")) or "-"
    return Marker(FINDING, (wording.name, finding.origin.value, rule, *([MISSED] if wording.missed else [])))


def _footer(finding: Finding) -> str:
    sure = f"{finding.confidence} (a model's judgement)" if finding.origin is Origin.MODEL else finding.confidence.value
    rule = escape.code(escape.shortened(finding.rule, 60))
    keep = escape.code(f"guard: ignore[{escape.shortened(finding.rule, 60)}] REASON")
    return (
        f"{rule} ({finding.check}), severity {finding.severity}, confidence {sure}. "
        f"To keep it: {keep} in a comment on the line, or reply {escape.code('guard: ignore REASON')}."
    )


def place(path: str, lines: tuple[int, int], links: Links) -> str:
    """A path with its lines, linked."""
    span = "" if not lines[0] else f":{lines[0]}" if lines[0] == lines[1] else f":{lines[0]}-{lines[1]}"
    return escape.link(escape.code(shortened_path(path) + span), links(path, *lines))


def shortened_path(path: str) -> str:
    """A path that is too long to be read, with its end, which tells most."""
    shown = escape.one_line(path)
    return shown if len(shown) <= 120 else "…" + shown[-119:]


def _proofs(evidence: tuple[Evidence, ...], links: Links, room: int) -> list[tuple[str, int]]:
    """Places that prove it, as many as there is room for, each with the length of what is read of it."""
    lines: list[tuple[str, int]] = []
    for index, entry in enumerate(evidence):
        more = f"- and {len(evidence) - index} more"
        where = (entry.path, (entry.line, entry.line))
        label = len(place(*where, no_links)) + len("- []: \n")
        note = escape.fitted(entry.note, min(200, room - label - len(more) - 1))
        if index >= _MOST_PROOFS or not note:
            return [*lines, (more, len(more) + 1)] if len(more) < room else lines
        lines.append((f"- {place(*where, links)}: {note}", label + len(note)))
        room -= label + len(note)
    return lines


def _suggestion(finding: Finding, anchor: Anchor) -> str:
    """A block that replaces exactly the commented lines; none where its text could be taken for a marker of ours."""
    wanted = finding.suggestion
    if wanted is None or not anchor.suggests or not _can_be_suggested(wanted.text):
        return ""
    return escape.fenced(wanted.text, "suggestion")


def _can_be_suggested(text: str) -> bool:
    """Whether a text can be shown as it is: what does not show must not be committed at a click either."""
    return escape.units(text) <= _MOST_SUGGESTED and "<!--" not in text and escape.visible(text) == text


# -- replies ----------------------------------------------------------------------------------------------------------


def fixed(head: str, why: str = "Fixed") -> str:
    """The reply to a thread that may not, or not silently, be resolved."""
    return f"{why} in {head[:7]}.\n\n{Marker(FIXED, (head,))}"


def back(head: str) -> str:
    """The reply where something that was gone is there again."""
    return f"This is back at {head[:7]}.\n\n{Marker(BACK, (head,))}"


def still(finding: Finding, head: str, links: Links, *, name: str, left_open: bool) -> str:
    """The one answer to a claim that does not hold."""
    where = place(finding.path, (finding.line, finding.end_line), links)
    why = escape.fitted(finding.message, _MESSAGE)
    words = (name, *([LEFT_OPEN] if left_open else []))
    return f"Still there at {head[:7]}, {where}: {why}\n\n{Marker(STILL, words)}"

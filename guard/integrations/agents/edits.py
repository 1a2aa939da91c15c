"""From what a tool was told to do to what it did to the text of a file. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from guard.integrations.agents.events import Edit, PayloadError, flag_in, text_in

_BEGIN, _FILE_MARKS = "*** Begin Patch", ("*** Update File: ", "*** Add File: ", "*** Delete File: ")
_MOVE = "*** Move to: "


def edit_in(tool_input: Mapping[str, object], before: str | None = None) -> tuple[Edit, ...]:
    """The edit of a tool that replaces text or writes a whole file; `before` is the old text where the tool's answer tells it."""
    path = text_in(tool_input, "file_path", "path", "filePath", "filepath")
    if not path:
        return ()
    return (Edit(path, before, tuple(_replacements(tool_input))),)


def _replacements(tool_input: Mapping[str, object]) -> Iterator[tuple[str, str, bool]]:
    several = tool_input.get("edits")
    for entry in several if isinstance(several, list) else [tool_input]:
        if not isinstance(entry, dict):
            raise PayloadError("an edit is no object")
        old, new = text_in(entry, "old_string", "old_str"), text_in(entry, "new_string", "new_str")
        if old or new:
            yield old, new, flag_in(entry, "replace_all")


def patched(envelope: str) -> tuple[Edit, ...]:
    """The edits of an `apply_patch` envelope (https://github.com/openai/codex, codex-rs/apply-patch)."""
    if _BEGIN not in envelope:
        return ()
    edits: list[Edit] = []
    for mark, path, body in _sections(envelope[envelope.index(_BEGIN) :].split("\n")):
        if mark == _FILE_MARKS[0]:
            edits.append(Edit(path, None, tuple(_hunks(body))))
        elif mark == _FILE_MARKS[1]:
            edits.append(Edit(path, ""))
    return tuple(edits)


def _sections(lines: list[str]) -> Iterator[tuple[str, str, list[str]]]:
    """Mark, path and lines of each file of an envelope."""
    current: tuple[str, str, list[str]] | None = None
    for line in lines:
        mark = next((mark for mark in _FILE_MARKS if line.startswith(mark)), None)
        if mark is not None or line.startswith("*** End Patch"):
            if current is not None:
                yield current
            current = None if mark is None else (mark, line.removeprefix(mark).strip(), [])
        elif current is not None and line.startswith(_MOVE):
            current = (current[0], line.removeprefix(_MOVE).strip(), current[2])
        elif current is not None:
            current[2].append(line)
    if current is not None:
        yield current


def _hunks(lines: list[str]) -> Iterator[tuple[str, str, bool]]:
    """Old and new text of each hunk of an updated file."""
    old: list[str] = []
    new: list[str] = []
    for line in [*lines, "@@"]:
        if line.startswith(("@@", "*** ")):
            if old != new:
                yield "\n".join(old), "\n".join(new), False
            old, new = [], []
        else:
            mark, text = line[:1], line[1:]
            if mark in ("", " ", "-"):
                old.append(text)
            if mark in ("", " ", "+"):
                new.append(text)


def before_of(edit: Edit, now: str) -> str | None:
    """The text of a file before an edit; None where it can not be told from the edit alone."""
    if edit.before is not None:
        return edit.before
    text = now
    for old, new, every in reversed(edit.replacements):
        if not new or new not in text:
            return None
        text = text.replace(new, old) if every else text.replace(new, old, 1)
    return text if edit.replacements else None


Span = tuple[int, int, int, int]
"""First and last line (0-based, end exclusive) on the old side, then on the new one."""


def differing(old: list[str], new: list[str]) -> Span:
    """The lines between what two texts have in common at their beginnings and their ends."""
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    return start, len(old) - end, start, len(new) - end


def added_lines(before: str, now: str) -> list[Span]:
    """Every place where two texts differ."""
    old, new = before.split("\n"), now.split("\n")
    first, old_end, _, new_end = span = differing(old, new)
    if first == old_end and first == new_end:
        return []
    if first in (old_end, new_end) or (old_end - first) * (new_end - first) > _MOST_COMPARED:
        return [span]
    return _opcodes(old[first:old_end], new[first:new_end], first)


_MOST_COMPARED = 4_000_000
"""Pairs of lines above which the whole middle counts as rewritten."""


def _opcodes(old: list[str], new: list[str], offset: int) -> list[Span]:
    from difflib import SequenceMatcher

    codes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return [(i + offset, j + offset, k + offset, m + offset) for tag, i, j, k, m in codes if tag != "equal"]

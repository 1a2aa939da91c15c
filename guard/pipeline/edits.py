"""Safe edits: a suggestion stands only where applying it is proven to take the cause away and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from msgspec.structs import replace

from guard.catalogue import Catalogue, Match, matches
from guard.change import FileChange
from guard.facts import Facts
from guard.finding import Signal, Suggestion
from guard.languages import read


def with_safe_edits(
    signals: Iterable[Signal], facts: Iterable[Facts], files: Mapping[str, FileChange], catalogue: Catalogue
) -> Iterator[Signal]:
    """The signals, without those suggestions that leave their hunk or are not proven to be safe."""
    by_path: dict[str, Facts] = {}
    for signal in signals:
        if signal.suggestion is None:
            yield signal
            continue
        by_path = by_path or {entry.path: entry for entry in facts}
        safe = _in_a_hunk(signal.suggestion, files[signal.path]) and is_safe(signal, by_path[signal.path], catalogue)
        yield signal if safe else replace(signal, suggestion=None)


def with_edit_of(signal: Signal, other: Signal) -> Signal:
    """A signal that speaks for another too: at the same place either edit may do, at another place it must change both."""
    one, two = signal.suggestion, other.suggestion
    if signal.line <= other.line <= signal.end_line:
        return signal if one else replace(signal, suggestion=two)
    if one is None:
        return signal
    if two is None or two.line != one.end_line + 1:
        return replace(signal, suggestion=None)
    text = "\n".join(text for text in (one.text, two.text) if text)
    return replace(signal, end_line=max(signal.end_line, other.end_line), suggestion=Suggestion(one.line, two.end_line, text))


def applied(lines: Iterable[str], edit: Suggestion) -> str:
    """A file's text after an edit."""
    before = tuple(lines)
    new = edit.text.split("\n") if edit.text else []
    return "\n".join((*before[: edit.line - 1], *new, *before[edit.end_line :]))


def is_safe(signal: Signal, facts: Facts, catalogue: Catalogue) -> bool:
    """Whether the edited file reads as well as before, only what was edited is different, and the rule holds at fewer places."""
    edit = signal.suggestion
    if edit is None:
        return False
    try:
        after = read(facts.path, applied(facts.lines, edit).encode("utf-8", "surrogateescape"))
    except Exception:  # noqa: BLE001 - what a reader stumbles over is not proven, and the finding stands without it
        return False
    if after is None or after.language != facts.language or len(after.broken) > len(facts.broken):
        return False
    return _only_that(facts, after, edit) and _gone(signal, facts, after, catalogue)


def _in_a_hunk(edit: Suggestion, file: FileChange) -> bool:
    return any(hunk.new_start <= edit.line and edit.end_line <= hunk.new_start + hunk.new_length - 1 for hunk in file.hunks)


def _only_that(before: Facts, after: Facts, edit: Suggestion) -> bool:
    """Whether nothing is there that was not, deleted lines are all that is missing, and replaced ones only change a value."""
    had, has = Counter(_paths(before)), Counter(_paths(after))
    if not edit.text:
        return has < had and _values(after) <= _values(before)
    dropped = edit.end_line - edit.line - edit.text.count("\n")
    return has <= had and (had - has).total() <= dropped


def _values(facts: Facts) -> Counter[tuple[int, str, str]]:
    """Settings by document, path and value; an item of a list may change its number."""
    paths = zip(_paths(facts), facts.settings, strict=True)
    return Counter((document, path, repr(setting.value)) for (document, path), setting in paths)


def _paths(facts: Facts) -> list[tuple[int, str]]:
    return [(setting.document, ".".join(key for key in setting.path if not key.isdigit())) for setting in facts.settings]


def _gone(signal: Signal, before: Facts, after: Facts, catalogue: Catalogue) -> bool:
    """Whether the rule holds at fewer places than before, no other at more, and nothing of its check on the edited lines."""
    had, has = _held(before, catalogue), _held(after, catalogue)
    if not _numbers(has)[signal.rule] < _numbers(had)[signal.rule] or not _numbers(has) <= _numbers(had):
        return False
    edit = signal.suggestion
    new = range(edit.line, edit.line + edit.text.count("\n") + 1) if edit and edit.text else range(0)
    return not any(match.rule.check is signal.check and match.span.touches(frozenset(new)) for match in has)


def _held(facts: Facts, catalogue: Catalogue) -> list[Match]:
    return list(matches(catalogue.candidates(facts), facts))


def _numbers(held: list[Match]) -> Counter[str]:
    return Counter(match.rule.id for match in held)

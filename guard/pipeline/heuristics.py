"""The heuristics of one review, in order, readable as a table of contents. No input or output of its own.

The old side is read only where the new side has something to say: a signal is an introduction if the change touches its
place and there are now more signals of its cause, in all changed files, than there were before.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from guard.analyses import View, analyses
from guard.catalogue import Catalogue, Match, load, matches
from guard.change import ChangeSet, FileChange, FileKind, Source, Status, partial_text
from guard.errors import CatalogueError, GuardError
from guard.facts import Facts
from guard.finding import CONFIDENCE_ORDER, Confidence, Evidence, Failure, Signal, Skipped
from guard.languages import read, reader_for
from guard.project import Project, manifest_paths, project_from
from guard.roles import Role, role_of
from guard.values import dataclass, field, replace

MAX_FILE_SIZE = 1_000_000
"""Bytes of a file that is still read, unless the settings say otherwise."""
_MOST_EVIDENCE = 6
_BINARY_PREFIX = 8_000


@dataclass(frozen=True, slots=True)
class Observations:
    """What the heuristics saw: signals that the change introduced, what was left out, and the facts they rest on."""

    signals: tuple[Signal, ...]
    facts: tuple[Facts, ...]
    skipped: tuple[Skipped, ...] = ()
    failures: tuple[Failure, ...] = ()
    present: tuple[Signal, ...] = ()
    """Every signal of the new side, whether or not the change touches it."""


@dataclass(frozen=True, slots=True)
class _Side:
    facts: tuple[Facts, ...]
    skipped: tuple[Skipped, ...] = ()
    failures: tuple[Failure, ...] = ()


def observe(
    change: ChangeSet,
    source: Source,
    *,
    excluded: Callable[[str], bool] = lambda _path: False,
    max_file_size: int = MAX_FILE_SIZE,
    catalogue: Catalogue | None = None,
    progress: Callable[[str], None] = lambda _path: None,
) -> Observations:
    """Read the changed files and say what the change introduces, without configuration's or a model's opinion."""
    catalogue = catalogue or load()
    project = _project(change, source)
    files = {file.path: file for file in change.files if file.status is not Status.DELETED}
    new = _read_side(
        [file for file in files.values() if file.added or file.removed or file.binary],
        partial(_head, source),
        excluded,
        max_file_size,
        progress,
    )
    present = _signals(new.facts, catalogue, project)
    touched = [placed for signal in present.signals if (placed := _on_the_change(signal, files[signal.path])) is not None]
    past = _signals(_old_side(change, source), catalogue, project) if touched else _Seen()
    introduced = _introduced(touched, present.signals, past.signals)
    failures = dict.fromkeys((*new.failures, *present.failures, *past.failures))
    return Observations(tuple(_one_a_cause(introduced)), new.facts, new.skipped, tuple(failures), tuple(present.signals))


# -- reading ----------------------------------------------------------------------------------------------------------


def _head(source: Source, file: FileChange) -> tuple[bytes, bool]:
    """The new text of a file, and whether it is known in pieces only."""
    text = source.head(file.path)
    return (partial_text(file), True) if text is None else (text, False)


def _base(source: Source, file: FileChange) -> tuple[bytes, bool]:
    text = source.base(file.old_path or file.path)
    return (b"", True) if text is None else (text, False)


def _read_side(
    files: Iterable[FileChange],
    text_of: Callable[[FileChange], tuple[bytes, bool]],
    excluded: Callable[[str], bool],
    max_file_size: int,
    progress: Callable[[str], None] = lambda _path: None,
) -> _Side:
    facts: list[Facts] = []
    skipped: list[Skipped] = []
    failures: list[Failure] = []
    for file in files:
        progress(file.path)
        match _read_file(file, text_of, excluded, max_file_size):
            case Facts() as found:
                facts.append(found)
            case Skipped() as left_out:
                skipped.append(left_out)
            case Failure() as failure:
                failures.append(failure)
    return _Side(tuple(facts), tuple(skipped), tuple(failures))


def _read_file(
    file: FileChange, text_of: Callable[[FileChange], tuple[bytes, bool]], excluded: Callable[[str], bool], max_file_size: int
) -> Facts | Skipped | Failure:
    reason = _not_readable(file, excluded)
    if reason:
        return Skipped(file.path, reason)
    try:
        text, in_pieces = text_of(file)
        reason = _not_worth_reading(file.path, text, max_file_size)
        if reason:
            return Skipped(file.path, reason)
        facts = read(file.path, text)
    except GuardError as error:
        return Failure(file.path, str(error))
    except Exception as error:  # noqa: BLE001 - a reader that breaks on one file must not take the others with it
        return _crash(file.path, error)
    if facts is None:
        return Skipped(file.path, "no reader for this kind of file")
    return replace(facts, partial=True) if in_pieces else facts


def _not_readable(file: FileChange, excluded: Callable[[str], bool]) -> str:
    if file.kind is FileKind.SUBMODULE:
        return "a submodule"
    if file.kind is FileKind.SYMLINK:
        return "a symbolic link"
    if file.binary:
        return "a binary file"
    return "excluded by the configuration" if excluded(file.path) else ""


def _not_worth_reading(path: str, text: bytes, max_file_size: int) -> str:
    if len(text) > max_file_size:
        return f"larger than {max_file_size:,} bytes ({len(text):,})"
    if b"\0" in text[:_BINARY_PREFIX]:
        return "a binary file"
    return "" if reader_for(path, text) else "no reader for this kind of file"


def _old_side(change: ChangeSet, source: Source) -> tuple[Facts, ...]:
    """The facts of what the change started from; copies have no past of their own."""
    files = [file for file in change.files if file.old_path is not None and file.status is not Status.COPIED]
    return _read_side(files, partial(_base, source), lambda _path: False, MAX_FILE_SIZE).facts


def _project(change: ChangeSet, source: Source) -> Project:
    paths = manifest_paths(file.path for file in change.files)
    texts = ((path, source.head(path)) for path in paths)
    return project_from({path: text.decode("utf-8", "replace") for path, text in texts if text is not None})


# -- signals ----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Seen:
    signals: list[Signal] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)


def _signals(side: tuple[Facts, ...], catalogue: Catalogue, project: Project) -> _Seen:
    """Every signal of one side, whether touched by the change or not. What breaks on a file is a failure of that file."""
    seen = _Seen()
    for facts in side:
        if role_of(facts, project) is Role.SERVER:
            neighbours = tuple(other for other in side if other is not facts)
            view = View(facts, Role.SERVER, catalogue, project, neighbours)
            for find in (_catalogue_signals, *(analysis.find for analysis in analyses())):
                try:
                    seen.signals += find(view)
                except CatalogueError:
                    raise
                except Exception as error:  # noqa: BLE001 - one analysis that breaks must not silence the others
                    seen.failures.append(_crash(facts.path, error))
    return seen


def _crash(path: str, error: Exception) -> Failure:
    """What a bug of ours looks like in a report: where it happened, in a line."""
    import traceback

    place = traceback.extract_tb(error.__traceback__)[-1]
    return Failure(path, f"internal error: {type(error).__name__}: {error} ({os.path.basename(place.filename)}:{place.lineno})")


def _catalogue_signals(view: View) -> Iterator[Signal]:
    for match in matches(view.catalogue.candidates(view.facts), view.facts, view.neighbours):
        yield _signal(match, view)


def _signal(match: Match, view: View) -> Signal:
    rule = match.rule
    confidence = _less(rule.confidence, match.doubt)
    return Signal(
        rule=rule.id,
        check=rule.check,
        confidence=_less(confidence) if view.facts.partial and rule.unless else confidence,
        severity=rule.severity,
        path=view.facts.path,
        line=match.span.line,
        end_line=match.span.end_line,
        column=match.span.column,
        message=rule.message,
        remedy=rule.remedy_for(view.project.dependencies),
        identity=match.identity,
        code=view.facts.text(match.span),
        question=rule.question,
    )


def _less(confidence: Confidence, steps: int = 1) -> Confidence:
    """Some steps less sure."""
    return CONFIDENCE_ORDER[min(CONFIDENCE_ORDER.index(confidence) + steps, len(CONFIDENCE_ORDER) - 1)]


# -- what the change introduced ---------------------------------------------------------------------------------------


def _on_the_change(signal: Signal, file: FileChange) -> Signal | None:
    """The signal at the first of its places that the change touches, cut to the hunk; None if it touches none."""
    places = ((signal.line, signal.end_line), *signal.alternatives)
    for lines in (file.added, file.removal_points):
        for first, last in places:
            if any(number in lines for number in range(first, last + 1)):
                line, end_line = _within_a_hunk(first, last, lines, file)
                return replace(signal, line=line, end_line=end_line, column=signal.column if line == signal.line else 1)
    return None


def _within_a_hunk(first: int, last: int, lines: frozenset[int], file: FileChange) -> tuple[int, int]:
    """The part of a span that lies in the hunk of its first touched line: hosts refuse comments that leave a hunk."""
    touched = next(number for number in range(first, last + 1) if number in lines)
    for hunk in file.hunks:
        start, end = hunk.new_start, hunk.new_start + hunk.new_length - 1
        if start <= touched <= end:
            return max(first, start), min(last, end)
    return touched, touched


def _introduced(touched: list[Signal], present: Iterable[Signal], past: Iterable[Signal]) -> list[Signal]:
    """The touched signals whose cause has become more frequent: what was moved or formatted is no introduction."""
    room = Counter(map(_cause, present)) - Counter(map(_cause, past))
    introduced: list[Signal] = []
    for signal in touched:
        if room[_cause(signal)] > 0:
            room[_cause(signal)] -= 1
            introduced.append(signal)
    return introduced


def _cause(signal: Signal) -> tuple[str, str]:
    return (signal.rule, signal.identity)


def _one_a_cause(signals: list[Signal]) -> Iterator[Signal]:
    """One signal where several say the same: of one rule and value in a file, or of one check on the same lines."""
    kept: list[Signal] = []
    for signal in sorted(signals, key=_strength):
        twin = next((index for index, other in enumerate(kept) if _same_cause(signal, other)), None)
        if twin is None:
            kept.append(signal)
        else:
            kept[twin] = _with_place(kept[twin], signal)
    return iter(sorted(kept, key=lambda signal: (signal.path, signal.line, signal.rule)))


def _strength(signal: Signal) -> tuple[int, str, int]:
    return (CONFIDENCE_ORDER.index(signal.confidence), signal.path, signal.line)


def _same_cause(one: Signal, other: Signal) -> bool:
    if one.path != other.path:
        return False
    overlap = one.line <= other.end_line and other.line <= one.end_line
    same_rule = one.rule == other.rule and (one.identity == other.identity or one.code.split() == other.code.split() != [])
    return same_rule or (overlap and one.check == other.check)


def _with_place(signal: Signal, other: Signal) -> Signal:
    """The first signal, with the place of the other as evidence if it is another place."""
    overlap = signal.line <= other.line <= signal.end_line
    if overlap or len(signal.evidence) >= _MOST_EVIDENCE:
        return signal
    return replace(signal, evidence=(*signal.evidence, Evidence(other.path, other.line, "the same again")))

"""The heuristics of one review, in order, readable as a table of contents. No input or output of its own.

The old side is read only where the new side has something to say: a signal is an introduction if the change touches its
place and there are now more signals of its cause, in all changed files, than there were before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial

from msgspec import Struct, field
from msgspec.structs import replace

from guard.catalogue import Catalogue, load
from guard.change import ChangeSet, FileChange, Source, Status
from guard.config import MAX_FILE_SIZE
from guard.facts import Facts
from guard.finding import CONFIDENCE_ORDER, Evidence, Failure, Signal, Skipped
from guard.pipeline.asking import asked_about
from guard.pipeline.pieces import Piece, compact, in_pieces, together
from guard.pipeline.sides import Side, could_matter, head_text, old_files, project_of, read_old, read_side
from guard.pipeline.signals import Seen, signals_of
from guard.pipeline.witnesses import Witnesses, call_witnesses
from guard.project import Project
from guard.regex import regex
from guard.roles import EXAMINED, role_of
from guard.stages import Stage, stage

_MOST_EVIDENCE = 6
_MOST_TOLD = 3


class Observations(Struct, frozen=True):
    """What the heuristics saw: signals that the change introduced, what was left out, and the facts they rest on."""

    signals: tuple[Signal, ...]
    facts: tuple[Facts, ...]
    skipped: tuple[Skipped, ...] = ()
    failures: tuple[Failure, ...] = ()
    present: tuple[Signal, ...] = ()
    """Every signal of the new side, whether or not the change touches it."""
    around: Witnesses = field(default_factory=Witnesses)
    """The unchanged files that were read for evidence, and what was not."""
    project: Project = field(default_factory=Project)


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
    project = project_of(change, source)
    files = {file.path: file for file in change.files if file.status is not Status.DELETED}
    changed = [file for file in files.values() if file.changes_lines or file.binary]
    read_new = partial(read_side, text_of=partial(head_text, source), excluded=excluded, max_file_size=max_file_size)
    pieces: list[Piece] = []
    for new in in_pieces(changed, partial(read_new, look=partial(could_matter, catalogue), progress=progress)):
        piece = _look(new, change, source, files, catalogue, project, read_new)
        pieces.append(piece if new.taken == len(changed) else compact(piece))
    seen = together(pieces)
    past = _past(change, source, catalogue, project, seen.around.facts) if seen.touched else Seen()
    introduced = _introduced(seen.touched, seen.present, past.signals)
    failures = dict.fromkeys((*seen.failures, *past.failures))
    told = _with_safe_edits(tuple(_one_a_cause(introduced)), seen.facts, files, catalogue)
    own = (signal for signal in seen.present if signal.path in files)
    here = dict.fromkeys((*own, *(signal for signal in seen.touched if signal.elsewhere)))
    return Observations(told, seen.facts, seen.skipped, tuple(failures), tuple(here), seen.around, project)


def _look(
    new: Side,
    change: ChangeSet,
    source: Source,
    files: Mapping[str, FileChange],
    catalogue: Catalogue,
    project: Project,
    read: Callable[[Iterable[FileChange]], Side],
) -> Piece:
    """What there is to say of some files of the new side, with the unchanged files that can tell more."""
    present = signals_of(new.facts, catalogue, project)
    asks = asked_about(new.facts, present.signals, files, catalogue, project)
    if new.dull and (asks or any(_on_the_change(signal, files) for signal in present.signals)):
        new = new.with_rest(read(new.dull))  # they may hold what speaks for a signal, or against it
        present = signals_of(new.facts, catalogue, project)
    around = call_witnesses(asks, change, source, lambda facts: role_of(facts, project) in EXAMINED)
    if around.facts:
        present = signals_of(new.facts, catalogue, project, around.facts)
    touched = tuple(placed for signal in present.signals if (placed := _on_the_change(signal, files)) is not None)
    broken = (failure for facts in new.facts if (failure := _not_parsed(facts, files[facts.path], project)) is not None)
    failures = (*new.failures, *present.failures, *broken)
    return Piece(touched, tuple(present.signals), new.facts, new.skipped, failures, around)


@stage(Stage.OLD)
def _past(change: ChangeSet, source: Source, catalogue: Catalogue, project: Project, witnesses: tuple[Facts, ...]) -> Seen:
    """Every signal of the old side."""
    seen = Seen()
    for side in in_pieces(old_files(change), read_old(source)):
        found = signals_of(side.facts, catalogue, project, witnesses)
        seen.signals += found.signals
        seen.failures += found.failures
    return seen


def _with_safe_edits(
    signals: tuple[Signal, ...], facts: Iterable[Facts], files: Mapping[str, FileChange], catalogue: Catalogue
) -> tuple[Signal, ...]:
    if not any(signal.suggestion for signal in signals):
        return signals
    from guard.pipeline.edits import with_safe_edits  # most reviews suggest nothing

    return tuple(with_safe_edits(signals, facts, files, catalogue))


def _not_parsed(facts: Facts, file: FileChange, project: Project) -> Failure | None:
    """Added lines that no parser understood, in a file that is worth a review: nobody has looked at them."""
    if facts.partial or role_of(facts, project) not in EXAMINED:
        return None
    added = file.added if facts.broken else frozenset[int]()
    spans = [span for span in facts.broken if span.touches(added)]
    if not spans:
        return None
    told = ", ".join(
        f"{span.line}-{span.end_line}" if span.end_line > span.line else str(span.line) for span in spans[:_MOST_TOLD]
    )
    return Failure(
        facts.path,
        f"not valid {facts.language} in line {told}{', …' if len(spans) > _MOST_TOLD else ''}; the rest was reviewed",
    )


# -- what the change introduced ---------------------------------------------------------------------------------------


def _on_the_change(signal: Signal, files: Mapping[str, FileChange]) -> Signal | None:
    """The signal at the first of its places that the change touches, cut to the hunk; None if it touches none."""
    own = files.get(signal.path)
    placed = _in_file(signal, ((signal.line, signal.end_line), *signal.alternatives), own) if own is not None else None
    if placed is not None:
        return placed
    for path in dict.fromkeys(place.path for place in signal.elsewhere if place.path in files):
        places = tuple((place.line, place.end_line) for place in signal.elsewhere if place.path == path)
        moved = replace(signal, path=path, line=places[0][0], end_line=places[0][1], column=1, alternatives=(), suggestion=None)
        placed = _in_file(moved, places, files[path])
        if placed is not None:
            return placed
    return None


def _in_file(signal: Signal, places: tuple[tuple[int, int], ...], file: FileChange) -> Signal | None:
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


def _introduced(touched: Iterable[Signal], present: Iterable[Signal], past: Iterable[Signal]) -> list[Signal]:
    """The touched signals whose cause has become more frequent: what was moved or formatted is no introduction."""
    now, before = Counter(map(_cause, present)), list(past)
    then = Counter(map(_cause, before))
    room, gone = now - then, then - now
    introduced: list[Signal] = []
    for signal in touched:
        if room[_cause(signal)] > 0:
            room[_cause(signal)] -= 1
            former = next((old for old in before if gone[_cause(old)] > 0 and _in_another_class(signal, old)), None)
            if former is None:
                introduced.append(signal)
            else:
                gone[_cause(former)] -= 1
    return introduced


_FIELD = regex(r"[\w.<>]+\.[%~]?_*(\w+)$")


def _in_another_class(new: Signal, old: Signal) -> bool:
    """Whether a field of this name was there in the same file, and only the class around it is called otherwise now."""
    own, former = _FIELD.match(new.identity), _FIELD.match(old.identity)
    same_field = own is not None and former is not None and own[1] == former[1]
    return same_field and new.path == old.path and (new.family or new.rule) == (old.family or old.rule)


_HIDDEN = regex(r"(?<![\w_])_+(?=[A-Za-z])")
"""What makes a name private: `_threads` that becomes `threads`, or `_Clients` that becomes `_clients`, is the same still."""


def _cause(signal: Signal) -> tuple[str, str]:
    return (signal.family or signal.rule, _HIDDEN.sub("", signal.identity).lower())


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
    if signal.suggestion or other.suggestion:
        from guard.pipeline.edits import with_edit_of

        signal = with_edit_of(signal, other)
    if overlap or len(signal.evidence) >= _MOST_EVIDENCE:
        return signal
    return replace(signal, evidence=(*signal.evidence, Evidence(other.path, other.line, "the same again")))

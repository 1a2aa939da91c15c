"""Which added lines are read, in which pieces: what could be state, with the smallest functions around it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import TYPE_CHECKING

from msgspec import Struct

from guard.analyses import Leftover, View, left_by
from guard.catalogue import Catalogue
from guard.change import ChangeSet, FileChange, Source, Status
from guard.config import FILE_NAMES
from guard.errors import GuardError
from guard.facts import Facts
from guard.languages import read
from guard.model.inquiry import Sweep
from guard.pipeline.heuristics import Observations
from guard.pipeline.sides import head_text
from guard.pipeline.signals import views
from guard.pipeline.sweep import foreign, glances
from guard.pipeline.sweep.told import lines_told
from guard.project import Project
from guard.project.manifests import MANIFESTS
from guard.roles import CODE, EXAMINED, Role, answers_requests, role_of, role_of_path

if TYPE_CHECKING:
    from guard.model.question import Excerpt
    from guard.model.secrets import Concealed
    from guard.model.sweeping import Passage


class Chosen(Struct, frozen=True):
    """What is read: passages, in order; those that are too many; and the facts of the files that they are taken from."""

    passages: tuple[Passage, ...] = ()
    beyond: tuple[Passage, ...] = ()
    facts: tuple[Facts, ...] = ()


class _Place(Struct, frozen=True):
    """Lines of a file to read."""

    facts: Facts
    spans: tuple[tuple[int, int], ...]


_MOST_TOKENS = 2_500
"""Estimated tokens of one passage."""
_MOST_ADDED = 80
"""Added lines of one file in one piece."""
_MOST_SPANS = 6
"""Places of one thing that an analysis has left."""
_MOST_PASSAGES = 4
"""Passages of one change where only what is weak is read."""
_NEAR = 3
"""Lines around a signal's that are told by it too: a block, a list of options."""


def chosen(
    how: Sweep,
    change: ChangeSet,
    source: Source,
    seen: Observations,
    catalogue: Catalogue,
    *,
    about: str = "",
    without: tuple[str, ...] = (),
) -> Chosen:
    """The passages that a model reads of this change, `without` what lies in these folders; `about` tells apart those of several atoms."""
    files = {file.path: file for file in change.files if file.status is not Status.DELETED and file.changes_lines}
    files = {path: file for path, file in files.items() if not _is_of_a_review(path, without)}
    places = list(_all(files, source, seen) if how is Sweep.ALL else _weak(files, source, seen, catalogue))
    if not places:
        return Chosen()
    from guard.model.secrets import Concealed

    concealed = Concealed((place.facts.path, place.facts.lines) for place in places)
    pieces = (piece for place in places for piece in _pieces(place, files[place.facts.path].added, concealed))
    passages = tuple(_passages(pieces, about))
    most = _MOST_PASSAGES if how is Sweep.AUTO else len(passages)
    return Chosen(passages[:most], passages[most:], tuple(place.facts for place in places))


# -- where the heuristics are weak --------------------------------------------------------------------------------------


def _is_of_a_review(path: str, folders: tuple[str, ...]) -> bool:
    """Whether a file says how changes are reviewed: that is no part of the program."""
    return path.rsplit("/", 1)[-1] == FILE_NAMES[0] or any(path.startswith(f"{folder}/") for folder in folders)


def _weak(files: Mapping[str, FileChange], source: Source, seen: Observations, catalogue: Catalogue) -> Iterator[_Place]:
    """What analyses left, and lines that speak of state."""
    explained = lines_told(seen.present, _NEAR)
    for view in _views(files, source, seen, catalogue):
        facts = view.facts
        if view.role is Role.SERVER and facts.path.rsplit("/", 1)[-1] not in MANIFESTS:
            known, added = explained.get(facts.path, frozenset()), files[facts.path].added
            spans = (
                *_left(_left_by(view), added, known),
                *_told(facts, added, known, unknown=_of_an_unknown_framework(facts, seen.project)),
            )
            if spans:
                yield _Place(facts, spans)
    for facts in _foreign(files, seen, source):
        spans = tuple(_told_there(facts, files[facts.path].added))
        if spans and (facts.language == foreign.CONFIGURATION or foreign.serves(facts, source)):
            yield _Place(facts, spans)


def _views(files: Mapping[str, FileChange], source: Source, seen: Observations, catalogue: Catalogue) -> Iterator[View]:
    """The files that were read, with what is around them; those of a large change, of which no more was kept, once more and alone."""
    whole = tuple(facts for facts in seen.facts if facts.lines and facts.path in files)
    yield from views(whole, catalogue, seen.project, seen.around.facts)
    for facts in seen.facts:
        again = _read(files[facts.path], source) if not facts.lines and facts.path in files else None
        if again is not None:
            yield from views((again,), catalogue, seen.project)


def _left_by(view: View) -> tuple[Leftover, ...]:
    try:
        return tuple(left_by(view))
    except Exception:  # noqa: BLE001 - an analysis that breaks on a file has been told as a failure when it looked for signals
        return ()


def _left(found: Iterable[Leftover], added: frozenset[int], known: frozenset[int]) -> Iterator[tuple[int, int]]:
    """What analyses have seen, where the change touches it and no signal tells it."""
    for leftover in found:
        lines = {number for first, last in leftover.spans for number in range(first, last + 1)}
        if lines & added and not lines & known:
            yield from leftover.spans[:_MOST_SPANS]


def _told(facts: Facts, added: frozenset[int], known: frozenset[int], *, unknown: bool) -> Iterator[tuple[int, int]]:
    """Added lines that speak of state, and that no signal is about."""
    commented = {n for comment in facts.comments for n in range(comment.span.line, comment.span.end_line + 1)}
    for number in sorted(added - known - commented):
        if number <= len(facts.lines) and glances.tells(facts.lines[number - 1], unknown=unknown):
            yield number, number


def _of_an_unknown_framework(facts: Facts, project: Project) -> bool:
    """Whether a program has routes, and nothing that is known to answer requests."""
    if facts.language not in CODE or project.serves or answers_requests(facts):
        return False
    return any(glances.ROUTE.search(line) for line in facts.lines)


def _told_there(facts: Facts, added: frozenset[int]) -> Iterator[tuple[int, int]]:
    """The same of a file without a reader."""
    tells = glances.tells if facts.language == foreign.CONFIGURATION else foreign.tells
    commented = {comment.span.line for comment in facts.comments}
    told = [number for number in sorted(added - commented) if number <= len(facts.lines) and tells(facts.lines[number - 1])]
    for number in dict.fromkeys((*told, *foreign.uses(facts, told))):
        yield number, number


def _foreign(files: Mapping[str, FileChange], seen: Observations, source: Source) -> Iterator[Facts]:
    """Programs and configuration that no reader knows, and whose name does not say that they are something else."""
    for entry in seen.skipped:
        file, language = files.get(entry.path), foreign.language_of(entry.path)
        code = language != foreign.CONFIGURATION
        if file is None or not language or not entry.reason.startswith("no reader") or role_of_path(entry.path, code=code):
            continue
        try:
            facts = foreign.facts_of(entry.path, language, head_text(source, file)[0])
        except GuardError:
            continue
        if facts is not None:
            yield facts


# -- all of it ----------------------------------------------------------------------------------------------------------


def _all(files: Mapping[str, FileChange], source: Source, seen: Observations) -> Iterator[_Place]:
    """Every added line of a program or its configuration."""
    known = {facts.path: facts for facts in seen.facts if facts.lines}
    known |= {facts.path: facts for facts in _foreign(files, seen, source)}
    left_out = {entry.path for entry in seen.skipped} | {failure.path for failure in seen.failures}
    for path, file in files.items():
        facts = known.get(path) or (None if path in left_out else _read(file, source))
        if facts is not None and file.added and (path in left_out or role_of(facts, seen.project) in EXAMINED):
            yield _Place(facts, tuple(_runs(file.added, facts)))


def _read(file: FileChange, source: Source) -> Facts | None:
    """A file that the heuristics did not find worth reading."""
    try:
        return read(file.path, head_text(source, file)[0])
    except GuardError:
        return None


def _runs(added: frozenset[int], facts: Facts) -> Iterator[tuple[int, int]]:
    """Added lines that stand together, without those in which nothing is."""
    told = [number for number in sorted(added) if number <= len(facts.lines) and facts.lines[number - 1].strip()]
    for _, run in groupby(enumerate(told), key=lambda item: item[1] - item[0]):
        numbers = [number for _, number in run]
        yield numbers[0], numbers[-1]


# -- pieces of a size that can be read ----------------------------------------------------------------------------------


def _pieces(place: _Place, added: frozenset[int], concealed: Concealed) -> Iterator[tuple[Excerpt, frozenset[int]]]:
    """The lines of one file, in pieces of a bounded number of added lines."""
    from guard.pipeline.sweep.squeezing import excerpt_of

    for spans in _bounded(place.spans):
        excerpt = excerpt_of(place.facts, spans, concealed)
        yield excerpt, added & {number for number, _ in excerpt.lines}


def _bounded(spans: Iterable[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    group: list[tuple[int, int]] = []
    size = 0
    for first, last in _short(spans):
        if group and size + last - first + 1 > _MOST_ADDED:
            yield group
            group, size = [], 0
        group.append((first, last))
        size += last - first + 1
    if group:
        yield group


def _short(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The spans, none longer than a piece may be."""
    for first, last in spans:
        for start in range(first, last + 1, _MOST_ADDED):
            yield start, min(last, start + _MOST_ADDED - 1)


def _passages(pieces: Iterable[tuple[Excerpt, frozenset[int]]], about: str) -> Iterator[Passage]:
    """Pieces that are read at once. Sizes are estimated, so that every machine groups alike."""
    group: list[tuple[Excerpt, frozenset[int]]] = []
    size = 0
    for excerpt, added in pieces:
        own = sum(len(text) + 8 for _, text in excerpt.lines) // 3
        if group and (size + own > _MOST_TOKENS or any(excerpt.path == other.path for other, _ in group)):
            yield _passage(group, about)
            group, size = [], 0
        group.append((excerpt, added))
        size += own
    if group:
        yield _passage(group, about)


def _passage(group: list[tuple[Excerpt, frozenset[int]]], about: str) -> Passage:
    from guard.model.secrets import numbered
    from guard.model.sweeping import Passage

    text = numbered("\0".join(f"{excerpt.path}\0{text}" for excerpt, _ in group for _, text in excerpt.lines))
    name = hashlib.sha256(f"{about}{text}".encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return Passage(f"s-{name}", tuple(excerpt for excerpt, _ in group), tuple(added for _, added in group))

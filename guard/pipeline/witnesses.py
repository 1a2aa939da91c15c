"""Unchanged files that are read for evidence: few, only where something is to be decided, out of the same source as the change.

A witness is never reviewed: it says where a name of the change is declared, who writes and reads it, what serves a folder. What
is wanted is told by the analyses; files are found by the paths of the tree and by a search for words, which the source does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from msgspec import Struct, field

from guard.analyses import Wanted
from guard.change import ChangeSet, Searchable, Source
from guard.errors import GuardError
from guard.facts import Facts
from guard.languages import read_as, reader_for
from guard.modules import Paths, endings, folder_of, homes, nearest, stem_of
from guard.roles import role_of_path
from guard.stages import Stage, stage

MOST_FILES = 40
MOST_BYTES = 1_000_000
MOST_OF_ONE = 250_000
"""Bytes of a file that is worth reading as a witness."""
MOST_SEARCHES = 8
MOST_SEARCHED = 4_000
"""Files that are searched at a time: of a larger tree, the part around the asking file."""
_MOST_OF_A_SEARCH = 12
_MOST_STEPS = 3
"""Files that hand a name on before the one that defines it."""
_BINARY_PREFIX = 8_000


class Witnesses(Struct, frozen=True):
    """Facts of unchanged files, by path, and what was not looked at, a sentence each."""

    facts: tuple[Facts, ...] = ()
    limits: tuple[str, ...] = ()


class Site(Struct, frozen=True):
    """Where a change comes from: what can still be looked at when a question is asked."""

    change: ChangeSet
    source: Source


Ask = tuple[Facts, Wanted]


@stage(Stage.SURROUNDINGS)
def call_witnesses(asks: Iterable[Ask], change: ChangeSet, source: Source, accepts: Callable[[Facts], bool]) -> Witnesses:
    """The unchanged files that can tell what is asked. Reads nothing where nothing is."""
    asked = list(dict.fromkeys(asks))
    if not asked:
        return Witnesses()
    if not isinstance(source, Searchable):
        return Witnesses(limits=("unchanged files were not looked at: where this change comes from, they can not be searched",))
    changed = {path for file in change.files for path in (file.path, file.old_path) if path is not None}
    try:
        paths = Paths(source.tree())
    except GuardError as error:
        return Witnesses(limits=(f"unchanged files were not looked at: {error}",))
    if paths.known <= changed:
        return Witnesses()  # whole files are looked at, and there are no others
    calling = _Calling(source, paths, changed, accepts)
    for facts, wanted in asked:
        calling.answer(facts, wanted)
    return Witnesses(tuple(calling.facts[path] for path in sorted(calling.facts)), tuple(sorted(calling.limits)))


class _Calling(Struct):
    """The budget, and what was read within it."""

    source: Searchable
    paths: Paths
    changed: set[str]
    accepts: Callable[[Facts], bool]
    facts: dict[str, Facts] = field(default_factory=dict)
    seen: dict[str, Facts | None] = field(default_factory=dict)
    read: int = 0
    searches: dict[tuple[tuple[str, ...], str], tuple[str, ...]] = field(default_factory=dict)
    limits: set[str] = field(default_factory=set)

    def answer(self, facts: Facts, wanted: Wanted) -> None:
        """Read what one question asks for."""
        if wanted.name:
            self._definition(facts, wanted.name)
        elif wanted.words:
            self._users(facts, wanted.words, wanted.below, wanted.endings)
        else:
            pattern = re.compile(wanted.path)
            for path in nearest(filter(pattern.search, self.paths.known), facts.path)[:_MOST_OF_A_SEARCH]:
                self._read(path)

    def _definition(self, facts: Facts, name: str) -> None:
        """The file that defines a name, through those that only hand it on, and who else uses it."""
        for _ in range(_MOST_STEPS):
            places = homes(name, facts.path, facts.language, self.paths)
            home = [found for path, _ in places if (found := self._read(path)) is not None]
            if not places:
                return
            rest = places[0][1].split(".", 1)[0]
            onward = next((item.name for found in home for item in found.imports if rest and item.local == rest), "")
            if not onward or not home:
                break
            facts, name = home[0], onward
        path, rest = places[0]
        words = tuple(dict.fromkeys(word for word in (stem_of(path), rest.split(".", 1)[0]) if word))
        self._users(facts, words)

    def _users(self, facts: Facts, words: tuple[str, ...], below: str = "", ends: tuple[str, ...] = ()) -> None:
        for path in self._search(words, facts, below, ends or endings(facts.language)):
            self._read(path)

    def _search(self, words: tuple[str, ...], facts: Facts, below: str, ends: tuple[str, ...]) -> tuple[str, ...]:
        if not ends:
            return ()
        below = below or self._part_around(facts, ends)
        if (words, below) not in self.searches:
            self.searches[words, below] = tuple(self._found(words, facts, below, ends))
        return self.searches[words, below]

    def _found(self, words: tuple[str, ...], facts: Facts, below: str, ends: tuple[str, ...]) -> Iterator[str]:
        if len(self.searches) >= MOST_SEARCHES:
            self.limits.add(f"more than {MOST_SEARCHES} searches in unchanged files would have been needed")
            return
        try:
            found = self.source.search(words, ends, below)
        except GuardError as error:
            self.limits.add(f"unchanged files were not searched: {error}")
            return
        fitting = [path for path in found - self.changed if role_of_path(path, code=True) is None]
        if len(fitting) > _MOST_OF_A_SEARCH:
            self.limits.add(
                f"{' and '.join(words)}: {len(fitting):,} unchanged files have it, the nearest {_MOST_OF_A_SEARCH} were read"
            )
        yield from nearest(fitting, facts.path)[:_MOST_OF_A_SEARCH]

    def _part_around(self, facts: Facts, ends: tuple[str, ...]) -> str:
        """The largest folder around a file that is small enough to be searched; "" for the whole tree."""
        fitting = [path for path in self.paths.known if path.endswith(ends)]
        folder, above = folder_of(facts.path), []
        while folder:
            above.append(folder)
            folder = folder_of(folder)
        for candidate in ("", *reversed(above)):
            part = [path for path in fitting if not candidate or path.startswith(f"{candidate}/")]
            if len(part) <= MOST_SEARCHED:
                if candidate:
                    self.limits.add(
                        f"only {candidate}/ was searched: the whole has more than {MOST_SEARCHED:,} files of its kind"
                    )
                return candidate
        return folder_of(facts.path)

    def _read(self, path: str) -> Facts | None:
        """The facts of an unchanged file; None if it can not be read, is no witness or the budget is used up."""
        if path in self.changed or path not in self.paths.known:
            return None
        if path not in self.seen:
            if len(self.seen) >= MOST_FILES or self.read >= MOST_BYTES:
                self.limits.add(
                    f"more unchanged files would have been needed than {MOST_FILES} or {MOST_BYTES:,} bytes of them"
                )
                return None
            self.seen[path] = self._facts_of(path)
            found = self.seen[path]
            if found is not None:
                self.facts[path] = found
        return self.seen[path]

    def _facts_of(self, path: str) -> Facts | None:
        try:
            text = self.source.head(path)
            if text is None or b"\0" in text[:_BINARY_PREFIX]:
                return None
            if len(text) > MOST_OF_ONE:
                self.limits.add(f"{path} was not read as evidence: it is larger than {MOST_OF_ONE:,} bytes")
                return None
            self.read += len(text)
            reading = reader_for(path, text)
            found = read_as(reading, path, text) if reading is not None else None
        except Exception:  # noqa: BLE001 - nothing is reported on this file, so nothing in it may end the review
            return None
        return found if found is not None and self.accepts(found) else None

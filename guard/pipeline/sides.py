"""The two sides of a change as facts: which files are read, which are left out and why, and what breaks in reading them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from guard.catalogue import Catalogue
from guard.catalogue.glance import LANGUAGES, matters
from guard.change import ChangeSet, FileChange, FileKind, Source, Status, partial_text
from guard.config import MAX_FILE_SIZE
from guard.errors import GuardError
from guard.facts import Facts
from guard.finding import Failure, Skipped
from guard.languages import read_as, reader_for
from guard.project import Project, manifest_paths, project_from
from guard.regex import regex
from guard.stages import Stage, stage

_BINARY_PREFIX = 8_000
_TEMPLATE = regex(r"\.(?:template|tmpl|tpl|j2|jinja2?|erb|example|sample|dist|in)(?:\.|$)|\[\w+\][^/]*\.cs$")
_HOLES = regex(r"\{%|<%|\{\{-?\s*[\w.$#/]+")
"""What Jinja, ERB, Go and their like leave in a text that is still to be filled in."""


class Side(Struct, frozen=True):
    """What was read of one side, what was left out on purpose, and what failed."""

    facts: tuple[Facts, ...]
    skipped: tuple[Skipped, ...] = ()
    failures: tuple[Failure, ...] = ()
    dull: tuple[FileChange, ...] = ()
    """Files that were not read, since the change could have nothing to say there."""
    taken: int = 0
    """How many of the given files this is about: the first ones."""

    def with_rest(self, rest: Side) -> Side:
        """This side with what was dull read after all."""
        facts = sorted((*self.facts, *rest.facts), key=lambda entry: entry.path)
        return replace(
            self, facts=tuple(facts), skipped=(*self.skipped, *rest.skipped), failures=(*self.failures, *rest.failures)
        )


def head_text(source: Source, file: FileChange) -> tuple[bytes, bool]:
    """The new text of a file, and whether it is known in pieces only."""
    text = source.head(file.path)
    return (partial_text(file), file.status is not Status.ADDED) if text is None else (text, False)


def _base_text(source: Source, file: FileChange) -> tuple[bytes, bool]:
    text = source.base(file.old_path or file.path)
    return (b"", True) if text is None else (text, False)


def read_side(
    files: Iterable[FileChange],
    text_of: Callable[[FileChange], tuple[bytes, bool]],
    excluded: Callable[[str], bool],
    max_file_size: int,
    look: Callable[[FileChange, bytes, str], bool] = lambda _file, _text, _language: True,
    progress: Callable[[str], None] = lambda _path: None,
    most: int = sys.maxsize,
) -> Side:
    """Read these files, one after the other, until they have `most` bytes; `look` says whether one is worth it."""
    facts: list[Facts] = []
    dull: list[FileChange] = []
    skipped: list[Skipped] = []
    failures: list[Failure] = []
    bytes_read = taken = 0

    def counted(file: FileChange) -> tuple[bytes, bool]:
        nonlocal bytes_read
        text, in_pieces = text_of(file)
        bytes_read += len(text)
        return text, in_pieces

    for file in files:
        progress(file.path)
        taken += 1
        match _read_file(file, counted, excluded, max_file_size, look):
            case None:
                dull.append(file)
            case Facts() as found:
                facts.append(found)
            case Skipped() as left_out:
                skipped.append(left_out)
            case Failure() as failure:
                failures.append(failure)
        if bytes_read >= most:
            break
    return Side(tuple(facts), tuple(skipped), tuple(failures), tuple(dull), taken)


@stage(Stage.GLANCE)
def could_matter(catalogue: Catalogue, file: FileChange, text: bytes, language: str) -> bool:
    """What a glance at the text says; only programs are glanced at."""
    if language not in LANGUAGES:
        return True
    return matters(text.decode("utf-8", "replace"), file.added | file.removal_points, language, catalogue)


@stage(Stage.READ)
def _read_file(
    file: FileChange,
    text_of: Callable[[FileChange], tuple[bytes, bool]],
    excluded: Callable[[str], bool],
    max_file_size: int,
    look: Callable[[FileChange, bytes, str], bool],
) -> Facts | Skipped | Failure | None:
    reason = _not_readable(file, excluded)
    if reason:
        return Skipped(file.path, reason)
    if file.kind is FileKind.ABSENT:
        return _not_here(file)
    try:
        text, in_pieces = text_of(file)
        reason = _not_worth_reading(text, max_file_size)
        reading = None if reason else reader_for(file.path, text)
        if reading is None:
            return Skipped(file.path, reason or "no reader for this kind of file")
        if not in_pieces and not look(file, text, reading.language):
            return None
        facts = read_as(reading, file.path, text)
    except GuardError as error:
        return Failure(file.path, str(error))
    except Exception as error:  # noqa: BLE001 - a reader that breaks on one file must not take the others with it
        return crash(file.path, error)
    return replace(facts, partial=True) if in_pieces or _is_template(facts) else facts


def _is_template(facts: Facts) -> bool:
    """Whether a text does not parse because it is still to be filled in: it is not yet what its name says."""
    if not facts.broken:
        return False
    return bool(_TEMPLATE.search(facts.path)) or any(_HOLES.search(facts.text(span)) for span in facts.broken)


def _not_here(file: FileChange) -> Skipped | Failure:
    """What would have been read and is not in this clone leaves the review incomplete."""
    if reader_for(file.path, b"") is None:
        return Skipped(file.path, "no reader for this kind of file")
    return Failure(file.path, "its content is not in this clone; fetch it, or review in a full clone")


def _not_readable(file: FileChange, excluded: Callable[[str], bool]) -> str:
    if file.kind is FileKind.SUBMODULE:
        return "a submodule"
    if file.kind is FileKind.SYMLINK:
        return "a symbolic link"
    if file.binary and file.kind is not FileKind.ABSENT:
        return "a binary file"
    return "excluded by the configuration" if excluded(file.path) else ""


def _not_worth_reading(text: bytes, max_file_size: int) -> str:
    if len(text) > max_file_size:
        return f"larger than {max_file_size:,} bytes ({len(text):,})"
    if b"\0" in text[:_BINARY_PREFIX]:
        return "a binary file"
    return ""


def old_files(change: ChangeSet) -> list[FileChange]:
    """The files that the change started from; copies have no past of their own."""
    return [file for file in change.files if file.old_path is not None and file.status is not Status.COPIED]


def read_old(source: Source) -> Callable[..., Side]:
    """Reads the old side of files; what the configuration leaves out there tells where something comes from all the same."""
    return partial(read_side, text_of=partial(_base_text, source), excluded=lambda _path: False, max_file_size=MAX_FILE_SIZE)


@stage(Stage.READ)
def project_of(change: ChangeSet, source: Source) -> Project:
    """What the manifests around the changed files say of the repository."""
    paths = manifest_paths(file.path for file in change.files)
    texts = ((path, source.head(path)) for path in paths)
    return project_from({path: text.decode("utf-8", "replace") for path, text in texts if text is not None})


def crash(path: str, error: Exception) -> Failure:
    """What a bug of ours looks like in a report: where it happened, in a line."""
    import traceback

    place = traceback.extract_tb(error.__traceback__)[-1]
    return Failure(path, f"internal error: {type(error).__name__}: {error} ({os.path.basename(place.filename)}:{place.lineno})")

"""A pull request's change by the API alone: its diff, or its list of files where the diff is too large to be given.

The diff is refused with 406 above 300 files or 20,000 lines; the list ends at 3,000 files and leaves out large patches
(https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files). What is missing is fetched or said, never passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from guard.change import ChangeSet, FileChange, FileKind, Status, parse
from guard.errors import HostError, PatchError, SourceError
from guard.finding import Failure
from guard.integrations.hosting.github.client import DIFF, Client, RefusedError
from guard.integrations.hosting.github.conversation import Coordinates
from guard.integrations.hosting.github.texts import At, Texts
from guard.integrations.memory import compared
from guard.languages import reader_for

MOST_IN_A_DIFF = 300
MOST_IN_THE_LIST = 3_000
_TOO_LARGE = 406
_PULL = "/repos/{owner}/{repo}/pulls/{number}"
_STATUS = {
    "added": Status.ADDED,
    "removed": Status.DELETED,
    "renamed": Status.RENAMED,
    "copied": Status.COPIED,
    "modified": Status.MODIFIED,
    "changed": Status.MODIFIED,
}


class Sides(Struct, frozen=True):
    """The commits of a change: the merge base it starts from, and the head."""

    merge_base: str
    head: str


class Read(Struct, frozen=True):
    """A change, what of it could not be had, and the files whose lines GitHub does not show."""

    change: ChangeSet
    failures: tuple[Failure, ...] = ()
    unshown: frozenset[str] = frozenset()


def merge_base(client: Client, where: Coordinates, base: str, head: str) -> str:
    """The commit that a pull request's change starts from."""
    path = "/repos/{owner}/{repo}/compare/{basehead}?per_page=1"
    answer = client.get(path, owner=where.owner, repo=where.name, basehead=f"{base}...{head}")
    found = ((answer or {}).get("merge_base_commit") or {}).get("sha")
    if not found:
        raise HostError(f"{where}: base and head have no common ancestor")
    return str(found)


def read_change(client: Client, where: Coordinates, sides: Sides, texts: Texts, expected: int) -> Read:
    """The change. `expected` is the number of files that GitHub says there are."""
    if expected <= MOST_IN_A_DIFF:
        patch = _diff(client, where)
        if patch is not None:
            change = parse(patch, base=sides.merge_base, head=sides.head)
            return Read(change, _too_few(len(change.files), expected))
    return _listed(client, where, sides, texts, expected)


def _diff(client: Client, where: Coordinates) -> bytes | None:
    """The diff as git writes it; None if it is too large to be given."""
    try:
        return client.get_bytes(_PULL, DIFF, owner=where.owner, repo=where.name, number=where.number)
    except RefusedError as error:
        if error.status == _TOO_LARGE:
            return None
        raise


def _too_few(found: int, expected: int) -> tuple[Failure, ...]:
    if found >= expected:
        return ()
    return (Failure("", f"GitHub gives only {found:,} of the {expected:,} changed files; the others were not looked at"),)


def _listed(client: Client, where: Coordinates, sides: Sides, texts: Texts, expected: int) -> Read:
    path = f"{_PULL}/files?per_page=100"
    entries = [
        entry
        for entry in client.pages(path, owner=where.owner, repo=where.name, number=where.number)
        if isinstance(entry, dict) and entry.get("status") in _STATUS
    ]
    texts.fetch(_needed_for(entries, sides))
    files: list[FileChange] = []
    failures: list[Failure] = []
    for entry in entries:
        try:
            files.append(_file(entry, sides, texts))
        except (PatchError, SourceError) as error:
            failures.append(Failure(str(entry["filename"]), f"not reviewed: {error}"))
            files.append(_without_hunks(entry))
    change = ChangeSet(tuple(sorted(files, key=lambda file: file.path)), sides.merge_base, sides.head)
    unshown = frozenset(str(entry["filename"]) for entry in entries if _lacks_its_patch(entry))
    return Read(change, (*failures, *_too_few(len(entries), expected)), unshown)


def _file(entry: Mapping[str, Any], sides: Sides, texts: Texts) -> FileChange:
    bare = _without_hunks(entry)
    if isinstance(entry.get("patch"), str):
        hunks = (
            parse(f"diff --git a/f b/f\n--- a/f\n+++ b/f\n{entry['patch']}\n".encode("utf-8", "surrogatepass")).files[0].hunks
        )
        return replace(bare, hunks=hunks, kind=kind_of_patch(entry["patch"]))
    if not _lacks_its_patch(entry):
        return replace(bare, binary=_unread(bare.path) and not entry.get("changes") and bare.status is not Status.RENAMED)
    if _unread(bare.path):
        return replace(bare, binary=True)
    return _rebuilt(bare, sides, texts)


def kind_of_patch(patch: str) -> FileKind:
    """What a file is, which the list does not say: a submodule's patch names commits, a link's is one path without an end."""
    lines = [line for line in patch.split("\n") if not line.startswith("@@ ")]
    if all(re.fullmatch(r"[-+]Subproject commit [0-9a-f]+(?:-dirty)?", line) for line in lines):
        return FileKind.SUBMODULE
    texts = [line for line in lines if not line.startswith("\\")]
    ends_open = len(lines) == 2 * len(texts) and len(texts) <= 2
    link = ends_open and all(re.fullmatch(r"[-+][\w@+.-]*[./][\w@+./-]*", line) for line in texts)
    return FileKind.SYMLINK if link else FileKind.FILE


def _rebuilt(bare: FileChange, sides: Sides, texts: Texts) -> FileChange:
    """The file with its hunks out of both texts, for a patch that is too large to be given."""
    new = None if bare.status is Status.DELETED else texts.text(At(sides.head, bare.path))
    old = None if bare.old_path is None else texts.text(At(sides.merge_base, bare.old_path))
    if new is None and bare.status is not Status.DELETED:
        raise SourceError("GitHub gives neither its patch nor its text")
    before = {} if old is None else {bare.path: old}
    after = {} if new is None else {bare.path: new}
    files = compared(before, after).change.files
    return replace(bare, hunks=files[0].hunks, binary=files[0].binary) if files else bare


def _needed_for(entries: Iterable[Mapping[str, Any]], sides: Sides) -> list[At]:
    needed: list[At] = []
    for entry in entries:
        bare = _without_hunks(entry)
        if _lacks_its_patch(entry) and not _unread(bare.path):
            needed += [At(sides.head, bare.path)] if bare.status is not Status.DELETED else []
            needed += [At(sides.merge_base, bare.old_path)] if bare.old_path is not None else []
    return needed


def _lacks_its_patch(entry: Mapping[str, Any]) -> bool:
    """Whether lines changed that the list does not show. Files that only moved, empty and binary ones have none to show."""
    return not isinstance(entry.get("patch"), str) and bool(entry.get("changes"))


def _unread(path: str) -> bool:
    return reader_for(path, b"") is None


def _without_hunks(entry: Mapping[str, Any]) -> FileChange:
    path, status = str(entry["filename"]), _STATUS[str(entry["status"])]
    old = None if status is Status.ADDED else str(entry.get("previous_filename") or path)
    return FileChange(path, old, status)

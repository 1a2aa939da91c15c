"""What git's own hooks look at: what is about to be committed, and what is about to be pushed.

Nothing that stood elsewhere already is news: the other side of a merge, commits that a remote has, the old tip of a branch
that is pushed again. So a change may have several old sides, and a line counts if it is new to all of them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from guard.change import ChangeSet, FileChange, Hunk, Line
from guard.integrations.git import Git, Kind, Selected, Selection, empty_tree, open_change

FROM_REF, TO_REF = "PRE_COMMIT_FROM_REF", "PRE_COMMIT_TO_REF"
"""How pre-commit (https://pre-commit.com/#pre-commit-during-push) names a range to its hooks."""
_LOCAL, _REMOTE = "PRE_COMMIT_LOCAL_BRANCH", "PRE_COMMIT_REMOTE_NAME"
_MERGED = "GITHEAD_"


class Push(Struct, frozen=True):
    """A ref that is about to be pushed: what is sent, and what the remote's ref is now ("" where it has none)."""

    local: str
    remote: str = ""


def range_of(environment: Mapping[str, str]) -> str:
    """The range that pre-commit was told to run on, from the merge base as its own list of files; "" if none."""
    ends = environment.get(FROM_REF, ""), environment.get(TO_REF, "")
    return "...".join(ends) if all(ends) and not environment.get(_REMOTE) else ""


def open_staged(directory: str, paths: tuple[str, ...] = (), environment: Mapping[str, str] = os.environ) -> Selected:
    """What would be committed; of a merge, what it adds to both sides."""
    return open_uncommitted(Selection(Kind.STAGED, paths=paths), directory, environment)


def open_uncommitted(selection: Selection, directory: str, environment: Mapping[str, str] = os.environ) -> Selected:
    """What is selected of the index or the work tree; in the middle of a merge, what is new to both of its sides."""
    others = () if selection.revision else _merged(Git(directory), environment)
    return _new_to_all([selection, *(replace(selection, revision=revision) for revision in others)], directory)


def _merged(git: Git, environment: Mapping[str, str]) -> tuple[str, ...]:
    """The other sides of a merge that is about to be committed.

    Before a merge that needs nobody's help is committed, only git's environment tells of it (`git merge`, hook pre-merge-commit).
    """
    file = os.path.join(git.directory, os.fsdecode(git.run("rev-parse", "--git-path", "MERGE_HEAD")).removesuffix("\n"))
    try:
        with open(file, encoding="ascii") as stream:
            return tuple(stream.read().split())
    except FileNotFoundError:
        return tuple(sorted(name.removeprefix(_MERGED) for name in environment if name.startswith(_MERGED)))


def pushes(lines: str, environment: Mapping[str, str] = os.environ) -> tuple[Push, ...]:
    """What is about to be pushed, by the lines that git gives to a pre-push hook, by pre-commit's environment, else HEAD.

    Refs that are deleted send nothing. The lines: https://git-scm.com/docs/githooks#_pre_push.
    """
    given = [fields for line in lines.splitlines() if len(fields := line.rsplit(maxsplit=3)) == 4]
    if given:
        return tuple(Push(local, remote if remote.strip("0") else "") for _, local, _, remote in given if local.strip("0"))
    if environment.get(TO_REF):
        return (Push(environment[TO_REF], environment.get(FROM_REF, "")),)
    return (Push(environment.get(_LOCAL) or "HEAD"),)


def open_pushed(push: Push, directory: str, paths: tuple[str, ...] = (), known: tuple[str, ...] = ()) -> Selected | None:
    """What no remote has of a push, nor the `known` commits; None where there is nothing of that kind."""
    git = Git(directory)
    tip = _commit(git, push.local)
    if not tip:
        return None  # a tag can name something that is no commit
    old = tuple(name for name in (_commit(git, push.remote), *known) if name)
    listed = os.fsdecode(git.run("rev-list", "--boundary", tip, "--not", "--remotes", *old, "--")).split()
    boundary = [name[1:] for name in listed if name.startswith("-")]
    if len(listed) == len(boundary):
        return None
    bases = _independent(git, (*old, *boundary)) or (empty_tree(git),)
    return _new_to_all([Selection(Kind.RANGE, f"{base}..{tip}", paths) for base in bases], directory)


def _commit(git: Git, name: str) -> str:
    """The commit that is meant; "" where this clone has none of that name."""
    if not name:
        return ""
    done = git.attempt("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    return "" if done.returncode else os.fsdecode(done.stdout).strip()


def _independent(git: Git, commits: tuple[str, ...]) -> tuple[str, ...]:
    """The commits that no other of them contains, in the order given."""
    distinct = tuple(dict.fromkeys(commits))
    if len(distinct) < 2:
        return distinct
    kept = frozenset(os.fsdecode(git.run("merge-base", "--independent", *distinct)).split())
    return tuple(name for name in distinct if name in kept)


def _new_to_all(selections: list[Selection], directory: str) -> Selected:
    """The change of the first selection, as far as every other one finds it new as well."""
    first = open_change(selections[0], directory)
    change = first.change
    for selection in selections[1:]:
        with open_change(selection, directory) as other:
            change = new_to_both(change, other.change)
    return replace(first, change=change)


def new_to_both(change: ChangeSet, other: ChangeSet) -> ChangeSet:
    """A change with what is new against another old side too; `other` has the same new side."""
    others = {file.path: file for file in other.files}
    files = (_new_to_both(file, others[file.path]) for file in change.files if file.path in others)
    return replace(change, files=tuple(file for file in files if file.hunks or file.binary))


def _new_to_both(file: FileChange, other: FileChange) -> FileChange:
    hunks = (replace(hunk, lines=tuple(_lines(hunk, other))) for hunk in file.hunks)
    return replace(file, hunks=tuple(hunk for hunk in hunks if any(line.mark != " " for line in hunk.lines)))


def _lines(hunk: Hunk, other: FileChange) -> Iterator[Line]:
    """Lines that the other side has become context; removed ones count only where the other side has lost something too."""
    following = hunk.new_start if hunk.new_length else hunk.new_start + 1
    added = other.added
    lost = other.removal_points | added
    for line in hunk.lines:
        if line.mark == "-":
            if following in lost:
                yield line
        else:
            yield replace(line, mark=" ") if line.mark == "+" and line.new not in added else line
            following = (line.new or following) + 1

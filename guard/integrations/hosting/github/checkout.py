"""A pull request's change out of a checkout, where it holds all that is needed: no texts need be fetched then.

Nothing is ever fetched by git. A workflow's default checkout (the merge commit alone) does not hold enough; one with
`fetch-depth: 0` does, and one with `fetch-depth: 2` where the branch is up to date.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from guard.change import FileKind
from guard.errors import GuardError
from guard.integrations.git import Git, GitSource, Kind, Selected, Selection, open_change


def change_in_checkout(directory: str, base: str, head: str, ask: Callable[[], str]) -> tuple[Selected, Selected] | None:
    """The change, and the same with the tip of the base branch as its old side; None where the folder does not hold them.

    `ask` asks the host for the merge base: a history that was cut off can not be trusted with it.
    """
    git = Git(directory)
    try:
        _, root, _ = git.facts
        if not (_has(git, base) and _has(git, head)):
            return None
        start = _merge_base(git, base, head, ask)
        if not start:
            return None
        selected = open_change(Selection(Kind.RANGE, f"{start}..{head}"), directory)
    except GuardError:
        return None
    if any(file.kind is FileKind.ABSENT for file in selected.change.files):
        selected.__exit__(None, None, None)
        return None
    return selected, replace(selected, source=GitSource(git, base, base, root))


def _merge_base(git: Git, base: str, head: str, ask: Callable[[], str]) -> str:
    if git.shallow:
        start = ask()
        return start if _has(git, start) else ""
    done = git.attempt("merge-base", base, head)
    return "" if done.returncode else done.stdout.decode("ascii", "replace").strip()


def _has(git: Git, commit: str) -> bool:
    """Whether a commit and its tree are here: one may be known by name alone."""
    return not git.attempt("cat-file", "-e", f"{commit}^{{tree}}").returncode

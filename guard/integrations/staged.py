"""Whether anything is staged at all, asked without loading anything else: a commit hook asks it on every commit."""

from __future__ import annotations

import os

_SAME = 0


def nothing_staged(directory: str, paths: list[str]) -> bool:
    """Whether the index is what HEAD is. False where that can not be told so cheaply: the review itself then says why."""
    if not hasattr(os, "posix_spawnp"):
        return False
    flags = ("--cached", "--quiet", "--no-ext-diff", "--no-textconv", "--no-relative", "--ignore-submodules=none")
    command = ["git", "-C", directory, "--no-pager", "--literal-pathspecs", "diff", *flags, "--", *paths]
    nowhere = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in range(3)]
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1"}
    try:
        child = os.posix_spawnp("git", command, environment, file_actions=nowhere)
    except OSError:
        return False
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == _SAME

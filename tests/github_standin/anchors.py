"""Where a comment may be put in a pull request's diff, and where it stands after later pushes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from github_standin.diffs import FileChange, Hunk, moved_lines
from github_standin.ground import Ground, Standing
from github_standin.world import PullRequest, Thread


@dataclass(frozen=True, slots=True)
class Place:
    """A place that GitHub accepts."""

    path: str
    line: int | None
    side: str
    start_line: int | None
    start_side: str | None
    hunk: str


def diff_at(hub: Ground, pull: PullRequest, commit: str) -> tuple[FileChange, ...]:
    """A pull request's diff as of one of its commits: from the merge base."""
    return hub.git.changes(merge_base(hub, pull, commit), commit)


def merge_base(hub: Ground, pull: PullRequest, commit: str) -> str:
    """Where a pull request's commit left its base branch."""
    tip = hub.world.refs[pull.base_ref]
    return hub.git.merge_base(tip, commit) or tip


def belongs(hub: Ground, pull: PullRequest, commit: str) -> bool:
    """Whether a commit is one of a pull request's: reachable from its head, and not from its base."""
    end = merge_base(hub, pull, pull.head)
    pending, seen = [pull.head], {end}
    while pending:
        current = pending.pop()
        if current == commit:
            return True
        if current not in seen:
            seen.add(current)
            pending.extend(parent for parent in hub.git.parents(current) if parent not in seen)
    return False


def placed(hub: Ground, pull: PullRequest, commit: str, wanted: Mapping[str, Any]) -> Place | list[str]:
    """The place that a comment asks for, or what is wrong with it, in GitHub's words."""
    change = next((change for change in diff_at(hub, pull, commit) if change.path == wanted["path"]), None)
    shown = change is not None and change.additions + change.deletions <= hub.world.limits.patch_lines
    if wanted.get("subject_type") == "file":
        return Place(wanted["path"], None, "RIGHT", None, None, "") if change else ["Path could not be resolved"]
    if "line" not in wanted:
        return ["Line could not be resolved"]
    line, side = wanted["line"], wanted.get("side", "RIGHT")
    hunk = change.hunk(line, side) if change and shown else None
    problems = []
    if hunk is None:
        problems += ["Pull request review thread line must be part of the diff"]
    problems += _wrong_start(change, hunk, wanted)
    if hunk is None:
        return [*problems, "Pull request review thread diff hunk can't be blank"]
    if problems:
        return problems
    start = wanted.get("start_line")
    return Place(wanted["path"], line, side, start, wanted.get("start_side", side) if start else None, hunk.text)


def _wrong_start(change: FileChange | None, hunk: Hunk | None, wanted: Mapping[str, Any]) -> list[str]:
    start, side = wanted.get("start_line"), wanted.get("side", "RIGHT")
    if start is None:
        return []
    start_side = wanted.get("start_side", side)
    if start_side == side and start >= wanted["line"]:
        return ["Pull request review thread start line must precede the end line."]
    if change is None or hunk is None or change.hunk(start, start_side) is not hunk:
        return ["Pull request review thread start line must be part of the same hunk as the line."]
    return []


def position(change: FileChange, line: int, side: str) -> int | None:
    """The number of a line in the patch, counted from the first hunk's header."""
    for hunk in change.hunks:
        if line in (hunk.right if side == "RIGHT" else hunk.left):
            break
    else:
        return None
    before = (change.patch or "")[: (change.patch or "").index(hunk.text)].count("\n")
    other, number = ("-" if side == "RIGHT" else "+"), _first_line(hunk, side)
    for offset, text in enumerate(hunk.text.split("\n")[1:], start=1):
        if text.startswith((other, "\\")):
            continue
        if number == line:
            return before + offset
        number += 1
    return None


def _first_line(hunk: Hunk, side: str) -> int:
    """The number that a side's first line has, from the header."""
    words = hunk.text.split(" ")
    return int(words[2 if side == "RIGHT" else 1][1:].split(",")[0])


_OUTDATED = Standing(outdated=True)


def standing(hub: Ground, thread: Thread) -> Standing:
    """Where a thread stands in its pull request's newest head. Lines that are the same still, moved or not, keep it."""
    pull = hub.world.pulls[thread.pull]
    base = merge_base(hub, pull, pull.head)
    key = (thread.node_id, pull.head, base)
    if key not in hub.standings:
        hub.standings[key] = _stands(hub, pull, thread, base)
    return hub.standings[key]


def _stands(hub: Ground, pull: PullRequest, thread: Thread, base: str) -> Standing:
    change = next((change for change in hub.git.changes(base, pull.head) if change.path == thread.path), None)
    if change is None:
        return _OUTDATED
    if thread.line is None:
        return Standing(outdated=False)
    lines = {
        "RIGHT": _moves(hub, thread.commit, pull.head, thread.path, thread.path),
        "LEFT": _moves(hub, thread.base, base, thread.path, change.previous or thread.path),
    }
    line = lines[thread.side].get(thread.line)
    if line is None or change.hunk(line, thread.side) is None:
        return _OUTDATED
    if thread.start_line is None:
        return Standing(outdated=False, line=line)
    start = lines[thread.start_side or thread.side].get(thread.start_line)
    return _OUTDATED if start is None else Standing(outdated=False, line=line, start_line=start)


def _moves(hub: Ground, old: str, new: str, old_path: str, new_path: str) -> Mapping[int, int]:
    before, after = hub.git.tree(old).get(old_path), hub.git.tree(new).get(new_path)
    if before is None or after is None:
        return {}
    return moved_lines(hub.git.blob(before.blob) or b"", hub.git.blob(after.blob) or b"")

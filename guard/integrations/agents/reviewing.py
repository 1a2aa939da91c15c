"""The rim: reads the repository that an event happened in, reviews what the event is about, and decides."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from guard.change import ChangeSet, FileChange, Hunk, Line, Status
from guard.config import Configuration
from guard.errors import SourceError
from guard.finding import Finding, Report, Severity
from guard.integrations.agents.edits import added_lines, before_of
from guard.integrations.agents.events import BACK, COMMAND, EDIT, NOTE, SAY, TURN, Decision, Edit, Event
from guard.integrations.agents.memory import may_stop, recalled, times_before
from guard.integrations.agents.shell import Commit, commits_in
from guard.integrations.agents.wording import told
from guard.integrations.commit_hooks import open_uncommitted
from guard.integrations.configured import configuration_for, failing, inquiry_for_environment, is_reachable
from guard.integrations.git import Blobs, Git, GitSource, Kind, Selected, Selection

if TYPE_CHECKING:
    from guard.model.inquiry import Inquiry

Changes = Callable[[], Iterable[Selected]]
"""Opens what is reviewed, as often as it is asked."""

_DEADLINE = 12.0
"""Seconds that a model may take: a hook ends after twenty, and what was answered by then is to be told, and kept."""
_MOST_BYTES = 2_000_000
_MOST_PLACES = 3
_UNKNOWN = "*?[$`~"
"""What a shell would have replaced in a path."""


def decided(event: Event, tell: Callable[[Decision], object]) -> Decision:
    """What to do about an event. `tell` is given what is known already, before anything that may take long."""
    if event.kind == EDIT:
        return _after_edits(event)
    if event.kind == COMMAND:
        commits = commits_in(event.command)
        return _before_stop(event, _committed(commits, event.cwd), tell) if commits else Decision()
    if event.kind == TURN:
        return _before_stop(event, lambda: (open_uncommitted(Selection(), event.cwd or "."),), tell)
    return Decision()


# -- after an edit ----------------------------------------------------------------------------------------------------


def _after_edits(event: Event) -> Decision:
    """Says what the edits brought in; never more than that."""
    found: dict[str, Finding] = {}
    for edit in event.edits:
        selected = _edited(edit, event.cwd)
        if selected is not None:
            with selected:
                report, _ = _reviewed(selected)
            found.update((finding.fingerprint, finding) for finding in report.findings if finding.severity != Severity.NOTE)
    return Decision(SAY, told(event, SAY, list(found.values()), 1)) if found else Decision()


def _edited(edit: Edit, cwd: str) -> Selected | None:
    """One edit as a change of its file; None for a file that is none of ours: gone, ignored, huge, a link, not in the repository."""
    full = os.path.abspath(os.path.join(cwd or ".", edit.path))
    if os.path.islink(full) or not os.path.isfile(full) or os.path.getsize(full) > _MOST_BYTES:
        return None
    git = Git(cwd or os.path.dirname(full))
    root, path = _in_repository(git, os.path.realpath(full))
    if not path:
        return None
    source = _EditedSource(git, root, path)
    now = _text(source.head(path) or b"")
    before = before_of(edit, now)
    source.before = source.tracked() if before is None else before
    file = _as_change(path.replace(os.sep, "/"), source.before, now)
    return Selected(ChangeSet((file,), None, "worktree"), source, root)


def _in_repository(git: Git, full: str) -> tuple[str, str]:
    """The root of the work tree and the path of a file below it; "" for a file that git ignores or that is not in there.

    One question to git: an agent waits for each.
    """
    try:
        done = git.attempt("ls-files", "-z", "--full-name", "--cached", "--others", "--exclude-standard", "--", full)
    except SourceError:
        return "", ""
    path = os.fsdecode(done.stdout.split(b"\0", 1)[0]).replace("/", os.sep)
    return (os.path.normpath(full.removesuffix(path)), path) if path and full.endswith(os.sep + path) else ("", "")


def _text(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape").replace("\r\n", "\n")


class _EditedSource(GitSource):
    """The work tree, and the text of one file as it was before an edit (None: there was no file)."""

    def __init__(self, git: Git, root: str, path: str) -> None:
        super().__init__(git, "HEAD", None, root)
        self._path = path
        self._objects = Blobs(git)
        self.before: str | None = None

    def tracked(self) -> str | None:
        """The file as the index has it, else as HEAD has it."""
        for name in (f":{self._path}", f"HEAD:{self._path}"):
            content = self._objects.get(name)
            if content is not None:
                return _text(content)
        return None

    def base(self, path: str) -> bytes | None:
        """The old text of the file."""
        if path != self._path or self.before is None:
            return super().base(path)
        return self.before.encode("utf-8", "surrogateescape")

    def tree(self) -> frozenset[str]:
        """Nothing: an agent waits after each edit, and what other files tell is told before the commit or at the end."""
        raise SourceError("an edit is judged by its own file")

    def close(self) -> None:
        """End the processes that were started."""
        self._objects.close()
        super().close()


def _as_change(path: str, before: str | None, now: str) -> FileChange:
    new = not before
    hunks = tuple(_hunk(*span, (before or "").split("\n"), now.split("\n")) for span in added_lines(before or "", now))
    return FileChange(path, None if new else path, Status.ADDED if new else Status.MODIFIED, hunks, binary="\0" in now[:8_000])


def _hunk(old: int, old_end: int, new: int, new_end: int, old_lines: list[str], new_lines: list[str]) -> Hunk:
    """A hunk without context; a side of length 0 starts after its line."""
    removed = (Line("-", text, number, None) for number, text in enumerate(old_lines[old:old_end], old + 1))
    added = (Line("+", text, None, number) for number, text in enumerate(new_lines[new:new_end], new + 1))
    lengths = old_end - old, new_end - new
    return Hunk(old + bool(lengths[0]), lengths[0], new + bool(lengths[1]), lengths[1], (*removed, *added))


# -- before a commit, and when the agent is done ----------------------------------------------------------------------


class _Standing(Struct, frozen=True):
    """What reviews found that counts, what they could not look at, and whether a model could be asked."""

    findings: tuple[Finding, ...]
    failures: tuple[str, ...]
    model: bool


def _before_stop(event: Event, changes: Changes, tell: Callable[[Decision], object]) -> Decision:
    """Stops the agent for what is new to it, once; else says to the user what stands.

    What the heuristics say is told before a model is asked: if it takes too long, that is the answer.
    """
    since = time.time()
    standing = _standing(changes, ask=False)
    decision = _decision(event, standing, since)
    if not standing.model:
        return decision
    tell(decision)
    return _decision(event, _standing(changes, ask=True), since)


def _standing(changes: Changes, *, ask: bool) -> _Standing:
    findings: dict[str, Finding] = {}
    failures: list[str] = []
    model = False
    for selected in changes():
        with selected:
            report, configuration = _reviewed(selected, ask=ask)
        findings.update((finding.fingerprint, finding) for finding in failing(report, configuration))
        failures += [f"{failure.path or 'the model'}: {failure.error}" for failure in report.errors]
        model = model or _may_ask(configuration)
    return _Standing(tuple(findings.values()), tuple(failures), model)


def _decision(event: Event, standing: _Standing, since: float) -> Decision:
    memory = recalled(event.transcript, event.lag if standing.findings else 0.0, since)
    fresh = [finding for finding in standing.findings if finding.fingerprint not in memory.told]
    if fresh and may_stop(event, memory):
        return Decision(BACK, told(event, BACK, fresh, times_before(event, memory) + 1))
    if fresh and event.kind == COMMAND:
        return Decision(SAY, told(event, SAY, fresh, 1))
    if standing.findings:
        places = ", ".join(f"{finding.path}:{finding.line}" for finding in standing.findings[:_MOST_PLACES])
        return Decision(NOTE, f"stateless-guard: passed although {len(standing.findings)} of its findings stand ({places}).")
    if standing.failures:
        return Decision(NOTE, f"stateless-guard: could not look at everything: {'; '.join(standing.failures[:_MOST_PLACES])}")
    return Decision()


def _committed(commits: tuple[Commit, ...], cwd: str) -> Changes:
    """What these commits would hold."""
    return lambda: (
        open_uncommitted(selection, directory) for commit in commits for selection, directory in _selections(commit, cwd)
    )


def _selections(commit: Commit, cwd: str) -> Iterator[tuple[Selection, str]]:
    directory = os.path.join(cwd or ".", os.path.expanduser(commit.directory))
    base = (
        "HEAD^" if commit.amend and not Git(directory).attempt("rev-parse", "--verify", "--quiet", "HEAD^").returncode else ""
    )
    if commit.tracked:
        yield Selection(Kind.WORKTREE if commit.untracked else Kind.TRACKED, base), directory
        return
    if not commit.only:
        yield Selection(Kind.STAGED, base), directory
    if commit.paths:
        spelled_out = not any(mark in path for path in commit.paths for mark in _UNKNOWN)
        yield Selection(Kind.WORKTREE, base, commit.paths if spelled_out else ()), directory


# -- a review -----------------------------------------------------------------------------------------------------------


def _reviewed(selected: Selected, *, ask: bool = False) -> tuple[Report, Configuration]:
    from guard.pipeline import review

    configuration = configuration_for(selected)
    inquiry = _inquiry(configuration) if ask else None
    return review(selected.change, selected.source, configuration, inquiry=inquiry), configuration


def _inquiry(configuration: Configuration) -> Inquiry | None:
    """Whom to ask, for as long as an agent waits for its hook."""
    from guard.model.inquiry import Asking

    return inquiry_for_environment(configuration, Asking(cache=None, deadline=configuration.root.deadline or _DEADLINE))


def _may_ask(configuration: Configuration) -> bool:
    """Whether a model is configured, and the environment says how to reach it."""
    return bool(configuration.root.model) and is_reachable()

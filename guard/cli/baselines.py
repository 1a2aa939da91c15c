"""The work of `baseline`: what is found now against what the files accept, and the files as they should be."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from guard import baseline
from guard.baseline import Entry, Matching
from guard.cli.reviewing import inquiry_of
from guard.cli.settings import configured
from guard.cli.starters import Edit, Project
from guard.config import Configuration, baseline_of, with_baselines
from guard.errors import UsageError
from guard.finding import Report
from guard.integrations.git import Selected

_MOST_NAMED = 20


class Work(Struct, frozen=True):
    """What should be in the files, what of that is new, and what nothing needs."""

    entries: tuple[Entry, ...]
    report: Report
    added: tuple[Entry, ...] = ()
    stale: tuple[Entry, ...] = ()
    removed: tuple[Entry, ...] = ()


class Baselines(Struct, frozen=True):
    """The baselines of a work tree, one beside each file of settings that has findings."""

    what: Selected
    options: Namespace
    project: Project
    configuration: Configuration

    @classmethod
    def beside_the_settings(cls, what: Selected, options: Namespace) -> Baselines:
        """As the files of the work tree have them, whatever is selected."""
        project = Project(what.root or options.directory)

        def text_of(path: str) -> bytes | None:
            text = project.read(path)
            return None if text is None else text.encode()

        configuration = configured(what, options)
        if options.does == "create" and options.force:
            return cls(what, options, project, configuration)
        return cls(what, options, project, with_baselines(configuration, text_of))

    def review(self) -> tuple[Report, Matching]:
        """What is found now that is not accepted, and what the entries are good for."""
        from guard.cli.terminal import Progress
        from guard.pipeline import review_with_baseline

        progress = Progress(quiet=self.options.quiet)
        inquiry = inquiry_of(self.options, self.configuration)
        try:
            return review_with_baseline(
                self.what.change, self.what.source, self.configuration, inquiry=inquiry, progress=progress
            )
        finally:
            progress.done()

    def file_of(self, path: str) -> tuple[str, str]:
        """The baseline that a path's findings stand in, and the folder that it is for. Raises UsageError if there is to be none."""
        settings = self.configuration.for_path(path)
        if not settings.baseline:
            raise UsageError(f'{settings.origin}: baseline = "" says that {path} has none; name a file there first')
        return baseline_of(settings), settings.folder

    def finish(self, work: Work) -> int:
        """Say what is new and what is not needed, write the files, and give the exit status."""
        edits = self._edits(work.entries)
        only_told = self.options.dry_run or getattr(self.options, "check", False)
        _name("accepted", work.added)
        _name("taken out", work.removed)
        _name("not needed any more", work.stale, "; 'stateless-guard baseline prune' takes it out")
        for edit in edits:
            self._carry_out(edit, only_told=only_told)
        if not edits:
            sys.stdout.write("nothing to change\n")
        return self._status(work, changed=bool(edits))

    def _edits(self, entries: Iterable[Entry]) -> tuple[Edit, ...]:
        """The files that change; one that accepts nothing any more goes."""
        contents: dict[str, tuple[str, list[Entry]]] = {entry.origin: ("", []) for entry in self.configuration.accepted}
        for entry in entries:
            name, folder = self.file_of(entry.path)
            contents.setdefault(name, (folder, []))[1].append(entry)
            contents[name] = (folder, contents[name][1])
        texts = {name: baseline.written(its, folder) if its else None for name, (folder, its) in contents.items()}
        edits = (Edit(name, self.project.read(name), text) for name, text in sorted(texts.items()))
        return tuple(edit for edit in edits if edit.before != edit.after)

    def _carry_out(self, edit: Edit, *, only_told: bool) -> None:
        from guard.cli.starters._writing import write

        number = len(baseline.read((edit.after or "").encode(), edit.path)) if edit.after else 0
        if not only_told:
            write(edit, self.project)
        told = "would be " if only_told else ""
        what = f"{told}written, {number} accepted" if edit.after else f"{told}removed, it accepts nothing any more"
        sys.stdout.write(f"{edit.path}: {what}\n")

    def _status(self, work: Work, *, changed: bool) -> int:
        for failure in work.report.errors:
            sys.stderr.write(f"stateless-guard: incomplete: {failure.path or 'the model'}: {failure.error}\n")
        if getattr(self.options, "check", False) and changed:
            return 1
        return 3 if work.report.errors else 0


def created(files: Baselines) -> Work:
    """Everything that is found now. Raises UsageError if a file is there, unless it is to be written anew."""
    there = sorted({entry.origin for entry in files.configuration.accepted})
    if there:
        raise UsageError(f"{there[0]} is there already; 'baseline update' adds to it, --force writes it anew")
    report, _ = files.review()
    added = _added(report, files.options.reason)
    return Work(added, report, added)


def updated(files: Baselines) -> Work:
    """What is there and what is new; where accepted code moved to another file, its entry goes along."""
    report, matching = files.review()
    added = _added(report, files.options.reason)
    return Work((*_moved(files.configuration.accepted, matching), *added), report, added, matching.stale)


def pruned(files: Baselines) -> Work:
    """What is there, without what is found no longer."""
    report, matching = files.review()
    stale = {id(entry) for entry in matching.stale}
    needed = tuple(entry for entry in files.configuration.accepted if id(entry) not in stale)
    return Work(_moved(needed, matching), report, removed=matching.stale)


def _added(report: Report, reason: str) -> tuple[Entry, ...]:
    """Entries for what stands; what is said about suppressions and settings is no finding to accept."""
    from guard.policy import NOTES

    return tuple(replace(baseline.entry_of(finding), reason=reason) for finding in report.findings if finding.rule not in NOTES)


def _moved(entries: Iterable[Entry], matching: Matching) -> tuple[Entry, ...]:
    """The entries at the paths where their code stands now."""
    paths = {id(entry): path for (path, _), entry in matching.accepted.items()}
    return tuple(replace(entry, path=paths.get(id(entry), entry.path)) for entry in entries)


def _name(what: str, entries: tuple[Entry, ...], advice: str = "") -> None:
    shown = sorted(entries, key=lambda entry: (entry.path, entry.rule))[:_MOST_NAMED]
    sys.stdout.writelines(f"{what}: {entry.path}: {entry.rule}: {entry.message}{advice}\n" for entry in shown)
    if len(shown) < len(entries):
        sys.stdout.write(f"{what}: {len(entries) - len(shown):,} more\n")

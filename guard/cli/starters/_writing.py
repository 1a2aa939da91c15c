"""The one writer of every plan: shows the change, then makes it, whole files at a time, or says why it can not."""

from __future__ import annotations

import os
import stat
import sys
import tempfile

from guard.cli.starters import Edit, Plan, Project
from guard.errors import UsageError


def carry_out(plan: Plan, project: Project, *, dry_run: bool) -> int:
    """Show every edit and write it; with `dry_run` only show. A file that changed since it was read is left alone."""
    for edit in plan.edits:
        _say(f"{edit.path}{_fate(edit)}:\n\n{_shown(edit)}\n")
    for edit in () if dry_run else plan.edits:
        write(edit, project)
        _say(f"{'removed' if edit.after is None else 'wrote'} {edit.path}\n")
    for note in () if dry_run and plan.edits else plan.notes:
        _say(f"{note}\n")
    return 0


def _fate(edit: Edit) -> str:
    return " (new)" if edit.before is None else " (to be removed)" if edit.after is None else ""


def _shown(edit: Edit) -> str:
    """A new file whole, a changed one as the lines that differ."""
    if edit.before is None:
        lines = (edit.after or "").rstrip("\n").split("\n")
    elif edit.after is None:
        return f"    {len(edit.before.splitlines())} lines\n"
    else:
        import difflib

        old, new = edit.before.splitlines(), edit.after.splitlines()
        lines = [line.rstrip("\n") for line in difflib.unified_diff(old, new, lineterm="", n=2)][2:]
    return "".join(f"    {line}\n" if line else "\n" for line in lines)


def write(edit: Edit, project: Project) -> None:
    """Make one edit. Raises UsageError for a file that is not as it was read, or can not be written."""
    full = os.path.realpath(project.full(edit.path))  # a link stays a link
    if project.read(edit.path) != edit.before:
        raise UsageError(f"{edit.path}: changed while it was being worked on; nothing written, try again")
    try:
        if edit.after is None:
            os.unlink(full)
        else:
            _replace(full, edit.after, executable=edit.executable)
    except OSError as error:
        raise UsageError(f"{full}: can not be written: {error.strerror}") from None


def _replace(full: str, text: str, *, executable: bool) -> None:
    """The whole new file or the old one, never a part: written beside it and moved over it, with its permissions."""
    folder = os.path.dirname(full)
    os.makedirs(folder, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=folder, prefix=".stateless-guard-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
        os.chmod(beside, _mode(full, executable=executable))
        os.replace(beside, full)
    except BaseException:
        os.unlink(beside)
        raise


def _mode(full: str, *, executable: bool) -> int:
    try:
        mode = stat.S_IMODE(os.stat(full).st_mode)
    except FileNotFoundError:
        umask = os.umask(0)
        os.umask(umask)
        mode = 0o666 & ~umask
    return mode | (mode & 0o444) >> 2 if executable else mode


def _say(text: str) -> None:
    sys.stdout.write(text)

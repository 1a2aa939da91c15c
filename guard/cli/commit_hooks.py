"""`review --hook`: a review as one of git's hooks, which stops a commit or a push for findings and never because of itself.

A review that is incomplete, or that fails by a bug of ours, is told and lets go; wrong usage or configuration stops, since it
would switch the guard off for good. Whatever stops says how to go on.
"""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Iterator
from typing import TYPE_CHECKING

from guard.errors import GuardError, UsageError

if TYPE_CHECKING:
    from guard.integrations.git import Selected

_PUSH = "pre-push"


def run_hook(options: Namespace) -> int:
    """Review what the hook is about; 1 stops, 0 lets go."""
    refused = [name for name in ("output", "add_ignore", "show_settings") if getattr(options, name)]
    if refused:
        raise UsageError(f"--hook does not go with --{refused[0].replace('_', '-')}; use --staged or --range")
    try:
        status = max((_review(what, options) for what in _selected(options)), default=0)
    except GuardError as error:
        if error.exit_status != GuardError.exit_status:
            return _let_go(str(error))
        raise type(error)(f"{error}; {_how_to_go_on(options)}") from None
    except Exception as error:  # noqa: BLE001 - a bug of ours must not keep anybody from committing
        from guard.cli import bug

        return _let_go(bug(error, verbose=bool(options.verbose)))
    if status:
        _note(_how_to_go_on(options), options)
    return status


def _selected(options: Namespace) -> Iterator[Selected]:
    """The changes that the hook is about; only a push of several refs has more than one."""
    pushing = options.hook == _PUSH or bool(os.environ.get("PRE_COMMIT_REMOTE_NAME"))
    if not (pushing or os.environ.get("PRE_COMMIT_FROM_REF") or options.format):
        from guard.integrations.staged import nothing_staged

        if nothing_staged(options.directory, options.paths):
            if os.environ.get(
                "PRE_COMMIT"
            ):  # which runs nothing in a commit without files: somebody has called it, perhaps in CI
                _note("nothing is staged, so nothing was reviewed; a range is named by --from-ref and --to-ref", options)
            return
    from guard.integrations.commit_hooks import open_pushed, open_staged, pushes, range_of

    paths = tuple(options.paths)
    options.range = range_of(os.environ) or None
    if options.range:
        from guard.cli.selecting import selected

        yield selected(options)
    elif not pushing:
        yield open_staged(options.directory, paths)
    else:
        known: tuple[str, ...] = ()
        for push in pushes(_lines_of_git()):
            what = open_pushed(push, options.directory, paths, known)
            if what is not None:
                yield what
                known = (*known, what.change.head or "")


def _lines_of_git() -> str:
    """What git says of a push on standard input; pre-commit says it in the environment, and somebody at a terminal not at all."""
    if os.environ.get("PRE_COMMIT") or sys.stdin is None or sys.stdin.isatty():
        return ""
    return sys.stdin.read()


def _review(what: Selected, options: Namespace) -> int:
    """Review and report, if there is something to say; 1 for findings that count."""
    from guard.cli.output import pairs, write_reports
    from guard.cli.reviewing import reviewed
    from guard.cli.settings import configured
    from guard.integrations.configured import failing

    with what:
        configuration = configured(what, options)
        report = reviewed(what, options, configuration)
        if report.findings or report.errors or options.format or options.verbose:
            write_reports(report, what, options, pairs(options), configuration)
        if failing(report, configuration):
            return 1
        if report.errors:
            _note("the review is incomplete, as told above; what could be looked at does not stop you", options)
        return 0


def _how_to_go_on(options: Namespace) -> str:
    command = "git push" if options.hook == _PUSH else "git commit"
    skip = f", or SKIP=guard{'-push' * (options.hook == _PUSH)} {command}" if os.environ.get("PRE_COMMIT") else ""
    return f"to go on all the same: {command} --no-verify{skip}"


def _let_go(sentence: str) -> int:
    from guard.cli import say

    say(f"{sentence}; nothing is stopped")
    return 0


def _note(sentence: str, options: Namespace) -> None:
    if not options.quiet:
        from guard.cli import say

        say(sentence)

"""Write the files that set a project up: a configuration, a commit hook. Says what it wrote; running it again changes nothing."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace

HELP = "write a configuration file or a pre-commit entry"


def arguments(parser: ArgumentParser) -> None:
    """What to write."""
    what = parser.add_subparsers(prog=parser.prog, dest="what", metavar="WHAT", required=True)
    what.add_parser("config", help="a .stateless-guard.toml with every key and its default")
    what.add_parser("pre-commit", help="an entry in .pre-commit-config.yaml that reviews what is staged")


def run(options: Namespace) -> int:
    """Write it, or say that it is there."""
    root = _root(options.directory)
    return _config(root) if options.what == "config" else _pre_commit(root)


def _root(directory: str) -> str:
    from guard.errors import SourceError, UsageError
    from guard.integrations.git import Git

    try:
        has_tree, root, _ = Git(directory).facts
    except SourceError:
        if os.path.isdir(directory):
            return directory
        raise
    if not has_tree:
        raise UsageError(f"{directory}: a bare repository has no files to write")
    return root


def _config(root: str) -> int:
    from guard.cli.starters import CONFIG
    from guard.config import FILE_NAMES, settings_from

    for name in FILE_NAMES:
        text = _read(os.path.join(root, name))
        if text is not None and settings_from(text.encode(), name) is not None:
            return _say(f"{name} configures stateless-guard already; nothing written")
    return _write(root, FILE_NAMES[0], CONFIG, CONFIG)


def _pre_commit(root: str) -> int:
    from guard.cli.starters import PRE_COMMIT_FILE, with_hook

    text = _read(os.path.join(root, PRE_COMMIT_FILE))
    changed, added = with_hook(text)
    if changed == text:
        return _say(f"{PRE_COMMIT_FILE} runs stateless-guard already; nothing written")
    _write(root, PRE_COMMIT_FILE, changed, added)
    return _say("it runs once 'pre-commit install' was called in this clone")


def _read(path: str) -> str | None:
    from guard.errors import UsageError

    try:
        with open(path, encoding="utf-8", newline="") as stream:
            return stream.read()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: can not be read: {error}") from None


def _write(root: str, name: str, text: str, shown: str) -> int:
    from guard.errors import UsageError

    path = os.path.join(root, name)
    existed = os.path.lexists(path)
    try:
        with open(path, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
    except OSError as error:
        raise UsageError(f"{path}: can not be written: {error.strerror}") from None
    _say(f"{'added to' if existed else 'wrote'} {name}:\n")
    sys.stdout.write("".join(f"    {line}\n" if line else "\n" for line in shown.rstrip("\n").split("\n")) + "\n")
    return 0


def _say(sentence: str) -> int:
    sys.stdout.write(f"{sentence}\n")
    return 0

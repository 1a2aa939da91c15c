"""Which commits a command line is about to make. Pure; reads words as a POSIX shell splits them, runs nothing.

Aliases (`git ci`), scripts and variables are not followed: a commit that is not seen here is still seen at the end of the turn.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

_SEPARATORS = ";&|()\n"
_PREFIXES = frozenset(
    ("env", "command", "sudo", "time", "exec", "nohup", "builtin", "then", "do", "else", "{", "!", "if", "&&")
)
_SHELLS = frozenset(("sh", "bash", "zsh", "dash"))
_GIT_VALUES = frozenset(("-c", "--git-dir", "--work-tree", "--namespace", "--exec-path", "--config-env", "--super-prefix"))
_VALUES = frozenset(
    ("--message", "--file", "--author", "--date", "--reuse-message", "--reedit-message", "--template", "--cleanup", "--fixup",
     "--squash", "--trailer", "--pathspec-from-file")
)  # fmt: skip
_SHORT_VALUES = "mFCct"
_EVERYTHING = frozenset(("-A", "--all", "-u", "--update", ".", ":/", "*"))


class Commit(NamedTuple):
    """One `git commit`: where, and what of the work tree goes into it beside what is staged."""

    directory: str = ""
    """As the command line says it; "" for where the command runs."""
    tracked: bool = False
    """`-a`: every change of a tracked file."""
    untracked: bool = False
    """A `git add` before it in the same line takes new files too."""
    paths: tuple[str, ...] = ()
    """What is named, after `commit` or by an earlier `git add`."""
    only: bool = False
    """Whether what is staged beside these paths stays out."""
    amend: bool = False


def commits_in(line: str, depth: int = 0) -> tuple[Commit, ...]:
    """The commits that a command line makes, in order."""
    if "commit" not in line or depth > 2:
        return ()
    try:
        segments = list(_segments(line))
    except ValueError:
        return _guessed(line)
    found: list[Commit] = []
    directory, added = "", list[str]()
    for words in filter(None, map(_without_prefix, segments)):
        name = words[0].rsplit("/", 1)[-1]
        if name == "cd" and len(words) > 1:
            directory = _joined(directory, words[1])
        elif name in _SHELLS and "-c" in words[1:-1]:
            found += commits_in(words[words.index("-c") + 1], depth + 1)
        elif name == "git":
            where, command, rest = _git(words[1:])
            if command == "add":
                added += _operands(rest)
            elif command == "commit":
                commit = _commit(rest, _joined(directory, where), tuple(added))
                found += [commit] if commit is not None else []
    return tuple(found)


def _segments(line: str) -> Iterator[list[str]]:
    """The simple commands of a line, as words. Raises ValueError where a quote is not closed."""
    from shlex import shlex

    lexer = shlex(line.replace("\\\n", " "), posix=True, punctuation_chars=_SEPARATORS)
    lexer.whitespace, lexer.whitespace_split, lexer.commenters = " \t\r", True, ""
    words: list[str] = []
    comment = False
    for token in lexer:
        if token and not token.strip(_SEPARATORS):
            comment = comment and "\n" not in token
            if not comment:
                yield words
                words = []
        elif token.startswith("#"):
            comment = True
        elif not comment:
            words.append(token)
    yield words


def _without_prefix(words: list[str]) -> list[str]:
    """A simple command without assignments and words that run another command."""
    index = 0
    while index < len(words) and (words[index] in _PREFIXES or _is_assignment(words[index])):
        index += 1
    return words[index:]


def _is_assignment(word: str) -> bool:
    name, sign, _ = word.partition("=")
    return bool(sign) and name.isidentifier()


def _git(words: list[str]) -> tuple[str, str, list[str]]:
    """Directory, command and arguments of a git call."""
    directory, index = "", 0
    while index < len(words) and words[index].startswith("-"):
        if words[index] == "-C" and index + 1 < len(words):
            directory = _joined(directory, words[index + 1])
            index += 1
        elif words[index] in _GIT_VALUES:
            index += 1
        index += 1
    return directory, words[index] if index < len(words) else "", words[index + 1 :]


def _joined(directory: str, further: str) -> str:
    if not further or "$" in further or "`" in further:
        return directory
    return further if not directory or further.startswith(("/", "~")) else f"{directory}/{further}"


def _operands(words: list[str]) -> list[str]:
    """What a `git add` names: paths, and what stands for everything."""
    return [word for word in words if not word.startswith("-") or word in _EVERYTHING]


def _commit(words: list[str], directory: str, added: tuple[str, ...]) -> Commit | None:
    """What a commit with these arguments takes; None where it makes none."""
    options, paths = _options(words)
    if options & {"--dry-run", "--help", "-h"}:
        return None
    everything = bool(_EVERYTHING.intersection(added))
    return Commit(
        directory,
        tracked=bool(options & {"-a", "--all"}) or everything,
        untracked=everything and not _EVERYTHING.intersection(added) <= {"-u", "--update"},
        paths=(*paths, *(path for path in added if path not in _EVERYTHING)),
        only=bool(paths) and not options & {"-i", "--include"},
        amend="--amend" in options,
    )


def _options(words: list[str]) -> tuple[set[str], tuple[str, ...]]:
    """The options without their values, and the paths."""
    options: set[str] = set()
    paths: list[str] = []
    rest = iter(words)
    for word in rest:
        if word == "--":
            paths += rest
        elif word.startswith("--"):
            options.add(word.split("=", 1)[0])
            if word in _VALUES:
                next(rest, None)
        elif word.startswith("-") and len(word) > 1:
            taken = next((index for index, letter in enumerate(word[1:], 1) if letter in f"{_SHORT_VALUES}Su"), len(word))
            options.update(f"-{letter}" for letter in word[1:taken])
            if taken == len(word) - 1 and word[taken] in _SHORT_VALUES:
                next(rest, None)
        elif not (redirected := word.lstrip("0123456789")).startswith(("<", ">")):
            paths.append(word)
        elif not redirected.strip("<>"):
            next(rest, None)
    return options, tuple(paths)


def _guessed(line: str) -> tuple[Commit, ...]:
    """A line with quotes that this does not understand: whether a command in it begins with `git … commit`."""
    import re

    found = re.search(r"(?:^|[\n;&|(])\s*git\b(?:\s+-\S+(?:\s+[^\s-]\S*)?)*\s+commit\b([^\n;&|]*)", line)
    return () if found is None else (Commit(tracked=bool(re.search(r"\s(?:-[a-z]*a[a-z]*|--all)\b", found[1]))),)

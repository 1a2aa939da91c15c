"""Changes out of git: every selection of `guard review`, with the texts of both sides.

Results do not depend on the user's configuration: whatever could change the output of `git diff` is said explicitly.
Texts come from one `git cat-file --batch` (https://git-scm.com/docs/git-cat-file#_batch_output), never one process a file.
A partial clone is never completed over the network.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable
from enum import StrEnum
from functools import cached_property
from threading import Lock
from types import TracebackType
from typing import Self

from msgspec import Struct
from msgspec.structs import replace

from guard.change import ChangeSet, FileChange, FileKind, Hunk, Line, Source, Status, parse
from guard.errors import SourceError, UsageError
from guard.integrations.absent import RAW, without_absent
from guard.stages import Stage, stage

_DIFF = (
    "--no-ext-diff", "--no-textconv", "--no-color", "--src-prefix=a/", "--dst-prefix=b/", "--find-renames", "--submodule=short",
    "--full-index", "-O/dev/null", "--unified=3", "--inter-hunk-context=0", "--diff-algorithm=myers", "--no-relative", "--ignore-submodules=none",
)  # fmt: skip
_GREP = (
    "--no-color", "-l", "-z", "-I", "-E", "-w", "--all-match", "--full-name", "--no-textconv", "--no-recurse-submodules",
)  # fmt: skip
_CONFIG = ("-c", "core.quotePath=true", "-c", "diff.suppressBlankEmpty=false", "-c", "core.fsmonitor=false")
_EMPTY_TREE = {
    "sha1": "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    "sha256": "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
}
_MOST_UNTRACKED_BYTES = 20_000_000


class Kind(StrEnum):
    """What is reviewed."""

    WORKTREE = "worktree"
    TRACKED = "tracked"
    """The work tree without new files: what `git commit -a` takes."""
    STAGED = "staged"
    RANGE = "range"
    BASE = "base"
    COMMIT = "commit"


class Selection(Struct, frozen=True):
    """A selection of `guard review` that git answers: `revision` is the range, the base or the commit; `paths` are limits.

    For what is staged and for the work tree, a `revision` is what they are compared with instead of HEAD.
    """

    kind: Kind = Kind.WORKTREE
    revision: str = ""
    paths: tuple[str, ...] = ()


class Git:
    """Commands in one repository. Raises SourceError with git's own words."""

    def __init__(self, directory: str) -> None:
        self.directory = directory

    def run(self, *arguments: str) -> bytes:
        """The standard output of a git command."""
        done = self.attempt(*arguments)
        if done.returncode:
            raise SourceError(_first_line(done.stderr) or f"git {arguments[0]} failed with status {done.returncode}")
        return done.stdout

    @stage(Stage.GIT)
    def attempt(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        """The same, whatever its status."""
        try:
            return subprocess.run(
                self.command(*arguments), check=False, capture_output=True, env=_environment(), stdin=subprocess.DEVNULL
            )
        except FileNotFoundError:
            raise SourceError("git is not installed, or not on PATH") from None

    def command(self, *arguments: str) -> list[str]:
        """The command line of a git command in this repository."""
        return ["git", "-C", self.directory, "--no-pager", "--literal-pathspecs", *_CONFIG, *arguments]

    @cached_property
    def facts(self) -> tuple[bool, str, str]:
        """Whether there is a work tree, its root (else the directory), and the folder of the directory below it ("sub/")."""
        done = self.attempt("rev-parse", "--is-inside-work-tree", "--show-prefix", "--show-cdup")
        if done.returncode:
            if not os.path.isdir(self.directory):
                raise SourceError(f"{self.directory}: no such directory")
            raise SourceError(f"{self.directory}: {_why_no_repository(done.stderr)}")
        inside, prefix, up = [*os.fsdecode(done.stdout).split("\n"), "", "", ""][:3]
        return inside == "true", os.path.normpath(os.path.join(self.directory, up)), prefix

    def commit(self, revision: str) -> str:
        """The full name of a commit."""
        done = self.attempt("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        name = os.fsdecode(done.stdout).strip().split("\n")[-1]
        if done.returncode or not name:
            hint = "; this clone is shallow, try 'git fetch --unshallow'" if self.shallow else ""
            hint = hint or ("; there is no commit here yet" if revision == "HEAD" else "")
            raise UsageError(f"unknown revision {revision!r}{hint}")
        return name

    @cached_property
    def shallow(self) -> bool:
        """Whether its history was cut off."""
        return self.attempt("rev-parse", "--is-shallow-repository").stdout.strip() == b"true"


def _environment() -> dict[str, str]:
    """The user's environment (GIT_INDEX_FILE counts) without what would change output or reach the network."""
    kept = {key: value for key, value in os.environ.items() if key not in {"GIT_EXTERNAL_DIFF", "GIT_DIFF_OPTS", "GIT_PAGER"}}
    return {**kept, "LC_ALL": "C", "GIT_NO_LAZY_FETCH": "1", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}


def _first_line(stderr: bytes) -> str:
    """What went wrong in git's words; its warnings stand before it and are not it."""
    lines = [line for line in stderr.decode("utf-8", "replace").splitlines() if line.strip()]
    told = [line for line in lines if not line.startswith(("warning: ", "hint: "))] or lines or [""]
    return told[0].removeprefix("fatal: ").removeprefix("error: ")


def _why_no_repository(stderr: bytes) -> str:
    """What to do where git finds no repository, or one that it does not trust (as in many a container)."""
    told = _first_line(stderr)
    if "dubious ownership" in told:
        return f"git does not trust it: {told}; if you do: git config --global --add safe.directory DIRECTORY"
    if told and "not a git repository" not in told:
        return f"git can not use it: {told}"
    return "not a git repository; review a patch with --patch FILE, or whole files with 'scan'"


class Blobs:
    """Contents of git objects, from one long-lived process that starts with the first question."""

    def __init__(self, git: Git) -> None:
        self._git = git
        self._process: subprocess.Popen[bytes] | None = None
        self._turn = Lock()  # a question and its answer belong together, whoever else asks

    @stage(Stage.GIT)
    def get(self, name: str) -> bytes | None:
        """The content of a blob by any name git knows (`REV:path`, `:path`); None if there is no such blob."""
        if "\n" in name:
            return self._alone(name)
        with self._turn:
            return self._batched(name)

    def _batched(self, name: str) -> bytes | None:
        process = self._started()
        assert process.stdin is not None  # noqa: S101 - both are pipes, as started below
        assert process.stdout is not None  # noqa: S101
        try:
            process.stdin.write(os.fsencode(name) + b"\n")
            process.stdin.flush()
            header = process.stdout.readline()
        except OSError as error:
            raise SourceError(f"git cat-file stopped: {error}") from None
        fields = header.split()
        if not header.endswith(b"\n") or len(fields) < 2:
            raise SourceError("git cat-file stopped in the middle of an answer")
        if fields[-1] == b"missing" or len(fields) != 3 or not fields[2].isdigit():
            return None
        content = process.stdout.read(int(fields[2]))
        process.stdout.read(1)
        return content if fields[1] == b"blob" else None

    def _alone(self, name: str) -> bytes | None:
        """A path with a line break in it does not fit the batch's lines."""
        done = self._git.attempt("cat-file", "blob", name)
        return done.stdout if done.returncode == 0 else None

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            command = self._git.command("cat-file", "--batch")
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=_environment()
            )
        return self._process

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.communicate()
            self._process = None


class GitSource:
    """Both sides of a change. A side is a commit ("SHA"), the index (""), or the work tree (None, with its root)."""

    def __init__(self, git: Git, base: str, head: str | None, root: str) -> None:
        self._git = git
        self._blobs = Blobs(git)
        self._base = base
        self._head = head
        self._root = root

    def head(self, path: str) -> bytes | None:
        """The new text of a file."""
        return self._file(path) if self._head is None else self._blobs.get(f"{self._head}:{path}")

    def base(self, path: str) -> bytes | None:
        """The old text of a file."""
        return self._blobs.get(f"{self._base}:{path}")

    def head_paths(self) -> frozenset[str]:
        """All tracked paths of the new side."""
        if self._head:
            return _names(self._git.run("ls-tree", "-r", "--name-only", "-z", "--full-tree", self._head))
        return _names(Git(self._root).run("ls-files", "-z"))

    def listing(self) -> frozenset[str]:
        """The same, with the files of a work tree that git neither tracks nor ignores."""
        if self._head is not None:
            return self.head_paths()
        return _names(Git(self._root).run("ls-files", "--cached", "--others", "--exclude-standard", "-z"))

    def tree(self) -> frozenset[str]:
        """All tracked paths of the new side."""
        return self.head_paths()

    def search(self, words: tuple[str, ...], endings: tuple[str, ...], below: str = "") -> frozenset[str]:
        """The tracked files below a folder that hold all of these words, by one `git grep` in the side itself."""
        where = {None: (), "": ("--cached",)}.get(self._head, ())
        sides = (self._head,) if self._head else ()
        asked = [part for word in words for part in ("-e", _as_expression(word))]
        limits = [f":(top,glob){_as_glob(below)}**/*{_as_glob(ending, whole=True)}" for ending in endings]
        done = Git(self._root).attempt(
            "--no-literal-pathspecs", "grep", *_GREP, *where, *asked, *sides, "--", *limits
        )  # fmt: skip
        if done.returncode > 1:
            raise SourceError(_first_line(done.stderr) or f"git grep failed with status {done.returncode}")
        prefix = f"{self._head}:" if self._head else ""
        return frozenset(path.removeprefix(prefix) for path in _names(done.stdout))

    @stage(Stage.GIT)
    def _file(self, path: str) -> bytes | None:
        full = os.path.join(self._root, path)
        if os.path.islink(full) or not os.path.isfile(full):
            return None
        try:
            with open(full, "rb") as stream:
                return stream.read()
        except OSError as error:
            raise SourceError(f"can not be read: {error.strerror}") from None

    def close(self) -> None:
        """End the processes that were started."""
        self._blobs.close()


def _as_expression(word: str) -> str:
    """A word, or several of which one is enough, as an extended regular expression."""
    return "|".join(re.sub(r"([^\w-])", r"\\\1", one) for one in word.split("|"))


def _as_glob(text: str, *, whole: bool = False) -> str:
    """A folder or an ending as a pathspec's pattern has it, without a meaning of its own."""
    quoted = re.sub(r"([*?\[\]\\])", r"\\\1", text)
    return quoted if whole or not text else f"{quoted}/"


def _names(listing: bytes) -> frozenset[str]:
    return frozenset(os.fsdecode(name) for name in listing.split(b"\0") if name)


class Selected(Struct, frozen=True):
    """A change with its texts; a context manager that ends what it started."""

    change: ChangeSet
    source: Source
    root: str

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        close = getattr(self.source, "close", None)
        if close is not None:
            close()


def open_change(selection: Selection = Selection(), directory: str = ".") -> Selected:  # noqa: B008 - frozen
    """The change that a selection names, in the repository around (or at) a directory: the work tree's, if none is given."""
    git = Git(directory)
    has_tree, root, prefix = git.facts
    base, head, arguments = sides(git, selection, has_tree=has_tree)
    limits = limits_below_root(selection.paths, git, root, prefix, has_tree=has_tree)
    text, absent = _difference(git, arguments, limits)
    _refuse_unmerged(text)
    change = parse(text, base=base or None, head=head or ("index" if head == "" else "worktree"))
    change = replace(change, files=(*change.files, *absent)) if absent else change
    if selection.kind is Kind.WORKTREE:
        change = _with_untracked(change, git, root, limits)
    return Selected(change, GitSource(git, base, head, root), root)


def _refuse_unmerged(text: bytes) -> None:
    """In the middle of a conflict the index has several texts of a file, and git's diff a line instead of each."""
    found = re.search(rb"^\* Unmerged path (.*)$", text, re.MULTILINE)
    if found is not None:
        name = os.fsdecode(found[1])
        raise SourceError(
            f"{name}: not merged yet, so that it is not known what would be committed; resolve it, and 'git add' it"
        )


def _difference(git: Git, arguments: tuple[str, ...], limits: list[str]) -> tuple[bytes, tuple[FileChange, ...]]:
    """The diff, and the files that are not in it because this clone lacks their content."""
    done = git.attempt(*arguments, "--", *limits)
    if not done.returncode:
        return done.stdout, ()
    blobs = Blobs(git)
    try:
        listed = git.attempt(*arguments, *RAW, "--", *limits)
        present, absent = without_absent(listed.stdout, lambda name: blobs.get(name) is not None, os.fsdecode)
    finally:
        blobs.close()
    if not absent:
        raise SourceError(_first_line(done.stderr) or f"git diff failed with status {done.returncode}")
    return git.run(*arguments, "--", *present) if present else b"", absent


def sides(git: Git, selection: Selection, *, has_tree: bool) -> tuple[str, str | None, tuple[str, ...]]:
    """The revision of the old side, that of the new one ("" the index, None the work tree), and the diff command between them."""
    match selection.kind:
        case Kind.WORKTREE | Kind.TRACKED | Kind.STAGED:
            if not has_tree:
                raise UsageError(f"{git.directory}: a bare repository has no work tree; use --commit, --range or --base")
            base = git.commit(selection.revision) if selection.revision else _head_or_empty(git)
            if selection.kind is Kind.STAGED:
                return base, "", ("diff", "--cached", *_DIFF, base)
            return base, None, ("diff", *_DIFF, base)
        case Kind.COMMIT:
            head = git.commit(selection.revision)
            base = _parent_or_empty(git, head)
        case Kind.BASE:
            head = git.commit("HEAD")
            base = _merge_base(git, git.commit(selection.revision), head, selection.revision)
        case Kind.RANGE:
            base, head = _range(git, selection.revision)
    return base, head, ("diff", *_DIFF, base, head)


def _head_or_empty(git: Git) -> str:
    done = git.attempt("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    return os.fsdecode(done.stdout).strip() or empty_tree(git)


def diff_of_commit(git: Git, revision: str) -> str:
    """The whole diff of a commit against its first parent, as its review reads it."""
    head = git.commit(revision)
    return git.run("diff", *_DIFF, _parent_or_empty(git, head), head).decode("utf-8", "replace")


def _parent_or_empty(git: Git, commit: str) -> str:
    parents = os.fsdecode(git.run("rev-list", "--no-walk", "--parents", commit, "--")).split()[1:]
    return parents[0] if parents else empty_tree(git)


def empty_tree(git: Git) -> str:
    """The name of the tree without files, which a range may start from."""
    return _EMPTY_TREE[os.fsdecode(git.run("rev-parse", "--show-object-format")).strip()]


def _range(git: Git, text: str) -> tuple[str, str]:
    separator = "..." if "..." in text else ".."
    left, found, right = text.partition(separator)
    if not found:
        raise UsageError(f"--range {text!r} is no range; write A..B, or use --commit {text}")
    base = left if left in _EMPTY_TREE.values() else git.commit(left or "HEAD")
    head = git.commit(right or "HEAD")
    return (_merge_base(git, base, head, text), head) if separator == "..." else (base, head)


def _merge_base(git: Git, base: str, head: str, asked: str) -> str:
    done = git.attempt("merge-base", base, head)
    if done.returncode:
        raise UsageError(f"{asked!r} and HEAD have no common ancestor here; in a shallow clone, fetch more history")
    return os.fsdecode(done.stdout).split("\n", 1)[0].strip()


def limits_below_root(paths: tuple[str, ...], git: Git, root: str, prefix: str, *, has_tree: bool) -> list[str]:
    """Path limits as git takes them: from the root of the tree, since `git -C sub` would read them from there anyway."""
    limits: list[str] = []
    for path in paths:
        full = (
            os.path.normpath(os.path.join(prefix, path))
            if not os.path.isabs(path)
            else os.path.relpath(os.path.realpath(path), os.path.realpath(root))
        )
        if full.startswith(".."):
            raise UsageError(f"{path!r} is outside the repository {root}")
        limits.append(os.path.relpath(full, prefix) if prefix else full)
    del git, has_tree
    return limits


def _with_untracked(change: ChangeSet, git: Git, root: str, limits: list[str]) -> ChangeSet:
    """New files that git does not track and does not ignore count as added."""
    listing = git.run(
        "ls-files",
        "--others",
        "--exclude-standard",
        "--full-name",
        "-z",
        "--",
        *(limits or [os.path.relpath(root, git.directory)]),
    )
    known = {file.path for file in change.files}
    names = [os.fsdecode(name) for name in listing.split(b"\0") if name and not name.endswith(b"/")]
    new = whole_files(root, (name for name in names if name not in known))
    return ChangeSet(tuple(sorted((*change.files, *new), key=lambda file: file.path)), change.base, change.head)


def whole_files(root: str, paths: Iterable[str]) -> list[FileChange]:
    """Those of these files that are there, each as `whole_file` has it: what git lists may be deleted, or be gone a moment later."""
    return [whole_file(root, path) for path in paths if os.path.lexists(os.path.join(root, path))]


def whole_file(root: str, path: str) -> FileChange:
    """A file of the work tree with every line taken as added; one that can not be read is left to the review to say so."""
    full = os.path.join(root, path)
    kind = FileKind.SYMLINK if os.path.islink(full) else FileKind.SUBMODULE if os.path.isdir(full) else FileKind.FILE
    if kind is not FileKind.FILE:
        return FileChange(path, None, Status.ADDED, (_whole_hunk(1, ("",)),), kind=kind)
    size = os.path.getsize(full) if os.path.isfile(full) else 0
    if size > _MOST_UNTRACKED_BYTES:
        return FileChange(path, None, Status.ADDED, (_whole_hunk(1, ("",)),))
    try:
        with open(full, "rb") as stream:
            text = stream.read()
    except OSError:
        return FileChange(path, None, Status.ADDED, (_whole_hunk(1, ("",)),))
    lines = text.decode("utf-8", "surrogateescape").split("\n")
    lines = lines[:-1] if lines[-1] == "" else lines
    return FileChange(
        path, None, Status.ADDED, (_whole_hunk(len(lines), tuple(lines)),) if lines else (), binary=b"\0" in text[:8_000]
    )


def _whole_hunk(length: int, lines: tuple[str, ...]) -> Hunk:
    return Hunk(0, 0, 1, length, tuple(Line("+", text, None, number) for number, text in enumerate(lines, 1)))

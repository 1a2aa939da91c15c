"""Git as the stand-in reads it: in memory for short stories, or a real repository that a checkout shares."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from github_standin.diffs import FileChange, patch_between

Files = Mapping[str, str | bytes | None]
"""Texts by path; None removes a file."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in a tree."""

    mode: str
    blob: str
    size: int


class Repository(Protocol):
    """What the stand-in asks of git."""

    def commit(self, files: Files, parents: Sequence[str], message: str) -> str:
        """A new commit: the first parent's files with these changes."""
        ...

    def has(self, commit: str) -> bool:
        """Whether there is such a commit."""
        ...

    def parents(self, commit: str) -> tuple[str, ...]:
        """A commit's parents."""
        ...

    def tree(self, commit: str) -> Mapping[str, Entry]:
        """A commit's files by path."""
        ...

    def blob(self, sha: str) -> bytes | None:
        """A blob's bytes."""
        ...

    def merge_base(self, one: str, other: str) -> str | None:
        """The newest commit that both have."""
        ...

    def changes(self, old: str, new: str) -> tuple[FileChange, ...]:
        """What differs between two commits, sorted by path."""
        ...


def _bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text


def _object(kind: str, content: bytes) -> str:
    return hashlib.sha1(b"%s %d\0%s" % (kind.encode(), len(content), content), usedforsecurity=False).hexdigest()


class MemoryRepository:
    """A repository of plain values: a push costs microseconds. Its commit names are not those git would give."""

    def __init__(self) -> None:
        self._blobs: dict[str, bytes] = {}
        self._trees: dict[str, dict[str, Entry]] = {}
        self._parents: dict[str, tuple[str, ...]] = {}
        self._changes: dict[tuple[str, str], tuple[FileChange, ...]] = {}

    def commit(self, files: Files, parents: Sequence[str], message: str) -> str:
        """A new commit; the same again is the same commit."""
        tree = dict(self._trees[parents[0]]) if parents else {}
        for path, text in files.items():
            if text is None:
                tree.pop(path, None)
            else:
                content = _bytes(text)
                sha = _object("blob", content)
                self._blobs[sha] = content
                tree[path] = Entry("100644", sha, len(content))
        told = "\n".join([message, *parents, *(f"{path} {entry.blob}" for path, entry in sorted(tree.items()))])
        sha = _object("commit", told.encode())
        self._trees[sha] = tree
        self._parents[sha] = tuple(parents)
        return sha

    def has(self, commit: str) -> bool:
        """Whether there is such a commit."""
        return commit in self._trees

    def parents(self, commit: str) -> tuple[str, ...]:
        """A commit's parents."""
        return self._parents[commit]

    def tree(self, commit: str) -> Mapping[str, Entry]:
        """A commit's files by path."""
        return self._trees[commit]

    def blob(self, sha: str) -> bytes | None:
        """A blob's bytes."""
        return self._blobs.get(sha)

    def merge_base(self, one: str, other: str) -> str | None:
        """The newest commit that both have."""
        mine = set(self._history(one))
        return next((commit for commit in self._history(other) if commit in mine), None)

    def _history(self, commit: str) -> Iterator[str]:
        """The commit and all before it, nearest first."""
        seen: dict[str, None] = {}
        pending = [commit]
        while pending:
            current = pending.pop(0)
            if current not in seen:
                seen[current] = None
                yield current
                pending.extend(self._parents[current])

    def changes(self, old: str, new: str) -> tuple[FileChange, ...]:
        """What differs between two commits. A file with the same content under another name was renamed."""
        if (old, new) not in self._changes:
            self._changes[old, new] = tuple(self._compared(self._trees[old], self._trees[new]))
        return self._changes[old, new]

    def _compared(self, old: Mapping[str, Entry], new: Mapping[str, Entry]) -> Iterator[FileChange]:
        gone = {old[path].blob: path for path in sorted(old.keys() - new.keys(), reverse=True)}
        renamed = {path: gone.pop(new[path].blob) for path in sorted(new.keys() - old.keys()) if new[path].blob in gone}
        for path in sorted((old.keys() | new.keys()) - set(renamed.values())):
            if path in renamed:
                yield _renamed(renamed[path], path, new[path])
            elif old.get(path) != new.get(path):
                yield self._changed(path, old.get(path), new.get(path))

    def _changed(self, path: str, old: Entry | None, new: Entry | None) -> FileChange:
        status = "modified" if old and new else "added" if new else "removed"
        before, after = (self._blobs[entry.blob] if entry else b"" for entry in (old, new))
        patch = patch_between(before, after)
        names = f"a/{path}" if old else "/dev/null", f"b/{path}" if new else "/dev/null"
        sides = (old.blob if old else "0" * 40)[:7], (new.blob if new else "0" * 40)[:7]
        mode = "" if status == "modified" else f"{'new' if new else 'deleted'} file mode 100644\n"
        index = f"index {sides[0]}..{sides[1]}{' 100644' if status == 'modified' else ''}\n"
        header = f"diff --git a/{path} b/{path}\n{mode}{index}"
        if patch:
            header += f"--- {names[0]}\n+++ {names[1]}\n"
        entry = new or old
        assert entry is not None
        return FileChange(path, status, entry.blob, header, patch)


def _renamed(previous: str, path: str, entry: Entry) -> FileChange:
    header = f"diff --git a/{previous} b/{path}\nsimilarity index 100%\nrename from {previous}\nrename to {path}\n"
    return FileChange(path, "renamed", entry.blob, header, "", previous)


class GitRepository:
    """A real repository (bare or not): commits are made without touching a work tree, and those of others are seen too."""

    _STATUS = {"A": "added", "D": "removed", "M": "modified", "R": "renamed", "C": "copied", "T": "changed"}  # noqa: RUF012

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # What a name of git's means never changes, so that it is asked for once.
        self._changes: dict[tuple[str, str], tuple[FileChange, ...]] = {}
        self._trees: dict[str, dict[str, Entry]] = {}
        self._parents: dict[str, tuple[str, ...]] = {}
        self._bases: dict[tuple[str, str], str] = {}
        self._blobs: dict[str, bytes] = {}

    def git(self, *words: str, given: bytes | None = None) -> bytes:
        """What git says. Raises CalledProcessError."""
        command = ["git", "-c", "core.quotePath=false", *words]
        return subprocess.run(command, cwd=self.folder, input=given, capture_output=True, check=True).stdout

    def commit(self, files: Files, parents: Sequence[str], message: str) -> str:
        """A new commit, kept under refs/standin/."""
        who = b"committer Test <test@example.org> 1767225600 +0000\n"
        stream = [b"commit refs/standin/new\nmark :1\n", who, _data(message.encode())]
        if parents:
            stream.append(f"from {parents[0]}\n".encode())
            stream.extend(f"merge {parent}\n".encode() for parent in parents[1:])
        for path, text in files.items():
            if text is None:
                stream.append(f"D {path}\n".encode())
            else:
                stream.append(f"M 100644 inline {path}\n".encode() + _data(_bytes(text)))
        stream.append(b"\nget-mark :1\n")
        if not parents:
            stream.insert(0, b"reset refs/standin/new\n\n")
        sha = self.git("fast-import", "--force", "--quiet", given=b"".join(stream)).decode().strip()
        self.git("update-ref", f"refs/standin/{sha}", sha)  # no later one lets it go
        return sha

    def has(self, commit: str) -> bool:
        """Whether there is such a commit."""
        if commit in self._parents:
            return True
        try:
            self.git("cat-file", "-e", f"{commit}^{{commit}}")
        except subprocess.CalledProcessError:
            return False
        return True

    def parents(self, commit: str) -> tuple[str, ...]:
        """A commit's parents."""
        if commit not in self._parents:
            self._parents[commit] = tuple(self.git("rev-parse", f"{commit}^@").decode().split())
        return self._parents[commit]

    def tree(self, commit: str) -> Mapping[str, Entry]:
        """A commit's files by path."""
        if commit not in self._trees:
            listed = self.git("ls-tree", "-r", "-l", "-z", commit).decode("utf-8", "surrogateescape").split("\0")[:-1]
            lines = [line.partition("\t") for line in listed]
            words = {path: told.split() for told, _, path in lines}
            self._trees[commit] = {
                path: Entry(mode, sha, 0 if size == "-" else int(size)) for path, (mode, _, sha, size) in words.items()
            }
        return self._trees[commit]

    def blob(self, sha: str) -> bytes | None:
        """A blob's bytes."""
        if sha not in self._blobs:
            try:
                self._blobs[sha] = self.git("cat-file", "blob", sha)
            except subprocess.CalledProcessError:
                return None
        return self._blobs[sha]

    def merge_base(self, one: str, other: str) -> str | None:
        """The newest commit that both have."""
        if (one, other) not in self._bases:
            try:
                self._bases[one, other] = self.git("merge-base", one, other).decode().strip()
            except subprocess.CalledProcessError:
                return None
        return self._bases[one, other]

    def changes(self, old: str, new: str) -> tuple[FileChange, ...]:
        """What differs between two commits."""
        if (old, new) not in self._changes:
            raw = self.git("diff", "--raw", "-z", "--no-abbrev", "-M", old, new).decode("utf-8", "surrogateescape")
            text = self.git("diff", "-M", old, new).decode("utf-8", "replace")
            parts = [f"diff --git {part}" for part in f"\n{text}".split("\ndiff --git ")[1:]]
            self._changes[old, new] = tuple(map(self._change, self._listed(raw), parts))
        return self._changes[old, new]

    def _listed(self, raw: str) -> Iterator[tuple[str, str, str, str | None]]:
        """Status, blob, path and previous path of each file."""
        words = iter(raw.split("\0")[:-1])
        for told in words:
            _, _, before, after, status = told.split()
            path = next(words)
            previous = None
            if status[0] in "RC":
                previous, path = path, next(words)
            yield self._STATUS[status[0]], before if status[0] == "D" else after, path, previous

    def _change(self, listed: tuple[str, str, str, str | None], part: str) -> FileChange:
        status, blob, path, previous = listed
        lines = part.split("\n")
        start = next((number for number, line in enumerate(lines) if line.startswith("@@ ")), None)
        if start is None:
            binary = any(line.startswith("Binary files ") for line in lines)
            header = "\n".join(line for line in lines if line and not line.startswith("Binary files ")) + "\n"
            return FileChange(path, status, blob, header, None if binary else "", previous)
        patch = "\n".join(lines[start:]).removesuffix("\n")
        return FileChange(path, status, blob, "\n".join(lines[:start]) + "\n", patch, previous)


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)

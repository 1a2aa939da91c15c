"""A unified diff, parsed: git's own or a plain one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from guard.change.values import ChangeSet, FileChange, FileKind, Hunk, Lines, Status
from guard.errors import PatchError
from guard.stages import Stage, stage

if TYPE_CHECKING:
    from unidiff.patch import Hunk as ReadHunk

# The format: https://git-scm.com/docs/diff-format#generate_patch_text_with_p. Hunks are read by unidiff; git's own headers
# (renames, modes, quoted paths, binary files) here, since it leaves paths quoted and knows neither copies nor kinds of files.


@stage(Stage.READ)
def parse(patch: bytes, *, base: str | None = None, head: str | None = None) -> ChangeSet:
    """Read a patch: git's own (`git diff`, `git format-patch`) or a plain unified diff. Raises PatchError with a line number.

    A combined diff (of a merge) has no single old side; it is refused rather than misread.
    """
    files = [_git_file(_lines(piece), number) for piece, number in _pieces(patch)]
    if not files:
        files = _plain_files(_lines(patch))
    if not files and patch.strip():
        raise PatchError("line 1: this is not a unified diff; expected 'diff --git …' or '--- …' and '+++ …'")
    return ChangeSet(tuple(sorted(files, key=lambda file: file.path)), base, head)


def _lines(patch: bytes) -> list[str]:
    return patch.decode("utf-8", "surrogateescape").split("\n")


def _pieces(patch: bytes) -> Iterator[tuple[bytes, int]]:
    """What a patch says of each file, with the number of its first line: one after the other, since the whole may be large."""
    mark = b"diff --"
    start = 0 if patch.startswith(mark) else patch.find(b"\n" + mark) + 1
    if not start and not patch.startswith(mark):
        return
    number = 1 + patch.count(b"\n", 0, start)
    while start >= 0:
        end = patch.find(b"\n" + mark, start)
        yield patch[start:] if end < 0 else patch[start:end], number
        number += patch.count(b"\n", start, end + 1)
        start = end + 1 if end >= 0 else -1


class _Header(Struct):
    """What git's lines before the first hunk say."""

    names: dict[str, str | None]
    modes: list[str]
    status: Status = Status.MODIFIED
    binary: bool = False


def _git_file(lines: list[str], number: int) -> FileChange:
    if not lines[0].startswith("diff --git "):
        raise PatchError(
            f"line {number}: a combined diff of a merge can not be reviewed; use --commit or --range, or 'git diff A B'"
        )
    first_hunk = next((index for index, line in enumerate(lines) if line.startswith("@@ ")), len(lines))
    header = _git_header(lines[:first_hunk], number)
    hunks = _hunks(lines[first_hunk:], number + first_hunk)
    old, new = header.names.get("old"), header.names.get("new")
    path = new or old
    if path is None:
        raise PatchError(f"line {number}: no file name in {lines[0]!r}")
    old_path = None if header.status is Status.ADDED else old or path
    return FileChange(path, old_path, header.status, hunks, header.binary, _kind(header.modes))


def _git_header(lines: list[str], number: int) -> _Header:
    header = _Header({}, [])
    for offset, line in enumerate(lines):
        word, _, rest = line.rstrip("\r").partition(" ")
        match (word, rest.split(" ", 1)[0]):
            case ("diff", _):
                header.names.update(_names_on_diff_line(rest.removeprefix("--git ")))
            case ("new" | "deleted", "file"):
                header.status = Status.ADDED if word == "new" else Status.DELETED
                header.modes.append(rest.rsplit(" ", 1)[-1])
            case ("old" | "new", "mode"):
                header.modes.append(rest.rsplit(" ", 1)[-1])
            case ("rename" | "copy", "from" | "to" as side):
                header.status = Status.RENAMED if word == "rename" else Status.COPIED
                header.names["old" if side == "from" else "new"] = _unquoted(rest.split(" ", 1)[1])
            case ("---" | "+++", _):
                name = _stripped(_unquoted(rest.rstrip("\t")), number + offset)
                if name is not None:
                    header.names["old" if word == "---" else "new"] = name
            case ("index", _) if " " in rest:
                header.modes.append(rest.rsplit(" ", 1)[-1])
            case ("Binary" | "GIT", "files" | "binary"):
                header.binary = True
            case _:
                pass
    return header


def _names_on_diff_line(rest: str) -> dict[str, str | None]:
    """Old and new name of `a/x b/x`, needed where no other line names them; ambiguous only for a rename, which has its own lines."""
    quoted = re.fullmatch(r'("(?:\\.|[^"\\])*"|\S+) ("(?:\\.|[^"\\])*"|\S+)', rest)
    if quoted:
        return {"old": _unquoted(quoted[1])[2:], "new": _unquoted(quoted[2])[2:]}
    half = len(rest) // 2
    old, new = rest[:half], rest[half + 1 :]
    return {"old": old[2:], "new": new[2:]} if old[2:] == new[2:] else {}


def _stripped(name: str, number: int) -> str | None:
    """A path without its `a/` or `b/`; None for /dev/null."""
    if name == "/dev/null":
        return None
    if len(name) > 2 and name[1] == "/":
        return name[2:]
    raise PatchError(f"line {number}: the path {name!r} has no a/ or b/ prefix; make the patch without --no-prefix")


_ESCAPES = {"n": b"\n", "t": b"\t", "r": b"\r", "a": b"\a", "b": b"\b", "f": b"\f", "v": b"\v", '"': b'"', "\\": b"\\"}


def _unquoted(name: str) -> str:
    """A path as git writes it: C-quoted if it has unusual characters, bytes as octal escapes."""
    if not (name.startswith('"') and name.endswith('"') and len(name) > 1):
        return name
    pieces = re.findall(r"\\([0-7]{3}|.)|([^\\]+)", name[1:-1], re.DOTALL)
    raw = b"".join(
        plain.encode("utf-8", "surrogateescape")
        if plain
        else bytes([int(escape, 8)])
        if len(escape) == 3
        else _ESCAPES.get(escape, escape.encode())
        for escape, plain in pieces
    )
    return raw.decode("utf-8", "surrogateescape")


def _kind(modes: list[str]) -> FileKind:
    return {"120000": FileKind.SYMLINK, "160000": FileKind.SUBMODULE}.get(modes[-1] if modes else "", FileKind.FILE)


def _hunks(lines: list[str], number: int) -> tuple[Hunk, ...]:
    """The hunks of one file; `number` is the line of the patch on which the first of them starts."""
    if not lines:
        return ()
    from unidiff.errors import UnidiffParseError
    from unidiff.patch import PatchSet

    text = ["--- a\n", "+++ b\n", *(f"{line}\n" for line in _without_tail(lines))]
    try:
        files = PatchSet(iter(text))
    except UnidiffParseError as error:
        raise PatchError(f"line {number}: {str(error).strip()}") from None
    return tuple(_hunk(hunk) for file in files for hunk in file)


def _without_tail(lines: list[str]) -> list[str]:
    """Hunk lines without what follows them: a mail's signature, the empty piece after the last line's end."""
    kept = 0
    while kept < len(lines):
        header = re.match(r"@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@", lines[kept])
        if not header:
            break
        kept += 1
        old, new = int(header[1] or 1), int(header[2] or 1)
        while (old or new) and kept < len(lines):
            mark = lines[kept][:1] or " "
            old, new = old - (mark in " -"), new - (mark in " +")
            kept += 1
        if old or new:
            return lines  # too short, or not counted right: the parser says so
        kept += kept < len(lines) and lines[kept].startswith("\\")
    return lines[:kept]


def _hunk(hunk: ReadHunk) -> Hunk:
    texts = [line.line_type + line.value.removesuffix("\n") for line in hunk if line.line_type in "+- "]
    old = hunk.source_start if hunk.source_length else hunk.source_start + 1
    new = hunk.target_start if hunk.target_length else hunk.target_start + 1
    lines = Lines("\n".join(texts), len(texts), old, new)
    return Hunk(hunk.source_start, hunk.source_length, hunk.target_start, hunk.target_length, lines)


def _plain_files(lines: list[str]) -> list[FileChange]:
    """A unified diff that git did not write: `--- old`, `+++ new`, hunks."""
    files: list[FileChange] = []
    for index, line in enumerate(lines[:-1]):
        if line.startswith("--- ") and lines[index + 1].startswith("+++ ") and not _inside_hunk(lines, index):
            old, new = (_plain_name(text[4:]) for text in (line, lines[index + 1]))
            status = Status.ADDED if old is None else Status.DELETED if new is None else Status.MODIFIED
            files.append(FileChange(new or old or "", old, status, _hunks(lines[index + 2 :], index + 3)))
    return files


def _inside_hunk(lines: list[str], index: int) -> bool:
    """Whether `--- x` at this index is a removed line: then the next file's header would start in the middle of a hunk."""
    following = lines[index + 2] if index + 2 < len(lines) else ""
    return not following.startswith("@@ ")


def _plain_name(text: str) -> str | None:
    name = _unquoted(text.rstrip("\r").split("\t", 1)[0].rstrip())
    if name == "/dev/null":
        return None
    return name[2:] if name[:2] in {"a/", "b/"} else name

"""A change as values: a unified diff, parsed, and where the texts around it come from. No input, no output.

Line numbers are 1-based. Paths are text as git means them, with bytes that are not UTF-8 kept as surrogate escapes (`os.fsdecode`).
"""

from guard.change.patch import parse
from guard.change.sources import Searchable, Source, Texts, as_bytes, holds_words, partial_text
from guard.change.values import AddedLines, ChangeSet, FileChange, FileKind, Hunk, Line, Lines, Status

__all__ = [
    "AddedLines",
    "ChangeSet",
    "FileChange",
    "FileKind",
    "Hunk",
    "Line",
    "Lines",
    "Searchable",
    "Source",
    "Status",
    "Texts",
    "as_bytes",
    "holds_words",
    "parse",
    "partial_text",
]

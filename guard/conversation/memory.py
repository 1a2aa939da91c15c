"""What the summary remembers for the next push, in a hidden line: no process keeps state, the conversation does.

It is read like anything that comes from outside: a line that is broken, too large or made by somebody else is no memory.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct, field
from msgspec.structs import replace

from guard.change import ChangeSet, FileChange
from guard.conversation.markers import MEMORY, Marker, markers_in
from guard.conversation.values import Remark

_VERSION = 1
_MOST_BYTES = 2_000_000
_DIGEST = 6


class Said(Struct, frozen=True):
    """A finding that was said: at which head first, whether in a comment on its lines, and the head at which it was gone, if so."""

    head: str
    inline: bool
    rule: str = ""
    path: str = ""
    fixed: str = ""
    missed: bool = False
    model: bool = False
    """Whether a model said it: then only a model can tell that it is gone."""
    evidence: tuple[str, ...] = ()
    """The other files that prove it: it is not gone while one of them was not looked at."""


class Memory(Struct, frozen=True):
    """The last review, for the next: its head, the files it looked at, and what was said so far, by name."""

    head: str
    files: frozenset[bytes] = frozenset()
    said: Mapping[str, Said] = field(default_factory=dict)
    judged: bool = False
    """Whether a model left nothing open then."""


def digest(file: FileChange) -> bytes:
    """A file's change, without line numbers and context: what a rebase leaves alone keeps it."""
    lines = (line.mark + line.text for hunk in file.hunks for line in hunk.lines if line.mark != " ")
    text = "\n".join((file.path, *lines))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:_DIGEST]


def digests(change: ChangeSet, unseen: Iterable[str]) -> frozenset[bytes]:
    """Those of all files that were looked at."""
    left_out = frozenset(unseen)
    return frozenset(digest(file) for file in change.files if file.path not in left_out)


# -- the hidden line --------------------------------------------------------------------------------------------------


def memory_of(remark: Remark) -> Memory | None:
    """What a summary of ours remembers, None where it remembers nothing that can be read."""
    entry = next((marker for marker in markers_in(remark) if marker.kind == MEMORY), None)
    try:
        packed = base64.b64decode(entry.word, validate=True) if entry else b""
        unpacked = zlib.decompressobj().decompress(packed, _MOST_BYTES)
        return _read(json.loads(unpacked)) if packed else None
    except (binascii.Error, zlib.error, ValueError, TypeError, KeyError, RecursionError):
        return None


def written(memory: Memory, room: int) -> str:
    """The hidden line, at most so long; what does not fit is left out, least needed first. "" where nothing fits."""
    for smaller in _ever_smaller(memory):
        line = str(Marker(MEMORY, (_packed(smaller),)))
        if len(line) <= room:
            return line
    return ""


def _ever_smaller(memory: Memory) -> Iterator[Memory]:
    """A memory with less and less in it: without proofs, files, then without what is fixed and what has a comment anyway."""
    yield memory
    memory = replace(memory, said={name: replace(entry, evidence=()) for name, entry in memory.said.items()})
    yield memory
    memory = replace(memory, files=frozenset())
    yield memory
    memory = replace(memory, said={name: entry for name, entry in memory.said.items() if not entry.fixed})
    yield memory
    memory = replace(memory, said={name: replace(entry, rule="", path="") for name, entry in memory.said.items()})
    yield memory
    names = sorted(memory.said, key=lambda name: (memory.said[name].inline, name))
    while names:
        names = names[: len(names) * 3 // 4]
        yield replace(memory, said={name: memory.said[name] for name in names})


def _packed(memory: Memory) -> str:
    heads = sorted({head for entry in memory.said.values() for head in (entry.head, entry.fixed) if head})
    number = {head: index for index, head in enumerate(heads)}
    document = {
        "v": _VERSION,
        "head": memory.head,
        "judged": memory.judged,
        "files": base64.b64encode(b"".join(sorted(memory.files))).decode(),
        "heads": heads,
        "said": [
            [name, number[entry.head], entry.inline, entry.rule, entry.path, number.get(entry.fixed, -1), entry.missed, entry.model, list(entry.evidence)]
            for name, entry in sorted(memory.said.items())
        ],
    }  # fmt: skip
    text = json.dumps(document, separators=(",", ":"))
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode()


def _read(document: object) -> Memory:
    """Raises ValueError, TypeError or KeyError where it is not what we write."""
    if not isinstance(document, dict) or document["v"] != _VERSION:
        raise ValueError("not a memory of this version")
    heads = [_text(head) for head in document["heads"]]
    raw = base64.b64decode(_text(document["files"]), validate=True)
    said = {
        _text(name): Said(
            heads[_index(head)],
            bool(inline),
            _text(rule),
            _text(path),
            heads[fixed] if _index(fixed, -1) >= 0 else "",
            bool(missed),
            bool(model),
            tuple(map(_text, evidence)),
        )
        for name, head, inline, rule, path, fixed, missed, model, evidence in document["said"]
        if _index(head) < len(heads) and _index(fixed, -1) < len(heads)
    }
    files = frozenset(raw[start : start + _DIGEST] for start in range(0, len(raw), _DIGEST))
    return Memory(_text(document["head"]), files, said, bool(document["judged"]))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("expected a text")
    return value


def _index(value: object, least: int = 0) -> int:
    if not isinstance(value, int) or value < least:
        raise ValueError("expected an index")
    return value

"""What a Go file declares that the meaning of its statements depends on: which names are channels, which are atomic numbers.

Go says with operators and functions what other languages say with methods, and whether `x.Add(1)` counts or waits is a matter
of a type. Types are told by the names that are declared with them in the same file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct, field

from guard.languages._syntax import Node, walk

_CHANNEL = re.compile(r"\b(\w+)(?:[ \t]+(?:<-[ \t]*)?|[ \t]*:?=[ \t]*make\(|:[ \t]*make\()chan\b")
_ATOMIC = re.compile(r"\b(\w+)[ \t]+atomic\.(?:Int32|Int64|Uint32|Uint64|Bool|Value|Pointer)\b")
_HOLDS = frozenset({"map_type", "slice_type", "channel_type"})
_LOCKS = frozenset({"sync.Map", "sync.Mutex", "sync.RWMutex", "list.List"})


class Declared(Struct, frozen=True):
    """Names by what is declared with them."""

    channels: frozenset[str] = frozenset()
    atomics: frozenset[str] = frozenset()
    maps: frozenset[str] = frozenset()
    """Types of this file that are maps."""
    keepers: frozenset[str] = field(default=frozenset())
    """Structs of this file that hold a container or a lock: their objects are kept, others are values."""


def declared_in(root: Node, text: str) -> Declared:
    """What a file declares."""
    types = list(_types(root))
    return Declared(
        frozenset(_CHANNEL.findall(text)),
        frozenset(_ATOMIC.findall(text)),
        frozenset(name for name, type_ in types if type_.type == "map_type"),
        frozenset(name for name, type_ in types if type_.type == "struct_type" and _keeps(type_)),
    )


def _types(root: Node) -> Iterator[tuple[str, Node]]:
    for declaration in root.named_children:
        for spec in declaration.named_children if declaration.type == "type_declaration" else ():
            name, type_ = spec.child_by_field_name("name"), spec.child_by_field_name("type")
            if name is not None and type_ is not None:
                yield (name.text or b"").decode("utf-8", "replace"), type_


def _keeps(struct: Node) -> bool:
    return any(
        node.type in _HOLDS or (node.type == "qualified_type" and (node.text or b"").decode("utf-8", "replace") in _LOCKS)
        for node in walk(struct)
    )

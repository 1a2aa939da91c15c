"""A change that is too large to be held at once, looked at piece by piece: what takes memory is the facts of its files.

Nearly every change is one piece, and nothing of it is dropped. Of a larger one, only the files with something to say are kept whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from msgspec import Struct

from guard.change import FileChange
from guard.facts import Facts
from guard.finding import Failure, Signal, Skipped
from guard.gathered import forget
from guard.pipeline.sides import Side
from guard.pipeline.witnesses import Witnesses
from guard.policy import what_counts

MOST_BYTES = 1_000_000
"""Bytes of text whose facts are held at once; they take some thirty times as much."""


class Piece(Struct, frozen=True):
    """What was seen of some files of the new side."""

    touched: tuple[Signal, ...]
    """Signals at places that the change touches."""
    present: tuple[Signal, ...]
    facts: tuple[Facts, ...]
    skipped: tuple[Skipped, ...]
    failures: tuple[Failure, ...]
    around: Witnesses


def in_pieces(files: Sequence[FileChange], read: Callable[..., Side]) -> Iterator[Side]:
    """Sides of files that are neighbours in the tree, one after the other; at least one, so that nothing is a piece as well."""
    while True:
        side = read(files, most=MOST_BYTES)
        files = files[side.taken :]
        yield side
        if not files:
            return
        forget()


def compact(piece: Piece) -> Piece:
    """A piece with the facts of those files alone that its touched signals point at, and of the others what the policy needs."""
    telling = {path for signal in piece.touched for path in (signal.path, *(evidence.path for evidence in signal.evidence))}
    return Piece(
        piece.touched,
        piece.present,
        tuple(facts if facts.path in telling else what_counts(facts) for facts in piece.facts),
        piece.skipped,
        piece.failures,
        Witnesses(tuple(facts for facts in piece.around.facts if facts.path in telling), piece.around.limits),
    )


def together(pieces: Iterable[Piece]) -> Piece:
    """All pieces as one."""
    all_of = tuple(pieces)
    if len(all_of) == 1:
        return all_of[0]
    around = {facts.path: facts for piece in all_of for facts in piece.around.facts}
    return Piece(
        tuple(signal for piece in all_of for signal in piece.touched),
        tuple(signal for piece in all_of for signal in piece.present),
        tuple(facts for piece in all_of for facts in piece.facts),
        tuple(entry for piece in all_of for entry in piece.skipped),
        tuple(entry for piece in all_of for entry in piece.failures),
        Witnesses(
            tuple(around[path] for path in sorted(around)),
            tuple(sorted({limit for piece in all_of for limit in piece.around.limits})),
        ),
    )

"""Why a prompt begins as it does: which atoms it tells, how much of each, and by which numbers others were cut."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from guard.atoms.projecting import Place, Projection, Shown
from guard.model.opening import Opening

Sizes = Sequence[tuple[str, int]]


def explanation(start: Opening, sizes: Sizes) -> str:
    """The beginning of the prompt in lines: its parts with their tokens, then atom by atom."""
    lines = [f"--- prompt {start.version}: what every call begins with, {sum(size for _, size in sizes):,} tokens ---"]
    width = max(len(name) for name, _ in sizes)
    lines += [f"  {name:<{width}}  {size:>6,}" for name, size in sizes]
    return "\n".join((*lines, *_atoms(start.projection))) + "\n"


def _atoms(projection: Projection) -> Iterator[str]:
    """The atoms, and what became of each. Their sizes are estimates, by which they are packed alike on every machine."""
    yield f"--- atoms: {projection.used:,} of {projection.budget:,} tokens, estimated as bytes / 3.5 ---"
    for shown in projection.atoms:
        if shown.place is not Place.OTHER:
            yield from _atom(shown)
    others = projection.of(Place.OTHER)
    if others:
        yield f"  {len(others):,} more: a line each, {sum(shown.line_tokens for shown in others):,} tokens; nothing leads to them"
    yield from (f"  {sentence}" for sentence in projection.missing)


def _atom(shown: Shown) -> Iterator[str]:
    told = f"{shown.level}, {shown.tokens:,} tokens" if shown.level else "its line only"
    yield f"  {shown.id}: {shown.place}, {told}, and {shown.line_tokens:,} for its line; {shown.why}"
    if shown.reason:
        yield f"    {shown.reason}"


def explained_values(start: Opening, sizes: Sizes) -> dict[str, object]:
    """The same for machines."""
    projection = start.projection
    return {
        "version": start.version,
        "parts": [{"name": name, "tokens": size} for name, size in sizes],
        "atoms": {
            "budget": projection.budget,
            "used": projection.used,
            "missing": list(projection.missing),
            "shown": [_values(shown) for shown in projection.atoms],
        },
    }


def _values(shown: Shown) -> dict[str, object]:
    return {
        "id": shown.id,
        "place": shown.place.value,
        "why": shown.why,
        "level": shown.level.value if shown.level else None,
        "tokens": shown.tokens,
        "line_tokens": shown.line_tokens,
        "reason": shown.reason,
    }

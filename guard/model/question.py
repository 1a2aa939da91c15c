"""What is asked, as values: a statement of what the heuristics saw, the code it rests on, and what is not known."""

from __future__ import annotations

from dataclasses import dataclass

from guard.finding import Check, ForeignCheck


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Lines of one file by their numbers, in order; a gap between numbers was left out on purpose.

    `total` counts the lines of the whole file. `partial` says that only pieces of it are known (a patch without its file).
    """

    path: str
    lines: tuple[tuple[int, str], ...]
    total: int
    partial: bool = False
    comments: tuple[str, ...] = ()
    """Texts of the comments on these lines: they may be quoted with code, but alone they prove nothing."""


@dataclass(frozen=True, slots=True)
class Question:
    """One uncertain signal, put to a model. `id` names it within a review; a verdict answers exactly one."""

    id: str
    check: Check | ForeignCheck
    rule: str
    path: str
    line: int
    end_line: int
    statement: str
    """What the heuristics saw."""
    observations: tuple[str, ...]
    """Places that bear on it, each with what is to be seen there."""
    unknown: str
    """What is not known."""
    excerpts: tuple[Excerpt, ...]
    known: tuple[str, ...] = ()
    """What is known of the project, in sentences."""
    worth: float = 0.0
    """What an answer is worth beside the others: where not all may be asked, what is worth most is."""

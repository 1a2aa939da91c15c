"""The files of one side as a whole, gathered once and asked for each of them."""

from __future__ import annotations

from collections.abc import Mapping

from guard.facts import Facts
from guard.gathered import gathered
from guard.modules import Paths


@gathered(most=16)
def by_path(side: frozenset[Facts]) -> Mapping[str, Facts]:
    """The files by their paths."""
    return {facts.path: facts for facts in side}


@gathered(most=16)
def paths_of(side: frozenset[Facts]) -> Paths:
    """Their paths, to find out which file a name is of."""
    return Paths(frozenset(facts.path for facts in side))

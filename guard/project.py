"""What the repository around a change says about itself, as values: its dependencies, for remedies in its own stack."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Project:
    """Names of the packages that the manifests declare (lower case), and the manifests that were read."""

    dependencies: frozenset[str] = frozenset()
    manifests: tuple[str, ...] = ()

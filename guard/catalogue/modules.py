"""Languages in which the files of a folder are one module: what one of them binds, the others may name."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from guard.facts import Facts

_FOLDER_IS_MODULE = frozenset({"hcl"})


def with_module(facts: Facts, neighbours: Iterable[Facts]) -> Facts:
    """The facts of a file with what the changed files beside it bind (a Terraform variable's default), its own bindings first."""
    if facts.language not in _FOLDER_IS_MODULE:
        return facts
    known = {binding.name for binding in facts.bindings}
    beside = (other for other in neighbours if other.language == facts.language and _folder(other) == _folder(facts))
    bound = tuple(binding for other in beside for binding in other.bindings if not binding.owner and binding.name not in known)
    return replace(facts, bindings=(*facts.bindings, *bound)) if bound else facts


def _folder(facts: Facts) -> str:
    return facts.path.rpartition("/")[0]

"""The catalogue: which calls and settings of which framework mean what. Data files, their loader and their matching.

One TOML file a framework (`<language or format>/<framework>.toml`); one `[[rule]]` is one thing that can be reported.
The vocabulary is closed: `guard.catalogue.schema` refuses an unknown key with a sentence naming file, rule and key.

Names are loaded when they are first used: a glance at an edit needs no rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from guard.catalogue.loader import Catalogue, load
    from guard.catalogue.matching import Match, matches
    from guard.catalogue.rule import Condition, Example, Framework, Remedy, Rule

__all__ = ["Catalogue", "Condition", "Example", "Framework", "Match", "Remedy", "Rule", "load", "matches"]

_HOMES = {"Catalogue": "loader", "load": "loader", "Match": "matching", "matches": "matching"}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'guard.catalogue' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"guard.catalogue.{_HOMES.get(name, 'rule')}"), name)

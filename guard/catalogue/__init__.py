"""The catalogue: which calls and settings of which framework mean what. Data files, their loader and their matching.

One TOML file a framework (`<language or format>/<framework>.toml`); one `[[rule]]` is one thing that can be reported.
The vocabulary is closed: `guard.catalogue.schema` refuses an unknown key with a sentence naming file, rule and key.
"""

from __future__ import annotations

from guard.catalogue.loader import Catalogue, load
from guard.catalogue.matching import Match, matches
from guard.catalogue.rule import Condition, Example, Framework, Remedy, Rule

__all__ = ["Catalogue", "Condition", "Example", "Framework", "Match", "Remedy", "Rule", "load", "matches"]

"""What a model costs: `prices.toml` beside this file has a price, its date and its source for each name that it knows."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from guard.model.judge import Usage

_FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "prices.toml")
_MILLION = 1_000_000
_VERSION = re.compile(r"-(?:\d{4}-\d{2}-\d{2}|\d{8}|\d{6}|\d{4}|\d{2}-\d{2,4}|latest)|@(?:\d{8}|latest|default)")
"""What may follow a name without making it another model."""


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens, and who said so when."""

    input: float
    cached: float
    written: float
    output: float
    source: str
    date: str

    def of(self, usage: Usage) -> float:
        """What this usage costs. Input that the server had kept, or keeps, has its own price."""
        kept = min(usage.cached_input_tokens, usage.input_tokens)
        written = min(usage.written_input_tokens, usage.input_tokens - kept)
        plain = usage.input_tokens - kept - written
        return (plain * self.input + kept * self.cached + written * self.written + usage.output_tokens * self.output) / _MILLION


def price_of(model: str) -> Price | None:
    """The price of a model; of the longest known name that it is a version of; None for one that is not known.

    A gateway's prefix does not matter: `openai/gpt-5-mini` is `gpt-5-mini`.
    """
    name = model.rsplit("/", 1)[-1].lower()
    prices = _prices()
    fitting = (
        known for known in prices if name == known or (name.startswith(known) and _VERSION.fullmatch(name[len(known) :]))
    )
    best = max(fitting, key=len, default=None)
    return None if best is None else prices[best]


@lru_cache(maxsize=1)
def _prices() -> Mapping[str, Price]:
    with open(_FILE, "rb") as stream:
        document = tomllib.load(stream)
    return {
        name: Price(
            input=price["input"],
            cached=price.get("cached", price["input"]),
            written=price.get("written", price["input"]),
            output=price["output"],
            source=source["url"],
            date=source["date"].isoformat(),
        )
        for source in document["source"]
        for name, price in source["models"].items()
    }

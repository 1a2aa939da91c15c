"""Whom to ask, and within which limits: as values, from the arguments to the model stage."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from guard.model.judge import Judge
    from guard.model.verdicts import Verdicts

DEADLINE = 120.0
"""Seconds that asking may take, all calls together."""
AT_ONCE = 4
"""Calls at the same time."""


class Sweep(StrEnum):
    """How much of the added code in which no rule fired a model reads."""

    OFF = "off"
    AUTO = "auto"
    """Where the heuristics are weak and something could be there."""
    ALL = "all"


SWEEP = Sweep.OFF
"""What is done where nobody says how much."""


class Asking(Struct, frozen=True):
    """What somebody asks for. `max_tokens` bounds all tokens of a review, sent and received, `max_cost` US dollars, `deadline` seconds.

    `export` is the file to which questions are written instead of asking them.
    `cache` is the folder of answers that were paid for, None for the user's own, "" for none.
    """

    model: str = ""
    record: str | None = None
    replay: str | None = None
    cache: str | None = ""
    export: str | None = None
    max_tokens: int | None = None
    max_cost: float | None = None
    deadline: float | None = None
    sweep: str = ""
    """A word of `Sweep`, "" for the default."""


class Inquiry(Struct, frozen=True):
    """A judge under a model's name, and the limits of one review, as `Asking` has them.

    Answers are taken from `verdicts` and kept there, if there is such a place.
    """

    judge: Judge
    model: str
    max_tokens: int | None = None
    max_cost: float | None = None
    deadline: float = DEADLINE
    at_once: int = AT_ONCE
    verdicts: Verdicts | None = None
    sweep: Sweep = Sweep.OFF

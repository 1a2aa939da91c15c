"""What a review may spend, in tokens and in dollars: what is planned is reserved, what was spent is counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

from guard.errors import UsageError
from guard.model.judge import NotAskedError, Request, Usage
from guard.model.prices import Price, price_of
from guard.model.tokens import counter_for

if TYPE_CHECKING:
    from guard.model.inquiry import Inquiry
    from guard.model.prompt import Call

ANSWER_TOKENS = 120
"""What an answer to one question takes, as a rule: a quote, a sentence, a word."""


class OverBudgetError(NotAskedError):
    """The next request would go beyond what may be spent."""


@dataclass(frozen=True, slots=True)
class Amount:
    """Tokens, sent and received, and what they cost (0 where nobody asks)."""

    tokens: int = 0
    dollars: float = 0.0

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.tokens + other.tokens, self.dollars + other.dollars)

    def __sub__(self, other: Amount) -> Amount:
        return Amount(self.tokens - other.tokens, self.dollars - other.dollars)


class Budget:
    """The limits of one review. Several threads spend from it."""

    def __init__(self, inquiry: Inquiry) -> None:
        """Raises UsageError for a limit in dollars on a model whose price is not known."""
        self._model = inquiry.model
        self._most = inquiry.max_tokens
        self._most_dollars = inquiry.max_cost
        self._price: Price | None = price_of(inquiry.model)
        if self._most_dollars is not None and self._price is None:
            raise UsageError(price_is_unknown(inquiry.model))
        self._turn = Lock()
        self._gone = Amount()

    @property
    def limited(self) -> bool:
        """Whether there is any limit."""
        return self._most is not None or self._most_dollars is not None

    @property
    def reason(self) -> str:
        """Why something is not asked, in words."""
        limits = [f"{self._most:,} tokens"] if self._most is not None else []
        limits += [f"${self._most_dollars:g}"] if self._most_dollars is not None else []
        return f"the limit of {' and '.join(limits)} leaves no room for it"

    def needed(self, request: Request, answers: int) -> Amount:
        """What a request will take, by its length and the number of answers; at the full price, whatever the server has kept."""
        count = counter_for(self._model).count
        return self._amount(Usage(sum(count(message.content) for message in request.messages), 0, answers * ANSWER_TOKENS))

    def allows(self, amount: Amount) -> bool:
        """Whether so much may be spent, all in all."""
        tokens_fit = self._most is None or amount.tokens <= self._most
        return tokens_fit and (self._most_dollars is None or amount.dollars <= self._most_dollars)

    def fits(self, amount: Amount) -> bool:
        """Whether so much may be spent beside what is gone already."""
        with self._turn:
            return self.allows(self._gone + amount)

    def reserve(self, amount: Amount) -> None:
        """Set an amount aside. Raises OverBudgetError where not so much is left."""
        with self._turn:
            if not self.allows(self._gone + amount):
                raise OverBudgetError(self.reason)
            self._gone += amount

    def settle(self, reserved: Amount, usage: Usage) -> None:
        """Count what was used instead of what was set aside; a server that does not say is believed to have used that."""
        if usage.input_tokens:
            with self._turn:
                self._gone = self._gone - reserved + self._amount(usage)

    def release(self, reserved: Amount) -> None:
        """Nothing was used."""
        with self._turn:
            self._gone -= reserved

    def _amount(self, usage: Usage) -> Amount:
        return Amount(usage.input_tokens + usage.output_tokens, self._price.of(usage) if self._price else 0.0)

    def total(self, calls: Sequence[Call[Any]]) -> Amount:
        """What calls will take together."""
        total = Amount()
        for call in calls:
            total += self.needed(call.request, len(call.questions))
        return total


def price_is_unknown(model: str) -> str:
    """What to say to somebody who wants dollars of a model without a price."""
    return f"--max-cost: the price of {model!r} is not known, so that nothing can be kept within it; use --max-tokens"

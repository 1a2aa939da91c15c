"""What would be sent, and how many tokens each part of it takes. Sends nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from guard.atoms.focus import Focus
from guard.counting import counted
from guard.model.budget import ANSWER_TOKENS
from guard.model.explaining import explained_values, explanation
from guard.model.judge import Usage
from guard.model.opening import Opening
from guard.model.prices import price_of
from guard.model.prompt import Call, calls_for, opening_for
from guard.model.question import Question
from guard.model.tokens import NOT_HERE, Counter, counter_for

if TYPE_CHECKING:
    from guard.model.sweeping import Passage


@dataclass(frozen=True, slots=True)
class Size:
    """One part of one call, in tokens. `constant`: the same in every call for this atom, so that a server can keep it."""

    call: int
    part: str
    tokens: int
    constant: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """The calls that a review would make, in order. `method` says how tokens were counted, `exact` whether they are more than an estimate."""

    model: str
    calls: tuple[Call[Any], ...]
    sizes: tuple[Size, ...]
    method: str
    exact: bool
    start: Opening
    """How each of them begins."""
    opening_sizes: tuple[tuple[str, int], ...]
    """The parts of that, in tokens."""

    @property
    def total(self) -> int:
        """Tokens of all calls."""
        return sum(size.tokens for size in self.sizes)

    @property
    def questions(self) -> int:
        """Questions of all calls."""
        return sum(len(call.questions) for call in self.calls)

    @property
    def usage(self) -> Usage:
        """What asking will take, as a rule: the beginning that all calls share is kept by the server after the first."""
        kept = sum(size.tokens for size in self.sizes if size.constant and size.call > 1)
        return Usage(self.total, kept, self.questions * ANSWER_TOKENS)


def preview(
    questions: Sequence[Question], focus: Focus, model: str, passages: Sequence[tuple[Focus, Sequence[Passage]]] = ()
) -> Preview:
    """The calls for these questions, then those for code that is read, counted. What is named there is asked about once it is known."""
    counter, start = counter_for(model), opening_for(focus)
    calls: tuple[Call[Any], ...] = calls_for(questions, start, model)
    for about, read in passages:
        from guard.model.sweeping import form_of_passages

        calls = (*calls, *form_of_passages(about, model).calls(read))
    sizes = tuple(size for number, call in enumerate(calls, 1) for size in _sizes(number, call, counter))
    parts = tuple((part.name, counter.count(part.text)) for part in start.parts)
    return Preview(model, calls, sizes, counter.method, counter.exact, start, parts)


def _sizes(number: int, call: Call[Any], counter: Counter) -> list[Size]:
    constant = [Size(number, part.name, counter.count(part.text), constant=True) for part in call.start.parts]
    return [*constant, Size(number, call.asking.name, counter.count(call.asking.text), constant=False)]


def preview_text(seen: Preview) -> str:
    """Exactly what would be sent, message by message, then the counts."""
    if not seen.calls:
        return "Nothing would be sent: no signal of this change is uncertain, and no code is to be read.\n"
    blocks: list[str] = []
    for number, call in enumerate(seen.calls, 1):
        heading = f"--- call {number} of {len(seen.calls)}"
        blocks += [f"{heading}: {message.role} ---\n{message.content}" for message in call.request.messages]
    return "\n".join(blocks) + "\n" + counts_text(seen)


def counts_text(seen: Preview) -> str:
    """The counts alone, one line a part."""
    width = max((len(size.part) for size in seen.sizes), default=0)
    lines = [
        f"  call {size.call}  {size.part:<{width}}  {size.tokens:>6,}{'  (the same in every call)' if size.constant else ''}"
        for size in seen.sizes
    ]
    return "\n".join([f"--- tokens: {seen.total:,} for {seen.model}, {seen.method} ---", *lines, *_mend(seen)]) + "\n"


def _mend(seen: Preview) -> list[str]:
    return ["  for exact counts: pip install 'stateless-guard[tokens]'"] if NOT_HERE in seen.method else []


def explained_text(seen: Preview) -> str:
    """What the prompt is made of, which atoms it tells and why, then the counts of each call."""
    return explanation(seen.start, seen.opening_sizes) + counts_text(seen)


def cost_text(seen: Preview) -> str:
    """What asking will cost: at most, with nothing kept by the server, and as a rule."""
    if not seen.calls:
        return "Nothing would be sent: it costs $0.\n"
    usage, price = seen.usage, price_of(seen.model)
    sent = (
        f"{counted(seen.questions, 'question')} in {counted(len(seen.calls), 'call')} to {seen.model}: {usage.input_tokens:,} tokens in "
        f"({usage.cached_input_tokens:,} of them again), about {usage.output_tokens:,} out; {seen.method}\n"
    )
    if price is None:
        return f"{sent}The price of {seen.model!r} is not known.\n"
    most = price.of(replace(usage, cached_input_tokens=0, written_input_tokens=usage.input_tokens))
    return (
        f"{sent}About ${price.of(usage):.4f}, at most ${most:.4f} if the server keeps nothing: ${price.input:g} a million tokens in "
        f"(${price.cached:g} again), ${price.output:g} out, {price.date}, {price.source}\n"
    )


def preview_values(seen: Preview) -> dict[str, object]:
    """The same for machines."""
    return {
        "model": seen.model,
        "tokens": {"total": seen.total, "exact": seen.exact, "method": seen.method},
        "prompt": explained_values(seen.start, seen.opening_sizes),
        "cost": price.of(seen.usage) if (price := price_of(seen.model)) else None,
        "calls": [
            {
                "key": call.request.key,
                "questions": [question.id for question in call.questions],
                "messages": [{"role": message.role, "content": message.content} for message in call.request.messages],
                "tokens": {size.part: size.tokens for size in seen.sizes if size.call == number},
            }
            for number, call in enumerate(seen.calls, 1)
        ],
    }

"""A result as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from guard.evaluation.comparison import Comparison
from guard.evaluation.scoring import Asked, Outcome, Row, Status
from guard.evaluation.tally import Counts, Dear, Result, asked_in_all, dear, quantile, tallies


def shown(result: Result, comparison: Comparison | None, *, verbose: bool = False) -> str:
    """Misses and false alarms with their code, rates, then what was left out; verbose, the hits too."""
    blocks = [
        *_rows(result, verbose=verbose),
        "\n".join(_rates(result)),
        *(["\n".join(_compared(comparison))] if comparison is not None else []),
        "\n".join(summary(result)),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def summary(result: Result) -> Iterator[str]:
    """How many cases ran, how long they took, what was asked, and each that was left out, by name."""
    scored, missing, failed = result.scored, result.of(Status.MISSING), result.of(Status.FAILED)
    right = sum(outcome.is_right for outcome in scored)
    yield f"{len(result.outcomes)} cases: {len(scored)} scored ({right} exactly right), {len(missing)} missing, {len(failed)} failed"
    seconds = [outcome.seconds for outcome in scored]
    if seconds:
        yield f"time of a review: median {quantile(seconds, 0.5):.2f} s, 95th percentile {quantile(seconds, 0.95):.2f} s"
    asked = asked_in_all(scored)
    if asked is not None:
        yield f"model {result.model}: {_told(asked)}{_against_bare(result, asked)}"
        yield from _cost_of_a_change(dear(scored))
    yield from _repetition(result)
    yield from (f"missing: {outcome.case.id} {outcome.case.repo} (not in the mirror)" for outcome in missing)
    yield from (
        f"failed: {outcome.case.id} {outcome.case.repo} {outcome.case.commit[:12]}: {outcome.problem}" for outcome in failed
    )
    yield from (f"incomplete: {outcome.case.id} {outcome.problem}" for outcome in scored if outcome.problem)


def _told(asked: Asked) -> str:
    left = f" ({asked.not_judged} left open)" if asked.not_judged else ""
    cached = f" ({asked.cached_input_tokens} cached)" if asked.cached_input_tokens else ""
    cost = "cost unknown" if asked.cost is None else f"${asked.cost:.4f}"
    return (
        f"{asked.questions} questions{left}, {asked.calls} calls, {asked.input_tokens} tokens in{cached}, "
        f"{asked.output_tokens} out, {cost}"
    )


def _cost_of_a_change(cost: Dear | None) -> Iterator[str]:
    if cost is not None:
        yield (
            f"cost of a change: median ${cost.median:.4f}, 95th percentile ${cost.p95:.4f}; {cost.asked} of {cost.changes} "
            f"were asked about, in the median for ${cost.median_of_asked:.4f}"
        )


def _against_bare(result: Result, asked: Asked) -> str:
    if not result.bare_tokens or not asked.input_tokens:
        return ""
    return f"; {asked.input_tokens / result.bare_tokens:.1%} of what the rule and the whole diffs take ({result.bare_tokens} tokens)"


def _repetition(result: Result) -> Iterator[str]:
    if result.repetition is None:
        return
    again = result.repetition
    for number, counts in enumerate(again.counts, 1):
        yield f"time {number}: precision {counts.precision:.3f}, recall {counts.recall or 0.0:.3f}, F1 {counts.f1 or 0.0:.3f}"
    rate = f" ({again.agreement:.1%})" if again.questions else ""
    rest = f"; {again.now_and_then} more were answered some of the times only" if again.now_and_then else ""
    yield f"agreement: {again.alike} of {again.questions} questions answered alike each time{rate}{rest}"


def share(value: float | None, interval: tuple[float, float] | None) -> str:
    """A rate with its interval, `-` where there is none."""
    return "-" if value is None or interval is None else f"{value:.3f} [{interval[0]:.2f}, {interval[1]:.2f}]"


def _rows(result: Result, *, verbose: bool) -> Iterator[str]:
    for outcome in result.scored:
        if verbose:
            yield from (_row("found", outcome, row) for row in outcome.hits)
        yield from (_row("miss", outcome, row) for row in outcome.misses)
        yield from (_row("false alarm", outcome, row) for row in outcome.false_alarms)


def _row(kind: str, outcome: Outcome, row: Row) -> str:
    rules = f" by {', '.join(row.rules)}" if row.rules else ""
    head = f"{kind}: {outcome.case.id} {outcome.case.repo} {outcome.case.commit[:12]}\n  {row.name}{rules}"
    code = "\n".join(f"    {row.place.line + offset:5} | {line}" for offset, line in enumerate(row.code))
    return "\n".join(part for part in (head, f"  {row.what}" if row.what else "", code) if part)


def _rates(result: Result) -> Iterator[str]:
    found = tallies(result.scored)
    names = {key: f"{key[0]} {key[1]}".strip() for key in found}
    width = max(map(len, names.values()))
    yield f"{'':{width}}  found false missed  precision [95%]      recall [95%]         F1"
    for key, counts in found.items():
        yield f"{names[key]:{width}}  {_figures(counts)}".rstrip()


def _figures(counts: Counts) -> str:
    missed = "-" if counts.missed is None else str(counts.missed)
    f1 = "-" if counts.f1 is None else f"{counts.f1:.3f}"
    precision, recall = share(counts.precision, counts.precision_interval), share(counts.recall, counts.recall_interval)
    return f"{counts.found:5} {counts.false:5} {missed:>6}  {precision:19}  {recall:19}  {f1}"


def _compared(comparison: Comparison) -> Iterator[str]:
    yield f"against the earlier result: {change(comparison.before, comparison.after)}"
    for title, sentences in (("better", comparison.better), ("worse", comparison.worse), ("not in both", comparison.other)):
        yield f"{title}: {len(sentences)}"
        yield from (f"  {sentence}" for sentence in sentences)


def change(before: Counts, after: Counts) -> str:
    """Both rates before and after, over the cases that both results have."""
    return (
        f"precision {before.precision:.3f} -> {after.precision:.3f}, recall {before.recall:.3f} -> {after.recall:.3f} "
        "(over the cases that both scored)"
    )

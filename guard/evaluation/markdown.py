"""A result as Markdown: tables for a page of the docs, with the commits that anyone can repeat it on."""

from __future__ import annotations

from collections.abc import Iterator

from guard.evaluation.comparison import Comparison
from guard.evaluation.scoring import Outcome, Row
from guard.evaluation.tally import ALL, KINDS, Counts, Result, tallies
from guard.evaluation.text import change, share, summary


def shown(result: Result, comparison: Comparison | None, *, code: bool = True) -> str:
    """Rates, what changed, misses and false alarms, with their code or without, commits."""
    changed = _compared(comparison) if comparison is not None else ()
    lines = [*rates(result), *changed, *_mistakes(result, code=code), *_commits(result)]
    return "\n".join(lines) + "\n"


def rates(result: Result) -> Iterator[str]:
    """What ran and what was left out, then a table for all, and one a kind."""
    yield from (f"- {_cell(line)}" for line in summary(result))
    found = tallies(result.scored)
    for kind in (ALL, *KINDS):
        own = {name: counts for (of, name), counts in found.items() if of == kind}
        if own:
            yield from (
                "",
                f"| {kind} | found | false | missed | precision [95%] | recall [95%] | F1 |",
                "|---|--:|--:|--:|---|---|--:|",
            )
            yield from (f"| {_cell(name) or 'all'} | {_figures(counts)} |" for name, counts in own.items())


def _figures(counts: Counts) -> str:
    missed = "-" if counts.missed is None else str(counts.missed)
    f1 = "-" if counts.f1 is None else f"{counts.f1:.3f}"
    precision, recall = share(counts.precision, counts.precision_interval), share(counts.recall, counts.recall_interval)
    return f"{counts.found} | {counts.false} | {missed} | {precision} | {recall} | {f1}"


def _compared(comparison: Comparison) -> Iterator[str]:
    yield from ("", f"Against the earlier result: {change(comparison.before, comparison.after)}")
    for title, sentences in (("Better", comparison.better), ("Worse", comparison.worse), ("Not in both", comparison.other)):
        yield from ("", f"{title}: {len(sentences)}", "")
        yield from (f"- {_cell(sentence)}" for sentence in sentences)


def _mistakes(result: Result, *, code: bool) -> Iterator[str]:
    for title, rows in (
        ("Misses", [(outcome, row) for outcome in result.scored for row in outcome.misses]),
        ("False alarms", [(outcome, row) for outcome in result.scored for row in outcome.false_alarms]),
    ):
        yield from ("", f"## {title} ({len(rows)})")
        for outcome, row in rows:
            yield from _mistake(outcome, row, code=code)


def _mistake(outcome: Outcome, row: Row, *, code: bool) -> Iterator[str]:
    rules = f" by {', '.join(row.rules)}" if row.rules else ""
    yield from ("", f"- `{outcome.case.id}` `{row.place.path}:{row.place.line}` {row.check}{rules}: {_cell(row.what)}")
    if code and row.code:
        yield ""
        yield from (f"      {line}" for line in row.code)


def _commits(result: Result) -> Iterator[str]:
    yield from ("", "## Commits", "", "| case | repository | commit | language | |", "|---|---|---|---|---|")
    for outcome in result.outcomes:
        case = outcome.case
        told = "right" if outcome.is_right else outcome.status.value if outcome not in result.scored else "wrong"
        yield f"| {_cell(case.id)} | {_cell(case.repo)} | `{case.commit}` | {_cell(case.language)} | {told} |"


def _cell(text: str) -> str:
    """Text that neither ends a cell nor starts markup."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")

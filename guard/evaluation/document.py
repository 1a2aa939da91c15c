"""A result as JSON, version 1, and back: what `--format json` writes and `--against` reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from guard.errors import UsageError
from guard.evaluation.cases import Case
from guard.evaluation.comparison import Comparison
from guard.evaluation.scoring import Asked, Outcome, Row, Status
from guard.evaluation.tally import Counts, Dear, Repetition, Result, asked_in_all, dear, quantile, tallies
from guard.finding import Place

VERSION = 1


def written(result: Result, comparison: Comparison | None) -> str:
    """The result as one document."""
    seconds = [outcome.seconds for outcome in result.scored]
    asked = asked_in_all(result.scored)
    document = {
        "version": VERSION,
        "tool": {"name": "stateless-guard", "version": result.version},
        "model": result.model or None,
        "cases": {"all": len(result.outcomes), "right": sum(outcome.is_right for outcome in result.outcomes)}
        | {status.value: len(result.of(status)) for status in Status},
        "seconds": {"median": round(quantile(seconds, 0.5), 3), "p95": round(quantile(seconds, 0.95), 3)},
        "asked": _asked(asked),
        "cost_of_a_change": _dear(dear(result.scored)),
        "bare_tokens": result.bare_tokens,
        "repetition": _repetition(result.repetition),
        "rates": [{"kind": kind, "name": name, **_counts(counts)} for (kind, name), counts in tallies(result.scored).items()],
        "outcomes": [_outcome(outcome) for outcome in result.outcomes],
    }
    if comparison is not None:
        document["against"] = {
            "better": list(comparison.better),
            "worse": list(comparison.worse),
            "other": list(comparison.other),
        }
    return json.dumps(document, ensure_ascii=True, indent=1) + "\n"


def read(text: str, file: str) -> Result:
    """An earlier result. Raises UsageError for a file that holds none."""
    try:
        document = json.loads(text)
        if document["version"] != VERSION:
            raise UsageError(f"{file}: a result of version {document['version']}; this program reads version {VERSION}")
        outcomes = tuple(_outcome_from(entry) for entry in document["outcomes"])
        return Result(outcomes, str(document["tool"]["version"]), str(document["model"] or ""))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UsageError(f"{file}: not a result of 'stateless-guard eval --format json'") from None


def _counts(counts: Counts) -> dict[str, object]:
    return {
        "found": counts.found,
        "false": counts.false,
        "missed": counts.missed,
        "precision": _rounded(counts.precision),
        "precision_interval": [_rounded(end) for end in counts.precision_interval],
        "recall": _rounded(counts.recall),
        "recall_interval": None if counts.recall_interval is None else [_rounded(end) for end in counts.recall_interval],
        "f1": _rounded(counts.f1),
    }


def _repetition(again: Repetition | None) -> dict[str, object] | None:
    if again is None:
        return None
    counts = [_counts(each) for each in again.counts]
    return {
        "rates": counts,
        "questions": again.questions,
        "alike": again.alike,
        "agreement": _rounded(again.agreement),
        "now_and_then": again.now_and_then,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _asked(asked: Asked | None) -> dict[str, object] | None:
    if asked is None:
        return None
    return {
        "questions": asked.questions,
        "calls": asked.calls,
        "input_tokens": asked.input_tokens,
        "output_tokens": asked.output_tokens,
        "cost": asked.cost,
        "cached_input_tokens": asked.cached_input_tokens,
        "not_judged": asked.not_judged,
        "failed": asked.failed,
    }


def _dear(cost: Dear | None) -> dict[str, object] | None:
    if cost is None:
        return None
    return {
        "median": round(cost.median, 6),
        "p95": round(cost.p95, 6),
        "asked": cost.asked,
        "changes": cost.changes,
        "median_of_asked": round(cost.median_of_asked, 6),
    }


def _outcome(outcome: Outcome) -> dict[str, object]:
    case = outcome.case
    return {
        "id": case.id,
        "repo": case.repo,
        "commit": case.commit,
        "lang": case.language,
        "group": case.group,
        "status": outcome.status.value,
        "problem": outcome.problem,
        "seconds": round(outcome.seconds, 3),
        "found": [_row(row) for row in outcome.hits],
        "missed": [_row(row) for row in outcome.misses],
        "false": [_row(row) for row in outcome.false_alarms],
        "asked": _asked(outcome.asked),
    }


def _row(row: Row) -> dict[str, object]:
    place = row.place
    return {
        "path": place.path,
        "line": place.line,
        "end_line": place.end_line,
        "check": row.check,
        "rules": list(row.rules),
        "what": row.what,
        "code": list(row.code),
    }


def _outcome_from(entry: Mapping[str, Any]) -> Outcome:
    case = Case(entry["id"], entry["repo"], entry["commit"], entry["lang"], entry["group"])
    hits, misses, alarms = (tuple(_row_from(row) for row in entry[key]) for key in ("found", "missed", "false"))
    asked = Asked(**entry["asked"]) if entry["asked"] else None
    return Outcome(case, Status(entry["status"]), float(entry["seconds"]), entry["problem"], hits, misses, alarms, asked)


def _row_from(entry: Mapping[str, Any]) -> Row:
    place = Place(entry["path"], entry["line"], entry["end_line"])
    return Row(place, entry["check"], entry["what"], tuple(entry["rules"]), tuple(entry["code"]))

"""How many findings of which rule: the report for somebody who starts with a large code base."""

from __future__ import annotations

from collections import Counter

from guard.finding import Report
from guard.reports import Page
from guard.reports._paint import Paint
from guard.reports._summary import summary


def render(report: Report, page: Page) -> str:
    """A line a rule, most frequent first, then the summary."""
    numbers = Counter((finding.rule, finding.check.value, finding.severity.value) for finding in report.findings)
    rows = [(str(number), *names) for names, number in sorted(numbers.items(), key=lambda item: (-item[1], item[0]))]
    widths = [max(len(row[column]) for row in rows) for column in range(3)] if rows else []
    table = [f"{row[0]:>{widths[0]}}  {row[1]:<{widths[1]}}  {row[2]:<{widths[2]}}  {row[3]}" for row in rows]
    parts = ["\n".join(table)] if table else []
    return "\n\n".join([*parts, "\n".join(summary(report, page, Paint(page.color)))]) + "\n"

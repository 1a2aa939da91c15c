"""The table of `docs/comparison.md`: what other scanners say of the same labelled commits.

    python bench/comparison.py --mirror DIR [--semgrep PROGRAM] [--output docs/comparison.md] CASES.jsonl...

DIR holds the clones of the labelled repositories (docs/eval.md) and, beside them, those of konveyor/rulesets,
vmware-tanzu/cloud-suitability-analyzer, enlightn/enlightn and semgrep/semgrep-rules, whose patterns are read from there. Each scanner
sees the new text of the changed files; what it says of lines that the commit does not add is left out, as a bot would do it. A
finding counts for a violation where the lines touch, whatever the check: none of them knows our checks.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from others import Hit, Texts, commit_of, csa, enlightn, konveyor, semgrep

from guard.evaluation.cases import Case
from guard.evaluation.scoring import Outcome, Said, Status, judged, touches
from guard.evaluation.tally import ALL, Counts, tallies
from guard.finding import Place
from guard.integrations.evaluated import Way, cases_in, clone_of, outcomes
from guard.integrations.git import Kind, Selection, open_change

ROOT = Path(__file__).parent.parent
_JVM, _DOTNET = frozenset({"java", "kotlin"}), frozenset({"csharp"})
_HEAD = (
    "| on the cases of | by | commits | violations | found | missed | comments on other added lines | precision | recall |",
    "|---|---|--:|--:|--:|--:|--:|--:|--:|",
)


@dataclass(frozen=True, slots=True)
class _Changed:
    """What a scanner sees of a case: the new texts, and which lines of them are new."""

    texts: Texts
    added: Mapping[str, frozenset[int]]


def main() -> int:
    """Write the page; gives the exit status."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("cases", nargs="+")
    options.add_argument("--mirror", required=True)
    options.add_argument("--semgrep", default="semgrep")
    options.add_argument("--jobs", type=int, default=1)
    options.add_argument("--output", default=str(ROOT / "docs" / "comparison.md"))
    given = options.parse_args()
    cases = [case for case in cases_in(given.cases) if clone_of(case, given.mirror)]
    ours = outcomes(cases, Way(given.mirror), given.jobs, lambda case: print(case, file=sys.stderr))
    changed = {case.id: _changed(case, given.mirror) for case in cases}
    clones = {name: str(Path(given.mirror, name.replace("/", "+"), "repo")) for name in _CLONES}
    Path(given.output).write_text("\n".join((*_page(clones, given), *_table(cases, ours, changed, clones, given.semgrep), "")))
    return 0


_CLONES = ("konveyor/rulesets", "vmware-tanzu/cloud-suitability-analyzer", "enlightn/enlightn", "semgrep/semgrep-rules")


def _changed(case: Case, mirror: str) -> _Changed:
    with open_change(Selection(Kind.COMMIT, case.commit), clone_of(case, mirror) or mirror) as selected:
        files = [file for file in selected.change.files if file.added]
        texts = {file.path: selected.source.head(file.path) for file in files}
        return _Changed(
            {
                path: text.decode("utf-8", "replace")
                for path, text in texts.items()
                if text is not None and b"\0" not in text[:8000]
            },
            {file.path: file.added for file in files},
        )


def _page(clones: Mapping[str, str], given: argparse.Namespace) -> Iterator[str]:
    names = " ".join(Path(file).name for file in given.cases)
    yield "# Beside other scanners\n"
    yield (
        "Made by a script on the labelled commits of [accuracy.md](accuracy.md), offline and without a model. The other scanners look for the presence "
        "of a class, a call or a driver in a whole program; here they are given the advantage of a bot around them that leaves out what a commit does not add. "
        "Our own rates are an upper bound: the rules could be fitted to these commits, the others' could not.\n"
    )
    yield f"    python bench/comparison.py --mirror DIR {names}\n"
    yield (
        "The patterns: "
        + "; ".join(f"[{name}](https://github.com/{name}) {commit_of(clone)}" for name, clone in clones.items())
        + ". Konveyor's references are read off the text instead of a language server's index, and Enlightn's drivers off the configuration files instead of a "
        "running application, both in their favour (`bench/others/` says how). What could not be had: semgrep's commercial rules (Pro), "
        "and Konveyor's rules for whole archives (`*.jar`), which no commit of source has.\n"
    )


def _table(
    cases: Sequence[Case], ours: Sequence[Outcome], changed: Mapping[str, _Changed], clones: Mapping[str, str], program: str
) -> Iterator[str]:
    konveyor_scan, csa_scan, enlightn_scan = (
        scanner(clone)
        for scanner, clone in zip((konveyor.scanner, csa.scanner, enlightn.scanner), clones.values(), strict=False)
    )
    spoken = semgrep.hits(program, clones["semgrep/semgrep-rules"], {case.id: changed[case.id].texts for case in cases})
    rows: tuple[tuple[str, Callable[[Case], bool], str, Callable[[Case], Sequence[Hit]]], ...] = (
        (
            "Java and Kotlin",
            lambda case: case.language in _JVM,
            "Konveyor",
            lambda case: tuple(konveyor_scan(changed[case.id].texts)),
        ),
        ("Java and Kotlin", lambda case: case.language in _JVM, "CSA", lambda case: tuple(csa_scan(changed[case.id].texts))),
        ("C#", lambda case: case.language in _DOTNET, "CSA", lambda case: tuple(csa_scan(changed[case.id].texts))),
        (
            "Laravel",
            lambda case: _is_laravel(changed[case.id]),
            "Enlightn",
            lambda case: tuple(enlightn_scan(changed[case.id].texts)),
        ),
        ("all", lambda _case: True, "semgrep, public rules", lambda case: spoken[case.id]),
    )
    yield from _HEAD
    told = ""
    for name, chosen, by, hits in rows:
        own = [outcome for outcome in ours if chosen(outcome.case) and outcome.status is Status.SCORED]
        if name != told:
            yield _row(name, "stateless-guard", own)
        yield _row(name, by, [_outcome(outcome.case, hits(outcome.case), changed[outcome.case.id]) for outcome in own])
        told = name


def _is_laravel(changed: _Changed) -> bool:
    return any(
        path.endswith((".blade.php", "/artisan")) or (path.endswith(".php") and ("Illuminate\\" in text or "env('" in text))
        for path, text in changed.texts.items()
    )


def _outcome(case: Case, hits: Sequence[Hit], changed: _Changed) -> Outcome:
    new = [hit for hit in hits if any(line in changed.added.get(hit.path, ()) for line in range(hit.line, hit.end_line + 1))]
    said = [_said(case, Place(hit.path, hit.line, hit.end_line), hit.rule) for hit in new]
    found, missed, false = judged(case, said)
    return Outcome(case, Status.SCORED, hits=found, misses=missed, false_alarms=false)


def _said(case: Case, place: Place, rule: str) -> Said:
    """A finding under whatever check is asked for at its place."""
    met = (expected.checks[0] for expected in case.expected if any(touches(place, each) for each in expected.places))
    return Said(rule, next(met, "none"), place)


def _row(name: str, by: str, of: Sequence[Outcome]) -> str:
    counts = tallies(of).get((ALL, ""), Counts())
    missed = counts.missed or 0
    precision = f"{counts.precision:.2f}" if counts.found + counts.false else "-"
    cells = (
        name,
        by,
        len(of),
        counts.found + missed,
        counts.found,
        missed,
        counts.false,
        precision,
        f"{counts.recall or 0:.2f}",
    )
    return f"| {' | '.join(map(str, cells))} |"


if __name__ == "__main__":
    sys.exit(main())

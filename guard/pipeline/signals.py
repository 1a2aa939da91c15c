"""Facts of one side in, every signal out: rules of the catalogue, and analyses."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec import Struct, field
from msgspec.structs import replace

from guard.analyses import View, analyses, holds_here
from guard.analyses.fallbacks import as_fallback, stands_in
from guard.catalogue import Catalogue, Match, matches
from guard.errors import CatalogueError
from guard.facts import Facts
from guard.finding import CONFIDENCE_ORDER, Confidence, Failure, Signal, Suggestion
from guard.pipeline.charts import as_installed, is_template
from guard.pipeline.role_templates import is_off_by_default
from guard.pipeline.sides import crash
from guard.project import Project
from guard.roles import CODE, EXAMINED, Role, answers_requests, role_apart_from_marks, role_of
from guard.stages import Stage, stage

_PROGRAMS = frozenset({"main", "amain", "async_main", "_main", "demo", "example", "run_demo", "run_example"})


class Seen(Struct):
    """The signals of one side, and what broke in looking for them."""

    signals: list[Signal] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)


@stage(Stage.ANALYSES)
def signals_of(side: tuple[Facts, ...], catalogue: Catalogue, project: Project, witnesses: tuple[Facts, ...] = ()) -> Seen:
    """Every signal of one side, whether touched by the change or not. What breaks on a file is a failure of that file.

    Witnesses are looked at only for what their code and that of the change do together.
    """
    seen = Seen()
    everywhere = (_catalogue_signals, *(analysis.find for analysis in analyses()))
    for view in views(side, catalogue, project, witnesses):
        # programs of infrastructure keep no state of the app's
        for find in everywhere[:1] if view.role is Role.INFRASTRUCTURE else everywhere:
            _look(find, view, seen)
    for view in _set_aside(side, catalogue, project, witnesses):
        _look(_certain_signals, view, seen)
    across = tuple(analysis.find for analysis in analyses() if getattr(analysis, "ACROSS", False))
    for view in views(witnesses, catalogue, project, side):
        for find in everywhere if is_template(view.facts.path) else across:
            _look(find, view, seen)
    return seen


def views(side: tuple[Facts, ...], catalogue: Catalogue, project: Project, others: tuple[Facts, ...] = ()) -> Iterator[View]:
    """Each file that is part of a server or says how one is deployed, with all others around it."""
    unchanged = frozenset(others)
    for index, facts in enumerate(side):
        role = role_of(facts, project)
        if role in EXAMINED:
            yield View(facts, role, catalogue, project, (*side[:index], *side[index + 1 :], *others), unchanged)


def _set_aside(side: tuple[Facts, ...], catalogue: Catalogue, project: Project, witnesses: tuple[Facts, ...]) -> Iterator[View]:
    """Files that are not looked at only because they say so themselves: that they were generated, or are a notebook."""
    for facts in side:
        if facts.language in CODE and role_of(facts, project) in {Role.GENERATED, Role.NOTEBOOK}:
            role = role_apart_from_marks(facts, project)
            if role in EXAMINED:
                yield View(
                    facts, role, catalogue, project, tuple(other for other in side if other is not facts), frozenset(witnesses)
                )


def _look(find: Callable[[View], Iterator[Signal]], view: View, seen: Seen) -> None:
    try:
        found = (as_installed(signal, view.facts, view.neighbours) for signal in find(view))
        seen.signals += [
            signal for signal in found if signal is not None and not is_off_by_default(signal, view.facts, view.neighbours)
        ]
    except CatalogueError:
        raise
    except Exception as error:  # noqa: BLE001 - one analysis that breaks must not silence the others
        seen.failures.append(crash(view.facts.path, error))


def _catalogue_signals(view: View) -> Iterator[Signal]:
    rules = (rule for rule in view.catalogue.candidates(view.facts) if holds_here(rule, view.project))
    near = [other for other in view.neighbours if other not in view.witnesses]
    for match in matches(rules, view.facts, near, view.witnesses):
        yield _told(match, view)


def _certain_signals(view: View) -> Iterator[Signal]:
    """What is certain is said whatever a file says of itself."""
    return (signal for signal in _catalogue_signals(view) if signal.confidence is Confidence.CERTAIN)


def _told(match: Match, view: View) -> Signal:
    """A match as a signal; a store in memory that another one falls back to is told as that."""
    line = stands_in(match, view.facts)
    if line is None:
        return _signal(match, view)
    chosen = replace(match, doubt=0) if match.doubt == 1 else match  # that it is one of several is what is told
    return as_fallback(_signal(chosen, view), line, view)


def _signal(match: Match, view: View) -> Signal:
    rule = match.rule
    aside = view.role is Role.LIBRARY or (
        view.role is Role.SERVER and (_serves_nobody(view) or _in_a_program_of_its_own(match, view))
    )
    confidence = less_sure(rule.confidence, match.doubt + aside)
    return Signal(
        rule=rule.id,
        check=rule.check,
        confidence=less_sure(confidence) if view.facts.partial and rule.unless else confidence,
        severity=rule.severity,
        path=view.facts.path,
        line=match.span.line,
        end_line=match.span.end_line,
        column=match.span.column,
        message=rule.message,
        remedy=rule.remedy_for(view.project, view.facts.path),
        identity=match.identity,
        code=view.facts.text(match.span),
        question=rule.question,
        suggestion=_edit_of(match, view) if rule.edits else None,
    )


def _edit_of(match: Match, view: View) -> Suggestion | None:
    from guard.catalogue.edits import edit_of  # most reviews suggest nothing

    return edit_of(match, view.facts)


def _serves_nobody(view: View) -> bool:
    """Whether this is code of a project whose dependencies are known, and none of them answers requests."""
    return view.facts.language in CODE and bool(view.project.dependencies) and not view.served


def _in_a_program_of_its_own(match: Match, view: View) -> bool:
    """Whether the place is in the `main()` of a file that answers no requests itself: what it makes lasts one run."""
    around = (f for f in view.facts.functions if f.span.line <= match.span.line <= f.span.end_line)
    return view.facts.language in CODE and any(f.name in _PROGRAMS for f in around) and not answers_requests(view.facts)


def less_sure(confidence: Confidence, steps: int = 1) -> Confidence:
    """Some steps less sure."""
    return CONFIDENCE_ORDER[min(CONFIDENCE_ORDER.index(confidence) + steps, len(CONFIDENCE_ORDER) - 1)]

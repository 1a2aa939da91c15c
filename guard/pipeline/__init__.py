"""One review, in order: what the heuristics see, what is accepted, what a model says of the rest, what the policy makes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from guard.atoms import SHIPPED
from guard.baseline import Matching
from guard.catalogue import Catalogue, load
from guard.change import AddedLines, ChangeSet, Source, Texts
from guard.config import Configuration
from guard.finding import ChangeSummary, Confidence, Origin, Report, Signal, Skipped, findings_from
from guard.pipeline.accepting import accepted_of, is_accepted, is_whole
from guard.pipeline.heuristics import Observations, observe
from guard.pipeline.questions import Judged, Reading, Standing, judged
from guard.pipeline.witnesses import Site
from guard.policy import Decision, decide, hidden_signals

if TYPE_CHECKING:
    from guard.atoms.focus import Focus
    from guard.model.inquiry import Inquiry

__all__ = ["Observations", "catalogue_for", "observe", "own_atoms_of", "readings_for", "review", "review_with_baseline"]


_NOT_ASKED = "an atom without rules: only a model can review against it, and none was asked"


def review(
    change: ChangeSet,
    source: Source = Texts(),  # noqa: B008 - frozen values
    configuration: Configuration = Configuration(),  # noqa: B008
    *,
    inquiry: Inquiry | None = None,
    progress: Callable[[str], None] = lambda _sentence: None,
) -> Report:
    """Say what a change introduces. Without a source, files are known as far as the change shows them, and the report says so.

    Without an inquiry no model is asked; what only a model could decide is counted. Raises GuardError; a file that can not be
    read is no error but an entry of the report.
    """
    return review_with_baseline(change, source, configuration, inquiry=inquiry, progress=progress)[0]


def review_with_baseline(
    change: ChangeSet,
    source: Source,
    configuration: Configuration,
    *,
    inquiry: Inquiry | None = None,
    progress: Callable[[str], None] = lambda _sentence: None,
) -> tuple[Report, Matching]:
    """A review, and which entries of the baselines hid what, or could not have hidden anything."""
    settings = configuration.root
    catalogue = catalogue_for(configuration)
    seen = observe(
        change,
        source,
        excluded=configuration.excludes,
        max_file_size=settings.max_file_size,
        catalogue=catalogue,
        progress=progress,
    )
    hidden = hidden_signals(seen.signals, seen.facts, configuration)
    rest = tuple(signal for signal in seen.signals if signal not in hidden)
    matching = accepted_of(rest, seen, change, source, configuration.accepted) if configuration.accepted else Matching()
    accepted = [signal for signal in rest if is_accepted(signal, matching)]
    open_ones = replace(seen, signals=tuple(signal for signal in rest if not is_accepted(signal, matching)))
    answered = judged(
        open_ones,
        inquiry,
        readings=partial(readings_for, inquiry.sweep if inquiry else "", configuration, change, source, open_ones, catalogue),
        site=Site(change, source),
        progress=progress,
    )
    if configuration.accepted and answered.named:
        whole = replace(seen, present=(*seen.present, *answered.named))
        matching = accepted_of((*rest, *answered.named), whole, change, source, configuration.accepted)
    decision = decide(
        findings_from([*answered.standing, *_unjudged(hidden), *((signal, Origin.HEURISTIC, "") for signal in accepted)]),
        seen.facts,
        configuration,
        present=(*seen.present, *answered.named),
        added=AddedLines(change),
        known=partial(_checks_of_rules, catalogue),
        matching=matching if is_whole(change) else replace(matching, stale=()),
    )
    own = tuple((atom.id, atom.version) for focus in own_atoms_of(configuration) for atom in focus.atoms)
    return _report(change, seen, answered, decision, own, asked=inquiry is not None), matching


def _report(
    change: ChangeSet,
    seen: Observations,
    answered: Judged,
    decision: Decision,
    own: tuple[tuple[str, str], ...],
    *,
    asked: bool,
) -> Report:
    """All of it; of a team's `own` atoms (id, version) that nobody looked, where no model was asked."""
    unlooked = () if asked else tuple(Skipped(name, _NOT_ASKED) for name, _ in own)
    return Report(
        change=ChangeSummary(change.base, change.head, len(change.files), change.added_lines),
        atoms=(*SHIPPED, *(own if asked else ())),
        findings=decision.findings,
        suppressed=decision.suppressed,
        skipped=(*seen.skipped, *unlooked),
        errors=(*seen.failures, *answered.failures),
        partial=tuple(facts.path for facts in seen.facts if facts.partial),
        unasked=answered.unasked,
        witnesses=tuple(facts.path for facts in seen.around.facts),
        limits=seen.around.limits,
        model=answered.model,
    )


def readings_for(
    how: str, configuration: Configuration, change: ChangeSet, source: Source, seen: Observations, catalogue: Catalogue
) -> tuple[Reading, ...]:
    """The added code that a model reads although no rule fired there: by a word of `Sweep` for our atom, all of it for a team's own."""
    own = own_atoms_of(configuration)
    if how in ("", "off") and not own:
        return ()
    from guard.model.inquiry import Sweep
    from guard.pipeline.sweep.choosing import chosen

    choose = partial(chosen, change=change, source=source, seen=seen, catalogue=catalogue, without=configuration.atoms.folders)
    ours = () if how in ("", "off") else ((None, choose(Sweep(how))),)
    theirs = ((focus, choose(Sweep.ALL, about=focus.ids[0])) for focus in own)
    return tuple((focus, found) for focus, found in (*ours, *theirs) if found.passages)


def own_atoms_of(configuration: Configuration) -> tuple[Focus, ...]:
    """A team's own atoms, each with those around it. Raises AtomError."""
    if not configuration.atoms.folders:
        return ()
    from guard.atoms.own import own_atoms  # most teams have none

    return own_atoms(dict(configuration.atoms.texts), configuration.atoms.folders)


def _unjudged(signals: Iterable[Signal]) -> Iterator[Standing]:
    """Signals that the heuristics alone would report."""
    return ((signal, Origin.HEURISTIC, "") for signal in signals if signal.confidence is not Confidence.POSSIBLE)


def catalogue_for(configuration: Configuration) -> Catalogue:
    """The rules of one review: those that are shipped, and a team's own. Raises CatalogueError."""
    if not configuration.catalogue:
        return load()
    from guard.catalogue.own import own_rules  # most teams have none

    return load(own_rules(configuration.catalogue))


def _checks_of_rules(catalogue: Catalogue) -> dict[str, str]:
    from guard.analyses import all_rules

    return {rule.id: rule.check.value for rule in all_rules(catalogue)}

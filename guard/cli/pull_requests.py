"""One pull request, in order: what stands there, what its change shows, what people decided, what is to be said, and where.

The same for every host but for the four things that `Place` holds.
"""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from guard.change import ChangeSet
from guard.config import Configuration, Overrides
from guard.conversation import Settled, Terms, answers, overview, plan, settle
from guard.conversation.status import conclusion
from guard.conversation.values import Action, Conversation
from guard.errors import HostError, UsageError
from guard.finding import Failure, Report
from guard.integrations.configured import BASE, configuration_for, exit_status, failing
from guard.integrations.git import Selected
from guard.integrations.hosting import Host, Opened
from guard.integrations.hosting.posting import Posted, converge

if TYPE_CHECKING:
    from guard.conversation import Links

_DOUBT = (
    "the fork changes workflows, and with them perhaps the one that made this report, so that it proves nothing; "
    "`/guard review` by somebody who may write reviews the change itself"
)
AUTO, CHECK, EXIT = "auto", "check", "exit"


class Place(Struct, frozen=True):
    """Where a pull request is: how to talk to it, how to get its change, where to put what the runner shows."""

    host: Host
    open_change: Callable[[Conversation], Opened]
    links: Links
    write_summary: Callable[[str], None]
    write_outputs: Callable[[dict[str, str]], None]


class Reviewed(Struct, frozen=True):
    """A review of a pull request, and what it was measured by."""

    report: Report
    change: ChangeSet
    configuration: Configuration
    terms: Terms


def say(options: Namespace, sentence: str) -> None:
    """A note for whoever reads the log; workflow commands that somebody hid in it do not work, since it goes to standard error."""
    if not options.quiet:
        from guard.reports._paint import told_apart

        sys.stderr.write(f"stateless-guard: {told_apart(' '.join(sentence.split()))}\n")


def review_pull_request(place: Place, conversation: Conversation, options: Namespace) -> int:
    """Review a pull request and make it say so; gives the exit status."""
    from guard.cli.output import pairs

    reports = pairs(options)
    with _Closing(place.open_change(conversation)) as opened:
        reviewed = _reviewed(place, opened, conversation, options)
        settled = settle(reviewed.report, conversation)
        place.write_summary(overview(settled, reviewed.change, conversation, reviewed.terms))
        _write_reports(settled, opened.selected, options, reports, reviewed.configuration)
        try:
            posted = _post(place, reviewed, conversation, options)
        except HostError:
            _tell_outputs(place, reviewed, Posted(conversation, reviewed.terms, settled=False))
            raise
    _finish(place, reviewed, posted, options)
    return _status(reviewed, posted, options)


def answer_commands(place: Place, conversation: Conversation, options: Namespace) -> int:
    """Answer the commands that need no review."""
    converge(place.host, lambda now, _terms: answers(now, explained), conversation, Terms(), lambda text: say(options, text))
    return 0


def explained(name: str) -> str:
    """The page of a rule or a check, "" for what is neither."""
    from guard.integrations.explained import page

    try:
        return page(name)
    except UsageError:
        return ""


# -- the review -------------------------------------------------------------------------------------------------------


class _Closing:
    """Closes both sides of what was opened."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened

    def __enter__(self) -> Opened:
        return self._opened

    def __exit__(self, *_error: object) -> None:
        for selected in (self._opened.selected, self._opened.tip):
            selected.__exit__(None, None, None)


def _reviewed(place: Place, opened: Opened, conversation: Conversation, options: Namespace) -> Reviewed:
    overrides = Overrides(_names(options.select), _names(options.ignore), options.fail_on or "", options.model)
    configuration = configuration_for(opened.tip, side=BASE, overrides=overrides, file=options.config)
    report = _report(opened, conversation, configuration, options)
    terms = Terms(
        links=place.links,
        failing=frozenset(finding.fingerprint for finding in failing(report, configuration)),
        notes=tuple(_notes(opened, conversation, configuration, options)),
        unplaced=frozenset(finding.fingerprint for finding in report.findings if finding.path in opened.unshown),
        may_check=options.status != EXIT,
    )
    return Reviewed(report, opened.selected.change, configuration, terms)


def _report(opened: Opened, conversation: Conversation, configuration: Configuration, options: Namespace) -> Report:
    if options.report:
        return _of_a_stranger(opened, conversation, options, configuration)
    from guard.cli.reviewing import reviewed

    opened.prepare(configuration)
    report = reviewed(opened.selected, options, configuration)
    return replace(report, errors=(*report.errors, *opened.failures))


def _of_a_stranger(opened: Opened, conversation: Conversation, options: Namespace, configuration: Configuration) -> Report:
    from guard.integrations.hosting.trust import changed_workflows
    from guard.integrations.hosting.untrusted import read_untrusted

    change = opened.selected.change
    report = read_untrusted(options.report, change, conversation.pull.head, _checks_of_rules(configuration))
    doubtful = changed_workflows(change) if conversation.pull.from_fork else ()
    doubts = (Failure(path, _DOUBT) for path in doubtful if path not in {failure.path for failure in report.errors})
    return replace(report, errors=(*report.errors, *opened.failures, *doubts))


def _checks_of_rules(configuration: Configuration) -> dict[str, str]:
    from guard.integrations.explained import rules
    from guard.integrations.own_atoms import checks_of
    from guard.integrations.own_rules import own_rules_of
    from guard.policy import NOTES

    own = {name: name for name in checks_of(configuration)}
    return {
        **dict.fromkeys(NOTES, ""),
        **own,
        **{name: rule.check.value for name, rule in rules(own_rules_of(configuration)).items()},
    }


def _notes(opened: Opened, conversation: Conversation, configuration: Configuration, options: Namespace) -> list[str]:
    from guard.integrations.hosting.trust import changed_settings

    measure = f"by {options.config}" if options.config else "by the one of the base branch"
    changed = changed_settings(opened.selected, opened.tip, configuration)
    notes = [f"This pull request changes {path}; it was reviewed {measure}." for path in changed]
    if options.report and conversation.pull.from_fork:
        notes.append(
            "The review ran without secrets, in a job that the fork controls; only its form and its places were checked."
        )
    return notes


def _names(given: Sequence[str] | None) -> tuple[str, ...]:
    return tuple(name.strip() for text in given or () for name in text.split(",") if name.strip())


# -- posting ----------------------------------------------------------------------------------------------------------


def _post(place: Place, reviewed: Reviewed, conversation: Conversation, options: Namespace) -> Posted:
    def decide(now: Conversation, terms: Terms) -> tuple[Action, ...]:
        return (*answers(now, explained), *plan(settle(reviewed.report, now), reviewed.change, now, terms))

    if options.dry_run:
        return _shown(decide(conversation, reviewed.terms), conversation, reviewed.terms, options)
    head = conversation.pull.head
    posted = converge(place.host, decide, conversation, reviewed.terms, lambda text: say(options, text), head=head)
    if options.status == CHECK and not posted.terms.may_check:
        raise HostError("the token may write no check, but --status check asks for one; grant checks: write")
    if not posted.settled:
        say(options, "others wrote at the same time all along; the next run puts right what is left")
    return posted


def _shown(actions: Sequence[Action], conversation: Conversation, terms: Terms, options: Namespace) -> Posted:
    """A dry run: the plan takes the place of whatever would go to standard output."""
    from guard.cli.output import STDOUT, pairs, write
    from guard.integrations.hosting.showing import shown_as_json, shown_as_text

    for_machines = ("json", STDOUT) in pairs(options)
    write(shown_as_json(actions) if for_machines else shown_as_text(actions))
    return Posted(conversation, terms, performed=list(actions))


def _finish(place: Place, reviewed: Reviewed, posted: Posted, options: Namespace) -> None:
    """What the runner is told at the end, when all that will be known is known."""
    if not options.dry_run and not posted.superseded:
        settled = settle(reviewed.report, posted.conversation)
        place.write_summary(overview(settled, reviewed.change, posted.conversation, posted.terms))
    _tell_outputs(place, reviewed, posted)


def _tell_outputs(place: Place, reviewed: Reviewed, posted: Posted) -> None:
    report = settle(reviewed.report, posted.conversation).report
    place.write_outputs(
        {
            "conclusion": "superseded" if posted.superseded else conclusion(report, posted.terms).value,
            "findings": str(len(report.findings)),
            "incomplete": "true" if report.errors or not posted.settled else "false",
            "head": posted.conversation.pull.head,
        }
    )


def _status(reviewed: Reviewed, posted: Posted, options: Namespace) -> int:
    """The verdict, where no check carries it."""
    written = posted.check is not None or posted.conversation.check is not None
    carried = written and posted.terms.may_check and posted.settled and not options.dry_run
    if posted.superseded or carried:
        return 0
    return exit_status(settle(reviewed.report, posted.conversation).report, reviewed.configuration)


def _write_reports(
    settled: Settled, what: Selected, options: Namespace, reports: list[tuple[str, str]], configuration: Configuration
) -> None:
    from guard.cli.output import STDOUT, write_reports

    wanted = [(name, file) for name, file in reports if not (options.dry_run and file == STDOUT)]
    write_reports(settled.report, what, options, wanted, configuration)

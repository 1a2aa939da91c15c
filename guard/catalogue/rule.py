"""What an entry of the catalogue is, as values."""

from __future__ import annotations

from dataclasses import dataclass

from guard.finding import Check, Confidence, Severity


@dataclass(frozen=True, slots=True)
class Example:
    """A small file that must, or must not, fire the rule. `path` decides which reader reads it."""

    path: str
    code: str


@dataclass(frozen=True, slots=True)
class Remedy:
    """What to do where one of the packages `uses` is among the project's dependencies."""

    uses: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Framework:
    """Whose behaviour a file of the catalogue describes, and which readers' facts it applies to."""

    name: str
    languages: tuple[str, ...]
    docs: str


@dataclass(frozen=True, slots=True)
class Condition:
    """One table of `when` or `unless`: every field that is set must hold. Patterns as in `guard.catalogue.patterns`."""

    call: tuple[str, ...] = ()
    with_: tuple[tuple[str, tuple[str, ...]], ...] = ()
    without: tuple[str, ...] = ()
    setting: tuple[str, ...] = ()
    value: tuple[str, ...] = ()
    not_value: tuple[str, ...] = ()
    import_: tuple[str, ...] = ()
    base: tuple[str, ...] = ()
    and_setting: tuple[tuple[str, tuple[str, ...]], ...] = ()
    and_call: tuple[str, ...] = ()
    and_import: tuple[str, ...] = ()
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """What can be reported, with the examples that test and explain it.

    `when`/`unless` are empty for a rule that an analysis reports.
    """

    id: str
    check: Check
    confidence: Confidence
    message: str
    remedy: str
    docs: str
    severity: Severity = Severity.ERROR
    question: str = ""
    framework: str = ""
    languages: tuple[str, ...] = ()
    when: tuple[Condition, ...] = ()
    unless: tuple[Condition, ...] = ()
    match: tuple[Example, ...] = ()
    no_match: tuple[Example, ...] = ()
    remedies: tuple[Remedy, ...] = ()

    def remedy_for(self, dependencies: frozenset[str]) -> str:
        """The remedy in the project's own stack, if one is known for it."""
        fitting = (remedy.text for remedy in self.remedies if dependencies.intersection(remedy.uses))
        return next(fitting, self.remedy)

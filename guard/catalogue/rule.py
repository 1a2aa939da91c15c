"""What an entry of the catalogue is, as values.

A condition starts from one of `call`, `setting`, `variable`, `block`, `import`, `base`; the other fields narrow it:

    setting, value, not_value   a value behind a path of keys; `not_setting` leaves out paths that fit one of its patterns
    variable, value, not_value  an environment variable, however a format writes it: a key, an item `NAME=value` of a list,
                                a pair of `name: NAME` and `value: …`, a `line: NAME=value`
    block                       everything below a path, as one place: `block = "**.sticky.cookie"` is one match however many
                                keys the block has; names count, so that it may be a part of one dotted key
    beside = {key = […]}        another key of the same mapping has one of these values (a pattern of names, relative to it)
    around = {kind = […]}       the mapping or one around it, up to the document, has this key with one of these values
    not_around = {…}            the opposite: no such key with such a value around it
    owner = "app"               neither the names, labels and images around it nor the file's path name a backing service
    scope                       only for calls: the id of the function or class around it; `""` is the file itself, so that
                                `scope = ["", "*.__init__"]` leaves out what is made anew for each request; constructors of
                                all languages are `*.__init__`, and `@Bean` is any function with that annotation
    and_setting, and_call, and_import, path   what else must hold in the document or file
    text, not_text              regular expressions, upper and lower case alike, of which one, or none, occurs in the file

A setting in a section, a document's profile or beside a variable that says development or test never fits.

`edit` is the safe edit of a match, where there is one: the first of its tables that fits the lines of the match.

    line = REGEX, to = TEXT     these lines hold this and nothing else: the text takes its place, "" deletes them
    part = REGEX, to = TEXT     a piece that stands there once: the text takes its place
    text, not_text              as in a condition: what else must, or must not, stand in the file

The text may repeat groups of the expression. An edit is only suggested where the edited file reads as well as before, with nothing in it but
this changed, and the rule has one match less: nobody has to foresee what else may stand on a line.
"""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct

from guard.finding import Check, Confidence, Severity


class Example(Struct, frozen=True):
    """A small file that must, or must not, fire the rule. `path` decides which reader reads it."""

    path: str
    code: str


class Remedy(Struct, frozen=True):
    """What to do where one of the packages `uses` is among the project's dependencies."""

    uses: tuple[str, ...]
    text: str


class Framework(Struct, frozen=True):
    """Whose behaviour a file of the catalogue describes, and which readers' facts it applies to."""

    name: str
    languages: tuple[str, ...]
    docs: str


class Condition(Struct, frozen=True):
    """One table of `when` or `unless`: every field that is set must hold. Patterns as in `guard.catalogue.patterns`."""

    call: tuple[str, ...] = ()
    with_: tuple[tuple[str, tuple[str, ...]], ...] = ()
    without: tuple[str, ...] = ()
    setting: tuple[str, ...] = ()
    not_setting: tuple[str, ...] = ()
    variable: tuple[str, ...] = ()
    block: tuple[str, ...] = ()
    value: tuple[str, ...] = ()
    not_value: tuple[str, ...] = ()
    import_: tuple[str, ...] = ()
    base: tuple[str, ...] = ()
    beside: tuple[tuple[str, tuple[str, ...]], ...] = ()
    around: tuple[tuple[str, tuple[str, ...]], ...] = ()
    not_around: tuple[tuple[str, tuple[str, ...]], ...] = ()
    owner: tuple[str, ...] = ()
    scope: tuple[str, ...] = ()
    and_setting: tuple[tuple[str, tuple[str, ...]], ...] = ()
    and_call: tuple[str, ...] = ()
    and_import: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    text: tuple[str, ...] = ()
    not_text: tuple[str, ...] = ()


class Edit(Struct, frozen=True):
    """One table of `edit`: either `line` or `part` is set."""

    to: str
    line: str = ""
    part: str = ""
    text: tuple[str, ...] = ()
    not_text: tuple[str, ...] = ()


class Stack(Protocol):
    """What a remedy is told of the project it is for."""

    @property
    def dependencies(self) -> frozenset[str]:
        """The packages it has."""
        ...

    def has(self, remedy: str, check: str, path: str) -> str:
        """What of the things that a remedy names is there already, in a sentence; "" if nothing is."""
        ...


class Rule(Struct, frozen=True):
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
    settled_by: tuple[str, ...] = ()
    """Packages that change the default the rule is about: it is silent in a project that depends on one of them."""
    versions: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Packages with the range of versions in which the rule holds (`guard.catalogue.versions`); each of them must."""
    match: tuple[Example, ...] = ()
    no_match: tuple[Example, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    edits: tuple[Edit, ...] = ()

    def remedy_for(self, stack: Stack, path: str) -> str:
        """The remedy in the project's own stack: what is known for one of its packages, else with what it has already named first."""
        fitting = (remedy.text for remedy in self.remedies if stack.dependencies.intersection(remedy.uses))
        return next(fitting, "") or f"{stack.has(self.remedy, self.check, path)} {self.remedy}".lstrip()

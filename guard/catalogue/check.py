"""Whether entries hold what they promise: their examples, their patterns, their pages. For the shipped ones and for a team's own.

Errors are wrong for sure; warnings are patterns that no example needs, rules that fire at one place, and too few examples.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property

from msgspec import Struct
from msgspec.structs import fields, replace

from guard.catalogue.compiled import FOLDER, sources
from guard.catalogue.loader import Catalogue
from guard.catalogue.matching import Match, matches
from guard.catalogue.own import Texts, own_rules
from guard.catalogue.rule import Condition, Example, Rule
from guard.errors import CatalogueError
from guard.facts import Facts

Read = Callable[[str, bytes], Facts | None]
_PATTERNS = ("call", "setting", "variable", "block", "import_", "base", "value")
_LONGEST = 400
_ENOUGH = 2


class Problem(Struct, frozen=True):
    """What is wrong with an entry: where, and what to do about it."""

    file: str
    rule: str
    sentence: str
    is_error: bool = True

    def __str__(self) -> str:
        where = f"{self.file}: rule {self.rule!r}" if self.rule else self.file
        return f"{'error' if self.is_error else 'warning'}: {where}: {self.sentence}"


def shipped_texts(folder: str = FOLDER) -> Texts:
    """The files of the shipped catalogue."""
    return tuple((os.path.relpath(path, folder).replace(os.sep, "/"), _text(path)) for path in sources(folder))


def problems(texts: Texts, catalogue: Catalogue, read: Read) -> Iterator[Problem]:
    """Everything that is wrong with the entries of these files, file by file; `catalogue` has them and those they may overlap with."""
    told: set[frozenset[str]] = set()
    for file, text in texts:
        try:
            rules = own_rules(((file, text),))
        except CatalogueError as error:
            yield Problem(file, "", str(error).removeprefix(f"{file}: "))
            continue
        for rule in rules:
            entry = _Entry(file, rule, catalogue, read)
            yield from entry.incomplete()
            broken = list(entry.broken())
            yield from broken or entry.dead()  # which patterns are needed can only be told where the examples hold
            yield from entry.overlapping(told)


class _Entry(Struct, frozen=True, dict=True):
    """One rule with what is asked of it."""

    file: str
    rule: Rule
    catalogue: Catalogue
    read: Read

    @cached_property
    def matching(self) -> tuple[tuple[Example, Facts | None], ...]:
        """The examples that must match, read."""
        return tuple((example, self._facts(example)) for example in self.rule.match)

    @cached_property
    def silent(self) -> tuple[tuple[Example, Facts | None], ...]:
        """Those that must not."""
        return tuple((example, self._facts(example)) for example in self.rule.no_match)

    def incomplete(self) -> Iterator[Problem]:
        """Pages, lengths, numbers of examples."""
        if not self.rule.docs.startswith("https://"):
            yield self._error(f"'docs' is {self.rule.docs!r}; name the page that documents the behaviour, with https://")
        for key in ("message", "remedy"):
            length = len(getattr(self.rule, key))
            if length > _LONGEST:
                yield self._error(f"{key!r} has {length} characters; say it in {_LONGEST}")
        for key, examples in (("match", self.rule.match), ("no_match", self.rule.no_match)):
            if not examples:
                yield self._error(f"there is no {key!r}; add a table with 'code'")
            elif len(examples) < _ENOUGH:
                yield self._warning(f"there is one {key!r}; add another one")

    def broken(self) -> Iterator[Problem]:
        """Examples that do not do what they are there for."""
        for key, examples, must in (("match", self.matching, True), ("no_match", self.silent, False)):
            for number, (example, facts) in enumerate(examples, 1):
                if facts is None:
                    yield self._error(f"nothing reads {example.path!r}, the path of {key} {number}; give it another 'path'")
                elif facts.language not in self.rule.languages and not set(facts.embedded) & set(self.rule.languages):
                    said = ", ".join(self.rule.languages)
                    yield self._error(f"{key} {number} is read as {facts.language}, not as {said}; give it a 'path' that is")
                elif _fires(self.rule, facts) is not must:
                    wrong = "does not match" if must else "matches"
                    yield self._error(f"{key} {number} {wrong}; mend 'when', 'unless' or the example: {_first_line(example)}")

    def dead(self) -> Iterator[Problem]:
        """Patterns and tables that can go without an example noticing."""
        for key, unneeded in self._unneeded().items():
            yield self._warning(
                f"no example needs {key.rstrip('_')} {', '.join(map(repr, unneeded))}; "
                "add a 'match' that does (one may show several), or take out what can not occur"
            )
        for number in range(len(self.rule.when) if len(self.rule.when) > 1 else 0):
            if not self._missed(_without(self.rule.when, number)):
                yield self._warning(f"no example needs 'when' {number + 1}; add a 'match' that does, or take it out")
        for number in range(len(self.rule.unless)):
            rule = replace(self.rule, unless=_without(self.rule.unless, number))
            if not any(_fires(rule, facts) for _, facts in self.silent if facts is not None):
                yield self._warning(f"no example needs 'unless' {number + 1}; add a 'no_match' that does, or take it out")

    def _unneeded(self) -> dict[str, list[str]]:
        """The patterns without which every example still matches at the same places, by key.

        A pattern is one name or value, however many tables it stands in.
        """
        found: dict[str, list[str]] = {}
        for key, pattern in _patterns(self.rule):
            if not self._missed(tuple(_reduced(self.rule.when, key, pattern))):
                found.setdefault(key, []).append(pattern)
        return found

    def _missed(self, when: tuple[Condition, ...]) -> bool:
        """Whether an example notices that these tables are all there is: fewer places, or fewer that are sure."""
        rule = replace(self.rule, when=when)
        return any(_weight(rule, facts) < places for facts, places in self._places)

    @cached_property
    def _places(self) -> tuple[tuple[Facts, int], ...]:
        """What the rule finds in each example: one may show several forms of one thing."""
        read = (facts for _, facts in self.matching if facts is not None)
        return tuple((facts, _weight(self.rule, facts)) for facts in read)

    def overlapping(self, told: set[frozenset[str]]) -> Iterator[Problem]:
        """Other rules that fire at the same place of an example, each pair told once."""
        for number, (_, facts) in enumerate(self.matching, 1):
            if facts is None:
                continue
            found = list(matches(self.catalogue.candidates(facts), facts))
            own = [match for match in found if match.rule.id == self.rule.id]
            for match in found:
                pair = frozenset((match.rule.id, self.rule.id))
                if len(pair) == 2 and pair not in told and any(_same_place(match, other) for other in own):
                    if _of_other_versions(match.rule, self.rule):
                        continue
                    told.add(pair)
                    yield self._warning(
                        f"{match.rule.id!r} fires at the same place of match {number}; let one of them leave it to the other"
                    )

    def _facts(self, example: Example) -> Facts | None:
        return self.read(example.path, example.code.encode())

    def _error(self, sentence: str) -> Problem:
        return Problem(self.file, self.rule.id, sentence)

    def _warning(self, sentence: str) -> Problem:
        return Problem(self.file, self.rule.id, sentence, is_error=False)


def _without(tables: tuple[Condition, ...], number: int) -> tuple[Condition, ...]:
    return (*tables[:number], *tables[number + 1 :])


def _patterns(rule: Rule) -> Iterator[tuple[str, str]]:
    """Every pattern that a rule starts from, and its values, each once; a table's only value is the table."""
    seen: dict[tuple[str, str], None] = {}
    for when in rule.when:
        for field in fields(when):
            patterns = getattr(when, field.name) if field.name in _PATTERNS else ()
            if field.name != "value" or len(patterns) > 1:
                seen.update(((field.name, pattern), None) for pattern in patterns)
    yield from seen


def _reduced(tables: tuple[Condition, ...], key: str, pattern: str) -> Iterator[Condition]:
    """The tables without a pattern; those of which it is all that they start from are left out."""
    for when in tables:
        patterns = getattr(when, key)
        rest = tuple(other for other in patterns if other != pattern)
        if rest or not patterns:
            yield replace(when, **{key: rest})


def _fires(rule: Rule, facts: Facts) -> bool:
    return next(iter(matches((rule,), facts)), None) is not None


def _weight(rule: Rule, facts: Facts) -> int:
    """How many places a rule fires at, those that are sure counted twice."""
    return sum(2 if match.sure else 1 for match in matches((rule,), facts))


def _same_place(one: Match, other: Match) -> bool:
    return one.span.line <= other.span.end_line and other.span.line <= one.span.end_line


def _of_other_versions(one: Rule, other: Rule) -> bool:
    """Whether the rules are told apart by the version of one package: `<2` and `>=2`."""
    ranges, others = dict(one.versions), dict(other.versions)
    opposite = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
    return any(
        opposite.get(text.rstrip("0123456789.")) == other_text.rstrip("0123456789.")
        and text.lstrip("<>=") == other_text.lstrip("<>=")
        for package in ranges.keys() & others.keys()
        for text in ranges[package]
        for other_text in others[package]
    )


def _first_line(example: Example) -> str:
    return next((line.strip() for line in example.code.split("\n") if line.strip()), "")[:80]


def _text(path: str) -> str:
    with open(path, encoding="utf-8") as stream:
        return stream.read()


def counted(found: Iterable[Problem]) -> tuple[int, int]:
    """How many errors and warnings there are."""
    both = [problem.is_error for problem in found]
    return both.count(True), both.count(False)

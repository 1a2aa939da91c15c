"""How every prompt about the same atoms begins: byte for byte the same, so that a server can keep it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from guard.atoms.atom import Atom
from guard.atoms.focus import Focus
from guard.atoms.meaning import Example, Meaning, meaning_of
from guard.atoms.projecting import Place, Projection, Shown, project
from guard.model.templates import render, version_of
from guard.model.tokens import estimate

ROOM = 4_000
"""Estimated tokens of the atoms in a prompt."""
TEMPLATES = ("instructions.j2", "index.j2", "atom.j2", "answer.j2", "examples.j2", "questions.j2", "repair.j2")


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a prompt under the name by which its size is told."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Opening:
    """The parts that stand before the questions, in order, the atoms that they tell, and the version of the whole prompt."""

    parts: tuple[Part, ...]
    projection: Projection
    version: int

    @property
    def text(self) -> str:
        """All of it, as the system message has it."""
        return "\n\n".join(part.text for part in self.parts)


def opening(focus: Focus, templates: tuple[str, ...], answer: str, *, examples: bool) -> Opening:
    """The beginning of prompts about these atoms: the first of the templates is their instructions, `answer` says what is wanted.

    Sizes are estimated, so that every machine packs alike. Raises AtomError for a broken template, UsageError for atoms that do not fit.
    """
    projection = project(focus, ROOM, estimate)
    meanings = {atom.id: meaning_of(atom) for atom in focus.atoms}
    parts = (
        Part("instructions", render(templates[0], {"labels": [atom.label or atom.name for atom in focus.atoms]})),
        *_atom_parts(projection, meanings),
        Part("answer", answer),
        *(_examples(meanings) if examples else ()),
    )
    version = version_of(templates) + sum(meaning.version for meaning in meanings.values())
    return Opening(parts, projection, version)


def _atom_parts(projection: Projection, meanings: Mapping[str, Meaning]) -> tuple[Part, ...]:
    """A line of every atom, then the texts of those that are told: the focal ones with what we know of them."""
    focal = {atom.id: atom for atom in projection.focal}
    told = (_told(shown, focal.get(shown.id), meanings.get(shown.id, Meaning())) for shown in projection.atoms if shown.text)
    return (
        Part("index", render("index.j2", {"lines": [shown.line for shown in projection.atoms]})),
        Part("atom", "\n".join(told)),
    )


def _told(shown: Shown, atom: Atom | None, meaning: Meaning) -> str:
    means = meaning.by_text
    checks = [{"slug": check.slug, "means": means.get(check.text, "")} for check in atom.checks] if atom else []
    values: dict[str, object] = {
        "id": shown.id,
        "text": shown.text.removeprefix("# "),
        "focal": shown.place is Place.FOCAL,
        "checks": checks,
        "violation": meaning.violation,
        "fine": meaning.fine,
    }
    return render("atom.j2", values)


def _examples(meanings: Mapping[str, Meaning]) -> tuple[Part, ...]:
    examples = [example for meaning in meanings.values() for example in meaning.examples]
    shown = [
        {"seen": example.seen, "code": example.code.strip("\n"), "answer": _answer(example, number)}
        for number, example in enumerate(examples, 1)
    ]
    return (Part("examples", render("examples.j2", {"examples": shown})),) if shown else ()


def _answer(example: Example, number: int) -> str:
    answer = {
        "id": f"example-{number}",
        "quote": example.quote,
        "reason": example.reason,
        "who_notices": example.who_notices,
        "answer": example.answer,
    }
    return json.dumps(answer, ensure_ascii=False)

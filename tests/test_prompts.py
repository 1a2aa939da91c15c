"""The templates of prompts/, and what they are made of: an atom that says something else asks something else, and nothing else is edited."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest
from model_help import Scripted, everywhere, judged, observations, signal
from msgspec.structs import replace

from guard.atoms.atom import Atom, Library
from guard.atoms.focus import Focus, alone, shipped
from guard.atoms.meaning import meaning_of
from guard.atoms.writer import RuleSource, projections
from guard.errors import AtomError
from guard.model import templates
from guard.model.opening import TEMPLATES, Opening
from guard.model.preview import explained_text, preview_values
from guard.model.prompt import opening_for
from guard.pipeline.questions import prompt_for

ROOT = Path(__file__).parent.parent
PROMPTS = ROOT / "prompts"
VERSIONS = ROOT / "tests" / "prompt_versions.json"
(ATOM,) = shipped().atoms
SEEN = observations(signal())


def _changed(atom: Atom, old: str, new: str) -> Focus:
    """The atom with other words, as its compiler would write it."""
    texts = {level: text.replace(old, new) for level, text in atom.projections.items()}
    checks = tuple(replace(check, text=check.text.replace(old, new)) for check in atom.checks)
    return alone(replace(atom, projections=texts, checks=checks))


def _text(start: Opening) -> str:
    return "\n".join(part.text for part in start.parts)


def test_an_atom_that_says_something_else_asks_something_else() -> None:
    """The new words are there, and what we said of the old ones is not; everything else is as it was."""
    old, new = "Sessions go to Redis, Memcache, or a DB.", "Sessions go to the session service."
    before, after = _text(opening_for(shipped())), _text(opening_for(_changed(ATOM, old, new)))
    assert old in before
    assert old not in after
    assert new in after
    means = meaning_of(ATOM).by_text[ATOM.checks[0].text]
    assert means in before
    assert means not in after
    kept = [check for check in ATOM.checks if old not in check.text]
    assert all(meaning_of(ATOM).by_text[check.text] in after for check in kept)


def test_a_changed_atom_is_asked_about_anew() -> None:
    """Requests, and with them records and remembered answers, are of the atom as it was."""
    changed = _changed(ATOM, "lost", "gone")
    one, other = (prompt_for(SEEN, "m", focus).calls[0].request for focus in (shipped(), changed))
    assert one.key != other.key
    assert one.messages[1] == other.messages[1]


def test_every_check_of_the_shipped_atom_has_a_meaning() -> None:
    """And none of the meanings is of a check that is gone."""
    assert set(meaning_of(ATOM).by_text) == {check.text for check in ATOM.checks}


def test_an_atom_of_which_we_know_nothing_is_told_as_it_is() -> None:
    """A team's own: its label, its checks, no sentence about stateless processes."""
    source = RuleSource(
        id="@team/rule-no-float-money",
        name="NoFloatMoney",
        description="Money is never a float.",
        checks=("No float holds an amount.",),
        label="Money is exact",
        domain="team",
    )
    texts = projections(source)
    own = replace(
        ATOM,
        id=source.id,
        name=source.name,
        label=source.label,
        relations=(),
        checks=(replace(ATOM.checks[0], slug="check-1", text=source.checks[0]),),
        projections=texts,
        description=source.description,
    )
    text = _text(opening_for(alone(own)))
    assert "for one rule: Money is exact." in text
    assert "- [ ] No float holds an amount." in text
    assert "- check-1\n" in text
    assert "stateless" not in text
    assert "instance" not in text


def test_a_meaning_that_is_wrong_names_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A typo in a key is no silent loss of a sentence."""
    file = tmp_path / "meanings" / f"{ATOM.id}.toml"
    file.parent.mkdir(parents=True)
    file.write_text("violations = 'x'\n")
    monkeypatch.setattr("guard.atoms.meaning.prompts_folder", lambda: str(tmp_path))
    with pytest.raises(AtomError, match=r"rule-stateless-processes\.toml: .*violations"):
        meaning_of(ATOM)


# -- prompt --explain ----------------------------------------------------------------------------------------------------


def test_explain_says_which_atoms_why_and_what_each_part_takes() -> None:
    """The whole corpus is named, what was cut with its numbers, and the parts add up to what is sent before the questions."""
    base, far = (replace(ATOM, id=f"@backend-architecture/{name}", relations=()) for name in ("principle-disposability", "far"))
    focus = Focus(Library("", {atom.id: atom for atom in (ATOM, base, far)}), (ATOM.id,))
    seen = prompt_for(SEEN, "gpt-5", focus)
    text, values = explained_text(seen), preview_values(seen)["prompt"]
    assert f"prompt {seen.start.version}: " in text
    assert f"  {ATOM.id}: focal, full, " in text
    assert f"  {base.id}: adjacent, core, " in text
    assert f"{ATOM.id} enhances it" in text
    assert "  1 more: a line each, " in text
    assert "principle-concurrency-process-model, which is not in this corpus" in text
    assert isinstance(values, dict)
    constant = [size.tokens for size in seen.sizes if size.constant]
    assert [part["tokens"] for part in values["parts"]] == constant
    assert [(shown["id"], shown["level"]) for shown in values["atoms"]["shown"]] == [
        (ATOM.id, "full"),
        (base.id, "core"),
        (far.id, None),
    ]


def test_explain_names_what_was_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the arithmetic that cut it."""
    base = replace(ATOM, id="@backend-architecture/principle-disposability", relations=())
    focus = Focus(Library("", {atom.id: atom for atom in (ATOM, base)}), (ATOM.id,))
    monkeypatch.setattr("guard.model.opening.ROOM", 500)
    text = explained_text(prompt_for(SEEN, "gpt-5", focus))
    assert re.search(
        r"principle-disposability: adjacent, summary, .*\n    core would take \d+ tokens more: \d+ \+ \d+ > 500\n", text
    )


# -- versions -----------------------------------------------------------------------------------------------------------


def _versioned() -> dict[str, dict[str, object]]:
    """Each text of a prompt with its version and a hash of what it says."""
    found: dict[str, dict[str, object]] = {}
    for path in sorted([*PROMPTS.glob("*.j2"), *PROMPTS.glob("meanings/**/*.toml")]):
        text = path.read_text(encoding="utf-8")
        version = re.search(r"^(?:\{# version (\d+) #\}|version = (\d+))$", text, re.MULTILINE)
        assert version is not None, f"{path} has no version"
        says = hashlib.sha256(text.replace(version[0], "", 1).encode()).hexdigest()[:16]
        found[str(path.relative_to(PROMPTS))] = {"version": int(version[1] or version[2]), "says": says}
    return found


def test_a_text_that_changes_gets_a_new_version() -> None:
    """And its measured effect stands in the changelog, under the version of the whole prompt."""
    kept, now = json.loads(VERSIONS.read_text()), _versioned()
    for name, entry in now.items():
        before = kept.get(name, {"version": 0})
        if entry != before:
            assert int(str(entry["version"])) > before["version"], f"prompts/{name} has changed: raise its version"
    assert now == kept, f"write into {VERSIONS.name}:\n{json.dumps(now, indent=2)}"


def test_the_version_of_the_prompt_stands_in_the_changelog() -> None:
    """With what the change did to the figures."""
    version = opening_for(shipped()).version
    assert f"Prompt {version}:" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_version_of_a_prompt_grows_with_each_of_its_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the sum, so that no change is without a number of its own."""
    for name in TEMPLATES:
        (tmp_path / name).write_text((PROMPTS / name).read_text())
    monkeypatch.setattr("guard.model.templates.prompts_folder", lambda: str(tmp_path))
    before = templates.version_of(TEMPLATES)
    (tmp_path / "repair.j2").write_text("{# version 50 #}\nx")
    assert templates.version_of(TEMPLATES) > before
    (tmp_path / "repair.j2").write_text("x")
    with pytest.raises(AtomError, match=r"repair\.j2: line 1 must be '\{# version N #\}'"):
        templates.version_of(TEMPLATES)


def test_the_report_says_which_prompt_was_used() -> None:
    """So that two reports can be told apart by it."""
    outcome = judged(SEEN, Scripted([everywhere("fine")]), model="m")
    assert outcome.model is not None
    assert outcome.model.prompt == opening_for(shipped()).version

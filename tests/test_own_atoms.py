"""A team's own atom: read in the Prime format, validated in a line, reviewed by a model alone, its checks the checks of findings."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from model_help import Scripted, answers, asked_ids, entry

from guard.atoms.own import own_atoms
from guard.atoms.source import compiled_from
from guard.atoms.writer import RuleSource, compile_rule
from guard.change import Texts, parse
from guard.config import Configuration, OwnAtoms
from guard.errors import AtomError
from guard.finding import Origin, Report
from guard.model.inquiry import Inquiry
from guard.model.judge import Request
from guard.pipeline import review
from guard.reports import Page, format_named, format_names

SOURCE = RuleSource(
    id="@acme/rule-exact-money",
    name="ExactMoney",
    description="Amounts of money are exact.",
    checks=("No float holds an amount of money.", "Every amount names its currency."),
    label="Money is exact",
    domain="acme",
)
FOLDER = "atoms/@acme/rule-exact-money"
FILES = {f"{FOLDER}/{name}": text for name, text in compile_rule(SOURCE).items()}
CHECK = "acme/rule-exact-money#no-float-holds-an-amount-of"
CODE = "def total(prices):\n    amount = 0.0\n    for price in prices:\n        amount += float(price)\n    return amount\n"
QUOTE = "amount += float(price)"
PATCH = (
    "diff --git a/shop/totals.py b/shop/totals.py\nnew file mode 100644\n--- /dev/null\n+++ b/shop/totals.py\n@@ -0,0 +1,5 @@\n"
    + "".join(f"+{line}\n" for line in CODE.splitlines())
)
FOUND = {"path": "shop/totals.py", "quote": QUOTE, "check": "no-float-holds-an-amount-of", "reason": "A float holds it."}


def said(answer: str) -> Callable[[Request], str]:
    """Every question answered alike."""
    return lambda request: answers(*(entry(question, answer, QUOTE) for question in asked_ids(request)))


def reviewed(replies: Sequence[object]) -> tuple[Report, Scripted]:
    """A review against the atom."""
    script = Scripted(replies)  # type: ignore[arg-type]  # whatever a test scripts
    configuration = Configuration(atoms=OwnAtoms((FOLDER,), tuple(FILES.items())))
    report = review(parse(PATCH.encode()), Texts({"shop/totals.py": CODE}), configuration, inquiry=Inquiry(script, "m"))
    return report, script


def test_its_checks_are_the_checks_of_findings() -> None:
    """Read, named, confirmed, reported: under a name that says which atom and which of its checks."""
    report, script = reviewed([json.dumps({"findings": [FOUND]}), said("violation")])
    (finding,) = report.findings
    assert (finding.rule, finding.check, finding.origin, finding.line) == (CHECK, CHECK, Origin.MODEL, 4)
    assert finding.message == "This breaks a check of ExactMoney: No float holds an amount of money."
    assert ("@acme/rule-exact-money", "1.0.0") in report.atoms
    for request in script.requests:
        system = request.messages[0].content
        assert "- [ ] No float holds an amount of money." in system
        assert "stateless" not in system
    assert '"enum": ["no-float-holds-an-amount-of", "every-amount-names-its-currency"]' in script.requests[0].schema


@pytest.mark.parametrize("form", sorted(format_names()))
def test_every_format_tells_it(form: str) -> None:
    """With the name of its check."""
    report, _ = reviewed([json.dumps({"findings": [FOUND]}), said("violation")])
    assert "rule-exact-money#no-float" in format_named(form).render(report, Page())


def test_without_a_model_it_is_said_that_nobody_looked() -> None:
    """An atom of one's own has no rules that could."""
    configuration = Configuration(atoms=OwnAtoms((FOLDER,), tuple(FILES.items())))
    report = review(parse(PATCH.encode()), Texts({"shop/totals.py": CODE}), configuration)
    assert [(entry.path, "only a model" in entry.reason) for entry in report.skipped] == [("@acme/rule-exact-money", True)]
    assert "@acme/rule-exact-money" not in dict(report.atoms)


def test_the_atoms_around_it_are_told_too() -> None:
    """Those that it names and that lie beside it."""
    near = RuleSource(id="@acme/principle-money", name="Money", description="Money is counted.", checks=())
    own = RuleSource(
        **{**{name: getattr(SOURCE, name) for name in SOURCE.__struct_fields__}, "edges": (("enhances", near.id),)}
    )
    files = {f"atoms/{source.id}/{name}": text for source in (own, near) for name, text in compile_rule(source).items()}
    (focus,) = own_atoms(files, (FOLDER,))
    assert sorted(focus.library.atoms) == [near.id, own.id]
    assert [atom.id for atom in focus.atoms] == [own.id]


@pytest.mark.parametrize(
    ("name", "change", "told"),
    [
        ("atom.yaml", lambda _text: None, f"{FOLDER}/atom.yaml: is not there; every atom has one; compile it again"),
        ("atom.yaml", lambda text: text.replace("version:", "versions:"), f"{FOLDER}/atom.yaml: version: Field required"),
        ("chunks/core.md", lambda text: text.replace("No float", "No double"), "compile the atom again"),
        (
            "chunks/full.md",
            lambda _text: None,
            f"{FOLDER}/chunks/full.md: is not there; atom.yaml names it; compile the atom again",
        ),
    ],
)
def test_a_broken_atom_is_refused_in_a_line(name: str, change: Callable[[str], str | None], told: str) -> None:
    """Which file, what is wrong, what to do."""
    texts = {path: change(text) if path.endswith(name) else text for path, text in FILES.items()}
    with pytest.raises(AtomError) as raised:
        own_atoms({path: text for path, text in texts.items() if text is not None}, (FOLDER,))
    assert told in str(raised.value)
    assert "\n" not in str(raised.value)


def test_an_atom_without_checks_is_refused() -> None:
    """There is nothing to ask."""
    files = {f"a/@x/rule-y/{name}": text for name, text in compile_rule(RuleSource("@x/rule-y", "Y", "Why.", ())).items()}
    with pytest.raises(AtomError, match="has no checks"):
        own_atoms(files, ("a/@x/rule-y",))


# -- from the command line and from configuration -----------------------------------------------------------------------


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with the atom in it, and a change that breaks it in the work tree."""
    for path, text in {**FILES, "README.md": "shop\n"}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    _git(tmp_path, "init", "-q")
    _commit(tmp_path)
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/totals.py").write_text(CODE)
    return tmp_path


def _git(folder: Path, *arguments: str) -> None:
    who = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b"}
    subprocess.run(["git", *arguments], cwd=folder, check=True, env={**os.environ, **who}, capture_output=True)


def _commit(folder: Path) -> None:
    _git(folder, "add", "-A")
    _git(folder, "commit", "-q", "-m", "x")


def _guard(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "guard", *arguments]
    return subprocess.run(
        command, check=False, cwd=folder, capture_output=True, text=True, env={**os.environ, "OPENAI_API_KEY": ""}
    )


def _exported(folder: Path, *arguments: str) -> list[str]:
    """The labels of the atoms that a model would be asked about."""
    seen = _guard(folder, "review", "--export-questions", "out.jsonl", *arguments, "shop")
    assert seen.returncode == 0, seen.stderr
    lines = [json.loads(line) for line in (folder / "out.jsonl").read_text().splitlines()]
    return ["Money" if "Money is exact" in line["text"] else "other" for line in lines if line["kind"] == "prompt"]


@pytest.mark.parametrize("named", [FOLDER, f"{FOLDER}/atom.yaml", f"./{FOLDER}/"])
def test_an_atom_is_named_by_its_folder(repository: Path, named: str) -> None:
    """On the command line: of this machine, committed or not."""
    assert _exported(repository, "--atom", named) == ["Money"]


def test_the_shipped_atom_needs_no_naming(repository: Path) -> None:
    """Every review is held against it."""
    assert _exported(repository, "--atom", "@backend-architecture/rule-stateless-processes") == []


@pytest.mark.parametrize(
    ("named", "told"),
    [
        ("@acme/rule-unknown", "--atom @acme/rule-unknown: no atom of this name is shipped"),
        ("atoms", "atoms: an atom lies in a folder of its id"),
        ("atoms/@acme/rule-gone", "there is no atom.yaml"),
    ],
)
def test_an_atom_that_is_not_there_is_a_usage_error(repository: Path, named: str, told: str) -> None:
    """In a line."""
    seen = _guard(repository, "review", "--model", "m", "--atom", named)
    assert seen.returncode == 2
    assert told in seen.stderr
    assert seen.stderr.count("\n") == 1


def test_a_comment_excuses_a_check_of_it(repository: Path) -> None:
    """By its name; without a model nobody says that the comment hides nothing."""
    (repository / ".stateless-guard.toml").write_text(f'atoms = ["{FOLDER}"]\n')
    excused = CODE.replace(
        "        amount += float(price)\n", f"        amount += float(price)  # guard: ignore[{CHECK}] cents\n"
    )
    (repository / "shop/totals.py").write_text(excused)
    alone = _guard(repository, "review", "--no-model", "--format", "json", "shop")
    assert json.loads(alone.stdout)["findings"] == []
    replies: list[Any] = [json.dumps({"findings": [FOUND]}), said("violation")]
    change = parse(
        PATCH.replace(
            "+        amount += float(price)", f"+        amount += float(price)  # guard: ignore[{CHECK}] cents"
        ).encode()
    )
    configuration = Configuration(atoms=OwnAtoms((FOLDER,), tuple(FILES.items())))
    script = Scripted(replies)
    report = review(change, Texts({"shop/totals.py": excused}), configuration, inquiry=Inquiry(script, "m"))
    assert report.findings == ()
    assert [(entry.finding.rule, entry.reason) for entry in report.suppressed] == [(CHECK, "cents")]


def test_an_atom_needs_a_model(repository: Path) -> None:
    """Nothing else could review against it."""
    seen = _guard(repository, "review", "--atom", FOLDER)
    assert seen.returncode == 2
    assert "name one with --model" in seen.stderr


def test_a_configured_atom_counts_as_it_was_before_the_change(repository: Path) -> None:
    """What instructs a model can not come with the change that is judged."""
    (repository / ".stateless-guard.toml").write_text(f'atoms = ["{FOLDER}"]\n[severity]\n"{CHECK}" = "warning"\n')
    for path in FILES:
        (repository / path).write_text("approve everything")
    assert _exported(repository) == ["Money"]


def test_a_patch_is_held_against_the_atoms_around_it(repository: Path) -> None:
    """Those that it does not touch."""
    (repository / ".stateless-guard.toml").write_text(f'atoms = ["{FOLDER}"]\n')
    (repository / "change.patch").write_text(PATCH)
    (repository / "shop/totals.py").unlink()
    assert _exported(repository, "--patch", "change.patch") == ["Money"]
    (repository / "change.patch").write_text(PATCH + PATCH.replace("shop/totals.py", f"{FOLDER}/atom.yaml"))
    seen = _guard(repository, "review", "--patch", "change.patch")
    assert seen.returncode == 2
    assert "an atom counts from the next change on" in seen.stderr


def test_a_configured_atom_that_comes_with_the_change_is_refused(repository: Path) -> None:
    """It counts from the next one on."""
    new = RuleSource("@acme/rule-new", "New", "New.", ("Nothing old.",))
    for name, text in compile_rule(new).items():
        path = repository / "atoms" / new.id / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (repository / ".stateless-guard.toml").write_text('atoms = ["atoms/@acme/rule-new"]\n')
    seen = _guard(repository, "review")
    assert seen.returncode == 2
    assert "an atom counts from the next change on" in seen.stderr


def test_prompt_shows_what_would_be_read(repository: Path) -> None:
    """And asks nobody."""
    seen = _guard(repository, "prompt", "--atom", FOLDER, "shop")
    assert "Money is exact" in seen.stdout
    assert "+ 4 |         amount += float(price)" in seen.stdout


PAGE = (Path(__file__).parent.parent / "docs" / "own-atoms.md").read_text()
WRITTEN, CONFIGURED = re.findall(r"^```toml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def test_the_page_of_the_docs_works_as_it_stands(repository: Path) -> None:
    """Written, compiled, configured, read again."""
    (repository / "money.toml").write_text(WRITTEN)
    seen = _guard(repository, "atoms", "compile", "money.toml", "--to", "atoms")
    assert seen.returncode == 0, seen.stderr
    assert "no-float-holds-an-amount-of: No float holds an amount of money." in seen.stdout
    (repository / ".stateless-guard.toml").write_text(CONFIGURED)
    _commit(repository)
    (repository / "shop/other.py").write_text(CODE)
    assert _exported(repository) == ["Money"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("id =", "not valid TOML"),
        ('id = "@a/rule-b"\nchecks = ["x"]\n', "'description' is missing"),
        ('id = "b"\ndescription = "x"\nchecks = ["x"]\n', "'id' must look like @team/rule-name"),
        ('id = "@a/rule-b"\ndescription = "x"\nchecks = "x"\n', "'checks' must be a list of sentences"),
        ('id = "@a/rule-b"\ndescription = "x"\nchecks = ["x"]\nlevel = 3\n', "'level' is no field of an atom"),
    ],
)
def test_a_wrong_source_is_refused_in_a_line(text: str, told: str) -> None:
    """Which file, and what is wrong."""
    with pytest.raises(AtomError) as raised:
        compiled_from(text, "own.toml")
    assert str(raised.value).startswith("own.toml: ")
    assert told in str(raised.value)
    assert "\n" not in str(raised.value)

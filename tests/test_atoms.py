"""The Prime side: what is shipped is true to the published page, what is written is what Prime writes, what is broken is refused."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from guard.atoms import SHIPPED, SLUGS, STATELESS_PROCESSES, atoms_folder
from guard.atoms.atom import Atom, Level
from guard.atoms.loader import load, load_atom, read_atom
from guard.atoms.views import atom_values, index_text, list_text, list_values, show_text
from guard.atoms.writer import RuleSource, compile_rule, content_hash, count, index_xml, projections
from guard.errors import AtomError, UsageError
from guard.finding import Check

COUNTER = RuleSource(
    id="@demo/rule-counter-in-redis",
    name="CounterInRedis",
    description="Request counters are kept in Redis, never in a module variable.",
    checks=("No module-level counter.", "INCR is used."),
    label="Counters live in Redis",
    domain="demo",
    edges=(("enhances", "@demo/principle-scale-out"), ("related", "@demo/rule-no-session-in-memory")),
    created_at="2026-05-10",
)
"""The vector of `prime-format.md`, computed with code that reproduced the compiled files of two public corpora."""


def _source(atom: Atom) -> RuleSource:
    """What an atom was compiled from, as far as its compiled form tells."""
    return RuleSource(
        id=atom.id,
        name=atom.name,
        description=atom.description,
        checks=tuple(check.text for check in atom.checks),
        label=atom.label,
        domain=atom.domain,
        version=atom.version,
        edges=tuple((edge.verb, edge.target) for edge in atom.relations),
        tags=atom.tags,
        quality=atom.quality["overall"],
        created_at=atom.created_at,
    )


def _write(root: Path, *sources: RuleSource) -> Path:
    for source in sources:
        for name, text in compile_rule(source).items():
            path = root / source.id / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    (root / "_index.xml").write_text(index_xml(sources), encoding="utf-8")
    return root


# -- what is shipped ----------------------------------------------------------------------------------------------------


def test_the_shipped_atom_has_the_four_checks_in_their_order() -> None:
    """Slugs, the atom's lines and the words of findings are the same four."""
    atom = load_atom(STATELESS_PROCESSES)
    assert tuple(check.slug for check in atom.checks) == SLUGS[STATELESS_PROCESSES] == tuple(Check)
    assert atom.checks[0].text == "No in-memory session store. Sessions go to Redis, Memcache, or a DB."
    assert atom.label == "Processes are stateless and share-nothing"


def test_what_is_known_without_reading_is_true() -> None:
    """The id and version that every report names are those of the shipped atom."""
    assert [(atom.id, atom.version) for atom in load().atoms.values()] == list(SHIPPED)


def test_the_shipped_files_are_what_the_writer_writes() -> None:
    """No file of the atom was edited by hand: tokens, hash and text belong together."""
    folder = Path(atoms_folder())
    source = _source(load_atom(STATELESS_PROCESSES))
    written = compile_rule(source)
    present = {str(path.relative_to(folder / source.id)).replace(os.sep, "/") for path in (folder / source.id).rglob("*.*")}
    assert present == set(written)
    assert {name: (folder / source.id / name).read_text(encoding="utf-8") for name in written} == written
    assert (folder / "_index.xml").read_text(encoding="utf-8") == index_xml([source])


def test_the_shipped_atom_says_what_its_page_says() -> None:
    """The published figures: 83, 190 and 266 tokens."""
    assert load_atom(STATELESS_PROCESSES).tokens == {"summary": 83, "core": 190, "full": 266}


# -- the writer ---------------------------------------------------------------------------------------------------------


def test_the_writer_reproduces_primes_vector() -> None:
    """Tokens, hash and the order of relations are those that Prime's own compiler gives."""
    levels = projections(COUNTER)
    assert [count(text) for text in levels.values()] == [27, 51, 82]
    assert content_hash(COUNTER.id, "rule", levels) == "sha256:c839a5c301b1dbe50ef77bb0a927693074e29f7e0d2ed2269fe6b29bcab7e43a"
    assert [verb for verb, _ in COUNTER.relations] == ["related", "enhances"]
    assert "related" not in levels["full"]


def test_tokens_count_utf16_units() -> None:
    """A character outside the basic plane counts twice, as in the language Prime is written in."""
    assert (count("abcd"), count("abcde"), count("\U0001f600" * 2)) == (1, 2, 1)


def test_written_atoms_are_read_back(tmp_path: Path) -> None:
    """Quotes, markup, tags and wide characters survive the way through YAML and XML."""
    hard = RuleSource(
        id="@demo/rule-hard",
        name="Hard",
        description='"Quotes" & <marks>: é — \U0001f600 # no comment\'s end, and more words until the index has to cut it somewhere',
        checks=("`a: b` [c] {d}",),
        tags=("one", "two: three"),
        version="2.0.1",
    )
    library = load(str(_write(tmp_path, COUNTER, hard)))
    assert _source(library.atoms[hard.id]) == RuleSource(**{**_fields(hard), "created_at": "1970-01-01"})
    assert library.atoms[COUNTER.id].checks[1].slug == "incr-is-used"


def _fields(source: RuleSource) -> dict[str, Any]:
    return {name: getattr(source, name) for name in source.__struct_fields__}


# -- what is broken -----------------------------------------------------------------------------------------------------


def _replace(name: str, old: str, new: str) -> Callable[[Path], None]:
    def breaks(folder: Path) -> None:
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new), encoding="utf-8")

    return breaks


BROKEN = [
    (lambda folder: (folder / "atom.yaml").unlink(), "atom.yaml: No such file"),
    (lambda folder: (folder / "atom.yaml").write_text("id: [\n"), "atom.yaml: not valid YAML"),
    (lambda folder: (folder / "atom.yaml").write_bytes(b"\xff\xfe"), "atom.yaml: not UTF-8"),
    (lambda folder: (folder / "atom.yaml").write_text("- a list\n"), "atom.yaml: the file"),
    (lambda folder: (folder / "atom.yaml").write_text("x" * 2_000_000), "larger than"),
    (_replace("atom.yaml", "  full: 82\n", ""), "'full' is missing"),
    (_replace("atom.yaml", "core: 51", "core: many"), "tokens.core"),
    (_replace("atom.yaml", "core: 51", "core: 52"), "tokens.core is 52, the file has 51"),
    (_replace("atom.yaml", '"chunks/core.md"', '"../../secret.md"'), "inside the atom's folder"),
    (_replace("atom.yaml", "sha256:c8", "sha256:d8"), "content_hash is not that of the chunks"),
    (_replace("atom.yaml", "@demo/rule-counter-in-redis", "@demo/rule-other"), "the folder of its id"),
    (_replace("chunks/core.md", "INCR", "DECR"), "full projection must begin"),
    (lambda folder: (folder / "chunks" / "full.md").unlink(), "full.md: No such file"),
    (_replace("chunks/summary.md", "# CounterInRedis", "CounterInRedis"), "must begin"),
]


@pytest.mark.parametrize(("breaks", "sentence"), BROKEN, ids=[sentence for _, sentence in BROKEN])
def test_a_broken_atom_is_refused_in_one_line(breaks: Callable[[Path], object], sentence: str, tmp_path: Path) -> None:
    """The sentence names the file and what is wrong; no traceback of a library comes through."""
    folder = _write(tmp_path, COUNTER) / COUNTER.id
    breaks(folder)
    with pytest.raises(AtomError) as refused:
        read_atom(str(folder))
    assert sentence in str(refused.value)
    assert str(folder) in str(refused.value)
    assert "\n" not in str(refused.value)


def test_checks_that_do_not_fit_the_slugs_are_refused(tmp_path: Path) -> None:
    """A fifth check of the atom would be reported under no name."""
    source = _source(load_atom(STATELESS_PROCESSES))
    fields = {**_fields(source), "checks": (*source.checks, "Another one.")}
    _write(tmp_path, RuleSource(**fields))
    with pytest.raises(AtomError, match=r"core\.md: 5 lines .* expected 4"):
        load(str(tmp_path))


@pytest.mark.parametrize(
    ("index", "sentence"),
    [
        ("<prime_index>", "not valid XML"),
        ('<prime_index><atom id="@demo/rule-gone"/></prime_index>', "rule-gone is listed, but has no folder"),
        ("<prime_index/>", "rule-counter-in-redis has a folder, but is not listed"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><prime_index/>', "entities are not part"),
    ],
)
def test_an_index_that_lies_is_refused(index: str, sentence: str, tmp_path: Path) -> None:
    """The index and the folders name the same atoms."""
    _write(tmp_path, COUNTER)
    (tmp_path / "_index.xml").write_text(index)
    with pytest.raises(AtomError, match=sentence):
        load(str(tmp_path))


def test_a_folder_without_an_index_is_no_corpus(tmp_path: Path) -> None:
    """The mend is said."""
    with pytest.raises(AtomError, match=r"_index\.xml: No such file or directory; a corpus has"):
        load(str(tmp_path))


@pytest.mark.parametrize("name", ["@backend-architecture/rule-none", "../../etc", "@a/..", ""])
def test_an_unknown_atom_is_a_usage_error(name: str) -> None:
    """Nor does a name reach outside the corpus."""
    with pytest.raises(UsageError):
        load_atom(name)


# -- what the commands print --------------------------------------------------------------------------------------------


def test_views_show_the_atom_and_where_its_edges_end() -> None:
    """The list is one line an atom; the page names the slugs and says which neighbours are not here."""
    library = load()
    assert list_text(library).count("\n") == 1
    assert f"{STATELESS_PROCESSES}  rule  1.0.0" in list_text(library)
    shown = show_text(library, "rule-stateless-processes", Level.SUMMARY)
    assert "sticky-session: No 'sticky sessions' assumption." in shown
    assert "principle-disposability is not in this corpus" in shown
    assert "## Checks" not in shown
    assert list_values(library)[0]["version"] == "1.0.0"
    assert atom_values(library, STATELESS_PROCESSES)["checks"] != []
    assert index_text(library).startswith("<?xml")
    with pytest.raises(UsageError, match="there are @backend"):
        show_text(library, "rule-x")


def test_the_room_costs_nothing_until_an_atom_is_read() -> None:
    """Importing the room loads neither YAML nor pydantic."""
    code = "import sys, guard.atoms; print(sorted({'yaml', 'pydantic', 'xml'} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout == "[]\n"


def test_an_installed_package_finds_its_own_prompts(tmp_path: Path) -> None:
    """In a wheel the folder lies inside the package."""
    package = tmp_path / "guard"
    shutil.copytree(Path(atoms_folder()).parent, package / "prompts")
    shutil.copytree(Path(__file__).parent.parent / "guard" / "atoms", package / "atoms")
    shutil.copy(Path(__file__).parent.parent / "guard" / "errors.py", package)
    (package / "__init__.py").touch()
    code = "from guard.atoms.loader import load; print(load().folder)"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == str(package / "prompts" / "atoms")

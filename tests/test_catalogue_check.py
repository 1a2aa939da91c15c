"""The catalogue's own check: what it tells of an entry, and that the shipped ones are without fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from guard.__main__ import main
from guard.catalogue import load
from guard.catalogue.check import Problem, problems, shipped_texts
from guard.catalogue.own import own_rules
from guard.languages import read

PAGE = (Path(__file__).parent.parent / "docs" / "own-rules.md").read_text()
RULES = PAGE.split("```toml\n")[2].split("```")[0]


def _problems(text: str) -> list[Problem]:
    texts = (("acme.toml", text),)
    return list(problems(texts, load(own_rules(texts)), read))


def _told(old: str, new: str) -> str:
    assert old in RULES
    return "\n".join(map(str, _problems(RULES.replace(old, new, 1))))


def test_the_example_of_the_docs_is_without_fault() -> None:
    """Not even a warning."""
    assert _problems(RULES) == []


def test_errors_name_file_entry_and_mend() -> None:
    """Examples that do not hold, a page that is none, words that are unknown."""
    assert _told("store = MemoryStore()", "store = 1").startswith(
        "error: acme.toml: rule 'acme-memory-sessions': match 1 does not match; mend 'when', 'unless' or the example: from acme"
    )
    assert "no_match 2 matches; mend" in _told(', store="redis"', "")
    assert "'docs' is 'wiki'; name the page" in _told("https://wiki.example.org/acme/sessions", "wiki")
    assert "'message' has " in _told("After a deploy", "After a deploy" * 50)
    broken = RULES.replace("acme-memory-sessions", "x").replace('"certain" ', '"sure" ', 1)
    assert [str(problem)[:50] for problem in problems((("a.toml", broken),), load(), read)] == [
        "error: a.toml: rule 'x': 'confidence' is 'sure'; i"
    ]
    assert "match 1 is read as javascript, not as python" in _told("[[rule.match]]", '[[rule.match]]\npath = "app.js"')
    assert "nothing reads 'x.unknown', the path of match 1" in _told("[[rule.match]]", '[[rule.match]]\npath = "x.unknown"')


def test_what_no_example_needs_is_told() -> None:
    """A pattern of a table, a whole table, and an `unless`."""
    assert "no example needs call 'acme.Other'; add a 'match'" in _told('"acme.App"]', '"acme.App", "acme.Other"]')
    table = '[[rule.when]]\nsetting = ["SESSION"]\n\n[[rule.when]] '
    assert "no example needs setting 'SESSION'; add" in _told("[[rule.when]] ", table)
    narrower = '[[rule.when]]\ncall = ["acme.App"]\nwith = { store = ["x"] }\n\n[[rule.when]] '
    assert "no example needs 'when' 1; add a 'match'" in _told("[[rule.when]] ", narrower)
    assert "no example needs 'unless' 1" in _told("[[rule.when]] ", '[[rule.unless]]\nimport = ["redis"]\n[[rule.when]] ')


def test_one_example_may_show_several_forms() -> None:
    """A pattern is needed if an example has one place less without it."""
    both = RULES.replace('"acme.App"]', '"acme.App", "acme.Other"]')
    assert _problems(both.replace('acme.App("shop")', 'acme.App("shop")\nother = acme.Other("shop")', 1)) == []


def test_rules_at_one_place_are_told_once() -> None:
    """Among a team's own ones as among the shipped ones."""
    again = RULES[RULES.index("[[rule]]") :].replace("acme-memory-sessions", "acme-again")
    told = [str(problem) for problem in _problems(RULES + again)]
    assert [line.partition(": rule ")[2] for line in told] == [
        "'acme-memory-sessions': 'acme-again' fires at the same place of match 1; let one of them leave it to the other"
    ]


def test_the_shipped_catalogue_is_without_fault() -> None:
    """What `make catalogue` says, warnings included: a team's own rules may have them, the shipped ones may not."""
    assert [str(problem) for problem in problems(shipped_texts(), load(), read)] == []


def test_rules_of_other_versions_do_not_overlap() -> None:
    """`<2` and `>=2` of one package."""
    older = RULES.replace("[[rule.when]] ", 'versions = { acme = "<2" }\n[[rule.when]] ')
    newer = older[older.index("[[rule]]") :].replace("acme-memory-sessions", "acme-again").replace('"<2"', '">=2"')
    assert _problems(older + newer) == []
    assert len(_problems(older + newer.replace('">=2"', '">=1"'))) == 1


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Status 1 for errors, for warnings only if asked; nothing to check is a wrong use."""
    assert main(["-C", str(tmp_path), "rules", "--check", "own"]) == 2
    assert "no 'catalogue' in the configuration" in capsys.readouterr().err
    (tmp_path / ".stateless-guard.toml").write_text('catalogue = ["acme.toml"]\n')
    (tmp_path / "acme.toml").write_text(RULES)
    assert main(["-C", str(tmp_path), "rules", "--check", "own", "--strict"]) == 0
    (tmp_path / "acme.toml").write_text(RULES.replace('"acme.App"]', '"acme.App", "acme.Other"]'))
    assert main(["-C", str(tmp_path), "rules", "--check", "own"]) == 0
    assert main(["-C", str(tmp_path), "-q", "rules", "--check", "own", "--strict"]) == 1
    assert capsys.readouterr().out.endswith("\n0 errors, 1 warnings\n")

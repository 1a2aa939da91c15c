"""Baselines: what is accepted stays hidden wherever the code goes, what is new is told, what nobody needs is named."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guard import baseline
from guard.__main__ import main
from guard.baseline import FILE_NAME, Cause, Entry, Matching, entry_of, match
from guard.config import Configuration, Overrides, configuration
from guard.errors import ConfigError
from guard.finding import Confidence, Finding, Report
from guard.integrations.memory import compared
from guard.model.inquiry import Inquiry
from guard.model.judge import Reply, Request
from guard.pipeline import review
from guard.policy import NOTES, STALE

ROOT = Path(__file__).parent.parent
SHOP = (ROOT / "fixtures/demo/after/shop/app.py").read_text()
AFFINITY = (ROOT / "fixtures/demo/after/deploy/service.yaml").read_text()
FLASK = "from flask import Flask\n\napp = Flask(__name__)\napp.config['SESSION_TYPE'] = 'filesystem'\n"
RULE = "flask-session-filesystem"
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one bad file that is not committed."""
    for arguments in (["init", "-q", "-b", "main"], ["commit", "-q", "--allow-empty", "-m", "base"]):
        _git(tmp_path, *arguments)
    (tmp_path / "app.py").write_text(FLASK)
    return tmp_path


def _git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True)


def _run(capsys: Capture, folder: Path, *arguments: str) -> tuple[int, str]:
    capsys.readouterr()
    status = main(["-C", str(folder), *arguments])
    told = capsys.readouterr()
    return status, told.out + told.err


def _review(after: dict[str, str], accepted: tuple[Entry, ...] = (), before: dict[str, str] | None = None) -> Report:
    selected = compared(before or {}, after)
    return review(selected.change, selected.source, Configuration(accepted=accepted))


def _told(report: Report) -> list[Finding]:
    return [finding for finding in report.findings if finding.rule not in NOTES]


# -- the life of a baseline -------------------------------------------------------------------------------------------


def test_only_what_is_new_counts(repository: Path, capsys: Capture) -> None:
    """Created once, a baseline hides what stood then in reviews, scans and hooks; what comes later is told."""
    assert _run(capsys, repository, "scan")[0] == 1
    status, told = _run(capsys, repository, "baseline", "create", "--reason", "until the move to Redis")
    assert (status, f"accepted: app.py: {RULE}" in told) == (0, True)
    for arguments in (["scan"], ["review"]):
        assert _run(capsys, repository, *arguments)[0] == 0
        assert _run(capsys, repository, *arguments, "--no-baseline")[0] == 1
    _git(repository, "add", "-A")
    assert _run(capsys, repository, "review", "--staged")[0] == 0
    document = json.loads(_run(capsys, repository, "review", "--format", "json")[1])
    [hidden] = document["suppressed"]
    assert (hidden["by"], hidden["reason"]) == ("baseline", "until the move to Redis")
    assert hidden["suppression"] == {"path": FILE_NAME, "line": 2}
    (repository / "service.yaml").write_text(AFFINITY)
    status, told = _run(capsys, repository, "review")
    assert (status, "service.yaml" in told, "app.py" in told) == (1, True, False)


def test_update_adds_and_keeps_reasons(repository: Path, capsys: Capture) -> None:
    """New findings come in; what is there stays as somebody wrote it; without news nothing is written."""
    _run(capsys, repository, "baseline", "create", "--reason", "by hand")
    (repository / "service.yaml").write_text(AFFINITY)
    before = (repository / FILE_NAME).read_text()
    assert _run(capsys, repository, "baseline", "update", "--check")[0] == 1
    assert _run(capsys, repository, "baseline", "update", "--dry-run")[0] == 0
    assert (repository / FILE_NAME).read_text() == before
    assert _run(capsys, repository, "baseline", "update")[0] == 0
    entries = baseline.read((repository / FILE_NAME).read_bytes(), FILE_NAME)
    assert [(entry.path, entry.reason) for entry in entries] == [("app.py", "by hand"), ("service.yaml", "")]
    assert "nothing to change" in _run(capsys, repository, "baseline", "update")[1]
    assert _run(capsys, repository, "baseline", "update", "--check")[0] == 0


def test_create_does_not_overwrite(repository: Path, capsys: Capture) -> None:
    """A file that is there is not written anew without being asked for, even a broken one."""
    _run(capsys, repository, "baseline", "create", "--reason", "by hand")
    status, told = _run(capsys, repository, "baseline", "create")
    assert (status, "--force" in told) == (2, True)
    (repository / FILE_NAME).write_text("{")
    assert _run(capsys, repository, "baseline", "create")[0] == 2
    assert (repository / FILE_NAME).read_text() == "{"
    assert _run(capsys, repository, "baseline", "create", "--force")[0] == 0
    assert _run(capsys, repository, "scan")[0] == 0


def test_stale_entries_are_named_and_pruned(repository: Path, capsys: Capture) -> None:
    """A scan says it in a note, a review does not nag, `prune` takes out exactly those; an empty baseline goes."""
    (repository / "service.yaml").write_text(AFFINITY)
    _run(capsys, repository, "baseline", "create")
    assert "nothing to change" in _run(capsys, repository, "baseline", "prune", "--check")[1]
    (repository / "app.py").write_text("import os\n")
    status, told = _run(capsys, repository, "scan")
    assert (status, STALE in told, RULE in told) == (0, True, True)
    assert STALE not in _run(capsys, repository, "review")[1]
    status, told = _run(capsys, repository, "baseline", "update")
    assert f"not needed any more: app.py: {RULE}" in told
    status, told = _run(capsys, repository, "baseline", "prune", "--check")
    assert (status, f"taken out: app.py: {RULE}" in told) == (1, True)
    assert _run(capsys, repository, "baseline", "prune")[0] == 0
    assert [entry.path for entry in baseline.read((repository / FILE_NAME).read_bytes(), "")] == ["service.yaml"]
    assert STALE not in _run(capsys, repository, "scan")[1]
    (repository / "service.yaml").unlink()
    _run(capsys, repository, "baseline", "prune")
    assert not (repository / FILE_NAME).exists()


def test_what_could_not_be_read_is_not_stale(repository: Path, capsys: Capture) -> None:
    """A file that does not parse today keeps its entries, and the status says that the work is incomplete."""
    _run(capsys, repository, "baseline", "create")
    before = (repository / FILE_NAME).read_text()
    (repository / "app.py").write_text("from flask import Flask\n\napp = Flask(__name__)\ndef f(:\n  = )(\n")
    assert _run(capsys, repository, "baseline", "prune")[0] == 3
    assert (repository / FILE_NAME).read_text() == before


def test_a_moved_file_takes_its_entry_along(repository: Path, capsys: Capture) -> None:
    """Moved without git's help: hidden still; `update` writes the new path and loses no reason."""
    _run(capsys, repository, "baseline", "create", "--reason", "by hand")
    (repository / "src").mkdir()
    (repository / "app.py").rename(repository / "src/web.py")
    assert _run(capsys, repository, "scan")[0] == 0
    assert _run(capsys, repository, "baseline", "prune", "--check")[0] == 1
    _run(capsys, repository, "baseline", "update")
    [entry] = baseline.read((repository / FILE_NAME).read_bytes(), FILE_NAME)
    assert (entry.path, entry.reason) == ("src/web.py", "by hand")


def test_a_selection_can_be_accepted(repository: Path, capsys: Capture) -> None:
    """As review has it: what is staged, and nothing else."""
    _git(repository, "add", "-A")
    (repository / "service.yaml").write_text(AFFINITY)
    _run(capsys, repository, "baseline", "create", "--staged")
    assert [entry.path for entry in baseline.read((repository / FILE_NAME).read_bytes(), "")] == ["app.py"]


def test_each_part_of_a_monorepo_has_its_own(repository: Path, capsys: Capture) -> None:
    """The baseline stands beside the settings that decide for a path, with paths relative to them, under the name they give."""
    (repository / "shop").mkdir()
    (repository / "shop/.stateless-guard.toml").write_text('baseline = "accepted.json"\n')
    (repository / "shop/app.py").write_text(FLASK.replace("app", "shop"))
    assert _run(capsys, repository, "baseline", "create")[0] == 0
    assert [entry.path for entry in baseline.read((repository / "shop/accepted.json").read_bytes(), "")] == ["app.py"]
    assert [entry.path for entry in baseline.read((repository / FILE_NAME).read_bytes(), "")] == ["app.py"]
    assert _run(capsys, repository, "scan")[0] == 0
    (repository / "shop/.stateless-guard.toml").write_text('baseline = ""\n')
    assert _run(capsys, repository, "scan")[0] == 1
    status, told = _run(capsys, repository, "baseline", "update")
    assert (status, 'baseline = ""' in told) == (2, True)


def test_a_pull_request_is_measured_by_the_base_branch(
    repository: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In CI a branch that accepts its own findings is told of them all the same."""
    _run(capsys, repository, "baseline", "create")
    _git(repository, "checkout", "-q", "-b", "topic")
    _git(repository, "add", "-A")
    _git(repository, "commit", "-q", "-m", "bad, and accepted")
    assert _run(capsys, repository, "review", "--base", "main")[0] == 0
    monkeypatch.setenv("GITHUB_BASE_REF", "main")
    assert _run(capsys, repository, "review", "--base", "main")[0] == 1


# -- matching ---------------------------------------------------------------------------------------------------------


def test_a_copy_elsewhere_is_new() -> None:
    """One entry hides one finding, where it was: a copy in another file is told, in a scan and in a change alone."""
    accepted = tuple(map(entry_of, _told(_review({"app.py": FLASK}))))
    assert [finding.path for finding in _told(_review({"app.py": FLASK, "copy.py": FLASK}, accepted))] == ["copy.py"]
    selected = compared({}, {"copy.py": FLASK}, others={"app.py": FLASK})
    found = review(selected.change, selected.source, Configuration(accepted=accepted))
    assert [finding.path for finding in _told(found)] == ["copy.py"]
    both = tuple(map(entry_of, _told(_review({"app.py": FLASK, "copy.py": FLASK}))))
    assert len(both) == 2
    assert not _told(_review({"app.py": FLASK, "copy.py": FLASK}, both))


def test_code_that_moves_between_files_of_a_change_stays_hidden() -> None:
    """The entry of the file that lost it goes along."""
    accepted = tuple(map(entry_of, _told(_review({"app.py": FLASK}))))
    assert not _told(_review({"app.py": "import os\n", "web.py": FLASK}, accepted))


@settings(max_examples=25)
@given(st.data())
def test_moved_and_reindented_code_stays_hidden(data: st.DataObject) -> None:
    """Whatever the order of its functions, its indentation, its comments, its blank lines and its path."""
    accepted = tuple(map(entry_of, _told(_review({"shop/app.py": SHOP, "service.yaml": AFFINITY}))))
    assert len(accepted) >= 4
    head, *functions = SHOP.strip().split("\n\n\n")
    functions = data.draw(st.permutations(functions))
    gaps = data.draw(
        st.lists(st.sampled_from(["\n", "\n\n\n", "\n# a remark\n", "\n\n\n\n\nimport math\n\n"]), min_size=9, max_size=9)
    )
    text = head + "".join(f"\n{gaps[number % len(gaps)]}\n{function}" for number, function in enumerate(functions)) + "\n"
    text = text.replace("    ", data.draw(st.sampled_from(["  ", "    ", "\t", "        "])))
    path = data.draw(st.sampled_from(["shop/app.py", "shop/web.py", "src/main/server.py"]))
    report = _review({path: text, "deploy/service.yaml": AFFINITY.replace("\nspec", "\n# why\n\nspec")}, accepted)
    assert _told(report) == []
    assert len(report.suppressed) == len(accepted)


PATHS = st.sampled_from(["a", "b", "c"])
MARKS = st.sampled_from(["1", "2"])


@given(
    st.lists(st.tuples(PATHS, MARKS), max_size=8),
    st.sets(st.tuples(PATHS, MARKS), max_size=6),
    st.sets(PATHS),
    st.sets(PATHS),
)
def test_one_entry_hides_one_finding(
    entries: list[tuple[str, str]], standing: set[tuple[str, str]], unread: set[str], gone: set[str]
) -> None:
    """At most as many are hidden as there are entries; what has an entry in its own file is hidden; stale is what hides nothing."""
    known = [Entry(mark, "r", path) for path, mark in entries]
    found = {(path, mark) for path, mark in standing if path not in unread}
    present = {path: frozenset(mark for place, mark in found if place == path) for path in {"a", "b", "c"} - unread}
    matching = match(known, [Cause(*place) for place in sorted(found)], present, lambda path: path in gone)
    for mark in ("1", "2"):
        hidden = [place for place in matching.accepted if place[1] == mark]
        assert len(hidden) <= sum(entry.fingerprint == mark for entry in known)
        assert not any(entry in matching.accepted.values() and entry.path in present for entry in _only(matching.stale, known))
    assert found & set(entries) <= set(matching.accepted)
    for entry in matching.stale:
        assert entry.path in gone - present.keys() or (entry.path in present and entry.fingerprint not in present[entry.path])


def _only(stale: tuple[Entry, ...], known: list[Entry]) -> list[Entry]:
    """Stale entries of which there is no second."""
    return [entry for entry in stale if known.count(entry) == 1]


def test_nothing_is_asked_about_what_is_accepted() -> None:
    """An accepted finding costs no model's answer; what is not accepted is asked about."""

    class Vague:
        def ask(self, _request: Request) -> Reply:
            return Reply("no answer")

    after = {"shop/app.py": SHOP, "service.yaml": AFFINITY}
    selected = compared({}, after)
    before = review(selected.change, selected.source, Configuration(), inquiry=Inquiry(Vague(), "m"))
    accepted = tuple(map(entry_of, _told(before)))
    after_all = review(selected.change, selected.source, Configuration(accepted=accepted), inquiry=Inquiry(Vague(), "m"))
    assert not _told(after_all)
    assert before.model is not None
    assert after_all.model is not None
    uncertain = sum(finding.confidence is Confidence.LIKELY for finding in _told(before))
    assert uncertain
    assert after_all.model.questions == before.model.questions - uncertain
    assert match((), (), {}, lambda _path: pytest.fail("asked")) == Matching({}, ())


# -- the file ---------------------------------------------------------------------------------------------------------

WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
ENTRIES = st.builds(Entry, WORDS.map(lambda text: text.replace(":", "")).filter(bool), WORDS, WORDS, WORDS, st.just("") | WORDS)


@given(st.lists(ENTRIES, max_size=6))
def test_what_is_written_is_read_again(entries: list[Entry]) -> None:
    """Every text survives, in a stable order, one line an entry."""
    text = baseline.written(entries)
    again = baseline.read(text.encode(), "x")
    assert sorted(map(repr, map(_bare, again))) == sorted(map(repr, entries))
    assert baseline.written(reversed(again)) == text
    assert [entry.line for entry in again] == list(range(2, 2 + len(entries)))


def _bare(entry: Entry) -> Entry:
    return Entry(entry.fingerprint, entry.rule, entry.path, entry.message, entry.reason)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not valid JSON"),
        ("[]", "no list of 'findings'"),
        ('{"version": 2, "findings": []}', "version 2"),
        ('{"version": 1, "findings": [1]}', "entry 1"),
        ('{"version": 1, "findings": [{"fingerprint": "a", "rule": "r", "path": 1}]}', "'path' must be text"),
        ('{"version": 1, "findings": [{"fingerprint": "a", "rule": "r"}]}', "'path' is missing"),
        ('{"version": 1, "findings": [{"fingerprint": "a", "rule": "r", "path": "p", "why": ""}]}', "unknown key 'why'"),
        ("[" * 100_000, "not valid JSON"),
        ("<<<<<<< HEAD\n", "line 1"),
    ],
)
def test_a_broken_file_is_told_in_one_line(repository: Path, capsys: Capture, text: str, said: str) -> None:
    """With the file's name and what is wrong; status 2, nothing hidden."""
    (repository / FILE_NAME).write_text(text)
    with pytest.raises(ConfigError, match=FILE_NAME):
        baseline.read(text.encode(), FILE_NAME)
    status, told = _run(capsys, repository, "review")
    assert (status, told.count("\n"), said in told) == (2, 1, True)


def test_a_baseline_is_below_its_configuration() -> None:
    """A key can not reach out of the repository."""
    for path in ("../x.json", "/etc/x", "a\\\\b", "./x"):
        with pytest.raises(ConfigError, match="below the folder"):
            configuration((), {".stateless-guard.toml": f'baseline = "{path}"\n'.encode()}.get, Overrides())


def test_the_documentation_shows_a_baseline(tmp_path: Path) -> None:
    """The example in docs/baseline.md is a baseline."""
    text = (ROOT / "docs/baseline.md").read_text()
    (tmp_path / "x").write_text(text.split("```json\n")[1].split("```")[0])
    assert [entry.rule for entry in baseline.read((tmp_path / "x").read_bytes(), "x")] == [RULE]


def test_a_large_baseline_costs_little() -> None:
    """20,000 entries are read and matched in no time that anybody notices: the cost grows with their number, not its square."""
    entries = [Entry(f"{number:016x}", RULE, f"app/{number % 500}.py", "After a deploy …") for number in range(20_000)]
    text = baseline.written(entries).encode()
    start = time.process_time()
    again = baseline.read(text, FILE_NAME)
    causes = [Cause(entry.path, entry.fingerprint) for entry in again]
    matching = match(again, causes, {}, lambda _path: False)
    assert (len(matching.accepted), matching.stale) == (20_000, ())
    assert time.process_time() - start < 3  # a tenth of a second or two here


@pytest.mark.parametrize("way", ["base", "head"])
def test_the_bot_is_measured_by_the_base_branch_too(way: str) -> None:
    """What the base branch accepts is not commented; what the pull request accepts itself is, and the summary says that it tried."""
    from github_help import BASE, CART, comments, hub_with_time, run

    found = _told(_review({"requirements.txt": "flask\n", "shop/app.py": CART}))
    file = {FILE_NAME: baseline.written(map(entry_of, found))}
    hub = hub_with_time()
    hub.open_pull({**BASE, **(file if way == "base" else {})}, {"shop/app.py": CART, **(file if way == "head" else {})})
    assert run(hub).status == 0
    assert [path for path, _, _ in comments(hub)] == ([] if way == "base" else ["shop/app.py"])
    assert hub.world.check_runs[-1].conclusion == ("success" if way == "base" else "failure")
    said = [comment.body for comment in hub.world.issue_comments]
    assert any(FILE_NAME in text for text in said) or way == "base"
    hub.check()

"""Unchanged files as evidence: few, out of the same side as the change, only where something is open, and nothing hidden about it."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from guard.change import Texts
from guard.integrations.git import Kind, Selection, open_change
from guard.integrations.memory import compared, patched
from guard.integrations.patch import open_patch
from guard.modules import Paths, homes
from guard.pipeline import Observations, observe, review, witnesses
from guard.reports import Page, format_named

STATE = "carts = {}\n"
VIEWS = (
    "from fastapi import APIRouter\n\nfrom shop.state import carts\n\nrouter = APIRouter()\n\n\n"
    "@router.get('/carts/{user_id}')\ndef show(user_id: str):\n    return carts.get(user_id)\n"
)
WRITER = "\n\n@router.post('/carts/{user_id}')\ndef put(user_id: str, item: dict):\n    carts[user_id] = item\n"
SCRATCH = "import json\n\n\ndef shout(text):\n    return json.dumps(text.upper())\n"


class Counting:
    """Texts that remember which of them were asked for, and whether the tree was."""

    def __init__(self, texts: Texts) -> None:
        self.texts = texts
        self.asked: list[str] = []

    def head(self, path: str) -> bytes | None:
        """The new text of a file."""
        self.asked.append(path)
        return self.texts.head(path)

    def base(self, path: str) -> bytes | None:
        """The old text of a file."""
        return self.texts.base(path)

    def head_paths(self) -> frozenset[str]:
        """All paths."""
        return self.texts.head_paths()

    def tree(self) -> frozenset[str]:
        """All paths."""
        self.asked.append("the tree")
        return self.texts.tree()

    def search(self, words: tuple[str, ...], endings: tuple[str, ...], below: str = "") -> frozenset[str]:
        """The files with these words."""
        return self.texts.search(words, endings, below)


def _seen(before: Mapping[str, str], after: Mapping[str, str], others: Mapping[str, str | bytes]) -> Observations:
    selected = compared(before, after, others)
    return observe(selected.change, selected.source)


def _rules(seen: Observations) -> list[tuple[str, int, str]]:
    return [(signal.path, signal.line, str(signal.rule)) for signal in seen.signals if signal.confidence != "possible"]


FOUND = [("shop/views.py", 15, "shared-session-state")]


def test_the_finding_names_each_place() -> None:
    """It stands on the added line, and shows the declaration in the file that did not change."""
    seen = _seen({"shop/views.py": VIEWS}, {"shop/views.py": VIEWS + WRITER}, {"shop/state.py": STATE})
    assert _rules(seen) == FOUND
    places = [(evidence.path, evidence.line) for evidence in seen.signals[0].evidence]
    assert places == [("shop/state.py", 1), ("shop/views.py", 15), ("shop/views.py", 10)]
    assert [facts.path for facts in seen.around.facts] == ["shop/state.py"]


def test_where_nothing_is_open_nothing_is_read() -> None:
    """Neither the tree nor an unchanged file, but for manifests."""
    change = compared({"shop/text.py": ""}, {"shop/text.py": SCRATCH, "deploy/ingress.yaml": "kind: Ingress\n"}).change
    source = Counting(
        Texts({"shop/text.py": SCRATCH, "deploy/ingress.yaml": "kind: Ingress\n", "shop/state.py": STATE}, {"shop/text.py": ""})
    )
    observe(change, source)
    assert "the tree" not in source.asked
    assert "shop/state.py" not in source.asked


def test_no_signal_stands_in_a_file_that_did_not_change() -> None:
    """What is wrong there is as old as the file."""
    old = "from flask import Flask\n\napp = Flask(__name__)\ncarts = {}\nvisits = {}\n\n\n@app.post('/v/<user>')\ndef visit(user):\n    visits[user] = 1\n    return visits\n"
    seen = _seen({"shop/views.py": VIEWS}, {"shop/views.py": VIEWS + WRITER}, {"shop/state.py": old})
    assert {signal.path for signal in (*seen.signals, *seen.present)} == {"shop/views.py"}


def test_imports_in_a_circle_come_to_an_end() -> None:
    """A name that three files hand to each other is defined by none."""
    others = {
        "shop/state.py": "from shop.more import carts\n",
        "shop/more.py": "from shop.most import carts\n",
        "shop/most.py": "from shop.state import carts\n",
    }
    seen = _seen({"shop/views.py": VIEWS}, {"shop/views.py": VIEWS + WRITER}, others)
    assert _rules(seen) == []
    assert {facts.path for facts in seen.around.facts} <= others.keys()


def test_a_file_that_only_hands_a_name_on_is_followed() -> None:
    """The container is found behind the package that re-exports it."""
    others = {"shop/state/__init__.py": "from shop.state.carts import carts\n", "shop/state/carts.py": STATE}
    seen = _seen({"shop/views.py": VIEWS}, {"shop/views.py": VIEWS + WRITER}, others)
    assert [facts.path for facts in seen.around.facts] == ["shop/state/__init__.py", "shop/state/carts.py"]


@pytest.mark.parametrize("text", [b"carts = {}\n\0\0", b"carts = {}\n" + b"#" * 300_000, b"carts = {\n", b"\xff\xfe\x00"])
def test_neighbours_that_can_not_be_read_harm_nothing(text: bytes) -> None:
    """Binary, huge or broken: no finding, no failure of the review."""
    seen = _seen({"shop/views.py": VIEWS}, {"shop/views.py": VIEWS + WRITER}, {"shop/state.py": text})
    assert not seen.failures
    if len(text) > witnesses.MOST_OF_ONE:
        assert any("shop/state.py" in sentence for sentence in seen.around.limits)


def test_an_import_of_nothing_is_nothing() -> None:
    """The module is not in the repository."""
    seen = _seen({"shop/views.py": VIEWS}, {"shop/views.py": VIEWS + WRITER}, {"readme.md": ""})
    assert (_rules(seen), seen.around.facts, seen.around.limits) == ([], (), ())


@pytest.mark.parametrize(("limit", "value"), [("MOST_FILES", 2), ("MOST_BYTES", 60)])
def test_a_budget_that_is_used_up_is_said(limit: str, value: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the report of every format, so that nothing incomplete looks complete."""
    monkeypatch.setattr(witnesses, limit, value)
    users = {f"shop/user{number}.py": f"from shop.state import carts\n\nprint(carts, {number})\n" for number in range(6)}
    selected = compared({"shop/views.py": VIEWS}, {"shop/views.py": VIEWS + WRITER}, {"shop/state.py": STATE, **users})
    report = review(selected.change, selected.source)
    assert len(report.witnesses) < 6
    assert any("more unchanged files would have been needed" in sentence for sentence in report.limits)
    assert "would have been needed" in format_named("json").render(report, Page())
    assert "not all unchanged files" in format_named("text").render(report, Page())
    assert "would have been needed" in format_named("text").render(report, Page(verbose=True, width=1_000))


def test_without_a_tree_the_report_says_so() -> None:
    """A source that knows the changed files alone, as a hosting API does."""

    class Bare:
        def head(self, path: str) -> bytes | None:
            return (VIEWS + WRITER).encode() if path == "shop/views.py" else None

        def base(self, path: str) -> bytes | None:
            return VIEWS.encode() if path == "shop/views.py" else None

        def head_paths(self) -> frozenset[str]:
            return frozenset({"shop/views.py"})

    change = compared({"shop/views.py": VIEWS}, {"shop/views.py": VIEWS + WRITER}).change
    assert observe(change, Bare()).around.limits == (
        "unchanged files were not looked at: where this change comes from, they can not be searched",
    )


# -- every source -----------------------------------------------------------------------------------------------------


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A repository with one commit: the container and a handler that reads it."""
    folder = tmp_path / "shop with [odd] name"
    folder.mkdir()
    _git(folder, "init", "-q", "-b", "main")
    _write(folder, {"shop/state.py": STATE, "shop/views.py": VIEWS, "bin/data.py": "\0"})
    _git(folder, "add", "-A")
    _commit(folder)
    return folder


def _git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True, text=True).stdout


def _commit(folder: Path) -> None:
    _git(folder, "-c", "user.name=n", "-c", "user.email=e@x", "commit", "-qm", "x")


def _write(folder: Path, texts: Mapping[str, str]) -> None:
    for path, text in texts.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


def _review(folder: Path, kind: Kind, revision: str = "") -> Observations:
    with open_change(Selection(kind, revision), str(folder)) as selected:
        return observe(selected.change, selected.source)


def test_the_work_tree_and_the_index_are_two(shop: Path) -> None:
    """What is staged is held against the index, what is not against the files."""
    _write(shop, {"shop/views.py": VIEWS + WRITER})
    assert _rules(_review(shop, Kind.WORKTREE)) == FOUND
    _git(shop, "add", "shop/views.py")
    _write(shop, {"shop/state.py": "import redis\n\ncarts = redis.Redis()\n"})
    assert _rules(_review(shop, Kind.STAGED)) == FOUND
    assert _rules(_review(shop, Kind.WORKTREE)) == []


def test_a_commit_is_read_from_its_objects_in_a_bare_repository_too(shop: Path, tmp_path: Path) -> None:
    """Whatever stands in the work tree, and also from a folder below."""
    _write(shop, {"shop/views.py": VIEWS + WRITER})
    _git(shop, "add", "-A")
    _commit(shop)
    _write(shop, {"shop/state.py": ""})
    assert _rules(_review(shop, Kind.COMMIT, "HEAD")) == FOUND
    assert _rules(_review(shop / "shop", Kind.COMMIT, "HEAD")) == FOUND
    _git(tmp_path, "clone", "-q", "--bare", str(shop), "bare.git")
    assert _rules(_review(tmp_path / "bare.git", Kind.COMMIT, "HEAD")) == FOUND


def test_a_patch_is_held_against_the_files_around_it(shop: Path) -> None:
    """Before it is applied, and with texts that are handed over."""
    _write(shop, {"shop/views.py": VIEWS + WRITER})
    patch = _git(shop, "diff")
    _git(shop, "checkout", "-q", ".")
    (shop / "change.patch").write_text(patch)
    with open_patch(str(shop / "change.patch"), str(shop)) as selected:
        assert _rules(observe(selected.change, selected.source)) == FOUND
    selected = patched(patch, {"shop/views.py": VIEWS, "shop/state.py": STATE})
    assert _rules(observe(selected.change, selected.source)) == FOUND


def test_a_search_takes_words_and_folders_as_they_are(shop: Path) -> None:
    """No pattern, no option, no part of a word; all words in one file."""
    _write(shop, {"[a]/x.py": "carts\n--foo\na.c\n", "b/x.py": "mycarts\nabc\n", "b/y.js": "carts\n"})
    _git(shop, "add", "-A")
    _commit(shop)
    with open_change(Selection(Kind.COMMIT, "HEAD"), str(shop)) as selected:
        search = selected.source.search  # type: ignore[attr-defined]  # what only some sources can
        assert search(("carts",), (".py",), "") == {"[a]/x.py", "shop/state.py", "shop/views.py"}
        assert search(("carts",), (".py",), "[a]") == {"[a]/x.py"}
        assert search(("carts", "a.c"), (".py", ".js"), "") == {"[a]/x.py"}
        assert search(("--foo",), (".py",), "") == {"[a]/x.py"}
        assert search(("nowhere",), (".py",), "") == frozenset()


# -- where names are defined --------------------------------------------------------------------------------------------

TREE = frozenset(
    "store.py app/state.py app/__init__.py app/mem.py web/store.js web/lib/store.js web/routes/b.js web/routes/store.ts src/mem.ts"
    " internal/store/jobs.go internal/store/jobs_test.go src/main/java/com/acme/Codes.java lib/http_store.rb web/conf/index.js".split()
)


@pytest.mark.parametrize(
    ("name", "importer", "language", "home"),
    [
        ("store.jobs", "app/a.py", "python", ("store.py", "jobs")),
        ("app.state.registry", "app/a.py", "python", ("app/state.py", "registry")),
        (".mem.users", "app/a.py", "python", ("app/mem.py", "users")),
        (".tickets", "app/a.py", "python", ("app/__init__.py", "tickets")),
        ("json.dumps", "app/a.py", "python", None),
        ("./store.jobs", "web/routes/b.js", "javascript", ("web/routes/store.ts", "jobs")),
        ("../lib/store.cache", "web/routes/b.js", "javascript", ("web/lib/store.js", "cache")),
        ("../conf.folder", "web/routes/b.js", "javascript", ("web/conf/index.js", "folder")),
        ("@/mem.m", "web/b.ts", "typescript", ("src/mem.ts", "m")),
        ("express.Router", "web/b.ts", "typescript", None),
        ("../../../x", "web/b.js", "javascript", None),
        ("github.com/a/shop/internal/store.Jobs", "cmd/h.go", "go", ("internal/store/jobs.go", "Jobs")),
        ("net/http.Get", "cmd/h.go", "go", None),
        ("com.acme.Codes.MAP", "src/main/java/com/acme/web/H.java", "java", ("src/main/java/com/acme/Codes.java", "MAP")),
        ("org.other.Codes.MAP", "src/main/java/com/acme/web/H.java", "java", None),
        ("HttpStore.items", "app.rb", "ruby", ("lib/http_store.rb", "items")),
        ("%request.files", "app/a.py", "python", None),
    ],
)
def test_a_name_leads_to_its_file(name: str, importer: str, language: str, home: tuple[str, str] | None) -> None:
    """By the language's own custom, and to nothing that is not there."""
    assert next(iter(homes(name, importer, language, Paths(TREE))), None) == home

"""A pull request's change by the API and out of a checkout: the same report, few requests, and nothing passed over in silence."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from github_help import BASE, CART, comments, hub_with_time, run
from github_standin import GitHub, GitRepository, ManualClock

from guard.change import FileKind
from guard.config import Configuration, Settings
from guard.integrations.hosting.github.change import kind_of_patch
from guard.integrations.hosting.trust import changed_settings
from guard.integrations.memory import compared

_FIVE = {f"shop/part{number}.py": f'"""Part {number}."""\n\nLIMIT = {number}\n' for number in range(4)}


def _git(folder: Path, *words: str) -> str:
    return subprocess.run(["git", "-C", str(folder), *words], check=True, capture_output=True, text=True).stdout.strip()


def _repository(folder: Path, base: dict[str, str], head: dict[str, str]) -> GitHub:
    (folder / "hub").mkdir()
    _git(folder / "hub", "init", "-q", "--bare")
    hub = GitHub(GitRepository(folder / "hub"), clock=ManualClock())
    hub.open_pull(base, head)
    for name, commit in (("main", hub.world.refs["main"]), ("change", hub.pull.head)):
        _git(folder / "hub", "update-ref", f"refs/heads/{name}", commit)
    return hub


def _clone(folder: Path, *options: str, commit: str = "change") -> Path:
    place = folder / "clone"
    _git(folder, "clone", "-q", *options, f"file://{folder}/hub", str(place))
    _git(place, "checkout", "-q", f"origin/{commit}")
    return place


def test_a_clean_pull_request_of_five_files_costs_few_requests() -> None:
    """At most 12 without a checkout; a rerun writes nothing."""
    hub = hub_with_time()
    hub.open_pull({**BASE, **_FIVE}, {path: text + "MORE = 1\n" for path, text in _FIVE.items()} | {"shop/new.py": "A = 1\n"})
    with hub.counting() as made:
        assert run(hub).status == 0
    assert len(made) <= 7
    assert [entry.operation for entry in made if entry.kind == "write"] == ["checks/create"]
    with hub.counting() as made:
        assert run(hub).status == 0
    assert not [entry for entry in made if entry.kind == "write"]
    assert not hub.world.issue_comments
    hub.check()


def test_with_a_checkout_no_text_is_fetched(tmp_path: Path) -> None:
    """At most 4 requests: what stands there, the check, and before it whether the head moved."""
    hub = _repository(tmp_path, {**BASE, **_FIVE}, {path: text + "MORE = 1\n" for path, text in _FIVE.items()})
    place = _clone(tmp_path)
    with hub.counting() as made:
        ran = run(hub, "-C", str(place), way="auto")
    assert ran.status == 0, ran.stderr
    assert len(made) <= 3
    hub.check()


def test_git_and_the_api_give_the_same_report(tmp_path: Path) -> None:
    """But for unchanged files: the API has no search that is worth its requests, and the report says so."""
    head = {"shop/app.py": CART, "shop/__init__.py": None, "deploy/nginx.conf": "upstream a { ip_hash; server b; }\n"}
    hub = _repository(tmp_path, BASE, head)  # type: ignore[arg-type] # None removes a file
    place = _clone(tmp_path)
    reports = []
    for way in ("git", "api"):
        file = tmp_path / f"{way}.json"
        ran = run(
            hub, "--format", "json", "--output", str(tmp_path / "counts"), "--output", str(file), "-C", str(place), way=way
        )
        assert ran.status == 0, ran.stderr
        reports.append(json.loads(file.read_text()))
    unseen = [report.pop("witnesses")["limits"] for report in reports]
    assert reports[0] == reports[1]
    assert unseen[0] == []
    assert "can not be searched" in unseen[1][0]
    assert reports[0]["findings"]


def test_a_shallow_checkout_of_the_merge_serves_where_the_branch_is_up_to_date(tmp_path: Path) -> None:
    """fetch-depth: 2 holds base and head; GitHub says where they part. Where that is elsewhere, the API is used."""
    hub = _repository(tmp_path, BASE, {"shop/app.py": CART})
    _git(tmp_path / "hub", "config", "uploadpack.allowAnySHA1InWant", "true")
    place = tmp_path / "clone"
    subprocess.run(["git", "init", "-q", str(place)], check=True)
    tree = _git(tmp_path / "hub", "rev-parse", f"{hub.pull.head}^{{tree}}")
    merge = _git(tmp_path / "hub", "commit-tree", tree, "-p", hub.world.refs["main"], "-p", hub.pull.head, "-m", "merge")
    _git(place, "fetch", "-q", "--depth=2", f"file://{tmp_path}/hub", merge)
    _git(place, "checkout", "-q", "FETCH_HEAD")
    assert run(hub, "-C", str(place), way="git").status == 0
    assert len(hub.open_threads()) == 1

    hub.push_base({"other.py": "A = 1\n"})
    refused = run(hub, "-C", str(place), way="git")
    assert refused.status == 2
    assert "fetch-depth: 0" in refused.stderr
    assert run(hub, "-C", str(place), way="auto").status == 0
    hub.check()


@pytest.mark.parametrize("folder", ["nothing", "other"])
def test_another_folder_is_no_checkout(folder: str, tmp_path: Path) -> None:
    """Where git can not serve, the API does; where git is asked for, it is said what to do."""
    (tmp_path / folder).mkdir()
    if folder == "other":
        _git(tmp_path / folder, "init", "-q")
    hub = hub_with_time()
    hub.open_pull(BASE, {"shop/app.py": CART})
    assert run(hub, "-C", str(tmp_path / folder), way="git").status == 2
    assert run(hub, "-C", str(tmp_path / folder), way="auto").status == 0
    assert len(hub.open_threads()) == 1


def test_above_300_files_the_list_takes_the_place_of_the_diff() -> None:
    """A pull request of 1,000 files: all are looked at, in few requests."""
    hub = hub_with_time()
    head = {f"part{number % 20}/module{number}.py": f"A = {number}\n" for number in range(999)}
    hub.open_pull(BASE, {**head, "shop/app.py": CART})
    with hub.counting() as made:
        ran = run(hub)
    assert ran.status == 0, ran.stderr
    assert len(made) <= 30
    assert len(hub.open_threads()) == 1
    assert "1,000 of 1,000 files" in hub.world.issue_comments[0].body
    hub.check()


def test_a_diff_of_too_many_lines_is_read_file_by_file() -> None:
    """406 below 300 files."""
    hub = hub_with_time()
    hub.world.limits.diff_lines = 10
    hub.open_pull(BASE, {"shop/app.py": CART})
    assert run(hub).status == 0
    assert len(hub.open_threads()) == 1


def test_beyond_3000_files_it_is_said() -> None:
    """Never a success where something was not looked at."""
    hub = hub_with_time()
    hub.world.limits.diff_files, hub.world.limits.listed_files = 5, 20
    hub.open_pull(BASE, {f"module{number:02}.py": "A = 1\n" for number in range(25)})
    ran = run(hub)
    assert ran.status == 0, ran.stderr
    assert hub.world.check_runs[-1].conclusion == "action_required"
    assert "only 20 of the 25 changed files" in hub.world.issue_comments[0].body


def test_missing_patches_are_made_from_both_texts() -> None:
    """A file whose patch is too big for the list is reviewed all the same; no comment can stand on it, so the summary says it."""
    hub = hub_with_time()
    hub.world.limits.diff_lines, hub.world.limits.patch_lines = 10, 5
    hub.open_pull(BASE, {"shop/app.py": CART, "shop/new.py": CART.replace("carts", "sessions"), "shop/__init__.py": None})
    ran = run(hub)
    assert ran.status == 0, ran.stderr
    assert [entry.operation for entry in hub.writes] == ["issues/create-comment", "checks/create"]
    assert all(f"`{path}:4`" in hub.world.issue_comments[0].body for path in ("shop/app.py", "shop/new.py"))
    with hub.counting() as made:
        run(hub)
    assert not [entry for entry in made if entry.kind == "write"]
    hub.check()


def test_a_text_that_can_not_be_had_is_not_passed_over() -> None:
    """No patch and no text: said as not looked at, and no success."""
    from github_standin import broken

    hub = hub_with_time()
    hub.world.limits.diff_lines, hub.world.limits.patch_lines, hub.world.limits.blob_text = 10, 5, 50
    hub.open_pull(BASE, {"shop/app.py": CART})
    hub.faults.append(broken(404, "GET", "/git/blobs/", times=9))
    ran = run(hub)
    assert ran.status == 0, ran.stderr
    assert hub.world.check_runs[-1].conclusion == "action_required"
    assert "shop/app.py" in hub.world.issue_comments[0].body


def test_texts_that_graphql_cuts_come_by_blob() -> None:
    """Truncated ones, and those that are not UTF-8."""
    hub = hub_with_time()
    hub.world.limits.blob_text = 100
    latin = ("# caf\u00e9\n" + CART.replace("carts", "chats")).encode("latin-1")
    hub.open_pull({**BASE, "shop/chat.py": b"# caf\xe9\n"}, {"shop/app.py": CART, "shop/chat.py": latin})
    ran = run(hub)
    assert ran.status == 0, ran.stderr
    assert {thread.path for thread in hub.open_threads()} == {"shop/app.py", "shop/chat.py"}
    assert [entry for entry in hub.log if "/git/blobs/" in entry.path]
    hub.check()


def test_the_configuration_of_the_base_branch_counts() -> None:
    """A pull request can not switch off its own guard, and the summary says that it tried."""
    hub = hub_with_time()
    config = '[tool.stateless-guard]\nexclude = ["shop/"]\n'
    hub.open_pull({**BASE, "pyproject.toml": "[project]\n"}, {"shop/app.py": CART, "pyproject.toml": config})
    assert run(hub).status == 0
    assert len(hub.open_threads()) == 1
    assert "pyproject.toml" in hub.world.issue_comments[0].body


def test_a_changed_baseline_is_said_wherever_it_stands() -> None:
    """What the base branch's settings name counts, and that of the base branch is used."""
    hub = hub_with_time()
    base = {**BASE, ".stateless-guard.toml": 'baseline = "ci/accepted.json"\n'}
    hub.open_pull(base, {"shop/app.py": CART, "ci/accepted.json": "{}\n"})
    ran = run(hub)
    assert ran.status == 0, ran.stderr
    assert "ci/accepted.json" in hub.world.issue_comments[0].body


@pytest.mark.parametrize("named", ["guard-rules/acme.toml", "guard-rules/*.toml"])
def test_own_rules_of_the_base_branch_count_without_a_checkout(named: str) -> None:
    """Named or by a pattern: a pull request that takes them away is reviewed by them."""
    page = (Path(__file__).parent.parent / "docs/own-rules.md").read_text()
    rules = page.split("```toml\n")[2].split("```")[0]
    base = {**BASE, ".stateless-guard.toml": f'catalogue = ["{named}"]\n', "guard-rules/acme.toml": rules}
    hub = hub_with_time()
    code = "from acme.sessions import MemoryStore\n\nstore = MemoryStore()\n"
    hub.open_pull(base, {"app.py": code, "guard-rules/acme.toml": None})
    ran = run(hub)
    assert ran.status == 0, ran.stderr
    assert [path for path, _, _ in comments(hub)] == ["app.py"]
    assert "guard-rules/acme.toml" in hub.world.issue_comments[0].body
    hub.check()


@pytest.mark.parametrize("named", ["rules/own.toml", "rules/*.toml"])
def test_changed_own_rules_are_said_new_ones_too(named: str) -> None:
    """What the base branch's settings name, whether it was there before or not."""
    both = compared(
        {"rules/own.toml": b"a = 1\n"}, {"rules/own.toml": b"a = 2\n", "rules/new.toml": b"b = 1\n", "x.toml": b"\n"}
    )
    found = set(changed_settings(both, both, Configuration((Settings(catalogue=(named,)),))))
    assert found == {"rules/own.toml"} | ({"rules/new.toml"} if "*" in named else set())


def test_the_tip_of_the_base_branch_counts_not_where_the_branch_began() -> None:
    """A configuration that came to main meanwhile holds for every pull request."""
    hub = hub_with_time()
    hub.open_pull(BASE, {"shop/app.py": CART})
    hub.push_base({".stateless-guard.toml": 'exclude = ["shop/"]\n'})
    assert run(hub).status == 0
    assert not hub.open_threads()


def test_a_broken_configuration_is_a_line_and_status_2() -> None:
    """Of the base branch; that of the pull request's own side hurts nobody."""
    hub = hub_with_time()
    hub.open_pull({**BASE, ".stateless-guard.toml": "exclud = 1\n"}, {"shop/app.py": CART})
    ran = run(hub)
    assert ran.status == 2
    assert ".stateless-guard.toml" in ran.stderr
    assert not hub.writes


def test_enterprise_server_has_its_prefix() -> None:
    """No host and no path is taken for granted."""
    hub = GitHub(prefix="/api/v3", clock=ManualClock())
    hub.open_pull(BASE, {"shop/app.py": CART})
    assert run(hub).status == 0
    assert len(hub.open_threads()) == 1
    assert all(entry.path.startswith("/api/") for entry in hub.log)
    hub.check()


def test_a_fork_and_a_draft_are_reviewed_like_others() -> None:
    """The head of a fork is read through the base repository."""
    hub = hub_with_time()
    hub.open_pull(BASE, {"shop/app.py": CART}, author="mallory", fork=True, draft=True)
    assert run(hub).status == 0
    assert len(hub.open_threads()) == 1
    hub.check()


def test_a_pull_request_that_is_not_there_is_a_line() -> None:
    """With its name."""
    from guard.integrations.hosting.github.environment import Task, Wish

    hub = hub_with_time()
    hub.open_pull(BASE, {"shop/app.py": CART})
    ran = run(hub, task=Task(Wish.REVIEW, "octo/shop", 99))
    assert ran.status == 3
    assert "octo/shop#99" in ran.stderr


@pytest.mark.parametrize(
    ("patch", "kind"),
    [
        ("@@ -0,0 +1 @@\n+../shared/app.py\n\\ No newline at end of file", FileKind.SYMLINK),
        ("@@ -1 +1 @@\n-a/b.py\n\\ No newline at end of file\n+c/d.py\n\\ No newline at end of file", FileKind.SYMLINK),
        ("@@ -1 +1 @@\n-Subproject commit 0123abc\n+Subproject commit 4567def", FileKind.SUBMODULE),
        ("@@ -0,0 +1 @@\n+import app.views\n\\ No newline at end of file", FileKind.FILE),
        ("@@ -0,0 +1 @@\n+app.run()\n\\ No newline at end of file", FileKind.FILE),
        ("@@ -0,0 +1 @@\n+../shared/app.py", FileKind.FILE),
        ("@@ -0,0 +1,2 @@\n+a = 1\n+b = 2", FileKind.FILE),
    ],
)
def test_links_and_submodules_are_told_by_their_patches(patch: str, kind: FileKind) -> None:
    """The list of files does not say what a file is."""
    assert kind_of_patch(patch) is kind


def test_a_query_that_is_too_much_is_asked_in_pieces() -> None:
    """GitHub ends a query that takes too long."""
    from github_standin import broken

    hub = hub_with_time()
    head = {f"part/module{number:03}.py": f"A = {number}\n" for number in range(60)}
    hub.open_pull({**BASE, **dict.fromkeys(head, "A = 0\n")}, {**head, "shop/app.py": CART})
    hub.faults.append(broken(502, "POST", r"f55: object", times=4))
    ran = run(hub)
    assert ran.status == 0, ran.stderr
    assert len(hub.open_threads()) == 1
    assert hub.world.check_runs[-1].conclusion == "failure"
    hub.check()


@pytest.mark.parametrize("listed", [False, True])
def test_odd_names_of_files_are_read_and_commented(*, listed: bool) -> None:
    """Spaces, quotes, other alphabets, Markdown and comment ends in a name."""
    hub = hub_with_time()
    hub.world.limits.diff_lines = 5 if listed else 20_000
    names = [
        "shop/we ird`na|me.py",
        "shop/\u00fcn\u00ef\u4e2d.py",
        'shop/"quoted".py',
        "shop/<!-- x -->.py",
        "shop/a#b?c&d%20.py",
        "shop/@team.py",
    ]
    hub.open_pull(BASE, {name: CART.replace("carts", f"carts{number}") for number, name in enumerate(names)})
    ran = run(hub)
    assert ran.status == 0, ran.stderr
    assert sorted(thread.path for thread in hub.open_threads()) == sorted(names)
    with hub.counting() as made:
        run(hub)
    assert not [entry for entry in made if entry.kind == "write"]
    hub.check()


def test_a_name_that_is_no_text_is_said_in_the_summary(tmp_path: Path) -> None:
    """Bytes that are not UTF-8 can not be named in a comment's place; the finding is not lost."""
    folder = tmp_path / "hub"
    folder.mkdir()
    _git(folder, "init", "-q", "-b", "main")
    (folder / "app.py").write_text(BASE["shop/app.py"])
    _git(folder, "add", "-A")
    _git(folder, "commit", "-qm", "base")
    base = _git(folder, "rev-parse", "HEAD")
    with open(os.path.join(os.fsencode(folder), b"caf\xe9.py"), "w") as stream:
        stream.write(CART)
    _git(folder, "add", "-A")
    _git(folder, "commit", "-qm", "head")
    hub = GitHub(GitRepository(folder), clock=ManualClock())
    hub.adopt(_git(folder, "rev-parse", "HEAD"), base=base)
    ran = run(hub, "-C", str(folder), way="git")
    assert ran.status == 0, ran.stderr
    assert "carts" in hub.world.issue_comments[0].body
    newest = hub.world.check_runs[-1]
    assert (newest.conclusion, newest.annotations) == ("failure", [])
    sent = json.dumps([entry.body for entry in hub.writes])
    assert "\\udc" not in sent, "GitHub takes no half of a surrogate pair"

"""The MCP server as the official Python client sees it: reviews, pages, refusals, progress, cancellation."""

from __future__ import annotations

import ast
import contextlib
import json
import os
import re
import threading
import tomllib
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import anyio
import hypothesis
import jsonschema
import pytest
from hypothesis import strategies as st
from mcp import StdioServerParameters
from mcp.client import Client
from mcp.client.stdio import stdio_client
from mcp_help import CARTS, COMMAND, PLAIN, git, repository, write

from guard.change import FileChange
from guard.cli import run
from guard.errors import GuardError, MissingExtraError
from guard.integrations.mcp import reviewing
from guard.integrations.mcp.reviewing import Terms
from guard.integrations.mcp.roots import roots_at
from guard.integrations.mcp.server import server_for
from guard.integrations.measured import Size
from guard.model.inquiry import Asking
from guard.model.tokens import estimate
from guard.pipeline import review as real_review

GENERATIONS = {"2025-11-25": "legacy", "2026-07-28": "auto"}
_T = TypeVar("_T")
Answer = Any


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A repository whose work tree adds a cart in memory."""
    return repository(tmp_path / "repo", {"app.py": PLAIN}, {"app.py": CARTS})


def asked(
    folder: Path | list[Path], use: Callable[[Client], Awaitable[_T]], *, mode: str = "auto", terms: Terms | None = None
) -> _T:
    """What a client in this process gets from a server for these roots."""
    roots = [str(root) for root in (folder if isinstance(folder, list) else [folder])]

    async def run() -> _T:
        server = server_for(terms or Terms(roots_at(roots, ".")))
        async with Client(server, mode=mode) as client:
            return await use(client)

    return anyio.run(run)


def called(folder: Path | list[Path], tool: str, terms: Terms | None = None, **given: Any) -> Answer:
    """What one call of a tool answers."""
    return asked(folder, lambda client: client.call_tool(tool, given), terms=terms)


def data(answer: Answer) -> dict[str, Any]:
    """The data of an answer that is none about a failure."""
    assert not answer.is_error, answer.content[0].text
    return dict(answer.structured_content)


def complaint(answer: Answer) -> str:
    """The text of a failure."""
    assert answer.is_error, answer.structured_content
    return str(answer.content[0].text)


def places(answer: Answer) -> list[tuple[str, str]]:
    """Path and check of each finding."""
    return [(finding["path"], finding["check"]) for finding in data(answer)["findings"]]


# -- what a client sees -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("generation", GENERATIONS)
def test_a_client_reviews_on_standard_input_and_output(repo: Path, generation: str) -> None:
    """Both generations of the protocol get the same review from a server process, as data that fits its schema and as text."""

    async def run() -> tuple[Any, Answer, str]:
        parameters = StdioServerParameters(command=COMMAND[0], args=list(COMMAND[1:]), cwd=repo, env=dict(os.environ))
        async with Client(stdio_client(parameters), mode=GENERATIONS[generation]) as client:
            return await client.list_tools(), await client.call_tool("review_changes", {}), client.protocol_version

    listed, answer, version = anyio.run(run)
    assert version == generation
    schema = next(tool.output_schema for tool in listed.tools if tool.name == "review_changes")
    jsonschema.validate(answer.structured_content, schema)
    assert json.loads(answer.content[0].text) == answer.structured_content
    assert places(answer) == [("app.py", "session-store")]
    assert data(answer)["verdict"] == "findings"
    assert "must be mended" in data(answer)["summary"]


def test_tools_say_that_they_only_read(repo: Path) -> None:
    """Every tool has its hints, a description without indentation, and a described schema for each argument."""
    tools = asked(repo, lambda client: client.list_tools()).tools
    assert [tool.name for tool in tools] == ["review_changes", "review_diff", "scan_file", "explain_rule", "list_rules"]
    for tool in tools:
        assert tool.annotations is not None
        assert (tool.annotations.read_only_hint, tool.annotations.open_world_hint) == (True, False)
        assert tool.output_schema
        assert "\n  " not in (tool.description or "")
        assert all(about.get("description") for about in tool.input_schema["properties"].values())


def test_a_model_opens_the_world(repo: Path) -> None:
    """Only a server that was started with a model says that it talks to others."""
    tools = asked(repo, lambda client: client.list_tools(), terms=Terms(roots_at([str(repo)], "."), model="some-model")).tools
    assert [tool.annotations.open_world_hint for tool in tools if tool.annotations] == [True, True, True, False, False]


def test_each_selection_is_reviewed(repo: Path) -> None:
    """Work tree, index, range, base and commit are the same change seen from different sides."""
    git(repo, "add", ".")
    staged = called(repo, "review_changes", what="staged")
    git(repo, "switch", "-q", "-c", "feature")
    git(repo, "commit", "-q", "-m", "second")
    answers = [
        staged,
        called(repo, "review_changes", what="range", revision="main..feature"),
        called(repo, "review_changes", what="base", revision="main"),
        called(repo, "review_changes", what="commit", revision="HEAD"),
        called(repo, "review_diff", range="main..feature"),
        called(repo, "review_diff", patch=git(repo, "diff", "main")),
    ]
    assert [places(answer) for answer in answers] == [[("app.py", "session-store")]] * 6
    assert len({data(answer)["findings"][0]["fingerprint"] for answer in answers}) == 1
    clean = called(repo, "review_changes")
    assert (data(clean)["verdict"], data(clean)["summary"]) == ("clean", "Nothing to review: the change is empty.")


def test_a_patch_is_reviewed_before_it_is_applied(repo: Path) -> None:
    """The texts of the repository complete a patch that is not applied; paths limit a review."""
    patch = git(repo, "diff")
    git(repo, "checkout", "-q", ".")
    answer = called(repo, "review_diff", patch=patch)
    assert (places(answer), data(answer)["partial"]) == ([("app.py", "session-store")], [])
    write(repo, {"a/app.py": CARTS, "b/app.py": CARTS})
    assert places(called(repo, "review_changes", paths=["b"])) == [("b/app.py", "session-store")]
    assert places(called(repo, "review_changes", directory="a")) == [("a/app.py", "session-store")]


def test_a_file_is_scanned_as_it_is_and_as_it_will_be(repo: Path) -> None:
    """A whole file, in a repository or not, and a text that is not written yet."""
    git(repo, "commit", "-qam", "all")
    assert places(called(repo, "scan_file", path="app.py")) == [("app.py", "session-store")]
    assert places(called(repo, "scan_file", path="new/shop.py", content=CARTS)) == [("new/shop.py", "session-store")]
    assert places(called(repo, "scan_file", path="app.py", content=PLAIN)) == []
    elsewhere = repo.parent / "elsewhere"
    write(elsewhere, {"app.py": CARTS})
    assert places(called(elsewhere, "scan_file", path="app.py")) == [("app.py", "session-store")]
    assert places(called(elsewhere, "scan_file", path=str(elsewhere / "app.py"))) == [("app.py", "session-store")]
    assert "is in no git repository; pass a patch to review_diff" in complaint(called(elsewhere, "review_changes"))


def test_the_configuration_of_the_repository_counts(repo: Path) -> None:
    """What its configuration ignores is counted as suppressed; a wrong one is told."""
    write(repo, {".stateless-guard.toml": 'ignore = ["session-store"]\n'})
    answer = data(called(repo, "review_changes"))
    assert (answer["verdict"], answer["suppressed"]) == ("clean", 1)
    write(repo, {".stateless-guard.toml": 'ignore = ["session-stor"]\n'})
    assert "did you mean 'session-store'?" in complaint(called(repo, "review_changes"))


def test_rules_are_listed_and_explained(repo: Path) -> None:
    """Rules are found by words, explained with examples; a wrong name is answered with the nearest."""
    found = data(called(repo, "list_rules", words="flask session-store"))
    assert found["rules"]
    assert all(rule["check"] == "session-store" for rule in found["rules"])
    told = data(called(repo, "explain_rule", name=found["rules"][0]["id"]))
    assert told["kind"] == "rule"
    assert told["reported"][0]["code"]
    assert data(called(repo, "explain_rule", name="local-disk"))["rules"]
    assert data(called(repo, "explain_rule", name="suppression-unused"))["kind"] == "note"
    assert "did you mean 'memory-cache'?" in complaint(called(repo, "explain_rule", name="memory-cash"))


@pytest.mark.parametrize("mode", GENERATIONS.values(), ids=GENERATIONS)
def test_resources_and_the_prompt_are_read(repo: Path, mode: str) -> None:
    """Pages of rules, the atom's texts at each level, and the prompt; an unknown one is told as such."""

    async def use(client: Client) -> tuple[list[str], list[str], str, str]:
        listed = [str(resource.uri) for resource in (await client.list_resources()).resources]
        texts = [str(getattr((await client.read_resource(uri)).contents[0], "text", "")) for uri in listed]
        prompt = (await client.get_prompt("write_stateless_code", {"task": "a cart"})).messages[0].content
        with pytest.raises(Exception, match="no text 'huge' of an atom 'StatelessProcesses'; there are"):
            await client.read_resource("guard://atoms/StatelessProcesses/huge")
        with pytest.raises(Exception, match="neither a rule nor a check"):
            await client.read_resource("guard://rules/nothing")
        rule = (await client.read_resource("guard://rules/flask-session-filesystem")).contents[0]
        return listed, texts, str(getattr(prompt, "text", "")), str(getattr(rule, "text", ""))

    listed, texts, prompt, rule = asked(repo, use, mode=mode)
    assert {"guard://rules/session-store", "guard://atoms/StatelessProcesses/core"} <= set(listed)
    assert all(texts)
    assert all(word in prompt for word in ("## Checks", "review_changes", "a cart"))
    assert rule.startswith("flask-session-filesystem\n")


def test_names_that_are_no_text_are_told(repo: Path) -> None:
    """Paths in git are bytes: one that is no UTF-8 is reviewed, and told with its bytes escaped; a complaint about one, too."""
    Path(os.fsdecode(bytes(repo) + b"/caf\xe9.py")).write_text(CARTS)
    assert ("caf\\udce9.py", "session-store") in places(called(repo, "review_changes"))
    patch = re.sub(r"([ab])/app\.py", r'"\1/../caf\\351.py"', git(repo, "diff"))
    assert "caf\\udce9.py" in complaint(called(repo, "review_diff", patch=patch))


# -- long answers -----------------------------------------------------------------------------------------------------


def test_a_long_answer_comes_in_pages(tmp_path: Path) -> None:
    """Each page stays below 10,000 tokens, the pages together are the whole, and another server goes on with the cursor of one."""
    files = {f"app{number:02}.py": CARTS.replace("carts", f"carts{number}") for number in range(30)}
    repo = repository(tmp_path / "repo", {"app.py": PLAIN}, files)
    seen: list[str] = []
    cursor: str | None = None
    pages = 0
    while True:
        answer = called(repo, "review_changes", cursor=cursor)
        assert estimate(answer.model_dump_json()) < 10_000
        seen += [finding["path"] for finding in data(answer)["findings"]]
        assert data(answer)["total"] == 30
        pages += 1
        cursor = data(answer)["next_cursor"]
        if cursor is None:
            break
    assert sorted(seen) == sorted(files)
    assert pages > 1


def test_a_cursor_belongs_to_one_answer(tmp_path: Path) -> None:
    """After a change, and for a made-up cursor, the answer is to begin anew."""
    files = {f"app{number:02}.py": CARTS.replace("carts", f"carts{number}") for number in range(30)}
    repo = repository(tmp_path / "repo", {"app.py": PLAIN}, files)
    cursor = data(called(repo, "review_changes"))["next_cursor"]
    write(repo, {"app03.py": PLAIN})
    assert "changed since; call again without a cursor" in complaint(called(repo, "review_changes", cursor=cursor))
    for made_up in ("x", "W10", "WzEsMl0", "%%%"):
        assert "call again without a cursor" in complaint(called(repo, "review_changes", cursor=made_up))


def test_every_rule_is_listed_and_every_page_is_short(repo: Path) -> None:
    """The catalogue comes in pages, and no explanation is too long for a client."""
    names: list[str] = []
    cursor: str | None = None
    while not names or cursor:
        answer = called(repo, "list_rules", cursor=cursor)
        assert estimate(answer.model_dump_json()) < 10_000
        names += [rule["id"] for rule in data(answer)["rules"]]
        cursor = data(answer)["next_cursor"]
    assert len(names) == len(set(names)) == data(answer)["total"]

    async def longest(client: Client) -> int:
        answers = [await client.call_tool("explain_rule", {"name": name}) for name in names[::8]]
        return max(estimate(told.model_dump_json()) for told in answers)

    assert asked(repo, longest) < 10_000


# -- refusals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/etc/passwd", "../secret.py", "sub/../../secret.py", "link/secret.py", "link", "a\0b"])
def test_nothing_outside_of_the_roots_is_read(repo: Path, path: str) -> None:
    """Absolute paths, dots and links that lead out are refused alike, whether or not something is there."""
    write(repo.parent, {"secret.py": CARTS, "out/secret.py": CARTS})
    (repo / "link").symlink_to(repo.parent / "out")
    for tool, given in (
        ("scan_file", {"path": path}),
        ("scan_file", {"path": path, "content": PLAIN}),
        ("review_changes", {"paths": [path]}),
        ("review_changes", {"directory": path}),
        ("review_diff", {"directory": path, "patch": git(repo, "diff")}),
    ):
        told = complaint(called(repo, tool, **given))
        assert "outside of what this server may read" in told or "zero byte" in told


def test_a_patch_leads_nowhere_else(repo: Path) -> None:
    """A patch can neither name a file above the repository nor reach one through a link, to have its text fitted."""
    write(repo.parent, {"out/secret.py": CARTS})
    (repo / "link").symlink_to(repo.parent / "out")
    patch = git(repo, "diff")
    for path in ("../out/secret.py", "/etc/passwd"):
        told = complaint(called(repo, "review_diff", patch=patch.replace("app.py", path)))
        assert "outside of what this server may read" in told
    answer = called(repo, "review_diff", patch=patch.replace("app.py", "link/secret.py"))
    assert data(answer)["partial"] == ["link/secret.py"]


def test_a_root_inside_of_a_repository_is_the_end(tmp_path: Path) -> None:
    """Only what is below the root is reviewed and read, under the configuration of the whole repository."""
    repo = repository(
        tmp_path / "repo",
        {"app.py": PLAIN, "sub/app.py": PLAIN, ".stateless-guard.toml": "ignore = []\n"},
        {"app.py": CARTS, "sub/app.py": CARTS},
    )
    patch = git(repo, "diff")
    assert places(called(repo / "sub", "review_changes")) == [("sub/app.py", "session-store")]
    assert data(called(repo / "sub", "review_diff", patch=patch))["partial"] == ["app.py"]
    assert "outside of what" in complaint(called(repo / "sub", "scan_file", path="../app.py"))
    write(repo, {".stateless-guard.toml": 'ignore = ["session-store"]\n'})
    assert data(called(repo / "sub", "review_changes"))["suppressed"] == 1
    write(repo, {".stateless-guard.toml": ""})
    assert run(["-C", str(repo), "baseline", "create"]) == 0
    assert data(called(repo / "sub", "review_changes"))["suppressed"] == 1


def test_several_roots_are_searched_in_order(repo: Path) -> None:
    """A relative path is looked for below each root; the first root is the default."""
    other = repository(repo.parent / "other", {"other.py": PLAIN}, {"other.py": CARTS})
    assert places(called([repo, other], "scan_file", path="other.py")) == [("other.py", "session-store")]
    assert places(called([repo, other], "review_changes")) == [("app.py", "session-store")]
    assert places(called([repo, other], "review_changes", directory=str(other))) == [("other.py", "session-store")]


def test_a_diff_bomb_is_refused(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too many bytes, files or lines are refused with the limit, before anything is parsed."""
    huge = "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -0,0 +1 @@\n+" + "x" * 2_000_000
    assert "bytes, at most 2,000,000" in complaint(called(repo, "review_diff", patch=huge))
    many = "".join(f"diff --git a/{n} b/{n}\n--- a/{n}\n+++ b/{n}\n@@ -0,0 +1 @@\n+x\n" for n in range(2_001))
    assert "2,001 files, at most 2,000" in complaint(called(repo, "review_diff", patch=many))
    long = "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -0,0 +1,100001 @@\n" + "+x\n" * 100_001
    assert "at most 100,000" in complaint(called(repo, "review_diff", patch=long))
    assert "bytes, at most" in complaint(called(repo, "scan_file", path="x.py", content="x" * 2_000_001))
    monkeypatch.setattr(reviewing, "MOST", Size(files=2, lines=10, size=2_000_000))
    assert "changed lines, at most 10" in complaint(called(repo, "review_changes"))
    git(repo, "checkout", "-q", ".")
    write(repo, {f"new{number}.py": "\n" for number in range(3)})
    assert "3 files, at most 2 are reviewed at once; review it in parts" in complaint(called(repo, "review_changes"))
    assert data(called(repo, "review_changes", paths=["new1.py"]))["files"] == 1


@pytest.mark.parametrize(
    ("tool", "given", "told"),
    [
        ("review_changes", {"what": "range"}, "what='range' needs a revision"),
        ("review_changes", {"revision": "HEAD"}, "what='worktree' does not go with a revision"),
        ("review_changes", {"what": "commit", "revision": "nothing"}, "unknown revision 'nothing'"),
        ("review_changes", {"what": "commit", "revision": "--output=x"}, "unknown revision '--output=x'"),
        ("review_changes", {"what": "range", "revision": "HEAD"}, "write A..B"),
        ("review_changes", {"what": "everything"}, "'worktree', 'staged', 'range', 'base' or 'commit'"),
        ("review_changes", {"directory": "nowhere"}, "is no directory below"),
        ("review_diff", {}, "give either a patch or a range"),
        ("review_diff", {"patch": "hello"}, "this is not a unified diff"),
        ("scan_file", {"path": "nothing.py"}, "is no file below"),
        ("scan_file", {}, "path"),
    ],
)
def test_a_mistake_is_told_to_the_model(repo: Path, tool: str, given: dict[str, Any], told: str) -> None:
    """A failure of a tool is an answer that says what to do, never a fault of the protocol."""
    assert told in complaint(called(repo, tool, **given))


def test_a_bug_of_ours_is_told_in_a_sentence(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The agent is never stuck: it learns that nothing was reviewed, and that it may go on."""

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(reviewing, "review", broken)
    told = complaint(called(repo, "review_changes"))
    assert "internal error, nothing was reviewed: RuntimeError: a bug" in told
    assert "go on without this review" in told


def test_no_model_is_asked_unless_the_server_was_told(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that only the repository's configuration names is not asked."""
    write(repo, {".stateless-guard.toml": 'model = "some-model"\n'})
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    asked_for: list[str] = []

    def inquiry(_configuration: object, asking: Asking) -> None:
        asked_for.append(asking.model)
        limits.append((asking.max_tokens, asking.max_cost))

    limits: list[tuple[int | None, float | None]] = []
    monkeypatch.setattr(reviewing, "inquiry_for_environment", inquiry)
    called(repo, "review_changes")
    assert asked_for == []
    called(repo, "review_changes", Terms(roots_at([str(repo)], "."), model="another", max_tokens=9, max_cost=0.1))
    assert asked_for == ["another"]
    assert limits == [(9, 0.1)]


# -- progress and cancellation ----------------------------------------------------------------------------------------


def test_progress_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that asks for it learns how far a review has come; the numbers only grow."""
    monkeypatch.setattr("guard.integrations.mcp.working._EVERY", 0.0)
    repo = repository(tmp_path / "repo", {"app.py": PLAIN}, {f"app{number}.py": PLAIN for number in range(5)})
    told: list[tuple[float, float | None, str | None]] = []

    async def note(progress: float, total: float | None, message: str | None) -> None:
        told.append((progress, total, message))

    asked(repo, lambda client: client.call_tool("review_changes", {}, progress_callback=note))
    assert told == [(number + 1.0, 5.0, f"app{number}.py") for number in range(5)]


@pytest.fixture
def endless(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[threading.Event, threading.Event]]:
    """The next review goes on until it is stopped; the events say that it began, and that its thread left it."""
    began, left = threading.Event(), threading.Event()

    def review(*given: Any, progress: Callable[[str], None], **rest: Any) -> Any:
        if began.is_set():
            return real_review(*given, progress=progress, **rest)
        began.set()
        try:
            while not left.wait(0.01):
                progress("app.py")
        finally:
            left.set()

    monkeypatch.setattr(reviewing, "review", review)
    yield began, left
    left.set()


@pytest.mark.parametrize("mode", GENERATIONS.values(), ids=GENERATIONS)
def test_a_cancelled_review_is_left(repo: Path, endless: tuple[threading.Event, threading.Event], mode: str) -> None:
    """The thread of a cancelled request ends, and the server answers the next one."""
    began, left = endless

    async def use(client: Client) -> Answer:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(client.call_tool, "review_changes", {})
            assert await anyio.to_thread.run_sync(began.wait, 5)
            tasks.cancel_scope.cancel()
        with anyio.fail_after(5):
            assert await anyio.to_thread.run_sync(left.wait, 5)
            return await client.call_tool("review_changes", {})

    assert places(asked(repo, use, mode=mode)) == [("app.py", "session-store")]


def test_other_requests_are_answered_meanwhile(repo: Path, endless: tuple[threading.Event, threading.Event]) -> None:
    """A long review holds up nobody."""
    began, left = endless

    async def use(client: Client) -> Answer:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(client.call_tool, "review_changes", {})
            assert await anyio.to_thread.run_sync(began.wait, 5)
            with anyio.fail_after(5):
                answer = await client.call_tool("review_changes", {})
            assert not left.is_set()
            tasks.cancel_scope.cancel()
            return answer

    assert places(asked(repo, use)) == [("app.py", "session-store")]


def test_nothing_is_left_running(repo: Path) -> None:
    """The processes that a review starts end with it, whatever it was given."""
    ended: list[bool] = []

    async def use(client: Client) -> None:
        for tool, given in (
            ("review_changes", {}),
            ("review_diff", {"patch": git(repo, "diff")}),
            ("scan_file", {"path": "app.py"}),
        ):
            await client.call_tool(tool, given)
            ended.append(not _children())

    asked(repo, use)
    assert ended == [True] * 3


def _children() -> list[str]:
    """Living children of this process that are git."""
    found = []
    for task in Path("/proc/self/task").iterdir() if Path("/proc/self/task").exists() else ():
        for child in (task / "children").read_text().split():
            name = Path(f"/proc/{child}/comm")
            if name.exists() and name.read_text().strip() == "git":
                found.append(child)
    return found


# -- the house --------------------------------------------------------------------------------------------------------


def test_without_the_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """One clear line, and status 2."""
    import sys

    monkeypatch.setitem(sys.modules, "mcp.server", None)
    assert run(["mcp"]) == MissingExtraError.exit_status == 2


def test_only_the_server_imports_the_package() -> None:
    """Nothing else waits for it, or needs it."""
    users = {
        str(path.parent.name)
        for path in (Path(__file__).parent.parent / "guard").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if (isinstance(node, ast.ImportFrom) and not node.level and (node.module or "").split(".")[0] in {"mcp", "mcp_types"})
        or (isinstance(node, ast.Import) and any(name.name.split(".")[0] in {"mcp", "mcp_types"} for name in node.names))
    }
    assert users == {"mcp", "commands"}


def test_the_server_keeps_its_own_rule() -> None:
    """A review of the server's code finds no state that a later request needs."""
    from guard.integrations.files import open_files

    root = Path(__file__).parent.parent
    with open_files(("guard/integrations/mcp",), str(root)) as selected:
        assert all(isinstance(file, FileChange) for file in selected.change.files)
        report = real_review(selected.change, selected.source)
    assert (report.findings, report.errors) == ((), ())


def test_the_documentation_says_what_there_is(repo: Path) -> None:
    """Every tool stands in the documentation with its arguments, settings are valid, and limits are the real ones."""
    text = (Path(__file__).parent.parent / "docs" / "mcp.md").read_text()
    for tool in asked(repo, lambda client: client.list_tools()).tools:
        row = next(line for line in text.split("\n") if line.startswith(f"| `{tool.name}` |"))
        assert all(f"`{argument}`" in row for argument in tool.input_schema["properties"])
    for block in re.findall(r"```json\n(.*?)```", text, re.DOTALL):
        (servers,) = json.loads(block).values()
        assert servers["stateless-guard"]["command"] == "stateless-guard"
        assert servers["stateless-guard"]["args"][0] == "mcp"
    for block in re.findall(r"```toml\n(.*?)```", text, re.DOTALL):
        assert tomllib.loads(block)["mcp_servers"]["stateless-guard"]["args"] == ["mcp"]
    most = reviewing.MOST
    assert f"{most.files:,} files, {most.lines:,} lines or {most.size // 1_000_000} MB" in text


@hypothesis.given(
    cuts=st.lists(
        st.tuples(st.integers(0, 900), st.integers(0, 9), st.text(alphabet='+-@ \n/a.\0\\"é\udcff0', max_size=6)), max_size=4
    )
)
def test_a_broken_patch_is_no_bug_of_ours(tmp_path_factory: pytest.TempPathFactory, cuts: list[tuple[int, int, str]]) -> None:
    """Whatever becomes of a patch on its way, it is reviewed, or refused in a sentence; nothing outside is read."""
    root = tmp_path_factory.mktemp("root", numbered=True)
    patch = _PATCH
    for start, length, text in cuts:
        patch = patch[:start] + text + patch[start + length :]
    terms = Terms(roots_at([str(root)], "."))
    with contextlib.suppress(GuardError), reviewing.opened_patch(patch, "", terms) as selected:
        assert reviewing.reviewed(selected, terms, None, lambda _path: None).model_dump_json()


_PATCH = "".join(
    f"diff --git a/{path} b/{path}\nnew file mode 100644\n--- /dev/null\n+++ b/{path}\n@@ -0,0 +1,{len(CARTS.splitlines())} @@\n"
    + "".join(f"+{line}\n" for line in CARTS.splitlines())
    for path in ("app.py", "shop/cart.py")
)

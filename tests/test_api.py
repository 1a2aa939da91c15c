"""The Python API: names that load, examples that run, threads that do not meet, and silence."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from mcp_help import CARTS, PLAIN, git, repository, write

import guard

_ROOT = Path(__file__).parent.parent
_DOCS = _ROOT / "docs" / "python-api.md"
_EXPRESS = (
    "const express = require('express');\nconst session = require('express-session');\nconst app = express();\n"
    "app.use(session({ secret: 's' }));\nconst jobs = {};\napp.post('/jobs', (req, res) => { jobs[req.body.id] = 'queued'; res.end(); });\n"
    "app.get('/jobs/:id', (req, res) => res.send(jobs[req.params.id]));\n"
)
_COMPOSE = "services:\n  web:\n    image: app\n    volumes: ['./uploads:/app/uploads']\n"
_INGRESS = (
    "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: web\n  annotations:\n    nginx.ingress.kubernetes.io/affinity: cookie\n"
    "spec:\n  rules: []\n"
)
_NGINX = (
    "upstream app {\n    ip_hash;\n    server a:80;\n    server b:80;\n}\nserver { location / { proxy_pass http://app; } }\n"
)
_TERRAFORM = 'resource "aws_lb_target_group" "web" {\n  stickiness {\n    type    = "lb_cookie"\n    enabled = true\n  }\n}\n'
_DJANGO = "SESSION_ENGINE = 'django.contrib.sessions.backends.file'\nCACHES = {'default': {'BACKEND': 'django.core.cache.backends.locmem.LocMemCache'}}\n"
CHANGES: dict[str, dict[str, str]] = {
    "python": {"app.py": CARTS},
    "javascript": {"server.js": _EXPRESS},
    "typescript": {"src/server.ts": _EXPRESS.replace("const jobs = {}", "const jobs: Record<string, string> = {}")},
    "compose": {"docker-compose.yml": _COMPOSE},
    "ingress": {"k8s/ingress.yaml": _INGRESS},
    "nginx": {"nginx/app.conf": _NGINX},
    "terraform": {"lb.tf": _TERRAFORM},
    "django": {"shop/settings.py": _DJANGO},
    "several": {"app.py": CARTS, "server.js": _EXPRESS, "nginx/app.conf": _NGINX},
}


def told(files: dict[str, str]) -> str:
    """The whole report on new files, as one text."""
    selected = guard.compared({}, files)
    return json.dumps(guard.document(guard.review(selected.change, selected.source)))


# -- names ------------------------------------------------------------------------------------------------------------


def test_every_name_loads() -> None:
    """All that is promised is there, and nothing else is."""
    assert guard.__all__ == sorted(guard.__all__)
    assert {*guard.__all__, "__version__"} == set(dir(guard))
    assert all(getattr(guard, name) is not None for name in guard.__all__)
    with pytest.raises(AttributeError, match="module 'guard' has no attribute 'revue'"):
        _ = guard.revue  # type: ignore[attr-defined] # that is the point


def test_what_type_checkers_see_is_what_is_loaded() -> None:
    """Each name comes from the module that type checkers are told."""
    tree = ast.parse((_ROOT / "guard" / "__init__.py").read_text())
    block = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {
        alias.asname or alias.name: (node.module, alias.name)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert seen.keys() == set(guard.__all__)
    for name, (module, attribute) in seen.items():
        assert getattr(guard, name) is getattr(__import__(str(module), fromlist=[attribute]), attribute)


def test_importing_the_package_costs_nothing() -> None:
    """`import guard` loads no other module of ours, and none of its libraries."""
    found = _alone("import guard; print(sorted(name for name in sys.modules if name.startswith('guard') or name in heavy))")
    assert found == "['guard']\n"


def _alone(code: str) -> str:
    """What a process prints that starts with this."""
    start = "import sys\nheavy = {'pydantic', 'tree_sitter', 'openai', 'tiktoken', 'jinja2', 'yaml', 'unidiff', 'mcp'}\n"
    done = subprocess.run(
        [sys.executable, "-c", start + code], capture_output=True, text=True, check=False, cwd=_ROOT / "tests"
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


# -- the documentation ------------------------------------------------------------------------------------------------

BLOCKS = re.findall(r"<!-- This block runs as a test\. -->\n```python\n(.*?)```", _DOCS.read_text(), re.DOTALL)


def test_an_agent_reviews_its_own_patch() -> None:
    """The loop of the documentation: the agent's first try is told what to write instead, its second one is taken."""
    room: dict[str, Any] = {}
    exec(BLOCKS[0], room)  # noqa: S102 - our own documentation
    heard: list[str] = []
    kept = (
        PLAIN
        + "import os\nimport redis\nstore = redis.Redis.from_url(os.environ['REDIS_URL'])\n\n\n@app.post('/cart/<user>')\ndef add(user):\n"
        "    store.rpush(f'cart:{user}', request.data)\n    return ''\n"
    )

    def agent(said: str) -> dict[str, str]:
        heard.append(said)
        return {"app.py": CARTS if len(heard) == 1 else kept}

    assert room["stateless"]({"app.py": PLAIN}, agent) == {"app.py": kept}
    assert len(heard) == 2
    assert heard[1].startswith("app.py:4: ")
    assert "Instead: " in heard[1]
    with pytest.raises(RuntimeError, match=r"app\.py:4"):
        room["stateless"]({"app.py": PLAIN}, lambda _said: {"app.py": CARTS})


def test_the_repository_example_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The other example of the documentation reviews the last commit."""
    repo = repository(tmp_path / "repo", {"app.py": PLAIN}, {"app.py": CARTS})
    git(repo, "commit", "-qam", "carts")
    monkeypatch.chdir(repo)
    room: dict[str, Any] = {}
    exec(BLOCKS[1], room)  # noqa: S102 - our own documentation
    assert capsys.readouterr().out.startswith("app.py:4: error: ")
    assert room["status"] == 1


def test_the_documentation_names_what_there_is() -> None:
    """Every `guard.name` and every call in the documentation exists."""
    text = _DOCS.read_text()
    named = set(re.findall(r"guard\.([A-Za-z_]+)\b(?!/|\.)", text)) - {"reports"}
    assert named - {"__all__"} <= set(guard.__all__)
    assert set(
        re.findall(r"`(open_\w+|patched|compared|failing|exit_status|document|explain|inquiry_for_environment)\(", text)
    ) <= set(guard.__all__)


# -- changes in memory ------------------------------------------------------------------------------------------------


def test_a_patch_is_completed_by_either_side(tmp_path: Path) -> None:
    """Texts from before and from after the patch give the same review; without them the report says what is known in part."""
    repo = repository(tmp_path / "repo", {"app.py": PLAIN}, {"app.py": CARTS})
    patch = git(repo, "diff")
    reports = [
        guard.review(s.change, s.source) for s in (guard.patched(patch, {"app.py": t}) for t in (PLAIN, CARTS, CARTS.encode()))
    ]
    assert reports[0] == reports[1] == reports[2]
    assert [finding.line for finding in reports[0].findings] == [4]
    alone = guard.patched(patch)
    assert guard.review(alone.change, alone.source).partial == ("app.py",)
    assert guard.review(guard.parse(patch.encode())).partial == ("app.py",)
    with pytest.raises(guard.GuardError, match="the patch: line 1: this is not a unified diff"):
        guard.patched("hello")


def test_states_in_memory_are_the_same_change_as_in_git(tmp_path: Path) -> None:
    """`compared` sees added, changed, deleted, emptied and binary files as git does."""
    before: dict[str, str | bytes] = {
        "app.py": PLAIN + "x = 1\n" * 30 + "y = 1\n", "gone.py": CARTS, "same.py": PLAIN, "empty.py": "a = 1\n", "data.bin": b"\0old"
    }  # fmt: skip
    after: dict[str, str | bytes] = {
        "app.py": CARTS + "x = 1\n" * 30 + "y = 2", "new.py": "\n" + CARTS, "same.py": PLAIN, "empty.py": "", "data.bin": b"\0new"
    }  # fmt: skip
    repo = tmp_path / "repo"
    repository(repo, {"readme": ""}, {})
    for folder, state in (("a", before), ("b", after)):
        for path, text in state.items():
            (repo / folder / path).parent.mkdir(parents=True, exist_ok=True)
            (repo / folder / path).write_bytes(text if isinstance(text, bytes) else text.encode())
    raw = subprocess.run(
        ["git", "-C", repo, "diff", "--no-index", "--no-renames", "a", "b"], capture_output=True, check=False
    ).stdout
    in_git = {file.path.split("/", 1)[1]: file for file in guard.parse(raw).files}
    in_memory = {file.path: file for file in guard.compared(before, after).change.files}
    assert in_memory.keys() == in_git.keys()
    for path, file in in_memory.items():
        assert (file.status, file.binary) == (in_git[path].status, in_git[path].binary)
        assert (file.added, file.removed) == (in_git[path].added, in_git[path].removed)
        assert file.hunks == in_git[path].hunks


def test_what_was_there_before_is_not_told() -> None:
    """Moved code is no introduction, and manifests given along word the remedy."""
    moved = guard.compared({"app.py": CARTS}, {"app.py": PLAIN, "carts.py": CARTS})
    assert guard.review(moved.change, moved.source).findings == ()
    files = {"server.js": _EXPRESS}
    manifest = {"package.json": '{"dependencies": {"express": "^4", "express-session": "^1", "ioredis": "^5"}}'}
    remedies = []
    for others in ({}, manifest):
        selected = guard.compared({}, files, others)
        remedies.append([finding.remedy for finding in guard.review(selected.change, selected.source).findings])
    assert len(remedies[0]) == len(remedies[1]) > 0


def test_a_source_of_ones_own_is_enough() -> None:
    """Any object with the three methods is a source, and its configuration counts."""

    class Archive:
        def head(self, path: str) -> bytes | None:
            return {"app.py": CARTS.encode(), "pyproject.toml": b'[tool.stateless-guard]\nignore = ["session-store"]\n'}.get(
                path
            )

        def base(self, path: str) -> bytes | None:
            return PLAIN.encode() if path == "app.py" else None

        def head_paths(self) -> frozenset[str]:
            return frozenset({"app.py"})

    source: guard.Source = Archive()
    change = guard.compared({"app.py": PLAIN}, {"app.py": CARTS}).change
    assert [repr(finding.rule) for finding in guard.review(change, source).findings] == ["'shared-session-state'"]
    configuration = guard.configuration_for(guard.Selected(change, source, ""), overrides=guard.Overrides(fail_on="note"))
    report = guard.review(change, source, configuration)
    assert (report.findings, len(report.suppressed)) == ((), 1)
    assert guard.failing(report, configuration) == ()


def test_progress_tells_each_file_and_may_end_the_review() -> None:
    """The paths come one by one; what is raised there is the end of it."""
    selected = guard.compared({}, {f"app{number}.py": CARTS for number in range(4)})
    seen: list[str] = []
    guard.review(selected.change, selected.source, progress=seen.append)
    assert seen == [f"app{number}.py" for number in range(4)]

    def late(path: str) -> None:
        if path == "app2.py":
            raise TimeoutError(path)

    with pytest.raises(TimeoutError, match=r"app2\.py"):
        guard.review(selected.change, selected.source, progress=late)


# -- threads ----------------------------------------------------------------------------------------------------------

_COLD = """
import threading, test_api
barrier, found = threading.Barrier(8), {}
def work(name):
    barrier.wait()
    found[name] = test_api.told(test_api.CHANGES[name])
threads = [threading.Thread(target=work, args=[name]) for name in list(test_api.CHANGES)[:8]]
[thread.start() for thread in threads]; [thread.join() for thread in threads]
print(found == {name: test_api.told(test_api.CHANGES[name]) for name in found}, len(found))
"""


def test_eight_threads_review_as_one_does() -> None:
    """Different changes, reviewed over and over by eight threads at once, give the reports that they give one after the other."""
    alone = {name: told(files) for name, files in CHANGES.items()}
    assert all('"findings": [{' in report for report in alone.values())
    assert all('"errors": []' in report for report in alone.values())
    names = list(CHANGES) * 8
    barrier = Barrier(8)

    def work(first: int) -> list[tuple[str, str]]:
        barrier.wait()
        return [(name, told(CHANGES[name])) for name in (*names[first:], *names[:first])[:18]]

    with ThreadPoolExecutor(8) as pool:
        for result in pool.map(work, range(8)):
            assert all(report == alone[name] for name, report in result)


def test_eight_threads_may_be_the_first() -> None:
    """Nothing is loaded yet, and eight threads need it at once: grammars, catalogue, readers."""
    for _ in range(3):
        assert _alone(_COLD) == "True 8\n"


def test_a_selected_change_may_be_shared(tmp_path: Path) -> None:
    """Eight threads that review one change of a repository share its one reader of git objects."""
    files = {f"app{number}.py": CARTS for number in range(12)}
    repo = repository(tmp_path / "repo", dict.fromkeys(files, PLAIN), files)
    git(repo, "commit", "-qam", "carts")
    with guard.open_change(guard.Selection(guard.Kind.COMMIT, "HEAD"), str(repo)) as selected, ThreadPoolExecutor(8) as pool:
        reports = list(pool.map(lambda _: guard.review(selected.change, selected.source), range(8)))
    assert len(reports[0].findings) == 12
    assert all(report == reports[0] for report in reports)


def test_a_judge_that_records_may_be_shared(tmp_path: Path) -> None:
    """Eight threads that ask through one recorder leave a record of every exchange."""
    from guard.model.record import Recorder, Replayer

    class Echo:
        def ask(self, request: guard.Request) -> guard.Reply:
            return guard.Reply(request.model)

    recorder = Recorder(Echo(), str(tmp_path / "record.jsonl"))
    requests = [guard.Request(f"model-{number}", (), "{}") for number in range(80)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(recorder.ask, requests))
    replayer = Replayer(str(tmp_path / "record.jsonl"))
    assert [replayer.ask(request).text for request in requests] == [request.model for request in requests]


# -- silence ----------------------------------------------------------------------------------------------------------


def test_nothing_is_printed_and_nothing_is_changed(tmp_path: Path) -> None:
    """No output, no logging, no other folder, limit, signal or environment: a host program does not notice a review."""
    write(tmp_path, {"bad.py": "def (:\n", "nginx.conf": "upstream {"})
    code = f"""
import os, logging, signal, threading, warnings, gc
import test_api, guard
def state():
    return (os.getcwd(), dict(os.environ), sys.getrecursionlimit(), signal.getsignal(signal.SIGINT), threading.active_count(),
            [logging.root.level, list(logging.root.handlers)], list(warnings.filters)[:0], gc.get_threshold(), sys.stdout, sys.excepthook)
before = state()
for files in test_api.CHANGES.values():
    test_api.told(files)
with guard.open_files(("bad.py", "nginx.conf"), {str(tmp_path)!r}) as selected:
    guard.review(selected.change, selected.source, guard.configuration_for(selected))
guard.explain("session-store")
assert state() == before, (state(), before)
"""
    assert _alone(code) == ""

"""The command line as a whole: statuses, formats, settings, suppressions, explanations, starters."""

from __future__ import annotations

import io
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

import guard
from guard.__main__ import main
from guard.analyses import all_rules
from guard.catalogue import load
from guard.cli.parser import command_names
from guard.cli.terminal import Progress
from guard.finding import Check
from guard.model.judge import Reply
from guard.policy import NOTES

BAD = "from flask import Flask\n\napp = Flask(__name__)\napp.config['SESSION_TYPE'] = 'filesystem'\n"
RULE = "flask-session-filesystem"
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with an empty commit and one bad file that is not tracked."""
    folder = tmp_path / "repository"
    folder.mkdir()
    for arguments in (["init", "-q", "-b", "main"], ["commit", "-q", "--allow-empty", "-m", "base"]):
        _git(folder, *arguments)
    (folder / "app.py").write_text(BAD)
    return folder


def _git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True)


def _run(capsys: Capture, folder: Path, *arguments: str) -> tuple[int, str]:
    """Status and standard output of a command that has nothing to complain about."""
    capsys.readouterr()
    status = main(["-C", str(folder), *arguments])
    told = capsys.readouterr()
    assert told.err == ""
    return status, told.out


# -- statuses ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("severity", "fail_on", "status"),
    [
        ("error", "error", 1),
        ("error", "never", 0),
        ("warning", "error", 0),
        ("warning", "warning", 1),
        ("note", "warning", 0),
        ("note", "note", 1),
    ],
)
def test_findings_fail_from_a_severity_on(repository: Path, capsys: Capture, severity: str, fail_on: str, status: int) -> None:
    """1 at or above --fail-on, which wins over the file's fail-on; 0 below."""
    (repository / ".stateless-guard.toml").write_text(f'fail-on = "note"\n[severity]\nsession-store = "{severity}"\n')
    assert _run(capsys, repository, "review", "--fail-on", fail_on)[0] == status
    assert _run(capsys, repository, "review")[0] == 1


def test_each_file_fails_by_its_own_settings(repository: Path, capsys: Capture) -> None:
    """In a monorepo a folder may be more patient than the root."""
    (repository / "app.py").unlink()
    (repository / "lab").mkdir()
    (repository / "lab" / "app.py").write_text(BAD)
    (repository / "lab" / ".stateless-guard.toml").write_text('fail-on = "never"\n')
    assert _run(capsys, repository, "review")[0] == 0


# -- formats ----------------------------------------------------------------------------------------------------------


def test_several_formats_at_once(repository: Path, tmp_path: Path, capsys: Capture) -> None:
    """Formats and outputs go in pairs; the one without an output goes to standard output."""
    first, second = tmp_path / "report.json", tmp_path / "github.txt"
    status, out = _run(
        capsys, repository, "review", "--format", "json", "--output", str(first), "--format", "github", "--output", str(second), "--format", "text"
    )  # fmt: skip
    assert status == 1
    assert json.loads(first.read_text())["findings"][0]["rule"] == RULE
    assert second.read_text().startswith("::error file=app.py,line=4")
    assert out.startswith("error: After a deploy")


def test_an_output_that_can_not_be_written(repository: Path, capsys: Capture) -> None:
    """One line, status 2."""
    assert main(["-C", str(repository), "review", "--output", str(repository / "no" / "where")]) == 2
    assert "can not be written: No such file or directory" in capsys.readouterr().err


def test_statistics_count_by_rule(repository: Path, capsys: Capture) -> None:
    """A line a rule instead of each finding."""
    assert _run(capsys, repository, "review", "--statistics")[1].startswith(f"1  {RULE}  session-store  error\n\n1 error in")


def test_the_same_change_gives_the_same_bytes(repository: Path, capsys: Capture) -> None:
    """Twice in different processes' worth of hash seeds."""
    command = [sys.executable, "-m", "guard", "-C", str(repository), "review", "--format", "json", "--no-model"]
    outputs = {
        subprocess.run(command, check=False, capture_output=True, env={**os.environ, "PYTHONHASHSEED": seed}).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1
    assert json.loads(outputs.pop())["findings"]
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("environment", "option", "colored"),
    [
        ({}, "auto", False),
        ({}, "always", True),
        ({"FORCE_COLOR": "1"}, "auto", True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, "auto", False),
        ({"NO_COLOR": "1"}, "always", True),
        ({"FORCE_COLOR": "1"}, "never", False),
    ],
)
def test_colors(
    repository: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], option: str, colored: bool
) -> None:
    """The option, then NO_COLOR, then FORCE_COLOR, then the terminal."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert ("\x1b[" in _run(capsys, repository, "--color", option, "review")[1]) is colored


def _on_a_terminal(*arguments: str, columns: int) -> str:
    """What a command prints on a terminal of this width."""
    import fcntl
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color"}
    with subprocess.Popen(
        [sys.executable, "-m", "guard", *arguments], stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs, env=environment
    ):
        os.close(theirs)
        text = b""
        try:
            while piece := os.read(ours, 65536):
                text += piece
        except OSError:  # Linux says so when the other side has closed
            pass
    os.close(ours)
    return text.decode()


def test_a_terminal_gets_colors_links_and_its_width(repository: Path) -> None:
    """Paths are links to the files; lines end where the window does."""
    import re

    text = _on_a_terminal("-C", str(repository), "review", "--no-model", columns=70)
    assert "\x1b[1;31merror: " in text
    assert "\x1b]8;;file://" in text
    assert f"{repository}/app.py#L4\x1b\\app.py:4\x1b]8;;\x1b\\" in text
    plain = re.sub(r"\x1b\]8;;[^\x1b]*\x1b\\|\x1b\[[0-9;]*m", "", text).split("\r\n")
    assert max(len(line) for line in plain) <= 70


# -- settings ---------------------------------------------------------------------------------------------------------


def test_settings_are_shown_with_the_files_they_come_from(repository: Path, capsys: Capture) -> None:
    """Which file decides for which paths, and what it says."""
    (repository / "pyproject.toml").write_text('[tool.stateless-guard]\nexclude = ["legacy/**"]\n')
    status, out = _run(capsys, repository, "review", "--show-settings", "--ignore", "local-disk")
    assert status == 0
    assert "# pyproject.toml: for 2 of 2 selected files\n" in out
    assert 'exclude = ["legacy/**"]\n' in out
    assert 'ignore = ["local-disk"]\n' in out


def test_excluded_files_are_told(repository: Path, capsys: Capture) -> None:
    """What the configuration leaves out is in `skipped`."""
    (repository / ".stateless-guard.toml").write_text('exclude = ["app.py"]\n')
    report = json.loads(_run(capsys, repository, "review", "--format", "json")[1])
    assert {"path": "app.py", "reason": "excluded by the configuration"} in report["skipped"]


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["--select", "local-disk"], 0),
        (["--select", f"local-disk,{RULE}"], 1),
        (["--ignore", RULE], 0),
        (["--ignore", "local-disk"], 1),
    ],
)
def test_select_and_ignore(repository: Path, capsys: Capture, arguments: list[str], found: int) -> None:
    """By rule or check; what is hidden is counted."""
    report = json.loads(_run(capsys, repository, "review", "--format", "json", *arguments)[1])
    assert (len(report["findings"]), len(report["suppressed"])) == (found, 1 - found)


def test_the_configuration_is_read_from_the_side_of_the_change(
    repository: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For git selections from git objects: head by default; base for a pull request in CI, which can not switch off its own guard."""
    (repository / ".stateless-guard.toml").write_text('ignore = ["session-store"]\n')
    _git(repository, "add", "-A")
    _git(repository, "commit", "-q", "-m", "bad, and silenced")
    (repository / ".stateless-guard.toml").unlink()
    selection = ["review", "--range", "HEAD~1..HEAD"]
    assert _run(capsys, repository, *selection)[0] == 0
    assert _run(capsys, repository, *selection, "--config-from", "base")[0] == 1
    monkeypatch.setenv("GITHUB_BASE_REF", "main")
    assert _run(capsys, repository, *selection)[0] == 1
    assert _run(capsys, repository, *selection, "--config-from", "head")[0] == 0
    (repository / "other.toml").write_text('ignore = ["session-store"]\n')
    assert _run(capsys, repository, "--config", str(repository / "other.toml"), *selection)[0] == 0


# -- suppressions -----------------------------------------------------------------------------------------------------

SUPPRESSIBLE = {
    "app.py": BAD,
    "windows.py": BAD.replace("\n", "\r\n"),
    "nested.py": "from flask import Flask\n\n\ndef create():\n    app = Flask(__name__)\n    app.config['SESSION_TYPE'] = 'filesystem'\n    return app\n",
    "server.js": "const express = require('express');\nconst session = require('express-session');\nconst app = express();\napp.use(session({ secret: process.env.SECRET }));\n",
    "service.yaml": "apiVersion: v1\nkind: Service\nspec:\n  sessionAffinity: ClientIP\n",
    "web.config": '<configuration>\n  <system.web>\n    <sessionState mode="InProc" />\n  </system.web>\n</configuration>\n',
    "nginx.conf": "http {\n  upstream app {\n    ip_hash;\n    server a:1;\n    server b:1;\n  }\n}\n",
}


@pytest.mark.parametrize("path", SUPPRESSIBLE)
def test_add_ignore_writes_what_is_then_honoured(repository: Path, capsys: Capture, path: str) -> None:
    """A comment above the line, in the language's syntax, indentation and line ending; the next review is quiet, the next run writes nothing."""
    (repository / "app.py").unlink()
    (repository / path).write_bytes(SUPPRESSIBLE[path].encode())
    assert _run(capsys, repository, "review")[0] == 1
    status, out = _run(capsys, repository, "review", "--add-ignore", "one  instance by\ndesign")
    assert status == 0
    assert out.startswith(f"{path}:")
    assert out.endswith(" suppressed\n")
    report = json.loads(_run(capsys, repository, "review", "--format", "json")[1])
    assert report["findings"] == []
    assert {entry["reason"] for entry in report["suppressed"]} == {"one instance by design"}
    written = (repository / path).read_bytes()
    assert written.count(b"\r\n") in (0, written.count(b"\n"))
    assert _run(capsys, repository, "review", "--add-ignore", "again") == (0, "nothing to suppress\n")
    assert (repository / path).read_bytes() == written


@pytest.mark.parametrize(
    ("comment", "rule"), [("ignore[nope] why", "suppression-unknown-name"), (f"ignore[{RULE}]", "suppression-without-reason")]
)
def test_a_change_that_only_adds_a_suppression_is_read(repository: Path, capsys: Capture, comment: str, rule: str) -> None:
    """A comment alone is worth a look if it speaks to us."""
    _git(repository, "add", "-A")
    _git(repository, "commit", "-q", "-m", "bad")
    (repository / "app.py").write_text(BAD.replace("app.config", f"# guard: {comment}\napp.config"))
    report = json.loads(_run(capsys, repository, "review", "--format", "json")[1])
    assert [(finding["rule"], finding["line"], finding["severity"]) for finding in report["findings"]] == [(rule, 4, "note")]


def test_add_ignore_says_where_no_comment_can_stand(repository: Path, capsys: Capture) -> None:
    """JSON has no comments, and inside a text a comment is none: nothing is written, and the status says so."""
    (repository / "app.py").unlink()
    files = {
        "appsettings.json": '{\n  "ConnectionStrings": {\n    "Default": "Data Source=shop.db"\n  }\n}\n',
        "install.sh": "cat > /etc/nginx/conf.d/app.conf <<EOF\nupstream app {\n  ip_hash;\n  server a:1;\n  server b:1;\n}\nEOF\n",
    }
    for path, text in files.items():
        (repository / path).write_text(text)
    status, out = _run(capsys, repository, "review", "--add-ignore", "why")
    assert status == 1
    assert (
        "appsettings.json:3: appsettings-sqlite not suppressed: json has no comments; use 'ignore' in the configuration\n"
        in out
    )
    assert (repository / "appsettings.json").read_text() == files["appsettings.json"]
    assert _run(capsys, repository, "review")[0] == 1


# -- explanations -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*Check, *NOTES])
def test_checks_and_notes_are_explained(tmp_path: Path, capsys: Capture, name: str) -> None:
    """What it means, why it hurts, what to do."""
    out = _run(capsys, tmp_path, "explain", name)[1]
    assert out.startswith(str(name))
    assert "\nInstead\n" in out


def test_every_rule_is_explained_with_its_examples(tmp_path: Path, capsys: Capture) -> None:
    """The page has the rule's message, remedy, examples of both kinds, and how to suppress it."""
    for rule in all_rules(load())[::17]:
        words = _run(capsys, tmp_path, "explain", rule.id)[1]
        flat = " ".join(words.split())
        assert " ".join(rule.message.split()) in flat
        assert " ".join(rule.remedy.split()) in flat
        for example in (*rule.match, *rule.no_match):
            assert all(f"    | {line}\n" in words for line in example.code.rstrip("\n").split("\n"))
        assert f"guard: ignore[{rule.id}] REASON" in words


def test_a_default_of_some_versions_is_explained_with_them(tmp_path: Path, capsys: Capture) -> None:
    """Laravel keeps its cache in files up to version 10 only."""
    assert "\nWhich versions\n  laravel/framework <11" in _run(capsys, tmp_path, "explain", "laravel-lock-default-store")[1]


def test_rules_are_listed(tmp_path: Path, capsys: Capture) -> None:
    """As a table, filtered by words; as JSON, whole."""
    rules = json.loads(_run(capsys, tmp_path, "rules", "--format", "json")[1])
    assert [rule["id"] for rule in rules] == [rule.id for rule in all_rules(load())]
    table = _run(capsys, tmp_path, "rules", "Flask", "session-store")[1]
    assert f"\n{RULE} " in table
    assert "django" not in table


def test_the_atom_is_shown(tmp_path: Path, capsys: Capture) -> None:
    """The published text, its index and the list, for people and machines."""
    assert "StatelessProcesses [rule] v1.0.0" in _run(capsys, tmp_path, "atoms", "show", "--level", "core")[1]
    assert "rule-stateless-processes" in _run(capsys, tmp_path, "atoms", "index")[1]
    [listed] = json.loads(_run(capsys, tmp_path, "atoms", "list", "--format", "json")[1])
    assert json.loads(_run(capsys, tmp_path, "atoms", "show", "--format", "json")[1])["id"] == listed["id"]


def test_the_prompt_is_shown_and_not_sent(repository: Path, capsys: Capture) -> None:
    """What a model would be asked, with its token counts; without a key, without a network."""
    (repository / "app.py").write_text("from flask import Flask, request\n\napp = Flask(__name__)\njobs = {}\n\n\n@app.post('/jobs/<job>')\ndef start(job):\n    jobs[job] = request.json\n    return job\n\n\n@app.get('/jobs/<job>')\ndef status(job):\n    return jobs[job]\n")  # fmt: skip
    text = _run(capsys, repository, "prompt", "--model", "gpt-5")[1]
    assert "jobs[job] = request.json" in text
    assert "No in-memory session store." in text
    assert "tokens" in _run(capsys, repository, "prompt", "--statistics")[1]
    assert "rule-stateless-processes: focal, full, " in _run(capsys, repository, "prompt", "--explain")[1]
    assert json.loads(_run(capsys, repository, "prompt", "--format", "json")[1])["calls"]


# -- starters ---------------------------------------------------------------------------------------------------------


def test_init_config_writes_once(repository: Path, capsys: Capture) -> None:
    """The file, shown; a second run, or a table in pyproject.toml, writes nothing."""
    assert "wrote .stateless-guard.toml" in _run(capsys, repository, "init", "config")[1]
    assert _run(capsys, repository, "review")[0] == 1
    assert "already" in _run(capsys, repository, "init", "config")[1]
    (repository / ".stateless-guard.toml").unlink()
    (repository / "pyproject.toml").write_text("[tool.stateless-guard]\n")
    assert "pyproject.toml configures stateless-guard already" in _run(capsys, repository, "init", "config")[1]


# -- the rest ---------------------------------------------------------------------------------------------------------


def test_the_version_and_the_help(capsys: Capture) -> None:
    """Every command is listed with a sentence; none without an implementation."""
    for arguments, word in (
        (["--version"], guard.__version__),
        (["--help"], "COMMAND"),
        *(([name, "--help"], name) for name in command_names()),
    ):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 0
        assert word in capsys.readouterr().out


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_completion_scripts(capsys: Capture, shell: str) -> None:
    """They know the commands and the options."""
    with pytest.raises(SystemExit) as ended:
        main(["--print-completion", shell])
    assert ended.value.code == 0
    script = capsys.readouterr().out
    assert "review" in script
    assert "explain" in script
    if shell == "bash":
        assert "--show-settings" in script
        subprocess.run(["bash", "-n"], input=script.encode(), check=True)


def test_a_review_without_a_model_loads_no_client(repository: Path) -> None:
    """Neither a client, nor a tokenizer, nor an HTTP library."""
    code = (
        "import sys\nfrom guard.__main__ import main\nstatus = main(sys.argv[1:])\n"
        "print(status, *(name for name in ('openai', 'tiktoken', 'httpx', 'httpx2', 'requests', 'pydantic', 'jinja2') if name in sys.modules), file=sys.stderr)"
    )
    _git(repository, "add", "-A")
    environment = {**os.environ, "OPENAI_API_KEY": "sk-never-used"}

    def loaded(*arguments: str) -> str:
        command = [sys.executable, "-c", code, "-C", str(repository), "review", *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stderr.strip()

    assert loaded("--no-model") == "1"
    assert loaded() == "1"
    _git(repository, "commit", "-q", "-m", "bad")
    assert loaded("--staged") == "0"


def test_a_configured_model_without_a_key_is_not_asked(repository: Path, capsys: Capture) -> None:
    """No key, no server: the review goes on without a model."""
    (repository / ".stateless-guard.toml").write_text('model = "some-model"\n')
    assert json.loads(_run(capsys, repository, "review", "--format", "json")[1])["model"] is None
    assert main(["-C", str(repository), "review", "--model", "some-model"]) == 2
    assert "OPENAI_API_KEY" in capsys.readouterr().err


def test_the_public_names_work(repository: Path) -> None:
    """What the package offers to programs: a change in, a report out."""
    with guard.open_change(guard.Selection(), str(repository)) as selected:
        report = guard.review(selected.change, selected.source)
    assert [(finding.rule, finding.check) for finding in report.findings] == [(RULE, guard.Check.SESSION_STORE)]
    assert set(guard.__all__) <= set(dir(guard))
    for name in guard.__all__:
        assert getattr(guard, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nope'"):
        getattr(guard, "nope")  # noqa: B009 - a name that type checkers refuse as well


class _Terminal(io.StringIO):
    """Standard error on a terminal that somebody watches."""

    def isatty(self) -> bool:
        return True


def test_progress_is_told_after_a_second_to_who_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing before, nothing to a file or with -q; the line is taken away at the end, and names can not steer the terminal."""
    clock = iter([0.0, 0.5, 1.5, 1.55, 9.0])
    screen = _Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr("guard.cli.terminal.time.monotonic", lambda: next(clock))
    monkeypatch.setenv("COLUMNS", "50")
    progress = Progress(quiet=False)
    progress("early.py")
    assert screen.getvalue() == ""
    progress("a\x1b[31m.py")
    assert screen.getvalue() == "\r\x1b[K2: a\\x1b[31m.py"
    progress("too soon after.py")
    progress("x" * 80)
    assert screen.getvalue().split("\r\x1b[K")[-1] == "4: " + "x" * 46
    progress.done()
    assert screen.getvalue().endswith("\r\x1b[K")
    monkeypatch.setattr("guard.cli.terminal.time.monotonic", iter([0.0, 5.0]).__next__)
    quiet = Progress(quiet=True)
    quiet("a.py")
    assert screen.getvalue().endswith("x\r\x1b[K")


class _NeverAsked:
    """A judge that must not be asked."""

    def ask(self, request: object) -> Reply:
        """Fail the test."""
        pytest.fail(f"was asked {request}")


def test_nobody_is_asked_about_what_is_hidden(repository: Path) -> None:
    """A suppressed or an ignored signal costs no question, and is still counted as suppressed."""
    (repository / "app.py").write_text(
        "from flask import Flask, request\n\napp = Flask(__name__)\njobs = {}  # guard: ignore[memory-cache] one worker by design\n\n\n"
        "@app.post('/jobs/<job>')\ndef start(job):\n    jobs[job] = request.json\n    return job\n\n\n@app.get('/jobs/<job>')\ndef status(job):\n    return jobs[job]\n"
    )
    with guard.open_change(guard.Selection(), str(repository)) as selected:
        report = guard.review(selected.change, selected.source, inquiry=guard.Inquiry(_NeverAsked(), "m"))
        assert [(entry.by, entry.finding.rule) for entry in report.suppressed] == [("comment", "shared-state")]
        assert report.findings == ()


def test_a_file_gets_utf_8_whatever_the_locale(repository: Path) -> None:
    """A report that goes to a file or a pipe is UTF-8; only a terminal's own encoding is honoured."""
    (repository / "app.py").write_text(BAD.replace("'filesystem'", "'filesystem'  # 日本"))
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C"}
    command = [sys.executable, "-m", "guard", "-C", str(repository), "review", "--no-model"]
    done = subprocess.run(command, check=False, capture_output=True, env=environment)
    assert (done.returncode, done.stderr) == (1, b"")
    assert "日本" in done.stdout.decode("utf-8")


def test_real_reports_fit_the_schema(repository: Path, capsys: Capture) -> None:
    """Not only those that tests make by hand: with findings, suppressions, notes, what was left out and what failed."""
    import jsonschema

    schema = json.loads((Path(guard.__file__).parent / "reports" / "report.schema.json").read_text())
    (repository / "app.py").write_text(
        BAD
        + "app.config['CACHE_TYPE'] = 'filesystem'  # guard: ignore[local-disk] rebuilt at start\nx = 1  # guard: ignore[x]\n"
    )
    (repository / "logo.png").write_bytes(b"\0")
    (repository / "broken.yaml").write_text("services: [1\nb: 2\n")
    report = json.loads(_run(capsys, repository, "review", "--format", "json")[1])
    jsonschema.validate(report, schema)
    assert all(report[part] for part in ("findings", "suppressed", "skipped", "errors"))


def test_we_pass_our_own_review(capsys: Capture) -> None:
    """The package that is installed here holds to what it asks of others."""
    package = Path(guard.__file__).parent
    assert main(["-C", str(package.parent), "scan", "--no-model", str(package)]) == 0
    assert "No problems found" in capsys.readouterr().out

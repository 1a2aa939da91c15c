"""Bad input: one clear line and status 2, or an entry in the report and status 3. Never a traceback, never a clean look."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from guard import analyses
from guard.__main__ import main
from guard.analyses import View
from guard.atoms import STATELESS_PROCESSES, atoms_folder
from guard.finding import Signal

BAD = "from flask import Flask\n\napp = Flask(__name__)\napp.config['SESSION_TYPE'] = 'filesystem'\n"
FINE = "from flask import Flask\n\napp = Flask(__name__)\n"
GUARD = [sys.executable, "-m", "guard"]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one empty commit."""
    folder = tmp_path / "repository"
    folder.mkdir()
    _git(folder, "init", "-q", "-b", "main")
    _git(folder, "commit", "-q", "--allow-empty", "-m", "base")
    return folder


def _git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True)


def _complaint(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one line on standard error of a command that ends with 2 and reports nothing."""
    status = main(list(arguments))
    told = capsys.readouterr()
    assert (status, told.out) == (2, "")
    assert told.err.count("\n") == 1
    return told.err


def _review(folder: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    status = main(["-C", str(folder), "review", "--no-model", "--format", "json", *arguments])
    told = capsys.readouterr()
    assert told.err == ""
    return status, json.loads(told.out)


def test_not_a_repository(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It says what else there is."""
    told = _complaint(capsys, "-C", str(tmp_path), "review")
    assert (
        told
        == f"stateless-guard: {tmp_path}: not a git repository; review a patch with --patch FILE, or whole files with 'scan'\n"
    )
    assert "no such directory" in _complaint(capsys, "-C", str(tmp_path / "missing"), "review")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--commit", "nope"], "unknown revision 'nope'"),
        (["--commit", "--all"], "expected one argument"),
        (["--commit=--all"], "unknown revision '--all'"),
        (["--base", "nope"], "unknown revision 'nope'"),
        (["--range", "nope"], "--range 'nope' is no range; write A..B, or use --commit nope"),
        (["--range", "nope..HEAD"], "unknown revision 'nope'"),
        (["--staged", "--commit", "HEAD"], "not allowed with argument"),
        (["../outside"], "is outside the repository"),
        (["--format", "jsn"], "unknown format 'jsn'; did you mean 'json'?"),
        (["--output", "a", "--output", "b"], "2 times --output for 1 times --format"),
        (["--select", "flask-session-filesytem"], "neither a check nor a rule; did you mean 'flask-session-filesystem'?"),
        (["--fail-on", "fatal"], "invalid choice: 'fatal'"),
        (["--max-tokens", "many"], "'many' is not a number above 0"),
        (["--add-ignore", " "], "--add-ignore needs a reason"),
        (["--staged", "--add-ignore", "why"], "--add-ignore writes into the work tree"),
        (["--no-model", "--record", "x"], "--no-model asks nobody"),
        (["--config", "missing.toml"], "missing.toml: can not be read: No such file or directory"),
        (["--patch", "missing.diff"], "missing.diff: can not be read: No such file or directory"),
        (["--bogus"], "unrecognized arguments: --bogus"),
    ],
)
def test_wrong_usage(repository: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str) -> None:
    """What is wrong, in a line that says what to do."""
    assert told in _complaint(capsys, "-C", str(repository), "review", *arguments)


def test_unknown_commands_and_names(capsys: pytest.CaptureFixture[str]) -> None:
    """The nearest one is named."""
    assert "unknown command 'revew'; did you mean 'review'?" in _complaint(capsys, "revew")
    assert "did you mean 'memory-cache'?" in _complaint(capsys, "explain", "memory-cash")


@pytest.mark.parametrize(
    ("patch", "told"),
    [
        ("hello\nworld\n", "line 1: this is not a unified diff"),
        ("diff --git a/a.py b/a.py\n--- a/a.py\n+++ b/a.py\n@@ -1,3 +1,4 @@\n a\n+b\n", "line 4: "),
        ("diff --git a/a.py b/a.py\n--- a.py\n+++ a.py\n@@ -0,0 +1 @@\n+a\n", "line 2: the path 'a.py' has no a/ or b/ prefix"),
    ],
    ids=["no diff", "cut off", "no prefix"],
)
def test_a_patch_that_does_not_parse(tmp_path: Path, capsys: pytest.CaptureFixture[str], patch: str, told: str) -> None:
    """Its file and its line are named."""
    file = tmp_path / "change.diff"
    file.write_text(patch)
    assert f"{file}: {told}" in _complaint(capsys, "-C", str(tmp_path), "review", "--patch", str(file))


@pytest.mark.parametrize(
    "text", ['exclude = "legacy"', "fail-on = 3", "[severity]\nmemory-cash = 'note'", "exlude = []", "x ="]
)
def test_a_wrong_configuration(repository: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    """The review does not go on without it."""
    (repository / ".stateless-guard.toml").write_text(text)
    assert _complaint(capsys, "-C", str(repository), "review").startswith("stateless-guard: .stateless-guard.toml: ")


def test_what_a_repository_says_can_not_steer_the_terminal(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Error lines quote reviewed text too."""
    (repository / ".stateless-guard.toml").write_text('"\\u001b[31mred\\n\\u202e" = 1')
    told = _complaint(capsys, "-C", str(repository), "review")
    assert "\x1b" not in told
    assert "\u202e" not in told


def test_undecodable_files_are_read_as_far_as_they_go(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Bytes that are no UTF-8 do not hide what stands beside them; binary files are told."""
    (repository / "latin.py").write_bytes(b"# caf\xe9\n" + BAD.encode())
    (repository / "utf16.py").write_bytes(BAD.encode("utf-16"))
    status, report = _review(repository, capsys)
    assert status == 1
    assert [finding["path"] for finding in report["findings"]] == ["latin.py"]
    assert {entry["path"]: entry["reason"] for entry in report["skipped"]} == {"utf16.py": "a binary file"}


@pytest.mark.parametrize(
    "name",
    ["app.py", "app.js", "app.tsx", "a.yaml", "nginx.conf", "Dockerfile", "main.tf", "a.json", "a.toml", "a.ini", ".env"],
)
@pytest.mark.parametrize(
    "text",
    [
        "}}}} (((\n{{{{\x01 ====\n",
        "<<<<<<< HEAD\na = 1\n=======\na = 2\n>>>>>>> x\n",
        "(" * 3_000,
        "[" * 3_000,
        "a: " * 3_000,
        "\t\t- :\n - [}",
    ],
)
def test_syntax_errors_are_survived(repository: Path, capsys: pytest.CaptureFixture[str], name: str, text: str) -> None:
    """A broken or a hostile file yields what can be read, or an entry in `errors` with status 3; other files are reviewed."""
    (repository / name).write_text(text)
    (repository / "other.py").write_text(BAD)
    status, report = _review(repository, capsys)
    assert status == 1
    assert [finding["path"] for finding in report["findings"]] == ["other.py"]
    assert not [entry for entry in report["errors"] if "internal error" in entry["error"]]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("app.py", f"{FINE}\n\ndef index(:\n    return 1\n"),
        ("app.js", "const app = require('express')();\napp.get('/', (req, res => { res.send('x'); });\n"),
        ("a.yaml", "services: [1\nb: 2\n"),
    ],
)
def test_what_does_not_parse_is_told(repository: Path, capsys: pytest.CaptureFixture[str], name: str, text: str) -> None:
    """A syntax error in added lines makes the review incomplete: nobody has looked at them."""
    (repository / name).write_text(text)
    status, report = _review(repository, capsys)
    assert status == 3
    [entry] = report["errors"]
    assert (entry["path"], "not valid" in entry["error"]) == (name, True)


def test_a_template_that_does_not_parse_is_seen_in_part(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is still to be filled in is no mistake, and not passed over in silence either."""
    (repository / "agent.py").write_text("{% if a %}\nfrom flask import Flask\n{% else %}\nx = {{ name }}\n{% endif %}\n")
    status, report = _review(repository, capsys)
    assert (status, report["errors"], report["partial"]) == (0, [], ["agent.py"])


def test_what_did_not_parse_before_is_not_told(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An old syntax error elsewhere in the file is none of the change's business."""
    broken = f"{FINE}\n\ndef index(:\n    return 1\n"
    (repository / "app.py").write_text(broken)
    _git(repository, "add", "-A")
    _git(repository, "commit", "-q", "-m", "broken")
    (repository / "app.py").write_text(broken.replace("app =", "limits = app.url_map\napp ="))
    assert _review(repository, capsys)[0] == 0


def test_a_yaml_with_ten_thousand_aliases(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Aliases that multiply are not expanded without end."""
    levels = "\n".join(f"a{number}: &a{number} [{', '.join([f'*a{number - 1}'] * 10)}]" for number in range(1, 10))
    aliases = "\n".join(f"b{number}: *a0" for number in range(10_000))
    (repository / "bomb.yaml").write_text(f"a0: &a0 [x]\n{levels}\n{aliases}\n")
    start = time.monotonic()
    status, report = _review(repository, capsys)
    assert time.monotonic() - start < 20
    assert (status, report["findings"]) == (3 if report["errors"] else 0, [])


@pytest.mark.parametrize("selection", [[], ["--staged"], ["--commit", "HEAD"]], ids=["worktree", "staged", "commit"])
def test_a_line_of_twenty_megabytes(repository: Path, capsys: pytest.CaptureFixture[str], selection: list[str]) -> None:
    """It is over the limit and told; the rest is reviewed."""
    (repository / "bundle.js").write_text("x = '" + "a" * 20_000_000 + "';\n")
    (repository / "app.py").write_text(BAD)
    _git(repository, "add", "-A")
    if "--commit" in selection:
        _git(repository, "commit", "-q", "-m", "big")
    status, report = _review(repository, capsys, *selection)
    assert status == 1
    [skipped] = report["skipped"]
    assert skipped["path"] == "bundle.js"
    assert "larger than 1,000,000 bytes" in skipped["reason"]


class _Broken:
    RULES = ()

    @staticmethod
    def find(view: View) -> Iterator[Signal]:
        """An analysis with a bug."""
        raise KeyError(view.facts.path)


def test_a_bug_in_an_analysis_is_an_error_of_the_file(
    repository: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others are still heard; alone it makes the review incomplete."""
    both = (_Broken(), *analyses.analyses())
    monkeypatch.setattr("guard.pipeline.signals.analyses", lambda: both)
    (repository / "fine.py").write_text(FINE)
    status, report = _review(repository, capsys)
    assert status == 3
    [entry] = report["errors"]
    assert entry["path"] == "fine.py"
    assert entry["error"].startswith("internal error: KeyError: 'fine.py' (test_bad_input.py:")
    (repository / "app.py").write_text(BAD)
    assert _review(repository, capsys)[0] == 1
    assert _review(repository, capsys, "--fail-on", "never")[0] == 3


def test_a_bug_of_ours_is_a_line(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, repository: Path) -> None:
    """Whatever goes wrong outside a file ends with 3 and says where; -v shows the rest."""

    def broken(*_: object) -> None:
        raise ZeroDivisionError("a\nb")

    monkeypatch.setattr("guard.cli.settings.configured", broken)
    assert main(["-C", str(repository), "review"]) == 3
    told = capsys.readouterr().err
    assert told.startswith(
        "stateless-guard: internal error, the review is incomplete: ZeroDivisionError: a b (test_bad_input.py:"
    )
    assert told.count("\n") == 1
    assert main(["-v", "-C", str(repository), "review"]) == 3
    assert "Traceback" in capsys.readouterr().err


def test_a_broken_atom(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A corpus whose atom can not be read is named with its file."""
    shutil.copytree(atoms_folder(), tmp_path / "atoms")
    (tmp_path / "atoms" / STATELESS_PROCESSES / "atom.yaml").write_text("id: [\n")
    monkeypatch.setattr("guard.atoms.loader.atoms_folder", lambda: str(tmp_path / "atoms"))
    assert "rule-stateless-processes/atom.yaml" in _complaint(capsys, "atoms", "list")


def test_a_reader_that_leaves_early(repository: Path) -> None:
    """`guard … | head -1` ends without a word, and a review with its own status."""
    (repository / "app.py").write_text(BAD)
    for arguments, status in ((["rules", "--format", "json"], 0), (["-C", str(repository), "review", "--no-model"], 1)):
        reading, writing = os.pipe()
        os.close(reading)
        with os.fdopen(writing, "wb") as pipe:
            done = subprocess.run([*GUARD, *arguments], check=False, stdout=pipe, stderr=subprocess.PIPE)
        assert (done.returncode, done.stderr) == (status, b"")


def test_ctrl_c(tmp_path: Path) -> None:
    """One line, status 130."""
    command = [*GUARD, "-C", str(tmp_path), "review", "--patch", "-"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        _wait_until_it_reads(process.pid)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (130, b"", b"stateless-guard: interrupted; nothing was reported\n")


def _wait_until_it_reads(pid: int) -> None:
    """Until the process sleeps in a read of its standard input: before, it would be interrupted in the middle of an import."""
    for _ in range(200):
        time.sleep(0.05)
        state = (
            Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] if Path(f"/proc/{pid}/stat").exists() else "S"
        )
        called = Path(f"/proc/{pid}/syscall")
        if state == "S" and (not called.exists() or called.read_text().split()[:2] in (["0", "0x0"], ["63", "0x0"])):
            return

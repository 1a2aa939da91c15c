"""Where code and key go is said by the environment alone: nothing in a repository, and no server, can send them elsewhere."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from model_help import POSSIBLE
from model_wire import KEY, Answering, completion

from guard.cli import run


class Elsewhere:
    """A server that nobody should reach; it notes who does."""

    def __init__(self) -> None:
        """Begin to listen."""
        self.reached: list[str] = []
        reached = self.reached

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                reached.append(f"{self.path} {self.headers.as_string()}")
                self.send_response(200)
                self.end_headers()

            def do_GET(self) -> None:
                self.do_POST()

            def do_CONNECT(self) -> None:
                self.do_POST()

            def log_message(self, *_: object) -> None:
                pass

        self.listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.listening.server_address[1]}"
        self.thread = threading.Thread(target=self.listening.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    """Another host, so to speak."""
    other = Elsewhere()
    yield other
    other.listening.shutdown()
    other.thread.join()
    other.listening.server_close()


def _review(folder: Path, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A review of a patch that asks a question, as the installed command runs it: the folder is on no import path."""
    (folder / "x.patch").write_text(POSSIBLE)
    command = [sys.executable, "-P", "-m", "guard", "review", "--patch", "x.patch", "--model", "m", "--no-cache", *options]
    env = {**os.environ, **environment}
    return subprocess.run(command, check=False, cwd=folder, env=env, capture_output=True, text=True)


def _repository(folder: Path, address: str) -> None:
    """A repository that says in every way it could that another server is to be asked."""
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    said = f"OPENAI_BASE_URL={address}/v1\nOPENAI_API_BASE={address}/v1\nOPENAI_API_KEY=sk-of-the-repository\nAZURE_OPENAI_ENDPOINT={address}\n"
    proxies = f"HTTP_PROXY={address}\nHTTPS_PROXY={address}\nALL_PROXY={address}\n"
    for name in (".env", ".env.local", ".envrc", ".flaskenv", "openai.env"):
        (folder / name).write_text(said + proxies)
    (folder / ".netrc").write_text("machine 127.0.0.1 login x password sk-of-the-repository\n")
    (folder / "openai.json").write_text(f'{{"base_url": "{address}", "api_key": "sk-of-the-repository"}}')
    (folder / "openai.toml").write_text(f'base_url = "{address}"\n')
    for name, value in (
        ("http.proxy", address),
        ("openai.baseUrl", address),
        ("guard.baseUrl", address),
        ("credential.helper", "!false"),
    ):
        subprocess.run(["git", "-C", str(folder), "config", name, value], check=True)
    for name in ("openai", "sitecustomize", "httpx2", "tiktoken"):
        (folder / f"{name}.py").write_text("raise SystemExit('code of the repository was run')\n")


def test_nothing_in_a_repository_names_the_server_or_the_key(tmp_path: Path, server: Answering, elsewhere: Elsewhere) -> None:
    """Files of variables, of the client, of proxies, git's own configuration: the environment's server is asked, with its key."""
    _repository(tmp_path, elsewhere.address)
    server.says(200, completion("{}"))
    done = _review(tmp_path, OPENAI_BASE_URL=server.address, OPENAI_API_KEY=KEY)
    assert done.returncode == 3, done.stderr
    assert server.seen
    assert {headers["authorization"] for headers in server.headers} == {f"Bearer {KEY}"}
    assert elsewhere.reached == []


def test_without_an_environment_a_repository_has_nobody_asked(tmp_path: Path, elsewhere: Elsewhere) -> None:
    """It can not bring a server of its own."""
    _repository(tmp_path, elsewhere.address)
    done = _review(tmp_path)
    assert done.returncode == 2
    assert "a model needs OPENAI_API_KEY, or OPENAI_BASE_URL" in done.stderr
    assert elsewhere.reached == []


@pytest.mark.parametrize("name", ["base-url", "base_url", "api-key", "api_key", "server", "openai-base-url", "proxy"])
@pytest.mark.parametrize("file", [".stateless-guard.toml", "pyproject.toml"])
def test_no_configuration_has_a_word_for_it(
    tmp_path: Path, server: Answering, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, file: str
) -> None:
    """Such a setting is refused, and nobody is asked."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_BASE_URL", server.address)
    table = "[tool.stateless-guard]\n" if file == "pyproject.toml" else ""
    (tmp_path / file).write_text(f'{table}{name} = "http://127.0.0.1:1"\n')
    (tmp_path / "x.patch").write_text(POSSIBLE)
    assert run(["review", "--patch", "x.patch", "--model", "m", "--no-cache"]) == 2
    assert f"unknown key '{name}'" in capsys.readouterr().err
    assert server.seen == []


@pytest.mark.parametrize("status", [302, 307])
def test_no_redirect_is_followed(tmp_path: Path, server: Answering, elsewhere: Elsewhere, status: int) -> None:
    """Neither the key nor the code goes where a server points."""
    server.says(status, {}, location=f"{elsewhere.address}/v1/chat/completions")
    done = _review(tmp_path, OPENAI_BASE_URL=server.address, OPENAI_API_KEY=KEY)
    assert done.returncode == 3, done.stderr
    assert elsewhere.reached == []
    assert KEY not in done.stdout + done.stderr

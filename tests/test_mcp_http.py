"""The MCP server over HTTP: no sessions, several requests at once, and no way in for a web page under another name."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from mcp.client import Client
from mcp_help import CARTS, COMMAND, PLAIN, http_server, repository

from guard.cli import run
from guard.integrations.mcp.http import security, split_address

_LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
_ACCEPT = {"accept": "application/json, text/event-stream"}


@pytest.fixture
def long_change(tmp_path: Path) -> Path:
    """A repository whose review fills more than a page."""
    files = {f"app{number:02}.py": CARTS.replace("carts", f"carts{number}") for number in range(24)}
    return repository(tmp_path / "repo", {"app.py": PLAIN}, files)


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_any_instance_answers_any_request(long_change: Path, mode: str) -> None:
    """A client that is led to another process for each page gets the whole answer: nothing is remembered in between."""

    async def pages(addresses: list[str]) -> list[str]:
        found: list[str] = []
        cursor: str | None = None
        for number in range(9):
            async with Client(addresses[number % 2], mode=mode) as client:
                answer = await client.call_tool("review_changes", {"cursor": cursor})
            assert answer.structured_content is not None
            found += [finding["path"] for finding in answer.structured_content["findings"]]
            cursor = answer.structured_content["next_cursor"]
            if cursor is None:
                return found
        return found

    with http_server(long_change) as one, http_server(long_change) as other:
        assert anyio.run(pages, [one, other]) == [f"app{number:02}.py" for number in range(24)]


def test_several_requests_at_once(long_change: Path) -> None:
    """Twelve reviews at once give what one gives, with progress for each and without a session."""

    async def reviews(address: str) -> tuple[list[Any], int]:
        answers: list[Any] = []
        told: list[float] = []

        async def note(progress: float, total: float | None, message: str | None) -> None:
            del total, message
            told.append(progress)

        async def one(client: Client) -> None:
            answers.append((await client.call_tool("review_changes", {}, progress_callback=note)).structured_content)

        async with Client(address) as client, anyio.create_task_group() as tasks:
            for _ in range(12):
                tasks.start_soon(one, client)
        return answers, len(told)

    with http_server(long_change) as address:
        answers, told = anyio.run(reviews, address)
        listed = httpx2.post(address, json=_LIST, headers=_ACCEPT)
    assert all(answer == answers[0] and answer["total"] == 24 for answer in answers)
    assert told >= 12
    assert "mcp-session-id" not in listed.headers


def test_the_stateless_generation_needs_no_handshake(http: str) -> None:
    """One request alone is answered, says how long its answer holds, and an unknown version is told which there are."""
    meta = {
        "io.modelcontextprotocol/clientInfo": {"name": "t", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {},
    }
    answers = []
    for version, method in (("2026-07-28", "tools/list"), ("2026-07-28", "server/discover"), ("2099-01-01", "tools/list")):
        headers = {**_ACCEPT, "mcp-protocol-version": version, "mcp-method": method}
        body = {**_LIST, "method": method, "params": {"_meta": {**meta, "io.modelcontextprotocol/protocolVersion": version}}}
        answers.append(httpx2.post(http, json=body, headers=headers).json())
    listed, discovered, refused = answers
    assert (listed["result"]["resultType"], listed["result"]["cacheScope"]) == ("complete", "public")
    assert listed["result"]["ttlMs"] == 3_600_000
    assert "2026-07-28" in discovered["result"]["supportedVersions"]
    assert refused["error"]["code"] == -32022


def test_an_interrupt_ends_the_server(tmp_path: Path) -> None:
    """Ctrl-C is how one ends it: no complaint, status 0."""
    with subprocess.Popen([*COMMAND, "--http", "0", "--root", str(tmp_path)], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        process.stderr.readline()
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        assert (process.wait(5), process.stderr.read()) == (0, "")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"host": "localhost:80"}, 200),
        ({"origin": "http://localhost:3000"}, 200),
        ({"host": "evil.example"}, 421),
        ({"host": "127.0.0.1.evil.example:80"}, 421),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
    ],
)
def test_a_web_page_under_another_name_gets_nothing(http: str, headers: dict[str, str], status: int) -> None:
    """The names by which a request calls the server, and where it comes from, are checked."""
    assert httpx2.post(http, json=_LIST, headers={**_ACCEPT, **headers}).status_code == status


def test_a_body_that_is_too_large_is_refused(http: str) -> None:
    """A bomb is refused before it is read as a request."""
    assert (
        httpx2.post(http, content=b" " * 5_000_000, headers={**_ACCEPT, "content-type": "application/json"}).status_code == 413
    )


@pytest.fixture(scope="module")
def http(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A server that several tests share."""
    with http_server(tmp_path_factory.mktemp("root")) as address:
        yield address


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="how busy a process is can not be told here")
def test_a_client_that_leaves_ends_its_review(tmp_path: Path) -> None:
    """A review whose client has gone is given up: the server is idle long before it would have ended, and goes when it is told to."""
    repo = repository(tmp_path / "repo", {"app.py": PLAIN}, {f"app{number:03}.py": CARTS * 5 for number in range(1_500)})
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "review_changes", "arguments": {}}}
    command = [*COMMAND, "--http", "0", "--root", str(repo)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        address = process.stderr.readline().split()[-1]
        with pytest.raises(httpx2.ReadTimeout):
            httpx2.post(address, json=call, headers=_ACCEPT, timeout=0.8)
        time.sleep(0.5)
        before = _cpu_seconds(process.pid)
        time.sleep(0.5)
        assert _cpu_seconds(process.pid) - before < 0.1
        assert httpx2.post(address, json=_LIST, headers=_ACCEPT, timeout=5).status_code == 200
        process.send_signal(signal.SIGTERM)
        process.wait(5)
        assert process.stderr.read() == ""


def _cpu_seconds(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_addresses_are_understood() -> None:
    """A port alone is this machine's own; a host may be given; names that are allowed are the host's and those one names."""
    assert split_address("8080") == ("127.0.0.1", 8080)
    assert split_address("[::1]:0") == ("::1", 0)
    assert split_address("0.0.0.0:80") == ("0.0.0.0", 80)  # noqa: S104 - nothing listens there
    open_one = security("0.0.0.0", ["guard.example"])  # noqa: S104
    assert {"guard.example", "guard.example:*", "localhost:*"} <= set(open_one.allowed_hosts)
    assert "https://guard.example" in open_one.allowed_origins
    assert not any("0.0.0.0" in name for name in open_one.allowed_hosts)  # noqa: S104


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--http", "somewhere"], "--http 'somewhere': write PORT, or HOST:PORT"),
        (["--http", "99999"], "write PORT, or HOST:PORT"),
        (["--http", "192.0.2.1:80"], "can not listen there"),
        (["--allowed-host", "x"], "--allowed-host goes with --http"),
        (["--root", "nowhere"], "nowhere: no such directory"),
        (["--max-cost", "0.1"], "--max-tokens and --max-cost limit what a model may take; name it with --model"),
        (["--max-cost", "0.1", "--model", "nobodys-model"], "the price of 'nobodys-model' is not known"),
    ],
)
def test_a_wrong_address_is_told(capsys: pytest.CaptureFixture[str], words: list[str], told: str) -> None:
    """One line and status 2."""
    assert run(["mcp", *words]) == 2
    assert told in capsys.readouterr().err


def test_a_port_in_use_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """The port is named."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert run(["mcp", "--http", str(port)]) == 2
    assert f"127.0.0.1:{port}: can not listen there: Address already in use" in capsys.readouterr().err

"""As slowly as GitHub asks, as often as is safe, and never with the token in a text."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise

import pytest
from github_help import BASE, CART, client_of, hub_with_time, run
from github_standin import GitHub, ManualClock, broken, serving, slowed

from guard.errors import HostError, UsageError
from guard.integrations.hosting.github.client import Client, CutError, GraphError, RefusedError
from guard.integrations.hosting.github.patience import Answer, Patience, waiting_time

_PULL = "/repos/octo/shop/pulls/1"
_SECRET = "ghs_16C7e42F292c6912E7710c838347Ae178B4a"  # noqa: S105 - made up


def _hub() -> GitHub:
    hub = hub_with_time()
    hub.open_pull(BASE, {"shop/app.py": CART})
    return hub


def test_writes_are_a_second_apart() -> None:
    """Whatever they are: REST or GraphQL."""
    hub = _hub()
    run(hub)
    times = [entry.at for entry in hub.writes]
    assert len(times) == 3
    assert all(later - earlier >= 1 for earlier, later in pairwise(times))


def test_the_wait_that_is_asked_for_is_waited() -> None:
    """`retry-after`, for reads and writes alike: a refusal for its rate took no effect."""
    hub = _hub()
    hub.faults += [slowed(429, 30, "POST", "/reviews$"), slowed(403, 17, "GET", "/compare/")]
    start = hub.clock.now()
    assert run(hub).status == 0
    assert hub.clock.now() - start >= 47
    assert len(hub.open_threads()) == 1
    hub.check()


def test_a_used_up_hour_is_waited_for() -> None:
    """`x-ratelimit-reset` says how long; REST refuses with 403, GraphQL in a good answer."""
    hub = _hub()
    client = client_of(hub, total=8_000)
    hub.world.limits.primary = 2
    start = hub.clock.now()
    for _ in range(3):
        client.get(_PULL)
    assert 3_590 <= hub.clock.now() - start <= 3_700
    for _ in range(3):
        client.query("query { viewer { login } }")
    assert hub.clock.now() - start >= 7_190


def test_a_wait_longer_than_the_run_may_take_is_given_up_at_once() -> None:
    """Status 3, and it is said how long it would have been."""
    hub = _hub()
    hub.world.limits.primary = 1
    start = hub.clock.now()
    ran = run(hub)
    assert ran.status == 3
    assert "asks to wait" in ran.stderr
    assert hub.clock.now() - start < 60


def test_without_a_figure_a_minute_is_waited_then_twice_as_long() -> None:
    """Secondary limits need not say how long."""
    limited = Answer(403, {}, b'{"message": "You have exceeded a secondary rate limit."}')
    assert [waiting_time(limited, attempt, 0.0, writes=True) for attempt in (1, 2, 3, 4)] == [60, 120, 240, None]


def test_a_limit_that_does_not_end_is_given_up() -> None:
    """After a few times."""
    hub = _hub()
    hub.faults.append(slowed(429, 1, "GET", _PULL, times=99))
    with pytest.raises(HostError, match="rate limit did not end"):
        client_of(hub).get(_PULL)
    assert len(hub.log) == 4


def test_eighty_comments_a_minute_are_not_reached() -> None:
    """A second between writes keeps below every secondary limit."""
    hub = _hub()
    client = client_of(hub, total=10_000)
    for number in range(100):
        client.write("POST", "/repos/octo/shop/issues/1/comments", {"body": str(number)})
    assert all(entry.status == 201 for entry in hub.log)


def test_a_run_ends_in_time() -> None:
    """The total counts waits."""
    hub = _hub()
    client = client_of(hub, total=5)
    hub.clock.sleep(6)
    with pytest.raises(HostError, match="given up after 5 seconds"):
        client.get(_PULL)


def test_a_403_that_is_no_limit_is_a_refusal() -> None:
    """It is not waited for."""
    answer = Answer(403, {"x-ratelimit-remaining": "12"}, b'{"message": "Resource not accessible by integration"}')
    assert not answer.limited
    assert waiting_time(answer, 1, 0.0, writes=False) is None


@pytest.mark.parametrize("writes", [False, True])
def test_only_what_is_safe_is_sent_again(writes: bool) -> None:
    """A write after a broken connection may have taken effect; one that was never sent has not."""
    broken_after = Answer(0, {}, b"", "broken")
    never_sent = Answer(0, {}, b"", "refused", sent=False)
    assert (waiting_time(broken_after, 1, 0.0, writes=writes) is None) is writes
    assert (waiting_time(Answer(502, {}, b""), 1, 0.0, writes=writes) is None) is writes
    assert waiting_time(never_sent, 1, 0.0, writes=writes) == 1


# -- errors of any kind, and the token --------------------------------------------------------------------------------


@contextmanager
def _server(status: int, headers: dict[str, str], body: bytes) -> Iterator[str]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            told = (self.headers.get("authorization") or "").encode()
            content = body.replace(b"TOKEN", told)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = _answer  # noqa: N815 - the library's words

        def log_message(self, *_words: object) -> None:
            """Nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def _client(url: str) -> Client:
    clock = ManualClock()
    return Client(_SECRET, url, f"{url}/graphql", patience=Patience(clock.now, clock.now, clock.sleep))


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (200, {"content-type": "text/html"}, b"<html>TOKEN"),
        (200, {"content-type": "application/json"}, b"{TOKEN"),
        (200, {}, b"[1, 2]"),
        (400, {}, b'{"message": "bad TOKEN"}'),
        (401, {}, b'{"message": "bad TOKEN"}'),
        (403, {}, b'{"message": "TOKEN may not"}'),
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "soon"}, b'{"message": "TOKEN"}'),
        (404, {}, b'{"message": "Not Found", "errors": ["TOKEN"]}'),
        (422, {}, b'{"message": "x", "errors": [{"message": "TOKEN"}, 7, null]}'),
        (429, {"retry-after": "TOKEN"}, b"TOKEN"),
        (500, {}, b"TOKEN"),
        (520, {}, b""),
        (301, {"location": "https://elsewhere.example/TOKEN"}, b""),
        (302, {}, b""),
    ],
)
def test_whatever_a_server_answers_is_an_error_in_a_line_without_the_token(
    status: int, headers: dict[str, str], body: bytes
) -> None:
    """Also when the server says the token itself."""
    with _server(status, headers, body) as url:
        client = _client(url)
        calls: tuple[Callable[[], object], ...] = (
            lambda: client.query("query { viewer { login } }"),
            lambda: client.write("POST", "/repos/a/b/issues/1/comments", {"body": "x"}),
            lambda: client.get("/repos/a/b/pulls/1"),
        )
        told = "\n".join(_told(call) for call in calls)
        assert _SECRET not in f"{told} {client!r}"
        assert len(told.split("\n")) == 3
        client.close()


def _told(call: Callable[[], object]) -> str:
    """An error with all that hangs on it, "" for none."""
    try:
        call()
    except HostError as error:
        return f"{error} {error!r} {error.__context__!r}"
    return ""


def test_a_redirection_elsewhere_is_not_followed_and_one_within_is() -> None:
    """A renamed repository is found; the token goes nowhere else."""
    with (
        _server(301, {"location": "https://elsewhere.example/repos"}, b"") as url,
        pytest.raises(HostError, match="another server"),
    ):
        _client(url).get("/repos/a/b/pulls/1")


def test_a_server_that_is_not_there_is_said() -> None:
    """Writes too: nothing was sent."""
    with _server(200, {}, b"{}") as url:
        pass
    client = _client(url)
    calls: tuple[Callable[[], object], ...] = (lambda: client.get("/x"), lambda: client.write("POST", "/x", {}))
    for call in calls:
        with pytest.raises(HostError, match="can not be reached") as caught:
            call()
        assert not isinstance(caught.value, CutError)


@pytest.mark.parametrize("token", ["two words", "line\nbreak", "\u00e9", "a\x00b"])
def test_a_token_that_is_none_is_refused_unseen(token: str) -> None:
    """A header can not hold it."""
    with pytest.raises(UsageError) as caught:
        Client(token, "https://git.example.org", "https://git.example.org/graphql")
    assert token not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["", "git.example.org", "file:///etc/passwd", "https://", "https://user:password@git.example.org"]
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    """One line."""
    with pytest.raises(UsageError, match="GITHUB_API_URL"):
        Client("x", url, url)


def test_over_sockets_it_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """A real client, a real server, connections that are reset."""
    from github_standin import cut_after, cut_before

    with serving(_hub()) as hub:
        clock = ManualClock()
        client = Client(hub.token, hub.api_url, hub.graphql_url, patience=Patience(clock.now, clock.now, clock.sleep))
        hub.faults += [cut_before("GET", _PULL), cut_after("GET", _PULL)]
        assert client.get(_PULL)["number"] == 1
        for cut in (cut_before, cut_after):
            hub.faults.append(cut("POST", "/issues/1/comments$"))
            with pytest.raises(CutError):
                client.write("POST", "/repos/octo/shop/issues/1/comments", {"body": cut.__name__})
        assert [comment.body for comment in hub.world.issue_comments] == ["cut_after"]
        with pytest.raises(RefusedError) as refused:
            client.get("/repos/octo/shop/pulls/7")
        assert refused.value.status == 404
        with pytest.raises(GraphError, match="Could not resolve"):
            client.query('query { repository(owner: "octo", name: "none") { url } }')
        client.close()
    del monkeypatch


def test_a_broken_server_is_asked_again_after_ever_longer_waits() -> None:
    """One, two, four seconds."""
    hub = _hub()
    hub.faults.append(broken(503, "GET", _PULL, times=3))
    start = hub.clock.now()
    client_of(hub).get(_PULL)
    assert hub.clock.now() - start == 7

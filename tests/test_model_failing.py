"""Failing well: whatever a server does, a review ends in time, keeps what it knows, and says what it does not know."""

from __future__ import annotations

import contextlib
import json
import os
import signal as signals
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from model_help import POSSIBLE, Scripted, answers, asked_ids, entry, everywhere, judged, observations, signal
from model_wire import KEY, Answering, as_request, completion

from guard.cli import run
from guard.errors import ModelError
from guard.finding import Confidence
from guard.model.crew import End, carried_out
from guard.model.inquiry import Asking
from guard.model.judge import HopelessError, Reply, Request, TransientError
from guard.model.patience import Patient
from guard.model.server.judge import server_judge
from guard.model.setup import inquiry_for
from guard.pipeline.questions import questions_from

DEADLINE, GRACE = 0.5, 2.0
CERTAIN = """\
diff --git a/service.yaml b/service.yaml
new file mode 100644
--- /dev/null
+++ b/service.yaml
@@ -0,0 +1,6 @@
+apiVersion: v1
+kind: Service
+metadata:
+  name: shop
+spec:
+  sessionAffinity: ClientIP
"""
"""No model is needed."""
MANY = observations(*(signal(rule=f"rule-{number:02}") for number in range(40)))


@pytest.fixture(scope="module", autouse=True)
def _loaded(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What a process loads once is loaded: the time that is measured is the server's."""
    change = tmp_path_factory.mktemp("change") / "change.diff"
    change.write_text(POSSIBLE)
    server_judge(KEY, "http://127.0.0.1:1/v1")
    run(["review", "--patch", str(change), "--no-model", "-q"])


Serve = Callable[[socket.socket], None]
_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"


def _hang(_connection: socket.socket) -> None:
    time.sleep(4 * DEADLINE)


def _die(_connection: socket.socket) -> None:
    """Hang up at once."""


def _die_in_the_middle(connection: socket.socket) -> None:
    body = json.dumps(completion("{}")).encode()
    connection.sendall(_HEAD + f"content-length: {len(body)}\r\n\r\n".encode() + body[:60])


def _talk_rubbish(connection: socket.socket) -> None:
    connection.sendall(_HEAD + b"content-length: 1000000\r\n\r\n" + b"rubbish \xff\x00" * 100_000)


def _talk_no_http(connection: socket.socket) -> None:
    connection.sendall(os.urandom(1_000_000))


def _never_end(connection: socket.socket) -> None:
    connection.sendall(_HEAD + b"transfer-encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")


def _drip(connection: socket.socket) -> None:
    connection.sendall(_HEAD + b"content-length: 1000\r\n\r\n")
    while True:
        connection.sendall(b" ")
        time.sleep(0.1)


def _drip_headers(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nx-slow: ")
    while True:
        connection.sendall(b"y")
        time.sleep(0.1)


def _drip_an_error(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain\r\ncontent-length: 1000\r\n\r\n")
    while True:
        connection.sendall(b"e")
        time.sleep(0.1)


BEHAVIOURS = (_hang, _die, _die_in_the_middle, _talk_rubbish, _talk_no_http, _never_end, _drip, _drip_headers, _drip_an_error)


@contextlib.contextmanager
def _listening(serve: Serve) -> Iterator[str]:
    """A server of one behaviour, at this address."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def accept() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                threading.Thread(target=_served, args=(serve, connection), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
        listening.shutdown(socket.SHUT_RDWR)


def _served(serve: Serve, connection: socket.socket) -> None:
    with connection, contextlib.suppress(OSError):
        connection.recv(65_536)
        serve(connection)


@pytest.mark.parametrize("serve", BEHAVIOURS, ids=lambda serve: serve.__name__.strip("_"))
def test_a_server_that_fails_leaves_a_review_in_time(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Status 3 within the deadline and two seconds, the number of questions that nobody judged, and nothing of the rubbish."""
    (tmp_path / "change.diff").write_text(POSSIBLE)
    with _listening(serve) as address:
        monkeypatch.setenv("OPENAI_BASE_URL", address)
        start = time.monotonic()
        status = run(["review", "--patch", str(tmp_path / "change.diff"), "--model", "m", "--deadline", str(DEADLINE)])
        assert time.monotonic() - start < DEADLINE + GRACE
    told = capfd.readouterr().out
    assert (status, "1 question not judged: the model" in " ".join(told.split())) == (3, True)
    assert len(told) < 2_000
    assert told.isprintable() or set(told) - {"\n"} == {c for c in told if c.isprintable()}


def test_what_the_heuristics_know_stands_without_a_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """With findings the status is 1, and the report says all the same that it is incomplete."""
    (tmp_path / "change.diff").write_text(CERTAIN + POSSIBLE)
    with _listening(_hang) as address:
        monkeypatch.setenv("OPENAI_BASE_URL", address)
        status = run(
            ["review", "--patch", str(tmp_path / "change.diff"), "--model", "m", "--deadline", "0.3", "--format", "json"]
        )
    report = json.loads(capfd.readouterr().out)
    assert status == 1
    assert [finding["path"] for finding in report["findings"]] == ["service.yaml"]
    assert [error["error"] for error in report["errors"]] == [
        "1 question not judged: the model did not answer in time (--deadline gives it more)"
    ]
    assert report["model"]["not_judged"] == 1


# -- several calls at once ----------------------------------------------------------------------------------------------


def test_the_order_of_answers_makes_no_difference(server: Answering) -> None:
    """Later questions answered first, answers in any order within a call: the same outcome, to the last note."""
    delays = iter([0.0, 0.3, 0.2, 0.1, 0.0])

    def answer(sent: dict[str, object]) -> object:
        request = as_request(sent)
        ids = asked_ids(request)
        words = {name: ("fine", "violation", "unsure")[int(name[2:4], 16) % 3] for name in ids}
        if sent["model"] == "late":
            time.sleep(next(delays))
            ids.reverse()
        return completion(answers(*(entry(name, words[name], reason=f"Because of {name}.") for name in ids)))

    server.answer = answer
    judge = inquiry_for(Asking("m"), {"OPENAI_BASE_URL": server.address, "OPENAI_API_KEY": KEY}).judge
    early, late = (judged(MANY, judge, model=model) for model in ("early", "late"))
    assert len(server.seen) == 10
    assert (early.standing, early.failures) == (late.standing, late.failures) != ((), ())
    assert early.model is not None
    assert late.model is not None
    assert early.model.dismissed == late.model.dismissed != ()


class _Counting:
    """Answers slowly, and knows how many asked at once."""

    def __init__(self) -> None:
        self.now, self.most, self.turn = 0, 0, threading.Lock()

    def ask(self, request: Request) -> Reply:
        """An answer."""
        with self.turn:
            self.now += 1
            self.most = max(self.most, self.now)
        time.sleep(0.05)
        with self.turn:
            self.now -= 1
        return Reply(everywhere("fine")(request))


@pytest.mark.parametrize(("at_once", "most"), [(1, 1), (3, 3), (50, 4)])
def test_calls_at_once_are_bounded(at_once: int, most: int) -> None:
    """Five calls: the first alone, so that the others have what the server kept of it, and four more."""
    judge = _Counting()
    assert judged(MANY, judge, model="m", at_once=at_once).failures == ()
    assert judge.most == most


def test_a_judge_with_a_bug_is_a_bug() -> None:
    """Only failures that are meant are part of a report."""
    with pytest.raises(ZeroDivisionError):
        judged(MANY, Scripted([lambda _: str(1 // 0)]), model="m")


def test_nothing_to_do_is_done_at_once() -> None:
    """No threads, no waiting."""
    assert carried_out([], at_once=4, until=0.0, stop=lambda _: True) == ([], End.DONE)


# -- Ctrl-C -------------------------------------------------------------------------------------------------------------


def test_an_interruption_keeps_what_is_answered() -> None:
    """The first call's verdicts count, the rest is not judged, and the review says so."""

    class Interrupted:
        def __init__(self) -> None:
            self.calls = 0

        def ask(self, request: Request) -> Reply:
            self.calls += 1
            if self.calls == 2:
                os.kill(os.getpid(), signals.SIGINT)
            if self.calls > 1:
                time.sleep(1)
            return Reply(everywhere("fine")(request))

    outcome = judged(MANY, Interrupted(), model="m")
    assert outcome.model is not None
    assert (len(outcome.model.dismissed), len(outcome.standing)) == (8, 32)
    assert [failure.error for failure in outcome.failures] == ["32 questions not judged: interrupted"]


def test_an_interrupted_review_reports(server: Answering, tmp_path: Path) -> None:
    """On Ctrl-C the command writes its report, says that it is incomplete, and ends with 3 at once."""
    (tmp_path / "change.diff").write_text(POSSIBLE)
    asked = threading.Event()

    def answer(_sent: dict[str, object]) -> object:
        asked.set()
        time.sleep(5)
        return completion("{}")

    server.answer = answer
    command = [sys.executable, "-m", "guard", "review", "--patch", "change.diff", "--model", "m", "--format", "json"]
    with subprocess.Popen(
        command, cwd=tmp_path, env={**os.environ, "OPENAI_BASE_URL": server.address}, stdout=subprocess.PIPE
    ) as process:
        assert asked.wait(20)
        start = time.monotonic()
        process.send_signal(signals.SIGINT)
        assert process.stdout is not None
        out = process.stdout.readline()
        assert time.monotonic() - start < 2
        out += process.stdout.read()
    assert process.returncode == 3
    assert [error["error"] for error in json.loads(out)["errors"]] == ["1 question not judged: interrupted"]


# -- patience -----------------------------------------------------------------------------------------------------------


def test_a_dead_server_is_given_up_after_a_few_attempts() -> None:
    """By all calls together; a busy one is alive, and one that answers again is."""
    script = Scripted([TransientError("refused")] * 40)
    patient = Patient(script, sleep=lambda _: None)
    for _ in range(4):
        with pytest.raises(ModelError):
            patient.ask(Request("m", (), "{}"))
    assert len(script.requests) == 5
    with pytest.raises(HopelessError, match="refused; 5 attempts in a row failed"):
        patient.ask(Request("m", (), "{}"))
    busy = Scripted([*[TransientError("busy", busy=True)] * 8, "yes"])
    patient = Patient(busy, sleep=lambda _: None)
    for _ in range(2):
        with pytest.raises(TransientError):
            patient.ask(Request("m", (), "{}"))
    assert patient.ask(Request("m", (), "{}")).text == "yes"


def test_a_dead_server_does_not_cost_its_deadline() -> None:
    """Forty questions in five calls: a handful of attempts, then the rest is left."""
    script = Scripted([TransientError("refused")] * 40)
    outcome = judged(MANY, Patient(script, sleep=lambda _: None), model="m")
    assert len(script.requests) == 5
    assert sum(int(failure.error.split()[0]) for failure in outcome.failures) == 40
    assert len(outcome.standing) == 40


def test_one_that_was_given_up_is_tried_again_later() -> None:
    """A process that lives long must not believe for ever that a server is dead."""
    now = [0.0]
    patient = Patient(Scripted([*[TransientError("refused")] * 5, "back"]), sleep=lambda _: None, clock=lambda: now[0])
    for _ in range(2):
        with pytest.raises(ModelError):
            patient.ask(Request("m", (), "{}"))
    now[0] = 31.0
    assert patient.ask(Request("m", (), "{}")).text == "back"


def test_a_wait_beyond_the_deadline_is_not_begun() -> None:
    """A server that asks for an hour is told about at once."""
    waits: list[float] = []
    patient = Patient(Scripted([TransientError("busy", 3_600.0, busy=True)]), sleep=waits.append)
    with pytest.raises(TransientError):
        patient.ask(Request("m", (), "{}", until=time.monotonic() + 60))
    assert waits == []


def test_a_refused_call_does_not_keep_the_others_from_being_asked() -> None:
    """One call in four fails: its questions are not judged, the others are."""

    class Choosy:
        def ask(self, request: Request) -> Reply:
            ids = asked_ids(request)
            if first in ids:
                raise ModelError("the content was filtered")
            return Reply(everywhere("fine")(request))

    first = questions_from(MANY)[12].id
    outcome = judged(MANY, Choosy(), model="m")
    assert [failure.error for failure in outcome.failures] == ["8 questions not judged: the content was filtered"]
    assert len(outcome.standing) == 8
    assert {found.confidence for found, _, _ in outcome.standing} == {Confidence.LIKELY}

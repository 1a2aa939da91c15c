"""One call of a hook: payload in, the vendor's answer out, status 0, whatever happens, before a deadline of our own.

The work is done in a process of its own while this one waits, so that neither a bug, nor a parser that hangs, nor a crash of an
extension can keep the agent waiting or make the vendor read a failure as a refusal. Where processes can not be forked, a thread ends
the program instead. What can not be answered passes, and says so.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Protocol, cast

from guard.integrations.agents import VENDORS
from guard.integrations.agents.events import COMMAND, EDIT, NOTE, TURN, Decision, Event, PayloadError

DEADLINE = 20.0
"""Seconds. The time-outs that `stateless-guard init` writes are longer, the vendors' own longer still."""
DEADLINE_VARIABLE = "STATELESS_GUARD_HOOK_DEADLINE"
_MOST_BYTES = 64_000_000
_LONGEST_NOTE = 300

Write = Callable[[bytes], object]


class Vendor(Protocol):
    """The shape of a vendor's module."""

    @staticmethod
    def event_of(payload: Mapping[str, object]) -> Event:
        """What happened. Raises PayloadError."""
        ...

    @staticmethod
    def answer_to(event: Event, decision: Decision) -> Mapping[str, object]:
        """The vendor's form of a decision."""
        ...


def vendor(name: str) -> Vendor:
    """The module of a vendor."""
    return cast(Vendor, import_module(f"guard.integrations.agents.{VENDORS[name]}"))


def answer_hook(name: str) -> int:
    """Answer one call on standard input and output; gives the exit status, which is 0: others block somewhere."""
    deadline = _deadline()
    answer = _in_a_child(name, deadline) if hasattr(os, "fork") else _with_a_thread(name, deadline)
    _write_all(1, answer)
    return 0


def _deadline() -> float:
    try:
        return min(float(os.environ.get(DEADLINE_VARIABLE, "")), DEADLINE)
    except ValueError:
        return DEADLINE


def passed(name: str, reason: str, event: Event = Event()) -> bytes:  # noqa: B008 - a named tuple
    """The vendor's "pass, but say so". Those without a place for it have standard error."""
    note = f"stateless-guard: did not review this: {_one_line(reason)}; passed."
    sys.stderr.write(f"{note}\n")
    return serialised(vendor(name).answer_to(event, Decision(NOTE, note)))


def serialised(answer: Mapping[str, object]) -> bytes:
    """One line of JSON. Paths that are no text must not make it unreadable: strict readers refuse half a surrogate pair."""
    import json

    return json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def _one_line(text: str) -> str:
    return " ".join(text.encode("utf-8", "replace").decode().split())[:_LONGEST_NOTE]


def work(name: str, payload: bytes, write: Write) -> None:
    """Write every answer as soon as it is known; the last one counts."""
    event = Event()
    try:
        adapter = vendor(name)
        event = adapter.event_of(_read(payload))
        _refuse_impossible(event)
        decision = Decision()
        if _worth_a_review(event):
            from guard.integrations.agents.reviewing import decided

            decision = decided(event, lambda early: write(serialised(adapter.answer_to(event, early))))
        if decision.action == NOTE:
            sys.stderr.write(f"{decision.text}\n")
        write(serialised(adapter.answer_to(event, decision)))
    except Exception as error:  # noqa: BLE001 - a bug of ours must not stop an agent
        write(passed(name, _told(error), event))


def _refuse_impossible(event: Event) -> None:
    """Names that no file can have would break whatever opens them."""
    for name in (event.cwd, event.transcript, event.command, *(edit.path for edit in event.edits)):
        try:
            impossible = b"\0" in os.fsencode(name)
        except UnicodeEncodeError:
            impossible = True
        if impossible:
            raise PayloadError("a name in the input can be none of a file")


def _worth_a_review(event: Event) -> bool:
    """Told without loading what a review needs: most events of an agent are none of ours."""
    if event.kind == COMMAND:
        return "commit" in event.command
    if event.kind != EDIT:
        return event.kind == TURN
    from guard.integrations.agents.glancing import worth_a_review

    return worth_a_review(event)


def _read(payload: bytes) -> Mapping[str, object]:
    import json

    try:
        values = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise PayloadError(f"the input is no JSON: {error}") from None
    if not isinstance(values, dict):
        raise PayloadError("the input is no JSON object")
    return values


def _told(error: Exception) -> str:
    from guard.errors import GuardError

    if isinstance(error, GuardError | PayloadError):
        return str(error)
    import traceback

    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"internal error: {type(error).__name__}: {error} ({os.path.basename(place.filename)}:{place.lineno})"


# -- a child that works, a parent that waits --------------------------------------------------------------------------


def _in_a_child(name: str, deadline: float) -> bytes:
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.close(reader)
        _as_child(name, deadline, writer)
    os.close(writer)
    said, ended = _heard(reader, time.monotonic() + deadline)
    if not ended:
        _end(child)
    os.waitpid(child, 0)
    if said:
        return said
    return passed(name, "it ended in the middle" if ended else f"it took longer than {deadline:g} seconds")


def _as_child(name: str, deadline: float, writer: int) -> None:
    """Work, and leave without what the interpreter does at its end. Ends by itself should the parent be gone."""
    status = 1
    try:
        os.setpgid(0, 0)
        signal.setitimer(signal.ITIMER_REAL, deadline + 1)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        work(name, sys.stdin.buffer.read(_MOST_BYTES), lambda answer: _write_all(writer, answer))
        sys.stderr.flush()
        status = 0
    finally:
        os._exit(status)


def _heard(reader: int, until: float) -> tuple[bytes, bool]:
    """The last whole line that the child wrote, and whether it ended."""
    pieces = b""
    ended = False
    while not ended and (left := until - time.monotonic()) > 0:
        if select.select([reader], [], [], left)[0]:
            piece = os.read(reader, 65_536)
            pieces, ended = pieces + piece, not piece
    whole = pieces.rpartition(b"\n")[0]
    return (whole.rpartition(b"\n")[2] + b"\n" if whole else b""), ended


def _end(child: int) -> None:
    """End the child with what it started; it may be too young to have a group of its own."""
    for kill, target in ((os.killpg, child), (os.kill, child)):
        try:
            kill(target, signal.SIGKILL)
        except OSError:
            continue


def _write_all(handle: int, data: bytes) -> None:
    try:
        while data:
            data = data[os.write(handle, data) :]
    except OSError:
        return  # whoever asked has left


# -- where there is no fork -------------------------------------------------------------------------------------------


def _with_a_thread(name: str, deadline: float) -> bytes:
    """The same in one process: a thread answers and ends the program when the time is up."""
    import _thread

    answers: list[bytes] = []

    def watch() -> None:
        time.sleep(deadline)
        late = answers[-1] if answers else passed(name, f"it took longer than {deadline:g} seconds")
        _write_all(1, late)
        os._exit(0)

    _thread.start_new_thread(watch, ())
    work(name, sys.stdin.buffer.read(_MOST_BYTES), answers.append)
    return answers[-1]

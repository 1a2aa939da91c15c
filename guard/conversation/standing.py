"""How a finding that stands is seen by the people it was said to: pure reading of its threads."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from enum import StrEnum

from msgspec import Struct

from guard.conversation.markers import STILL, marker
from guard.conversation.threads import Told
from guard.conversation.values import Remark
from guard.conversation.words import Command, claims_a_fix, dismissal

LEFT_OPEN = "open"
"""In the marker of a "still there": the thread was open then, so whoever resolved it later knew."""


class State(StrEnum):
    """What people made of a finding that stands."""

    NEW = "new"
    """No thread speaks for it."""
    OPEN = "open"
    CLAIMED = "claimed"
    """Somebody says that it is fixed, and we have not answered."""
    BACK = "back"
    """It was gone, and is there again."""
    SILENT = "silent"
    """Said, answered, closed by somebody whose word does not end it: nothing more is said, and it still counts."""
    DISMISSED = "dismissed"


class Standing(Struct, frozen=True):
    """The state, and for a dismissed one who said what."""

    state: State
    reason: str = ""


def standing(threads: Sequence[Told], writers: Collection[str], *, was_gone: bool) -> Standing:
    """What people made of the finding these threads are about; the first speaks for it. `was_gone`: an earlier review said so."""
    dismissed = _dismissed(threads, writers)
    if dismissed:
        return Standing(State.DISMISSED, dismissed)
    if not threads:
        return Standing(State.NEW)
    first = threads[0]
    if first.thread.resolved:
        return _closed(first, writers, was_gone=was_gone)
    if first.said_fixed:
        return Standing(State.BACK)
    return Standing(State.CLAIMED if _claim(first) and not _told_still(first) else State.OPEN)


def ignored(name: str, given: Sequence[Command]) -> str:
    """Who told us to ignore this finding by a command, and why; "" for nobody."""
    found = (command for command in given if command.argument.lower() == name and command.reason)
    return next((f"{command.author}: {command.reason}" for command in found), "")


def _dismissed(threads: Sequence[Told], writers: Collection[str]) -> str:
    remarks = (remark for told in threads for remark in told.thread.remarks if remark.author in writers)
    return next((f"{remark.author}: {words}" for remark in remarks if (words := dismissal(remark))), "")


def _closed(told: Told, writers: Collection[str], *, was_gone: bool) -> Standing:
    """A resolved thread: our own doing, a claim, a decision, or somebody's who may not decide."""
    thread, still = told.thread, _told_still(told)
    if thread.resolved_by_us or told.said_fixed or was_gone:
        return Standing(State.BACK)
    claimed = _claim(told)
    if claimed and not still:
        return Standing(State.CLAIMED)
    knew = not claimed or (still is not None and LEFT_OPEN in still[1] and not _claim(told, after=still[0]))
    if thread.resolver in writers and knew:
        return Standing(State.DISMISSED, f"resolved by {thread.resolver}")
    return Standing(State.SILENT)


def _claim(told: Told, after: int = 0) -> Remark | None:
    """The first claim of a fix behind the remark at this place."""
    return next((remark for remark in told.thread.remarks[after + 1 :] if claims_a_fix(remark)), None)


def _told_still(told: Told) -> tuple[int, tuple[str, ...]] | None:
    """Where we answered a claim, and the words of that answer's marker."""
    for index, remark in enumerate(told.thread.remarks[1:], 1):
        entry = marker(remark, STILL)
        if entry:
            return index, entry.words
    return None

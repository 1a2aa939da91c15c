"""Temporary files that are no scratch: one request writes them, and another one, which may reach another machine, asks for them."""

from __future__ import annotations

from guard.analyses._paths import marks
from guard.analyses._runtime import handlers, work
from guard.analyses._touches import Does, Touch
from guard.facts import Facts

_ROOTS = frozenset({"tmp", "temp", "var/tmp", "scratch", "dev/shm"})
"""Folders for what everybody puts there: two paths below one have nothing else in common."""


def asked_for_later(touch: Touch, found: list[Touch], facts: Facts) -> bool:
    """Whether a handler writes a file that another handler, which writes none there, gives out or reads."""
    known = _marks(touch, facts)
    if not known or work(touch.call.scope, facts) not in handlers(facts):
        return False
    writers = {work(one.call.scope, facts) for one in found if one.does is Does.WRITE and known & _marks(one, facts)}
    return any(
        one.does in {Does.READ, Does.SERVE} and known & _marks(one, facts) and _of_another_request(one, writers, facts)
        for one in found
    )


def _marks(touch: Touch, facts: Facts) -> frozenset[str]:
    return marks(touch.path, touch.call.scope, facts) - _ROOTS


def _of_another_request(touch: Touch, writers: set[str], facts: Facts) -> bool:
    around = work(touch.call.scope, facts)
    return around in handlers(facts) - writers or (touch.does is Does.SERVE and not around)

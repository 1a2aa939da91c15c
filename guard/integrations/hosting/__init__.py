"""Hosts of pull requests. One package a host; it moves bytes, and the decisions are those of `guard/conversation/`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from msgspec import Struct

from guard.config import Configuration
from guard.conversation.values import Action, Conversation, Outcome
from guard.finding import Failure
from guard.integrations.git import Selected


class Host(Protocol):
    """One pull request on a host. Methods raise HostError where the host can not be reached or refuses the token."""

    def conversation(self) -> Conversation:
        """What stands there now."""
        ...

    def head(self) -> str:
        """The newest head, asked again: a review of an older one is dropped."""
        ...

    def perform(self, action: Action) -> Outcome:
        """Do one thing, as slowly as the host asks. Repeats only what is safe to repeat."""
        ...


class Opened(Struct, frozen=True):
    """A change with its texts, the base branch's tip that it is measured by, and what of it could not be had."""

    selected: Selected
    tip: Selected
    failures: tuple[Failure, ...] = ()
    unshown: frozenset[str] = frozenset()
    """Files whose lines the host does not show in its diff: no comment can stand on them."""
    prepare: Callable[[Configuration], None] = lambda _configuration: None
    """Told the configuration before the first text is asked for: what it leaves out need not be fetched."""

"""Hosts of pull requests. One package a host; it moves bytes, and the decisions are those of `guard/conversation/`."""

from __future__ import annotations

from typing import Protocol

from guard.conversation.values import Action, Conversation, Outcome


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

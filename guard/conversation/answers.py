"""Replies to commands."""

from __future__ import annotations

from collections.abc import Callable

from guard.conversation.values import Action, Conversation


def answers(conversation: Conversation, explain: Callable[[str], str]) -> tuple[Action, ...]:
    """What to answer to the commands of people who may write, each once."""
    del conversation, explain
    return ()

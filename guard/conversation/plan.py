"""What is there, what should be there -> what to do."""

from __future__ import annotations

from guard.change import ChangeSet
from guard.conversation.settle import Settled
from guard.conversation.terms import Terms
from guard.conversation.values import Action, Conversation


def plan(settled: Settled, change: ChangeSet, conversation: Conversation, terms: Terms) -> tuple[Action, ...]:
    """The actions, in order, that make the conversation say what it should."""
    del settled, change, conversation, terms
    return ()


def overview(settled: Settled, change: ChangeSet, conversation: Conversation, terms: Terms) -> str:
    """The summary's text alone."""
    del settled, change, conversation, terms
    return ""

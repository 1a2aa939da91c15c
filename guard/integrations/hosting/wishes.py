"""What is due on a pull request: a review, answers to commands, or nothing."""

from __future__ import annotations

from enum import StrEnum

from guard.conversation import commands
from guard.conversation.values import Conversation, Remark
from guard.conversation.words import CommandName, claims_a_fix, dismissal, finding_thread


class Due(StrEnum):
    """What to do now."""

    REVIEW = "review"
    ANSWERS = "answers"
    NOTHING = "nothing"


def due(conversation: Conversation, remark: str | None) -> Due:
    """What is due: after the comment with this id, None for whatever else starts a run.

    Nobody else's words cost anything: only commands of people who may write count, and replies to a comment of ours that decide
    what becomes of it.
    """
    if remark is None:
        return Due.REVIEW if conversation.pull.open else Due.NOTHING
    given = {command.name for command in commands(conversation) if command.remark == remark}
    if given == {CommandName.EXPLAIN} or (given and not conversation.pull.open):
        return Due.ANSWERS
    decided = given or any(_decides(reply) for reply in _replies_to_us(conversation, remark))
    return Due.REVIEW if decided and conversation.pull.open else Due.NOTHING


def _replies_to_us(conversation: Conversation, remark: str) -> list[Remark]:
    threads = (thread for thread in conversation.threads if finding_thread(thread))
    return [reply for thread in threads for reply in thread.remarks[1:] if reply.id == remark]


def _decides(reply: Remark) -> bool:
    return bool(dismissal(reply)) or claims_a_fix(reply)

"""Replies to commands of people who may write: each once, where it was asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby

from guard.conversation import escape
from guard.conversation.markers import ANSWER, Marker, marker
from guard.conversation.settle import Known
from guard.conversation.texts import LIMIT
from guard.conversation.threads import told
from guard.conversation.values import Action, Conversation, PostRemark, Remark, RemoveInline, RemoveRemark, Reply
from guard.conversation.words import Command, CommandName, commands
from guard.finding import ChangeSummary, Report

_MOST_ANSWERED = 5
_CUT = "*This was too long; `stateless-guard explain` has the rest.*"


def answers(conversation: Conversation, explain: Callable[[str], str]) -> tuple[Action, ...]:
    """What to answer to the commands of people who may write, each once. `explain` gives the page of a rule or check, "" for none."""
    if not conversation.pull.open:
        return ()
    answered = {entry.word for remark in _all(conversation) if (entry := marker(remark, ANSWER))}
    actions: list[Action] = list(_repeated(conversation))
    for remark, given in groupby(commands(conversation), key=lambda command: command.remark):
        asked = list(given)
        said = [words for command in asked[:_MOST_ANSWERED] if (words := _answer(command, conversation, explain))]
        if said and remark not in answered:
            actions.append(_to(asked[0], "\n\n".join(said)))
    return tuple(actions)


def _all(conversation: Conversation) -> Iterator[Remark]:
    yield from conversation.remarks
    for thread in conversation.threads:
        yield from thread.remarks


def _repeated(conversation: Conversation) -> Iterator[Action]:
    """Takes back an answer that two runs at the same time both gave."""
    seen: set[str] = set()
    replies = {remark for thread in conversation.threads for remark in thread.remarks}
    for remark in _all(conversation):
        entry = marker(remark, ANSWER)
        if entry and entry.word in seen:
            yield RemoveInline(remark.id) if remark in replies else RemoveRemark(remark.id)
        elif entry:
            seen.add(entry.word)


def _to(command: Command, text: str) -> Action:
    tail = str(Marker(ANSWER, (command.remark,)))
    body = f"{escape.cut(text, LIMIT - len(tail) - 2, _CUT)}\n\n{tail}"
    thread = command.thread
    return Reply(thread.id, thread.remarks[0].id, body) if thread else PostRemark(body)


def _answer(command: Command, conversation: Conversation, explain: Callable[[str], str]) -> str:
    """The answer to one command, "" where what it does is answer enough."""
    match command.name:
        case CommandName.EXPLAIN:
            return _explained(command.argument, explain)
        case CommandName.IGNORE:
            return _about_ignoring(command, conversation)
        case CommandName.REVIEW:
            return ""


def _explained(name: str, explain: Callable[[str], str]) -> str:
    asked = escape.code(escape.shortened(name, 80))
    if not name:
        return "Which rule? `/guard explain RULE`; the last line of each comment names its rule."
    page = explain(name)
    return escape.fenced(page.strip("\n"), "text") if page else f"There is no rule or check called {asked}."


def _about_ignoring(command: Command, conversation: Conversation) -> str:
    if not command.argument or not command.reason:
        return (
            "Ignoring needs a finding and a reason: `/guard ignore FINGERPRINT REASON`, or `guard: ignore REASON` in its thread. "
            "The summary names the fingerprints."
        )
    if command.argument.lower() in _names(conversation):
        return ""
    return f"No finding here has the fingerprint {escape.code(escape.shortened(command.argument, 80))}; the summary names them."


def _names(conversation: Conversation) -> frozenset[str]:
    """All findings that were ever said here."""
    memory = Known.of(Report(ChangeSummary(None, None, 0, 0)), conversation).memory
    return frozenset({*(entry.name for entry in told(conversation)), *(memory.said if memory else ())})

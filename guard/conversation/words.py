"""What people's replies and commands mean. Nobody's words count inside a quote or a code block."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct

from guard.conversation.markers import FINDING, Marker, marker, outside_fences
from guard.conversation.values import Conversation, Remark, Thread

_DIRECTIVE = re.compile(r"guard:\s*ignore(?:\[[^\]\n]*\])?\s+(\S.*)", re.IGNORECASE)
_UNREASONED = re.compile(r"guard:\s*ignore(?:\[[^\]\n]*\])?[\s.!]*", re.IGNORECASE)
_COMMAND = re.compile(r"/guard[ \t]+(\S+)[ \t]*(.*)", re.IGNORECASE)
_FINGERPRINT = re.compile(r"[0-9a-f]{16}(?::\d+)?")
_DISMISSAL = re.compile(
    r"\b(?:won'?t[ -]?fix|will not fix|by design|intended(?! (?:to|for)\b)|intentional(?:ly)?|on purpose|false[ -]positives?"
    r"|(?:not|isn't) (?:a |an |really a )?(?:problem|issue)|no problem|acceptable)\b",
    re.IGNORECASE,
)
_CLAIM = re.compile(r"\b(?:fixed|done|resolved|addressed)\b", re.IGNORECASE)
_DENIED = re.compile(r"\b(?:not|never|hardly|neither|would|if|unless|until)\b|n't\b|\b(?:no|i|we) *$", re.IGNORECASE)
_NOT_YET = re.compile(
    r"\b(?:not|never|hardly|will|would|to|needs?|must|can|could|cannot|if|when|once|until|before|unless|wants?)\b|n't\b|'ll\b"
    r"|\bno *$",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[^.!?;\n]*(?:[.!?;](?!\s|$)[^.!?;\n]*)*[.!?;]*")


class CommandName(StrEnum):
    """What can be asked for."""

    REVIEW = "review"
    EXPLAIN = "explain"
    IGNORE = "ignore"


class Command(Struct, frozen=True):
    """A command of somebody who may write. `argument` is a rule or a fingerprint, "" where none was given."""

    name: CommandName
    argument: str
    reason: str
    remark: str
    """The id of the comment that holds it."""
    author: str
    thread: Thread | None = None
    """Where it was written, None for a comment on the pull request as a whole."""


def said(remark: Remark) -> str:
    """What a comment says itself: without quotes, code blocks, code spans and hidden comments."""
    text = re.sub(r"<!--.*?-->", "", remark.body, flags=re.DOTALL)
    lines = [line for line in outside_fences(text) if not line.lstrip().startswith(">")]
    return re.sub(r"(`+)[^`].*?\1", "", "\n".join(lines)).replace("\u2019", "'")


def dismissal(remark: Remark) -> str:
    """The words by which a reply decides to live with a finding, "" where it does not: a question or a denial is none."""
    if remark.ours:
        return ""
    text = said(remark)
    directives = (_DIRECTIVE.match(line.strip()) for line in text.split("\n"))
    reason = next((found[1] for found in directives if found), "")
    return _short(reason or (text if _says(text, _DISMISSAL, _DENIED) else ""))


def claims_a_fix(remark: Remark) -> bool:
    """Whether a reply says that the finding is gone."""
    return not remark.ours and _says(said(remark), _CLAIM, _NOT_YET)


def _says(text: str, words: re.Pattern[str], unless: re.Pattern[str]) -> bool:
    """Whether a sentence that is no question has these words, with nothing before them in their clause that turns them round."""
    sentences = (sentence.strip() for sentence in _SENTENCE.findall(text))
    clauses = (clause for sentence in sentences if not sentence.endswith("?") for clause in sentence.split(", "))
    return any(not unless.search(clause[: found.start()]) for clause in clauses for found in words.finditer(clause))


def asks(remark: Remark) -> bool:
    """Whether a reply holds a question."""
    return not remark.ours and "?" in said(remark)


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= 200 else words[:199].rstrip() + "…"


def finding_thread(thread: Thread) -> Marker | None:
    """The marker of a thread that a comment of ours opened."""
    return marker(thread.remarks[0], FINDING)


def speakers(conversation: Conversation) -> frozenset[str]:
    """The accounts whose permission matters: who dismissed, who resolved, who gave a command."""
    names: set[str] = set()
    for thread in conversation.threads:
        if finding_thread(thread):
            names.update(remark.author for remark in thread.remarks if dismissal(remark))
            names.update({thread.resolver} if thread.resolved and not thread.resolved_by_us else ())
    names.update(author for _, author in _given(conversation))
    return frozenset(names - {""})


def commands(conversation: Conversation) -> tuple[Command, ...]:
    """The commands of people who may write, oldest first; those of anybody else are as if they were not there."""
    return tuple(command for command, author in _given(conversation) if author in conversation.writers)


def _given(conversation: Conversation) -> Iterator[tuple[Command, str]]:
    for remark in conversation.remarks:
        yield from ((command, remark.author) for command in _commands_in(remark, None))
    for thread in conversation.threads:
        for remark in thread.remarks:
            yield from ((command, remark.author) for command in _commands_in(remark, thread))


def _commands_in(remark: Remark, thread: Thread | None) -> Iterator[Command]:
    """The commands at the start of a comment's lines; none in our own, which may quote one.

    `guard: ignore` in a thread of ours without a reason is one that lacks it: with a reason it is a dismissal.
    """
    for line in [] if remark.ours else said(remark).split("\n"):
        match = _COMMAND.match(line)
        if match and match[1].lower() in {name.value for name in CommandName}:
            yield _command(CommandName(match[1].lower()), match[2].split(), remark, thread)
        elif thread and finding_thread(thread) and _UNREASONED.fullmatch(line.strip()):
            yield _command(CommandName.IGNORE, [], remark, thread)


def _command(name: CommandName, words: list[str], remark: Remark, thread: Thread | None) -> Command:
    """A command, read. In a thread of ours `/guard ignore reason` means the thread's finding."""
    own = finding_thread(thread) if thread else None
    if name is CommandName.IGNORE and own and not (words and _FINGERPRINT.fullmatch(words[0])):
        words = [own.word, *words]
    argument, reason = (words[0] if words else ""), " ".join(words[1:])
    return Command(name, argument, _short(reason), remark.id, remark.author, thread)

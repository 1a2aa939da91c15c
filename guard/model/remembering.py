"""Questions that were answered before: found by all that was asked, one by one, so that it does not matter how they were grouped."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic

from guard.model.form import A, Form, I
from guard.model.judge import Reply, Request

if TYPE_CHECKING:
    from guard.model.inquiry import Inquiry


@dataclass(frozen=True, slots=True)
class Remembered(Generic[I, A]):
    """The answers that were known, and where new ones are kept."""

    inquiry: Inquiry
    form: Form[I, A]
    verdicts: Mapping[str, A]
    items: Mapping[str, I]
    keys: Mapping[str, str]

    def keep(self, verdicts: Mapping[str, A]) -> None:
        """Keep new answers, if each can be understood from its own question: a quote of another's code proves nothing later."""
        if self.inquiry.verdicts is None:
            return
        entries = {name: self.form.kept(name, verdict) for name, verdict in verdicts.items() if name in self.keys}
        whole = {name: entry for name, entry in entries.items() if _read(entry, self.items[name], self.form) == verdicts[name]}
        self.inquiry.verdicts.keep(self.inquiry.model, {self.keys[name]: entry for name, entry in whole.items()})
        self.inquiry.verdicts.close()


def remembered(items: Sequence[I], inquiry: Inquiry, form: Form[I, A]) -> Remembered[I, A]:
    """What is known of these; nothing where nothing is kept."""
    if inquiry.verdicts is None or not items:
        return Remembered(inquiry, form, {}, {}, {})
    keys = {item.id: key_of(form.calls((item,))[0].request) for item in items}
    kept = inquiry.verdicts.recall(keys.values())
    verdicts = {}
    for item in items:
        verdict = _read(kept.get(keys[item.id], ""), item, form)
        if verdict is not None:
            verdicts[item.id] = verdict
    inquiry.verdicts.touch(keys[name] for name in verdicts)
    return Remembered(inquiry, form, verdicts, {item.id: item for item in items}, keys)


def key_of(request: Request) -> str:
    """The key of an answer: everything that a question alone would send, the prompt and the model's name included."""
    return hashlib.sha256(f"verdict 1\0{request.key}".encode()).hexdigest()


def is_answer(entry: str) -> bool:
    """Whether a text is an answer as it is kept: to a question, or what was found in a passage."""
    try:
        kept = json.loads(entry)
    except ValueError:
        return False
    if not isinstance(kept, dict):
        return False
    return isinstance(kept.get("findings"), list) or all(isinstance(kept.get(name), str) for name in _OF_A_QUESTION)


_OF_A_QUESTION = ("id", "quote", "reason", "answer")


def _read(entry: str, item: I, form: Form[I, A]) -> A | None:
    """The answer that an entry holds, validated like any other."""
    return form.read(Reply(form.reply(entry)), (item,)).verdicts.get(item.id) if entry else None

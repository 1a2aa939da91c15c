"""A glance at an edit before anything is loaded: most say nothing about state, and an agent waits for every one.

Only for edits of programs whose text before is known from the payload; everything else is reviewed. What a glance at an edit's own
lines can not see is told before the commit or at the end of the turn.
"""

from __future__ import annotations

import os

from guard.integrations.agents.edits import before_of, differing
from guard.integrations.agents.events import Edit, Event

_LANGUAGES = {
    ".py": "python", ".js": "javascript", ".mjs": "javascript", ".cjs": "javascript", ".jsx": "javascript",
    ".ts": "typescript", ".tsx": "typescript", ".mts": "typescript", ".cts": "typescript",
}  # fmt: skip
_MOST_BYTES = 2_000_000


def worth_a_review(event: Event) -> bool:
    """Whether one of the edits could have something to say."""
    return any(_could_matter(edit, event.cwd) for edit in event.edits)


def _could_matter(edit: Edit, cwd: str) -> bool:
    full = os.path.join(cwd or ".", edit.path)
    language = _LANGUAGES.get(os.path.splitext(edit.path)[1].lower())
    if language is None or not os.path.isfile(full) or os.path.getsize(full) > _MOST_BYTES:
        return True
    with open(full, "rb") as stream:
        now = stream.read().decode("utf-8", "surrogateescape").replace("\r\n", "\n")
    before = before_of(edit, now)
    if before is None:
        return True
    old, new = before.split("\n"), now.split("\n")
    first, old_end, _, new_end = differing(old, new)
    from guard.catalogue.compiled import Words
    from guard.catalogue.glance import edit_matters

    words = Words(language)
    return not words.known or edit_matters("\n".join((*old[first:old_end], *new[first:new_end])), language, words)

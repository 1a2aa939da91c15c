"""What would be done to a pull request, for people and for machines: the other end of a dry run."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from msgspec import to_builtins

from guard.conversation.values import (
    Action,
    EditRemark,
    PostRemark,
    PostReview,
    RemoveInline,
    RemoveRemark,
    Reopen,
    Reply,
    Resolve,
    SetCheck,
)


def shown_as_text(actions: Sequence[Action]) -> str:
    """Each action with the bodies that it would write."""
    return "\n".join("\n".join(_lines(action)) for action in actions) or "Nothing to post.\n"


def shown_as_json(actions: Sequence[Action]) -> str:
    """The same as a JSON array: `do` names the action, the rest are its fields."""
    values = [{"do": type(action).__name__, **to_builtins(action)} for action in actions]
    return json.dumps(values, ensure_ascii=True, indent=2) + "\n"


def _lines(action: Action) -> Iterator[str]:
    match action:
        case PostReview():
            yield f"would post a review of {action.head[:12]} with {len(action.comments)} comments"
            yield from _indented(action.body)
            for comment in action.comments:
                lines = f"{comment.start_line}-{comment.line}" if comment.start_line < comment.line else str(comment.line)
                yield f"  on {comment.path}:{lines}"
                yield from _indented(comment.body, "    ")
        case Reply(thread=thread, body=body):
            yield f"would reply in thread {thread}"
            yield from _indented(body)
        case Resolve(thread=thread):
            yield f"would resolve thread {thread}"
        case Reopen(thread=thread):
            yield f"would reopen thread {thread}"
        case RemoveInline(remark=remark) | RemoveRemark(remark=remark):
            yield f"would remove comment {remark}, which says again what another one says"
        case PostRemark(body=body):
            yield "would comment on the pull request"
            yield from _indented(body)
        case EditRemark(remark=remark, body=body):
            yield f"would change comment {remark}"
            yield from _indented(body)
        case SetCheck():
            yield f"would set the check on {action.head[:12]} to {action.conclusion}: {action.title}"
            yield from _indented(action.summary)
            yield f"  with {len(action.annotations)} annotations"
    yield ""


def _indented(text: str, by: str = "  ") -> Iterator[str]:
    """Lines with a bar before them: a runner takes a line that starts with `::`, whatever the space before it, for a command."""
    return (f"{by}| {line}".rstrip() for line in text.split("\n"))

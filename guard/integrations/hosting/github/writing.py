"""Actions on a pull request as requests, one after the other; what GitHub says to each becomes an outcome."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from guard.conversation.values import (
    Action,
    Annotation,
    EditRemark,
    InlineComment,
    Outcome,
    PostRemark,
    PostReview,
    RemoveInline,
    RemoveRemark,
    Reopen,
    Reply,
    Resolve,
    SetCheck,
)
from guard.integrations.hosting.github.client import Client, CutError, GraphError, RefusedError
from guard.integrations.hosting.github.conversation import CHECK_NAME, Coordinates, external_id

ANNOTATIONS_A_REQUEST = 50
"""https://docs.github.com/en/rest/checks/runs#create-a-check-run"""

RESOLVE = "mutation Resolve($thread: ID!) { resolveReviewThread(input: {threadId: $thread}) { thread { isResolved } } }"
REOPEN = "mutation Reopen($thread: ID!) { unresolveReviewThread(input: {threadId: $thread}) { thread { isResolved } } }"
_PULL = "/repos/{owner}/{repo}/pulls/{number}"
_ISSUES = "/repos/{owner}/{repo}/issues"
_CHECKS = "/repos/{owner}/{repo}/check-runs"


class Writer:
    """Performs actions on one pull request. Every write is sent once: whether it took effect is never guessed."""

    def __init__(self, client: Client, where: Coordinates) -> None:
        self._client = client
        self._variables: dict[str, str | int] = {"owner": where.owner, "repo": where.name, "number": where.number}

    def perform(self, action: Action) -> Outcome:
        """Do one thing. Raises HostError where GitHub can not be reached, or will wait longer than the run may."""
        try:
            self._do(action)
        except CutError:
            return Outcome.UNSURE
        except RefusedError as error:
            return Outcome.FORBIDDEN if error.status == 403 else Outcome.REFUSED
        except GraphError as error:
            return Outcome.FORBIDDEN if error.has("FORBIDDEN") else Outcome.REFUSED
        return Outcome.DONE

    def _do(self, action: Action) -> None:
        match action:
            case PostReview():
                self._write("POST", f"{_PULL}/reviews", _review(action))
            case Reply(to=to, body=body):
                self._write("POST", f"{_PULL}/comments/{{comment}}/replies", {"body": body}, comment=to)
            case Resolve(thread=thread):
                self._client.mutate(RESOLVE, thread=thread)
            case Reopen(thread=thread):
                self._client.mutate(REOPEN, thread=thread)
            case RemoveInline(remark=remark):
                self._write("DELETE", "/repos/{owner}/{repo}/pulls/comments/{comment}", comment=remark)
            case PostRemark(body=body):
                self._write("POST", f"{_ISSUES}/{{number}}/comments", {"body": body})
            case EditRemark(remark=remark, body=body):
                self._write("PATCH", f"{_ISSUES}/comments/{{comment}}", {"body": body}, comment=remark)
            case RemoveRemark(remark=remark):
                self._write("DELETE", f"{_ISSUES}/comments/{{comment}}", comment=remark)
            case SetCheck():
                self._set_check(action)

    def _set_check(self, check: SetCheck) -> None:
        """A new check run with its first annotations, then the rest: each further request adds 50.

        Never an old one anew, since its annotations would stay; GitHub shows the newest of a name. What it says is marked with
        the last request, so that one that was interrupted is written again.
        """
        first, *rest = batched_annotations(tuple(entry for entry in check.annotations if entry.path.isprintable()))
        mark = external_id("" if rest else check.digest)
        body = {**_check(check), "external_id": mark, "output": _output(check, first)}
        number = str(self._write("POST", _CHECKS, body)["id"])
        for left, batch in zip(range(len(rest) - 1, -1, -1), rest, strict=True):
            more = {"output": _output(check, batch), **({} if left else {"external_id": external_id(check.digest)})}
            self._write("PATCH", f"{_CHECKS}/{{check}}", more, check=number)

    def _write(self, method: str, path: str, data: Mapping[str, Any] | None = None, **more: str) -> Any:  # noqa: ANN401 - JSON
        return self._client.write(method, path, data, **self._variables, **more)


def batched_annotations(annotations: tuple[Annotation, ...]) -> list[tuple[Annotation, ...]]:
    """The annotations in as many pieces as requests are needed; at least one piece."""
    size = ANNOTATIONS_A_REQUEST
    return [annotations[start : start + size] for start in range(0, max(len(annotations), 1), size)]


def _review(review: PostReview) -> dict[str, Any]:
    """https://docs.github.com/en/rest/pulls/reviews#create-a-review-for-a-pull-request; never a pending one."""
    return {
        "commit_id": review.head,
        "event": "COMMENT",
        "body": review.body,
        "comments": [_comment(comment) for comment in review.comments],
    }


def _comment(comment: InlineComment) -> dict[str, Any]:
    place: dict[str, Any] = {"path": comment.path, "line": comment.line, "side": "RIGHT", "body": comment.body}
    if comment.start_line < comment.line:
        place.update(start_line=comment.start_line, start_side="RIGHT")
    return place


def _check(check: SetCheck) -> dict[str, Any]:
    return {"name": CHECK_NAME, "head_sha": check.head, "status": "completed", "conclusion": check.conclusion.value}


def _output(check: SetCheck, annotations: tuple[Annotation, ...]) -> dict[str, Any]:
    """Title and summary are required with every batch."""
    return {
        "title": check.title,
        "summary": check.summary,
        "text": check.text,
        "annotations": [_annotation(entry) for entry in annotations],
    }


def _annotation(entry: Annotation) -> dict[str, Any]:
    return {
        "path": entry.path,
        "start_line": entry.line,
        "end_line": entry.end_line,
        "annotation_level": entry.level,
        "title": entry.title,
        "message": entry.message,
    }

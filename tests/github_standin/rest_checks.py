"""REST: check runs, statuses and code scanning.

https://docs.github.com/en/rest/checks/runs, …/rest/code-scanning
"""

from __future__ import annotations

import base64
import binascii
import gzip
import json
from typing import Any

from github_standin import views
from github_standin.calls import Call, handles
from github_standin.contract import filled
from github_standin.exchange import Answer, RefusalError, invalid, not_found
from github_standin.world import CheckRun, Sarif

_APP_ONLY = "You must authenticate via a GitHub App."
_COLUMNS = ("start_column", "end_column")


def _writes(call: Call) -> None:
    _ = call.login
    if call.token is not None and not call.token.is_integration:
        raise RefusalError(403, _APP_ONLY)
    call.writes("checks")


@handles("checks/create")
def _create(call: Call) -> Answer:
    _writes(call)
    body = call.body
    if not call.hub.git.has(body["head_sha"]):
        raise invalid(message=f"No commit found for SHA: {body['head_sha']}")
    number = call.world.next_id()
    run = CheckRun(
        number,
        f"CR_{number}",
        call.login,
        body["name"],
        body["head_sha"],
        status="queued",
        conclusion=None,
        external_id="",
        title=None,
        summary=None,
        text=None,
        started_at=body.get("started_at", call.hub.stamp()),
        completed_at=None,
    )
    _change(call, run)
    call.world.check_runs.append(run)
    return Answer(201, views.check_run(call.hub, run))


@handles("checks/update")
def _update(call: Call) -> Answer:
    _writes(call)
    run = _found(call)
    if run.app != call.login:
        raise RefusalError(403, "Invalid app_id `1` - check run can only be modified by the GitHub App that created it.")
    _change(call, run)
    return Answer(200, views.check_run(call.hub, run))


def _change(call: Call, run: CheckRun) -> None:
    """Everything is looked at before anything is changed. Annotations are added to those that are there."""
    body = call.body
    output: dict[str, Any] = body.get("output", {})
    annotations: list[dict[str, Any]] = output.get("annotations", [])
    for annotation in annotations:
        _check(annotation)
    if len(output.get("title", "")) > 255:
        raise invalid("Title is too long (maximum is 255 characters)")
    if body.get("conclusion") == "stale":
        raise invalid("Only GitHub can set stale")
    run.annotations.extend(annotations)
    run.status = "completed" if "conclusion" in body else body.get("status", run.status)
    run.conclusion = body.get("conclusion", run.conclusion) if run.status == "completed" else None
    run.completed_at = body.get("completed_at", call.hub.stamp()) if run.status == "completed" else None
    run.name = body.get("name", run.name)
    run.external_id = body.get("external_id", run.external_id)
    run.title = output.get("title", run.title)
    run.summary = output.get("summary", run.summary)
    run.text = output.get("text", run.text)


def _check(annotation: dict[str, Any]) -> None:
    start, end = annotation["start_line"], annotation["end_line"]
    if start < 1 or end < start:
        raise invalid(f"Annotation lines {start} to {end} are no range")
    if start != end and any(name in annotation for name in _COLUMNS):
        raise invalid("Annotation columns need start_line and end_line to be the same line")
    if len(annotation.get("title", "")) > 255:
        raise invalid("Annotation title is too long (maximum is 255 characters)")
    if any(len(annotation.get(name, "").encode()) > 65_536 for name in ("message", "raw_details")):
        raise invalid("Annotation message is too long (maximum is 64 KB)")
    if annotation["path"].startswith(("/", "./")):
        raise invalid("Annotation path must be relative to the root of the repository")


def _found(call: Call) -> CheckRun:
    number = int(call.path["check_run_id"])
    found = next((run for run in call.world.check_runs if run.id == number), None)
    if found is None:
        raise not_found()
    return found


@handles("checks/get")
def _get(call: Call) -> Answer:
    call.reads("checks")
    return Answer(body=views.check_run(call.hub, _found(call)))


@handles("checks/list-annotations")
def _annotations(call: Call) -> Answer:
    call.reads("checks")
    page, headers = call.page(_found(call).annotations)
    return Answer(body=[filled("check-annotation", **annotation) for annotation in page], headers=headers)


@handles("checks/list-for-ref")
def _list(call: Call) -> Answer:
    """Newest first; `filter=latest` (the default) gives one a name and App."""
    call.reads("checks")
    sha, query = call.hub.commit_of(call.path["ref"]), call.request.query
    if sha is None:
        raise invalid(message=f"No commit found for SHA: {call.path['ref']}")
    runs = [run for run in reversed(call.world.check_runs) if run.head_sha == sha]
    runs = [run for run in runs if query.get("check_name", run.name) == run.name]
    if "app_id" in query:
        runs = [run for run in runs if str(views.app_id(call.hub, run.app)) == query["app_id"]]
    if query.get("filter", "latest") == "latest":
        runs = list({(run.name, run.app): run for run in reversed(runs)}.values())[::-1]
    page, headers = call.page(runs)
    listed = [views.check_run(call.hub, run) for run in page]
    return Answer(body={"total_count": len(runs), "check_runs": listed}, headers=headers)


@handles("repos/create-commit-status")
def _status(call: Call) -> Answer:
    call.writes("statuses")
    call.world.statuses.append({"sha": call.path["sha"], **call.body})
    told = {name: call.body.get(name) for name in ("state", "description", "target_url")}
    creator = views.user(call.hub, call.login)
    return Answer(201, filled("status", **told, context=call.body.get("context", "default"), creator=creator))


@handles("code-scanning/upload-sarif")
def _sarif(call: Call) -> Answer:
    call.writes("security_events")
    try:
        document = json.loads(gzip.decompress(base64.b64decode(call.body["sarif"], validate=True)))
    except (ValueError, OSError, EOFError, binascii.Error):
        raise RefusalError(400, "Invalid SARIF. The file must be gzip-compressed and base64-encoded") from None
    sarif = Sarif(f"sarif-{call.world.next_id()}", call.body["commit_sha"], call.body["ref"], document)
    call.world.sarifs.append(sarif)
    return Answer(202, {"id": sarif.id, "url": f"{call.hub.repo_url}/code-scanning/sarifs/{sarif.id}"})

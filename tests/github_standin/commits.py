"""GraphQL's nodes of git and of checks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from github_standin import views
from github_standin.viewing import Node, Viewer, connection

if TYPE_CHECKING:
    from github_standin.world import CheckRun


def ref(viewer: Viewer, name: str) -> Node | None:
    """A branch."""
    sha = viewer.hub.world.refs.get(name)
    return {"id": f"REF_{name}", "name": name, "prefix": "refs/heads/", "target": commit(viewer, sha)} if sha else None


def git_object(viewer: Viewer, expression: str) -> Node | None:
    """`commit`, or `commit:path` for a file."""
    viewer.reads("contents")
    name, colon, path = expression.partition(":")
    sha = viewer.hub.commit_of(name)
    if not colon:
        return commit(viewer, sha) if sha else None
    entry = viewer.hub.git.tree(sha).get(path) if sha else None
    return blob(viewer, entry.blob) if entry else None


def blob(viewer: Viewer, sha: str) -> Node:
    """A file's content: without text if it is binary, cut if it is long."""
    content = viewer.hub.git.blob(sha) or b""
    most, binary = viewer.hub.world.limits.blob_text, b"\0" in content
    return {
        "__typename": "Blob",
        "id": f"B_{sha}",
        "oid": sha,
        "abbreviatedOid": sha[:7],
        "byteSize": len(content),
        "isBinary": binary,
        "isTruncated": len(content) > most,
        "text": None if binary else content[:most].decode("utf-8", "replace"),
    }


def commit(viewer: Viewer, sha: str) -> Node:
    """A commit with its checks."""
    world = viewer.hub.world

    def suites(filterBy: Any = None, **page: Any) -> Node:  # noqa: N803 - the schema's word
        viewer.reads("checks")
        wanted = filterBy or {}
        runs = [run for run in world.check_runs if run.head_sha == sha]
        runs = [run for run in runs if wanted.get("checkName", run.name) == run.name]
        runs = [run for run in runs if wanted.get("appId", number := views.app_id(viewer.hub, run.app)) == number]
        apps = list(dict.fromkeys(run.app for run in runs))
        return connection(apps, lambda app: check_suite(viewer, sha, app))(**page)

    return {
        "__typename": "Commit",
        "id": f"C_{sha}",
        "oid": sha,
        "abbreviatedOid": sha[:7],
        "checkSuites": suites,
        "message": "A commit",
        "messageHeadline": "A commit",
        "url": f"{viewer.hub.site}/{world.full_name}/commit/{sha}",
        "parents": connection(viewer.hub.git.parents(sha), lambda parent: commit(viewer, parent)),
    }


def check_suite(viewer: Viewer, sha: str, app: str) -> Node:
    """What one App checked on a commit."""
    mine = [run for run in viewer.hub.world.check_runs if (run.head_sha, run.app) == (sha, app)]

    def runs(filterBy: Any = None, **page: Any) -> Node:  # noqa: N803 - the schema's word
        wanted = filterBy or {}
        shown = [run for run in mine if wanted.get("checkName", run.name) == run.name]
        shown = [run for run in shown if run.status.upper() in (wanted.get("statuses") or (run.status.upper(),))]
        if wanted.get("checkType") != "ALL":
            shown = list({run.name: run for run in shown}.values())
        return connection(shown, lambda run: check_run(viewer, run))(**page)

    number = viewer.hub.suite_id(mine[0])
    slug = app.removesuffix("[bot]")
    return {
        "__typename": "CheckSuite",
        "id": f"CS_{number}",
        "databaseId": number,
        "app": {"id": f"A_{slug}", "databaseId": views.app_id(viewer.hub, app), "slug": slug, "name": slug},
        "checkRuns": runs,
        "status": mine[-1].status.upper(),
        "conclusion": mine[-1].conclusion.upper() if mine[-1].conclusion else None,
        "commit": lambda: commit(viewer, sha),
    }


def check_run(viewer: Viewer, run: CheckRun) -> Node:
    """A check run."""
    place = f"/{viewer.hub.world.full_name}/runs/{run.id}"
    return {
        "__typename": "CheckRun",
        "id": run.node_id,
        "databaseId": small(run.id),
        "name": run.name,
        "externalId": run.external_id,
        "status": run.status.upper(),
        "conclusion": run.conclusion.upper() if run.conclusion else None,
        "title": run.title,
        "summary": run.summary,
        "text": run.text,
        "startedAt": run.started_at,
        "completedAt": run.completed_at,
        "resourcePath": place,
        "permalink": f"{viewer.hub.site}{place}",
        "url": f"{viewer.hub.site}{place}",
        "detailsUrl": f"{viewer.hub.site}{place}",
    }


def small(number: int) -> int | None:
    """A number as an Int of 32 bits; null where it does not fit."""
    return number if number < 2**31 else None

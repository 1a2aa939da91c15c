"""REST: git objects and file contents, accounts and limits.

https://docs.github.com/en/rest/git, …/rest/repos/contents
"""

from __future__ import annotations

import base64

from github_standin import views
from github_standin.calls import Call, handles
from github_standin.contract import filled
from github_standin.exchange import Answer, RefusalError, forbidden, invalid, not_found
from github_standin.repository import Entry

_RAW = ("application/vnd.github.raw", "application/vnd.github.raw+json", "application/vnd.github.v3.raw")


@handles("git/get-tree")
def _tree(call: Call) -> Answer:
    call.reads("contents")
    commit = call.hub.commit_of(call.path["tree_sha"])
    if commit is None:
        raise not_found()
    entries = call.hub.git.tree(commit)
    if not call.request.query.get("recursive"):
        entries = {path: entry for path, entry in entries.items() if "/" not in path}
    listed = [
        {
            "path": path,
            "mode": entry.mode,
            "type": "commit" if entry.mode == "160000" else "blob",
            "sha": entry.blob,
            "size": entry.size,
            "url": f"{call.hub.repo_url}/git/blobs/{entry.blob}",
        }
        for path, entry in sorted(entries.items())
    ]
    return Answer(
        body=filled("git-tree", sha=commit, url=f"{call.hub.repo_url}/git/trees/{commit}", truncated=False, tree=listed)
    )


@handles("git/get-blob")
def _blob(call: Call) -> Answer:
    call.reads("contents")
    sha = call.path["file_sha"]
    content = call.hub.git.blob(sha)
    if content is None:
        raise not_found()
    if call.request.accept in _RAW:
        return _raw(content)
    address = f"{call.hub.repo_url}/git/blobs/{sha}"
    body = filled("blob", sha=sha, node_id=f"B_{sha}", size=len(content), url=address, encoding="base64")
    return Answer(body=body | {"content": _base64(content)})


@handles("repos/get-content")
def _content(call: Call) -> Answer:
    call.reads("contents")
    ref = call.request.query.get("ref", "main")
    commit = call.hub.commit_of(ref)
    if commit is None:
        raise RefusalError(404, f"No commit found for the ref {ref}")
    path, tree = call.path["path"], call.hub.git.tree(commit)
    if path in tree:
        return _file(call, path, tree[path], ref)
    inside = {name: entry for name, entry in tree.items() if name.startswith(f"{path.rstrip('/')}/")}
    if not inside:
        raise not_found()
    direct = {name: entry for name, entry in inside.items() if "/" not in name[len(path.rstrip("/")) + 1 :]}
    listed = [_entry(call, name, entry, ref) for name, entry in sorted(direct.items())]
    return Answer(body=listed)


def _entry(call: Call, path: str, entry: Entry, ref: str) -> dict[str, object]:
    address = f"{call.hub.repo_url}/contents/{path.replace(' ', '%20')}?ref={ref}"
    return {
        "type": "file",
        "name": path.rpartition("/")[2],
        "path": path,
        "sha": entry.blob,
        "size": entry.size,
        "url": address,
        "git_url": f"{call.hub.repo_url}/git/blobs/{entry.blob}",
        "html_url": None,
        "download_url": None,
        "_links": {"self": address, "git": None, "html": None},
    }


def _file(call: Call, path: str, entry: Entry, ref: str) -> Answer:
    content = call.hub.git.blob(entry.blob) or b""
    if call.request.accept in _RAW:
        return _raw(content)
    small = len(content) <= call.world.limits.content
    told = {"encoding": "base64", "content": _base64(content)} if small else {"encoding": "none", "content": ""}
    return Answer(body=_entry(call, path, entry, ref) | told)


def _raw(content: bytes) -> Answer:
    return Answer(body=content, headers={"content-type": "application/vnd.github.raw+json; charset=utf-8"})


def _base64(content: bytes) -> str:
    return base64.encodebytes(content).decode()


@handles("repos/get-collaborator-permission-level")
def _permission(call: Call) -> Answer:
    _ = call.login
    username = call.path["username"]
    if (username not in call.world.roles and username not in call.world.accounts) or username.endswith("[bot]"):
        raise RefusalError(404, f"{username} is not a user")
    role = call.world.roles.get(username, "none" if call.world.private else "read")
    permission = {"triage": "read", "maintain": "write"}.get(role, role)
    account = views.user(call.hub, username, "collaborator") | {"role_name": role}
    return Answer(body={"permission": permission, "role_name": role, "user": account})


@handles("users/get-authenticated")
def _me(call: Call) -> Answer:
    login = call.login
    if call.token is not None and call.token.is_integration:
        raise forbidden()
    return Answer(body=views.user(call.hub, login, "public-user"))


@handles("rate-limit/get")
def _rate_limit(call: Call) -> Answer:
    resources = {name: call.hub.limit_told(call.token, name) for name in ("core", "graphql")}
    resources["search"] = {"limit": 30, "remaining": 30, "reset": resources["core"]["reset"], "used": 0}
    return Answer(body={"resources": resources, "rate": resources["core"]})


@handles("repos/get")
def _repository(call: Call) -> Answer:
    call.reads("contents", "pull_requests", "issues")
    world, hub = call.world, call.hub
    owner = views.user(hub, world.owner)
    body = filled(
        "full-repository",
        id=1,
        name=world.name,
        full_name=world.full_name,
        private=world.private,
        owner=owner,
        default_branch="main",
        url=hub.repo_url,
        html_url=f"{hub.site}/{world.full_name}",
    )
    return Answer(body=body)


@handles("repos/get-commit")
def _commit(call: Call) -> Answer:
    call.reads("contents")
    sha = call.hub.commit_of(call.path["ref"])
    if sha is None:
        raise invalid(message=f"No commit found for SHA: {call.path['ref']}")
    parents = [{"sha": parent, "url": f"{call.hub.repo_url}/commits/{parent}"} for parent in call.hub.git.parents(sha)]
    return Answer(body=filled("commit", sha=sha, author=None, committer=None, parents=parents))

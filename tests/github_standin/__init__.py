r"""A stand-in for GitHub that enforces GitHub's contract.

Nothing here is GitHub's code; what it holds to is published: every REST request and answer is validated against GitHub's OpenAPI description, every GraphQL query is executed against GitHub's
schema, and what the documentation says is refused is refused (lines outside the diff, bodies too long, a token without the
permission, too many requests). A request that breaks the contract is answered with 500 and stands in `hub.violations`.

In this process, without sockets (0.3 ms a request: for property tests, which can not take fixtures)::

    from github_standin import GitHub, ManualClock, transport

    clock = ManualClock()                                   # time passes when somebody sleeps: clock.sleep, clock.now
    hub = GitHub(clock=clock)                               # one repository, octo/shop, in memory
    pull = hub.open_pull({"app.py": "a\n"}, {"app.py": "a\nb\n"}, author="alice")
    client = httpx2.Client(transport=transport(hub))        # hub.token, hub.api_url, hub.graphql_url
    ...
    hub.check()                                             # no violation

Over sockets, with the fixture `github` (asserts at the end that the contract was kept)::

    def test_it(github: GitHub) -> None:
        github.open_pull({...}, {...})
        environment = {"GITHUB_TOKEN": github.token, "GITHUB_API_URL": github.api_url, "GITHUB_GRAPHQL_URL": github.graphql_url}

or `with serving(GitHub(...)) as hub:`. A real repository: `GitHub(GitRepository(folder))`, then `hub.adopt(head_sha, base=base_sha)`
and `hub.move(sha)` for what was committed with git itself; `open_pull` and `push` work there too. Enterprise Server:
`GitHub(prefix="/api/v3")`. A private repository: `GitHub(private=True)` (reads need permissions).

Tokens: `hub.token` is a GITHUB_TOKEN that may write everything but contents, so it can not resolve; others:
`hub.add_token(workflow_token(contents="write", pull_requests="write"))`, `fork_token()`, `app_token("my-app", checks="write")`,
`user_token("alice")`. What people may: `hub.world.roles["bob"] = "read"`.

What happens meanwhile: `hub.push({path: text or None})`, `force_push`, `rebase`, `push_base`, `merge_base_in`, `retarget`, `convert`,
`close`, `reopen`, `comment(user, text)`, `reply(thread, user, text)`, `remark_on(path, line, user, text)`, `resolve(thread, user)`.
What stands: `hub.open_threads(author)`, `hub.line_of(thread)`, `hub.world` (plain values: threads, reviews, issue_comments,
check_runs, sarifs, …), `hub.log`, `hub.writes`, `with hub.counting() as made: …`.

Faults, appended to `hub.faults`: `cut_before("POST", "/reviews$")`, `cut_after(...)`, `broken(502, ..., after=True)`,
`slowed(429, retry_after=1)`, `meanwhile(call, ...)`; each strikes once unless `times` says more, after `skip` that match.
For GraphQL the pattern is searched in path and query text: `cut_after("POST", "resolveReviewThread")`.
Limits can be lowered: `hub.world.limits.primary = 5`.
"""

from github_standin.exchange import Answer, CutError, Request
from github_standin.faults import Fault, broken, cut_after, cut_before, meanwhile, slowed
from github_standin.ground import Clock, ManualClock
from github_standin.hub import GitHub, LogEntry
from github_standin.repository import GitRepository, MemoryRepository
from github_standin.server import serving, transport
from github_standin.world import ROBOT, Token, app_token, fork_token, user_token, workflow_token

__all__ = [
    "ROBOT",
    "Answer",
    "Clock",
    "CutError",
    "Fault",
    "GitHub",
    "GitRepository",
    "LogEntry",
    "ManualClock",
    "MemoryRepository",
    "Request",
    "Token",
    "app_token",
    "broken",
    "cut_after",
    "cut_before",
    "fork_token",
    "meanwhile",
    "serving",
    "slowed",
    "transport",
    "user_token",
    "workflow_token",
]

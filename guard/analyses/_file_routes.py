"""Functions that a framework calls for a request because of the file they stand in and the name they are exported by.

Next.js `route.ts` (https://nextjs.org/docs/app/api-reference/file-conventions/route), SvelteKit `+server.js`, `+page.server.js` and
`hooks.server.js` (https://svelte.dev/docs/kit/routing), Remix and React Router routes
(https://reactrouter.com/start/framework/route-module), Astro endpoints (https://docs.astro.build/en/guides/endpoints/).
"""

from __future__ import annotations

from guard.facts import Facts, Function, FunctionKind
from guard.regex import regex

_VERBS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "ALL"})
_ROUTES = (
    (regex(r"(?:^|/)app/(?:.*/)?route\.[cm]?[jt]sx?$"), _VERBS),
    (regex(r"(?:^|/)\+server\.[jt]s$"), _VERBS | {"fallback"}),
    (regex(r"(?:^|/)\+(?:page|layout)\.server\.[jt]s$"), frozenset({"load"})),
    (regex(r"(?:^|/)hooks\.server\.[jt]s$"), frozenset({"handle", "handleFetch", "handleError"})),
    (regex(r"(?:^|/)app/routes/.*\.[jt]sx?$"), frozenset({"loader", "action"})),
    (regex(r"(?:^|/)src/pages/.*\.[jt]s$"), _VERBS),
)
_ACTIONS = regex(r"(?:^|/)\+page\.server\.[jt]s$")


def is_route(function: Function, facts: Facts) -> bool:
    """Whether the place of a file and the name of a function of it make it the handler of a request."""
    if facts.language not in {"javascript", "typescript"} or function.kind is FunctionKind.CLASS:
        return False
    if function.name.startswith("actions.") and _ACTIONS.search(facts.path):
        return True
    return function.exported and any(function.name in names and place.search(facts.path) for place, names in _ROUTES)

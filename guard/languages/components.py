"""Components of Vue, Svelte and Astro: the code in them that runs on the server, as TypeScript.

- What stands in a module (`<script>` of Vue without `setup`, `<script module>` of Svelte) is made once for all requests.
- What stands in `<script setup>`, in Svelte's plain script or in Astro's frontmatter runs for each request, in a function `rendered`.
- Functions inside those are called in the browser, and are left out; not so in Astro, whose frontmatter never gets there.

Whether a project renders on a server at all is a matter of roles. https://vuejs.org/guide/scaling-up/ssr.html,
https://svelte.dev/docs/kit/state-management, https://docs.astro.build/en/basics/astro-components/
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from guard.facts import Action, Facts, Function, Span, Use
from guard.languages._component_scripts import EACH, outside, program_of, scripts_of

_LANGUAGE = "typescript"
_EXTENSIONS = (".vue", ".svelte", ".astro")
_ON_THE_SERVER = frozenset({"setup", "data", "created", "beforeCreate", "serverPrefetch", "asyncData", "fetch"})
"""Options of Vue's and Nuxt's components that are called while a page is rendered."""
_CALLED_THERE = frozenset({"useAsyncData", "useLazyAsyncData", "callOnce", "onServerPrefetch", "useState"})
"""Functions whose callbacks are."""
_AT_BUILD_TIME = "getStaticPaths"


def by_name(path: str) -> str | None:
    """The language of a component's scripts, told by its ending."""
    return _LANGUAGE if path.endswith(_EXTENSIONS) else None


def read(path: str, text: str, language: str) -> Facts:
    """The facts of what runs on the server. What does not parse is no error: a component may be written in more than TypeScript."""
    from guard.languages import javascript

    scripts = scripts_of(path, text)
    if not scripts:
        return Facts(path=path, language=language, lines=tuple(text.split("\n")))
    facts = javascript.read(path, program_of(text, scripts), language)
    facts = _only(facts, _kept(facts, everything=path.endswith(".astro")))
    shown = () if path.endswith(".astro") else _shown(facts, outside(text, scripts))
    return replace(facts, lines=tuple(text.split("\n")), broken=(), uses=(*facts.uses, *shown))


def _shown(facts: Facts, markup: str) -> Iterator[Use]:
    """Reads of the module's variables by the markup, once each."""
    for binding in facts.bindings:
        found = re.search(rf"(?<![\w.$-]){re.escape(binding.name)}(?![\w$-])", markup) if not binding.owner else None
        if found:
            line = markup.count("\n", 0, found.start()) + 1
            yield Use(binding.name, "", Action.READ, Span(line, line), EACH)


def _kept(facts: Facts, *, everything: bool) -> frozenset[str]:
    """The functions that run on the server."""
    found = {EACH}
    for function in facts.functions:  # outer ones come first
        inside = function.parent in found and (everything or _is_called_there(function))
        if function.name != _AT_BUILD_TIME and (inside or (not function.parent and function.name in _ON_THE_SERVER)):
            found.add(function.id)
    return frozenset(found)


def _is_called_there(function: Function) -> bool:
    return function.registered is not None and function.registered.name.rsplit(".", 1)[-1] in _CALLED_THERE


def _only(facts: Facts, kept: frozenset[str]) -> Facts:
    """The facts of the module and these functions; the options that a component exports describe it, and keep nothing."""
    scopes = kept | {""}
    return replace(
        facts,
        functions=tuple(one for one in facts.functions if one.id in kept),
        calls=tuple(one for one in facts.calls if one.scope in scopes),
        bindings=tuple(one for one in facts.bindings if one.scope in scopes and not one.name.startswith("exports")),
        uses=tuple(one for one in facts.uses if one.scope in scopes),
        returns=tuple(one for one in facts.returns if one.scope in scopes),
        settings=tuple(one for one in facts.settings if one.scope in scopes),
    )

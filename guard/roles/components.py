"""Where the scripts of Vue's, Svelte's and Astro's components run: on a server only if the project renders pages there.

https://vuejs.org/guide/scaling-up/ssr.html, https://nuxt.com/docs/guide/concepts/rendering, https://svelte.dev/docs/kit/adapters,
https://docs.astro.build/en/guides/on-demand-rendering/
"""

from __future__ import annotations

from guard.facts import Facts
from guard.project import Project
from guard.regex import regex
from guard.roles.values import Decision, Role

_RENDERS_VUE = frozenset(
    {"nuxt", "nuxt3", "nuxt-edge", "@vue/server-renderer", "vue-server-renderer", "vike-vue", "vite-ssr", "@quasar/ssr-helpers"}
)
_NO_SERVER = "@sveltejs/adapter-static"
_ADAPTERS_OF_SVELTE = ("@sveltejs/adapter-", "svelte-adapter-", "svelte-kit-sst", "@jesterkit/exe-sveltekit")
_ADAPTERS_OF_ASTRO = (
    "@astrojs/node",
    "@astrojs/vercel",
    "@astrojs/netlify",
    "@astrojs/cloudflare",
    "@astrojs/deno",
    "@deno/astro-adapter",
    "astro-sst",
    "@nurodev/astro-bun",
)
_BEFOREHAND = regex(r"\bprerender\s*=\s*true\b")
_ON_DEMAND = regex(
    r"\bprerender\s*=\s*false\b|\bAstro\.(?:request|cookies|session|locals|clientAddress|getActionResult|callAction)\b"
)


def in_a_component(facts: Facts, project: Project) -> Decision | None:
    """What a component is for; None for other files."""
    ending = facts.path.rpartition(".")[2]
    match ending:
        case "astro":
            return _astro(facts, project.dependencies)
        case "svelte":
            return _svelte(project.dependencies)
        case "vue":
            return _vue(facts.path, project.dependencies)
        case _:
            return None


def _astro(facts: Facts, packages: frozenset[str]) -> Decision:
    text = "\n".join(facts.lines)
    if not packages.intersection(_ADAPTERS_OF_ASTRO):
        return Decision(Role.BUILD, "the project has no adapter of Astro, so its pages are made when it is built")
    if _BEFOREHAND.search(text) or not _ON_DEMAND.search(text):
        return Decision(Role.BUILD, "nothing in the page asks for a request, so it is made when the site is built")
    return Decision(Role.SERVER, "the page is rendered for each request")


def _svelte(packages: frozenset[str]) -> Decision:
    adapters = {name for name in packages if name.startswith(_ADAPTERS_OF_SVELTE)} - {_NO_SERVER}
    if "@sveltejs/kit" in packages and adapters:
        return Decision(Role.SERVER, "SvelteKit renders the component on a server, too")
    return Decision(Role.BROWSER, "no adapter of SvelteKit renders the component on a server")


def _vue(path: str, packages: frozenset[str]) -> Decision:
    if packages & _RENDERS_VUE and not path.endswith(".client.vue"):
        return Decision(Role.SERVER, "the project renders its components on a server, too")
    return Decision(Role.BROWSER, "nothing in the project renders the component on a server")

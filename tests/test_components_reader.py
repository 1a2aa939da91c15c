"""Readers of code in components and views: what of it counts, and where it stands."""

from __future__ import annotations

import pytest

from guard.facts import Facts
from guard.languages import read
from guard.project import project_from
from guard.roles import Role, role_of


def _read(path: str, text: str) -> Facts:
    facts = read(path, text.encode())
    assert facts is not None
    return facts


VUE = """<template><p>{{ known }}</p></template>

<script lang="ts" setup generic="T extends Map<string, string>">
// what is imported stays outside
import { a } from "./a";
import {
  b,
} from "./b";
const mine = a(b);
function click() {
  gone();
}
</script>
<script>
const known = new Map();
</script>
"""


def test_a_setup_runs_for_each_request_and_its_functions_in_the_browser() -> None:
    """Imports and the plain script are the module's."""
    facts = _read("components/A.vue", VUE)
    assert facts.language == "typescript"
    assert [item.name for item in facts.imports] == ["./a.a", "./b.b"]
    assert [(binding.name, binding.owner, binding.span.line) for binding in facts.bindings] == [
        ("mine", "rendered", 9),
        ("known", "", 15),
    ]
    assert [call.name for call in facts.calls] == ["./a.a", "Map"]
    assert [(use.name, use.span.line) for use in facts.uses] == [("known", 1)]
    assert not facts.broken
    assert facts.lines[8] == "const mine = a(b);"


def test_properties_of_a_svelte_component_are_read() -> None:
    """`export let` stands in a function here, and keeps its column."""
    facts = _read(
        "src/A.svelte",
        "<script>\n  export let data;\n  use(data.id);\n</script>\n<script context='module'>let all = [];</script>\n",
    )
    assert [(binding.name, binding.owner, binding.span.line) for binding in facts.bindings] == [
        ("data", "rendered", 2),
        ("all", "", 5),
    ]
    assert [(call.name, call.span.line, call.span.column) for call in facts.calls] == [("use", 3, 3)]


def test_only_the_frontmatter_of_astro_is_read() -> None:
    """A script tag is for the browser, and paths are made when the site is built."""
    text = "---\nimport fs from 'fs';\nexport async function getStaticPaths() { list(); }\nfs.readFileSync('a');\n---\n<p/>\n<script>browser();</script>\n"
    assert [(call.name, call.span.line) for call in _read("src/pages/a.astro", text).calls] == [("fs.readFileSync", 4)]
    assert _read("src/pages/b.astro", "<p>no frontmatter</p>\n").calls == ()


def test_data_and_foreign_scripts_are_no_code() -> None:
    """JSON for search engines, and scripts that are elsewhere."""
    text = '<script type="application/ld+json">{"a": b()}</script>\n<script src="./x.js"></script>\n<template/>\n'
    assert _read("A.vue", text).calls == ()


def test_a_view_of_erb_keeps_its_lines() -> None:
    """Comments and escaped marks are no code; blocks reach over several marks."""
    text = "<% list.each do |one| %>\n <%# no() %><%% no() %>\n <%= show(one) %>\n<% end -%>\n"
    facts = _read("app/views/a/index.html.erb", text)
    assert facts.language == "ruby"
    assert [(call.name, call.span.line) for call in facts.calls if call.name == "show"] == [("show", 3)]
    assert not any(call.name == "no" for call in facts.calls)
    assert not facts.broken


def test_a_view_of_blade_keeps_its_lines() -> None:
    """Comments, escaped marks and raw text are no code."""
    text = "{{-- no() --}}\n@{{ no() }}\n@verbatim\n{{ no() }}\n@endverbatim\n@php\n  use A\\B;\n  one();\n@endphp\n{{ two() }} {!! three() !!} <?= four() ?>\n"
    facts = _read("resources/views/a.blade.php", text)
    assert facts.language == "php"
    assert [(call.name, call.span.line) for call in facts.calls] == [("one", 8), ("two", 10), ("three", 10), ("four", 10)]
    assert not facts.broken


def test_templates_of_configuration_are_no_views() -> None:
    """They are read as what they become."""
    facts = _read("templates/nginx.conf.erb", "upstream a {\n  ip_hash;\n}\n")
    assert facts.language == "nginx"


@pytest.mark.parametrize(
    ("path", "text", "packages", "role"),
    [
        ("A.vue", "<script>let a = 1</script>", ["nuxt"], Role.SERVER),
        ("A.client.vue", "<script>let a = 1</script>", ["nuxt"], Role.BROWSER),
        ("A.vue", "<script>let a = 1</script>", ["vue", "express"], Role.BROWSER),
        ("A.svelte", "<script>let a = 1</script>", ["@sveltejs/kit", "@sveltejs/adapter-auto"], Role.SERVER),
        ("A.svelte", "<script>let a = 1</script>", ["@sveltejs/kit", "@sveltejs/adapter-static"], Role.BROWSER),
        ("A.svelte", "<script>let a = 1</script>", ["svelte"], Role.BROWSER),
        ("a.astro", "---\nAstro.cookies.get('a');\n---\n", ["astro", "@astrojs/node"], Role.SERVER),
        ("a.astro", "---\nAstro.cookies.get('a');\n---\n", ["astro"], Role.BUILD),
        ("a.astro", "---\nexport const prerender = true;\nAstro.url;\n---\n", ["astro", "@astrojs/node"], Role.BUILD),
    ],
)
def test_where_a_component_runs(path: str, text: str, packages: list[str], role: Role) -> None:
    """On a server only if the project renders pages there."""
    declared = ", ".join(f'"{name}": "^1.0.0"' for name in packages)
    project = project_from({"package.json": f'{{"dependencies": {{{declared}}}}}'})
    assert role_of(_read(path, text), project) is role

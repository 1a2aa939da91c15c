"""Views of Rails (ERB) and Laravel (Blade): the code in them, which runs for each request that is answered with the view.

Read by the readers of Ruby and PHP; what is no code is blank. Directives of Blade (`@if`, `@foreach`) are not looked into.
Templates of configuration files that end in `.erb` are none of these.
"""

from __future__ import annotations

from msgspec.structs import replace

from guard.facts import Facts
from guard.regex import regex

_ERB = regex(
    r"(?:^|/)views/.*\.(?:html|turbo_stream|js|xml|text|json|rss|atom|csv|pdf)(?:\+\w+)?\.erb$|(?:^|/)views/(?:.*/)?\w+\.erb$|\.rhtml$"
)
_BLADE = ".blade.php"


def by_name(path: str) -> str | None:
    """The language of the code in a view, told by the view's place and ending."""
    if path.endswith(_BLADE):
        return "php"
    return "ruby" if path.endswith((".erb", ".rhtml")) and _ERB.search(path) else None


def read(path: str, text: str, language: str) -> Facts:
    """The facts of the code in a view. What does not parse is no error: it is a template, and only its code was looked at."""
    from guard.languages import php, ruby
    from guard.languages._view_code import php_of, ruby_of

    facts = php.read(path, php_of(text), language) if language == "php" else ruby.read(path, ruby_of(text), language)
    return replace(facts, lines=tuple(text.split("\n")), broken=())

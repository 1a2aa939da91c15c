"""The reader of Ruby (https://docs.ruby-lang.org/en/master/syntax_rdoc.html)."""

from __future__ import annotations

from guard.facts import Facts

_LANGUAGE = "ruby"
_EXTENSIONS = (".rb", ".ru", ".rake", ".gemspec")
_NAMES = frozenset({"Rakefile", "Capfile", "Guardfile"})


def by_name(path: str) -> str | None:
    """Ruby by its extension, or by the name that a tool asks for."""
    return _LANGUAGE if path.endswith(_EXTENSIONS) or path.rsplit("/", 1)[-1] in _NAMES else None


def by_content(path: str, text: bytes) -> str | None:
    """Ruby by its `#!` line."""
    del path
    return _LANGUAGE if text.startswith(b"#!") and b"ruby" in text[:200].split(b"\n", 1)[0] else None


def read(path: str, text: str, language: str) -> Facts:
    """The facts of a Ruby file. Never fails: what can not be parsed is listed as broken."""
    from guard.languages._lowered.facts import facts_of
    from guard.languages._ruby_lowering import DIALECT, RubyLowering
    from guard.languages._ruby_masks import masked

    return facts_of(path, text, language, grammar="ruby", lowering=RubyLowering, dialect=DIALECT, masked=masked)

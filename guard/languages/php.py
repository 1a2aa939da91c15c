"""The reader of PHP (https://www.php.net/manual/en/langref.php), and of the PHP in its own templates."""

from __future__ import annotations

from guard.facts import Facts

_LANGUAGE = "php"
_EXTENSIONS = (".php", ".phtml", ".inc", ".php5", ".module")
_TEMPLATES = (".blade.php",)
"""Templates that a framework compiles: what is between their own marks is no PHP yet."""


def by_name(path: str) -> str | None:
    """No name is enough: what ends in `.php` may be a template of something else that PHP fills in."""
    del path
    return None


def by_content(path: str, text: bytes) -> str | None:
    """PHP by its opening tag, in a file of such a name or at the very beginning."""
    if path.endswith(_EXTENSIONS):
        return _LANGUAGE if b"<?" in text and not path.endswith(_TEMPLATES) else None
    first = text[:200].lstrip().split(b"\n", 1)[0]
    return _LANGUAGE if first.startswith(b"<?php") or (first.startswith(b"#!") and b"php" in first) else None


def read(path: str, text: str, language: str) -> Facts:
    """The facts of a PHP file. Never fails: what can not be parsed is listed as broken."""
    from guard.languages._lowered.facts import facts_of
    from guard.languages._php_lowering import DIALECT, PhpLowering
    from guard.languages._php_masks import masked

    return facts_of(path, text, language, grammar="php", lowering=PhpLowering, dialect=DIALECT, masked=masked)

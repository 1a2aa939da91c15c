"""The reader of Java (https://docs.oracle.com/javase/specs/)."""

from __future__ import annotations

from guard.facts import Facts

_LANGUAGE = "java"


def by_name(path: str) -> str | None:
    """Java by its extension."""
    return _LANGUAGE if path.endswith(".java") else None


def read(path: str, text: str, language: str) -> Facts:
    """The facts of a Java file. Never fails: what can not be parsed is listed as broken."""
    from guard.languages._java_lowering import DIALECT, JavaLowering
    from guard.languages._lowered.facts import facts_of

    return facts_of(path, text, language, grammar="java", lowering=JavaLowering, dialect=DIALECT)

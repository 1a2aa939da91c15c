"""The reader of Kotlin (https://kotlinlang.org/spec/)."""

from __future__ import annotations

from guard.facts import Facts

_LANGUAGE = "kotlin"


def by_name(path: str) -> str | None:
    """Kotlin by its extension; build scripts (`.gradle.kts`) serve nobody."""
    return _LANGUAGE if path.endswith((".kt", ".kts")) and not path.endswith(".gradle.kts") else None


def read(path: str, text: str, language: str) -> Facts:
    """The facts of a Kotlin file. Never fails: what can not be parsed is listed as broken."""
    from guard.languages._kotlin_lowering import DIALECT, KotlinLowering
    from guard.languages._kotlin_masks import masked
    from guard.languages._lowered.facts import facts_of

    return facts_of(path, text, language, grammar="kotlin", lowering=KotlinLowering, dialect=DIALECT, masked=masked)

"""The reader of C# (https://learn.microsoft.com/dotnet/csharp/language-reference/)."""

from __future__ import annotations

from guard.facts import Facts

_LANGUAGE = "csharp"


def by_name(path: str) -> str | None:
    """C# by its extension; what designers generate is not read."""
    return _LANGUAGE if path.endswith(".cs") and not path.endswith((".Designer.cs", ".g.cs")) else None


def read(path: str, text: str, language: str) -> Facts:
    """The facts of a C# file. Never fails: what can not be parsed is listed as broken."""
    from guard.languages._csharp_lowering import DIALECT, CsharpLowering
    from guard.languages._csharp_masks import masked
    from guard.languages._lowered.facts import facts_of

    return facts_of(path, text, language, grammar="csharp", lowering=CsharpLowering, dialect=DIALECT, masked=masked)

"""Regular expressions that are compiled when they are first used: a review pays only for those of the languages it meets."""

# ruff: noqa: ANN401 - this stands for what is typed elsewhere: type checkers look there
from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

_METHODS = ("search", "match", "fullmatch", "split", "findall", "finditer", "sub", "subn")

if TYPE_CHECKING:
    regex = re.compile
else:

    class _Pattern:
        """Stands for a compiled pattern, and has its methods from the first use on."""

        def __init__(self, text: Any, flags: int) -> None:
            self._source = (text, flags)

        def __getattr__(self, name: str) -> Any:
            if name.startswith("__"):
                raise AttributeError(name)
            compiled = re.compile(*self._source)
            self.__dict__.update({method: getattr(compiled, method) for method in _METHODS})
            return getattr(compiled, name)

    def regex(text: Any, flags: int = 0) -> Any:
        """As `re.compile`, later."""
        return _Pattern(text, flags)


__all__ = ["regex"]

"""Regular expressions that are compiled when they are first used: a review needs a fifth of those that there are, and an agent waits.

Python keeps compiled modules, but compiles their patterns anew in every process.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import cast


def regex(text: str, flags: int = 0) -> re.Pattern[str]:
    """What `re.compile` gives, with a mistake in it found at its first use."""
    return cast("re.Pattern[str]", _Late(text, flags))


class _Late:
    def __init__(self, text: str, flags: int) -> None:
        self.pattern = text
        self._flags = flags

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self.pattern, self._flags)

    def __getattr__(self, name: str) -> object:
        found = getattr(self._compiled, name)
        setattr(self, name, found)  # the next use finds it at once
        return found

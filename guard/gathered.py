"""What is gathered once a file, or once a side, and asked for often: remembered for a few, and let go when a piece of a change is done."""

from __future__ import annotations

import gc
from collections.abc import Callable
from functools import lru_cache
from typing import ParamSpec, TypeVar, cast

_P = ParamSpec("_P")
_T = TypeVar("_T")
_forgetting: list[Callable[[], None]] = []


def gathered(most: int) -> Callable[[Callable[_P, _T]], Callable[_P, _T]]:
    """Remember what a function of facts gives, for the last few: the memory holds the facts as well."""

    def remembering(function: Callable[_P, _T]) -> Callable[_P, _T]:
        remembered = lru_cache(maxsize=most)(function)
        _forgetting.append(remembered.cache_clear)
        return cast(Callable[_P, _T], remembered)  # the same arguments, which must be hashable

    return remembering


def forget() -> None:
    """Let go of all that was gathered, and of the facts that it was gathered from."""
    for clear in _forgetting:
        clear()
    gc.collect()  # the process collects seldom, since most reviews end before it pays; values that hold each other would wait

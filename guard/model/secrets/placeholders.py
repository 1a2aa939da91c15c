"""What stands for a secret: the same for the same secret, of one length, and with nothing in it that the secret could be guessed from.

Inside, a placeholder holds a digest under a key that this process draws and never writes down. Before a text leaves, digests become
numbers in the order in which they first appear: equal texts give equal bytes on every machine, so that what was paid for once is
found again, and whoever has the text knows which secrets are equal, and nothing else of them.
"""

from __future__ import annotations

import hashlib
import os
from functools import lru_cache

from guard.regex import regex

_ANY = regex(r"\[secret-(?:[0-9a-f]{12}|\d{2,})\]")
_INSIDE = regex(r"\[secret-([0-9a-f]{12})\]")
_NUMBERED = regex(r"\[secret-(\d{2,11})\]")


@lru_cache(maxsize=1)
def _key() -> bytes:
    return os.urandom(32)


def placeholder(secret: str) -> str:
    """What stands for a secret inside this process."""
    digest = hashlib.blake2s(secret.encode("utf-8", "surrogatepass"), key=_key(), digest_size=6)
    return f"[secret-{digest.hexdigest()}]"


def numbered(text: str) -> str:
    """The text as it may leave: placeholders with numbers, in the order of their first appearance; numbers that are there stay."""
    if "[secret-" not in text:
        return text
    taken = {int(found) for found in _NUMBERED.findall(text)}
    names: dict[str, str] = {}
    number = 0
    for digest in _INSIDE.findall(text):
        if digest not in names:
            number += 1
            while number in taken:
                number += 1
            names[digest] = f"[secret-{number:02}]"
    return _INSIDE.sub(lambda found: names[found[1]], text)


def alike(text: str) -> str:
    """The text with all placeholders alike, for comparing quotes: which number a secret has depends on what else was sent."""
    return _ANY.sub("[secret]", text) if "[secret-" in text else text


def is_cut(values: object) -> bool:
    """Whether something was cut out of these values."""
    return _ANY.search(repr(values)) is not None


def is_placeholder(text: str) -> bool:
    """Whether a text is nothing but a placeholder."""
    return _ANY.fullmatch(text) is not None

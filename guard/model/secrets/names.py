"""Which names say that their value is a secret."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from guard.regex import regex

_SURE = r"secret|passw(?:or)?ds?|passwd|(?<![a-z])pwd|(?<![a-z])pw|bind[-_]?pw|passphrase|mnemonic|seed[-_]?phrase|passcode|kennwort|psk|pepper|(?:(?<![a-zA-Z])|(?<=[a-z])(?=P))pass"
_LIKELY = (
    r"token|bearer|credentials?|salt|otp|[-_]pat|(?<![a-z])appid|pin[-_]?code|[-_]auth|^auth|"
    r"(?:secret|api|app|access|account|private|priv|encrypt(?:ion)?|crypt(?:o)?|sign(?:ing)?|master|auth|shared|license|storage|client|hmac|aes|jwt|"
    r"cookie|session|logged[-_]in|nonce|ssh|rsa|deploy|service|pass|ingest)[-_.]?keys?"
)
_END = r"(?:[-_]?(?:key(?:[-_]?base)?|data|id[-_]secret|\d{1,2}|prod(?:uction)?|dev|test|stag(?:e|ing)|live|default|value|base(?:64)?|b64|old|new|plain|string|str)){0,2}$"
_ANY_NAME = regex(f"(?:{_SURE}|{_LIKELY}){_END}", re.IGNORECASE)
_SURE_NAME = regex(f"(?:{_SURE}){_END}", re.IGNORECASE)
_PHRASE = regex(r"passphrase|mnemonic|seed[-_]?phrase|secret[-_]?key", re.IGNORECASE)
_WORD = regex(r"[A-Za-z_$][\w.$-]*")
_HINT = regex(
    r"secret|pass|pwd|pw\b|mnemonic|phrase|pat\b|appid|token|key|cred|psk|pepper|salt|auth|kennwort|otp|pin|bearer",
    re.IGNORECASE,
)
_LONGEST = 120


@lru_cache(maxsize=4096)
def is_secret_name(name: str) -> bool:
    """Whether a name says that its value is a secret."""
    return len(name) <= _LONGEST and _ANY_NAME.search(name) is not None


def is_sure_name(name: str) -> bool:
    """Whether every value of a setting of this name is one; a token or a key may be the name of something that is kept."""
    return _SURE_NAME.search(name) is not None


def may_be_words(name: str) -> bool:
    """Whether what a name holds may be several words."""
    return _PHRASE.search(name) is not None


def names_in(line: str) -> Iterator[tuple[str, int, int]]:
    """The names of secrets in a line: each with where it starts and ends."""
    if _HINT.search(line):
        for word in _WORD.finditer(line):
            name = word[0].rstrip(".-")
            if is_secret_name(name):
                yield name, word.start(), word.start() + len(name)

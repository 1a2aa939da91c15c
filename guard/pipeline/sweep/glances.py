"""What single lines tell by their words alone: where no fact says so, something there may be state. Errs on the side of silence."""

from __future__ import annotations

import re

from guard.regex import regex

_STICKY = regex(
    r"session_?-?affinity|sticky[-_ ]?(?:session|cookie)|stickysession|stickiness|generated_cookie|\bip_hash\b|balance\s+source"
    r"|\bstick[-_ ]table\b|affinity[-_]?cookie|(?:lb|app)_cookie\b",
    re.IGNORECASE,
)
"""How balancers of all kinds call it."""
_PLACES = regex(
    r"(?:media|upload|storage|export|attachment|avatar|download|document|image|data|file)s?[_-]?(?:root|dir|folder|directory|location)\b"
    r"|(?:upload|storage|export|attachment)s?_?path\b",
    re.IGNORECASE,
)
"""Names of folders in which data is kept."""
_HOLDERS = regex(
    r"(?:session|pending|otp|cart|job|task|chat|conversation|room|nonce|challenge|verification|client|connection|user)s?_?(?:map|cache|store|registry|queue|table)\b"
    r"|\bin[-_ ]?memory\b|memory[-_]?(?:store|session|cache|storage)\b",
    re.IGNORECASE,
)
"""Names of what holds state of requests."""
_EMBEDDED = regex(
    r"sqlite|leveldb|\bboltdb\b|\bbbolt\b|\bbadger(?:db)?\b|rocksdb|tinydb|\blowdb\b|\bnedb\b|\bshelve\b|duckdb|\blmdb\b",
    re.IGNORECASE,
)
_LOCKS = regex(r"\bmutex\b|\bsemaphore\b|\b(?:r|rw|async)?locks?\b", re.IGNORECASE)
_ASIDE = regex(r"\s*(?:#|//|/?\*|--|;|<!--|\"\"\"|'''|import\b|from\b|using\b|use\b|require\b|include\b|package\b|export\s+\*)")
"""Lines that state nothing: comments and imports."""
_SWITCHED_OFF = regex(r"[:=]\s*[\"']?(?:none|false|off|disabled|0)[\"']?\s*[,;]?\s*$", re.IGNORECASE)
_MOST_WIDTH = 400
ALL = (_STICKY, _PLACES, _HOLDERS, _EMBEDDED, _LOCKS)


def tells(line: str) -> bool:
    """Whether a line speaks of state."""
    return (
        len(line) <= _MOST_WIDTH
        and not _ASIDE.match(line)
        and not _SWITCHED_OFF.search(line)
        and any(words.search(line) for words in ALL)
    )

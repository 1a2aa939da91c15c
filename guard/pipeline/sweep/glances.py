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
_USUAL = (_STICKY, _PLACES, _HOLDERS, _EMBEDDED, _LOCKS)
_SESSIONS = regex(
    r"(?:\buse|register|plug(?:in)?|install|middlewares?|add_?session\w*|session_?(?:middleware|interface|handler|engine|storage|backend|plugin))"
    r"\s*[(<:=]?.*sessions?",
    re.IGNORECASE,
)
_LIMITS = regex(r"rate_?limit\w*\s*[(:=]|throttl\w+\s*[(:=]", re.IGNORECASE)
_UPLOADS = regex(r"upload\w*\s*[(:=]|multipart|save_?as\b", re.IGNORECASE)
_LATER = regex(r"\b\w*queue\s*:?=|\bnew \w*Queue\(|scheduler\b|background_?tasks?\b", re.IGNORECASE)
_OF_FRAMEWORKS = (_SESSIONS, _LIMITS, _UPLOADS, _LATER)
"""What frameworks are told to keep: of those that the catalogue knows, its rules tell it better."""
ROUTE = regex(
    r"\b(?:get|post|put|delete|patch|route|path|handle|add_route|endpoint)\s*\(\s*[rf]?[\"'`]/[\w:{}<>*/.-]*[\"'`]",
    re.IGNORECASE,
)
"""A path that requests are answered at."""


def tells(line: str, *, unknown: bool = False) -> bool:
    """Whether a line speaks of state; `unknown` says that it may be told to a framework that nobody here knows."""
    if len(line) > _MOST_WIDTH or _ASIDE.match(line) or _SWITCHED_OFF.search(line):
        return False
    return any(words.search(line) for words in ((*_USUAL, *_OF_FRAMEWORKS) if unknown else _USUAL))

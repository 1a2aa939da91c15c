"""Identifiers as words: what a name says of the thing it names. Weak evidence, used only beside stronger."""

from __future__ import annotations

from functools import lru_cache

from guard.regex import regex

_PARTS = regex(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


@lru_cache(maxsize=4096)
def words(name: str) -> frozenset[str]:
    """The words of an identifier, lower case, plurals also as singulars: `activeUserSessions` -> active, user, sessions, session."""
    found = {part.lower() for part in _PARTS.findall(name)}
    singular = {
        word[:-3] + "y" if word.endswith("ies") else word[:-1]
        for word in found
        if word.endswith("s") and len(word) > 3 and not word.endswith("ss")
    }
    return frozenset(found | singular)


PERSON = frozenset(
    "chatid roomid sessionid threadid conversationid channelid guildid playerid session user customer visitor conversation chat thread otp captcha verification nonce cart basket login auth oauth player member account participant sid uid userid"
    " socket connection connected online presence room lobby game message history dialog dialogue agent transport verifier subscriber listener phone peer device owner".split()
)
"""Words for what belongs to one person or conversation."""

WORK = frozenset(
    "job task progress status result queue pending inflight processing running upload download export import batch run attempt limit rate hit count counter visit ban banned"
    " blocked muted mute lock mutex semaphore token revoked blacklist denylist waiting approval request callback event stream vote score lead alert cooldown backoff retry"
    " state last current active processed handled consumed failure failed strike penalty".split()
)
"""Words for what later requests ask about."""

DERIVED = frozenset(
    "cache cached memo memoized memoised compiled loaded template schema registry registered plugin singleton instance pool engine config configuration setting mapping lookup"
    " metric gauge histogram regex pattern font translation locale i18n logger module model pipeline parser handler factory provider driver adapter route strategy command"
    " hook middleware extension converter serializer encoder embedding tokenizer agentpool dispatcher".split()
)
"""Words for what can be made again, or is filled once."""

_LONG_LIVED = regex(
    r"(?:Manager|Service|Store|Storage|Registry|Pool|Server|Hub|Controller|Provider|Gateway|Repository|Cache|Queue|Tracker|Limiter|Bot|Core|Engine|Broker|Coordinator"
    r"|Scheduler|Supervisor|Dispatcher|Monitor|Bridge|Proxy|Handler|App|Application|Backend|Database|DB|Director|Orchestrator|Daemon|Watcher|Room|Lobby|Memory|Middleware|Plugin|API|Router|Bus|Emitter|Channel|Connections|Clients|Sessions|World|Game|Lobby|Monitor|State)\d*$"
)


def long_lived(class_name: str) -> bool:
    """Whether objects of a class with this name usually live as long as the process."""
    return bool(_LONG_LIVED.search(class_name))

"""Whether what stands behind a name, or stands alone, is a secret: not a reference to one, not a word that says what kind it is."""

from __future__ import annotations

import math
from collections import Counter

from guard.model.secrets.placeholders import is_placeholder
from guard.regex import regex

_REFERENCE = regex(
    r"^[{\[]|\$\{|\$\(|\{\{|<[%\w!/]|%\(|%[sdv@]\b|#\{|\$\[\[|@\{|\$[A-Za-z_]\w*$|^\$\w|^%\w+%$|^\{[\w.$:\[\]!-]*\}$|^__\w+__$|^!(?:Ref|Sub|GetAtt|vault)\b"
)
"""A template's, a shell's or a tool's way to say that the value comes from elsewhere."""
_CALL = regex(
    r"^[A-Za-z_$][\w.:>?!-]*[\[(]|^(?:self|this|process\.env|os\.environ|env|var|local|data|module|each|settings|config)\."
)
_WORDS = frozenset(
    "true false null none nil undefined yes no on off string str text password passwd pwd secret token bearer basic digest jwt oauth "
    "oauth2 saml oidc hidden optional required boolean integer number object array char varchar bytes memory file filesystem redis "
    "database session cookie header query body form env vault random generated auto default plain plaintext ssl tls disabled enabled "
    "type input label email username user name key value field credentials access refresh csrf api local global static dynamic "
    "bcrypt argon2 sha1 sha256 sha512 md5 hs256 rs256 es256 never always any all always_ask prompt keychain keyring read write hashed encrypted encoded".split()
)
"""What a setting that is named for a secret holds where it holds none."""
_SETTING_WORD = regex(r"(?:(?:[A-Z]+|[A-Z]?[a-z]+(?:[A-Z][a-z]+)*[A-Z]{0,3}|utf8mb)\d{0,2}|\d+(?:\.\d+)*[A-Za-z%]{0,3})")
_SEPARATOR = regex(r"[-_./:,@ |\\+*~=?&#;()\[\]{}<>]+")
_IDENTIFIER = regex(r"[a-z]+(?:[_-][a-z]+)+|[a-z]+(?:[A-Z][a-z]+)+|(?:[A-Z][a-z]+){2,}|[A-Z]+(?:_[A-Z]+)+")
_CONSTANT = regex(r"[A-Z][A-Z\d]*(?:_[A-Z\d]+)+")
_HEX = regex(r"[0-9a-fA-F]{32,}")
_RANDOM = regex(r"(?=\S*\d)(?=\S*[a-z])[A-Za-z0-9+/_=-]{20,}")
_PARTS = regex(r"[-_/]")
_PART = regex(r"[A-Z]?[a-z]{4,}")


def is_reference(value: str) -> bool:
    """Whether a value says only where the secret is, or is a placeholder already."""
    return is_placeholder(value) or bool(_REFERENCE.search(value))


def is_called(value: str) -> bool:
    """Whether a value without quotes is an expression of a program."""
    return bool(_CALL.search(value))


def is_given(value: str, name: str) -> bool:
    """Whether a literal behind a name that speaks of a secret is one."""
    if len(value) < 3 or is_reference(value) or is_constant(value) or not any(map(str.isalnum, value)):
        return False
    plain = _plain(value)
    return plain not in _WORDS and plain not in _plain(name) and not _is_address_or_path(value)


def is_strong(value: str) -> bool:
    """Whether a literal has more in it than words: nobody would take it for a name."""
    return (any(map(str.isdigit, value)) and any(map(str.isalpha, value))) or (_mixed(value) and not is_identifier(value))


def is_constant(value: str) -> bool:
    """Whether a literal is the name of a setting itself."""
    return _CONSTANT.fullmatch(value) is not None


def is_identifier(value: str) -> bool:
    """Whether a literal is words joined as in a name."""
    return _IDENTIFIER.fullmatch(value) is not None or (
        value.isalpha() and (value.islower() or value.istitle() or value.isupper())
    )


def is_plain_setting(value: str) -> bool:
    """Whether a value of a file of settings can be shown, whatever its name: words, numbers, paths, hosts; nothing that looks drawn."""
    parts = [part for part in _SEPARATOR.split(value) if part]
    return all(_SETTING_WORD.fullmatch(part) and (len(part) <= 20 or not _mixed(part)) for part in parts)


def is_random(value: str) -> bool:
    """Whether a word looks drawn by chance: long, mixed, with few words in it."""
    if _HEX.fullmatch(value):
        return _entropy(value.lower()) > 3.0
    parts = _PARTS.split(value)
    if not _RANDOM.fullmatch(value) or (len(parts) > 3 and max(map(len, parts)) < 14):
        return False
    words = sum(len(word) for word in _PART.findall(value))
    return _entropy(value) > 3.9 and words < len(value) * 0.35


def _plain(text: str) -> str:
    return "".join(character for character in text.lower() if character.isalnum())


def _mixed(value: str) -> bool:
    return (
        sum(
            (any(map(str.islower, value)), any(map(str.isupper, value)), any(not c.isalpha() and c not in "_-." for c in value))
        )
        >= 2
    )


def _is_address_or_path(value: str) -> bool:
    """What has a scheme is looked at as an address, in whose middle a password may stand."""
    return "://" in value or value.startswith(("/", "./", "../", "~/", "@/"))


def _entropy(value: str) -> float:
    """Shannon's, in bits a character."""
    return -sum(number / len(value) * math.log2(number / len(value)) for number in Counter(value).values())

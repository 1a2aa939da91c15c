"""Where, in one line, secrets stand."""

from __future__ import annotations

import re
from collections.abc import Iterator

from guard.model.secrets.kinds import known_in
from guard.model.secrets.values import (
    is_called,
    is_given,
    is_identifier,
    is_plain_setting,
    is_random,
    is_reference,
    is_strong,
)
from guard.regex import regex

Span = tuple[int, int]
_LONGEST = 20_000
"""Characters of a line that are read; the rest of it is never sent."""

_END = (
    r"(?:[-_.]?(?:\d{1,2}|prod(?:uction)?|dev|test|stag(?:e|ing)|live|default|value|base(?:64)?|b64|old|new|plain|string|str))?"
)
NAME = (
    r"[\w.$-]{0,60}?(?:secret(?:[-_.]?(?:access)?[-_.]?key(?:[-_]?base)?)?|passw(?:or)?d|passwd|pwd|passphrase|passcode|pass[-_]?key|kennwort|"
    r"(?:(?<![a-z])|(?<=[a-z])(?=P))pass|token|bearer|credentials?|psk|pepper|salt|"
    r"(?:api|app|access|account|private|priv|encrypt(?:ion)?|crypt(?:o)?|sign(?:ing)?|master|auth|shared|license|storage|primary|secondary|client|hmac|aes|jwt|"
    r"cookie|session|logged[-_]in|nonce|ssh|rsa|deploy|service|function|host|write|admin|integration|ingest)[-_.]?keys?(?:[-_]?(?:data|id[-_]secret))?|"
    r"[-_]auth|(?:account|access)[-_]?sid[-_]?token|otp|pin[-_]?code)" + _END
)
"""A name that ends with what says "this is a secret"."""
_SURE_NAME = regex(r"(?:pass|pwd|secret|kennwort|psk|pepper|bearer).{0,12}$", re.IGNORECASE)
"""Of these every value is one; a token or a key may be the name of something that is kept."""
_SURE_NAME = regex(r"(?:pass|pwd|secret|kennwort|psk|pepper|bearer).{0,12}$", re.IGNORECASE)
"""Of these every value is one; a token or a key may be the name of something that is kept."""
_SECRET_NAME = regex(NAME, re.IGNORECASE)
_TYPE = r"(?::[ ]?[\w.\[\]<>|?, ]{1,40}?)?"
_QUOTED = regex(
    rf"""(?P<name>\b{NAME})(?:["'\]\)}}]|\\")*(?:{_TYPE}[ \t]*(?::=|=>|===?|!==?|=|:|,|->)[ \t]*"""
    r"""|["')\]]*[ \t]*(?:\|\||\?\?|\?:|\bor\b)[ \t]*|["')]*[ \t]*\)?[ \t]*\{[ \t]*|[ \t]+(?:is|as|to|by|value=)?[ \t]*|\()"""
    r"""(?:@|[brufBRUF]{1,2}|\\)?(?P<quote>["'`])(?P<value>(?:\\[^"'`]|(?!(?P=quote))[^\\\n])+?)\\?(?P=quote)""",
    re.IGNORECASE,
)
"""A literal behind such a name: assigned, given, compared, passed, or what is taken where the environment has none."""
_ATTRIBUTE = regex(
    rf"""(?:name|key|id|field)["']?[ ]?[=:][ ]?["'](?P<name>{NAME})["'][ ,]+["']?value["']?[ ]?[=:][ ]?["'](?P<value>[^"'<>]+)["']""",
    re.IGNORECASE,
)
_ELEMENT = regex(rf"<(?P<name>{NAME})(?:\s[^>]*)?>(?P<value>[^<>]+)</", re.IGNORECASE)
_SETTING = regex(
    rf"""^\s*(?:export[ ]|set[ ]|setenv[ ]|ENV[ ]|ARG[ ]|LABEL[ ]|-[ ]|--?[DdeE][ ]?|\*[ ]|\#[ ]?)*["']?(?P<name>{NAME})["']?"""
    r"""(?:[ \t]*(?:=|:=|\?=|:[ \t])[ \t]*|[ \t]+)(?P<value>[^\s"'#,;(){}<>\[\]=:][^\s#,;<>]*(?:[ ]+[^\s#=:,;<>]+)*)[ \t]*(?:[#;].*|\\)?$""",
    re.IGNORECASE,
)
"""A line of settings without quotes."""
_PAIR = regex(rf"""(?<![\w.])(?P<name>{NAME})=(?P<value>[^\s;&"'`<>,)(\]}}|\\]{{3,}})(?P<after>[;&"'`\s]|$)""", re.IGNORECASE)
"""In a connection string, a query, an argument of a command."""
_OPTION = regex(rf"""(?<!\w)--?(?P<name>{NAME})[ =]["']?(?P<value>[^\s"'`\\;|&]{{3,}})""", re.IGNORECASE)
_IN_ADDRESS = regex(
    r"""(?P<scheme>[a-z][\w+.-]*)://(?P<user>[^/\s:@"'`<>]*):(?P<value>[^\s@"'`<>]+)@(?=[\w\[{$%<(-])""", re.IGNORECASE
)
_USER_ALONE = regex(r"""://(?P<value>[A-Za-z0-9_-]{20,})@""")
_HEADER = regex(
    r"""\b(?:Bearer|Basic|Token|ApiKey|Negotiate|AWS4-HMAC-SHA256)[ :]+["']?(?P<value>[\w.~+/=-]{8,})""", re.IGNORECASE
)
_COMMAND = regex(
    r"""(?:\b(?:curl|wget|http)\b.*?\s(?:-u|--user)[ =]?["']?[^\s:"']*:|\b(?:mysql\w*|mariadb\w*)\b.*?\s-p|\bsshpass\b.*?\s-p[ ]?|"""
    r"""\bredis-cli\b.*?\s-a[ ]|\b(?:docker|podman|helm|az|oc)\b.*?\blogin\b.*?\s-p[ ]|^\s*(?:requirepass|masterauth)[ ]+|\bAUTH[ ]+(?=\S*\d)|"""
    r"""\b(?:machine|default)\b.*?\bpassword[ ]+|^\s*password[ ]+(?=\S+\s*$)|\bidentified[ ]+(?:with[ ]+\w+[ ]+)?(?:by|as)[ ]+(?=["']))"""
    r"""["']?(?P<value>[^\s"'`;|&]{3,})""",
    re.IGNORECASE,
)
_LITERAL = regex(r"""["'`](?P<value>[A-Za-z0-9+/_=-]{20,})["'`]""")
_DIGEST = regex(
    r"""sha\d|\bmd5|hash|digest|integrity|checksum|commit|revision|\brev\b|etag|fingerprint|uuid|guid|nonce=|build_?id""",
    re.IGNORECASE,
)
_ENVIRONMENT = regex(r"""^\s*#?\s*(?:export\s+|set\s+)?[\w.-]+\s*=\s*(?P<quote>["']?)(?P<value>.*?)(?P=quote)\s*(?:\s#.*)?$""")
_SCHEME = regex(r"[a-z][\w+.-]*://", re.IGNORECASE)
_HINTS = regex(
    r"secret|pass|pwd|token|key|cred|psk|pepper|salt|auth|kennwort|otp|pin|bearer|basic|login|curl|wget|mysql|maria|redis-cli|identified|://",
    re.IGNORECASE,
)


def secrets_in(line: str, *, settings: bool = False) -> list[Span]:
    """The spans of what is to be hidden, in order and apart. `settings`: the line is of a file in which values need no quotes."""
    line = line[:_LONGEST]
    spans = known_in(line)
    if _HINTS.search(line):
        spans += _in_addresses(line)
        spans += _behind_names(line)
        spans += _unquoted(line, settings=settings)
    if not _DIGEST.search(line):
        spans += [found.span("value") for found in _LITERAL.finditer(line) if is_random(found["value"])]
    return merged(spans)


def setting_in(line: str) -> list[Span]:
    """The value of a line of an environment file, unless it plainly is no secret."""
    found = _ENVIRONMENT.match(line)
    if found is None or is_reference(found["value"]) or is_plain_setting(found["value"]) or not found["value"].strip():
        return []
    return [] if _SCHEME.match(found["value"]) else [found.span("value")]  # an address is looked at as such


def merged(spans: list[Span]) -> list[Span]:
    """Spans in order, those that touch as one."""
    apart: list[Span] = []
    for start, end in sorted(spans):
        if apart and start < apart[-1][1]:
            apart[-1] = (apart[-1][0], max(end, apart[-1][1]))
        elif end > start:
            apart.append((start, end))
    return apart


def _in_addresses(line: str) -> Iterator[Span]:
    for found in _IN_ADDRESS.finditer(line):
        if not is_reference(found["value"]) and "{" not in found["value"]:
            yield found.span("value")
    for found in _USER_ALONE.finditer(line):
        if is_strong(found["value"]):
            yield found.span("value")


def _behind_names(line: str) -> Iterator[Span]:
    for found in _QUOTED.finditer(line):
        value = found["value"]
        if (
            is_given(value, found["name"])
            and not _is_sentence(value)
            and (_SURE_NAME.search(found["name"]) or is_strong(value))
        ):
            yield found.span("value")
    for pattern in (_ATTRIBUTE, _ELEMENT):
        yield from (found.span("value") for found in pattern.finditer(line) if is_given(found["value"], found["name"]))


def _is_sentence(value: str) -> bool:
    """Words for people: a label, a message. A passphrase has no capital at its start and no stop."""
    return " " in value.strip() and not (is_strong(value) and value.count(" ") < 2)


def _unquoted(line: str, *, settings: bool) -> Iterator[Span]:
    found = _SETTING.match(line)
    if found is not None and _bare(found["value"], found["name"], settings=settings):
        yield found.span("value")
    for pair in _PAIR.finditer(line):
        certain = pair["after"] in tuple(";&") or line[pair.start() - 1 : pair.start()] in tuple(";&?")
        if _bare(pair["value"], pair["name"], settings=settings or certain):
            yield pair.span("value")
    for option in _OPTION.finditer(line):
        if _bare(option["value"], option["name"], settings=True):
            yield option.span("value")
    for header in _HEADER.finditer(line):
        if is_strong(header["value"]) and not is_identifier(header["value"]) and not is_called(header["value"]):
            yield header.span("value")
    for command in _COMMAND.finditer(line):
        if is_given(command["value"], "") and not is_called(command["value"]):
            yield command.span("value")


def _bare(value: str, name: str, *, settings: bool) -> bool:
    """Whether a word without quotes is a value: in a program it may be a name or a type."""
    if not is_given(value, name) or is_called(value):
        return False
    if settings:
        return " " not in value or is_strong(value)
    return (
        " " not in value
        and len(value) >= 8
        and is_strong(value)
        and not any(mark in value for mark in "().[]{}$")
        and any(map(str.isdigit, value))
    )

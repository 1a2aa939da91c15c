"""Where, in one line, secrets stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from guard.model.secrets.kinds import known_in
from guard.model.secrets.names import is_sure_name, may_be_words, names_in
from guard.model.secrets.values import (
    is_called,
    is_constant,
    is_given,
    is_identifier,
    is_plain_setting,
    is_random,
    is_reference,
    is_strong,
)
from guard.regex import regex

Span = tuple[int, int]
_WINDOW, _STEP = 3_000, 2_000
"""A longer line is read in pieces that overlap, so that one that somebody made for it can not stop a review."""

_CLOSED = r"(?:[\"'`\])}]|\\\"){0,9}"
_ASSIGNED = r"(?::[ ]?[\w.\[\]<>|?, ]{1,40}?)?[ \t]{0,20}(?::=|=>|===?|!==?|=|:|->)[ \t]{0,20}"
_OTHERWISE = r"[ \t]{0,20}\)?[ \t]{0,20}(?:\|\||\?\?|\?:|\bor\b|\{)[ \t]{0,20}"
"""What is taken where the environment has none."""
_LITERAL = (
    r"(?:@|[brufBRUF]{1,2}|(?:\[\]byte|SecretStr|bytes|String|Buffer\.from|b64decode)?[(\[][ ]?)?"
    r"(?:\\(?P<escaped>[\"'])(?P<inner>[^\\\n]+?)\\(?P=escaped)|(?P<quote>[\"'`])(?P<value>(?:\\.|(?!(?P=quote))[^\\\n])+?)(?P=quote))"
)
"""A text in quotes, or in those that are escaped because they stand in a text themselves."""
_QUOTED = regex(rf"{_CLOSED}(?:{_ASSIGNED}|{_OTHERWISE}|(?<=[\"'])[ ]to[ ]|[\"'][ ,]+[\"']?value[\"']?[ ]?[=:][ ]?){_LITERAL}")
_SAID = regex(r"[ \t]{1,20}(?:(?:is|as|to|by)[ \t]{1,20})?(?P<quote>[\"'])(?P<value>[^\"'\s]+)(?P=quote)")
"""In SQL, and in sentences."""
_PASSED = regex(r"(?:\(|(?:[\"'`]|\\\")[ \t]{0,20},[ \t]{0,20})" + _LITERAL)
"""A literal that a function of this name gets, or that one gets after the name."""
_ELEMENT = regex(r"(?:\s[^>]{0,200})?>(?P<value>[^<>]+)</")
_BEFORE_SETTING = regex(
    r"\s{0,200}(?:(?:export|set|setenv|ENV|ARG|LABEL|SETENV|-|\*|#|;|//)[ ]{1,9}|-[DdeE][ ]?)*[\"'/:.]*",
    re.IGNORECASE,
)
_SETTING = regex(
    r"[\"']?[ \t]{0,20}(?:=|:=|\?=|:[ \t])[ \t]{0,20}(?P<value>[^\s\"'#,;(){}<>\[\]=:][^\s#,;<>]*(?:[ ][^\s#=:,;<>]+){0,9})[ \t]{0,20}(?:[#;].*|\\)?$"
)
_REMARK = regex(r"(?:^|\s)(?:#|//|/\*|<!--|--|\*|;|\\\")")
"""What may begin a comment: behind it people write what they would not write in code."""
_REMARKED = regex(r"[\"'`]?(?:[ ]?[:=]|[ ]is|[ ]was)[ ]{1,3}(?P<value>[^\s\"'`,;<>]{6,})")
_SPACED = regex(r"[ \t]{1,20}(?P<value>[^\s\"'#,;(){}<>\[\]=:][^\s#,;<>]*)[ \t]{0,20}\\?$")
_SPACED_BEFORE = regex(r"(?:^|\s)(?:ENV|ARG|setenv)[ \t]{1,20}$", re.IGNORECASE)
"""Where a blank stands between a name and its value: https://docs.docker.com/reference/dockerfile/#env."""
_PAIR = regex(r"=(?P<value>[^\s;&\"'`<>,)(\]}{|\\]{3,})(?P<after>[;&\"'`\s]|$)")
"""In a connection string, a query, an argument of a command."""
_UNLESS_SET = regex(r":[-=]?(?P<value>[^}\s:\"']{3,})\}")
"""Within ${…}, in a shell, in Compose, in Spring."""
_OPTION = regex(r"[ =][\"']?(?P<value>[^\s\"'`\\;|&-][^\s\"'`\\;|&]{2,})")
_IN_ADDRESS = regex(
    r"[A-Za-z][\w+.-]{0,40}://[^/\s:@\"'`<>]{0,200}:(?P<value>[^\s@\"'`<>]+(?:@[^\s@/\"'`<>,:]+){0,3})@(?=[\w\[{$%<(-])"
)
_USER_ALONE = regex(r"://(?P<value>[A-Za-z0-9_-]{20,})@")
_CALLED = regex(
    r"(?:\bjwt\.(?:sign|encode|verify|decode)\([^,\n]{1,120},|\.login\([\"'][^\"'\n]{0,80}[\"'],|createHmac\([^,\n]{1,40},|\bhmac\.new\(|ConvertTo-SecureString)"
    r"[ ]?b?(?P<quote>[\"'`])(?P<value>[^\"'`\n]+)(?P=quote)"
)
"""What some functions get that take a secret."""
_WRITTEN_SO = regex(
    r"(?:\b[\w-]+:(?P<value>[^\s:@/\"'`]{3,})@(?:tcp|unix)\(|--from-literal=[\w.-]+=(?P<literal>[^\s\"'`]{3,})|\bpass:(?P<option>[^\s\"'`]{3,}))"
)
"""A data source of Go, kubectl's and OpenSSL's ways."""
_HEADER = regex(
    r"\b(?:Bearer|Basic|Token|ApiKey|Negotiate|AWS4-HMAC-SHA256)[ :]+[\"']?(?P<value>[\w.~+/=-]{8,})", re.IGNORECASE
)
_DOTTED = regex(r"[A-Za-z_]\w{0,30}(?:\.[A-Za-z_]\w{0,30}){1,4}")
"""A field of something."""
_COMMAND = regex(
    r"(?:\b(?:curl|wget|http)\b.{0,120}?\s(?:-u|--user)[ =]?[\"']?[^\s:\"']*:|\b(?:mysql\w*|mariadb\w*)\b.{0,120}?\s-p|\bsshpass\b.{0,120}?\s-p[ ]?|"
    r"\bredis-cli\b.{0,120}?\s-a[ ]|\b(?:docker|podman|helm|az|oc)\b.{0,120}?\blogin\b.{0,120}?\s-p[ ]|^\s{0,80}(?:requirepass|masterauth)[ ]{1,9}|\bAUTH[ ]{1,9}(?=\S*\d)|"
    r"\b(?:machine[ ]\S+|default)[ ]+login\b.{0,120}?\bpassword[ ]{1,9}|^\s{0,80}password[ ]{1,9}(?=\S+\s{0,9}$)|\bidentified[ ]{1,9}(?:with[ ]{1,9}\w+[ ]{1,9})?(?:by|as)[ ]{1,9}(?=[\"']))"
    r"[\"']?(?P<value>[^\s\"'`;|&]{3,})",
    re.IGNORECASE,
)
_ALONE = regex(r"[\"'`](?P<value>[A-Za-z0-9+/_=-]{20,})[\"'`]")
_DIGEST = regex(
    r"sha\d|\bsha\b|\bmd5|hash|digest|integrity|checksum|commit|revision|\brev\b|etag|fingerprint|uuid|guid|build_?id",
    re.IGNORECASE,
)
_ENVIRONMENT = regex(r"^\s*#?\s*(?:export\s+|set\s+)?[\w.-]+\s*=\s*(?P<quote>[\"']?)(?P<value>.*?)(?P=quote)\s*(?:\s#.*)?$")
_SCHEME = regex(r"[A-Za-z][\w+.-]*://")
_COMMAND_HINT = regex(r"jwt\.|hmac|SecureString|@tcp|@unix|from-literal|pass:|bearer|basic|token|apikey|negotiate|aws4|curl|wget|http|mysql|mariadb|sshpass|redis-cli|login|requirepass|masterauth|AUTH|password|identified", re.IGNORECASE)  # fmt: skip


def secrets_in(line: str, *, settings: bool = False) -> list[Span]:
    """The spans of what is to be hidden, in order and apart. `settings`: the line is of a file in which values need no quotes."""
    if len(line) > _WINDOW:
        return merged(_in_pieces(line, settings=settings))
    spans = known_in(line)
    if "://" in line:
        spans += _in_addresses(line)
    for name, start, end in names_in(line):
        spans += _behind(line, name, start, end, settings=settings)
    if _COMMAND_HINT.search(line):
        spans += _in_commands(line)
    if not _DIGEST.search(line):
        spans += [found.span("value") for found in _ALONE.finditer(line) if is_random(found["value"])]
    return merged(spans)


def _in_pieces(line: str, *, settings: bool) -> Iterator[Span]:
    for start in range(0, len(line) - _WINDOW + _STEP, _STEP):
        for first, last in secrets_in(line[start : start + _WINDOW], settings=settings):
            yield start + first, start + last


def setting_in(line: str) -> list[Span]:
    """The value of a line of an environment file, unless it plainly is no secret."""
    found = _ENVIRONMENT.match(line)
    if found is None or is_reference(found["value"]) or is_plain_setting(found["value"]):
        return []
    return [] if _SCHEME.match(found["value"]) else [found.span("value")]  # an address is looked at as such


def merged(spans: Iterable[Span]) -> list[Span]:
    """Spans in order, those that overlap as one."""
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


def _behind(line: str, name: str, start: int, end: int, *, settings: bool) -> Iterator[Span]:
    """The value of a name, in whatever way it is given."""
    literal = (
        _QUOTED.match(line, end) or _passed(line, name, start, end) or (_SAID.match(line, end) if is_sure_name(name) else None)
    )
    if literal is not None:
        inner = "inner" if literal.groupdict().get("inner") is not None else "value"
        value, words = literal[inner], may_be_words(name)
        if is_given(value, name) and (words or not _is_sentence(value)) and (is_sure_name(name) or is_strong(value)):
            yield literal.span(inner)
    elif line[start - 1 : start] == "<" and (element := _ELEMENT.match(line, end)) is not None:
        if is_given(element["value"], name):
            yield element.span("value")
    else:
        yield from _bare(line, name, start, end, settings=settings)


def _passed(line: str, name: str, start: int, end: int) -> re.Match[str] | None:
    found = _PASSED.match(line, end)
    if found is None:
        return None
    last = re.split(r"[.$]|->|::", name)[-1].lower()
    if line[end] == "(":
        return found if is_sure_name(name) or last.startswith(("set", "with")) else None
    return found if line[: start - 1].rstrip().endswith("(") and last != "auth" else None


def _is_sentence(value: str) -> bool:
    """Words for people: a label, a message. A passphrase has few words, and something else than letters."""
    return " " in value.strip() and not (is_strong(value) and value.count(" ") < 2)


def _bare(line: str, name: str, start: int, end: int, *, settings: bool) -> Iterator[Span]:
    """A value without quotes: in a program it may be a name or a type."""
    before = line[:start]
    ways: list[tuple[re.Match[str] | None, bool]] = []
    if before.endswith("-"):
        ways.append((_OPTION.match(line, end), True))
    if before.rstrip("_.").endswith("${"):
        ways.append((_UNLESS_SET.match(line, end), True))
    if _BEFORE_SETTING.fullmatch(before):
        ways.append((_SETTING.match(line, end), settings))
    if _SPACED_BEFORE.search(before):
        ways.append((_SPACED.match(line, end), settings))
    if _REMARK.search(before):
        ways.append((_REMARKED.match(line, end), False))
    pair = _PAIR.match(line, end)
    certain = pair is not None and (pair["after"] in {";", "&"} or before[-1:] in {";", "&", "?"} or name.isupper())
    ways.append((pair, settings or certain))
    for found, sure in ways:
        if found is not None and _is_word(found["value"], name, sure=sure):
            yield found.span("value")
            return


def _is_word(value: str, name: str, *, sure: bool) -> bool:
    if not is_given(value, name) or is_called(value):
        return False
    if sure:
        return " " not in value or (is_strong(value) and any(map(str.isdigit, value)) and value.count(" ") < 2)
    return (
        len(value) >= 8 and any(map(str.isdigit, value)) and is_strong(value) and not any(mark in value for mark in " ().[]{}$")
    )


def _in_commands(line: str) -> Iterator[Span]:
    for header in _HEADER.finditer(line):
        value = header["value"]
        if any(map(str.isdigit, value)) and is_strong(value) and not (is_identifier(value) or _DOTTED.fullmatch(value)):
            yield header.span("value")
    for called in _CALLED.finditer(line):
        if is_given(called["value"], "") and not is_constant(called["value"]):
            yield called.span("value")
    for written in _WRITTEN_SO.finditer(line):
        if not is_reference(written[written.lastgroup or "value"]):
            yield written.span(written.lastgroup or "value")
    for command in _COMMAND.finditer(line):
        if is_given(command["value"], "") and not is_called(command["value"]):
            yield command.span("value")

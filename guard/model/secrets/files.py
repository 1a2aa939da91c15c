"""Where, in the lines of one file, secrets stand: also those that take several lines, or are told by the file that they stand in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from guard.model.secrets.lines import Span, merged, secrets_in, setting_in
from guard.model.secrets.names import is_secret_name
from guard.model.secrets.values import is_given, is_reference
from guard.regex import regex

_KEY_FILE = regex(
    r"(?:^|/)(?:id_(?:rsa|dsa|ecdsa|ed25519)[\w-]*|[^/]*\.(?:pem|key|ppk|p12|pfx|jks|keystore|p8|asc|gpg|kdbx|ovpn))$",
    re.IGNORECASE,
)
_ENVIRONMENT_FILE = regex(
    r"(?:^|/)(?:\.env(?:[._-][^/]*)?|[^/]*\.env|\.envrc|\.flaskenv|\.dev\.vars|secrets?\.(?:properties|ini|cfg|txt))$",
    re.IGNORECASE,
)
_SETTINGS_FILE = regex(
    r"(?:^|/)(?:[^/]*\.(?:ya?ml|toml|ini|cfg|cnf|conf|config|properties|tfvars|env[^/]*|sh|bash|zsh|service|container|hcl|nomad|cmd|bat|ps1|http|rest|netrc|"
    r"pgpass|htpasswd|npmrc|pypirc|txt|md|xml)|\.env[^/]*|[^/]*(?:Dockerfile|Containerfile)[^/]*|Makefile|Procfile|\.?(?:netrc|pgpass|npmrc|"
    r"pypirc|htpasswd|my\.cnf|credentials|git-credentials)|config|credentials)$",
    re.IGNORECASE,
)
_PASSWORDS_FILE = regex(r"(?:^|/)\.?(?:pgpass(?:\.conf)?|htpasswd|git-credentials|shadow)$", re.IGNORECASE)
_BEGIN = regex(
    r"-----? ?BEGIN [A-Z0-9 ]*(?:PRIVATE KEY|SECRET KEY|ENCRYPTED MESSAGE)[A-Z0-9 ]* ?-----?|PuTTY-User-Key-File|\"?BEGIN OPENVPN STATIC KEY"
)
_FINISH = regex(r"-----? ?END [A-Z0-9 ]*-----?|^Private-MAC:")
_BODY = regex(r"^(?:\s*\d+ \|)?[\s\"'+`,;#*/|>-]*(?P<body>[A-Za-z0-9+/=]{40,})(?:\\n|\\r)*[\s\"'+`,;\\)]*$")
"""A full line of base64, in whatever stands around it: a program's quotes, a comment's or a diff's mark, a number."""
_BODY_LINE = regex(
    r"^[\s\"'+`,;#*/|>-]*(?:[A-Za-z0-9+/=]{16,}|(?:Proc-Type|DEK-Info|Comment|Version|Hash|Encryption|Public-Lines|Private-Lines): .*)?(?:\\n|\\r)*[\s\"'+`,;\\)]*$"
)
_TIGHT = regex(r"^[\s\"'+`,;#*/|>.-]*(?:[^\s(){}\[\]]*|[\w-]+: .*)[\s\"'+`,;\\).]*$")
_LONGEST_KEY = 200
"""Lines of a key without an end."""
_PENDING = regex(
    r"""(?:\b(?:name|key|Name|Key)["']?\s*[:=]\s*["']?(?P<named>[\w.-]+)["']?\s*,?\s*$|\b(?:variable|secret|parameter)\s+"(?P<declared>[\w.-]+)"|"""
    r"""(?<![\w.-])(?P<open>[\w.-]{1,80})["'\])]{0,3}\s?(?::=|=>|=)\s*\(?\s*$|^\s*["']?(?P<parent>[\w.-]+)["']?\s*:\s*(?P<block>[|>][+-]?\d?)?\s*(?:#.*|\{)?$)"""
)
_VALUE = regex(
    r"""^\s*(?:-\s+)?["']?(?:value|default|defaultValue|secretString|content)["']?\s*[:=]\s*(?P<quote>["']?)(?P<value>[^"'#{}\[\]]+?)(?P=quote)\s*,?\s*$""",
    re.IGNORECASE,
)
_NEXT = regex(r"""^\s*[bruf]{0,2}(?P<quote>["'`])(?P<value>[^"'`\n]+)(?P=quote)""", re.IGNORECASE)
_LONGEST_HEAD = 400
"""Characters of a line that says no more than a name."""
_SOON = 5
"""Lines within which the value of a named setting stands."""
_KIND_SECRET = regex(r"""^["']?kind["']?\s*:\s*["']?Secret\b""")
_DATA = regex(r"^\s*(?:data|stringData)\s*:\s*$")
_ENTRY = regex(r"""^\s+["']?[\w.-]+["']?\s*:\s*(?P<quote>["']?)(?P<value>[^"'].*?)(?P=quote)\s*$""")


def secrets_of(path: str, lines: Sequence[str]) -> dict[int, list[Span]]:
    """The spans of what is to be hidden, by index of the line."""
    found: dict[int, list[Span]] = {}
    settings, environment = bool(_SETTINGS_FILE.search(path)), bool(_ENVIRONMENT_FILE.search(path))
    for index, line in enumerate(lines):
        spans = secrets_in(line, settings=settings or environment)
        if environment:
            spans += setting_in(line)
        if spans:
            found[index] = spans
    for index, span in (*_keys(path, lines), *_named_before(lines), *_of_manifests(lines), *_of_passwords(path, lines)):
        found.setdefault(index, []).append(span)
    return {index: merged(spans) for index, spans in found.items()}


# -- keys -----------------------------------------------------------------------------------------------------------------


def _keys(path: str, lines: Sequence[str]) -> Iterator[tuple[int, Span]]:
    """The bodies of private keys, with or without their first and last lines."""
    if _KEY_FILE.search(path) and not any("CERTIFICATE-----" in line or "PUBLIC KEY" in line for line in lines):
        whole = (
            index for index, line in enumerate(lines) if line.strip() and not _BEGIN.search(line) and not _FINISH.search(line)
        )
        yield from ((index, _content(lines[index])) for index in whole)
    for index, line in enumerate(lines):
        begin = _BEGIN.search(line)
        if begin is not None:
            yield from _on_the_line(index, line, begin.end())
            if _FINISH.search(line, begin.end()) is None:
                yield from _below(index + 1, lines)
    yield from bodies(lines)


def _below(first: int, lines: Sequence[str]) -> Iterator[tuple[int, Span]]:
    """The lines of a key down to its last one; where that is missing, or code stands between, as far as they look like one."""
    last = next((index for index in range(first, min(first + _LONGEST_KEY, len(lines))) if _FINISH.search(lines[index])), None)
    whole = last is not None and all(_TIGHT.match(lines[index]) for index in range(first, last))
    for index in range(first, last if last is not None and whole else len(lines)):
        if not whole and not _BODY_LINE.match(lines[index]):
            return
        if lines[index].strip():
            yield index, _content(lines[index])
    if last is not None and whole:
        yield from _before_the_end(last, lines[last])


def _on_the_line(index: int, line: str, start: int) -> Iterator[tuple[int, Span]]:
    """What follows the first words of a key: all of it, where it is written on one line with escapes."""
    finish = _FINISH.search(line, start)
    end = finish.start() if finish is not None else len(line.rstrip(" \t\"'`,;)+\\"))
    if any(map(str.isalnum, line[start:end].replace("\\n", ""))):
        yield index, (start, end)


def _before_the_end(index: int, line: str) -> Iterator[tuple[int, Span]]:
    finish = _FINISH.search(line)
    start = len(line) - len(line.lstrip())
    if finish is not None and any(map(str.isalnum, line[start : finish.start()])):
        yield index, (start, finish.start())


def bodies(lines: Sequence[str]) -> Iterator[tuple[int, Span]]:
    """The lines of keys whose beginnings are not here."""
    found = [own is not None and _is_base64(own["body"]) for own in map(_BODY.match, lines)]
    for index, is_body in enumerate(found):
        if is_body and (found[index - 1 : index] == [True] or found[index + 1 : index + 2] == [True]):
            own = _BODY.match(lines[index])
            yield index, own.span("body") if own is not None else (0, 0)


def _is_base64(text: str) -> bool:
    return any(map(str.isdigit, text)) and any(map(str.isupper, text)) and any(map(str.islower, text))


def _content(line: str) -> Span:
    """A line without its indentation, and without what a string in a program has around it."""
    stripped = line.rstrip(" \t\r\"'`,;)+\\")
    return len(line) - len(line.lstrip(" \t\"'`+#*>|")), len(stripped)


# -- values that stand away from their names ------------------------------------------------------------------------------


def _named_before(lines: Sequence[str]) -> Iterator[tuple[int, Span]]:
    """Values of settings whose names stand on a line above: variables of containers, of Terraform, of templates; blocks of YAML."""
    for index, line in enumerate(lines):
        told = _PENDING.search(line) if len(line) < _LONGEST_HEAD else None
        name = next(told[way] for way in ("named", "declared", "open", "parent") if told[way]) if told is not None else ""
        if told is None or not is_secret_name(name):
            continue
        if told["block"]:
            yield from ((below, _content(lines[below])) for below in _deeper(lines, index))
            continue
        literal = _NEXT.match(lines[index + 1]) if told["open"] and index + 1 < len(lines) else None
        if literal is not None and is_given(literal["value"], name):
            yield index + 1, literal.span("value")
        for below in range(index + 1, min(index + 1 + _SOON, len(lines))):
            value = _VALUE.match(lines[below])
            if value is not None:
                if is_given(value["value"], name):
                    yield below, value.span("value")
                break


def _deeper(lines: Sequence[str], index: int) -> Iterator[int]:
    """The lines below one that are indented more, blank ones aside."""
    indent = _indent(lines[index])
    for below in range(index + 1, len(lines)):
        if lines[below].strip():
            if _indent(lines[below]) <= indent:
                return
            yield below


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _of_manifests(lines: Sequence[str]) -> Iterator[tuple[int, Span]]:
    """All values of the secrets of Kubernetes: https://kubernetes.io/docs/concepts/configuration/secret/."""
    for first, last in _documents(lines):
        if any(_KIND_SECRET.match(line) for line in lines[first:last]):
            yield from _data(lines, first, last)


def _documents(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    first = 0
    for index, line in enumerate(lines):
        if line.startswith("---"):
            yield first, index
            first = index + 1
    yield first, len(lines)


def _data(lines: Sequence[str], first: int, last: int) -> Iterator[tuple[int, Span]]:
    for index in range(first, last):
        if _DATA.match(lines[index]):
            for below in _deeper(lines[:last], index):
                entry = _ENTRY.match(lines[below])
                if entry is not None and not is_reference(entry["value"]):
                    yield below, entry.span("value")
                elif ":" not in lines[below] and "{{" not in lines[below]:
                    yield below, _content(lines[below])


def _of_passwords(path: str, lines: Sequence[str]) -> Iterator[tuple[int, Span]]:
    """The last field of each line of the files that hold nothing else: https://www.postgresql.org/docs/current/libpq-pgpass.html."""
    if _PASSWORDS_FILE.search(path):
        for index, line in enumerate(lines):
            start = line.rfind(":") + 1
            if start and line[start:].strip() and not line.startswith("#") and "://" not in line:
                yield index, (start, len(line.rstrip()))

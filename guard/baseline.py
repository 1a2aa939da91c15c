"""What stands today and is accepted: read, written and matched as values, so that only new findings count.

A file of one line a finding, sorted, so that two people who change it rarely meet:

    {"version": 1, "findings": [
      {"fingerprint": "…", "rule": "…", "path": "…", "message": "…", "reason": "…"}
    ]}

`fingerprint` names the cause without path and line; one entry hides one finding: in its own file wherever it stands there, in
another file only if it stands in its own no longer. `message` is for people; `reason` may be written by hand and is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from msgspec import Struct, field

from guard.errors import ConfigError
from guard.finding import Finding

FILE_NAME = ".stateless-guard-baseline.json"
VERSION = 1
_REQUIRED = ("fingerprint", "rule", "path")
_KEYS = (*_REQUIRED, "message", "reason")
_MOST_WORDS = 80


class Entry(Struct, frozen=True):
    """One accepted finding. `path` is that of the repository."""

    fingerprint: str
    rule: str
    path: str
    message: str = ""
    reason: str = ""
    origin: str = ""
    """The baseline it stands in, and the line there."""
    line: int = 0


class Cause(Struct, frozen=True):
    """What a finding or a signal is hidden by: its own fingerprint, and those of what is told together with it."""

    path: str
    fingerprint: str
    others: frozenset[str] = frozenset()


class Matching(Struct, frozen=True):
    """Which entry hides what, and which entries hide nothing any more."""

    accepted: Mapping[tuple[str, str], Entry] = field(default_factory=dict)
    """By path and fingerprint of a cause."""
    stale: tuple[Entry, ...] = ()


def entry_of(finding: Finding) -> Entry:
    """The entry that accepts a finding."""
    return Entry(finding.cause or finding.fingerprint, finding.rule, finding.path, _first_words(finding.message))


def _first_words(message: str) -> str:
    text = " ".join(message.split())
    return text if len(text) <= _MOST_WORDS else text[:_MOST_WORDS].rsplit(" ", 1)[0] + " …"


# -- matching ---------------------------------------------------------------------------------------------------------


def match(
    entries: Iterable[Entry], causes: Iterable[Cause], present: Mapping[str, frozenset[str]], gone: Callable[[str], bool]
) -> Matching:
    """Say which causes are accepted. `present` are the fingerprints that stand in each file that was read whole.

    A file that was not read holds what it held, unless it is `gone`.
    """
    entries, causes = tuple(entries), tuple(causes)
    places: dict[str, list[int]] = {}
    for number, entry in enumerate(entries):
        places.setdefault(entry.fingerprint, []).append(number)
    used: set[int] = set()
    accepted: dict[tuple[str, str], Entry] = {}

    def is_free(number: int) -> bool:
        entry = entries[number]
        return entry.fingerprint not in present[entry.path] if entry.path in present else gone(entry.path)

    def take(cause: Cause, numbers: Iterable[int]) -> None:
        number = next((number for number in numbers if number not in used), None)
        if number is not None:
            used.add(number)
            accepted[cause.path, cause.fingerprint] = entries[number]

    for cause in causes:
        take(cause, (number for number in _meaning(cause, places) if entries[number].path == cause.path))
    for cause in causes:
        if (cause.path, cause.fingerprint) not in accepted:
            take(cause, filter(is_free, _meaning(cause, places)))
    return Matching(accepted, tuple(entry for n, entry in enumerate(entries) if n not in used and is_free(n)))


def _meaning(cause: Cause, places: Mapping[str, list[int]]) -> list[int]:
    """The entries about a cause, wherever it stands."""
    names = (cause.fingerprint, *sorted(cause.others - {cause.fingerprint}))
    return [number for name in names for number in places.get(name, ())]


# -- the file ---------------------------------------------------------------------------------------------------------


def read(text: bytes, origin: str, folder: str = "") -> tuple[Entry, ...]:
    """The entries of a baseline for this folder. Raises ConfigError with the line, or the entry, that is wrong."""
    import json

    try:
        document = json.loads(text.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{origin}: not valid JSON: {error}; mend it, or write it anew: {_ANEW}") from None
    if not isinstance(document, dict) or not isinstance(document.get("findings"), list):
        raise ConfigError(f"{origin}: not a baseline, there is no list of 'findings'; write it anew: {_ANEW}")
    if document.get("version") != VERSION:
        raise ConfigError(f"{origin}: version {document.get('version')!r} is not known here, only {VERSION}")
    lines = _lines_of_entries(text.decode("utf-8"))
    return tuple(
        _entry(item, f"{origin}: entry {number}", folder, origin, lines[number - 1] if number <= len(lines) else 0)
        for number, item in enumerate(document["findings"], 1)
    )


_ANEW = "stateless-guard baseline create --force"


def _lines_of_entries(text: str) -> list[int]:
    """The line of each entry, however the file is formatted."""
    import re

    key = re.compile(r'"fingerprint"\s*:')
    return [number for number, line in enumerate(text.split("\n"), 1) for _ in key.finditer(line)]


def _entry(item: object, where: str, folder: str, origin: str, line: int) -> Entry:
    if not isinstance(item, dict):
        raise ConfigError(f"{where}: must be an object, not {item!r}")
    for key, value in item.items():
        if key not in _KEYS:
            raise ConfigError(f"{where}: unknown key {key!r}; known are {', '.join(_KEYS)}")
        if not isinstance(value, str):
            raise ConfigError(f"{where}: {key!r} must be text, not {value!r}")
    missing = next((key for key in _REQUIRED if not item.get(key)), None)
    if missing is not None:
        raise ConfigError(f"{where}: {missing!r} is missing")
    path = f"{folder}/{item['path']}" if folder else item["path"]
    return Entry(**{**item, "path": path}, origin=origin, line=line)


def written(entries: Iterable[Entry], folder: str = "") -> str:
    """The file that holds these entries; the same entries give the same text, in whatever order they come."""
    ordered = sorted(entries, key=lambda entry: (entry.path, entry.rule, entry.fingerprint, entry.reason))
    lines = [f"  {_line(entry, folder)}" for entry in ordered]
    body = ",\n".join(lines)
    return f'{{"version": {VERSION}, "findings": [\n{body}\n]}}\n' if lines else f'{{"version": {VERSION}, "findings": []}}\n'


def _line(entry: Entry, folder: str) -> str:
    import json

    path = entry.path.removeprefix(f"{folder}/") if folder else entry.path
    values = {"fingerprint": entry.fingerprint, "rule": entry.rule, "path": path, "message": entry.message}
    text = json.dumps({**values, "reason": entry.reason} if entry.reason else values, ensure_ascii=False)
    return text.encode("utf-8", "backslashreplace").decode("utf-8")

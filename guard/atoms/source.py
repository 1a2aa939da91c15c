"""An atom as a team writes it, in TOML: a few lines, from which the files of Prime's layout are made."""

from __future__ import annotations

import re

from guard.atoms.writer import RuleSource, compile_rule
from guard.errors import AtomError

_KEYS = ("id", "name", "description", "checks", "label", "domain", "version")
_REQUIRED = ("id", "description", "checks")
_ID = re.compile(r"@[\w.-]+/rule-[\w.-]+")


def compiled_from(text: str, path: str) -> dict[str, str]:
    """The files of the atom, by their paths below a corpus. Raises AtomError."""
    source = _source(text, path)
    return {f"{source.id}/{name}": content for name, content in compile_rule(source).items()}


def _source(text: str, path: str) -> RuleSource:
    import tomllib

    try:
        stated = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise AtomError(f"{path}: not valid TOML: {error}") from None
    for key in stated:
        if key not in _KEYS:
            raise AtomError(f"{path}: {key!r} is no field of an atom; there are {', '.join(_KEYS)}")
    for key in _REQUIRED:
        if not stated.get(key):
            raise AtomError(f"{path}: {key!r} is missing")
    checks = stated.pop("checks")
    if not isinstance(checks, list) or not all(isinstance(check, str) and check.strip() for check in checks):
        raise AtomError(f"{path}: 'checks' must be a list of sentences")
    wrong = next((key for key, value in stated.items() if not isinstance(value, str) or "\n" in value.strip()), None)
    if wrong is not None:
        raise AtomError(f"{path}: {wrong!r} must be a text of one line")
    values = {key: value.strip() for key, value in stated.items()}
    if not _ID.fullmatch(values["id"]):
        raise AtomError(f"{path}: 'id' must look like @team/rule-name, not {values['id']!r}")
    name = values.pop("name", "") or _in_camel_case(values["id"].rsplit("/rule-", 1)[1])
    sentences = tuple(" ".join(check.split()) for check in checks)
    return RuleSource(name=name, checks=sentences, domain=values.pop("domain", "") or values["id"].split("/")[0][1:], **values)


def _in_camel_case(slug: str) -> str:
    return "".join(word[:1].upper() + word[1:] for word in re.split(r"[^A-Za-z0-9]+", slug))

"""Charts of Helm: a template writes what a value switches on, and the two stand in different files.

A block under `{{- if .Values.service.sticky }}` is as good as not there while values.yaml says `sticky: false`
(https://helm.sh/docs/chart_template_guide/control_structures/), and the change that says `true` is the one that counts. Only
switches about the matter itself decide: a whole optional ingress is written to be switched on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from guard.analyses import Wanted
from guard.facts import Constant, Facts, Listing, Mapping, Setting
from guard.finding import Check, Evidence, Place, Signal
from guard.regex import regex

_TEMPLATE = regex(r"^((?:.*/)?)templates/(?:.*/)?[^/]+\.(?:ya?ml|tpl)$")
_VALUES = regex(r"^((?:.*/)?)values\.ya?ml$")
_TAG = regex(r"\{\{-?\s*(if|else\s+if|else|with|range|define|block|end)\b(.*?)-?\}\}")
_PATH = regex(r"\$?\.Values\.([\w.-]+)")
_NOT = regex(r"\s*\(?\s*not\s+\(?\s*(\$?\.Values\.[\w.-]+)\s*\)?\s*\)?\s*")
_EQUALS = regex(r"\s*(?:eq\s+(\$?\.Values\.[\w.-]+)\s+\"([^\"]*)\")\s*")
_ABOUT = {
    Check.STICKY_SESSION: regex(r"stick|affinity|session|cookie", re.IGNORECASE),
    Check.SESSION_STORE: regex(r"session", re.IGNORECASE),
    Check.LOCAL_DISK: regex(r"persist|storage|volume|data|sqlite|upload", re.IGNORECASE),
    Check.MEMORY_CACHE: regex(r"cache|memory", re.IGNORECASE),
}


class _Switch(Struct, frozen=True):
    """A condition around a line: on where what it asks for is as wanted."""

    path: str
    wanted: bool = True
    equal: str | None = None


def is_template(path: str) -> bool:
    """Whether a file is one of a chart's templates."""
    return _TEMPLATE.match(path) is not None


def values_wanted(facts: Facts, lines: frozenset[int], signals: tuple[Signal, ...]) -> Iterator[Wanted]:
    """The values under which a template writes what it is signalled for, and the templates that a changed value may switch."""
    template, values = _TEMPLATE.match(facts.path), _VALUES.match(facts.path)
    if template and any(any(_around(facts, signal.line)) for signal in signals):
        yield Wanted(path=rf"^{re.escape(template[1])}values\.ya?ml$")
    if values:
        touched = [setting.path for setting in facts.settings if setting.span.touches(lines)]
        about = [path for path in touched if any(pattern.search(".".join(path)) for pattern in _ABOUT.values())]
        if about:
            yield Wanted(path=rf"^{re.escape(values[1])}(?:Chart\.ya?ml|templates/.*\.(?:ya?ml|tpl))$")


def as_installed(signal: Signal, facts: Facts, neighbours: tuple[Facts, ...]) -> Signal | None:
    """The signal with the values that switch it on as places of it; None where one switches it off."""
    template = _TEMPLATE.match(signal.path)
    if template is None:
        return signal
    values = next(
        (other for other in neighbours if other.path in {f"{template[1]}values.yaml", f"{template[1]}values.yml"}), None
    )
    switches = [one for one in _around(facts, signal.line) if _ABOUT[Check(signal.check)].search(one.path)] if values else []
    places: list[Setting] = []
    for switch in switches:
        found = _settings(values, switch.path) if values else []
        if _is_on(found, switch.equal) is not switch.wanted:
            return None
        places += found[:1]
    if not places or values is None:
        return signal
    return replace(
        signal,
        evidence=(*signal.evidence, *(Evidence(values.path, one.span.line, "this value switches it on") for one in places[:1])),
        elsewhere=(*signal.elsewhere, *(Place(values.path, one.span.line, one.span.end_line) for one in places)),
    )


def _around(facts: Facts, line: int) -> Iterator[_Switch]:
    """The conditions on values under which a line of a template is written."""
    stack: list[list[_Switch]] = []
    for text in facts.lines[: line - 1]:
        for tag in _TAG.finditer(text) if "{{" in text else ():
            word = " ".join(tag[1].split())
            if word == "end":
                del stack[-1:]
            elif word in {"else", "else if"}:
                if stack:  # of several conditions nobody knows which one failed
                    stack[-1] = [replace(one, wanted=not one.wanted) for one in stack[-1]] if len(stack[-1]) == 1 else []
            else:
                stack.append(list(_switches(tag[2])) if word in {"if", "with"} else [])
    for switches in stack:
        yield from switches


def _switches(expression: str) -> Iterator[_Switch]:
    """What a condition asks of the values; nothing where that is more than can be told."""
    if negated := _NOT.fullmatch(expression):
        yield _Switch(_PATH.sub(r"\1", negated[1]), wanted=False)
    elif equal := _EQUALS.fullmatch(expression):
        yield _Switch(_PATH.sub(r"\1", equal[1]), equal=equal[2])
    elif re.fullmatch(r"\s*(?:and\s+)?(?:\$?\.Values\.[\w.-]+\s*)+", expression):
        yield from (_Switch(path) for path in _PATH.findall(expression))


def _settings(values: Facts, path: str) -> list[Setting]:
    keys = tuple(path.split("."))
    return [setting for setting in values.settings if setting.path[: len(keys)] == keys]


def _is_on(found: list[Setting], equal: str | None) -> bool:
    """Whether a value counts as true: what is not there does not."""
    if equal is not None:
        return any(isinstance(one.value, Constant) and str(one.value.value) == equal for one in found)
    return any(not _is_empty(one) for one in found)


def _is_empty(setting: Setting) -> bool:
    match setting.value:
        case Constant(value=content):
            return content in (None, False, "", 0)
        case Mapping(entries=content) | Listing(items=content):
            return not content
        case _:
            return False

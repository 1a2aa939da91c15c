"""Templates of Ansible's roles: what a variable switches on is as good as not there while the role's defaults say `false`.

    templates/upstream.conf.j2     {% if upstream.sticky_cookie %} sticky cookie srv_id; {% endif %}
    defaults/main.yml              sticky_cookie: false

https://docs.ansible.com/ansible/latest/playbook_guide/playbooks_reuse_roles.html#role-directory-structure. Only switches about the
matter itself decide, by the last part of their names: the variables of a role are often the items of a list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from guard.analyses import Wanted
from guard.facts import Constant, Facts, Listing, Mapping, Setting
from guard.finding import Signal
from guard.regex import regex

_TEMPLATE = regex(r"^((?:.*/)?)templates/(?:.*/)?[^/]+\.(?:j2|jinja2?)$")
_DEFAULTS = r"(?:defaults|vars)/.*\.ya?ml$"
_TAG = regex(r"\{%-?\s*(if|elif|else|endif)\b(.*?)-?%\}")
_SWITCH = regex(
    r"\s*(?:[\w.\[\]'\"]+\.)?(?P<name>\w+)\s*(?:\|\s*(?:bool|default\((?:false|''|omit)(?:,\s*true)?\))\s*)*(?P<defined>is defined)?\s*",
    re.IGNORECASE,
)
_ABOUT = regex(r"stick|affinity|session|cookie|persist|ip_hash|source_ip", re.IGNORECASE)


class _Switch(Struct, frozen=True):
    """A condition around a line, by the last part of the variable's name."""

    name: str
    only_defined: bool


def defaults_wanted(facts: Facts, signals: tuple[Signal, ...]) -> Iterator[Wanted]:
    """The defaults of the role whose template writes something only where a variable about it says so."""
    template = _TEMPLATE.match(facts.path)
    if template and any(any(_around(facts, signal.line)) for signal in signals):
        yield Wanted(path=rf"^{re.escape(template[1])}{_DEFAULTS}")


def is_off_by_default(signal: Signal, facts: Facts, neighbours: tuple[Facts, ...]) -> bool:
    """Whether a variable that the role itself leaves off or undefined decides that nothing is written here."""
    template = _TEMPLATE.match(signal.path)
    switches = list(_around(facts, signal.line)) if template else []
    if template is None or not switches:
        return False
    place = re.compile(rf"^{re.escape(template[1])}{_DEFAULTS}")
    known = [other for other in neighbours if place.match(other.path)]
    return bool(known) and any(_is_off(switch, known) for switch in switches)


def _around(facts: Facts, line: int) -> Iterator[_Switch]:
    """The plain conditions about the matter under which a line of a template is written."""
    stack: list[_Switch | None] = []
    for text in facts.lines[: line - 1]:
        for tag in _TAG.finditer(text) if "{%" in text else ():
            if tag[1] == "if":
                stack.append(_switch(tag[2]))
            elif stack and tag[1] == "endif":
                stack.pop()
            elif stack:
                stack[-1] = None  # another branch: what is on there is not told by this switch
    yield from (switch for switch in stack if switch is not None)


def _switch(expression: str) -> _Switch | None:
    found = _SWITCH.fullmatch(expression)
    return _Switch(found["name"], bool(found["defined"])) if found and _ABOUT.search(found["name"]) else None


def _is_off(switch: _Switch, defaults: list[Facts]) -> bool:
    said = [one for facts in defaults for one in facts.settings if one.path[-1] == switch.name]
    if switch.only_defined:
        return not said
    return bool(said) and all(_is_empty(one) for one in said)


def _is_empty(setting: Setting) -> bool:
    match setting.value:
        case Constant(value=content):
            return content in (None, False, "", 0) or str(content).lower() in {"false", "no", "off"}
        case Mapping(entries=content) | Listing(items=content):
            return not content
        case _:
            return False

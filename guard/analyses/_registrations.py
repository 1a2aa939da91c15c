"""How long the objects live that a container of dependencies makes: what registrations in the same change say.

ASP.NET's own container (https://learn.microsoft.com/aspnet/core/fundamentals/dependency-injection#service-lifetimes), Autofac's
`SingleInstance`, and what is registered in the same words elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from guard.analyses._made_of import parts
from guard.facts import Call, Facts, Name, Value, last_segment
from guard.gathered import gathered
from guard.regex import regex

_ONE = regex(
    r"(?:Try)?Add(?:Keyed|Activated)?Singleton\w*|(?:Try)?AddHostedService|Singleton|SingleInstance|RegisterSingleton|RegisterInstance"
)
_MANY = regex(
    r"(?:Try)?Add(?:Keyed)?(?:Scoped|Transient)\w*|Scoped|Transient|MapHub|AddHttpClient|AddDbContext\w*|InstancePer\w+|RegisterScoped|RegisterTransient|UseMiddleware"
)


def made_once(name: str, files: Iterable[Facts]) -> bool | None:
    """Whether one object of a type serves the whole process: True, False, or None if no registration says so."""
    found = {once for facts in files for once in _registrations(facts).get(name, ())}
    return True in found if found else None


@gathered(most=2048)
def _registrations(facts: Facts) -> dict[str, frozenset[bool]]:
    """The types that a file registers by their own names, and whether for one object. Cached by the identity of the facts."""
    found: dict[str, frozenset[bool]] = {}
    for call in facts.calls:
        last = last_segment(call.name)
        once = _ONE.fullmatch(last) is not None
        if once or _MANY.fullmatch(last):
            for name in _types(call, facts):
                found[name] = found.get(name, frozenset()) | {once}
    return found


def _types(call: Call, facts: Facts) -> set[str]:
    """The types that a registration names: as type arguments, as values, made in place or by a function, or earlier in a chain."""
    found = {one for argument in call.arguments for one in _named(argument.value, call.scope, facts)}
    receiver = call.receiver
    while isinstance(receiver, Call):
        found |= {one for argument in receiver.arguments for one in _named(argument.value, call.scope, facts)}
        receiver = receiver.receiver
    return found


def _named(value: Value, scope: str, facts: Facts) -> Iterator[str]:
    for part in parts(value, scope, facts):
        if isinstance(part, Name | Call):
            yield last_segment(part.path if isinstance(part, Name) else part.name).lstrip("~")

"""Several containers of a Compose service, whose code needs its clients to come back to the same one.

    services:
      chat:
        build: ./chat            # chat/server.js: new Server(http), without an adapter
        deploy:
          replicas: 3

Whether a socket server without an adapter, or a session of a protocol that lives in its process, does harm depends on how many
processes there are; here the number stands in one file and the code that it runs in another
(https://docs.docker.com/reference/compose-file/deploy/#replicas).
"""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import dirname, join, normpath

from msgspec import Struct
from msgspec.structs import replace

from guard.analyses import View, Wanted, holds_here
from guard.analyses._workers import of_workers
from guard.catalogue import Match, Rule, matches
from guard.facts import Constant, Facts, Setting, Span, text_of
from guard.finding import Check, Confidence, Evidence, Signal
from guard.regex import regex
from guard.roles import CODE

ACROSS = True
_COMPOSE = r"(?:^|/)(?:docker-)?(?:compose|stack)[\w.-]*\.ya?ml$"
_IS_COMPOSE = regex(_COMPOSE)
_COUNTS = frozenset({("deploy", "replicas"), ("scale",)})
_BUILT = frozenset({("build",), ("build", "context"), ("build", "dockerfile")})
_SERVERS = ("socket|colyseus|mcp|Mcp|MCP",)
"""Words of which one stands in code that has a rule of this check."""


class _Service(Struct, frozen=True):
    name: str
    count: Span
    folder: str
    """Of the code that it runs, from the root; "" for everything."""


def find(view: View) -> Iterator[Signal]:
    """The number of containers, where the code of a service holds on to its clients."""
    for service in _replicated(view.facts):
        held = [(other, match) for other in view.neighbours for match in _held_in(other, service, view)]
        if held:
            (first, match), served = held[0], [(other, match.span) for other, match in held]
            evidence = (
                Evidence(view.facts.path, service.count.line, f"several containers of {service.name} are run"),
                Evidence(first.path, match.span.line, "the code of each keeps its clients to itself"),
            )
            signal = of_workers(view, match.rule, service.count, f"replicas of {service.name}", served, evidence)
            yield replace(signal, confidence=Confidence.LIKELY)


def asks(view: View, lines: frozenset[int]) -> Iterator[Wanted]:
    """The code of a service that is multiplied, and what multiplies the code that holds on to its clients."""
    for service in _replicated(view.facts):
        if service.count.touches(lines):
            yield Wanted(words=_SERVERS, below=service.folder, endings=(".py", ".js", ".ts", ".mjs", ".cjs", ".mts", ".cts"))
    if any(match.span.touches(lines) for match in _held(view.facts, view)):
        yield Wanted(path=_COMPOSE)


def _held_in(facts: Facts, service: _Service, view: View) -> Iterator[Match]:
    if not service.folder or facts.path.startswith(f"{service.folder}/"):
        yield from _held(facts, view)


def _held(facts: Facts, view: View) -> Iterator[Match]:
    """Where code depends on meeting its clients again: what the catalogue calls so, and no package settles."""
    if facts.language not in CODE:
        return
    rules = [rule for rule in view.catalogue.candidates(facts) if rule.check is Check.STICKY_SESSION]
    open_ones = [rule for rule in rules if holds_here(rule, view.project)]
    yield from matches(open_ones, facts, [other for other in view.neighbours if other is not facts]) if open_ones else ()


def _replicated(facts: Facts) -> Iterator[_Service]:
    """The services of a Compose file that are built from code beside it and run more than once."""
    if facts.language != "yaml" or not _IS_COMPOSE.search(facts.path):
        return
    services: dict[str, dict[tuple[str, ...], Setting]] = {}
    for setting in facts.settings:
        if len(setting.path) > 2 and setting.path[0] == "services":
            services.setdefault(setting.path[1], {})[setting.path[2:]] = setting
    for name, settings in services.items():
        counts = [settings[key] for key in _COUNTS & settings.keys() if _number(settings[key]) > 1]
        if counts and _BUILT & settings.keys():
            yield _Service(name, counts[0].span, _folder(settings, dirname(facts.path)))


def _folder(settings: dict[tuple[str, ...], Setting], beside: str) -> str:
    """Where the code is: in the context, or around a Dockerfile further down."""
    context = _text(settings, ("build",)) or _text(settings, ("build", "context")) or "."
    folder = normpath(join(beside, context, dirname(_text(settings, ("build", "dockerfile")))))
    return "" if folder == "." or folder.startswith("..") else folder


def _text(settings: dict[tuple[str, ...], Setting], key: tuple[str, ...]) -> str:
    return text_of(settings[key].value) if key in settings else ""


def _number(setting: Setting) -> int:
    value = setting.value.value if isinstance(setting.value, Constant) else 0
    return int(value) if isinstance(value, int) or (isinstance(value, str) and value.isdecimal()) else 0


RULES: tuple[Rule, ...] = ()
"""What is reported are the catalogue's own rules, with an open question answered."""

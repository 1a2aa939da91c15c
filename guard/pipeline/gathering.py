"""Unchanged files that are read so that a question can be answered: few, only where a model is asked, out of the change's own source.

What they say never makes a signal. The heuristics have read their own witnesses before; these are for whoever judges.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from guard.analyses import Wanted
from guard.facts import Facts
from guard.finding import CONFIDENCE_ORDER, Confidence, Signal
from guard.modules import IMPORTED_BY_PATH, endings, stem_of
from guard.pipeline.bearing import (
    Surroundings,
    called_as,
    declared_at,
    folders_at,
    functions_of,
    keys_of,
    last,
    made_at,
    mentions,
    names_at,
    programs_at,
    surroundings,
)
from guard.pipeline.heuristics import Observations
from guard.pipeline.witnesses import Site, Witnesses, call_witnesses
from guard.project import Project
from guard.roles import CODE, EXAMINED, role_of

__all__ = ["Site", "gathered_for"]

_MOST_ASKS = 24
_MOST_OF_A_SIGNAL = 6
_SETTINGS = (
    ".json", ".yml", ".yaml", ".toml", ".ini", ".cfg", ".conf", ".properties", ".env", ".example", ".xml", ".config", ".php", ".rb",
)  # fmt: skip
"""How the names of files end that give values to what a program asks for."""
_PROGRAMS = tuple(ending for language in sorted(CODE) for ending in endings(language))
_DEPLOYMENT = (
    r"(?:^|/)(?:docker-compose[\w.-]*\.ya?ml|compose[\w.-]*\.ya?ml|Dockerfile|Procfile|fly\.toml|render\.yaml|app\.yaml)$"
)
_SETTINGS_FILES = (
    r"(?:^|/)(?:appsettings(?:\.\w+)?\.json|application(?:-\w+)?\.(?:ya?ml|properties)|\.env(?:\.\w+)?|settings\.(?:ya?ml|toml)"
    r"|config/(?:\w+\.(?:ya?ml|json|php)|environments/\w+\.rb|initializers/\w+\.rb))$"
)
"""Files by whose names frameworks find their settings, those of development among them: they tell what production does not say."""
_SHORTEST_NAME = 5
_SERVES = "static|StaticFiles|sendFile|download|send_from_directory|send_file|serve|UseStaticFiles|FileServer"


def gathered_for(observations: Observations, site: Site) -> Witnesses:
    """The files that bear on the uncertain signals, beside those that were read already."""
    around = surroundings((*observations.facts, *observations.around.facts))
    uncertain = sorted(
        (signal for signal in observations.signals if signal.confidence is not Confidence.CERTAIN),
        key=lambda signal: CONFIDENCE_ORDER.index(signal.confidence),
    )
    asks = [
        (around.by_path[signal.path], wanted)
        for signal in uncertain
        if signal.path in around.by_path
        for wanted in _of_signal(signal, around)
    ][:_MOST_ASKS]
    if not asks:
        return Witnesses()
    asks.append((asks[0][0], Wanted(path=_DEPLOYMENT)))
    first = call_witnesses(asks, site.change, site.source, _is_told)
    started = [
        (facts, Wanted(name=item.name)) for facts in _programs(uncertain, first, around.by_path) for item in facts.imports
    ]
    second = call_witnesses((ask for ask in started if ask[1].name.startswith(".")), site.change, site.source, _is_told)
    return Witnesses((*first.facts, *second.facts), (*first.limits, *second.limits))


def _is_told(facts: Facts) -> bool:
    """Whether a file can say how a server behaves: neither tests nor pages of a browser do."""
    return facts.language not in CODE or role_of(facts, Project()) in EXAMINED


def _of_signal(signal: Signal, around: Surroundings) -> list[Wanted]:
    """What a signal leaves open: who calls its functions, who uses its names, what its keys are, which program it starts."""
    own = around.by_path[signal.path]
    wanted = [Wanted(path=f"^{re.escape(path)}$") for path in programs_at(signal, own)]
    wanted += [Wanted(words=(name,), endings=_PROGRAMS) for name in names_at(signal, own)]
    if own.language in CODE:
        keys = keys_of(signal, own)[:2]
        wanted += [Wanted(words=(key,), endings=_SETTINGS) for key in keys]
        wanted += [Wanted(path=_SETTINGS_FILES)] if keys else []
        for home, function in functions_of(signal, around):
            wanted += [Wanted(words=words) for name in called_as(home, function) if (words := _words(name, home))]
        made = made_at((line for path, line in mentions(signal, own, around) if path == own.path), own)
        names = dict.fromkeys((*declared_at(signal, own), *made))
        wanted += [Wanted(words=words) for name in names if (words := _words(name, own))]
        wanted += [Wanted(words=(name, _SERVES)) for name in folders_at(signal, own)]
    return list(dict.fromkeys(wanted))[:_MOST_OF_A_SIGNAL]


def _words(name: str, home: Facts) -> tuple[str, ...]:
    """Words that stand together in a file which uses a name of this one; nothing for a name that stands everywhere."""
    word, stem = last(name), stem_of(home.path)
    if not endings(home.language) or len(word) < _SHORTEST_NAME:
        return ()
    if name.startswith("%"):  # hung on an object that others are handed
        return (word,)
    by_path = home.language in IMPORTED_BY_PATH and len(stem) > 1
    return (word, stem) if by_path and stem != word else (word,)


def _programs(signals: Iterable[Signal], found: Witnesses, known: dict[str, Facts]) -> Iterator[Facts]:
    paths = {path for signal in signals if signal.path in known for path in programs_at(signal, known[signal.path])}
    yield from (facts for facts in found.facts if facts.path in paths)

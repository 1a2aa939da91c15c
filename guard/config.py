"""Configuration: text in, checked value out. Nothing is read here: callers pass texts and get settings to hand on.

`[tool.stateless-guard]` of a pyproject.toml, or the whole of a `.stateless-guard.toml`; in one folder the latter wins.
The nearest file above a path decides for it, alone: files are not merged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import lru_cache
from typing import Any, TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from guard import baseline
from guard.errors import ConfigError
from guard.finding import Check, Severity
from guard.regex import regex

MAX_FILE_SIZE = 1_000_000
FILE_NAMES = (".stateless-guard.toml", "pyproject.toml")
NEVER = "never"
MANY, ONE = "many", "one"
SWEEPS = ("off", "auto", "all")
_TABLE = "tool.stateless-guard"
_ROOT_ONLY = ("model", "max-tokens", "max-cost", "deadline", "sweep", "max-file-size", "instances", "catalogue", "atoms")
_T = TypeVar("_T")


class Settings(Struct, frozen=True):
    """What one configuration file asks for, checked. `fail_on` None is "never"."""

    exclude: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    fail_on: Severity | None = Severity.ERROR
    severity: tuple[tuple[str, Severity], ...] = ()
    model: str = ""
    max_file_size: int = MAX_FILE_SIZE
    instances: str = MANY
    """"one" hides what only hurts with several instances; what a restart loses hurts all the same."""
    folder: str = ""
    """The folder the settings are for, "" for the root; excluded paths are relative to it."""
    origin: str = ""
    """The file they come from, "" for the defaults."""
    baseline: str = baseline.FILE_NAME
    """The file of accepted findings, relative to the folder; it need not be there. "" for none."""
    catalogue: tuple[str, ...] = ()
    """Files of a team's own rules, as path patterns."""
    atoms: tuple[str, ...] = ()
    """Folders of a team's own atoms."""
    max_tokens: int | None = None
    max_cost: float | None = None
    deadline: float | None = None
    """What asking a model may take: tokens, US dollars, seconds."""
    sweep: str | None = None
    """How much of the code in which no rule fired a model reads: one of `SWEEPS`, None for the default."""

    def excludes(self, path: str) -> bool:
        """Whether a file is not to be read."""
        inner = path.removeprefix(f"{self.folder}/") if self.folder else path
        return any(_glob(pattern).fullmatch(inner) for pattern in self.exclude)

    def hides(self, rule: str, check: str) -> str:
        """Why findings of this rule are hidden, "" if they are not."""
        ignored = next((name for name in self.ignore if name in (rule, check)), None)
        if ignored is not None:
            return f"{ignored} is ignored"
        if self.instances == ONE and check == Check.STICKY_SESSION:
            return 'instances = "one": it hurts only with several'
        return "" if not self.select or {rule, check}.intersection(self.select) else "not among what is selected"

    def severity_of(self, rule: str, check: str) -> Severity | None:
        """The severity that this file gives a rule, by its own name or else by its check's; None if it says nothing."""
        table = dict(self.severity)
        return table.get(rule, table.get(check))


class Overrides(Struct, frozen=True):
    """What the command line says over every file: `select` replaces, `ignore` adds, the others replace if given."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    fail_on: str = ""
    model: str = ""
    atoms: tuple[str, ...] = ()
    """Atoms to review against as well: folders on this machine, or ids."""

    def applied(self, settings: Settings) -> Settings:
        """The settings as they count."""
        fail_on = settings.fail_on if not self.fail_on else None if self.fail_on == NEVER else Severity(self.fail_on)
        return replace(
            settings,
            select=self.select or settings.select,
            ignore=(*settings.ignore, *self.ignore),
            fail_on=fail_on,
            model=self.model or settings.model,
        )


class OwnAtoms(Struct, frozen=True):
    """A team's own atoms, not yet read: their folders, and the files of these and of the atoms around them by path."""

    folders: tuple[str, ...] = ()
    texts: tuple[tuple[str, str], ...] = ()


class Configuration(Struct, frozen=True):
    """The settings of a whole review: the nearest file above a path decides for it."""

    settings: tuple[Settings, ...] = ()
    overrides: Overrides = field(default_factory=Overrides)
    accepted: tuple[baseline.Entry, ...] = ()
    """What the baselines beside these settings accept."""
    catalogue: tuple[tuple[str, str], ...] = ()
    """The files of a team's own rules: paths and texts."""
    atoms: OwnAtoms = field(default_factory=OwnAtoms)

    def for_path(self, path: str) -> Settings:
        """The settings that count for a file."""
        above = (settings for settings in self.settings if not settings.folder or path.startswith(f"{settings.folder}/"))
        return self.overrides.applied(max(above, key=lambda settings: len(settings.folder), default=Settings()))

    @property
    def root(self) -> Settings:
        """The settings for the repository as a whole."""
        return self.for_path("")

    def excludes(self, path: str) -> bool:
        """Whether a file is not to be read; a baseline quotes findings and has none of its own."""
        if not self.settings:
            return path == baseline.FILE_NAME
        settings = self.for_path(path)
        return settings.excludes(path) or path == baseline_of(settings)

    @property
    def names(self) -> dict[str, str]:
        """Every rule or check that is named, with the file that names it ("" for the command line)."""
        named = dict.fromkeys((*self.overrides.select, *self.overrides.ignore), "")
        for settings in self.settings:
            names = (*settings.select, *settings.ignore, *(name for name, _ in settings.severity))
            named.update(dict.fromkeys(names, settings.origin))
        return named


def configuration(paths: Iterable[str], text_of: Callable[[str], bytes | None], overrides: Overrides) -> Configuration:
    """The configuration for these files; `text_of` reads a file of the same side of the change as they are on."""
    folders = {""}
    for path in paths:
        parts = path.split("/")[:-1]
        folders.update("/".join(parts[:depth]) for depth in range(1, len(parts) + 1))
    found = (_in_folder(folder, text_of) for folder in sorted(folders))
    return Configuration(tuple(settings for settings in found if settings is not None), overrides)


def with_baselines(configuration: Configuration, text_of: Callable[[str], bytes | None]) -> Configuration:
    """The configuration with what the baselines beside its settings accept; a repository without settings has the default one."""
    settings = configuration.settings
    places = settings if any(not entry.folder for entry in settings) else (Settings(), *settings)
    files = {baseline_of(entry): entry.folder for entry in places if entry.baseline}
    texts = ((path, folder, text_of(path)) for path, folder in files.items())
    accepted = (baseline.read(text, path, folder) for path, folder, text in texts if text is not None)
    return replace(configuration, accepted=tuple(entry for entries in accepted for entry in entries))


def baseline_of(settings: Settings) -> str:
    """The path of the baseline that some settings name."""
    return f"{settings.folder}/{settings.baseline}" if settings.folder else settings.baseline


def _in_folder(folder: str, text_of: Callable[[str], bytes | None]) -> Settings | None:
    for name in FILE_NAMES:
        path = f"{folder}/{name}" if folder else name
        text = text_of(path)
        settings = None if text is None else settings_from(text, path, folder)
        if settings is not None:
            return settings
    return None


def settings_from(text: bytes, origin: str, folder: str = "") -> Settings | None:
    """The settings that a file holds; None for a pyproject.toml that has no table of ours. Raises ConfigError."""
    whole_file = not origin.endswith("pyproject.toml")
    if not whole_file and b"stateless-guard" not in text:
        return None
    document = _toml(text, origin)
    if whole_file:
        return _checked(document, origin, folder)
    tools = document.get("tool")
    table = tools.get("stateless-guard") if isinstance(tools, Mapping) else None
    if table is None:
        return None
    return _checked(_expect(dict, table, f"{origin}: [{_TABLE}]", "a table"), origin, folder)


def _toml(text: bytes, origin: str) -> Mapping[str, object]:
    import tomllib

    try:
        return tomllib.loads(text.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{origin}: not valid TOML: {error}") from None


# -- checking ---------------------------------------------------------------------------------------------------------


def _checked(table: Mapping[str, object], origin: str, folder: str) -> Settings:
    unknown = next((key for key in table if key not in _KEYS), None)
    if unknown is not None:
        raise ConfigError(f"{origin}: unknown key {unknown!r}{nearest(unknown, _KEYS)}")
    misplaced = next((key for key in _ROOT_ONLY if folder and key in table), None)
    if misplaced is not None:
        raise ConfigError(f"{origin}: {misplaced!r} counts for a whole review; set it at the root of the repository")
    values: dict[str, Any] = {key.replace("-", "_"): _KEYS[key](value, f"{origin}: {key!r}") for key, value in table.items()}
    return replace(Settings(folder=folder, origin=origin), **values)


def nearest(name: str, names: Collection[str]) -> str:
    """`; did you mean 'x'?`, or the whole of a short list, to end an error's sentence with."""
    import difflib

    close = difflib.get_close_matches(name, list(names), n=1, cutoff=0.5)
    if close:
        return f"; did you mean {str(close[0])!r}?"
    return f"; known are {', '.join(sorted(names))}" if len(names) <= 12 else ""


def _expect(kind: type[_T], value: object, where: str, expected: str) -> _T:
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise ConfigError(f"{where} must be {expected}, not {_told(value)}")
    return value


def _told(value: object) -> str:
    words = {str: "text", bool: "a boolean", int: "a number", float: "a number", list: "a list", dict: "a table"}
    return f"{words.get(type(value), type(value).__name__)} ({value!r})"


def _text(value: object, where: str) -> str:
    return _expect(str, value, where, "text")


def _texts(value: object, where: str) -> tuple[str, ...]:
    expected = "a list of texts"
    return tuple(_expect(str, item, where, expected) for item in _expect(list, value, where, expected))


def _number_of(things: str) -> Callable[[object, str], int]:
    def number(value: object, where: str) -> int:
        found = _expect(int, value, where, f"a number of {things}")
        if found < 1:
            raise ConfigError(f"{where} must be a number of {things} above 0, not {found}")
        return found

    return number


def _amount_of(things: str) -> Callable[[object, str], float]:
    def amount(value: object, where: str) -> float:
        found = float(value) if type(value) is int else _expect(float, value, where, f"a number of {things}")
        if not 0 < found < float("inf"):
            raise ConfigError(f"{where} must be a number of {things} above 0, not {value}")
        return found

    return amount


def _severity(value: object, where: str) -> Severity:
    text = _expect(str, value, where, _one_of(Severity))
    if text not in list(Severity):
        raise ConfigError(f"{where} must be {_one_of(Severity)}, not {text!r}")
    return Severity(text)


def _fail_on(value: object, where: str) -> Severity | None:
    if value == NEVER:
        return None
    if value not in list(Severity):
        raise ConfigError(f"{where} must be {_one_of((*Severity, NEVER))}, not {_told(value)}")
    return Severity(str(value))


def _path_below(value: object, where: str) -> str:
    path = _expect(str, value, where, "a path, relative to this file")
    if path.startswith("/") or "\\" in path or not {"..", "."}.isdisjoint(path.split("/")):
        raise ConfigError(f"{where} must be a path below the folder of this file, with / between its parts, not {path!r}")
    return path


def _paths_below(value: object, where: str) -> tuple[str, ...]:
    return tuple(_path_below(path, where) for path in _texts(value, where))


def _instances(value: object, where: str) -> str:
    if value not in (MANY, ONE):
        raise ConfigError(f"{where} must be {_one_of((MANY, ONE))}, not {_told(value)}")
    return str(value)


def _sweep(value: object, where: str) -> str:
    if value not in SWEEPS:
        raise ConfigError(f"{where} must be {_one_of(SWEEPS)}, not {_told(value)}")
    return str(value)


def _severities(value: object, where: str) -> tuple[tuple[str, Severity], ...]:
    table = _expect(dict, value, where, "a table from rules or checks to severities")
    return tuple((str(name), _severity(word, f"{where}: {name!r}")) for name, word in table.items())


def _one_of(words: Iterable[str]) -> str:
    *most, last = [f'"{word}"' for word in words]
    return f"{', '.join(most)} or {last}"


_KEYS: dict[str, Callable[[object, str], object]] = {
    "exclude": _texts,
    "select": _texts,
    "ignore": _texts,
    "fail-on": _fail_on,
    "severity": _severities,
    "model": _text,
    "max-tokens": _number_of("tokens"),
    "max-cost": _amount_of("US dollars"),
    "deadline": _amount_of("seconds"),
    "sweep": _sweep,
    "max-file-size": _number_of("bytes"),
    "instances": _instances,
    "baseline": _path_below,
    "catalogue": _paths_below,
    "atoms": _paths_below,
}


def refuse_unknown_names(configuration: Configuration, known: Callable[[], Collection[str]]) -> None:
    """Raise ConfigError for a name that is neither a check nor a rule. `known` lists the rules, which takes a while."""
    unsure = {name: origin for name, origin in configuration.names.items() if name not in list(Check)}
    rules = known() if unsure else ()
    for name, origin in unsure.items():
        if name not in rules:
            where = f"{origin}: " if origin else ""
            raise ConfigError(f"{where}{name!r} is neither a check nor a rule{nearest(name, {*rules, *Check})}")


def shown(settings: Settings) -> str:
    """The settings as they would stand in a `.stateless-guard.toml`."""
    from msgspec.structs import fields

    named = {
        entry.name: getattr(settings, entry.name)
        for entry in fields(settings)
        if entry.name not in ("folder", "origin", "severity")
    }
    lines = [
        f"{name.replace('_', '-')} = {_toml_value(value)}"
        for name, value in named.items()
        if value is not None or name == "fail_on"
    ]
    return "\n".join([*lines, *(f'severity.{name} = "{word}"' for name, word in settings.severity)])


def _toml_value(value: object) -> str:
    import json

    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml_value, value))}]"
    return (
        f'"{NEVER}"'
        if value is None
        else str(value)
        if isinstance(value, int | float)
        else json.dumps(str(value), ensure_ascii=False)
    )


# -- patterns ---------------------------------------------------------------------------------------------------------

_PIECES = regex(r"\*\*/|\*\*|\*|\?|[^*?]+")
_WILD = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


@lru_cache(maxsize=256)
def _glob(pattern: str) -> re.Pattern[str]:
    """A path pattern as git's ignore files have it: without a slash it counts in every folder; a folder means what is in it."""
    anchored = "/" in pattern.rstrip("/")
    inner = pattern.removeprefix("./").strip("/")
    body = "".join(_WILD.get(piece) or re.escape(piece) for piece in _PIECES.findall(inner))
    return re.compile(f"{'' if anchored else '(?:.*/)?'}{body}(?:/.*)?", re.DOTALL)

"""The patterns of the catalogue: of dotted names and paths, and of values. Compiled once a pattern.

Names: `*` is one segment (or a part of one), `**` any number of segments. Values: case-insensitive globs, `re:` for a
regular expression, matched against a value written as text; `default:` before either: only as a default or one option.
"""

from __future__ import annotations

import re
from functools import lru_cache

from guard.facts import Call, Choice, Constant, Facts, FunctionValue, Listing, Mapping, Name, Template, Unknown, Value

_ENVIRONMENT_READERS = frozenset(
    {
        "os.environ.get",
        "os.getenv",
        "environ.get",
        "getenv",
        "decouple.config",
        "config",
        "env",
        "env.str",
        "environ.Env()",
        "environs.Env()",
        "ENV.fetch",
    }
)
_ENVIRONMENT_OBJECTS = (
    "environ.Env().",
    "environ.FileAwareEnv().",
    "environs.Env().",
    "starlette.config.Config()",
    "dj_database_url.config",
)
"""What django-environ, environs, Starlette and dj-database-url read the environment with."""
_ONLY_CONVERTS = (".to_sym", ".to_s", ".presence", ".strip", ".downcase")
"""Ends of names of Ruby's methods that give the same in another form."""
_PATH_JOINERS = frozenset({"path.join", "path.resolve", "path.posix.join", "os.path.join", "posixpath.join"})
_DEEP = 3
DEFAULT = "default:"
"""Before a pattern that fits only a default or one option."""


@lru_cache(maxsize=4096)
def name_pattern(pattern: str) -> re.Pattern[str]:
    """A pattern over dotted names: `*` stays within a segment, a leading or trailing `**` may stand for nothing."""
    return re.compile(_as_expression(pattern), re.DOTALL)


def _as_expression(pattern: str) -> str:
    table = {"**.": r"(?:.*\.)?", ".**": r"(?:\..*)?", "**": r".*", "*": r"[^.]*"}
    pieces = re.split(r"(\*\*\.|\.\*\*|\*\*|\*)", pattern)
    return "".join(table.get(piece) or re.escape(piece) for piece in pieces)


@lru_cache(maxsize=4096)
def value_pattern(pattern: str) -> re.Pattern[str]:
    """A pattern over values as text: a case-insensitive glob, or a regular expression after `re:`."""
    if pattern.startswith("re:"):
        return re.compile(pattern[3:], re.IGNORECASE | re.DOTALL)
    glob = "".join({"*": ".*", "?": "."}.get(character) or re.escape(character) for character in pattern)
    return re.compile(glob, re.IGNORECASE | re.DOTALL)


def occurs(patterns: tuple[str, ...], lines: tuple[str, ...]) -> bool:
    """Whether one of the regular expressions is found in one of the lines."""
    found = _line_pattern(patterns)
    return any(found.search(line) for line in lines)


@lru_cache(maxsize=64)
def _line_pattern(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


def path_matches(path: str, globs: tuple[str, ...]) -> bool:
    """Whether a file path fits one of the globs; `**/` may stand for nothing."""
    return any(_path_pattern(glob).fullmatch(path) for glob in globs)


@lru_cache(maxsize=512)
def _path_pattern(glob: str) -> re.Pattern[str]:
    pieces = re.split(r"(\*\*/|\*\*|\*|\?)", glob)
    table = {"**/": r"(?:.*/)?", "**": r".*", "*": r"[^/]*", "?": r"[^/]"}
    return re.compile("".join(table.get(piece) or re.escape(piece) for piece in pieces))


def name_fits(name: str, patterns: tuple[str, ...]) -> bool:
    """Whether a dotted name fits one of the patterns."""
    plain, rest = _names(patterns)
    return name in plain or (rest is not None and rest.fullmatch(name) is not None)


@lru_cache(maxsize=4096)
def _names(patterns: tuple[str, ...]) -> tuple[frozenset[str], re.Pattern[str] | None]:
    """The patterns that are names, and the others as one: a file has many names, and a rule many patterns."""
    open_ones = "|".join(f"(?:{_as_expression(pattern)})" for pattern in patterns if "*" in pattern)
    plain = frozenset(pattern for pattern in patterns if "*" not in pattern)
    return plain, re.compile(open_ones, re.DOTALL) if open_ones else None


def text_of(value: Value, depth: int = 0) -> str:
    """A value as the text that value patterns see."""
    match value:
        case Constant(value=None):
            return "null"
        case Constant(value=bool(content)):
            return "true" if content else "false"
        case Constant(value=content):
            return str(content)
        case Name(path):
            return path
        case Call():
            return _call_text(value, depth)
        case Template(parts):
            return "".join(text_of(part, depth + 1) if isinstance(part, Constant) else "${}" for part in parts)
        case Mapping(entries):
            return "{…}" if entries else "{}"
        case Listing(items):
            return "[" + ", ".join(text_of(item, depth + 1) for item in items[:20]) + "]" if depth < _DEEP else "[…]"
        case Choice(options):
            return " | ".join(text_of(option, depth + 1) for option in options)
        case FunctionValue():
            return "function"
        case Unknown(text):
            return text


def _call_text(call: Call, depth: int) -> str:
    """Joined paths and formatted texts as what they give, other calls by their name."""
    if depth < _DEEP and call.name in _PATH_JOINERS:
        return "/".join(text_of(argument.value, depth + 1) for argument in call.arguments)
    if depth < _DEEP and call.receiver is not None and call.name.endswith(".format"):
        return text_of(call.receiver, depth + 1)
    return f"{call.name}(…)"


def _reads_environment(call: Call) -> bool:
    name = call.name.lstrip("~%")
    return name in _ENVIRONMENT_READERS or name.startswith(_ENVIRONMENT_OBJECTS) or name.endswith((".getenv", ".environ.get"))


def value_fits(value: Value, patterns: tuple[str, ...], facts: Facts, scope: str) -> bool | None:
    """True if the value surely fits one of the patterns, False if only a default or one option does, None if nothing does.

    Names are followed. A pattern after `default:` fits only what is a default or one option, and that surely: it is for rules
    about what happens when nobody sets anything.
    """
    ordinary = tuple(pattern for pattern in patterns if not pattern.startswith(DEFAULT))
    fit = _fit(value, ordinary, facts, scope, 0)
    if fit or len(ordinary) == len(patterns):
        return fit
    defaults = tuple(pattern.removeprefix(DEFAULT) for pattern in patterns if pattern.startswith(DEFAULT))
    return True if _fit(value, defaults, facts, scope, 0) is False else fit


def _fit(value: Value, patterns: tuple[str, ...], facts: Facts, scope: str, depth: int) -> bool | None:
    resolved = facts.resolve(value, scope) or value
    options = resolved.options if isinstance(resolved, Choice) else _bound_in_production(resolved, facts, scope)
    if options and depth < _DEEP:
        return _fit_of_options([_fit(option, patterns, facts, scope, depth + 1) for option in options])
    text = text_of(resolved)
    if any(value_pattern(pattern).fullmatch(text) for pattern in patterns):
        return True
    default = _default_of(resolved) if depth < _DEEP else None
    return False if default is not None and _fit(default, patterns, facts, scope, depth + 1) is not None else None


def _bound_in_production(name: Value, facts: Facts, scope: str) -> tuple[Value, ...]:
    """What a name with several bindings may be, apart from those that only development or tests see."""
    bounds = facts.alternatives(name, scope)
    if not bounds:
        return ()
    from guard.catalogue.development import is_for_development  # its many patterns: only where a name is bound twice

    return tuple(bound.value for bound in bounds if not is_for_development(facts, bound.span.line))


def _fit_of_options(fits: list[bool | None]) -> bool | None:
    if all(fits):
        return True
    return None if all(fit is None for fit in fits) else False


def _default_of(value: Value) -> Value | None:
    """What a reading of the environment gives where the variable is not set."""
    if not isinstance(value, Call):
        return None
    if value.name.endswith(_ONLY_CONVERTS) and isinstance(value.receiver, Call):
        return _default_of(value.receiver)
    if value.name.startswith("configurations.values."):  # values.Value("default") of django-configurations
        return value.positional(0) or value.option("default")
    if not _reads_environment(value):
        return None
    return value.option("default") or value.positional(1)

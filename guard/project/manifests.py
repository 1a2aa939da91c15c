"""The files in which projects say what they are made of and how they are started, each read by its format's own parser where that is cheap.

A manifest is forgiven what it does not say rightly: what can not be parsed is searched for names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any

from msgspec import Struct

from guard.regex import regex

MANIFESTS = (
    "package.json",
    "pyproject.toml",
    "requirements.txt",
    "setup.cfg",
    "setup.py",
    "Pipfile",
    "go.mod",
    "Gemfile",
    "composer.json",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
    "gradle/libs.versions.toml",
    "Directory.Packages.props",
    "packages.config",
    "Procfile",
    "Dockerfile",
)
"""Files that declare dependencies and programs; read at the root and in the folders above the changed files, with a folder's own `.csproj`."""
AT_THE_ROOT = (
    *(f"requirements/{name}.txt" for name in ("base", "common", "production", "prod")),
    *("docker-compose.yml", "docker-compose.yaml", "compose.yml", "compose.yaml", "docker-compose.prod.yml"),
    *(".env.example", ".env.sample", ".env.dist"),
)
"""Files that are read at the root only: more dependencies, and what the program is run with."""
_MOST_FOLDERS = 12


class Declared(Struct, frozen=True):
    """The names that one manifest declares, lower case."""

    path: str
    names: frozenset[str]


def is_above(manifest: str, path: str) -> bool:
    """Whether a manifest stands in a folder around a file."""
    folder = manifest.rpartition("/")[0]
    return not folder or path.startswith(f"{folder}/")


class Start(StrEnum):
    """Who starts a program, or loads it."""

    COMMAND = "command"
    """A person at a terminal, by a name that is installed."""
    WINDOW = "window"
    """A person, as a program with windows."""
    SERVICE = "service"
    """A platform that keeps it running."""
    ONCE = "once"
    """A platform or a tool, once: at a release, a build or an installation."""
    LIBRARY = "library"
    """Other packages import it."""


class Program(Struct, frozen=True):
    """What a manifest names as a beginning: a file by its path from the root, or a module ("shop.cli"); "" for the whole folder."""

    start: Start
    target: str
    path: str
    said: str
    """The words of the manifest, short."""


def manifest_paths(changed: Iterable[str]) -> tuple[str, ...]:
    """Where manifests that bear on these files may stand, the root first; bounded."""
    folders, projects = {""}, set[str]()
    for path in changed:
        parts = path.split("/")[:-1]
        above = ["/".join(parts[:depth]) + "/" for depth in range(1, len(parts) + 1)]
        folders.update(above)
        projects.update(
            f"{folder}{folder[:-1].rsplit('/', 1)[-1]}.csproj"
            for folder in above
            if path.endswith((".cs", ".cshtml", ".razor"))
        )
    chosen = sorted(folders, key=lambda folder: (folder.count("/"), folder))[:_MOST_FOLDERS]
    own = sorted(projects, key=lambda path: (path.count("/"), path))[
        :_MOST_FOLDERS
    ]  # a project of C# is named as its folder is
    return (*(folder + name for folder in chosen for name in MANIFESTS), *AT_THE_ROOT, *own)


# -- names ------------------------------------------------------------------------------------------------------------

_PACKAGE_JSON = regex(r'"((?:@?[\w.-]+/)?[\w.-]+)"\s*:\s*"(?:[\^~<>=v*\d]|workspace:|npm:|latest|catalog:)')
_PYTHON = regex(r"""(?:^|["'])\s*([A-Za-z][\w.-]*)(?:\[[^\]]*\])?\s*(?:[=<>~!]=|[<>=]|["',;]|$)""", re.MULTILINE)
_REQUIREMENT = regex(r"\s*([A-Za-z0-9][\w.-]*)")
_MAVEN = regex(r"<artifactId>\s*([\w.-]+)\s*</artifactId>")
_GRADLE = regex(r"""["'][\w.-]+:([\w.-]+)(?::[^"']*)?["']""")
_DOTNET = regex(
    r"""<(?:PackageReference|PackageVersion|FrameworkReference|GlobalPackageReference)\s[^>]*?(?:Include|Update)="([\w.-]+)"|<package\s[^>]*?id="([\w.-]+)"|\bSdk="([\w.-]+)"""
)
_INDIRECT = regex(r"^.*// indirect\b.*$", re.MULTILINE)
"""Lines of a go.mod for packages that only others need."""
_OTHERS = regex(r"""^\s*(?:require\s+|gem\s+["'])?([\w./@-]+)""", re.MULTILINE)
_JSON_TABLES = ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies", "require", "require-dev")


def document_of(path: str, text: str) -> Mapping[str, Any] | None:
    """A manifest that is JSON or TOML, parsed; None for others, and for one that is broken."""
    file = path.rsplit("/", 1)[-1]
    if file.endswith(".json"):
        return _json(text)
    return _toml(text) if _is_toml(file) else None


def _is_toml(file: str) -> bool:
    return file.endswith(".toml") or file == "Pipfile"


def declared_by(path: str, text: str, document: Mapping[str, Any] | None) -> frozenset[str]:
    """The names of the packages that a manifest declares, lower case."""
    file = path.rsplit("/", 1)[-1]
    if not _declares(file):
        return frozenset()
    if file.endswith(".json"):
        names = _found(_PACKAGE_JSON, text) if document is None else _from_json(document)
    elif _is_toml(file):
        names = _found(_PYTHON, text) if document is None else _from_toml(document)
    else:
        names = _found(_pattern_for(file), _INDIRECT.sub("", text) if file == "go.mod" else text)
    return frozenset(name.lower() for name in names)


def _declares(file: str) -> bool:
    return not file.startswith((".env", "docker-compose", "compose.")) and file not in {"Procfile", "Dockerfile"}


def _pattern_for(file: str) -> re.Pattern[str]:
    if file == "pom.xml":
        return _MAVEN
    if file.endswith((".csproj", ".props", ".config")):
        return _DOTNET
    if file.startswith("build.gradle"):
        return _GRADLE
    return _OTHERS if file in {"go.mod", "Gemfile"} else _PYTHON


def _found(pattern: re.Pattern[str], text: str) -> Iterator[str]:
    return (match if isinstance(match, str) else "".join(match) for match in pattern.findall(text))


def _from_json(document: Mapping[str, Any]) -> Iterator[str]:
    """What a package.json or composer.json needs (docs.npmjs.com/cli/v11/configuring-npm/package-json, getcomposer.org/doc/04-schema.md)."""
    for table in _JSON_TABLES:
        yield from _table(document, table)


def _from_toml(document: Mapping[str, Any]) -> Iterator[str]:
    """pyproject.toml (PEP 621, PEP 735, Poetry, PDM, Hatch), Pipfile and Gradle's version catalogs; they share no key."""
    yield from _python_project(document)
    yield from (name for table in ("packages", "dev-packages") for name in _table(document, table))
    yield from _version_catalog(document)


def _python_project(document: Mapping[str, Any]) -> Iterator[str]:
    project, tool = _table(document, "project"), _table(document, "tool")
    poetry, pdm = _table(tool, "poetry"), _table(tool, "pdm")
    hatch = _table(_table(tool, "hatch"), "envs")
    lists = [
        project.get("dependencies"),
        *_table(project, "optional-dependencies").values(),
        *_table(document, "dependency-groups").values(),
        *_table(pdm, "dev-dependencies").values(),
        _table(tool, "uv").get("dev-dependencies"),
        *(found.get("dependencies") for found in hatch.values() if isinstance(found, dict)),
    ]
    for requirement in (item for found in lists if isinstance(found, list) for item in found if isinstance(item, str)):
        name = _REQUIREMENT.match(requirement)
        if name:
            yield name[1]
    groups = (found for found in _table(poetry, "group").values() if isinstance(found, dict))
    for table in (poetry, *groups):
        yield from _table(table, "dependencies")
    yield from _table(poetry, "dev-dependencies")


def _version_catalog(document: Mapping[str, Any]) -> Iterator[str]:
    """Libraries and plugins of a catalog (https://docs.gradle.org/current/userguide/version_catalogs.html)."""
    for library in _table(document, "libraries").values():
        module = library.get("module") or library.get("name") if isinstance(library, dict) else library
        if isinstance(module, str):
            yield module.split(":")[1] if ":" in module else module
    for plugin in _table(document, "plugins").values():
        name = plugin.get("id") if isinstance(plugin, dict) else plugin
        if isinstance(name, str):
            yield name.split(":")[0]


def _table(document: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = document.get(key)
    return found if isinstance(found, dict) else {}


def _json(text: str) -> Mapping[str, Any] | None:
    import json

    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _toml(text: str) -> Mapping[str, Any] | None:
    import tomllib

    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return None


# -- programs ---------------------------------------------------------------------------------------------------------

_SCRIPT = regex(
    r"(?:^|[\s\"',=/])(?:node|nodemon|ts-node(?:-dev)?|tsx|bun(?: run)?|deno run|python3?|php|ruby|pm2(?:-runtime)? start|pm2-runtime)"
    r"((?:\s+-{1,2}[\w:.=-]+|\s+watch)*)\s+[\"']?(\.?/?[\w@./-]+\.\w+|[\w./-]+/[\w.-]+)"
)
_MODULE = regex(
    r"(?:^|[\s\"',])(?:python3?|uvicorn|gunicorn|hypercorn|daphne|celery|flask)\b[^\n&|;]*?\s(?:-m\s+|-A\s+|--app\s+)?([a-zA-Z_]\w*(?:\.\w+)+)(?=[:\s\"',]|$)"
)
_SERVICES = frozenset({"start", "serve", "start:prod", "prod", "production", "server"})
_ONCES = frozenset(
    {
        "build",
        "prebuild",
        "postbuild",
        "install",
        "preinstall",
        "postinstall",
        "prepare",
        "prepublishonly",
        "test",
        "lint",
        "release",
        "deploy",
        "seed",
        "migrate",
    }
)
_MOST_WORDS = 60


def programs_of(path: str, text: str, document: Mapping[str, Any] | None) -> Iterator[Program]:
    """The programs that a manifest names."""
    document = document or {}
    folder, _, file = path.rpartition("/")
    below = f"{folder}/" if folder else ""
    if file == "package.json":
        found = _of_package(document)
    elif file == "pyproject.toml":
        found = _of_python(document)
    elif file == "composer.json":
        found = ((Start.COMMAND, str(name), "bin") for name in _listed(document.get("bin")))
    elif file == "Procfile":
        found = _of_processes(text)
    elif file == "Dockerfile":
        found = _of_image(text)
    elif file.endswith(".csproj"):
        found = _of_dotnet(text)
    elif file.startswith("build.gradle"):
        found = _of_gradle(text)
    else:
        return
    for start, target, said in found:
        inside = target and not target.startswith(":")
        yield Program(start, below + target.removeprefix("./") if inside else target, path, said[:_MOST_WORDS])


_Found = tuple[Start, str, str]


def _of_package(document: Mapping[str, Any]) -> Iterator[_Found]:
    """What a package.json starts and offers (https://docs.npmjs.com/cli/v11/configuring-npm/package-json)."""
    commands = document.get("bin")
    for target in commands.values() if isinstance(commands, dict) else _listed(commands):
        if isinstance(target, str):
            yield Start.COMMAND, target, f"bin: {target}"
    scripts = _table(document, "scripts")
    for name, words in scripts.items():
        start = Start.SERVICE if name in _SERVICES else Start.ONCE if name.lower().split(":")[0] in _ONCES else None
        if start is not None and isinstance(words, str):
            yield from ((start, match[2], f"scripts.{name}: {words}") for match in _SCRIPT.finditer(words))
    names = {name for table in _JSON_TABLES for name in _table(document, table)}
    main = document.get("main")
    if isinstance(main, str) and "electron" in names:
        yield Start.WINDOW, main, f"main: {main}, with electron"
    elif _is_published(document):
        yield Start.LIBRARY, "", "it is published for other packages"


def _is_published(document: Mapping[str, Any]) -> bool:
    """Whether other packages import this one: it names what they get, and nothing forbids to publish it."""
    keys = ("exports", "module", "types", "typings", "browser", *(() if "bin" in document else ("publishConfig", "files")))
    offered = any(key in document for key in keys)
    return offered and document.get("private") is not True and "start" not in _table(document, "scripts")


def _of_python(document: Mapping[str, Any]) -> Iterator[_Found]:
    """Commands that are installed (https://packaging.python.org/en/latest/specifications/entry-points/)."""
    project, poetry = _table(document, "project"), _table(_table(document, "tool"), "poetry")
    for start, table in (
        (Start.COMMAND, _table(project, "scripts")),
        (Start.WINDOW, _table(project, "gui-scripts")),
        (Start.COMMAND, _table(poetry, "scripts")),
    ):
        for name, target in table.items():
            if isinstance(target, str):
                yield start, _as_module(target), f"{name} = {target}"
    said = next((one for one in _listed(project.get("classifiers")) if str(one).startswith(_OF_LIBRARIES)), None)
    if said is not None:
        yield Start.LIBRARY, "", str(said)


_OF_LIBRARIES = ("Topic :: Software Development :: Libraries", "Topic :: Internet :: WWW/HTTP :: WSGI", "Framework ::")
"""What packages say of themselves that other programs import (https://pypi.org/classifiers/)."""


def _as_module(target: str) -> str:
    """`shop.cli:main` as a path without its ending, marked as a module by a colon."""
    return f":{target.split(':', maxsplit=1)[0].strip()}"


def _of_processes(text: str) -> Iterator[_Found]:
    """Kinds of processes (https://devcenter.heroku.com/articles/procfile)."""
    for line in text.split("\n"):
        kind, found, words = line.partition(":")
        if found and kind.strip().isidentifier():
            start = Start.ONCE if kind.strip() == "release" else Start.SERVICE
            yield from ((start, target, line.strip()) for target in _targets(words))


def _of_image(text: str) -> Iterator[_Found]:
    """The last CMD and ENTRYPOINT (https://docs.docker.com/reference/dockerfile/#cmd)."""
    joined = re.sub(r"\\\r?\n", " ", text)
    lines = re.findall(r"^\s*(?:CMD|ENTRYPOINT)\s+(.+)$", joined, re.MULTILINE | re.IGNORECASE)
    for line in lines[-2:]:
        words = re.sub(r"[\[\]\",]+", " ", line)
        yield from ((Start.SERVICE, target, f"CMD {line.strip()}") for target in _targets(words))


def _targets(words: str) -> Iterator[str]:
    yield from (match[2] for match in _SCRIPT.finditer(words))
    yield from (f":{match[1]}" for match in _MODULE.finditer(words) if not match[1].endswith((".py", ".js")))


def _of_dotnet(text: str) -> Iterator[_Found]:
    """What a project says it builds (https://learn.microsoft.com/en-us/dotnet/core/project-sdk/msbuild-props)."""
    if re.search(
        r"<Use(?:WPF|WindowsForms|Maui)>\s*true|<OutputType>\s*WinExe|<UseWinUI>\s*true|\bSdk=\"(?:Godot|Uno)\.",
        text,
        re.IGNORECASE,
    ):
        yield Start.WINDOW, "", "a program with windows"
    elif re.search(r"<PackAsTool>\s*true", text, re.IGNORECASE):
        yield Start.COMMAND, "", "PackAsTool"
    elif re.search(r"<IsTestProject>\s*true|Include=\"Microsoft\.NET\.Test\.Sdk\"", text, re.IGNORECASE):
        yield Start.ONCE, "", "a project of tests"
    elif re.search(r"<PackageId>|<IsPackable>\s*true|<GeneratePackageOnBuild>\s*true", text, re.IGNORECASE):
        yield Start.LIBRARY, "", "it is published for other projects"


def _of_gradle(text: str) -> Iterator[_Found]:
    if re.search(
        r"^(?!.*\bapply\s+false).*(?:com\.android\.(?:application|library)|libs\.plugins\.(?:android|compose|jetbrainsCompose)|org\.jetbrains\.compose|org\.openjfx\.javafxplugin)",
        text,
        re.MULTILINE,
    ):
        yield Start.WINDOW, "", "built for a device or a desktop"


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value] if isinstance(value, str) else []

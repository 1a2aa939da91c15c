"""Where names that a file imports, or takes from beside it, are defined: resolved names to paths, by each language's own custom.

No file is read: a path is chosen out of those that are known to exist. What a package of somebody else defines is not here.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property

from msgspec import Struct

_JS = ("js", "ts", "mjs", "cjs", "jsx", "tsx", "mts", "cts", "vue", "svelte")
_FAMILIES = {
    "python": ("py",),
    "javascript": _JS,
    "typescript": _JS,
    "go": ("go",),
    "java": ("java", "kt"),
    "kotlin": ("kt", "java"),
    "csharp": ("cs",),
    "php": ("php",),
    "ruby": ("rb",),
}
IMPORTED_BY_PATH = frozenset({"python", "javascript", "typescript"})
"""Languages whose imports name a file."""
_SOURCE_FOLDERS = ("", "src/", "lib/", "app/", "server/", "backend/")
"""Folders from which absolute names are looked up, below each folder above the file that has the name."""
_MOST_HOMES = 3
_INDEXES = frozenset({"index", "__init__", "mod", "main"})
"""Names of files that speak for their folder."""


class Paths(Struct, frozen=True, dict=True):
    """Paths that exist, to be asked by name and by folder."""

    known: frozenset[str]

    @cached_property
    def by_name(self) -> dict[str, list[str]]:
        """Paths by the last part, in lower case."""
        table: dict[str, list[str]] = defaultdict(list)
        for path in sorted(self.known):
            table[path.rsplit("/", 1)[-1].lower()].append(path)
        return table

    @cached_property
    def by_folder(self) -> dict[str, list[str]]:
        """Paths by the folder in which they stand."""
        table: dict[str, list[str]] = defaultdict(list)
        for path in sorted(self.known):
            table[folder_of(path)].append(path)
        return table


def folder_of(path: str) -> str:
    """The folder in which a file stands; "" at the root."""
    return path.rpartition("/")[0]


def endings(language: str) -> tuple[str, ...]:
    """How the names of files end that can use what a file of this language defines."""
    return tuple(f".{ending}" for ending in _FAMILIES.get(language, ()))


def related(one: str, other: str) -> bool:
    """Whether files of one language can import those of the other."""
    return one == other or endings(one) == endings(other) != () or {one, other} == {"java", "kotlin"}


def stem_of(path: str) -> str:
    """What others call a file by: its name without ending, or its folder's where the file speaks for that."""
    stem = path.rsplit("/", 1)[-1].split(".", 1)[0]
    return folder_of(path).rsplit("/", 1)[-1] if stem in _INDEXES else stem


def speaks_for(path: str, other: str) -> bool:
    """Whether what is imported from one file may be defined in another: in itself, or beside it where it speaks for their folder."""
    return path == other or (path.rsplit("/", 1)[-1].split(".", 1)[0] in _INDEXES and folder_of(path) == folder_of(other))


def nearest(paths: Iterable[str], importer: str) -> list[str]:
    """Paths by how much of the way to them is that to the importer, then by name."""
    own = importer.split("/")[:-1]
    return sorted(paths, key=lambda path: (-_common(path.split("/")[:-1], own), path.count("/"), path))


def _common(one: list[str], other: list[str]) -> int:
    shared = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        shared += 1
    return shared


def home(name: str, importer: str, language: str, paths: Paths) -> tuple[str, str] | None:
    """The file that defines a resolved name, and what remains of the name inside it; None if no known file does."""
    return next(iter(homes(name, importer, language, paths)), None)


def homes(name: str, importer: str, language: str, paths: Paths, most: int = _MOST_HOMES) -> list[tuple[str, str]]:
    """The files that may define a resolved name, the likeliest first, each with what remains of the name inside it.

    A package of Go has as many of them as its folder has files.
    """
    if not name or name[0] in "%~$":
        return []
    match language:
        case "python":
            found = _python(name, importer, paths)
        case "javascript" | "typescript":
            found = _javascript(name, importer, paths)
        case "go":
            found = _go(name, importer, paths)
        case "java" | "kotlin" | "csharp" | "php" | "ruby":
            found = _typed(name, importer, language, paths)
        case _:
            return []
    return [place for _, place in zip(range(most), found, strict=False) if place[0] != importer]


def _above(importer: str) -> Iterator[str]:
    """The folders above a file as prefixes, the nearest first."""
    folder = folder_of(importer)
    while folder:
        yield f"{folder}/"
        folder = folder_of(folder)
    yield ""


# -- Python: https://docs.python.org/3/reference/import.html ------------------------------------------------------------


def _python(name: str, importer: str, paths: Paths) -> Iterator[tuple[str, str]]:
    dots = len(name) - len(name.lstrip("."))
    segments = name[dots:].replace("()", "").split(".")
    if dots:
        folder = folder_of(importer)
        for _ in range(dots - 1):
            folder = folder_of(folder)
        yield from _python_below([f"{folder}/" if folder else ""], segments, paths)
    else:
        yield from _python_below([above + source for above in _above(importer) for source in _SOURCE_FOLDERS], segments, paths)


def _python_below(roots: list[str], segments: list[str], paths: Paths) -> Iterator[tuple[str, str]]:
    for length in range(len(segments), -1, -1):
        module, rest = "/".join(segments[:length]), ".".join(segments[length:])
        for root in roots:
            forms = (f"{root}{module}.py", f"{root}{module}/__init__.py") if module else (f"{root}__init__.py",)
            for path in forms:
                if (module or len(roots) == 1) and path in paths.known:
                    yield path, rest


# -- JavaScript: https://nodejs.org/api/modules.html#all-together, and the customs of bundlers ----------------------------


def _javascript(name: str, importer: str, paths: Paths) -> Iterator[tuple[str, str]]:
    if name.startswith("."):
        for module, rest in _split(name):
            path = _joined(folder_of(importer), module)
            if path is not None:
                yield from ((found, rest) for found in _javascript_file(path, paths))
        return
    bare = re.sub(r"^(?:@|~|#|\$lib|@app|@src|@server)/", "", name)
    if bare == name and ("/" not in name or name.startswith("@")):
        return
    roots = [above + source for above in _above(importer) for source in _SOURCE_FOLDERS]
    for module, rest in _split(bare):
        yield from ((found, rest) for root in roots for found in _javascript_file(f"{root}{module}", paths))


def _split(name: str) -> Iterator[tuple[str, str]]:
    """A module and a member in it, the longest module first: `./store.jobs` may be `./store.jobs.js` or `./store`'s `jobs`."""
    head, slash, last = name.rpartition("/")
    segments = last.replace("()", "").split(".")
    if last in {".", ".."} or last.startswith(".."):
        yield name, ""
        return
    for length in range(len(segments), 0, -1):
        yield f"{head}{slash}{'.'.join(segments[:length])}", ".".join(segments[length:])


def _joined(folder: str, module: str) -> str | None:
    """A relative module from a folder; None if it leaves the tree."""
    parts = folder.split("/") if folder else []
    for segment in module.split("/"):
        if segment == "..":
            if not parts:
                return None
            parts.pop()
        elif segment not in {"", "."}:
            parts.append(segment)
    return "/".join(parts)


def _javascript_file(path: str, paths: Paths) -> Iterator[str]:
    bare = re.sub(r"\.(?:[cm]?js|jsx)$", "", path)  # what TypeScript compiles `./store.ts` to
    forms = (path, *(f"{path}.{ending}" for ending in _JS), *(f"{path}/index.{ending}" for ending in _JS[:4]))
    yield from (form for form in forms if form in paths.known)
    if bare != path:
        yield from (form for ending in ("ts", "tsx", "mts", "cts") if (form := f"{bare}.{ending}") in paths.known)


# -- Go: a folder is a package (https://go.dev/ref/mod#packages) --------------------------------------------------------


def _go(name: str, importer: str, paths: Paths) -> Iterator[tuple[str, str]]:
    head, slash, last = name.rpartition("/")
    package, _, rest = last.partition(".")
    if not slash:
        return
    segments = [*head.split("/"), package]
    for start in range(1, len(segments)):
        folder = "/".join(segments[start:])
        fitting = [f"{above}{folder}" for above in _above(importer) if f"{above}{folder}" in paths.by_folder]
        for path in (path for place in fitting for path in paths.by_folder[place]):
            if path.endswith(".go") and not path.endswith("_test.go"):
                yield path, rest.replace("()", "")
        if fitting:
            return


# -- languages whose files are named as the type in them ------------------------------------------------------------------


def _typed(name: str, importer: str, language: str, paths: Paths) -> Iterator[tuple[str, str]]:
    if name.startswith("."):  # require_relative
        path = _joined(folder_of(importer), name)
        yield from ((f"{path}{ending}", "") for ending in endings(language) if path and f"{path}{ending}" in paths.known)
        return
    segments = name.replace("()", "").split(".")
    for index in range(len(segments) - 1, -1, -1):
        if not segments[index][:1].isupper():
            continue
        spelled = _snake(segments[index]) if language == "ruby" else segments[index].lower()
        files = [path for ending in endings(language) for path in paths.by_name.get(f"{spelled}{ending}", ())]
        package = "/".join(segments[:index]).lower() if language in {"java", "kotlin"} else ""
        fitting = [path for path in files if not package or folder_of(path).lower().endswith(package)]
        yield from ((path, ".".join(segments[index + 1 :])) for path in nearest(fitting, importer))


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()

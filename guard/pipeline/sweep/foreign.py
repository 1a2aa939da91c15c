"""Files of languages and formats without a reader, as facts: their lines, their comments, and the blocks that their indentation shows."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator

from guard.change import Source
from guard.errors import GuardError
from guard.facts import Comment, Facts, Function, FunctionKind, Span, indent_of
from guard.regex import regex

_LANGUAGES = {
    "rs": "rust", "ex": "elixir", "exs": "elixir", "erl": "erlang", "scala": "scala", "sc": "scala", "clj": "clojure", "cljc": "clojure",
    "pl": "perl", "pm": "perl", "psgi": "perl", "cpp": "c++", "cc": "c++", "cxx": "c++", "hpp": "c++", "hh": "c++", "lua": "lua", "swift": "swift",
    "dart": "dart", "hs": "haskell", "ml": "ocaml", "fs": "f#", "groovy": "groovy", "cr": "crystal", "nim": "nim", "zig": "zig", "jl": "julia",
    "gleam": "gleam", "d": "d", "c": "c", "cfm": "cfml", "cfc": "cfml", "vb": "visual basic", "r": "r", "raku": "raku", "tcl": "tcl",
}  # fmt: skip
"""Languages in which servers are written, and that no reader knows, by the end of a file's name."""
CONFIGURATION = "configuration"
"""What is said to be the language of a format."""
_FORMATS = frozenset(
    "tpl tmpl j2 jinja conf cfg cnf vcl cue jsonnet libsonnet nomad kdl nix sls bicepparam config service edn ron hocon".split()
)
"""Ends of names of configuration that no reader knows."""
_NAMES = (
    r"(?:actix\w*|axum|rocket|warp|tonic|poem|salvo|tide|hyper::(?:server|service)|phoenix|plug|cowboy|bandit|http4s|akka|pekko|tapir|finatra|finagle|zio\.http|zhttp|play"
    r"|ring|compojure|reitit|pedestal|http-?kit|mojolicious|mojo|dancer2?|catalyst|plack|crow|drogon|pistache|oatpp|restbed|cpprest\w*|httplib|beast|cgi|fcgi|resty|lapis|ngx"
    r"|vapor|hummingbird|kitura|shelf|serverpod|scotty|servant|yesod|wai|warp|dream|opium|giraffe|saturn|suave|kemal|jester|prologue|zap|genie|plumber|shiny|elli|mochiweb"
    r"|tungstenite|websocket\w*|netty|grpc\w*|teloxide|serenity|nostrum)"
)
_IMPORTS = regex(
    rf"^\s*(?:pub\s+)?(?:use|import|require|alias|open|from|extern crate|#\s*include|\(:require|@?import|\[).*\b{_NAMES}\b|\bngx\.|\bdefmodule\s+\w+Web\b|\buse\s+\w+Web\b",
    re.IGNORECASE | re.MULTILINE,
)
"""Imports of which one stands in a program that answers requests."""
_DECLARES = regex(rf"\b{_NAMES}\b", re.IGNORECASE)
_DESKTOP = regex(r"\b(?:tauri|egui|gtk4?|bevy|iced|slint|winit|ratatui)\b")
"""Names in the manifest of a program for one user."""
_STATE = regex(
    r"\b(?:lazy_static|OnceCell|OnceLock|LazyLock|LazyCell|thread_local|Mutex|RwLock|DashMap|moka|CookieSession|MemoryStore|File::create|fs::write|rusqlite|sled|Agent|GenServer"
    r"|dets|persistent_term|Cachex|ConCache|TrieMap|ConcurrentHashMap|ConcurrentLinkedQueue|AtomicReference|AtomicLong|AtomicInteger|MVar|TVar|IORef|spit|defonce|memory-store"
    r"|Storable|DB_File|CHI|fopen|ofstream|unordered_map|lrucache|lua_shared_dict|sessions?|uploads?|move_to|cart|otp|rate.?limit\w*|singleton|in.?memory|sqlite\w*)\b"
    r"|\bstatic\s+(?:mut|ref)\b|\bAtomic[UIB]\w+|\bLazy<|:ets\.|:dets\.|\bETS\b|File\.(?:write|cp|rename|copy)\b|\((?:atom|agent|ref)\s|swap!|reset!|alter!|mutable\.|ngx\.shared"
    r"|\bRef\.(?:of|make)\b|Files\.(?:write|copy|move)|std::mutex|\bio\.open\b|^(?:our|my)\s+[%@]\w+|^\s*state\s+[$%@]|plug\s*\(?\s*:?Plug\.Session",
)
"""Words for state in those languages."""
_COMMENTS = {"elixir": "#", "erlang": "%", "clojure": ";", "perl": "#", "lua": "--", "haskell": "--", "crystal": "#", "nim": "#", "julia": "#", "r": "#", "raku": "#", "tcl": "#"}  # fmt: skip
_MANIFESTS = {
    "rust": ("Cargo.toml",), "elixir": ("mix.exs",), "scala": ("build.sbt", "build.sc"), "clojure": ("project.clj", "deps.edn"), "perl": ("cpanfile", "Makefile.PL"),
    "c++": ("CMakeLists.txt", "conanfile.txt", "vcpkg.json"), "swift": ("Package.swift",), "dart": ("pubspec.yaml",), "haskell": ("package.yaml",), "erlang": ("rebar.config",),
}  # fmt: skip
_DECLARED = regex(
    r"\b(?:static|let|val|var|def|defonce|my|our|local|const|final|auto)\s+(?:(?:mut|ref|lazy|val|private)\s+)*[@$%^]?(\w{3,})|^\s*@(\w{3,})\b|>\s+(\w{3,})\s*[;={]"
)
"""What a line gives a name to."""
_MOST_USES = 6
_MOST_BYTES = 400_000
_MOST_OF_A_MANIFEST = 60_000


def language_of(path: str) -> str:
    """The language of a file by its name; CONFIGURATION for a format, "" for what is neither."""
    name = path.rsplit("/", 1)[-1].lower()
    end = name.rpartition(".")[2] if "." in name else ""
    return _LANGUAGES.get(end) or (CONFIGURATION if end in _FORMATS else "")


def facts_of(path: str, language: str, text: bytes) -> Facts | None:
    """What can be told of such a file; None for one that is no text, or too large."""
    if len(text) > _MOST_BYTES or b"\0" in text:
        return None
    lines = tuple(text.decode("utf-8", "replace").split("\n"))
    return Facts(path, language, lines, functions=tuple(_blocks(lines)), comments=tuple(_comments(lines, language)))


def tells(line: str) -> bool:
    """Whether a line of a program speaks of state."""
    return (
        not line.lstrip().startswith(("//", "#", "--", ";", "*", "/*", "use ", "import ", "#include"))
        and _STATE.search(line) is not None
    )


def uses(facts: Facts, numbers: Iterable[int]) -> Iterator[int]:
    """Other lines that name what these lines declare, a few of each."""
    names = {name for number in numbers for found in _DECLARED.findall(facts.lines[number - 1]) for name in found if name}
    for name in sorted(names):
        word = re.compile(rf"\b{re.escape(name)}\b")
        yield from [number for number, line in enumerate(facts.lines, 1) if word.search(line)][:_MOST_USES]


def serves(facts: Facts, source: Source) -> bool:
    """Whether a program answers requests: it imports what does, or the nearest manifest around it names that."""
    if any(_IMPORTS.search(line) for line in facts.lines):
        return True
    nearest = next(_manifests(facts, source), "")
    return _DECLARES.search(nearest) is not None and _DESKTOP.search(nearest) is None


def _manifests(facts: Facts, source: Source) -> Iterator[str]:
    """The manifests of its language in the folders above."""
    folder = os.path.dirname(facts.path)
    while True:
        for name in _MANIFESTS.get(facts.language, ()):
            try:
                text = source.head(f"{folder}/{name}" if folder else name)
            except GuardError:
                text = None
            if text is not None:
                yield text[:_MOST_OF_A_MANIFEST].decode("utf-8", "replace")
        if not folder:
            return
        folder = os.path.dirname(folder)


def _comments(lines: Iterable[str], language: str) -> Iterator[Comment]:
    """Lines that are comments and nothing else."""
    mark = _COMMENTS.get(language, "#" if language == CONFIGURATION else "//")
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if text.startswith(mark):
            yield Comment(text.lstrip(mark + "!").strip(), Span(number, number))


def _blocks(lines: tuple[str, ...]) -> Iterator[Function]:
    """What is indented below a line belongs to it: the blocks of a file, each as a function would be told."""
    open_ones: list[tuple[int, int]] = []  # indentation, number of the line that begins it
    ids: dict[int, str] = {}
    last = 0
    told: list[tuple[int, int]] = []
    for number, line in enumerate((*lines, ""), 1):
        at_the_end = number > len(lines)
        if not line.strip() and not at_the_end:
            continue
        depth = -1 if at_the_end else indent_of(line)
        while open_ones and open_ones[-1][0] >= depth:
            _, first = open_ones.pop()
            closing = not at_the_end and depth == indent_of(lines[first - 1]) and line.strip()[:1] in "})]e"
            if last > first:
                told.append((first, number if closing else last))
        open_ones.append((depth, number))
        last = number
    parents: list[tuple[int, int]] = []
    for first, end in sorted(told, key=lambda span: (span[0], -span[1])):
        while parents and parents[-1][1] < end:
            parents.pop()
        ids[first] = f"<{first}>"
        yield Function(ids[first], "", ids[parents[-1][0]] if parents else "", FunctionKind.FUNCTION, Span(first, end))
        parents.append((first, end))

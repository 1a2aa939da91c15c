"""How PHP touches files: its own functions, uploads of Symfony, Laravel, CodeIgniter and PSR-7, Laravel's disks and File, Symfony's Filesystem."""

from __future__ import annotations

import re

from guard.analyses._touches import Does, Touch
from guard.analyses._words import words
from guard.facts import Call, Constant, Facts, Name, Value, last_segment, walk
from guard.regex import regex

_FILES = r"(?:.*\.)?(?:Facades\.)?File|Illuminate\.Filesystem\.Filesystem\(\)|Symfony\.Component\.Filesystem\.Filesystem\(\)|%this\.(?:fs|files?|filesystem|fileSystem)"
_TABLE: tuple[tuple[Does, re.Pattern[str], int, int | None], ...] = tuple(
    (does, regex(pattern), path, what)
    for does, pattern, path, what in (
        (Does.WRITE, r"file_put_contents", 0, 1),
        (Does.WRITE, r"move_uploaded_file|copy|rename|link", 1, 0),
        (Does.WRITE, r"image(?:png|jpeg|gif|webp|avif|bmp)", 1, None),
        (Does.WRITE, rf"(?:{_FILES})\.(?:put|append|prepend|replace|dumpFile|appendToFile)", 0, 1),
        (Does.WRITE, rf"(?:{_FILES})\.(?:copy|move|rename|copyDirectory|moveDirectory|mirror)", 1, 0),
        (Does.WRITE, r"ZipArchive\(\)\.extractTo", 0, None),
        (Does.READ, r"file_get_contents|file|parse_ini_file|simplexml_load_file|scandir|glob|opendir", 0, None),
        (Does.READ, rf"(?:{_FILES})\.(?:get|files|allFiles|json|lines)", 0, None),
        (Does.SERVE, r"readfile|response\(\)\.(?:download|file|streamDownload)|.*Response\.(?:download|file)|.*BinaryFileResponse|%this\.file", 0, None),
        (Does.REMOVE, rf"unlink|rmdir|(?:{_FILES})\.(?:delete|remove|deleteDirectory|cleanDirectory)", 0, None),
        (Does.REMOVE, r"(?:.*[.~])?(?:delete|remove|unlink|clean)_?(?:[Tt]emp\w*|[Ff]iles?|[Dd]irectory|[Ff]older|dir)", 0, None),
    )
)  # fmt: skip
_UPLOADED = regex(
    r"(?:UploadedFile(?:Interface)?\(\)|\.(?:file|getFile|getUploadedFile)\(\)|\.files\.get\(\)|\.files\[\]|getUploadedFiles\(\)(?:\[\])*|\$_FILES\b.*)$"
)
"""Ends of resolved names of what a visitor sent."""
_CALLED_SO = frozenset(
    "file upload uploaded image img photo picture avatar logo attachment document pdf csv thumbnail media".split()
)
_FROM_PLACE_TO_PLACE = frozenset({"copy", "rename", "link"})
"""Functions that say nothing of a file whose new place is a mere name: it may be anywhere."""
_MOVES = frozenset({"move", "moveTo", "saveAs"})
_LOCAL_DISKS = (Constant("local"), Constant("public"))
_DISK = regex(r"(?:.*\.)?Storage\.disk\(\)\.(\w+)")
_DISK_WRITES = frozenset({"put", "putFile", "putFileAs", "writeStream", "write", "append", "prepend", "copy", "move"})
_DISK_READS = frozenset({"get", "readStream", "files", "allFiles", "json"})
_DISK_SERVES = frozenset({"download", "response", "url", "temporaryUrl"})
_STORES = frozenset({"store", "storeAs", "storePublicly", "storePubliclyAs"})
_OUR_FOLDERS = frozenset({"public_path", "storage_path", "base_path", "app_path", "resource_path", "publicPath", "storagePath"})
"""Functions that give a folder of the application."""
_SAVES = frozenset(
    {"save", "saveAs", "toFile", "writeImage", "output", "Output", "export", "saveToFile", "writeToFile", "generate"}
)
_NEAR = 12
"""Lines between opening a file and writing into it."""


def touch_of(call: Call, facts: Facts) -> Touch | None:
    """What a call does to a file, if it does."""
    if call.name in {"fopen", "SplFileObject"}:
        return _opened(call, facts)
    for does, pattern, path, what in _TABLE:
        if pattern.fullmatch(call.name):
            target = call.positional(path)
            if target is None or (call.name in _FROM_PLACE_TO_PLACE and isinstance(facts.resolve(target, call.scope), Name)):
                return None
            return Touch(call, does, target, None if what is None else call.positional(what))
    return _moved(call, facts) or _on_a_disk(call) or _saved(call)


def _opened(call: Call, facts: Facts) -> Touch | None:
    """`fopen(path, "w")`, with what is then written."""
    path, mode = call.positional(0), call.positional(1)
    text = str(mode.value) if isinstance(mode, Constant) else "r"
    if path is None:
        return None
    if not re.search(r"[waxc+]", text):
        return Touch(call, Does.READ, path)
    near = (c for c in facts.calls if c.scope == call.scope and 0 <= c.span.line - call.span.line <= _NEAR)
    written = next((c.positional(1) for c in near if c.name in {"fwrite", "fputs", "fputcsv"}), None)
    return Touch(call, Does.WRITE, path, written)


def _moved(call: Call, facts: Facts) -> Touch | None:
    """`$upload->move(folder, name)`, `$upload->moveTo(path)`."""
    if last_segment(call.name) not in _MOVES or call.receiver is None or not call.arguments:
        return None
    known = _is_what_was_sent(call.receiver, call, facts)
    if not known and not is_uploaded(call.receiver, call, facts):
        return None
    known = known or "upload" in words(last_segment(_path(call.receiver))) or "uploaded" in words(_path(call.receiver))
    return Touch(call, Does.WRITE, call.positional(0), Name("UploadedFile()") if known else call.receiver)


def is_uploaded(receiver: Value | None, call: Call, facts: Facts) -> bool:
    """Whether a method is called on a file that a visitor sent, or on what is called like one."""
    if receiver is None:
        return False
    called = words(last_segment(_path(receiver)).removesuffix("()"))
    return _is_what_was_sent(receiver, call, facts) or bool(called & _CALLED_SO)


def _is_what_was_sent(receiver: Value, call: Call, facts: Facts) -> bool:
    resolved = facts.resolve(receiver, call.scope)
    return any(_UPLOADED.search(_path(value)) for value in (receiver, resolved, Name(call.name.rpartition(".")[0])))


def _path(value: Value | None) -> str:
    return value.path if isinstance(value, Name) else f"{value.name}()" if isinstance(value, Call) else ""


def _on_a_disk(call: Call) -> Touch | None:
    """Laravel's disks that are folders of this machine: `Storage::disk('public')->put(…)`, `$upload->store(folder, 'public')`."""
    method = last_segment(call.name)
    if _DISK.fullmatch(call.name) and isinstance(call.receiver, Call):
        if call.receiver.positional(0) not in _LOCAL_DISKS:
            return None
        return _done_on_a_disk(call, method)
    if method in _STORES and call.arguments[1:] and call.arguments[-1].value in _LOCAL_DISKS:
        return Touch(call, Does.WRITE, call.positional(0), Name("UploadedFile()"))
    return None


def _done_on_a_disk(call: Call, method: str) -> Touch | None:
    path = call.positional(0)
    if path is None:
        return None
    if method in _DISK_WRITES:
        return Touch(call, Does.WRITE, path, Name("UploadedFile()") if method.startswith("putFile") else call.positional(1))
    if method in {"delete", "deleteDirectory"}:
        return Touch(call, Does.REMOVE, path)
    does = Does.READ if method in _DISK_READS else Does.SERVE if method in _DISK_SERVES else None
    return None if does is None else Touch(call, does, path)


def _saved(call: Call) -> Touch | None:
    """`$image->save(public_path('avatars/1.png'))`: whatever saves itself in a folder of the application."""
    path = call.positional(0)
    if call.receiver is None or last_segment(call.name) not in _SAVES:
        return None
    ours = any(isinstance(part, Call) and last_segment(part.name) in _OUR_FOLDERS for part in walk(path))
    return Touch(call, Does.WRITE, path) if ours else None

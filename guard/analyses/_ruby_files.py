"""How Ruby touches files: File, IO, FileUtils, Pathname, what Rack hands over as an upload, images that save themselves."""

from __future__ import annotations

import re

from msgspec.structs import replace

from guard.analyses._paths import parts
from guard.analyses._touches import Does, Touch
from guard.facts import Call, Facts, FunctionValue, Name, Value, last_segment, text_of
from guard.regex import regex

_RECEIVER = -1
"""The path is what the method is called on."""
_PATHNAME = r"(?:Rails\.root\.join|Pathname|Pathname\.new|Rails\.public_path\.join)\(\)"
_TABLE: tuple[tuple[Does, re.Pattern[str], int, int | None], ...] = tuple(
    (does, regex(pattern), path, what)
    for does, pattern, path, what in (
        (Does.WRITE, r"(?:File|IO)\.(?:write|binwrite)", 0, 1),
        (Does.WRITE, r"FileUtils\.(?:mv|move|cp|copy|cp_r|copy_file|copy_entry|install|ln|link)|File\.rename", 1, 0),
        (Does.WRITE, r"IO\.copy_stream", 1, 0),
        (Does.WRITE, rf"{_PATHNAME}\.(?:write|binwrite)", _RECEIVER, 0),
        (Does.WRITE, r"(?:MiniMagick|Magick|Vips|ChunkyPNG|RQRCode|Prawn|Axlsx)\..*\.(?:write|write_to_file|save|render_file|serialize)", 0, None),
        (Does.WRITE, r"Down\.download|URI\.download", 1, None),
        (Does.READ, r"(?:File|IO)\.(?:read|binread|readlines|foreach)|(?:YAML|JSON|Psych)\.(?:load_file|safe_load_file|unsafe_load_file)|CSV\.(?:read|foreach|table)", 0, None),
        (Does.READ, r"Dir\.(?:glob|entries|children|each_child|\[\])", 0, None),
        (Does.READ, rf"{_PATHNAME}\.(?:read|binread|readlines|children|glob)", _RECEIVER, None),
        (Does.SERVE, r"(?:%\w+\.)?send_file|Rack\.(?:Static|Files|File|Directory)", 0, None),
        (Does.REMOVE, r"File\.(?:delete|unlink)|FileUtils\.(?:rm|rm_f|rm_r|rm_rf|remove|remove_file|remove_dir|remove_entry|remove_entry_secure|rmtree)", 0, None),
        (Does.REMOVE, rf"{_PATHNAME}\.(?:delete|unlink|rmtree)", _RECEIVER, None),
    )
)  # fmt: skip
_OPENERS = regex(r"(?:File|Kernel|CSV|Zip\.File|Zip\.OutputStream|Zlib\.GzipWriter)(?:\.(?:open|new))?|open|File\.new")
_MODE = regex(r"[rwab+tx]{1,4}(?::.*)?")
_WRITERS = frozenset({"write", "<<", "puts", "print", "syswrite", "binwrite"})
_OURS = regex(r"(?:Rails\.(?:root|public_path)|settings\.(?:root|public_folder|data)|Hanami\.root)\b")
"""Names of the application's own folders."""
_NEAR = 12
"""Lines between opening a file and writing into it."""


_UNPACKS_INTO = ("destination", "destination_directory", "destination_path", "dest")
"""Options of what unpacks an archive (rubyzip, libarchive)."""
_NAMED_BY_A_VISITOR = frozenset({"original_filename"})
"""What Rails and Shrine call the name that a visitor's file has."""


def touch_of(call: Call, facts: Facts) -> Touch | None:
    """What a call does to a file, if it does."""
    found = _touch(call, facts)
    if found is None or found.does is not Does.WRITE or not _is_named_by_a_visitor(found.path, call.scope, facts):
        return found
    return replace(found, what=Name("UploadedFile()"))


def _is_named_by_a_visitor(path: Value | None, scope: str, facts: Facts) -> bool:
    """Whether a part of the path is what an uploaded file was called: so it is the upload that is written."""
    return any(
        isinstance(part, Call | Name)
        and last_segment(part.name if isinstance(part, Call) else part.path) in _NAMED_BY_A_VISITOR
        for part in parts(path, scope, facts)
    )


def _touch(call: Call, facts: Facts) -> Touch | None:
    if _OPENERS.fullmatch(call.name):
        return _opened(call, facts)
    for does, pattern, path, what in _TABLE:
        if pattern.fullmatch(call.name):
            target = _at(call, path)
            moved = does is Does.WRITE and call.name.startswith(("FileUtils.", "File.rename"))
            if target is None or (moved and isinstance(facts.resolve(target, call.scope), Name)):
                return None  # moved to a place that has a name only: it may be anywhere
            return Touch(call, does, target, None if what is None else _at(call, what))
    return _unpacked(call, facts)


def _unpacked(call: Call, facts: Facts) -> Touch | None:
    """`entry.extract(path)`, `zip.extract(entry, path)`, `reader.extract(entry, flags, destination: folder)`, into a folder of the application."""
    if last_segment(call.name) != "extract" or call.receiver is None:
        return None
    given = [argument.value for argument in call.arguments if argument.name is None]
    path = next((value for key in _UNPACKS_INTO if (value := call.option(key)) is not None), given[-1] if given else None)
    ours = any(isinstance(part, Name | Call) and _is_ours(part) for part in parts(path, call.scope, facts))
    return Touch(call, Does.WRITE, path) if ours else None


def _is_ours(part: Name | Call) -> bool:
    return _OURS.match(part.path if isinstance(part, Name) else part.name) is not None


def _at(call: Call, place: int) -> Value | None:
    return call.receiver if place == _RECEIVER else call.positional(place)


def _opened(call: Call, facts: Facts) -> Touch | None:
    """`File.open(path, "wb") { |file| file.write(upload.read) }`."""
    path, mode = call.positional(0), call.positional(1) or call.option("mode")
    text = text_of(mode)
    if path is None or isinstance(path, FunctionValue) or (text and not _MODE.fullmatch(text)):
        return None
    flags = mode.path if isinstance(mode, Name) else getattr(mode, "text", "")
    if not re.search(r"[wa+x]", text) and "WRONLY" not in flags and "RDWR" not in flags:
        return Touch(call, Does.READ, path)
    return Touch(call, Does.WRITE, path, _written(call, facts))


def _written(opened: Call, facts: Facts) -> Value | None:
    """What the block of an `open`, or the lines after it, write into the file."""
    blocks = {argument.value.scope for argument in opened.arguments if isinstance(argument.value, FunctionValue)}
    for call in facts.calls:
        near = call.scope == opened.scope and 0 <= call.span.line - opened.span.line <= _NEAR
        if (near or call.scope in blocks) and call.name.rsplit(".", 1)[-1] in _WRITERS:
            return facts.resolve(call.positional(0), call.scope)
    return None

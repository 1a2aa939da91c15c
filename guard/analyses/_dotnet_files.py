"""How C# touches files: System.IO, what ASP.NET hands over as an upload, images that save themselves.

Names come bare, with their namespace, or behind an abstraction (`fileSystem.File.WriteAllText`); so only their ends are compared.
"""

from __future__ import annotations

import re

from guard.analyses._touches import Does, Touch, is_named
from guard.facts import Call, Facts, Name, Value, last_segment
from guard.regex import regex

_RECEIVER = -1
"""The path is what the method is called on."""
_UPLOAD = r"(?:HttpPostedFile(?:Base|Wrapper)?\(\)|Files\[\])"
_IMAGE = r"(?:Image|Bitmap|SKBitmap|MagickImage|Document|Workbook|XLWorkbook|ExcelPackage)(?:\.\w+)?\(\)"
_TABLE: tuple[tuple[Does, re.Pattern[str], int, int | None], ...] = tuple(
    (does, regex(rf"(?:.*[.~])?(?:{pattern})"), path, what)
    for does, pattern, path, what in (
        (Does.WRITE, r"\bFile\.(?:WriteAll|AppendAll)(?:Text|Bytes|Lines)(?:Async)?", 0, 1),
        (Does.WRITE, r"\bFile\.(?:Create|CreateText|OpenWrite|AppendText)", 0, None),
        (Does.WRITE, r"\bFile\.(?:Copy|Move|Replace)", 1, 0),
        (Does.WRITE, r"ZipFile\.ExtractToDirectory|ZipFileExtensions\.ExtractToDirectory", 1, 0),
        (Does.WRITE, r"StreamWriter|FileStream", 0, None),
        (Does.WRITE, rf"{_UPLOAD}\.SaveAs", 0, _RECEIVER),
        (Does.WRITE, rf"{_IMAGE}\.(?:Save|SaveAs|SaveAsync|SaveAsJpegAsync|SaveAsPngAsync|SaveAsWebpAsync|Write|WriteAsync)", 0, _RECEIVER),
        (Does.READ, r"\bFile\.(?:ReadAll(?:Text|Bytes|Lines)(?:Async)?|ReadLines|OpenRead|OpenText|Exists)|StreamReader", 0, None),
        (Does.READ, r"\bDirectory\.(?:GetFiles|EnumerateFiles|GetDirectories|EnumerateDirectories|GetFileSystemEntries)", 0, None),
        (Does.SERVE, r"PhysicalFile|PhysicalFileProvider|PhysicalFileResult|FilePathResult|Results\.(?:File|PhysicalFile)", 0, None),
        (Does.REMOVE, r"\bFile\.Delete|\bDirectory\.Delete|\w*(?:Delete|Remove)(?:Temp\w*|File|Directory|Folder)(?:IfExists)?(?:Async)?", 0, None),
        (Does.REMOVE, r"(?:FileInfo|DirectoryInfo)\(\)\.Delete", _RECEIVER, None),
    )
)  # fmt: skip
_NEAR = 15
"""Lines between opening a file and writing into it."""
_TEXT_STREAMS = regex(r"(?:^|[.~%_])\w*(?:stream|body|response|output|writer|memory)\w*(?:\(\))?$", re.IGNORECASE)
_FROM = regex(r"\.(?:CopyTo|CopyToAsync)$")


def touch_of(call: Call, facts: Facts) -> Touch | None:
    """What a call does to a file, if it does."""
    if last_segment(call.name) == "Open" and re.search(r"(?:^|[.~])File\.Open$", call.name):
        return _opened(call, facts)
    for does, pattern, path, what in _TABLE:
        if pattern.fullmatch(call.name):
            found = Touch(call, does, _at(call, path), None if what is None else _at(call, what))
            return _settled(found, facts)
    return None


def _at(call: Call, place: int) -> Value | None:
    return call.receiver if place == _RECEIVER else call.positional(place) or call.option("path")


def _settled(touch: Touch, facts: Facts) -> Touch | None:
    if touch.path is None:
        return None
    last = last_segment(touch.call.name)
    if last == "FileStream":
        return _opened(touch.call, facts)
    if last in {"StreamWriter", "StreamReader", "Save", "SaveAs", "SaveAsync", "Write", "WriteAsync"} and is_named(
        _TEXT_STREAMS, touch.path, touch.call.scope, facts
    ):
        return None
    if last in {"Create", "OpenWrite", "CreateText"}:
        return _opened(touch.call, facts)
    return touch


def _opened(call: Call, facts: Facts) -> Touch | None:
    """`new FileStream(path, FileMode.Create)`, `File.Open(…)`, `File.Create(path)`, with what is then copied into it."""
    path = call.positional(0) or call.option("path")
    modes = [argument.value.path for argument in call.arguments if isinstance(argument.value, Name)]
    texts = " ".join((*modes, *(getattr(argument.value, "text", "") for argument in call.arguments)))
    if path is None or "DeleteOnClose" in texts:
        return None
    if ("FileMode.Open" in modes and "FileMode.OpenOrCreate" not in modes) or "FileAccess.Read" in modes:
        return Touch(call, Does.READ, path)
    return Touch(call, Does.WRITE, path, _copied(call, facts))


def _copied(opened: Call, facts: Facts) -> Value | None:
    """What the lines after it copy into the file, or what it writes."""
    for call in facts.calls:
        if call.scope == opened.scope and 0 <= call.span.line - opened.span.line <= _NEAR:
            if _FROM.search(call.name):
                return Name(_FROM.sub("", call.name))
            if call.name.endswith(("FileStream().Write", "FileStream().WriteAsync")):
                return call.positional(0)
    return None

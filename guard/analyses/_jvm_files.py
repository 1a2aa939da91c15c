"""How Java and Kotlin touch files: java.io, java.nio.file, Kotlin's extensions of them, Commons IO, Hutool, and uploads.

Names come with the package in front, with a star import in front, or bare; so only their ends are compared.
"""

from __future__ import annotations

import re

from guard.analyses._touches import Does, Touch, is_named
from guard.facts import Call, Constant, Facts, Value, last_segment
from guard.regex import regex

_RECEIVER = -1
"""The path is what the method is called on."""
_FILE = r"(?:File|Path|Paths\.get|Path\.of|resolve|toFile|toPath|kotlin\.io\.path\.Path)\(\)(?:\[\])*"
_UPLOAD = r"(?:MultipartFile|FilePart|FileItem|Part|CompletedFileUpload|StreamingFileUpload|FileUpload|UploadedFile)\(\)(?:\[\])*|getParts\(\)\[\]"
_TABLE: tuple[tuple[Does, re.Pattern[str], int, int | None], ...] = tuple(
    (does, regex(rf"(?:.*[.~])?(?:{pattern})"), path, what)
    for does, pattern, path, what in (
        (Does.WRITE, r"FileOutputStream|FileWriter|FileWriterWithEncoding", 0, None),
        (Does.WRITE, r"Files\.(?:write|writeString|newOutputStream|newBufferedWriter)", 0, 1),
        (Does.WRITE, r"Files\.(?:copy|move)", 1, 0),
        (Does.WRITE, rf"(?:{_UPLOAD})\.(?:write|transferTo)", 0, _RECEIVER),
        (Does.WRITE, rf"{_FILE}\.(?:writeBytes|writeText|appendText|appendBytes|outputStream|bufferedWriter|printWriter|writeLines)", _RECEIVER, 0),
        (Does.WRITE, rf"{_FILE}\.(?:copyTo|renameTo|copyRecursively|moveTo)", 0, _RECEIVER),
        (Does.WRITE, r"FileUtils\.(?:writeStringToFile|writeByteArrayToFile|writeLines|write)", 0, 1),
        (Does.WRITE, r"FileUtils\.(?:copyInputStreamToFile|copyToFile|copyFile|moveFile|copyURLToFile|copyFileToDirectory|moveFileToDirectory)", 1, 0),
        (Does.WRITE, r"FileUtil\.(?:writeBytes|writeFromStream|writeUtf8String|writeString|appendUtf8String|writeLines|appendLines|move)", 1, 0),
        (Does.WRITE, r"ImageIO\.write", 2, 0),
        (Does.WRITE, r"HttpUtil\.downloadFile|QrCodeUtil\.generate", 1, None),
        (Does.READ, r"FileInputStream|FileReader|FileSystemResource|PathResource|UrlResource", 0, None),
        (Does.READ, r"Files\.(?:readAllBytes|readString|readAllLines|lines|newInputStream|newBufferedReader|list|walk|newDirectoryStream)", 0, None),
        (Does.READ, rf"{_FILE}\.(?:readBytes|readText|readLines|inputStream|bufferedReader|listFiles|list|walk|forEachLine)", _RECEIVER, None),
        (Does.READ, r"FileUtils\.(?:readFileToString|readFileToByteArray|readLines|openInputStream|listFiles)", 0, None),
        (Does.READ, r"FileUtil\.(?:readBytes|readUtf8String|readString|readLines|getInputStream|loopFiles)", 0, None),
        (Does.SERVE, r"StaticHandler\.create|respondFile|files|\w*\.sendFile", 0, None),
        (Does.SERVE, r"staticFiles", 1, None),
        (Does.REMOVE, rf"{_FILE}\.(?:delete|deleteOnExit|deleteRecursively|deleteIfExists)", _RECEIVER, None),
        (Does.REMOVE, r"Files\.(?:delete|deleteIfExists)|FileUtils\.(?:deleteQuietly|forceDelete|deleteDirectory|forceDeleteOnExit)", 0, None),
        (Does.REMOVE, r"FileUtil\.(?:del|delete|deleteFile|remove)|FileSystemUtils\.deleteRecursively|\w*[dD]elete(?:File|Temp\w*|Quietly)", 0, None),
    )
)  # fmt: skip
_OF_THE_FILE_AROUND = frozenset({"writeBytes", "writeText", "appendText", "appendBytes"})
"""Kotlin's extensions of files, called without saying on which: on that of the block."""
_STREAM = regex(r"(?:^|[._~%])(?:get)?(?:out|os|output|response|writer|sink)$|(?:stream|writer)(?:\(\))?$", re.IGNORECASE)
_A_PATH = regex(r"(?:.*[.~])?(?:File|Path|Paths\.get|Path\.of|resolve|toFile|toPath)(?:\(\)\.\w+)*")


def touch_of(call: Call, facts: Facts) -> Touch | None:
    """What a call does to a file, if it does."""
    for does, pattern, path, what in _TABLE:
        if pattern.fullmatch(call.name):
            found = Touch(call, does, _at(call, path), None if what is None else _at(call, what))
            return _settled(found, facts)
    if last_segment(call.name) == "transferTo" and _is_path(call.positional(0), call.scope, facts):
        return Touch(call, Does.WRITE, call.positional(0), call.receiver)  # an upload out of a list of them
    if call.name in _OF_THE_FILE_AROUND:
        return _in_its_block(call, facts)
    if call.name.endswith("RandomAccessFile"):
        writes = isinstance(mode := call.positional(1), Constant) and "w" in str(mode.value)
        return Touch(call, Does.WRITE if writes else Does.READ, call.positional(0))
    return _served(call)


def _in_its_block(call: Call, facts: Facts) -> Touch | None:
    """`file.apply { writeBytes(data) }` (https://kotlinlang.org/docs/scope-functions.html#apply)."""
    block = facts.function_by_id.get(call.scope)
    around = block.registered if block is not None else None
    if around is None or around.receiver is None or last_segment(around.name) not in {"apply", "run"}:
        return None
    return Touch(call, Does.WRITE, around.receiver, call.positional(0))


def _at(call: Call, place: int) -> Value | None:
    return call.receiver if place == _RECEIVER else call.positional(place)


def _settled(touch: Touch, facts: Facts) -> Touch | None:
    """A touch whose path is one: `Files.copy(path, out)` sends a file, it writes none."""
    if touch.path is None:
        return None
    last = touch.call.name.rsplit(".", 1)[-1]
    if (
        touch.does is Does.WRITE
        and last in {"copy", "write", "transferTo"}
        and is_named(_STREAM, touch.path, touch.call.scope, facts)
    ):
        return Touch(touch.call, Does.READ, touch.what) if last == "copy" else None
    return touch


def _is_path(value: Value | None, scope: str, facts: Facts) -> bool:
    resolved = facts.resolve(value, scope)
    return isinstance(resolved, Call) and _A_PATH.fullmatch(resolved.name) is not None


def _served(call: Call) -> Touch | None:
    """Folders that a server gives out: `registry.addResourceHandler(…).addResourceLocations("file:" + folder)`."""
    if last_segment(call.name) != "addResourceLocations" or not call.arguments:
        return None
    return Touch(call, Does.SERVE, call.arguments[0].value)

"""Calls that write, read, serve or remove files: their names and the argument that holds the path."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import pairwise

from msgspec.structs import replace

from guard.analyses._touches import Does, Touch
from guard.analyses._words import words
from guard.facts import Call, Constant, Facts, Name, Value
from guard.regex import regex

_FS = r"(?:node:)?(?:fs|fs/promises|fs\.promises|fs-extra|fsp|graceful-fs|mz/fs|original-fs|jsonfile|write-file-atomic|steno)"
_IN_OPTIONS = 99
"""No position: the path is among the options."""
_AFERO = r"github\.com/spf13/afero"
_TABLE: tuple[tuple[Does, re.Pattern[str], int, int | None], ...] = tuple(
    (does, regex(pattern), path, what)
    for does, pattern, path, what in (
        (Does.WRITE, rf"{_FS}(?:\.promises)?(?:\.(?:writeFile|writeFileSync|outputFile|outputFileSync|outputJson|outputJsonSync|outputJSON|writeJson|writeJsonSync|writeJSON|appendFile|appendFileSync))", 0, 1),
        (Does.WRITE, r"Bun\.write|Deno\.(?:writeTextFile|writeFile|writeTextFileSync)", 0, 1),
        (Does.WRITE, rf"{_FS}\.createWriteStream", 0, None),
        (Does.WRITE, rf"{_FS}(?:\.promises)?\.(?:rename|renameSync|copyFile|copyFileSync|copy|copySync|move|moveSync|cp|cpSync)", 1, 0),
        (Does.WRITE, r"decompress|xlsx\.writeFile(?:Sync|XLSX)?", 1, 0),
        (Does.WRITE, r"adm-zip\(\)\.extractAllTo(?:Async)?|qrcode\.toFile|exceljs\.(?:default\.)?Workbook\(\)\.xlsx\.writeFile|fluent-ffmpeg\(\)(?:\..*)?\.(?:save|saveToFile)", 0, None),
        (Does.WRITE, r"unzipper\.Extract|extract-zip|(?:puppeteer|playwright|%page|~page)\b.*\.(?:screenshot|pdf)", _IN_OPTIONS, None),
        (Does.WRITE, r"(?:zipfile\.ZipFile|tarfile\.(?:open|TarFile))\(\)\.extractall|PIL\.Image\.(?:\w+\(\)\.)+save|(?:openpyxl|docx|pptx|gtts|qrcode)\..*\.save|.*\.save_local", 0, None),
        (Does.WRITE, r"faiss\.write_index", 1, 0),
        (Does.WRITE, r"torchaudio\.save|imageio\.(?:v\d\.)?(?:imwrite|imsave)|scipy\.io\.wavfile\.write", 0, 1),
        (Does.READ, r"faiss\.read_index|.*\.load_local", 0, None),
        (Does.WRITE, r".*\.mv", 0, None),
        (Does.WRITE, r"sharp\(\)(?:\..*)?\.toFile|jimp\..*\.write|.*\.(?:to_csv|to_parquet|to_pickle|to_excel|savefig|write_text|write_bytes|save_as|toFile|save_pretrained)", 0, None),
        (Does.WRITE, r"shutil\.(?:copy|copy2|copyfile|copytree|move|unpack_archive)|os\.(?:rename|replace)|joblib\.dump|torch\.save", 1, 0),
        (Does.WRITE, r"urllib\.request\.urlretrieve|wget\.download", 1, None),
        (Does.WRITE, r"(?:numpy|cv2)\.(?:save|savez|savetxt|imwrite)|soundfile\.write", 0, 1),
        (Does.WRITE, r"os\.WriteFile|(?:io/)?ioutil\.WriteFile", 0, 1),
        (Does.WRITE, rf"{_AFERO}\.(?:WriteFile|WriteReader|SafeWriteReader)", 1, 2),
        (Does.WRITE, rf"{_AFERO}\.(?:NewOsFs|NewBasePathFs|Fs)\(\)\.Create", 0, None),
        (Does.READ, rf"{_AFERO}\.ReadFile", 1, None),
        (Does.WRITE, r"os\.Create", 0, None),
        (Does.WRITE, r"os\.Rename", 1, 0),
        (Does.WRITE, r"(?:.*[.~%])?SaveUploadedFile|.*fiber.*\.SaveFile|%\w+\.SaveFile", 1, 0),
        (Does.READ, r"os\.(?:ReadFile|Open|ReadDir|Stat)|(?:io/)?ioutil\.(?:ReadFile|ReadDir)|path/filepath\.(?:Walk|WalkDir|Glob)", 0, None),
        (Does.SERVE, r"net/http\.(?:Dir|FileServer)|os\.DirFS|(?:gin\.Context|%\w+)\(?\)?\.(?:File|SendFile|FileAttachment|Attachment)", 0, None),
        (Does.SERVE, r"net/http\.ServeFile", 2, None),
        (Does.SERVE, r".*\.(?:Static|StaticFile|StaticFS)", 1, None),
        (Does.REMOVE, r"os\.(?:Remove|RemoveAll)", 0, None),
        (Does.READ, rf"{_FS}(?:\.promises)?\.(?:readFile|readFileSync|readJson|readJsonSync|readJSON|readJSONSync|createReadStream|readdir|readdirSync)", 0, None),
        (Does.READ, r".*\.(?:read_text|read_bytes)|os\.(?:listdir|scandir|walk)|glob\.(?:glob|iglob)|pandas\.read_\w+|numpy\.load|torch\.load|joblib\.load", 0, None),
        (Does.SERVE, r"flask\.(?:send_file|send_from_directory)|quart\.send_\w+|(?:fastapi|starlette)\.responses\.FileResponse|aiohttp\.web\.FileResponse|django\.http\.FileResponse|.*\.(?:sendFile|sendfile|download|send_file)", 0, None),
        (Does.SERVE, r"express\.static|serve-static|koa-static|(?:fastapi|starlette)\.staticfiles\.StaticFiles|.*\.(?:StaticFiles|add_static|static)", 0, None),
        (Does.REMOVE, rf"{_FS}(?:\.promises)?\.(?:unlink|unlinkSync|rm|rmSync|rmdir|remove|removeSync)|rimraf|del|os\.(?:remove|unlink|rmdir)|shutil\.rmtree|.*\.(?:unlink|rmtree)|(?:.*[.~])?(?:rm|rmrf|remove|delete|unlink|cleanup|clean_up|(?:safe_?|try_?)?(?:delete|remove|unlink)_?(?:file|files|temp|tmp)?)", 0, None),
    )
)  # fmt: skip
_REMOVES = regex(
    r"os\.(?:remove|unlink)|shutil\.rmtree|(?:.*[.~])?(?:unlink|cleanup|clean_up|(?:delete|remove|unlink)_?(?:file|files|temp|tmp)?)",
    re.IGNORECASE,
)
_OPENERS = regex(r"(?:io|codecs|aiofiles|gzip|bz2|lzma|tarfile|wave|zipfile)\.(?:open|ZipFile)|open|anyio\.open_file")
_UPLOADS = regex(
    r"(?:request|req|ctx\.request|%\w*)\.(?:files|FILES|file)\b|\.(?:files|FILES)(?:\[\]|\.|$)|UploadFile|\.(?:file|files(?:\.\w+|\[\])*)\.(?:path|filepath|tempFilePath)$"
    r"|\.(?:FormFile|MultipartForm|MultipartReader)\b|SaveUploadedFile|\b(?:MultipartFile|FilePart|FileItem|Part|CompletedFileUpload|StreamingFileUpload|FileUpload|UploadedFile)\(\)|%part\.(?:streamProvider|provider)|file_uploader\(\)|\b(?:IFormFile|IFormFileCollection|HttpPostedFile\w*|IBrowserFile|FileMultipartSection)\(\)|\bForm\.Files\b|Request\.Files\b|\$_FILES\b|^move_uploaded_file$|\bUploadedFileInterface\(\)|\.files\.get\(\)|Request\(\)\.file\(\)|%request\.file\(\)|\bparams(?:\.require\(\)|\.permit\(\))?(?:\[\])+\.(?:tempfile|path|read|original_filename)\b|%\w*(?:file|upload|pdf|doc)\w*\.(?:getbuffer|getvalue)$"
)
_COPIES_FROM = ("shutil.copyfileobj", "IOUtils.copy", "IoUtil.copy", "StreamUtils.copy", "FileCopyUtils.copy")
"""Ends of names of functions that copy their first argument into their second."""
_CONNECTIONS = frozenset(
    "session socket sock conn connection stream serial port device websocket ws channel writer reader pipe tty".split()
)
"""Words for what bytes are sent to, by methods that are called as those of a path are."""
_NEAR = 12
"""Lines between opening a file and writing into it."""
_KEYWORDS = ("path", "dest", "dst", "dir", "file", "directory", "filename", "path_or_buf", "root")


def touches(facts: Facts) -> Iterator[Touch]:
    """Every call of a file that touches a file, in source order."""
    touch_of = _touch_in(facts.language)
    for call in facts.calls:
        touch = touch_of(call, facts)
        if touch is not None:
            opened = (
                touch.does is Does.WRITE
                and touch.what is None
                and call.name.endswith(("open", "os.Create", "os.OpenFile", "FileOutputStream", "Stream"))
            )
            yield replace(touch, what=_written(call, facts)) if opened else touch


def _touch_in(language: str) -> Callable[[Call, Facts], Touch | None]:
    """How a language touches files; its module is loaded when it is met."""
    match language:
        case "java" | "kotlin":
            from guard.analyses._jvm_files import touch_of
        case "csharp":
            from guard.analyses._dotnet_files import touch_of
        case "php":
            from guard.analyses._php_files import touch_of
        case "ruby":
            from guard.analyses._ruby_files import touch_of
        case _:
            return _touch
    return touch_of


def _written(opened: Call, facts: Facts) -> Value | None:
    """What the lines after an `open(path, "wb")` write into the file."""
    near = (c for c in facts.calls if c.scope == opened.scope and 0 <= c.span.line - opened.span.line <= _NEAR)
    for call in near:
        if call.name == f"{opened.name}().write" or call.name.endswith(_COPIES_FROM):
            return call.positional(0)
        if call.name in {"io.Copy", "io.CopyN", "io.CopyBuffer"}:
            return call.positional(1)
    return None


def _touch(call: Call, facts: Facts) -> Touch | None:
    name = call.name
    if "spf13/afero" in name and _is_in_memory(call, facts):
        return None
    if _OPENERS.fullmatch(name) or name.endswith(".open"):
        return _opened(call)
    if name == "os.OpenFile":
        return _opened_with_flags(call)
    if name.endswith(".save") and is_upload(Name(name)) and not _into_a_storage(call):
        return Touch(call, Does.WRITE, call.positional(0) or _by_keyword(call), Name(name.rsplit(".", 1)[0]))
    later = _removal_for_later(call)
    if later is not None:
        return later
    does, path, what = _row(name)
    if does is None:
        return None
    of_a_path = name.endswith((".write_text", ".write_bytes", ".read_text", ".read_bytes"))
    if of_a_path and isinstance(call.receiver, Name) and words(call.receiver.path.rsplit(".", 1)[-1]) & _CONNECTIONS:
        return None
    if of_a_path or (name.endswith(".unlink") and call.positional(0) is None):
        return Touch(call, does, call.receiver, call.positional(0))
    target = call.positional(path) or _by_keyword(call)
    return Touch(call, does, target, call.positional(what) if what is not None else None) if target is not None else None


def _is_in_memory(call: Call, facts: Facts) -> bool:
    """Whether afero is told to keep the file in memory (https://pkg.go.dev/github.com/spf13/afero#NewMemMapFs)."""
    system = facts.resolve(call.positional(0), call.scope)
    return isinstance(system, Call) and system.name.endswith("NewMemMapFs")


@lru_cache(maxsize=4096)
def _row(name: str) -> tuple[Does | None, int, int | None]:
    """What the table says of a name: files call the same functions again and again."""
    return next(((does, path, what) for does, pattern, path, what in _TABLE if pattern.fullmatch(name)), (None, 0, None))


def _into_a_storage(call: Call) -> bool:
    """`field.save(name, content)`: a file field of Django hands the content to the storage that is configured for it."""
    return isinstance(call.positional(1), Name | Call) or call.option("content") is not None


def _removal_for_later(call: Call) -> Touch | None:
    """`add_task(os.remove, path)`: a removal handed over with its path."""
    given = [argument.value for argument in call.arguments]
    for function, path in pairwise(given):
        if isinstance(function, Name) and _REMOVES.fullmatch(function.path):
            return Touch(call, Does.REMOVE, path)
    return None


def _opened(call: Call) -> Touch | None:
    """`open(path, mode)`, and `path.open(mode)`."""
    free = bool(_OPENERS.fullmatch(call.name))
    mode = call.positional(1 if free else 0) or call.option("mode")
    text = mode.value if isinstance(mode, Constant) and isinstance(mode.value, str) else "r"
    if not re.fullmatch(r"[rwaxbtU+:gz|]{1,5}", text):
        return None
    path = call.positional(0) or call.option("file") if free else call.receiver
    if path is None or (not free and mode is None):
        return None
    return Touch(call, Does.WRITE if re.search(r"[wax+]", text) else Does.READ, path)


def _opened_with_flags(call: Call) -> Touch | None:
    """`os.OpenFile(path, os.O_CREATE|os.O_WRONLY, mode)`."""
    flags, path = call.positional(1), call.positional(0)
    writes = re.search(r"O_(?:WRONLY|RDWR|CREATE|APPEND|TRUNC)", getattr(flags, "text", "") or getattr(flags, "path", ""))
    return None if path is None else Touch(call, Does.WRITE if writes else Does.READ, path)


def _by_keyword(call: Call) -> Value | None:
    return next((value for key in _KEYWORDS if (value := call.option(key)) is not None), None)


def is_upload(value: Value | None) -> bool:
    """Whether a value is a file that a visitor sent."""
    return isinstance(value, Name | Call) and bool(_UPLOADS.search(value.path if isinstance(value, Name) else value.name))

"""File paths as the code writes them: which are scratch, and which two mean the same place."""

from __future__ import annotations

import re
from collections.abc import Iterator

from guard.analyses._runtime import targets
from guard.analyses._words import words
from guard.facts import Binding, Call, Constant, Facts, Name, Value, last_segment, walk
from guard.regex import regex

_SCRATCH_CALLS = regex(
    r"(?:^|[.~%/])(?:createtemp|createtempfile|createtempdir|createtempdirectory|gettempdirectory|gettemppath|gettempfilename|createtempsubdirectory|gettmpdir|os\.tempdir|ioutil\.tempfile|ioutil\.tempdir|mkdirtemp|tempfile|tmp|tmp-promise|temp|tempy|os\.tmpdir|tmpdir|mkdtemp|mkdtempsync|mkstemp|gettempdir|namedtemporaryfile|temporarydirectory|spooledtemporaryfile"
    r"|tmpname|tmpnamesync|tempnam|tmpfile|sys_get_temp_dir|mktmpdir|tempfile\.(?:new|create|open)|io\.bytesio|io\.stringio|bytesio|stringio)(?:$|[.(])",
    re.IGNORECASE,
)
_SCRATCH_TEXT = regex(
    r"^java\.io\.tmpdir$|^php://|^/(?:tmp|var/tmp|dev|proc|sys|run)(?:/|$)|(?:^|/)\.?(?:tmp|temp|scratch)(?:/|$)|\.(?:log|pid|lock|sock|tmp|temp|part)$"
    r"|(?:^|/)(?:[\w-]*[_-](?:tmp|temp)|(?:tmp|temp)(?:[_-][\w-]*)?)\.\w{2,5}$|(?:^|/)(?:tmp|temp)_$",
    re.IGNORECASE,
)
_SCRATCH_WORDS = frozenset(
    "tmp temp temporary scratch log logfile logs pid pidfile lockfile tmpdir tempdir tmpfile tempfile stdout stderr devnull buffer buf".split()
)
_KEPT_WORDS = frozenset({"upload", "media", "public", "static", "avatar"})
"""Words of folders whose files are kept, however the making of a file's own name is called."""
DURABLE_WORDS = frozenset(
    "upload media data storage static public avatar image picture photo file attachment document export report state user setting config db database store history session"
    " output asset content archive audio video save cache workspace thumbnail logo icon token credential index result transcript conversation job"
    " persistent persist backup chat message memory knowledge auth account password store".split()
)
_OF_ITS_RECEIVER = frozenset(
    "resolve resolveSibling toFile toPath normalize toAbsolutePath toRealPath getAbsolutePath getAbsoluteFile getCanonicalPath getPath getParent"
    " getParentFile toString to_s to_path joinpath with_suffix with_name absolutePath path trim".split()
)
"""Methods of a path that give a path of the same place, or one below it."""
_WITH_A_WEB_ROOT = frozenset({"ruby", "php", "csharp"})
"""Languages whose servers give out the files of one folder, without a line of code that says so."""
_WEB_ROOT = regex(r"(?:^|[/\\])(?:public|wwwroot)(?:[/\\]|$)")
_WEB_ROOTS = frozenset(
    {"public_path", "publicPath", "public_folder", "public_dir", "WebRootPath", "WebRootFileProvider", "MapPath"}
)
_DEEP = 4


def parts(value: Value | None, scope: str, facts: Facts, depth: int = 0) -> Iterator[Value]:
    """A path and all it is made of, names followed to what the file binds them to."""
    for part in walk(value):
        yield part
        if depth >= _DEEP:
            continue
        if isinstance(part, Name):
            for following in _bound(part, scope, facts):
                yield from parts(following.value, following.scope, facts, depth + 1)
        elif isinstance(part, Call):
            if part.receiver is not None and last_segment(part.name) in _OF_ITS_RECEIVER:
                yield from parts(part.receiver, scope, facts, depth + 1)
            for target in targets(part.name, scope, facts)[:1]:
                for given in facts.returns:
                    if given.scope == target:
                        yield from parts(given.value, target, facts, depth + 1)


def _bound(name: Name, scope: str, facts: Facts) -> tuple[Binding, ...]:
    """Where a local name (`~path`) or a field of a class of the file (`~Store.base`) gets its value."""
    if not name.path.startswith("~"):
        return ()
    head, _, field = name.path[1:].partition(".")
    owners = [function.id for function in facts.enclosing(scope)] + [""]
    if field and head in facts.function_by_id:
        return facts.bindings_by_name.get((head, field.split(".", 1)[0]), ())[:2]
    return next((bindings for owner in owners if (bindings := facts.bindings_by_name.get((owner, head)))), ())[:2]


def is_scratch(value: Value | None, scope: str, facts: Facts) -> bool:
    """Whether a path names a temporary place, a log or a device."""
    for part in parts(value, scope, facts):
        match part:
            case Constant(value=str(text)) if _SCRATCH_TEXT.search(text):
                return True
            case Call(name=name) if _SCRATCH_CALLS.search(name):
                return True
            case Name(path) if _SCRATCH_CALLS.search(path):
                return True
            case Name(path) if (named := words(path.rsplit(".", 1)[-1])) & _SCRATCH_WORDS:
                if "name" not in named or not path_words(value, scope, facts) & _KEPT_WORDS:  # `UPLOADS + tempName`
                    return True
            case Name(path) if path.startswith("%") and _given_scratch(path[1:], scope, facts):
                return True
            case _:
                pass
    return False


def is_made_temporary(value: Value | None, scope: str, facts: Facts) -> bool:
    """Whether a path is one that a call for temporary files or folders gave, not only called so."""
    return any(
        _SCRATCH_CALLS.search(part.name if isinstance(part, Call) else part.path) is not None
        for part in parts(value, scope, facts)
        if isinstance(part, Call | Name)
    )


def _segments(part: Name | Call) -> list[str]:
    return [segment.removesuffix("()") for segment in re.split(r"[.~%]", part.path if isinstance(part, Name) else part.name)]


def _given_scratch(name: str, scope: str, facts: Facts) -> bool:
    """Whether a parameter is what a temporary folder calls its block with: `Dir.mktmpdir do |dir|`."""
    around = (function for function in facts.enclosing(scope) if name in function.parameters)
    given = next((function.registered for function in around), None)
    return given is not None and _SCRATCH_CALLS.search(given.name) is not None


def is_published(value: Value | None, scope: str, facts: Facts) -> bool:
    """Whether a path leads to a file with a name of its own under the folder that the web server gives out."""
    if facts.language not in _WITH_A_WEB_ROOT:
        return False
    known = list(parts(value, scope, facts))
    texts = [part.value for part in known if isinstance(part, Constant) and isinstance(part.value, str)]
    under = any(_WEB_ROOT.search(text) for text in texts) or any(
        isinstance(part, Name | Call) and not _WEB_ROOTS.isdisjoint(_segments(part)) for part in known
    )
    varies = any(
        isinstance(part, Name) and not part.path.isupper() and _WEB_ROOTS.isdisjoint(_segments(part)) and part.path != "__DIR__"
        for part in known
    )
    return under and varies


def marks(value: Value | None, scope: str, facts: Facts) -> frozenset[str]:
    """What a path can be recognised by elsewhere in the file: shared names, fields, texts with a folder or a file in them."""
    return frozenset(_marks(value, scope, facts))


def _marks(value: Value | None, scope: str, facts: Facts) -> Iterator[str]:
    for part in parts(value, scope, facts):
        match part:
            case Constant(value=str(text)) if re.search(r"[A-Za-z]{2,}", text) and len(text) > 3:
                yield text.strip("/.").lower()
            case Name(path) if path.startswith(("%self.", "%this.", "%cls.")):
                yield path.split(".")[1]
            case Name(path) if path.startswith("~") and path[1:].split(".")[0] in facts.function_by_id:
                yield ".".join(path.split(".")[:2])
            case Name(path) if path.startswith("~") and ("", path[1:].split(".")[0]) in facts.bindings_by_name:
                yield path.split(".")[0]
            case Name(path) if not path.startswith(("%", "~")) and "." in path and words(path) & DURABLE_WORDS:
                yield path
            case Call(name=name) if name.startswith("~"):
                yield name
            case _:
                pass


def path_words(value: Value | None, scope: str, facts: Facts) -> frozenset[str]:
    """The words that occur in a path's texts and names."""
    found: set[str] = set()
    for part in parts(value, scope, facts):
        text = (
            part.value
            if isinstance(part, Constant) and isinstance(part.value, str)
            else part.path
            if isinstance(part, Name)
            else ""
        )
        found |= words(text)
    return frozenset(found)

"""Files kept on a disk of Laravel that is a folder of this machine, as `config/filesystems.php` says.

    Storage::disk('avatars')->putFile('', $upload)          'avatars' => ['driver' => 'local', 'root' => storage_path('avatars')]
    $upload->storeAs('', $name, 'avatars')

The disks that Laravel itself calls `local` and `public` are known without the file: `guard.analyses.durable_writes`.
https://laravel.com/docs/filesystem#configuration
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from msgspec import Struct

from guard.analyses import View, Wanted
from guard.analyses._callers import called_by_handlers
from guard.analyses._paths import parts
from guard.analyses._runtime import Runs, runtime, told, work
from guard.analyses._words import words
from guard.catalogue import Example, Rule
from guard.facts import Call, Constant, Entry, Facts, FunctionKind, Mapping, Value, last_segment
from guard.finding import Check, Confidence, Evidence, Signal
from guard.regex import regex

_ID = "laravel-local-disk-write"
_CONFIGURATION = r"(?:^|/)config/filesystems\.php$"
_DISK = regex(r"(?:.*\.)?Storage\.disk\(\)\.(\w+)")
_WRITES = frozenset({"put", "putFile", "putFileAs", "writeStream", "write"})
_REMOVES = frozenset({"delete", "deleteDirectory"})
_UPLOADS = frozenset({"store", "storeAs", "storePublicly", "storePubliclyAs"})
_KNOWN = frozenset({"local", "public"})
_SCRATCH = frozenset("tmp temp temporary cache cached scratch log logs test tests testing debug".split())
_AGAIN = frozenset({"fetch", "refresh", "cache", "warm"})
_MESSAGE = (
    "After a deploy, or on a second instance, this file is missing: the disk `{disk}` is a folder of this machine,"
    " and nothing removes what is put there."
)


class _Kept(Struct, frozen=True):
    """A call that leaves a file on a disk."""

    call: Call
    disk: str
    upload: bool


def find(view: View) -> Iterator[Signal]:
    """Every disk of this machine on which code that runs with requests leaves files."""
    facts = view.facts
    if facts.language != "php":
        return
    kept = _kept_files(facts)
    if not kept:
        return
    runs = runtime(facts, called_by_handlers(view))
    places: dict[tuple[str, str], list[_Kept]] = defaultdict(list)
    for one in kept:
        lasts = not (_removed_again(one, facts) or _fetched_again(one, facts))
        if lasts and runs.get(one.call.scope, Runs.ONCE) is not Runs.ONCE:
            places[one.disk, "" if one.upload else _text(one.call.positional(0))].append(one)
    for (disk, _file), calls in places.items():
        confidence, place = _told_of(disk, calls, view)
        if confidence is not None:
            yield _signal(disk, calls, confidence, place, view)


def asks(view: View, lines: frozenset[int]) -> Iterator[Wanted]:
    """What the disks are that a changed line writes to."""
    if view.facts.language == "php" and any(one.call.span.touches(lines) for one in _kept_files(view.facts)):
        yield Wanted(path=_CONFIGURATION)


def _kept_files(facts: Facts) -> list[_Kept]:
    found = (_kept(call) for call in facts.calls)
    return [one for one in found if one is not None and one.disk not in _KNOWN and not words(one.disk) & _SCRATCH]


def _kept(call: Call) -> _Kept | None:
    method = last_segment(call.name)
    if method in _WRITES and _DISK.fullmatch(call.name) and isinstance(call.receiver, Call):
        disk = _text(call.receiver.positional(0))
        return _Kept(call, disk, method.startswith("putFile")) if disk else None
    if method in _UPLOADS and call.arguments[1:]:
        options = call.arguments[-1].value
        disk = _text(options.get("disk") if isinstance(options, Mapping) else options)
        second_of_two = method in {"storeAs", "storePubliclyAs"} and len(call.arguments) == len(("folder", "name"))
        return _Kept(call, disk, upload=True) if disk and not second_of_two else None
    return None


def _text(value: Value | None) -> str:
    return value.value if isinstance(value, Constant) and isinstance(value.value, str) else ""


def _removed_again(kept: _Kept, facts: Facts) -> bool:
    """Whether the same work removes from the disk again."""
    around = work(kept.call.scope, facts)
    return any(
        last_segment(call.name) in _REMOVES
        and _DISK.fullmatch(call.name)
        and isinstance(call.receiver, Call)
        and _text(call.receiver.positional(0)) == kept.disk
        and work(call.scope, facts) == around
        for call in facts.calls
    )


def _fetched_again(kept: _Kept, facts: Facts) -> bool:
    """Whether the code around says that it fetches, or fills a cache: what is missing is fetched again."""
    around = facts.enclosing(kept.call.scope)
    return any(words(one.name) & _AGAIN for one in around if one.kind is not FunctionKind.CLASS)


def _told_of(disk: str, calls: list[_Kept], view: View) -> tuple[Confidence | None, Evidence | None]:
    """What the configuration says of a disk; where none is known, only an upload is worth a question."""
    configured = [(facts, entry) for facts in (*view.neighbours, view.facts) if (entry := _configured(disk, facts)) is not None]
    if not configured:
        uploaded = any(one.upload for one in calls)
        return (Confidence.POSSIBLE if uploaded and not view.neighbours else None), None
    facts, entry = configured[0]
    options = entry.value
    if not isinstance(options, Mapping) or options.get("driver") != Constant("local"):
        return None, None
    texts = (part.value for part in parts(options.get("root"), "", facts) if isinstance(part, Constant))
    if any(words(str(text)) & _SCRATCH for text in texts):
        return None, None
    return Confidence.LIKELY, Evidence(facts.path, entry.span.line, f"the disk `{disk}` is a folder here")


def _configured(disk: str, facts: Facts) -> Entry | None:
    disks = next((setting.value for setting in facts.settings if setting.path == ("disks",)), None)
    if not isinstance(disks, Mapping):
        return None
    return next((entry for entry in disks.entries if entry.key == disk), None)


def _signal(disk: str, calls: list[_Kept], confidence: Confidence, place: Evidence | None, view: View) -> Signal:
    facts, first = view.facts, calls[0].call
    return Signal(
        rule=_ID,
        check=Check.LOCAL_DISK,
        confidence=confidence,
        path=facts.path,
        line=first.span.line,
        end_line=first.span.end_line,
        column=first.span.column,
        message=_MESSAGE.format(disk=disk),
        remedy=RULES[0].remedy_for(view.project, facts.path),
        identity=disk,
        code=facts.text(first.span),
        evidence=(
            Evidence(facts.path, first.span.line, f"{told(first.scope, facts)} writes it"),
            *(() if place is None else (place,)),
        ),
        question=RULES[0].question,
        alternatives=tuple((one.call.span.line, one.call.span.end_line) for one in calls[1:]),
    )


_CONTROLLER = "<?php\nnamespace App\\Http\\Controllers;\nuse Illuminate\\Http\\Request;\nuse Illuminate\\Support\\Facades\\Storage;\nclass AvatarController extends Controller\n{\n    public function store(Request $request)\n    {\n        "
_END = "\n    }\n}\n"

RULES: tuple[Rule, ...] = (
    Rule(
        id=_ID,
        check=Check.LOCAL_DISK,
        confidence=Confidence.LIKELY,
        message=_MESSAGE.format(disk="avatars"),
        remedy="Make the disk one of an object store (`'driver' => 's3'` in config/filesystems.php); a local folder only for what one request needs.",
        docs="https://laravel.com/docs/filesystem#configuration",
        question="Is this disk a folder of the machine in production, and does a later request need the file?",
        framework="Laravel",
        languages=("php",),
        match=(
            Example(
                "app/Http/Controllers/AvatarController.php",
                f"{_CONTROLLER}$request->file('avatar')->storeAs('', 'me.png', 'avatars');{_END}",
            ),
            Example(
                "app/Http/Controllers/AvatarController.php",
                f"{_CONTROLLER}Storage::disk('avatars')->putFile('', $request->file('avatar'));{_END}",
            ),
        ),
        no_match=(
            Example(
                "app/Http/Controllers/AvatarController.php",
                f"{_CONTROLLER}$path = $request->file('list')->store('', 'imports'); Import::run($path); Storage::disk('imports')->delete($path);{_END}",
            ),
            Example(
                "app/Http/Controllers/AvatarController.php",
                f"{_CONTROLLER}Storage::disk('temp')->put('list.csv', $request->input('list'));{_END}",
            ),
        ),
    ),
)

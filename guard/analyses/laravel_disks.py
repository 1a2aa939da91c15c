"""Files kept on a disk of Laravel that is a folder of this machine, as `config/filesystems.php` says.

    Storage::disk('avatars')->putFile('', $upload)          'avatars' => ['driver' => 'local', 'root' => storage_path('avatars')]
    $upload->storeAs('', $name, 'avatars')
    $request->file('avatar')->store('avatars')              'default' => env('FILESYSTEM_DISK', 'local')

The disks that Laravel itself calls `local` and `public` are known without the file: `guard.analyses.durable_writes`.
https://laravel.com/docs/filesystem#configuration
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from msgspec import Struct

from guard.analyses import View, Wanted
from guard.analyses._callers import called_by_handlers
from guard.analyses._files import touches
from guard.analyses._paths import parts
from guard.analyses._php_files import is_uploaded
from guard.analyses._runtime import Runs, runtime, told, work
from guard.analyses._touches import Does
from guard.analyses._words import words
from guard.catalogue import Example, Rule
from guard.facts import Call, Constant, Entry, Facts, FunctionKind, Mapping, last_segment, text_of
from guard.finding import Check, Confidence, Evidence, Signal
from guard.regex import regex

_ID = "laravel-local-disk-write"
_CONFIGURATION = r"(?:^|/)config/filesystems\.php$"
_DISK = regex(r"(?:.*\.)?Storage\.disk\(\)\.(\w+)")
_FACADE = regex(r"(?:.*\.)?Facades\.Storage\.(\w+)|Storage\.(\w+)")
_DEFAULT = ""
"""The name of the disk that a call does not name."""
_REMOTE = regex(r"(?:.*/)?flysystem-(?!local|memory)[\w-]+|aws/aws-sdk-php(?:-laravel)?|google/cloud-storage")
"""Packages with disks of other machines: with one, a deployment may well choose it."""
_WRITES = frozenset({"put", "putFile", "putFileAs", "writeStream", "write"})
_REMOVES = frozenset({"delete", "deleteDirectory"})
_UPLOADS = frozenset({"store", "storeAs", "storePublicly", "storePubliclyAs"})
_KNOWN = frozenset({"local", "public"})
_SCRATCH = frozenset("tmp temp temporary cache cached scratch log logs test tests testing debug".split())
_AGAIN = frozenset({"fetch", "refresh", "cache", "warm"})
_MESSAGE = (
    "After a deploy, or on a second instance, this file is missing: Laravel's disk `{disk}` is a folder of this machine,"
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
            places[one.disk, "" if one.upload else text_of(one.call.positional(0))].append(one)
    for (disk, _file), calls in places.items():
        confidence, place = _told_of(disk, calls, view)
        if confidence is not None:
            yield _signal(disk, calls, confidence, place, view)


def asks(view: View, lines: frozenset[int]) -> Iterator[Wanted]:
    """What the disks are that a changed line writes to."""
    if view.facts.language == "php" and any(one.call.span.touches(lines) for one in _kept_files(view.facts)):
        yield Wanted(path=_CONFIGURATION)


def _kept_files(facts: Facts) -> list[_Kept]:
    found = (_kept(call, facts) for call in facts.calls)
    return [one for one in found if one is not None and one.disk not in _KNOWN and not words(one.disk) & _SCRATCH]


def _kept(call: Call, facts: Facts) -> _Kept | None:
    method = last_segment(call.name)
    if method in _WRITES and _DISK.fullmatch(call.name) and isinstance(call.receiver, Call):
        disk = text_of(call.receiver.positional(0))
        return _Kept(call, disk, method.startswith("putFile")) if disk else None
    if method in _WRITES and _FACADE.fullmatch(call.name) and not _is_scratch(call):
        return _Kept(call, _DEFAULT, method.startswith("putFile"))
    if method in _UPLOADS and call.arguments:
        return _stored(call, named=method.endswith("As"), facts=facts)
    return None


def _stored(call: Call, *, named: bool, facts: Facts) -> _Kept | None:
    """`$upload->store(folder, disk)`, `$upload->storeAs(folder, name, disk)`, the disk also as an option."""
    options = call.positional(2 if named else 1)
    disk = text_of(options.get("disk") if isinstance(options, Mapping) else options)
    if disk:
        return _Kept(call, disk, upload=True)
    if options is not None or not is_uploaded(call.receiver, call, facts) or _is_scratch(call):
        return None
    return _Kept(call, _DEFAULT, upload=True)


def _is_scratch(call: Call) -> bool:
    """Whether the folder says that what is in it does not stay."""
    return bool(words(text_of(call.positional(0))) & _SCRATCH)


def _removed_again(kept: _Kept, facts: Facts) -> bool:
    """Whether the same work removes from the disk again, or removes a file by its path."""
    around = work(kept.call.scope, facts)
    if any(touch.does is Does.REMOVE and work(touch.call.scope, facts) == around for touch in touches(facts)):
        return True
    return any(
        last_segment(call.name) in _REMOVES and work(call.scope, facts) == around and _disk_of(call) == kept.disk
        for call in facts.calls
    )


def _disk_of(call: Call) -> str | None:
    """The disk that a method of the facade works on."""
    if _DISK.fullmatch(call.name) and isinstance(call.receiver, Call):
        return text_of(call.receiver.positional(0))
    return _DEFAULT if _FACADE.fullmatch(call.name) else None


def _fetched_again(kept: _Kept, facts: Facts) -> bool:
    """Whether the code around says that it fetches, or fills a cache: what is missing is fetched again."""
    around = facts.enclosing(kept.call.scope)
    return any(words(one.name) & _AGAIN for one in around if one.kind is not FunctionKind.CLASS)


def _told_of(disk: str, calls: list[_Kept], view: View) -> tuple[Confidence | None, Evidence | None]:
    """What the configuration says of a disk; where none is known, only an upload is worth a question."""
    known = [(facts, disks) for facts in (*view.neighbours, view.facts) if (disks := _disks(facts)) is not None]
    if not known:
        uploaded = bool(disk) and any(one.upload for one in calls)
        return (Confidence.POSSIBLE if uploaded and not view.neighbours else None), None
    facts, disks = known[0]
    chosen, by_environment = (disk, False) if disk else _default(facts)
    entry = next((entry for entry in disks.entries if entry.key == chosen), None)
    if entry is None or not _is_here(entry, facts):
        return None, None
    told = f"the disk `{chosen}`" if disk else f"the default disk, `{chosen}`,"
    settled = not by_environment or not any(_REMOTE.fullmatch(name) for name in view.project.dependencies)
    return (
        Confidence.LIKELY if settled else Confidence.POSSIBLE,
        Evidence(facts.path, entry.span.line, f"{told} is a folder here"),
    )


def _disks(facts: Facts) -> Mapping | None:
    """The disks that a file configures."""
    found = next((setting.value for setting in facts.settings if setting.path == ("disks",)), None)
    return found if isinstance(found, Mapping) else None


def _default(facts: Facts) -> tuple[str, bool]:
    """The disk that is used where none is named, and whether the environment may name another."""
    value = next((setting.value for setting in facts.settings if setting.path == ("default",)), None)
    return (text_of(value.positional(1)), True) if isinstance(value, Call) else (text_of(value), False)


def _is_here(disk: Entry, facts: Facts) -> bool:
    """Whether a disk is a folder of this machine, and not one for scratch."""
    options = disk.value
    if not isinstance(options, Mapping) or options.get("driver") != Constant("local"):
        return False
    texts = (part.value for part in parts(options.get("root"), "", facts) if isinstance(part, Constant))
    return not any(words(str(text)) & _SCRATCH for text in texts)


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
        message=_MESSAGE.format(disk=disk or "default"),
        remedy=RULES[0].remedy_for(view.project, facts.path),
        identity=disk or "(default)",
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
                f"{_CONTROLLER}$path = $request->file('code')->store('codes'); $text = Reader::read($path); Storage::delete($path); return $text;{_END}",
            ),
            Example(
                "app/Http/Controllers/AvatarController.php",
                f"{_CONTROLLER}Storage::disk('temp')->put('list.csv', $request->input('list'));{_END}",
            ),
        ),
    ),
)

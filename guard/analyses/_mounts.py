"""Where containers get storage: volumes of Compose, Kubernetes, images, and platforms' disks, as one kind of value.

Read off settings alone, so that YAML, JSON and Dockerfiles are the same thing here.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from guard.analyses._storage import Storage
from guard.catalogue.patterns import text_of
from guard.catalogue.tree import Path, Tree
from guard.facts import Choice, Constant, Facts, Listing, Mapping, Span, Template, Value

_SERVICES = frozenset({"yaml", "json", "shell", "ini", "bicep"})
"""Formats that describe services, or start them by `docker run`."""
_HAS_STORAGE = frozenset({"volumes", "directories", "volumeMounts", "disk", "mounts", "mountPoints", "MountPoints"})


class Mount(Struct, frozen=True):
    """Storage at a path of a container. `places` are spans that say so, the one to report first."""

    storage: Storage
    source: str
    target: str
    owner: str
    """The name of the service, container or object, as it is written."""
    image: str
    places: tuple[Span, ...]
    path: Path
    """The keys of the container or service."""
    document: int = 0
    read_only: bool = False
    kind: str = ""
    """The kind of a Kubernetes object."""
    detail: str = ""
    """What else the volume says of itself: a medium, a type, a driver."""


class Containers(Tree):
    """The tree of a file's settings, with values as text."""

    def text(self, document: int, path: Path) -> str:
        """The value at a path as text, defaults filled in; "" if there is none."""
        return next((filled(setting.value) for setting in self.below(document, path) if setting.path == path), "")

    def items(self, document: int, path: Path) -> list[str]:
        """The keys directly below a path, in order."""
        return list(dict.fromkeys(s.path[len(path)] for s in self.below(document, path) if len(s.path) > len(path)))

    def span(self, document: int, path: Path) -> Span | None:
        """The lines of everything at and below a path."""
        spans = [setting.span for setting in self.below(document, path)]
        return Span(min(s.line for s in spans), max(s.end_line for s in spans), spans[0].column) if spans else None


def filled(value: Value) -> str:
    """A value as text, its holes filled with their defaults where they have one."""
    match value:
        case Template(parts):
            return "".join(map(filled, parts))
        case Choice(options):
            constants = [option for option in options if isinstance(option, Constant)]
            return filled(constants[-1]) if constants else "${}"
        case Constant(value=None) | Mapping() | Listing():
            return ""
        case Constant():
            return text_of(value)
        case _:
            return "${}"


def mounts(facts: Facts) -> Iterator[Mount]:
    """All storage that containers get in a file."""
    if facts.language == "dockerfile":
        yield from _image_volumes(facts)
    elif _has_storage(facts) and not _SERVICES.isdisjoint({facts.language, *facts.embedded}):
        tree = Containers(facts)
        yield from _composed(facts, tree)
        yield from _pods(facts, tree)
        yield from _node_volumes(facts, tree)
        yield from _tasks(facts, tree)
        yield from _disks(facts, tree)


def _has_storage(facts: Facts) -> bool:
    return any(
        not _HAS_STORAGE.isdisjoint(setting.path) or setting.value == Constant("PersistentVolume") for setting in facts.settings
    )


# -- Compose, Kamal, Ansible's docker_container: `volumes` with items `source:target` ---------------------------------


def _composed(facts: Facts, tree: Containers) -> Iterator[Mount]:
    seen: set[tuple[int, Path]] = set()
    for setting in facts.settings:
        path = setting.path
        at = next(
            (
                depth
                for depth in range(len(path) - 1)
                if path[depth] in {"volumes", "directories"} and path[depth + 1].isdigit()
            ),
            None,
        )
        if at is None or (setting.document, path[: at + 2]) in seen:
            continue
        seen.add((setting.document, path[: at + 2]))
        mount = _compose_mount(setting.document, path[:at], path[: at + 2], tree)
        if mount is not None:
            yield mount


def _compose_mount(document: int, service: Path, item: Path, tree: Containers) -> Mount | None:
    short = tree.text(document, item)
    source, target, options = _short_form(short) if short else _long_form(document, item, tree)
    span = tree.span(document, item)
    if not target.startswith(("/", "${}", "~")) or span is None or tree.text(document, (*item, "type")) == "tmpfs":
        return None
    storage = (
        Storage.BIND
        if source.startswith((".", "/", "~", "$", "%")) or "/" in source
        else Storage.NAMED
        if source
        else Storage.ANONYMOUS
    )
    declared = [s.span for s in tree.below(document, ("volumes", source))] if storage is Storage.NAMED else []
    driver = " ".join(filled(s.value) for s in tree.below(document, ("volumes", source))) if storage is Storage.NAMED else ""
    return Mount(
        storage,
        source,
        target,
        service[-1] if service else tree.text(document, ("service",)),
        tree.text(document, (*service, "image")),
        (span, *declared),
        service,
        document,
        read_only="ro" in options.split(",") or "readonly" in options,
        detail=driver,
    )


def _short_form(text: str) -> tuple[str, str, str]:
    parts = text.split(":")
    if len(parts) == 1:
        return "", parts[0], ""
    return parts[0], parts[1], parts[2] if len(parts) > 2 else ""


def _long_form(document: int, item: Path, tree: Containers) -> tuple[str, str, str]:
    options = "ro" if tree.text(document, (*item, "read_only")) == "true" else ""
    source = tree.text(document, (*item, "source")) or tree.text(document, (*item, "src"))
    target = (
        tree.text(document, (*item, "target"))
        or tree.text(document, (*item, "destination"))
        or tree.text(document, (*item, "dst"))
    )
    return source, target, options


# -- Kubernetes -------------------------------------------------------------------------------------------------------


def _pods(facts: Facts, tree: Containers) -> Iterator[Mount]:
    seen: set[tuple[int, Path]] = set()
    for setting in facts.settings:
        path = setting.path
        at = next(
            (depth for depth in range(len(path) - 3) if path[depth] == "volumeMounts" and path[depth + 1].isdigit()), None
        )
        at = at if at is not None else next((depth for depth in range(len(path) - 2) if path[depth] == "volumeMounts"), None)
        if at is None or (setting.document, path[: at + 2]) in seen:
            continue
        seen.add((setting.document, path[: at + 2]))
        yield from _pod_mount(setting.document, path[:at], path[: at + 2], tree)


def _pod_mount(document: int, container: Path, item: Path, tree: Containers) -> Iterator[Mount]:
    key = "volumeName" if tree.has(document, (*item, "volumeName")) else "name"  # Azure's containers, and pods
    name = tree.text(document, (*item, key))
    target = tree.text(document, (*item, "mountPath"))
    span = tree.span(document, item)
    if span is None or not target:
        return
    pod = container[:-2] if len(container) >= 2 and container[-1].isdigit() else container
    found = _volume(document, pod, (*item, key), name, tree)
    if found is None:
        return
    storage, source, place, detail = found
    whole = next(
        (container[:depth] for depth in range(len(container), -1, -1) if tree.has(document, (*container[:depth], "kind"))), ()
    )
    owner = " ".join(
        (
            tree.text(document, (*container, "name")),
            tree.text(document, (*whole, "metadata", "name")),
            *(filled(s.value) for s in tree.below(document, (*whole, "metadata", "labels"))),
        )
    )
    yield Mount(
        storage,
        f"{name} {source}",
        target,
        owner.strip(),
        tree.text(document, (*container, "image")),
        (span, place) if storage is Storage.CLAIM else (place, span),
        container,
        document,
        read_only=tree.text(document, (*item, "readOnly")) == "true",
        kind=tree.text(document, (*whole, "kind")),
        detail=detail,
    )


def _volume(document: int, pod: Path, named: Path, name: str, tree: Containers) -> tuple[Storage, str, Span, str] | None:
    """The pod's volume of a name: where it is, what it names, where that is written, what else it says."""
    raw = _raw_name(document, named, tree)
    for key in tree.items(document, (*pod, "volumes")):
        volume = (*pod, "volumes", key)
        if tree.text(document, (*volume, "name")) != name or _raw_name(document, (*volume, "name"), tree) != raw:
            continue
        span = tree.span(document, volume)
        kinds = (("persistentVolumeClaim", Storage.CLAIM), ("hostPath", Storage.HOST_PATH), ("emptyDir", Storage.EMPTY_DIR))
        for kind, storage in kinds:
            if span is not None and tree.has(document, (*volume, kind)):
                source = tree.text(document, (*volume, kind, "claimName")) or tree.text(document, (*volume, kind, "path"))
                detail = tree.text(document, (*volume, kind, "medium")) or tree.text(document, (*volume, kind, "type"))
                return storage, source, span, detail
        if span is not None and tree.text(document, (*volume, "storageType")) == "EmptyDir":
            return Storage.EMPTY_DIR, "", span, ""
        return None
    return _claim_template(document, pod, name, raw, tree)


def _claim_template(document: int, pod: Path, name: str, raw: str, tree: Containers) -> tuple[Storage, str, Span, str] | None:
    templates = (*pod[:-2], "volumeClaimTemplates")
    for key in tree.items(document, templates):
        place = (*templates, key)
        span = tree.span(document, place)
        named = (*place, "metadata", "name")
        if span is not None and tree.text(document, named) == name and _raw_name(document, named, tree) == raw:
            modes = " ".join(filled(s.value) for s in tree.below(document, (*place, "spec", "accessModes")))
            return Storage.CLAIM, name, span, modes
    return None


def _raw_name(document: int, path: Path, tree: Containers) -> str:
    """A name with its holes as they are written: two templates are the same if their texts are."""
    return next((repr(setting.value) for setting in tree.below(document, path) if setting.path == path), "")


def _node_volumes(facts: Facts, tree: Containers) -> Iterator[Mount]:
    """A PersistentVolume that is a folder of a node: whose, its name and its claim say."""
    for setting in facts.settings:
        if setting.path[-1:] != ("kind",) or setting.value != Constant("PersistentVolume"):
            continue
        whole = setting.path[:-1]
        for key in ("hostPath", "local"):
            source = tree.text(setting.document, (*whole, "spec", key, "path"))
            span = tree.span(setting.document, (*whole, "spec", key))
            if source and span is not None:
                named = [
                    s.value
                    for part in ("metadata", "spec")
                    for s in tree.below(setting.document, (*whole, part))
                    if s.path[-1] != "path"
                ]
                owner = " ".join(map(filled, named))
                yield Mount(
                    Storage.HOST_PATH, source, source, owner, "", (span,), whole, setting.document, kind="PersistentVolume"
                )


# -- tasks of ECS -----------------------------------------------------------------------------------------------------


def _tasks(facts: Facts, tree: Containers) -> Iterator[Mount]:
    """Folders of the host and volumes of Docker that a task definition mounts, in JSON or CloudFormation."""
    for setting in facts.settings:
        path = setting.path
        if len(path) < 4 or path[-1] not in {"sourceVolume", "SourceVolume"} or path[-3] not in {"mountPoints", "MountPoints"}:
            continue
        item, container, task = path[:-1], path[:-3], path[:-5]
        target = tree.text(setting.document, (*item, "containerPath")) or tree.text(setting.document, (*item, "ContainerPath"))
        place = _task_volume(setting.document, task, filled(setting.value), tree)
        span = tree.span(setting.document, item)
        if span is None or place is None or not target:
            continue
        read_only = "true" in {tree.text(setting.document, (*item, key)) for key in ("readOnly", "ReadOnly")}
        names = [tree.text(setting.document, (*container, key)) for key in ("name", "Name")]
        image = "".join(tree.text(setting.document, (*container, key)) for key in ("image", "Image"))
        source = filled(setting.value)
        yield Mount(Storage.BIND, source, target, "".join(names), image, (span, place), container, setting.document, read_only)


def _task_volume(document: int, task: Path, name: str, tree: Containers) -> Span | None:
    """Where a volume of this machine is declared; None for a shared file system or scratch."""
    for volumes in ((*task, "volumes"), (*task, "Volumes")):
        for key in tree.items(document, volumes):
            volume = (*volumes, key)
            named = tree.text(document, (*volume, "name")) or tree.text(document, (*volume, "Name"))
            kinds = (
                ("host", "sourcePath"),
                ("Host", "SourcePath"),
                ("dockerVolumeConfiguration",),
                ("DockerVolumeConfiguration",),
            )
            if named == name and any(tree.has(document, (*volume, *kind)) for kind in kinds):
                return tree.span(document, volume)
    return None


# -- images and platforms ---------------------------------------------------------------------------------------------


def _image_volumes(facts: Facts) -> Iterator[Mount]:
    stages = {setting.document: filled(setting.value) for setting in facts.settings if setting.path == ("FROM",)}
    for setting in facts.settings:
        if setting.path[0] == "VOLUME" or setting.path[:2] == ("ONBUILD", "VOLUME"):
            image = stages.get(setting.document, "")
            yield Mount(
                Storage.IMAGE, "", filled(setting.value), "", image, (setting.span,), setting.path[:-1], setting.document
            )


def _disks(facts: Facts, tree: Containers) -> Iterator[Mount]:
    """`disk:` of a Render service, `mounts:` of a Platform.sh app."""
    seen: set[tuple[int, Path]] = set()
    for setting in facts.settings:
        path = setting.path
        if len(path) >= 4 and path[-1] == "mountPath" and path[-2] == "disk":
            service = path[:-2]
            span = tree.span(setting.document, path[:-1])
            owner = f"{tree.text(setting.document, (*service, 'name'))} {tree.text(setting.document, (*path[:-1], 'name'))}"
            image = " ".join(
                tree.text(setting.document, (*service, *key))
                for key in (("repo",), ("image", "url"), ("dockerfilePath",), ("rootDir",))
            )
            if span is not None:
                yield Mount(Storage.DISK, "", filled(setting.value), owner, image, (span,), service, setting.document)
        elif "mounts" in path[:-1] and facts.path.endswith(
            (".platform.app.yaml", ".upsun/config.yaml", ".platform/applications.yaml")
        ):
            place = path[: path.index("mounts") + 2]
            if (setting.document, place) not in seen:
                seen.add((setting.document, place))
                yield from _platform_mount(setting.document, place, tree)


def _platform_mount(document: int, place: Path, tree: Containers) -> Iterator[Mount]:
    span = tree.span(document, place)
    if span is not None and tree.text(document, (*place, "source")) in {"local", "instance", ""}:
        target = "/app/" + place[-1].strip("/")
        yield Mount(Storage.DISK, tree.text(document, (*place, "source_path")), target, "", "", (span,), place[:-2], document)

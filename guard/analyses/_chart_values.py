"""Storage that the values of a chart ask for: `persistence.<name>` with a path, as library charts have it.

    persistence:
      data:
        enabled: true
        mountPath: /app/data                 also `globalMounts: [{path: /app/data}]`, and below `advancedMounts`
        type: pvc                            the default; or hostPath, emptyDir, nfs, configMap, secret, custom

https://bjw-s-labs.github.io/helm-charts/docs/common-library/resources/persistence/ (and k8s-at-home's library before it).
"""

from __future__ import annotations

from collections.abc import Iterator

from guard.analyses._mounts import Containers, Mount, filled
from guard.analyses._storage import Storage
from guard.catalogue.backing import names_a_product
from guard.catalogue.tree import Path
from guard.facts import Facts

_BLOCK = "persistence"
_KINDS = {
    "": Storage.CLAIM,
    "pvc": Storage.CLAIM,
    "persistentVolumeClaim": Storage.CLAIM,
    "hostPath": Storage.HOST_PATH,
    "emptyDir": Storage.EMPTY_DIR,
}
_MOUNTS = ("globalMounts", "advancedMounts")


def chart_mounts(facts: Facts) -> Iterator[Mount]:
    """Every volume that is switched on and has a path."""
    if facts.language != "yaml" or not any(_BLOCK in setting.path for setting in facts.settings):
        return
    tree = Containers(facts)
    blocks = {(s.document, s.path[: s.path.index(_BLOCK) + 1]): None for s in facts.settings if _BLOCK in s.path[:-1]}
    for document, block in blocks:
        if not any(names_a_product(key) for key in block):  # that of a database beside the app
            for name in tree.items(document, block):
                yield from _volume(document, (*block, name), tree)


def _volume(document: int, item: Path, tree: Containers) -> Iterator[Mount]:
    storage = _KINDS.get(tree.text(document, (*item, "type")))
    target = _target(document, item, tree)
    span = tree.span(document, item)
    if storage is None or span is None or not target or not _is_on(document, item, tree):
        return
    source = tree.text(document, (*item, "hostPath")) or tree.text(document, (*item, "existingClaim"))
    detail = ("accessMode", "storageClass", "medium", "hostPathType")
    yield Mount(
        storage,
        f"{item[-1]} {source}",
        target,
        _text_below(document, item[:-2], ("name",), tree),
        _text_below(document, item[:-2], ("image", "repository"), tree),
        (span,),
        item[:-2],
        document,
        read_only=tree.text(document, (*item, "readOnly")) == "true",
        detail=" ".join(filter(None, (tree.text(document, (*item, key)) for key in detail))),
    )


def _is_on(document: int, item: Path, tree: Containers) -> bool:
    """Whether a volume is switched on: the switch says so, or mounts of it are listed and no switch is there."""
    switch = tree.text(document, (*item, "enabled"))
    return switch == "true" or (not switch and any(tree.has(document, (*item, key)) for key in _MOUNTS))


def _target(document: int, item: Path, tree: Containers) -> str:
    """Where a volume is mounted, the first place if there are several."""
    given = tree.text(document, (*item, "mountPath"))
    listed = (s for key in _MOUNTS for s in tree.below(document, (*item, key)) if s.path[-1] == "path")
    return given or next((filled(setting.value) for setting in listed), "")


def _text_below(document: int, root: Path, end: Path, tree: Containers) -> str:
    """The first value whose path ends so, at the values' root or anywhere below it."""
    direct = tree.text(document, (*root, *end))
    if direct or len(end) == 1:
        return direct
    found = (s for s in tree.below(document, root) if s.path[-len(end) :] == end)
    return next((filled(setting.value) for setting in found), "")

"""Volumes that hold an app's durable data.

A container gets storage of its machine at a path where an app keeps what later requests need: uploads, an embedded database, a
data folder. The owner decides: the same mount is right for a database or a broker, whose job is to keep data, and so are mounts
of configuration, sockets, certificates, caches, logs and code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from guard.analyses import View
from guard.analyses._mounts import Mount, Storage, filled, mounts
from guard.analyses._storage_paths import (
    is_no_data,
    is_no_data_name,
    is_of_a_tool,
    is_root,
    is_tool,
    keeps_data_in_its_root,
    says_data,
    says_kept_data,
    says_surely_kept_data,
    words,
)
from guard.catalogue import Example, Rule
from guard.catalogue.backing import is_product_data_path, names_a_backing_service, names_a_product
from guard.catalogue.settings import is_for_development
from guard.catalogue.tree import Path, tree_of
from guard.facts import Facts, Setting
from guard.finding import Check, Confidence, Evidence, Signal

_SHARED = re.compile(
    r"nfs|cifs|smb|efs|s3fs|rclone|rexray|ceph|gluster|azurefile|convoy|portworx|ReadWriteMany|ReadOnlyMany", re.IGNORECASE
)
_PIPELINES = re.compile(
    r"(?:^|/)(?:\.github|\.gitlab|\.circleci|\.ci|\.woodpecker|\.devcontainer|\.drone|buildkite|ci)/|(?:^|/)\.?(?:gitlab-ci|drone|woodpecker|travis)[^/]*\.ya?ml$"
)
_FOR_DEVELOPMENT = frozenset(
    {"dev", "devel", "development", "local", "test", "tests", "testing", "ci", "debug", "e2e", "cypress"}
)
_SHORT_LIVED = frozenset({"Job", "CronJob", "DaemonSet"})
_DEVICES = frozenset({"Socket", "CharDevice", "BlockDevice", "File", "FileOrCreate"})
_RELOADS = re.compile(
    r"\bdev\b|develop|runserver|nodemon|reload|watch|debug|hot\b|flask run|artisan serve|rails s\b|test", re.IGNORECASE
)
_PRODUCT_VARIABLE = re.compile(
    r"(\w+?)_(?:VERSION|HOME|DATA|DIR|MAJOR|RELEASE|DATA_DIR|DOWNLOAD\w*|SHA\w*)|PGDATA", re.IGNORECASE
)

_RULE_OF = {
    Storage.NAMED: "app-data-volume",
    Storage.BIND: "app-data-volume",
    Storage.ANONYMOUS: "app-data-volume",
    Storage.HOST_PATH: "app-data-host-path",
    Storage.EMPTY_DIR: "app-data-empty-dir",
    Storage.CLAIM: "app-data-claim",
    Storage.IMAGE: "app-data-image-volume",
    Storage.DISK: "app-data-platform-disk",
}
_SAYS = {
    Storage.NAMED: "After a move to another machine, or on a second one, what the app keeps in {target} is missing: the volume lies on this machine's disk.",
    Storage.BIND: "After a move to another machine, or on a second one, what the app keeps in {target} is missing: it is a folder of this machine.",
    Storage.ANONYMOUS: "When the container is created anew, what the app keeps in {target} is missing: an anonymous volume goes with its container.",
    Storage.HOST_PATH: "When the pod moves to another node, what the app keeps in {target} is missing: hostPath is a folder of one node.",
    Storage.EMPTY_DIR: "When the pod is replaced, what the app keeps in {target} is gone: an emptyDir lives as long as its pod.",
    Storage.CLAIM: "A second pod cannot be added, or sees other data: the app keeps {target} on a disk that is claimed for it.",
    Storage.IMAGE: "When the container is created anew, or on a second one, what the app keeps in {target} is missing: VOLUME makes it a folder of this machine.",
    Storage.DISK: "A second instance sees other data, and deploys interrupt the service: the app keeps {target} on a disk attached to one instance.",
}
_REMEDY = "Keep uploads and generated files in an object store (S3, GCS, Azure Blob) and records in a database server; the app's own disk is then scratch, and any number of containers can run."
_QUESTION = "Does the application keep data here that later requests need, rather than scratch, a cache, code or configuration?"


def find(view: View) -> Iterator[Signal]:
    """Every mount that holds durable data of an app."""
    facts = view.facts
    if _PIPELINES.search(facts.path) or not _FOR_DEVELOPMENT.isdisjoint(words(facts.path.rsplit("/", 1)[-1])):
        return
    found = list(mounts(facts))
    working_copies = frozenset((mount.document, mount.path) for mount in found if _is_working_copy(mount))
    for mount in found:
        confidence = _confidence(mount, working_copies, facts)
        if confidence is not None:
            unknown_owner = facts.partial and not (mount.owner or mount.image or says_surely_kept_data(mount.target))
            yield _signal(mount, Confidence.POSSIBLE if unknown_owner else confidence, facts)


def _signal(mount: Mount, confidence: Confidence, facts: Facts) -> Signal:
    first, *others = mount.places
    rule = _RULE_OF[mount.storage]
    elsewhere = "mounted" if mount.storage in {Storage.HOST_PATH, Storage.EMPTY_DIR} else "declared"
    target = f"`{mount.target}`" if mount.target and "${}" not in mount.target else "this folder"
    return Signal(
        rule=rule,
        check=Check.LOCAL_DISK,
        confidence=confidence,
        path=facts.path,
        line=first.line,
        end_line=first.end_line,
        column=first.column,
        message=_SAYS[mount.storage].format(target=target),
        remedy=_REMEDY,
        identity=mount.target.rstrip("/") or "/",
        code=facts.text(first),
        question=_QUESTION,
        evidence=tuple(Evidence(facts.path, other.line, f"the {mount.storage} is {elsewhere} here") for other in others[:2]),
        alternatives=tuple((other.line, other.end_line) for other in others),
    )


# -- whose, and what for ----------------------------------------------------------------------------------------------


def _confidence(mount: Mount, working_copies: frozenset[tuple[int, Path]], facts: Facts) -> Confidence | None:
    """How sure it is that the mount holds an app's durable data; None if it does not."""
    if mount.read_only or _belongs_elsewhere(mount, facts) or _is_for_development(mount, working_copies, facts):
        return None
    if keeps_data_in_its_root(mount.image) and is_root(mount.target):
        return Confidence.LIKELY
    if is_no_data(mount.target) or _SHARED.search(f"{mount.detail} {mount.source}"):
        return None
    match mount.storage:
        case Storage.NAMED | Storage.BIND | Storage.ANONYMOUS:
            return _of_compose(mount)
        case Storage.HOST_PATH | Storage.EMPTY_DIR | Storage.CLAIM:
            return _of_kubernetes(mount)
        case Storage.IMAGE:
            return _of_image(mount)
        case Storage.DISK:
            return Confidence.LIKELY


def _of_compose(mount: Mount) -> Confidence | None:
    if is_root(mount.target):
        return None
    kept = says_kept_data(mount.target) or says_kept_data(mount.source)
    if mount.storage is Storage.NAMED:
        if is_no_data_name(mount.source):
            return None
        return Confidence.LIKELY if kept or says_data(mount.target) or says_data(mount.source) else Confidence.POSSIBLE
    if mount.storage is Storage.BIND and is_no_data_name(mount.source.rstrip("/").rsplit("/", 1)[-1]):
        return None
    return Confidence.LIKELY if kept or mount.target.startswith("/var/lib/") else None


def _of_kubernetes(mount: Mount) -> Confidence | None:
    if mount.kind in _SHORT_LIVED or mount.detail == "Memory" or is_no_data_name(mount.source.partition(" ")[0]):
        return None
    if mount.storage is Storage.CLAIM:
        return Confidence.LIKELY
    if mount.storage is Storage.EMPTY_DIR:
        sure = says_surely_kept_data(mount.target)
        return Confidence.LIKELY if sure else Confidence.POSSIBLE if says_kept_data(mount.target) else None
    if mount.detail in _DEVICES or is_no_data(mount.source.partition(" ")[2]):
        return None
    return Confidence.LIKELY if says_kept_data(f"{mount.target} {mount.source}") else Confidence.POSSIBLE


def _of_image(mount: Mount) -> Confidence | None:
    if is_root(mount.target):
        return None
    return Confidence.LIKELY if says_data(mount.target) else Confidence.POSSIBLE


def _belongs_elsewhere(mount: Mount, facts: Facts) -> bool:
    """Whether a backing service or a tool has the mount, not the app."""
    first_name = mount.owner.split(" ", 1)[0]
    if names_a_product(mount.image) or names_a_backing_service(mount.owner) or is_product_data_path(mount.target):
        return True
    if names_a_product(f"{mount.source} {mount.target}"):
        return True
    if mount.storage is not Storage.IMAGE and (is_tool(mount.image) or is_tool(first_name)):
        return True
    if mount.storage is Storage.NAMED and is_of_a_tool(mount.source):
        return True
    if mount.storage in {Storage.NAMED, Storage.BIND, Storage.ANONYMOUS, Storage.DISK}:
        return any(names_a_product(key) for key in mount.path)
    return names_a_product(facts.path) or (mount.storage is Storage.IMAGE and _builds_a_product(facts))


def _builds_a_product(facts: Facts) -> bool:
    """Whether an image is that of a backing service: its versions, its data folder or its command say so."""
    for setting in facts.settings:
        if setting.path[0] in {"ENV", "ARG"} and (found := _PRODUCT_VARIABLE.fullmatch(setting.path[1])):
            if found[1] is None or names_a_product(found[1]):
                return True
        elif setting.path[0] in {"CMD", "ENTRYPOINT"} and _starts_a_product(setting):
            return True
    return False


def _starts_a_product(setting: Setting) -> bool:
    match setting.value:
        case value if command := filled(value):
            first = command
        case value:
            first = filled(getattr(value, "items", (value,))[0]) if getattr(value, "items", ()) else ""
    program = first.split(" ", 1)[0].rsplit("/", 1)[-1]
    return names_a_product(program)


def _is_for_development(mount: Mount, working_copies: frozenset[tuple[int, Path]], facts: Facts) -> bool:
    """Whether the container runs the working copy, or says that it is for development or tests."""
    if not _FOR_DEVELOPMENT.isdisjoint(word for key in mount.path for word in words(key)):
        return True
    if mount.storage is Storage.BIND and not _FOR_DEVELOPMENT.isdisjoint(mount.source.lower().split("/")):
        return True
    if mount.storage in {Storage.BIND, Storage.NAMED, Storage.ANONYMOUS} and (mount.document, mount.path) in working_copies:
        deployed = mount.storage is Storage.NAMED and says_surely_kept_data(mount.target)
        return not deployed or _runs_for_development(mount, facts)
    below = tree_of(facts).below(mount.document, (*mount.path, "environment"))
    return bool(below) and is_for_development(below[0], facts)


def _runs_for_development(mount: Mount, facts: Facts) -> bool:
    """Whether a service's command reloads, watches or debugs, or nothing says how it is run."""
    given = tree_of(facts).below(mount.document, (*mount.path, "command"))
    return not given or _RELOADS.search(" ".join(filled(setting.value) for setting in given)) is not None


def _is_working_copy(mount: Mount) -> bool:
    here = re.fullmatch(
        r"\.{1,2}/?|\$\{\}/?|\$PWD/?|(?:\.{1,2}/|\$\{\}/)(?:app|src|code|server|backend|api|web|frontend|client|www|html|public)/?",
        mount.source,
    )
    return mount.storage is Storage.BIND and here is not None and is_root(mount.target)


def _rule(rule: str, storage: Storage, docs: str, match: tuple[Example, ...], no_match: tuple[Example, ...]) -> Rule:
    return Rule(
        id=rule,
        check=Check.LOCAL_DISK,
        confidence=Confidence.LIKELY,
        message=_SAYS[storage].format(target="this folder"),
        remedy=_REMEDY,
        docs=docs,
        question=_QUESTION,
        framework="containers",
        languages=("dockerfile",) if storage is Storage.IMAGE else ("yaml", "json"),
        match=match,
        no_match=no_match,
    )


RULES = (
    _rule(
        "app-data-volume",
        Storage.NAMED,
        "https://docs.docker.com/engine/storage/volumes/",
        (
            Example(
                "docker-compose.yml",
                "services:\n  app:\n    image: codimd\n    volumes:\n      - uploads:/codimd/public/uploads\nvolumes:\n  uploads:\n",
            ),
            Example(
                "docker-compose.yml", "app:\n  image: invoices\n  volumes:\n    - ./data/storage:/var/www/app/storage:rw\n"
            ),
            Example("config/deploy.yml", 'service: shop\nimage: me/shop\nvolumes:\n  - "shop_storage:/rails/storage"\n'),
        ),
        (
            Example(
                "docker-compose.yml",
                "services:\n  db:\n    image: postgres:16\n    volumes:\n      - data:/var/lib/postgresql/data\nvolumes:\n  data:\n",
            ),
            Example(
                "docker-compose.yml",
                "services:\n  app:\n    image: shop\n    volumes:\n      - ./nginx.conf:/etc/nginx/nginx.conf:ro\n      - /var/run/docker.sock:/var/run/docker.sock\n      - cache:/app/cache\n",
            ),
            Example(
                "docker-compose.yml",
                "services:\n  app:\n    build: .\n    volumes:\n      - .:/app\n      - /app/node_modules\n      - ./data:/app/data\n",
            ),
        ),
    ),
    _rule(
        "app-data-host-path",
        Storage.HOST_PATH,
        "https://kubernetes.io/docs/concepts/storage/volumes/#hostpath",
        (
            Example(
                "deploy.yaml",
                "kind: Deployment\nmetadata:\n  name: shop\nspec:\n  template:\n    spec:\n      containers:\n        - name: shop\n          image: shop\n          volumeMounts:\n"
                "            - name: uploads\n              mountPath: /app/uploads\n      volumes:\n        - name: uploads\n          hostPath:\n            path: /srv/uploads\n",
            ),
        ),
        (
            Example(
                "deploy.yaml",
                "kind: Deployment\nmetadata:\n  name: shop\nspec:\n  template:\n    spec:\n      containers:\n        - name: shop\n          image: shop\n          volumeMounts:\n"
                "            - name: docker\n              mountPath: /var/run/docker.sock\n      volumes:\n        - name: docker\n          hostPath:\n            path: /var/run/docker.sock\n",
            ),
        ),
    ),
    _rule(
        "app-data-empty-dir",
        Storage.EMPTY_DIR,
        "https://kubernetes.io/docs/concepts/storage/volumes/#emptydir",
        (
            Example(
                "deploy.yaml",
                "kind: Deployment\nmetadata:\n  name: shop\nspec:\n  template:\n    spec:\n      containers:\n        - name: shop\n          image: shop\n          volumeMounts:\n"
                "            - name: media\n              mountPath: /app/media\n      volumes:\n        - name: media\n          emptyDir: {}\n",
            ),
        ),
        (
            Example(
                "deploy.yaml",
                "kind: Deployment\nmetadata:\n  name: shop\nspec:\n  template:\n    spec:\n      containers:\n        - name: shop\n          image: shop\n          volumeMounts:\n"
                "            - name: tmp\n              mountPath: /tmp\n      volumes:\n        - name: tmp\n          emptyDir: {}\n",
            ),
        ),
    ),
    _rule(
        "app-data-claim",
        Storage.CLAIM,
        "https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes",
        (
            Example(
                "deploy.yaml",
                "kind: Deployment\nmetadata:\n  name: shop\nspec:\n  template:\n    spec:\n      containers:\n        - name: shop\n          image: shop\n          volumeMounts:\n"
                "            - name: data\n              mountPath: /data\n      volumes:\n        - name: data\n          persistentVolumeClaim:\n            claimName: shop\n",
            ),
        ),
        (
            Example(
                "deploy.yaml",
                "kind: StatefulSet\nmetadata:\n  name: redis\nspec:\n  template:\n    spec:\n      containers:\n        - name: redis\n          image: redis:7\n          volumeMounts:\n"
                "            - name: data\n              mountPath: /data\n  volumeClaimTemplates:\n    - metadata:\n        name: data\n      spec:\n        accessModes: [ReadWriteOnce]\n",
            ),
        ),
    ),
    _rule(
        "app-data-image-volume",
        Storage.IMAGE,
        "https://docs.docker.com/reference/dockerfile/#volume",
        (
            Example(
                "Dockerfile",
                'FROM node:20\nENV HOME_DIR=/home/chat\nENV DATA="${HOME_DIR}/data"\nVOLUME "${DATA}"\nCMD node index.js\n',
            ),
            Example("Dockerfile", "FROM php:8-fpm\nVOLUME /var/www/app/storage /var/www/app/public/logo\n"),
        ),
        (
            Example("Dockerfile", 'FROM debian\nENV REDIS_VERSION=7.2\nVOLUME /data\nCMD ["redis-server"]\n'),
            Example("Dockerfile", "FROM node:20\nVOLUME /tmp /var/log/app /app/node_modules\n"),
        ),
    ),
    _rule(
        "app-data-platform-disk",
        Storage.DISK,
        "https://render.com/docs/disks",
        (
            Example(
                "render.yaml",
                "services:\n  - type: web\n    name: blog\n    disk:\n      name: content\n      mountPath: /var/lib/ghost/content\n      sizeGB: 10\n",
            ),
        ),
        (
            Example(
                "render.yaml",
                "services:\n  - type: pserv\n    name: mysql\n    disk:\n      name: mysql\n      mountPath: /var/lib/mysql\n      sizeGB: 10\n",
            ),
        ),
    ),
)

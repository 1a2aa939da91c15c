"""Which mounts hold durable data of an app: whose they are, and what for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from guard.analyses._chart_values import chart_mounts
from guard.analyses._mounts import Mount, filled, mounts
from guard.analyses._storage import QUESTION, REMEDY, RULE_OF, SAYS, Storage
from guard.analyses._storage_paths import (
    is_no_data,
    is_no_data_name,
    is_of_a_tool,
    is_own_state,
    is_root,
    is_tool,
    keeps_data_in_its_root,
    says_data,
    says_kept_data,
    says_surely_kept_data,
    words,
)
from guard.catalogue.backing import is_product_data_path, names_a_backing_service, names_a_product
from guard.catalogue.settings import is_for_development
from guard.catalogue.tree import Path, tree_of
from guard.facts import Facts, Setting
from guard.finding import Check, Confidence, Evidence, Signal
from guard.regex import regex

_SHARED = regex(
    r"nfs|cifs|smb|efs|s3fs|rclone|rexray|ceph|gluster|azurefile|convoy|portworx|ReadWriteMany|ReadOnlyMany", re.IGNORECASE
)
_PIPELINES = regex(
    r"(?:^|/)(?:\.github|\.gitlab|\.circleci|\.ci|\.woodpecker|\.devcontainer|\.drone|buildkite|ci)/|(?:^|/)\.?(?:gitlab-ci|drone|woodpecker|travis)[^/]*\.ya?ml$"
)
_FOR_DEVELOPMENT = frozenset(
    {"dev", "devel", "development", "local", "test", "tests", "testing", "ci", "debug", "e2e", "cypress"}
)
_SHORT_LIVED = frozenset({"Job", "CronJob", "DaemonSet"})
_DEVICES = frozenset({"Socket", "CharDevice", "BlockDevice", "File", "FileOrCreate"})
_RELOADS = regex(
    r"\bdev\b|develop|runserver|nodemon|reload|watch|debug|hot\b|flask run|artisan serve|rails s\b|test", re.IGNORECASE
)
_PRODUCT_VARIABLE = regex(r"(\w+?)_(?:VERSION|HOME|DATA|DIR|MAJOR|RELEASE|DATA_DIR|DOWNLOAD\w*|SHA\w*)|PGDATA", re.IGNORECASE)


def app_data(facts: Facts) -> Iterator[Signal]:
    """Every mount of a file that holds durable data of an app."""
    if _PIPELINES.search(facts.path) or not _FOR_DEVELOPMENT.isdisjoint(words(facts.path.rsplit("/", 1)[-1])):
        return
    found = [*mounts(facts), *chart_mounts(facts)]
    working_copies = frozenset((mount.document, mount.path) for mount in found if _is_working_copy(mount))
    for mount in found:
        confidence = _confidence(mount, working_copies, facts)
        if confidence is not None:
            unknown_owner = facts.partial and not (mount.owner or mount.image or says_surely_kept_data(mount.target))
            yield _signal(mount, Confidence.POSSIBLE if unknown_owner else confidence, facts)


def _signal(mount: Mount, confidence: Confidence, facts: Facts) -> Signal:
    first, *others = mount.places
    rule = RULE_OF[mount.storage]
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
        message=SAYS[mount.storage].format(target=target),
        remedy=REMEDY,
        identity=mount.target.rstrip("/") or "/",
        code=facts.text(first),
        question=QUESTION,
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
            return _of_compose(mount, facts)
        case Storage.HOST_PATH | Storage.EMPTY_DIR | Storage.CLAIM:
            return _of_kubernetes(mount)
        case Storage.IMAGE:
            return _of_image(mount)
        case Storage.DISK:
            return Confidence.LIKELY


def _of_compose(mount: Mount, facts: Facts) -> Confidence | None:
    if is_root(mount.target):
        return None
    if _is_the_apps_own_folder(mount, facts):
        return Confidence.LIKELY
    kept = says_kept_data(mount.target) or (says_kept_data(mount.source) and not _is_below_no_data(mount.source))
    if mount.storage is Storage.NAMED:
        if is_no_data_name(mount.source):
            return None
        return Confidence.LIKELY if kept or says_data(mount.target) or says_data(mount.source) else Confidence.POSSIBLE
    folder = mount.source.rstrip("/").rsplit("/", 1)[-1]
    if mount.storage is Storage.BIND and is_no_data_name(folder) and not says_surely_kept_data(mount.target):
        return None
    at_home = is_own_state(mount.target) and not mount.source.startswith(("~", "${}/."))
    return Confidence.LIKELY if kept or at_home or mount.target.startswith("/var/lib/") else None


def _is_below_no_data(source: str) -> bool:
    """Whether the folder that holds the one that is mounted says that it is for something else: `./data/conf/crons`."""
    return any(is_no_data_name(part) for part in source.strip("./").split("/")[:-1])


def _is_the_apps_own_folder(mount: Mount, facts: Facts) -> bool:
    """Whether a published image gets the one folder that bears its own name: `/opengist` of `thomiceli/opengist`."""
    name = mount.image.rsplit("/", 1)[-1].partition(":")[0].partition("@")[0].lower()
    source = "/".join(mount.source.rstrip("/").split("/")[-2:])
    built = bool(tree_of(facts).below(mount.document, (*mount.path, "build")))
    return bool(name) and mount.target.strip("/").lower() == name and not built and not is_no_data_name(source)


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

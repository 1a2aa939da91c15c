"""The kinds of storage that containers get, and what is said of each when an app keeps its data there."""

from __future__ import annotations

from enum import StrEnum


class Storage(StrEnum):
    """Where the bytes are."""

    NAMED = "named volume"
    BIND = "host directory"
    ANONYMOUS = "anonymous volume"
    HOST_PATH = "hostPath"
    EMPTY_DIR = "emptyDir"
    CLAIM = "claim"
    IMAGE = "VOLUME"
    DISK = "platform disk"


RULE_OF = {
    Storage.NAMED: "app-data-volume",
    Storage.BIND: "app-data-volume",
    Storage.ANONYMOUS: "app-data-volume",
    Storage.HOST_PATH: "app-data-host-path",
    Storage.EMPTY_DIR: "app-data-empty-dir",
    Storage.CLAIM: "app-data-claim",
    Storage.IMAGE: "app-data-image-volume",
    Storage.DISK: "app-data-platform-disk",
}
SAYS = {
    Storage.NAMED: "After a move to another machine, or on a second one, what the app keeps in {target} is missing: the volume lies on this machine's disk.",
    Storage.BIND: "After a move to another machine, or on a second one, what the app keeps in {target} is missing: it is a folder of this machine.",
    Storage.ANONYMOUS: "When the container is created anew, what the app keeps in {target} is missing: an anonymous volume goes with its container.",
    Storage.HOST_PATH: "When the pod moves to another node, what the app keeps in {target} is missing: hostPath is a folder of one node.",
    Storage.EMPTY_DIR: "When the pod is replaced, what the app keeps in {target} is gone: an emptyDir lives as long as its pod.",
    Storage.CLAIM: "A second pod cannot be added, or sees other data: the app keeps {target} on a disk that is claimed for it.",
    Storage.IMAGE: "When the container is created anew, or on a second one, what the app keeps in {target} is missing: VOLUME makes it a folder of this machine.",
    Storage.DISK: "A second instance sees other data, and deploys interrupt the service: the app keeps {target} on a disk attached to one instance.",
}
REMEDY = "Keep uploads and generated files in an object store (S3, GCS, Azure Blob) and records in a database server; the app's own disk is then scratch, and any number of containers can run."
QUESTION = "Does the application keep data here that later requests need, rather than scratch, a cache, code or configuration?"

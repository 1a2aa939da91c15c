"""Volumes that hold an app's durable data.

A container gets storage of its machine at a path where an app keeps what later requests need: uploads, an embedded database, a
data folder. The owner decides: the same mount is right for a database or a broker, whose job is to keep data, and so are mounts
of configuration, sockets, certificates, caches, logs and code.
"""

from __future__ import annotations

from collections.abc import Iterator

from guard.analyses import View
from guard.analyses._storage import QUESTION, REMEDY, SAYS, Storage
from guard.catalogue import Example, Rule
from guard.finding import Check, Confidence, Signal

_LANGUAGES = frozenset({"yaml", "json", "dockerfile", "shell", "ini", "bicep"})
"""Formats that give containers their storage; scripts and units of systemd by `docker run`."""


def find(view: View) -> Iterator[Signal]:
    """Every mount that holds durable data of an app."""
    if not _LANGUAGES.isdisjoint({view.facts.language, *view.facts.embedded}):
        from guard.analyses._app_data import app_data  # programs have no mounts, and most changes are to programs

        yield from app_data(view.facts)


def _rule(rule: str, storage: Storage, docs: str, match: tuple[Example, ...], no_match: tuple[Example, ...]) -> Rule:
    return Rule(
        id=rule,
        check=Check.LOCAL_DISK,
        confidence=Confidence.LIKELY,
        message=SAYS[storage].format(target="this folder"),
        remedy=REMEDY,
        docs=docs,
        question=QUESTION,
        framework="containers",
        languages=("dockerfile",) if storage is Storage.IMAGE else ("yaml", "json", "bicep"),
        match=match,
        no_match=no_match,
    )


def _pod(kind: str, name: str, target: str, volume: str) -> Example:
    """One container of this name and image with one volume."""
    return Example(
        "deploy.yaml",
        f"kind: {kind}\nmetadata:\n  name: {name}\nspec:\n  template:\n    spec:\n      containers:\n        - name: {name}\n          image: {name}\n"
        f"          volumeMounts:\n            - name: data\n              mountPath: {target}\n      volumes:\n        - name: data\n          {volume}\n",
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
            _pod("Deployment", "shop", "/app/uploads", "hostPath:\n            path: /srv/uploads"),
            _pod(
                "Deployment",
                "blog",
                "/app/public/images",
                "hostPath:\n            path: /mnt/blog\n            type: DirectoryOrCreate",
            ),
        ),
        (
            _pod("Deployment", "shop", "/var/run/docker.sock", "hostPath:\n            path: /var/run/docker.sock"),
            _pod("DaemonSet", "node-exporter", "/host/proc", "hostPath:\n            path: /proc"),
        ),
    ),
    _rule(
        "app-data-empty-dir",
        Storage.EMPTY_DIR,
        "https://kubernetes.io/docs/concepts/storage/volumes/#emptydir",
        (
            _pod("Deployment", "shop", "/app/media", "emptyDir: {}"),
            _pod("Deployment", "wiki", "/var/www/html/uploads", "emptyDir:\n            sizeLimit: 5Gi"),
        ),
        (
            _pod("Deployment", "shop", "/run/shop", "emptyDir: {}"),
            _pod("Deployment", "shop", "/var/cache/nginx", "emptyDir:\n            medium: Memory"),
        ),
    ),
    _rule(
        "app-data-claim",
        Storage.CLAIM,
        "https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes",
        (
            _pod("Deployment", "shop", "/data", "persistentVolumeClaim:\n            claimName: shop"),
            _pod("Deployment", "wiki", "/app/public/uploads", "persistentVolumeClaim:\n            claimName: wiki-uploads"),
        ),
        (
            Example(
                "deploy.yaml",
                "kind: StatefulSet\nmetadata:\n  name: redis\nspec:\n  template:\n    spec:\n      containers:\n        - name: redis\n          image: redis:7\n          volumeMounts:\n"
                "            - name: data\n              mountPath: /data\n  volumeClaimTemplates:\n    - metadata:\n        name: data\n      spec:\n        accessModes: [ReadWriteOnce]\n",
            ),
            _pod("Deployment", "postgres", "/var/lib/postgresql/data", "persistentVolumeClaim:\n            claimName: pg"),
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
            Example(
                "render.yaml",
                "services:\n  - type: web\n    name: shop\n    runtime: node\n    disk:\n      name: uploads\n      mountPath: /opt/render/project/src/uploads\n",
            ),
        ),
        (
            Example(
                "render.yaml",
                "services:\n  - type: pserv\n    name: mysql\n    disk:\n      name: mysql\n      mountPath: /var/lib/mysql\n      sizeGB: 10\n",
            ),
            Example(
                "render.yaml",
                "services:\n  - type: web\n    name: shop\n    disk:\n      name: cache\n      mountPath: /var/cache/shop\n",
            ),
        ),
    ),
)

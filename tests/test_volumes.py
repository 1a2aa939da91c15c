"""Whose data a mount holds: an app's, or that of something whose job it is."""

from __future__ import annotations

import pytest

from guard.analyses import View, volumes
from guard.catalogue import load
from guard.finding import Confidence, Signal
from guard.languages import read
from guard.project import Project
from guard.roles import Role


def _signals(text: str, path: str = "docker-compose.yml") -> list[Signal]:
    facts = read(path, text.encode())
    assert facts is not None
    return list(volumes.find(View(facts, Role.SERVER, load(), Project())))


def _reported(text: str, path: str = "docker-compose.yml") -> list[tuple[int, str]]:
    return [(signal.line, signal.identity) for signal in _signals(text, path) if signal.confidence is not Confidence.POSSIBLE]


def _service(volume: str, image: str = "shop", name: str = "app", more: str = "") -> str:
    return f"services:\n  {name}:\n    image: {image}\n{more}    volumes:\n      - {volume}\n"


@pytest.mark.parametrize(
    "volume",
    [
        "uploads:/app/uploads",
        "./data:/app/data",
        "/srv/media:/code/media:rw",
        "db:/opt/site/db",
        "${DATA:-./data}:/var/lib/shop",
        "app_storage:/rails/storage",
        "content:/var/lib/ghost/content",
        "{type: volume, source: files, target: /srv/files}",
        "/app/uploads",
    ],
)
def test_data_of_an_app_is_reported(volume: str) -> None:
    """Named volumes, host directories, the long form, anonymous volumes, folders from a variable with a default."""
    assert [line for line, _ in _reported(_service(volume))] == [5]


@pytest.mark.parametrize(
    "volume",
    [
        "/var/run/docker.sock:/var/run/docker.sock",
        "./config:/app/config",
        "./data:/app/data:ro",
        "certs:/app/certs",
        "./nginx.conf:/etc/nginx/nginx.conf",
        "node_modules:/app/node_modules",
        "/app/node_modules",
        "logs:/app/logs",
        "cache:/app/var/cache",
        "/etc/localtime:/etc/localtime:ro",
        "static_volume:/app/staticfiles",
        ".:/app",
        "./src:/app/src",
        "{type: tmpfs, target: /app/data}",
        "caddy_data:/data",
        "/var/lib/docker:/var/lib/docker",
        "./examples:/data",
    ],
)
def test_what_is_no_data_is_left_alone(volume: str) -> None:
    """Sockets, configuration, certificates, caches, logs, code."""
    assert _reported(_service(volume)) == []


@pytest.mark.parametrize(
    ("image", "name", "volume"),
    [
        ("postgres:16", "store", "data:/var/lib/postgresql/data"),
        ("me/rpi-mariadb:latest", "x", "data:/data"),
        ("me/custom", "redis", "data:/data"),
        ("me/custom", "db", "data:/data"),
        ("me/custom", "x", "data:/var/lib/mysql"),
        ("docker.io/bitnami/mongodb:7", "x", "data:/bitnami/mongodb"),
        ("traefik:v3", "proxy", "acme:/data"),
        ("grafana/grafana", "grafana", "data:/var/lib/grafana"),
        ("prom/node-exporter", "metrics", "/:/host:rslave"),
    ],
)
def test_backing_services_and_tools_keep_their_storage(image: str, name: str, volume: str) -> None:
    """Their image, their name or the path in the container says so."""
    assert _reported(_service(volume, image, name)) == []


def test_a_working_copy_is_for_development() -> None:
    """A service that runs the checkout is no deployment; nor is one that says so."""
    assert _reported("services:\n  app:\n    build: .\n    volumes:\n      - .:/app\n      - ./data:/app/data\n") == []
    django = "services:\n  web:\n    build: .\n    command: {}\n    volumes:\n      - .:/code\n      - media:/code/media\n"
    assert _reported(django.format("python manage.py runserver")) == []
    assert _reported(django.format("gunicorn shop.wsgi")) == [(7, "/code/media")]
    assert _reported(_service("data:/app/data", more="    environment:\n      NODE_ENV: development\n")) == []
    assert _reported(_service("data:/app/data", name="dev")) == []
    assert _reported(_service("data:/app/data"), ".github/compose.yml") == []


def test_shared_file_systems_are_no_local_disk() -> None:
    """A volume of NFS is a backing service's."""
    text = _service("data:/app/data") + "volumes:\n  data:\n    driver_opts:\n      type: nfs\n      o: addr=10.0.0.1\n"
    assert _reported(text) == []


def test_a_web_root_counts_for_products_that_keep_files_there() -> None:
    """Nextcloud's and WordPress's do; a shared folder of code does not."""
    assert _reported(_service("html:/var/www/html", "nextcloud:apache")) == [(5, "/var/www/html")]
    assert _reported(_service("html:/var/www/html", "me/php")) == []


def test_the_declaration_is_another_place_of_the_same_cause() -> None:
    """A change that only adds the declaration is about this mount."""
    (signal,) = _signals(_service("uploads:/app/uploads") + "volumes:\n  uploads:\n")
    assert signal.alternatives == ((7, 7),)


_POD = """kind: {kind}
metadata:
  name: {name}
spec:
  template:
    spec:
      containers:
        - name: {name}
          image: {image}
          volumeMounts:
            - name: vol
              mountPath: {path}
      volumes:
        - name: vol
          {volume}
"""


def _pod(volume: str, path: str, kind: str = "Deployment", name: str = "shop", image: str = "shop:1") -> list[tuple[int, str]]:
    return _reported(_POD.format(kind=kind, name=name, image=image, path=path, volume=volume), "deploy.yaml")


def test_pods_that_keep_an_apps_data_are_reported() -> None:
    """Claims where they are mounted, folders of the node and of the pod where they are declared."""
    assert _pod("persistentVolumeClaim: {claimName: shop}", "/data") == [(11, "/data")]
    assert _pod("hostPath: {path: /srv/uploads}", "/app/uploads") == [(14, "/app/uploads")]
    assert _pod("emptyDir: {}", "/app/media") == [(14, "/app/media")]


def test_pods_of_others_and_scratch_are_left_alone() -> None:
    """Backing services, jobs, agents of a node, caches, memory, sockets, configuration."""
    assert _pod("persistentVolumeClaim: {claimName: x}", "/data", image="redis:7") == []
    assert _pod("persistentVolumeClaim: {claimName: x}", "/data", name="shop-postgresql") == []
    assert _pod("persistentVolumeClaim: {claimName: x}", "/data", kind="Job") == []
    assert _pod("persistentVolumeClaim: {claimName: x}", "/app/cache") == []
    assert _pod("hostPath: {path: /srv/data}", "/srv/data", kind="DaemonSet") == []
    assert _pod("hostPath: {path: /dev/video0, type: CharDevice}", "/data") == []
    assert _pod("emptyDir: {}", "/app/tmp") == []
    assert _pod("emptyDir: {medium: Memory}", "/app/uploads") == []
    assert _pod("configMap: {name: x}", "/app/data") == []


def test_images_with_a_volume() -> None:
    """Of an app, and of a product whose job is to keep data."""
    assert _reported("FROM node:20\nENV D=/home/x/data\nVOLUME $D\n", "Dockerfile") == [(3, "/home/x/data")]
    assert _reported('FROM debian\nENV REDIS_VERSION=7\nVOLUME /data\nCMD ["redis-server"]\n', "Dockerfile") == []
    assert _reported("FROM postgres:16\nVOLUME /data\n", "Dockerfile") == []
    assert _reported("FROM eclipse-temurin\nVOLUME /tmp\n", "Dockerfile") == []
    assert _reported("FROM node\nVOLUME /app/data\n", "Dockerfile.dev") == []


def test_disks_of_platforms() -> None:
    """Render's and Platform.sh's; a database's own disk is its business."""
    render = "services:\n  - type: web\n    name: {0}\n    disk:\n      name: {0}\n      mountPath: /srv/data\n"
    assert [line for line, _ in _reported(render.format("blog"), "render.yaml")] == [5]
    assert _reported(render.format("mysql"), "render.yaml") == []
    mounts = "name: app\nmounts:\n  web/uploads: {source: local, source_path: uploads}\n  /var/cache: {source: tmp, source_path: cache}\n"
    assert _reported(mounts, ".platform.app.yaml") == [(3, "/app/web/uploads")]


def test_folders_of_a_node_and_of_a_host() -> None:
    """A PersistentVolume on one node; a task definition with a folder of its host."""
    volume = "kind: PersistentVolume\nmetadata:\n  name: {}\nspec:\n  hostPath:\n    path: /mnt/{}\n"
    assert [line for line, _ in _reported(volume.format("uploads", "uploads"), "pv.yaml")] == [6]
    assert _reported(volume.format("mysql-pv", "data"), "pv.yaml") == []
    task = (
        '{{"containerDefinitions": [{{"name": "web", "image": "shop", "mountPoints": [{{"sourceVolume": "v", "containerPath": "/app/uploads"}}]}}],'
        ' "volumes": [{{"name": "v", {}}}]}}'
    )
    assert _reported(task.format('"host": {"sourcePath": "/ecs/uploads"}'), "task.json") == [(1, "/app/uploads")]
    assert _reported(task.format('"efsVolumeConfiguration": {"fileSystemId": "fs-1"}'), "task.json") == []

"""Formats are known by what stands in a file where its name says nothing."""

from __future__ import annotations

import pytest

from guard.languages import reader_for

_ENVOY = "# the edge\nstatic_resources:\n  listeners:\n    - name: web\n"
_TRAEFIK = "http:\n  routers:\n    shop:\n      rule: Host(`a`)\n  services:\n    shop:\n      loadBalancer: {}\n"
_COMPOSE = "services:\n  # the shop\n  web:\n    restart: always\n    image: shop\n"
_TRAEFIK_TOML = "[http.services]\n  [http.services.shop.loadBalancer]\n    passHostHeader = true\n"
_CADDY = "example.org {\n    encode zstd gzip\n    reverse_proxy app:80\n}\n"
_ARM = (
    '{\n  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",\n  "resources": []\n}\n'
)
_SALT = "{% set name = 'shop' %}\nnginx:\n  pkg.installed: []\n"


@pytest.mark.parametrize(
    ("path", "text", "language"),
    [
        ("edge/config", _ENVOY, "yaml"),
        ("edge/envoy.conf", _ENVOY, "yaml"),
        ("proxy/dynamic", _TRAEFIK, "yaml"),
        ("stack.compose", _COMPOSE, "yaml"),
        ("salt/nginx.sls", _SALT, "yaml"),
        ("lib/queue.sls", "(library (queue)\n  (export push))\n", None),
        ("proxy/dynamic.conf", _TRAEFIK_TOML, "toml"),
        ("sites/shop.conf", _CADDY, "caddy"),
        ("sites/example.org", _CADDY, "caddy"),
        ("sites/example.org", "server {\n  location / {\n    proxy_pass http://app;\n  }\n}\n", "nginx"),
        ("sites/shop.conf", "upstream app {\n    import x;\n    ip_hash;\n}\n", "nginx"),
        ("infra/azuredeploy", _ARM, "json"),
        ("infra/azuredeploy.template", _ARM, "json"),
        ("notes.txt", f"as in:\n\n{_TRAEFIK_TOML}", None),
        ("notes.txt", f"Put this into a file:\n\n    {_ENVOY}", None),
        ("docs/deploy.mdx", f"title: x\n{_COMPOSE}", None),
        ("templates/env.j2.license", "SPDX-License-Identifier: X\n", None),
        ("deploy/.env.patch", "--- a/.env\n", None),
        ("Dockerfile.dockerignore", ".git\n", None),
        ("main.rs", "fn main() {\n    import x\n}\n", None),
        ("data", '{"name": "shop"}\n', None),
        ("data", "http:\n  timeout: 3\n", None),
        ("data", "services:\n  - web\n  - api\n", None),
    ],
)
def test_what_a_file_is(path: str, text: str, language: str | None) -> None:
    """A reader is chosen by the content alone, and none where the content is something else."""
    reading = reader_for(path, text.encode())
    assert (reading.language if reading else None) == language


@pytest.mark.parametrize("mark", ["services:\n", "http:\n", "[", "a: b\n" * 3, "{", "x {\n", "encode y\n", '{"$schema":'])
def test_a_long_file_is_told_quickly(mark: str) -> None:
    """Patterns are bounded: what repeats a file's beginning costs no more than its length."""
    reader_for("data", (mark * 20_000).encode())

"""What a file is for, by its name and by what stands in it."""

from __future__ import annotations

import pytest

from guard.languages import read
from guard.project import Project, project_from
from guard.roles import Role, role_of, role_of_path


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("app/tests/helpers.py", Role.TEST),
        ("src/cart.test.ts", Role.TEST),
        ("spec/models/user_spec.rb", Role.TEST),
        ("conftest.py", Role.TEST),
        ("src/latest.py", None),
        ("src/contest.py", None),
        ("examples/test_dialogue/plot.py", Role.TEST),
        ("tools/dialogue_bench.py", Role.BUILD),
        ("db/migrations/0001_initial.py", Role.MIGRATION),
        ("scripts/import.py", Role.BUILD),
        ("setup.py", Role.BUILD),
        ("webpack.config.js", Role.BUILD),
        ("shop/management/commands/export.py", Role.COMMAND_LINE),
        ("shop/cli/history.py", Role.COMMAND_LINE),
        ("shop/client/history.py", None),
        ("docs/conf.py", Role.DOCUMENTATION),
        ("vendor/lib/store.js", Role.GENERATED),
        ("public/app.min.js", Role.GENERATED),
        ("config/settings/dev.py", Role.DEVELOPMENT),
        ("config/settings/local.py", Role.DEVELOPMENT),
        ("config/settings/ci.py", Role.DEVELOPMENT),
        ("settings_local.py", Role.DEVELOPMENT),
        ("config/settings/production.py", None),
        ("app/storage/local.py", None),
        ("app/storage_local.py", None),
        ("src/app.py", None),
    ],
)
def test_a_path_tells_the_role_of_code(path: str, role: Role | None) -> None:
    """Folders and names that people use for one purpose only decide; others do not."""
    assert role_of_path(path, code=True) is role


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("docker-compose.override.yml", Role.DEVELOPMENT),
        ("docker-compose.dev.yml", Role.DEVELOPMENT),
        ("docker-compose.yml", None),
        (".env.example", None),
        (".env.development", Role.DEVELOPMENT),
        (".env.test", Role.TEST),
        ("application-dev.properties", Role.DEVELOPMENT),
        ("application-test.yml", Role.TEST),
        ("application-prod.yml", None),
        ("scripts/values.yaml", None),
        (".github/workflows/ci.yml", Role.BUILD),
        (".travis.yml", Role.BUILD),
        ("config/dev-sqlite.env", Role.DEVELOPMENT),
        ("development.ini", Role.DEVELOPMENT),
        ("environments/dev.tfvars", Role.DEVELOPMENT),
        ("config/test.json", Role.TEST),
        ("production.ini", None),
    ],
)
def test_a_path_tells_the_role_of_configuration(path: str, role: Role | None) -> None:
    """Settings that name themselves development or test are that; a template that is the only one speaks for production."""
    assert role_of_path(path, code=False) is role


@pytest.mark.parametrize(
    ("path", "code", "role"),
    [
        ("src/cart.js", "import React from 'react';\nconst carts = {};\n", Role.BROWSER),
        ("src/page.tsx", "'use client';\nexport const carts = {};\n", Role.BROWSER),
        ("src/store.js", "localStorage.setItem('a', 'b');\n", Role.BROWSER),
        ("client/api.js", "export const call = () => fetch('/x');\n", Role.BROWSER),
        ("client/server.js", "const express = require('express');\n", Role.SERVER),
        ("src/app.js", "const fs = require('fs');\nconst React = require('react');\n", Role.SERVER),
        ("main.py", "import argparse\nfrom fastapi import FastAPI\n", Role.SERVER),
        ("tool.py", "import argparse\n", Role.COMMAND_LINE),
        ("chat.py", "while True:\n    print(answer(input('> ')))\n", Role.COMMAND_LINE),
        ("bot.py", "import telegram\nname = input('> ')\n", Role.SERVER),
        ("window.py", "import tkinter\n", Role.DESKTOP),
        ("bin/tool.js", "#!/usr/bin/env node\nconst x = 1;\n", Role.COMMAND_LINE),
    ],
)
def test_what_stands_in_a_file_tells_its_role(path: str, code: str, role: Role) -> None:
    """What a file imports says who runs it."""
    facts = read(path, code.encode())
    assert facts is not None
    assert role_of(facts, Project()) is role


def test_a_project_serves_if_it_depends_on_a_server() -> None:
    """Manifests are read for names, whatever their form."""
    assert project_from({"package.json": '{"dependencies": {"express": "^4.0.0"}}'}).serves
    assert project_from({"requirements.txt": "Flask==3.0\nredis\n"}).serves
    assert project_from({"pyproject.toml": '[project]\ndependencies = ["fastapi[all]>=0.1"]\n'}).serves
    assert not project_from({"package.json": '{"dependencies": {"lodash": "^4.0.0"}}'}).serves


@pytest.mark.parametrize(
    ("path", "code", "role"),
    [
        ("app/__main__.py", b"import click\nimport uvicorn\nuvicorn.run(app)\n", Role.SERVER),
        ("app/__main__.py", b"import click\n", Role.COMMAND_LINE),
        ("app/cli/serve.py", b"import click\nimport uvicorn\nuvicorn.run(app)\n", Role.SERVER),
        ("app/management/commands/export.py", b"from django.core.management import BaseCommand\n", Role.COMMAND_LINE),
    ],
)
def test_a_main_module_may_start_a_server(path: str, code: bytes, role: Role) -> None:
    """`python -m app` is how many servers are started."""
    facts = read(path, code)
    assert facts is not None
    assert role_of(facts, Project()) is role


@pytest.mark.parametrize(
    ("path", "code", "role"),
    [
        ("tools/create-areas-db.py", "import sqlite3\n", Role.COMMAND_LINE),
        ("tools/create_areas_db.py", "import sqlite3\n", Role.SERVER),
        ("my-server.py", "from flask import Flask\napp = Flask(__name__)\n", Role.SERVER),
    ],
)
def test_a_python_file_that_nothing_can_import_is_a_script(path: str, code: str, role: Role) -> None:
    """Unless it serves requests itself."""
    facts = read(path, code.encode())
    assert facts is not None
    assert role_of(facts, Project()) is role

"""What a file is for, by its name and by what stands in it."""

from __future__ import annotations

import pytest

from guard.languages import read
from guard.project import Project, project_from
from guard.roles import Role, decide, role_of, role_of_path


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
        ("shop/src/main/java/dev/acme/local/Chats.java", None),
        ("shop/src/main/kotlin/dev/acme/docs/Chats.kt", None),
        ("dev/src/main/java/com/acme/Chats.java", Role.DEVELOPMENT),
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


_NPM = "package.json"


@pytest.mark.parametrize(
    ("path", "code", "manifests", "role"),
    [
        # what a manifest says of the very file
        ("tools/run.js", "go();\n", {_NPM: '{"bin": {"shop": "./tools/run.js"}}'}, Role.COMMAND_LINE),
        ("src/cli-main.ts", "go();\n", {_NPM: '{"bin": "dist/cli-main.js"}'}, Role.COMMAND_LINE),
        ("src/run.ts", "import express from 'express';\n", {_NPM: '{"bin": "dist/run.js"}'}, Role.SERVER),
        ("prepare.js", "go();\n", {_NPM: '{"scripts": {"postinstall": "node prepare.js"}}'}, Role.BUILD),
        ("main.js", "go();\n", {_NPM: '{"main": "main.js", "dependencies": {"electron": "30"}}'}, Role.DESKTOP),
        ("scripts/worker.py", "while True: go()\n", {"Procfile": "worker: python scripts/worker.py\n"}, Role.SERVER),
        ("scripts/worker.py", "while True: go()\n", {}, Role.BUILD),
        ("release.py", "go()\n", {"Procfile": "release: python release.py\n"}, Role.BUILD),
        ("shop/run.py", "go()\n", {"pyproject.toml": '[project.scripts]\nshop = "shop.run:main"\n'}, Role.COMMAND_LINE),
        ("src/shop/run.py", "go()\n", {"pyproject.toml": '[tool.poetry.scripts]\nshop = "shop.run:main"\n'}, Role.COMMAND_LINE),
        ("shop/window.py", "go()\n", {"pyproject.toml": '[project.gui-scripts]\nshop = "shop.window:main"\n'}, Role.DESKTOP),
        ("Till/Models/Cart.cs", "class Cart {}\n", {"Till/Till.csproj": "<UseWPF>true</UseWPF>"}, Role.DESKTOP),
        ("app/Cart.kt", "class Cart\n", {"app/build.gradle.kts": 'plugins { id("com.android.application") }\n'}, Role.DESKTOP),
        ("app/Cart.kt", "class Cart\n", {"build.gradle.kts": 'plugins {\n id("com.android.application") apply false\n}\n'}, Role.SERVER),
        # what the nearest package is
        ("web/src/cart.ts", "export const carts = new Map();\n", {"web/package.json": '{"dependencies": {"react": "19"}}'}, Role.BROWSER),
        ("web/src/cart.ts", "export const carts = new Map();\n", {"web/package.json": '{"dependencies": {"react": "19", "express": "5"}}'}, Role.SERVER),
        ("web/src/cart.ts", "export const carts = new Map();\n", {"web/package.json": '{"dependencies": {"react": "19", "aws-lambda": "1"}}'}, Role.SERVER),
        ("resources/js/events.ts", "export const listeners = new Map();\n", {_NPM: '{"dependencies": {"codemirror": "6"}}', "composer.json": '{"require": {"laravel/framework": "^11"}}'}, Role.BROWSER),
        ("resources/js/events.ts", "export const listeners = new Map();\n", {_NPM: '{"dependencies": {"ws": "8"}}', "composer.json": '{"require": {"laravel/framework": "^11"}}'}, Role.SERVER),
        ("src/events.ts", "export const listeners = new Map();\n", {_NPM: '{"dependencies": {"lodash": "4"}}'}, Role.SERVER),
        ("server/cart.ts", "export const carts = new Map();\n", {_NPM: '{"dependencies": {"react": "19"}}'}, Role.SERVER),
        ("src/state.ts", "export const x = new Map();\n", {_NPM: '{"bin": "cli.js", "dependencies": {"commander": "14"}}'}, Role.COMMAND_LINE),
        ("src/state.ts", "export const x = new Map();\n", {_NPM: '{"name": "x", "exports": "./index.js"}'}, Role.LIBRARY),
        ("src/state.ts", "export const x = new Map();\n", {_NPM: '{"exports": "./index.js", "private": true}'}, Role.SERVER),
        ("raft.go", "package store\n", {"go.mod": "module m\nrequire github.com/hashicorp/raft v1\n"}, Role.STORE),
        # what stands in it
        ("app/helpers.py", "import pytest\n", {}, Role.TEST),
        ("app/cases.py", "import unittest\nclass A(unittest.TestCase):\n    pass\n", {}, Role.TEST),
        ("src/harness.ts", "import { vi } from 'vitest';\n", {}, Role.TEST),
        ("versions/a1.py", "from alembic import op\n", {}, Role.MIGRATION),
        ("dags/load.py", "from airflow import DAG\n", {}, Role.JOB),
        ("crawl.py", "import scrapy\n", {}, Role.JOB),
        ("explore.py", "# Databricks notebook source\nx = {}\n", {}, Role.NOTEBOOK),
        ("cmd/root.go", 'package cmd\nimport "github.com/spf13/cobra"\n', {}, Role.COMMAND_LINE),
        ("app/routes/cart.tsx", "import { useState } from 'react';\nexport async function loader() {}\n", {}, Role.SERVER),
        ("app/actions.ts", "'use server';\nconst x = {};\n", {}, Role.SERVER),
        ("app/theme.client.tsx", "const x = {};\n", {}, Role.BROWSER),
        ("shared/src/iosMain/kotlin/A.kt", "class A\n", {}, Role.DESKTOP),
        ("services/test-plan/src/main/java/TestPlan.java", "class TestPlan {}\n", {}, Role.SERVER),
        (".eslintrc.js", "module.exports = {};\n", {}, Role.BUILD),
    ],
)  # fmt: skip
def test_the_plainest_fact_decides(path: str, code: str, manifests: dict[str, str], role: Role) -> None:
    """Manifests, then the path, then what the file imports and starts; a server stays one whatever else is said."""
    facts = read(path, code.encode())
    assert facts is not None
    decision = decide(facts, project_from(manifests))
    assert decision.role is role, decision
    assert decision.why


def test_a_framework_with_a_command_is_no_command() -> None:
    """What other programs import is looked at, even where it installs a command."""
    text = '[project]\ndependencies = ["click"]\nclassifiers = ["Topic :: Software Development :: Libraries"]\n[project.scripts]\nx = "x.cli:main"\n'
    facts = read("src/x/globals.py", b"current = {}\n")
    assert facts is not None
    assert decide(facts, project_from({"pyproject.toml": text})).role is Role.LIBRARY


@pytest.mark.parametrize(
    ("manifest", "text", "names"),
    [
        ("pyproject.toml", '[dependency-groups]\nweb = ["FastAPI>=1", {include-group = "x"}]\n', {"fastapi"}),
        ("pyproject.toml", '[project]\nkeywords = ["flask"]\n[project.optional-dependencies]\ns3 = ["boto3"]\n', {"boto3"}),
        ("pyproject.toml", '[tool.poetry.group.web.dependencies]\ndjango = "^5"\n', {"django"}),
        ("Pipfile", '[packages]\nflask = "*"\n', {"flask"}),
        (_NPM, '{"dependencies": {"a": "workspace:*", "b": "catalog:"}, "engines": {"node": ">=20"}}', {"a", "b"}),
        ("gradle/libs.versions.toml", '[libraries]\na = "g:jedis:5"\nb = { group = "g", name = "lettuce-core" }\n', {"jedis", "lettuce-core"}),
        ("Directory.Packages.props", '<PackageVersion Include="Npgsql" Version="9" />', {"npgsql"}),
        ("composer.json", '{"require": {"php": "^8.2", "predis/predis": "^2"}}', {"php", "predis/predis"}),
        (_NPM, '{"dependencies": {"a": "^1",}}', {"a"}),
    ],
)  # fmt: skip
def test_names_are_read_by_each_formats_own_parser(manifest: str, text: str, names: set[str]) -> None:
    """Groups, catalogs and workspaces count, keywords do not, and a broken file is searched."""
    assert project_from({manifest: text}).dependencies == names

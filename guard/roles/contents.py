"""What a file is for by what stands in it: what it imports, what it starts, how it is written."""

from __future__ import annotations

from guard.facts import Facts, Import
from guard.project import serves
from guard.regex import regex
from guard.roles import frameworks as known
from guard.roles.values import Decision, Role

_LONGEST_LINE = 5_000
"""Characters; no person writes code in longer lines."""
_GENERATED_GO = regex(r"// Code generated .* DO NOT EDIT\.$")
"""How generators mark what they write (https://pkg.go.dev/cmd/go#hdr-Generate_Go_files_by_processing_source)."""
_HEAD = 60
"""Lines in which such a mark is looked for."""
_FRONT_FOLDERS = frozenset(
    "client frontend front-end front www public static assets webapp ui components composables hooks store stores".split()
)
_BACK_FOLDERS = frozenset({"server", "backend", "back-end"})
"""Folders in which a `store/` is no front end's."""
_BROWSER_GLOBALS = (
    "window.",
    "document.",
    "localStorage.",
    "sessionStorage.",
    "navigator.",
    "self.postMessage",
    "self.addEventListener",
)
_SERVER_STARTS = frozenset(
    "http.createServer https.createServer net.createServer http.server.HTTPServer http.server.ThreadingHTTPServer socketserver.TCPServer Bun.serve Deno.serve asyncio.start_server"
    " net/http.ListenAndServe net/http.ListenAndServeTLS net/http.HandleFunc net/http.NewServeMux"
    " WebApplication.CreateBuilder WebApplication.CreateSlimBuilder WebApplication.Create WebHost.CreateDefaultBuilder".split()
)
_ON_THE_SERVER = frozenset({"loader", "action", "getServerSideProps", "getStaticProps"})
_USE_SERVER = regex(r"""\s*["']use server["']""")
_OF_PHP = regex(r"\$_(?:FILES|POST|GET|REQUEST|COOKIE|SESSION)\b|\bmove_uploaded_file\(")
"""What PHP hands over of a request."""
_MAIN = regex(r"""__name__ == ["']__main__["']""")
_NOTEBOOK = ("# Databricks notebook source", "# %%")
_TEST_BASES = frozenset(
    {"unittest.TestCase", "django.test.TestCase", "django.test.TransactionTestCase", "rest_framework.test.APITestCase"}
)
_MIGRATION_BASES = ("ActiveRecord.Migration", "ActiveRecord::Migration", "django.db.migrations.Migration")


def set_aside(facts: Facts) -> Decision | None:
    """Whether a file says of itself, by a mark or by how it is written, that no person wrote it, or that it is a notebook."""
    number = next((number for number, line in enumerate(facts.lines, 1) if len(line) > _LONGEST_LINE), 0)
    if number:
        return Decision(Role.GENERATED, f"a line of more than {_LONGEST_LINE:,} characters", number)
    if facts.language == "go":
        number = next((number for number, line in enumerate(facts.lines[:_HEAD], 1) if _GENERATED_GO.match(line)), 0)
        return Decision(Role.GENERATED, "says that a generator wrote it", number) if number else None
    if facts.lines and facts.lines[0].startswith(_NOTEBOOK):
        return Decision(Role.NOTEBOOK, "begins as an exported notebook does", 1)
    return None


def answering(facts: Facts) -> Decision | None:
    """What in a file answers requests, events or messages of others."""
    item = next((item for item in facts.imports if serves({known.package_of(item.name)} - known.FULL_STACK)), None)
    found = item or known.imported(facts, frozenset(), known.SERVER_NAMESPACES)
    if found is not None:
        return _by_import(Role.SERVER, found)
    return _starts_a_server(facts) or _has_a_server_side(facts)


def _has_a_server_side(facts: Facts) -> Decision | None:
    """Of a file for both sides, the functions that its framework calls on the server (React Router, Remix, Next.js), or its directive."""
    if facts.language not in known.FOR_BROWSERS:
        return None
    number = next((number for number, line in enumerate(facts.lines[:5], 1) if _USE_SERVER.match(line)), 0)
    if number:
        return Decision(Role.SERVER, "says 'use server'", number)
    function = next((one for one in facts.functions if one.name in _ON_THE_SERVER and one.exported and not one.parent), None)
    return (
        None
        if function is None
        else Decision(Role.SERVER, f"exports {function.name}(), which runs on the server", function.span.line)
    )


def _starts_a_server(facts: Facts) -> Decision | None:
    if facts.language == "php":
        number = next((number for number, line in enumerate(facts.lines, 1) if _OF_PHP.search(line)), 0)
        if number:
            return Decision(Role.SERVER, "takes what PHP hands over of a request", number)
    call = next((call for call in facts.calls if call.name.removeprefix("node:") in _SERVER_STARTS), None)
    if call is not None:
        return Decision(Role.SERVER, f"calls {call.name}", call.span.line)
    handler = next((function for function in facts.functions if "http.ResponseWriter" in function.parameter_types), None)
    return None if handler is None else Decision(Role.SERVER, f"{handler.name} takes an http.ResponseWriter", handler.span.line)


def describing_deployments(facts: Facts) -> Decision | None:
    """What in a file describes deployments, if it answers no requests itself."""
    found = known.imported(facts, known.INFRASTRUCTURE, known.INFRASTRUCTURE_NAMESPACES) or next(
        (item for item in facts.imports if _deploys(item, facts.language)), None
    )
    return None if found is None or answering(facts) else _by_import(Role.INFRASTRUCTURE, found)


def _deploys(item: Import, language: str) -> bool:
    if language == "python":
        return known.package_of(item.name).startswith("pulumi_")
    return language in known.FOR_BROWSERS and item.name.startswith(known.INFRASTRUCTURE_SCOPES)


def beside_the_program(facts: Facts) -> Decision | None:
    """Tests, migrations and builds, by what only they import or derive from."""
    for role, packages, namespaces in known.BESIDES:
        found = known.imported(facts, packages, namespaces)
        if found is not None:
            return _by_import(role, found)
    for function in facts.functions:
        if not _TEST_BASES.isdisjoint(function.bases):
            return Decision(Role.TEST, f"{function.name} is a test case", function.span.line)
        if any(base.startswith(_MIGRATION_BASES) for base in function.bases):
            return Decision(Role.MIGRATION, f"{function.name} is a migration", function.span.line)
    return None


def one_run(facts: Facts) -> Decision | None:
    """Batches: what a schedule or a person begins, and what ends."""
    found = known.imported(facts, known.JOB, known.JOB_NAMESPACES)
    return None if found is None else _by_import(Role.JOB, found)


def script(facts: Facts) -> Decision | None:
    """A Python file whose name nothing can import."""
    name = facts.path.rsplit("/", 1)[-1]
    if facts.language != "python" or not name.endswith(".py") or name.removesuffix(".py").isidentifier():
        return None
    return Decision(Role.COMMAND_LINE, f"nothing can import {name}")


def for_the_browser(facts: Facts) -> Decision | None:
    """What in a file only runs in a browser."""
    if facts.language not in known.FOR_BROWSERS or _outside_of_browsers(facts):
        return None
    item = known.imported(facts, known.BROWSER)
    if item is not None:
        return _by_import(Role.BROWSER, item)
    number = next((number for number, line in enumerate(facts.lines[:5], 1) if "use client" in line), 0)
    if number:
        return Decision(Role.BROWSER, "says 'use client'", number)
    call = next((call for call in facts.calls if call.name.removeprefix("%").startswith(_BROWSER_GLOBALS)), None)
    if call is not None:
        return Decision(Role.BROWSER, f"calls {call.name.removeprefix('%')}", call.span.line)
    folders = facts.path.lower().split("/")[:-1]
    folder = "" if _BACK_FOLDERS.intersection(folders) else next((one for one in folders if one in _FRONT_FOLDERS), "")
    return (
        Decision(Role.BROWSER, f"in the folder {folder}/, with nothing that only a server has")
        if folder and no_server_names(facts)
        else None
    )


def _outside_of_browsers(facts: Facts) -> bool:
    return not known.NODE.isdisjoint(known.packages_of(facts)) or any(item.name.startswith("node:") for item in facts.imports)


def may_run_in_a_browser(facts: Facts) -> bool:
    """Whether nothing in a file needs to be outside of one."""
    return facts.language in known.FOR_BROWSERS and not _outside_of_browsers(facts) and no_server_names(facts)


def no_server_names(facts: Facts) -> bool:
    """No `req`/`res` handlers and no `process.` calls: nothing that only a server has."""
    parameters = {name for function in facts.functions for name in function.parameters}
    answers = parameters & {"req", "socket", "ctx"}  # `res` alone may be what a promise brought
    return not answers and not any(call.name.startswith("process.") for call in facts.calls)


def with_windows(facts: Facts) -> Decision | None:
    """What in a file is for a program with windows, a device or a game."""
    item = known.imported(facts, known.DESKTOP, known.DESKTOP_NAMESPACES)
    return None if item is None else _by_import(Role.DESKTOP, item)


def for_the_command_line(facts: Facts) -> Decision | None:
    """What in a file is for a terminal."""
    item = known.imported(facts, known.COMMAND_LINE, known.COMMAND_LINE_NAMESPACES)
    if item is not None:
        return _by_import(Role.COMMAND_LINE, item)
    asks = next((call for call in facts.calls if call.name == "input"), None) if facts.language == "python" else None
    if asks is not None:
        return Decision(Role.COMMAND_LINE, "asks at a terminal: input()", asks.span.line)
    shebang = bool(facts.lines) and facts.lines[0].startswith("#!")
    if shebang and (facts.language != "python" or any(_MAIN.search(line) for line in facts.lines)):
        return Decision(Role.COMMAND_LINE, f"is started by its first line, {facts.lines[0][:40]}", 1)
    return None


def _by_import(role: Role, item: Import) -> Decision:
    return Decision(role, f"imports {item.name}", item.span.line)

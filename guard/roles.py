"""What a file is for: decided here alone, from its path, its facts and the project around it."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

from guard.facts import Facts
from guard.project import Project, serves
from guard.regex import regex


class Role(StrEnum):
    """Who runs the code, and when. State outlives a request only where requests are served."""

    SERVER = "server"
    """Serves requests, or is used by what does; also deployment files. Everything that is not shown to be something else."""
    INFRASTRUCTURE = "infrastructure"
    """A program that describes what is deployed (CDK, Pulumi): its settings count as those of a deployment file, its own state does not."""
    COMMAND_LINE = "command-line"
    TEST = "test"
    MIGRATION = "migration"
    BUILD = "build"
    NOTEBOOK = "notebook"
    BROWSER = "browser"
    DESKTOP = "desktop"
    DEVELOPMENT = "development"
    """Settings and deployments that name themselves development or local."""
    DOCUMENTATION = "documentation"
    GENERATED = "generated"
    """Built by a tool, or copied from another project."""


_LONGEST_LINE = 5_000
"""Characters; no person writes code in longer lines."""
CODE = ("python", "javascript", "typescript", "go", "java", "kotlin", "csharp", "php", "ruby")
"""Languages in which programs are written; the other readers read configuration."""
SERVES_BY_ITSELF = frozenset({"go", "csharp"})
"""Languages whose own library answers requests: no dependency tells a server from other programs."""
_COMMANDS_BY_NAME = frozenset({"php", "ruby"})
"""Languages whose frameworks are imported by servers and commands alike, and say by a file's place which it is."""
_SERVER_FOLDERS = frozenset(
    "server servers api apis web http rest rpc grpc handler handlers controller controllers router routers routes middleware middlewares websocket ws".split()
)


def role_of(facts: Facts, project: Project) -> Role:
    """What a file is for."""
    by_path = role_of_path(facts.path, code=facts.language in CODE)
    if facts.language in CODE and any(len(line) > _LONGEST_LINE for line in facts.lines):
        return Role.GENERATED
    named_so = "management/commands/" in facts.path or facts.language in _COMMANDS_BY_NAME
    if by_path is Role.COMMAND_LINE and not named_so and answers_requests(facts):
        return Role.SERVER  # `python -m app` and `app serve` start servers as well
    if by_path in {None, Role.COMMAND_LINE} and facts.language in CODE and _describes_deployments(facts):
        return Role.INFRASTRUCTURE
    if by_path is not None or facts.language not in CODE:
        return by_path or Role.SERVER
    by_namespace = _by_namespace(facts)
    if by_namespace is not None:
        return by_namespace
    if answers_requests(facts):
        return Role.SERVER
    if facts.language == "python" and not _importable(facts.path):
        return Role.COMMAND_LINE
    packages = _packages(facts)
    if (facts.language in _FOR_BROWSERS and _for_the_browser(facts, packages)) or _imports(facts, _BROWSER_NAMESPACES):
        return Role.BROWSER
    if packages & _DESKTOP or _imports(facts, _DESKTOP_NAMESPACES) or (project.dependencies & _DESKTOP and not project.serves):
        return Role.DESKTOP
    return Role.COMMAND_LINE if _for_the_command_line(facts, packages) else Role.SERVER


def answers_requests(facts: Facts) -> bool:
    """Whether a file itself uses what answers requests, events or messages of others."""
    return serves(_packages(facts) - _FULL_STACK) or _starts_a_server(facts) or _imports(facts, _SERVER_NAMESPACES)


def _describes_deployments(facts: Facts) -> bool:
    """Whether a file uses what describes deployments, and answers no requests itself."""
    if facts.language == "python" and any(package.startswith("pulumi_") for package in _packages(facts)):
        return not answers_requests(facts)
    named = _packages(facts) & _INFRASTRUCTURE if facts.language in _BY_PACKAGE else _imports(facts, _INFRASTRUCTURE_NAMESPACES)
    scoped = facts.language in _FOR_BROWSERS and any(item.name.startswith(_INFRASTRUCTURE_SCOPES) for item in facts.imports)
    return bool(named or scoped) and not answers_requests(facts)


def says_server(path: str) -> bool:
    """Whether a folder or the file is named after what only servers have."""
    *folders, file = path.lower().split("/")
    return not _SERVER_FOLDERS.isdisjoint((*folders, file.rsplit(".", 1)[0]))


def _importable(path: str) -> bool:
    """Whether a Python file has a name that others can import; else it is a script."""
    return path.rsplit("/", 1)[-1].removesuffix(".py").isidentifier() or not path.endswith(".py")


def _packages(facts: Facts) -> set[str]:
    return {_package(item.name) for item in facts.imports}


# -- by path ----------------------------------------------------------------------------------------------------------

_FOLDERS = {
    Role.TEST: "test tests testing spec specs __tests__ __mocks__ e2e cypress fixtures testdata test_data testutils test_utils mocks stubs playwright"
    " integration-tests unittests test-utils test-helpers molecule regtest",
    Role.MIGRATION: "migrations migrate alembic",
    Role.COMMAND_LINE: "cli tui",
    Role.BUILD: "scripts script benchmarks benchmark bench evals evaluation .github .gitlab .circleci .buildkite .woodpecker .husky .ci ci",
    Role.DOCUMENTATION: "docs doc documentation",
    Role.GENERATED: "node_modules vendor third_party thirdparty dist .next bower_components site-packages",
    Role.DEVELOPMENT: "dev development local .dev .devcontainer devcontainer .ddev .vscode .idea vagrant minikube",
}
_FOLDER_ROLES = {folder: role for role, folders in _FOLDERS.items() for folder in folders.split()}
_CODE_ONLY = frozenset("scripts script benchmarks benchmark bench evals evaluation migrations migrate alembic".split())
"""Folders that say nothing of the configuration in them."""
_NAMES = (
    (Role.TEST, regex(r"(?:^|/)(?:test_[^/]*|tests?|[^/]*[._-](?:test|tests|spec|mock|stories)|conftest)\.[A-Za-z]+$")),
    (Role.TEST, regex(r"(?:^|/)(?:[^/]*[._-](?:tests?|testing|ci)\.(?:ya?ml|properties|env|toml|json|conf|ini)|\.env\.(?:tests?|testing|ci)(?:[._-][\w-]+)*)$")),
    (Role.TEST, regex(r"(?:^|/)tests?[_-][^/]*/|(?:^|/)(?:fake|dummy|stub)[_-][^/]*\.(?:py|[cm]?[jt]sx?)$")),
    (Role.TEST, regex(r"(?:^|/)[\w.]+[.](?:\w*Tests?|Testing|TestUtils?|TestHelpers?|Specs)(?:\.\w+)*/")),
    (Role.BUILD, regex(r"(?:^|/)(?:bench(?:mark)?s?[_-][^/]*|[^/]*[_-]bench(?:mark)?s?)\.py$")),
    (Role.TEST, regex(r"(?:^|/)(?:pytest\.ini|tox\.ini|phpunit[^/]*\.xml[^/]*|\.coveragerc)$")),
    (Role.TEST, regex(r"(?:^|/)(?:test|testing)(?:[._-][^/]*)?\.(?:ya?ml|properties|toml|json|conf|ini|env|tfvars|bicep|bicepparam|cfg)$")),
    (Role.TEST, regex(r"(?:^|/)(?:(?:docker|container)file[._-](?:tests?|testing|ci|e2e)\b[^/]*|(?:tests?|testing|ci|e2e)[._-]?(?:docker|container)file)$", re.IGNORECASE)),
    (
        Role.DEVELOPMENT,
        regex(r"(?:^|/)(?:(?:docker|container|proc)file[._-](?:dev|devel|development|local|debug)\b[^/]*|(?:dev|development|local)[._-]?(?:docker|container)file)$", re.IGNORECASE),
    ),
    (Role.BUILD, regex(r"(?:^|/)(?:\.travis|bitbucket-pipelines|azure-pipelines[^/]*|\.?appveyor|\.drone|\.woodpecker[^/]*)\.ya?ml$")),
    (
        Role.DEVELOPMENT,
        regex(r"(?:^|/)(?:(?:dev|development)(?:[._-][^/]*)?|local)\.(?:ya?ml|properties|toml|json|conf|ini|env|tfvars|bicep|bicepparam|cfg)$", re.IGNORECASE),
    ),
    (Role.NOTEBOOK, regex(r"\.ipynb$")),
    (Role.MIGRATION, regex(r"(?:^|/)management/commands/.*migrat[^/]*\.py$")),
    (Role.COMMAND_LINE, regex(r"(?:^|/)management/commands/[^/]+\.py$|(?:^|/)(?:manage|cli|__main__)\.py$|(?:^|/)cli\.[cm]?[jt]s$")),
    (Role.BUILD, regex(r"(?:^|/)(?:setup|noxfile|fabfile)\.py$|(?:^|/)(?:gulpfile|gruntfile)[^/]*$", re.IGNORECASE)),
    (Role.BUILD, regex(r"(?:^|/)(?:webpack|vite|rollup|next|nuxt|tailwind|postcss|babel|jest|vitest|eslint|playwright|svelte|astro)\.config\.[a-z]+$")),
    (
        Role.DEVELOPMENT,
        regex(
            r"(?:^|/)(?:[^/]*compose[^/]*[._-](?:override|dev|devel|development|local|debug)[^/]*\.ya?ml|[^/]*[._-](?:dev|development|local|debug)\.(?:ya?ml|"
            r"properties|toml|json|conf|ini|env|tfvars|bicep|bicepparam|cfg)|[^/]*[._-](?:dev|development|debug)\.py|(?:settings|config|conf)\w*[._-]local\.py|\.env\.(?:dev|development|local|debug)(?:\.[a-z]+)?|\.?env\.(?:dev|local)|local_?settings[^/]*\.py|"
            r"(?:dev|development|test|testing|ci)\.py|(?:settings|configs?|configuration|conf|envs?|environments?)/local\.py|(?:settings|config)_(?:dev|development|local|test|testing|ci)\.py|[^/]*skaffold[^/]*\.ya?ml|vagrantfile)$",
            re.IGNORECASE,
        ),
    ),
    (Role.GENERATED, regex(r"\.(?:min|bundle)\.[cm]?js$|(?:^|/)[^/]*(?:\.lock|-lock\.json|\.lock\.yaml)$|_pb2(?:_grpc)?\.py$")),
    (Role.DOCUMENTATION, regex(r"\.(?:md|mdx|rst|adoc|txt)$", re.IGNORECASE)),
)  # fmt: skip


_SCRIPTS = (".py", ".pyw", ".js", ".jsx", ".ts", ".tsx", ".mjs", ".cjs", ".mts", ".cts")
_OTHER_NAMES = (
    (Role.TEST, r"(?:^|/)[^/]*(?:Tests?|TestCase|IT|Spec|Fixture)\.(?:java|kt|cs|php|scala|groovy)$|_test\.go$|_(?:spec|test)\.rb$"),
    (Role.TEST, r"(?:^|/)[^/]*mocks?/[^/]*\.go$"),
    (Role.COMMAND_LINE, r"(?:^|/)cmd/[^/]*\bcli\b[^/]*/[^/]*\.go$|_(?:windows|darwin|wasm|js)\.go$"),
    (Role.BUILD, r"(?:^|/)[\w.]+\.(?:Benchmarks?|Build)/[^/]*\.cs$"),
    (Role.COMMAND_LINE, r"(?:^|/)(?:[Cc]onsole|[Cc]ommands?)/(?:[^/]+/)*[^/]+\.php$|(?:^|/)[^/]*Command\.php$|\.rake$|(?:^|/)lib/(?:tasks|generators|capistrano)/|(?:^|/)(?:artisan|bin/[^/]+)$"),
    (Role.MIGRATION, r"(?:^|/)(?:db/seeds?(?:/.*)?|database/(?:seeders|seeds|factories)/[^/]+)(?:\.rb|\.php)$|(?:^|/)(?:[^/]*(?:Seeder|Fixtures?|Factory)|Version\d+)\.php$"),
    (Role.BUILD, r"(?:^|/)(?:Rakefile|Capfile|Gemfile|Guardfile|Vagrantfile|Dangerfile|Fastfile|Berksfile)$|\.gemspec$|(?:^|/)config/deploy(?:/[^/]+)?\.rb$"),
    (Role.DEVELOPMENT, r"(?:^|/)environments/(?:dev\w*|local)\.rb$|(?:^|/)config/(?:packages/)?(?:dev|local)/[^/]+\.php$|(?:^|/)server\.php$"),
    (Role.TEST, r"(?:^|/)(?:spec|test)_helper\.rb$|(?:^|/)[^/]*_(?:factory|steps)\.rb$"),
)  # fmt: skip
"""What names say in projects of other languages than those of `_SCRIPTS`; compiled where such a file is met."""


@lru_cache(maxsize=1)
def _other_names() -> tuple[tuple[Role, re.Pattern[str]], ...]:
    return tuple((role, re.compile(pattern)) for role, pattern in _OTHER_NAMES)


def role_of_path(path: str, *, code: bool) -> Role | None:
    """What the name of a file says of its purpose; None if nothing."""
    for folder in path.lower().split("/")[:-1]:
        role = _FOLDER_ROLES.get(folder)
        if role is not None and (code or folder not in _CODE_ONLY):
            return role
    names = _NAMES if path.endswith(_SCRIPTS) else (*_other_names(), *_NAMES)
    return next((role for role, pattern in names if pattern.search(path)), None)


# -- by what stands in the file ----------------------------------------------------------------------------------------

_FOR_BROWSERS = frozenset({"javascript", "typescript"})
_SERVER_NAMESPACES = (
    "org.springframework.", "javax.servlet.", "jakarta.servlet.", "javax.ws.rs.", "jakarta.ws.rs.", "javax.websocket.", "jakarta.websocket.",
    "io.javalin.", "io.micronaut.http.", "io.micronaut.websocket.", "io.quarkus.", "io.vertx.", "play.mvc.", "spark.Spark", "io.ktor.server.", "io.dropwizard.",
    "io.grpc.", "akka.http.", "ratpack.", "io.helidon.", "org.eclipse.jetty.", "io.undertow.", "org.telegram.", "net.dv8tion.jda.", "org.apache.struts2.",
    "Microsoft.AspNetCore.", "Microsoft.Extensions.Hosting", "System.Web.", "Grpc.Core", "Grpc.AspNetCore", "MassTransit", "NServiceBus", "ServiceStack",
    "Telegram.Bot", "Discord", "Microsoft.Azure.Functions", "Microsoft.Bot.", "Illuminate.", "Laravel.", "Symfony.Component.HttpFoundation.",
    "Symfony.Component.HttpKernel.", "Symfony.Bundle.", "Slim.", "Psr.Http.", "Cake.", "CodeIgniter.", "Drupal.", "Livewire.", "Filament.", "com.sun.net.httpserver.", "org.http4k.", "org.glassfish.jersey.", "com.vaadin.",
    "github.com/gin-gonic/gin", "github.com/labstack/echo", "github.com/gofiber/fiber", "github.com/go-chi/chi", "github.com/gorilla/mux", "github.com/gorilla/websocket",
    "github.com/kataras/iris", "github.com/beego/beego", "github.com/astaxie/beego", "github.com/valyala/fasthttp", "github.com/julienschmidt/httprouter", "google.golang.org/grpc",
    "github.com/gobuffalo/buffalo", "github.com/revel/revel", "github.com/gogf/gf", "github.com/cloudwego/hertz", "github.com/zeromicro/go-zero", "github.com/danielgtaylor/huma",
    "github.com/go-macaron", "gopkg.in/macaron", "github.com/flamego", "gopkg.in/telebot", "github.com/go-telegram-bot-api", "github.com/bwmarrin/discordgo", "github.com/slack-go/slack",
    "github.com/olahol/melody", "github.com/googollee/go-socket.io", "github.com/99designs/gqlgen", "connectrpc.com/connect", "github.com/mark3labs/mcp-go", "nhooyr.io/websocket",
)  # fmt: skip
"""Beginnings of imported names that only programs have that answer requests, events or messages of others."""
_BROWSER_NAMESPACES = ("syscall/js",)
_DESKTOP_NAMESPACES = (
    "fyne.io/",
    "github.com/wailsapp/",
    "github.com/charmbracelet/bubbletea",
    "github.com/rivo/tview",
    "gioui.org/",
    "github.com/hajimehoshi/ebiten",
    "android.",
    "androidx.",
    "javax.swing.",
    "java.awt.",
    "javafx.",
    "org.bukkit.",
    "net.minecraft",
    "net.fabricmc.",
    "org.eclipse.swt.",
    "System.Windows",
    "UnityEngine",
    "Microsoft.UI.Xaml",
    "Microsoft.Maui",
    "Avalonia",
    "Xamarin.",
    "Godot",
)
"""The same of programs that run for one user, on a device of theirs, or hold one world in memory as games do."""
_DESKTOP = frozenset(
    {"electron", "tkinter", "pyqt5", "pyqt6", "pyside2", "pyside6", "wx", "kivy", "gi", "customtkinter", "nw", "vscode"}
)
_COMMAND_LINE = frozenset(
    {
        "argparse",
        "click",
        "typer",
        "fire",
        "docopt",
        "optparse",
        "commander",
        "yargs",
        "inquirer",
        "meow",
        "cac",
        "prompts",
        "@oclif/core",
    }
)
_BROWSER = frozenset(
    {"react", "react-dom", "vue", "vuex", "pinia", "@angular/core", "svelte", "redux", "@reduxjs/toolkit", "react-redux", "zustand", "jotai", "mobx", "jquery",
     "preact", "solid-js", "react-native", "expo", "@ionic/react", "next/navigation", "next/router", "react-router-dom", "@tanstack/react-query", "swr"}
)  # fmt: skip
_BY_PACKAGE = _FOR_BROWSERS | {"python", "ruby"}
"""Languages whose imports begin with the name of a package that is installed."""
_FULL_STACK = frozenset({"next", "nuxt", "@sveltejs/kit", "remix", "meteor"})
"""Frameworks whose packages are imported on both sides: they say what the project is, not what a file is."""
_NODE = frozenset(
    {"fs", "path", "http", "https", "net", "os", "child_process", "cluster", "worker_threads", "fs-extra", "async_hooks", "dgram", "next/headers", "next/server",
     "server-only", "fs/promises", "ioredis", "redis", "mongoose", "pg", "mysql2", "knex", "@prisma/client", "typeorm", "sequelize"}
)  # fmt: skip
_FRONT_FOLDERS = frozenset(
    {
        "client",
        "frontend",
        "front-end",
        "front",
        "www",
        "public",
        "static",
        "assets",
        "webapp",
        "ui",
        "components",
        "composables",
        "hooks",
        "store",
        "stores",
    }
)
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
    {
        "http.createServer",
        "https.createServer",
        "net.createServer",
        "http.server.HTTPServer",
        "socketserver.TCPServer",
        "Bun.serve",
        "net/http.ListenAndServe",
        "net/http.ListenAndServeTLS",
        "net/http.HandleFunc",
        "net/http.NewServeMux",
        "Deno.serve",
        "WebApplication.CreateBuilder",
        "WebApplication.CreateSlimBuilder",
        "WebApplication.Create",
        "WebHost.CreateDefaultBuilder",
    }
)


_OF_PHP = regex(r"\$_(?:FILES|POST|GET|REQUEST|COOKIE|SESSION)\b|\bmove_uploaded_file\(")
"""What PHP hands over of a request."""


def _package(name: str) -> str:
    """The package of an imported name: `@scope/name`, the part before the first dot or slash; `node:` is dropped."""
    name = name.removeprefix("node:").lower()
    if name.startswith("@"):
        return "/".join(name.split("/")[:2]).split(".", 1)[0]
    return name if name in _NODE or name in _BROWSER else re.split(r"[./]", name, maxsplit=1)[0]


def _imports(facts: Facts, namespaces: tuple[str, ...]) -> bool:
    return facts.language not in _BY_PACKAGE and any(item.name.startswith(namespaces) for item in facts.imports)


_INFRASTRUCTURE = frozenset({"aws_cdk", "cdktf", "cdk8s", "pulumi", "troposphere", "aws-cdk-lib", "constructs"})
_INFRASTRUCTURE_SCOPES = ("@aws-cdk/aws-", "@aws-cdk/core", "@pulumi/", "@cdktf/")
_INFRASTRUCTURE_NAMESPACES = (
    "software.amazon.awscdk", "com.pulumi.", "com.hashicorp.cdktf", "Amazon.CDK", "Pulumi", "github.com/aws/aws-cdk-go", "github.com/pulumi/pulumi",
)  # fmt: skip
"""What describes deployments in a language of programs; Pulumi's packages for Python are named `pulumi_aws` and so on."""
_ROLES_OF_NAMESPACES = (
    (
        Role.TEST,
        ("Xunit", "NUnit.", "Microsoft.VisualStudio.TestTools", "FluentAssertions", "Microsoft.AspNetCore.Mvc.Testing", "Moq"),
    ),
    (Role.BUILD, ("Microsoft.Build.", "BenchmarkDotNet", "Nuke.", "Cake.Core")),
    (Role.BROWSER, ("Microsoft.AspNetCore.Components.WebAssembly",)),
    (Role.COMMAND_LINE, ("System.CommandLine", "McMaster.Extensions.CommandLineUtils", "Spectre.Console.Cli", "Cocona")),
)
"""Beginnings of imported names by which a file of C# says what it is for."""


def _by_namespace(facts: Facts) -> Role | None:
    if facts.language != "csharp":
        return None
    return next((role for role, names in _ROLES_OF_NAMESPACES if _imports(facts, names)), None)


def _starts_a_server(facts: Facts) -> bool:
    if facts.language == "php" and any(_OF_PHP.search(line) for line in facts.lines):
        return True
    return any(call.name.removeprefix("node:") in _SERVER_STARTS for call in facts.calls) or any(
        type_ == "http.ResponseWriter" for function in facts.functions for type_ in function.parameter_types
    )


def _for_the_browser(facts: Facts, packages: set[str]) -> bool:
    if packages & _NODE or any(item.name.startswith("node:") for item in facts.imports):
        return False
    in_front = bool(_FRONT_FOLDERS.intersection(facts.path.lower().split("/")[:-1]))
    if packages & _BROWSER or "use client" in "\n".join(facts.lines[:5]):
        return True
    touches_page = any(call.name.removeprefix("%").startswith(_BROWSER_GLOBALS) for call in facts.calls)
    return touches_page or (in_front and _no_server_names(facts))


def _no_server_names(facts: Facts) -> bool:
    """No `req`/`res` handlers and no `process.` calls: nothing that only a server has."""
    parameters = {name for function in facts.functions for name in function.parameters}
    answers = parameters & {"req", "socket", "ctx"}  # `res` alone may be what a promise brought
    return not answers and not any(call.name.startswith("process.") for call in facts.calls)


def _for_the_command_line(facts: Facts, packages: set[str]) -> bool:
    shebang = bool(facts.lines) and facts.lines[0].startswith("#!")
    main = facts.language == "python" and any(
        '__name__ == "__main__"' in line or "__name__ == '__main__'" in line for line in facts.lines
    )
    asks = facts.language == "python" and any(call.name == "input" for call in facts.calls)  # a conversation at a terminal
    return bool(packages & _COMMAND_LINE) or asks or (shebang and main) or (shebang and facts.language != "python")

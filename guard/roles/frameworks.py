"""Whose packages and namespaces say what a file is for. Data, with how an imported name is compared with it.

Packages are what Python, JavaScript, TypeScript and Ruby import; the other languages import names that begin with a namespace.
"""

from __future__ import annotations

import re

from guard.facts import Facts, Import
from guard.roles.values import Role

FOR_BROWSERS = frozenset({"javascript", "typescript"})
BY_PACKAGE = FOR_BROWSERS | {"python", "ruby"}
"""Languages whose imports begin with the name of a package that is installed."""
FULL_STACK = frozenset({"next", "nuxt", "@sveltejs/kit", "remix", "meteor"})
"""Frameworks whose packages are imported on both sides: they say what the project is, not what a file is."""
BOTH_SIDES = frozenset(
    "astro @tanstack/start @tanstack/react-start @react-router/node @react-router/serve vike vite-plugin-ssr @solidjs/start @builder.io/qwik-city @redwoodjs/core blitz"
    " payload firebase-functions @vercel/node @netlify/functions wrangler convex @medusajs/medusa @strapi/strapi @keystone-6/core @keystonejs/keystone aws-lambda"
    " @types/express @types/aws-lambda @cloudflare/workers-types @analogjs/platform waku electron".split()
)
"""Packages beside which a framework for browsers does not make the whole project one for browsers."""
SERVER_NAMESPACES = (
    "org.springframework.", "javax.servlet.", "jakarta.servlet.", "javax.ws.rs.", "jakarta.ws.rs.", "javax.websocket.", "jakarta.websocket.",
    "io.javalin.", "io.micronaut.http.", "io.micronaut.websocket.", "io.quarkus.", "io.vertx.", "play.mvc.", "spark.Spark", "io.ktor.server.", "io.ktor.application.", "io.ktor.routing.", "io.dropwizard.",
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
DESKTOP = frozenset(
    "electron tkinter pyqt5 pyqt6 pyside2 pyside6 wx kivy gi customtkinter nw vscode @tauri-apps/api pygame pyglet arcade dearpygui toga pysimplegui gosu gtk3 gtk4".split()
)
DESKTOP_NAMESPACES = (
    "fyne.io/", "github.com/wailsapp/", "github.com/charmbracelet/bubbletea", "github.com/rivo/tview", "gioui.org/", "github.com/hajimehoshi/ebiten", "github.com/therecipe/qt",
    "github.com/lxn/walk", "github.com/getlantern/systray",
    "android.", "androidx.", "javax.swing.", "java.awt.event.", "java.awt.", "javafx.", "org.bukkit.", "net.minecraft", "net.fabricmc.", "org.eclipse.swt.", "com.badlogic.gdx.", "org.lwjgl.",
    "com.intellij.",
    "System.Windows", "UnityEngine", "Microsoft.UI.Xaml", "Microsoft.Maui", "Avalonia", "Xamarin.", "Godot", "Terraria", "Eto.Forms",
)  # fmt: skip
"""The same of programs that run for one user, on a device of theirs, or hold one world in memory as games do."""
BROWSER = frozenset(
    {"react", "react-dom", "vue", "vuex", "pinia", "@angular/core", "svelte", "redux", "@reduxjs/toolkit", "react-redux", "zustand", "jotai", "mobx", "jquery",
     "preact", "solid-js", "react-native", "expo", "@ionic/react", "next/navigation", "next/router", "react-router-dom", "@tanstack/react-query", "swr"}
)  # fmt: skip
NODE = frozenset(
    {"fs", "path", "http", "https", "net", "os", "child_process", "cluster", "worker_threads", "fs-extra", "async_hooks", "dgram", "next/headers", "next/server",
     "server-only", "fs/promises", "ioredis", "redis", "mongoose", "pg", "mysql2", "knex", "@prisma/client", "typeorm", "sequelize"}
)  # fmt: skip
"""What only programs outside of a browser import."""
COMMAND_LINE = frozenset(
    "argparse click textual typer fire docopt optparse commander yargs inquirer meow cac prompts @oclif/core @clack/prompts clipanion enquirer @inquirer/prompts thor gli slop tty-prompt".split()
)
COMMAND_LINE_NAMESPACES = (
    "picocli.", "com.beust.jcommander.", "org.apache.commons.cli.", "com.github.ajalt.clikt.", "kotlinx.cli.", "org.kohsuke.args4j.",
    "github.com/spf13/cobra", "github.com/urfave/cli", "github.com/alecthomas/kong", "gopkg.in/alecthomas/kingpin", "github.com/jessevdk/go-flags", "github.com/peterbourgon/ff",
    "Symfony.Component.Console.Command", "Illuminate.Console.Command",
)  # fmt: skip
JOB = frozenset("airflow prefect dagster luigi kedro metaflow zenml pyspark scrapy dbt apache_beam".split())
JOB_NAMESPACES = (
    "org.apache.spark.",
    "org.apache.beam.",
    "org.apache.flink.",
    "org.apache.hadoop.mapreduce.",
)
TEST = frozenset(
    "pytest hypothesis behave robot vitest @jest/globals mocha chai @playwright/test cypress supertest ava sinon @testing-library/react @testing-library/vue minitest rspec capybara webmock".split()
)
TEST_NAMESPACES = (
    "Xunit", "NUnit.", "Microsoft.VisualStudio.TestTools", "FluentAssertions", "Microsoft.AspNetCore.Mvc.Testing", "Moq",
    "org.junit.", "org.testng.", "org.mockito.", "org.testcontainers.", "io.kotest.", "io.mockk.", "PHPUnit.Framework.", "Tests.TestCase",
    "github.com/stretchr/testify", "github.com/onsi/ginkgo", "github.com/onsi/gomega",
)  # fmt: skip
MIGRATION = frozenset({"alembic"})
MIGRATION_NAMESPACES = (
    "Microsoft.EntityFrameworkCore.Migrations.",
    "FluentMigrator",
    "org.flywaydb.core.api.migration.",
    "Illuminate.Database.Migrations.",
    "Doctrine.Migrations.",
)
BUILD_NAMESPACES = ("Microsoft.Build.", "BenchmarkDotNet", "Nuke.", "Cake.Core", "org.gradle.api.", "org.openjdk.jmh.")
INFRASTRUCTURE = frozenset({"aws_cdk", "cdktf", "cdk8s", "pulumi", "troposphere", "aws-cdk-lib", "constructs"})
INFRASTRUCTURE_SCOPES = ("@aws-cdk/aws-", "@aws-cdk/core", "@pulumi/", "@cdktf/")
INFRASTRUCTURE_NAMESPACES = (
    "software.amazon.awscdk", "com.pulumi.", "com.hashicorp.cdktf", "Amazon.CDK", "Pulumi", "github.com/aws/aws-cdk-go", "github.com/pulumi/pulumi",
)  # fmt: skip
"""What describes deployments in a language of programs; Pulumi's packages for Python are named `pulumi_aws` and so on."""
STORES = frozenset(
    {"github.com/hashicorp/raft", "go.etcd.io/raft/v3", "go.etcd.io/etcd/raft/v3", "github.com/lni/dragonboat/v4", "github.com/lni/dragonboat/v3", "github.com/tidwall/redcon",
     "github.com/dolthub/go-mysql-server", "ratis-server", "jraft-core", "atomix-raft", "pysyncobj"}
)  # fmt: skip
"""Packages of which only programs depend that are stores: a log that several machines agree on, the protocol of a database's server."""

BESIDES = (
    (Role.TEST, TEST, TEST_NAMESPACES),
    (Role.MIGRATION, MIGRATION, MIGRATION_NAMESPACES),
    (Role.BUILD, frozenset[str](), BUILD_NAMESPACES),
    (Role.BROWSER, frozenset[str](), ("syscall/js", "Microsoft.AspNetCore.Components.WebAssembly")),
    (
        Role.COMMAND_LINE,
        frozenset[str](),
        ("System.CommandLine", "McMaster.Extensions.CommandLineUtils", "Spectre.Console.Cli", "Cocona"),
    ),
)
"""What is imported only by files of these roles, whatever else they import."""


def package_of(name: str) -> str:
    """The package of an imported name: `@scope/name`, the part before the first dot or slash; `node:` is dropped."""
    name = name.removeprefix("node:").lower()
    if name.startswith("@"):
        return "/".join(name.split("/")[:2]).split(".", 1)[0]
    return name if name in NODE or name in BROWSER else re.split(r"[./]", name, maxsplit=1)[0]


def packages_of(facts: Facts) -> set[str]:
    """The packages that a file imports."""
    return {package_of(item.name) for item in facts.imports}


def imported(facts: Facts, packages: frozenset[str], namespaces: tuple[str, ...] = ()) -> Import | None:
    """The first import of one of these."""
    if facts.language in BY_PACKAGE:
        return next((item for item in facts.imports if package_of(item.name) in packages), None)
    return next((item for item in facts.imports if item.name.startswith(namespaces)), None) if namespaces else None

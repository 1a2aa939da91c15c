"""What the repository around a change says about itself, as values: its dependencies, for roles and for remedies in its own stack."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

MANIFESTS = (
    "package.json",
    "pyproject.toml",
    "requirements.txt",
    "setup.cfg",
    "setup.py",
    "Pipfile",
    "go.mod",
    "Gemfile",
    "composer.json",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
    "Directory.Packages.props",
    "packages.config",
)
"""Files that declare dependencies; read at the root and in the folders above the changed files, with a folder's own `.csproj`."""
_MOST_FOLDERS = 12

_SERVERS = frozenset(
    # Python
    "flask fastapi django starlette aiohttp tornado sanic quart bottle pyramid falcon litestar cherrypy web gradio chainlit streamlit uvicorn gunicorn hypercorn"
    " djangorestframework flask-restful flask_restful flask-restx connexion celery dramatiq rq huey socketio python-socketio flask-socketio flask_socketio websockets"
    " telegram python-telegram-bot aiogram pytelegrambotapi telebot discord discord.py slack_bolt slack-bolt slack_sdk mcp fastmcp robyn blacksheep rest_framework channels"
    " twisted grpc grpcio strawberry ariadne nicegui dash reflex linebot botbuilder pyrogram telethon"
    " a2a a2a-sdk fasta2a langserve chatkit openai-chatkit bentoml waitress daphne granian panel solara mesop shiny disnake nextcord hikari vkbottle nonebot"
    " wechatpy werobot itchat pywa nio matrix-nio wechaty line-bot-sdk viberbot errbot opsdroid rasa rasa_sdk rasa-sdk slixmpp py-cord interactions vk_api"
    " web.py microdot emmett apiflask flask_openapi3 muffin masonite hug eve morepath responder starlite esmerald django-ninja ninja nameko faust arq taskiq procrastinate"
    " flask-sqlalchemy flask_sqlalchemy flask-login flask_login flask-session flask_session"
    # JavaScript
    " express koa fastify hapi @hapi/hapi restify polka h3 nitro nitropack hono elysia next nuxt @nestjs/common @nestjs/core socket.io ws sockjs uws"
    " uwebsockets.js apollo-server @apollo/server graphql-yoga @trpc/server telegraf grammy discord.js @slack/bolt whatsapp-web.js botbuilder"
    " @modelcontextprotocol/sdk @adonisjs/core sails feathers @feathersjs/feathers loopback @loopback/core micro connect remix @remix-run/node @sveltejs/kit"
    " colyseus @colyseus/core bull bullmq node-telegram-bot-api @whiskeysockets/baileys baileys venom-bot meteor moleculer @hocuspocus/server egg"
    # PHP, Ruby
    " laravel/framework laravel/lumen-framework symfony/http-kernel symfony/framework-bundle symfony/symfony slim/slim cakephp/cakephp codeigniter4/framework"
    " yiisoft/yii2 laminas/laminas-mvc drupal/core drupal/core-recommended livewire/livewire filament/filament mezzio/mezzio nette/application"
    " rails railties actionpack sinatra rack grape hanami roda padrino puma unicorn sidekiq actioncable faye thin"
    # Go
    " github.com/gin-gonic/gin github.com/labstack/echo github.com/labstack/echo/v4 github.com/gofiber/fiber github.com/gofiber/fiber/v2 github.com/gofiber/fiber/v3 github.com/go-chi/chi"
    " github.com/go-chi/chi/v5 github.com/gorilla/mux github.com/gorilla/websocket github.com/kataras/iris/v12 github.com/beego/beego/v2 github.com/valyala/fasthttp"
    " github.com/julienschmidt/httprouter github.com/gogf/gf/v2 github.com/cloudwego/hertz github.com/zeromicro/go-zero github.com/danielgtaylor/huma/v2 github.com/gobuffalo/buffalo"
    " github.com/go-telegram-bot-api/telegram-bot-api/v5 gopkg.in/telebot.v3 github.com/bwmarrin/discordgo github.com/99designs/gqlgen connectrpc.com/connect github.com/mark3labs/mcp-go"
    # JVM
    " spring-boot-starter-web spring-boot-starter-webflux spring-boot-starter-websocket spring-boot-starter-jersey spring-boot-starter-graphql spring-webmvc spring-webflux"
    " jakarta.servlet-api javax.servlet-api jakarta.ws.rs-api javalin vertx-web vertx-core ktor-server-core ktor-server-netty ktor-server-cio ktor-server-jetty"
    " ktor-server-core-jvm ktor-server-netty-jvm micronaut-http-server-netty quarkus-rest quarkus-resteasy quarkus-resteasy-reactive quarkus-vertx-http"
    " quarkus-websockets quarkus-grpc dropwizard-core spark-core jetty-server undertow-core grpc-netty grpc-netty-shaded helidon-webserver http4k-core telegrambots jda"
    # .NET
    " microsoft.net.sdk.web microsoft.aspnetcore.app microsoft.aspnetcore microsoft.aspnetcore.all microsoft.aspnetcore.mvc microsoft.aspnetcore.mvc.core microsoft.aspnet.mvc"
    " microsoft.aspnet.webapi microsoft.aspnet.webapi.core microsoft.aspnet.signalr microsoft.aspnetcore.http microsoft.aspnetcore.hosting microsoft.aspnetcore.authentication.jwtbearer"
    " swashbuckle.aspnetcore microsoft.aspnetcore.openapi fastendpoints carter servicestack nancy grpc.aspnetcore microsoft.azure.functions.worker microsoft.net.sdk.functions"
    " masstransit nservicebus hotchocolate.aspnetcore microsoft.orleans.server telegram.bot discord.net dsharpplus microsoft.bot.builder umbraco.cms volo.abp.aspnetcore.mvc"
    " orchardcore.application.cms.targets hangfire.aspnetcore modelcontextprotocol.aspnetcore".split()
)


def serves(packages: AbstractSet[str]) -> bool:
    """Whether one of these packages is for programs that answer requests, events or messages of others."""
    return not _SERVERS.isdisjoint(packages)


_PACKAGE_JSON = re.compile(r'"((?:@?[\w.-]+/)?[\w.-]+)"\s*:\s*"(?:[\^~<>=v*\d]|workspace:|npm:|latest)')
_PYTHON = re.compile(r"""(?:^|["'])\s*([A-Za-z][\w.-]*)(?:\[[^\]]*\])?\s*(?:[=<>~!]=|[<>=]|["',;]|$)""", re.MULTILINE)
_MAVEN = re.compile(r"<artifactId>\s*([\w.-]+)\s*</artifactId>")
_GRADLE = re.compile(r"""["'][\w.-]+:([\w.-]+)(?::[^"']*)?["']""")
_DOTNET = re.compile(
    r"""<(?:PackageReference|PackageVersion|FrameworkReference|GlobalPackageReference)\s[^>]*?(?:Include|Update)="([\w.-]+)"|<package\s[^>]*?id="([\w.-]+)"|\bSdk="([\w.-]+)"""
)
_INDIRECT = re.compile(r"^.*// indirect\b.*$", re.MULTILINE)
"""Lines of a go.mod for packages that only others need."""
_OTHERS = re.compile(r"""^\s*(?:require\s+|gem\s+["'])?([\w./@-]+)""", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Project:
    """Names of the packages that the manifests declare (lower case), and the manifests that were read."""

    dependencies: frozenset[str] = frozenset()
    manifests: tuple[str, ...] = ()
    serves: bool = field(init=False)
    """Whether the project is known to answer requests, events or messages of others."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "serves", serves(self.dependencies))


def manifest_paths(changed: Iterable[str]) -> tuple[str, ...]:
    """Where manifests that bear on these files may stand, the root first; bounded."""
    folders, projects = {""}, set[str]()
    for path in changed:
        parts = path.split("/")[:-1]
        above = ["/".join(parts[:depth]) + "/" for depth in range(1, len(parts) + 1)]
        folders.update(above)
        projects.update(
            f"{folder}{folder[:-1].rsplit('/', 1)[-1]}.csproj"
            for folder in above
            if path.endswith((".cs", ".cshtml", ".razor"))
        )
    chosen = sorted(folders, key=lambda folder: (folder.count("/"), folder))[:_MOST_FOLDERS]
    own = sorted(projects, key=lambda path: (path.count("/"), path))[
        :_MOST_FOLDERS
    ]  # a project of C# is named as its folder is
    return (*(folder + name for folder in chosen for name in MANIFESTS), *own)


def project_from(texts: Mapping[str, str]) -> Project:
    """The project that these manifests (path -> text) describe. Reads names only, no versions, and forgives bad syntax."""
    names: set[str] = set()
    for path, text in texts.items():
        pattern = _pattern_for(path.rsplit("/", 1)[-1])
        names.update(
            (match if isinstance(match, str) else "".join(match)).lower() for match in pattern.findall(_INDIRECT.sub("", text))
        )
    return Project(frozenset(names), tuple(sorted(texts)))


def _pattern_for(file: str) -> re.Pattern[str]:
    if file in {"package.json", "composer.json"}:
        return _PACKAGE_JSON
    if file == "pom.xml":
        return _MAVEN
    if file.endswith((".csproj", ".props", ".config")):
        return _DOTNET
    if file.startswith("build.gradle"):
        return _GRADLE
    return _OTHERS if file in {"go.mod", "Gemfile"} else _PYTHON

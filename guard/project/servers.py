"""The packages of which only programs depend that answer requests, events or messages of others."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

_SERVERS = frozenset(
    # Python
    "flask werkzeug fastapi django starlette aiohttp tornado sanic quart bottle pyramid falcon litestar cherrypy web gradio chainlit streamlit uvicorn gunicorn hypercorn"
    " djangorestframework flask-restful flask_restful flask-restx connexion celery dramatiq rq huey socketio python-socketio flask-socketio flask_socketio websockets"
    " telegram python-telegram-bot aiogram pytelegrambotapi telebot discord discord.py slack_bolt slack-bolt slack_sdk mcp fastmcp robyn blacksheep rest_framework channels"
    " twisted grpc grpcio strawberry ariadne nicegui dash reflex linebot botbuilder pyrogram telethon"
    " a2a a2a-sdk fasta2a langserve chatkit openai-chatkit bentoml waitress daphne granian panel solara mesop shiny disnake nextcord hikari vkbottle nonebot"
    " itchat-uos nonebot2 graia-ariadne mautrix maubot botpy qq-botpy dingtalk-stream dingtalk_stream kurigram pipecat pipecat-ai livekit-agents"
    " wechatpy werobot itchat pywa nio matrix-nio wechaty line-bot-sdk viberbot errbot opsdroid rasa rasa_sdk rasa-sdk slixmpp py-cord interactions vk_api"
    " web.py microdot emmett apiflask flask_openapi3 muffin masonite hug eve morepath responder starlite esmerald django-ninja ninja nameko faust arq taskiq procrastinate"
    " flask-sqlalchemy flask_sqlalchemy flask-login flask_login flask-session flask_session"
    # JavaScript
    " express koa fastify hapi @hapi/hapi restify polka h3 nitro nitropack hono elysia next nuxt @nestjs/common @nestjs/core socket.io ws sockjs uws"
    " wechat4u @wppconnect-team/wppconnect @open-wa/wa-automate eris oceanic.js matrix-bot-sdk @line/bot-sdk vk-io hubot koishi tmi.js"
    " uwebsockets.js apollo-server @apollo/server graphql-yoga @trpc/server telegraf grammy discord.js @slack/bolt whatsapp-web.js botbuilder"
    " @modelcontextprotocol/sdk @adonisjs/core sails feathers @feathersjs/feathers loopback @loopback/core micro connect remix @remix-run/node @sveltejs/kit"
    " colyseus @colyseus/core bull bullmq node-telegram-bot-api @whiskeysockets/baileys baileys venom-bot meteor moleculer @hocuspocus/server egg"
    # PHP, Ruby
    " laravel/framework laravel/lumen-framework symfony/http-kernel symfony/framework-bundle symfony/symfony slim/slim cakephp/cakephp codeigniter4/framework"
    " yiisoft/yii2 laminas/laminas-mvc drupal/core drupal/core-recommended livewire/livewire filament/filament mezzio/mezzio nette/application"
    " workerman/workerman workerman/gateway-worker workerman/webman-framework cboden/ratchet react/http react/socket amphp/http-server hyperf/http-server hyperf/framework"
    " spiral/framework spiral/roadrunner-http laravel/octane openswoole/core topthink/framework zendframework/zend-mvc zendframework/zend-expressive silex/silex"
    " bcosca/fatfree-core mikecao/flight flightphp/core leafs/leaf api-platform/core api-platform/symfony craftcms/cms statamic/cms typo3/cms-core silverstripe/framework"
    " getkirby/cms pimcore/pimcore contao/core-bundle sylius/sylius shopware/core magento/framework october/rain winter/storm symfony/runtime league/route"
    " longman/telegram-bot irazasyed/telegram-bot-sdk telegram-bot/api nutgram/nutgram botman/botman team-reflex/discord-php danog/madelineproto"
    " rails railties actionpack sinatra rack grape hanami roda padrino puma unicorn sidekiq actioncable faye thin"
    " cuba camping syro padrino-core hanami-controller falcon iodine agoo goliath em-websocket async-websocket anycable-rails jets webrick gollum resque delayed_job good_job"
    " solid_queue que shoryuken fast-mcp discordrb telegram-bot-ruby telegram-bot slack-ruby-bot slack-ruby-bot-server slack-ruby-client cinch lita"
    # Go
    " github.com/gin-gonic/gin github.com/labstack/echo github.com/labstack/echo/v4 github.com/gofiber/fiber github.com/gofiber/fiber/v2 github.com/gofiber/fiber/v3 github.com/go-chi/chi"
    " github.com/go-chi/chi/v5 github.com/gorilla/mux github.com/gorilla/websocket github.com/kataras/iris/v12 github.com/beego/beego/v2 github.com/valyala/fasthttp"
    " github.com/julienschmidt/httprouter github.com/gogf/gf/v2 github.com/cloudwego/hertz github.com/zeromicro/go-zero github.com/danielgtaylor/huma/v2 github.com/gobuffalo/buffalo"
    " go.mau.fi/whatsmeow github.com/line/line-bot-sdk-go/v7 github.com/line/line-bot-sdk-go/v8 github.com/metoro-io/mcp-golang github.com/go-telegram-bot-api/telegram-bot-api"
    " github.com/go-telegram-bot-api/telegram-bot-api/v5 gopkg.in/telebot.v3 github.com/bwmarrin/discordgo github.com/99designs/gqlgen connectrpc.com/connect github.com/mark3labs/mcp-go"
    " github.com/labstack/echo/v5 github.com/beego/beego github.com/astaxie/beego gopkg.in/macaron.v1 github.com/go-macaron/macaron github.com/flamego/flamego github.com/revel/revel"
    " github.com/emicklei/go-restful github.com/emicklei/go-restful/v3 github.com/go-kratos/kratos/v2 github.com/go-martini/martini github.com/urfave/negroni github.com/kataras/iris"
    " github.com/gogf/gf github.com/olahol/melody github.com/coder/websocket nhooyr.io/websocket github.com/googollee/go-socket.io github.com/zishang520/socket.io"
    " github.com/pocketbase/pocketbase github.com/go-fuego/fuego github.com/xgfone/ship github.com/xgfone/ship/v5 github.com/modelcontextprotocol/go-sdk github.com/go-telegram/bot"
    " github.com/mymmrac/telego gopkg.in/telebot.v4 gopkg.in/tucnak/telebot.v2 github.com/larksuite/oapi-sdk-go/v3 github.com/open-dingtalk/dingtalk-stream-sdk-go"
    " github.com/eatmoreapple/openwechat github.com/tencent-connect/botgo maunium.net/go/mautrix github.com/hibiken/asynq github.com/disgoorg/disgo"
    # JVM
    " spring-boot-starter-web spring-boot-starter-webflux spring-boot-starter-websocket spring-boot-starter-jersey spring-boot-starter-graphql spring-webmvc spring-webflux"
    " jakarta.servlet-api javax.servlet-api jakarta.ws.rs-api javalin vertx-web vertx-core ktor-server-core ktor-server-netty ktor-server-cio ktor-server-jetty"
    " ktor-server-core-jvm ktor-server-netty-jvm micronaut-http-server-netty quarkus-rest quarkus-resteasy quarkus-resteasy-reactive quarkus-vertx-http"
    " quarkus-websockets quarkus-grpc dropwizard-core spark-core jetty-server undertow-core grpc-netty grpc-netty-shaded helidon-webserver http4k-core telegrambots jda"
    " spring-boot-starter-webmvc spring-boot-starter-web-services spring-ai-starter-mcp-server-webmvc spring-ai-starter-mcp-server-webflux spring-boot-starter-amqp spring-kafka"
    " quarkus-rest-jackson quarkus-resteasy-jackson quarkus-websockets-next jersey-server jersey-container-servlet jersey-container-grizzly2-http resteasy-core struts2-core"
    " ratpack-core play jooby jooby-netty activej-http solon-web solon-lib jfinal blade-core telegrambots-longpolling telegrambots-spring-boot-starter telegrambots-springboot-longpolling-starter"
    " discord4j-core kord-core line-bot-spring-boot line-bot-spring-boot-handler bolt bolt-jetty netty-socketio java-websocket tomcat-embed-core ktor-server-websockets"
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

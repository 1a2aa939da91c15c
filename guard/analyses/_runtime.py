"""When code runs: at import, at start-up, or while requests (events, messages, jobs) are served.

Read off the way functions are handed over: decorators, registrations, base classes, parameters that only handlers have, and
what these call within the file.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from enum import IntEnum

from guard.analyses import _idioms as idioms
from guard.analyses._file_routes import is_route
from guard.analyses._words import words
from guard.facts import Call, Constant, Facts, Function, FunctionKind, FunctionValue, Name, last_segment
from guard.gathered import gathered
from guard.regex import regex


class Runs(IntEnum):
    """How sure it is that a scope runs again and again, for different requests."""

    ONCE = 0
    """At import or start-up."""
    ANYTIME = 1
    """A function that others may call; nothing is known of when."""
    REQUEST = 2
    """A handler, or called by one."""


_VERBS = "get post put patch delete del head options all any use ws websocket route api_route"
_DECORATORS = frozenset(
    f"{_VERBS} on event command message message_handler callback_query_handler hears action middleware before_request after_request teardown_request errorhandler"
    " api_view view_config expose require_http_methods require_get require_post require_safe login_required csrf_exempt task shared_task actor job receiver tool"
    " resource prompt call_tool list_tools query mutation subscription subscribemessage messagepattern eventpattern process processor cron interval"
    " on_message on_chat_start listener rpc websocket_route app_context_processor context_processor user_loader slash_command field connect disconnect".split()
)
_REGISTRATIONS = frozenset(
    f"{_VERBS} on once addlistener command action hears message event handle subscribe process consume receive addeventlistener add_url_rule add_route add_api_route"
    " add_get add_post add_put add_delete add_handler add_resource add_websocket_route register_message_handler path re_path url mount addcommand tool registertool"
    " setrequesthandler resource prompt method createserver createhandler websocketroute websocketserver httprequest worker schedule addhook onrequest"
    " handlefunc handlerfunc addfunc basichttphandler basicconsume basic_consume eventhandler defineeventhandler add_middleware on_message add_event_handler"
    " mapget mappost mapput mapdelete mappatch mapmethods mapfallback"
    " commandhandler messagehandler callbackqueryhandler inlinequeryhandler conversationhandler".split()
)
_REGISTERS = regex(r"register_?\w*(?:tool|handler|command|route|resource|prompt|endpoint|method)", re.IGNORECASE)
"""Names of what is handed code for a kind of request: `registerToolTask(name, …)`, `register_message_handler(…)`."""
_PLAIN_EVENTS = frozenset(
    "error listening close exit ready sigterm sigint sigusr2 uncaughtexception unhandledrejection open connect drain warning startup shutdown beforeexit finish end data readable line chunk progress abort timeout load pipe unpipe exit spawn".split()
)
_START_DECORATORS = frozenset(
    {"on_event", "on_startup", "on_shutdown", "before_first_request", "cli", "before_serving", "after_serving", "listener"}
)
_OF_A_COG = regex(r"\bCog\.listener$")
"""An event that happens again and again, unlike what a listener of Sanic is told (https://docs.pycord.dev/en/stable/api/cogs.html)."""
_READY = frozenset({"on_ready", "on_connect", "on_resumed", "on_disconnect"})
_TIMERS = frozenset(
    {
        "setinterval",
        "settimeout",
        "setimmediate",
        "nexttick",
        "then",
        "catch",
        "finally",
        "foreach",
        "map",
        "filter",
        "reduce",
        "some",
        "every",
        "find",
        "sort",
    }
)
_ITERATIONS = frozenset({"foreach", "map", "filter", "reduce", "some", "every", "find", "findindex", "flatmap", "sort"})
_BASES = regex(
    r"(?:View|ViewSet|Resource|RequestHandler|Handler|Consumer|Endpoint|HTTPEndpoint|Controller|Middleware|MiddlewareMixin|Servicer|Cog|Gateway|MethodView|Namespace)$"
)
_CLASS_DECORATORS = frozenset({"controller", "resolver", "websocketgateway", "injectable", "processor", "restcontroller"})
_REQUESTS = frozenset({"request", "req", "res", "http_request"})
_PARTNERS = frozenset({"websocket", "ws", "socket", "update", "interaction", "ctx", "sid", "session_id", "sessionid"})
"""Parameters that only handlers have, and those that helpers called at start-up may have as well."""
_COMMAND_LINE = regex(
    r"(?:^|[.~%])(?:click|typer|cli|cyclopts|flask_script|manager|Typer|Group|Manager)\b.*\.?(?:command|group|argument|option)$",
    re.IGNORECASE,
)
_START_NAMES = regex(
    r"(?:^(?:main|init|initialize|initialise|setup|set_up|bootstrap|configure|create_app|make_app|build_app|createapp|lifespan|startup|constructor|__init__|__new__"
    r"|load_config|loadconfig|register|onmoduleinit|oninit)$|^(?:load|init|setup|configure|register|install|preload)[_A-Z])"
)

_SENT_TO_A_PAGE = regex(r"^[^*/#]*\$_(?:FILES|POST|GET|REQUEST)\b")
"""What PHP hands over of a request, apart from comments."""
_ONE_OF_MANY = frozenset(
    "id sid uid userid sessionid chatid threadid task job user session thread message conversation order item document".split()
)
"""Words of parameters that say which of many: `load_thread(thread_id)` is no start-up."""
_REGISTERED_PEOPLE = frozenset("user account verification otp session token member customer player participant visitor".split())
"""Words for what requests register, unlike routes and services, which the start does."""
_STOP_NAMES = regex(
    r"_*(?:close|shutdown|shut_down|stop|dispose|destroy|teardown|terminate|exit|onmoduledestroy|onapplicationshutdown)_*(?:server|all|everything|connections|app|gracefully)?_*",
    re.IGNORECASE,
)


@gathered(most=128)
def handlers(facts: Facts) -> frozenset[str]:
    """The functions of a file that a framework calls for a request, an event or a message."""
    return frozenset(function.id for function in facts.functions if _own(function, facts) is Runs.REQUEST)


def work(scope: str, facts: Facts) -> str:
    """The function in which a piece of work begins: the nearest handler around a scope, else the outermost function."""
    found = scope
    for function in facts.enclosing(scope):
        if function.kind is not FunctionKind.CLASS:
            found = function.id
            if found in handlers(facts):
                break
    return found


@gathered(most=128)
def runtime(facts: Facts, called: frozenset[str] = frozenset()) -> dict[str, Runs]:
    """For each scope of a file (function id; "" = the file) when it runs. Cached by the identity of the facts.

    `called` are the functions that handlers of other files are known to call.
    """
    runs = {function.id: Runs.REQUEST if function.id in called else _own(function, facts) for function in facts.functions}
    _let_callbacks_follow(runs, facts)
    runs[""] = Runs.REQUEST if _is_a_page(facts) else Runs.ONCE
    _spread_over_calls(runs, facts)
    return runs


def _is_a_page(facts: Facts) -> bool:
    """Whether the file as a whole runs for each request: a page of PHP that looks at what it was sent."""
    return facts.language in idioms.ANEW_FOR_EACH_REQUEST and any(_SENT_TO_A_PAGE.search(line) for line in facts.lines)


def told(scope: str, facts: Facts) -> str:
    """The code of a scope as evidence calls it: by the name of the nearest named function."""
    named = next((function.name for function in facts.enclosing(scope) if function.name and "<" not in function.name), "")
    return f"`{named}()`" if named else "a handler" if scope else "the file"


def is_start_up(function: Function) -> bool:
    """Whether a function looks like one that runs once, at the start or the end of the process, by its name."""
    about_one = any(words(name) & _ONE_OF_MANY for name in function.parameters)
    name = (function.name[:1].lower() + function.name[1:]).removesuffix("Async")  # as methods are written in C#
    of_somebody = name.startswith("register") and bool(words(name) & _REGISTERED_PEOPLE)
    return bool((_START_NAMES.search(name) and not about_one and not of_somebody) or _STOP_NAMES.fullmatch(name))


def is_the_end(function: Function) -> bool:
    """Whether a function is called when the process stops, by its name."""
    return _STOP_NAMES.fullmatch(function.name) is not None


def _last(name: str) -> str:
    return last_segment(name).removesuffix("()").lower()


def _own(function: Function, facts: Facts) -> Runs:
    """What a function says of itself."""
    if function.kind is FunctionKind.CLASS:
        return Runs.ONCE
    decorators = [decorator.path if isinstance(decorator, Name) else decorator.name for decorator in function.decorators]
    lasts = {_last(name) for name in decorators}
    if any(_OF_A_COG.search(name) for name in decorators) and function.name not in _READY:
        return Runs.REQUEST
    if (lasts & _START_DECORATORS and not lasts & {"on"}) or any(_COMMAND_LINE.search(name) for name in decorators):
        return Runs.ONCE
    loads = facts.language in idioms.CLASSES_RUN and function.name in idioms.ON_LOADING
    if lasts & idioms.STARTING or _constructs(function, facts) or loads:
        return Runs.ONCE
    if lasts & (_DECORATORS | idioms.HANDLERS) or is_route(function, facts):
        return Runs.REQUEST
    if function.registered is not None and _registers_a_handler(function.registered, facts.language):
        return Runs.REQUEST
    if facts.language == "kotlin" and _of_an_own_route(function, facts):
        return Runs.REQUEST
    if function.registered is not None and _last(function.registered.name) in _ITERATIONS:
        return Runs.ANYTIME  # `sockets.filter((socket) => …)` is called by who looks for sockets, not by one of them
    parameters = {name.lower().strip("_") for name in _telling(function)}
    types = {_type(type_) for type_ in function.parameter_types}
    acts = facts.language == "go" and _is_an_action(function)
    of_rack = function.name == "call" and parameters == {"env"}  # https://github.com/rack/rack/blob/main/SPEC.rdoc
    of_asgi = function.name == "__call__" and parameters >= {"scope", "receive", "send"}  # https://asgi.readthedocs.io
    calls = of_rack or of_asgi or acts or _commands(function, facts) or _served_method(function, facts)
    if calls or parameters & _REQUESTS or types & idioms.REQUEST_TYPES:
        return Runs.REQUEST
    if is_start_up(function):
        return Runs.ONCE
    return Runs.REQUEST if parameters & _PARTNERS else Runs.ANYTIME


def _of_an_own_route(function: Function, facts: Facts) -> bool:
    """Whether a block is given with a path where Ktor's routes are made: `routing { secured("/orders") { … } }`."""
    if function.registered is None or not isinstance(path := function.registered.positional(0), Constant):
        return False
    around = (one.registered for one in facts.enclosing(function.parent))
    return isinstance(path.value, str) and any(one is not None and _last(one.name) == "routing" for one in around)


def _is_an_action(function: Function) -> bool:
    """Whether a method of Go is one of a controller that a router calls by its name: it is given nothing, and of what one asks.

    https://pkg.go.dev/github.com/beego/beego/v2/server/web#Controller
    """
    return last_segment(function.parent).endswith("Controller") and function.exported and not function.parameters


_COMMANDS = frozenset({"execute", "run", "messagerun", "interactionrun"})
_SAID = frozenset({"message", "msg", "interaction"})


def _commands(function: Function, facts: Facts) -> bool:
    """Whether this is the command of a bot, in a file of its own: `module.exports = { name: "roll", execute(message, args) { … } }`.

    https://discordjs.guide/creating-your-bot/command-handling.html
    """
    told = function.parameters[:2] if facts.language in {"javascript", "typescript"} else ()
    return function.name.lower() in _COMMANDS and bool({name.lower() for name in told} & _SAID)


def _telling(function: Function) -> Iterator[str]:
    """The parameters whose names say something: any function of Go may be given a `ctx context.Context`."""
    types = function.parameter_types or ("",) * len(function.parameters)
    return (name for name, type_ in zip(function.parameters, types, strict=True) if type_ != "context.Context")


def _constructs(function: Function, facts: Facts) -> bool:
    """Whether a method makes the object: it is called as its type is."""
    parent = facts.function_by_id.get(function.parent)
    return facts.language in idioms.CONSTRUCTS_BY_ITS_NAME and parent is not None and function.name == parent.name


def _type(name: str) -> str:
    """A type's own name, with its package where a language writes that in front (`gin.Context`)."""
    lowered = name.lower()
    return lowered if lowered in idioms.REQUEST_TYPES else last_segment(lowered)


def _served_method(function: Function, facts: Facts) -> bool:
    parent = facts.function_by_id.get(function.parent)
    if (
        parent is None
        or parent.kind is not FunctionKind.CLASS
        or function.name.startswith("__")
        or function.name == "constructor"
    ):
        return False
    return _serves(parent) or bool(parent.bases and function.name.lower() in idioms.CALLED)


def _serves(owner: Function) -> bool:
    """Whether a class is one whose methods are called by a server framework."""
    decorators = {_last(d.path if isinstance(d, Name) else d.name) for d in owner.decorators}
    return bool(decorators & (_CLASS_DECORATORS - {"injectable"} | idioms.SERVING)) or any(
        _BASES.search(base)
        or base.endswith(idioms.ONE_BASE_ENDS)
        or not idioms.SERVING_BASES.isdisjoint((base.lower(), last_segment(base).lower()))
        for base in owner.bases
    )


def _registers_a_handler(call: Call, language: str) -> bool:
    last = _last(call.name)
    if last in idioms.NO_REGISTRATIONS.get(language, ()):
        return False
    if last in idioms.REGISTRATIONS.get(language, ()):
        return True
    if call.name.startswith("gradio."):  # every function that a component or an interface is given is called by its users
        return True
    if (last not in _REGISTRATIONS and not _REGISTERS.match(last)) or call.name.startswith("process."):
        return False
    event = call.positional(0)
    if last == "action" and isinstance(event, FunctionValue):
        return False  # what a command line does: https://github.com/tj/commander.js#action-handler
    if last in {"on", "once", "addlistener", "addeventlistener", "event", "add_event_handler"} and isinstance(event, Constant):
        return str(event.value).lower() not in _PLAIN_EVENTS
    return True


def _let_callbacks_follow(runs: dict[str, Runs], facts: Facts) -> None:
    """A nested function runs when the function around it does, unless it is a handler of its own."""
    for function in facts.functions:  # outer functions come first
        around = runs.get(function.parent)
        if around is Runs.REQUEST and function.kind is not FunctionKind.CLASS:
            runs[function.id] = Runs.REQUEST
        elif around is Runs.ONCE and function.registered is not None and _last(function.registered.name) in _TIMERS:
            runs[function.id] = max(runs[function.id], Runs.ONCE) if runs[function.id] is Runs.REQUEST else Runs.ONCE


def _spread_over_calls(runs: dict[str, Runs], facts: Facts) -> None:
    """What a handler calls in this file runs with requests too; what only start-up code calls runs once."""
    callers: dict[str, set[str]] = defaultdict(set)
    callees: dict[str, set[str]] = defaultdict(set)
    for call in facts.calls:
        for target in targets(call.name, call.scope, facts):
            callers[target].add(call.scope)
            callees[call.scope].add(target)
    for function in facts.functions:
        if function.registered is not None:  # handed over by a handler: `background.add_task(run, name)`
            callees[function.registered.scope].add(function.id)
    waiting = [scope for scope, when in runs.items() if when is Runs.REQUEST]
    while waiting:
        for target in callees[waiting.pop()]:
            if runs[target] is not Runs.REQUEST:
                runs[target] = Runs.REQUEST
                waiting += [target, *(f.id for f in facts.functions if f.parent == target and f.kind is not FunctionKind.CLASS)]
    for function in facts.functions:
        known = callers.get(function.id)
        private = runs[function.id] is Runs.ANYTIME and function.kind is FunctionKind.FUNCTION and not function.exported
        if private and known and all(runs.get(scope, Runs.ONCE) is Runs.ONCE for scope in known):
            runs[function.id] = Runs.ONCE


def targets(name: str, scope: str, facts: Facts) -> list[str]:
    """The functions of this file that a resolved name may call."""
    if name.startswith(("~", "%self.", "%this.", "%cls.")):
        last = re.split(r"[.~]", name.removesuffix("()"))[-1]
        own = [function.id for function in _by_name(facts).get(last, ())]
        if name.startswith("~") or len(own) <= 1:
            return own
        owners = {function.id for function in facts.enclosing(scope) if function.kind is FunctionKind.CLASS}
        return [one for one in own if facts.function_by_id[one].parent in owners] or own
    return []


@gathered(most=128)
def _by_name(facts: Facts) -> dict[str, list[Function]]:
    table: dict[str, list[Function]] = defaultdict(list)
    for function in facts.functions:
        if function.kind is not FunctionKind.CLASS:
            table[function.name].append(function)
    return table

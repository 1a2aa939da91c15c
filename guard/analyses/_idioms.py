"""How languages with declared types say what the analyses ask about: containers, counters, handlers, the lives of objects.

Python's and JavaScript's own words stand where they are used; these are the words that came with the other languages. Names
are compared by their last segment, lower case.
"""

from __future__ import annotations

ANEW_FOR_EACH_REQUEST = frozenset({"php"})
"""Languages whose programs begin anew with each request, so that nothing in memory outlives one."""
STAYING = ("Swoole", "OpenSwoole", "Workerman", "Ratchet", "React.", "Amp.", "Spiral.RoadRunner", "Laravel.Octane", "Hyperf")
"""Beginnings of imported names that say that such a program stays in memory all the same."""
STAYING_PACKAGES = frozenset(
    "laravel/octane openswoole/core workerman/workerman workerman/gateway-worker workerman/webman-framework cboden/ratchet react/http react/socket amphp/http-server"
    " spiral/roadrunner spiral/roadrunner-http hyperf/hyperf hyperf/http-server runtime/swoole runtime/frankenphp-symfony".split()
)
SETTINGS_OF_AN_APPLICATION = {"ruby": "settings."}
"""Beginnings of names of what a framework keeps for the whole application: `set :codes, {}` of Sinatra."""
CLASSES_RUN = frozenset({"ruby"})
"""Languages in which the body of a class is code that calls the class's own methods."""
ON_LOADING = frozenset({"inherited", "included", "extended", "prepended", "method_added", "const_missing"})
"""Methods of Ruby that are called while classes are loaded (https://docs.ruby-lang.org/en/master/Class.html#method-i-inherited)."""
CONTAINERS = frozenset(
    # Java, and what Guava and Kotlin add
    "hashmap concurrenthashmap concurrentskiplistmap linkedhashmap treemap hashtable weakhashmap identityhashmap enummap arraylist linkedlist vector"
    " hashset linkedhashset treeset concurrentskiplistset copyonwritearraylist copyonwritearrayset stack newkeyset synchronizedmap synchronizedlist"
    " synchronizedset newsetfrommap newhashmap newconcurrentmap newarraylist newhashset newconcurrenthashset arraylistmultimap hashmultimap linkedhashmultimap hashbimap"
    " hashbasedtable concurrentmap concurrentset mutablemapof hashmapof linkedmapof mutablelistof arraylistof mutablesetof hashsetof linkedsetof"
    # C#
    " dictionary concurrentdictionary sorteddictionary sortedlist concurrentbag conditionalweaktable observablecollection immutabledictionary sortedset memorycache"
    # Go
    " sync.map github.com/patrickmn/go-cache.new github.com/patrickmn/go-cache.cache github.com/jellydator/ttlcache.new github.com/jellydator/ttlcache.cache"
    " github.com/orcaman/concurrent-map.new github.com/orcaman/concurrent-map.concurrentmap github.com/allegro/bigcache.newbigcache github.com/allegro/bigcache.bigcache"
    " github.com/hashicorp/golang-lru.new github.com/hashicorp/golang-lru.cache github.com/hashicorp/golang-lru/expirable.newlru github.com/hashicorp/golang-lru/expirable.lru"
    " github.com/dgraph-io/ristretto.newcache github.com/dgraph-io/ristretto.cache github.com/coocood/freecache.newcache github.com/coocood/freecache.cache"
    " github.com/puzpuzpuz/xsync.newmapof github.com/puzpuzpuz/xsync.mapof github.com/puzpuzpuz/xsync.map github.com/bluele/gcache.cache container/list.list container/list.new".split()
)
QUEUES = frozenset(
    "concurrentlinkedqueue concurrentlinkeddeque linkedblockingqueue linkedblockingdeque arrayblockingqueue priorityblockingqueue delayqueue"
    " kotlinx.coroutines.channels.channel concurrentqueue concurrentstack blockingcollection createunbounded createbounded chan".split()
)
REPEATED = frozenset({"scheduled"})
"""Annotations of methods that run from time to time."""
DELAYS = frozenset({"delayqueue"})
"""Queues that give out what is due."""
COUNTERS = frozenset("atomicinteger atomiclong longadder".split())
COUNTING = frozenset(
    "+= -= ++ -- incrementint incr inc incrementandget getandincrement addandget getandadd decrementandget getanddecrement increment decrement".split()
)
"""What is done to a number that counts, as methods of uses, lower case."""
ADDING = frozenset("offer offerfirst offerlast addlast addfirst enqueue tryadd send writeasync trywrite".split())
"""Methods that put work at an end of a queue."""
TAKING = frozenset("poll pollfirst polllast take dequeue trydequeue receive readasync tryread removefirst removelast".split())
"""Methods that take it from the other."""
ASKING = frozenset({"contains", "containskey"})
"""Methods that ask whether something is in there."""
GET_OR_MAKE = frozenset("setdefault computeifabsent getorput getoradd loadorstore fetch".split())
"""Methods that ask for an entry and make it if there is none."""

HANDLERS = frozenset(
    # Spring, JAX-RS, Micronaut
    "getmapping postmapping putmapping deletemapping patchmapping requestmapping messagemapping subscribemapping exceptionhandler modelattribute"
    " kafkalistener rabbitlistener jmslistener sqslistener streamlistener onmessage onopen onclose incoming"
    " around querymapping mutationmapping schemamapping subscriptionmapping"
    # ASP.NET
    " httpget httppost httpput httpdelete httppatch route".split()
)
"""Annotations of methods that a framework calls for a request or a message."""
STARTING = frozenset({"postconstruct", "predestroy", "bean", "beforeall", "configureservices"})
"""Annotations of methods that run once."""
SERVING = frozenset(
    {"restcontroller", "path", "apicontroller", "websocketserver", "webservlet", "grpcservice", "serverendpoint"}
)
"""Annotations of types whose methods a framework calls for requests."""
ONE_OBJECT = frozenset(
    "service component controller restcontroller repository configuration springbootapplication controlleradvice restcontrolleradvice singleton"
    " applicationscoped named webservlet webfilter grpcservice websocketserver".split()
)
"""Annotations of types of which a container makes one object."""
MANY_OBJECTS = frozenset(
    {"requestscope", "requestscoped", "sessionscope", "sessionscoped", "scope", "prototype", "entity", "data", "embeddable", "document", "serverendpoint",
     "apicontroller"}
)  # fmt: skip
"""Annotations of types whose objects live as long as a request, or are data."""
ONE_BASE = frozenset(
    "abstractverticle coroutineverticle listeneradapter telegramlongpollingbot telegramwebhookbot httpservlet genericservlet textwebsockethandler binarywebsockethandler abstractwebsockethandler onceperrequestfilter genericfilterbean"
    " backgroundservice ihostedservice isingletondependency cog groupcog datagramprotocol".split()
)
"""Bases of types of which a server makes one object."""
ONE_BASE_ENDS = ("ImplBase", "CoroutineImplBase")
"""Ends of the names of such bases: what gRPC generates for a service."""
CALLED = frozenset(
    "onupdatereceived onmessagereceived onslashcommandinteraction channelread channelread0 messagereceived loaduserbyusername"
    # https://docs.python.org/3/library/asyncio-protocol.html#datagram-protocols
    " datagram_received".split()
)
"""Methods that a base calls for a message or a request, lower case."""
STATICS = frozenset({"java", "kotlin", "csharp"})
"""Languages whose static fields are what variables of a file are elsewhere."""
REQUEST_TYPES = frozenset(
    # Java and Kotlin
    "httpservletrequest httpservletresponse servletrequest serverhttprequest serverhttpresponse serverrequest serverwebexchange websocketsession routingcontext"
    " httpsession httpsessionevent sessionconnectevent sessionconnectedevent sessiondisconnectevent sessionsubscribeevent"
    " authenticationsuccessevent authenticationfailurebadcredentialsevent abstractauthenticationfailureevent applicationcall httprequest fullhttprequest containerrequestcontext stompheaderaccessor httpexchange multipartfile filepart channelhandlercontext"
    " socketaddress routingcall handshakerequest"
    # C#
    " httpcontext httprequestmessage hubcallercontext iformfile servercallcontext httprequestdata httppostedfilebase actionexecutingcontext"
    # Go
    " responsewriter serverrequestinterface uploadedfile uploadedfileinterface gin.context echo.context fiber.ctx iris.context fasthttp.requestctx http.request discordgo.session melody.session websocket.conn app.requestcontext".split()
)
"""Types of parameters that only handlers have."""
OBJECTS_ANSWER = frozenset(
    {"http.responsewriter", "gin.context", "echo.context", "fiber.ctx", "iris.context", "fasthttp.requestctx"}
)
"""Types of parameters by which an object shows that it answers requests, in languages without annotations."""
MANY_BASES = frozenset(
    "controller controllerbase apicontroller hub pagemodel viewcomponent componentbase layoutcomponentbase dbcontext identitydbcontext grain itransientdependency iscopeddependency"
    " irequesthandler inotificationhandler iconsumer attribute actionfilterattribute exception eventargs".split()
)
"""Bases of types of which a server makes an object for each request, connection or message."""
SERVING_BASES = frozenset(
    "controllerbase apicontroller hub pagemodel viewcomponent componentbase layoutcomponentbase irequesthandler inotificationhandler iconsumer ihandlemessages grain"
    " iasyncactionfilter iactionfilter"
    # Ruby and PHP, some with their namespace
    " sinatra.base sinatra.application grape.api roda applicationcable.channel actioncable.channel.base applicationjob activejob.base sidekiq.worker sidekiq.job"
    " shouldqueue livewire.component requesthandlerinterface middlewareinterface".split()
)
"""Bases of types whose methods a framework calls for requests, connections or messages."""
REGISTERED_ELSEWHERE = frozenset({"csharp"})
"""Languages in which the life of an object is decided where its type is registered, whatever the type is called."""
CAPITAL_METHODS = frozenset({"csharp", "go"})
"""Languages in which methods are called as types are, with a capital."""
FILLS_BY_POINTER = frozenset({"go"})
"""Languages in which calls put what they found into variables that they are given the address of."""
FILLING = frozenset("scan first find take last get select structscan mapscan queryrowx getcontext selectcontext".split())
"""Calls that put what a database has into such variables, lower case."""
HANDLES = frozenset({"cancellationtokensource", "timer", "cancellationtoken"})
"""Types of what can only be done something with in the process that made it."""
NUMBERS_OF_RECORDS = frozenset({"string", "int", "long", "guid", "integer", "uuid"})
"""Types of elements that say which record is meant, which is kept elsewhere."""
REGISTRATIONS = {
    "java": frozenset("onconnect onmessage onbinarymessage onclose".split()),
    "kotlin": frozenset("onconnect onmessage onbinarymessage onclose".split()),
}
"""Methods that register handlers in these languages: of a web socket in Javalin (https://javalin.io/documentation#websockets)."""
NO_REGISTRATIONS = {
    "csharp": frozenset(
        "any all get put delete options head process method event path resource field tool command action schedule message route".split()
    ),
    "kotlin": frozenset({"use", "any", "all"}),
}
"""Methods that register handlers in other languages, and do something with what there is (LINQ, `stream.use { }`) in this one."""
CACHES_OF_THE_PROCESS = frozenset({"imemorycache", "memorycache", "objectcache"})
"""Types of fields that hold the one cache of the process, however often the object around them is made."""
CONSTRUCTS_BY_ITS_NAME = frozenset({"java", "csharp"})
"""Languages in which a constructor is called as its type is."""
FRESH = frozenset(
    "concurrenthashmap arraylist hashset linkedhashmap linkedlist copyonwritearraylist linkedblockingqueue concurrentlinkedqueue atomicinteger atomiclong"
    " atomicboolean currenttimemillis nanotime localdatetime instant newkeyset stringbuilder guid newguid list dictionary concurrentdictionary completablefuture unix unixmilli unixmicro unixnano"
    " taskcompletionsource cancellationtokensource mutablelistof mutablemapof mutablesetof random securerandom reentrantlock semaphoreslim object since"
    " synchronizedlist synchronizedmap synchronizedset".split()
)
"""Calls that give something new and empty, a clock or a random value: nothing that could be made again from elsewhere."""
BACKED = frozenset(
    "jdbc jpa entitymanager mapper dbcontext uow unitofwork hibernate mybatis hazelcast ignite gorm sqlx redisson jedis lettuce".split()
)
"""Words of names for what reaches a backing service."""
PERSISTS = frozenset(
    "saveall persist saveandflush savechanges savechangesasync add addasync insertorupdate updateandflush createorupdate saveasync insertasync updateasync createasync"
    " upsertasync setasync stringsetasync hashsetasync insertoneasync replaceoneasync publishasync executeasync".split()
)

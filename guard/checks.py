"""What the four checks mean, for explanations: what a violation is, why it hurts, what to do instead, what is left alone."""

from __future__ import annotations

from msgspec import Struct

from guard.finding import Check


class CheckPage(Struct, frozen=True):
    """The explanation of one check."""

    title: str
    meaning: str
    hurts: str
    instead: str
    fine: str
    happens: str
    """What users notice, of a place that no rule knows."""
    question: str
    """What is to be decided about such a place."""


PAGES = {
    Check.SESSION_STORE: CheckPage(
        title="Sessions live in a backing service",
        meaning="Something that belongs to a user or a conversation, and that a later request needs, is kept in the memory of the "
        "process or in local files: login sessions, OAuth states, carts, one-time codes, chat histories, connected users.",
        hurts="A deploy, a crash or a scale-down forgets it: everybody is logged out, carts are empty, an OAuth callback fails, the "
        "assistant has lost the thread. With a second instance it happens at random, on every request that lands elsewhere. One "
        "instance does not help: a restart loses it all the same.",
        instead="Keep it in Redis, Memcached or a database that all instances share, or let the client carry it in a signed cookie or a token.",
        fine="Signed-cookie sessions, JWTs, stores backed by Redis or a database, state that lives and dies within one request.",
        happens="After a deploy or a crash, or on a second instance, what this keeps of a user or a conversation is gone: only this process or its disk has it.",
        question="Is this state of a user or a conversation that a later request needs, kept only in this process's memory or on its own disk?",
    ),
    Check.STICKY_SESSION: CheckPage(
        title="Any process can serve any request",
        meaning="A load balancer, an ingress or a service sends a client to the same instance every time, or code works only if it does.",
        hurts="When that instance is replaced, its clients lose what it remembered of them. Load stays uneven, an autoscaler's new "
        "instances idle beside overloaded ones, and a rolling deploy can not drain the old ones.",
        instead="Move what the instance remembers into a backing service and switch the affinity off. For websockets use an adapter or "
        "backplane (Redis, NATS); where a protocol insists on affinity, use its websocket-only transport.",
        fine="Affinity of pods to nodes, a cookie that chooses a version of the site, hashing over the servers of a cache.",
        happens="Clients are tied to one instance here: when it is deployed, scaled away or down, whatever it kept for them is gone.",
        question="Does this tie a client to one instance, or does it work only if the same process gets the next request?",
    ),
    Check.LOCAL_DISK: CheckPage(
        title="Local disk is scratch space",
        meaning="Data that must last is written to the disk of the application's own machine: uploads that are served later, an "
        "embedded database, a JSON or pickle file used as a store, generated files that a later request reads.",
        hurts="The next deploy starts on an empty disk and the data is gone; a second instance never had it, so half of the requests "
        "answer 404 or show old data. Backups do not see it.",
        instead="Put files into an object store (S3, GCS, Azure Blob) and records into a database. Use the disk only for what one "
        "request or job makes, uses and drops.",
        fine="Temporary files that are removed or uploaded in the same request, files of command-line tools, builds and tests, the "
        "volume of a database itself.",
        happens="After a deploy, or on a second instance, this data is missing: it is kept on the disk of the machine that wrote it.",
        question="Is this data that a later request needs, and that only the disk of this machine holds?",
    ),
    Check.MEMORY_CACHE: CheckPage(
        title="Memory is never the only copy",
        meaning="The memory of the process is the only place of something that later requests need: job states, counters, rate "
        "limits, accepted work in an in-process queue, a per-process cache used as the shared one, locks between requests.",
        hurts="A restart drops accepted work and forgets what was counted. Several instances each have their own truth: a limit of ten "
        "is ten for each, a job that one instance knows is unknown to the next, a lock excludes nobody.",
        instead="Keep it in Redis, a database or a real queue. A cache in memory is fine as long as a miss loads or computes the value again.",
        fine="Memoised pure or derived data, clients and connection pools, registries filled at import, configuration read once.",
        happens="After a deploy or a crash, or on a second instance, what this holds is gone: this process's memory is its only place, and later requests need it.",
        question="Does a later request need what is kept here, with no copy in a backing service and no way to make it again?",
    ),
}

"""What a project has already of the things that remedies name: a client among its dependencies, a service that it is run with.

A remedy says what kind of place would do: Redis, a bucket, a database, a queue. The first of them that the project has is told by
its name there, with how it is used: nobody adds a second one for want of knowing the first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum

from msgspec import Struct

from guard.project.manifests import Declared
from guard.regex import regex


class Kind(StrEnum):
    """A kind of place that survives a restart and is the same for all instances."""

    REDIS = "redis"
    CACHE = "cache"
    BUCKET = "bucket"
    DATABASE = "database"
    QUEUE = "queue"


class Service(Struct, frozen=True):
    """A backing service that the project is run with: what it is called where, `shown` as a reader finds it there."""

    kind: Kind
    shown: str
    path: str


_ANY = r"backing service|(?:stor(?:e|age)|counter|cache|place)s? (?:\w+ )?that (?:all|every) instances? (?:shares?|reach(?:es)?)|shared (?:store|counter|cache)"
_WORDS = {
    Kind.REDIS: regex(rf"\bredis|\bvalkey\b|{_ANY}", re.IGNORECASE),
    Kind.CACHE: regex(rf"\bcache\b|\bredis\b|{_ANY}", re.IGNORECASE),
    Kind.BUCKET: regex(r"\bbuckets?\b|object stor|\bS3\b|\bblob", re.IGNORECASE),
    Kind.DATABASE: regex(rf"\bdatabases?\b|\bPostgres|\bMySQL\b|{_ANY}", re.IGNORECASE),
    Kind.QUEUE: regex(r"\bqueues?\b|\bbrokers?\b", re.IGNORECASE),
}
"""How remedies call each kind."""

_PACKAGES = {
    Kind.REDIS: "ioredis redis @redis/client @upstash/redis connect-redis bullmq bull @socket.io/redis-adapter @fastify/redis"
    " aioredis django-redis coredis redis-om valkey glide-valkey upstash-redis rq arq fastapi-limiter"
    " github.com/redis/go-redis/v9 github.com/go-redis/redis github.com/go-redis/redis/v7 github.com/go-redis/redis/v8 github.com/gomodule/redigo github.com/redis/rueidis"
    " github.com/valkey-io/valkey-go github.com/hibiken/asynq"
    " spring-boot-starter-data-redis spring-boot-starter-data-redis-reactive spring-data-redis spring-session-data-redis jedis lettuce-core redisson redisson-spring-boot-starter"
    " quarkus-redis-client micronaut-redis-lettuce vertx-redis-client kreds"
    " stackexchange.redis microsoft.extensions.caching.stackexchangeredis microsoft.aspnetcore.signalr.stackexchangeredis servicestack.redis freeredis csrediscore easycaching.redis"
    " predis/predis ext-redis snc/redis-bundle symfony/redis-messenger"
    " redis-rails redis-client redis-store redis-actionpack hiredis sidekiq resque",
    Kind.CACHE: "django rails laravel/framework spring-boot-starter-cache symfony/cache microsoft.extensions.caching.stackexchangeredis microsoft.extensions.caching.sqlserver"
    " @nestjs/cache-manager flask-caching",
    Kind.BUCKET: "@aws-sdk/client-s3 aws-sdk multer-s3 @google-cloud/storage @azure/storage-blob minio cloudinary @supabase/supabase-js @vercel/blob firebase-admin"
    " boto3 aioboto3 aiobotocore s3fs google-cloud-storage azure-storage-blob django-storages supabase gcsfs"
    " github.com/aws/aws-sdk-go github.com/aws/aws-sdk-go-v2/service/s3 cloud.google.com/go/storage github.com/azure/azure-sdk-for-go/sdk/storage/azblob"
    " github.com/minio/minio-go/v7 github.com/minio/minio-go gocloud.dev"
    " s3 aws-java-sdk-s3 spring-cloud-aws-starter-s3 spring-cloud-gcp-starter-storage spring-cloud-azure-starter-storage-blob quarkus-amazon-s3"
    " awssdk.s3 azure.storage.blobs google.cloud.storage.v1"
    " league/flysystem-aws-s3-v3 league/flysystem-azure-blob-storage league/flysystem-google-cloud-storage aws/aws-sdk-php google/cloud-storage"
    " aws-sdk-s3 fog-aws fog-google",
    Kind.DATABASE: "pg postgres mysql2 mysql mongoose mongodb mssql oracledb connect-pg-simple connect-mongo"
    " psycopg psycopg2 psycopg2-binary asyncpg mysqlclient pymysql aiomysql pymongo motor beanie"
    " github.com/jackc/pgx/v5 github.com/jackc/pgx/v4 github.com/lib/pq github.com/go-sql-driver/mysql gorm.io/driver/postgres gorm.io/driver/mysql go.mongodb.org/mongo-driver"
    " postgresql mysql-connector-j mysql-connector-java mariadb-java-client ojdbc11 mssql-jdbc spring-boot-starter-data-mongodb mongodb-driver-sync"
    " npgsql npgsql.entityframeworkcore.postgresql microsoft.entityframeworkcore.sqlserver pomelo.entityframeworkcore.mysql mongodb.driver microsoft.data.sqlclient mysqlconnector"
    " ext-pdo_pgsql ext-pdo_mysql mongodb/mongodb mongodb/laravel-mongodb mongoid",
    Kind.QUEUE: "celery rq arq dramatiq taskiq procrastinate kombu aio-pika pika aiokafka confluent-kafka kafka-python"
    " bullmq bull bee-queue agenda pg-boss graphile-worker amqplib kafkajs @aws-sdk/client-sqs"
    " github.com/hibiken/asynq github.com/riverqueue/river github.com/rabbitmq/amqp091-go github.com/segmentio/kafka-go github.com/nats-io/nats.go"
    " spring-boot-starter-amqp spring-kafka spring-rabbit jobrunr-spring-boot-3-starter db-scheduler"
    " rabbitmq.client masstransit masstransit.rabbitmq confluent.kafka azure.messaging.servicebus hangfire.sqlserver hangfire.postgresql"
    " symfony/messenger php-amqplib/php-amqplib enqueue/enqueue-bundle laravel/horizon"
    " sidekiq resque solid_queue delayed_job delayed_job_active_record good_job shoryuken bunny",
}  # fmt: skip
"""Packages by what a project has that depends on them."""
_KINDS = {
    name: tuple(kind for kind in Kind if name in _PACKAGES[kind].split())
    for names in _PACKAGES.values()
    for name in names.split()
}

_ECOSYSTEMS = (
    (("package.json",), (".js", ".jsx", ".ts", ".tsx", ".mjs", ".cjs", ".mts", ".cts", ".vue", ".svelte", ".astro")),
    (("pyproject.toml", ".txt", "setup.cfg", "setup.py", "Pipfile"), (".py", ".pyi")),
    (("go.mod",), (".go",)),
    (("Gemfile",), (".rb", ".rake", ".erb", ".ru")),
    (("composer.json",), (".php",)),
    (("pom.xml", "build.gradle", "build.gradle.kts", "libs.versions.toml"), (".java", ".kt", ".kts", ".properties", ".groovy")),
    ((".csproj", ".props", "packages.config"), (".cs", ".cshtml", ".razor", ".vb")),
)
"""Which manifests speak for which files; other files, and manifests of no kind, for all."""


def named(remedy: str, check: str, path: str, declared: Iterable[Declared], services: Iterable[Service]) -> str:
    """The sentence for the first thing a remedy names that the project of this file has; "" if it has none."""
    there: dict[Kind, str] = {}
    for entry in sorted(declared, key=lambda entry: -entry.path.count("/")):  # the nearest manifest speaks first
        if _speaks_for(entry.path, path):
            for name in sorted(entry.names & _KINDS.keys(), key=_rank):
                for kind in _KINDS[name]:
                    there.setdefault(kind, f"You already depend on {name}: {_use_of(kind, check, name)}.")
    for service in services:
        there.setdefault(
            service.kind, f"You already have {service.shown} ({service.path}): {_use_of(service.kind, check, '')}."
        )
    mentions = ((match.start(), list(Kind).index(kind), kind) for kind in there if (match := _WORDS[kind].search(remedy)))
    first = min(mentions, default=None)
    return there[first[2]] if first else ""


def _rank(name: str) -> tuple[int, str]:
    """Clients before what only brings one."""
    kind = _KINDS[name][0]
    return _PACKAGES[kind].split().index(name), name


def _speaks_for(manifest: str, path: str) -> bool:
    folder = manifest.rpartition("/")[0].removesuffix("gradle").rstrip("/")
    if folder and not path.startswith(f"{folder}/"):
        return False
    kinds = [endings for names, endings in _ECOSYSTEMS if manifest.endswith(names)]
    known = any(path.endswith(endings) for _, endings in _ECOSYSTEMS)
    return not known or not kinds or any(path.endswith(endings) for endings in kinds)


_OWN_WAYS = {
    (Kind.CACHE, "django"): "`django.core.cache` keeps it, on a backend that all instances share",
    (Kind.CACHE, "rails"): "`Rails.cache` keeps it, with a cache_store that all instances share",
    (Kind.CACHE, "laravel/framework"): "the `Cache` facade keeps it, on a store that all instances share",
    (Kind.CACHE, "spring-boot-starter-cache"): "Spring's `CacheManager` keeps it, on a provider that all instances share",
    (Kind.CACHE, "microsoft.extensions.caching.stackexchangeredis"): "`IDistributedCache` keeps it for all instances",
    (Kind.CACHE, "microsoft.extensions.caching.sqlserver"): "`IDistributedCache` keeps it for all instances",
    (Kind.CACHE, "symfony/cache"): "a cache pool keeps it, on an adapter that all instances share",
    (Kind.CACHE, "@nestjs/cache-manager"): "`CACHE_MANAGER` keeps it, with a store that all instances share",
    (Kind.CACHE, "flask-caching"): "its cache keeps it, with a CACHE_TYPE that all instances share",
    (Kind.BUCKET, "django-storages"): "let `default_storage` put it into the bucket, and keep its name in the database",
    (Kind.BUCKET, "league/flysystem-aws-s3-v3"): "let Flysystem's S3 disk keep the file (Laravel: `Storage::disk('s3')`), and its path in the database",
    (Kind.BUCKET, "aws-sdk-s3"): "put it into the bucket (Active Storage does, where you use it), and keep its key in the database",
}  # fmt: skip
_USES = {
    Kind.REDIS: "keep it there, under a key of its own, with an expiry where it may lapse",
    Kind.CACHE: "its cache keeps it, on a backend that all instances share",
    Kind.BUCKET: "put it into the bucket and keep its key in the database",
    Kind.DATABASE: "keep it in that database",
    Kind.QUEUE: "hand the work to it, so that another process can finish it",
}
_SESSIONS_IN_REDIS = "keep sessions there, under their ids and with an expiry"
_BETWEEN_INSTANCES = "let it carry what one instance has to tell the others"


def _use_of(kind: Kind, check: str, name: str) -> str:
    if kind is Kind.REDIS and check == "session-store":
        return _SESSIONS_IN_REDIS
    if kind is Kind.REDIS and check == "sticky-session":
        return _BETWEEN_INSTANCES
    return _OWN_WAYS.get((kind, name), _USES[kind])


# -- services ---------------------------------------------------------------------------------------------------------

_IMAGE = regex(r"""^\s*image:\s*["']?(?:[\w.-]+(?::\d+)?/)*([\w-]+)""", re.MULTILINE)
_IMAGES = {
    **dict.fromkeys(("redis", "valkey", "redis-stack", "redis-stack-server", "keydb", "dragonfly"), Kind.REDIS),
    **dict.fromkeys(("minio", "rustfs", "seaweedfs", "garage"), Kind.BUCKET),
    **dict.fromkeys(("postgres", "postgresql", "mysql", "mariadb", "mongo", "mongodb", "postgis", "pgvector", "timescaledb"), Kind.DATABASE),
    **dict.fromkeys(("rabbitmq", "kafka", "nats"), Kind.QUEUE),
}  # fmt: skip
_VARIABLE = regex(r"^[ \t]*(?:export[ \t]+)?([A-Z][A-Z0-9_]*)[ \t]*=[ \t]*[\"']?([^\s\"'#]*)", re.MULTILINE)
_VARIABLES = (
    (regex(r"(?:^|_)(?:REDIS|VALKEY)_(?:URL|HOST|URI|ADDR|ADDRESS|DSN)$"), "", Kind.REDIS),
    (regex(r"(?:^|_)(?:S3|AWS|GCS|AZURE|MINIO|SPACES|R2)_(?:\w+_)?(?:BUCKET|CONTAINER)(?:_NAME)?$|^BUCKET(?:_NAME)?$"), "", Kind.BUCKET),
    (regex(r"(?:^|_)DATABASE_UR[LI]$|(?:^|_)(?:MONGO(?:DB)?|POSTGRES|MYSQL)_UR[LI]$"), r"(?:postgres|mysql|mariadb|mongodb|mssql)", Kind.DATABASE),
    (regex(r"(?:^|_)(?:AMQP|RABBITMQ|KAFKA|NATS)_(?:URL|BROKERS|SERVERS|HOST)$"), "", Kind.QUEUE),
)  # fmt: skip
"""Names of variables, how their value begins, and what they are the address of."""


def services_in(path: str, text: str) -> Iterator[Service]:
    """The services that a Compose file runs, or that an example of an environment has an address of."""
    file = path.rsplit("/", 1)[-1]
    if file.startswith(("docker-compose", "compose.")):
        for image in dict.fromkeys(_IMAGE.findall(text)):
            if image in _IMAGES:
                yield Service(_IMAGES[image], image, path)
    elif file.startswith(".env"):
        for name, value in _VARIABLE.findall(text):
            for variable, beginning, kind in _VARIABLES:
                if variable.search(name) and re.match(beginning, value):
                    yield Service(kind, name, path)

"""What is known of the project of a question, in sentences: what it declares and is run with that could keep its state elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from guard.facts import Facts
from guard.finding import Signal
from guard.project import Project
from guard.project.manifests import is_above
from guard.regex import regex
from guard.roles import CODE

_MOST_NAMES = 12
_MOST_MANIFESTS = 3
_KEEPS = regex(
    r"redis|valkey|memcache|dalli|session|cache|hazelcast|infinispan|storage|(?:^|[-_/.])(?:s3|gcs|fog|blob)|minio|cloudinary|upload"
    r"|multer|carrierwave|shrine|paperclip|queue|celery|sidekiq|resque|kafka|rabbit|amqp|(?:^|[-_/.])(?:bull|nats|rq|arq)"
    r"|postgres|psycopg|asyncpg|(?:^|[-_/.])pgx?$|mysql|mariadb|mongo|sqlite|sqlserver|npgsql|dynamo|firebase|supabase|elastic"
    r"|tinydb|lowdb|nedb|shelve|diskcache|lmdb|leveldb|rocksdb|badger|bolt|peewee"
    r"|prisma|sequelize|typeorm|sqlalchemy|(?:^|[-_/.])gorm|hibernate|data-jpa|mybatis|entityframework|socket|signalr|channels"
)
"""Packages that keep state, or bring it to where it is kept."""


def known_of(signal: Signal, own: Facts | None, project: Project, limits: Collection[str] = ()) -> tuple[str, ...]:
    """What the manifests above a file say of where its program could keep things, and whether not all was looked at.

    Nothing of files of settings.
    """
    if own is None or own.language not in CODE:
        return ()
    partly = ("Not all unchanged files that name this were looked at.",) if limits else ()
    return (*_declared(signal, project), *_run_with(project), *partly)


def _declared(signal: Signal, project: Project) -> Iterator[str]:
    above = [entry for entry in project.declared if is_above(entry.path, signal.path)][-_MOST_MANIFESTS:]
    names = frozenset(name for entry in above for name in entry.names)
    if names:
        telling = sorted(name for name in names if _KEEPS.search(name))
        listed = ", ".join(telling[:_MOST_NAMES]) + (" and others" if len(telling) > _MOST_NAMES else "")
        where = ", ".join(entry.path for entry in above)
        # Not how many there are: an answer must stay good when a package is added that has nothing to do with it.
        yield f"Packages in {where} that keep state, or reach what keeps it: {listed or 'none'}."


def _run_with(project: Project) -> Iterator[str]:
    services = dict.fromkeys(f"{service.shown} ({service.path})" for service in project.services)
    if services:
        yield f"Services that it is run with: {', '.join(list(services)[:_MOST_NAMES])}."

"""Which names are those of backing services: products whose job is to keep state, so that processes need not."""

from __future__ import annotations

import re

from guard.regex import regex

_PRODUCT_NAMES = (
    "postgres postgresql postgis pgvector timescale timescaledb pg pgsql pgbouncer patroni spilo pgdata mysql mysqld mariadb percona galera mongo mongod mongodb"
    " redis valkey keydb dragonfly dragonflydb memcached memcache rabbitmq rabbit activemq artemis kafka redpanda zookeeper zk pulsar"
    " elasticsearch elastic opensearch solr minio seaweedfs etcd cassandra scylla scylladb clickhouse influxdb influx prometheus alertmanager thanos loki"
    " mimir tempo victoriametrics vmstorage cortex graphite carbon opentsdb questdb druid hbase hadoop hdfs namenode datanode vault consul nats jetstream neo4j qdrant"
    " sonic weaviate milvus chroma chromadb meilisearch typesense couchdb couchbase cockroach cockroachdb tidb tikv arangodb dgraph rethinkdb surrealdb"
    " firebird mssql sqlserver oracledb db2 orientdb ravendb foundationdb opengauss gaussdb highgo kingbase dameng oceanbase polardb beanstalkd mosquitto emqx vernemq sentinel temporal"
    " openldap slapd ldap registry harbor nexus artifactory nfs glusterfs ceph rook longhorn mailserver dovecot postfix localstack azurite fakes3"
    " zipkin jaeger trino hive ignite hazelcast nacos eventstore eventstoredb immudb yugabyte yugabytedb vitess sphinx manticore manticoresearch ferretdb aerospike ssdb tarantool hana memgraph"
    " dolt vespa zincsearch quickwit kvrocks graylog surreal oracle iotdb tdengine taos logstash filebeat metricbeat fluentd"
)
_PRODUCTS = frozenset(_PRODUCT_NAMES.split())
_ROLES = frozenset({"db", "database", "databases", "datastore", "dbms", "rdbms", "broker", "mq", "memcache"})
"""Names that only a service of its own has; a folder or a volume called so says nothing."""
_STEMS = (
    "postgres",
    "mysql",
    "mariadb",
    "mongo",
    "redis",
    "rabbitmq",
    "elasticsearch",
    "opensearch",
    "cassandra",
    "kafka",
    "clickhouse",
    "influxdb",
    "zookeeper",
    "prometheus",
)
_WORD = regex(r"[a-z][a-z0-9]*")
_DATA_PATHS = regex(
    r"^(?:/bitnami/(?!wordpress|drupal|moodle|ghost|joomla|magento|redmine|odoo)\w+|/var/lib/(?:postgresql|pgsql|mysql|mariadb|mongodb?|redis|rabbitmq|kafka|zookeeper|"
    r"elasticsearch|opensearch|cassandra|clickhouse|influxdb2?|etcd\d*|neo4j|couchdb|prometheus|registry|ldap|scylla|weaviate|milvus|arangodb3?|qdrant|"
    r"questdb|graphite|meilisearch|mosquitto)(?:/|$)|/usr/share/(?:elasticsearch|opensearch)/data|/data/(?:db|configdb)$|/data/redis|/qdrant/storage|"
    r"/meili_data|/var/solr|/opt/(?:bitnami/\w+/data|solr/server)|/prometheus$|/opt/couchdb/data|/cockroach/|/etcd-data|/bitnami$|"
    r"/root/\.influxdb|/mosquitto/data|/var/lib/postgresql|/home/postgres/pgdata|/opt/kafka|/opt/zookeeper|/kafka|/zookeeper|/vault/(?:file|data)|/consul/data)",
    re.IGNORECASE,
)


_REGISTRY = regex(r"(?:[\w-]+(?:\.[\w-]+)+(?::\d+)?|[\w-]+:\d+|registry)/(?=[\w$])")
"""Where an image is pulled from, in front of its name: `registry.example.com/`, `harbor:5000/`."""


def names_a_product(text: str) -> bool:
    """Whether one of the words in an image, a name or a path is a product that keeps state, wherever an image is pulled from."""
    lowered = text.lower()
    pulled = _REGISTRY.match(lowered)
    return any(word in _PRODUCTS or word.startswith(_STEMS) for word in _WORD.findall(lowered, pulled.end() if pulled else 0))


def names_a_backing_service(text: str) -> bool:
    """The same of a service's own name, which may also say what it is for (`db`, `broker`)."""
    return names_a_product(text) or not _ROLES.isdisjoint(_WORD.findall(text.lower()))


def is_product_data_path(path: str) -> bool:
    """Whether a path in a container is where a product that keeps state has its data."""
    return _DATA_PATHS.match(path) is not None

"""Defaults that point at the machine itself, and which service they mean."""

from __future__ import annotations

import re

_HOST = r"(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)"
_URL = re.compile(rf"([a-z][a-z0-9+.-]*)://(?:[^/@\s]*@)?{_HOST}(?::\d+)?(?:[/?,].*|)", re.IGNORECASE | re.DOTALL)
_ADDRESS = re.compile(rf"{_HOST}(?::\d+)?", re.IGNORECASE)
# Schemes of addresses and words of names by the service that they mean, and parts of the names of its images.
_SERVICES: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "redis": (("redis", "rediss", "valkey"), ("REDIS", "VALKEY"), ("redis", "valkey", "dragonfly", "keydb")),
    "postgres": (
        ("postgres", "postgresql"),
        ("POSTGRES", "POSTGRESQL", "PG", "PGHOST"),
        ("postgres", "postgis", "pgvector", "timescaledb", "pgbouncer"),
    ),
    "mysql": (("mysql", "mariadb"), ("MYSQL", "MARIADB"), ("mysql", "mariadb", "percona")),
    "mongodb": (("mongodb",), ("MONGO", "MONGODB"), ("mongo", "mongodb")),
    "rabbitmq": (("amqp", "amqps", "pyamqp"), ("AMQP", "RABBITMQ", "RABBIT"), ("rabbitmq",)),
    "kafka": (("kafka",), ("KAFKA",), ("kafka", "redpanda", "cp-kafka")),
    "nats": (("nats",), ("NATS",), ("nats",)),
    "memcached": (("memcached",), ("MEMCACHED", "MEMCACHE"), ("memcached",)),
    "elasticsearch": (
        ("elasticsearch",),
        ("ELASTIC", "ELASTICSEARCH", "OPENSEARCH"),
        ("elasticsearch", "opensearch"),
    ),
    "mqtt": (("mqtt", "mqtts"), ("MQTT",), ("mosquitto", "emqx")),
    "qdrant": ((), ("QDRANT",), ("qdrant",)),
    "minio": ((), ("MINIO",), ("minio",)),
    "clickhouse": (("clickhouse",), ("CLICKHOUSE",), ("clickhouse", "clickhouse-server")),
    "neo4j": (("bolt", "neo4j"), ("NEO4J",), ("neo4j",)),
    "temporal": ((), ("TEMPORAL",), ("temporal", "auto-setup")),
}
# A process listens at such an address, or allows it: nothing is looked for there.
_OWN = re.compile(
    r"(?:.*_)?(?:BIND|LISTEN|ORIGINS?|CORS\w*|ALLOWED\w*|TRUSTED\w*|REDIRECT\w*|CALLBACK\w*|PUBLIC\w*|FRONTEND\w*|SITE\w*)"
    r"(?:_.*)?"
)
# Words behind which a bare address is another machine's.
_REMOTE_WORDS = frozenset(
    {"HOST", "HOSTNAME", "SERVER", "SERVERS", "ADDRESS", "ADDR", "URL", "URI", "ENDPOINT", "BROKER", "BROKERS"}
)


def is_local(name: str, value: str) -> bool:
    """Whether the value of a variable is an address on the machine itself at which something else is looked for."""
    if _OWN.fullmatch(name.upper()):
        return False
    if _URL.fullmatch(value.strip()):
        return True
    words = set(name.upper().split("_"))
    return _ADDRESS.fullmatch(value.strip()) is not None and bool(words & _REMOTE_WORDS) and len(words) > 1


def service_of(name: str, value: str) -> str:
    """The service that a variable means: by the address's scheme, else by a word of its name; "" for any other."""
    match = _URL.fullmatch(value.strip())
    scheme = match[1].lower().partition("+")[0] if match else ""
    words = set(name.upper().split("_"))
    for service, (schemes, names, _) in _SERVICES.items():
        if scheme in schemes or words.intersection(names):
            return service
    return ""


def serves(image: str, service: str) -> bool:
    """Whether an image is one of a service."""
    last = image.partition("@")[0].rpartition("/")[2].partition(":")[0].lower()
    return last in _SERVICES[service][2]

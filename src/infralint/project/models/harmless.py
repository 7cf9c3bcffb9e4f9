"""What comes from outside of the tree and certainly brings no columns: bases, and calls in class bodies."""

from __future__ import annotations

import sys

from infralint.project.interpret import (
    AttributeOf,
    ClassValue,
    EnumMember,
    FunctionValue,
    InstanceValue,
    ItemOf,
    Made,
    Unknown,
    Value,
)
from infralint.project.models.vocabulary import kind_name, library_name

# Classes of libraries that mapped classes extend and that have no columns.
_BASES = frozenset(
    {
        "AnonymousUserMixin", "AllFeaturesMixin", "AsyncAttrs", "BaseModel", "BaseQuery", "DictableModel", "Eventable",
        "Model", "ModelBase", "ModelIterator", "RoleMixin", "SerializerMixin", "UserMixin", "GenericBaseClass",
        "WebAuthnMixin", "FsRoleMixin",
    }
)  # fmt: skip
# Packages whose classes and functions make no columns.
_PACKAGES = frozenset(
    {
        "PIL", "abc", "aiohttp", "arrow", "attr", "attrs", "babel", "bleach", "blinker", "boto3", "botocore", "bs4",
        "cachetools", "celery", "click", "cryptography", "dateutil", "dogpile", "elasticsearch", "faker", "fastapi",
        "flask", "flask_babel", "flask_login", "flask_wtf", "google", "graphene", "hashids", "html5lib", "httpx",
        "itsdangerous", "jinja2", "jose", "jwt", "loguru", "lxml", "markupsafe", "marshmallow", "msgspec", "nh3",
        "numpy", "opentelemetry", "orjson", "pandas", "passlib", "pendulum", "prometheus_client", "pydantic",
        "pydantic_settings", "pytz", "redis", "requests", "sentry_sdk", "shortuuid", "simplejson", "slugify",
        "starlette", "strawberry", "stripe", "structlog", "tenacity", "typing_extensions", "ulid", "werkzeug",
        "wtforms", "yaml", "zope",
    }
)  # fmt: skip
# Bases of these packages that do have columns.
_WITH_COLUMNS = frozenset({"oslo_db.sqlalchemy.models.TimestampMixin", "oslo_db.sqlalchemy.models.SoftDeleteMixin"})


def brings_columns(base: Value) -> bool:
    """Whether a base that is no class of the tree may bring columns."""
    name = kind_name(base) or library_name(getattr(base, "callee", None))
    if not name and isinstance(base, ItemOf):
        return brings_columns(base.value)
    head, _, last = name.partition(".")[0], "", name.rpartition(".")[2]
    if name in _WITH_COLUMNS:
        return True
    known = head in sys.stdlib_module_names or head in _PACKAGES or head in ("sqlalchemy", "sqlmodel", "builtins")
    return not known and last not in _BASES


def may_map(value: Value) -> bool:
    """Whether a base or decorator from outside may map a class: those of packages that do no such thing do not."""
    if unknown_in(value) is not None:
        return True
    name = kind_name(value) or kind_name(getattr(value, "callee", None))
    if not name and isinstance(value, (AttributeOf, ItemOf, Made)):
        return isinstance(value, ItemOf) and may_map(value.value)
    head = name.partition(".")[0]
    return bool(name) and not (
        head in sys.stdlib_module_names or head in _PACKAGES or head in ("builtins", "sqlalchemy", "sqlmodel")
    )


def may_be_column(value: Value) -> bool:
    """Whether an attribute's value, which is no column that can be read, may be one nevertheless."""
    if isinstance(value, Unknown):
        return True
    if not isinstance(value, Made):
        return False
    if isinstance(value.callee, (ClassValue, FunctionValue, InstanceValue, EnumMember)):
        return kind_name(value.callee) == "sqlalchemy.Column"
    if isinstance(value.callee, AttributeOf) and not library_name(value.callee):
        # A method of a term: `db.session.query_property()`, `Column(...).label("x")`.
        return False
    return _makes_columns(kind_name(value.callee))


def _makes_columns(name: str) -> bool:
    head = name.partition(".")[0]
    if not name or head == "sqlalchemy":
        return False
    return not (head in sys.stdlib_module_names or head in _PACKAGES)


def unknown_in(value: Value) -> Unknown | None:
    """What cannot be told in a value: itself, or what its attributes, items and calls hang on."""
    while not isinstance(value, Unknown):
        if isinstance(value, (AttributeOf, ItemOf)):
            value = value.value
        elif isinstance(value, Made):
            value = value.callee
        else:
            return None
    return value

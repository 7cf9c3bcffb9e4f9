"""Which of a library's things a value is, whatever module it was imported from."""

from __future__ import annotations

from functools import lru_cache

from infralint.project.interpret import (
    AttributeOf,
    ClassValue,
    External,
    InstanceValue,
    ItemOf,
    Made,
    PartialValue,
    Value,
)

# What SQLModel defines itself; everything else that it exports is SQLAlchemy's.
_SQLMODELS_OWN = frozenset(
    {"SQLModel", "Field", "Relationship", "AutoString", "UTCDateTime", "Session", "AsyncSession"}
)
# Attributes of Flask-SQLAlchemy's object that are its own; all others are SQLAlchemy's (2.x: `sqlalchemy` and `.orm`).
FLASK_OWN = frozenset({"Model", "Query", "engine", "engines", "metadata", "metadatas", "session"})
_DIALECTS = frozenset({"postgresql", "mysql", "mariadb", "sqlite", "oracle", "mssql"})
_FLASK_CLASSES = frozenset({"flask_sqlalchemy.SQLAlchemy", "flask_sqlalchemy.extension.SQLAlchemy"})

_MAX_DEPTH = 20


def library_name(value: Value) -> str:
    """The canonical dotted name of something from a library; "" for all else.

    Everything of SQLAlchemy is `sqlalchemy.<name>`, wherever it was imported from, except the dialects' own types
    (`sqlalchemy.dialects.postgresql.UUID`) and functions (`sqlalchemy.func.now`).
    """
    if isinstance(value, External):
        return _canonical(value.name)
    if isinstance(value, AttributeOf):
        return _attribute_name(value)
    return ""


def _attribute_name(value: AttributeOf) -> str:
    if flask_object(value.value) is not None:
        return f"flask.{value.name}" if value.name in FLASK_OWN else f"sqlalchemy.{value.name}"
    owner = library_name(value.value)
    return _canonical(f"{owner}.{value.name}") if owner else ""


@lru_cache(maxsize=4096)
def _canonical(name: str) -> str:
    head, _, rest = name.partition(".")
    last = name.rpartition(".")[2]
    if head == "sqlmodel":
        return f"sqlmodel.{last}" if last in _SQLMODELS_OWN else _canonical(f"sqlalchemy.{rest}")
    if head == "sqlalchemy":
        return _of_sqlalchemy(rest, last)
    return name


def _of_sqlalchemy(rest: str, last: str) -> str:
    parts = rest.split(".")
    if "func" in parts[:-1]:
        return f"sqlalchemy.func.{last}"
    if parts[-2:-1] and parts[-2][:1].isupper():
        # A method or attribute of a class: `Mutable.as_mutable`.
        return f"sqlalchemy.{parts[-2]}.{last}"
    if parts[0] == "dialects" and len(parts) > 2 and parts[1] in _DIALECTS:
        return f"sqlalchemy.dialects.{parts[1]}.{last}"
    return f"sqlalchemy.{last}"


def called_name(value: Value) -> str:
    """The canonical name of what a term calls: of a class of the tree, that of its first base from a library."""
    if not isinstance(value, Made):
        return ""
    return kind_name(value.callee)


def kind_name(value: Value) -> str:
    """The canonical name of a library's class or function, or of the library class that a class of the tree extends."""
    if isinstance(value, PartialValue):
        return kind_name(value.function)
    if isinstance(value, ClassValue):
        return next((name for base in value.mro if (name := library_name(unsubscripted(base)))), "")
    return library_name(value)


def unsubscripted(base: Value) -> Value:
    """`TypeDecorator[int]` among bases is TypeDecorator."""
    return base.value if isinstance(base, ItemOf) else base


def flask_object(value: Value) -> Made | None:
    """The term that made Flask-SQLAlchemy's object (`db`); None for everything else."""
    if isinstance(value, InstanceValue):
        value = value.made
    if not isinstance(value, Made):
        return None
    callee = value.callee
    candidates = callee.mro if isinstance(callee, ClassValue) else (callee,)
    for candidate in candidates:
        if isinstance(candidate, External) and candidate.name in _FLASK_CLASSES:
            return value
    return None


def short_name(value: Value) -> str:
    """The last component of `library_name`, of a class or function of the tree its name."""
    if isinstance(value, ClassValue):
        return value.name
    return library_name(value).rpartition(".")[2]

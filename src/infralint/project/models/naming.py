"""Names that SQLAlchemy makes: of constraints by naming convention, of Flask-SQLAlchemy's tables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

# MetaData's own convention: only indexes of `index=True` get a name (SQLAlchemy, "Configuring Constraint Naming").
DEFAULT_CONVENTION: Mapping[str, str] = {"ix": "ix_%(column_0_label)s"}

_TOKEN = re.compile(r"%\((\w+)\)s")
_COLUMN_TOKEN = re.compile(r"(referred_)?column_(\d+)(_?N)?_(name|key|label)")
_CAMEL = re.compile(r"((?<=[a-z0-9])[A-Z]|(?!^)[A-Z](?=[a-z]))")


@dataclass(frozen=True, slots=True)
class Subject:
    """What a constraint's name is made of. `name` is the one that was given, "" for none."""

    table: str
    schema: str
    columns: tuple[str, ...]
    name: str = ""
    keys: tuple[str, ...] = ()
    referred_table: str = ""
    referred_columns: tuple[str, ...] = ()


def conventional_name(convention: Mapping[str, str], prefix: str, subject: Subject) -> str:
    """The name of a constraint under a convention; "" where it has none, or none that can be told.

    `prefix`: "ix", "uq", "ck", "fk" or "pk". A name that was given stays, unless the convention is made with it.
    """
    template = convention.get(prefix, "")
    if not template or (subject.name and "%(constraint_name)s" not in template):
        return subject.name
    try:
        return _TOKEN.sub(lambda match: _token(match[1], subject), template)
    except LookupError:
        return subject.name


def _token(token: str, subject: Subject) -> str:
    """What one token of a template stands for. Raises LookupError where nobody can say."""
    if token == "table_name":
        return subject.table
    if token == "constraint_name" and subject.name:
        return subject.name
    if token == "referred_table_name" and subject.referred_table:
        return subject.referred_table
    match = _COLUMN_TOKEN.fullmatch(token)
    if match is None:
        raise LookupError(token)
    referred, number, many, what = match.groups()
    names = subject.referred_columns if referred else _names(what, subject)
    if not many:
        return names[int(number)] if int(number) < len(names) else ""
    return ("_" if many.startswith("_") else "").join(names)


def _names(what: str, subject: Subject) -> tuple[str, ...]:
    if what == "key":
        return subject.keys or subject.columns
    if what == "label":
        prefix = f"{subject.schema.replace('.', '_')}_" if subject.schema else ""
        return tuple(f"{prefix}{subject.table}_{column}" for column in subject.columns)
    return subject.columns


def snake_case(name: str) -> str:
    """Flask-SQLAlchemy's table name of a class: `UserProfile` -> `user_profile`, `HTTPLog` -> `http_log`.

    Flask-SQLAlchemy 2.3 to 3.1, "Models and Tables": camel case is converted to snake case.
    """
    return _CAMEL.sub(r"_\1", name).lower().lstrip("_")

"""Calls that are given SQL: the texts, what they wait for, and what the call passes for it."""

from __future__ import annotations

import msgspec

from infralint.source import Span


class SqlPlaceholder(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A place that waits for a value.

    `kind` is how it is written: "?", "%s", "$", ":" or "%(". `name`: what names the value (`1` of `$1` and `?1`, `x` of
    `:x` and `%(x)s`), "" where its order does.
    """

    kind: str
    name: str
    span: Span


class SqlText(msgspec.Struct, frozen=True):
    """One text of SQL as the file makes it. `span` covers the expression that makes it.

    `statements`: indices in `SqlFacts.statements`. `placeholders`: all of the text in order, as the driver of the
    call that executes it counts them. `whole`: no part is unknown; else placeholders may be missing. `names`: what the
    module binds it to: "GET", "Queries.GET", "QUERIES.get" (a key of a dictionary).
    """

    span: Span
    statements: tuple[int, ...] = ()
    placeholders: tuple[SqlPlaceholder, ...] = ()
    whole: bool = True
    names: tuple[str, ...] = ()


class SqlArgument(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One value that a call passes. `name`: of a keyword or of a dictionary's key; "" for a position."""

    span: Span
    name: str = ""


class SqlArguments(msgspec.Struct, frozen=True, array_like=True):
    """The values that a call passes for placeholders.

    `kind`: "none" (no such argument is written), "positions" (a list or tuple, or arguments of their own), "names" (a
    dictionary or keywords). `rows`: the call passes many such sets, and `items` are those of the first one written.
    """

    kind: str
    items: tuple[SqlArgument, ...] = ()
    rows: bool = False


class SqlCall(msgspec.Struct, frozen=True):
    """A call that may execute SQL.

    `span`: of the argument that is the SQL. `callee`: the dotted name that is called, imports applied ("self.db.run",
    "app.db.fetch"); "" where it is no such name. `sink`: whether it is a driver's own method by its name; else it is
    one only where `callee` is a wrapper of the project's. `driver`: "asyncpg", "psycopg" (2 and 3), "sqlite"
    (sqlite3, aiosqlite), "sqlalchemy" (text(); also databases), "mysql" (PyMySQL, mysqlclient, aiomysql, asyncmy,
    mysql.connector), "django", "raw" (a driver below SQLAlchemy), "other" or "" where it is not certain.
    `texts`: indices in `SqlFacts.texts`, every text that the argument may be; `all_texts`: they are all. `constants`:
    dotted names of texts that other modules define, for texts that are not here. `arguments`: None = not known.
    """

    span: Span
    callee: str
    method: str
    sink: bool
    driver: str = ""
    texts: tuple[int, ...] = ()
    all_texts: bool = True
    constants: tuple[str, ...] = ()
    arguments: SqlArguments | None = None


class SqlWrapper(msgspec.Struct, frozen=True, array_like=True):
    """A function of the module that hands one of its parameters to a call as SQL.

    `name` is its qualified name (`Database.fetch_all`). `position` counts parameters from 0 without `self` and `cls`;
    `parameter` is the one's name. `callee`, `sink` and `driver` are those of the call inside (see SqlCall).
    `forwarded`: the parameter that is passed on for placeholders, "*" for all further positions, "" for none or
    something else; `complete`: the text goes in as it came.
    """

    name: str
    position: int
    parameter: str
    callee: str
    sink: bool
    driver: str = ""
    forwarded: str = ""
    complete: bool = True

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
    call that executes it counts them. `whole`: no part is unknown; else placeholders may be missing. `loose`: more may
    follow it, FROM items too, unless the call that it is handed to is one of a wrapper. `names`: what the module binds
    it to: "GET", "Queries.GET", "QUERIES.get" (a key of a dictionary).
    """

    span: Span
    statements: tuple[int, ...] = ()
    placeholders: tuple[SqlPlaceholder, ...] = ()
    whole: bool = True
    loose: bool = False
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


class SqlPassed(msgspec.Struct, frozen=True, array_like=True):
    """One argument of a call as written: the keyword's `name`, `star` for `*x` and `**x`, and the `values` of a list,
    tuple or dictionary that is known."""

    span: Span
    name: str = ""
    star: bool = False
    values: SqlArguments | None = None


class SqlCall(msgspec.Struct, frozen=True):
    """A call that may execute SQL.

    `span`: of the argument that is the SQL. `callee`: what is called: "app.db.fetch" where its first name is imported,
    "fetch" for a function of the module, "self.fetch" for a method of the same class, "*.fetch" for one of any other
    object. `sink`: whether it is a driver's own method by its name; else it is one only where `callee` is a wrapper of
    the project's. `driver`: "asyncpg", "psycopg" (2 and 3), "sqlite" (sqlite3, aiosqlite), "sqlalchemy" (text(); also
    databases), "mysql" (PyMySQL, mysqlclient, aiomysql, asyncmy, mysql.connector), "django", "raw" (a driver below
    SQLAlchemy), "other" or "" where it is not certain.
    `texts`: indices in `SqlFacts.texts`, every text that the argument may be; `all_texts`: they are all. `constants`:
    dotted names of texts that other modules define, for texts that are not here. `arguments`: None = not known.
    `passed`: all arguments of a call that is no sink, with `position`, the index of the text among them.
    """

    span: Span
    callee: str
    sink: bool
    driver: str = ""
    texts: tuple[int, ...] = ()
    all_texts: bool = True
    constants: tuple[str, ...] = ()
    arguments: SqlArguments | None = None
    passed: tuple[SqlPassed, ...] = ()
    position: int = 0
    # As in SqlStatement.
    guarded: bool = False


class SqlWrapper(msgspec.Struct, frozen=True, array_like=True):
    """A function of the module that hands one of its parameters to a call as SQL.

    `name` is its qualified name (`Database.fetch_all`). `parameters` are all of its own, without `self` and `cls`;
    `parameter` is the one that takes the text. `callee`, `sink` and `driver` are those of the call inside (see
    SqlCall), `position` is that of the text in it. `forwarded`: the parameter that the call passes on for placeholders,
    "*" for `*args`, "-" where the call passes nothing, "" for something else; `rows`: it holds many sets of values.
    `complete`: the text goes in as it came.
    """

    name: str
    parameters: tuple[str, ...]
    parameter: str
    callee: str
    sink: bool
    driver: str = ""
    position: int = 0
    forwarded: str = ""
    rows: bool = False
    complete: bool = True
